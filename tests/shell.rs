//! The shell of the window as a person meets it: the welcome page, what is typed, the palette, the switch, the forms, and
//! that everything has a name.
#![expect(clippy::disallowed_methods, reason = "files are made and read to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs;
use std::path::{Path, PathBuf};

use antifreeze::app::Start;
use antifreeze::state::StateFile;
use egui::accesskit::Action;
use egui::{Event, Key, Modifiers, Role, Theme, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use screen::{FIELD, Window, ask_where, choose, click, find, go, is_on, names, open, serve, tells, the, until};
use tempfile::TempDir;

/// What the welcome page offers.
const OFFERS: [&str; 4] =
    ["Open a file…", "Write and open a 1 GB sample", "Download from the practice server", "Feel the freeze"];

#[test]
fn the_welcome_page_offers_four_ways_to_begin() {
    let (window, _folder) = window();
    for offer in OFFERS {
        assert!(find(&window, Role::Button, offer).is_some(), "{offer} is not offered: {}", names(&window));
    }
    for words in ["It runs on this machine alone and needs no network", "What runs is shown here"] {
        assert!(find(&window, Role::Label, words).is_some(), "{words:?} can not be heard: {}", names(&window));
    }
    for action in ["Open", "Download", "Sample", "Practice"] {
        assert!(find(&window, Role::Button, action).is_some(), "{action} is not on the bar: {}", names(&window));
    }
}

#[test]
fn a_path_that_is_typed_is_opened() {
    let (mut window, folder) = window();
    open(&mut window, &two_lines(&folder));
    until(&mut window, "the lines are counted", |window| find(window, Role::Label, "2 lines").is_some());
    assert!(find(&window, Role::Tab, "two.txt").is_some(), "{}", names(&window));
    assert!(find(&window, Role::Button, OFFERS[0]).is_none(), "the welcome page is still there");
}

#[test]
fn a_path_that_can_not_be_read_shows_why_and_can_be_tried_again() {
    let (mut window, folder) = window();
    let path = folder.path().join("late.txt");
    go(&mut window, &path);
    until(&mut window, "the error is shown", |window| find(window, Role::Button, "Try again").is_some());
    let message = format!("There is no file {}", path.display());
    assert!(find(&window, Role::Label, &message).is_some(), "{}", names(&window));

    let recent = |window: &mut Window| {
        choose(window, "late", "Open late");
        let entry = path.display().to_string();
        let offered = find(window, Role::MenuItem, &entry).is_some();
        window.key_press(Key::Escape);
        until(window, "the palette is gone", |window| find(window, Role::MenuItem, "Open late").is_none());
        offered
    };
    assert!(!recent(&mut window), "a path that leads nowhere is kept");
    fs::write(&path, "here now\n").unwrap();
    click(&mut window, Role::Button, "Try again");
    until(&mut window, "the text is shown", |window| find(window, Role::Document, "Text of late.txt").is_some());
    until(&mut window, "the lines are counted", |window| find(window, Role::Label, "1 line").is_some());
    window.step();
    assert!(recent(&mut window), "a path that was opened is not kept");
}

#[test]
fn a_job_on_the_ui_thread_is_announced_before_it_runs_and_over_when_the_next_frame_comes() {
    let (mut window, folder) = window();
    let path = two_lines(&folder);
    turn_to_blocking(&mut window);
    assert!(!is_on(&window, Role::RadioButton, "Background"), "both modes are in force");
    assert!(find(&window, Role::Button, "Leave Blocking").is_some(), "{}", names(&window));

    choose(&mut window, &path.display().to_string(), &format!("Open {}", path.display()));
    window.key_down(Key::Enter);
    until(&mut window, "the freeze is announced", announced);
    let mut frames = 0;
    while announced(&window) {
        assert!(find(&window, Role::Document, "Text of two.txt").is_none(), "it ran while it was announced");
        assert!(frames < 3, "it is announced and announced, but does not run");
        window.step();
        frames += 1;
    }
    assert!(find(&window, Role::Label, "2 lines").is_some(), "it is not over: {}", names(&window));
}

#[test]
fn the_first_freeze_is_announced_over_the_document_too() {
    let (mut window, folder) = window();
    let path = two_lines(&folder);
    turn_to_blocking(&mut window);
    choose(&mut window, &path.display().to_string(), &format!("Open {}", path.display()));
    window.key_down(Key::Enter);
    until(&mut window, "the freeze is announced or over", |window| {
        announced(window) || find(window, Role::Document, "Text of two.txt").is_some()
    });
    // An area that egui has not shown before is drawn once unseen, to learn its size.
    let mut seen = false;
    while !seen && announced(&window) {
        seen = find(&window, Role::Label, "Now two.txt takes the UI thread").is_some();
        window.step();
    }
    assert!(seen, "it was never to be seen before the freeze");
}

#[test]
fn closing_the_last_tab_brings_the_welcome_page_back() {
    let (mut window, folder) = window();
    open(&mut window, &two_lines(&folder));
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    until(&mut window, "the tab is closed", |window| find(window, Role::Tab, "two.txt").is_none());
    until(&mut window, "the offers are back", |window| find(window, Role::Button, OFFERS[0]).is_some());
}

#[test]
fn the_palette_finds_an_action_by_a_word_and_the_arrows_choose_it() {
    let (mut window, _folder) = window();
    choose(&mut window, "theme", "Dark theme");
    assert_named(&window, "the palette");
    assert!(!is_on(&window, Role::MenuItem, "Light theme"), "two entries are chosen");
    window.key_press(Key::ArrowDown);
    until(&mut window, "the next is chosen", |window| is_on(window, Role::MenuItem, "Light theme"));
    assert_eq!(window.ctx.theme(), Theme::Dark);
    window.key_press(Key::Enter);
    until(&mut window, "it is done", |window| window.ctx.theme() == Theme::Light);
    until(&mut window, "the palette is gone", |window| find(window, Role::MenuItem, "Light theme").is_none());
}

#[test]
fn escape_closes_the_palette() {
    let (mut window, _folder) = window();
    choose(&mut window, "theme", "Dark theme");
    window.key_press(Key::Escape);
    until(&mut window, "the palette is gone", |window| find(window, Role::MenuItem, "Dark theme").is_none());
    let typed = the(&window, Role::SearchInput, FIELD).value().unwrap_or_default();
    assert_eq!(typed, "", "what was typed stands there still");
}

#[test]
fn enter_takes_what_was_typed_even_when_it_comes_with_the_last_letter() {
    let (mut window, folder) = window();
    let path = two_lines(&folder).display().to_string();
    let (last, before) = (path.len() - 1, &path[..path.len() - 1]);
    choose(&mut window, before, &format!("Open {before}"));
    // As after a slow frame: both are in the input of one.
    let enter =
        Event::Key { key: Key::Enter, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
    window.input_mut().events.extend([Event::Text(path[last..].to_owned()), enter]);
    until(&mut window, "something is opened", |window| {
        find(window, Role::Document, "Text of two.txt").or(find(window, Role::Button, "Try again")).is_some()
    });
    let opened = find(&window, Role::Document, "Text of two.txt").is_some();
    assert!(opened, "another path than {path} was opened: {}", names(&window));
}

#[test]
fn the_form_for_a_sample_writes_it_and_opens_it() {
    let (mut window, folder) = window();
    let path = folder.path().join("small.log");
    click(&mut window, Role::Button, "Sample");
    until(&mut window, "the form is open", |window| find(window, Role::TextInput, "Size").is_some());
    assert!(is_on(&window, Role::RadioButton, "Log"));
    let target = path.display().to_string();
    for (label, value) in [("Size", "2000"), ("Seed", "7"), ("Save to (optional)", target.as_str())] {
        the(&window, Role::TextInput, label).set_text_value_accesskit(value);
        until(&mut window, label, |window| the(window, Role::TextInput, label).value().as_deref() == Some(value));
    }
    window.key_press(Key::Enter);
    until(&mut window, "the sample is open", |window| find(window, Role::Document, "Text of small.log").is_some());
    let content = fs::read_to_string(&path).unwrap();
    assert_eq!(content.len(), 2_000);
    assert!(content.starts_with("2026-"), "{content}");
}

#[test]
fn a_line_is_gone_to_by_its_number() {
    let (mut window, folder) = window();
    let path = folder.path().join("many.txt");
    fs::write(&path, (1..=300).map(|number| format!("this is line {number}\n")).collect::<Vec<_>>().concat()).unwrap();
    open(&mut window, &path);
    until(&mut window, "the lines are counted", |window| find(window, Role::Label, "300 lines").is_some());
    until(&mut window, "the first line is told", |window| find(window, Role::Label, "line 1").is_some());
    ask_where(&mut window);
    the(&window, Role::TextInput, "Go to").type_text("150");
    let typed = |window: &Window| the(window, Role::TextInput, "Go to").value().as_deref() == Some("150");
    until(&mut window, "the number is typed", typed);
    window.key_press(Key::Enter);
    until(&mut window, "the line is told", |window| find(window, Role::Label, "line 150").is_some());
    assert!(find(&window, Role::TextInput, "Go to").is_none(), "the field is still there");
}

#[test]
fn closing_the_window_while_a_job_runs_asks_first_and_then_stops_it() {
    let (mut window, _folder) = window();
    serve(&mut window);
    ask_to_close(&mut window);
    assert!(commands(&window).contains(&ViewportCommand::CancelClose), "it closes at once");
    until(&mut window, "it asks", |window| find(window, Role::Button, "Stop and quit").is_some());
    click(&mut window, Role::Button, "Stop and quit");
    until(&mut window, "it closes", |window| commands(window).contains(&ViewportCommand::Close));
}

#[test]
fn whatever_the_keyboard_can_reach_has_a_name() {
    let (mut window, folder) = window();
    assert_named(&window, "the welcome page");
    for dialog in [
        "Open a file by its path",
        "Download a file",
        "Save what a file holds as another one",
        "Cut a file in parts",
        "Count the lines, words and values of a file",
        "Write a sample file",
        "Run the practice server",
        "Settings",
    ] {
        let action = format!("{dialog}…");
        choose(&mut window, dialog, &action);
        window.key_press(Key::Enter);
        until(&mut window, dialog, |window| find(window, Role::Label, dialog).is_some());
        assert_named(&window, dialog);
        window.key_press(Key::Escape);
        until(&mut window, "the dialog is gone", |window| find(window, Role::Label, dialog).is_none());
    }

    open(&mut window, &two_lines(&folder));
    assert_named(&window, "a document");
    ask_where(&mut window);
    assert_named(&window, "the go-to field");
    window.key_press(Key::Escape);
    until(&mut window, "the go-to field is gone", |window| find(window, Role::TextInput, "Go to").is_none());

    go(&mut window, &folder.path().join("missing.txt"));
    until(&mut window, "the error is shown", |window| find(window, Role::Button, "Try again").is_some());
    assert_named(&window, "a document that is not there");
    let card = |window: &Window| tells(window, "missing.txt, There is");
    until(&mut window, "its card tells it too", card);
    window.query_all_by_label_contains("missing.txt, There is").next().unwrap().click();
    until(&mut window, "the failure is explained", |window| find(window, Role::Button, "Retry").is_some());
    assert_named(&window, "the story of a failure");
    click(&mut window, Role::Button, "Close");
    until(&mut window, "the story is closed", |window| find(window, Role::Button, "Retry").is_none());

    serve(&mut window);
    ask_to_close(&mut window);
    until(&mut window, "it asks", |window| find(window, Role::Button, "Keep working").is_some());
    assert_named(&window, "the question before quitting");
    click(&mut window, Role::Button, "Keep working");
    until(&mut window, "the question is gone", |window| find(window, Role::Button, "Keep working").is_none());
}

#[test]
fn a_download_from_the_practice_server_is_not_kept_for_a_time_when_that_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.json");
    let mut window = window_that_keeps(folder.path(), StateFile::at(path.clone()));
    click(&mut window, Role::Button, OFFERS[2]);
    until(&mut window, "it runs", |window| find(window, Role::Button, "Pause 200MB").is_some());
    // Something that is kept, by which to see that this was.
    window.key_press_modifiers(Modifiers::COMMAND, Key::J);
    let mut kept = String::new();
    until(&mut window, "the state is kept", |_| {
        kept = fs::read_to_string(&path).unwrap_or_default();
        kept.contains(r#""jobs_folded":true"#)
    });
    assert!(kept.contains(r#""unfinished":[]"#), "{kept}");
}

/// A window without documents, and a folder for its downloads and for files of the test.
fn window() -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (window_that_keeps(folder.path(), StateFile::default()), folder)
}

/// A window with this folder for its downloads, which keeps its state there.
fn window_that_keeps(folder: &Path, state: StateFile) -> Window {
    screen::window([1_280.0, 800.0], Start { state, ..screen::start(folder) })
}

fn two_lines(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("two.txt");
    fs::write(&path, "one\ntwo\n").expect("a file");
    path
}

fn turn_to_blocking(window: &mut Window) {
    click(window, Role::RadioButton, "Blocking");
    until(window, "the switch has turned", |window| is_on(window, Role::RadioButton, "Blocking"));
}

/// Whether the strip at the bottom says that the UI thread is about to be taken.
fn announced(window: &Window) -> bool {
    tells(window, "about to be taken by two.txt")
}

/// Does what the button in the window's frame does.
fn ask_to_close(window: &mut Window) {
    let viewport = window.input_mut().viewports.get_mut(&ViewportId::ROOT).expect("the window");
    viewport.events.push(ViewportEvent::Close);
    window.step();
}

/// What the last frame wants of the desktop.
fn commands(window: &Window) -> Vec<ViewportCommand> {
    let output = window.output().viewport_output.get(&ViewportId::ROOT);
    output.map(|output| output.commands.clone()).unwrap_or_default()
}

/// Asserts that everything that takes the focus, or that egui takes for a control, has a name.
#[track_caller]
fn assert_named(window: &Window, place: &str) {
    assert_eq!(window.unnamed_widgets(), [""; 0], "{place}");
    let nodes = window.root().children_recursive().map(|node| node.accesskit_node());
    let reachable: Vec<_> = nodes.filter(|node| node.data().supports_action(Action::Focus)).collect();
    let is_nameless = |name: Option<String>| name.is_none_or(|name| name.trim().is_empty());
    let nameless = reachable.iter().filter(|node| is_nameless(node.label()));
    let nameless: Vec<_> = nameless.map(|node| format!("{:?} at {:?}", node.role(), node.raw_bounds())).collect();
    assert_eq!(nameless, [""; 0], "{place}");
    assert!(reachable.len() > 8, "hardly anything of {place} can be reached: {}", names(window));
}
