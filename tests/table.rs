//! Tables without a window, as a person or a script meets them: what is told of the rows of a file, and how it is to be
//! read.
#![expect(clippy::disallowed_methods, reason = "files are made to be read as tables")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/program.rs"]
mod program;

use std::fs;
use std::path::Path;

use program::run;
use serde_json::Value;
use tempfile::TempDir;

/// What the program tells of a file with this content, told `more` beside its path.
fn facts(content: &[u8], more: &[&str]) -> Value {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("table");
    fs::write(&path, content).expect("a file");
    facts_of(&path, more)
}

fn facts_of(path: &Path, more: &[&str]) -> Value {
    let path = path.display().to_string();
    let ended = run(&[["run", "--json", "table", path.as_str()].as_slice(), more].concat());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    serde_json::from_str(&ended.out).expect("one JSON object")
}

fn rows_columns_and_ragged_rows(content: &str, more: &[&str]) -> (u64, u64, u64) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.csv");
    fs::write(&path, content).expect("a file");
    rows_columns_and_ragged_rows_at(&path, more)
}

fn rows_columns_and_ragged_rows_at(path: &Path, more: &[&str]) -> (u64, u64, u64) {
    let facts = facts_of(path, more);
    let number = |name: &str| facts.get(name).and_then(Value::as_u64).expect("a number");
    (number("rows"), number("columns"), number("ragged_rows"))
}

#[test]
fn rows_are_counted_without_the_header_and_newlines_between_quotes_end_none() {
    let facts = facts(b"name,note\r\nann,\"one\r\ntwo\"\r\nbob,\r\n", &[]);
    let mut keys: Vec<_> = facts.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["bytes", "columns", "ragged_rows", "rows", "seconds"]);
    assert_eq!((facts["rows"].as_u64(), facts["columns"].as_u64()), (Some(2), Some(2)));
    assert_eq!((facts["bytes"].as_u64(), facts["ragged_rows"].as_u64()), (Some(33), Some(0)));
}

#[test]
fn ragged_rows_are_rows_too_and_are_counted_apart() {
    assert_eq!(rows_columns_and_ragged_rows("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n", &[]), (4, 3, 2));
}

#[test]
fn how_the_file_is_written_is_told_from_it_or_by_hand() {
    assert_eq!(rows_columns_and_ragged_rows("a;b\n1;2\n", &[]), (1, 2, 0));
    assert_eq!(rows_columns_and_ragged_rows("a;b\n1;2\n", &["--no-header"]), (2, 2, 0));
    assert_eq!(rows_columns_and_ragged_rows("a;b\n1;2\n", &["--delimiter", ","]), (1, 1, 0));
    assert_eq!(rows_columns_and_ragged_rows("a\tb\n1\t2\n", &["--delimiter", "tab"]), (1, 2, 0));
    assert_eq!(rows_columns_and_ragged_rows("", &[]), (0, 0, 0));
}

#[test]
fn a_table_over_many_pages_is_counted_as_one_reader_counts_it() {
    let row = |n: u32| match n % 3 {
        0 => format!("{n},\"a note, over\nthree \"\"lines\"\"\n\",x\n"),
        1 => format!("{n},plain,y\n"),
        _ => format!("{n},5\" pipe,z\r\n"),
    };
    let rows = (0..60_000).map(row).collect::<Vec<_>>().concat();
    assert_eq!(rows_columns_and_ragged_rows(&format!("id,note,more\n{rows}"), &[]), (60_000, 3, 0));
}

#[test]
fn a_table_in_another_encoding_is_read_and_a_wrong_delimiter_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("utf-16.csv");
    let text: Vec<u8> = "a,b\n\"1\n2\",ü\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&path, [b"\xff\xfe".as_slice(), &text].concat()).expect("a file");
    assert_eq!(rows_columns_and_ragged_rows_at(&path, &[]), (1, 2, 0));
    let path = path.display().to_string();
    let ended = run(&["run", "table", &path, "--delimiter", "ab"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("is no delimiter"), "{}", ended.err);
}
