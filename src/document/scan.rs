//! One pass over bytes in order: newlines, the longest line, how lines end, and whether all of it is UTF-8. Pure; fed block by block,
//! with lines and characters cut anywhere.

use memchr::memchr;
use wide::u8x16;

use super::EndingCounts;

/// What a pass over a document has learned so far. The longest line is found without a search for each line.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// What was seen.
    bytes: u64,
    /// The bytes before the first newline, once there is one.
    first_line_bytes: Option<u64>,
    /// Bytes of the line that goes on at the end of what was seen.
    open_line_bytes: u64,
    /// The longest line, the open one among them.
    longest_line_bytes: u64,
    newlines: u64,
    endings: EndingCounts,
    utf8: Utf8Check,
}

impl Scan {
    /// A scan that begins in the middle: the first bytes may be the end of a character that begins before.
    #[must_use]
    pub fn in_the_middle() -> Self {
        Self { utf8: Utf8Check { rest_bytes: MAX_REST_BYTES, ..Utf8Check::default() }, ..Self::default() }
    }

    /// Takes in the next bytes and gives the number of newlines in them.
    pub fn feed(&mut self, block: &[u8]) -> u64 {
        if self.first_line_bytes.is_none() {
            self.first_line_bytes = memchr(b'\n', block).map(|newline| self.bytes + newline as u64);
        }
        self.bytes += block.len() as u64;
        let pass = Pass { block, open_line_bytes: self.open_line_bytes, longest_line_bytes: self.longest_line_bytes };
        let passed = pass.on_this_processor();
        self.open_line_bytes = passed.open_line_bytes;
        self.longest_line_bytes = passed.longest_line_bytes;
        let has_returns = self.endings.feed(block, passed.newlines, !passed.plain);
        self.utf8.feed(block, passed.plain || (has_returns && block.is_ascii()));
        self.newlines += passed.newlines;
        passed.newlines
    }

    /// Sees the character that goes on at the end to its end, by the bytes that follow and that another scan takes in.
    pub fn end_character(&mut self, next: &[u8]) {
        let rest = next.iter().take_while(|byte| is_continuation(**byte)).count().min(MAX_REST_BYTES);
        self.utf8.feed(next.get(..rest).unwrap_or_default(), false);
        self.utf8.valid &= self.utf8.pending.is_empty();
    }

    /// Takes in what a scan in the middle has learned of the bytes that follow.
    pub fn append(&mut self, later: &Self) {
        let continued = self.open_line_bytes + later.first_line_bytes.unwrap_or(later.bytes);
        self.longest_line_bytes = self.longest_line_bytes.max(later.longest_line_bytes).max(continued);
        self.open_line_bytes = if later.newlines > 0 { later.open_line_bytes } else { continued };
        self.first_line_bytes = self.first_line_bytes.or(later.first_line_bytes.map(|first| self.bytes + first));
        if later.bytes > 0 {
            self.endings.append(&later.endings, later.first_line_bytes == Some(0));
        }
        self.bytes += later.bytes;
        self.newlines += later.newlines;
        self.utf8.valid &= later.utf8.valid;
        self.utf8.pending.clone_from(&later.utf8.pending);
    }

    /// The bytes before the first newline, if there is one.
    #[must_use]
    pub const fn first_line_bytes(&self) -> Option<u64> {
        self.first_line_bytes
    }

    /// How the lines end.
    #[must_use]
    pub const fn endings(&self) -> EndingCounts {
        self.endings
    }

    /// The lines so far; one without a newline at its end counts.
    #[must_use]
    pub const fn lines(&self) -> u64 {
        self.newlines + self.unterminated() as u64
    }

    /// The longest line so far, one that is still open among them, in bytes without its newline.
    #[must_use]
    pub const fn longest_line_bytes(&self) -> u64 {
        self.longest_line_bytes
    }

    /// Whether the last line has no newline at its end.
    #[must_use]
    pub const fn unterminated(&self) -> bool {
        self.open_line_bytes > 0
    }

    /// Whether what was seen is UTF-8, of which the last character may be cut.
    #[must_use]
    pub const fn may_be_utf8(&self) -> bool {
        self.utf8.valid
    }

    /// Whether all that was seen is UTF-8, an unfinished character at the end being none.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.utf8.valid && self.utf8.pending.is_empty()
    }
}

/// What is looked at in one go: a bit of a word for each byte.
const CHUNK_BYTES: usize = 64;

/// One look at a block.
struct Pass<'a> {
    block: &'a [u8],
    open_line_bytes: u64,
    longest_line_bytes: u64,
}

struct Passed {
    open_line_bytes: u64,
    longest_line_bytes: u64,
    newlines: u64,
    /// Whether all of it is ASCII without a return.
    plain: bool,
}

/// What is in a chunk: bit n stands for byte n.
struct Seen {
    newlines: u64,
    /// What is no ASCII, and returns: where there is none of both, nobody has to look again.
    unusual: u64,
}

impl Pass<'_> {
    /// Takes the best instructions that the processor at hand has.
    fn on_this_processor(self) -> Passed {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return pulp::Simd::vectorize(simd, InHalves { pass: self, simd });
        }
        pulp::Arch::new().dispatch(self)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn over(self, look: impl Look) -> Passed {
        let (chunks, rest) = self.block.as_chunks::<CHUNK_BYTES>();
        let (mut open, mut longest) = (self.open_line_bytes, self.longest_line_bytes);
        let (mut newlines, mut unusual) = (0, 0);
        let mut chunks = chunks.iter();
        // Until a line as long as a chunk is known, one between two newlines of a chunk may be the longest.
        while longest < CHUNK_BYTES as u64
            && let Some(chunk) = chunks.next()
        {
            let seen = look.at(chunk);
            newlines += u64::from(seen.newlines.count_ones());
            unusual |= seen.unusual;
            longest = longest.max(open + u64::from(seen.newlines.trailing_zeros())).max(longest_between(seen.newlines));
            open = u64::from(seen.newlines.leading_zeros()) + if seen.newlines == 0 { open } else { 0 };
        }
        for chunk in chunks {
            let seen = look.at(chunk);
            newlines += u64::from(seen.newlines.count_ones());
            unusual |= seen.unusual;
            // Without a newline both are as if one came right after the chunk: there is nothing to branch on.
            longest = longest.max(open + u64::from(seen.newlines.trailing_zeros()));
            open = u64::from(seen.newlines.leading_zeros()) + if seen.newlines == 0 { open } else { 0 };
        }
        longest = longest.max(open);
        let mut plain = unusual == 0;
        for byte in rest {
            plain &= byte.is_ascii() && *byte != b'\r';
            newlines += u64::from(*byte == b'\n');
            open = if *byte == b'\n' { 0 } else { open + 1 };
            longest = longest.max(open);
        }
        Passed { open_line_bytes: open, longest_line_bytes: longest, newlines, plain }
    }
}

impl pulp::WithSimd for Pass<'_> {
    type Output = Passed;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Passed {
        self.over(InQuarters)
    }
}

/// A look at a chunk. No closure: of one nobody can say that it is to be inlined.
trait Look: Copy {
    fn at(self, chunk: &[u8; CHUNK_BYTES]) -> Seen;
}

/// By registers of 16 bytes.
#[derive(Clone, Copy)]
struct InQuarters;

impl Look for InQuarters {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn at(self, chunk: &[u8; CHUNK_BYTES]) -> Seen {
        let mut seen = Seen { newlines: 0, unusual: 0 };
        for lane in chunk.as_chunks::<16>().0.iter().rev() {
            let lane = u8x16::new(*lane);
            seen.newlines = seen.newlines << 16 | u64::from(lane.simd_eq(u8x16::splat(b'\n')).to_bitmask());
            let unusual = lane | lane.simd_eq(u8x16::splat(b'\r'));
            seen.unusual = seen.unusual << 16 | u64::from(unusual.to_bitmask());
        }
        seen
    }
}

/// The same with registers twice as wide, which saves a tenth of an index's time.
#[cfg(target_arch = "x86_64")]
struct InHalves<'a> {
    pass: Pass<'a>,
    simd: pulp::x86::V3,
}

#[cfg(target_arch = "x86_64")]
impl pulp::WithSimd for InHalves<'_> {
    type Output = Passed;

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Passed {
        self.pass.over(ByHalves { simd: self.simd })
    }
}

/// By registers of 32 bytes.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct ByHalves {
    simd: pulp::x86::V3,
}

#[cfg(target_arch = "x86_64")]
impl ByHalves {
    /// Where a half has newlines.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn newlines(self, half: pulp::u8x32) -> u64 {
        let newlines = self.simd.cmp_eq_u8x32(half, self.simd.splat_u8x32(b'\n'));
        u64::from(self.simd.avx2._mm256_movemask_epi8(pulp::cast(newlines)).cast_unsigned())
    }

    /// Where a half has what is no ASCII, or returns.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn unusual(self, half: pulp::u8x32) -> u64 {
        let returns = self.simd.cmp_eq_u8x32(half, self.simd.splat_u8x32(b'\r'));
        let unusual = self.simd.avx2._mm256_or_si256(pulp::cast(half), pulp::cast(returns));
        u64::from(self.simd.avx2._mm256_movemask_epi8(unusual).cast_unsigned())
    }
}

#[cfg(target_arch = "x86_64")]
impl Look for ByHalves {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn at(self, chunk: &[u8; CHUNK_BYTES]) -> Seen {
        let [low, high] = pulp::cast::<_, [pulp::u8x32; 2]>(*chunk);
        Seen {
            newlines: self.newlines(high) << 32 | self.newlines(low),
            unusual: self.unusual(high) << 32 | self.unusual(low),
        }
    }
}

/// The longest line between two newlines of one chunk; only of interest until a line as long as a chunk is known.
fn longest_between(mut newlines: u64) -> u64 {
    let mut longest = 0;
    while newlines != 0 {
        let at = newlines.trailing_zeros();
        newlines &= newlines - 1;
        if newlines != 0 {
            longest = longest.max(newlines.trailing_zeros() - at - 1);
        }
    }
    u64::from(longest)
}

/// Validates UTF-8 across the edges of blocks.
#[derive(Clone, Debug)]
struct Utf8Check {
    valid: bool,
    /// The beginning of a character that the last block cut: three bytes at most.
    pending: Vec<u8>,
    /// How many of the next bytes may be the end of a character that began before all that was seen.
    rest_bytes: usize,
}

/// The most bytes of a character after its first.
const MAX_REST_BYTES: usize = 3;

const fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

impl Default for Utf8Check {
    fn default() -> Self {
        Self { valid: true, pending: Vec::new(), rest_bytes: 0 }
    }
}

impl Utf8Check {
    fn feed(&mut self, mut block: &[u8], ascii: bool) {
        while self.rest_bytes > 0
            && let Some((first, after)) = block.split_first()
        {
            (self.rest_bytes, block) = if is_continuation(*first) { (self.rest_bytes - 1, after) } else { (0, block) };
        }
        if ascii && self.pending.is_empty() {
            return;
        }
        while self.valid && !self.pending.is_empty() {
            let Some((first, rest)) = block.split_first() else { return };
            self.pending.push(*first);
            block = rest;
            match std::str::from_utf8(&self.pending) {
                Ok(_) => self.pending.clear(),
                Err(error) => self.valid = error.error_len().is_none(),
            }
        }
        if !self.valid {
            return;
        }
        if let Err(error) = simdutf8::compat::from_utf8(block) {
            self.valid = error.error_len().is_none();
            self.pending = block.get(error.valid_up_to()..).unwrap_or_default().to_vec();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_facts_are_those_of_the_whole(
            text in prop::collection::vec(
                prop_oneof![4 => Just(b'a'), 2 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0xc3_u8), 1 => Just(0xa4_u8), 1 => Just(0xe2)], 0..1_000),
            cuts in prop::collection::vec(prop_oneof![1_usize..20, 60_usize..300], 1..40),
        ) {
            let mut scan = Scan::default();
            let (mut rest, mut newlines) = (text.as_slice(), 0);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (block, after) = rest.split_at((*cut).min(rest.len()));
                newlines += scan.feed(block);
                rest = after;
            }
            prop_assert_eq!(newlines, bytecount::naive_count(&text, b'\n') as u64);
            let longest = text.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(0) as u64;
            prop_assert_eq!(scan.longest_line_bytes(), longest);
            prop_assert_eq!(scan.unterminated(), text.last().is_some_and(|last| *last != b'\n'));
            prop_assert_eq!(scan.is_utf8(), std::str::from_utf8(&text).is_ok());
            prop_assert_eq!(scan.endings().counts(), naive_endings(&text));
        }
    }

    proptest! {
        #[test]
        fn what_is_scanned_in_chunks_and_put_together_is_as_if_it_had_been_one(
            text in prop::collection::vec(
                prop_oneof![4 => Just(b'a'), 2 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0xc3_u8), 2 => Just(0xa4_u8), 1 => Just(0xe2)], 0..200),
            chunk_bytes in 1_usize..50,
            cut in 1_usize..30,
        ) {
            let mut whole = Scan::default();
            whole.feed(&text);
            let mut put_together = Scan::default();
            for (number, chunk) in text.chunks(chunk_bytes).enumerate() {
                let mut scan = if number == 0 { Scan::default() } else { Scan::in_the_middle() };
                for block in chunk.chunks(cut) {
                    scan.feed(block);
                }
                let next = &text[text.len().min((number + 1) * chunk_bytes)..];
                if !next.is_empty() {
                    scan.end_character(next);
                }
                put_together.append(&scan);
            }
            let facts = |scan: &Scan| {
                let lines = (scan.lines(), scan.longest_line_bytes(), scan.unterminated(), scan.first_line_bytes());
                (lines, scan.is_utf8(), scan.endings())
            };
            prop_assert_eq!(facts(&put_together), facts(&whole));
            if put_together.may_be_utf8() {
                put_together.feed(b"\xa4\n");
                whole.feed(b"\xa4\n");
                prop_assert_eq!(facts(&put_together), facts(&whole), "and it goes on in the same way");
            }
        }
    }

    proptest! {
        #[test]
        fn every_generation_of_processors_sees_the_same(
            block in prop::collection::vec(prop_oneof![60 => Just(b'a'), 3 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0xc3_u8)], 0..1_000),
            (open, longest) in (0_u64..200, 0_u64..200),
        ) {
            let pass = || Pass { block: &block, open_line_bytes: open, longest_line_bytes: longest.max(open) };
            let facts = |passed: Passed| {
                (passed.open_line_bytes, passed.longest_line_bytes, passed.newlines, passed.plain)
            };
            prop_assert_eq!(facts(pass().on_this_processor()), facts(pulp::Arch::new().dispatch(pass())));
        }
    }

    fn naive_endings(text: &[u8]) -> [u64; 3] {
        let count = |what: &[u8]| text.windows(what.len()).filter(|there| *there == what).count() as u64;
        let pairs = count(b"\r\n");
        [count(b"\n") - pairs, pairs, count(b"\r") - pairs]
    }
}
