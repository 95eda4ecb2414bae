//! Rows that are being gathered to be shown, as a handle between the job that does it and the view that waits. No lock in here
//! is held across I/O.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::RowOrder;
use super::gather::Gathered;
use crate::jobs::JobError;

/// Rows that are being gathered, as a handle that is cheap to clone. The last one to go ends the job.
#[derive(Clone, Debug)]
pub struct Arranging {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    gathered: Gathered,
    end: Option<Gathering>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Gathering {
    /// The rows can be shown so.
    Ready(RowOrder),
    /// They can not, and why; in no words if somebody has stopped it.
    Ended(Option<String>),
}

impl Arranging {
    pub(super) fn new() -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default() }) }
    }

    pub(super) fn downgrade(&self) -> Weak<Shared> {
        Arc::downgrade(&self.shared)
    }

    pub(super) fn upgrade(shared: &Weak<Shared>) -> Option<Self> {
        shared.upgrade().map(|shared| Self { shared })
    }

    /// How far it has come.
    #[must_use]
    pub fn gathered(&self) -> Gathered {
        self.shared.state.lock().gathered
    }

    /// What came of it, once something has.
    #[must_use]
    pub fn end(&self) -> Option<Gathering> {
        self.shared.state.lock().end.clone()
    }

    pub(super) fn tell(&self, gathered: Gathered) {
        self.shared.state.lock().gathered = gathered;
    }

    /// Says that it is begun, perhaps once more.
    pub(super) fn begin(&self) {
        *self.shared.state.lock() = State::default();
    }

    /// Says what came of it; of two who say that nothing did, the first is right.
    pub(super) fn finish(&self, result: Result<RowOrder, &JobError>) {
        let mut state = self.shared.state.lock();
        match result {
            Ok(order) => state.end = Some(Gathering::Ready(order)),
            Err(_) if state.end.is_some() => {}
            Err(JobError::Cancelled | JobError::Interrupted) => state.end = Some(Gathering::Ended(None)),
            Err(error) => state.end = Some(Gathering::Ended(Some(error.to_string()))),
        }
    }
}
