//! Fuzz target of JSON: its tokens, and the values that an outline finds again. Tests alone.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::super::tokens::Scanner;
    use super::super::{Broken, Lack, Node, Nodes, Outline};
    use crate::fuzz::{blocks, cuts, fuzz, nearly};

    const WORDS: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\"a\"",
        b"\"a\":",
        b"1",
        b"-",
        b"0",
        b".",
        b"e",
        b"E+",
        b"true",
        b"false",
        b"null",
        b" ",
        b"\n",
        b"\t",
        b"\r",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"[[[[",
        b"]]]]",
    ];

    fn scanned(blocks: &[&[u8]]) -> Result<u64, Broken> {
        let mut scanner = Scanner::new();
        blocks.iter().try_for_each(|block| scanner.feed(block))?;
        scanner.finish().map(|()| scanner.values())
    }

    /// Whether another parser takes a text for a sequence of values.
    fn is_json(text: &[u8]) -> bool {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>().all(|value| value.is_ok())
    }

    /// How many values there are in these and after them, found from one to the next.
    fn walked(nodes: &Nodes<'_>) -> Result<u64, Lack> {
        let (mut count, mut waiting) = (0, Vec::<Node>::from_iter(nodes.first().told()?));
        while let Some(node) = waiting.pop() {
            count += 1;
            waiting.extend(nodes.next_sibling(&node).told()?);
            if node.kind.is_container() {
                waiting.extend(nodes.first_child(&node).told()?);
            }
        }
        Ok(count)
    }

    #[test]
    fn what_is_json_to_others_is_so_here_and_each_of_its_values_is_found_again() {
        let seeds = [
            "{\"a\": [1, -2.5e+3, true], \"b\": {\"c\": \"\\u00e4 \\\"d\\\"\", \"c\": null}}\n",
            "{\"id\":1}\n{\"id\":2}\n\n[]",
            "[[[[[[]]]], \"a]\", {}]]",
            "\u{feff}[0, 0.0, \"\\ud83d\\ude00\"]",
        ];
        let inputs = nearly(seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), WORDS);
        fuzz(1_000, (inputs, cuts()), |(input, cuts)| {
            let text = &input.0;
            let (cut, whole) = (scanned(&blocks(text, &cuts)), scanned(&[text.as_slice()]));
            prop_assert_eq!(&cut, &whole);
            prop_assert_eq!(whole.is_ok(), is_json(text));
            match whole {
                Ok(values) => {
                    let found = Outline::look_at_text(text, |nodes| (walked(nodes), nodes.is_tired()));
                    // A look that has gone through enough leaves the rest to the next.
                    prop_assert!(found.1 || found.0 == Ok(values), "{:?} of {}", found.0, values);
                }
                Err(broken) => {
                    let place = usize::try_from(broken.at.0).unwrap();
                    prop_assert!(place <= text.len() && !broken.reason().is_empty());
                    let before = &text[..place];
                    prop_assert_eq!(broken.line, bytecount::naive_count(before, b'\n') as u64 + 1);
                    let column = before.rsplit(|byte| *byte == b'\n').next().map_or(0, <[u8]>::len) + 1;
                    prop_assert_eq!(broken.column, column as u64);
                }
            }
            Ok(())
        });
    }
}
