//! The pages that prove something, by role and name: each can be opened from the palette, has only controls that are named,
//! and does what it says.
#![expect(clippy::disallowed_methods, reason = "files are made and read to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs;

use antifreeze::app::Start;
use antifreeze::command::Page;
use antifreeze::state::StateFile;
use egui::accesskit::Toggled;
use egui::{Key, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use screen::{Window, choose, click, find, names, tells, the, until};
use tempfile::TempDir;

/// How each page is found in the palette, and what is on it.
const PAGES: [(Page, &str, &str); 6] = [
    (Page::Welcome, "Welcome page", "Long tasks, and a window that never stops"),
    (Page::Compare, "Compare blocking with background", "Compare blocking with background"),
    (Page::Responsiveness, "Responsiveness", "Responsiveness"),
    (Page::Crowd, "Many users, one server", "Many users, one server"),
    (Page::Lessons, "How it works", "How it works"),
    (Page::Search, "Search all open documents…", "Type what to search for in all documents that are open"),
];

#[test]
fn each_page_opens_once_and_names_all_its_controls() {
    for size in [[1_280.0, 800.0], [800.0, 600.0]] {
        let (mut window, _folder) = window(size);
        for (page, entry, title) in PAGES {
            for _ in 0..2 {
                show(&mut window, entry);
            }
            until(&mut window, title, |window| find(window, Role::Label, title).is_some());
            assert_eq!(window.unnamed_widgets(), [""; 0], "{page:?}");
        }
        let tabs = window.query_all_by_role(Role::Tab).count();
        assert_eq!(tabs, PAGES.len(), "a page was opened twice: {}", names(&window));
    }
}

#[test]
fn the_sections_of_the_responsiveness_page_name_all_their_controls() {
    let (mut window, _folder) = window([800.0, 600.0]);
    show(&mut window, "Responsiveness");
    for (section, has) in [
        ("Figures", "Set the figures back"),
        ("What if", "Lock held by a worker"),
        ("Self-test", "Test the meter"),
        ("Timeline", "Follow"),
    ] {
        click(&mut window, Role::RadioButton, section);
        until(&mut window, has, |window| window.query_all_by_label(has).next().is_some());
        assert_eq!(window.unnamed_widgets(), [""; 0], "{section}");
    }
}

#[test]
fn a_mistake_that_is_turned_on_makes_a_pause_that_the_page_tells_and_ends_when_it_is_turned_off() {
    let (mut window, _folder) = window([1_280.0, 800.0]);
    show(&mut window, "Responsiveness");
    click(&mut window, Role::RadioButton, "What if");
    let mistake = "Blocking call in the frame";
    click(&mut window, Role::CheckBox, mistake);
    let told = |window: &Window| tells(window, "for the disk");
    until(&mut window, "it has happened", told);
    click(&mut window, Role::CheckBox, mistake);
    until(&mut window, "it is off", |window| !told(window));
    assert_eq!(the(&window, Role::CheckBox, mistake).accesskit_node().toggled(), Some(Toggled::False));
}

#[test]
fn a_crowd_is_started_from_its_page_and_its_figures_are_shown() {
    let (mut window, _folder) = window([1_280.0, 800.0]);
    show(&mut window, "Many users, one server");
    click(&mut window, Role::Button, "Start");
    let answered = |window: &Window| tells(window, "answered  1,000");
    until(&mut window, "all are answered", answered);
    assert!(tells(&window, "Bars of 1,000 users"), "{}", names(&window));
}

#[test]
fn a_lesson_has_five_sentences_something_to_try_and_a_file_that_is_there() {
    let (mut window, _folder) = window([1_280.0, 800.0]);
    show(&mut window, "How it works");
    for lesson in ["Nothing blocks", "Waits overlap", "Concurrency is not parallelism", "Cancellation", "Back-pressure"]
    {
        click(&mut window, Role::RadioButton, lesson);
        window.step();
        assert!(find(&window, Role::Label, "Try it").is_some(), "{lesson}: {}", names(&window));
        let mut nodes = window.root().children_recursive().map(|node| node.accesskit_node());
        let file = nodes.find_map(|node| node.label().or(node.value()).filter(|text| text.starts_with("src/")));
        let file = file.unwrap_or_else(|| panic!("{lesson} names no file: {}", names(&window)));
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        assert!(path.is_file(), "{lesson} names {file}, which is not there");
    }
    click(&mut window, Role::RadioButton, "Cancellation");
    click(&mut window, Role::Button, "Let a hundred users wait a minute");
    until(&mut window, "they wait", |window| find(window, Role::Button, "Cancel them").is_some());
    click(&mut window, Role::Button, "Cancel them");
    let told = |window: &Window| tells(window, "nothing of it ran any more");
    until(&mut window, "it is told how long it took", told);
}

#[test]
fn what_was_open_is_kept_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (state, text) = (folder.path().join("state.json"), folder.path().join("kept.txt"));
    fs::write(&text, "one\ntwo\n").expect("a file");
    let start =
        |targets: Vec<String>| Start { targets, state: StateFile::at(state.clone()), ..screen::start(folder.path()) };
    let first = start(vec![text.display().to_string()]);
    let mut window = screen::window([1_280.0, 800.0], first);
    until(&mut window, "it is shown", |window| find(window, Role::Document, "Text of kept.txt").is_some());
    until(&mut window, "it is kept", |_| fs::read_to_string(&state).is_ok_and(|kept| kept.contains("kept.txt")));
    drop(window);
    let mut window = screen::window([1_280.0, 800.0], start(Vec::new()));
    until(&mut window, "it is back", |window| find(window, Role::Document, "Text of kept.txt").is_some());
}

#[test]
fn a_state_that_makes_no_sense_is_put_aside_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.json");
    fs::write(&path, "{ not json").expect("a file");
    let mut window =
        screen::window([1_280.0, 800.0], Start { state: StateFile::at(path.clone()), ..screen::start(folder.path()) });
    let told = |window: &Window| tells(window, "could not be understood");
    until(&mut window, "it is told", told);
    assert_eq!(fs::read_to_string(path.with_extension("unreadable")).expect("a file"), "{ not json");
}

fn window(size: [f32; 2]) -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (screen::window(size, screen::start(folder.path())), folder)
}

/// Takes an entry of the palette.
#[track_caller]
fn show(window: &mut Window, entry: &str) {
    choose(window, entry, entry);
    window.key_press(Key::Enter);
    window.step();
}
