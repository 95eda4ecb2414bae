//! One pass over a text: its lines and how they end, its words and characters, and its longest line. Pure; fed in pieces in
//! which no character is cut. Sixty-four bytes are looked at in one go, as a bit each, without a branch for each line.

use wide::u8x16;

/// What is looked at in one go: a bit of a word for each byte.
const CHUNK_BYTES: usize = 64;
/// The white space that follows the tab in ASCII: newline, vertical tab, form feed and return.
const CONTROL_SPACES: u8 = 4;

/// What a pass over a text has counted so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) newlines: u64,
    /// Returns, whether or not a newline follows.
    pub(super) returns: u64,
    /// Newlines after a return.
    pub(super) pairs: u64,
    /// Lines that have ended and hold nothing but what ends them.
    pub(super) empty_lines: u64,
    /// Runs of characters that are no white space.
    pub(super) words: u64,
    pub(super) characters: u64,
    /// Bytes that are no character.
    pub(super) invalid_bytes: u64,
    /// Bytes of the line that goes on at the end of what was seen.
    open_line_bytes: u64,
    /// The longest line that has ended, without its newline, and how many lines come before it.
    longest: (u64, u64),
    before: Before,
}

/// What comes right before what is seen next: each is a bit, or the bits of what it goes on to.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// A newline, or nothing.
    line_start: u64,
    /// White space, or nothing.
    space: u64,
    /// A return.
    a_return: u64,
    /// A return with which a line begins.
    lone_return: u64,
    /// A character that is white space and goes on, for so long.
    space_goes_on: u64,
}

impl Default for Before {
    fn default() -> Self {
        Self { line_start: 1, space: 1, a_return: 0, lone_return: 0, space_goes_on: 0 }
    }
}

impl Counts {
    /// Takes in the next piece.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        let (counts, is_ascii) = Pass { counts: *self, piece }.on_this_processor();
        *self = counts;
        if is_ascii {
            self.characters += piece.len() as u64;
        } else if simdutf8::basic::from_utf8(piece).is_ok() {
            self.characters += bytecount::num_chars(piece) as u64;
        } else {
            for chunk in piece.utf8_chunks() {
                self.characters += bytecount::num_chars(chunk.valid().as_bytes()) as u64;
                self.invalid_bytes += chunk.invalid().len() as u64;
            }
        }
    }

    /// The lines so far; one without a newline at its end counts.
    pub(super) const fn lines(&self) -> u64 {
        self.newlines + (self.open_line_bytes > 0) as u64
    }

    /// The longest line so far in bytes without its newline, and its number, from 1 on; `None` if there is no line.
    pub(super) fn longest_line(&self) -> Option<(u64, u64)> {
        let (bytes, before) =
            if self.open_line_bytes > self.longest.0 { (self.open_line_bytes, self.newlines) } else { self.longest };
        (self.lines() > 0).then_some((bytes, before + 1))
    }

    /// Takes in the next `bytes` bytes, at least one and no more than a chunk.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn take(&mut self, seen: &Seen, bytes: u32) {
        let last = bytes - 1;
        let shifted = |mask: u64, carried: u64| (mask << 1) | carried;
        let at_last = |mask: u64| (mask >> last) & 1;
        let count = |mask: u64| u64::from(mask.count_ones());
        let valid = u64::MAX >> (63 - last);
        let spaces = seen.spaces | self.before.space_goes_on;
        let line_starts = shifted(seen.newlines, self.before.line_start);
        let lone_returns = seen.returns & line_starts;
        let ends_nothing = line_starts | shifted(lone_returns, self.before.lone_return);
        self.words += count(!spaces & shifted(spaces, self.before.space) & valid);
        self.returns += count(seen.returns);
        self.pairs += count(seen.newlines & shifted(seen.returns, self.before.a_return));
        self.empty_lines += count(seen.newlines & ends_nothing);
        self.before = Before {
            line_start: at_last(seen.newlines),
            space: at_last(spaces),
            a_return: at_last(seen.returns),
            lone_return: at_last(lone_returns),
            space_goes_on: seen.space_goes_on,
        };
        self.measure_lines(seen.newlines, u64::from(bytes));
        self.newlines += count(seen.newlines);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn measure_lines(&mut self, newlines: u64, bytes: u64) {
        if newlines == 0 {
            self.open_line_bytes += bytes;
            return;
        }
        let ended = self.open_line_bytes + u64::from(newlines.trailing_zeros());
        if ended > self.longest.0 {
            self.longest = (ended, self.newlines);
        }
        // Of two newlines in a chunk, what lies between is shorter than that.
        if self.longest.0 < CHUNK_BYTES as u64 {
            self.measure_lines_between(newlines);
        }
        self.open_line_bytes = bytes + u64::from(newlines.leading_zeros()) - CHUNK_BYTES as u64;
    }

    fn measure_lines_between(&mut self, newlines: u64) {
        let (mut left, mut number) = (newlines, self.newlines);
        while left & left.wrapping_sub(1) != 0 {
            let at = left.trailing_zeros();
            left &= left - 1;
            number += 1;
            let between = u64::from(left.trailing_zeros() - at - 1);
            if between > self.longest.0 {
                self.longest = (between, number);
            }
        }
    }
}

/// What is in a chunk: bit n stands for byte n.
#[derive(Default)]
struct Seen {
    newlines: u64,
    returns: u64,
    spaces: u64,
    beyond_ascii: u64,
    /// The same as `spaces` for the chunk after this one.
    space_goes_on: u64,
}

/// One look at a piece.
struct Pass<'a> {
    counts: Counts,
    piece: &'a [u8],
}

impl Pass<'_> {
    /// Takes the best instructions that the processor at hand has; gives the counts, and whether the piece is ASCII.
    fn on_this_processor(self) -> (Counts, bool) {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V3::try_new() {
            return pulp::Simd::vectorize(simd, InHalves { pass: self, simd });
        }
        pulp::Arch::new().dispatch(self)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn over(self, look: impl Fn(&[u8; CHUNK_BYTES]) -> Seen) -> (Counts, bool) {
        let Self { mut counts, piece } = self;
        let (chunks, rest) = piece.as_chunks::<CHUNK_BYTES>();
        let mut beyond_ascii = 0;
        for (number, chunk) in chunks.iter().enumerate() {
            let mut seen = look(chunk);
            if seen.beyond_ascii != 0 {
                beyond_ascii |= seen.beyond_ascii;
                add_wide_spaces(&mut seen, chunk, piece.get(number * CHUNK_BYTES..).unwrap_or_default());
            }
            counts.take(&seen, 64);
        }
        if !rest.is_empty() {
            let mut last = [0; CHUNK_BYTES];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            let mut seen = look(&last);
            beyond_ascii |= seen.beyond_ascii;
            add_wide_spaces(&mut seen, &last, rest);
            counts.take(&seen, u32::try_from(rest.len()).unwrap_or(1));
        }
        (counts, beyond_ascii == 0)
    }
}

impl pulp::WithSimd for Pass<'_> {
    type Output = (Counts, bool);

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> (Counts, bool) {
        self.over(|chunk| {
            let mut seen = Seen::default();
            let bits = |lane: u8x16| u64::from(lane.to_bitmask());
            for lane in chunk.as_chunks::<16>().0.iter().rev() {
                let lane = u8x16::new(*lane);
                let from_tab = lane - u8x16::splat(b'\t');
                let spaces = from_tab.min(u8x16::splat(CONTROL_SPACES)).simd_eq(from_tab);
                let spaces = spaces | lane.simd_eq(u8x16::splat(b' '));
                seen.newlines = (seen.newlines << 16) | bits(lane.simd_eq(u8x16::splat(b'\n')));
                seen.returns = (seen.returns << 16) | bits(lane.simd_eq(u8x16::splat(b'\r')));
                seen.spaces = (seen.spaces << 16) | bits(spaces);
                seen.beyond_ascii = (seen.beyond_ascii << 16) | bits(lane);
            }
            seen
        })
    }
}

/// The same with registers twice as wide.
#[cfg(target_arch = "x86_64")]
struct InHalves<'a> {
    pass: Pass<'a>,
    simd: pulp::x86::V3,
}

#[cfg(target_arch = "x86_64")]
impl pulp::WithSimd for InHalves<'_> {
    type Output = (Counts, bool);

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn with_simd<S: pulp::Simd>(self, _: S) -> (Counts, bool) {
        let Self { pass, simd } = self;
        let (tab, controls, space) =
            (simd.splat_u8x32(b'\t'), simd.splat_u8x32(CONTROL_SPACES), simd.splat_u8x32(b' '));
        let (newline, a_return) = (simd.splat_u8x32(b'\n'), simd.splat_u8x32(b'\r'));
        let bits = |lanes| u64::from(simd.avx2._mm256_movemask_epi8(lanes).cast_unsigned());
        pass.over(|chunk| {
            let [low, high] = pulp::cast::<_, [pulp::u8x32; 2]>(*chunk);
            let newlines = |half| bits(pulp::cast(simd.cmp_eq_u8x32(half, newline)));
            let returns = |half| bits(pulp::cast(simd.cmp_eq_u8x32(half, a_return)));
            let spaces = |half| {
                let from_tab = simd.wrapping_sub_u8x32(half, tab);
                let is_control = simd.cmp_eq_u8x32(simd.min_u8x32(from_tab, controls), from_tab);
                bits(pulp::cast(simd.or_m8x32(is_control, simd.cmp_eq_u8x32(half, space))))
            };
            Seen {
                newlines: (newlines(high) << 32) | newlines(low),
                returns: (returns(high) << 32) | returns(low),
                spaces: (spaces(high) << 32) | spaces(low),
                beyond_ascii: (bits(pulp::cast(high)) << 32) | bits(pulp::cast(low)),
                space_goes_on: 0,
            }
        })
    }
}

/// Adds the white space beyond ASCII that begins in `chunk`, which `rest` begins with.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
fn add_wide_spaces(seen: &mut Seen, chunk: &[u8; CHUNK_BYTES], rest: &[u8]) {
    let mut leads = 0;
    for lane in chunk.as_chunks::<16>().0.iter().rev() {
        let lane = u8x16::new(*lane);
        let is = |lead: u8| lane.simd_eq(u8x16::splat(lead));
        leads = (leads << 16) | u64::from((is(0xc2) | is(0xe1) | is(0xe2) | is(0xe3)).to_bitmask());
    }
    while leads != 0 {
        let at = leads.trailing_zeros();
        leads &= leads - 1;
        let bytes = wide_space_bytes(rest.get(usize::try_from(at).unwrap_or(0)..).unwrap_or_default());
        let mask = (1_u64 << bytes) - 1;
        seen.spaces |= mask << at;
        seen.space_goes_on |= mask.checked_shr(u64::BITS - at).unwrap_or(0);
    }
}

/// How many bytes the white space beyond ASCII takes that `bytes` begin with; 0 if there is none. It is what Unicode takes
/// for it, with the spaces at which no line is to break, as `wc` has it.
const fn wide_space_bytes(bytes: &[u8]) -> u32 {
    match bytes {
        [0xc2, 0xa0, ..] => 2,
        [0xe1, 0x9a, 0x80, ..]
        | [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
        | [0xe2, 0x81, 0x9f | 0xa0, ..]
        | [0xe3, 0x80, 0x80, ..] => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::characters::WholeCharacters;

    fn counted(text: &[u8], cuts: &[usize]) -> Counts {
        let (mut counts, mut characters, mut rest) = (Counts::default(), WholeCharacters::default(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            characters.feed(block, |piece| counts.feed(piece));
            rest = after;
        }
        characters.finish(|piece| counts.feed(piece));
        counts
    }

    /// What `wc` takes for white space where text is in UTF-8.
    fn is_space(character: char) -> bool {
        let is_next_line = character == '\u{85}';
        character.is_whitespace() && !is_next_line || character == '\u{2060}'
    }

    #[test]
    fn an_empty_text_has_nothing() {
        let counts = counted(b"", &[1]);
        assert_eq!((counts.lines(), counts.longest_line(), counts.words), (0, None, 0));
    }

    #[test]
    fn of_lines_that_are_as_long_the_first_is_told() {
        assert_eq!(counted(b"a\nbb\ncc\nd", &[3]).longest_line(), Some((2, 2)));
        assert_eq!(counted(b"\n\n", &[3]).longest_line(), Some((0, 1)));
        assert_eq!(counted(b"a\nbb", &[1]).longest_line(), Some((2, 2)));
    }

    #[test]
    fn a_return_counts_with_the_newline_after_it() {
        for cuts in [[1], [3], [99]] {
            let counts = counted(b"a\r\n\r\nb\rc\n\r\r\n\r", &cuts);
            assert_eq!((counts.newlines, counts.pairs, counts.returns), (4, 3, 6));
            assert_eq!(counts.empty_lines, 1, "a line with a return before that of its end is not empty");
        }
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_counts_are_those_of_the_whole(
            text in prop::collection::vec(
                prop_oneof![
                    12 => Just("a"), 3 => Just(" "), 2 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r"), 1 => Just("\t"),
                    1 => Just("ä"), 1 => Just("\u{a0}"), 1 => Just("\u{2003}"), 1 => Just("\u{3000}"), 1 => Just("あ"),
                    1 => Just("\u{2060}"), 1 => Just("\u{1680}"), 1 => Just("\u{85}"), 1 => Just("€"),
                ],
                0..400,
            ),
            cuts in prop::collection::vec(prop_oneof![1_usize..20, 60_usize..300], 1..20),
        ) {
            let text = text.concat();
            let counts = counted(text.as_bytes(), &cuts);
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            prop_assert_eq!(counts.lines(), lines.len() as u64);
            prop_assert_eq!(counts.words, text.split(is_space).filter(|word| !word.is_empty()).count() as u64);
            prop_assert_eq!((counts.characters, counts.invalid_bytes), (text.chars().count() as u64, 0));
            prop_assert_eq!(counts.pairs, text.matches("\r\n").count() as u64);
            prop_assert_eq!(counts.returns, text.matches('\r').count() as u64);
            let is_empty = |line: &&&str| matches!(**line, "\n" | "\r\n");
            prop_assert_eq!(counts.empty_lines, lines.iter().filter(is_empty).count() as u64);
            let lengths = lines.iter().map(|line| line.strip_suffix('\n').unwrap_or(line).len() as u64);
            let longest = lengths.clone().max();
            let number = lengths.zip(1_u64..).find(|(length, _)| Some(*length) == longest);
            prop_assert_eq!(counts.longest_line(), number);
        }

        #[test]
        fn bytes_that_are_no_text_are_counted_by_themselves(
            text in prop::collection::vec(
                prop_oneof![8 => Just(b'a'), 1 => any::<u8>(), 1 => Just(0xe2_u8), 1 => Just(0x80_u8)], 0..400),
            cuts in prop::collection::vec(prop_oneof![1_usize..20, 60_usize..300], 1..20),
        ) {
            let counts = counted(&text, &cuts);
            let invalid: usize = text.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
            let characters: usize = text.utf8_chunks().map(|chunk| chunk.valid().chars().count()).sum();
            prop_assert_eq!((counts.characters, counts.invalid_bytes), (characters as u64, invalid as u64));
        }

        #[test]
        fn every_generation_of_processors_sees_the_same(
            text in prop::collection::vec(prop_oneof![20 => Just("a"), 2 => Just(" "), 1 => Just("\n"), 1 => Just("\u{3000}")], 0..400),
        ) {
            let text = text.concat();
            let pass = || Pass { counts: Counts::default(), piece: text.as_bytes() };
            let facts = |(counts, is_ascii): (Counts, bool)| {
                (counts.words, counts.newlines, counts.empty_lines, counts.longest, counts.open_line_bytes, is_ascii)
            };
            prop_assert_eq!(facts(pass().on_this_processor()), facts(pulp::Arch::new().dispatch(pass())));
        }
    }
}
