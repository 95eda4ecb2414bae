//! How a job can end without success. Plain data; knows no kind of job.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// An error of a kind of job, in words for the person at the window.
///
/// `Display` says what happened and to what; [`Failure::advice`] what to do next. The sources below are the technical
/// cause that is shown under "Details".
pub trait Failure: Error + Send + Sync + 'static {
    /// What the person can do next: one sentence.
    fn advice(&self) -> String;
}

/// Why a job did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JobError {
    /// Somebody asked it to stop.
    #[error("Cancelled")]
    Cancelled,
    /// Somebody asked it to stop, and something that was finished stays; the text says what.
    #[error("Cancelled. {0}")]
    CancelledPartly(String),
    /// The limit on a freeze stopped it, after so long on the UI thread.
    #[error("Stopped after {}\u{a0}s on the UI thread, the limit in the settings", .0.as_secs())]
    FrozeTooLong(Duration),
    /// The work itself failed.
    #[error("{0}")]
    Failed(Arc<dyn Failure>),
    /// The work panicked; the message is the panic's.
    #[error("The job ended by a defect in this program")]
    Panicked(String),
    /// The window was closed before it ended.
    #[error("Stopped when the window closed")]
    Interrupted,
    /// The work was dropped before it said anything, as when its runtime is gone.
    #[error("The job was dropped before it ended")]
    Lost,
}

impl JobError {
    /// Wraps the error of a kind of job.
    pub fn failed(failure: impl Failure) -> Self {
        Self::Failed(Arc::new(failure))
    }

    /// What to do next: one sentence.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Cancelled => "Retry starts it again from the beginning.".into(),
            Self::CancelledPartly(_) => {
                "Before a retry, which starts from the beginning, move or delete what stays: nothing is ever overwritten."
                    .into()
            }
            Self::FrozeTooLong(_) => {
                "Turn the switch to Background and retry, or let it have the UI thread for longer in the settings."
                    .into()
            }
            Self::Failed(failure) => failure.advice(),
            Self::Panicked(_) => "Please report it with the text under Details; a retry may work.".into(),
            Self::Lost | Self::Interrupted => "Retry starts it again.".into(),
        }
    }

    /// The technical cause, each source on a line; empty if there is none.
    #[must_use]
    pub fn details(&self) -> String {
        match self {
            Self::Cancelled | Self::CancelledPartly(_) | Self::FrozeTooLong(_) | Self::Lost | Self::Interrupted => {
                String::new()
            }
            Self::Panicked(message) => message.clone(),
            Self::Failed(failure) => {
                let mut text = String::new();
                let mut source = failure.source();
                while let Some(cause) = source {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    let _ = write!(text, "{cause}");
                    source = cause.source();
                }
                text
            }
        }
    }
}
