//! The form that counts the lines of a file that match, without opening it.

use egui::Ui;

use super::{Form, text_field};
use crate::document::{Query, Search};
use crate::jobs::{Job as _, Kind};
use crate::work::Request;

/// A pattern and a path.
#[derive(Debug, Default)]
pub struct SearchForm {
    path: String,
    query: Query,
}

impl Form for SearchForm {
    fn kind(&self) -> Kind {
        Search::KIND
    }
    fn title(&self) -> &'static str {
        "Count matching lines of a file"
    }
    fn plural(&self) -> &'static str {
        "Searches"
    }
    fn name(&self) -> &'static str {
        "Search"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Search"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::MAGNIFYING_GLASS
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Search for", "A text or a regular expression", &mut self.query.pattern, fresh);
        text_field(ui, "In the file", "/var/log/syslog", &mut self.path, false);
        let mut regex = !self.query.fixed;
        ui.checkbox(&mut regex, "Regular expression");
        self.query.fixed = !regex;
        ui.checkbox(&mut self.query.ignore_case, "Capitals and small letters are the same");
        ui.checkbox(&mut self.query.word, "Whole words");
        ui.checkbox(&mut self.query.invert, "Lines without it");
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Search(search) = asked else { return false };
        (self.query, self.path) = (search.query.clone(), search.path.display().to_string());
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = match self.path.trim() {
            "" => return Err("Type the path of a file.".into()),
            path => crate::source::as_typed(std::path::Path::new(path)),
        };
        Search::in_file(self.query.clone(), path).map(Into::into).map_err(|error| error.to_string())
    }
}
