//! Cutting a file in parts, on the command line and in the window: of so many bytes or lines, each whole under its name, all
//! together what the file holds; what is finished when the job is stopped stays, and is told of.
#![expect(clippy::disallowed_methods, reason = "files are made to be cut, and looked at")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};

use antifreeze::document::{Reading, Split};
use antifreeze::jobs::JobError;
use antifreeze::units;
use antifreeze::work::Product;
use egui::{Key, Role};
use serde_json::Value;

use harness::{DEADLINE, Folder, start};
use program::{Ended, run};
use screen::{choose, find, tells, the, until};

#[test]
fn parts_end_with_a_line_and_are_together_what_the_file_holds() {
    let (folder, text) = lines(100_000);
    let facts = facts(&["--bytes", "300kB", &at(&folder, "a.log"), "-o", &at(&folder, "out")]);
    assert_eq!(keys(&facts), ["bytes", "folder", "parts", "seconds"]);
    assert_eq!((facts["parts"].as_u64(), facts["bytes"].as_u64()), (Some(4), Some(text.len() as u64)));
    assert_eq!(facts["folder"].as_str(), Some(&*at(&folder, "out")));
    let parts = parts(&folder);
    assert_eq!(
        parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["a.001.log", "a.002.log", "a.003.log", "a.004.log"]
    );
    assert!(parts.iter().all(|(_, part)| part.len() <= 300_000 && part.ends_with('\n')));
    assert_eq!(parts.iter().filter(|(_, part)| part.len() > 299_980).count(), 3, "parts have room for another line");
    assert!(parts.into_iter().map(|(_, part)| part).collect::<String>() == text, "they are another text");
}

#[test]
fn parts_have_so_many_lines_or_just_so_many_bytes() {
    let (folder, text) = lines(10);
    let (from, out) = (at(&folder, "a.log"), at(&folder, "out"));
    assert_eq!(facts(&["--lines", "4", &from, "-o", &out])["parts"].as_u64(), Some(3));
    let all = parts(&folder);
    assert_eq!(all.iter().map(|(_, part)| part.lines().count()).collect::<Vec<_>>(), [4, 4, 2]);
    assert!(all.into_iter().map(|(_, part)| part).collect::<String>() == text, "they are another text");
    fs::remove_dir_all(&out).and_then(|()| fs::create_dir(&out)).unwrap();
    assert_eq!(facts(&["--bytes", "30", "--exact", &from, "-o", &out])["parts"].as_u64(), Some(3));
    let all = parts(&folder);
    assert_eq!(all.iter().map(|(_, part)| part.len()).collect::<Vec<_>>(), [30, 30, 10]);
}

#[test]
fn what_is_packed_is_unpacked_and_text_stays_in_its_encoding() {
    let folder = Folder::new();
    fs::create_dir(folder.path("out")).unwrap();
    let latin = b"Gr\xf6\xdfe\nMa\xdf\n".repeat(2);
    fs::write(folder.path("a.log.zst"), zstd::encode_all(latin.as_slice(), 1).expect("memory")).unwrap();
    facts(&["--lines", "2", &at(&folder, "a.log.zst"), "-o", &at(&folder, "out")]);
    for name in ["a.001.log", "a.002.log"] {
        assert_eq!(fs::read(folder.path("out").join(name)).unwrap(), b"Gr\xf6\xdfe\nMa\xdf\n");
    }
}

#[test]
fn an_empty_file_has_no_parts() {
    let (folder, _) = lines(0);
    assert_eq!(facts(&["--lines", "1", &at(&folder, "a.log"), "-o", &at(&folder, "out")])["parts"].as_u64(), Some(0));
    assert!(parts(&folder).is_empty());
}

#[test]
fn a_size_has_to_be_said_and_no_part_overwrites_a_file() {
    let (folder, _) = lines(10);
    let (from, out) = (at(&folder, "a.log"), at(&folder, "out"));
    for arguments in [&["--lines", "9", "--exact"][..], &["--bytes", "9", "--lines", "9"], &[]] {
        let ended = split(&[arguments, &[from.as_str()]].concat());
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}");
    }
    assert_failed(&split(&["--bytes", "0", &from, "-o", &out]), &["Parts of no size"]);
    fs::write(folder.path("out/a.002.log"), "mine").unwrap();
    let ended = split(&["--lines", "4", &from, "-o", &out]);
    let stays = format!("1 finished part stays in {out}");
    assert_failed(&ended, &["There is already a file", "a.002.log", &stays, "the parts have to go"]);
    assert_eq!(fs::read_to_string(folder.path("out/a.002.log")).unwrap(), "mine");
    assert_eq!(parts(&folder).len(), 2, "the unfinished part is gone");
}

#[test]
fn so_many_parts_that_nobody_can_want_them_are_refused_before_there_is_one() {
    let folder = Folder::new();
    File::create(folder.path("a.log")).and_then(|file| file.set_len(1_000_000)).unwrap();
    let ended = split(&["--bytes", "9", &at(&folder, "a.log"), "-o", &at(&folder, "")]);
    assert_failed(&ended, &["more than 99,999 parts"]);
    assert_eq!(folder.names(), ["a.log"]);
}

#[test]
fn who_cancels_keeps_the_parts_that_are_finished_and_is_told_so() {
    let folder = Folder::new();
    fs::create_dir(folder.path("out")).unwrap();
    File::create(folder.path("zeros")).and_then(|file| file.set_len(1_000_000_000)).unwrap();
    let (path, output) = (folder.path("zeros"), Some(folder.path("out")));
    let reading = Reading::default();
    let (mut session, id) = start(Split { path, output, reading, bytes: Some(100_000), lines: None, exact: true });
    session.wait("a part is finished", DEADLINE, |_| folder.path("out").join("zeros.001").is_file());
    session.engine().cancel(id);
    session.wait("it has stopped", DEADLINE, |session| {
        matches!(session.job(id).result(), Some(Err(JobError::CancelledPartly(_))))
    });
    let error = session.result(id).unwrap_err();
    let finished = fs::read_dir(folder.path("out")).unwrap().count() as u64;
    let told = format!("Cancelled. {} stay", units::count(finished, "finished part"));
    assert!(error.to_string().starts_with(&told), "{error}, but there are {finished}");
    assert!(error.to_string().ends_with(&at(&folder, "out")), "{error}");
    assert!(error.advice().contains("nothing is ever overwritten"), "{}", error.advice());
    for entry in fs::read_dir(folder.path("out")).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().len(), 100_000, "a part is not whole");
    }
}

#[test]
fn the_form_cuts_a_file_and_says_on_its_card_where_the_parts_are() {
    let (folder, _) = lines(10);
    let downloads = Folder::new();
    let mut window = screen::window([1_200.0, 800.0], screen::start(&downloads.path("")));
    choose(&mut window, "parts", "Cut a file in parts…");
    window.key_press(Key::Enter);
    until(&mut window, "the form is open", |window| find(window, Role::TextInput, "Path").is_some());
    screen::click(&mut window, Role::RadioButton, "lines");
    for (label, typed) in [("Path", at(&folder, "a.log")), ("Size of a part", "4".into())] {
        the(&window, Role::TextInput, label).set_text_value_accesskit(&typed);
        until(&mut window, label, |window| {
            the(window, Role::TextInput, label).value().as_deref() == Some(typed.as_str())
        });
    }
    screen::click(&mut window, Role::Button, "Cut");
    let card = format!("Parts of a.log, 3 parts in {}", downloads.path("").display());
    until(&mut window, "it is done", |window| tells(window, &card));
    assert_eq!(downloads.names(), ["a.001.log", "a.002.log", "a.003.log"]);
}

#[test]
fn a_job_that_is_run_on_the_ui_thread_cuts_the_same() {
    let (folder, _) = lines(10);
    let (path, output) = (folder.path("a.log"), Some(folder.path("out")));
    let split = Split { path, output, reading: Reading::default(), bytes: None, lines: Some(4), exact: false };
    let Ok(Product::Split(told)) = harness::run_blocking(split) else { panic!("it was to succeed") };
    assert_eq!((told.parts, parts(&folder).len()), (3, 3));
}

/// A folder with a log of so many lines, and an empty one in it for its parts; and the log.
fn lines(count: u32) -> (Folder, String) {
    let folder = Folder::new();
    let text = (0..count).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat();
    fs::write(folder.path("a.log"), &text).expect("a file");
    fs::create_dir(folder.path("out")).expect("a folder");
    (folder, text)
}

/// The parts in the folder for them, each with its name.
fn parts(folder: &Folder) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder.path("out")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let name = |path: &std::path::Path| path.file_name().expect("a name").display().to_string();
    let mut parts: Vec<_> = paths.map(|path| (name(&path), fs::read_to_string(&path).expect("text"))).collect();
    parts.sort();
    parts
}

/// A name in a folder as a person would write it.
fn at(folder: &Folder, name: &str) -> String {
    folder.path(name).display().to_string()
}

/// Runs the job to its end.
fn split(arguments: &[&str]) -> Ended {
    run(&[&["run", "--json", "split"][..], arguments].concat())
}

/// The same, and what it told. Panics when it failed.
#[track_caller]
fn facts(arguments: &[&str]) -> Value {
    let ended = split(arguments);
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
    assert!(ended.err.starts_with("antifreeze: split: ") && ended.err.lines().count() > 1, "{}", ended.err);
    for words in said {
        assert!(ended.err.contains(words), "{words} is not in {}", ended.err);
    }
}
