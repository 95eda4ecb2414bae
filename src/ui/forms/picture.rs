//! The form that decodes a picture without opening it.

use std::path::Path;

use egui::Ui;

use super::{Form, text_field};
use crate::document::PictureJob;
use crate::jobs::{Job as _, Kind};
use crate::source::as_typed;
use crate::work::Request;

/// A path.
#[derive(Debug, Default)]
pub struct PictureForm {
    path: String,
}

impl Form for PictureForm {
    fn kind(&self) -> Kind {
        PictureJob::KIND
    }
    fn title(&self) -> &'static str {
        "Decode a picture"
    }
    fn plural(&self) -> &'static str {
        "Pictures"
    }
    fn name(&self) -> &'static str {
        "Picture"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Decode"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::FILE_TEXT
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Path", "~/Pictures/map.png", &mut self.path, fresh);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Picture(picture) = asked else { return false };
        self.path = picture.path.display().to_string();
        true
    }
    fn request(&self) -> Result<Request, String> {
        match self.path.trim() {
            "" => Err("Type the path of a file.".into()),
            path => Ok(PictureJob::in_file(as_typed(Path::new(path))).into()),
        }
    }
}
