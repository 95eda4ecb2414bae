//! What the fuzz targets share: inputs that are nearly right, and the runs over them. Tests alone: each target is a
//! test beside the parser of outside bytes that it feeds, in a file of the name `fuzz.rs`.
//!
//! `cargo test` runs each with a number of cases, the same ones every time. With `ANTIFREEZE_FUZZ_SECS` each makes new
//! ones for so many seconds; what fails is made as small as can be and shown as a literal, to be kept among the seeds.

use std::fmt;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{RngAlgorithm, TestCaseResult, TestRng, TestRunner};

/// How long each target runs, in seconds, if that is told.
const SECONDS: &str = "ANTIFREEZE_FUZZ_SECS";

/// Feeds `target` with `cases` inputs, or with as many as it takes in the time that is told.
pub(crate) fn fuzz<S: Strategy>(cases: u32, inputs: S, target: impl Fn(S::Value) -> TestCaseResult) {
    let end = std::env::var(SECONDS).ok().map(|text| {
        let seconds = text.parse().expect("the time to fuzz for is a whole number of seconds");
        Instant::now() + Duration::from_secs(seconds)
    });
    loop {
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
        let mut runner = match end {
            Some(_) => TestRunner::new(config),
            None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
        };
        let failure = runner.run(&inputs, &target).err().map(|error| error.to_string());
        assert!(failure.is_none(), "{}", failure.unwrap_or_default());
        if end.is_none_or(|end| Instant::now() >= end) {
            return;
        }
    }
}

/// Bytes from outside, shown as a literal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Input(pub(crate) Vec<u8>);

impl Input {
    /// The same as text, where it is read as such.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Inputs that get far into a parser: one of `seeds` with a few changes, some of `words` one after the other, or noise.
pub(crate) fn nearly(seeds: Vec<Vec<u8>>, words: &[&'static [u8]]) -> BoxedStrategy<Input> {
    let words = words.to_vec();
    let changes = vec(change(words.clone()), 0..6);
    let near = (select(seeds), changes)
        .prop_map(|(seed, changes)| Input(changes.into_iter().fold(seed, |bytes, change| change.made_in(bytes))));
    let sentence = vec(select(words), 0..40).prop_map(|words| Input(words.concat()));
    let noise = vec(any::<u8>(), 0..200).prop_map(Input);
    prop_oneof![6 => near, 3 => sentence, 1 => noise].boxed()
}

/// How an input is cut into blocks: into tiny ones, and into some that are longer than what is looked at in one go.
pub(crate) fn cuts() -> BoxedStrategy<Vec<usize>> {
    vec(prop_oneof![3 => 1_usize..12, 1 => 60_usize..140], 1..6).boxed()
}

/// `bytes` in blocks of these lengths, again and again.
pub(crate) fn blocks<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let (mut blocks, mut rest) = (Vec::new(), bytes);
    for cut in cuts.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (block, after) = rest.split_at((*cut).min(rest.len()));
        blocks.push(block);
        rest = after;
    }
    blocks
}

/// Something that is done to an input at a place.
#[derive(Clone, Debug)]
struct Change {
    place: Index,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Set(u8),
    Flip(u8),
    Insert(Vec<u8>),
    /// Takes so many bytes out.
    Remove(usize),
    /// Puts so many bytes there so many times more.
    Repeat(usize, usize),
    Cut,
}

impl Change {
    fn made_in(self, mut bytes: Vec<u8>) -> Vec<u8> {
        // The place may be right after the last byte.
        let at = self.place.index(bytes.len() + 1);
        let end = |count: usize| (at + count).min(bytes.len());
        match self.what {
            What::Set(value) => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value),
            What::Flip(bit) => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << bit),
            What::Insert(word) => drop(bytes.splice(at..at, word)),
            What::Remove(count) => {
                let end = end(count);
                drop(bytes.drain(at..end));
            }
            What::Repeat(count, times) => {
                let piece = bytes[at..end(count)].repeat(times);
                drop(bytes.splice(at..at, piece));
            }
            What::Cut => bytes.truncate(at),
        }
        bytes
    }
}

fn change(words: Vec<&'static [u8]>) -> impl Strategy<Value = Change> {
    let what = prop_oneof![
        3 => any::<u8>().prop_map(What::Set),
        3 => (0_u8..8).prop_map(What::Flip),
        4 => select(words).prop_map(|word| What::Insert(word.to_vec())),
        3 => (1_usize..20).prop_map(What::Remove),
        2 => (1_usize..40, 1_usize..20).prop_map(|(count, times)| What::Repeat(count, times)),
        1 => Just(What::Cut),
    ];
    (any::<Index>(), what).prop_map(|(place, what)| Change { place, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "minimal failing input: b\"")]
    fn a_target_that_fails_tells_a_small_input_of_which_it_does() {
        fuzz(500, nearly(vec![b"a text without it".to_vec()], &[b"!", b"?"]), |input| {
            prop_assert!(!input.0.contains(&b'!'), "there is one");
            Ok(())
        });
    }

    #[test]
    #[should_panic(expected = "a parser gave up")]
    fn a_target_that_panics_fails_too() {
        fuzz(500, nearly(vec![b"a text".to_vec()], &[b"!"]), |input| {
            assert!(!input.0.ends_with(b"!"), "a parser gave up");
            Ok(())
        });
    }

    proptest! {
        #[test]
        fn what_is_cut_into_blocks_is_whole_when_it_is_put_together(bytes in vec(any::<u8>(), 0..300), cuts in cuts()) {
            let blocks = blocks(&bytes, &cuts);
            prop_assert_eq!(&blocks.concat(), &bytes);
            prop_assert!(blocks.iter().all(|block| !block.is_empty() && block.len() < 140));
        }
    }
}
