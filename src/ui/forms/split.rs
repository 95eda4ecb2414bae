//! The form that cuts a file in parts.

use std::path::{Path, PathBuf};

use egui::Ui;

use super::{Form, text_field};
use crate::document::{Reading, Split};
use crate::jobs::{Job as _, Kind};
use crate::source::as_typed;
use crate::units;
use crate::work::Request;

/// A path, a size, and a folder.
#[derive(Debug)]
pub struct SplitForm {
    path: String,
    output: String,
    /// Whether the size is a number of lines.
    by_lines: bool,
    size: String,
    exact: bool,
    reading: Reading,
}

impl Default for SplitForm {
    fn default() -> Self {
        let (path, output) = (String::new(), String::new());
        Self { path, output, by_lines: false, size: "100 MB".into(), exact: false, reading: Reading::default() }
    }
}

impl Form for SplitForm {
    fn kind(&self) -> Kind {
        Split::KIND
    }
    fn title(&self) -> &'static str {
        "Cut a file in parts"
    }
    fn plural(&self) -> &'static str {
        "Files cut in parts"
    }
    fn name(&self) -> &'static str {
        "Split"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Cut"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::LIST
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Path", "~/Downloads/access.log", &mut self.path, fresh);
        ui.horizontal(|ui| {
            ui.label("Parts of so many");
            ui.radio_value(&mut self.by_lines, false, "bytes");
            ui.radio_value(&mut self.by_lines, true, "lines");
        });
        let hint = if self.by_lines { "1,000,000" } else { "100 MB, 1 GiB" };
        text_field(ui, "Size of a part", hint, &mut self.size, false);
        ui.add_enabled_ui(!self.by_lines, |ui| {
            ui.checkbox(&mut self.exact, "Cut lines too, so that all parts are of the same size");
        });
        text_field(ui, "Folder (optional)", "The downloads folder", &mut self.output, false);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Split(Split { path, output, reading, bytes, lines, exact }) = asked else { return false };
        let size = lines.map(units::number).or(bytes.map(|bytes| bytes.to_string())).unwrap_or_default();
        *self = Self {
            path: path.display().to_string(),
            output: output.as_ref().map(|output| output.display().to_string()).unwrap_or_default(),
            by_lines: lines.is_some(),
            size,
            exact: *exact,
            reading: reading.clone(),
        };
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = match self.path.trim() {
            "" => return Err("Type the path of a file.".into()),
            path => as_typed(Path::new(path)),
        };
        let (bytes, lines) = if self.by_lines {
            let lines = self.size.replace([',', ' '], "").parse::<u64>();
            (None, Some(lines.map_err(|_| format!("“{}” is no number of lines.", self.size.trim()))?))
        } else {
            (Some(units::parse_bytes(&self.size)?), None)
        };
        let output = Some(self.output.trim()).filter(|output| !output.is_empty()).map(PathBuf::from);
        let (reading, exact) = (self.reading.clone(), self.exact && !self.by_lines);
        let split = Split { path, output, reading, bytes, lines, exact };
        split.check().map_err(|_| "Say how many bytes or lines a part is to have.")?;
        Ok(split.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(size: &str, by_lines: bool) -> SplitForm {
        SplitForm { path: "/a.log".into(), size: size.into(), by_lines, exact: true, ..SplitForm::default() }
    }

    #[test]
    fn a_size_is_one_of_bytes_or_of_lines() {
        let sizes = |form: SplitForm| match form.request() {
            Ok(Request::Split(split)) => Ok((split.bytes, split.lines, split.exact)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        assert_eq!(sizes(form("1.5 MB", false)), Ok((Some(1_500_000), None, true)));
        assert_eq!(sizes(form("1,000", true)), Ok((None, Some(1_000), false)));
        for (size, by_lines, words) in
            [("0", false, "how many"), ("0", true, "how many"), ("x", true, "no number"), ("x", false, "not a size")]
        {
            let error = sizes(form(size, by_lines)).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_was_asked_for_fills_the_fields() {
        let asked = form("1,000", true).request().unwrap();
        let mut again = SplitForm::default();
        assert!(again.fill(&asked));
        assert_eq!((again.path.as_str(), again.size.as_str(), again.by_lines), ("/a.log", "1,000", true));
    }
}
