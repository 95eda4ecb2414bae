//! Where the parts of a text end. Pure; fed block by block, with lines and characters cut anywhere. Of a line no more is
//! held than a bound.

use memchr::memrchr;

use crate::document::measure::Measure;

/// The most of a line that is held until it is known whether it fits into a part.
const MAX_HELD_BYTES: usize = 4 << 20;
/// What is held back of a longer line, so that it can be cut before a character.
const CHARACTER_BYTES: usize = 3;

/// How large parts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartSize {
    /// So many lines.
    Lines(u64),
    /// So many bytes, wherever that cuts.
    Exactly(u64),
    /// As many whole lines as fit into so many bytes. Into a part that is filled up to less than what is held of a line at
    /// most, a line that does not fit does not come; a longer one is cut, between two characters.
    WholeLines(u64),
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// More of the part; never nothing.
    Bytes(&'a [u8]),
    /// Its end, and another one follows.
    End,
}

/// Cuts a text in parts.
#[derive(Debug)]
pub(super) enum Cutter {
    Counted { measure: Measure, each: u64, left: u64 },
    Lines(LineCutter),
}

impl Cutter {
    /// Cuts in parts of this size, which is more than none.
    pub(super) fn new(size: PartSize) -> Self {
        match size {
            PartSize::Lines(each) => Self::Counted { measure: Measure::Lines, each, left: each },
            PartSize::Exactly(each) => Self::Counted { measure: Measure::Bytes, each, left: each },
            PartSize::WholeLines(most) => Self::Lines(LineCutter::bounded(most, MAX_HELD_BYTES)),
        }
    }

    /// Takes in the next block and gives what becomes of it. A part ends only when there is something for the next one.
    ///
    /// # Errors
    /// Those of `give`.
    pub(super) fn feed<E>(&mut self, block: &[u8], mut give: impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        let (measure, each, left) = match self {
            Self::Counted { measure, each, left } => (*measure, *each, left),
            Self::Lines(lines) => return lines.feed(block, &mut give),
        };
        let mut rest = block;
        while !rest.is_empty() {
            if *left == 0 {
                give(Next::End)?;
                *left = each.max(1);
            }
            let (now, after) = measure.split(rest, left);
            give(Next::Bytes(now))?;
            rest = after;
        }
        Ok(())
    }

    /// Says that there is no more, and gives what was held.
    ///
    /// # Errors
    /// Those of `give`.
    pub(super) fn finish<E>(&mut self, mut give: impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Counted { .. } => Ok(()),
            Self::Lines(lines) => lines.flush(0, &mut give),
        }
    }
}

/// Cuts a text in parts of whole lines.
#[derive(Debug)]
pub(super) struct LineCutter {
    most: u64,
    max_held: usize,
    /// What of the part was given.
    given: u64,
    /// Whether some of that is of the line that goes on.
    begun: bool,
    /// What follows of that line, and was not given yet.
    held: Vec<u8>,
}

impl LineCutter {
    fn bounded(most: u64, max_held: usize) -> Self {
        let max_held = max_held.max(CHARACTER_BYTES);
        Self { most: most.max(1), max_held, given: 0, begun: false, held: Vec::new() }
    }

    fn feed<E>(&mut self, block: &[u8], give: &mut impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        let mut rest = block;
        while !rest.is_empty() {
            let room = self.most.saturating_sub(self.given).saturating_sub(self.held.len() as u64);
            let fits = usize::try_from(room).unwrap_or(usize::MAX).min(rest.len());
            let (fitting, after) = rest.split_at_checked(fits).unwrap_or((rest, &[]));
            if let Some(newline) = memrchr(b'\n', fitting) {
                let (lines, open) = rest.split_at_checked(newline + 1).unwrap_or((rest, &[]));
                self.flush(0, give)?;
                self.give(lines, give)?;
                self.begun = false;
                rest = open;
            } else if after.is_empty() {
                self.hold(fitting, give)?;
                rest = after;
            } else if self.given > 0 && !self.begun && self.held.len() + fitting.len() <= self.max_held {
                // What is held, and what was looked at just now, come into the next part.
                self.end(give)?;
            } else {
                self.held.extend_from_slice(fitting);
                let kept = self.bytes_to_keep(after.first().copied());
                self.flush(kept, give)?;
                self.end(give)?;
                rest = after;
            }
        }
        Ok(())
    }

    /// Keeps what goes on, and gives what gets too long to be kept: it has its place in this part.
    fn hold<E>(&mut self, bytes: &[u8], give: &mut impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        self.held.extend_from_slice(bytes);
        if self.held.len() <= self.max_held {
            return Ok(());
        }
        self.begun = true;
        self.flush(CHARACTER_BYTES, give)
    }

    /// Gives what is held, but for the last `kept` bytes.
    fn flush<E>(&mut self, kept: usize, give: &mut impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        let rest = self.held.split_off(self.held.len().saturating_sub(kept));
        let ready = std::mem::replace(&mut self.held, rest);
        self.give(&ready, give)
    }

    fn give<E>(&mut self, bytes: &[u8], give: &mut impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        self.given += bytes.len() as u64;
        if bytes.is_empty() { Ok(()) } else { give(Next::Bytes(bytes)) }
    }

    fn end<E>(&mut self, give: &mut impl FnMut(Next<'_>) -> Result<(), E>) -> Result<(), E> {
        (self.given, self.begun) = (0, false);
        give(Next::End)
    }

    /// How many of the last bytes that are held belong to the character that `next` is a part of. Something has to be left
    /// for the part, though.
    fn bytes_to_keep(&self, next: Option<u8>) -> usize {
        let goes_on = |byte: u8| byte & 0xc0 == 0x80;
        let mut last = self.held.iter().rev().take(CHARACTER_BYTES).enumerate();
        let kept = match last.find(|(_, byte)| !goes_on(**byte)) {
            Some((before, lead)) if *lead >= 0xc0 && next.is_some_and(goes_on) => before + 1,
            _ => 0,
        };
        if self.given == 0 && kept >= self.held.len() { 0 } else { kept }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(mut cutter: Cutter, text: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
        let (mut parts, mut rest) = (vec![Vec::new()], text);
        let mut take = |next: Next<'_>| {
            match next {
                Next::Bytes(bytes) => parts.last_mut().unwrap().extend_from_slice(bytes),
                Next::End => parts.push(Vec::new()),
            }
            Ok::<_, ()>(())
        };
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            cutter.feed(block, &mut take).unwrap();
            rest = after;
        }
        cutter.finish(&mut take).unwrap();
        parts
    }

    fn whole_lines(most: u64, max_held: usize) -> Cutter {
        Cutter::Lines(LineCutter::bounded(most, max_held))
    }

    fn texts(parts: &[Vec<u8>]) -> Vec<&str> {
        parts.iter().map(|part| std::str::from_utf8(part).unwrap()).collect()
    }

    #[test]
    fn a_part_ends_with_the_last_line_that_fits() {
        for cuts in [[1], [3], [99]] {
            let cut = |most, text: &str| parts(whole_lines(most, 100), text.as_bytes(), &cuts);
            assert_eq!(texts(&cut(6, "ab\ncd\nef\n")), ["ab\ncd\n", "ef\n"]);
            assert_eq!(texts(&cut(5, "ab\ncd\nef")), ["ab\n", "cd\nef"]);
            assert_eq!(texts(&cut(99, "ab\n")), ["ab\n"]);
            assert_eq!(texts(&cut(99, "")), [""]);
        }
    }

    #[test]
    fn a_line_that_is_longer_than_a_part_is_cut_between_two_characters() {
        for cuts in [[1], [2], [99]] {
            let cut = |most, text: &str| parts(whole_lines(most, 100), text.as_bytes(), &cuts);
            assert_eq!(texts(&cut(4, "a\nbbbbbb\nc\n")), ["a\n", "bbbb", "bb\n", "c\n"]);
            assert_eq!(texts(&cut(4, "€€\nc\n")), ["€", "€\n", "c\n"]);
        }
    }

    #[test]
    fn where_a_part_has_much_room_left_a_line_that_does_not_fit_is_cut() {
        for cuts in [[1], [4], [99]] {
            let parts = parts(whole_lines(12, 5), b"a\nbbbbbbbbbbbbbbb\n", &cuts);
            assert_eq!(texts(&parts), ["a\nbbbbbbbbbb", "bbbbb\n"]);
        }
    }

    proptest! {
        #[test]
        fn however_a_text_is_cut_its_parts_are_those_of_the_whole(
            text in "[aaa€𝄞\n]{0,80}",
            (most, max_held) in (1_usize..25, 3_usize..30),
            cuts in prop::collection::vec(1_usize..9, 1..8),
        ) {
            let most_bytes = u64::try_from(most).unwrap();
            let lines = parts(whole_lines(most_bytes, max_held), text.as_bytes(), &cuts);
            prop_assert_eq!(&lines, &naive(&text, most, max_held));
            let exact = parts(Cutter::new(PartSize::Exactly(most_bytes)), text.as_bytes(), &cuts);
            let naive: Vec<Vec<u8>> = text.as_bytes().chunks(most).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(exact, if naive.is_empty() { vec![Vec::new()] } else { naive });
            let counted = parts(Cutter::new(PartSize::Lines(most_bytes)), text.as_bytes(), &cuts);
            let all: Vec<&str> = text.split_inclusive('\n').collect();
            let naive: Vec<Vec<u8>> = all.chunks(most).map(|lines| lines.concat().into_bytes()).collect();
            prop_assert_eq!(counted, if naive.is_empty() { vec![Vec::new()] } else { naive });
        }
    }

    fn naive(text: &str, most: usize, max_held: usize) -> Vec<Vec<u8>> {
        let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
        for line in text.split_inclusive('\n') {
            let mut rest = line.as_bytes();
            while !rest.is_empty() {
                let given = parts.last().unwrap().len();
                let room = most - given;
                if rest.len() <= room {
                    parts.last_mut().unwrap().extend_from_slice(rest);
                    break;
                }
                // Only at the beginning of a line, for one that was cut goes on in a part of its own.
                if given > 0 && room <= max_held {
                    parts.push(Vec::new());
                    continue;
                }
                let between = |at: &usize| rest[*at] & 0xc0 != 0x80;
                let end = (room.saturating_sub(3)..=room).rev().find(between).unwrap_or(room);
                let end = if end == 0 && given == 0 { room } else { end };
                parts.last_mut().unwrap().extend_from_slice(&rest[..end]);
                parts.push(Vec::new());
                rest = &rest[end..];
            }
        }
        parts
    }
}
