//! Text whose lines end by CR alone, as on the Macs of the last century, as if they ended by LF: byte for byte, so that every
//! place is the same. Read by jobs and page readers; whoever writes the text again takes what lies behind.

use std::io;
use std::sync::Arc;

use memchr::memchr;
use tokio_util::sync::CancellationToken;

use super::PAGE_BYTES;
use crate::source::{ByteOffset, InOrder, ReadError, Source, SourceChange};

/// A source each of whose returns is read as a newline.
pub(super) struct Returns {
    source: Arc<dyn Source>,
}

impl Returns {
    /// What `source` holds.
    pub(super) fn new(source: Arc<dyn Source>) -> Self {
        Self { source }
    }

    /// Whether the lines of a text that begins with `start` end by CR alone, as far as that and its middle and end tell.
    pub(super) fn end_lines(source: &dyn Source, start: &[u8]) -> bool {
        let Some(first) = memchr(b'\r', start) else { return false };
        // After one at the very end of a page there may be a newline.
        let is_cut = first + 1 == start.len() && start.len() as u64 == PAGE_BYTES;
        if is_cut || memchr(b'\n', start).is_some() || memchr(0, start).is_some() {
            return false;
        }
        // Over a network each look would be waited for.
        if source.far_bytes() > 0 {
            return true;
        }
        let len_bytes = source.len_bytes();
        let mut page = vec![0; start.len()];
        let further = [len_bytes / 2, len_bytes.saturating_sub(PAGE_BYTES)].into_iter().filter(|at| *at >= PAGE_BYTES);
        further.map(ByteOffset).all(|at| {
            // What can not be read here will be told when it is its turn.
            let read = source.read_at(at, &mut page).unwrap_or(0);
            memchr(b'\n', page.get(..read).unwrap_or_default()).is_none()
        })
    }
}

/// Makes the returns in `bytes` newlines.
fn made_newlines(bytes: &mut [u8]) {
    for byte in bytes {
        *byte = if *byte == b'\r' { b'\n' } else { *byte };
    }
}

impl Source for Returns {
    fn len_bytes(&self) -> u64 {
        self.source.len_bytes()
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_at_until(offset, buffer, &CancellationToken::new())
    }

    fn read_at_until(&self, offset: ByteOffset, buffer: &mut [u8], stop: &CancellationToken) -> io::Result<usize> {
        let read = self.source.read_at_until(offset, buffer, stop)?;
        made_newlines(buffer.get_mut(..read).unwrap_or_default());
        Ok(read)
    }

    fn change(&self) -> Option<SourceChange> {
        self.source.change()
    }

    fn grow(&self) {
        self.source.grow();
    }

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        self.in_order_until(&CancellationToken::new())
    }

    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        Box::new(Pass { inner: Arc::clone(&self.source).in_order_until(stop) })
    }

    fn in_order_from(self: Arc<Self>, at: ByteOffset, stop: &CancellationToken) -> Option<Box<dyn InOrder>> {
        let inner = Arc::clone(&self.source).in_order_from(at, stop)?;
        Some(Box::new(Pass { inner }))
    }

    fn is_made(&self) -> bool {
        self.source.is_made()
    }

    fn far_bytes(&self) -> u64 {
        self.source.far_bytes()
    }

    fn close(&self) {
        self.source.close();
    }

    fn spooled_bytes(&self) -> Option<u64> {
        self.source.spooled_bytes()
    }
}

/// A way through it.
struct Pass {
    inner: Box<dyn InOrder>,
}

impl InOrder for Pass {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let read = self.inner.read(buffer)?;
        made_newlines(buffer.get_mut(..read).unwrap_or_default());
        Ok(read)
    }

    fn passed_bytes(&self) -> u64 {
        self.inner.passed_bytes()
    }

    fn whole_bytes(&self) -> u64 {
        self.inner.whole_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::{Bytes, in_blocks};

    fn end_lines(text: &[u8]) -> bool {
        let page = usize::try_from(PAGE_BYTES).unwrap();
        Returns::end_lines(&Bytes(text.to_vec()), &text[..text.len().min(page)])
    }

    #[test]
    fn lines_end_by_returns_where_there_is_no_newline_at_all() {
        assert!(end_lines(b"one\rtwo\rthree") && end_lines(b"one\r"));
        assert!(!end_lines(b"one\r\ntwo\r\n") && !end_lines(b"one\ntwo") && !end_lines(b"one") && !end_lines(b""));
        assert!(!end_lines(b"\0\r\0"), "that is no text");
        let page = usize::try_from(PAGE_BYTES).unwrap();
        let long = b"a line\r".repeat(page);
        assert!(end_lines(&long));
        assert!(!end_lines(&[long.as_slice(), b"the end\n"].concat()), "its end tells otherwise");
        assert!(!end_lines(&[vec![b'a'; page - 1], b"\r\n".to_vec()].concat()), "the page cuts it");
    }

    #[test]
    fn returns_are_read_as_newlines_in_every_way() {
        let source = Arc::new(Returns::new(Arc::new(Bytes(b"one\rtwo\r\rthree".to_vec()))));
        let (all, error) = in_blocks(source.clone(), 3);
        assert!(error.is_none() && all == b"one\ntwo\n\nthree", "{error:?}");
        let mut part = [0; 5];
        assert_eq!(source.read_at(ByteOffset(3), &mut part).unwrap(), 5);
        assert_eq!(&part, b"\ntwo\n");
    }
}
