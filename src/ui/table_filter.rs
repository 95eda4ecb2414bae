//! The bar over a table that filters its rows, and says how they are arranged for as long as they are. It reads what is
//! typed; what becomes of it is the view's affair.

use egui::{Key, Margin, Modifiers, RichText, Role, TextWrapMode, Ui, WidgetInfo};

use super::icons;
use super::table_arranging::{Progress, TableArranging};
use super::text_status::share;
use super::theme::{Colours, detail, quiet_button};
use crate::document::table::{Filter, Gathered, OrderFacts};
use crate::units;

/// What is typed, and whether the bar is open though nothing is arranged.
#[derive(Default)]
pub(super) struct FilterBar {
    open: bool,
    text: String,
    /// Whether it was opened just now.
    fresh: bool,
    error: Option<String>,
}

/// What the person wants of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FilterWish {
    /// To see only rows that hold these conditions.
    Filter(String),
    /// To have the rows gathered once more.
    Again,
    /// To see all rows as they are in the file.
    Clear,
}

impl FilterBar {
    /// The same when the file is read again.
    pub(super) fn anew(&self) -> Self {
        Self { text: self.text.clone(), ..Self::default() }
    }

    /// Opens it, and puts the keyboard into its field.
    pub(super) const fn summon(&mut self) {
        (self.open, self.fresh) = (true, true);
    }

    /// Draws it, if it is open or anything is arranged; `len_bytes` is how long the document is by now, and `has_keys`
    /// whether Escape is meant for it.
    pub(super) fn ui(
        &mut self,
        ui: &mut Ui,
        arranged: &TableArranging,
        len_bytes: u64,
        has_keys: bool,
    ) -> Option<FilterWish> {
        if !self.open && !arranged.is_any() {
            return None;
        }
        let mut wish = None;
        egui::Frame::NONE.fill(Colours::of(ui).panel).inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                if self.field(ui) {
                    wish = self.read();
                }
                if arranged.is_any() {
                    let hint = "Show all rows as they are in the file";
                    if quiet_button(ui, icons::X, "Clear arrangement", hint).clicked() {
                        wish = Some(FilterWish::Clear);
                    }
                } else if quiet_button(ui, icons::X, "", "Close the filter").clicked()
                    || has_keys && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
                {
                    *self = Self::default();
                }
                ui.add_space(4.0);
                let (words, again) = self.status(ui, arranged, len_bytes);
                ui.add(egui::Label::new(words).wrap_mode(TextWrapMode::Wrap));
                if again && quiet_button(ui, icons::RETRY, "Again", "Gather the rows once more").clicked() {
                    wish = Some(FilterWish::Again);
                }
            });
        });
        if wish == Some(FilterWish::Clear) {
            *self = Self::default();
        }
        wish
    }

    /// The field for conditions; whether Enter was pressed in it.
    fn field(&mut self, ui: &mut Ui) -> bool {
        let edit = egui::TextEdit::singleline(&mut self.text).hint_text("status >= 500  path : api  note is not null");
        let edit = edit.desired_width(ui.available_width().clamp(0.0, 380.0)).margin(egui::vec2(8.0, 5.0));
        let mut shown = edit.show(ui);
        let response = shown.response.response;
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Filter rows"));
        if std::mem::take(&mut self.fresh) {
            response.request_focus();
            let all = egui::text::CCursorRange::select_all(&shown.galley);
            shown.state.cursor.set_char_range(Some(all));
            shown.state.store(ui.ctx(), response.id);
        }
        if response.changed() {
            self.error = None;
        }
        // The table, which has the keys from now on, is not to hear of it too.
        response.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter))
    }

    /// What is typed, unless it makes no sense: then that is said.
    fn read(&mut self) -> Option<FilterWish> {
        match Filter::parse(&self.text) {
            Ok(_) => Some(FilterWish::Filter(self.text.trim().to_owned())),
            Err(error) => {
                self.error = Some(error.to_string());
                self.fresh = true;
                None
            }
        }
    }

    /// How it stands, and whether it may be worth while to gather the rows once more.
    fn status(&self, ui: &Ui, arranged: &TableArranging, len_bytes: u64) -> (RichText, bool) {
        let colours = Colours::of(ui);
        let sorts = !arranged.wanted().sort.is_empty();
        let (text, colour, again) = match (&self.error, arranged.progress()) {
            (Some(error), _) => (error.clone(), colours.red, false),
            (None, Some(Progress::Failed(why))) => (why, colours.red, true),
            (None, Some(Progress::Stopped)) => ("Stopped".to_owned(), colours.amber, true),
            (None, Some(Progress::Gathering(gathered))) => (under_way(sorts, gathered), colours.accent, false),
            (None, _) if self.text.trim() != arranged.wanted().filter.trim() => {
                ("Enter filters".to_owned(), colours.dim, false)
            }
            (None, Some(Progress::Shown(facts))) => {
                let grown = facts.covered.0 < len_bytes;
                let rows = rows_shown(facts) + if grown { ", more was appended" } else { "" };
                (rows, colours.dim, grown)
            }
            (None, None) => ("Enter filters".to_owned(), colours.dim, false),
        };
        (RichText::new(text).font(detail()).color(colour), again)
    }
}

/// How far rows are gathered, in words.
fn under_way(sorts: bool, gathered: Gathered) -> String {
    let doing = if sorts { "Sorting" } else { "Filtering" };
    match gathered.merged {
        Some((merged, all)) => format!("{doing}, merging {} %", share(merged, all)),
        None => format!("{doing} {} %", share(gathered.passed_bytes, gathered.whole_bytes)),
    }
}

/// How many rows are shown of how many.
pub(super) fn rows_shown(facts: OrderFacts) -> String {
    let all = units::count(facts.rows.saturating_add(facts.hidden), "row");
    if facts.hidden == 0 { all } else { format!("{} of {all}", units::number(facts.rows)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::ByteOffset;

    #[test]
    fn how_far_it_is_and_what_is_left_is_told_in_words() {
        let gathered = Gathered { rows: 5, passed_bytes: 34, whole_bytes: 100, merged: None };
        assert_eq!(under_way(false, gathered), "Filtering 34 %");
        assert_eq!(under_way(true, Gathered { merged: Some((1, 4)), ..gathered }), "Sorting, merging 25 %");
        let facts = OrderFacts { rows: 1_234, hidden: 0, as_in_file: false, covered: ByteOffset(0) };
        assert_eq!(rows_shown(facts), "1,234 rows");
        assert_eq!(rows_shown(OrderFacts { hidden: 8_766, ..facts }), "1,234 of 10,000 rows");
    }

    #[test]
    fn what_makes_no_sense_is_said_and_not_asked_for() {
        let mut bar = FilterBar { text: "status 500".into(), ..FilterBar::default() };
        assert_eq!(bar.read(), None);
        assert!(bar.error.as_deref().is_some_and(|error| error.ends_with("at character 8")), "{:?}", bar.error);
        bar.text = " status > 500 ".into();
        assert_eq!(bar.read(), Some(FilterWish::Filter("status > 500".into())));
    }
}
