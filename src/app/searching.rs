//! What the person wants of what was searched for: only the lines that match, the place of one of them in its file, and the
//! same search in all documents that are open.

use std::path::PathBuf;

use super::App;
use crate::document::{Only, Open, Query, Reading, Shape};
use crate::source::ByteOffset;
use crate::ui::Outlook;

impl App {
    /// Shows only some lines of the document in front, in a tab of their own.
    pub(super) fn show_only(&mut self, only: Only) {
        let Some((path, reading)) = self.tabs.front_file() else { return };
        self.searches.remember(&only.query);
        let reading = Reading { only: Some(only), ..reading };
        self.open(path, Outlook { reading, shape: Some(Shape::Text), ..Outlook::default() });
    }

    /// Goes to a place in the file of which the document in front has some lines.
    pub(super) fn go_to_origin(&mut self, at: ByteOffset) {
        if let Some((path, reading)) = self.tabs.front_file() {
            self.open_at(path, Reading { only: None, ..reading }, at);
        }
    }

    /// Goes to the line that starts at `at` in the file at `path` as it is read so, which is opened if it is not.
    pub(super) fn open_at(&mut self, path: PathBuf, reading: Reading, at: ByteOffset) {
        if !self.tabs.bring_as(&path, &reading) {
            let (request, document) = Open::read_as(path, reading.clone());
            self.tabs.open(document, Outlook { reading, ..Outlook::default() });
            self.submit(request);
        }
        self.tabs.go_to(at);
    }

    /// Searches all documents that are open, and shows what is found.
    pub(super) fn search_all(&mut self, query: &Query) {
        self.searches.remember(query);
        match self.tabs.search_all(query) {
            Ok(searches) => {
                for search in searches {
                    self.submit(search);
                }
            }
            Err(error) => self.say(error.to_string()),
        }
    }
}
