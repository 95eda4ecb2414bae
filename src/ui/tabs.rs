//! The documents as tabs in panes beside each other, and which of them is in front. Owns the views' states; the documents
//! themselves are shared handles. How tabs are drawn is told by `tab_bar`.

mod files;

use std::collections::HashMap;
use std::path::PathBuf;

use egui::Ui;
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tree};

use super::compare_page::ComparePage;
use super::crowd_page::CrowdPage;
use super::lessons::LessonsPage;
use super::responsiveness::{ResponsivenessPage, Section};
use super::search_page::SearchPage;
use super::shell::Sight;
use super::tab_bar::{Behavior, Strip};
use super::tab_tree;
use super::text_find::Way;
use super::viewer::{Outlook, Viewer};
use crate::command::{Command, Page};
use crate::document::{Document, Open, Reading, Shape, Standing};
use crate::source::Arriving;

/// All tabs of the window.
pub struct Tabs {
    tree: Tree<Tab>,
    front: Option<TileId>,
    strips: HashMap<TileId, Strip>,
}

/// A tab to be opened again after a restart.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SavedTab {
    /// What it shows.
    pub shows: Shown,
    /// Whether it was in front.
    pub front: bool,
    /// Which pane it was in, counted from the left.
    #[serde(default)]
    pub pane: usize,
    /// Whether it was the one that its pane showed.
    #[serde(default)]
    pub shown: bool,
}

/// What a tab is to show again.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// A file, at the place where the person was.
    #[expect(missing_docs, reason = "said above, and by their names")]
    File {
        path: PathBuf,
        #[serde(flatten)]
        outlook: Outlook,
    },
    /// A page.
    Page(Page),
}

/// What a tab shows.
pub(super) enum Tab {
    Welcome,
    Compare(ComparePage),
    Responsiveness(ResponsivenessPage),
    Crowd(CrowdPage),
    Lessons(LessonsPage),
    Search(Box<SearchPage>),
    Document(Box<Viewer>),
}

impl Tab {
    fn of(page: Page) -> Self {
        match page {
            Page::Welcome => Self::Welcome,
            Page::Compare => Self::Compare(ComparePage::default()),
            Page::Responsiveness => Self::Responsiveness(ResponsivenessPage::default()),
            Page::Crowd => Self::Crowd(CrowdPage::default()),
            Page::Lessons => Self::Lessons(LessonsPage::default()),
            Page::Search => Self::Search(Box::default()),
        }
    }

    const fn page(&self) -> Option<Page> {
        match self {
            Self::Welcome => Some(Page::Welcome),
            Self::Compare(_) => Some(Page::Compare),
            Self::Responsiveness(_) => Some(Page::Responsiveness),
            Self::Crowd(_) => Some(Page::Crowd),
            Self::Lessons(_) => Some(Page::Lessons),
            Self::Search(_) => Some(Page::Search),
            Self::Document(_) => None,
        }
    }
}

impl Default for Tabs {
    fn default() -> Self {
        let mut tabs =
            Self { tree: Tree::empty(egui::Id::unique("documents")), front: None, strips: HashMap::default() };
        tabs.show_page(Page::Welcome);
        tabs
    }
}

impl Tabs {
    /// Opens a document in a new tab in front.
    pub fn open(&mut self, document: Document, outlook: Outlook) {
        self.add(Tab::Document(Box::new(Viewer::new(document, outlook))));
        let welcome: Vec<_> = self.ids_of(|tab| matches!(tab, Tab::Welcome));
        for id in welcome {
            self.remove(id);
        }
    }

    /// Adds a tab for a document, and leaves the one in front there, unless that is the welcome page.
    pub fn open_behind(&mut self, document: Document, outlook: Outlook) {
        let reading = self.front.filter(|front| !matches!(self.tree.tiles.get_pane(front), None | Some(Tab::Welcome)));
        self.open(document, outlook);
        if let Some(reading) = reading {
            self.bring_id(reading);
        }
    }

    /// Brings the tab that shows `document` to the front, if there is one.
    pub fn bring(&mut self, path: &std::path::Path) -> bool {
        self.bring_first(|view| view.shows_all_of(path))
    }

    /// Whether a tab shows the file at `path`.
    #[must_use]
    pub fn shows(&self, path: &std::path::Path) -> bool {
        !self.ids_of(|tab| matches!(tab, Tab::Document(view) if view.shows_all_of(path))).is_empty()
    }

    /// How many tabs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ids_of(|_| true).len()
    }

    /// Shows a page, the one that is open if it is.
    pub fn show_page(&mut self, page: Page) {
        match self.ids_of(|tab| tab.page() == Some(page)).first() {
            Some(id) => self.bring_id(*id),
            None => self.add(Tab::of(page)),
        }
        if let Some(Tile::Pane(Tab::Search(page))) = self.front.and_then(|id| self.tree.tiles.get_mut(id)) {
            page.summon();
        }
    }

    /// Shows a section of the page of the responsiveness.
    pub(super) fn show_responsiveness(&mut self, section: Section) {
        self.show_page(Page::Responsiveness);
        if let Some(Tile::Pane(Tab::Responsiveness(page))) = self.front.and_then(|id| self.tree.tiles.get_mut(id)) {
            page.section = section;
        }
    }

    /// Closes the tab in front; the last one makes place for the welcome page.
    pub fn close_front(&mut self) {
        if let Some(front) = self.front {
            self.remove(front);
        }
        self.settle();
    }

    /// Brings the next (`1`) or previous (`-1`) tab to the front.
    pub fn turn(&mut self, by: i8) {
        let ids = self.ids_of(|_| true);
        let Some(at) = ids.iter().position(|id| Some(*id) == self.front) else { return };
        let next = if by > 0 { at + 1 } else { at + ids.len() - 1 };
        if let Some(id) = ids.get(next % ids.len()) {
            self.bring_id(*id);
        }
    }

    /// Puts the tab in front beside the others of its pane, in a pane of its own.
    pub fn split(&mut self) {
        let Some(front) = self.front else { return };
        let Some(pane) = self.tree.tiles.parent_of(front) else { return };
        let Some(neighbour) = self.neighbour(front) else { return };
        self.bring_id(neighbour);
        let beside = self.tree.tiles.insert_tab_tile(vec![]);
        self.put_beside(pane, beside);
        self.tree.move_tile_to_container(front, beside, 0, false);
        self.bring_id(front);
    }

    /// Puts a new pane to the right of another. Panes that are equally wide stay so; where the person has set the widths,
    /// the one that is split gives half of its own.
    fn put_beside(&mut self, pane: TileId, beside: TileId) {
        let row = self.tree.tiles.parent_of(pane);
        if let Some(Tile::Container(Container::Linear(row))) = row.and_then(|row| self.tree.tiles.get_mut(row))
            && row.dir == LinearDir::Horizontal
        {
            let at = row.children.iter().position(|child| *child == pane).map_or(row.children.len(), |at| at + 1);
            let share = row.shares[pane];
            if row.children.iter().all(|child| (row.shares[*child] - share).abs() < 0.01 * share) {
                row.shares.set_share(beside, share);
            } else {
                row.shares.set_share(pane, share / 2.0);
                row.shares.set_share(beside, share / 2.0);
            }
            row.children.insert(at, beside);
            return;
        }
        let both = self.tree.tiles.insert_container(Linear::new(LinearDir::Horizontal, vec![pane, beside]));
        let taken_in = match row.and_then(|row| self.tree.tiles.get_mut(row)) {
            Some(Tile::Container(container)) => container.replace_child(pane, both),
            _ => None,
        };
        if taken_in.is_none() {
            self.tree.root = Some(both);
        }
    }

    /// The view of the document in front.
    pub(super) fn front_view(&mut self) -> Option<&mut Viewer> {
        match self.tree.tiles.get_mut(self.front?) {
            Some(Tile::Pane(Tab::Document(view))) => Some(view),
            _ => None,
        }
    }

    /// Follows the end of the document in front, or no longer.
    pub fn toggle_follow(&mut self) {
        if let Some(view) = self.front_view() {
            let follows = view.view().follows();
            view.follow(!follows);
        }
    }

    /// Wraps the long lines of the document in front, or no longer; false if nothing in it is wrapped.
    pub fn toggle_wrap(&mut self) -> bool {
        self.front_view().is_some_and(Viewer::toggle_wrap)
    }

    /// Goes to the next line that matches in the document in front, or to the one before.
    pub fn find_next(&mut self, forward: bool) {
        if let Some(view) = self.front_view() {
            view.view().go_among_hits(if forward { Way::Next } else { Way::Previous });
        }
    }

    /// The file in front, and how it is read.
    pub fn front_file(&mut self) -> Option<(PathBuf, Reading)> {
        self.front_view().map(|view| (view.document().path().to_owned(), view.reading().clone()))
    }

    /// What is there of the file in front, if it still arrives.
    pub fn front_arriving(&mut self) -> Option<Arriving> {
        self.front_view().and_then(|view| view.document().arriving().cloned())
    }

    /// The job that indexes the document in front, if that waits until somebody asks for it.
    pub fn front_to_index(&mut self) -> Option<Open> {
        self.front_view().and_then(|view| Open::index_of(view.document(), view.reading().clone()))
    }

    /// Whether what is in front is made from the bytes of its file.
    pub fn front_is_made(&mut self) -> bool {
        let standing = self.front_view().map(|view| view.document().standing());
        matches!(standing, Some(Standing::Open(facts)) if facts.is_made())
    }

    /// Shows another document in the tab in front, which is read so, at the place that is shown there now.
    pub fn replace_front(&mut self, document: &Document, reading: Reading) {
        if let Some(view) = self.front_view() {
            view.read_again(document, reading);
        }
    }

    /// Shows the document in front as something else.
    pub fn show_as(&mut self, shape: Shape) {
        if let Some(view) = self.front_view() {
            view.show_as(shape);
        }
    }

    /// All tabs that are to come back after a restart, in their order.
    #[must_use]
    pub fn saved(&self) -> Vec<SavedTab> {
        let (ids, shown) = (self.ids_of(|_| true), self.shown());
        let mut panes: Vec<Option<TileId>> = Vec::new();
        let mut saved = Vec::new();
        for id in ids {
            let Some(Tile::Pane(tab)) = self.tree.tiles.get(id) else { continue };
            let content = match (tab, tab.page()) {
                // What is left of it by then is no file of that name.
                (Tab::Document(view), _) if view.document().arriving().is_some() => continue,
                (Tab::Document(view), _) => {
                    Shown::File { path: view.document().path().to_owned(), outlook: view.outlook() }
                }
                // It comes by itself where there is nothing else.
                (_, None | Some(Page::Welcome)) => continue,
                (_, Some(page)) => Shown::Page(page),
            };
            let pane = self.tree.tiles.parent_of(id);
            if panes.last() != Some(&pane) {
                panes.push(pane);
            }
            saved.push(SavedTab {
                shows: content,
                front: self.front == Some(id),
                pane: panes.len() - 1,
                shown: shown.contains(&id),
            });
        }
        saved
    }

    /// Opens again what was saved: its panes become columns of the same width.
    pub fn reopen(&mut self, saved: Vec<SavedTab>, mut document_of: impl FnMut(PathBuf, Reading) -> Document) {
        let (mut pane_before, mut shown, mut front) = (None, Vec::new(), None);
        let welcome = if saved.is_empty() { Vec::new() } else { self.ids_of(|tab| matches!(tab, Tab::Welcome)) };
        for tab in saved {
            match tab.shows {
                Shown::File { path, outlook } => self.open(document_of(path, outlook.reading.clone()), outlook),
                Shown::Page(page) => self.show_page(page),
            }
            if pane_before.is_some_and(|pane| pane != tab.pane) {
                self.split();
            }
            pane_before = Some(tab.pane);
            shown.extend(self.front.filter(|_| tab.shown));
            front = self.front.filter(|_| tab.front).or(front);
        }
        for id in welcome.into_iter().filter(|_| front.is_some()) {
            self.remove(id);
        }
        for id in shown.into_iter().chain(front) {
            self.bring_id(id);
        }
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        let mut behavior = Behavior {
            sight,
            commands,
            front: self.front,
            strips: &mut self.strips,
            pane: None,
            touched: None,
            closed: None,
        };
        self.tree.ui(&mut behavior, ui);
        let (touched, closed) = (behavior.touched, behavior.closed);
        self.strips.retain(|pane, _| self.tree.tiles.get(*pane).is_some());
        if let Some(id) = touched {
            self.front = self.shown_in(id).first().copied();
        }
        tab_tree::unnest(&mut self.tree, self.front);
        if let Some(id) = closed {
            self.remove(id);
        }
        self.settle();
    }

    fn add(&mut self, tab: Tab) {
        let id = self.tree.tiles.insert_pane(tab);
        let beside = self.front.and_then(|front| self.tree.tiles.parent_of(front));
        let container = beside.or(self.tree.root()).filter(|id| self.tree.tiles.get_container(*id).is_some());
        if let Some(container) = container {
            self.tree.move_tile_to_container(id, container, usize::MAX, false);
        } else {
            let root = self.tree.tiles.insert_tab_tile(vec![id]);
            self.tree.root = Some(root);
        }
        self.bring_id(id);
    }

    fn bring_id(&mut self, id: TileId) {
        self.front = Some(id);
        self.tree.make_active(|other, _| other == id);
    }

    /// Closes a tab. Its pane shows the neighbour, and the other panes what they did; the last tab of a pane leaves the
    /// pane beside it in front.
    fn remove(&mut self, id: TileId) {
        let (shown, neighbour) = (self.shown(), self.neighbour(id));
        let at = shown.iter().position(|other| *other == id);
        self.tree.remove_recursively(id);
        if let Some(neighbour) = neighbour.filter(|_| at.is_some()) {
            self.tree.make_active(|other, _| other == neighbour);
        }
        if self.front == Some(id) {
            let others = at.and_then(|at| shown.get(..at)?.last().or(shown.get(at + 1)));
            self.front = neighbour.or(others.copied());
        }
    }

    /// After any change: something is always in front, and an empty window shows the welcome page.
    fn settle(&mut self) {
        let ids = self.ids_of(|_| true);
        if ids.is_empty() {
            *self = Self::default();
        } else if self.front.is_none_or(|front| !ids.contains(&front)) {
            self.front = self.shown().first().or(ids.first()).copied();
        }
    }

    /// The tab that takes the place of this one when it leaves its pane.
    fn neighbour(&self, id: TileId) -> Option<TileId> {
        let siblings = self.children(self.tree.tiles.parent_of(id)?);
        let at = siblings.iter().position(|sibling| *sibling == id)?;
        let beside = siblings.get(at + 1).or(siblings.get(..at)?.last())?;
        self.shown_in(*beside).first().copied()
    }

    /// The tabs that are shown, one a pane, in the order in which they are seen.
    fn shown(&self) -> Vec<TileId> {
        self.tree.root().map(|root| self.shown_in(root)).unwrap_or_default()
    }

    /// [`Self::shown`] within a tile; of a tab, itself.
    fn shown_in(&self, tile: TileId) -> Vec<TileId> {
        match self.tree.tiles.get(tile) {
            Some(Tile::Container(Container::Tabs(tabs))) => {
                tabs.next_active(&self.tree.tiles).map(|active| self.shown_in(active)).unwrap_or_default()
            }
            Some(Tile::Container(container)) => container.children().flat_map(|child| self.shown_in(*child)).collect(),
            Some(Tile::Pane(_)) => vec![tile],
            None => Vec::new(),
        }
    }

    fn children(&self, container: TileId) -> Vec<TileId> {
        self.tree
            .tiles
            .get_container(container)
            .map(|container| container.children().copied().collect())
            .unwrap_or_default()
    }

    /// The tabs for which `wanted` holds, in the order in which they are seen.
    fn ids_of(&self, wanted: impl Fn(&Tab) -> bool) -> Vec<TileId> {
        let mut found = Vec::new();
        let mut to_visit: Vec<TileId> = self.tree.root().into_iter().collect();
        while let Some(id) = to_visit.pop() {
            match self.tree.tiles.get(id) {
                Some(Tile::Pane(tab)) if wanted(tab) => found.push(id),
                Some(Tile::Container(_)) => to_visit.extend(self.children(id).into_iter().rev()),
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(tabs: &mut Tabs, name: &str) {
        tabs.open(Document::at(name.into()), Outlook::default());
    }

    fn names(tabs: &Tabs) -> Vec<String> {
        tabs.saved().iter().map(name).collect()
    }

    fn name(tab: &SavedTab) -> String {
        match &tab.shows {
            Shown::File { path, .. } => path.display().to_string(),
            Shown::Page(page) => format!("{page:?}"),
        }
    }

    fn front(tabs: &mut Tabs) -> String {
        tabs.front_view().map(|view| view.document().name()).unwrap_or_default()
    }

    #[test]
    fn a_new_document_comes_to_the_front_and_the_welcome_page_goes() {
        let mut tabs = Tabs::default();
        open(&mut tabs, "a");
        open(&mut tabs, "b");
        assert_eq!((names(&tabs), front(&mut tabs)), (vec!["a".into(), "b".into()], "b".into()));
        assert_eq!(tabs.ids_of(|tab| matches!(tab, Tab::Welcome)).len(), 0);
        tabs.turn(1);
        assert_eq!(front(&mut tabs), "a");
        assert!(tabs.bring(std::path::Path::new("b")));
        assert_eq!(front(&mut tabs), "b");
    }

    #[test]
    fn closing_brings_the_neighbour_to_the_front_and_the_last_one_the_welcome_page() {
        let mut tabs = Tabs::default();
        for name in ["a", "b", "c"] {
            open(&mut tabs, name);
        }
        tabs.turn(-1);
        tabs.close_front();
        assert_eq!((names(&tabs), front(&mut tabs)), (vec!["a".into(), "c".into()], "c".into()));
        tabs.close_front();
        tabs.close_front();
        assert_eq!(tabs.ids_of(|tab| matches!(tab, Tab::Welcome)).len(), 1);
    }

    #[test]
    fn closing_the_last_tab_of_a_pane_leaves_the_other_pane_as_it_is() {
        let mut tabs = Tabs::default();
        for name in ["a", "b", "c", "d"] {
            open(&mut tabs, name);
        }
        tabs.split();
        assert_eq!(front(&mut tabs), "d");
        assert_eq!(shown(&tabs), ["c", "d"]);
        tabs.close_front();
        assert_eq!((front(&mut tabs), shown(&tabs)), ("c".into(), vec!["c".to_owned()]));
    }

    #[test]
    fn a_split_tab_stays_in_front_in_a_container_of_its_own() {
        let mut tabs = Tabs::default();
        for name in ["a", "b"] {
            open(&mut tabs, name);
        }
        tabs.split();
        assert_eq!(front(&mut tabs), "b");
        let root = tabs.tree.root().and_then(|root| tabs.tree.tiles.get_container(root));
        assert!(matches!(root, Some(Container::Linear(linear)) if linear.children.len() == 2));
        tabs.split();
        assert_eq!(panes(&tabs), [("a".into(), 0), ("b".into(), 1)], "it is alone in its pane already");
    }

    #[test]
    fn a_pane_is_split_to_its_right() {
        let mut tabs = Tabs::default();
        for name in ["a", "b", "c"] {
            open(&mut tabs, name);
        }
        tabs.split();
        assert!(tabs.bring(std::path::Path::new("b")));
        tabs.split();
        assert_eq!(panes(&tabs), [("a".into(), 0), ("b".into(), 1), ("c".into(), 2)]);
    }

    #[test]
    fn panes_come_back_with_what_they_showed() {
        let mut tabs = Tabs::default();
        for name in ["a", "b", "c", "d"] {
            open(&mut tabs, name);
        }
        tabs.split();
        tabs.bring(std::path::Path::new("c"));
        tabs.split();
        tabs.show_page(Page::Compare);
        tabs.bring(std::path::Path::new("a"));
        let saved = tabs.saved();
        let mut again = Tabs::default();
        again.reopen(saved, |path, _| Document::at(path));
        let all = [("a", 0), ("b", 0), ("c", 1), ("Compare", 1), ("d", 2)];
        assert_eq!(panes(&again), all.map(|(name, pane)| (name.to_owned(), pane)));
        assert_eq!((front(&mut again), shown(&again)), ("a".into(), ["a", "Compare", "d"].map(str::to_owned).to_vec()));
    }

    fn panes(tabs: &Tabs) -> Vec<(String, usize)> {
        tabs.saved().into_iter().map(|tab| (name(&tab), tab.pane)).collect()
    }

    fn shown(tabs: &Tabs) -> Vec<String> {
        tabs.saved().iter().filter(|tab| tab.shown).map(name).collect()
    }
}
