//! The rows of one frame together: which there are, where each is, and how they are painted.

use std::ops::Range;
use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};

use super::{Basis, DrawnRow, MARK_STRENGTH, Metrics};
use crate::document::{Changed, Found, HitLook, LineNumber, Lines};
use crate::source::ByteOffset;
use crate::ui::text_view::Place;
use crate::ui::theme::{Colours, document};
use crate::units;

/// The most rows whose text is waited for at a time: what they need together is by far less than what is kept.
const MAX_LACKING: usize = 64;
/// What stands for the number of a line where it goes on.
const CONTINUED: &str = "·";

/// The rows of one frame.
pub(in crate::ui) struct Layout {
    pub(in crate::ui) rows: Vec<DrawnRow>,
    /// Rows that stay empty because the document ends above.
    pub(in crate::ui) empty_rows: i64,
    /// Whether the last of the rows is the last of the document.
    at_end: bool,
    /// Rows below those that are known.
    loading: usize,
    part: f32,
    /// Whether lines that are left out are to be seen as left out.
    leaps: bool,
}

impl Layout {
    /// The rows from `place` on, with what is still good of those that were drawn `before`.
    pub(in crate::ui) fn new(
        lines: &Lines<'_>,
        place: Place,
        metrics: &Metrics,
        change: Option<Changed>,
        before: Vec<DrawnRow>,
        search: Option<u64>,
    ) -> Self {
        let basis = Basis {
            run: lines.run(),
            indexed: lines.indexed(),
            change,
            grid: metrics.grid,
            column: place.column,
            columns: metrics.columns,
            wrap: metrics.wrap,
            len: lines.end(),
            search,
            found: lines.only().map(HitLook::count),
        };
        let mut before = before.into_iter().peekable();
        let mut rows = Vec::with_capacity(metrics.rows);
        let (mut lacking, mut loading) = (0, 0);
        let mut next = match metrics.first_shown(lines, place.top) {
            Found::Here(first) => first,
            Found::Loading | Found::Unknown => {
                loading = metrics.rows;
                None
            }
        };
        let mut number = next.and_then(|first| lines.number_of(first).here());
        while let Some(start) = next.filter(|_| rows.len() < metrics.rows) {
            while before.next_if(|row: &DrawnRow| row.start < start).is_some() {}
            let kept = before.next_if(|row| row.start == start).and_then(|row| row.kept(basis));
            let row = if lacking < MAX_LACKING { kept.or_else(|| DrawnRow::find(lines, start, basis)) } else { None };
            let Some(mut row) = row else {
                loading = metrics.rows - rows.len();
                metrics.ask_ahead(lines, start, loading);
                break;
            };
            if row.lacking {
                row.decode(lines);
                lacking += usize::from(row.lacking);
            }
            row.number = if lines.only().is_some() { lines.number_of(start).here() } else { number };
            // What was written since nobody has counted.
            row.number = row.number.filter(|_| change.is_none_or(|change| change.spares(start)));
            let origin = || lines.origin_of(start).here().map(|origin| origin.number);
            row.shown = if lines.are_some() { row.shown.or_else(origin) } else { row.number };
            number = row.number_after();
            next = row.next.filter(|_| !row.gone);
            rows.push(row);
        }
        let full = metrics.full_rows();
        let at_end = loading == 0 && rows.last().is_some_and(|row| row.next.is_none());
        let empty_rows = if at_end { i64::try_from(full.saturating_sub(rows.len())).unwrap_or(0) } else { 0 };
        Self { rows, empty_rows, at_end, loading, part: place.part, leaps: lines.come_in_groups() }
    }

    /// The document's last line, if the whole of its height is in sight; to be asked of placed rows.
    pub(in crate::ui) fn last_in_sight(&self, metrics: &Metrics) -> Option<&DrawnRow> {
        // Tops are rounded to whole pixels.
        let in_sight = |row: &&DrawnRow| row.top + metrics.row_height <= metrics.text.bottom() + 1.0;
        self.rows.last().filter(|_| self.at_end).filter(in_sight)
    }

    /// Gives each row its place and its glyphs.
    pub(in crate::ui) fn place(&mut self, ui: &Ui, metrics: &Metrics) {
        let tops: Vec<_> = (0..self.rows.len()).map(|at| self.top_of(at, metrics)).collect();
        for (row, top) in self.rows.iter_mut().zip(tops) {
            let text = row.row.text.clone();
            row.top = top;
            row.left = metrics.text.left() + metrics.gutter;
            row.galley =
                (!row.lacking).then(|| ui.painter().layout_no_wrap(text, document(), egui::Color32::PLACEHOLDER));
        }
    }

    pub(in crate::ui) fn paint(
        &self,
        ui: &Ui,
        metrics: &Metrics,
        selected: &Range<ByteOffset>,
        current: Option<ByteOffset>,
    ) {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(metrics.text);
        let mut before: Option<LineNumber> = None;
        for row in &self.rows {
            let left = pos2(metrics.text.left(), row.top);
            let rect = Rect::from_min_size(left, vec2(metrics.text.width(), metrics.row_height));
            let is_current = current.is_some_and(|byte| row.holds(byte));
            if is_current {
                painter.rect_filled(rect, 0, colours.raised);
            }
            let leap = before.zip(row.shown).is_some_and(|(before, shown)| shown.0 > before.0 + 1);
            if self.leaps && leap {
                painter.hline(rect.x_range(), rect.top(), egui::Stroke::new(1.0, colours.line));
            }
            before = row.shown;
            let number = match row.shown {
                _ if row.continues => CONTINUED.to_owned(),
                Some(number) => units::number(number.0 + 1),
                None => "…".to_owned(),
            };
            let colour = if is_current { colours.text } else { colours.faint };
            let number_at = pos2(row.left - 2.0 * metrics.char_width, rect.center().y);
            painter.text(number_at, Align2::RIGHT_CENTER, number, document(), colour);
            let Some(galley) = &row.galley else { continue };
            for mark in &row.marks {
                if let Some(range) = row.selected_x(mark, galley, metrics) {
                    let band = Rect::from_x_y_ranges(row.left + range.start..=row.left + range.end, rect.y_range());
                    painter.rect_filled(band.shrink2(vec2(0.0, 1.0)), 0, colours.amber.gamma_multiply(MARK_STRENGTH));
                }
            }
            if let Some(range) = row.selected_x(selected, galley, metrics) {
                let band = Rect::from_x_y_ranges(row.left + range.start..=row.left + range.end, rect.y_range());
                painter.rect_filled(band, 0, colours.accent_ground);
            }
            let text_at = pos2(row.left, rect.center().y - galley.size().y / 2.0);
            painter.galley(text_at, Arc::clone(galley), if row.gone { colours.red } else { colours.text });
        }
        self.paint_placeholders(ui, metrics);
    }

    fn paint_placeholders(&self, ui: &Ui, metrics: &Metrics) {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(metrics.text);
        let lacking = self.rows.iter().enumerate().filter(|(_, row)| row.lacking).map(|(at, _)| at);
        for at in lacking.chain(self.rows.len()..self.rows.len() + self.loading) {
            let top = self.top_of(at, metrics);
            // Lines of uneven length look like text that is to come.
            let share = [0.62, 0.48, 0.71, 0.55].get(at % 4).copied().unwrap_or(0.5);
            let width = (metrics.text.width() - metrics.gutter) * share;
            let bar = Rect::from_min_size(pos2(metrics.text.left() + metrics.gutter, top + 6.0), vec2(width, 7.0));
            painter.rect_filled(bar, 3, colours.panel);
        }
    }

    fn top_of(&self, row: usize, metrics: &Metrics) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
        let rows = row as f32 - self.part;
        // Whole pixels, or the text would shimmer while it is scrolled.
        (metrics.text.top() + rows * metrics.row_height).round()
    }
}
