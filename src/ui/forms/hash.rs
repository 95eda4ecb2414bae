//! The form that hashes a file, and holds the digest against a value if there is one.

use std::path::{Path, PathBuf};

use egui::Ui;

use super::{Form, text_field};
use crate::document::{Algorithm, Hash};
use crate::jobs::{Job as _, Kind};
use crate::source::as_typed;
use crate::work::Request;

/// A path, an algorithm, and what is expected.
#[derive(Debug, Default)]
pub struct HashForm {
    path: String,
    algorithm: Algorithm,
    expected: String,
    list: String,
}

impl Form for HashForm {
    fn kind(&self) -> Kind {
        Hash::KIND
    }
    fn title(&self) -> &'static str {
        "Hash a file or verify it"
    }
    fn plural(&self) -> &'static str {
        "Hashes"
    }
    fn name(&self) -> &'static str {
        "Checksum"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Hash"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::CHECK_CIRCLE
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        text_field(ui, "Path", "~/Downloads/image.iso", &mut self.path, fresh);
        ui.horizontal_wrapped(|ui| {
            for algorithm in Algorithm::ALL {
                ui.radio_value(&mut self.algorithm, algorithm, algorithm.name());
            }
        });
        ui.add_space(4.0);
        let expected = "Expected value or a line of a *SUMS file (optional)";
        text_field(ui, expected, "In hexadecimal", &mut self.expected, false);
        text_field(ui, "Path of a *SUMS file (optional)", "~/Downloads/SHA256SUMS", &mut self.list, false);
    }
    fn fill(&mut self, asked: &Request) -> bool {
        let Request::Hash(Hash { path, algorithm, expect, sums }) = asked else { return false };
        let list = sums.as_ref().map(|list| list.display().to_string()).unwrap_or_default();
        let (path, expected) = (path.display().to_string(), expect.clone().unwrap_or_default());
        *self = Self { path, algorithm: *algorithm, expected, list };
        true
    }
    fn request(&self) -> Result<Request, String> {
        let path = typed_path(&self.path).ok_or("Type the path of a file.")?;
        let expect = Some(self.expected.trim()).filter(|expected| !expected.is_empty()).map(str::to_owned);
        let sums = typed_path(&self.list);
        if expect.is_some() && sums.is_some() {
            return Err("Give either a value or a *SUMS file.".into());
        }
        let hash = Hash { path, algorithm: self.algorithm, expect, sums };
        hash.check().map_err(|error| error.to_string())?;
        Ok(hash.into())
    }
}

fn typed_path(text: &str) -> Option<PathBuf> {
    Some(text.trim()).filter(|path| !path.is_empty()).map(|path| as_typed(Path::new(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_request_is_told_in_a_sentence() {
        let form = |path: &str, expected: &str, list: &str| {
            let (path, expected, list) = (path.into(), expected.into(), list.into());
            HashForm { path, expected, list, algorithm: Algorithm::Md5 }.request()
        };
        for (path, expected, list, words) in [
            (" ", "", "", "Type the path"),
            ("a.iso", "352441c2", "", "as one of CRC-32 has"),
            ("a.iso", "d41d8cd98f00b204e9800998ecf8427e", "MD5SUMS", "either"),
        ] {
            let error = form(path, expected, list).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let request = form("a.iso", " D41D8CD98F00B204E9800998ECF8427E ", "").unwrap();
        let mut again = HashForm::default();
        assert!(again.fill(&request));
        assert_eq!((again.path.as_str(), again.algorithm), ("a.iso", Algorithm::Md5));
        assert_eq!(again.expected, "D41D8CD98F00B204E9800998ECF8427E");
    }
}
