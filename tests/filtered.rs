//! Only the lines that match, as a document of their own and as a file, and a search through all documents at once: the lines
//! are those that grep prints, they know where they come from, and what is appended comes to them.
#![expect(clippy::disallowed_methods, reason = "files are made to be searched")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use program::run;
use screen::{Window, click, find, is_on, names, open, tells, the, until};
use serde_json::Value;
use tempfile::TempDir;

const ONLY: &str = "Show only the lines that match in a tab of their own";
const AROUND: &str = "Lines around each match";

/// Every 1,000th of 30,000 lines has a needle.
fn line(number: u32) -> String {
    if number.is_multiple_of(1_000) { format!("{number} Needle in it\n") } else { format!("{number} is hay\n") }
}

fn opened() -> (Window, TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("hay");
    fs::write(&path, (1..=30_000).map(line).collect::<String>()).expect("a file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    (window, folder, path)
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

/// Searches, and has only the lines shown that match, with so many around each.
fn only(window: &mut Window, words: &str, around: u8) {
    search(window, words);
    until(window, "it is found", |window| tells(window, "1 of "));
    if around > 0 {
        the(window, Role::SpinButton, AROUND).set_value_accesskit(f64::from(around));
        window.step();
    }
    click(window, Role::Button, ONLY);
}

fn has_keys(window: &Window, text: &str) -> bool {
    find(window, Role::Document, text).is_some_and(|text| text.is_focused())
}

/// The line that the person is at, by the status bar.
fn is_at(window: &Window, line: &str) -> bool {
    find(window, Role::Label, &format!("line {line}")).is_some()
}

#[test]
fn only_the_lines_that_match_have_the_numbers_of_their_file_and_lead_back_to_it() {
    let (mut window, _folder, _path) = opened();
    only(&mut window, "needle", 0);
    until(&mut window, "they are shown", |window| has_keys(window, "Text of only “needle” of hay"));
    until(&mut window, "they are counted", |window| find(window, Role::Label, "30 lines").is_some());
    until(&mut window, "the first one has its number", |window| is_at(window, "1,000"));
    window.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    until(&mut window, "the second one too", |window| is_at(window, "2,000"));
    window.key_press(Key::Enter);
    until(&mut window, "the file is shown", |window| find(window, Role::Document, "Text of hay").is_some());
    until(&mut window, "at that line", |window| is_at(window, "2,000"));
}

#[test]
fn a_line_of_the_file_is_gone_to_by_its_number_or_the_next_that_is_there() {
    let (mut window, _folder, _path) = opened();
    only(&mut window, "needle", 0);
    until(&mut window, "they are shown", |window| has_keys(window, "Text of only “needle” of hay"));
    until(&mut window, "they are counted", |window| find(window, Role::Label, "30 lines").is_some());
    screen::ask_where(&mut window);
    the(&window, Role::TextInput, "Go to").type_text("6,500");
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "the next one", |window| is_at(window, "7,000"));
}

#[test]
fn lines_around_each_come_along_and_what_is_shown_is_what_is_saved() {
    let (mut window, folder, _path) = opened();
    only(&mut window, "needle", 1);
    until(&mut window, "they are shown", |window| has_keys(window, "Text of only “needle” ±1 of hay"));
    until(&mut window, "they are counted", |window| find(window, Role::Label, "89 lines").is_some());
    until(&mut window, "from the one before the first on", |window| is_at(window, "999"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::S);
    until(&mut window, "the form is open", |window| find(window, Role::Button, "Save").is_some());
    click(&mut window, Role::Button, "Save");
    let saved = folder.path().join("hay.lines");
    until(&mut window, "it is saved and open", |window| find(window, Role::Document, "Text of hay.lines").is_some());
    let around = |needle: u32| (needle - 1..=(needle + 1).min(30_000)).map(line);
    let expected: String = (1..=30).flat_map(|number| around(number * 1_000)).collect();
    assert_eq!(fs::read_to_string(saved).expect("a file"), expected);
}

#[test]
fn lines_that_match_can_be_searched_themselves_and_what_is_in_none_of_them_is_said() {
    let (mut window, _folder, _path) = opened();
    only(&mut window, "needle", 0);
    until(&mut window, "they are shown", |window| has_keys(window, "Text of only “needle” of hay"));
    search(&mut window, "30000");
    until(&mut window, "it is in one", |window| tells(window, "1 of 1 line") && is_at(window, "30,000"));
    assert!(find(&window, Role::Button, ONLY).is_none(), "of lines that were taken out no others are taken out");
    search(&mut window, "is hay");
    until(&mut window, "it is in none", |window| tells(window, "Not found"));
}

#[test]
fn the_list_of_matches_shows_the_lines_around_each() {
    let (mut window, _folder, _path) = opened();
    search(&mut window, "needle");
    until(&mut window, "they are listed", |window| window.query_all_by_role(Role::Document).count() == 2);
    the(&window, Role::SpinButton, AROUND).set_value_accesskit(2.0);
    window.step();
    until(&mut window, "the list still has all", |window| {
        find(window, Role::ScrollBar, "Lines that match, 0 %").is_some() && tells(window, "1 of 30 lines")
    });
}

#[test]
fn lines_that_are_appended_come_to_those_that_match_while_they_are_followed() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, "one needle\nhay\n").expect("a file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    only(&mut window, "needle", 0);
    until(&mut window, "it is shown", |window| has_keys(window, "Text of only “needle” of log"));
    until(&mut window, "it is counted", |window| find(window, Role::Label, "1 line").is_some());
    window.key_press_modifiers(Modifiers::COMMAND, Key::T);
    until(&mut window, "it is followed", |window| is_on(window, Role::Button, "Follow the end of the file"));
    let mut end = File::options().append(true).open(&path).expect("the file");
    end.write_all(b"hay\nhay\ntwo needles").expect("a longer file");
    until(&mut window, "the new one is shown", |window| find(window, Role::Label, "2 lines").is_some());
    end.write_all(b" and more\nhay\nneedle\n").expect("a longer file");
    until(&mut window, "and the next", |window| find(window, Role::Label, "3 lines").is_some());
    window.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::End);
    until(&mut window, "with its number", |window| is_at(window, "7"));
    assert!(!tells(&window, "was written to"), "{}", names(&window));
}

#[test]
fn what_was_searched_for_is_offered_again() {
    let (mut window, _folder, _path) = opened();
    search(&mut window, "needle");
    until(&mut window, "it is found", |window| tells(window, "of 30 lines"));
    search(&mut window, "is hay");
    until(&mut window, "so is the other", |window| tells(window, "of 29,970 lines"));
    window.key_press(Key::ArrowUp);
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "the one before is searched for", |window| tells(window, "of 30 lines"));
}

#[test]
fn all_open_documents_are_searched_at_once_and_a_line_leads_to_its_document() {
    let (mut window, folder, _path) = opened();
    let other = folder.path().join("other");
    fs::write(&other, "nothing\na needle\n").expect("a file");
    open(&mut window, &other);
    window.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::F);
    let field = "Find in all documents";
    let asked = |window: &Window| find(window, Role::TextInput, field).is_some_and(|field| field.is_focused());
    until(&mut window, "the field has the focus", asked);
    the(&window, Role::TextInput, field).type_text("needle");
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "both are searched", |window| tells(window, "31 lines in 2 of 2 documents"));
    until(&mut window, "each has a heading", |window| {
        find(window, Role::Label, "hay: 30 lines").is_some() && find(window, Role::Label, "other: 1 line").is_some()
    });
    let line = "3,000: 3000 Needle in it";
    until(&mut window, "the lines are told", |window| find(window, Role::ListBoxOption, line).is_some());
    assert_eq!(window.unnamed_widgets(), [""; 0]);
    click(&mut window, Role::ListBoxOption, line);
    until(&mut window, "the line is shown", |window| {
        find(window, Role::Document, "Text of hay").is_some() && is_at(window, "3,000")
    });
}

#[test]
fn a_search_writes_what_it_finds_as_grep_prints_it() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("a.txt"), "1\n2 x\n3\n4\n5\n6\n7 x x\n8 x").expect("a file");
    let ended = run(&["run", "--json", "search", "x", &at("a.txt"), "-C", "1", "-o", &at("b.txt")]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let told: Value = serde_json::from_str(&ended.out).expect("one JSON object");
    let counts = [&told["matches"], &told["matching_lines"], &told["bytes"]].map(Value::as_u64);
    assert_eq!(counts, [Some(4), Some(3), Some(23)]);
    assert_eq!(told["path"].as_str(), Some(&*at("b.txt")));
    assert_eq!(fs::read_to_string(at("b.txt")).expect("a file"), "1\n2 x\n3\n6\n7 x x\n8 x");
    let ended = run(&["run", "search", "x", &at("a.txt"), "-C", "1"]);
    assert_eq!(ended.code, Some(2), "lines around each are nothing without a file: {}", ended.err);
    let ended = run(&["run", "search", "x", &at("a.txt"), "-o", &at("b.txt")]);
    assert_eq!(ended.code, Some(1), "what is there is not written over");
}
