//! The bytes of a picture as a decoder reads them, and the one question that a decoding asks again and again: whether it
//! is to go on. Used on the threads of jobs.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;

use crate::jobs::JobError;

/// Tells whether the picture is still wanted; waits while the job is paused.
pub(super) type Watch = Arc<dyn Fn() -> Result<(), JobError> + Send + Sync>;

/// How much a decoder gets before the next look: what is packed best makes some four million bytes of pixels of it.
const STEP_BYTES: usize = 4 << 10;

/// A reader that ends with an error once the picture is not wanted any more.
pub(super) struct Watched {
    bytes: Arc<Vec<u8>>,
    at: usize,
    /// Up to where may be read before the next look.
    allowed_to: usize,
    watch: Watch,
}

impl Watched {
    pub(super) fn new(bytes: Arc<Vec<u8>>, watch: Watch) -> Self {
        Self { bytes, at: 0, allowed_to: 0, watch }
    }
}

impl BufRead for Watched {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.allowed_to {
            (self.watch)().map_err(io::Error::other)?;
            self.allowed_to = self.at.saturating_add(STEP_BYTES).min(self.bytes.len());
        }
        Ok(self.bytes.get(self.at..self.allowed_to).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.at.saturating_add(amount);
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut step = self.fill_buf()?;
        let read = step.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at as u64, by),
            SeekFrom::End(by) => (self.bytes.len() as u64, by),
        };
        let at = from.checked_add_signed(by).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.at = usize::try_from(at).unwrap_or(usize::MAX);
        self.allowed_to = self.at;
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    fn bytes() -> Vec<u8> {
        (0..10_000_u32).map(|number| number.to_le_bytes()[0]).collect()
    }

    #[test]
    fn a_decoder_reads_all_of_it_and_from_wherever_it_wants() {
        let mut reader = Watched::new(Arc::new(bytes()), Arc::new(|| Ok(())));
        let mut all = Vec::new();
        assert_eq!(reader.read_to_end(&mut all).unwrap(), 10_000);
        assert_eq!(all, bytes());
        let mut two = [0; 2];
        assert_eq!(reader.seek(SeekFrom::End(-2)).unwrap(), 9_998);
        reader.read_exact(&mut two).unwrap();
        assert_eq!(two, [bytes()[9_998], bytes()[9_999]]);
        assert_eq!(reader.seek(SeekFrom::Current(-9_999)).unwrap(), 1);
        reader.read_exact(&mut two).unwrap();
        assert_eq!(two, [1, 2]);
        assert_eq!(reader.seek(SeekFrom::Start(20_000)).unwrap(), 20_000);
        assert_eq!(reader.read(&mut two).unwrap(), 0);
        assert!(reader.seek(SeekFrom::Current(-20_001)).is_err());
    }

    #[test]
    fn what_is_not_wanted_any_more_is_read_no_further_than_a_step() {
        let looks = AtomicUsize::new(0);
        let watch: Watch =
            Arc::new(move || if looks.fetch_add(1, Relaxed) == 0 { Ok(()) } else { Err(JobError::Cancelled) });
        let mut read = Vec::new();
        assert!(Watched::new(Arc::new(bytes()), watch).read_to_end(&mut read).is_err());
        assert_eq!(read.len(), STEP_BYTES);
    }
}
