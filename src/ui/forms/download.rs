//! The form that starts a download.

use std::path::PathBuf;

use egui::Ui;

use super::{Form, text_field};
use crate::jobs::{Job as _, Kind};
use crate::transfer::Download;
use crate::work::Request;

/// An address and a place.
#[derive(Debug, Default)]
pub struct DownloadForm {
    address: String,
    output: String,
}

impl Form for DownloadForm {
    fn kind(&self) -> Kind {
        Download::KIND
    }
    fn title(&self) -> &'static str {
        "Download a file"
    }
    fn plural(&self) -> &'static str {
        "Downloads"
    }
    fn name(&self) -> &'static str {
        "Download"
    }
    fn action(&self) -> &'static str {
        "Download"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::DOWNLOAD
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Address", "https://example.org/file.zip", &mut self.address, fresh);
        text_field(ui, "Save to (optional)", "The downloads folder, under the server's name", &mut self.output, false);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Download(Download { url, output, .. }) = asked else { return false };
        self.address.clone_from(url);
        self.output = output.as_ref().map(|output| output.display().to_string()).unwrap_or_default();
        true
    }
    fn request(&self) -> Result<Request, String> {
        let address = self.address.trim();
        if !address.starts_with("http://") && !address.starts_with("https://") {
            return Err("Type an address that begins with http:// or https://.".into());
        }
        let output = Some(self.output.trim()).filter(|output| !output.is_empty()).map(PathBuf::from);
        Ok(Download::new(address.to_owned(), output).into())
    }
}
