//! A picture while it is decoded and afterwards, shared between the job that decodes it and the view that draws it. The lock
//! in here is held for no longer than it takes to exchange one value, so that the UI thread may take it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::RwLock;

use super::{PictureFormat, Pixels};
use crate::jobs::JobError;

/// A picture of a document, as a handle that is cheap to clone. The last one to go ends its decoding.
#[derive(Clone, Debug)]
pub struct Picture {
    shared: Arc<Shared>,
    /// Whether anybody can still decode it.
    asked: Weak<()>,
}

#[derive(Debug)]
struct Shared {
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    /// Which run of the job has the say.
    run: u64,
    standing: PictureStanding,
}

/// What a view can show of a picture in this frame.
#[derive(Clone, Debug)]
pub enum PictureStanding {
    /// Nothing yet.
    Decoding,
    /// What was decoded.
    Decoded(Arc<Raster>),
    /// It could not be decoded: what happened, and what to do.
    #[expect(missing_docs, reason = "said above")]
    Failed { message: String, advice: String },
}

/// A picture as it was decoded.
#[derive(Debug)]
pub struct Raster {
    /// The format that it was in.
    pub format: PictureFormat,
    /// The width of the picture in pixels, which may be more than those that are shown.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// What is shown: one frame or, of what moves, several of the same size.
    pub frames: Vec<PictureFrame>,
    /// By what its sides were divided to be shown.
    pub divided_by: u32,
    /// Whether nothing can be seen through it.
    pub opaque: bool,
    /// Whether it is damaged or cut off, so that some of it is lacking.
    pub incomplete: bool,
    /// What of it is never shown, in a word or two; empty for nothing.
    pub left_out: &'static str,
}

/// A picture that is shown for a while.
#[derive(Debug)]
pub struct PictureFrame {
    /// What is to be seen.
    pub pixels: Pixels,
    /// For how long; nothing of a picture that does not move.
    pub delay: Duration,
}

impl Picture {
    /// A picture that is still to be decoded, and the right to do so.
    pub(super) fn new() -> (Self, Asked) {
        let state = State { run: 0, standing: PictureStanding::Decoding };
        let shared = Arc::new(Shared { state: RwLock::new(state) });
        let asked = Arc::new(());
        let picture = Self { shared: Arc::clone(&shared), asked: Arc::downgrade(&asked) };
        (picture, Asked { shared: Arc::downgrade(&shared), _asked: asked })
    }

    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> PictureStanding {
        let standing = self.shared.state.read_recursive().standing.clone();
        if matches!(standing, PictureStanding::Decoding) && self.asked.strong_count() == 0 {
            let (message, advice) = ("The picture was not decoded".to_owned(), "Try again.".to_owned());
            return PictureStanding::Failed { message, advice };
        }
        standing
    }
}

/// That somebody is to decode a picture. When all clones are gone, nobody ever will.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    shared: Weak<Shared>,
    _asked: Arc<()>,
}

impl Asked {
    /// Begins to decode; whoever was decoding has no say any more.
    ///
    /// # Errors
    /// When nobody wants the picture any more.
    pub(super) fn begin(&self) -> Result<Filling, JobError> {
        let shared = self.shared.upgrade().ok_or(JobError::Cancelled)?;
        let mut state = shared.state.write();
        *state = State { run: state.run + 1, standing: PictureStanding::Decoding };
        Ok(Filling { shared: Weak::clone(&self.shared), run: state.run })
    }

    /// Says that nothing comes, and why, unless something has come.
    pub(super) fn give_up(&self, error: &JobError) {
        let Some(shared) = self.shared.upgrade() else { return };
        let mut state = shared.state.write();
        if matches!(state.standing, PictureStanding::Decoding) {
            state.standing = failed(error);
        }
    }
}

/// The right of one run of a job to say what has become of a picture.
#[derive(Clone, Debug)]
pub(super) struct Filling {
    shared: Weak<Shared>,
    run: u64,
}

impl Filling {
    /// Whether anybody wants the picture.
    pub(super) fn is_wanted(&self) -> bool {
        self.shared.strong_count() > 0
    }

    /// Shows what was decoded.
    ///
    /// # Errors
    /// When nobody wants it any more, or another run has begun.
    pub(super) fn decoded(&self, raster: Arc<Raster>) -> Result<(), JobError> {
        self.end(PictureStanding::Decoded(raster))
    }

    /// Says that it could not be decoded, and why.
    pub(super) fn failed(&self, error: &JobError) {
        // Who has no say any more, or is heard by nobody, has nothing to tell.
        let _ = self.end(failed(error));
    }

    fn end(&self, standing: PictureStanding) -> Result<(), JobError> {
        let shared = self.shared.upgrade().ok_or(JobError::Cancelled)?;
        let mut state = shared.state.write();
        if state.run != self.run {
            return Err(JobError::Cancelled);
        }
        state.standing = standing;
        Ok(())
    }
}

fn failed(error: &JobError) -> PictureStanding {
    PictureStanding::Failed { message: error.to_string(), advice: error.advice() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster() -> Arc<Raster> {
        let frames = vec![PictureFrame { pixels: Pixels::new(1, 1, vec![0; 4]), delay: Duration::ZERO }];
        let (format, left_out) = (PictureFormat::Png, "");
        let (opaque, incomplete) = (false, false);
        Arc::new(Raster { format, width: 1, height: 1, frames, divided_by: 1, opaque, incomplete, left_out })
    }

    #[test]
    fn a_newer_run_takes_the_say_from_an_older_one() {
        let (picture, asked) = Picture::new();
        let older = asked.begin().unwrap();
        let newer = asked.begin().unwrap();
        assert!(matches!(older.decoded(raster()), Err(JobError::Cancelled)));
        older.failed(&JobError::Cancelled);
        assert!(matches!(picture.standing(), PictureStanding::Decoding));
        newer.decoded(raster()).unwrap();
        asked.give_up(&JobError::Lost);
        assert!(matches!(picture.standing(), PictureStanding::Decoded(_)));
    }

    #[test]
    fn a_picture_that_nobody_can_decode_any_more_says_so() {
        let (picture, asked) = Picture::new();
        let kept = asked.clone();
        drop(asked);
        assert!(matches!(picture.standing(), PictureStanding::Decoding));
        drop(kept);
        assert!(matches!(picture.standing(), PictureStanding::Failed { .. }));
    }

    #[test]
    fn a_picture_that_nobody_holds_is_not_wanted() {
        let (picture, asked) = Picture::new();
        let filling = asked.begin().unwrap();
        let other = picture.clone();
        drop(picture);
        assert!(filling.is_wanted());
        drop(other);
        assert!(!filling.is_wanted());
        assert!(matches!(asked.begin(), Err(JobError::Cancelled)));
        assert!(matches!(filling.decoded(raster()), Err(JobError::Cancelled)));
    }
}
