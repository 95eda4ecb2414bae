//! A row of an outline as a place in the tree, and the way from row to row over what the person has opened. No step
//! knows more of the document than the values that it passes.

use std::collections::BTreeSet;

use crate::document::{Edge, EdgeKind, Lack, Node, Nodes};
use crate::source::ByteOffset;

/// The most rows that are walked in one frame.
const MAX_STEPS: i64 = 10_000;

/// The arrays and objects that the person has opened, by where they begin.
pub(super) type Opened = BTreeSet<ByteOffset>;

/// A value, and its number among its neighbours, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) node: Node,
    pub(super) index: Option<u64>,
}

/// A row: a value, and those that it is in, the outermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) node: Node,
    pub(super) index: Option<u64>,
    pub(super) levels: Vec<Level>,
}

/// How far a walk from row to row has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) spot: Spot,
    /// The rows that are still to be walked; negative if back. None lie there unless it waits for them.
    pub(super) left: i64,
    pub(super) waits: bool,
}

impl Spot {
    /// The row of a value at the top.
    pub(super) const fn top(node: Node, index: Option<u64>) -> Self {
        Self { node, index, levels: Vec::new() }
    }

    /// The row of a value in that of this row.
    pub(super) fn child(&self, node: Node, index: Option<u64>) -> Self {
        let mut levels = self.levels.clone();
        levels.push(Level { node: self.node, index: self.index });
        Self { node, index, levels }
    }

    /// The row of the value that it is in.
    pub(super) fn parent(&self) -> Option<Self> {
        let (last, levels) = self.levels.split_last()?;
        Some(Self { node: last.node, index: last.index, levels: levels.to_vec() })
    }

    /// The row of the value that begins at `at`, if it is in that.
    pub(super) fn ancestor(&self, at: ByteOffset) -> Option<Self> {
        let depth = self.levels.iter().position(|level| level.node.at == at)?;
        let level = self.levels.get(depth)?;
        Some(Self { node: level.node, index: level.index, levels: self.levels.get(..depth)?.to_vec() })
    }

    /// The value that it is in.
    pub(super) fn container(&self) -> Option<&Node> {
        self.levels.last().map(|level| &level.node)
    }

    /// The row after it; `None` if it is the last.
    pub(super) fn next(&self, nodes: &Nodes<'_>, opened: &Opened) -> Result<Option<Self>, Lack> {
        if let Some(child) = self.first_child(nodes, opened)? {
            return Ok(Some(child));
        }
        self.beyond(nodes.edge(&self.node).told()?, nodes)
    }

    /// The first row of what is in it, if it is open.
    pub(super) fn first_child(&self, nodes: &Nodes<'_>, opened: &Opened) -> Result<Option<Self>, Lack> {
        if !opened.contains(&self.node.at) {
            return Ok(None);
        }
        Ok(nodes.first_child(&self.node).told()?.map(|child| self.child(child, Some(0))))
    }

    /// The row after all that is in it, if this edge comes after it.
    pub(super) fn beyond(&self, mut edge: Edge, nodes: &Nodes<'_>) -> Result<Option<Self>, Lack> {
        let mut last = Level { node: self.node, index: self.index };
        let mut levels = self.levels.clone();
        loop {
            match edge.kind {
                EdgeKind::End => return Ok(None),
                EdgeKind::Next => {
                    let next = nodes.after(edge, last.node.depth, last.node.member).told()?;
                    let index = last.index.map(|index| index.saturating_add(1));
                    return Ok(next.map(|node| Self { node, index, levels }));
                }
                EdgeKind::Close => {
                    let Some(level) = levels.pop() else { return Ok(None) };
                    last = level;
                    edge = nodes.edge_beyond(edge.at, last.node.depth).told()?;
                }
            }
        }
    }

    /// The row before it; `None` if it is the first.
    pub(super) fn previous(&self, nodes: &Nodes<'_>, opened: &Opened) -> Result<Option<Self>, Lack> {
        let Some(node) = nodes.previous_sibling(&self.node).told()? else { return Ok(self.parent()) };
        let index = self.index.and_then(|index| index.checked_sub(1));
        let sibling = Self { node, index, levels: self.levels.clone() };
        sibling.last_within(nodes, opened).map(Some)
    }

    /// The last row of what is in it, or itself if it is closed.
    pub(super) fn last_within(self, nodes: &Nodes<'_>, opened: &Opened) -> Result<Self, Lack> {
        let mut last = self;
        while opened.contains(&last.node.at) {
            let Some(child) = nodes.last_child(&last.node).told()? else { break };
            last = last.child(child, None);
        }
        Ok(last)
    }

    /// The row so many rows on, or back if it is negative, as far as that can be told.
    pub(super) fn walk(self, count: i64, nodes: &Nodes<'_>, opened: &Opened) -> Steps {
        let mut steps = Steps { spot: self, left: count.clamp(-MAX_STEPS, MAX_STEPS), waits: false };
        while steps.left != 0 {
            let next = if count > 0 { steps.spot.next(nodes, opened) } else { steps.spot.previous(nodes, opened) };
            match next {
                Ok(Some(spot)) => {
                    steps.spot = spot;
                    steps.left -= count.signum();
                }
                // What was not read yet is not there yet.
                Ok(None) | Err(Lack::Unknown) => break,
                Err(Lack::Loading) => {
                    steps.waits = true;
                    break;
                }
            }
        }
        steps
    }
}
