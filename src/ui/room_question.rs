//! What is asked where the unpacked copy of a document would take more of the disk than it may: all that could not be unpacked
//! is lacking, and how much that takes and how much is free is for the person to weigh. Lives for one frame, on the UI thread.

use egui::{Align, Label, Layout, Margin, Ui};

use super::icons;
use super::theme::{Colours, quiet_button, sign};
use crate::command::Command;
use crate::document::Document;
use crate::source::OverLimit;
use crate::units;

/// The height of the bar without its margins, in points.
const HEIGHT: f32 = 32.0;
/// What is pressed to go on.
pub(super) const GO_ON: &str = "Unpack anyway";

/// Asks over the view of a document of which only the beginning is unpacked, if that is so.
pub(super) fn bar(ui: &mut Ui, document: &Document) -> Option<Command> {
    let over = document.over_limit()?;
    let text = format!("Only the first {} are unpacked: {}", units::bytes(over.limit_bytes), all_of_it(over));
    let mut wanted = false;
    egui::Frame::NONE.fill(Colours::of(ui).raised).inner_margin(Margin::symmetric(12, 2)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(HEIGHT);
            sign(ui, icons::WARNING, 15.0, Colours::of(ui).amber);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                wanted = quiet_button(ui, icons::DOWNLOAD, GO_ON, "").clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(text).truncate()));
            });
        });
    });
    wanted.then_some(Command::UnpackAnyway)
}

/// What is asked where nothing could be unpacked: what it takes, and what the limit is.
pub(super) fn words(over: OverLimit) -> (String, String) {
    let limit = units::bytes(over.limit_bytes);
    (
        format!("Unpacked {}", all_of_it(over)),
        format!("The limit is {limit}, and can be raised in the settings. The copy is gone when the tab is closed."),
    )
}

fn all_of_it(over: OverLimit) -> String {
    let wanted = units::bytes(over.wanted_bytes);
    match over.free_bytes {
        Some(free) if free < over.wanted_bytes => {
            format!("all of it takes some {wanted} on disk, and only {} are free", units::bytes(free))
        }
        Some(free) => format!("all of it takes some {wanted} on disk, and {} are free", units::bytes(free)),
        None => format!("all of it takes some {wanted} on disk"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_is_told_with_what_is_free() {
        let over = |free_bytes| OverLimit { limit_bytes: 20_000_000_000, wanted_bytes: 85_000_000_000, free_bytes };
        let (message, advice) = words(over(Some(120_000_000_000)));
        assert_eq!(message, "Unpacked all of it takes some 85 GB on disk, and 120 GB are free");
        assert!(advice.starts_with("The limit is 20 GB"), "{advice}");
        assert!(words(over(Some(7_000_000_000))).0.ends_with("and only 7 GB are free"));
        assert!(words(over(None)).0.ends_with("85 GB on disk"));
    }
}
