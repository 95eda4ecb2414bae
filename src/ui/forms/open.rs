//! The form that opens a file by a typed path: what remains where there is no file dialog.

use std::path::PathBuf;

use egui::Ui;

use super::{Form, text_field};
use crate::document::Open;
use crate::jobs::{Job as _, Kind};
use crate::work::Request;

/// A path.
#[derive(Debug, Default)]
pub struct OpenForm {
    path: String,
}

impl Form for OpenForm {
    fn kind(&self) -> Kind {
        Open::KIND
    }
    fn title(&self) -> &'static str {
        "Open a file by its path"
    }
    fn plural(&self) -> &'static str {
        "Opening files"
    }
    fn name(&self) -> &'static str {
        "Open"
    }
    fn action(&self) -> &'static str {
        "Open"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::FOLDER_OPEN
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Path", "/var/log/syslog, or an address to read it where it is", &mut self.path, fresh);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Open(open) = asked else { return false };
        self.path = open.path.display().to_string();
        true
    }
    fn request(&self) -> Result<Request, String> {
        match self.path.trim() {
            "" => Err("Type the path of a file.".into()),
            path => Ok(Open::new(PathBuf::from(path)).0.into()),
        }
    }
}
