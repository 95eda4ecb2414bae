//! A file that is changed while it is looked at: it is said what happened, from which byte on and when, the place is marked,
//! and what is read again is shown at the same place.
#![expect(clippy::disallowed_methods, reason = "files are made and changed to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use egui::{Key, Modifiers, Role};
use screen::{Window, ask_where, choose, click, find, is_on, names, open, tells, the, until};
use tempfile::TempDir;

const FOLLOW: &str = "Follow the end of the file";
/// The length of a line, with its newline.
const LINE_BYTES: u64 = 18;

#[test]
fn a_file_that_is_written_over_in_place_is_told_with_the_byte_and_the_line_is_marked() {
    let (mut window, _folder, path) = opened(500);
    let at = 100 * LINE_BYTES;
    write_at(&path, at, b"A LINE");
    until(&mut window, "it is told", |window| tells(window, "Changed after byte 1,800, at "));
    until(&mut window, "it can be read again", |window| find(window, Role::Button, "Reload").is_some());
    assert!(has_mark(&window, "Changed after byte 1,800, at "), "{}", names(&window));
    reload(&mut window);
    until(&mut window, "it is read again", |window| !tells(window, "what is shown from there on is new"));
    until(&mut window, "the place stays marked", |window| has_mark(window, "Changed after byte 1,800, at "));
    assert_eq!(window.unnamed_widgets(), [""; 0]);
}

#[test]
fn what_is_written_with_the_same_bytes_is_no_change() {
    let (mut window, _folder, path) = opened(100);
    write_at(&path, 0, lines(100).as_bytes());
    let ended = Instant::now() + Duration::from_secs(3);
    until(&mut window, "it was looked at more than once", |_| Instant::now() > ended);
    assert!(find(&window, Role::Button, "Reload").is_none(), "{}", names(&window));
}

#[test]
fn a_file_that_is_written_over_with_its_old_time_is_told_too() {
    let (mut window, _folder, path) = opened(100);
    let file = File::options().write(true).open(&path).expect("the file");
    let before = file.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    file.write_all_at(b"ANOTHER", 36).expect("other bytes");
    file.set_modified(before).expect("an old time");
    until(&mut window, "it is told", |window| tells(window, "Changed after byte 36, at "));
}

#[test]
fn a_file_that_is_cut_short_and_written_anew_is_told_as_that() {
    let (mut window, _folder, path) = opened(500);
    File::options().write(true).open(&path).and_then(|file| file.set_len(90)).expect("a shorter file");
    until(&mut window, "it is told", |window| tells(window, "Cut short to 90 B, at "));
    fs::write(&path, "something else\n".repeat(10)).expect("another content");
    until(&mut window, "that is told too", |window| tells(window, "Begun anew from its first byte on, at "));
    reload(&mut window);
    until(&mut window, "it is read again", |window| tells(window, "10 lines"));
}

#[test]
fn what_has_another_name_now_is_told_from_what_is_gone() {
    let (mut window, folder, path) = opened(5);
    let moved = folder.path().join("log.1");
    fs::rename(&path, &moved).expect("another name");
    until(&mut window, "it is told", |window| tells(window, "Moved or renamed, at "));
    fs::write(&path, lines(7)).expect("another file");
    until(&mut window, "that is told too", |window| tells(window, "Another file bears this name since "));
    reload(&mut window);
    until(&mut window, "the other one is shown", |window| tells(window, "7 lines"));
    fs::remove_file(&path).expect("no file");
    until(&mut window, "it is gone", |window| tells(window, "Deleted, at "));
}

#[test]
fn what_is_read_again_is_shown_at_the_same_place() {
    let (mut window, _folder, path) = opened(5_000);
    ask_where(&mut window);
    the(&window, Role::TextInput, "Go to").type_text("2500");
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "it is there", |window| tells(window, "line 2,500"));
    let place = whereabouts(&window);
    write_at(&path, 4_000 * LINE_BYTES, "A LINE OF THE LOG\n".repeat(150).as_bytes());
    until(&mut window, "it is told", |window| tells(window, "Changed after byte 7"));
    reload(&mut window);
    until(&mut window, "it is counted again", |window| tells(window, "5,000 lines") && !tells(window, "is new, and"));
    until(&mut window, "it is where it was", |window| near(whereabouts(window), place));
}

#[test]
fn bytes_and_tables_are_marked_as_text_is() {
    for (shape, content) in [("Show as bytes", "Bytes of log"), ("Show as a table", "Table of log")] {
        let (mut window, _folder, path) = opened(500);
        choose(&mut window, shape, shape);
        window.key_press(Key::Enter);
        until(&mut window, content, |window| find(window, Role::Document, "Text of log").is_none());
        write_at(&path, 100 * LINE_BYTES, b"A LINE");
        until(&mut window, "it is told", |window| tells(window, "Changed after byte 1,800, at "));
        until(&mut window, "it is marked", |window| has_mark(window, "Changed after byte 1,800, at "));
    }
}

#[test]
fn a_thousand_appends_a_second_are_all_shown_and_are_no_change() {
    let (mut window, _folder, path) = opened(500);
    window.key_press_modifiers(Modifiers::COMMAND, Key::T);
    until(&mut window, "it is followed", |window| is_on(window, Role::Button, FOLLOW));
    let mut file = File::options().append(true).open(&path).expect("the file");
    let began = Instant::now();
    for number in 0..2_000_u32 {
        file.write_all(b"a line of the log\n").expect("a longer file");
        let due = began + Duration::from_millis(u64::from(number));
        if number % 16 == 0 {
            window.step();
            assert!(find(&window, Role::Button, "Reload").is_none(), "{}", names(&window));
        }
        std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
    }
    let last = Instant::now();
    until(&mut window, "the last is shown", |window| find(window, Role::Label, "line 2,500").is_some());
    assert!(last.elapsed() < Duration::from_secs(2), "it took {:?}", last.elapsed());
}

/// Presses the button of the bar that tells of a change, which may come a frame after the mark.
#[track_caller]
fn reload(window: &mut Window) {
    until(window, "it can be read again", |window| find(window, Role::Button, "Reload").is_some());
    click(window, Role::Button, "Reload");
}

/// A window that shows a file of so many lines, which are counted.
fn opened(count: usize) -> (Window, TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, lines(count)).expect("a file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    let counted = format!("{} lines", antifreeze::units::number(count as u64));
    until(&mut window, "its lines are counted", |window| tells(window, &counted));
    (window, folder, path)
}

fn lines(count: usize) -> String {
    "a line of the log\n".repeat(count)
}

fn write_at(path: &Path, at: u64, bytes: &[u8]) {
    // The clock of a file has steps of some milliseconds.
    std::thread::park_timeout(Duration::from_millis(20));
    File::options().write(true).open(path).and_then(|file| file.write_all_at(bytes, at)).expect("other bytes");
}

/// Whether a mark can be pressed that is told so.
fn has_mark(window: &Window, words: &str) -> bool {
    use egui_kittest::kittest::{NodeT as _, Queryable as _};
    let mut marks = window.query_all_by_role(Role::Button).map(|node| node.accesskit_node().label());
    marks.any(|label| label.is_some_and(|label| label.starts_with(words)))
}

/// How many per cent the status bar tells.
fn whereabouts(window: &Window) -> Option<u64> {
    (0..=100).find(|percent| find(window, Role::Label, &format!("{percent} %")).is_some())
}

fn near(one: Option<u64>, other: Option<u64>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one.abs_diff(other) <= 2)
}
