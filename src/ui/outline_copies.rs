//! What is put on the clipboard of an outline: a value as it stands in the document, or the path to it, as soon as it
//! is known.

use std::ops::Range;

use egui::Ui;
use poll_promise::Promise;

use super::outline_path::Chosen;
use super::outline_spot::Spot;
use crate::command::Command;
use crate::document::{Document, Found};
use crate::source::ByteOffset;
use crate::units;

/// The most that is put on the clipboard.
const MAX_COPY_BYTES: u64 = 16 << 20;

/// What is asked for of the value that the person is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Value,
    Path,
}

/// What is still to be put on the clipboard.
#[derive(Default)]
pub(super) struct Copies {
    wanted: Option<Wanted>,
    copying: Option<Promise<Result<Vec<u8>, String>>>,
}

/// What can be done for a wish.
enum Told {
    /// Nothing yet.
    NotYet,
    Bytes(Range<ByteOffset>),
    Text(String),
    Refused(String),
}

impl Copies {
    pub(super) const fn want(&mut self, wanted: Wanted) {
        self.wanted = Some(wanted);
    }

    /// Copies what can be copied by now; `chosen` is the row that the person is at, and what is known of it.
    pub(super) fn finish(
        &mut self,
        ui: &Ui,
        document: &Document,
        chosen: Option<(&Spot, &Chosen)>,
        commands: &mut Vec<Command>,
    ) {
        if let Some((wanted, (spot, chosen))) = self.wanted.zip(chosen) {
            let told = match wanted {
                Wanted::Path if chosen.cut => Told::Refused("A key on this path is too long to be copied".into()),
                Wanted::Path => chosen.path().map_or(Told::NotYet, Told::Text),
                Wanted::Value => value_of(spot, chosen.end),
            };
            self.wanted = self.wanted.filter(|_| matches!(told, Told::NotYet));
            match told {
                Told::NotYet => {}
                Told::Bytes(range) => self.copying = document.read_range(range),
                Told::Text(text) => ui.ctx().copy_text(text),
                Told::Refused(said) => commands.push(Command::Say(said)),
            }
        }
        match self.copying.take().map(Promise::try_take) {
            None => {}
            Some(Err(pending)) => self.copying = Some(pending),
            Some(Ok(Ok(bytes))) => ui.ctx().copy_text(String::from_utf8_lossy(&bytes).into_owned()),
            Some(Ok(Err(error))) => commands.push(Command::Say(format!("Could not copy: {error}"))),
        }
    }
}

/// The bytes of a value that ends there, or why they are not copied.
fn value_of(spot: &Spot, end: Found<Option<ByteOffset>>) -> Told {
    let end = match end {
        Found::Loading => return Told::NotYet,
        Found::Unknown => return Told::Refused("The end of this value was not read yet".into()),
        Found::Here(None) => return Told::Refused("This value has no end: the file breaks in it".into()),
        Found::Here(Some(end)) => end,
    };
    let bytes = end.since(spot.node.value);
    if bytes > MAX_COPY_BYTES {
        let (bytes, most) = (units::bytes(bytes), units::bytes(MAX_COPY_BYTES));
        return Told::Refused(format!("This value is {bytes} long; at most {most} fit on the clipboard"));
    }
    Told::Bytes(spot.node.value..end)
}
