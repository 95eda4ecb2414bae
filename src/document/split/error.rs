//! Why a file can not be cut in parts, or not to its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::MAX_PARTS;
use crate::jobs::Failure;
use crate::units;

/// Why there are no parts, or not all of them.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum SplitError {
    /// It was not said how large they are to be.
    #[error("Parts of no size can not be made")]
    NoSize,
    /// There would be very many of them.
    #[error("That makes more than {} parts: {}", units::number(MAX_PARTS), .path.display())]
    TooMany { path: PathBuf },
    /// Something went wrong when some of them were finished.
    #[error("{cause}. {}", what_stays(*.parts, .folder))]
    Stopped {
        #[source]
        cause: Arc<dyn Failure>,
        parts: u64,
        folder: PathBuf,
    },
}

/// What is left of a job that did not come to its end.
pub(super) fn what_stays(parts: u64, folder: &Path) -> String {
    let stay = if parts == 1 { "stays" } else { "stay" };
    format!("{} {stay} in {}", units::count(parts, "finished part"), folder.display())
}

impl Failure for SplitError {
    fn advice(&self) -> String {
        match self {
            Self::NoSize => "Say how many bytes or lines a part is to have.".into(),
            Self::TooMany { .. } => "Make them larger.".into(),
            Self::Stopped { cause, .. } => {
                format!("{} Before it is tried again, the parts have to go: nothing is overwritten.", cause.advice())
            }
        }
    }
}
