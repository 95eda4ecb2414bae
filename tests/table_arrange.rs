//! Tables whose rows are filtered and sorted: on the command line, which tells how many are left, and in the window, where the
//! rows are shown so until that is taken back, each with the number that it has in the file.
#![expect(clippy::disallowed_methods, reason = "files are made to be read as tables")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use egui::{Key, Modifiers, Role};
use program::{Ended, run};
use screen::{Window, find, go, names, tells, the, until};
use serde_json::Value;
use tempfile::TempDir;

const TABLE: &str = "name,status\nann,200\nbob,503\ncid,\ndan,70\neve,1000\n";

/// How the program ends when it is to arrange this table so.
fn arranged(content: &str, more: &[&str]) -> Ended {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.csv");
    fs::write(&path, content).expect("a file");
    run(&[["run", "--json", "arrange", &*path.display().to_string()].as_slice(), more].concat())
}

fn rows_and_hidden_rows(content: &str, more: &[&str]) -> (u64, u64) {
    let ended = arranged(content, more);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let facts: Value = serde_json::from_str(&ended.out).expect("one JSON object");
    let number = |name: &str| facts.get(name).and_then(Value::as_u64).expect("a number");
    (number("rows"), number("hidden_rows"))
}

#[test]
fn rows_that_hold_all_conditions_are_counted_and_nothing_is_no_value() {
    assert_eq!(rows_and_hidden_rows(TABLE, &[]), (5, 0));
    assert_eq!(rows_and_hidden_rows(TABLE, &["--where", "status >= 200"]), (3, 2));
    assert_eq!(rows_and_hidden_rows(TABLE, &["--where", "status >= 200 name ~ ^[ab]", "--sort", "-status"]), (2, 3));
    assert_eq!(rows_and_hidden_rows(TABLE, &["--where", "status is null"]), (1, 4));
    assert_eq!(rows_and_hidden_rows("a;b\n1;\n;\"\"\n", &["--where", "#2 is empty"]), (1, 1));
}

/// What is in the file to which rows of this table are exported so, under this name.
fn exported(name: &str, more: &[&str]) -> String {
    let folder = TempDir::new().expect("a folder");
    let (from, to) = (folder.path().join("a.csv"), folder.path().join(name));
    fs::write(&from, TABLE).expect("a file");
    let paths = [from, to.clone()].map(|path| path.display().to_string());
    let ended = run(&[["run", "--json", "export", paths[0].as_str(), paths[1].as_str()].as_slice(), more].concat());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    fs::read_to_string(to).expect("what was written")
}

#[test]
fn rows_are_exported_as_they_are_wanted_and_nothing_stays_nothing() {
    assert_eq!(exported("b.csv", &[]), TABLE);
    assert_eq!(
        exported("b.tsv", &["--sort", "-status", "--column", "status", "--column", "#1"]),
        "status\tname\n1000\teve\n503\tbob\n200\tann\n70\tdan\n\tcid\n"
    );
    assert_eq!(exported("b.jsonl", &["--where", "name : CID"]), "{\"name\":\"cid\",\"status\":null}\n");
    assert_eq!(exported("b.md", &["--where", "status < 100"]), "| name | status |\n| --- | --- |\n| dan | 70 |\n");
    assert_eq!(exported("b", &["--where", "status < 0", "--format", "tsv"]), "name\tstatus\n");
}

#[test]
fn no_file_is_overwritten_by_an_export_and_nothing_is_left_of_one_that_fails() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.csv");
    fs::write(&path, TABLE).expect("a file");
    let (from, other) = (path.display().to_string(), folder.path().join("b.csv").display().to_string());
    let ended = run(&["run", "export", &from, &from]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("There is already a file"), "{}", ended.err);
    let ended = run(&["run", "export", &from, &other, "--column", "state"]);
    assert!(ended.err.contains("There is no column “state”"), "{}", ended.err);
    assert_eq!(folder.path().read_dir().expect("the folder").count(), 1);
    assert_eq!(fs::read_to_string(&path).expect("the table"), TABLE);
}

#[test]
fn what_makes_no_sense_is_an_error_that_says_where() {
    for (more, words) in [
        (&["--where", "status 200"][..], "at character 8"),
        (&["--where", "state = 200"], "There is no column “state”, at character 1"),
        (&["--sort", "state"], "There is no column “state”"),
        (&["--no-header", "--sort", "name"], "the table has no header"),
    ] {
        let ended = arranged(TABLE, more);
        assert_eq!(ended.code, Some(1), "{more:?}");
        assert!(ended.err.contains(words), "{more:?}: {}", ended.err);
    }
}

#[test]
fn more_rows_than_fit_in_memory_are_sorted() {
    let mut table = "id,text\n".to_owned();
    for number in 0..400_000_u64 {
        let _ = writeln!(table, "{},x{number}", number * 7_919 % 400_000);
    }
    assert_eq!(rows_and_hidden_rows(&table, &["--sort", "-id", "--where", "id < 390000"]), (390_000, 10_000));
}

/// A window of this size that shows the table in this file.
fn shown(path: &Path, folder: &TempDir) -> Window {
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    go(&mut window, path);
    until(&mut window, "the table has the keys", |window| {
        find(window, Role::Table, "Table of a.csv").is_some_and(|table| table.is_focused())
    });
    window
}

/// A window that shows a table of five rows, all of which are counted.
fn five_rows() -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    fs::write(&path, TABLE).expect("a file");
    let mut window = shown(&path, &folder);
    until(&mut window, "its rows are counted", |window| tells(window, "5 rows"));
    (window, folder)
}

/// Goes to the first row and on from there, and waits for what each says.
fn until_rows_say(window: &mut Window, rows: &[&str]) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::Home);
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            window.key_press(Key::ArrowDown);
        }
        until(window, row, |window| the(window, Role::Table, "Table of a.csv").value().as_deref() == Some(*row));
    }
}

fn turn_sort_of(window: &mut Window, column: &str) {
    the(window, Role::ColumnHeader, column).click_accesskit();
    window.step();
}

/// Waits until rows are shown as they are wanted.
fn until_arranged(window: &mut Window) {
    until(window, "it can be taken back", |window| find(window, Role::Button, "Clear arrangement").is_some());
    until(window, "rows are gathered", |window| {
        !tells(window, "Sorting") && !tells(window, "Filtering") && !tells(window, "Enter filters")
    });
}

/// Types conditions into the bar that filters.
fn filter(window: &mut Window, conditions: &str) {
    window.key_press_modifiers(Modifiers::ALT, Key::L);
    until(window, "the bar has the keys", |window| {
        find(window, Role::TextInput, "Filter rows").is_some_and(|field| field.is_focused())
    });
    the(window, Role::TextInput, "Filter rows").type_text(conditions);
    window.step();
    window.key_press(Key::Enter);
    window.step();
}

#[test]
fn a_click_on_a_name_sorts_by_value_and_each_row_keeps_its_number() {
    let (mut window, _folder) = five_rows();
    turn_sort_of(&mut window, "status");
    until_arranged(&mut window);
    let up = ["row 4, name: dan", "row 1, name: ann", "row 2, name: bob", "row 5, name: eve", "row 3, name: cid"];
    until_rows_say(&mut window, &up);
    turn_sort_of(&mut window, "status");
    until_arranged(&mut window);
    // Nothing comes last in either direction.
    let down = ["row 5, name: eve", "row 2, name: bob", "row 1, name: ann", "row 4, name: dan", "row 3, name: cid"];
    until_rows_say(&mut window, &down);
    screen::click(&mut window, Role::Button, "Clear arrangement");
    until(&mut window, "all is as before", |window| find(window, Role::Button, "Clear arrangement").is_none());
    until_rows_say(&mut window, &["row 1, name: ann", "row 2, name: bob"]);
}

#[test]
fn rows_are_filtered_by_what_is_typed_and_what_is_left_is_sorted_by_a_key() {
    let (mut window, _folder) = five_rows();
    filter(&mut window, "status >= 200");
    until_arranged(&mut window);
    until(&mut window, "it is told how many are left", |window| tells(window, "3 of 5 rows"));
    assert!(find(&window, Role::Button, "Close the cell").is_none(), "Enter went on to the table: {}", names(&window));
    until_rows_say(&mut window, &["row 1, name: ann", "row 2, name: bob", "row 5, name: eve"]);
    window.key_press_modifiers(Modifiers::ALT, Key::S);
    window.step();
    window.key_press_modifiers(Modifiers::ALT, Key::S);
    window.step();
    until_arranged(&mut window);
    until_rows_say(&mut window, &["row 5, name: eve", "row 2, name: bob", "row 1, name: ann"]);
}

#[test]
fn conditions_that_make_no_sense_are_told_with_their_place_and_those_that_nothing_holds_leave_nothing() {
    let (mut window, _folder) = five_rows();
    filter(&mut window, "status 200");
    until(&mut window, "it is told", |window| tells(window, "at character 8"));
    assert!(find(&window, Role::Button, "Clear arrangement").is_none(), "{}", names(&window));
    filter(&mut window, "status > 5000");
    until(&mut window, "none is left", |window| tells(window, "No row is left"));
    assert!(tells(&window, "0 of 5 rows"), "{}", names(&window));
}

#[test]
fn what_is_shown_is_exported_from_the_window() {
    let (mut window, folder) = five_rows();
    filter(&mut window, "status >= 200");
    until(&mut window, "it is told how many are left", |window| tells(window, "3 of 5 rows"));
    screen::click(&mut window, Role::ColumnHeader, "name");
    screen::click(&mut window, Role::ColumnHeader, "name");
    until_arranged(&mut window);
    screen::click(&mut window, Role::Button, "Export…");
    until(&mut window, "it is told what is exported", |window| tells(window, "3 rows of a.csv"));
    let to = folder.path().join("left.csv");
    the(&window, Role::TextInput, "Save to (optional)").type_text(&to.display().to_string());
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "it is written", |window| tells(window, "Export of a.csv") && to.exists());
    assert_eq!(fs::read_to_string(&to).expect("what was written"), "name,status\neve,1000\nbob,503\nann,200\n");
}
