//! How many restart points there may be in the whole program: sources that are made share a bound. When it is passed, whoever
//! holds most of them forgets every second one, so that no document has less for being opened first or last.
//!
//! Points are made on the threads that go through sources. No lock is held across I/O, and none of a holder while the bound is
//! looked at.

use std::sync::{Arc, LazyLock, Weak};

use parking_lot::Mutex;

/// The most that the restart points of all sources take together, in bytes.
const MOST_BYTES: u64 = 24_000_000;

/// Somebody who holds restart points.
pub(super) trait Holder: Send + Sync {
    /// How much memory they take, in bytes.
    fn held_bytes(&self) -> u64;

    /// Forgets every second one; gives whether there was one to forget.
    fn thin(&self) -> bool;
}

/// A bound that holders of restart points share.
pub(super) struct Budget {
    most_bytes: u64,
    holders: Mutex<Vec<Weak<dyn Holder>>>,
}

impl Budget {
    /// One of so many bytes.
    pub(super) fn new(most_bytes: u64) -> Arc<Self> {
        Arc::new(Self { most_bytes, holders: Mutex::default() })
    }

    /// The one of the program.
    pub(super) fn of_program() -> Arc<Self> {
        static PROGRAM: LazyLock<Arc<Budget>> = LazyLock::new(|| Budget::new(MOST_BYTES));
        Arc::clone(&PROGRAM)
    }

    /// Takes in that `holder` shares it for as long as it is there.
    pub(super) fn enter(&self, holder: Weak<dyn Holder>) {
        let mut holders = self.holders.lock();
        holders.retain(|other| other.strong_count() > 0);
        holders.push(holder);
    }

    /// Has points forgotten until all of them are within the bound.
    pub(super) fn keep(&self) {
        let holders = self.holders.lock();
        let there: Vec<Arc<dyn Holder>> = holders.iter().filter_map(Weak::upgrade).collect();
        loop {
            let held: Vec<u64> = there.iter().map(|holder| holder.held_bytes()).collect();
            let largest = there.iter().zip(&held).max_by_key(|(_, bytes)| **bytes);
            let Some((largest, _)) = largest.filter(|_| held.iter().sum::<u64>() > self.most_bytes) else { return };
            if !largest.thin() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Holds points of ten bytes each.
    #[derive(Default)]
    struct Points(Mutex<u64>);

    impl Holder for Points {
        fn held_bytes(&self) -> u64 {
            *self.0.lock() * 10
        }

        fn thin(&self) -> bool {
            let mut count = self.0.lock();
            let thinned = *count > 1;
            *count -= *count / 2;
            thinned
        }
    }

    fn holders(budget: &Budget, count: usize) -> Vec<Arc<Points>> {
        let enter = |_| {
            let points = Arc::<Points>::default();
            let holder = Arc::downgrade(&points);
            budget.enter(holder);
            points
        };
        (0..count).map(enter).collect()
    }

    #[test]
    fn who_holds_most_gives_way_to_who_comes_later_and_who_is_gone_counts_for_nothing() {
        let budget = Budget::new(100);
        let holders = holders(&budget, 2);
        *holders[0].0.lock() = 10;
        budget.keep();
        assert_eq!(*holders[0].0.lock(), 10, "there is room for them");
        *holders[1].0.lock() = 1;
        budget.keep();
        assert_eq!([*holders[0].0.lock(), *holders[1].0.lock()], [5, 1]);
        *holders[1].0.lock() = 9;
        budget.keep();
        assert_eq!([*holders[0].0.lock(), *holders[1].0.lock()], [5, 5]);
        drop(holders);
        assert_eq!(budget.holders.lock().iter().filter(|holder| holder.strong_count() > 0).count(), 0);
    }

    proptest! {
        #[test]
        fn all_together_are_within_the_bound_and_nobody_is_left_with_nothing(
            counts in prop::collection::vec(1_u64..500, 1..8),
        ) {
            let budget = Budget::new(200);
            let holders = holders(&budget, counts.len());
            for (holder, count) in holders.iter().zip(counts) {
                *holder.0.lock() = count;
                budget.keep();
            }
            prop_assert!(holders.iter().map(|holder| holder.held_bytes()).sum::<u64>() <= 200);
            prop_assert!(holders.iter().all(|holder| holder.held_bytes() > 0));
        }
    }
}
