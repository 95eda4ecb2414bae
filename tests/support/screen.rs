//! The window by role and name, as a screen reader meets it: the real program, drawn frame after frame without a display,
//! a GPU or a picture. Time within it is virtual; every wait is for a condition, with a deadline.
//!
//! A character that no shipped font has makes a frame panic, and so does a control without a name.
#![expect(clippy::panic, reason = "a test fails by a panic")]
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use antifreeze::app::{App, Start};
use antifreeze::jobs::Workers;
use antifreeze::responsiveness::{Meter, Trace, Watchdog};
use egui::accesskit::Toggled;
use egui::{Key, Modifiers, Role, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};

/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(30);
/// The name of the field in the command bar.
pub const FIELD: &str = "Address, path or command";

pub type Window = Harness<'static, App>;

/// What a window begins with that puts its downloads into this folder and opens nothing.
pub fn start(folder: &Path) -> Start {
    let watchdog = Watchdog::start(|work| Ok(thread::Builder::new().spawn(work)?.thread().clone()));
    let meter = Meter::new(watchdog.expect("a thread"), Trace::default());
    Start::new(Workers::start().expect("threads"), meter, folder.to_owned())
}

/// A window of this size in points, in which a frame takes 1/60 s.
pub fn window(size: impl Into<Vec2>, start: Start) -> Window {
    let builder = Harness::builder().with_size(size).with_step_dt(1.0 / 60.0);
    builder.build_eframe(|creation| App::new(creation, start).expect("a runtime"))
}

/// The first thing of this role and name, if there is one.
pub fn find<'a>(window: &'a Window, role: Role, name: &'a str) -> Option<Node<'a>> {
    window.query_all_by_role_and_label(role, name).next()
}

/// [`find`] for what has to be there.
#[track_caller]
pub fn the<'a>(window: &'a Window, role: Role, name: &'a str) -> Node<'a> {
    find(window, role, name).unwrap_or_else(|| panic!("there is no {role:?} {name:?}: {}", names(window)))
}

/// Whether something that can be chosen is there and is chosen.
pub fn is_on(window: &Window, role: Role, name: &str) -> bool {
    find(window, role, name).is_some_and(|node| node.accesskit_node().toggled() == Some(Toggled::True))
}

/// Whether something is told in which these words are.
pub fn tells(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

/// All names and texts, for messages.
pub fn names(window: &Window) -> String {
    let nodes = window.root().children_recursive().map(|node| node.accesskit_node());
    nodes.filter_map(|node| node.label().or_else(|| node.value())).collect::<Vec<_>>().join(" | ")
}

/// Draws frame after frame until a condition holds. Panics when it does not in time.
#[track_caller]
pub fn until(window: &mut Window, what: &str, mut holds: impl FnMut(&Window) -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !holds(window) {
        assert!(Instant::now() < deadline, "waited for {DEADLINE:?}, but not until {what}: {}", names(window));
        window.step();
        // The workers get what is left over: a test that spins would leave them nothing.
        thread::park_timeout(Duration::from_millis(1));
    }
}

#[track_caller]
pub fn click(window: &mut Window, role: Role, name: &str) {
    the(window, role, name).click();
    window.step();
}

/// Opens the palette by its key.
#[track_caller]
pub fn summon(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::P);
    until(window, "the field has the focus", |window| the(window, Role::SearchInput, FIELD).is_focused());
    until(window, "the actions are offered", |window| find(window, Role::MenuItem, "Open files…").is_some());
}

/// Opens the palette and types until `entry` is the one that Enter takes.
#[track_caller]
pub fn choose(window: &mut Window, words: &str, entry: &str) {
    summon(window);
    the(window, Role::SearchInput, FIELD).type_text(words);
    until(window, entry, |window| is_on(window, Role::MenuItem, entry));
}

/// Types a path and Enter into the command field.
#[track_caller]
pub fn go(window: &mut Window, path: &Path) {
    choose(window, &path.display().to_string(), &format!("Open {}", path.display()));
    window.key_press(Key::Enter);
    window.step();
}

/// [`go`], and waits until the text is there and has the keys.
#[track_caller]
pub fn open(window: &mut Window, path: &Path) {
    go(window, path);
    let text = format!("Text of {}", path.file_name().expect("a name").display());
    let has_keys = |window: &Window| find(window, Role::Document, &text).is_some_and(|text| text.is_focused());
    until(window, "the text is shown and has the keys", has_keys);
}

/// Starts the practice server, which runs until it is stopped.
#[track_caller]
pub fn serve(window: &mut Window) {
    click(window, Role::Button, "Practice");
    until(window, "the form is open", |window| find(window, Role::TextInput, "Port (optional)").is_some());
    window.key_press(Key::Enter);
    until(window, "the server listens", |window| tells(window, "Practice server, http://"));
}

/// Opens the go-to field.
#[track_caller]
pub fn ask_where(window: &mut Window) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    let asked = |window: &Window| find(window, Role::TextInput, "Go to").is_some_and(|field| field.is_focused());
    until(window, "the go-to field has the focus", asked);
}
