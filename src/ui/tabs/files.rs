//! The part of the tabs that has to do with what is in files: which tab shows one and how it is read, what is found in all of
//! them, and what takes the place of one that is followed.

use std::path::Path;

use egui_tiles::Tile;

use super::super::search_rows::FoundIn;
use super::super::viewer::Viewer;
use super::{Tab, Tabs};
use crate::command::Page;
use crate::document::{Document, PatternError, Query, Reading, Search};
use crate::source::ByteOffset;

impl Tabs {
    /// Brings the tab that shows the file at `path`, read in this way, to the front, if there is one.
    pub fn bring_as(&mut self, path: &Path, reading: &Reading) -> bool {
        self.bring_first(|view| view.document().path() == path && view.reading() == reading)
    }

    /// How the file at `path` is read, in the first tab that shows all of it.
    #[must_use]
    pub fn reading_of(&self, path: &Path) -> Reading {
        let shows = |tab: &Tab| matches!(tab, Tab::Document(view) if view.shows_all_of(path));
        match self.ids_of(shows).first().and_then(|id| self.tree.tiles.get(*id)) {
            Some(Tile::Pane(Tab::Document(view))) => view.reading().clone(),
            _ => Reading::default(),
        }
    }

    pub(super) fn bring_first(&mut self, wanted: impl Fn(&Viewer) -> bool) -> bool {
        let shown = self.ids_of(|tab| matches!(tab, Tab::Document(view) if wanted(view)));
        let Some(id) = shown.first() else { return false };
        self.bring_id(*id);
        true
    }

    /// Searches all documents: gives the jobs that do it, and shows what they find.
    ///
    /// # Errors
    /// When that can not be searched for.
    pub fn search_all(&mut self, query: &Query) -> Result<Vec<Search>, PatternError> {
        let (mut searches, mut found) = (Vec::new(), Vec::new());
        for id in self.ids_of(|tab| matches!(tab, Tab::Document(_))) {
            let Some(Tile::Pane(Tab::Document(view))) = self.tree.tiles.get(id) else { continue };
            let document = view.document().clone();
            let (search, hits) = document.search(query.clone())?;
            let (name, path, reading) = (document.name(), document.path().to_owned(), view.reading().clone());
            searches.push(search);
            found.push(FoundIn { name, path, reading, document, hits });
        }
        self.show_page(Page::Search);
        if let Some(Tile::Pane(Tab::Search(page))) = self.front.and_then(|id| self.tree.tiles.get_mut(id)) {
            page.show(query, found);
        }
        Ok(searches)
    }

    /// Goes to the line that starts at `at` in the document in front.
    pub fn go_to(&mut self, at: ByteOffset) {
        if let Some(view) = self.front_view() {
            view.go_to(at);
        }
    }

    /// Shows another document wherever the one at `path` is followed, from its end on: one for each way in which it is read.
    pub fn follow_anew(&mut self, path: &Path, mut document_of: impl FnMut(Reading) -> Document) {
        let mut anew: Vec<(Reading, Document)> = Vec::new();
        for (_, tile) in self.tree.tiles.iter_mut() {
            if let Tile::Pane(Tab::Document(view)) = tile
                && view.view().follows()
                && view.document().path() == path
            {
                let reading = view.reading().clone();
                let known = anew.iter().find(|(other, _)| *other == reading).map(|(_, document)| document.clone());
                let document = known.unwrap_or_else(|| document_of(reading.clone()));
                view.read_again(&document, reading.clone());
                anew.push((reading, document));
            }
        }
    }

    /// Shows another document wherever the one at `path` is shown, at the same place.
    pub fn replace(&mut self, path: &Path, document: &Document) {
        for (_, tile) in self.tree.tiles.iter_mut() {
            if let Tile::Pane(Tab::Document(view)) = tile
                && view.shows_all_of(path)
            {
                let reading = view.reading().clone();
                view.read_again(document, reading);
            }
        }
    }
}
