//! The outline of a file of JSON: counted and checked without a window, and looked at node by node while and after it
//! is read, through pages that come when they are asked for.
#![expect(clippy::disallowed_methods, reason = "files are made to be looked at")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;

use std::fs;
use std::time::Duration;

use antifreeze::document::{Document, Found, NodeKind, Nodes, Open, Outline};
use antifreeze::source::ByteOffset;
use serde_json::Value;

use harness::{Folder, Session, failure};
use program::{DEADLINE, run, wait_for};

/// A hundred thousand records, one a line.
fn records() -> String {
    let record = |n: u32| format!("{{\"id\": {n}, \"tags\": [\"a\", \"b]\"], \"of\": {{\"name\": \"number {n}\"}}}}\n");
    (0..100_000).map(record).collect()
}

/// A file of this text, opened, and what is to be kept for as long as it is looked at.
fn opened(text: &str) -> (Document, Session, Folder) {
    let folder = Folder::new();
    fs::write(folder.path("a.json"), text).expect("a file");
    let (open, document) = Open::new(folder.path("a.json"));
    let mut session = Session::new();
    let id = session.submit(open);
    session.result(id).expect("it can be opened");
    (document, session, folder)
}

/// Asks again and again until the pages are there that tell it.
fn here<T>(document: &Document, outline: &Outline, ask: impl Fn(&Nodes<'_>) -> Found<T>) -> T {
    wait_for(DEADLINE, "it is told", || document.look_at_outline(outline, &ask)?.here())
}

#[test]
fn values_and_depth_are_counted_and_told_as_one_json_object() {
    let folder = Folder::new();
    fs::write(folder.path("a.jsonl"), records()).expect("a file");
    let path = folder.path("a.jsonl").display().to_string();
    let ended = run(&["run", "--json", "outline", &path]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let facts: Value = serde_json::from_str(&ended.out).expect("an object");
    assert_eq!((facts["values"].as_u64(), facts["depth"].as_u64()), (Some(700_000), Some(2)));
    assert_eq!(facts["bytes"].as_u64(), Some(records().len() as u64));
    assert!(facts["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0 && seconds < 60.0), "{facts}");
}

#[test]
fn what_is_no_json_fails_with_the_place_and_the_reason() {
    let folder = Folder::new();
    let path = folder.path("a.json").display().to_string();
    fs::write(&path, "{\n  \"a\": [1, 2 3]\n}").expect("a file");
    let ended = run(&["run", "--json", "outline", &path]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    let told = "This is no JSON from line 2, column 14 (byte 15) on: a comma or ] was expected here, in ";
    assert!(ended.err.contains(&format!("{told}{path}")), "{}", ended.err);
    assert!(ended.err.contains("Mend the file there"), "no advice: {}", ended.err);
    fs::write(&path, b"\xff\xfe[\0]\0").expect("a file");
    let ended = run(&["run", "outline", &path]);
    assert_eq!(ended.code, Some(0), "UTF-16 is text as well: {}", ended.err);
}

#[test]
fn a_value_far_into_a_file_is_found_by_its_place() {
    let text = records();
    let (document, mut session, _folder) = opened(&text);
    let (job, outline) = document.outline();
    let id = session.submit(job);
    session.result(id).expect("it is JSON");
    assert!(outline.surveyed().complete);
    let place = text.find("\"number 77777\"").expect("it is there") as u64;
    let record = here(&document, &outline, |nodes| nodes.top_around(ByteOffset(place))).expect("a value");
    assert_eq!(here(&document, &outline, |nodes| nodes.index_of(&record, None)), 77_777);
    let of = here(&document, &outline, |nodes| nodes.child_before(&record, ByteOffset(place))).expect("a member");
    assert_eq!((of.kind, of.member), (NodeKind::Object, true));
    let name = here(&document, &outline, |nodes| nodes.first_child(&of)).expect("a member");
    assert_eq!(name.value, ByteOffset(place));
    let preview = here(&document, &outline, |nodes| nodes.preview(&name, None, 100));
    assert_eq!((preview.bytes.as_slice(), preview.whole), (b"\"number 77777\"".as_slice(), true));
    assert_eq!(here(&document, &outline, |nodes| nodes.parent(&name)), Some(of));
    let last = here(&document, &outline, |nodes| nodes.top_around(ByteOffset(u64::MAX))).expect("a value");
    assert_eq!(here(&document, &outline, |nodes| nodes.index_of(&last, None)), 99_999);
}

#[test]
fn an_outline_that_breaks_shows_what_comes_before() {
    let (document, mut session, _folder) = opened(&format!("{}[1,]", records()));
    let (job, outline) = document.outline();
    let id = session.submit(job);
    let result = session.result(id);
    assert!(failure(&result).to_string().contains("a value was expected here"), "{result:?}");
    let broken = outline.surveyed().broken.expect("a place");
    assert_eq!((broken.at, broken.line, broken.column), (ByteOffset(records().len() as u64 + 3), 100_001, 4));
    let last = here(&document, &outline, |nodes| nodes.top_around(broken.at)).expect("a value");
    let only = here(&document, &outline, |nodes| nodes.first_child(&last)).expect("a value");
    assert_eq!((last.kind, only.kind), (NodeKind::Array, NodeKind::Number));
    assert_eq!(here(&document, &outline, |nodes| nodes.next_sibling(&only)), None);
}

#[test]
fn a_reading_that_nobody_wants_any_more_ends() {
    let (document, mut session, _folder) = opened("[]");
    let (job, outline) = document.outline();
    drop(outline);
    let id = session.submit(job);
    session.wait("it ends", Duration::from_secs(10), |session| session.job(id).status().ended());
    assert!(session.result(id).is_err());
}
