//! The part of a text view that has to do with what was found: the bar that searches, the list of lines under the text, and
//! where the person is among them.

use egui::{Rect, Sense, Ui};

use super::super::text_find::{FindBar, FindWish, Way};
use super::super::text_jumps::Jump;
use super::super::text_rows::HitsInSight;
use super::super::theme::Colours;
use super::moving::Moved;
use super::{Place, TextView};
use crate::command::Command;
use crate::document::{Document, Facts, Hits, Lines, Shows};
use crate::source::ByteOffset;

impl TextView {
    /// A view of the lines alone that were found.
    fn of_hits(document: Document, hits: Hits) -> Self {
        Self { only: Some(hits), ..Self::new(document, Place::default()) }
    }

    /// What was searched for, and which lines are shown.
    pub(super) fn hits(&self) -> Option<(&Hits, Shows)> {
        let among = || self.finding.as_ref().and_then(FindBar::hits).map(|hits| (hits, Shows::All));
        let context = self.context;
        self.only.as_ref().map(|hits| (hits, Shows::Matching { context })).or_else(among)
    }

    pub(super) fn hits_in_sight(&self) -> HitsInSight {
        match self.hits() {
            Some((hits, Shows::All)) => HitsInSight::Among(hits.clone()),
            Some((hits, Shows::Matching { .. })) => {
                HitsInSight::Only { before: self.hit.unwrap_or(0), count: hits.tally().lines }
            }
            None => HitsInSight::None,
        }
    }

    pub(super) fn find_bar(&mut self, ui: &mut Ui, has_keys: bool, commands: &mut Vec<Command>) {
        let Some(mut bar) = self.finding.take() else { return };
        let wish = bar.ui(ui, &self.document, self.hit, has_keys, commands);
        if wish == Some(FindWish::Close) {
            (self.list, self.hit) = (None, None);
            return;
        }
        self.finding = Some(bar);
        if let Some(FindWish::Go(way)) = wish {
            let from = self.selection.map_or(self.place.top, |selection| selection.range().start);
            self.jump = Some(Jump::Hit(from, way));
        }
    }

    /// Draws the lines that match under the text, if they are to be listed, and gives what is left for the text. Where the
    /// person goes in the list, the text goes too.
    pub(super) fn list(&mut self, ui: &mut Ui, rect: Rect, facts: Facts, commands: &mut Vec<Command>) -> Rect {
        let hits = self.finding.as_ref().filter(|bar| bar.lists).and_then(FindBar::hits).cloned();
        let hits = hits.filter(|hits| hits.tally().lines > 0);
        let listed = self.list.take().filter(|list| {
            let id = |hits: Option<&Hits>| hits.map(Hits::id);
            id(list.only.as_ref()) == id(hits.as_ref())
        });
        let Some(hits) = hits else { return rect };
        let mut list = listed.unwrap_or_else(|| Box::new(Self::of_hits(self.document.clone(), hits)));
        let context = self.finding.as_ref().map_or(0, |bar| bar.context);
        if list.context != context {
            // Of what is drawn other lines come next.
            list.context = context;
            list.drawn.clear();
        }
        let edge = rect.bottom() - rect.height() * self.list_share;
        let handle = Rect::from_x_y_ranges(rect.x_range(), edge - 3.0..=edge + 3.0);
        let below = Rect::from_min_max(egui::pos2(rect.left(), edge + 1.0), rect.max);
        if let Some(at) = self.selection.filter(|_| self.hit.is_some() && self.hit != self.listed) {
            list.jump = Some(Jump::Hit(at.range().start, Way::Here));
        }
        self.listed = self.hit;
        let before = list.selection;
        ui.scope_builder(egui::UiBuilder::new().id_salt("lines that match").max_rect(below), |ui| {
            list.text(ui, below, facts, false, commands);
        });
        let line = |view: &Self| view.line_of(view.selection?.range().start);
        let chosen = line(&list).filter(|start| list.selection != before && Some(*start) != line(self));
        if let Some(start) = chosen {
            self.jump = Some(Jump::Mark(start));
        }
        self.list = Some(list);
        let dragged = ui.interact(handle, ui.scope_id().with("edge of the list"), Sense::DRAG);
        if dragged.hovered() || dragged.dragged() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeVertical);
        }
        self.list_share = (self.list_share - dragged.drag_delta().y / rect.height().max(1.0)).clamp(0.1, 0.8);
        let colours = Colours::of(ui);
        ui.painter().hline(rect.x_range(), edge, egui::Stroke::new(1.0, colours.line));
        Rect::from_min_max(rect.min, egui::pos2(rect.right(), edge))
    }

    /// The start of the line in sight that holds the byte at `byte`.
    fn line_of(&self, byte: ByteOffset) -> Option<ByteOffset> {
        self.drawn.iter().find(|row| row.holds(byte)).map(|row| row.line.start)
    }
}

/// How many lines that match come before the top, where only those are shown; else which of them the person is at.
pub(super) fn hit_of(lines: &Lines<'_>, moved: &Moved) -> Option<u64> {
    let hits = lines.hits()?;
    if lines.only().is_some() {
        return hits.before(moved.place.top).here();
    }
    let line = lines.start_of(moved.selection?.range().start).here()?;
    let matches = hits.next(line).here()? == Some(line);
    hits.before(line).here().filter(|_| matches).map(|before| before + 1)
}
