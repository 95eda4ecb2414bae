//! The form that writes rows of a table to another file: what a view shows of it, or what is asked for here.

use std::path::{Path, PathBuf};

use egui::Ui;

use super::{Form, text_field};
use crate::document::table::{Arrangement, Export, ExportFormat, Filter, SortKey};
use crate::jobs::{Job as _, Kind};
use crate::source::{address, as_typed};
use crate::units;
use crate::work::Request;

/// Two paths, which rows go from one to the other, and how they are written.
#[derive(Debug, Default)]
pub struct ExportForm {
    path: String,
    output: String,
    format: ExportFormat,
    filter: String,
    sort: String,
    /// What was asked for before, which may be what a view shows.
    asked: Option<Export>,
}

impl ExportForm {
    /// What a view shows, if that is to be written.
    fn shown(&self) -> Option<&Export> {
        self.asked.as_ref().filter(|asked| asked.is_shown())
    }

    fn arrangement(&self) -> Result<Arrangement, String> {
        Filter::parse(&self.filter).map_err(|error| format!("{error}."))?;
        let keys = self.sort.split(',').map(str::trim).filter(|key| !key.is_empty());
        let sort = keys.map(SortKey::parse).collect::<Result<_, _>>().map_err(|error| format!("{error}."))?;
        Ok(Arrangement { filter: self.filter.trim().to_owned(), sort })
    }
}

impl Form for ExportForm {
    fn kind(&self) -> Kind {
        Export::KIND
    }
    fn title(&self) -> &'static str {
        "Write rows of a table to a file"
    }
    fn plural(&self) -> &'static str {
        "Exports of tables"
    }
    fn name(&self) -> &'static str {
        "Export"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Export"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::TABLE
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        let shown = self.shown().map(|shown| {
            let rows = shown.shown_rows().map_or("All rows".to_owned(), |rows| units::count(rows, "row"));
            format!("{rows} of {}, with the columns as they are shown", address::name_of(&shown.path))
        });
        if let Some(words) = &shown {
            ui.add(egui::Label::new(words.as_str()).wrap());
        } else {
            text_field(ui, "File", "/home/me/orders.csv", &mut self.path, fresh);
            text_field(ui, "Rows that hold (optional)", "status >= 500 path : api", &mut self.filter, false);
            text_field(ui, "Sort by (optional)", "-price, name", &mut self.sort, false);
        }
        text_field(ui, "Save to (optional)", "The downloads folder", &mut self.output, fresh && shown.is_some());
        ui.horizontal_wrapped(|ui| {
            ui.label("Format");
            for format in ExportFormat::ALL {
                ui.radio_value(&mut self.format, format, format.name());
            }
        });
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Export(asked) = asked else { return false };
        let keys: Vec<_> = asked.arrangement.sort.iter().map(ToString::to_string).collect();
        *self = Self {
            path: asked.path.display().to_string(),
            output: asked.output.display().to_string(),
            format: asked.format.unwrap_or_default(),
            filter: asked.arrangement.filter.clone(),
            sort: keys.join(", "),
            asked: Some(asked.clone()),
        };
        true
    }
    fn request(&self) -> Result<Request, String> {
        let output = PathBuf::from(self.output.trim());
        let mut export = match (self.shown(), self.path.trim()) {
            (Some(shown), _) => shown.clone(),
            (None, "") => return Err("Type the path of a file.".into()),
            (None, path) => {
                let path = as_typed(Path::new(path));
                // How the same file is read, and which columns are meant, there are no fields for.
                let known = self.asked.clone().filter(|asked| asked.path == path);
                let mut export = known.unwrap_or_else(|| Export::new(path, PathBuf::new()));
                export.arrangement = self.arrangement()?;
                export
            }
        };
        (export.output, export.format) = (output, Some(self.format));
        Ok(export.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export_of(request: Request) -> Export {
        let Request::Export(export) = request else { panic!("{request:?}") };
        export
    }

    #[test]
    fn what_is_asked_for_fills_the_fields_again() {
        let form = ExportForm {
            path: "/a.csv".into(),
            output: "/b.md".into(),
            format: ExportFormat::Markdown,
            filter: "a = 1".into(),
            sort: "-price, name".into(),
            asked: None,
        };
        let asked = export_of(form.request().unwrap());
        assert_eq!((asked.format, asked.arrangement.sort.len()), (Some(ExportFormat::Markdown), 2));
        let mut again = ExportForm::default();
        assert!(again.fill(&asked.into()));
        assert_eq!((again.sort.as_str(), again.filter.as_str()), ("-price, name", "a = 1"));
        assert_eq!(export_of(again.request().unwrap()).output, Path::new("/b.md"));
    }

    #[test]
    fn what_makes_no_request_is_told_in_a_sentence() {
        let form = |path: &str, filter: &str, sort: &str| {
            let (path, filter, sort) = (path.into(), filter.into(), sort.into());
            ExportForm { path, filter, sort, ..ExportForm::default() }.request()
        };
        for (path, filter, sort, words) in [
            (" ", "", "", "Type the path of a file."),
            ("/a", "a", "", "After a column comes"),
            ("/a", "", "#0", "“#0” is no column to sort by"),
        ] {
            let error = form(path, filter, sort).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
