//! How many values there are that differ, in bounded memory: exactly while there are not too many, after that by an
//! estimate. Pure; it knows values by their hashes alone.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// The most hashes that are kept: they fill their table before it would double, and take 19 MB, 28 MB while it grows to that.
const MAX_EXACT: usize = (1 << 21) / 8 * 7;
/// How many bits of a hash choose a register: 64 KB of registers.
const REGISTER_BITS: u32 = 16;
const REGISTERS: usize = 1 << REGISTER_BITS;

/// A count of values that differ.
pub(super) struct Distinct {
    most: usize,
    way: Way,
}

enum Way {
    /// The hashes themselves. That two of two million values share one of 64 bits happens once in ten million files.
    Exact(HashSet<u64, BuildHasherDefault<AsItIs>>),
    /// `HyperLogLog` (Flajolet and others, 2007), with hashes of 64 bits: the largest run of zeros for each register.
    Estimate(Vec<u8>),
}

impl Distinct {
    pub(super) fn new() -> Self {
        Self::bounded(MAX_EXACT)
    }

    fn bounded(most: usize) -> Self {
        Self { most, way: Way::Exact(HashSet::default()) }
    }

    /// Takes in a value by its hash, of which every bit has to be as good as any other.
    pub(super) fn add(&mut self, hash: u64) {
        match &mut self.way {
            Way::Estimate(registers) => note(registers, hash),
            Way::Exact(hashes) => {
                if hashes.len() < self.most || hashes.contains(&hash) {
                    hashes.insert(hash);
                    return;
                }
                let mut registers = vec![0; REGISTERS];
                for known in &*hashes {
                    note(&mut registers, *known);
                }
                note(&mut registers, hash);
                self.way = Way::Estimate(registers);
            }
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        match &self.way {
            Way::Exact(hashes) => hashes.len() as u64,
            Way::Estimate(registers) => estimate(registers),
        }
    }

    /// By how much of itself the count may be wrong, in per cent, in 19 of 20 cases; `None` if it is exact.
    pub(super) const fn error_percent(&self) -> Option<f64> {
        match &self.way {
            Way::Exact(_) => None,
            // Twice the standard error, 1.04 by the root of the number of registers, which is 256.
            Way::Estimate(_) => Some(2.0 * 104.0 / 256.0),
        }
    }
}

/// Notes a hash in the register that is its own.
fn note(registers: &mut [u8], hash: u64) {
    let register = usize::try_from(hash >> (u64::BITS - REGISTER_BITS)).unwrap_or(0);
    // The bit after those that are left bounds the run.
    let rest = (hash << REGISTER_BITS) | (1 << (REGISTER_BITS - 1));
    let rank = u8::try_from(rest.leading_zeros() + 1).unwrap_or(u8::MAX);
    if let Some(most) = registers.get_mut(register) {
        *most = rank.max(*most);
    }
}

/// The estimate without its correction for few values: it is made for many alone.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an estimate, not below zero and far below 2^53"
)]
fn estimate(registers: &[u8]) -> u64 {
    let count = registers.len() as f64;
    let sum: f64 = registers.iter().map(|rank| f64::from(-i32::from(*rank)).exp2()).sum();
    let alpha = 0.7213 / (1.0 + 1.079 / count);
    (alpha * count * count / sum).round() as u64
}

/// Takes a hash for the hash that it is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // No key of the set is written so.
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash as _};

    use super::*;

    fn hash_of(number: u32) -> u64 {
        let mut hasher = DefaultHasher::new();
        number.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn few_values_are_counted_exactly_however_often_they_come() {
        let mut distinct = Distinct::bounded(100);
        for number in (0..100).chain(0..100) {
            distinct.add(hash_of(number));
        }
        assert_eq!((distinct.count(), distinct.error_percent()), (100, None));
    }

    #[test]
    fn many_values_are_estimated_within_the_error_that_is_told() {
        for count in [400_000, 600_000] {
            let mut distinct = Distinct::bounded(1_000);
            for number in (0..count).chain(0..1_000) {
                distinct.add(hash_of(number));
            }
            let percent = distinct.error_percent().unwrap();
            assert!((percent - 0.8125).abs() < 1e-9);
            #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
            let error = (distinct.count() as f64 / f64::from(count) - 1.0) * 100.0;
            assert!(error.abs() < percent, "{} of {count}: {error:.2} %", distinct.count());
        }
    }

    #[test]
    fn the_bound_is_kept_before_it_is_passed() {
        let mut distinct = Distinct::bounded(10);
        (0..10).for_each(|number| distinct.add(hash_of(number)));
        assert!(distinct.error_percent().is_none());
        distinct.add(hash_of(3));
        assert!(distinct.error_percent().is_none(), "it is known");
        distinct.add(hash_of(10));
        assert!(distinct.error_percent().is_some());
    }
}
