//! A download that is looked at while it arrives: what is there is shown and read like any file, what is not is drawn as
//! lacking, and in the end the whole file is in the same tab.
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/fault_server.rs"]
mod fault_server;
#[path = "support/screen.rs"]
mod screen;

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::Queryable as _;
use fault_server::{Behaviour, FaultServer};
use screen::{Window, choose, click, find, names, tells, until};
use tempfile::TempDir;

const LINE: &str = "a line of the file that arrives\n";
/// All lines, and those that come before the server waits.
const LINES: usize = 100_000;
const FIRST: usize = 70_000;
const OPEN: &str = "Open while it arrives file.log";

#[test]
fn what_is_there_is_shown_and_the_whole_file_comes_into_the_same_tab() {
    let (server, mut window, _folder) = fetch(&LINE.repeat(LINES));
    click(&mut window, Role::Button, OPEN);
    until(&mut window, "it is shown", |window| find(window, Role::Document, "Text of file.log.part").is_some());
    until(&mut window, "what lacks is told", |window| tells(window, " not here yet"));
    until(&mut window, "what is there is counted", |window| tells(window, " lines") && !tells(window, "so far"));
    assert_eq!(window.unnamed_widgets(), [""; 0]);
    server.release();
    until(&mut window, "all of it is there", |window| {
        find(window, Role::Document, "Text of file.log").is_some() && tells(window, "100,000 lines")
    });
    assert!(!tells(&window, " not here yet"), "{}", names(&window));
    assert_eq!(window.query_all_by_role(Role::Tab).count(), 1, "{}", names(&window));
}

#[test]
fn bytes_that_lack_are_drawn_as_lacking() {
    let (_server, mut window, _folder) = fetch(&LINE.repeat(LINES));
    choose(&mut window, "Open the download that arrives", "Open the download that arrives");
    window.key_press(Key::Enter);
    until(&mut window, "it is shown", |window| find(window, Role::Document, "Text of file.log.part").is_some());
    choose(&mut window, "Show as bytes", "Show as bytes");
    window.key_press(Key::Enter);
    until(&mut window, "its bytes are shown", |window| {
        find(window, Role::Document, "Bytes of file.log.part").is_some()
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(3);
    window.key_press(Key::PageDown);
    window.run_steps(3);
    until(&mut window, "what lacks is told", |window| tells(window, " not here yet"));
}

#[test]
fn a_download_that_fails_says_so_where_the_rest_lacks() {
    let (server, mut window, _folder) = fetch_but(&LINE.repeat(LINES), false);
    click(&mut window, Role::Button, OPEN);
    until(&mut window, "what lacks is told", |window| tells(window, " not here yet"));
    server.release();
    until(&mut window, "it is told", |window| tells(window, " did not arrive: the download failed or was stopped"));
    assert!(find(&window, Role::Document, "Text of file.log.part").is_some(), "what is there is gone");
}

/// A window that downloads `body`, of which the end comes when the server is told so.
fn fetch(body: &str) -> (FaultServer, Window, TempDir) {
    fetch_but(body, true)
}

/// The same, but the end comes only if it `ends`.
fn fetch_but(body: &str, ends: bool) -> (FaultServer, Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = FaultServer::start();
    let (first, rest) = body.split_at(FIRST * LINE.len());
    let waits = Behaviour::of_length(body.len(), first.as_bytes()).then_await_release();
    let behaviour = if ends { waits.then_send(rest.as_bytes()) } else { waits };
    let url = server.serve("/file.log", behaviour);
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    choose(&mut window, &url, &format!("Download {url}"));
    window.key_press(Key::Enter);
    until(&mut window, "something is there", |window| find(window, Role::Button, OPEN).is_some());
    (server, window, folder)
}
