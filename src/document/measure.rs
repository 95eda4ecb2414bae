//! So many bytes or lines of text that comes in blocks. Pure.

use memchr::memchr_iter;

/// What is counted along a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Bytes,
    /// Each with its newline; the last one may have none.
    Lines,
}

impl Measure {
    /// The first `count` of `block`, or all of it if it has no more, and what comes after. `count` is then what is still
    /// lacking.
    pub(super) fn split<'a>(self, block: &'a [u8], count: &mut u64) -> (&'a [u8], &'a [u8]) {
        if *count == 0 {
            return (&[], block);
        }
        let here = match self {
            Self::Bytes => block.len() as u64,
            Self::Lines => bytecount::count(block, b'\n') as u64,
        };
        if here < *count {
            *count -= here;
            return (block, &[]);
        }
        let wanted = usize::try_from(std::mem::take(count)).unwrap_or(usize::MAX);
        let end = match self {
            Self::Bytes => wanted,
            Self::Lines => memchr_iter(b'\n', block).nth(wanted - 1).map_or(block.len(), |newline| newline + 1),
        };
        block.split_at_checked(end).unwrap_or((block, &[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_cut_after_what_is_wanted_and_what_it_lacks_is_known() {
        let split = |measure: Measure, block: &'static str, mut count: u64| {
            let (first, rest) = measure.split(block.as_bytes(), &mut count);
            (String::from_utf8_lossy(first).into_owned(), String::from_utf8_lossy(rest).into_owned(), count)
        };
        let cut = |first: &str, rest: &str, lacking: u64| (first.to_owned(), rest.to_owned(), lacking);
        assert_eq!(split(Measure::Bytes, "abc", 2), cut("ab", "c", 0));
        assert_eq!(split(Measure::Bytes, "abc", 3), cut("abc", "", 0));
        assert_eq!(split(Measure::Bytes, "abc", 5), cut("abc", "", 2));
        assert_eq!(split(Measure::Lines, "a\nb\nc", 1), cut("a\n", "b\nc", 0));
        assert_eq!(split(Measure::Lines, "a\nb\nc", 2), cut("a\nb\n", "c", 0));
        assert_eq!(split(Measure::Lines, "a\nb\nc", 3), cut("a\nb\nc", "", 1));
        assert_eq!(split(Measure::Lines, "a\n", 0), cut("", "a\n", 0));
    }
}
