//! The form that counts what a text has.

use std::path::Path;

use egui::Ui;

use super::{Form, short_field, text_field};
use crate::document::{Reading, Statistics, parse_delimiter};
use crate::jobs::{Job as _, Kind};
use crate::source::as_typed;
use crate::work::Request;

/// A path, and a column if one is meant.
#[derive(Debug, Default)]
pub struct StatisticsForm {
    path: String,
    column: String,
    delimiter: String,
    header: bool,
    reading: Reading,
}

impl Form for StatisticsForm {
    fn kind(&self) -> Kind {
        Statistics::KIND
    }
    fn title(&self) -> &'static str {
        "Count the lines, words and values of a file"
    }
    fn plural(&self) -> &'static str {
        "Statistics"
    }
    fn name(&self) -> &'static str {
        "Statistics"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Count"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::CHART
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Path", "~/Downloads/orders.csv", &mut self.path, fresh);
        ui.label("Of a table, the distinct values of a column (optional)");
        ui.horizontal(|ui| {
            short_field(ui, "Column", "1", &mut self.column);
            short_field(ui, "Delimiter", "Comma", &mut self.delimiter);
        });
        ui.checkbox(&mut self.header, "The first row holds the names of the columns");
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Statistics(Statistics { path, reading, column, delimiter, header }) = asked else { return false };
        let delimiter = match delimiter {
            Some('\t') => "tab".to_owned(),
            other => other.map(String::from).unwrap_or_default(),
        };
        *self = Self {
            path: path.display().to_string(),
            column: column.map(|column| column.to_string()).unwrap_or_default(),
            delimiter,
            header: *header,
            reading: reading.clone(),
        };
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = match self.path.trim() {
            "" => return Err("Type the path of a file.".into()),
            path => as_typed(Path::new(path)),
        };
        let column = match self.column.trim() {
            "" => None,
            number => {
                let known = number.parse::<u64>().ok().filter(|column| *column > 0);
                Some(known.ok_or_else(|| format!("“{number}” is no number of a column; the first one is 1."))?)
            }
        };
        // A space or a tab is one too.
        let typed = if self.delimiter.chars().count() == 1 { self.delimiter.as_str() } else { self.delimiter.trim() };
        let delimiter = Some(typed).filter(|typed| !typed.is_empty()).map(parse_delimiter).transpose()?;
        let (header, reading) = (self.header && column.is_some(), self.reading.clone());
        Ok(Statistics { path, reading, column, delimiter: delimiter.filter(|_| column.is_some()), header }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(column: &str, delimiter: &str) -> StatisticsForm {
        let (path, column, delimiter) = ("/a.csv".into(), column.into(), delimiter.into());
        StatisticsForm { path, column, delimiter, header: true, ..StatisticsForm::default() }
    }

    #[test]
    fn what_is_typed_becomes_the_request_and_comes_back() {
        for (column, delimiter, expected) in [
            ("", "", (None, None, false)),
            (" 3 ", "", (Some(3), None, true)),
            ("3", " ; ", (Some(3), Some(';'), true)),
            ("3", " ", (Some(3), Some(' '), true)),
            ("3", "tab", (Some(3), Some('\t'), true)),
        ] {
            let request = form(column, delimiter).request().unwrap();
            let Request::Statistics(asked) = &request else { panic!("{request:?}") };
            assert_eq!((asked.column, asked.delimiter, asked.header), expected);
            let mut again = StatisticsForm::default();
            assert!(again.fill(&request));
            let Ok(Request::Statistics(same)) = again.request() else { panic!("{again:?}") };
            assert_eq!(&same, asked);
        }
        assert!(form("0", "").request().unwrap_err().contains("the first one is 1"));
        assert!(form("3", ";;").request().unwrap_err().contains("no delimiter"));
    }
}
