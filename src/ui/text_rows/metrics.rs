//! The measures of a text view in one frame, and its scroll bars: what is in sight, and where that is in the whole.

use egui::{Rect, Ui, pos2, vec2};

use super::DrawnRow;
use crate::document::{Document, Facts, Found, Hits, LineNumber, Lines, Wrap};
use crate::source::ByteOffset;
use crate::ui::scroll::{self, Axis};
use crate::ui::text_columns::Columns;
use crate::ui::text_jumps::Jump;
use crate::ui::text_view::Place;
use crate::ui::theme::{Colours, TEXT_ROW, document};
use crate::units;

/// The height of a mark beside the scroll bar, in points.
const TICK: f32 = 2.0;
/// How strong the colour of such a mark is where there is the least.
const WEAKEST_TICK: f32 = 0.4;

/// Measures of a text view in one frame.
pub(in crate::ui) struct Metrics {
    /// Where line numbers and text go.
    pub(in crate::ui) text: Rect,
    pub(in crate::ui) row_height: f32,
    pub(in crate::ui) char_width: f32,
    /// Rows and columns in sight, those that are cut among them.
    pub(in crate::ui) rows: usize,
    pub(in crate::ui) columns: usize,
    /// The columns of the widest line.
    widest: u64,
    /// How lines are divided into columns.
    pub(in crate::ui) grid: Columns,
    /// How lines are broken into rows, if they are.
    pub(in crate::ui) wrap: Option<Wrap>,
    pub(super) gutter: f32,
    vertical: Rect,
    horizontal: Option<Rect>,
}

impl Metrics {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a screen"
    )]
    /// Room for the widest line that was seen so far, in columns, and for the numbers of so many lines. If it `wraps`, no
    /// line is wider than there is room for.
    pub(in crate::ui) fn new(
        ui: &Ui,
        rect: Rect,
        document_shown: &Document,
        facts: Facts,
        (widest, lines): (u64, u64),
        wraps: bool,
    ) -> Self {
        let char_width = ui.ctx().fonts_mut(|fonts| fonts.glyph_width(&document(), '0')).max(1.0);
        let digits = units::number(lines.max(99_999)).len();
        let gutter = (digits as f32 + 3.0) * char_width;
        let in_line = rect.width() - gutter - scroll::WIDTH;
        let full_columns = (in_line / char_width).floor().max(1.0) as usize;
        let widest = if wraps { 0 } else { widest.max(document_shown.longest_line_bytes()) };
        let wide = widest > full_columns as u64;
        let text_bottom = rect.bottom() - if wide { scroll::WIDTH } else { 0.0 };
        let text = Rect::from_min_max(rect.min, pos2(rect.right() - scroll::WIDTH, text_bottom));
        let vertical = Rect::from_min_max(pos2(text.right(), rect.top()), pos2(rect.right(), text_bottom));
        let horizontal = wide
            .then(|| Rect::from_min_max(pos2(rect.left() + gutter, text_bottom), pos2(text.right(), rect.bottom())));
        Self {
            text,
            row_height: TEXT_ROW,
            char_width,
            rows: (text.height() / TEXT_ROW).ceil().max(1.0) as usize + 1,
            columns: full_columns + 1,
            widest,
            grid: Columns::of(facts),
            wrap: wraps.then(|| Columns::of(facts).wrap(full_columns)),
            gutter,
            vertical,
            horizontal,
        }
    }

    /// Where the upright bar is.
    pub(in crate::ui) fn scroll_bar(&self) -> Rect {
        self.vertical
    }

    /// Rows that are in sight as a whole.
    pub(in crate::ui) fn full_rows(&self) -> usize {
        self.rows.saturating_sub(2).max(1)
    }

    /// Columns that are in sight as a whole.
    pub(in crate::ui) fn full_columns(&self) -> u64 {
        self.columns.saturating_sub(1).max(1) as u64
    }

    /// The largest column that the view may begin at.
    pub(in crate::ui) fn last_column(&self) -> u64 {
        self.last_column_of(self.widest)
    }

    /// The same if the widest line had so many columns.
    pub(in crate::ui) fn last_column_of(&self, widest: u64) -> u64 {
        let full = self.full_columns();
        if widest > full { widest - full / 2 } else { 0 }
    }

    /// The start of the row at `top`, or of the first line that is shown from there on.
    pub(super) fn first_shown(&self, lines: &Lines<'_>, top: ByteOffset) -> Found<Option<ByteOffset>> {
        match &self.wrap {
            Some(wrap) => lines.first_row(top, wrap),
            None => lines.first_shown(top),
        }
    }

    /// Asks for the pages of so many rows from `start` on.
    pub(super) fn ask_ahead(&self, lines: &Lines<'_>, start: ByteOffset, rows: usize) {
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        match &self.wrap {
            Some(wrap) => lines.ask_rows(start, rows, wrap),
            None => lines.ask_ahead(start, rows),
        }
    }

    /// Draws both bars; a drag of the upright one gives a jump, one of the other changes the column.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place of a thumb; a drag is as exact as a screen"
    )]
    pub(in crate::ui) fn scroll_bars(
        &self,
        ui: &Ui,
        place: &mut Place,
        document: &Document,
        facts: Facts,
        drawn: &[DrawnRow],
        hits: &HitsInSight,
    ) -> Option<Jump> {
        if let Some(rect) = self.horizontal {
            let all = self.last_column().max(1) as f64;
            let share = self.columns as f64 / (all + self.columns as f64);
            let position = (place.column as f64 / all).min(1.0);
            let (_, wanted) = scroll::bar(ui, rect, Axis::Horizontal, ("Columns", position, share));
            if let Some(wanted) = wanted {
                place.column = (wanted * all).round() as u64;
            }
        }
        if let HitsInSight::Only { before, count } = *hits {
            let rows = self.full_rows() as u64;
            let last = count.saturating_sub(rows).max(1) as f64;
            let shown =
                ("Lines that match", (before as f64 / last).min(1.0), (rows as f64 / count.max(1) as f64).min(1.0));
            let (_, wanted) = scroll::bar(ui, self.vertical, Axis::Vertical, shown);
            place.part = if wanted.is_some() { 0.0 } else { place.part };
            return wanted.map(|wanted| Jump::TopHit((wanted * last).round() as u64));
        }
        let (lines, complete) = document.line_count();
        let rows = self.full_rows() as u64;
        // Lines once all are known, bytes before: the thumb never waits for the index. Where lines are wrapped nobody knows
        // how many rows each has, but rows have about as many bytes.
        let by_line = drawn.first().and_then(|row| row.number).filter(|_| complete && self.wrap.is_none());
        let in_sight = drawn.last().zip(drawn.first()).map_or(0, |(last, first)| last.end.since(first.start));
        let in_sight = if self.wrap.is_some() { in_sight } else { 0 };
        let last_top = facts.len_bytes.saturating_sub(in_sight);
        let (position, share) = match by_line {
            Some(number) => {
                (number.0 as f64 / lines.saturating_sub(rows).max(1) as f64, rows as f64 / lines.max(1) as f64)
            }
            None => (place.top.0 as f64 / last_top.max(1) as f64, in_sight as f64 / facts.len_bytes.max(1) as f64),
        };
        let (_, wanted) = scroll::bar(ui, self.vertical, Axis::Vertical, ("Lines", position.min(1.0), share.min(1.0)));
        if let HitsInSight::Among(hits) = hits {
            self.paint_ticks(ui, &hits.spread(facts.len_bytes, (self.vertical.height() / TICK) as usize));
        }
        let wanted = wanted?;
        place.part = 0.0;
        Some(match by_line {
            Some(_) => Jump::TopLine(LineNumber((wanted * lines.saturating_sub(rows) as f64).round() as u64)),
            None if wanted >= 1.0 && self.wrap.is_some() => Jump::LastLines,
            None => Jump::Top(ByteOffset((wanted * last_top as f64) as u64)),
        })
    }
}

impl Metrics {
    /// Marks beside the upright bar where lines match, the stronger the more there are.
    #[expect(clippy::cast_precision_loss, reason = "the strength of a colour")]
    fn paint_ticks(&self, ui: &Ui, parts: &[u64]) {
        let colour = Colours::of(ui).amber;
        let most = parts.iter().copied().max().unwrap_or(0).max(1) as f32;
        let mut top = self.vertical.top();
        for part in parts {
            if *part > 0 {
                let tick = Rect::from_min_size(pos2(self.vertical.right() - 3.0, top), vec2(3.0, TICK));
                let strength = WEAKEST_TICK + (1.0 - WEAKEST_TICK) * (*part as f32 / most);
                ui.painter().rect_filled(tick, 0, colour.gamma_multiply(strength));
            }
            top += TICK;
        }
    }
}

/// What the scroll bar shows of a search.
pub(in crate::ui) enum HitsInSight {
    None,
    /// They are among all lines.
    Among(Hits),
    /// Only they are shown: how many come before the top, of how many.
    Only {
        before: u64,
        count: u64,
    },
}
