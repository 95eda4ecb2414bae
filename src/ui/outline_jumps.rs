//! Where an outline can be sent, and what becomes of what is in sight. A jump looks at the values on its way and no
//! more, and what it has reached when pages are lacking is kept.

use super::outline_rows::OutlineRow;
use super::outline_spot::{Opened, Spot, Steps};
use crate::document::{Lack, Node, Nodes};
use crate::source::ByteOffset;

/// The most arrays and objects that are opened for a place that is gone to.
const MAX_REVEALED: usize = 1_024;

/// Where a person is in an outline.
#[derive(Default)]
pub(super) struct Stand {
    /// The topmost row.
    pub(super) top: Option<Spot>,
    /// The part of it that is scrolled out of sight, from 0 to 1.
    pub(super) part: f32,
    /// The row that keys are for.
    pub(super) cursor: Option<Spot>,
    pub(super) opened: Opened,
}

/// Somewhere that an outline goes as soon as it can be told where that is.
pub(super) enum Jump {
    /// So many rows on, or back.
    Rows(i64),
    /// The row around a byte, to the top.
    Top(Descent),
    /// The value around a byte, with all that it is in opened.
    Show(Descent),
    /// The cursor so many rows on, or back.
    Cursor(i64),
    /// The cursor into what it is at.
    Child,
    First,
    Last,
}

/// The way down to a byte.
pub(super) struct Descent {
    pub(super) byte: ByteOffset,
    reached: Option<Spot>,
}

impl Stand {
    /// Opens the array or object of a row, or closes it; who is in what is closed comes out of it.
    pub(super) fn toggle(&mut self, spot: &Spot) {
        let at = spot.node.at;
        if !spot.node.kind.is_container() || (!self.opened.remove(&at) && self.opened.insert(at)) {
            return;
        }
        if let Some(outer) = self.top.as_ref().and_then(|top| top.ancestor(at)) {
            (self.top, self.part) = (Some(outer), 0.0);
        }
        if let Some(outer) = self.cursor.as_ref().and_then(|cursor| cursor.ancestor(at)) {
            self.cursor = Some(outer);
        }
    }

    /// Has the row at which `steps` has arrived at the top, and tells what is left of them.
    fn put_on_top(&mut self, steps: Steps) -> Option<Jump> {
        self.top = Some(steps.spot);
        steps.waits.then_some(Jump::Rows(steps.left))
    }
}

impl Jump {
    pub(super) const fn to_top(byte: ByteOffset) -> Self {
        Self::Top(Descent { byte, reached: None })
    }

    pub(super) const fn to_show(byte: ByteOffset) -> Self {
        Self::Show(Descent { byte, reached: None })
    }

    /// The byte that is waited for, if it is one.
    pub(super) const fn byte(&self) -> Option<ByteOffset> {
        match self {
            Self::Top(descent) | Self::Show(descent) => Some(descent.byte),
            _ => None,
        }
    }

    /// Goes there from where `drawn` is in sight, `full` rows of it as a whole; gives what is left to be done.
    pub(super) fn follow(self, stand: &mut Stand, nodes: &Nodes<'_>, drawn: &[OutlineRow], full: i64) -> Option<Self> {
        match self {
            Self::Rows(rows) => {
                let steps = stand.top.take()?.walk(rows, nodes, &stand.opened);
                if steps.left < 0 && !steps.waits {
                    // Above the first row there is nothing to see a part of.
                    stand.part = 0.0;
                }
                stand.put_on_top(steps)
            }
            Self::Top(mut descent) => match descent.go(nodes, &mut stand.opened, false) {
                Ok(spot) => {
                    stand.top = spot.or(stand.top.take());
                    None
                }
                Err(_) => Some(Self::Top(descent)),
            },
            Self::Show(mut descent) => match descent.go(nodes, &mut stand.opened, true) {
                Ok(spot) => show(spot?, stand, nodes, full),
                Err(_) => Some(Self::Show(descent)),
            },
            Self::Cursor(rows) => move_cursor(rows, stand, nodes, drawn, full),
            Self::Child => match stand.cursor.as_ref()?.first_child(nodes, &stand.opened) {
                Ok(Some(_)) => move_cursor(1, stand, nodes, drawn, full),
                Ok(None) | Err(Lack::Unknown) => None,
                Err(Lack::Loading) => Some(Self::Child),
            },
            Self::First => match nodes.first().told() {
                Ok(first) => {
                    let first = Spot::top(first?, Some(0));
                    (stand.top, stand.part, stand.cursor) = (Some(first.clone()), 0.0, Some(first));
                    None
                }
                Err(Lack::Unknown) => None,
                Err(Lack::Loading) => Some(Self::First),
            },
            Self::Last => match last_row(nodes, &stand.opened) {
                Ok(last) => {
                    stand.cursor = Some(last?);
                    stand.part = 0.0;
                    let steps = stand.cursor.clone()?.walk(1 - full, nodes, &stand.opened);
                    stand.put_on_top(steps)
                }
                Err(Lack::Unknown) => None,
                Err(Lack::Loading) => Some(Self::Last),
            },
        }
    }
}

impl Descent {
    /// The deepest row around the byte or, if it `opens` what it comes by, the deepest value; `None` if there is none.
    fn go(&mut self, nodes: &Nodes<'_>, opened: &mut Opened, opens: bool) -> Result<Option<Spot>, Lack> {
        let mut spot = match self.reached.take() {
            Some(spot) => spot,
            None => match nodes.top_around(self.byte).told()? {
                Some(node) => Spot::top(node, None),
                None => return Ok(None),
            },
        };
        loop {
            match self.below(&spot, nodes, opened, opens) {
                Ok(Some(child)) => {
                    if opens {
                        opened.insert(spot.node.at);
                    }
                    spot = spot.child(child, None);
                }
                Ok(None) | Err(Lack::Unknown) => return Ok(Some(spot)),
                Err(Lack::Loading) => {
                    self.reached = Some(spot);
                    return Err(Lack::Loading);
                }
            }
        }
    }

    /// The value in that of a row which is nearer to the byte.
    fn below(&self, spot: &Spot, nodes: &Nodes<'_>, opened: &Opened, opens: bool) -> Result<Option<Node>, Lack> {
        let node = &spot.node;
        let enters = if opens { spot.levels.len() < MAX_REVEALED } else { opened.contains(&node.at) };
        if !node.kind.is_container() || !enters || self.byte <= node.value {
            return Ok(None);
        }
        let close = match nodes.end(node).told() {
            Ok(end) => end.map(|end| end.minus(1)),
            // It goes on beyond what was read.
            Err(Lack::Unknown) => None,
            Err(Lack::Loading) => return Err(Lack::Loading),
        };
        if opens && close.is_some_and(|close| self.byte >= close) {
            return Ok(None);
        }
        let before = self.byte.plus(1);
        nodes.child_before(node, close.map_or(before, |close| before.min(close))).told()
    }
}

/// Has the cursor at a row, and that in sight with some rows before it.
fn show(spot: Spot, stand: &mut Stand, nodes: &Nodes<'_>, full: i64) -> Option<Jump> {
    let steps = spot.clone().walk(-(full / 3), nodes, &stand.opened);
    (stand.cursor, stand.part) = (Some(spot), 0.0);
    stand.put_on_top(steps)
}

/// Moves the cursor and, as far as is needed for it to be in sight, the top.
fn move_cursor(rows: i64, stand: &mut Stand, nodes: &Nodes<'_>, drawn: &[OutlineRow], full: i64) -> Option<Jump> {
    let cursor = stand.cursor.clone().or_else(|| stand.top.clone())?;
    let place = drawn.iter().position(|row| row.spot.node.at == cursor.node.at);
    let Some(place) = place.and_then(|place| i64::try_from(place).ok()) else {
        let steps = cursor.walk(rows, nodes, &stand.opened);
        if steps.waits {
            stand.cursor = Some(steps.spot);
            return Some(Jump::Cursor(steps.left));
        }
        return show(steps.spot, stand, nodes, full);
    };
    let last = i64::try_from(drawn.len()).unwrap_or(i64::MAX) - 1;
    let wanted = place.saturating_add(rows);
    // What is in sight needs no look at the document.
    let known = wanted.clamp(0, last);
    let from = drawn.get(usize::try_from(known).ok()?)?.spot.clone();
    let steps = from.walk(wanted - known, nodes, &stand.opened);
    let reached = wanted - steps.left;
    stand.cursor = Some(steps.spot.clone());
    if reached <= 0 {
        (stand.top, stand.part) = (Some(steps.spot), 0.0);
    } else if reached >= full {
        let top = usize::try_from(reached - full + 1).ok().and_then(|top| drawn.get(top));
        let top = top.map_or_else(|| steps.spot.walk(1 - full, nodes, &stand.opened).spot, |row| row.spot.clone());
        (stand.top, stand.part) = (Some(top), 0.0);
    }
    steps.waits.then_some(Jump::Cursor(steps.left))
}

fn last_row(nodes: &Nodes<'_>, opened: &Opened) -> Result<Option<Spot>, Lack> {
    let Some(last) = nodes.last().told()? else { return Ok(None) };
    Spot::top(last, None).last_within(nodes, opened).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::Outline;

    const TEXT: &str = r#" {"a": [1, {"b": []}, [ ]],  "c": {"d": "x, y", "e": [[2, 3 ], 4]}, "f": null} [ 5 ,{}]  6 "#;

    /// All containers of the text, by where they begin.
    fn containers(nodes: &Nodes<'_>) -> Vec<ByteOffset> {
        let all = (0..TEXT.len() as u64).map(ByteOffset);
        let opened: Opened = all.collect();
        rows(nodes, &opened).into_iter().filter(|row| row.node.kind.is_container()).map(|row| row.node.at).collect()
    }

    /// The rows that are seen, the first first, found without walking.
    fn rows(nodes: &Nodes<'_>, opened: &Opened) -> Vec<Spot> {
        let mut rows = Vec::new();
        let mut next = nodes.top_around(ByteOffset(0)).here().unwrap();
        let mut tops = Vec::new();
        while let Some(node) = next {
            tops.push(Spot::top(node, Some(tops.len() as u64)));
            next = nodes.next_sibling(&node).here().unwrap();
        }
        tops.reverse();
        while let Some(row) = tops.pop() {
            let mut children = Vec::new();
            if opened.contains(&row.node.at) && row.node.kind.is_container() {
                let mut next = nodes.first_child(&row.node).here().unwrap();
                while let Some(node) = next {
                    children.push(row.child(node, Some(children.len() as u64)));
                    next = nodes.next_sibling(&node).here().unwrap();
                }
            }
            rows.push(row);
            tops.extend(children.into_iter().rev());
        }
        rows
    }

    /// The containers of the text of which these bits are set.
    fn opened(nodes: &Nodes<'_>, bits: u16) -> Opened {
        containers(nodes).into_iter().enumerate().filter(|(at, _)| (bits >> at) & 1 == 1).map(|(_, at)| at).collect()
    }

    /// A number that is not known is none that is wrong.
    fn same(found: &Spot, row: &Spot) -> bool {
        let known = |index: Option<u64>, right: Option<u64>| index.is_none() || index == right;
        let levels = found.levels.iter().zip(&row.levels);
        found.node == row.node
            && found.levels.len() == row.levels.len()
            && known(found.index, row.index)
            && levels.into_iter().all(|(one, other)| one.node == other.node && known(one.index, other.index))
    }

    proptest! {
        #[test]
        fn a_walk_goes_from_row_to_row_and_stops_at_both_ends(bits: u16, from in 0_usize..30, count in -40_i64..40) {
            Outline::look_at_text(TEXT.as_bytes(), |nodes| {
                let opened = opened(nodes, bits);
                let rows = rows(nodes, &opened);
                let from = from % rows.len();
                let steps = rows[from].clone().walk(count, nodes, &opened);
                let wanted = i64::try_from(from).unwrap() + count;
                let to = wanted.clamp(0, i64::try_from(rows.len()).unwrap() - 1);
                assert!(same(&steps.spot, &rows[usize::try_from(to).unwrap()]), "{steps:?}");
                assert_eq!((steps.left, steps.waits), (wanted - to, false));
            });
        }

        #[test]
        fn a_byte_leads_to_the_row_that_is_seen_around_it(bits: u16, byte in 0..TEXT.len() as u64) {
            Outline::look_at_text(TEXT.as_bytes(), |nodes| {
                let mut stand = Stand { opened: opened(nodes, bits), ..Stand::default() };
                let rows = rows(nodes, &stand.opened);
                assert!(Jump::to_top(ByteOffset(byte)).follow(&mut stand, nodes, &[], 10).is_none());
                let after = rows.partition_point(|row| row.node.at.0 <= byte);
                let top = stand.top.unwrap();
                // Between two rows either is as near.
                let near = &rows[after.saturating_sub(1)..(after + 1).min(rows.len())];
                assert!(near.iter().any(|row| same(&top, row)), "{top:?}");
                if let Some(row) = rows.iter().find(|row| row.node.at.0 == byte) {
                    assert!(same(&top, row), "{top:?}");
                }
            });
        }

        #[test]
        fn what_is_gone_to_is_in_the_open_and_has_the_cursor(bits: u16, byte in 0..TEXT.len() as u64) {
            Outline::look_at_text(TEXT.as_bytes(), |nodes| {
                let mut stand = Stand { opened: opened(nodes, bits), ..Stand::default() };
                assert!(Jump::to_show(ByteOffset(byte)).follow(&mut stand, nodes, &[], 10).is_none());
                let cursor = stand.cursor.unwrap();
                assert!(cursor.levels.iter().all(|level| stand.opened.contains(&level.node.at)));
                let all: Opened = containers(nodes).into_iter().chain(stand.opened.iter().copied()).collect();
                let holds = |row: &Spot| {
                    let end = nodes.end(&row.node).here().unwrap().unwrap();
                    (row.node.at..end).contains(&ByteOffset(byte))
                };
                let innermost = rows(nodes, &all).into_iter().rfind(holds);
                if let Some(innermost) = innermost.filter(|row| !row.node.kind.is_container()) {
                    assert!(same(&cursor, &innermost), "{cursor:?}");
                }
            });
        }

        #[test]
        fn a_cursor_goes_as_far_as_there_are_rows_and_is_in_sight(bits: u16, count in -40_i64..40) {
            Outline::look_at_text(TEXT.as_bytes(), |nodes| {
                let mut stand = Stand { opened: opened(nodes, bits), ..Stand::default() };
                let rows = rows(nodes, &stand.opened);
                assert!(Jump::Last.follow(&mut stand, nodes, &[], 5).is_none());
                assert!(same(stand.cursor.as_ref().unwrap(), rows.last().unwrap()));
                assert!(Jump::Cursor(count).follow(&mut stand, nodes, &[], 5).is_none());
                let last = i64::try_from(rows.len()).unwrap() - 1;
                let to = usize::try_from((last + count).clamp(0, last)).unwrap();
                assert!(same(stand.cursor.as_ref().unwrap(), &rows[to]));
                let top = rows.iter().position(|row| same(stand.top.as_ref().unwrap(), row)).unwrap();
                assert!(top <= to && to < top + 5, "row {to} is not in sight from {top} on");
            });
        }
    }

    #[test]
    fn who_is_in_what_is_closed_comes_out_of_it() {
        Outline::look_at_text(TEXT.as_bytes(), |nodes| {
            let mut stand = Stand::default();
            let place = TEXT.find("2, 3").unwrap() as u64;
            assert!(Jump::to_show(ByteOffset(place)).follow(&mut stand, nodes, &[], 1).is_none());
            let outer = stand.cursor.as_ref().unwrap().parent().unwrap().parent().unwrap();
            stand.toggle(&outer);
            assert_eq!(stand.cursor.as_ref().map(|cursor| cursor.node), Some(outer.node));
            assert_eq!(stand.top.as_ref().map(|top| top.node), Some(outer.node));
            stand.toggle(&outer);
            assert!(stand.opened.contains(&outer.node.at));
        });
    }
}
