//! Puts the report of a comparison on disk: words, figures and a picture.
//!
//! It must not know how the comparison was made. May block.

use std::path::{Path, PathBuf};

use crate::responsiveness::Comparison;
use crate::source::{PartFile, Target, WriteError};

/// Writes the report as a picture, as JSON and as Markdown that shows the picture, into `folder`, beside what bears these
/// names already, and gives the paths.
///
/// # Errors
/// When the folder can not be written to; what was written before is then removed.
pub fn save(comparison: &Comparison, folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let unwritable =
        |error: serde_json::Error| WriteError::Unwritable { path: folder.to_owned(), source: error.into() };
    let json = serde_json::to_string_pretty(comparison).map_err(unwritable)?;
    // Nothing bears a final name before all of it is on disk.
    let picture = write(folder, "comparison.svg", &comparison.as_svg())?;
    let figures = write(folder, "comparison.json", &json)?;
    let name = picture.name();
    let words = write(folder, "comparison.md", &comparison.as_markdown(name.as_deref()))?;
    [words, figures, picture].into_iter().map(PartFile::commit).collect()
}

/// Looks whether a report could be written into `folder`, before the work for it is done. May block.
///
/// # Errors
/// When the folder can not be written to.
pub fn can_save(folder: &Path) -> Result<(), WriteError> {
    write(folder, "comparison.md", "").map(drop)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PartFile, WriteError> {
    let mut part = PartFile::create(Target::Folder { folder: folder.to_owned(), name: name.to_owned() })?;
    part.write(text.as_bytes())?;
    part.sync()?;
    Ok(part)
}
