//! The rows of an outline in one frame: looked up from the topmost on, laid out and painted, a screenful and no more.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Galley, Rect, Role, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::outline_jumps::{Jump, Stand};
use super::outline_spot::{Opened, Spot};
use super::outline_words::Words;
use super::scroll::{self, Axis};
use super::text_view::Place;
use super::theme::{Colours, TEXT_ROW, document};
use crate::document::{Edge, Facts, Found, Lack, NodeKind, Nodes};
use crate::source::ByteOffset;

/// By how many columns what is in a value is farther to the right than that.
const INDENT: u64 = 2;
/// The columns of the triangle before a row's text.
const TRIANGLE: u64 = 2;
/// What is left free at the left, in points.
const PAD: f32 = 10.0;
/// How far a row's text may be beyond the left edge, in points: it is not painted farther out.
const FAR: f32 = 1e6;

/// Measures of an outline in one frame.
pub(super) struct Metrics {
    /// Where the rows go.
    pub(super) text: Rect,
    pub(super) char_width: f32,
    /// Rows in sight, those that are cut among them.
    pub(super) rows: usize,
    /// Columns in sight as a whole.
    pub(super) columns: u64,
    widest: u64,
    pub(super) vertical: Rect,
    horizontal: Option<Rect>,
}

impl Metrics {
    /// Room for rows of which the widest so far has so many columns.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a screen")]
    pub(super) fn new(ui: &Ui, rect: Rect, widest: u64) -> Self {
        let char_width = ui.ctx().fonts_mut(|fonts| fonts.glyph_width(&document(), '0')).max(1.0);
        let columns = ((rect.width() - scroll::WIDTH - PAD) / char_width).floor().max(1.0) as u64;
        let bottom = rect.bottom() - if widest > columns { scroll::WIDTH } else { 0.0 };
        let text = Rect::from_min_max(rect.min, pos2(rect.right() - scroll::WIDTH, bottom));
        let vertical = Rect::from_min_max(pos2(text.right(), rect.top()), pos2(rect.right(), bottom));
        let below = Rect::from_min_max(pos2(rect.left(), bottom), pos2(text.right(), rect.bottom()));
        let rows = (text.height() / TEXT_ROW).ceil().max(1.0) as usize + 1;
        let horizontal = (widest > columns).then_some(below);
        Self { text, char_width, rows, columns, widest, vertical, horizontal }
    }

    /// Rows that are in sight as a whole.
    pub(super) fn full_rows(&self) -> i64 {
        i64::try_from(self.rows.saturating_sub(2).max(1)).unwrap_or(1)
    }

    /// The largest column that the view may begin at.
    pub(super) fn last_column(&self) -> u64 {
        if self.widest > self.columns { self.widest - self.columns / 2 } else { 0 }
    }

    /// Where a column is, if the one at `first` is the leftmost in sight.
    #[expect(clippy::cast_precision_loss, reason = "what is far out is not painted")]
    fn x_of(&self, column: u64, first: u64) -> f32 {
        let columns = if column >= first { (column - first) as f32 } else { -((first - column) as f32) };
        self.text.left() + PAD + (columns * self.char_width).clamp(-FAR, FAR)
    }

    /// Draws both bars; a drag of the upright one gives a jump, one of the other changes the column.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place of a thumb; a drag is as exact as a screen"
    )]
    pub(super) fn scroll_bars(&self, ui: &Ui, place: &mut Place, facts: Facts, layout: &Layout) -> Option<Jump> {
        if let Some(rect) = self.horizontal {
            let (all, columns) = (self.last_column().max(1) as f64, self.columns as f64);
            let shown = ("Columns", (place.column as f64 / all).min(1.0), columns / (all + columns));
            if let (_, Some(wanted)) = scroll::bar(ui, rect, Axis::Horizontal, shown) {
                place.column = (wanted * all).round() as u64;
            }
        }
        // By bytes: how many rows there are, nobody counts.
        let in_sight = layout.in_sight(self);
        let hidden = facts.len_bytes.saturating_sub(in_sight.end.since(in_sight.start)).max(1) as f64;
        let all = layout.at_end && layout.at_start;
        let position = if layout.at_end { 1.0 } else { (in_sight.start.0 as f64 / hidden).min(1.0) };
        let shown = ("Values", if layout.at_start { 0.0 } else { position }, if all { 1.0 } else { 0.0 });
        let (_, wanted) = scroll::bar(ui, self.vertical, Axis::Vertical, shown);
        let wanted = wanted.filter(|_| !all)?;
        place.part = 0.0;
        let byte = if wanted < 1.0 { (wanted * hidden) as u64 } else { facts.len_bytes };
        Some(Jump::to_top(ByteOffset(byte)))
    }
}

/// A row as it was drawn, for the pointer to find values by, and for the next frame to draw it again without its
/// pages.
pub(super) struct OutlineRow {
    pub(super) spot: Spot,
    /// Whether what is in it is shown.
    pub(super) open: bool,
    /// What follows it and, if that is known, where it ends and how many values are in it.
    edge: Option<Edge>,
    end: Option<ByteOffset>,
    count: Option<Count>,
    words: Option<Words>,
    /// The next row, and whether this one was open then.
    next: Option<(bool, Spot)>,
    top: f32,
    galley: Option<Arc<Galley>>,
}

/// How many values are in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) values: u64,
    /// Whether that is all; else it is what there was up to a place.
    pub(super) all: bool,
    pub(super) to: ByteOffset,
}

impl OutlineRow {
    fn new(spot: Spot) -> Self {
        Self { spot, open: false, edge: None, end: None, count: None, words: None, next: None, top: 0.0, galley: None }
    }

    /// Looks up what is lacking.
    fn fill(&mut self, nodes: &Nodes<'_>) {
        let node = self.spot.node;
        if self.spot.index.is_none() && !node.member {
            self.spot.index = nodes.index_of(&node, self.spot.container()).here();
        }
        // To go on from an open one takes no edge.
        if self.edge.is_none() && !self.open {
            self.edge = nodes.edge(&node).here();
        }
        if self.end.is_none() {
            let end = match self.edge {
                Some(edge) => nodes.end_before(&node, edge),
                None if node.kind.is_container() => nodes.end(&node),
                None => Found::Unknown,
            };
            self.end = end.here().flatten();
            // What seemed to go on may be seen as a whole.
            let goes_on = self.end.is_none() || !node.kind.is_container();
            self.words = self.words.take().filter(|words| words.whole || goes_on);
        }
        let counted = self.count.is_some_and(|count| count.all || count.to == nodes.covered() && self.end.is_none());
        if node.kind.is_container()
            && !counted
            && let Some(values) = nodes.count(&node, self.end).here()
        {
            self.count = Some(Count { values, all: self.end.is_some(), to: nodes.covered() });
        }
        if self.words.is_none() {
            self.words = Words::of(&node, self.end, nodes);
        }
    }

    /// The row after it; `None` if it is the last.
    fn following(&mut self, nodes: &Nodes<'_>, opened: &Opened) -> Result<Option<Spot>, Lack> {
        if let Some((open, next)) = &self.next
            && *open == self.open
        {
            let mut next = next.clone();
            let beside = next.levels.len() == self.spot.levels.len();
            next.index = next.index.or(self.spot.index.filter(|_| beside).map(|index| index.saturating_add(1)));
            return Ok(Some(next));
        }
        let mut next = self.spot.first_child(nodes, opened)?;
        if next.is_none() {
            let edge = self.edge.map_or_else(|| nodes.edge(&self.spot.node).told(), Ok)?;
            self.edge = Some(edge);
            next = self.spot.beyond(edge, nodes)?;
        }
        self.next = next.clone().map(|next| (self.open, next));
        Ok(next)
    }

    /// Whether it has something to open or to close.
    fn opens(&self) -> bool {
        self.spot.node.kind.is_container() && self.count.is_none_or(|count| count.values > 0 || !count.all)
    }

    fn indent(&self) -> u64 {
        u64::from(self.spot.node.depth) * INDENT
    }

    /// Whether a place on the screen is on it.
    pub(super) fn is_at(&self, y: f32) -> bool {
        (self.top..self.top + TEXT_ROW).contains(&y)
    }

    /// Whether a place on it is that of its triangle.
    pub(super) fn is_triangle_at(&self, x: f32, metrics: &Metrics, place: Place) -> bool {
        let left = metrics.x_of(self.indent(), place.column);
        self.opens() && (left - metrics.char_width..metrics.x_of(self.indent() + TRIANGLE, place.column)).contains(&x)
    }

    fn columns(&self) -> u64 {
        let text = self.galley.as_ref().map_or(0, |galley| galley.text().chars().count());
        self.indent() + TRIANGLE + text as u64
    }
}

/// The rows of one frame.
pub(super) struct Layout {
    pub(super) rows: Vec<OutlineRow>,
    /// Whether the first of them is the first of all, and whether the last is the last and is in sight.
    pub(super) at_start: bool,
    pub(super) at_end: bool,
    /// Rows that stay empty because there are no more values.
    pub(super) empty_rows: i64,
    /// Rows below those that are known.
    loading: usize,
    part: f32,
}

impl Layout {
    /// The rows from the topmost on, with what is still good of those that were drawn `before`; `first` is where the
    /// first of all begins.
    pub(super) fn new(
        nodes: &Nodes<'_>,
        stand: &Stand,
        first: Option<ByteOffset>,
        metrics: &Metrics,
        before: Vec<OutlineRow>,
    ) -> Self {
        let mut before = before.into_iter().peekable();
        let mut rows: Vec<OutlineRow> = Vec::with_capacity(metrics.rows);
        let (mut next, mut waits) = (stand.top.clone(), stand.top.is_none());
        while rows.len() < metrics.rows
            && let Some(spot) = next.take()
        {
            let at = spot.node.at;
            while before.next_if(|row: &OutlineRow| row.spot.node.at < at).is_some() {}
            let kept = before.next_if(|row| row.spot.node.at == at);
            let mut row = kept.unwrap_or_else(|| OutlineRow::new(spot.clone()));
            row.spot = Spot { index: spot.index.or(row.spot.index), ..spot };
            row.open = stand.opened.contains(&at);
            row.fill(nodes);
            match row.following(nodes, &stand.opened) {
                Ok(following) => next = following,
                // More is on its way, or is still to be read.
                Err(_) => waits = true,
            }
            rows.push(row);
        }
        let ends = next.is_none() && !waits;
        let full = usize::try_from(metrics.full_rows()).unwrap_or(1);
        let at_start = stand.part <= 0.0 && rows.first().map(|row| row.spot.node.at) == first;
        let empty_rows = if ends { i64::try_from(full.saturating_sub(rows.len())).unwrap_or(0) } else { 0 };
        let loading = if waits { metrics.rows.saturating_sub(rows.len()) } else { 0 };
        Self { at_start, at_end: ends && rows.len() <= full, rows, empty_rows, loading, part: stand.part }
    }

    /// From where to where in the document the rows are that are in sight.
    fn in_sight(&self, metrics: &Metrics) -> Range<ByteOffset> {
        let full = usize::try_from(metrics.full_rows()).unwrap_or(1);
        let start = self.rows.first().map_or(ByteOffset(0), |row| row.spot.node.at);
        let last = self.rows.get(..full.min(self.rows.len())).and_then(<[OutlineRow]>::last);
        let end = last.map(|row| row.end.filter(|_| !row.open).unwrap_or(row.spot.node.value));
        start..end.unwrap_or(start).max(start)
    }

    /// The columns of the widest row in sight.
    pub(super) fn widest(&self) -> u64 {
        self.rows.iter().map(OutlineRow::columns).max().unwrap_or(0)
    }

    /// Gives each row its place and its glyphs.
    pub(super) fn place(&mut self, ui: &Ui, metrics: &Metrics) {
        let colours = Colours::of(ui);
        let part = self.part;
        for (at, row) in self.rows.iter_mut().enumerate() {
            row.top = top_of(at, part, metrics);
            row.galley = row.words.as_ref().map(|words| {
                let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
                for (text, colour) in words.coloured(&row.spot, row.open, row.count, row.end, &colours) {
                    job.append(&text, 0.0, TextFormat::simple(document(), colour));
                }
                ui.painter().layout_job(job)
            });
        }
    }

    pub(super) fn paint(
        &self,
        ui: &mut Ui,
        metrics: &Metrics,
        place: Place,
        cursor: Option<ByteOffset>,
        tree: egui::Id,
    ) {
        let colours = Colours::of(ui);
        let builder = UiBuilder::new().max_rect(metrics.text).accessibility_parent(tree);
        let ui = ui.new_child(builder);
        let painter = ui.painter().with_clip_rect(metrics.text.intersect(ui.clip_rect()));
        for row in self.rows.iter().filter(|row| row.top < metrics.text.bottom()) {
            let rect = Rect::from_min_size(pos2(metrics.text.left(), row.top), vec2(metrics.text.width(), TEXT_ROW));
            let is_cursor = cursor == Some(row.spot.node.at);
            if is_cursor {
                painter.rect_filled(rect, 0, colours.raised);
                painter.vline(rect.left() + 1.0, rect.y_range(), Stroke::new(2.0, colours.accent));
            }
            guides(row, rect, metrics, place, |x| {
                painter.vline(x, rect.y_range(), Stroke::new(1.0, colours.line));
            });
            if row.opens() {
                let middle = pos2(metrics.x_of(row.indent(), place.column) + metrics.char_width / 2.0, rect.center().y);
                painter.add(triangle(middle, row.open, if is_cursor { colours.text } else { colours.dim }));
            }
            if let Some(galley) = &row.galley {
                let left = metrics.x_of(row.indent() + TRIANGLE, place.column);
                let text_at = pos2(left, rect.center().y - galley.size().y / 2.0);
                painter.galley(text_at, Arc::clone(galley), colours.text);
            }
            let response = ui.interact(rect.intersect(metrics.text), tree.with(row.spot.node.at.0), Sense::hover());
            let name =
                row.words.as_ref().map_or("Loading".to_owned(), |words| words.spoken(&row.spot, row.open, row.count));
            response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, is_cursor, name.clone()));
        }
        let lacking = self.rows.iter().enumerate().filter(|(_, row)| row.words.is_none());
        for at in lacking.map(|(at, _)| at).chain(self.rows.len()..self.rows.len() + self.loading) {
            let top = top_of(at, self.part, metrics);
            // Rows of uneven length look like text that is to come.
            let share = [0.42, 0.28, 0.51, 0.35].get(at % 4).copied().unwrap_or(0.3);
            let left = self.rows.get(at).or(self.rows.last()).map_or(0, OutlineRow::indent) + TRIANGLE;
            let at = pos2(metrics.x_of(left, place.column), top + 6.0);
            painter.rect_filled(Rect::from_min_size(at, vec2(metrics.text.width() * share, 7.0)), 3, colours.panel);
        }
    }
}

/// Gives the places of the lines that lead down from what a row is in, those in sight.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the columns of a screen"
)]
fn guides(row: &OutlineRow, rect: Rect, metrics: &Metrics, place: Place, mut line: impl FnMut(f32)) {
    let first = place.column / INDENT;
    let count = (rect.width() / (metrics.char_width * INDENT as f32)).ceil() as u64 + 1;
    for level in first..u64::from(row.spot.node.depth).min(first.saturating_add(count)) {
        let x = metrics.x_of(level * INDENT, place.column) + metrics.char_width / 2.0;
        if rect.x_range().contains(x) {
            // Whole pixels, or some lines would be broader than others.
            line(x.round() + 0.5);
        }
    }
}

fn triangle(middle: egui::Pos2, open: bool, colour: Color32) -> Shape {
    let corners = if open {
        [vec2(-4.0, -2.5), vec2(4.0, -2.5), vec2(0.0, 3.0)]
    } else {
        [vec2(-2.5, -4.0), vec2(3.0, 0.0), vec2(-2.5, 4.0)]
    };
    Shape::convex_polygon(corners.map(|corner| middle + corner).to_vec(), colour, Stroke::NONE)
}

fn top_of(row: usize, part: f32, metrics: &Metrics) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
    let rows = row as f32 - part;
    // Whole pixels, or the text would shimmer while it is scrolled.
    (metrics.text.top() + rows * TEXT_ROW).round()
}

/// The colour of a value of a kind.
pub(super) const fn colour_of(kind: NodeKind, colours: &Colours) -> Color32 {
    match kind {
        NodeKind::Text => colours.green,
        NodeKind::Number => colours.calm,
        NodeKind::Boolean => colours.amber,
        NodeKind::Null | NodeKind::Unread => colours.dim,
        NodeKind::Object | NodeKind::Array => colours.text,
    }
}
