//! The bar that searches a document: what for, how, and how far it has come. It starts the job and holds what is found;
//! where the view goes is the view's affair.

use egui::{Key, Margin, Modifiers, RichText, Role, TextWrapMode, Ui, WidgetInfo};

use super::icons;
use super::search_history::Recall;
use super::text_status::share;
use super::theme::{Colours, detail, medium, quiet_button, show_focus};
use crate::command::Command;
use crate::document::{Document, Hits, LineEnding, Only, Query};
use crate::units;

/// The bar, while it is open.
pub(super) struct FindBar {
    query: Query,
    /// Where the person is among what was searched for before.
    recall: Recall,
    /// Whether it was opened just now.
    fresh: bool,
    hits: Option<Hits>,
    error: Option<String>,
    /// Where the person wants to go by a key.
    asked: Option<Way>,
    /// Whether the lines that match are listed under the text.
    pub(super) lists: bool,
    /// How many lines around each of them are shown with it.
    pub(super) context: u8,
}

/// Where to go among the lines that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the first one from here on, this line among them.
    Here,
    Next,
    Previous,
}

/// What the person wants of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FindWish {
    Close,
    Go(Way),
}

impl Default for FindBar {
    fn default() -> Self {
        let query = Query { fixed: true, ignore_case: true, ..Query::default() };
        let recall = Recall::default();
        Self { query, recall, fresh: true, hits: None, error: None, asked: None, lists: true, context: 0 }
    }
}

impl FindBar {
    /// What was found, if anything was searched for.
    pub(super) const fn hits(&self) -> Option<&Hits> {
        self.hits.as_ref()
    }

    /// Puts the keyboard into its field.
    pub(super) const fn summon(&mut self) {
        self.fresh = true;
    }

    /// The bar for the same document when it is read again: it searches anew, unless the view is to stay at the end.
    pub(super) fn anew(self, follows: bool) -> Self {
        let asked = Some(Way::Here).filter(|_| self.hits.is_some() && !follows);
        Self { fresh: false, hits: None, error: None, asked, ..self }
    }

    /// Goes to a line that matches, once it is drawn.
    pub(super) const fn ask(&mut self, way: Way) {
        self.asked = Some(way);
    }

    /// Whether there is nothing to search for.
    pub(super) const fn is_empty(&self) -> bool {
        self.query.pattern.is_empty()
    }

    /// Draws it; `number` is which of the lines that match the person is at, from 1 on, and `has_keys` whether Escape is
    /// meant for it.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        document: &Document,
        number: Option<u64>,
        has_keys: bool,
        commands: &mut Vec<Command>,
    ) -> Option<FindWish> {
        let colours = Colours::of(ui);
        let mut wish = None;
        egui::Frame::NONE.fill(colours.panel).inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let entered = self.field(ui);
                let mut way = self.asked.take().or(entered);
                let before = self.query.clone();
                switches(ui, &mut self.query);
                // What was searched for, well or in vain, is searched for anew.
                let switched = self.query != before && (self.hits.is_some() || self.error.is_some());
                ui.add_enabled_ui(self.hits.is_some(), |ui| {
                    if quiet_button(ui, icons::CARET_UP, "", "Previous match").clicked() {
                        way = Some(Way::Previous);
                    }
                    if quiet_button(ui, icons::CARET_DOWN, "", "Next match").clicked() {
                        way = Some(Way::Next);
                    }
                });
                wish = if switched || way.is_some() && self.outdated() {
                    self.search(document, commands)
                } else {
                    way.map(FindWish::Go)
                };
                switch(ui, icons::LIST, "List the lines that match", &mut self.lists);
                context_field(ui, &mut self.context);
                // Of lines that were taken out before no others are taken out.
                if document.only().is_none() && word_button(ui, "Only", ONLY, !self.is_empty()) {
                    self.show_only(commands);
                }
                // Taken out of the input: in the text Escape would give up what is selected.
                if quiet_button(ui, icons::X, "", "Close the search").clicked()
                    || has_keys && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
                {
                    wish = Some(FindWish::Close);
                }
                ui.add_space(4.0);
                self.status(ui, number);
            });
        });
        wish
    }

    /// The field for what is searched for; which way Enter leads, if it was pressed in it.
    fn field(&mut self, ui: &mut Ui) -> Option<Way> {
        let id = ui.make_persistent_id("find field");
        let recalled = self.recall.keys(ui, id, &mut self.query);
        let edit = egui::TextEdit::singleline(&mut self.query.pattern).hint_text("Find in lines");
        let edit = edit.desired_width(ui.available_width().clamp(0.0, 220.0)).margin(egui::vec2(8.0, 5.0));
        let mut shown = edit.id(id).show(ui);
        let response = shown.response.response;
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Find"));
        if std::mem::take(&mut self.fresh) || recalled {
            response.request_focus();
            let all = egui::text::CCursorRange::select_all(&shown.galley);
            shown.state.cursor.set_char_range(Some(all));
            shown.state.store(ui.ctx(), response.id);
        }
        if response.changed() {
            self.error = None;
            self.recall.begin_anew();
        }
        let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !entered {
            return None;
        }
        response.request_focus();
        Some(if ui.input(|input| input.modifiers.shift) { Way::Previous } else { Way::Next })
    }

    /// Whether what is typed was not searched for yet, or not to the end.
    fn outdated(&self) -> bool {
        self.hits.as_ref().is_none_or(|hits| *hits.query() != self.query || hits.tally().stopped)
    }

    fn search(&mut self, document: &Document, commands: &mut Vec<Command>) -> Option<FindWish> {
        match document.search(self.query.clone()) {
            Ok((search, hits)) => {
                (self.hits, self.error) = (Some(hits), None);
                commands.push(Command::Start(search.into()));
                Some(FindWish::Go(Way::Here))
            }
            Err(error) => {
                (self.hits, self.error) = (None, Some(error.to_string()));
                None
            }
        }
    }

    /// Asks for the lines that match as a document of their own.
    fn show_only(&mut self, commands: &mut Vec<Command>) {
        match self.query.compile(LineEnding::None) {
            Ok(_) => commands.push(Command::ShowOnly(Only { query: self.query.clone(), context: self.context })),
            Err(error) => self.error = Some(error.to_string()),
        }
    }

    fn status(&self, ui: &mut Ui, number: Option<u64>) {
        let colours = Colours::of(ui);
        let (text, colour) = if let Some(error) = &self.error {
            (error.clone(), colours.red)
        } else if let Some(hits) = self.hits.as_ref().filter(|hits| *hits.query() == self.query) {
            let tally = hits.tally();
            let lines = units::count(tally.lines, "line");
            let searched = share(tally.passed_bytes, tally.whole_bytes);
            if tally.stopped {
                (format!("{lines}, stopped at {searched} %"), colours.amber)
            } else if !tally.complete {
                (format!("{lines}, searching {searched} %"), colours.accent)
            } else if tally.lines == 0 {
                ("Not found".to_owned(), colours.amber)
            } else if let Some(number) = number {
                (format!("{} of {lines}", units::number(number)), colours.dim)
            } else {
                (lines, colours.dim)
            }
        } else {
            ("Enter searches".to_owned(), colours.dim)
        };
        ui.add(egui::Label::new(RichText::new(text).font(detail()).color(colour)).wrap_mode(TextWrapMode::Wrap));
    }
}

/// The switches that say how something is searched for.
pub(super) fn switches(ui: &mut Ui, query: &mut Query) {
    let mut regex = !query.fixed;
    let mut exact = !query.ignore_case;
    switch(ui, "Aa", "Match case", &mut exact);
    switch(ui, "W", "Whole words", &mut query.word);
    switch(ui, ".*", "Regular expression", &mut regex);
    switch(ui, "≠", "Lines without it", &mut query.invert);
    (query.fixed, query.ignore_case) = (!regex, !exact);
}

/// What the button is called that shows only the lines that match.
const ONLY: &str = "Show only the lines that match in a tab of their own";

/// How many lines come along on each side of one that matches.
fn context_field(ui: &mut Ui, context: &mut u8) {
    let value = egui::DragValue::new(context).range(0..=Only::MAX_CONTEXT).speed(1).prefix("±");
    let response = ui.add(value).on_hover_text("Lines around each match");
    response.accessible_name("Lines around each match");
}

/// A small button with a word on it; true when it is pressed.
fn word_button(ui: &mut Ui, word: &str, name: &str, enabled: bool) -> bool {
    let text = RichText::new(word).font(medium(13.0));
    let button = egui::Button::new(text).frame_when_inactive(false).min_size(egui::Vec2::splat(28.0));
    let response = ui.add_enabled(enabled, button).on_hover_text(name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    show_focus(ui, &response);
    response.clicked()
}

/// A small button that is on or off.
pub(super) fn switch(ui: &mut Ui, sign: &str, name: &str, on: &mut bool) {
    let colours = Colours::of(ui);
    let text = RichText::new(sign).font(medium(13.0)).color(if *on { colours.accent } else { colours.dim });
    let fill = if *on { colours.accent_ground } else { egui::Color32::TRANSPARENT };
    let button = egui::Button::new(text).fill(fill).stroke(egui::Stroke::NONE).min_size(egui::Vec2::splat(28.0));
    let response = ui.add(button).on_hover_text(name);
    let is_on = *on;
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, name));
    show_focus(ui, &response);
    if response.clicked() {
        *on = !*on;
    }
}
