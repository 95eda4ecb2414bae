//! A part of a source as a source of its own, so that who wants a part of a large file does not read what comes before it.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::in_order::Plain;
use super::{ByteOffset, InOrder, ReadError, Source, SourceChange};

/// The bytes of a source from one place to another. It is for those whose bytes lie behind just as they are read: of what
/// has to be made, each read would begin anew.
pub struct Stretch {
    source: Arc<dyn Source>,
    from: ByteOffset,
    len_bytes: u64,
}

impl Stretch {
    /// What is in `range` of `source`, as far as there is something now.
    #[must_use]
    pub fn of(source: Arc<dyn Source>, range: Range<ByteOffset>) -> Self {
        let end = range.end.min(ByteOffset(source.len_bytes()));
        Self { from: range.start, len_bytes: end.since(range.start), source }
    }
}

impl Source for Stretch {
    fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(ByteOffset(self.len_bytes).since(offset)).unwrap_or(usize::MAX);
        let wanted = rest.min(buffer.len());
        self.source.read_at(self.from.plus(offset.0), buffer.get_mut(..wanted).unwrap_or_default())
    }

    fn change(&self) -> Option<SourceChange> {
        self.source.change()
    }

    fn grow(&self) {}

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        self.in_order_until(&CancellationToken::new())
    }

    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        match Arc::clone(&self.source).in_order_from(self.from, stop) {
            Some(whole) => Box::new(Part { whole, read_bytes: 0, len_bytes: self.len_bytes }),
            None => Box::new(Plain::new(self)),
        }
    }

    fn far_bytes(&self) -> u64 {
        self.source.far_bytes().min(self.len_bytes)
    }
}

/// The beginning of what another way goes through.
struct Part {
    whole: Box<dyn InOrder>,
    read_bytes: u64,
    len_bytes: u64,
}

impl InOrder for Part {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let left = usize::try_from(self.len_bytes.saturating_sub(self.read_bytes)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self.whole.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        self.read_bytes = self.read_bytes.saturating_add(read as u64);
        Ok(read)
    }

    fn passed_bytes(&self) -> u64 {
        self.read_bytes
    }

    fn whole_bytes(&self) -> u64 {
        self.len_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bytes, in_blocks};
    use super::*;

    #[test]
    fn a_stretch_is_what_lies_between_both_ends_as_far_as_there_is_something() {
        let of = |from: u64, to: u64| {
            let whole: Arc<dyn Source> = Arc::new(Bytes(b"0123456789".to_vec()));
            let stretch = Arc::new(Stretch::of(whole, ByteOffset(from)..ByteOffset(to)));
            let len_bytes = stretch.len_bytes();
            let (read, error) = in_blocks(stretch, 3);
            assert!(error.is_none(), "{error:?}");
            assert_eq!(read.len() as u64, len_bytes);
            String::from_utf8(read).unwrap()
        };
        assert_eq!([of(0, 10), of(2, 7), of(7, 99), of(10, 12), of(12, 20)], ["0123456789", "23456", "789", "", ""]);
    }

    #[test]
    fn a_read_ends_with_the_stretch() {
        let whole: Arc<dyn Source> = Arc::new(Bytes(b"0123456789".to_vec()));
        let stretch = Stretch::of(whole, ByteOffset(2)..ByteOffset(7));
        let mut buffer = [b'.'; 4];
        assert_eq!(stretch.read_at(ByteOffset(3), &mut buffer).unwrap(), 2);
        assert_eq!(&buffer, b"56..");
    }
}
