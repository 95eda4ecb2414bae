//! Where fields and records end, sixty-four bytes at a time: each kind of byte as bits of a word, and what is between quotes
//! from these by a few shifts. Pure; bytes may be cut anywhere.
//!
//! Fields are quoted as RFC 4180 says, and read as leniently as the `csv` crate does: a quote opens only at the beginning
//! of a field, two of them within quotes are one that is meant, and what follows a closing one is text without quotes.
//! Records end in LF, before which a CR belongs to the ending.

use wide::u8x16;

use super::Dialect;

/// What is looked at in one go: a bit of a word for each byte.
const CHUNK_BYTES: usize = 64;

/// How the next byte is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ScanState {
    /// A field begins, or a quote has closed: another one opens.
    #[default]
    AtEdge,
    /// Within a field and outside quotes: a quote is text.
    InField,
    /// Between quotes: only a quote is no text.
    InQuotes,
}

impl ScanState {
    /// As it is noted of a stride.
    pub(super) const fn mark(self) -> u8 {
        self as u8
    }

    pub(super) const fn of_mark(mark: u8) -> Self {
        match mark {
            0 => Self::AtEdge,
            1 => Self::InField,
            _ => Self::InQuotes,
        }
    }
}

/// The bytes of a chunk at which something ends: bit n stands for byte n.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) records: u64,
    pub(super) fields: u64,
}

/// Who wants to know where fields and records end.
pub(super) trait Visit {
    /// Takes in the ends within the next `bytes` bytes, 64 at most; whether to go on.
    fn chunk(&mut self, ends: Ends, bytes: u32) -> bool;
}

/// Goes through `bytes`, which begin in `state`, and gives the state after them; it means nothing if `visit` did not want to
/// go on.
pub(super) fn pass(bytes: &[u8], dialect: Dialect, state: ScanState, visit: &mut impl Visit) -> ScanState {
    Pass { bytes, needles: Needles::of(dialect), quotes: Quotes::of(state), visit }.on_this_processor()
}

/// What is looked for beside newlines.
#[derive(Clone, Copy)]
struct Needles {
    delimiter: u8,
    quote: u8,
    /// All ones if there are quotes, else none.
    quoting: u64,
}

impl Needles {
    fn of(dialect: Dialect) -> Self {
        let quoting = if dialect.quote.is_some() { u64::MAX } else { 0 };
        Self { delimiter: dialect.delimiter, quote: dialect.quote.unwrap_or_default(), quoting }
    }
}

/// Where in a chunk each kind of byte is, between quotes or not.
#[derive(Clone, Copy, Default)]
struct Seen {
    newlines: u64,
    delimiters: u64,
    quotes: u64,
}

/// What is known of quotes between two chunks.
#[derive(Clone, Copy)]
struct Quotes {
    /// All ones between quotes, else none.
    inside: u64,
    /// One if a quote opens here, else none.
    may_open: u64,
}

impl Quotes {
    const fn of(state: ScanState) -> Self {
        match state {
            ScanState::AtEdge => Self { inside: 0, may_open: 1 },
            ScanState::InField => Self { inside: 0, may_open: 0 },
            ScanState::InQuotes => Self { inside: u64::MAX, may_open: 0 },
        }
    }

    const fn state(self) -> ScanState {
        if self.inside != 0 {
            ScanState::InQuotes
        } else if self.may_open != 0 {
            ScanState::AtEdge
        } else {
            ScanState::InField
        }
    }

    /// Goes over a chunk whose last byte is number `last`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn step(&mut self, seen: Seen, last: u32) -> Ends {
        let (inside, quotes) = if seen.quotes == 0 { (self.inside, 0) } else { self.between_quotes(seen) };
        let edges = (seen.newlines | seen.delimiters | quotes) & !inside;
        self.may_open = (edges >> last) & 1;
        self.inside = 0_u64.wrapping_sub((inside >> last) & 1);
        Ends { records: seen.newlines & !inside, fields: seen.delimiters & !inside }
    }

    /// What is between quotes, an opening one included and a closing one not, and which quotes are no text.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn between_quotes(self, seen: Seen) -> (u64, u64) {
        let toggled = running_parity(seen.quotes) ^ self.inside;
        let may_open = ((seen.newlines | seen.delimiters | seen.quotes) << 1) | self.may_open;
        // If each one that would open stands where one may, each one opens or closes.
        if seen.quotes & toggled & !may_open == 0 { (toggled, seen.quotes) } else { self.one_by_one(seen) }
    }

    /// The same where some quotes are text.
    #[cold]
    fn one_by_one(self, seen: Seen) -> (u64, u64) {
        let edges = seen.newlines | seen.delimiters;
        let (mut inside, mut meant) = (0, 0);
        // The bits from the quote on that has opened.
        let mut opened = Some(u64::MAX).filter(|_| self.inside != 0);
        let mut quotes = seen.quotes;
        while quotes != 0 {
            let quote = quotes & quotes.wrapping_neg();
            quotes &= quotes - 1;
            if let Some(from) = opened {
                inside |= from & (quote - 1);
                meant |= quote;
                opened = None;
            } else if ((edges | meant) << 1 | self.may_open) & quote != 0 {
                meant |= quote;
                opened = Some(quote.wrapping_neg());
            }
        }
        (inside | opened.unwrap_or(0), meant)
    }
}

/// For each bit whether it and those below it are an odd number of ones.
const fn running_parity(bits: u64) -> u64 {
    let bits = bits ^ (bits << 1);
    let bits = bits ^ (bits << 2);
    let bits = bits ^ (bits << 4);
    let bits = bits ^ (bits << 8);
    let bits = bits ^ (bits << 16);
    bits ^ (bits << 32)
}

/// One look at a block.
struct Pass<'a, V> {
    bytes: &'a [u8],
    needles: Needles,
    quotes: Quotes,
    visit: &'a mut V,
}

impl<V: Visit> Pass<'_, V> {
    /// Takes the best instructions that the processor at hand has.
    fn on_this_processor(self) -> ScanState {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return pulp::Simd::vectorize(simd, InHalves { pass: self, simd });
        }
        pulp::Arch::new().dispatch(self)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn over(self, look: impl Fn(&[u8; CHUNK_BYTES]) -> Seen) -> ScanState {
        let Self { bytes, needles, mut quotes, visit } = self;
        let (chunks, rest) = bytes.as_chunks::<CHUNK_BYTES>();
        for chunk in chunks {
            let seen = look(chunk);
            let seen = Seen { quotes: seen.quotes & needles.quoting, ..seen };
            if !visit.chunk(quotes.step(seen, 63), 64) {
                return quotes.state();
            }
        }
        let count = u32::try_from(rest.len()).unwrap_or(0);
        if count > 0 {
            let mut padded = [0; CHUNK_BYTES];
            padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            let seen = look(&padded);
            let there = u64::MAX >> (64 - count);
            let seen = Seen {
                newlines: seen.newlines & there,
                delimiters: seen.delimiters & there,
                quotes: seen.quotes & there & needles.quoting,
            };
            visit.chunk(quotes.step(seen, count - 1), count);
        }
        quotes.state()
    }
}

impl<V: Visit> pulp::WithSimd for Pass<'_, V> {
    type Output = ScanState;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> ScanState {
        let Needles { delimiter, quote, .. } = self.needles;
        self.over(|chunk| {
            let mut seen = Seen::default();
            for lane in chunk.as_chunks::<16>().0.iter().rev() {
                let lane = u8x16::new(*lane);
                let bits = |needle| u64::from(lane.simd_eq(u8x16::splat(needle)).to_bitmask());
                seen.newlines = seen.newlines << 16 | bits(b'\n');
                seen.delimiters = seen.delimiters << 16 | bits(delimiter);
                seen.quotes = seen.quotes << 16 | bits(quote);
            }
            seen
        })
    }
}

/// The same with registers twice as wide.
#[cfg(target_arch = "x86_64")]
struct InHalves<'a, V> {
    pass: Pass<'a, V>,
    simd: pulp::x86::V3,
}

#[cfg(target_arch = "x86_64")]
impl<V: Visit> pulp::WithSimd for InHalves<'_, V> {
    type Output = ScanState;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> ScanState {
        let Self { pass, simd } = self;
        let Needles { delimiter, quote, .. } = pass.needles;
        let (newline, delimiter, quote) =
            (simd.splat_u8x32(b'\n'), simd.splat_u8x32(delimiter), simd.splat_u8x32(quote));
        let bits = |lanes| u64::from(simd.avx2._mm256_movemask_epi8(lanes).cast_unsigned());
        pass.over(|chunk| {
            let [low, high] = pulp::cast::<_, [pulp::u8x32; 2]>(*chunk);
            let places = |needle| {
                let half = |half| bits(pulp::cast(simd.cmp_eq_u8x32(half, needle)));
                half(high) << 32 | half(low)
            };
            Seen { newlines: places(newline), delimiters: places(delimiter), quotes: places(quote) }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_dialect, any_text};
    use super::*;

    struct All(Vec<(u64, u64, u32)>);

    impl Visit for All {
        fn chunk(&mut self, ends: Ends, bytes: u32) -> bool {
            self.0.push((ends.records, ends.fields, bytes));
            true
        }
    }

    proptest! {
        #[test]
        fn every_generation_of_processors_sees_the_same(
            text in any_text(300),
            dialect in any_dialect(),
            mark in 0_u8..3,
        ) {
            let seen = |newest: bool| {
                let (mut visit, state) = (All(Vec::new()), ScanState::of_mark(mark));
                let (needles, quotes) = (Needles::of(dialect), Quotes::of(state));
                let pass = Pass { bytes: &text, needles, quotes, visit: &mut visit };
                let end = if newest { pass.on_this_processor() } else { pulp::Arch::new().dispatch(pass) };
                (visit.0, end)
            };
            prop_assert_eq!(seen(true), seen(false));
        }
    }
}
