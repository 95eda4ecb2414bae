//! The form that counts the rows of a table without opening it.

use egui::Ui;

use super::{Form, text_field};
use crate::document::table::{TableJob, delimiter_name, parse_delimiter};
use crate::jobs::{Job as _, Kind};
use crate::work::Request;

/// A path, and how what it leads to is written.
#[derive(Debug)]
pub struct TableForm {
    path: String,
    delimiter: String,
    header: bool,
}

impl Default for TableForm {
    fn default() -> Self {
        Self { path: String::new(), delimiter: String::new(), header: true }
    }
}

impl Form for TableForm {
    fn kind(&self) -> Kind {
        TableJob::KIND
    }
    fn title(&self) -> &'static str {
        "Count rows of a table"
    }
    fn plural(&self) -> &'static str {
        "Tables"
    }
    fn name(&self) -> &'static str {
        "Table"
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
        text_field(ui, "Between fields (optional)", "Told from the file, or ; or tab", &mut self.delimiter, false);
        ui.checkbox(&mut self.header, "The first row may name the columns");
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Table(table) = asked else { return false };
        self.path = table.path.display().to_string();
        self.delimiter = table.delimiter.map(delimiter_name).unwrap_or_default();
        self.header = !table.no_header;
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
        Ok(TableJob::of_file(path, delimiter, !self.header).into())
    }
}
