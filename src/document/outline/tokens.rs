//! One pass over bytes in order: whether they are JSON (RFC 8259), and how they are nested. Pure; fed block by block,
//! with tokens cut anywhere. It keeps a bit for each container that is open, and never calls itself.
//!
//! A document is a sequence of values, so that JSON lines are one too. More is taken than the RFC has, as it can be
//! shown: a byte order mark at the beginning, halves of surrogate pairs in escapes, and bytes in strings that are not
//! UTF-8.

use memchr::memchr2;

use super::broken::{Broken, Wrong};
use super::index::{Low, Start, Stretch, Within};
use super::structure::is_blank;
use crate::source::ByteOffset;

/// The most containers that may be open; a bit for each is 2 MB.
pub(super) const MAX_DEPTH: u32 = (1 << 24) - 1;
/// For so long a string is looked at byte by byte: most are shorter, and a search has to be begun.
const NEAR_BYTES: usize = 16;

/// A pass over a document's bytes.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    state: State,
    levels: Levels,
    deepest: u32,
    values: u64,
    at: ByteOffset,
    text_start: ByteOffset,
    newlines: u64,
    line_start: ByteOffset,
    /// How the stretch began that is told next, the lowest depth since, and the marks there.
    start: Start,
    lowest: u32,
    marks: u64,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value of the document, or none.
    Top,
    /// The same, right after a number or a word there.
    TopAfter,
    /// The rest of a byte order mark.
    Bom(&'static [u8]),
    Value,
    /// A value, or the end of an array.
    First,
    Key,
    /// A key, or the end of an object.
    FirstKey,
    Colon,
    /// A comma, or the end of the container.
    After,
    Text {
        key: bool,
    },
    Escape {
        key: bool,
    },
    /// So many digits of an escape.
    Hex {
        key: bool,
        left: u8,
    },
    Number(Part),
    /// The rest of `true`, `false` or `null`.
    Word(&'static [u8]),
}

/// What came last of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    Sign,
    Power,
}

/// Which containers are open: for each whether it is an object.
#[derive(Clone, Debug, Default)]
struct Levels {
    bits: Vec<u64>,
    depth: u32,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            state: State::Top,
            levels: Levels::default(),
            deepest: 0,
            values: 0,
            at: ByteOffset(0),
            text_start: ByteOffset(0),
            newlines: 0,
            line_start: ByteOffset(0),
            start: Start::default(),
            lowest: 0,
            marks: 0,
        }
    }

    /// How many values there are so far, those in others among them.
    pub(super) const fn values(&self) -> u64 {
        self.values
    }

    /// The most containers that were open at once.
    pub(super) const fn deepest(&self) -> u32 {
        self.deepest
    }

    /// Up to where all is well.
    pub(super) const fn at(&self) -> ByteOffset {
        self.at
    }

    /// Where the first value may begin: after a byte order mark.
    pub(super) const fn text_start(&self) -> ByteOffset {
        self.text_start
    }

    /// What is to be told of the bytes since it was asked last.
    pub(super) fn take_stretch(&mut self) -> Stretch {
        let end = Start::new(self.levels.depth, self.within());
        let stretch = Stretch { start: self.start, low: Low::new(self.lowest, self.marks), end };
        (self.start, self.lowest, self.marks) = (end, self.levels.depth, 0);
        stretch
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// At the first byte after which no document could be right; what comes before it was taken in.
    pub(super) fn feed(&mut self, block: &[u8]) -> Result<(), Broken> {
        let mut at = 0;
        while at < block.len() {
            match self.take(block, at) {
                Ok(next) => at = next,
                Err((place, what)) => {
                    self.at = self.at.plus(place as u64);
                    return Err(self.broken(what, false));
                }
            }
        }
        self.at = self.at.plus(block.len() as u64);
        Ok(())
    }

    /// Says that there is no more.
    ///
    /// # Errors
    /// When there should be.
    pub(super) fn finish(&self) -> Result<(), Broken> {
        let top = self.levels.depth == 0;
        match self.state {
            State::Top | State::TopAfter => Ok(()),
            State::Number(Part::Zero | Part::Whole | Part::Fraction | Part::Power) if top => Ok(()),
            _ => Err(self.broken(self.wrong(), true)),
        }
    }

    fn broken(&self, what: Wrong, ends: bool) -> Broken {
        let (line, column) = (self.newlines + 1, self.at.since(self.line_start) + 1);
        Broken { at: self.at, line, column, what, ends }
    }

    /// Takes in what begins at `from`, as much of it as is of a kind, and gives where that ends.
    fn take(&mut self, block: &[u8], from: usize) -> Result<usize, (usize, Wrong)> {
        let Some(byte) = block.get(from).copied() else { return Ok(block.len()) };
        match self.state {
            State::Text { key } => return self.text(block, from, key),
            State::Number(part) => return self.number(block, from, part),
            State::Escape { key } => {
                self.state = match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => State::Text { key },
                    b'u' => State::Hex { key, left: 4 },
                    _ => return Err((from, Wrong::NoEscape)),
                };
            }
            State::Hex { .. } if !byte.is_ascii_hexdigit() => return Err((from, Wrong::NoHex)),
            State::Hex { key, left: 1 } => self.state = State::Text { key },
            State::Hex { key, left } => self.state = State::Hex { key, left: left.saturating_sub(1) },
            State::Word(rest) | State::Bom(rest) => match rest.split_first() {
                Some((expected, rest)) if *expected == byte => self.spell(rest),
                _ => return Err((from, self.wrong())),
            },
            _ if is_blank(byte) => return Ok(self.blank(block, from)),
            State::Top if byte == 0xef && self.at.0 == 0 && from == 0 => {
                self.text_start = ByteOffset(3);
                self.state = State::Bom(b"\xbb\xbf");
            }
            _ => self.structure(byte).map_err(|what| (from, what))?,
        }
        Ok(from + 1)
    }

    /// Goes on with a word or a byte order mark, of which this is left.
    fn spell(&mut self, rest: &'static [u8]) {
        self.state = match self.state {
            State::Bom(_) if rest.is_empty() => State::Top,
            State::Bom(_) => State::Bom(rest),
            _ if rest.is_empty() => self.after(State::TopAfter),
            _ => State::Word(rest),
        };
    }

    fn text(&mut self, block: &[u8], from: usize, key: bool) -> Result<usize, (usize, Wrong)> {
        let at = from + plain_bytes(block.get(from..).unwrap_or_default());
        match block.get(at) {
            None => return Ok(block.len()),
            Some(b'"') => self.state = if key { State::Colon } else { self.after(State::Top) },
            Some(b'\\') => self.state = State::Escape { key },
            Some(_) => return Err((at, Wrong::Control)),
        }
        Ok(at + 1)
    }

    fn number(&mut self, block: &[u8], from: usize, mut part: Part) -> Result<usize, (usize, Wrong)> {
        for (at, byte) in block.iter().enumerate().skip(from) {
            part = match (part, byte) {
                (Part::Minus, b'0') => Part::Zero,
                (Part::Minus, b'1'..=b'9') | (Part::Whole, b'0'..=b'9') => Part::Whole,
                (Part::Zero, b'0'..=b'9') => return Err((at, Wrong::DigitAfterZero)),
                (Part::Zero | Part::Whole, b'.') => Part::Point,
                (Part::Point | Part::Fraction, b'0'..=b'9') => Part::Fraction,
                (Part::Zero | Part::Whole | Part::Fraction, b'e' | b'E') => Part::Exponent,
                (Part::Exponent, b'+' | b'-') => Part::Sign,
                (Part::Exponent | Part::Sign | Part::Power, b'0'..=b'9') => Part::Power,
                (Part::Minus | Part::Point | Part::Exponent | Part::Sign, _) => return Err((at, Wrong::NoDigit)),
                (Part::Zero | Part::Whole | Part::Fraction | Part::Power, _) => {
                    self.state = self.after(State::TopAfter);
                    return Ok(at);
                }
            };
        }
        self.state = State::Number(part);
        Ok(block.len())
    }

    fn blank(&mut self, block: &[u8], from: usize) -> usize {
        if self.state == State::TopAfter {
            self.state = State::Top;
        }
        for (at, byte) in block.iter().enumerate().skip(from) {
            match byte {
                // Nowhere else may there be one.
                b'\n' => {
                    self.newlines += 1;
                    self.line_start = self.at.plus(at as u64 + 1);
                }
                b' ' | b'\t' | b'\r' => {}
                _ => return at,
            }
        }
        block.len()
    }

    fn structure(&mut self, byte: u8) -> Result<(), Wrong> {
        match (self.state, byte) {
            (State::First, b']') | (State::FirstKey, b'}') => self.close(),
            (State::After, b']') if !self.levels.in_object() => self.close(),
            (State::After, b'}') if self.levels.in_object() => self.close(),
            (State::After, b',') => {
                self.marks += u64::from(self.lowest == self.levels.depth);
                self.state = if self.levels.in_object() { State::Key } else { State::Value };
            }
            (State::Key | State::FirstKey, b'"') => self.state = State::Text { key: true },
            (State::Colon, b':') => self.state = State::Value,
            (State::Top | State::Value | State::First, _) | (State::TopAfter, b'"' | b'{' | b'[') => {
                self.begin(byte)?;
            }
            _ => return Err(self.wrong()),
        }
        Ok(())
    }

    fn begin(&mut self, byte: u8) -> Result<(), Wrong> {
        let state = match byte {
            b'"' => State::Text { key: false },
            b'{' => State::FirstKey,
            b'[' => State::First,
            b'-' => State::Number(Part::Minus),
            b'0' => State::Number(Part::Zero),
            b'1'..=b'9' => State::Number(Part::Whole),
            b't' => State::Word(b"rue"),
            b'f' => State::Word(b"alse"),
            b'n' => State::Word(b"ull"),
            _ => return Err(self.wrong()),
        };
        let opens = matches!(state, State::First | State::FirstKey);
        if opens && self.levels.depth == MAX_DEPTH {
            return Err(Wrong::TooDeep);
        }
        // The top is as low as can be.
        self.marks += u64::from(self.levels.depth == 0);
        self.values += 1;
        self.state = state;
        if opens {
            self.levels.push(state == State::FirstKey);
            self.deepest = self.deepest.max(self.levels.depth);
        }
        Ok(())
    }

    fn close(&mut self) {
        self.levels.pop();
        if self.levels.depth < self.lowest {
            (self.lowest, self.marks) = (self.levels.depth, 0);
        }
        self.state = self.after(State::Top);
    }

    /// What comes after a value, if it is `top` after one at the top.
    fn after(&self, top: State) -> State {
        if self.levels.depth == 0 { top } else { State::After }
    }

    fn within(&self) -> Within {
        match self.state {
            State::Text { .. } | State::Hex { .. } => Within::Text,
            State::Escape { .. } => Within::Escape,
            State::Number(_) | State::Word(_) => Within::Scalar,
            _ => Within::Between,
        }
    }

    /// What is wrong with anything that may not come next.
    fn wrong(&self) -> Wrong {
        match self.state {
            State::Top | State::Value | State::Bom(_) => Wrong::NoValue,
            State::TopAfter => Wrong::NoSpace,
            State::First => Wrong::NoValueOrEnd,
            State::Key => Wrong::NoKey,
            State::FirstKey => Wrong::NoKeyOrEnd,
            State::Colon => Wrong::NoColon,
            State::Text { .. } => Wrong::Control,
            State::Escape { .. } => Wrong::NoEscape,
            State::Hex { .. } => Wrong::NoHex,
            State::Word(_) => Wrong::NoWord,
            State::Number(Part::Minus | Part::Point | Part::Exponent | Part::Sign) => Wrong::NoDigit,
            State::After | State::Number(_) if self.levels.in_object() => Wrong::NoCommaOrBrace,
            State::After | State::Number(_) => Wrong::NoCommaOrBracket,
        }
    }
}

impl Levels {
    fn push(&mut self, object: bool) {
        let (word, bit) = Self::place(self.depth);
        if word == self.bits.len() {
            self.bits.push(0);
        }
        if let Some(bits) = self.bits.get_mut(word) {
            *bits = (*bits & !(1 << bit)) | (u64::from(object) << bit);
        }
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether the innermost one is an object.
    fn in_object(&self) -> bool {
        let Some(level) = self.depth.checked_sub(1) else { return false };
        let (word, bit) = Self::place(level);
        self.bits.get(word).is_some_and(|bits| (bits >> bit) & 1 == 1)
    }

    fn place(level: u32) -> (usize, u32) {
        (usize::try_from(level / u64::BITS).unwrap_or(usize::MAX), level % u64::BITS)
    }
}

/// How many of the first bytes of `text` mean nothing but themselves.
fn plain_bytes(text: &[u8]) -> usize {
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..b' ');
    let near = text.get(..text.len().min(NEAR_BYTES)).unwrap_or_default();
    if let Some(at) = near.iter().position(is_special) {
        return at;
    }
    let far = text.get(near.len()..).unwrap_or_default();
    let far = far.get(..memchr2(b'"', b'\\', far).unwrap_or(far.len())).unwrap_or_default();
    // Without a way out of the loop, it takes as many bytes at a time as the processor can.
    let control = far.iter().fold(0, |any, byte| any | u8::from(*byte < b' ')) != 0;
    let plain = if control { far.iter().position(is_special).unwrap_or(far.len()) } else { far.len() };
    near.len() + plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    /// How many values there are or, if it is no JSON, where it breaks.
    fn scanned(text: &[u8], cuts: &[usize]) -> Result<u64, Broken> {
        let mut scanner = Scanner::new();
        let mut rest = text;
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            scanner.feed(block)?;
            rest = after;
        }
        scanner.finish().map(|()| scanner.values())
    }

    fn broken(text: &str) -> Broken {
        scanned(text.as_bytes(), &[7]).unwrap_err()
    }

    /// The first error that another parser has with a sequence of values.
    fn other_error(text: &[u8]) -> Option<serde_json::Error> {
        serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>().find_map(Result::err)
    }

    /// Whether a document can begin so, as far as the other parser tells: it takes a number that is cut for a wrong
    /// one.
    fn can_begin(text: &[u8]) -> bool {
        let goes_on = |text: &[u8]| other_error(text).is_none_or(|error| error.is_eof());
        goes_on(text) || goes_on(&[text, b"0"].concat())
    }

    fn tokens() -> impl Strategy<Value = Vec<u8>> {
        let token = prop_oneof![
            4 => prop_oneof![Just("{"), Just("}"), Just("["), Just("]")],
            4 => prop_oneof![Just(","), Just(":"), Just(" "), Just("\n")],
            4 => prop_oneof![Just("\"a\""), Just("\"\\n\\\"\\\\\""), Just("\"a long one, with [brackets] in it\"")],
            3 => prop_oneof![Just("1"), Just("-0.5e+3"), Just("0"), Just("20E1"), Just("-"), Just("e"), Just(".")],
            2 => prop_oneof![Just("true"), Just("false"), Just("null"), Just("nul"), Just("\""), Just("\u{1}")],
        ];
        prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat().into_bytes())
    }

    /// JSON, of which a byte may have been changed, taken out or put in.
    fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?([eE][+-]?[0-9])?",
            "\"[a-z ,:\\[\\]{}]{0,20}\"",
            Just("\"\\\"\\\\\"".to_owned()),
        ];
        let json = leaf.prop_recursive(4, 24, 4, |inner| {
            let members = prop::collection::vec(inner.clone(), 0..4);
            let blank = prop_oneof![Just(""), Just(" "), Just("\n  ")];
            (members, any::<bool>(), blank).prop_map(|(members, object, blank)| {
                let members =
                    members.iter().map(|value| if object { format!("\"k\":{blank}{value}") } else { value.clone() });
                let members = members.collect::<Vec<_>>().join(&format!(",{blank}"));
                if object { format!("{{{blank}{members}}}") } else { format!("[{members}{blank}]") }
            })
        });
        let bytes = prop::sample::select(b"{}[],:\"\\ 1a-.".to_vec());
        let harm = (any::<prop::sample::Index>(), 0..3, bytes).prop_map(Some);
        let harm = prop_oneof![4 => Just(None), 6 => harm];
        (json, harm).prop_map(|(json, harm)| {
            let mut text = json.into_bytes();
            if let Some((place, kind, byte)) = harm {
                let place = place.index(text.len());
                match kind {
                    0 => text[place] = byte,
                    1 => {
                        text.remove(place);
                    }
                    _ => text.insert(place, byte),
                }
            }
            text
        })
    }

    proptest! {
        #[test]
        fn what_is_json_to_others_is_so_here_and_what_is_not_breaks_at_the_same_byte(
            text in prop_oneof![tokens(), nearly_json()], cuts in prop::collection::vec(1_usize..30, 1..9),
        ) {
            let scanned = scanned(&text, &cuts);
            prop_assert_eq!(scanned.is_ok(), other_error(&text).is_none(), "{}", String::from_utf8_lossy(&text));
            // The digits of an escape are looked at together elsewhere, and here one by one.
            if let Err(broken) = scanned && !text.windows(2).any(|pair| pair == b"\\u") {
                let wrong = (0..text.len()).find(|at| !can_begin(&text[..=*at])).unwrap_or(text.len());
                prop_assert_eq!(broken.at, ByteOffset(wrong as u64), "{}", String::from_utf8_lossy(&text));
                let line = bytecount::count(&text[..wrong], b'\n') + 1;
                let column = text[..wrong].rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
                prop_assert_eq!((broken.line, broken.column), (line as u64, column as u64));
            }
        }
    }

    #[test]
    fn an_error_says_what_was_expected_and_where() {
        for (text, at, reason) in [
            ("[1 2]", 3, "a comma or ] was expected here"),
            ("{\"a\":1 \"b\"", 7, "a comma or } was expected here"),
            ("{\"a\" 1}", 5, "a colon was expected here"),
            ("{a:1}", 1, "a key in quotes or } was expected here"),
            ("{\"a\":1,}", 7, "a key in quotes was expected here"),
            ("[1,]", 3, "a value was expected here"),
            ("[x]", 1, "a value or ] was expected here"),
            ("[01]", 2, "a number that begins with 0 has no further digit here"),
            ("[-a]", 2, "a digit was expected here"),
            ("[trub]", 4, "true, false or null was expected here"),
            ("12true", 2, "white space was expected here"),
            ("\"a\tb\"", 2, "a control character has to be an escape here"),
            ("\"a\\x\"", 3, "one of \" \\ / b f n r t u was expected here"),
            ("\"\\u00g0\"", 5, "a hexadecimal digit was expected here"),
            ("[1", 2, "the document ends here, where a comma or ] was expected"),
            ("\"abc", 4, "the document ends here, where a closing quote was expected"),
        ] {
            let broken = broken(text);
            assert_eq!((broken.at.0, broken.reason().as_str()), (at, reason), "{text}");
        }
        let broken = broken("{\n\n  \"a\": 1,\n  \"b\" 2}");
        assert_eq!((broken.line, broken.column), (4, 7));
    }

    #[test]
    fn a_sequence_of_values_is_a_document_and_so_is_nothing() {
        assert_eq!(scanned(b"", &[1]), Ok(0));
        assert_eq!(scanned(b" \n\t\r ", &[1]), Ok(0));
        assert_eq!(scanned(b"{\"a\":[1,2]}\n{}\n3 \"x\"[]null", &[1]), Ok(9));
    }

    #[test]
    fn what_can_be_shown_though_the_rfc_does_not_have_it_is_no_error() {
        assert_eq!(scanned(b"\xef\xbb\xbf[1]", &[1]), Ok(2));
        assert_eq!(scanned(b"[\"\\ud800\", \"\xff\xfe\"]", &[1]), Ok(3));
        assert_eq!(scanned(b"\xef\xbb[1]", &[1]).unwrap_err().at, ByteOffset(2));
        assert_eq!(scanned(b" \xef\xbb\xbf[1]", &[1]).unwrap_err().at, ByteOffset(1));
    }

    #[test]
    fn any_depth_is_followed_up_to_the_most() {
        let deep = ["[{\"a\":".repeat(50_000), "}]".repeat(50_000)].concat().replacen("\"a\":}", "}", 1);
        let mut scanner = Scanner::new();
        scanner.feed(deep.as_bytes()).unwrap();
        scanner.finish().unwrap();
        assert_eq!((scanner.deepest(), scanner.values()), (100_000, 100_000));
        let brackets = b"[".repeat(usize::try_from(MAX_DEPTH).unwrap() + 1);
        let too_deep = scanned(&brackets, &[1 << 20]).unwrap_err();
        assert_eq!(too_deep.at, ByteOffset(MAX_DEPTH.into()));
        assert_eq!(too_deep.reason(), "nesting is followed for 16,777,215 levels only");
    }

    #[test]
    fn a_long_string_is_looked_through_to_its_end() {
        let mut text = vec![b'a'; 100_000];
        (text[0], text[99_999]) = (b'"', b'"');
        assert_eq!(scanned(&text, &[70_000]), Ok(1));
        text[50_000] = b'\n';
        assert_eq!(scanned(&text, &[70_000]).unwrap_err().at, ByteOffset(50_000));
    }
}
