//! The pages that prove something, by role and name: each can be opened from the palette, has only controls that are named,
//! and does what it says.
#![expect(clippy::disallowed_methods, reason = "files are made and read to see what the window makes of them")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use antifreeze::app::{App, Start};
use antifreeze::command::Page;
use antifreeze::jobs::Workers;
use antifreeze::responsiveness::{Meter, Trace, Watchdog};
use antifreeze::state::StateFile;
use egui::accesskit::Toggled;
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(30);
const FIELD: &str = "Address, path or command";

type Window = Harness<'static, App>;

/// How each page is found in the palette, and what is on it.
const PAGES: [(Page, &str, &str); 5] = [
    (Page::Welcome, "Welcome page", "Long tasks, and a window that never stops"),
    (Page::Compare, "Compare blocking with background", "Compare blocking with background"),
    (Page::Responsiveness, "Responsiveness", "Responsiveness"),
    (Page::Crowd, "Many users, one server", "Many users, one server"),
    (Page::Lessons, "How it works", "How it works"),
];

#[test]
fn each_page_opens_once_and_names_all_its_controls() {
    for size in [[1_280.0, 800.0], [800.0, 600.0]] {
        let (mut window, _folder) = window(size);
        for (page, entry, title) in PAGES {
            for _ in 0..2 {
                summon(&mut window, entry);
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
    summon(&mut window, "Responsiveness");
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
    summon(&mut window, "Responsiveness");
    click(&mut window, Role::RadioButton, "What if");
    let mistake = "Blocking call in the frame";
    click(&mut window, Role::CheckBox, mistake);
    let told = |window: &Window| window.query_all_by_label_contains("for the disk").next().is_some();
    until(&mut window, "it has happened", told);
    click(&mut window, Role::CheckBox, mistake);
    until(&mut window, "it is off", |window| !told(window));
    assert_eq!(the(&window, Role::CheckBox, mistake).accesskit_node().toggled(), Some(Toggled::False));
}

#[test]
fn a_crowd_is_started_from_its_page_and_its_figures_are_shown() {
    let (mut window, _folder) = window([1_280.0, 800.0]);
    summon(&mut window, "Many users, one server");
    click(&mut window, Role::Button, "Start");
    let answered = |window: &Window| window.query_all_by_label_contains("answered  1,000").next().is_some();
    until(&mut window, "all are answered", answered);
    assert!(window.query_all_by_label_contains("Bars of 1,000 users").next().is_some(), "{}", names(&window));
}

#[test]
fn a_lesson_has_five_sentences_something_to_try_and_a_file_that_is_there() {
    let (mut window, _folder) = window([1_280.0, 800.0]);
    summon(&mut window, "How it works");
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
    let told = |window: &Window| window.query_all_by_label_contains("nothing of it ran any more").next().is_some();
    until(&mut window, "it is told how long it took", told);
}

#[test]
fn what_was_open_is_kept_and_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let (state, text) = (folder.path().join("state.json"), folder.path().join("kept.txt"));
    fs::write(&text, "one\ntwo\n").expect("a file");
    let start = |targets: Vec<String>| Start { targets, state: StateFile::at(state.clone()), ..start(&folder) };
    let first = start(vec![text.display().to_string()]);
    let mut window = open(first, [1_280.0, 800.0]);
    until(&mut window, "it is shown", |window| find(window, Role::Document, "Text of kept.txt").is_some());
    until(&mut window, "it is kept", |_| fs::read_to_string(&state).is_ok_and(|kept| kept.contains("kept.txt")));
    drop(window);
    let mut window = open(start(Vec::new()), [1_280.0, 800.0]);
    until(&mut window, "it is back", |window| find(window, Role::Document, "Text of kept.txt").is_some());
}

#[test]
fn a_state_that_makes_no_sense_is_put_aside_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.json");
    fs::write(&path, "{ not json").expect("a file");
    let mut window = open(Start { state: StateFile::at(path.clone()), ..start(&folder) }, [1_280.0, 800.0]);
    let told = |window: &Window| window.query_all_by_label_contains("could not be understood").next().is_some();
    until(&mut window, "it is told", told);
    assert_eq!(fs::read_to_string(path.with_extension("unreadable")).expect("a file"), "{ not json");
}

fn start(folder: &TempDir) -> Start {
    let watchdog = Watchdog::start(|work| Ok(thread::Builder::new().spawn(work)?.thread().clone()));
    let meter = Meter::new(watchdog.expect("a thread"), Trace::default());
    Start::new(Workers::start().expect("threads"), meter, folder.path().to_owned())
}

fn open(start: Start, size: [f32; 2]) -> Window {
    let builder = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0);
    builder.build_eframe(|creation| App::new(creation, start).expect("a runtime"))
}

fn window(size: [f32; 2]) -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (open(start(&folder), size), folder)
}

fn find<'a>(window: &'a Window, role: Role, name: &'a str) -> Option<Node<'a>> {
    window.query_all_by_role_and_label(role, name).next()
}

#[track_caller]
fn the<'a>(window: &'a Window, role: Role, name: &'a str) -> Node<'a> {
    find(window, role, name).unwrap_or_else(|| panic!("there is no {role:?} {name:?}: {}", names(window)))
}

fn names(window: &Window) -> String {
    let nodes = window.root().children_recursive().map(|node| node.accesskit_node());
    nodes.filter_map(|node| node.label().or_else(|| node.value())).collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn until(window: &mut Window, what: &str, mut holds: impl FnMut(&Window) -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds(window) {
        assert!(Instant::now() < deadline, "waited for {DEADLINE:?}, but not until {what}: {}", names(window));
        window.step();
        // The workers get what is left over: a test that spins would leave them nothing.
        thread::park_timeout(Duration::from_millis(1));
    }
}

#[track_caller]
fn click(window: &mut Window, role: Role, name: &str) {
    the(window, role, name).click();
    window.step();
}

/// Takes an entry of the palette.
#[track_caller]
fn summon(window: &mut Window, entry: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    until(window, "the field has the focus", |window| the(window, Role::SearchInput, FIELD).is_focused());
    the(window, Role::SearchInput, FIELD).type_text(entry);
    let chosen = |window: &Window| {
        find(window, Role::MenuItem, entry).is_some_and(|node| node.accesskit_node().toggled() == Some(Toggled::True))
    };
    until(window, entry, chosen);
    window.key_press(Key::Enter);
    window.step();
}
