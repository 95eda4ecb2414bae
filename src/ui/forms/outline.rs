//! The form that reads the outline of a file of JSON, without opening it.

use std::path::Path;

use egui::Ui;

use super::{Form, text_field};
use crate::document::OutlineJob;
use crate::jobs::{Job as _, Kind};
use crate::work::Request;

/// A path.
#[derive(Debug, Default)]
pub struct OutlineForm {
    path: String,
}

impl Form for OutlineForm {
    fn kind(&self) -> Kind {
        OutlineJob::KIND
    }
    fn title(&self) -> &'static str {
        "Count the values of a JSON file"
    }
    fn plural(&self) -> &'static str {
        "Outlines"
    }
    fn name(&self) -> &'static str {
        "Outline"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Read"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::BRACES
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Path", "/data/records.jsonl", &mut self.path, fresh);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Outline(outline) = asked else { return false };
        self.path = outline.path.display().to_string();
        true
    }
    fn request(&self) -> Result<Request, String> {
        match self.path.trim() {
            "" => Err("Type the path of a file.".into()),
            path => Ok(OutlineJob::of_file(crate::source::as_typed(Path::new(path))).into()),
        }
    }
}
