//! Finding the values of a document from the pages that are at hand and from the index as far as it goes: children,
//! neighbours, parents, and how they begin. Pure: what it lacks it notes, for somebody else to fetch. No answer takes
//! more than a few strides, whatever lies between.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::edges::{Edge, EdgeKind, Fences};
use super::index::{Index, Within};
use super::node::{Lack, Node, NodeKind, Preview};
use super::reading::{MAX_SKIPPED_BYTES, squeezed};
use super::structure::{Walk, is_blank};
use super::{End, Survey};
use crate::document::Found;
use crate::source::ByteOffset;

/// A look at a document's values, good for one frame.
pub struct Nodes<'a> {
    pub(super) index: &'a Index,
    pub(super) end: End,
    run: u64,
    pub(super) page_bytes: u64,
    pub(super) len_bytes: u64,
    pub(super) fetch: &'a dyn Fn(u64) -> Option<Arc<[u8]>>,
    pub(super) missing: RefCell<Vec<u64>>,
    pub(super) spent: Cell<u64>,
    pub(super) tired: Cell<bool>,
    pub(super) fences: RefCell<Vec<Fences>>,
}

impl<'a> Nodes<'a> {
    /// A look through `survey` at `len_bytes` bytes, in pages of `page_bytes`, which `fetch` gives by number if it has
    /// them.
    pub(super) fn new(
        survey: &'a Survey,
        page_bytes: u64,
        len_bytes: u64,
        fetch: &'a dyn Fn(u64) -> Option<Arc<[u8]>>,
    ) -> Self {
        Self {
            index: &survey.index,
            end: survey.end,
            run: survey.run,
            page_bytes: page_bytes.max(1),
            len_bytes,
            fetch,
            missing: RefCell::default(),
            spent: Cell::new(0),
            tired: Cell::new(false),
            fences: RefCell::default(),
        }
    }

    /// The numbers of pages that were lacking, the most urgent first.
    #[must_use]
    pub fn into_missing(self) -> Vec<u64> {
        self.missing.into_inner()
    }

    /// Whether it left something to the next look though nothing is lacking.
    #[must_use]
    pub fn is_tired(&self) -> bool {
        self.tired.get()
    }

    /// Tells one reading of the document from another.
    #[must_use]
    pub const fn run(&self) -> u64 {
        self.run
    }

    /// Up to where the outline was read; before that, nothing changes any more.
    #[must_use]
    pub const fn covered(&self) -> ByteOffset {
        self.index.covered()
    }

    /// The first value at the top.
    #[must_use]
    pub fn first(&self) -> Found<Option<Node>> {
        let begin = self.walk_from(0).ok_or(Lack::Unknown);
        let first = begin.or_else(|lack| if self.end.is_final() { Ok(self.nowhere()) } else { Err(lack) });
        first.and_then(|walk| self.first_edge(walk, 0, walk.at)).and_then(|edge| self.behind(edge, 0, false)).into()
    }

    /// The last value at the top, so far.
    #[must_use]
    pub fn last(&self) -> Found<Option<Node>> {
        self.child_at_fence(self.covered(), 0, false).into()
    }

    /// The value at the top in which `at` is, or the one before it; unknown while `at` is still to be read.
    #[must_use]
    pub fn top_around(&self, at: ByteOffset) -> Found<Option<Node>> {
        if at >= self.covered() && self.end == End::Open {
            return Found::Unknown;
        }
        match self.child_at_fence(at.plus(1), 0, false) {
            Ok(None) => self.first(),
            told => told.into(),
        }
    }

    /// The first value in an array or object.
    #[must_use]
    pub fn first_child(&self, node: &Node) -> Found<Option<Node>> {
        self.child_from(node.value.plus(1), node.depth + 1, node.kind == NodeKind::Object).into()
    }

    /// The last value in an array or object, so far.
    #[must_use]
    pub fn last_child(&self, node: &Node) -> Found<Option<Node>> {
        let before = match self.end_of(node) {
            Ok(Some(end)) => end.minus(1),
            Ok(None) | Err(Lack::Unknown) => self.covered(),
            Err(Lack::Loading) => return Found::Loading,
        };
        self.child_before(node, before)
    }

    /// The value in an array or object that begins last before `before`, which is in that.
    #[must_use]
    pub fn child_before(&self, node: &Node, before: ByteOffset) -> Found<Option<Node>> {
        self.child_at_fence(before, node.depth + 1, node.kind == NodeKind::Object).into()
    }

    /// The value of that number in an array or object, from 0 on.
    #[must_use]
    pub fn nth_child(&self, node: &Node, n: u64) -> Found<Option<Node>> {
        let Some(comma) = n.checked_sub(1) else { return self.first_child(node) };
        let (depth, member) = (node.depth + 1, node.kind == NodeKind::Object);
        let comma = self.nth_mark(Self::walk_of(node), comma, depth);
        comma
            .and_then(|comma| comma.map_or_else(|| Ok(None), |comma| self.child_from(comma.plus(1), depth, member)))
            .into()
    }

    /// The value after it in the same array or object, or at the top.
    #[must_use]
    pub fn next_sibling(&self, node: &Node) -> Found<Option<Node>> {
        self.edge_of(node).and_then(|edge| self.behind(edge, node.depth, node.member)).into()
    }

    /// The value before it there.
    #[must_use]
    pub fn previous_sibling(&self, node: &Node) -> Found<Option<Node>> {
        let fence = match self.last_fence(node.at, node.depth) {
            Ok(Some(fence)) => fence,
            told => return told.map(|_| None).into(),
        };
        if node.depth == 0 {
            return self.child_from(fence.at, 0, false).into();
        }
        if fence.opens {
            return Found::Here(None);
        }
        self.child_at_fence(fence.at, node.depth, node.member).into()
    }

    /// What comes after it.
    #[must_use]
    pub fn edge(&self, node: &Node) -> Found<Edge> {
        self.edge_of(node).into()
    }

    /// What comes after the container, in one at `depth` or at the top, that ends at `close`.
    #[must_use]
    pub fn edge_beyond(&self, close: ByteOffset, depth: u32) -> Found<Edge> {
        let at = close.plus(1);
        self.first_edge(Walk { at, depth, within: Within::Between }, depth, at).into()
    }

    /// The value of which an edge tells that it is next, which lies at `depth`.
    #[must_use]
    pub fn after(&self, edge: Edge, depth: u32, member: bool) -> Found<Option<Node>> {
        self.behind(edge, depth, member).into()
    }

    /// Where its value ends; `None` if it never does because the document is broken before.
    #[must_use]
    pub fn end(&self, node: &Node) -> Found<Option<ByteOffset>> {
        self.end_of(node).into()
    }

    /// The same, if it is known what comes after it.
    #[must_use]
    pub fn end_before(&self, node: &Node, edge: Edge) -> Found<Option<ByteOffset>> {
        self.end_at(node, edge).into()
    }

    /// How many values are in an array or object, as far as it was read, and if it is known, where that ends.
    #[must_use]
    pub fn count(&self, node: &Node, end: Option<ByteOffset>) -> Found<u64> {
        self.count_in(node, end).into()
    }

    /// Which of the values in `parent`, or of those at the top, it is, from 0 on.
    #[must_use]
    pub fn index_of(&self, node: &Node, parent: Option<&Node>) -> Found<u64> {
        let walk = parent.map(Self::walk_of).or_else(|| self.walk_from(0)).ok_or(Lack::Unknown);
        walk.and_then(|walk| self.marks(walk, node.at, node.depth)).into()
    }

    /// The array or object that it is in; `None` if it is at the top.
    #[must_use]
    pub fn parent(&self, node: &Node) -> Found<Option<Node>> {
        self.container_of(node).into()
    }

    /// Its key, with its quotes, cut to `max_bytes`; nothing if it has none.
    #[must_use]
    pub fn key(&self, node: &Node, max_bytes: u64) -> Found<Option<Preview>> {
        if !node.member {
            return Found::Here(None);
        }
        self.token(node.at, max_bytes).map(Some).into()
    }

    /// How its value begins, cut to `max_bytes`. White space in containers is one space.
    #[must_use]
    pub fn preview(&self, node: &Node, end: Option<ByteOffset>, max_bytes: u64) -> Found<Preview> {
        if !node.kind.is_container() {
            return self.token(node.value, max_bytes).into();
        }
        let from = node.value.plus(1);
        let to = from.plus(max_bytes);
        let close = end.map(|end| end.minus(1)).filter(|close| *close <= to);
        let bytes = self.raw(from, close.unwrap_or(to));
        bytes.map(|bytes| Preview { bytes: squeezed(&bytes), whole: close.is_some() }).into()
    }

    fn walk_of(node: &Node) -> Walk {
        Walk { at: node.value, depth: node.depth, within: Within::Between }
    }

    /// A walk that is at its end.
    fn nowhere(&self) -> Walk {
        Walk { at: self.covered(), depth: 0, within: Within::Between }
    }

    fn edge_of(&self, node: &Node) -> Result<Edge, Lack> {
        self.first_edge(Self::walk_of(node), node.depth, node.value.plus(1))
    }

    fn behind(&self, edge: Edge, depth: u32, member: bool) -> Result<Option<Node>, Lack> {
        match edge.kind {
            EdgeKind::Next => self.child_from(edge.at.plus(u64::from(depth > 0)), depth, member),
            EdgeKind::Close | EdgeKind::End => Ok(None),
        }
    }

    fn end_of(&self, node: &Node) -> Result<Option<ByteOffset>, Lack> {
        if node.kind.is_container() {
            let closing = self.closing(Self::walk_of(node), node.depth + 1)?;
            return Ok(closing.map(|closing| closing.plus(1)));
        }
        self.edge_of(node).and_then(|edge| self.end_at(node, edge))
    }

    fn end_at(&self, node: &Node, edge: Edge) -> Result<Option<ByteOffset>, Lack> {
        let broken = self.index.end();
        let open = broken.depth() > node.depth || matches!(broken.within(), Within::Text | Within::Escape);
        if edge.kind == EdgeKind::End && open {
            return Ok(None);
        }
        let floor = edge.at.minus(MAX_SKIPPED_BYTES).max(node.value);
        let mut to = edge.at;
        while to > floor {
            let page = ByteOffset(to.minus(1).0 / self.page_bytes * self.page_bytes).max(floor);
            let piece = self.piece(page, to)?;
            if let Some(last) = piece.bytes().iter().rposition(|byte| !is_blank(*byte)) {
                return Ok(Some(page.plus(last as u64 + 1)));
            }
            to = page;
        }
        Ok(Some(to))
    }

    /// The value that begins after the last fence at `depth` before `before`.
    fn child_at_fence(&self, before: ByteOffset, depth: u32, member: bool) -> Result<Option<Node>, Lack> {
        let Some(fence) = self.last_fence(before, depth)? else { return Ok(None) };
        let child = self.child_from(fence.at.plus(u64::from(depth > 0)), depth, member);
        match child {
            // Where the document breaks, or is read, nothing may come after a comma yet.
            Ok(None) | Err(Lack::Unknown) if depth > 0 && !fence.opens => {
                let Some(fence) = self.last_fence(fence.at, depth)? else { return Ok(None) };
                self.child_from(fence.at.plus(1), depth, member)
            }
            child => child,
        }
    }

    fn count_in(&self, node: &Node, end: Option<ByteOffset>) -> Result<u64, Lack> {
        let first = match self.first_child(node) {
            Found::Here(Some(first)) => first,
            // Of a container of which nothing more was read, there is none so far.
            Found::Here(None) | Found::Unknown => return Ok(0),
            Found::Loading => return Err(Lack::Loading),
        };
        let end = match end.map_or_else(|| self.end_of(node), |end| Ok(Some(end))) {
            Err(Lack::Unknown) => None,
            end => end?,
        };
        let to = end.map_or(self.covered(), |end| end.minus(1));
        Ok(self.marks(Self::walk_of(node), to, first.depth)? + 1)
    }

    fn container_of(&self, node: &Node) -> Result<Option<Node>, Lack> {
        let Some(depth) = node.depth.checked_sub(1) else { return Ok(None) };
        let Some(opening) = self.last_opening(node.at, node.depth)? else { return Err(Lack::Unknown) };
        if depth == 0 {
            return self.child_from(opening, 0, false);
        }
        // Whether it is itself a member shows in what it is in.
        let outer = self.last_opening(opening, depth)?.ok_or(Lack::Unknown)?;
        let byte = self.piece(outer, outer.plus(1))?.bytes().first().copied();
        self.child_at_fence(opening, depth, byte == Some(b'{'))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::filling::Filling;
    use super::super::{Outline, Surveyed};
    use super::*;

    /// More than any token of these tests.
    const ALL: u64 = 1 << 20;

    /// A document and its outline, in pages that come when they are asked for.
    struct Opened {
        text: Vec<u8>,
        page: usize,
        outline: Outline,
        loaded: RefCell<BTreeSet<u64>>,
    }

    impl Opened {
        /// The document read up to `read`, in pages and strides of `page` bytes, of which at most `most` are kept.
        fn new(text: &[u8], (page, most): (usize, usize), read: usize) -> (Self, Surveyed) {
            let outline = Outline::new();
            let mut filling = Filling::begin(&outline, None, text.len() as u64, page as u64);
            outline.shared.survey.write().index = Index::bounded(page as u64, most);
            let mut fed = text[..read].chunks(7).try_for_each(|block| filling.feed(block));
            if read == text.len() {
                fed = fed.and_then(|()| filling.finish());
                filling.end(fed.is_ok()).unwrap();
            } else {
                filling.publish_when_due(0).unwrap();
            }
            let surveyed = outline.surveyed();
            (Self { text: text.to_vec(), page, outline, loaded: RefCell::default() }, surveyed)
        }

        fn whole(text: &[u8], page: usize, most: usize) -> Self {
            Self::new(text, (page, most), text.len()).0
        }

        /// Asks until nothing is lacking, as frame after frame does.
        fn ask<T>(&self, ask: impl Fn(&Nodes<'_>) -> Found<T>) -> Found<T> {
            let fetch = |number: u64| {
                let page = self.text.chunks(self.page).nth(usize::try_from(number).ok()?)?;
                self.loaded.borrow().contains(&number).then(|| page.into())
            };
            for _ in 0..10_000 {
                let ((answer, tired), missing) =
                    self.outline.look((self.page as u64, self.text.len() as u64), &fetch, |nodes| {
                        (ask(nodes), nodes.is_tired())
                    });
                if missing.is_empty() && !tired {
                    return answer;
                }
                self.loaded.borrow_mut().extend(missing);
            }
            panic!("it is never told");
        }

        fn here<T>(&self, ask: impl Fn(&Nodes<'_>) -> Found<T>) -> T {
            self.ask(ask).here().expect("it is known")
        }

        fn root(&self) -> Node {
            self.here(|nodes| nodes.top_around(ByteOffset(0))).expect("a value")
        }

        /// The values in a node or at the top, from the first on.
        fn children(&self, node: Option<&Node>) -> Vec<Node> {
            let mut children = Vec::new();
            let mut next = self.here(|nodes| node.map_or_else(|| nodes.first(), |node| nodes.first_child(node)));
            while let Some(child) = next {
                children.push(child);
                next = self.here(|nodes| nodes.next_sibling(&child));
            }
            children
        }

        /// The node as JSON without white space, put together from what is in it.
        fn compact(&self, node: &Node) -> String {
            if !node.kind.is_container() {
                let preview = self.here(|nodes| nodes.preview(node, None, ALL));
                assert!(preview.whole);
                return String::from_utf8(preview.bytes).unwrap();
            }
            let member = |child: &Node| {
                let key = self.here(|nodes| nodes.key(child, ALL));
                let key = key.map_or(String::new(), |key| String::from_utf8(key.bytes).unwrap() + ":");
                key + &self.compact(child)
            };
            let members = self.children(Some(node)).iter().map(member).collect::<Vec<_>>().join(",");
            if node.kind == NodeKind::Object { format!("{{{members}}}") } else { format!("[{members}]") }
        }

        /// Looks at everything that can be asked of the values in a node, or at the top.
        fn check(&self, parent: Option<&Node>) {
            let children = self.children(parent);
            let mut back = Vec::new();
            let mut previous = self.here(|nodes| parent.map_or_else(|| nodes.last(), |node| nodes.last_child(node)));
            while let Some(child) = previous {
                back.push(child);
                previous = self.here(|nodes| nodes.previous_sibling(&child));
            }
            back.reverse();
            assert_eq!(back, children);
            for (number, child) in children.iter().enumerate() {
                assert_eq!(self.here(|nodes| nodes.parent(child)), parent.copied());
                assert_eq!(self.here(|nodes| nodes.index_of(child, parent)), number as u64);
                let end = self.here(|nodes| nodes.end(child)).expect("it ends");
                let value = &self.text[usize::try_from(child.value.0).unwrap()..usize::try_from(end.0).unwrap()];
                let value: Value = serde_json::from_slice(value).unwrap();
                assert_eq!(value.to_string(), self.compact(child));
                for at in [child.at, child.value, end.minus(1)] {
                    let around = |nodes: &Nodes<'_>| match parent {
                        Some(parent) => nodes.child_before(parent, at.plus(1)),
                        None => nodes.top_around(at),
                    };
                    assert_eq!(self.here(around), Some(*child));
                }
                if child.kind.is_container() {
                    assert_eq!(
                        self.here(|nodes| nodes.count(child, Some(end))),
                        self.children(Some(child)).len() as u64
                    );
                    self.check(Some(child));
                }
            }
            if let Some(parent) = parent {
                let nth = |n: usize| self.here(|nodes| nodes.nth_child(parent, n as u64));
                let found: Vec<_> = (0..children.len() + 2).filter_map(nth).collect();
                assert_eq!(found, children);
            }
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![Just("a".to_owned()), "[a-z\"\\\\{}\\[\\],: ]{0,12}", Just("ä €\n\u{1}".to_owned())];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i16>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Values one after the other, with more or less white space, and with or without a byte order mark.
    fn documents() -> impl Strategy<Value = (Vec<Value>, String)> {
        let all = prop::collection::vec(values(), 0..4);
        (all, any::<bool>(), any::<bool>(), prop_oneof![Just("\n"), Just(" \n\n  ")]).prop_map(
            |(values, pretty, mark, between)| {
                let write = |value: &Value| if pretty { format!("{value:#}") } else { value.to_string() };
                let text = values.iter().map(write).collect::<Vec<_>>().join(between);
                (values, if mark { format!("\u{feff}{text}") } else { text })
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn the_tree_is_that_of_the_document_whatever_the_strides(
            (values, text) in documents(), page in 1_usize..40, most in prop_oneof![2_usize..9, Just(10_000)],
        ) {
            let opened = Opened::whole(text.as_bytes(), page, most);
            let found: Vec<_> = opened.children(None).iter().map(|node| opened.compact(node)).collect();
            prop_assert_eq!(found, values.iter().map(Value::to_string).collect::<Vec<_>>());
            opened.check(None);
        }

        #[test]
        fn what_is_told_before_the_end_is_true_in_the_end(
            (_, text) in documents(), page in 1_usize..20, most in 2_usize..9, read in any::<prop::sample::Index>(),
        ) {
            let whole = Opened::whole(text.as_bytes(), page, most);
            let (part, surveyed) = Opened::new(text.as_bytes(), (page, most), read.index(text.len() + 1));
            let mut nodes = vec![None];
            while let Some(parent) = nodes.pop() {
                let first = |nodes: &Nodes<'_>| match &parent {
                    Some(parent) => nodes.first_child(parent),
                    None => nodes.first(),
                };
                let (mut told, mut known) = (part.ask(first), whole.ask(first));
                while let Found::Here(child) = told {
                    prop_assert_eq!(told, known);
                    let Some(child) = child else { break };
                    prop_assert!(child.value.0 < surveyed.read_bytes);
                    nodes.extend(Some(Some(child)).filter(|_| child.kind.is_container()));
                    told = part.ask(|nodes| nodes.next_sibling(&child));
                    known = whole.ask(|nodes| nodes.next_sibling(&child));
                }
                prop_assert!(told != Found::Loading);
            }
        }
    }

    #[test]
    fn what_comes_before_a_break_stands() {
        let opened = Opened::whole(br#"{"a": [1, {"b": "c]"}, 2 3], "d": 4}"#, 3, 4);
        let root = opened.root();
        let array = opened.here(|nodes| nodes.first_child(&root)).unwrap();
        let items: Vec<_> = opened.children(Some(&array)).iter().map(|item| opened.compact(item)).collect();
        assert_eq!(items, ["1", r#"{"b":"c]"}"#, "2"]);
        assert_eq!(opened.here(|nodes| nodes.last_child(&array)).map(|item| item.at), Some(ByteOffset(23)));
        assert_eq!(opened.here(|nodes| nodes.end(&array)), None, "it never ends");
        assert_eq!(opened.here(|nodes| nodes.next_sibling(&array)), None);
        let nothing_more = Opened::whole(b"[1, 2, ]", 3, 4);
        let root = nothing_more.root();
        assert_eq!(nothing_more.children(Some(&root)).len(), 2);
        assert_eq!(nothing_more.here(|nodes| nodes.last_child(&root)).map(|item| item.at), Some(ByteOffset(4)));
    }

    #[test]
    fn members_of_the_same_key_are_all_there() {
        let opened = Opened::whole(br#"{"a":1,"a":2,"a":{}}"#, 5, 9);
        let root = opened.root();
        let members: Vec<_> = opened.children(Some(&root)).iter().map(|member| opened.compact(member)).collect();
        assert_eq!(members, ["1", "2", "{}"]);
    }

    #[test]
    fn however_large_the_values_are_few_pages_are_looked_at() {
        let large = format!("[{}]", ["{\"k\": [1, 2, 3]}"; 60].join(", "));
        let text = format!("[{}, \"{}\", 7]", [large.as_str(); 100].join(",\n"), "x".repeat(100_000));
        let opened = Opened::whole(text.as_bytes(), 64, 1 << 14);
        let root = opened.root();
        let item = opened.here(|nodes| nodes.nth_child(&root, 80)).unwrap();
        assert_eq!(opened.here(|nodes| nodes.index_of(&item, Some(&root))), 80);
        assert_eq!(opened.here(|nodes| nodes.next_sibling(&item)).map(|next| next.kind), Some(NodeKind::Array));
        let end = opened.here(|nodes| nodes.end(&root));
        assert_eq!((end, opened.here(|nodes| nodes.count(&root, end))), (Some(ByteOffset(text.len() as u64)), 102));
        let last = opened.here(|nodes| nodes.last_child(&root)).unwrap();
        let long = opened.here(|nodes| nodes.previous_sibling(&last)).unwrap();
        let end = opened.here(|nodes| nodes.end(&long)).unwrap();
        assert_eq!((long.kind, end.since(long.value)), (NodeKind::Text, 100_002));
        assert_eq!(opened.here(|nodes| nodes.parent(&long)), Some(root));
        assert!(opened.loaded.borrow().len() < 24, "{:?}", opened.loaded.borrow());
    }

    #[test]
    fn values_in_a_hundred_thousand_others_have_their_parents() {
        let text = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        let opened = Opened::whole(text.as_bytes(), 4 << 10, 1 << 14);
        let mut node = opened.root();
        assert_eq!(opened.here(|nodes| nodes.end(&node)), Some(ByteOffset(200_000)));
        for depth in 1..100 {
            node = opened.here(|nodes| nodes.first_child(&node)).unwrap();
            assert_eq!(node.depth, depth);
        }
        let innermost = Node { at: ByteOffset(99_999), value: ByteOffset(99_999), depth: 99_999, ..node };
        let parent = opened.here(|nodes| nodes.parent(&innermost)).unwrap();
        assert_eq!((parent.at, parent.depth), (ByteOffset(99_998), 99_998));
        assert_eq!(opened.here(|nodes| nodes.count(&innermost, Some(ByteOffset(100_001)))), 0);
    }

    #[test]
    fn what_is_too_far_to_be_looked_for_is_a_value_that_is_not_told_and_does_not_hide_the_next() {
        let blank = " ".repeat(3 << 20);
        let text = format!("[1,{blank}2, {{\"{}\": 3, \"b\": 4}}]", "k".repeat(2 << 20));
        let opened = Opened::whole(text.as_bytes(), 64 << 10, 1 << 10);
        let root = opened.root();
        let kinds: Vec<_> = opened.children(Some(&root)).iter().map(|child| child.kind).collect();
        assert_eq!(kinds, [NodeKind::Number, NodeKind::Unread, NodeKind::Object]);
        let object = opened.here(|nodes| nodes.last_child(&root)).unwrap();
        let kinds: Vec<_> = opened.children(Some(&object)).iter().map(|child| child.kind).collect();
        assert_eq!(kinds, [NodeKind::Unread, NodeKind::Number]);
    }

    #[test]
    fn what_a_container_holds_is_shown_in_one_line() {
        let opened = Opened::whole(b"{\n  \"a  b\": [1,\n\t2],\n  \"c\": \"x  \\\"  y\"\n}", 9, 9);
        let root = opened.root();
        let end = opened.here(|nodes| nodes.end(&root));
        let preview = opened.here(|nodes| nodes.preview(&root, end, ALL));
        assert_eq!(String::from_utf8(preview.bytes).unwrap(), "\"a  b\": [1, 2], \"c\": \"x  \\\"  y\"");
        assert!(preview.whole);
        let cut = opened.here(|nodes| nodes.preview(&root, end, 10));
        assert_eq!((cut.bytes.as_slice(), cut.whole), (b"\"a  b\":".as_slice(), false));
    }
}
