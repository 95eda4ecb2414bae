//! What is different in a text that has only some lines of its file: Enter and a double click lead to the same line in the
//! file itself, and where nothing is shown it says why.

use egui::{Key, Modifiers, Response, Ui};

use crate::command::Command;
use crate::document::Document;
use crate::source::ByteOffset;

/// What the person wants who is at the byte at `at`, if that is to go to its line in the file.
pub(super) fn wish(ui: &Ui, response: &Response, document: &Document, at: ByteOffset) -> Option<Command> {
    document.only()?;
    let entered = response.has_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    if !entered && !response.double_clicked() {
        return None;
    }
    let origin = document.look(|lines| lines.start_of(at).here().and_then(|start| lines.origin_of(start).here()));
    origin.flatten().map(|origin| Command::GoToOrigin(origin.at))
}

/// What is said where there is no text.
pub(super) fn empty_words(document: &Document) -> &'static str {
    match document.only() {
        None => "This file is empty",
        Some(_) if document.line_count().1 => "No line matches",
        Some(_) => "No line matches so far",
    }
}
