//! The columns of a table view: how wide they are, and which are in sight. Nothing in here grows with the number of columns,
//! of which there may be millions: only what was once in sight has a width of its own, and a place is told by what is
//! beside it.

use std::collections::HashMap;

use super::table_order::ColumnOrder;

/// Widths, in points.
const MIN_WIDTH: f32 = 32.0;
const DEFAULT_WIDTH: f32 = 96.0;
const MAX_WIDTH: f32 = 1_200.0;
/// The widest that a column becomes by itself.
const MAX_OWN_WIDTH: f32 = 320.0;
/// The most columns whose widths are kept.
const MAX_SIZED: usize = 1 << 16;
/// The part of the width that frozen columns may take.
const FROZEN_SHARE: f32 = 0.6;

/// The columns of a table, as they are shown.
#[derive(Clone, Debug)]
pub(super) struct TableColumns {
    pub(super) order: ColumnOrder,
    sized: HashMap<u64, Size>,
    /// How many of those that are shown stay in sight.
    frozen: u64,
    /// The place of the leftmost one in sight that is not frozen, and how much of it is not in sight, in points.
    left: u64,
    part: f32,
}

#[derive(Clone, Copy, Debug)]
struct Size {
    width: f32,
    numeric: bool,
    /// Whether a person wants it so.
    chosen: bool,
    /// Whether it was told by rows other than those that are shown now.
    outdated: bool,
}

/// A column that is in sight, wholly or in part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ColumnInSight {
    /// Its number in the file, from 0 on.
    pub(super) column: u64,
    /// Which of those that are shown it is.
    pub(super) place: u64,
    /// Where it begins, in points from where the first one does.
    pub(super) left: f32,
    pub(super) width: f32,
    pub(super) frozen: bool,
}

impl TableColumns {
    /// All columns in their own order, from the one at the place `left` on.
    pub(super) fn at_place(left: u64) -> Self {
        Self { order: ColumnOrder::default(), sized: HashMap::new(), frozen: 0, left, part: 0.0 }
    }

    /// The place of the leftmost column in sight that is not frozen.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// How many stay in sight.
    pub(super) const fn frozen(&self) -> u64 {
        self.frozen
    }

    /// Shows a column no longer; the last one stays.
    pub(super) fn hide(&mut self, column: u64) {
        if let Some(place) = self.order.hide(column) {
            self.frozen -= u64::from(place < self.frozen);
            self.left -= u64::from(place < self.left);
        }
    }

    /// Keeps the first `count` of those that are shown in sight.
    pub(super) fn freeze(&mut self, count: u64) {
        self.frozen = count.min(self.order.shown());
        self.left = self.left.max(self.frozen);
    }

    /// How wide a column is, in points.
    pub(super) fn width(&self, column: u64) -> f32 {
        self.sized.get(&column).map_or(DEFAULT_WIDTH, |size| size.width)
    }

    /// Whether the width of a column is still to be told.
    pub(super) fn is_unsized(&self, column: u64) -> bool {
        self.sized.get(&column).is_none_or(|size| size.outdated)
    }

    /// Whether a column is one of numbers.
    pub(super) fn is_numeric(&self, column: u64) -> bool {
        self.sized.get(&column).is_some_and(|size| size.numeric)
    }

    /// Makes a column as wide as what it has in sight, but not too wide.
    pub(super) fn size(&mut self, column: u64, width: f32, numeric: bool) {
        if self.sized.len() >= MAX_SIZED {
            self.sized.clear();
        }
        self.sized.insert(
            column,
            Size { width: width.clamp(MIN_WIDTH, MAX_OWN_WIDTH), numeric, chosen: false, outdated: false },
        );
    }

    /// Has widths told anew by what comes into sight, but for those that a person wants so.
    pub(super) fn outdate(&mut self) {
        self.sized.values_mut().for_each(|size| size.outdated = !size.chosen);
    }

    /// Gives a column the width that the person wants.
    pub(super) fn resize(&mut self, column: u64, width: f32) {
        let numeric = self.is_numeric(column);
        self.sized
            .insert(column, Size { width: width.clamp(MIN_WIDTH, MAX_WIDTH), numeric, chosen: true, outdated: false });
    }

    /// The columns in sight in a row of `room` points.
    pub(super) fn in_sight(&self, room: f32) -> Vec<ColumnInSight> {
        let mut sight = Vec::new();
        let mut left = 0.0;
        let (frozen, shown) = (self.frozen_within(room), self.order.shown());
        let mut place = 0;
        while place < shown && (place < frozen || left < room) {
            if place == frozen {
                left -= self.part;
                place = place.max(self.left);
            }
            let Some(column) = self.order.at(place) else { break };
            let width = self.width(column);
            sight.push(ColumnInSight { column, place, left, width, frozen: place < frozen });
            left += width;
            place += 1;
        }
        sight
    }

    /// Scrolls by so many points, to the right or, if negative, to the left, in a row of `room` points.
    pub(super) fn scroll(&mut self, points: f32, room: f32) {
        let (frozen, shown) = (self.frozen_within(room), self.order.shown());
        self.part += points;
        while self.left.saturating_add(1) < shown && self.part >= self.width_at(self.left) {
            self.part -= self.width_at(self.left);
            self.left += 1;
        }
        while self.left > frozen && self.part < 0.0 {
            self.left -= 1;
            self.part += self.width_at(self.left);
        }
        self.part = self.part.max(0.0);
        self.settle(room);
    }

    /// Begins with the column at a place.
    pub(super) fn go_to(&mut self, place: u64, room: f32) {
        (self.left, self.part) = (place.max(self.frozen_within(room)), 0.0);
        self.settle(room);
    }

    /// Brings the column at a place into sight.
    pub(super) fn reveal(&mut self, place: u64, room: f32) {
        if place < self.frozen_within(room) {
            return;
        }
        if place <= self.left {
            (self.left, self.part) = (place, 0.0);
            return;
        }
        let mut right = self.frozen_width(room) - self.part;
        for at in self.left..=place {
            right += self.width_at(at);
            if right > room {
                // Its end is the end of what is in sight, or its beginning the beginning.
                let (left, part) = self.last_left(place + 1, room);
                (self.left, self.part) = if left == place { (place, 0.0) } else { (left, part) };
                return;
            }
        }
    }

    /// Whether there is more than what is in sight in a row of `room` points.
    pub(super) fn is_wider_than(&self, room: f32) -> bool {
        let (left, part) = self.last_left(self.order.shown(), room);
        left > self.frozen_within(room) || part > 0.0
    }

    /// The place at which a row begins that ends with the last column.
    pub(super) fn last(&self, room: f32) -> u64 {
        self.last_left(self.order.shown(), room).0
    }

    /// Goes back from beyond the last column.
    pub(super) fn settle(&mut self, room: f32) {
        let (left, part) = self.last_left(self.order.shown(), room);
        if self.order.count() > 0 && (self.left > left || self.left == left && self.part > part) {
            (self.left, self.part) = (left, part);
        }
    }

    /// From where on those up to the place `end` fill a row of `room` points.
    fn last_left(&self, end: u64, room: f32) -> (u64, f32) {
        let (frozen, room) = (self.frozen_within(room), room - self.frozen_width(room));
        let (mut left, mut width) = (end, 0.0);
        while left > frozen {
            left -= 1;
            width += self.width_at(left);
            if width >= room {
                return (left, width - room);
            }
        }
        (frozen, 0.0)
    }

    /// How many frozen columns there is room for.
    fn frozen_within(&self, room: f32) -> u64 {
        let mut width = 0.0;
        let fits = |place: &u64| {
            width += self.width_at(*place);
            width <= room * FROZEN_SHARE
        };
        (0..self.frozen).take_while(fits).count() as u64
    }

    fn frozen_width(&self, room: f32) -> f32 {
        (0..self.frozen_within(room)).map(|place| self.width_at(place)).sum()
    }

    fn width_at(&self, place: u64) -> f32 {
        self.order.at(place).map_or(DEFAULT_WIDTH, |column| self.width(column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(count: u64) -> TableColumns {
        let mut columns = TableColumns::at_place(0);
        columns.order.set_count(count);
        columns
    }

    fn places(columns: &TableColumns, room: f32) -> Vec<u64> {
        columns.in_sight(room).into_iter().map(|column| column.place).collect()
    }

    #[test]
    fn widths_are_told_anew_for_other_rows_but_for_those_that_a_person_wants_so() {
        let mut columns = columns(2);
        columns.size(0, 100.0, true);
        columns.resize(1, 150.0);
        columns.outdate();
        assert_eq!((columns.is_unsized(0), columns.is_unsized(1)), (true, false));
        // Until it is told, it stays as it is.
        assert_eq!((columns.width(0), columns.is_numeric(0)), (100.0, true));
        columns.size(0, 120.0, true);
        assert_eq!((columns.is_unsized(0), columns.width(0)), (false, 120.0));
    }

    #[test]
    fn only_columns_in_sight_are_told_of_however_many_there_are() {
        let mut columns = columns(1_000_000_000);
        assert_eq!(places(&columns, 300.0), [0, 1, 2, 3]);
        columns.go_to(999_999, 300.0);
        assert_eq!(places(&columns, 300.0), [999_999, 1_000_000, 1_000_001, 1_000_002]);
        columns.scroll(-100.0, 300.0);
        let first = columns.in_sight(300.0).first().copied().unwrap();
        assert_eq!((first.place, first.left), (999_997, -92.0));
        columns.go_to(u64::MAX, 300.0);
        assert_eq!(places(&columns, 300.0).last(), Some(&999_999_999));
        assert_eq!(
            columns.in_sight(300.0).first().map(|first| first.left),
            Some(-84.0),
            "the last one ends at the edge"
        );
    }

    #[test]
    fn frozen_columns_stay_and_those_that_have_no_room_do_not() {
        let mut columns = columns(20);
        columns.freeze(2);
        columns.scroll(96.0, 500.0);
        assert_eq!(places(&columns, 500.0), [0, 1, 3, 4, 5, 6]);
        assert_eq!(places(&columns, 200.0), [0, 3, 4], "of two there is room for one");
        columns.hide(0);
        assert_eq!((columns.frozen(), places(&columns, 300.0)), (1, vec![0, 2, 3, 4]));
        columns.freeze(0);
        columns.scroll(-1_000.0, 300.0);
        assert_eq!(places(&columns, 300.0), [0, 1, 2, 3]);
    }

    #[test]
    fn a_column_is_brought_into_sight_from_both_sides_and_by_no_more_than_is_needed() {
        let mut columns = columns(100);
        columns.reveal(2, 300.0);
        assert_eq!(columns.left(), 0);
        columns.reveal(5, 300.0);
        let last = columns.in_sight(300.0).last().copied().unwrap();
        assert_eq!((last.place, last.left + last.width), (5, 300.0));
        columns.reveal(1, 300.0);
        assert_eq!(columns.left(), 1);
        columns.resize(50, 1_000.0);
        columns.reveal(50, 300.0);
        assert_eq!(columns.left(), 50, "of one that is too wide, the beginning is seen");
    }
}
