//! The form that counts the rows of a table that hold conditions, without opening it.

use egui::Ui;

use super::{Form, text_field};
use crate::document::table::{Arrange, Arrangement, Filter, Written, delimiter_name, parse_delimiter};
use crate::jobs::{Job as _, Kind};
use crate::work::Request;

/// A path, conditions, and how what it leads to is written.
#[derive(Debug)]
pub struct ArrangeForm {
    path: String,
    filter: String,
    delimiter: String,
    header: bool,
}

impl Default for ArrangeForm {
    fn default() -> Self {
        Self { path: String::new(), filter: String::new(), delimiter: String::new(), header: true }
    }
}

impl Form for ArrangeForm {
    fn kind(&self) -> Kind {
        Arrange::KIND
    }
    fn title(&self) -> &'static str {
        "Count rows that hold conditions"
    }
    fn plural(&self) -> &'static str {
        "Arrangements of tables"
    }
    fn name(&self) -> &'static str {
        "Filter"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Count"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::TABLE
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "File", "/home/me/orders.csv", &mut self.path, fresh);
        text_field(ui, "Rows that hold", "status >= 500 path : api note is not null", &mut self.filter, false);
        text_field(ui, "Between fields (optional)", "Told from the file, or ; or tab", &mut self.delimiter, false);
        ui.checkbox(&mut self.header, "The first row may name the columns");
    }
    fn fill(&mut self, asked: &Request) -> bool {
        // What a view waits for is changed there.
        let Request::Arrange(asked) = asked else { return false };
        if asked.is_shown() {
            return false;
        }
        self.path = asked.path.display().to_string();
        self.filter.clone_from(&asked.arrangement.filter);
        self.delimiter = asked.written.delimiter.map(delimiter_name).unwrap_or_default();
        self.header = !asked.written.no_header;
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = match self.path.trim() {
            "" => return Err("Type the path of a file.".into()),
            path => crate::source::as_typed(std::path::Path::new(path)),
        };
        // A blank can stand between fields.
        let delimiter = match self.delimiter.as_str() {
            "" => None,
            delimiter => Some(parse_delimiter(delimiter)?),
        };
        Filter::parse(&self.filter).map_err(|error| format!("{error}."))?;
        let arrangement = Arrangement { filter: self.filter.clone(), sort: Vec::new() };
        let written = Written { delimiter, no_header: !self.header };
        let mut arrange = Arrange::of_file(path, arrangement);
        arrange.written = written;
        Ok(arrange.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_make_no_sense_are_told_before_anything_is_read() {
        let form =
            |filter: &str| ArrangeForm { path: "/a.csv".into(), filter: filter.into(), ..ArrangeForm::default() };
        let error = form("status 500").request().unwrap_err();
        assert!(error.starts_with("After a column comes") && error.ends_with("at character 8."), "{error}");
        let asked = form("status >= 500").request().unwrap();
        let mut again = ArrangeForm::default();
        assert!(again.fill(&asked));
        assert_eq!((again.path.as_str(), again.filter.as_str(), again.header), ("/a.csv", "status >= 500", true));
    }
}
