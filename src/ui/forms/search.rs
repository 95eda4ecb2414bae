//! The form that counts the lines of a file that match, without opening it, and writes them to another one if asked to.

use std::path::{Path, PathBuf};

use egui::{DragValue, Ui};

use super::{Form, text_field};
use crate::document::{Only, Query, Search};
use crate::jobs::{Job as _, Kind};
use crate::work::Request;

/// A pattern, a path, and another one for what is found.
#[derive(Debug, Default)]
pub struct SearchForm {
    path: String,
    query: Query,
    output: String,
    context: u8,
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
        ui.add_space(4.0);
        text_field(ui, "Write the lines to (optional)", "/tmp/syslog.lines", &mut self.output, false);
        ui.horizontal(|ui| {
            let name = ui.label("Lines around each");
            let value = DragValue::new(&mut self.context).range(0..=Only::MAX_CONTEXT).speed(1);
            ui.add_enabled(!self.output.trim().is_empty(), value).labelled_by(name.id);
        });
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Search(search) = asked else { return false };
        (self.query, self.path) = (search.query.clone(), search.path.display().to_string());
        let output = search.output.as_deref().map(|output| output.display().to_string());
        (self.output, self.context) = (output.unwrap_or_default(), search.context);
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = match self.path.trim() {
            "" => return Err("Type the path of a file.".into()),
            path => crate::source::as_typed(Path::new(path)),
        };
        let mut search = Search::in_file(self.query.clone(), path).map_err(|error| error.to_string())?;
        let output = Some(self.output.trim()).filter(|output| !output.is_empty()).map(PathBuf::from);
        (search.output, search.context) = (output, self.context);
        Ok(search.into())
    }
}
