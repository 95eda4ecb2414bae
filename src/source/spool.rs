//! A copy on disk of what a packed file holds, where the way it is packed has no restart points that are cheap. It has no
//! name, so that nothing of it is left however the program ends. Whoever goes through the packed file first writes it, up to
//! a limit beyond which the person is asked; for who goes through it once and shows nothing there is none. One of the few
//! places that may use `std::fs`.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::in_order::{Plain, unless_stopped};
use super::local::{free_bytes, read_full};
use super::{ByteOffset, InOrder, OverLimit, Packing, ReadError, Source, SourceChange};

/// The most memory that unpacking xz may take: what `xz -9` needs, twice.
const XZ_MEMORY_KIB: u32 = 128 << 10;

/// What a packed file holds, as far as somebody unpacked it.
pub(super) struct Spool {
    base: Arc<dyn Source>,
    packing: Packing,
    /// Where it is copied to, if it is.
    copy: Option<DiskCopy>,
    copied: Mutex<Copied>,
}

struct DiskCopy {
    file: File,
    limit_bytes: u64,
    /// How long it will be, if the packed file says so.
    told_bytes: Option<u64>,
}

#[derive(Clone, Copy, Default)]
struct Copied {
    len_bytes: u64,
    whole: bool,
}

impl Spool {
    /// A spool of what `base` holds, which begins with `start`, of at most `limit_bytes`. May block.
    ///
    /// # Errors
    /// When the system gives no file for it.
    pub(super) fn new(base: Arc<dyn Source>, packing: Packing, start: &[u8], limit_bytes: u64) -> io::Result<Self> {
        let copy = DiskCopy { file: nameless_file()?, limit_bytes, told_bytes: told_bytes(packing, start) };
        Ok(Self { base, packing, copy: Some(copy), copied: Mutex::default() })
    }

    /// What `base` holds, for who goes through it in order: nothing of it is copied, and no place of it can be read.
    pub(super) fn passing(base: Arc<dyn Source>, packing: Packing) -> Self {
        Self { base, packing, copy: None, copied: Mutex::default() }
    }

    /// Keeps `bytes` from `at` on, if nobody was so far before, who has passed some of what is packed by now.
    fn keep(&self, at: ByteOffset, bytes: &[u8], (passed, whole): (u64, u64)) -> Result<(), ReadError> {
        let before = *self.copied.lock();
        let end = at.plus(bytes.len() as u64).0;
        if before.whole || end <= before.len_bytes {
            return Ok(());
        }
        if let Some(copy) = &self.copy {
            if end.max(copy.told_bytes.unwrap_or(0)) > copy.limit_bytes {
                return Err(ReadError::OverLimit(copy.over_limit(before.len_bytes, end, (passed, whole))));
            }
            // Two who come here at once write the same.
            copy.file.write_all_at(bytes, at.0).map_err(ReadError::Spool)?;
        }
        let mut copied = self.copied.lock();
        copied.len_bytes = copied.len_bytes.max(end);
        Ok(())
    }
}

impl DiskCopy {
    /// What there is to ask the person, where so many bytes were copied, and up to `end` was unpacked of some of what is
    /// packed.
    fn over_limit(&self, copied: u64, end: u64, (passed, whole): (u64, u64)) -> OverLimit {
        let expected = u128::from(end) * u128::from(whole) / u128::from(passed.max(1));
        let expected = u64::try_from(expected).unwrap_or(u64::MAX).max(end);
        OverLimit {
            limit_bytes: self.limit_bytes,
            wanted_bytes: self.told_bytes.unwrap_or(expected),
            free_bytes: free_bytes(&self.file).map(|free| free.saturating_add(copied)),
        }
    }
}

/// How much a packed file holds that begins so, if it says so itself: of several pieces one after the other, the first.
fn told_bytes(packing: Packing, start: &[u8]) -> Option<u64> {
    match packing {
        Packing::Zstd => zstd::zstd_safe::get_frame_content_size(start).ok().flatten(),
        // They say so at their end, or nowhere.
        Packing::Gzip | Packing::Bzip2 | Packing::Xz => None,
    }
}

/// In the folder for what can be made again, as the one for temporary files may be in memory.
#[expect(clippy::disallowed_methods, reason = "the spool owns the folder that its files are in")]
pub(super) fn nameless_file() -> io::Result<File> {
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
        let Some(copy) = &self.copy else { return Err(io::ErrorKind::Unsupported.into()) };
        let rest = usize::try_from(ByteOffset(self.len_bytes()).since(offset)).unwrap_or(usize::MAX);
        let wanted = rest.min(buffer.len());
        read_full(&copy.file, offset, buffer.get_mut(..wanted).unwrap_or_default())
    }

    fn change(&self) -> Option<SourceChange> {
        self.base.change().map(SourceChange::of_what_lies_behind)
    }

    fn grow(&self) {}

    fn is_made(&self) -> bool {
        self.copy.is_none() || !self.copied.lock().whole
    }

    fn spooled_bytes(&self) -> Option<u64> {
        self.copy.as_ref().map(|_| self.len_bytes())
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
        if self.copy.is_some() && self.copied.lock().whole {
            return Box::new(Plain::new(self));
        }
        let input = Arc::clone(&self.base).in_order_until(stop);
        let whole_bytes = input.whole_bytes();
        let passed_bytes = Arc::<AtomicU64>::default();
        let input = Packed { input, stop: stop.clone(), passed_bytes: Arc::clone(&passed_bytes) };
        let unpacker = Unpacker::new(self.packing, input);
        Box::new(Pass { spool: self, unpacker, at: ByteOffset(0), passed_bytes, whole_bytes, failed: None })
    }
}

/// What is packed, for an unpacker to read.
struct Packed {
    input: Box<dyn InOrder>,
    stop: CancellationToken,
    passed_bytes: Arc<AtomicU64>,
}

impl Read for Packed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        unless_stopped(&self.stop)?;
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
        let passed = (self.passed_bytes(), self.whole_bytes);
        self.spool.keep(self.at, buffer.get(..filled).unwrap_or_default(), passed)?;
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
            let spool = Arc::new(Spool::new(Arc::new(Bytes(bytes)), packing, &[], LIMIT).unwrap());
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
            let short =
                Spool::new(Arc::new(Bytes(bytes[..bytes.len() * 3 / 4].to_vec())), packing, &[], LIMIT).unwrap();
            let (all, error) = in_blocks(Arc::new(short), 100_000);
            assert!(all.len() >= text().len() && text().repeat(2).starts_with(&all), "{packing:?}: {}", all.len());
            assert!(matches!(error, Some(ReadError::Broken { .. })), "{packing:?}: {error:?}");
            let mut damaged = bytes.clone();
            let middle = damaged.len() / 4;
            damaged[middle..middle + 50].fill(0x55);
            let damaged = Spool::new(Arc::new(Bytes(damaged)), packing, &[], LIMIT).unwrap();
            let (_, error) = in_blocks(Arc::new(damaged), 100_000);
            assert!(matches!(error, Some(ReadError::Broken { .. })), "{packing:?}: {error:?}");
            let bounded = Arc::new(Spool::new(Arc::new(Bytes(bytes)), packing, &[], 250_000).unwrap());
            let (all, error) = in_blocks(bounded.clone(), 100_000);
            let Some(ReadError::OverLimit(over)) = error else { panic!("{packing:?}: {error:?}") };
            assert_eq!(over.limit_bytes, 250_000, "{packing:?}");
            assert!(
                over.wanted_bytes > 250_000 && over.free_bytes.is_none_or(|free| free > 0),
                "{packing:?}: {over:?}"
            );
            assert_eq!((all.len(), bounded.len_bytes()), (200_000, 200_000), "{packing:?}");
        }
    }

    #[test]
    fn what_says_itself_that_it_is_too_long_is_asked_about_before_anything_is_copied() {
        let bytes = zstd::bulk::compress(&text(), 1).unwrap();
        let start = bytes[..18].to_vec();
        let spool = Arc::new(Spool::new(Arc::new(Bytes(bytes)), Packing::Zstd, &start, 250_000).unwrap());
        let (all, error) = in_blocks(spool.clone(), 100_000);
        let Some(ReadError::OverLimit(over)) = error else { panic!("{error:?}") };
        assert_eq!((over.wanted_bytes, all.len(), spool.spooled_bytes()), (text().len() as u64, 0, Some(0)));
    }

    #[test]
    fn who_only_passes_through_leaves_no_copy_and_can_pass_again() {
        for packing in [Packing::Zstd, Packing::Bzip2, Packing::Xz] {
            let spool = Arc::new(Spool::passing(Arc::new(Bytes(packed(packing))), packing));
            for _ in 0..2 {
                let (all, error) = in_blocks(spool.clone(), 100_000);
                assert!(error.is_none() && all == text().repeat(2), "{packing:?}: {error:?}");
                assert_eq!((spool.len_bytes(), spool.spooled_bytes()), (all.len() as u64, None), "{packing:?}");
            }
            assert!(spool.read_at(ByteOffset(0), &mut [0; 4]).is_err(), "{packing:?}: it is nowhere to be read");
        }
    }
}
