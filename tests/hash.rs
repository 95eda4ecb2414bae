//! Hashing a file, on the command line and in the window: the digest by each algorithm, what is expected told from what
//! is not, and a safe end when the file changes or nobody wants it any more.
#![expect(clippy::disallowed_methods, reason = "files are made to be hashed")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use antifreeze::document::{Algorithm, Hash};
use egui::{Key, Role};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use harness::{DEADLINE, Folder, start};
use program::{Ended, run};
use screen::{choose, find, tells, the, until};

/// The digests of "abc" as they are published.
const ABC: [(&str, &str); 5] = [
    ("blake3", "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
    ("sha256", SHA256_OF_ABC),
    ("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("md5", "900150983cd24fb0d6963f7d28e17f72"),
    ("crc32", "352441c2"),
];
const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SHA256_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// How soon a hash that is cancelled is to be gone.
const AT_ONCE: Duration = Duration::from_secs(1);

#[test]
fn the_digest_of_a_file_is_told_by_each_algorithm() {
    let (_folder, path) = abc("abc.txt");
    for (algorithm, digest) in ABC {
        let facts = facts(&["--algorithm", algorithm, &path]);
        assert_eq!(keys(&facts), ["bytes", "digest", "seconds"]);
        assert_eq!((facts["digest"].as_str(), facts["bytes"].as_u64()), (Some(digest), Some(3)), "{algorithm}");
        let expected = facts_of(&hash(&["--algorithm", algorithm, "--expect", digest, &path]));
        assert_eq!(expected["verified"].as_bool(), Some(true), "{algorithm}");
    }
    assert_eq!(facts(&[&path])["digest"].as_str(), Some(SHA256_OF_ABC), "SHA-256 unless another is asked for");
}

#[test]
fn a_file_of_many_blocks_and_an_empty_one_are_hashed_whole() {
    let folder = Folder::new();
    let content: Vec<u8> = (0..300_001_u32).map(|number| number.to_le_bytes()[0]).collect();
    fs::write(folder.path("long"), &content).unwrap();
    fs::write(folder.path("empty"), "").unwrap();
    let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let long = facts(&[&at(&folder, "long")]);
    assert_eq!((long["digest"].as_str(), long["bytes"].as_u64()), (Some(&*sha256), Some(300_001)));
    let empty = facts(&[&at(&folder, "empty")]);
    assert_eq!((empty["digest"].as_str(), empty["bytes"].as_u64()), (Some(SHA256_OF_NOTHING), Some(0)));
}

#[test]
fn a_value_that_is_expected_is_taken_as_people_copy_it() {
    let (_folder, path) = abc("abc.txt");
    for value in [
        format!("  {} ", SHA256_OF_ABC.to_uppercase()),
        format!("{SHA256_OF_ABC}  its name elsewhere.txt"),
        format!("{SHA256_OF_ABC} *abc.txt"),
        format!("SHA256 (abc.txt) = {SHA256_OF_ABC}"),
        format!("\\{SHA256_OF_ABC}  back\\\\slash"),
    ] {
        let facts = facts(&["--expect", &value, &path]);
        assert_eq!(keys(&facts), ["bytes", "digest", "seconds", "verified"]);
        assert_eq!(facts["verified"].as_bool(), Some(true), "{value}");
    }
    let ended = run(&["run", "hash", "--expect", SHA256_OF_ABC, &path]);
    let line = ended.out.lines().find(|line| line.starts_with("verified")).expect("a line for it");
    assert!(line.ends_with(" true"), "{line}");
}

#[test]
fn another_digest_than_the_expected_one_is_a_failure_that_names_both() {
    let (_folder, path) = abc("abc.txt");
    let ended = hash(&["--expect", SHA256_OF_NOTHING, &path]);
    assert_failed(&ended, &[SHA256_OF_ABC, SHA256_OF_NOTHING, &path, "Get the file again", "BLAKE3"]);
}

#[test]
fn a_value_that_can_not_be_one_of_the_algorithm_is_refused_before_anything_is_read() {
    let folder = Folder::new();
    let missing = at(&folder, "missing");
    for (value, words) in [
        ("a9993e364706816aba3e25717850c26c9cd0d89d", "The value has 40 digits, as one of SHA-1 has"),
        ("abc", "The value has 3 digits, but one of SHA-256 has 64"),
        (&format!("BLAKE3 (abc.txt) = {SHA256_OF_ABC}"), "The value is one of BLAKE3, not of SHA-256"),
        ("no value", "This is no value in hexadecimal"),
    ] {
        let ended = hash(&["--expect", value, &missing]);
        assert_failed(&ended, &[words]);
        assert!(!ended.err.contains("There is no file"), "it was read before: {}", ended.err);
    }
    assert_failed(&hash(&["--expect", SHA256_OF_ABC, &missing]), &["There is no file", "Check the path"]);
}

#[test]
fn the_value_in_a_list_of_checksums_is_found_by_the_name_of_the_file() {
    for (name, line) in [
        ("abc.txt", format!("{SHA256_OF_ABC}  abc.txt")),
        ("a b (new).txt", format!("{SHA256_OF_ABC} *./a b (new).txt")),
        ("a b (new).txt", format!("SHA256 (a b (new).txt) = {}", SHA256_OF_ABC.to_uppercase())),
        ("back\\slash", format!("\\{SHA256_OF_ABC}  back\\\\slash")),
    ] {
        let (folder, path) = abc(name);
        let others = format!("{SHA256_OF_NOTHING}  other\nMD5 ({name}) = 900150983cd24fb0d6963f7d28e17f72\n");
        fs::write(folder.path("SHA256SUMS"), format!("{others}{line}\r\n")).unwrap();
        let facts = facts(&["--sums", &at(&folder, "SHA256SUMS"), &path]);
        assert_eq!(facts["verified"].as_bool(), Some(true), "{line}");
    }
}

#[test]
fn a_list_of_checksums_that_does_not_tell_the_value_is_an_error_that_says_why() {
    let (folder, path) = abc("abc.txt");
    let list = at(&folder, "SUMS");
    for (text, words) in [
        (format!("{SHA256_OF_ABC}  other.txt\n"), "There is no line for abc.txt"),
        (format!("{SHA256_OF_ABC}  abc.txt\n{SHA256_OF_NOTHING}  abc.txt\n"), "several values for abc.txt"),
        ("352441c2  abc.txt\n".to_owned(), "The value has 8 digits, as one of CRC-32 has"),
        (format!("{SHA256_OF_NOTHING}  abc.txt\n"), SHA256_OF_ABC),
    ] {
        fs::write(&list, text).unwrap();
        assert_failed(&hash(&["--sums", &list, &path]), &[words]);
    }
    File::create(&list).and_then(|file| file.set_len(16_000_001)).unwrap();
    assert_failed(&hash(&["--sums", &list, &path]), &["16 MB at most", &list]);
    fs::remove_file(&list).unwrap();
    assert_failed(&hash(&["--sums", &list, &path]), &["There is no file", &list]);
}

#[test]
fn to_expect_a_value_and_that_of_a_list_is_wrong_use() {
    let (folder, path) = abc("abc.txt");
    let ended = hash(&["--expect", SHA256_OF_ABC, "--sums", &at(&folder, "SUMS"), &path]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{}", ended.err);
}

#[test]
fn a_file_that_is_cut_short_while_it_is_hashed_is_an_error_that_says_so() {
    let folder = Folder::new();
    let path = sparse(&folder, 20 << 30);
    let (mut session, id) = start(sha256_of(&path));
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    File::options().write(true).open(&path).and_then(|file| file.set_len(1 << 20)).unwrap();
    let error = session.result(id).unwrap_err();
    assert!(error.to_string().contains("cut short to 1,048,576 bytes") && !error.advice().is_empty(), "{error}");
}

#[test]
fn a_hash_that_is_cancelled_ends_at_once() {
    let folder = Folder::new();
    let (mut session, id) = start(sha256_of(&sparse(&folder, 20 << 30)));
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    session.cancel_within(AT_ONCE, id);
}

#[test]
fn the_form_verifies_a_file_and_says_so_on_its_card() {
    let (folder, path) = abc("abc.txt");
    let mut window = screen::window([1_200.0, 800.0], screen::start(&folder.path("")));
    choose(&mut window, "checksum", "Hash a file or verify it…");
    window.key_press(Key::Enter);
    until(&mut window, "the form is open", |window| find(window, Role::TextInput, "Path").is_some());
    let expected = "Expected value or a line of a *SUMS file (optional)";
    for (label, value) in [("Path", path.as_str()), (expected, SHA256_OF_ABC)] {
        the(&window, Role::TextInput, label).set_text_value_accesskit(value);
        until(&mut window, label, |window| the(window, Role::TextInput, label).value().as_deref() == Some(value));
    }
    window.key_press(Key::Enter);
    until(&mut window, "it is verified", |window| tells(window, "SHA-256 of abc.txt, Verified"));
}

/// A file of this name that holds "abc", in a folder of its own.
fn abc(name: &str) -> (Folder, String) {
    let folder = Folder::new();
    fs::write(folder.path(name), "abc").expect("a file");
    let path = at(&folder, name);
    (folder, path)
}

/// A file of so many zeros, which take no room on the disk.
fn sparse(folder: &Folder, bytes: u64) -> PathBuf {
    let path = folder.path("zeros");
    File::create(&path).and_then(|file| file.set_len(bytes)).expect("a long file");
    path
}

fn sha256_of(path: &Path) -> Hash {
    Hash { path: path.to_owned(), algorithm: Algorithm::Sha256, expect: None, sums: None }
}

/// A name in a folder as a person would write it.
fn at(folder: &Folder, name: &str) -> String {
    folder.path(name).display().to_string()
}

/// Runs the job to its end.
fn hash(arguments: &[&str]) -> Ended {
    run(&[&["run", "--json", "hash"][..], arguments].concat())
}

/// The same, and what it told. Panics when it failed.
#[track_caller]
fn facts(arguments: &[&str]) -> Value {
    facts_of(&hash(arguments))
}

#[track_caller]
fn facts_of(ended: &Ended) -> Value {
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    serde_json::from_str(&ended.out).expect("one JSON object")
}

/// The keys of an object, sorted.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Asserts that the job failed, and that it said all of this, with advice on a line of its own.
#[track_caller]
fn assert_failed(ended: &Ended, said: &[&str]) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
    assert!(ended.err.starts_with("antifreeze: hash: ") && ended.err.lines().count() > 1, "{}", ended.err);
    for words in said {
        assert!(ended.err.contains(words), "{words} is not in {}", ended.err);
    }
}
