//! Fuzz targets of the search: patterns as people type them, and the lines that they are sought in. Tests alone.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::pattern::{Pattern, PatternError, Query};
    use super::super::scan::{BOM, MatchScan, each_match, searcher};
    use crate::document::LineEnding;
    use crate::fuzz::{blocks, cuts, fuzz, nearly};

    const SYNTAX: &[&[u8]] = &[
        b"(",
        b")",
        b"(?i)",
        b"(?-u:\\xff)",
        b"[",
        b"]",
        b"[^a]",
        b"\\d",
        b"\\b",
        b"\\n",
        b"\\",
        b"*",
        b"+?",
        b"{2,3}",
        b"{",
        b"|",
        b"^",
        b"$",
        b".",
        b"a",
        b"b",
        b"\xc3\xa4",
    ];
    const TEXT: &[&[u8]] = &[b"a", b"ab", b"b", b"\n", b"\r\n", b" ", b"\xff", b"\xc3\xa4", b"\xef\xbb\xbf", b"1"];

    /// The lines that match, found by looking at each of them alone.
    fn naive(pattern: &Pattern, text: &[u8]) -> Vec<u64> {
        let (mut starts, mut at) = (Vec::new(), 0);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let shown = if at == 0 { line.strip_prefix(BOM).unwrap_or(line) } else { line };
            each_match(&mut searcher(pattern), pattern, shown, |_, _| starts.push(at));
            at += line.len() as u64;
        }
        starts
    }

    #[test]
    fn a_pattern_is_refused_with_its_place_or_finds_the_same_lines_however_the_text_is_cut() {
        let seeds = ["a.b", "^ab$", "(a|b)+", "[ab]{2}", "\\bab\\b", "x*", "(?i)Ä"];
        let patterns = nearly(seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), SYNTAX);
        let texts = nearly(vec![b"ab\nb a\r\n\nab ab\n\xff".to_vec(), b"\xef\xbb\xbfab\nab".to_vec()], TEXT);
        let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
        fuzz(100, (patterns, texts, switches, any::<bool>(), cuts()), |(typed, text, switches, crlf, cuts)| {
            let (fixed, ignore_case, word, invert) = switches;
            let query = Query { pattern: typed.text(), fixed, ignore_case, word, invert };
            let ending = if crlf { LineEnding::CrLf } else { LineEnding::Lf };
            let pattern = match query.compile(ending) {
                Ok(pattern) => pattern,
                Err(error) => {
                    if let PatternError::Invalid { at, .. } = error {
                        prop_assert!((1..=query.pattern.chars().count() + 1).contains(&at), "at {}", at);
                    }
                    prop_assert!(
                        !fixed || query.pattern.is_empty() || query.pattern.contains(['\n', '\r']),
                        "a text is refused"
                    );
                    return Ok(());
                }
            };
            let text = &text.0;
            let found = |blocks: &[&[u8]]| {
                let (mut scan, mut starts) = (MatchScan::new(pattern.clone()), Vec::new());
                for block in blocks {
                    scan.feed(block, |start| starts.push(start.0));
                }
                scan.finish(|start| starts.push(start.0));
                (starts, scan.take_matches())
            };
            // No block is so short that it cuts a byte order mark.
            let (mark, rest) = text.split_at(text.len().min(BOM.len()));
            let (starts, matches) = found(&[vec![mark], blocks(rest, &cuts)].concat());
            prop_assert_eq!(&starts, &naive(&pattern, text));
            prop_assert_eq!(&found(&[text.as_slice()]), &(starts.clone(), matches));
            for line in text.split(|byte| *byte == b'\n') {
                let marks = pattern.marks(line);
                prop_assert!(marks.is_sorted_by_key(|mark| mark.start) && marks.iter().all(|mark| !mark.is_empty()));
                prop_assert!(marks.last().is_none_or(|mark| mark.end <= line.len()));
            }
            Ok(())
        });
    }
}
