//! The order in which rows of a table are shown, as a value: for each row that is shown where its record starts and which
//! number that has in the file, sixteen bytes a row. Held in memory while that is little, and else in a file without a name,
//! of which pages are fetched beside the window. Made by jobs, looked at by views; no look waits.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use parking_lot::Mutex;

use super::RecordNumber;
use super::order_pages::OrderPages;
use crate::document::{Found, Strides};
use crate::jobs::Wake;
use crate::source::{ByteOffset, Scratch};

/// What a row takes.
pub(super) const ROW_BYTES: usize = 16;
/// The rows that are fetched together: 64 KB.
pub(super) const PAGE_ROWS: u64 = 4 << 10;
/// Up to so much is held in memory: a quarter of a million rows.
const MAX_HELD_BYTES: usize = 4 << 20;
/// What is put aside at a time beyond.
const WRITTEN_BYTES: usize = 64 << 10;
/// The rows of which it is remembered where they are shown: by far more than a screen has.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(16 << 10).expect("is not zero");
/// The bit beside the number of a record that says that it is ragged.
const RAGGED: u64 = 1 << 63;

/// Where rows that start at a byte are shown; nowhere, if it is known that they are not.
pub(super) type Places = Arc<Mutex<LruCache<u64, Option<u64>>>>;

/// A row that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowAt {
    /// Where its record starts.
    pub start: ByteOffset,
    packed: u64,
}

impl RowAt {
    pub(super) const fn new(start: ByteOffset, number: RecordNumber, ragged: bool) -> Self {
        Self { start, packed: number.0 | if ragged { RAGGED } else { 0 } }
    }

    /// The number of its record.
    #[must_use]
    pub const fn number(self) -> RecordNumber {
        RecordNumber(self.packed & !RAGGED)
    }

    /// Whether it has other than the expected number of fields.
    #[must_use]
    pub const fn is_ragged(self) -> bool {
        self.packed & RAGGED != 0
    }

    pub(super) fn to_bytes(self) -> [u8; ROW_BYTES] {
        let mut bytes = [0; ROW_BYTES];
        let (start, packed) = bytes.split_at_mut(ROW_BYTES / 2);
        start.copy_from_slice(&self.start.0.to_le_bytes());
        packed.copy_from_slice(&self.packed.to_le_bytes());
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (start, rest) = bytes.split_first_chunk()?;
        let packed = rest.first_chunk()?;
        Some(Self { start: ByteOffset(u64::from_le_bytes(*start)), packed: u64::from_le_bytes(*packed) })
    }

    /// The row at a place in a list of them.
    pub(super) fn in_list(list: &[u8], place: u64) -> Option<Self> {
        let from = usize::try_from(place).ok()?.checked_mul(ROW_BYTES)?;
        Self::of_bytes(list.get(from..)?)
    }
}

/// The rows of a list, one after the other.
pub(super) fn each_row(list: &[u8]) -> impl Iterator<Item = RowAt> {
    list.chunks_exact(ROW_BYTES).filter_map(RowAt::of_bytes)
}

/// What is known of an order as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderFacts {
    /// How many rows are shown.
    pub rows: u64,
    /// How many are not.
    pub hidden: u64,
    /// Whether those that are shown come as they do in the file.
    pub as_in_file: bool,
    /// Up to where the document was gone through.
    pub covered: ByteOffset,
}

/// An order of rows, as a handle that is cheap to clone.
#[derive(Clone, Debug)]
pub struct RowOrder {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    facts: OrderFacts,
    /// How many are ragged, by where they are shown.
    ragged: Strides,
    held: Held,
    places: Places,
}

#[derive(Debug)]
enum Held {
    Memory(Vec<u8>),
    Disk(OrderPages),
}

impl RowOrder {
    /// What is known of it.
    #[must_use]
    pub fn facts(&self) -> OrderFacts {
        self.shared.facts
    }

    /// How many of the rows that are shown are ragged.
    #[must_use]
    pub fn ragged_rows(&self) -> u64 {
        self.shared.ragged.total()
    }

    /// The row that is shown at a place, from 0 on; unknown beyond the last.
    #[must_use]
    pub fn at(&self, place: u64) -> Found<RowAt> {
        let found = self.peek(place);
        if let Found::Here(row) = found {
            self.shared.places.lock().put(row.start.0, Some(place));
        }
        found
    }

    fn peek(&self, place: u64) -> Found<RowAt> {
        if place >= self.shared.facts.rows {
            return Found::Unknown;
        }
        match &self.shared.held {
            Held::Memory(list) => RowAt::in_list(list, place).map_or(Found::Unknown, Found::Here),
            Held::Disk(pages) => pages.at(place),
        }
    }

    /// Where the row is shown whose record starts at `start`; `None` if it is not. What is not remembered is sought, which
    /// takes a while where there are many.
    #[must_use]
    pub fn place_of(&self, start: ByteOffset) -> Found<Option<u64>> {
        if let Some(place) = self.shared.places.lock().get(&start.0) {
            return Found::Here(*place);
        }
        match &self.shared.held {
            Held::Memory(list) => {
                let place = each_row(list).position(|row| row.start == start).map(|place| place as u64);
                self.shared.places.lock().put(start.0, place);
                Found::Here(place)
            }
            Held::Disk(pages) => {
                pages.seek(start);
                Found::Loading
            }
        }
    }

    /// The first ragged row that is shown at `place` or after; `None` if there is none.
    #[must_use]
    pub fn ragged_from(&self, place: u64) -> Found<Option<u64>> {
        let (ragged, at) = (&self.shared.ragged, ByteOffset(place));
        let here = ragged.around(at).filter(|_| ragged.within(at) > 0).map(|(stride, _)| stride);
        let mut stride = here.or_else(|| ragged.first_after(at));
        while let Some(from) = stride {
            for place in from.0.max(place)..ragged.end(from).0 {
                match self.peek(place) {
                    Found::Here(row) if row.is_ragged() => return Found::Here(Some(place)),
                    Found::Here(_) => {}
                    Found::Loading | Found::Unknown => return Found::Loading,
                }
            }
            stride = ragged.first_after(from);
        }
        Found::Here(None)
    }

    /// At most `most` of the rows that are shown from `place` on. May block.
    ///
    /// # Errors
    /// When the disk fails.
    pub(super) fn read(&self, place: u64, most: u64) -> io::Result<Vec<RowAt>> {
        let count = most.min(self.shared.facts.rows.saturating_sub(place));
        match &self.shared.held {
            Held::Memory(list) => {
                let from = usize::try_from(place).unwrap_or(usize::MAX).saturating_mul(ROW_BYTES);
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                Ok(each_row(list.get(from..).unwrap_or_default()).take(count).collect())
            }
            Held::Disk(pages) => pages.read(place, count),
        }
    }
}

/// Takes in rows in the order in which they are to be shown.
pub(super) struct OrderWriter {
    max_held_bytes: usize,
    list: Vec<u8>,
    disk: Option<Scratch>,
    rows: u64,
    /// How many are ragged, and how many of those that are not counted there yet.
    ragged: Strides,
    ragged_here: u64,
}

impl OrderWriter {
    pub(super) fn new() -> Self {
        Self::holding(MAX_HELD_BYTES)
    }

    /// The same, which holds no more than so much in memory.
    pub(super) fn holding(max_held_bytes: usize) -> Self {
        let (list, ragged) = (Vec::new(), Strides::new(PAGE_ROWS));
        Self { max_held_bytes, list, disk: None, rows: 0, ragged, ragged_here: 0 }
    }

    /// Takes in the next row.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(super) fn push(&mut self, row: RowAt) -> io::Result<()> {
        let most = if self.disk.is_some() { WRITTEN_BYTES } else { self.max_held_bytes };
        if self.list.len() >= most {
            self.put_aside()?;
        }
        self.list.extend_from_slice(&row.to_bytes());
        self.rows += 1;
        self.ragged_here += u64::from(row.is_ragged());
        if self.rows.is_multiple_of(PAGE_ROWS) {
            self.ragged.push(PAGE_ROWS, std::mem::take(&mut self.ragged_here));
        }
        Ok(())
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let mut disk = match self.disk.take() {
            Some(disk) => disk,
            None => Scratch::new()?,
        };
        disk.append(&self.list)?;
        self.disk = Some(disk);
        self.list.clear();
        self.list.shrink_to(WRITTEN_BYTES);
        Ok(())
    }

    /// Says that these are all. `wake` is called when something has come that was asked for, `name` is told of the thread
    /// that fetches it.
    ///
    /// # Errors
    /// When the disk is full or fails, or the system gives no thread.
    pub(super) fn finish(
        mut self,
        (hidden, as_in_file, covered): (u64, bool, ByteOffset),
        name: &str,
        wake: Wake,
    ) -> io::Result<RowOrder> {
        self.ragged.push(self.rows % PAGE_ROWS, self.ragged_here);
        let facts = OrderFacts { rows: self.rows, hidden, as_in_file, covered };
        let places: Places = Arc::new(Mutex::new(LruCache::new(REMEMBERED)));
        if self.disk.is_some() {
            self.put_aside()?;
        }
        let held = match self.disk.take() {
            Some(disk) => Held::Disk(OrderPages::start(disk, facts, Arc::clone(&places), name, wake)?),
            None => Held::Memory(std::mem::take(&mut self.list)),
        };
        Ok(RowOrder { shared: Arc::new(Shared { facts, ragged: self.ragged, held, places }) })
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// An order of these starts, numbers and whether they are ragged, of which so much is held in memory.
    pub(in super::super) fn order_of(rows: &[(u64, u64, bool)], as_in_file: bool, held: usize) -> RowOrder {
        let mut writer = OrderWriter::holding(held);
        for (start, number, ragged) in rows {
            writer.push(RowAt::new(ByteOffset(*start), RecordNumber(*number), *ragged)).expect("a place for it");
        }
        writer.finish((0, as_in_file, ByteOffset(0)), "test", Arc::new(|| {})).expect("an order")
    }

    /// Asks until what was asked for has come.
    pub(in super::super) fn here<T>(ask: impl Fn() -> Found<T>) -> T {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            match ask() {
                Found::Here(value) => return value,
                lacking => {
                    let may_come = matches!(lacking, Found::Loading) && std::time::Instant::now() < deadline;
                    assert!(may_come, "it never came");
                }
            }
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::{here, order_of};
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn whatever_is_held_in_memory_each_row_is_found_by_its_place_and_its_place_by_its_start(
            mut starts in prop::collection::hash_set(0_u64..100_000, 1..300),
            shuffled in any::<bool>(),
            held in prop_oneof![Just(0_usize), Just(160), Just(MAX_HELD_BYTES)],
        ) {
            let mut starts: Vec<_> = starts.drain().collect();
            if !shuffled {
                starts.sort_unstable();
            }
            let rows: Vec<_> = starts.iter().map(|start| (*start, start / 3, start % 7 == 0)).collect();
            let order = order_of(&rows, !shuffled, held);
            prop_assert_eq!(order.facts().rows, rows.len() as u64);
            for place in [0, rows.len() / 2, rows.len() - 1] {
                // Before it was ever looked at.
                let start = ByteOffset(rows[place].0);
                prop_assert_eq!(here(|| order.place_of(start)), Some(place as u64));
            }
            for (place, (start, number, ragged)) in rows.iter().enumerate() {
                let row = here(|| order.at(place as u64));
                prop_assert_eq!((row.start.0, row.number().0, row.is_ragged()), (*start, *number, *ragged));
                prop_assert_eq!(here(|| order.place_of(ByteOffset(*start))), Some(place as u64));
                let next = rows[place..].iter().position(|row| row.2).map(|after| (place + after) as u64);
                prop_assert_eq!(here(|| order.ragged_from(place as u64)), next);
            }
            prop_assert_eq!(here(|| order.place_of(ByteOffset(100_000))), None);
            prop_assert_eq!(order.at(rows.len() as u64), Found::Unknown);
            let read = order.read(1, 5).unwrap();
            prop_assert_eq!(read.len(), rows.len().saturating_sub(1).min(5));
            prop_assert!(read.iter().zip(&rows[1..]).all(|(row, expected)| row.start.0 == expected.0));
        }
    }

    #[test]
    fn an_order_of_many_pages_is_read_and_sought_beyond_the_first() {
        let rows: Vec<_> = (0..3 * PAGE_ROWS + 5).map(|number| (number * 10, number, number == 9_000)).collect();
        for as_in_file in [true, false] {
            let order = order_of(&rows, as_in_file, 0);
            assert_eq!(here(|| order.at(3 * PAGE_ROWS + 4)).number().0, 3 * PAGE_ROWS + 4);
            assert_eq!(here(|| order.place_of(ByteOffset(90_010))), Some(9_001));
            assert_eq!(here(|| order.ragged_from(0)), Some(9_000));
            assert_eq!(here(|| order.ragged_from(9_001)), None);
            assert_eq!(order.ragged_rows(), 1);
        }
    }

    #[test]
    fn an_order_of_nothing_has_no_row() {
        let order = order_of(&[], false, MAX_HELD_BYTES);
        assert_eq!((order.at(0), order.ragged_from(0)), (Found::Unknown, Found::Here(None)));
        assert_eq!(order.place_of(ByteOffset(0)), Found::Here(None));
    }
}
