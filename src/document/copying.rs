//! How much of the disk the unpacked copy of a document may take, and what is asked of the person where all of it takes more.

use std::error::Error;

use super::{Document, Filling, Open};
use crate::jobs::JobError;
use crate::source::{OverLimit, SourceError};

/// How much of the disk an unpacked copy takes without the person being asked, where nothing else is set.
pub const COPY_LIMIT_BYTES: u64 = 20_000_000_000;

impl Document {
    /// What there is to ask the person, if its unpacked copy would take more of the disk than it may.
    #[must_use]
    pub fn over_limit(&self) -> Option<OverLimit> {
        *self.shared.over_limit.read_recursive()
    }
}

impl Open {
    /// The same with a limit for an unpacked copy, in bytes, unless the person has said another for this file.
    #[must_use]
    pub fn copying_at_most(mut self, limit_bytes: u64) -> Self {
        self.copy_limit_bytes = Some(limit_bytes);
        self
    }

    /// The most that an unpacked copy may take, in bytes.
    pub(super) fn copy_bytes(&self) -> u64 {
        self.reading.spool_limit.or(self.copy_limit_bytes).unwrap_or(COPY_LIMIT_BYTES)
    }
}

impl Filling {
    /// Takes note of what there is to ask the person, if that is what it failed of.
    pub(super) fn ask_for_room(&self, error: &JobError) {
        let JobError::Failed(failure) = error else { return };
        let error: &(dyn Error + 'static) = &**failure;
        if let Some(over) = error.downcast_ref::<SourceError>().and_then(SourceError::over_limit) {
            // A document that is gone has nobody to ask.
            let _ = self.change(|shared| *shared.over_limit.write() = Some(over));
        }
    }
}
