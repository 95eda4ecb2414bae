//! Files that nobody means to make and everybody meets: each is read as far as it goes, in bounded room, and what is
//! the matter with it is said. What breaks off is in `packed.rs`, what changes under the reader in `changed.rs`.
#![expect(clippy::disallowed_methods, reason = "files are made to be opened")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use antifreeze::document::table::{Dialect, TableFacts, TableJob};
use antifreeze::document::{
    Document, Encoding, Found, LineIndex, LineNumber, Lines, Nodes, Open, Opened, Outline, OutlineJob, Outlined,
    PAGE_BYTES, Query, Reading, Search, Searched, Standing, decode_row,
};
use antifreeze::source::ByteOffset;
use antifreeze::work::Product;

use harness::{DEADLINE, Folder, Session, failure, run};

const PACKED: [&str; 4] = ["gzip", "zstd", "bzip2", "xz"];

#[test]
fn a_byte_order_mark_alone_is_a_text_without_anything_in_it() {
    for (mark, encoding) in [
        (b"\xef\xbb\xbf".as_slice(), Encoding::Utf8Bom),
        (b"\xff\xfe".as_slice(), Encoding::UTF_16_LE),
        (b"\xfe\xff".as_slice(), Encoding::UTF_16_BE),
    ] {
        let (_folder, path) = file(mark);
        let facts = opened(&path);
        assert_eq!((facts.encoding, facts.bytes), (encoding, mark.len() as u64));
        assert_eq!(found(&path, ".").matches, 0, "{}", encoding.name());
        let table = table(&path);
        assert_eq!((table.rows, table.columns), (0, 0), "{}", encoding.name());
        assert_eq!(outlined(&path).values, 0, "{}", encoding.name());
    }
}

#[test]
fn of_utf_16_a_lone_surrogate_and_an_odd_byte_are_seen_and_the_rest_is_text() {
    let units = [u16::from(b'a'), 0x0a, 0xd800, u16::from(b'b'), 0x0a, 0xdc00, 0x0a];
    for (mark, bytes, encoding) in [
        (b"\xff\xfe", u16::to_le_bytes as fn(u16) -> [u8; 2], Encoding::UTF_16_LE),
        (b"\xfe\xff", u16::to_be_bytes as fn(u16) -> [u8; 2], Encoding::UTF_16_BE),
    ] {
        let text: Vec<u8> = units.into_iter().flat_map(bytes).collect();
        let (_folder, path) = file(&[mark.as_slice(), &text, b"A"].concat());
        let facts = opened(&path);
        assert_eq!((facts.encoding, facts.lines), (encoding, 4));
        let wrong = found(&path, "\u{fffd}");
        assert_eq!((wrong.matching_lines, wrong.matches), (3, 3), "{}", encoding.name());
        assert_eq!(found(&path, "^\u{fffd}b$|^a$").matching_lines, 2, "{}", encoding.name());
    }
}

#[test]
fn members_that_hold_nothing_are_no_end_and_add_nothing() {
    for way in PACKED {
        let members = ["", "one\n", "", "", "two\n", ""].map(|text| packed(way, text.as_bytes()));
        let (_folder, path) = file(&members.concat());
        let facts = opened(&path);
        assert_eq!((facts.lines, facts.longest_line_bytes), (2, 3), "{way}");
        assert_eq!(found(&path, "one|two").matches, 2, "{way}");
        let (_folder, path) = file(&packed(way, b""));
        assert_eq!(opened(&path).lines, 0, "{way}");
    }
}

#[test]
fn what_follows_a_packed_file_and_is_none_is_told_after_what_the_file_holds() {
    for way in PACKED {
        let garbage = b"this is packed in no way that anybody knows of";
        let (_folder, path) = file(&[packed(way, b"one\ntwo\n").as_slice(), garbage].concat());
        let (open, document) = Open::new(path);
        let result = run(open);
        let told = failure(&result).to_string();
        assert!(told.starts_with("After ") && told.contains(" of the file, "), "{way}: {told}");
        assert!(matches!(document.standing(), Standing::Open(_)), "{way}: {document:?}");
        assert_eq!(document.line_count().0, 2, "{way}: what it holds is not there");
        assert!(document.index_stopped(), "{way}");
    }
}

#[test]
fn a_file_that_holds_far_more_than_it_is_long_takes_no_more_of_the_disk_than_it_may() {
    for way in ["zstd", "bzip2", "xz"] {
        let bomb = packed(way, &vec![0; 4_000_000]);
        assert!(bomb.len() < 10_000, "{way}: {} bytes", bomb.len());
        let (_folder, path) = file(&bomb);
        let reading = Reading { spool_limit: Some(1_000_000), ..Reading::default() };
        let (open, document) = Open::read_as(path, reading);
        let result = run(open);
        let told = failure(&result).to_string();
        assert!(told.contains("more than the limit of 1 MB"), "{way}: {told}");
        let copied = document.spooled_bytes().expect("a copy, as far as it goes");
        assert!(copied > 0 && copied <= 1_000_000, "{way}: {copied} bytes");
        assert!(document.over_limit().is_some(), "{way}: nobody is asked");
    }
    let (_folder, path) = file(&packed("gzip", &vec![0; 4_000_000]));
    let (open, document) = Open::new(path);
    assert!(matches!(run(open), Ok(Product::Open(Opened { lines: 1, longest_line_bytes: 4_000_000, .. }))));
    assert_eq!(document.spooled_bytes(), None, "what has restart points needs no copy");
}

#[test]
fn what_is_called_packed_and_is_not_is_the_text_that_it_is() {
    for name in ["a.gz", "a.zst", "a.bz2", "a.xz", "a.png", "a.json"] {
        let folder = Folder::new();
        let path = folder.path(name);
        fs::write(&path, "one\ntwo\n").expect("a file");
        let facts = opened(&path);
        assert_eq!((facts.encoding, facts.lines), (Encoding::Utf8, 2), "{name}");
    }
}

#[test]
fn lines_beyond_the_numbers_of_thirty_two_bits_are_found_by_number_and_by_place() {
    let page: Arc<[u8]> = vec![b'\n'; usize::try_from(PAGE_BYTES).expect("a page in memory")].into();
    let pages = (1_u64 << 32) / PAGE_BYTES + 3;
    let mut index = LineIndex::new(PAGE_BYTES);
    for _ in 0..pages {
        index.push(PAGE_BYTES, PAGE_BYTES);
    }
    index.finish(false);
    assert_eq!(index.lines(), (1 << 32) + 3 * PAGE_BYTES);
    let fetch = |number: u64| (number < pages).then(|| Arc::clone(&page));
    let lines = Lines::new(&index, PAGE_BYTES, pages * PAGE_BYTES, &fetch);
    for number in [(1 << 32) - 1, 1 << 32, (1 << 32) + 1, (1 << 32) + 2 * PAGE_BYTES + 7] {
        let start = ByteOffset(number);
        assert_eq!(lines.start_of_line(LineNumber(number)), Found::Here(start));
        assert_eq!(lines.number_of(start), Found::Here(LineNumber(number)));
        assert_eq!(lines.line_around(start), Found::Here(start..start));
    }
    assert_eq!(lines.start_of_line(LineNumber(2 << 32)), Found::Unknown, "there is no such line");
}

#[test]
fn a_hundred_thousand_columns_are_counted_and_told_from_a_row_that_has_fewer() {
    let row = |cell: fn(u32) -> String| (0..100_000).map(cell).collect::<Vec<_>>().join(",");
    let rows = [row(|number| format!("c{number}")), row(|number| format!("\"a, {number}\"")), row(|_| String::new())];
    let (_folder, path) = file(format!("{}\n1,2\n", rows.join("\n")).as_bytes());
    let facts = table(&path);
    assert_eq!((facts.rows, facts.columns, facts.ragged_rows), (3, 100_000, 1));
}

#[test]
fn a_hundred_thousand_levels_are_followed_and_where_they_are_not_closed_it_is_told() {
    let levels = 100_000;
    let (_folder, path) = file(["[".repeat(levels), "]".repeat(levels)].concat().as_bytes());
    let facts = outlined(&path);
    assert_eq!((facts.depth, facts.values), (100_000, 100_000));
    let (_folder, path) = file(format!("{{\"a\":{}", "[".repeat(levels)).as_bytes());
    let result = run(OutlineJob::of_file(path));
    let told = failure(&result).to_string();
    assert!(told.contains("column 100,006") && told.contains("the document ends here"), "{told}");
}

#[test]
fn of_two_members_of_one_name_both_are_shown() {
    let (_folder, mut session, document) = shown(b"{\"a\": 1, \"a\": \"b\", \"a\": 1}");
    let (job, outline) = document.outline();
    let id = session.submit(job);
    session.result(id).expect("it is JSON");
    let top = here(&mut session, &document, &outline, |nodes| nodes.top_around(ByteOffset(0))).expect("an object");
    let mut next = here(&mut session, &document, &outline, |nodes| nodes.first_child(&top));
    let mut members = Vec::new();
    while let Some(node) = next {
        let key = here(&mut session, &document, &outline, |nodes| nodes.key(&node, 10)).expect("a key");
        let value = here(&mut session, &document, &outline, |nodes| nodes.preview(&node, None, 10));
        members.push([key.bytes, value.bytes].map(|bytes| String::from_utf8(bytes).expect("text")));
        next = here(&mut session, &document, &outline, |nodes| nodes.next_sibling(&node));
    }
    assert_eq!(members, [["\"a\"", "1"], ["\"a\"", "\"b\""], ["\"a\"", "1"]]);
}

#[test]
fn what_would_turn_or_hide_letters_is_shown_in_lines_and_in_names() {
    let line = "pay \u{202e}001\u{2066}\u{200b}\u{2060}\u{feff}\u{ad}\u{e0041} now\u{1b}[2J";
    let row = decode_row(line.as_bytes(), 0, 1_000, 4);
    assert_eq!(row.text, format!("pay \u{fffd}001{} now\u{241b}[2J", "\u{fffd}".repeat(6)));
    assert_eq!(row.places.last().copied(), u32::try_from(line.len()).ok(), "no byte is without its place");
    let folder = Folder::new();
    let path = folder.path("a\u{202e}gpj.\u{200b}\u{1b}sh");
    fs::write(&path, "one\n").expect("a file");
    let (open, document) = Open::new(path);
    let (mut session, id) = harness::start(open);
    session.result(id).expect("it can be opened");
    for name in [document.name(), session.job(id).title().to_owned()] {
        assert_eq!(name, r"a\u{202e}gpj.\u{200b}\u{1b}sh");
    }
}

#[test]
fn what_comes_after_a_quote_that_is_never_closed_is_one_row_and_is_told() {
    let (_folder, mut session, document) = shown(b"a,b\n1,2\n3,\"4\n5,6\n7,8\n");
    let (job, table) = document.table(Dialect::default());
    let id = session.submit(job);
    session.result(id).expect("it is a table");
    let tally = table.tally();
    assert_eq!((tally.shape.records, tally.complete, tally.quote_open), (3, true, true));
    // One that is closed in the last byte is none of these.
    let (_folder, mut session, document) = shown(b"a,b\n3,\"4\n5,6\"");
    let (job, table) = document.table(Dialect::default());
    let id = session.submit(job);
    session.result(id).expect("it is a table");
    assert_eq!((table.tally().shape.records, table.tally().quote_open), (2, false));
}

#[test]
fn a_pattern_that_takes_others_for_ever_takes_no_longer_than_the_text() {
    let (_folder, path) = file([vec![b'a'; 50_000], b"!\nab\n".to_vec()].concat().as_slice());
    for pattern in ["^(a+)+$", "^(a|aa)+$", "(a*)*b", "^(a?){50}a{50}$", "(x+x+)+y"] {
        // One that tries all ways would not come to the end of the first line.
        let matching = found(&path, pattern).matching_lines;
        assert_eq!(matching, u64::from(pattern == "(a*)*b"), "{pattern}");
    }
}

/// A file of this content, in a folder of its own.
fn file(content: &[u8]) -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.path("file");
    fs::write(&path, content).expect("a file");
    (folder, path)
}

/// A file of this content as a document that was read to its end.
fn shown(content: &[u8]) -> (Folder, Session, Document) {
    let (folder, path) = file(content);
    let (open, document) = Open::new(path);
    let (mut session, id) = harness::start(open);
    session.result(id).expect("it can be opened");
    (folder, session, document)
}

/// Asks again and again until the pages are there that tell it.
fn here<T>(session: &mut Session, document: &Document, outline: &Outline, ask: impl Fn(&Nodes<'_>) -> Found<T>) -> T {
    let mut told = None;
    session.wait("it is told", DEADLINE, |_| {
        told = document.look_at_outline(outline, &ask).and_then(Found::here);
        told.is_some()
    });
    told.expect("it was waited for")
}

fn opened(path: &Path) -> Opened {
    match run(Open::unshown(path.to_owned())) {
        Ok(Product::Open(opened)) => opened,
        other => panic!("a file was to be opened: {other:?}"),
    }
}

fn found(path: &Path, pattern: &str) -> Searched {
    let query = Query { pattern: pattern.into(), ..Query::default() };
    match run(Search::in_file(query, path.to_owned()).expect("a pattern")) {
        Ok(Product::Search(searched)) => searched,
        other => panic!("a file was to be searched: {other:?}"),
    }
}

fn table(path: &Path) -> TableFacts {
    match run(TableJob::of_file(path.to_owned(), None, false)) {
        Ok(Product::Table(facts)) => facts,
        other => panic!("a table was to be read: {other:?}"),
    }
}

fn outlined(path: &Path) -> Outlined {
    match run(OutlineJob::of_file(path.to_owned())) {
        Ok(Product::Outline(outlined)) => outlined,
        other => panic!("JSON was to be read: {other:?}"),
    }
}

fn packed(way: &str, text: &[u8]) -> Vec<u8> {
    match way {
        "gzip" => {
            let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
            member.extend(miniz_oxide::deflate::compress_to_vec(text, 6));
            member.extend(crc32fast::hash(text).to_le_bytes());
            member.extend(u32::try_from(text.len()).expect("a short text").to_le_bytes());
            member
        }
        "zstd" => zstd::encode_all(text, 1).expect("memory"),
        "bzip2" => {
            let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            writer.write_all(text).expect("memory");
            writer.finish().expect("memory")
        }
        _ => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).expect("memory");
            writer.write_all(text).expect("memory");
            writer.finish().expect("memory")
        }
    }
}
