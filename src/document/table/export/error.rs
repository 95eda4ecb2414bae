//! Why rows of a table can not be written to another file.

use std::path::PathBuf;

use super::MAX_RECORD_BYTES;
use crate::jobs::Failure;
use crate::units;

/// Why rows could not be written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum ExportError {
    /// A record is too long to be held.
    #[error(
        "Row {} is longer than {}, or has more fields than can be written: {}",
        units::number(*.row), units::bytes(MAX_RECORD_BYTES as u64), .path.display()
    )]
    LongRow { row: u64, path: PathBuf },
}

impl Failure for ExportError {
    fn advice(&self) -> String {
        "Filter that row out, then retry.".into()
    }
}
