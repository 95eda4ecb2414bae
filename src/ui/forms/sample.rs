//! The form that writes a sample file.

use std::path::PathBuf;

use egui::Ui;

use super::{Form, text_field};
use crate::jobs::{Job as _, Kind};
use crate::practice::{Sample, SampleKind};
use crate::units;
use crate::work::Request;

/// A kind, a size and a place.
#[derive(Debug)]
pub struct SampleForm {
    kind: SampleKind,
    size: String,
    seed: String,
    output: String,
}

impl Default for SampleForm {
    fn default() -> Self {
        Self { kind: SampleKind::Log, size: "1 GB".into(), seed: "0".into(), output: String::new() }
    }
}

impl Form for SampleForm {
    fn kind(&self) -> Kind {
        Sample::KIND
    }
    fn title(&self) -> &'static str {
        "Write a sample file"
    }
    fn plural(&self) -> &'static str {
        "Samples"
    }
    fn name(&self) -> &'static str {
        "Sample"
    }
    fn action(&self) -> &'static str {
        "Write"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::FILE_PLUS
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        ui.horizontal(|ui| {
            for (kind, name) in [
                (SampleKind::Log, "Log"),
                (SampleKind::Csv, "CSV"),
                (SampleKind::JsonLines, "JSON lines"),
                (SampleKind::Binary, "Binary"),
            ] {
                ui.radio_value(&mut self.kind, kind, name);
            }
        });
        ui.add_space(4.0);
        text_field(ui, "Size", "500 MB, 4 GiB", &mut self.size, fresh);
        text_field(ui, "Seed", "0", &mut self.seed, false);
        text_field(ui, "Save to (optional)", "The downloads folder", &mut self.output, false);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Sample(Sample { kind, output, size, seed }) = asked else { return false };
        let (size, seed, output) = (size.to_string(), seed.to_string(), output.display().to_string());
        *self = Self { kind: *kind, size, seed, output };
        true
    }
    fn request(&self) -> Result<Request, String> {
        let size = units::parse_bytes(&self.size)?;
        let seed = self.seed.trim().parse();
        let seed = seed.map_err(|_| format!("A seed is a whole number from 0 to {}.", units::number(u64::MAX)))?;
        let output = PathBuf::from(self.output.trim());
        Ok(Sample { kind: self.kind, output, size, seed }.into())
    }
}
