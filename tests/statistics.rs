//! Counting what a text has, on the command line and in the window: lines, words, characters, the longest line, how lines
//! end, and the values of a column; of packed files and other encodings as of plain ones.
#![expect(clippy::disallowed_methods, reason = "files are made to be counted")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::time::Duration;

use antifreeze::document::Statistics;
use egui::{Key, Role};
use serde_json::Value;

use harness::{DEADLINE, Folder, start};
use program::{Ended, run};
use screen::{choose, find, tells, the, until};

/// How soon a job that is cancelled is to be gone.
const AT_ONCE: Duration = Duration::from_secs(1);

#[test]
fn what_a_text_has_is_told_as_one_json_object() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "one two\r\n\nthree, the longest\n\r\nfür\u{3000}vier\rfünf").unwrap();
    let facts = facts(&[&at(&folder, "a.txt")]);
    let expected = [
        ("bytes", 48),
        ("lines", 5),
        ("words", 8),
        ("characters", 44),
        ("longest_line", 3),
        ("longest_line_bytes", 18),
        ("empty_lines", 2),
        ("lf_endings", 2),
        ("crlf_endings", 2),
        ("cr_endings", 1),
        ("invalid_bytes", 0),
    ];
    for (name, number) in expected {
        assert_eq!(facts[name].as_u64(), Some(number), "{name} of {facts}");
    }
    assert_eq!((facts["line_endings"].as_str(), facts["encoding"].as_str()), (Some("mixed"), Some("UTF-8")));
    let others = ["encoding", "line_endings", "seconds"];
    let mut names: Vec<_> = expected.into_iter().map(|(name, _)| name).chain(others).collect();
    names.sort_unstable();
    assert_eq!(keys(&facts), names);
}

#[test]
fn a_large_text_is_counted_as_its_lines_are_by_hand() {
    let folder = Folder::new();
    let line = |number: usize| format!("{number} {}\n", "word ".repeat(number % 17));
    let text: String = (0..100_000).map(line).collect();
    fs::write(folder.path("a.txt"), &text).unwrap();
    fs::write(folder.path("a.zst"), zstd::encode_all(text.as_bytes(), 1).expect("memory")).unwrap();
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path("a.utf16"), [b"\xff\xfe".as_slice(), &utf_16].concat()).unwrap();
    let longest = text.lines().map(str::len).max().expect("lines") as u64;
    let number = text.lines().position(|line| line.len() as u64 == longest).expect("a line") as u64 + 1;
    for name in ["a.txt", "a.zst", "a.utf16"] {
        let facts = facts(&[&at(&folder, name)]);
        let told =
            ["lines", "words", "characters", "longest_line_bytes", "longest_line"].map(|name| facts[name].as_u64());
        let words = text.split_whitespace().count() as u64;
        assert_eq!(told, [100_000, words, text.len() as u64, longest, number].map(Some), "{name}");
        assert_eq!(facts["line_endings"].as_str(), Some("LF"));
    }
}

#[test]
fn an_empty_file_has_no_longest_line() {
    let folder = Folder::new();
    fs::write(folder.path("empty"), "").unwrap();
    let facts = facts(&[&at(&folder, "empty")]);
    assert!(facts["longest_line"].is_null(), "{facts}");
    assert_eq!((facts["lines"].as_u64(), facts["line_endings"].as_str()), (Some(0), Some("none")));
}

#[test]
fn bytes_that_are_no_text_are_counted_by_themselves() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), [b"gr\xc3\xb6\xc3\x9fe ".repeat(1_000).as_slice(), b"\xff\xfe\n"].concat())
        .unwrap();
    let facts = facts(&[&at(&folder, "a.txt")]);
    assert_eq!((facts["invalid_bytes"].as_u64(), facts["characters"].as_u64()), (Some(2), Some(6_001)));
    assert_eq!(facts["encoding"].as_str(), Some("not UTF-8"));
}

#[test]
fn distinct_values_of_a_column_are_counted_exactly_and_too_many_are_estimated() {
    let folder = Folder::new();
    let row = |number: u32| format!("{number},\"a, {}\",{}\r\n", number % 100, number % 7);
    let rows: String = (0..1_000).map(row).collect();
    fs::write(folder.path("a.csv"), format!("\u{feff}\"id\",name,day\r\n{rows}")).unwrap();
    let path = at(&folder, "a.csv");
    for (column, distinct) in [("1", 1_000), ("2", 100), ("3", 7)] {
        let facts = facts(&["--column", column, "--header", &path]);
        assert_eq!(facts["distinct_values"].as_u64(), Some(distinct), "of column {column}");
        assert_eq!(facts["column_values"].as_u64(), Some(1_000));
        assert!(facts["distinct_error_percent"].is_null(), "{facts}");
    }
    assert_eq!(facts(&["--column", "3", &path])["distinct_values"].as_u64(), Some(8), "its name is a value too");
    let rows = (0..2_500_000_u32).map(|number| format!("{number}\t{}\n", number % 3)).collect::<Vec<_>>().concat();
    fs::write(folder.path("b.tsv"), rows).unwrap();
    let facts = facts(&["--column", "1", &at(&folder, "b.tsv")]);
    let distinct = facts["distinct_values"].as_u64().expect("a number");
    assert!(distinct.abs_diff(2_500_000) < 2_500_000 / 50, "{facts}");
    assert_eq!(facts["distinct_error_percent"].as_f64(), Some(0.8125));
}

#[test]
fn what_is_no_column_and_no_delimiter_is_wrong_use() {
    let folder = Folder::new();
    fs::write(folder.path("a.csv"), "a;b\n").unwrap();
    let path = at(&folder, "a.csv");
    for arguments in
        [&["--column", "0"][..], &["--column", "1", "--delimiter", ";;"], &["--delimiter", ";"], &["--header"]]
    {
        let ended = statistics(&[arguments, &[path.as_str()]].concat());
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}: {}", ended.err);
    }
    let facts = facts(&["--column", "2", "--delimiter", ";", &path]);
    assert_eq!(facts["distinct_values"].as_u64(), Some(1));
}

#[test]
fn a_count_that_is_cancelled_ends_at_once() {
    let folder = Folder::new();
    File::create(folder.path("zeros")).and_then(|file| file.set_len(40 << 30)).unwrap();
    let (mut session, id) = start(Statistics::of(folder.path("zeros")));
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    session.cancel_within(AT_ONCE, id);
}

#[test]
fn the_form_counts_a_file_and_says_so_on_its_card() {
    let folder = Folder::new();
    fs::write(folder.path("a.csv"), "id,name\n1,x\n2,x\n").unwrap();
    let mut window = screen::window([1_200.0, 800.0], screen::start(&folder.path("")));
    choose(&mut window, "statistics", "Count the lines, words and values of a file…");
    window.key_press(Key::Enter);
    until(&mut window, "the form is open", |window| find(window, Role::TextInput, "Path").is_some());
    for (label, typed) in [("Path", at(&folder, "a.csv")), ("Column", "2".into())] {
        the(&window, Role::TextInput, label).set_text_value_accesskit(&typed);
        until(&mut window, label, |window| {
            the(window, Role::TextInput, label).value().as_deref() == Some(typed.as_str())
        });
    }
    screen::click(&mut window, Role::CheckBox, "The first row holds the names of the columns");
    screen::click(&mut window, Role::Button, "Count");
    until(&mut window, "it is counted", |window| tells(window, "Statistics of a.csv, 1 distinct value · 3 lines"));
}

/// A name in a folder as a person would write it.
fn at(folder: &Folder, name: &str) -> String {
    folder.path(name).display().to_string()
}

/// Runs the job to its end.
fn statistics(arguments: &[&str]) -> Ended {
    run(&[&["run", "--json", "statistics"][..], arguments].concat())
}

/// The same, and what it told. Panics when it failed.
#[track_caller]
fn facts(arguments: &[&str]) -> Value {
    let ended = statistics(arguments);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    serde_json::from_str(&ended.out).expect("one JSON object")
}

/// The keys of an object, sorted.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
