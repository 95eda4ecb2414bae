//! How lines end, and how many of a document's end in which way, counted while it is scanned. Pure; fed block by block, with
//! CR LF cut anywhere. What holds no return costs nothing: whoever feeds it has seen whether there may be one.

use memchr::memchr;
use wide::u8x16;

use crate::units;

/// What is looked at in one go: a bit of a word for each byte.
const CHUNK_BYTES: usize = 64;

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub enum LineEnding {
    /// No line has ended yet.
    #[default]
    None,
    /// U+000A.
    Lf,
    /// U+000D U+000A.
    CrLf,
    /// U+000D, which is read as U+000A.
    Cr,
}

impl LineEnding {
    /// What the first line in `bytes` ends with, if `before` is the byte that comes before them.
    #[must_use]
    pub fn of_first(before: u8, bytes: &[u8]) -> Self {
        match memchr(b'\n', bytes) {
            None => Self::None,
            Some(at) if at.checked_sub(1).map_or(Some(&before), |last| bytes.get(last)) == Some(&b'\r') => Self::CrLf,
            Some(_) => Self::Lf,
        }
    }

    /// Its name for people; empty for none.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Lf => "LF",
            Self::CrLf => "CRLF",
            Self::Cr => "CR",
        }
    }
}

/// How many lines end in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndingCounts {
    newlines: u64,
    /// Returns, whether or not a newline follows.
    returns: u64,
    /// Newlines after a return.
    pairs: u64,
    /// Whether what was seen ends with a return.
    after_return: bool,
}

impl EndingCounts {
    /// Takes in the next block, in which there are so many newlines and, if it `may_have_returns`, perhaps returns. Gives
    /// whether it has some.
    pub(super) fn feed(&mut self, block: &[u8], newlines: u64, may_have_returns: bool) -> bool {
        let (Some(first), Some(last)) = (block.first(), block.last()) else { return false };
        self.newlines += newlines;
        self.pairs += u64::from(self.after_return && *first == b'\n');
        self.after_return = *last == b'\r';
        let has_returns = may_have_returns && memchr(b'\r', block).is_some();
        if has_returns {
            let (returns, pairs) = pulp::Arch::new().dispatch(Pass(block));
            self.returns += returns;
            self.pairs += pairs;
        }
        has_returns
    }

    /// Takes in what was counted of the bytes that follow, of which there are some, and which may begin with a newline.
    pub(super) fn append(&mut self, later: &Self, begins_with_newline: bool) {
        self.newlines += later.newlines;
        self.returns += later.returns;
        self.pairs += later.pairs + u64::from(self.after_return && begins_with_newline);
        self.after_return = later.after_return;
    }

    /// How many lines end by LF, by CR LF, and by CR.
    #[must_use]
    pub const fn counts(&self) -> [u64; 3] {
        [self.newlines.saturating_sub(self.pairs), self.pairs, self.returns.saturating_sub(self.pairs)]
    }

    /// What there is to tell people, where the first line ends so: the one way, or each with how often it is.
    #[must_use]
    pub fn words(&self, first: LineEnding) -> String {
        // Its returns are shown as newlines, and counted as such.
        if first == LineEnding::Cr {
            return first.name().into();
        }
        let ways = [LineEnding::Lf, LineEnding::CrLf, LineEnding::Cr].map(LineEnding::name).into_iter();
        let ways: Vec<_> = ways.zip(self.counts()).filter(|(_, count)| *count > 0).collect();
        match ways.as_slice() {
            [] => first.name().into(),
            [(name, _)] => (*name).into(),
            _ => {
                let told: Vec<_> =
                    ways.iter().map(|(name, count)| format!("{} {name}", units::number(*count))).collect();
                format!("Mixed: {}", told.join(", "))
            }
        }
    }
}

/// One look at a block: its returns, and its newlines after a return.
struct Pass<'a>(&'a [u8]);

impl pulp::WithSimd for Pass<'_> {
    type Output = (u64, u64);

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> (u64, u64) {
        let (chunks, rest) = self.0.as_chunks::<CHUNK_BYTES>();
        let (mut returns, mut pairs, mut before) = (0_u64, 0_u64, 0_u64);
        for chunk in chunks {
            let (mut newlines, mut these) = (0_u64, 0_u64);
            for lane in chunk.as_chunks::<16>().0.iter().rev() {
                let lane = u8x16::new(*lane);
                newlines = (newlines << 16) | u64::from(lane.simd_eq(u8x16::splat(b'\n')).to_bitmask());
                these = (these << 16) | u64::from(lane.simd_eq(u8x16::splat(b'\r')).to_bitmask());
            }
            returns += u64::from(these.count_ones());
            pairs += u64::from((((these << 1) | before) & newlines).count_ones());
            before = these >> (CHUNK_BYTES - 1);
        }
        let mut after_return = before == 1;
        for byte in rest {
            pairs += u64::from(after_return && *byte == b'\n');
            after_return = *byte == b'\r';
            returns += u64::from(after_return);
        }
        (returns, pairs)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn newlines(block: &[u8]) -> u64 {
        bytecount::naive_count(block, b'\n') as u64
    }

    fn counted(text: &[u8]) -> EndingCounts {
        let mut counts = EndingCounts::default();
        counts.feed(text, newlines(text), true);
        counts
    }

    #[test]
    fn one_way_is_told_by_its_name_and_several_with_how_often_each_is() {
        let told = |text: &[u8], first| counted(text).words(first);
        assert_eq!(told(b"a\nb\n", LineEnding::Lf), "LF");
        assert_eq!(told(b"a\r\nb\r\n", LineEnding::CrLf), "CRLF");
        assert_eq!(told(b"a\rb\r", LineEnding::None), "CR");
        assert_eq!(told(b"a\nb", LineEnding::Cr), "CR", "what is shown as a newline is none");
        assert_eq!(told(b"a\nb\r\nc\rd\n", LineEnding::Lf), "Mixed: 2 LF, 1 CRLF, 1 CR");
        assert_eq!([told(b"a", LineEnding::None), told(b"", LineEnding::None)], ["", ""]);
    }

    #[test]
    fn the_start_tells_how_lines_end() {
        assert_eq!(LineEnding::of_first(0, b"a\r\nb\n"), LineEnding::CrLf);
        assert_eq!(LineEnding::of_first(0, b"\nb"), LineEnding::Lf);
        assert_eq!(LineEnding::of_first(b'\r', b"\nb"), LineEnding::CrLf);
        assert_eq!(LineEnding::of_first(0, b"b"), LineEnding::None);
    }

    proptest! {
        #[test]
        fn however_the_text_is_cut_its_endings_are_those_of_the_whole(
            text in prop::collection::vec(prop_oneof![6 => Just('a'), 2 => Just('\r'), 2 => Just('\n'), 1 => Just('ä')], 0..400),
            cuts in prop::collection::vec(prop_oneof![1_usize..10, 60_usize..140], 1..8),
            chunk_blocks in 1_usize..4,
        ) {
            let text: String = text.into_iter().collect();
            let pairs = text.matches("\r\n").count();
            let naive = [text.matches('\n').count() - pairs, pairs, text.matches('\r').count() - pairs].map(|count| count as u64);
            let (mut whole, mut put_together) = (EndingCounts::default(), EndingCounts::default());
            let mut chunk: Option<(EndingCounts, bool)> = None;
            let mut rest = text.as_bytes();
            for (number, cut) in cuts.iter().cycle().enumerate() {
                if rest.is_empty() { break; }
                let (block, after) = rest.split_at((*cut).min(rest.len()));
                whole.feed(block, newlines(block), true);
                let begins = block.first() == Some(&b'\n');
                let (counts, _) = chunk.get_or_insert((EndingCounts::default(), begins));
                counts.feed(block, newlines(block), block.contains(&b'\r'));
                if number % chunk_blocks == 0 && let Some((counts, begins)) = chunk.take() {
                    put_together.append(&counts, begins);
                }
                rest = after;
            }
            if let Some((counts, begins)) = chunk {
                put_together.append(&counts, begins);
            }
            prop_assert_eq!(whole.counts(), naive);
            prop_assert_eq!(put_together, whole);
        }
    }
}
