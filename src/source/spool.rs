//! A copy on disk of what a packed file holds, where the way it is packed has no restart points that are cheap. It has no
//! name, so that nothing of it is left however the program ends. Whoever goes through the packed file first writes it. One
//! of the few places that may use `std::fs`.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::in_order::Plain;
use super::local::read_full;
use super::{ByteOffset, InOrder, Packing, ReadError, Source, SourceChange};

/// The most memory that unpacking xz may take: what `xz -9` needs, twice.
const XZ_MEMORY_KIB: u32 = 128 << 10;

/// What a packed file holds, as far as somebody unpacked it.
pub(super) struct Spool {
    base: Arc<dyn Source>,
    packing: Packing,
    limit_bytes: u64,
    copy: File,
    copied: Mutex<Copied>,
}

#[derive(Clone, Copy, Default)]
struct Copied {
    len_bytes: u64,
    whole: bool,
}

impl Spool {
    /// A spool of what `base` holds, of at most `limit_bytes`. May block.
    ///
    /// # Errors
    /// When the system gives no file for it.
    pub(super) fn new(base: Arc<dyn Source>, packing: Packing, limit_bytes: u64) -> io::Result<Self> {
        Ok(Self { base, packing, limit_bytes, copy: nameless_file()?, copied: Mutex::default() })
    }

    /// Keeps `bytes` from `at` on, if nobody was so far before.
    fn keep(&self, at: ByteOffset, bytes: &[u8]) -> Result<(), ReadError> {
        let before = *self.copied.lock();
        let end = at.plus(bytes.len() as u64).0;
        if before.whole || end <= before.len_bytes {
            return Ok(());
        }
        if end > self.limit_bytes {
            return Err(ReadError::OverLimit { limit_bytes: self.limit_bytes });
        }
        // Two who come here at once write the same.
        self.copy.write_all_at(bytes, at.0).map_err(ReadError::Spool)?;
        let mut copied = self.copied.lock();
        copied.len_bytes = copied.len_bytes.max(end);
        Ok(())
    }
}

/// In the folder for what can be made again, as the one for temporary files may be in memory.
#[expect(clippy::disallowed_methods, reason = "the spool owns the folder that its files are in")]
fn nameless_file() -> io::Result<File> {
    let folder = directories::ProjectDirs::from("", "", "antifreeze").map(|folders| folders.cache_dir().to_owned());
    let made =
        folder.and_then(|folder| std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder)).ok());
    made.map_or_else(tempfile::tempfile, Ok)
}

impl Source for Spool {
    fn len_bytes(&self) -> u64 {
        self.copied.lock().len_bytes
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(ByteOffset(self.len_bytes()).since(offset)).unwrap_or(usize::MAX);
        let wanted = rest.min(buffer.len());
        read_full(&self.copy, offset, buffer.get_mut(..wanted).unwrap_or_default())
    }

    fn change(&self) -> Option<SourceChange> {
        self.base.change().map(SourceChange::of_what_lies_behind)
    }

    fn grow(&self) {}

    fn is_made(&self) -> bool {
        !self.copied.lock().whole
    }

    fn spooled_bytes(&self) -> Option<u64> {
        Some(self.len_bytes())
    }

    fn far_bytes(&self) -> u64 {
        self.base.far_bytes()
    }

    fn close(&self) {
        self.base.close();
    }

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        self.in_order_until(&CancellationToken::new())
    }

    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        if self.copied.lock().whole {
            return Box::new(Plain::new(self));
        }
        let input = Arc::clone(&self.base).in_order_until(stop);
        let whole_bytes = input.whole_bytes();
        let passed_bytes = Arc::<AtomicU64>::default();
        let input = Packed { input, passed_bytes: Arc::clone(&passed_bytes) };
        let unpacker = Unpacker::new(self.packing, input);
        Box::new(Pass { spool: self, unpacker, at: ByteOffset(0), passed_bytes, whole_bytes, failed: None })
    }
}

/// What is packed, for an unpacker to read.
struct Packed {
    input: Box<dyn InOrder>,
    passed_bytes: Arc<AtomicU64>,
}

impl Read for Packed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.passed_bytes.store(self.input.passed_bytes(), Relaxed);
        Ok(read)
    }
}

enum Unpacker {
    Reading(Box<dyn Read + Send>),
    /// It could not be begun.
    None(Option<io::Error>),
}

impl Unpacker {
    fn new(packing: Packing, input: Packed) -> Self {
        let input = io::BufReader::with_capacity(64 << 10, input);
        match packing {
            Packing::Zstd => match zstd::stream::read::Decoder::with_buffer(input) {
                Ok(reader) => Self::Reading(Box::new(reader)),
                Err(error) => Self::None(Some(error)),
            },
            Packing::Bzip2 => Self::Reading(Box::new(bzip2::bufread::MultiBzDecoder::new(input))),
            Packing::Xz => Self::Reading(Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, XZ_MEMORY_KIB))),
            Packing::Gzip => Self::None(Some(io::Error::other("gzip is read through restart points"))),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Reading(reader) => reader.read(buffer),
            Self::None(error) => error.take().map_or(Ok(0), Err),
        }
    }
}

/// Somebody's way through it.
struct Pass {
    spool: Arc<Spool>,
    unpacker: Unpacker,
    at: ByteOffset,
    passed_bytes: Arc<AtomicU64>,
    whole_bytes: u64,
    /// What is to be told once what came before it is read.
    failed: Option<ReadError>,
}

impl Pass {
    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.unpacker.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(ReadError::of_unpacker(error, ByteOffset(self.passed_bytes.load(Relaxed))));
                    break;
                }
            }
        }
        filled
    }
}

impl InOrder for Pass {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let filled = self.fill(buffer);
        self.spool.keep(self.at, buffer.get(..filled).unwrap_or_default())?;
        self.at = self.at.plus(filled as u64);
        if filled < buffer.len() && self.failed.is_none() {
            self.spool.copied.lock().whole = true;
        }
        match self.failed.take() {
            Some(error) if filled == 0 => Err(error),
            error => {
                self.failed = error;
                Ok(filled)
            }
        }
    }

    fn passed_bytes(&self) -> u64 {
        self.passed_bytes.load(Relaxed)
    }

    fn whole_bytes(&self) -> u64 {
        self.whole_bytes
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::source::testing::{Bytes, in_blocks};

    const LIMIT: u64 = 1 << 30;

    fn text() -> Vec<u8> {
        (0..50_000_u32).flat_map(|number| format!("line {number} of many\n").into_bytes()).collect()
    }

    /// Twice the text, packed piece by piece, as each of the formats allows.
    fn packed(packing: Packing) -> Vec<u8> {
        let one = match packing {
            Packing::Zstd => zstd::encode_all(text().as_slice(), 1).unwrap(),
            Packing::Bzip2 => {
                let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                writer.write_all(&text()).unwrap();
                writer.finish().unwrap()
            }
            Packing::Xz => {
                let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
                writer.write_all(&text()).unwrap();
                writer.finish().unwrap()
            }
            Packing::Gzip => panic!("is not spooled"),
        };
        one.repeat(2)
    }

    #[test]
    fn what_is_packed_is_read_whole_and_then_from_the_copy() {
        for packing in [Packing::Zstd, Packing::Bzip2, Packing::Xz] {
            let bytes = packed(packing);
            assert_eq!(Packing::of_start(&bytes), Some(packing));
            let spool = Arc::new(Spool::new(Arc::new(Bytes(bytes)), packing, LIMIT).unwrap());
            let expected = text().repeat(2);
            for _ in 0..2 {
                let (all, error) = in_blocks(spool.clone(), 100_000);
                assert!(error.is_none() && all == expected, "{packing:?}: {error:?}");
                assert_eq!(spool.spooled_bytes(), Some(expected.len() as u64), "{packing:?}");
            }
            let mut there = [0; 4];
            assert_eq!(spool.read_at(ByteOffset(text().len() as u64), &mut there).unwrap(), 4);
            assert_eq!(&there, b"line");
        }
    }

    #[test]
    fn what_breaks_off_is_damaged_or_grows_too_long_is_told_after_what_comes_before() {
        for packing in [Packing::Zstd, Packing::Bzip2, Packing::Xz] {
            let bytes = packed(packing);
            let short = Spool::new(Arc::new(Bytes(bytes[..bytes.len() * 3 / 4].to_vec())), packing, LIMIT).unwrap();
            let (all, error) = in_blocks(Arc::new(short), 100_000);
            assert!(all.len() >= text().len() && text().repeat(2).starts_with(&all), "{packing:?}: {}", all.len());
            assert!(matches!(error, Some(ReadError::Broken { .. })), "{packing:?}: {error:?}");
            let mut damaged = bytes.clone();
            let middle = damaged.len() / 4;
            damaged[middle..middle + 50].fill(0x55);
            let damaged = Spool::new(Arc::new(Bytes(damaged)), packing, LIMIT).unwrap();
            let (_, error) = in_blocks(Arc::new(damaged), 100_000);
            assert!(matches!(error, Some(ReadError::Broken { .. })), "{packing:?}: {error:?}");
            let bounded = Arc::new(Spool::new(Arc::new(Bytes(bytes)), packing, 250_000).unwrap());
            let (all, error) = in_blocks(bounded.clone(), 100_000);
            assert!(matches!(error, Some(ReadError::OverLimit { limit_bytes: 250_000 })), "{packing:?}: {error:?}");
            assert_eq!((all.len(), bounded.len_bytes()), (200_000, 200_000), "{packing:?}");
        }
    }
}
