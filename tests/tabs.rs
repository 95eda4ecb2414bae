//! Tabs, panes and cards as they lie in the window: what is in sight, what is beside what, and in which order. The real
//! program, drawn frame after frame without a display; every wait is for a condition, with a deadline.
#![expect(clippy::disallowed_methods, reason = "files are made to be shown")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use antifreeze::app::Start;
use antifreeze::ui::{Outlook, SavedTab, Shown};
use egui::accesskit::Action;
use egui::{Key, Modifiers, Rect, Role, ViewportCommand, ViewportEvent, ViewportId, pos2, vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use screen::{Window, click, find, names, the, until};
use tempfile::TempDir;

/// More frames than any motion in the window takes.
const AT_REST: usize = 40;
const SPLIT: &str = "Put the tab beside the others";

#[test]
fn the_name_of_the_tab_in_front_is_in_sight_whatever_else_is_open() {
    let names: Vec<String> = (10..26).map(|number| format!("document-{number}.txt")).collect();
    let (mut window, _folder) = window_with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_in_sight(&mut window, "document-25.txt");
    for name in &names {
        window.key_press_modifiers(Modifiers::CTRL, Key::Tab);
        assert_in_sight(&mut window, name);
    }
    window.key_press_modifiers(Modifiers::CTRL | Modifiers::SHIFT, Key::Tab);
    assert_in_sight(&mut window, "document-24.txt");
}

#[test]
fn the_name_of_the_tab_in_front_stays_in_sight_when_the_window_changes_its_size() {
    let names: Vec<String> = (10..20).map(|number| format!("document-{number}.txt")).collect();
    let (mut window, _folder) = window_with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for name in ["document-15.txt", "document-16.txt", "document-17.txt", "document-18.txt", "document-19.txt"] {
        the(&window, Role::Tab, name).click_accesskit();
        for size in [vec2(1_280.0, 800.0), vec2(800.0, 600.0), vec2(700.0, 600.0), vec2(1_000.0, 700.0)] {
            window.set_size(size);
            assert_in_sight(&mut window, name);
        }
    }
}

#[test]
fn names_that_the_person_scrolls_away_stay_away() {
    let names: Vec<String> = (10..26).map(|number| format!("document-{number}.txt")).collect();
    let (mut window, _folder) = window_with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_in_sight(&mut window, "document-25.txt");
    for _ in 0..3 {
        the(&window, Role::Button, "Scroll tabs left").click();
        window.run_steps(AT_REST);
    }
    let close = rect(&window, Role::Button, "Close document-25.txt");
    assert!(close.left() > strip_end(&window), "it was scrolled back");
}

#[test]
fn a_document_that_is_read_again_keeps_its_place_among_the_tabs() {
    let (mut window, folder) = window_with(&["one.txt", "two.txt", "three.txt"]);
    the(&window, Role::Tab, "one.txt").click();
    until(&mut window, "it is in front", |window| shows(window, "one.txt"));
    fs::write(folder.path().join("one.txt"), "a\nb\nc\n").expect("a file");
    window.key_press_modifiers(Modifiers::COMMAND, Key::R);
    until(&mut window, "it is read again", |window| find(window, Role::Label, "3 lines").is_some());
    assert_eq!(tabs(&window), ["one.txt", "two.txt", "three.txt"]);

    window.key_press_modifiers(Modifiers::CTRL, Key::Tab);
    the(&window, Role::Tab, "three.txt").click();
    until(&mut window, "another is in front", |window| shows(window, "three.txt"));
    click(&mut window, Role::Button, SPLIT);
    until(&mut window, "it is beside the others", |window| documents(window).len() == 2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::R);
    window.run_steps(AT_REST);
    until(&mut window, "it is shown again", |window| shows(window, "three.txt"));
    assert_eq!(documents(&window), ["two.txt", "three.txt"], "it has left its pane");
}

#[test]
fn closing_the_last_tab_of_a_pane_leaves_what_the_other_pane_shows() {
    let (mut window, _folder) = window_with(&["small.txt", "crlf.txt", "newlines.txt", "bom.txt"]);
    click(&mut window, Role::Button, SPLIT);
    until(&mut window, "it is beside the others", |window| documents(window) == ["newlines.txt", "bom.txt"]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    until(&mut window, "it is closed", |window| find(window, Role::Tab, "bom.txt").is_none());
    window.run_steps(AT_REST);
    assert_eq!(documents(&window), ["newlines.txt"]);
}

#[test]
fn closing_a_tab_by_its_cross_shows_its_neighbour_in_a_pane_that_is_not_in_front_too() {
    let (mut window, _folder) = window_with(&["a.txt", "b.txt", "c.txt", "d.txt"]);
    click(&mut window, Role::Button, SPLIT);
    until(&mut window, "it is beside the others", |window| documents(window) == ["c.txt", "d.txt"]);
    click(&mut window, Role::Button, "Close c.txt");
    window.run_steps(AT_REST);
    assert_eq!(documents(&window), ["b.txt", "d.txt"]);
}

#[test]
fn the_buttons_over_a_pane_act_on_that_pane() {
    let (mut window, _folder) = window_with(&["a.txt", "b.txt", "c.txt", "d.txt"]);
    click(&mut window, Role::Button, SPLIT);
    until(&mut window, "it is beside the others", |window| documents(window) == ["c.txt", "d.txt"]);
    // The pane on the right is in front, and has but one tab.
    leftmost(&window, Role::Button, SPLIT).click();
    window.step();
    until(&mut window, "the pane on the left is split", |window| documents(window) == ["b.txt", "c.txt", "d.txt"]);
}

#[test]
fn panes_that_are_split_again_are_equally_wide() {
    let (mut window, _folder) = window_with(&["a.txt", "b.txt", "c.txt", "d.txt"]);
    for panes in 2..=4 {
        leftmost(&window, Role::Button, SPLIT).click();
        window.step();
        until(&mut window, "there is one pane more", |window| documents(window).len() == panes);
        window.run_steps(AT_REST);
        let edges = lefts(&window, SPLIT);
        let widths: Vec<f32> = edges.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let equal = widths.iter().all(|width| (width - widths[0]).abs() < 2.0);
        assert!(equal && edges.len() == panes, "{edges:?}");
        let content = 1_280.0 - first_document(&window).left();
        #[expect(clippy::cast_precision_loss, reason = "there are four at most")]
        let share = content / panes as f32;
        assert!(widths.iter().all(|width| (width - share).abs() < 8.0), "{widths:?} of {content}");
    }
}

#[test]
fn panes_come_back_beside_each_other() {
    let (mut window, folder) = window_with(&[]);
    let saved = |name: &str, pane, shown, front| SavedTab {
        shows: Shown::File { path: file(&folder, name), outlook: Outlook::default() },
        front,
        pane,
        shown,
    };
    let tabs = vec![saved("a.txt", 0, true, true), saved("b.txt", 0, false, false), saved("c.txt", 1, true, false)];
    window.state_mut().reopen(tabs);
    until(&mut window, "both panes are shown", |window| documents(window) == ["a.txt", "c.txt"]);
    window.key_press_modifiers(Modifiers::COMMAND, Key::W);
    until(&mut window, "the one in front is closed", |window| find(window, Role::Tab, "a.txt").is_none());
    window.run_steps(AT_REST);
    assert_eq!(documents(&window), ["b.txt", "c.txt"]);
}

#[test]
fn the_head_of_the_jobs_never_overlaps_itself() {
    let (mut window, _silent, _folder) = window_that_downloads(&["a", "b", "c", "d", "e", "f"]);
    click(&mut window, Role::Button, "Pause d");
    let summary = "4 running · 1 paused · 1 waiting";
    until(&mut window, "one is paused", |window| find(window, Role::Label, summary).is_some());
    click(&mut window, Role::Button, "Cancel a");
    let clear = "Clear jobs that are over";
    let summary = "4 running · 1 paused";
    until(&mut window, "one is over", |window| find(window, Role::Button, clear).is_some());
    until(&mut window, "the last one runs", |window| find(window, Role::Label, summary).is_some());
    for width in [264.0, 220.0, 180.0, 320.0] {
        let edge = separator(&window);
        window.hover_at(edge);
        window.step();
        window.drag_at(edge);
        window.step();
        window.hover_at(pos2(width, edge.y));
        window.step();
        window.drop_at(pos2(width, edge.y));
        window.run_steps(AT_REST);
        assert!((separator(&window).x - width).abs() < 4.0, "the panel is {:?} wide", separator(&window));
        let (title, counts) = (rect(&window, Role::Label, "Jobs"), rect(&window, Role::Label, summary));
        let clear = rect(&window, Role::Button, clear);
        assert!(title.right() <= counts.left() && counts.right() <= clear.left(), "{title} {counts} {clear}");
    }
}

#[test]
fn waiting_jobs_are_listed_as_they_will_start() {
    let (mut window, _silent, _folder) = window_that_downloads(&["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(cards(&window), ["d", "c", "b", "a", "e", "f", "g"]);
    assert_eq!(next_in_line(&window), ["e"]);
    click(&mut window, Role::Button, "Start next g");
    until(&mut window, "it is next", |window| next_in_line(window) == ["g"]);
    assert_eq!(cards(&window), ["d", "c", "b", "a", "g", "e", "f"]);
    click(&mut window, Role::Button, "Cancel a");
    until(&mut window, "another is next", |window| next_in_line(window) == ["e"]);
    until(&mut window, "what runs comes first", |window| cards(window) == ["g", "d", "c", "b", "e", "f", "a"]);
}

#[test]
fn a_second_press_on_a_card_that_was_cancelled_meets_no_other_job() {
    let (mut window, _silent, _folder) = window_that_downloads(&["a", "b"]);
    assert_eq!(cards(&window), ["b", "a"]);
    click(&mut window, Role::Button, "Cancel b");
    until(&mut window, "it is cancelled", |window| find(window, Role::Button, "Retry b").is_some());
    assert_eq!(cards(&window), ["b", "a"], "what is under the pointer has changed");
    click(&mut window, Role::Button, "Retry b");
    window.run_steps(2);
    assert!(find(&window, Role::Button, "Retry b").is_some(), "the second press has begun it again");
    until(&mut window, "what runs comes first again", |window| cards(window) == ["a", "b"]);
}

#[test]
fn the_keyboard_goes_over_the_buttons_of_a_card_from_left_to_right() {
    let (mut window, _silent, _folder) = window_that_downloads(&["a"]);
    the(&window, Role::Button, "Pause a").focus();
    until(&mut window, "it has the focus", |window| the(window, Role::Button, "Pause a").is_focused());
    assert!(rect(&window, Role::Button, "Pause a").right() <= rect(&window, Role::Button, "Cancel a").left());
    window.key_press(Key::Tab);
    window.run_steps(4);
    assert!(the(&window, Role::Button, "Cancel a").is_focused());
}

#[test]
fn the_focus_stays_on_a_card_whose_buttons_change() {
    let (mut window, _silent, _folder) = window_that_downloads(&["a"]);
    the(&window, Role::Button, "Pause a").focus();
    until(&mut window, "it has the focus", |window| the(window, Role::Button, "Pause a").is_focused());
    let card = window.query_all_by_role(Role::ListItem).next().expect("a card");
    assert!(!card.accesskit_node().data().supports_action(Action::Focus), "a card that leads nowhere can be reached");
    for next in ["Resume a", "Pause a"] {
        window.key_press(Key::Enter);
        until(&mut window, next, |window| find(window, Role::Button, next).is_some());
        window.run_steps(4);
        assert!(the(&window, Role::Button, next).is_focused(), "{next} has not got the focus");
    }
    window.key_press(Key::Tab);
    window.run_steps(4);
    assert!(the(&window, Role::Button, "Cancel a").is_focused());
    window.key_press(Key::Enter);
    until(&mut window, "it is over", |window| find(window, Role::Button, "Retry a").is_some());
    window.run_steps(4);
    assert!(the(&window, Role::Button, "Retry a").is_focused());
}

#[test]
fn the_question_before_quitting_goes_with_the_jobs_that_it_is_about() {
    let (mut window, silent, _folder) = window_that_downloads(&["a", "b"]);
    let viewport = window.input_mut().viewports.get_mut(&ViewportId::ROOT).expect("the window");
    viewport.events.push(ViewportEvent::Close);
    window.step();
    until(&mut window, "it asks", |window| find(window, Role::Label, "• b").is_some());
    the(&window, Role::Button, "Cancel b").click_accesskit();
    until(&mut window, "it asks about the other alone", |window| find(window, Role::Label, "• b").is_none());
    assert!(find(&window, Role::Label, "• a").is_some(), "{}", names(&window));
    let refused = thread::Builder::new().spawn(move || {
        for asked in silent.incoming().take(2) {
            let mut asked = asked.expect("a connection");
            let _ = asked.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    until(&mut window, "it closes", |window| {
        let output = window.output().viewport_output.get(&ViewportId::ROOT);
        output.is_some_and(|output| output.commands.contains(&ViewportCommand::Close))
    });
    drop(refused);
}

#[test]
fn what_was_downloaded_comes_to_the_front_unless_something_else_is_done_meanwhile() {
    for busy in [false, true] {
        let (mut window, silent, folder) = window_that_downloads(&["a"]);
        let read = file(&folder, "read");
        if busy {
            // What is pressed sooner would belong to the start of the download.
            let later = Instant::now() + Duration::from_millis(400);
            until(&mut window, "a moment has passed", |_| Instant::now() > later);
            screen::open(&mut window, &read);
        }
        let answered = thread::Builder::new().spawn(move || {
            let (mut asked, _) = silent.accept().expect("a connection");
            let _ = asked.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na");
        });
        until(&mut window, "it has a tab", |window| find(window, Role::Tab, "a").is_some());
        assert!(shows(&window, if busy { "read" } else { "a" }), "{}", names(&window));
        drop(answered);
    }
}

/// A window that shows these files, the last in front.
fn window_with(names: &[&str]) -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let targets = names.iter().map(|name| file(&folder, name).display().to_string()).collect();
    let mut window = window(&folder, targets);
    if let Some(last) = names.last() {
        until(&mut window, "the last is shown", |window| shows(window, last));
    }
    (window, folder)
}

/// A window that downloads these from a server that never answers, as many at once as may be.
fn window_that_downloads(names: &[&str]) -> (Window, TcpListener, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("its address");
    let mut window = window(&folder, names.iter().map(|name| format!("http://{address}/{name}")).collect());
    until(&mut window, "all are listed", |window| cards(window).len() == names.len());
    until(&mut window, "they run", |window| {
        names.iter().take(4).all(|name| find(window, Role::Button, &format!("Pause {name}")).is_some())
    });
    (window, silent, folder)
}

fn window(folder: &TempDir, targets: Vec<String>) -> Window {
    screen::window([1_280.0, 800.0], Start { targets, ..screen::start(folder.path()) })
}

fn file(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, "one\ntwo\n").expect("a file");
    path
}

/// Asserts that the window at rest shows a tab with its name and its cross, between the arrows.
#[track_caller]
fn assert_in_sight(window: &mut Window, name: &str) {
    window.run_steps(AT_REST);
    until(window, "it is in front", |window| shows(window, name));
    let (tab, close) = (rect(window, Role::Tab, name), rect(window, Role::Button, &format!("Close {name}")));
    let arrow = find(window, Role::Button, "Scroll tabs left").map(|arrow| arrow.rect().right());
    let start = arrow.unwrap_or(first_document(window).left());
    let end = strip_end(window);
    assert!(tab.left() >= start - 1.0, "{name} begins at {}, but the strip at {start}", tab.left());
    assert!(tab.right() <= end + 1.0 && close.right() <= end, "{name} ends at {}, but the strip at {end}", tab.right());
}

/// Where the names end: at the arrow, or else at the buttons.
fn strip_end(window: &Window) -> f32 {
    let right = find(window, Role::Button, "Scroll tabs right").or(find(window, Role::Button, SPLIT));
    right.expect("a strip").rect().left()
}

fn rect(window: &Window, role: Role, name: &str) -> Rect {
    the(window, role, name).rect()
}

fn leftmost<'a>(window: &'a Window, role: Role, name: &'a str) -> Node<'a> {
    let all = window.query_all_by_role_and_label(role, name);
    all.min_by(|one, other| one.rect().left().total_cmp(&other.rect().left())).expect("one at least")
}

/// The left edges of all buttons of this name, from left to right.
fn lefts(window: &Window, name: &str) -> Vec<f32> {
    let all = window.query_all_by_role_and_label(Role::Button, name);
    let mut lefts: Vec<f32> = all.map(|node| node.rect().left()).collect();
    lefts.sort_by(f32::total_cmp);
    lefts
}

/// The names of all tabs, from left to right.
fn tabs(window: &Window) -> Vec<String> {
    named(window, Role::Tab, |rect| rect.left())
}

/// The names of the documents that are shown, from left to right.
fn documents(window: &Window) -> Vec<String> {
    let names = named(window, Role::Document, |rect| rect.left()).into_iter();
    names.filter_map(|name| Some(name.strip_prefix("Text of ")?.to_owned())).collect()
}

fn first_document(window: &Window) -> Rect {
    let all = window.query_all_by_role(Role::Document).map(|node| node.rect());
    all.min_by(|one, other| one.left().total_cmp(&other.left())).expect("a document")
}

fn shows(window: &Window, name: &str) -> bool {
    documents(window).iter().any(|shown| shown == name)
}

/// The titles of the jobs, from top to bottom.
fn cards(window: &Window) -> Vec<String> {
    let names = named(window, Role::ListItem, |rect| rect.top()).into_iter();
    names.filter_map(|name| Some(name.split_once(", ")?.0.to_owned())).collect()
}

fn next_in_line(window: &Window) -> Vec<String> {
    let names = named(window, Role::ListItem, |rect| rect.top()).into_iter();
    names.filter_map(|name| Some(name.strip_suffix(", Next in line")?.to_owned())).collect()
}

fn named(window: &Window, role: Role, place: impl Fn(Rect) -> f32) -> Vec<String> {
    let all =
        window.query_all_by_role(role).filter_map(|node| Some((place(node.rect()), node.accesskit_node().label()?)));
    let mut all: Vec<_> = all.collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    all.into_iter().map(|(_, name)| name).collect()
}

/// A point on the line between the jobs and the documents.
fn separator(window: &Window) -> egui::Pos2 {
    let card = window.query_all_by_label_contains("a, Cancelled").next().expect("a card").rect();
    pos2(card.right() + 8.0, 500.0)
}
