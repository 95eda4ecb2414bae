//! Fuzz targets of tables: how they are written, and where their fields and records end. Tests alone.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::edges::each_edge;
    use super::super::naive::{any_dialect, naive_edges, naive_records};
    use super::super::records::RecordScan;
    use super::super::splitter::ScanState;
    use super::super::{Dialect, content, delimiter_name, parse_delimiter};
    use crate::fuzz::{Input, blocks, cuts, fuzz, nearly};

    const WORDS: &[&[u8]] = &[
        b",",
        b";",
        b"\t",
        b"|",
        b"\"",
        b"\"\"",
        b"'",
        b"\n",
        b"\r\n",
        b"\r",
        b"a",
        b"12.5",
        b"\xff",
        b"\xef\xbb\xbf",
        b"a long cell, ",
    ];

    fn tables() -> BoxedStrategy<Input> {
        let seeds = [
            "name,note\r\nann,\"one\r\ntwo\"\r\nbob,\r\n",
            "a;b;c\n1;\"x;\"\"y\"\"\";3\n4;5;6\n",
            "id\tvalue\n1\ta\n2\t\\N\n",
            "a,\"b\nc,d\n",
            "\u{feff}a|b\n5\" pipe|6\n",
        ];
        nearly(seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), WORDS)
    }

    #[test]
    fn fields_and_records_end_where_a_reader_byte_by_byte_finds_it_however_they_are_cut() {
        fuzz(1_000, (tables(), any_dialect(), cuts()), |(input, dialect, cuts)| {
            let text = &input.0;
            let (mut scan, mut state) = (RecordScan::new(dialect), ScanState::default());
            let (mut edges, mut at) = (Vec::new(), 0);
            for block in blocks(text, &cuts) {
                scan.feed(block);
                state = each_edge(block, dialect, state, |place, edge| {
                    edges.push((at + place, edge));
                    true
                });
                at += block.len();
            }
            prop_assert_eq!(&edges, &naive_edges(text, dialect));
            let records = naive_records(text, dialect);
            let shape = scan.whole_shape();
            prop_assert_eq!(shape.records, records.len() as u64);
            prop_assert_eq!(shape.most, records.iter().map(Vec::len).max().unwrap_or(0) as u64);
            prop_assert!(shape.ragged() < shape.records.max(1), "the first one is as it is expected to be");
            for cell in records.iter().flatten() {
                let bytes = &text[cell.clone()];
                let said = content(bytes, dialect.quote);
                prop_assert_eq!(said.is_none(), bytes.is_empty());
                prop_assert!(said.unwrap_or_default().len() <= bytes.len());
            }
            Ok(())
        });
    }

    #[test]
    fn whatever_stands_in_a_document_there_is_one_way_to_read_it_as_a_table() {
        fuzz(500, (tables(), any::<bool>()), |(input, whole)| {
            let dialect = Dialect::of_start(&input.0, whole);
            prop_assert!(!matches!(dialect.delimiter, b'\n' | b'\r' | b'"'), "{:?}", dialect);
            prop_assert_ne!(Some(dialect.delimiter), dialect.quote);
            let by_hand = Dialect::with_delimiter(&input.0, whole, b'|');
            prop_assert_eq!(by_hand.delimiter, b'|');
            Ok(())
        });
    }

    #[test]
    fn a_delimiter_that_is_taken_is_called_by_a_name_that_is_taken_for_it() {
        let seeds = [b"tab".as_slice(), b";", b"0x1f", b"\\t", b"Semicolon"];
        fuzz(
            1_000,
            nearly(seeds.map(<[u8]>::to_vec).to_vec(), &[b"0x", b"f", b"tab", b" ", b"\n", b"\xc3\xa4"]),
            |input| {
                if let Ok(delimiter) = parse_delimiter(&input.text()) {
                    prop_assert!(!matches!(delimiter, b'\n' | b'\r' | b'"'));
                    prop_assert_eq!(parse_delimiter(&delimiter_name(delimiter)), Ok(delimiter));
                }
                Ok(())
            },
        );
    }
}
