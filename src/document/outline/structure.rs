//! Going through bytes that are known to be JSON for their structure alone: where containers begin and end, and where
//! their values are parted. Pure; fed page by page, from any place of which it is known how it lies.

use memchr::memchr2;

use super::index::Within;
use crate::source::ByteOffset;

/// How far one has gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    pub(super) at: ByteOffset,
    /// How many containers this place is in.
    pub(super) depth: u32,
    pub(super) within: Within,
}

/// Something that is come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) token: Token,
    pub(super) at: ByteOffset,
    /// How many containers that byte is in.
    pub(super) depth: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The first byte of a value at the top.
    Value,
    Open,
    Close,
    Comma,
}

impl Event {
    /// Whether it parts the values at `depth`.
    pub(super) fn marks(&self, depth: u32) -> bool {
        let token = if depth == 0 { Token::Value } else { Token::Comma };
        self.token == token && self.depth == depth
    }

    /// Whether it ends the container whose values are at `depth`.
    pub(super) fn closes(&self, depth: u32) -> bool {
        self.token == Token::Close && self.depth == depth
    }

    /// Whether it begins a container whose values are at `depth`.
    pub(super) fn opens(&self, depth: u32) -> bool {
        self.token == Token::Open && self.depth + 1 == depth
    }
}

impl Walk {
    /// Goes on through the next bytes, until `visit` has seen enough: whether it has.
    pub(super) fn over(&mut self, bytes: &[u8], visit: &mut impl FnMut(Event) -> bool) -> bool {
        let from = self.at;
        let mut at = 0;
        let mut enough = false;
        while let Some(byte) = bytes.get(at).copied().filter(|_| !enough) {
            match self.within {
                Within::Text | Within::Escape => {
                    let mut escaped = self.within == Within::Escape;
                    let end = end_of_text(bytes.get(at..).unwrap_or_default(), &mut escaped);
                    self.within = match end {
                        Some(_) => Within::Between,
                        None if escaped => Within::Escape,
                        None => Within::Text,
                    };
                    at = end.map_or(bytes.len(), |end| at + end);
                }
                Within::Scalar if !is_blank(byte) && !is_structure(byte) => at += 1,
                Within::Scalar => self.within = Within::Between,
                Within::Between => {
                    enough = self.step(byte, from.plus(at as u64), visit);
                    at += 1;
                }
            }
        }
        self.at = from.plus(at as u64);
        enough
    }

    /// Takes a byte that is in no token.
    fn step(&mut self, byte: u8, at: ByteOffset, visit: &mut impl FnMut(Event) -> bool) -> bool {
        let depth = self.depth;
        let mut tell = |token| visit(Event { token, at, depth });
        let begins = depth == 0 && !is_blank(byte) && !matches!(byte, b',' | b':' | b']' | b'}');
        let mut enough = begins && tell(Token::Value);
        match byte {
            b'"' => self.within = Within::Text,
            b'{' | b'[' => {
                enough = enough || tell(Token::Open);
                self.depth += 1;
            }
            b'}' | b']' => {
                enough = enough || tell(Token::Close);
                self.depth = depth.saturating_sub(1);
            }
            b',' => enough = enough || tell(Token::Comma),
            // Where no beginnings are sought, its other bytes are as good as white space.
            _ if begins => self.within = Within::Scalar,
            _ => {}
        }
        enough
    }
}

/// Whether JSON allows this byte between tokens, where it means nothing.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether this byte ends a number or a word.
pub(super) const fn is_structure(byte: u8) -> bool {
    matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':')
}

/// Where a string ends of which `bytes` are the next: after its closing quote. `escaped` is whether a backslash comes
/// before them; if they do not hold the end, whether the last of them is one that does.
pub(super) fn end_of_text(bytes: &[u8], escaped: &mut bool) -> Option<usize> {
    let mut at = usize::from(std::mem::take(escaped) && !bytes.is_empty());
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        at = found + 2;
        if at > bytes.len() {
            *escaped = true;
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str, cut: usize) -> Vec<(Token, u64, u32)> {
        let mut walk = Walk { at: ByteOffset(0), depth: 0, within: Within::Between };
        let mut events = Vec::new();
        for bytes in text.as_bytes().chunks(cut) {
            let stopped = walk.over(bytes, &mut |event: Event| {
                events.push((event.token, event.at.0, event.depth));
                false
            });
            assert!(!stopped);
        }
        assert_eq!(walk.at.0, text.len() as u64);
        events
    }

    #[test]
    fn structure_in_strings_is_none_wherever_they_are_cut() {
        let text = r#" {"a]\\":[1,"\",[",-2.5e3]} true"x\\" 17 "#;
        let expected = vec![
            (Token::Value, 1, 0),
            (Token::Open, 1, 0),
            (Token::Open, 9, 1),
            (Token::Comma, 11, 2),
            (Token::Comma, 18, 2),
            (Token::Close, 25, 2),
            (Token::Close, 26, 1),
            (Token::Value, 28, 0),
            (Token::Value, 32, 0),
            (Token::Value, 38, 0),
        ];
        for cut in 1..=text.len() {
            assert_eq!(events(text, cut), expected, "cut after {cut}");
        }
    }

    #[test]
    fn a_walk_stops_right_after_what_was_sought() {
        let mut walk = Walk { at: ByteOffset(10), depth: 1, within: Within::Between };
        assert!(walk.over(b" 1 , 2", &mut |event: Event| event.marks(1)));
        assert_eq!((walk.at, walk.depth), (ByteOffset(14), 1));
    }
}
