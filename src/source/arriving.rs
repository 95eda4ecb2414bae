//! What is there of a file that is still arriving: shared by the job that writes it and by whoever looks at it meanwhile.
//! Locks are held for a moment and never across I/O. It must not know where the file comes from, nor how it is shown.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::ByteOffset;

/// The bytes that are there, as ranges in order, none of which touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    ranges: Vec<Range<u64>>,
}

impl Arrived {
    /// Takes in that these bytes are there.
    pub fn add(&mut self, range: Range<ByteOffset>) {
        let mut new = range.start.0..range.end.0;
        if new.is_empty() {
            return;
        }
        let first = self.ranges.partition_point(|range| range.end < new.start);
        let after = self.ranges.partition_point(|range| range.start <= new.end);
        for touched in self.ranges.drain(first..after.max(first)) {
            new = new.start.min(touched.start)..new.end.max(touched.end);
        }
        self.ranges.insert(first, new);
    }

    /// Up to where everything is there from the beginning on.
    #[must_use]
    pub fn up_to(&self) -> ByteOffset {
        ByteOffset(self.ranges.first().filter(|first| first.start == 0).map_or(0, |first| first.end))
    }

    /// How many bytes are there.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// What is lacking of these bytes, in order.
    #[must_use]
    pub fn lacking(&self, range: Range<ByteOffset>) -> Vec<Range<ByteOffset>> {
        let (mut at, end) = (range.start.0, range.end.0);
        let mut lacking = Vec::new();
        let first = self.ranges.partition_point(|range| range.end <= at);
        for there in self.ranges.iter().skip(first).take_while(|there| there.start < end) {
            if at < there.start {
                lacking.push(ByteOffset(at)..ByteOffset(there.start));
            }
            at = there.end;
        }
        if at < end {
            lacking.push(ByteOffset(at)..ByteOffset(end));
        }
        lacking
    }
}

/// A file that arrives, as a handle that is cheap to clone. Nothing is known of one that was not begun.
#[derive(Clone, Debug, Default)]
pub struct Arriving {
    shared: Arc<Mutex<Option<Begun>>>,
}

/// What is known of a file that began to arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Where it is until all of it is there.
    pub part: PathBuf,
    /// How long it will be, if that is known.
    pub whole_bytes: Option<u64>,
    /// What is there of it.
    pub arrived: Arrived,
    /// Whether more comes.
    pub state: ArrivalState,
}

/// Whether more comes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrivalState {
    /// It does.
    UnderWay,
    /// All of it is there.
    Whole,
    /// No more comes, though more was to come.
    BrokenOff,
}

impl Arriving {
    /// Says that the file begins to arrive at `part`. It has broken off when what is given back is dropped before it says that
    /// all is there.
    #[must_use]
    pub fn begin(&self, part: &Path, whole_bytes: Option<u64>) -> Arrival {
        let (part, arrived) = (part.to_owned(), Arrived::default());
        *self.shared.lock() = Some(Begun { part, whole_bytes, arrived, state: ArrivalState::UnderWay });
        Arrival { arriving: self.clone() }
    }

    /// How it stands; `None` if it did not begin.
    #[must_use]
    pub fn begun(&self) -> Option<Begun> {
        self.shared.lock().clone()
    }

    /// Where it is until all of it is there, if more comes and something is there.
    #[must_use]
    pub fn part(&self) -> Option<PathBuf> {
        let begun = self.shared.lock();
        let begun =
            begun.as_ref().filter(|begun| begun.state == ArrivalState::UnderWay && begun.arrived.bytes() > 0)?;
        Some(begun.part.clone())
    }

    /// Whether more comes.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.shared.lock().as_ref().is_some_and(|begun| begun.state == ArrivalState::UnderWay)
    }
}

/// Two are the same to whoever compares what is asked for: how far it has come is no part of that.
impl PartialEq for Arriving {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Arriving {}

/// The right to say what is there of a file that arrives.
#[derive(Debug)]
pub struct Arrival {
    arriving: Arriving,
}

impl Arrival {
    /// Says that these bytes are there.
    pub fn add(&self, range: Range<ByteOffset>) {
        if let Some(begun) = self.arriving.shared.lock().as_mut() {
            begun.arrived.add(range);
        }
    }

    /// Says that all of it is there.
    pub fn complete(self) {
        self.end(ArrivalState::Whole);
    }

    fn end(&self, state: ArrivalState) {
        if let Some(begun) = self.arriving.shared.lock().as_mut().filter(|begun| begun.state == ArrivalState::UnderWay)
        {
            begun.state = state;
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        self.end(ArrivalState::BrokenOff);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(from: u64, to: u64) -> Range<ByteOffset> {
        ByteOffset(from)..ByteOffset(to)
    }

    #[test]
    fn a_file_has_broken_off_when_nobody_goes_on_with_it() {
        let arriving = Arriving::default();
        assert_eq!((arriving.begun(), arriving.part(), arriving.is_under_way()), (None, None, false));
        let arrival = arriving.begin(Path::new("a.part"), Some(10));
        assert_eq!(arriving.part(), None, "there is nothing to look at");
        arrival.add(range(0, 4));
        assert_eq!(arriving.part(), Some(PathBuf::from("a.part")));
        drop(arrival);
        assert_eq!(arriving.begun().map(|begun| begun.state), Some(ArrivalState::BrokenOff));
        let arrival = arriving.begin(Path::new("a.part"), None);
        arrival.complete();
        assert_eq!(arriving.begun().map(|begun| begun.state), Some(ArrivalState::Whole));
    }

    proptest! {
        #[test]
        fn what_is_there_is_what_was_added_in_whatever_order(
            added in prop::collection::vec((0_u64..60, 0_u64..12), 0..12),
            (from, len) in (0_u64..70, 0_u64..40),
        ) {
            let (mut arrived, mut naive) = (Arrived::default(), [false; 80]);
            for (start, len) in added {
                arrived.add(range(start, start + len));
                for at in start..start + len {
                    naive[usize::try_from(at).unwrap()] = true;
                }
            }
            prop_assert_eq!(arrived.bytes(), naive.iter().filter(|there| **there).count() as u64);
            prop_assert_eq!(arrived.up_to().0, naive.iter().take_while(|there| **there).count() as u64);
            let apart = arrived.ranges.windows(2).all(|pair| pair[0].end < pair[1].start);
            prop_assert!(apart, "{:?}", arrived);
            let end = (from + len).min(80);
            let lacking = arrived.lacking(range(from, end));
            for at in from..end {
                let lacks = lacking.iter().any(|range| range.contains(&ByteOffset(at)));
                prop_assert_eq!(lacks, !naive[usize::try_from(at).unwrap()], "at {}", at);
            }
            prop_assert!(lacking.iter().all(|range| range.start < range.end && range.start.0 >= from && range.end.0 <= end));
        }
    }
}
