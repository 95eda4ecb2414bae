//! Saving what a file holds as another one, on the command line and in the window: unpacked, decoded, in another encoding,
//! with other line endings, all of it or a part; never over another file, and nothing is left of what was given up.
#![expect(clippy::disallowed_methods, reason = "files are made to be saved, and looked at")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::time::Duration;

use antifreeze::document::Save;
use antifreeze::jobs::JobError;
use antifreeze::work::Product;
use egui::{Key, Modifiers, Role};
use serde_json::Value;

use harness::{DEADLINE, Folder, start};
use program::{Ended, Running, antifreeze_after, run};
use screen::{choose, find, open, tells, the, until};

/// How soon a job that is cancelled is to be gone.
const AT_ONCE: Duration = Duration::from_secs(1);

#[test]
fn what_a_packed_file_holds_is_saved_as_it_is() {
    let folder = Folder::new();
    let text = (0..200_000).map(|number| format!("line {number}\n")).collect::<Vec<_>>().concat();
    fs::write(folder.path("a.log.zst"), zstd::encode_all(text.as_bytes(), 1).expect("memory")).unwrap();
    let facts = facts(&[&at(&folder, "a.log.zst"), &at(&folder, "b.log")]);
    assert_eq!(keys(&facts), ["bytes", "path", "replaced_characters", "seconds"]);
    assert_eq!((facts["bytes"].as_u64(), facts["replaced_characters"].as_u64()), (Some(text.len() as u64), Some(0)));
    assert_eq!(facts["path"].as_str(), Some(&*at(&folder, "b.log")));
    assert!(fs::read(folder.path("b.log")).unwrap() == text.as_bytes(), "it is another text");
}

#[test]
fn a_text_is_saved_in_another_encoding_and_with_other_line_endings() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "Größe\nMaß\r\n").unwrap();
    let saved = |name: &str, arguments: &[&str]| {
        facts(&[&[&*at(&folder, "a.txt"), &*at(&folder, name)][..], arguments].concat());
        fs::read(folder.path(name)).unwrap()
    };
    assert_eq!(saved("same", &[]), "Größe\nMaß\r\n".as_bytes());
    assert_eq!(saved("latin", &["--to-encoding", "latin1", "--endings", "lf"]), b"Gr\xf6\xdfe\nMa\xdf\n");
    assert_eq!(saved("bom", &["--to-encoding", "utf-8-bom"]), "\u{feff}Größe\nMaß\r\n".as_bytes());
    let units = "\u{feff}Größe\r\nMaß\r\n".encode_utf16();
    let wide = saved("wide", &["--to-encoding", "UTF-16 BE", "--endings", "crlf"]);
    assert_eq!(wide, units.flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    let back = facts(&[&at(&folder, "wide"), &at(&folder, "back"), "--endings", "lf"]);
    assert_eq!(back["bytes"].as_u64(), Some(13));
    assert_eq!(fs::read(folder.path("back")).unwrap(), "Größe\nMaß\n".as_bytes());
    fs::write(folder.path("mac.txt"), "one\rtwo\r").unwrap();
    for (name, arguments, expected) in
        [("kept", &[][..], "one\rtwo\r"), ("made", &["--endings", "crlf"], "one\r\ntwo\r\n")]
    {
        facts(&[&[&*at(&folder, "mac.txt"), &*at(&folder, name)][..], arguments].concat());
        assert_eq!(fs::read(folder.path(name)).unwrap(), expected.as_bytes());
    }
}

#[test]
fn a_character_that_the_encoding_lacks_is_an_error_that_names_its_line_unless_it_may_be_replaced() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "one\ntwo\n3 € and ж\n").unwrap();
    let (from, to) = (at(&folder, "a.txt"), at(&folder, "b.txt"));
    let arguments = [from.as_str(), &to, "--to-encoding", "windows-1252"];
    assert_failed(&save(&arguments), &["Line 3 holds “ж” (U+0436), which windows-1252 lacks", &from, "--lossy"]);
    assert_eq!(folder.names(), ["a.txt"], "something is left of it");
    let facts = facts(&[&arguments[..], &["--lossy"]].concat());
    assert_eq!(facts["replaced_characters"].as_u64(), Some(1));
    assert_eq!(fs::read(&to).unwrap(), b"one\ntwo\n3 \x80 and ?\n");
}

#[test]
fn bytes_that_are_no_text_stay_unless_they_are_to_be_encoded() {
    let folder = Folder::new();
    fs::write(folder.path("a.bin"), b"a\0\xff\n\xe2\x82").unwrap();
    let from = at(&folder, "a.bin");
    facts(&[&from, &at(&folder, "b.bin")]);
    assert_eq!(fs::read(folder.path("b.bin")).unwrap(), b"a\0\xff\n\xe2\x82");
    let error = save(&[&from, &at(&folder, "c.bin"), "--to-encoding", "UTF-8"]);
    assert_failed(&error, &["Line 1 holds bytes that are no text"]);
}

#[test]
fn lines_and_bytes_are_cut_out() {
    let folder = Folder::new();
    let text = (1..=50_000).map(|number| format!("{number:06}\n")).collect::<Vec<_>>().concat();
    fs::write(folder.path("a.txt"), &text).unwrap();
    let part = |name: &str, arguments: &[&str]| {
        facts(&[&[&*at(&folder, "a.txt"), &*at(&folder, name)][..], arguments].concat());
        fs::read_to_string(folder.path(name)).unwrap()
    };
    assert_eq!(part("lines", &["--from-line", "40000", "--to-line", "40001"]), "040000\n040001\n");
    assert_eq!(part("last", &["--from-line", "49999"]), "049999\n050000\n");
    assert_eq!(part("bytes", &["--from-byte", "280000", "--to-byte", "280010"]), "040001\n040");
    assert_eq!(part("end", &["--from-byte", "349997"]), "00\n");
    let to = at(&folder, "none");
    for (arguments, words) in
        [(["--from-line", "50001"], "ends before line 50,001"), (["--from-byte", "350000"], "ends before byte 350,000")]
    {
        assert_failed(&save(&[&[&*at(&folder, "a.txt"), &to][..], &arguments].concat()), &[words]);
    }
    let backwards = save(&[&at(&folder, "a.txt"), &to, "--from-line", "3", "--to-line", "2"]);
    assert_failed(&backwards, &["ends before it begins"]);
    let both = save(&[&at(&folder, "a.txt"), &to, "--from-line", "3", "--to-byte", "20"]);
    assert_eq!(both.code, Some(2), "{}", both.err);
}

#[test]
fn nothing_is_ever_overwritten_and_a_folder_gives_its_name() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "mine").unwrap();
    fs::create_dir(folder.path("out")).unwrap();
    let from = at(&folder, "a.txt");
    assert_failed(&save(&[&from, &from]), &["There is already a file"]);
    for name in ["a.txt", "a (1).txt"] {
        let facts = facts(&[&from, &at(&folder, "out")]);
        assert_eq!(facts["path"].as_str(), Some(&*at(&folder, &format!("out/{name}"))));
    }
    assert_eq!(fs::read_to_string(folder.path("a.txt")).unwrap(), "mine");
}

#[test]
fn a_file_that_may_not_become_so_large_is_an_error_and_leaves_nothing() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "line\n".repeat(100_000)).unwrap();
    let (from, to) = (at(&folder, "a.txt"), at(&folder, "b.txt"));
    let arguments = ["run", "--json", "save", from.as_str(), to.as_str()];
    let ended = Running::start(&mut antifreeze_after("ulimit -f 100", &arguments)).end();
    assert_failed(&ended, &["can not become larger"]);
    assert_eq!(folder.names(), ["a.txt"]);
}

#[test]
fn who_cancels_has_nothing_left_of_it() {
    let folder = Folder::new();
    File::create(folder.path("zeros")).and_then(|file| file.set_len(20 << 30)).unwrap();
    // It has one line, so that it is read to its end for the second one.
    let mut save = Save::new(folder.path("zeros"), folder.path("copy"));
    save.span.from_line = Some(2);
    let (mut session, id) = start(save);
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    session.cancel_within(AT_ONCE, id);
    assert_eq!(folder.names(), ["zeros"]);
}

#[test]
fn the_form_saves_what_is_selected_of_a_document_even_when_its_file_is_gone() {
    let folder = Folder::new();
    let downloads = Folder::new();
    let path = folder.path("a.txt");
    fs::write(&path, "one\ntwo\nthree\n").unwrap();
    let mut window = screen::window([1_200.0, 800.0], screen::start(&downloads.path("")));
    open(&mut window, &path);
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    until(&mut window, "it is counted", |window| tells(window, "3 lines"));
    fs::remove_file(&path).unwrap();
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form is open", |window| tells(window, "4 B from byte 0 on, of a.txt"));
    let field = "Save to (optional)";
    until(&mut window, "it asks where to", |window| the(window, Role::TextInput, field).is_focused());
    the(&window, Role::TextInput, field).set_text_value_accesskit("part.txt");
    until(&mut window, "it is typed", |window| value(window, field) == "part.txt");
    window.key_press(Key::Enter);
    until(&mut window, "it is saved and open", |window| find(window, Role::Document, "Text of part.txt").is_some());
    assert_eq!(fs::read_to_string(downloads.path("part.txt")).unwrap(), "one\n");
}

#[test]
fn the_form_saves_a_file_in_the_encoding_that_is_chosen() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "ß").unwrap();
    let mut window = screen::window([1_200.0, 800.0], screen::start(&folder.path("")));
    choose(&mut window, "another one", "Save what a file holds as another one…");
    window.key_press(Key::Enter);
    until(&mut window, "the form is open", |window| find(window, Role::TextInput, "Path").is_some());
    for (label, typed) in [("Path", at(&folder, "a.txt")), ("Save to (optional)", "b.txt".into())] {
        the(&window, Role::TextInput, label).set_text_value_accesskit(&typed);
        until(&mut window, label, |window| value(window, label) == typed);
    }
    screen::click(&mut window, Role::ComboBox, "Encoding");
    until(&mut window, "encodings are offered", |window| find(window, Role::Button, "UTF-16 LE").is_some());
    screen::click(&mut window, Role::Button, "UTF-16 LE");
    until(&mut window, "they are gone", |window| find(window, Role::Button, "UTF-16 LE").is_none());
    screen::click(&mut window, Role::Button, "Save");
    until(&mut window, "it is saved and open", |window| find(window, Role::Document, "Text of b.txt").is_some());
    assert_eq!(fs::read(folder.path("b.txt")).unwrap(), b"\xff\xfe\xdf\0");
}

#[test]
fn a_file_that_is_cut_short_while_it_is_saved_is_an_error_and_leaves_nothing() {
    let folder = Folder::new();
    let path = folder.path("zeros");
    File::create(&path).and_then(|file| file.set_len(20 << 30)).unwrap();
    let mut save = Save::new(path.clone(), folder.path("copy"));
    save.span.from_line = Some(2);
    let (mut session, id) = start(save);
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    File::options().write(true).open(&path).and_then(|file| file.set_len(1 << 20)).unwrap();
    let result: Result<Product, JobError> = session.result(id);
    assert!(result.unwrap_err().to_string().contains("cut short"));
    assert_eq!(folder.names(), ["zeros"]);
}

fn value(window: &screen::Window, field: &str) -> String {
    the(window, Role::TextInput, field).value().unwrap_or_default()
}

/// A name in a folder as a person would write it.
fn at(folder: &Folder, name: &str) -> String {
    folder.path(name).display().to_string()
}

/// Runs the job to its end.
fn save(arguments: &[&str]) -> Ended {
    run(&[&["run", "--json", "save"][..], arguments].concat())
}

/// The same, and what it told. Panics when it failed.
#[track_caller]
fn facts(arguments: &[&str]) -> Value {
    let ended = save(arguments);
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
    assert!(ended.err.starts_with("antifreeze: save: ") && ended.err.lines().count() > 1, "{}", ended.err);
    for words in said {
        assert!(ended.err.contains(words), "{words} is not in {}", ended.err);
    }
}
