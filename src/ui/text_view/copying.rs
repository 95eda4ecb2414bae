//! Puts what is selected in a text view on the clipboard. The bytes are read off the UI thread; until they are there, the
//! view goes on.

use egui::Ui;
use poll_promise::Promise;

use super::TextView;
use crate::command::Command;
use crate::units;

/// The most that is put on the clipboard.
const MAX_COPY_BYTES: u64 = 16 << 20;

impl TextView {
    pub(super) fn copy(&mut self, commands: &mut Vec<Command>) {
        let selected = self.selected();
        let bytes = selected.end.since(selected.start);
        if bytes > MAX_COPY_BYTES {
            let (bytes, most) = (units::bytes(bytes), units::bytes(MAX_COPY_BYTES));
            commands.push(Command::Say(format!(
                "{bytes} are selected; at most {most} fit on the clipboard. Save them to a file instead"
            )));
        } else if bytes > 0 {
            self.copying = self.document.read_range(selected);
        }
    }

    pub(super) fn finish_copy(&mut self, ui: &Ui, commands: &mut Vec<Command>) {
        match self.copying.take().map(Promise::try_take) {
            None => {}
            Some(Err(pending)) => self.copying = Some(pending),
            Some(Ok(Ok(bytes))) => ui.ctx().copy_text(String::from_utf8_lossy(&bytes).into_owned()),
            Some(Ok(Err(error))) => commands.push(Command::Say(format!("Could not copy: {error}"))),
        }
    }
}
