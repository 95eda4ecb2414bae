//! Fuzz targets of what documents learn of bytes: encodings, lines and their endings, rows as they are shown, what a
//! document is, and runs of bytes that are sought. Tests alone.

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::decoding::Decoding;
    use super::super::returns::Returns;
    use super::super::scan::Scan;
    use super::super::{
        BytePattern, Encoding, Facts, Found, LineEnding, LineIndex, LineNumber, Lines, MAX_PATTERN_BYTES, Shape,
        decode_row,
    };
    use crate::fuzz::{blocks, cuts, fuzz, nearly};
    use crate::source::testing::{Bytes, in_blocks};
    use crate::source::{ByteOffset, Derived, Source as _};

    /// A page so small that every line goes over some.
    const PAGE_BYTES: usize = 8;

    /// A text in each of the encodings that can be chosen, as far as they have its letters.
    fn encoded() -> Vec<Vec<u8>> {
        let text = "Größe;日本語;Привет;한국어;1\r\n\"a\"\t😀\n";
        let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let (little, big) = (units(u16::to_le_bytes), units(u16::to_be_bytes));
        let marked = [[b"\xff\xfe".as_slice(), &little].concat(), [b"\xfe\xff".as_slice(), &big].concat()];
        let coded = Encoding::choices().into_iter().filter_map(|choice| match choice {
            Encoding::Coded(how) => Some(how.encode(text).0.into_owned()),
            _ => None,
        });
        coded.chain(marked).chain([little, big, [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()]).collect()
    }

    const LETTERS: &[&[u8]] = &[
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\n",
        b"\r",
        b"\n\0",
        b"\0\n",
        b"\xd8\0",
        b"\0\xdc",
        b"\xe2\x82",
        b"\xf0\x9f",
        b"\x1b$B",
        b"\x1b(B",
        b"\x81\x30\x81\x30",
        b"\x8e\xa1",
        b"\xff",
        b"a",
    ];

    #[test]
    fn text_in_any_encoding_is_decoded_in_pieces_as_it_is_at_once() {
        let choices: Vec<_> = Encoding::choices()
            .into_iter()
            .filter_map(|choice| if let Encoding::Coded(how) = choice { Some(how) } else { None })
            .collect();
        let inputs = (nearly(encoded(), LETTERS), 0..choices.len(), 1_usize..30, 1_usize..20);
        fuzz(1_500, inputs, |(input, choice, half, block_bytes)| {
            let (how, bytes) = (choices[choice], &input.0);
            let mark_bytes = Encoding::Coded(how).mark_bytes(bytes);
            let (expected, _) = how.decode_without_bom_handling(&bytes[mark_bytes..]);
            let mut codec = Decoding::new(how, mark_bytes);
            codec.piece_bytes = 2 * half;
            let source = Arc::new(Derived::spaced(Arc::new(Bytes(bytes.clone())), codec, 16));
            let (all, error) = in_blocks(source.clone(), block_bytes);
            prop_assert!(error.is_none(), "{:?}", error);
            prop_assert!(all == expected.as_bytes(), "{}: {:?}", how.name(), String::from_utf8_lossy(&all));
            prop_assert!(all.len() <= 3 * bytes.len() + 3, "{} bytes of {}", all.len(), bytes.len());
            let (middle, mut there) = (all.len() / 2, [0; 9]);
            let read = source.read_at(ByteOffset(middle as u64), &mut there).unwrap();
            prop_assert_eq!(&there[..read], &all[middle..all.len().min(middle + 9)], "{}", how.name());
            Ok(())
        });
    }

    #[test]
    fn an_encoding_that_is_guessed_can_be_chosen_too_and_text_in_utf_8_is_told_as_such() {
        fuzz(1_500, nearly(encoded(), LETTERS), |input| {
            let guesses = [Some(Encoding::of_start(&input.0)), Encoding::of_sample(&input.0)];
            for guess in guesses.into_iter().flatten() {
                prop_assert!(guess.mark_bytes(&input.0) <= input.0.len());
                if let Encoding::Coded(_) = guess {
                    prop_assert_eq!(guess.name().parse(), Ok(guess));
                }
            }
            if std::str::from_utf8(&input.0).is_ok() && !input.0.contains(&0) {
                prop_assert!(matches!(guesses[0], Some(Encoding::Utf8 | Encoding::Utf8Bom)), "{:?}", guesses[0]);
            }
            Ok(())
        });
    }

    /// Where lines start, and how often each way to end one is there: LF, CR LF, CR.
    fn naive_lines(text: &[u8]) -> (Vec<u64>, [u64; 3]) {
        let starts = (0..text.len()).filter(|at| *at == 0 || text[at - 1] == b'\n').map(|at| at as u64).collect();
        let count = |what: &[u8]| text.windows(what.len()).filter(|there| *there == what).count() as u64;
        let pairs = count(b"\r\n");
        (starts, [count(b"\n") - pairs, pairs, count(b"\r") - pairs])
    }

    #[test]
    fn lines_are_where_a_reader_byte_by_byte_finds_them_and_so_are_their_endings() {
        let seeds = [b"one\ntwo\n".as_slice(), b"one\r\ntwo\r\n", b"one\rtwo", b"\n\n\r\r\n\xff", b""];
        let words: &[&[u8]] =
            &[b"\n", b"\r", b"\r\n", b"a", b"a line that goes over a page or two", b"\xe2\x82\xac", b"\0"];
        fuzz(1_000, (nearly(seeds.map(<[u8]>::to_vec).to_vec(), words), cuts()), |(input, cuts)| {
            let text = &input.0;
            let (starts, endings) = naive_lines(text);
            let mut scan = Scan::default();
            for block in blocks(text, &cuts) {
                scan.feed(block);
            }
            prop_assert_eq!((scan.lines(), scan.endings().counts()), (starts.len() as u64, endings));
            prop_assert_eq!(scan.is_utf8(), std::str::from_utf8(text).is_ok());
            let mut index = LineIndex::new(PAGE_BYTES as u64);
            for page in text.chunks(PAGE_BYTES) {
                index.push(page.len() as u64, bytecount::naive_count(page, b'\n') as u64);
            }
            index.finish(scan.unterminated());
            let fetch = |number: u64| text.chunks(PAGE_BYTES).nth(usize::try_from(number).ok()?).map(Arc::from);
            let lines = Lines::new(&index, PAGE_BYTES as u64, text.len() as u64, &fetch);
            for (number, start) in (0_u64..).zip(&starts) {
                prop_assert_eq!(lines.start_of_line(LineNumber(number)), Found::Here(ByteOffset(*start)));
                prop_assert_eq!(lines.number_of(ByteOffset(*start)), Found::Here(LineNumber(number)));
                let next = starts.get(usize::try_from(number + 1).unwrap_or(usize::MAX)).copied();
                let end = next.map_or(text.len() as u64 - u64::from(!scan.unterminated()), |next| next - 1);
                prop_assert_eq!(
                    lines.line_around(ByteOffset(*start)),
                    Found::Here(ByteOffset(*start)..ByteOffset(end))
                );
            }
            prop_assert_eq!(lines.into_missing(), Vec::<u64>::new());
            Ok(())
        });
    }

    #[test]
    fn lines_that_end_by_returns_alone_are_read_by_newlines_byte_for_byte() {
        let seeds = [b"one\rtwo\rthree".as_slice(), b"one\r\ntwo", b"\r", b"a\r\0"];
        fuzz(
            1_000,
            (nearly(seeds.map(<[u8]>::to_vec).to_vec(), &[b"\r", b"\n", b"a", b"\0"]), 1_usize..9),
            |(input, block)| {
                let text = &input.0;
                let alone = text.contains(&b'\r') && !text.contains(&b'\n') && !text.contains(&0);
                prop_assert_eq!(Returns::end_lines(&Bytes(text.clone()), text), alone);
                let (all, error) = in_blocks(Arc::new(Returns::new(Arc::new(Bytes(text.clone())))), block);
                prop_assert!(error.is_none(), "{:?}", error);
                let expected: Vec<u8> = text.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect();
                prop_assert_eq!(all, expected);
                Ok(())
            },
        );
    }

    #[test]
    fn a_row_shows_a_character_for_each_that_there_is_and_none_that_hides_others() {
        let seeds = ["a\tb\u{1b}[31mred\u{1b}[0m", "\u{202e}txt.exe\u{2066}a\u{200b}\u{feff}", "größe\r\n\u{85}"];
        let words: &[&[u8]] =
            &[b"\t", b"\x1b[", b"\0", b"\xe2\x80\xae", b"\xe2\x81\xa0", b"\xef\xbb\xbf", b"\xc3", b"\xf3\xa0\x81\x81"];
        fuzz(1_000, nearly(seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), words), |input| {
            let row = decode_row(&input.0, 0, usize::MAX, 4);
            prop_assert_eq!(row.places.len(), row.text.chars().count() + 1);
            prop_assert!(row.places.is_sorted());
            prop_assert_eq!(row.places.last().copied(), u32::try_from(input.0.len()).ok());
            let hides = |c: char| {
                c.is_control()
                    || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
            };
            prop_assert!(!row.text.contains(hides), "{:?}", row.text);
            Ok(())
        });
    }

    #[test]
    fn whatever_a_document_begins_with_it_is_one_thing_and_the_same_each_time() {
        let seeds = [
            b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(),
            b"<?xml version=\"1.0\"?><!-- a --><svg/>",
            b"{\"a\": [1, 2]}\n",
            b"a,b,c\n1,2,3\n4,5,6\n",
        ];
        let words: &[&[u8]] =
            &[b"<svg", b"<!--", b"<?", b"{", b"\"", b",", b"\n", b"\0", b"GIF89a", b"\xff\xd8\xff", b"\xef\xbb\xbf"];
        fuzz(500, nearly(seeds.map(<[u8]>::to_vec).to_vec(), words), |input| {
            let start = &input.0;
            let encoding = Encoding::of_start(start);
            let facts = Facts { len_bytes: start.len() as u64, packing: None, encoding, ending: LineEnding::None };
            let shape = Shape::of(Path::new("a"), facts, start);
            prop_assert_eq!(shape, Shape::of(Path::new("a"), facts, start));
            if shape == Shape::Outline {
                let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
                let brackets = [b'{', b'['];
                prop_assert!(text.first().is_some_and(|first| brackets.contains(first)));
            }
            prop_assert!(shape != Shape::Bytes || encoding == Encoding::Binary);
            Ok(())
        });
    }

    #[test]
    fn a_run_of_bytes_is_taken_as_digits_or_text_and_found_where_it_is() {
        let seeds = [b"de ad be ef".as_slice(), b"0xDE??be", b"'a text'", b"4? ?1", "grün".as_bytes()];
        let words: &[&[u8]] = &[b"0x", b"?", b" ", b"00", b"ff", b"\"", b"'", b"a", b"\xc3\xbc"];
        let hays = nearly(vec![vec![0xde, 0xad, 0xbe, 0xef, 0, 0xff], b"a text, 'a text'".to_vec()], words);
        fuzz(1_000, (nearly(seeds.map(<[u8]>::to_vec).to_vec(), words), hays), |(typed, hay)| {
            let typed = typed.text();
            let Ok(pattern) = BytePattern::parse(&typed) else { return Ok(()) };
            let len = usize::try_from(pattern.len_bytes()).unwrap();
            prop_assert!((1..=MAX_PATTERN_BYTES).contains(&len));
            let (first, last) = (pattern.first_in(&hay.0), pattern.last_in(&hay.0));
            prop_assert_eq!(first.is_some(), last.is_some());
            if let (Some(first), Some(last)) = (first, last) {
                prop_assert!(first <= last && last + len <= hay.0.len());
                prop_assert_eq!(pattern.first_in(&hay.0[first..first + len]), Some(0));
                prop_assert_eq!(pattern.last_in(&hay.0[last..last + len]), Some(0));
                prop_assert_eq!(pattern.first_in(&hay.0[..first + len - 1]), None);
            }
            Ok(())
        });
    }
}
