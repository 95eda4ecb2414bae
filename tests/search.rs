//! A search in the window, by keyboard and by name: what is found is counted, marked, listed and gone to, what can not be
//! searched for says why, and a search that nobody wants any more ends.
#![expect(clippy::disallowed_methods, reason = "files are made to be searched")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs;

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use screen::{Window, click, find, is_on, names, open, tells, the, until};
use tempfile::TempDir;

/// Every 1,000th of 30,000 lines has a needle.
fn hay() -> String {
    let line = |n: u32| if n.is_multiple_of(1_000) { format!("{n} Needle in it\n") } else { format!("{n} is hay\n") };
    (1..=30_000).map(line).collect()
}

fn opened() -> (Window, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("hay");
    fs::write(&path, hay()).expect("a file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    (window, folder)
}

fn search(window: &mut Window, words: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    let asked = |window: &Window| find(window, Role::TextInput, "Find").is_some_and(|field| field.is_focused());
    until(window, "the field has the focus", asked);
    the(window, Role::TextInput, "Find").type_text(words);
    window.step();
    window.key_press(Key::Enter);
    window.step();
}

/// The line that the person is at, by the status bar.
fn is_at(window: &Window, line: &str) -> bool {
    find(window, Role::Label, &format!("line {line}")).is_some()
}

#[test]
fn what_is_found_is_counted_and_gone_to_one_after_the_other_and_round() {
    let (mut window, _folder) = opened();
    search(&mut window, "needle");
    until(&mut window, "the first one is shown", |window| tells(window, "1 of 30 lines") && is_at(window, "1,000"));
    window.key_press(Key::F3);
    until(&mut window, "the second", |window| tells(window, "2 of 30 lines") && is_at(window, "2,000"));
    window.key_press_modifiers(Modifiers::SHIFT, Key::F3);
    until(&mut window, "the first again", |window| tells(window, "1 of 30 lines"));
    window.key_press_modifiers(Modifiers::SHIFT, Key::F3);
    until(&mut window, "the last", |window| tells(window, "30 of 30 lines") && is_at(window, "30,000"));
    assert!(tells(&window, "That was the first match: this is the last one"), "{}", names(&window));
    window.key_press(Key::Enter);
    until(&mut window, "round", |window| tells(window, "1 of 30 lines"));
}

#[test]
fn a_document_that_is_read_again_is_searched_again() {
    let (mut window, folder) = opened();
    search(&mut window, "needle");
    until(&mut window, "it is found", |window| tells(window, "1 of 30 lines"));
    fs::write(folder.path().join("hay"), hay().replace("2000 Needle", "2000 hay")).expect("a file");
    click(&mut window, Role::Document, "Text of hay");
    window.key_press_modifiers(Modifiers::COMMAND, Key::R);
    until(&mut window, "three are gone", |window| tells(window, "of 27 lines"));
}

#[test]
fn switches_begin_the_search_anew() {
    let (mut window, _folder) = opened();
    search(&mut window, "needle");
    until(&mut window, "it is found", |window| tells(window, "1 of 30 lines"));
    click(&mut window, Role::Button, "Match case");
    until(&mut window, "with small letters it is nowhere", |window| tells(window, "Not found"));
    click(&mut window, Role::Button, "Lines without it");
    until(&mut window, "so it is not in any line", |window| tells(window, "of 30,000 lines"));
}

#[test]
fn the_list_goes_where_the_text_goes_and_can_be_put_away() {
    let (mut window, _folder) = opened();
    search(&mut window, "needle");
    let listed = |window: &Window| window.query_all_by_role(Role::Document).count() == 2;
    until(&mut window, "the lines are listed", listed);
    until(&mut window, "from the first on", |window| find(window, Role::ScrollBar, "Lines that match, 0 %").is_some());
    until(&mut window, "the text is at the first", |window| tells(window, "1 of 30 lines"));
    window.key_press_modifiers(Modifiers::SHIFT, Key::F3);
    let at_end = |window: &Window| find(window, Role::ScrollBar, "Lines that match, 100 %").is_some();
    until(&mut window, "the list goes with the text", at_end);
    click(&mut window, Role::Button, "List the lines that match");
    until(&mut window, "the list is gone", |window| !listed(window));
    window.key_press(Key::Escape);
    until(&mut window, "the bar is closed", |window| find(window, Role::TextInput, "Find").is_none());
    window.key_press(Key::F3);
    until(&mut window, "without a search, one is asked for", |window| find(window, Role::TextInput, "Find").is_some());
}

#[test]
fn a_search_that_nobody_wants_any_more_ends_and_escape_is_for_what_stands_before_the_window() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("long");
    let long = fs::File::create(&path).expect("a file");
    long.set_len(40 << 30).expect("a long file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    search(&mut window, "needle");
    until(&mut window, "it is searched", |window| tells(window, "0 lines, searching"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    until(&mut window, "the settings are open", |window| find(window, Role::Button, "Close").is_some());
    window.key_press(Key::Escape);
    until(&mut window, "they are closed", |window| find(window, Role::Button, "Close").is_none());
    assert!(find(&window, Role::TextInput, "Find").is_some(), "the search was closed with them");
    the(&window, Role::TextInput, "Find").focus();
    window.step();
    window.key_press(Key::Escape);
    until(&mut window, "it is cancelled", |window| find(window, Role::Button, "Retry needle in long").is_some());
}

#[test]
fn text_in_utf_16_is_searched_as_text() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("utf-16");
    fs::write(&path, b"\xff\xfea\0\n\0b\0a\0").expect("a file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    search(&mut window, "ba");
    until(&mut window, "it is found", |window| tells(window, "1 of 1 line") && is_at(window, "2"));
}

#[test]
fn a_pattern_that_is_none_says_what_is_wrong_with_it() {
    let (mut window, _folder) = opened();
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    until(&mut window, "the bar is open", |window| find(window, Role::Button, "Regular expression").is_some());
    click(&mut window, Role::Button, "Regular expression");
    search(&mut window, "hay)");
    until(&mut window, "it says why", |window| {
        tells(window, "This is no regular expression: unopened group, at character 4")
    });
    assert!(!is_on(&window, Role::Button, "Match case"));
    search(&mut window, r"9\d* is");
    until(&mut window, "a mended one is searched for", |window| tells(window, "1 of "));
}
