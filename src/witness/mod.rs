//! The witness: a small window of a process of its own, which counts a freeze of the first window while it lasts, as that
//! one can not. Fed over a pipe by the watchdog's thread; it goes when the pipe does, however that ends.
//!
//! What is said over the pipe is told here; [`Feed`] is the end in the first process, [`open`] the second process.

mod clicks;
mod feed;
mod window;

pub use feed::Feed;
pub use window::open;

/// Where the witness is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Place {
    /// Left and top, in points
    #[arg(long, num_args = 2, allow_negative_numbers = true, required = true)]
    pub at: Vec<i32>,
}

/// The size of the witness, in points.
pub const SIZE: [i32; 2] = [380, 116];

/// A line of JSON to the witness.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The UI thread is being taken, by this.
    Taken(String),
    /// It has been busy for so many milliseconds.
    Busy(u64),
    /// It is free again, after so many milliseconds.
    Free(u64),
}

/// A line of JSON from the witness.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Its window is there.
    Ready,
    /// What it showed when the freeze was over.
    #[expect(missing_docs, reason = "said above, and by their names")]
    Counted { milliseconds: u64, clicks: Option<u32> },
}
