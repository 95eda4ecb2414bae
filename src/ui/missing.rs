//! What is drawn of a document where its bytes are still on their way: hatched, with how much that is, or that no more comes.
//! Lives for one frame, on the UI thread.

use egui::{Align2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::theme::{Colours, TEXT_ROW, detail, line_of};
use crate::document::Document;
use crate::source::{ArrivalState, Begun};
use crate::units;

/// How far the lines of a hatching are apart, in points.
const HATCH: f32 = 8.0;
/// What is left free beside the words, in points.
const MARGIN: f32 = 16.0;

/// What lacks at the end of `document`, if it is one that arrives and something does.
pub(super) fn of(document: &Document) -> Option<Begun> {
    document.arriving()?.begun().filter(|begun| begun.state != ArrivalState::Whole)
}

/// The length that it will have, as far as that is known: what is there, or more.
pub(super) fn whole_bytes(document: &Document, len_bytes: u64) -> u64 {
    of(document).and_then(|begun| begun.whole_bytes).map_or(len_bytes, |whole| whole.max(len_bytes))
}

/// Draws what lacks of `document` at the bottom of `rect`, if something does, and gives what is left for what is there.
pub(super) fn below(ui: &Ui, rect: Rect, document: &Document) -> Rect {
    let Some(begun) = of(document).filter(|_| rect.height() > 2.0 * TEXT_ROW) else { return rect };
    let edge = rect.bottom() - TEXT_ROW;
    area(ui, Rect::from_min_max(pos2(rect.left(), edge), rect.max), &begun);
    Rect::from_min_max(rect.min, pos2(rect.right(), edge))
}

/// Draws `rect` as lacking, and says in its first row how much lacks.
pub(super) fn area(ui: &Ui, rect: Rect, begun: &Begun) {
    let colours = Colours::of(ui);
    hatch(ui, rect);
    let rect = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom().min(rect.top() + TEXT_ROW)));
    let text = words(begun);
    let colour = if begun.state == ArrivalState::BrokenOff { colours.red } else { colours.dim };
    let shown = line_of(ui, &text, detail(), colour, (rect.width() - 2.0 * MARGIN).max(0.0));
    let at = pos2(rect.left() + MARGIN, rect.center().y);
    let ground = Align2::LEFT_CENTER.anchor_size(at, shown.size()).expand(4.0).intersect(rect);
    ui.painter().rect_filled(ground, 0, colours.background);
    ui.painter().galley(Align2::LEFT_CENTER.anchor_size(at, shown.size()).min, shown, colour);
    let said = ui.interact(rect, ui.scope_id().with("not here yet"), Sense::hover());
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.clone()));
}

/// Fills `rect` with what stands for bytes that are not there.
fn hatch(ui: &Ui, rect: Rect) {
    let colours = Colours::of(ui);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 0, colours.panel);
    let stroke = Stroke::new(1.0, colours.line);
    let mut left = rect.left() - rect.height();
    while left < rect.right() {
        painter.line_segment([pos2(left, rect.bottom()), pos2(left + rect.height(), rect.top())], stroke);
        left += HATCH;
    }
}

fn words(begun: &Begun) -> String {
    let lacking = begun.whole_bytes.map(|whole| whole.saturating_sub(begun.arrived.up_to().0));
    let lacking = lacking.filter(|bytes| *bytes > 0).map(units::bytes);
    match (begun.state, lacking) {
        (ArrivalState::BrokenOff, Some(lacking)) => {
            format!("{lacking} did not arrive: the download failed or was stopped")
        }
        (ArrivalState::BrokenOff, None) => "The rest did not arrive: the download failed or was stopped".into(),
        (_, Some(lacking)) => format!("{lacking} not here yet"),
        (_, None) => "More is not here yet".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::source::{Arriving, ByteOffset};

    #[test]
    fn what_lacks_is_told_with_its_length_if_that_is_known() {
        let arriving = Arriving::default();
        let arrival = arriving.begin(Path::new("a.part"), Some(3_000_000));
        arrival.add(ByteOffset(0)..ByteOffset(1_000_000));
        let told = || arriving.begun().map(|begun| words(&begun)).unwrap_or_default();
        assert_eq!(told(), "2 MB not here yet");
        drop(arrival);
        assert_eq!(told(), "2 MB did not arrive: the download failed or was stopped");
        let _arrival = arriving.begin(Path::new("a.part"), None);
        assert_eq!(told(), "More is not here yet");
    }
}
