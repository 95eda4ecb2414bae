//! The bar that searches the bytes of a document: what for, how far the search has come, and where it leads. It goes from
//! the cursor to the next place or the one before, and from one end on to the other only when it is asked again.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use egui::{Color32, Key, Margin, Modifiers, RichText, Role, TextWrapMode, Ui, ViewportId, WidgetInfo};

use super::icons;
use super::text_find::Way;
use super::text_status::share;
use super::theme::{Colours, detail, quiet_button};
use crate::command::Command;
use crate::document::{BytePattern, BytePatternError, ByteSearch, Document, MAX_PATTERN_BYTES, Towards};
use crate::jobs::Wake;
use crate::source::ByteOffset;
use crate::units;

/// How often it is told how far a search has come.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);
/// The most that can be typed: the longest pattern in digits, three characters a byte.
const MAX_TYPED: usize = 3 * MAX_PATTERN_BYTES;

/// The bar, while it is open.
pub(super) struct HexFind {
    text: String,
    /// What that means.
    pattern: Result<BytePattern, BytePatternError>,
    /// Whether it was opened just now.
    fresh: bool,
    /// Where the person wants to go by a key.
    asked: Option<Way>,
    /// What was searched for last, as it was typed.
    sought: String,
    going: Option<Going>,
    outcome: Outcome,
}

/// A search that has not ended yet.
struct Going {
    search: ByteSearch,
    start: Start,
    /// Whether nothing is left out, so that what it does not find is nowhere.
    whole: bool,
}

/// Which way a search goes, and from where the person has asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start {
    way: Way,
    at: ByteOffset,
}

/// What the last search has come to, where there is something to tell of it.
enum Outcome {
    None,
    NotFound,
    /// Nothing is there up to the end of the document that this search went to: the next one goes on from the other.
    NoFurther(Start),
    Failed(String),
}

/// What the person wants of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HexFindWish {
    Close,
    /// To what was found.
    Go(Range<ByteOffset>),
}

impl Default for HexFind {
    fn default() -> Self {
        Self {
            text: String::new(),
            pattern: Err(BytePatternError::Empty),
            fresh: true,
            asked: None,
            sought: String::new(),
            going: None,
            outcome: Outcome::None,
        }
    }
}

impl HexFind {
    /// Puts the keyboard into its field.
    pub(super) const fn summon(&mut self) {
        self.fresh = true;
    }

    /// Goes to a place where it is, once the bar is drawn.
    pub(super) const fn ask(&mut self, way: Way) {
        self.asked = Some(way);
    }

    /// Whether there is nothing to search for.
    pub(super) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The bar for the same document when it is read again.
    pub(super) fn anew(self) -> Self {
        Self { fresh: false, asked: None, going: None, outcome: Outcome::None, ..self }
    }

    /// What is typed, if it can be searched for.
    pub(super) fn pattern(&self) -> Option<&BytePattern> {
        self.pattern.as_ref().ok()
    }

    /// Draws it for a person who is at the byte `at`; `has_keys` is whether Escape is meant for it.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        document: &Document,
        at: ByteOffset,
        has_keys: bool,
        commands: &mut Vec<Command>,
    ) -> Option<HexFindWish> {
        let colours = Colours::of(ui);
        let mut close = false;
        egui::Frame::NONE.fill(colours.panel).inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let entered = self.field(ui);
                let mut way = self.asked.take().or(entered);
                ui.add_enabled_ui(self.pattern.is_ok(), |ui| {
                    if quiet_button(ui, icons::CARET_UP, "", "Previous match").clicked() {
                        way = Some(Way::Previous);
                    }
                    if quiet_button(ui, icons::CARET_DOWN, "", "Next match").clicked() {
                        way = Some(Way::Next);
                    }
                });
                if let Some(way) = way {
                    self.begin(ui, document, Start { way, at });
                }
                // Taken out of the input: in the rows Escape would give up what is selected.
                close = quiet_button(ui, icons::X, "", "Close the search").clicked()
                    || has_keys && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
                ui.add_space(4.0);
                let (words, colour) = self.status(colours);
                let words = RichText::new(words).font(detail()).color(colour);
                ui.add(egui::Label::new(words).wrap_mode(TextWrapMode::Wrap));
            });
        });
        if close { Some(HexFindWish::Close) } else { self.ended(ui, commands).map(HexFindWish::Go) }
    }

    /// The field for what is searched for; which way Enter leads, if it was pressed in it.
    fn field(&mut self, ui: &mut Ui) -> Option<Way> {
        let edit =
            egui::TextEdit::singleline(&mut self.text).hint_text("de ad be ef or \"text\"").char_limit(MAX_TYPED);
        let edit = edit.desired_width(ui.available_width().clamp(0.0, 220.0)).margin(egui::vec2(8.0, 5.0));
        let mut shown = edit.show(ui);
        let response = shown.response.response;
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Find"));
        if std::mem::take(&mut self.fresh) {
            response.request_focus();
            let all = egui::text::CCursorRange::select_all(&shown.galley);
            shown.state.cursor.set_char_range(Some(all));
            shown.state.store(ui.ctx(), response.id);
        }
        if response.changed() {
            self.pattern = BytePattern::parse(&self.text);
            (self.going, self.outcome) = (None, Outcome::None);
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !entered {
            return None;
        }
        response.request_focus();
        Some(if ui.input(|input| input.modifiers.shift) { Way::Previous } else { Way::Next })
    }

    /// Begins to search, in the place of a search that has not ended.
    fn begin(&mut self, ui: &Ui, document: &Document, start: Start) {
        let pattern = match &self.pattern {
            Ok(pattern) => pattern.clone(),
            Err(error) => {
                self.outcome = Outcome::Failed(error.to_string());
                return;
            }
        };
        // What was not searched for yet may be right where the person is.
        let anew = self.sought != self.text;
        let start = if anew && start.way == Way::Next { Start { way: Way::Here, ..start } } else { start };
        self.sought.clone_from(&self.text);
        let from_other_end = matches!(self.outcome, Outcome::NoFurther(before) if before == start);
        let (from, towards) = match start.way {
            Way::Previous if from_other_end => (ByteOffset(u64::MAX), Towards::Beginning),
            Way::Here | Way::Next if from_other_end => (ByteOffset(0), Towards::End),
            Way::Here => (start.at, Towards::End),
            Way::Next => (start.at.plus(1), Towards::End),
            Way::Previous => (start.at, Towards::Beginning),
        };
        let whole = from_other_end || (towards == Towards::End && from.0 == 0);
        let context = ui.ctx().clone();
        let wake: Wake = Arc::new(move || context.request_repaint_of(ViewportId::ROOT));
        let search = document.find_bytes(pattern, from, towards, wake);
        self.going = search.map(|search| Going { search, start, whole });
        self.outcome = Outcome::None;
    }

    /// Where what is searched for was found, if that is known now; whoever may go on from the other end is told so.
    fn ended(&mut self, ui: &Ui, commands: &mut Vec<Command>) -> Option<Range<ByteOffset>> {
        let Some(nearest) = self.going.as_mut()?.search.take() else {
            ui.ctx().request_repaint_after(PROGRESS_INTERVAL);
            return None;
        };
        let Going { start, whole, .. } = self.going.take()?;
        match nearest {
            Ok(Some(at)) => return self.pattern().map(|pattern| at..at.plus(pattern.len_bytes())),
            Ok(None) if whole => self.outcome = Outcome::NotFound,
            Ok(None) => {
                let (this, other) =
                    if start.way == Way::Previous { ("beginning", "end") } else { ("end", "beginning") };
                commands.push(Command::Say(format!(
                    "There is no match from here to the {this}: search once more to go on from the {other}"
                )));
                let way = if start.way == Way::Here { Way::Next } else { start.way };
                self.outcome = Outcome::NoFurther(Start { way, ..start });
            }
            Err(error) => self.outcome = Outcome::Failed(format!("Could not search: {error}")),
        }
        ui.ctx().request_repaint();
        None
    }

    fn status(&self, colours: Colours) -> (String, Color32) {
        if let Some(Going { search, .. }) = &self.going {
            let searched = share(search.searched_bytes(), search.whole_bytes());
            return (format!("Searching {searched} %"), colours.accent);
        }
        match (&self.outcome, &self.pattern) {
            (Outcome::NotFound, _) => ("Not found".to_owned(), colours.amber),
            (Outcome::NoFurther(_), _) => ("No further match".to_owned(), colours.amber),
            (Outcome::Failed(error), _) => (error.clone(), colours.red),
            (Outcome::None, Err(BytePatternError::Empty)) => ("Enter searches".to_owned(), colours.dim),
            // Nobody is told off for what they have not typed to its end.
            (Outcome::None, Err(error)) => (error.to_string(), colours.dim),
            (Outcome::None, Ok(pattern)) => {
                let bytes = units::count(pattern.len_bytes(), "byte");
                let words = if pattern.is_text() { format!("{bytes} of text") } else { bytes };
                (words, colours.dim)
            }
        }
    }
}
