//! The forms that start jobs, one file a kind. A form holds what was typed; the dialog around it is the same for all.

mod arrange;
mod crowd;
mod download;
mod export;
mod hash;
mod open;
mod outline;
mod picture;
mod sample;
mod save;
mod search;
mod serve;
mod split;
mod statistics;
mod table;

pub use arrange::ArrangeForm;
pub use crowd::CrowdForm;
pub use download::DownloadForm;
pub use export::ExportForm;
pub use hash::HashForm;
pub use open::OpenForm;
pub use outline::OutlineForm;
pub use picture::PictureForm;
pub use sample::SampleForm;
pub use save::SaveForm;
pub use search::SearchForm;
pub use serve::ServeForm;
pub use split::SplitForm;
pub use statistics::StatisticsForm;
pub use table::TableForm;

use egui::Ui;
use egui::text::CCursorRange;

use crate::jobs::Kind;
use crate::work::Request;

/// What a person fills in to start a kind of job.
pub trait Form {
    /// The kind that it starts.
    fn kind(&self) -> Kind;
    /// The dialog's title, as a command: `Download a file`.
    fn title(&self) -> &'static str;
    /// What many of them are called: `Downloads`.
    fn plural(&self) -> &'static str;
    /// The word for it on the command bar.
    fn name(&self) -> &'static str;
    /// Whether it has a button on the command bar; the palette has all.
    fn has_button(&self) -> bool {
        true
    }
    /// The verb on the button that starts it.
    fn action(&self) -> &'static str;
    /// The icon on the command bar.
    fn icon(&self) -> &'static str;
    /// Draws the fields. If `fresh`, the first one asks for the focus and has all of its text selected.
    fn fields(&mut self, ui: &mut Ui, fresh: bool);
    /// Fills the fields with what was asked for before, if they are for that.
    fn fill(&mut self, asked: &Request) -> bool;
    /// What was asked for, or what is missing, in a sentence.
    ///
    /// # Errors
    /// While the fields make no request.
    fn request(&self) -> Result<Request, String>;
}

/// A labelled line of text, as all forms have it.
fn text_field(ui: &mut Ui, label: &str, hint: &str, text: &mut String, focus: bool) {
    let name = ui.label(label);
    let edit =
        egui::TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY).margin(egui::vec2(8.0, 6.0));
    let mut shown = edit.show(ui);
    let response = shown.response.response.labelled_by(name.id);
    if focus {
        response.request_focus();
        // What stands there is a proposal, or was refused: the first letter replaces it.
        shown.state.cursor.set_char_range(Some(CCursorRange::select_all(&shown.galley)));
        shown.state.store(ui.ctx(), response.id);
    }
    ui.add_space(4.0);
}

/// A labelled field for a few characters, to stand in a row with others.
fn short_field(ui: &mut Ui, label: &str, hint: &str, text: &mut String) {
    let name = ui.label(label);
    let edit = egui::TextEdit::singleline(text).hint_text(hint).desired_width(96.0).margin(egui::vec2(8.0, 6.0));
    ui.add(edit).labelled_by(name.id);
}

/// Takes Enter out of the input if it is for a field: in the dialog it would start the job.
fn take_enter(ui: &Ui, is_for_field: bool) {
    if is_for_field {
        ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter));
    }
}
