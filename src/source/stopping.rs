//! What becomes of a way through packed or encoded bytes that nobody wants any more: it ends at its next read of what lies
//! behind, whether or not anything came of what was read before. Tests alone, told by the order of events.

#[cfg(test)]
mod tests {
    use std::io::{self, Write as _};
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::super::gzip::Gzip;
    use super::super::in_order::Plain;
    use super::super::spool::Spool;
    use super::super::{Blocks, ByteOffset, Derived, InOrder, Packing, ReadError, Source, SourceChange, Until};

    /// How long anything may take.
    const DEADLINE: Duration = Duration::from_secs(20);

    /// Bytes that begin somehow and then are the same again and again, so that what they hold has no end.
    struct Endless {
        start: Vec<u8>,
        unit: Vec<u8>,
        reads: AtomicU64,
        /// With which read nobody wants any more, and what says so.
        last: (u64, CancellationToken),
        /// Is told of each read, and is closed when nobody holds the bytes.
        told: SyncSender<()>,
    }

    impl Endless {
        fn new(start: &[u8], unit: &[u8], last: (u64, CancellationToken)) -> (Arc<Self>, Receiver<()>) {
            let (told, events) = sync_channel(1);
            let (start, unit) = (start.to_vec(), unit.to_vec());
            (Arc::new(Self { start, unit, reads: AtomicU64::new(0), last, told }), events)
        }

        fn byte(&self, at: u64) -> u8 {
            let at = usize::try_from(at).unwrap();
            self.start.get(at).copied().unwrap_or_else(|| self.unit[(at - self.start.len()) % self.unit.len()])
        }
    }

    impl Source for Endless {
        fn len_bytes(&self) -> u64 {
            u64::MAX / 2
        }

        fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
            if self.reads.fetch_add(1, Relaxed) + 1 == self.last.0 {
                self.last.1.cancel();
            }
            let _ = self.told.try_send(());
            for (at, byte) in (offset.0..).zip(buffer.iter_mut()) {
                *byte = self.byte(at);
            }
            Ok(buffer.len())
        }

        fn change(&self) -> Option<SourceChange> {
            None
        }

        fn grow(&self) {}

        fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
            Box::new(Plain::new(self))
        }
    }

    fn member(bytes: &[u8]) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        member.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
        member.extend(crc32fast::hash(bytes).to_le_bytes());
        member.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        member
    }

    fn xz() -> Vec<u8> {
        let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
        writer.write_all(b"a line\n").unwrap();
        writer.finish().unwrap()
    }

    fn bzip2() -> Vec<u8> {
        bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast()).finish().unwrap()
    }

    /// What `base` holds, packed in this way.
    fn unpacked(base: Arc<Endless>, packing: Packing) -> Arc<dyn Source> {
        match packing {
            Packing::Gzip => Arc::new(Derived::new(base, Gzip)),
            _ => Arc::new(Spool::passing(base, packing)),
        }
    }

    /// Packed bytes that go on for ever, and of which nothing comes.
    fn endless() -> Vec<(&'static str, Packing, Vec<u8>, Vec<u8>)> {
        let nothing = zstd::encode_all(b"".as_slice(), 1).unwrap();
        vec![
            ("zeros after gzip", Packing::Gzip, member(b""), vec![0]),
            ("members of nothing", Packing::Gzip, Vec::new(), member(b"")),
            ("frames of nothing", Packing::Zstd, Vec::new(), nothing),
            ("streams of nothing", Packing::Bzip2, Vec::new(), bzip2()),
            ("zeros after xz", Packing::Xz, xz(), vec![0; 4]),
        ]
    }

    #[test]
    fn a_read_of_which_nothing_comes_ends_with_the_next_look_at_what_lies_behind() {
        for (what, packing, start, unit) in endless() {
            let stop = CancellationToken::new();
            let (base, _events) = Endless::new(&start, &unit, (5, stop.clone()));
            let mut pass = unpacked(Arc::clone(&base), packing).in_order_until(&stop);
            let mut buffer = vec![0; 64 << 10];
            let mut read = pass.read(&mut buffer);
            // What there was before is given first.
            while matches!(read, Ok(read) if read > 0) {
                read = pass.read(&mut buffer);
            }
            assert!(matches!(read, Err(ReadError::Stopped)), "{what}: {read:?}");
            assert_eq!(base.reads.load(Relaxed), 5, "{what}");
        }
    }

    #[test]
    fn the_thread_that_makes_blocks_ahead_does_not_outlive_who_wants_them() {
        for (what, packing, start, unit) in endless() {
            let (base, events) = Endless::new(&start, &unit, (u64::MAX, CancellationToken::new()));
            let blocks = Blocks::of(unpacked(base, packing), Path::new("a")).unwrap();
            events.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("{what}: nothing is read"));
            drop(blocks);
            // One event may wait, and one read may be under way.
            let after = std::iter::from_fn(|| events.recv_timeout(DEADLINE).ok()).take(4).count();
            assert!(after < 4, "{what}: it is read on");
            assert_eq!(events.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected), "{what}: it is held still");
        }
    }

    #[test]
    fn who_is_on_the_way_to_a_place_can_be_stopped() {
        let packed: Vec<u8> = (0..400_u32).flat_map(|number| member(&number.to_le_bytes().repeat(5_000))).collect();
        let stop = CancellationToken::new();
        let (base, _events) = Endless::new(&packed, &[0], (u64::MAX, CancellationToken::new()));
        let derived = Arc::new(Derived::spaced(base.clone(), Gzip, u64::MAX));
        let mut pass = Arc::clone(&derived).in_order_until(&stop);
        let (mut buffer, mut bytes) = (vec![0; 64 << 10], 0);
        while bytes < 7_000_000 {
            bytes += pass.read(&mut buffer).unwrap();
        }
        let until = Until::new(derived, stop.clone());
        let mut there = [0; 4];
        assert_eq!(until.read_at(ByteOffset(6_000_000), &mut there).unwrap(), 4);
        assert_eq!(there, 300_u32.to_le_bytes());
        stop.cancel();
        let before = base.reads.load(Relaxed);
        assert!(until.read_at(ByteOffset(3_000_000), &mut there).is_err());
        assert_eq!(base.reads.load(Relaxed), before, "it was begun anew");
    }

    #[test]
    fn text_of_which_nothing_can_be_made_is_left_too() {
        // What lies behind the text is asked, however many there are in between.
        let stop = CancellationToken::new();
        let (base, _events) = Endless::new(&member(b""), &[0], (5, stop.clone()));
        let twice: Arc<dyn Source> = Arc::new(Derived::new(Arc::new(Derived::new(base.clone(), Gzip)), Gzip));
        let read = twice.in_order_until(&stop).read(&mut [0; 100]);
        assert!(matches!(read, Err(ReadError::Stopped)), "{read:?}");
        assert_eq!(base.reads.load(Relaxed), 5);
    }
}
