//! The form that writes what a file holds to another one: all of it, some of its lines, or what is selected in a document.

use std::path::{Path, PathBuf};

use egui::{ComboBox, Ui};

use super::{Form, short_field, take_enter, text_field};
use crate::document::{Encoding, Endings, Save, Span};
use crate::jobs::{Job as _, Kind};
use crate::source::as_typed;
use crate::units;
use crate::work::Request;

/// How the choice is called that leaves the encoding alone.
const AS_SHOWN: &str = "UTF-8, what is no text as it is";

/// Two paths, and what becomes of the text between them.
#[derive(Debug, Default)]
pub struct SaveForm {
    path: String,
    output: String,
    encoding: Option<Encoding>,
    endings: Endings,
    lossy: bool,
    from_line: String,
    to_line: String,
    /// What was asked for before; of the file that it names it may know more than there are fields.
    asked: Option<Save>,
}

impl SaveForm {
    /// The bytes that were asked for before: there are no fields for them, as a person selects them elsewhere.
    fn bytes(&self) -> Option<Span> {
        let span = self.asked.as_ref()?.span;
        Some(span).filter(|span| span.from_byte.or(span.to_byte).is_some())
    }

    fn span(&self) -> Result<Span, String> {
        if let Some(bytes) = self.bytes() {
            return Ok(bytes);
        }
        let (from_line, to_line) = (line_number(&self.from_line)?, line_number(&self.to_line)?);
        Ok(Span { from_line, to_line, ..Span::default() })
    }

    fn what(&mut self, ui: &mut Ui, fresh: bool) {
        let Some(span) = self.bytes() else {
            text_field(ui, "Path", "/var/log/syslog.gz", &mut self.path, fresh);
            return;
        };
        let (from, name) = (span.from_byte.unwrap_or(0), units::file_name(Path::new(&self.path)));
        let size = span.to_byte.map_or("All".to_owned(), |to| units::bytes(to.saturating_sub(from)));
        ui.add(egui::Label::new(format!("{size} from byte {} on, of {name}", units::number(from))).wrap());
    }
}

impl Form for SaveForm {
    fn kind(&self) -> Kind {
        Save::KIND
    }
    fn title(&self) -> &'static str {
        "Save what a file holds as another one"
    }
    fn plural(&self) -> &'static str {
        "Saved copies"
    }
    fn name(&self) -> &'static str {
        "Save as"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Save"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::FILE_TEXT
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        // Of what is shown the path is known, and only where to is asked.
        let knows = self.asked.is_some();
        self.what(ui, fresh && !knows);
        text_field(ui, "Save to (optional)", "The downloads folder", &mut self.output, fresh && knows);
        ui.horizontal(|ui| {
            let name = ui.label("Encoding");
            let shown = ComboBox::from_id_salt("encoding to write in")
                .selected_text(self.encoding.map_or(AS_SHOWN, Encoding::name))
                .width(240.0)
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut self.encoding, None, AS_SHOWN);
                    for choice in Save::encodings() {
                        ui.selectable_value(&mut self.encoding, Some(choice), choice.name());
                    }
                });
            let response = shown.response.labelled_by(name.id);
            take_enter(ui, shown.inner.is_some() || response.has_focus());
        });
        ui.horizontal(|ui| {
            ui.label("Line endings");
            for endings in Endings::ALL {
                ui.radio_value(&mut self.endings, endings, endings.name());
            }
        });
        if self.bytes().is_none() {
            ui.horizontal(|ui| {
                short_field(ui, "From line", "The first", &mut self.from_line);
                short_field(ui, "To line", "The last", &mut self.to_line);
            });
        }
        ui.checkbox(&mut self.lossy, "Replace characters that the encoding lacks");
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Save(asked) = asked else { return false };
        let line = |line: Option<u64>| line.map(units::number).unwrap_or_default();
        *self = Self {
            path: asked.path.display().to_string(),
            output: asked.output.display().to_string(),
            encoding: asked.to_encoding,
            endings: asked.endings,
            lossy: asked.lossy,
            from_line: line(asked.span.from_line),
            to_line: line(asked.span.to_line),
            asked: Some(asked.clone()),
        };
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = match self.path.trim() {
            "" => return Err("Type the path of a file.".into()),
            path => as_typed(Path::new(path)),
        };
        let output = PathBuf::from(self.output.trim());
        let known = self.asked.clone().filter(|asked| asked.path == path);
        let mut save = known.unwrap_or_else(|| Save::new(path, PathBuf::new()));
        (save.output, save.span) = (output, self.span()?);
        (save.to_encoding, save.endings, save.lossy) = (self.encoding, self.endings, self.lossy);
        save.check().map_err(|error| format!("{error}."))?;
        Ok(save.into())
    }
}

/// The number of a line as a person writes it; `None` if there is none.
fn line_number(text: &str) -> Result<Option<u64>, String> {
    let digits = text.replace([',', ' '], "");
    if digits.is_empty() {
        return Ok(None);
    }
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| format!("“{}” is no number of a line; the first one is 1.", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::source::ByteOffset;

    fn save_of(request: Request) -> Save {
        let Request::Save(save) = request else { panic!("{request:?}") };
        save
    }

    #[test]
    fn what_makes_no_request_is_told_in_a_sentence() {
        let form = |path: &str, from: &str, to: &str| {
            let (path, from_line, to_line) = (path.into(), from.into(), to.into());
            SaveForm { path, from_line, to_line, ..SaveForm::default() }.request()
        };
        for (path, from, to, words) in [
            (" ", "", "", "Type the path"),
            ("a", "x", "", "“x” is no number"),
            ("a", "0", "", "the first one is 1"),
            ("a", "3", "2", "ends before it begins."),
        ] {
            let error = form(path, from, to).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let span = save_of(form("a", "1,000", "2 000").unwrap()).span;
        assert_eq!((span.from_line, span.to_line), (Some(1_000), Some(2_000)));
    }

    #[test]
    fn a_selection_stays_what_it_is_whatever_else_is_changed() {
        let document = Document::at("/a.log".into());
        let selected = document.save(crate::document::Reading::default(), Some(&(ByteOffset(3)..ByteOffset(9))));
        let mut form = SaveForm::default();
        assert!(form.fill(&selected.into()));
        form.output = "/b.log".into();
        form.encoding = Some(Encoding::UTF_16_LE);
        let save = save_of(form.request().unwrap());
        assert_eq!((save.path.as_path(), save.output.as_path()), (Path::new("/a.log"), Path::new("/b.log")));
        assert_eq!((save.span.from_byte, save.span.to_byte), (Some(3), Some(9)));
        assert_eq!(save.to_encoding, Some(Encoding::UTF_16_LE));
    }

    #[test]
    fn what_was_asked_for_is_asked_for_again() {
        let span = Span { from_line: Some(12_345), ..Span::default() };
        let mut asked = Save::new("/a.log".into(), "/b.log".into());
        (asked.lossy, asked.span) = (true, span);
        let mut form = SaveForm::default();
        assert!(form.fill(&asked.into()));
        assert_eq!(form.from_line, "12,345");
        let save = save_of(form.request().unwrap());
        assert!(save.lossy && save.span == span);
        form.path = "/c.log".into();
        assert_eq!(save_of(form.request().unwrap()).path, Path::new("/c.log"));
    }
}
