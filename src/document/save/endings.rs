//! Line endings, made alike. Pure; fed block by block, with CR LF cut anywhere.

use memchr::memchr;

/// How lines are to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endings {
    /// As they do
    #[default]
    Keep,
    /// By LF, as on Linux and macOS
    Lf,
    /// By CR LF, as on Windows
    #[value(name = "crlf")]
    CrLf,
}

impl Endings {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Lf, Self::CrLf];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "As they are",
            Self::Lf => "LF",
            Self::CrLf => "CRLF",
        }
    }
}

/// Changes the endings of lines, and nothing else: a CR without an LF stays.
#[derive(Debug)]
pub(super) struct EndingChange {
    to: Endings,
    made: Vec<u8>,
    /// Whether the last block ended with a CR. One that may have to go was not given yet.
    after_return: bool,
}

impl EndingChange {
    pub(super) fn new(to: Endings) -> Self {
        Self { to, made: Vec::new(), after_return: false }
    }

    /// Takes in the next block and gives what becomes of it.
    pub(super) fn feed<'a>(&'a mut self, block: &'a [u8]) -> &'a [u8] {
        if block.is_empty() || self.to == Endings::Keep {
            return block;
        }
        self.made.clear();
        match self.to {
            Endings::CrLf => self.add_returns(block),
            Endings::Keep | Endings::Lf => {
                if !self.after_return && memchr(b'\r', block).is_none() {
                    return block;
                }
                self.drop_returns(block);
            }
        }
        &self.made
    }

    /// Says that there is no more, and gives what was not given yet.
    pub(super) fn finish(&mut self) -> &'static [u8] {
        let held = self.to == Endings::Lf && std::mem::take(&mut self.after_return);
        if held { b"\r" } else { b"" }
    }

    fn drop_returns(&mut self, block: &[u8]) {
        if std::mem::take(&mut self.after_return) && block.first() != Some(&b'\n') {
            self.made.push(b'\r');
        }
        let mut rest = block;
        while let Some((before, after)) = cut_at(b'\r', rest) {
            self.made.extend_from_slice(before);
            match after.first() {
                Some(b'\n') => {}
                Some(_) => self.made.push(b'\r'),
                None => self.after_return = true,
            }
            rest = after;
        }
        self.made.extend_from_slice(rest);
    }

    fn add_returns(&mut self, block: &[u8]) {
        let mut rest = block;
        while let Some((before, after)) = cut_at(b'\n', rest) {
            self.made.extend_from_slice(before);
            let has_return = before.last().map_or(self.after_return, |last| *last == b'\r');
            self.made.extend_from_slice(if has_return { b"\n" } else { b"\r\n" });
            self.after_return = false;
            rest = after;
        }
        self.made.extend_from_slice(rest);
        self.after_return = rest.last().map_or(self.after_return, |last| *last == b'\r');
    }
}

/// What comes before the first `byte`, and what after it.
fn cut_at(byte: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr(byte, bytes)?;
    Some((bytes.get(..at)?, bytes.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn changed(to: Endings, text: &[u8], cuts: &[usize]) -> Vec<u8> {
        let (mut change, mut made, mut rest) = (EndingChange::new(to), Vec::new(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            made.extend_from_slice(change.feed(block));
            rest = after;
        }
        made.extend_from_slice(change.finish());
        made
    }

    #[test]
    fn a_return_alone_ends_no_line_and_stays() {
        for cuts in [[1], [2], [99]] {
            assert_eq!(changed(Endings::Lf, b"a\r\nb\rc\n\r\r\n\r", &cuts), b"a\nb\rc\n\r\n\r");
            assert_eq!(changed(Endings::CrLf, b"\na\r\nb\rc\n\n\r", &cuts), b"\r\na\r\nb\rc\r\n\r\n\r");
            assert_eq!(changed(Endings::Keep, b"a\r\nb\rc\n\r", &cuts), b"a\r\nb\rc\n\r");
        }
    }

    proptest! {
        #[test]
        fn however_the_text_is_cut_its_lines_end_as_those_of_the_whole(
            text in prop::collection::vec(prop_oneof![Just('a'), Just('\r'), Just('\n'), Just('€')], 0..60),
            cuts in prop::collection::vec(1_usize..6, 1..8),
        ) {
            let text: String = text.into_iter().collect();
            let lf = text.replace("\r\n", "\n");
            let crlf = lf.replace('\n', "\r\n");
            prop_assert_eq!(changed(Endings::Lf, text.as_bytes(), &cuts), lf.as_bytes());
            prop_assert_eq!(changed(Endings::CrLf, text.as_bytes(), &cuts), crlf.as_bytes());
            prop_assert_eq!(changed(Endings::Keep, text.as_bytes(), &cuts), text.as_bytes());
        }
    }
}
