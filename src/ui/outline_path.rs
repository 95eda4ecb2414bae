//! What the person is at in an outline: the path to it, such as `$.users[3].name`, and where it ends. Looked up step
//! by step, those nearest to the value first, as the pages come.

use super::outline_spot::Spot;
use super::outline_words::plain_name;
use crate::document::{Found, Lack, Nodes};
use crate::source::ByteOffset;

/// The longest key that is a part of a path as a whole.
const MAX_KEY_BYTES: u64 = 4 << 10;
/// The most steps that are looked up in a frame.
const MAX_STEPS: usize = 64;
/// The most letters of a path that are shown.
const MAX_SHOWN: usize = 400;

/// What is known of the row that the person is at.
pub(super) struct Chosen {
    at: ByteOffset,
    /// A step for each value that it is in, and last its own, as far as they are known.
    steps: Vec<Option<String>>,
    /// Whether a key on it is too long to be a part of it.
    pub(super) cut: bool,
    /// Where it ends; `None` if it never does.
    pub(super) end: Found<Option<ByteOffset>>,
    /// Whether there was more to be looked up than is in one frame.
    pub(super) tired: bool,
}

impl Chosen {
    /// Nothing known yet of a row.
    pub(super) fn of(spot: &Spot) -> Self {
        Self {
            at: spot.node.at,
            steps: vec![None; spot.levels.len() + 1],
            cut: false,
            end: Found::Loading,
            tired: false,
        }
    }

    /// Whether this is what is known of that row.
    pub(super) fn is_of(&self, spot: &Spot) -> bool {
        self.at == spot.node.at
    }

    /// Looks up what is lacking; `several` is whether there is more than one value at the top.
    pub(super) fn fill(&mut self, spot: &Spot, nodes: &Nodes<'_>, several: bool) {
        if !matches!(self.end, Found::Here(_)) {
            self.end = nodes.end(&spot.node);
        }
        let lacking: Vec<_> = (0..self.steps.len()).rev().filter(|at| self.steps.get(*at) == Some(&None)).collect();
        self.tired = false;
        let more = lacking.len() > MAX_STEPS;
        for at in lacking.into_iter().take(MAX_STEPS) {
            let Ok(step) = self.look_up(at, spot, nodes, several) else { return };
            if let Some(place) = self.steps.get_mut(at) {
                *place = Some(step);
            }
        }
        self.tired = more;
    }

    /// Forgets what depends on whether there is more than one value at the top.
    pub(super) fn forget_top(&mut self) {
        if let Some(first) = self.steps.first_mut() {
            *first = None;
        }
    }

    /// The path, once all of it is known.
    pub(super) fn path(&self) -> Option<String> {
        let steps: Option<String> = self.steps.iter().map(Option::as_deref).collect();
        steps.map(|steps| format!("${steps}"))
    }

    /// The last part of the path, as much as there may be place for.
    pub(super) fn last_part(&self) -> String {
        let (mut last, mut letters) = (Vec::new(), 0);
        for step in self.steps.iter().rev().map_while(Option::as_deref) {
            letters += step.chars().count();
            last.push(step);
            if letters > MAX_SHOWN {
                break;
            }
        }
        let begin = if last.len() == self.steps.len() { "$" } else { "…" };
        last.push(begin);
        last.reverse();
        last.concat()
    }

    fn look_up(&mut self, at: usize, spot: &Spot, nodes: &Nodes<'_>, several: bool) -> Result<String, Lack> {
        let own = (spot.node, spot.index);
        let (node, index) = spot.levels.get(at).map_or(own, |level| (level.node, level.index));
        if node.member {
            let Some(key) = nodes.key(&node, MAX_KEY_BYTES).told()? else { return Ok(String::new()) };
            self.cut |= !key.whole;
            // As it stands in the document: there too, a quote in it is an escape.
            let quoted = || format!("[{}]", String::from_utf8_lossy(&key.bytes));
            return Ok(plain_name(&key).map_or_else(quoted, |name| format!(".{name}")));
        }
        if node.depth == 0 && !several {
            return Ok(String::new());
        }
        let container = at.checked_sub(1).and_then(|outer| spot.levels.get(outer)).map(|level| &level.node);
        let index = index.map_or_else(|| nodes.index_of(&node, container).told(), Ok)?;
        Ok(format!("[{index}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(steps: &[Option<&str>]) -> Chosen {
        let steps = steps.iter().map(|step| step.map(str::to_owned)).collect();
        Chosen { at: ByteOffset(0), steps, cut: false, end: Found::Loading, tired: false }
    }

    #[test]
    fn a_path_is_told_once_it_is_whole_and_its_last_part_at_once() {
        let known = chosen(&[Some(""), Some(".users"), Some("[3]"), Some("[\"first name\"]")]);
        assert_eq!(known.path().as_deref(), Some("$.users[3][\"first name\"]"));
        assert_eq!(known.last_part(), "$.users[3][\"first name\"]");
        let partly = chosen(&[Some(""), None, Some("[3]"), Some(".name")]);
        assert_eq!((partly.path(), partly.last_part().as_str()), (None, "…[3].name"));
        let long = "x".repeat(MAX_SHOWN);
        let long = chosen(&[Some(""), Some(".a"), Some(&long), Some(".name")]);
        assert_eq!(long.last_part().chars().count(), MAX_SHOWN + 6);
    }
}
