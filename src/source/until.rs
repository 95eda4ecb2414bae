//! A source that is read until nobody wants it any more: then what takes long ends with an error. Owned by whoever reads pages
//! of a document on a thread of its own.

use std::io;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{ByteOffset, InOrder, Source, SourceChange};

/// The bytes of a source, for as long as they are wanted.
pub struct Until {
    source: Arc<dyn Source>,
    stop: CancellationToken,
}

impl Until {
    /// What `source` gives until `stop` says that nobody wants it any more.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, stop: CancellationToken) -> Self {
        Self { source, stop }
    }
}

impl Source for Until {
    fn len_bytes(&self) -> u64 {
        self.source.len_bytes()
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        self.source.read_at_until(offset, buffer, &self.stop)
    }

    fn change(&self) -> Option<SourceChange> {
        self.source.change()
    }

    fn grow(&self) {
        self.source.grow();
    }

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        Arc::clone(&self.source).in_order_until(&self.stop)
    }

    fn is_made(&self) -> bool {
        self.source.is_made()
    }

    fn far_bytes(&self) -> u64 {
        self.source.far_bytes()
    }

    fn spooled_bytes(&self) -> Option<u64> {
        self.source.spooled_bytes()
    }
}
