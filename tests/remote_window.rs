//! Files on servers in the window: opened from the palette where they are, gone through before they are indexed, indexed by a
//! button, and kept without secrets. Where that can not be, the download is offered.
#![expect(clippy::disallowed_methods, reason = "what the window keeps and downloads is looked at")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/range_server.rs"]
mod range_server;
#[path = "support/screen.rs"]
mod screen;

use std::fs;

use antifreeze::app::Start;
use antifreeze::state::StateFile;
use egui::{Key, Modifiers, Role};
use range_server::{File, RangeServer};
use screen::{FIELD, Window, click, find, is_on, names, summon, tells, the, until};
use tempfile::TempDir;

/// The lines of a file that is indexed only when somebody asks for it: 16 MB.
const LARGE: u64 = 1 << 19;

/// The name of the button that indexes a document.
const INDEX: &str = "Index the document: all of it is fetched";

#[test]
fn a_file_on_a_server_is_opened_from_the_palette_and_indexed_by_a_button() {
    for size in [[1_280.0, 800.0], [800.0, 600.0]] {
        let server = RangeServer::start();
        let url = server.serve("/logs/big.log", File::lines(LARGE));
        let folder = tempfile::tempdir().expect("a folder");
        let mut window = screen::window(size, screen::start(folder.path()));
        open_where_it_is(&mut window, &url);
        let text = |window: &Window| find(window, Role::Document, "Text of big.log").is_some_and(|it| it.is_focused());
        until(&mut window, "the text is shown and has the keys", text);
        until(&mut window, "it is not indexed", |window| find(window, Role::Button, INDEX).is_some());
        assert!(find(&window, Role::Label, "Not indexed").is_some(), "{}", names(&window));
        until(&mut window, "its card says so", |window| tells(window, "opened, not indexed"));
        assert!(find(&window, Role::Tab, "big.log").is_some(), "{}", names(&window));
        assert_eq!(window.unnamed_widgets(), [""; 0]);

        window.key_press_modifiers(Modifiers::COMMAND, Key::End);
        until(&mut window, "the end is shown", |window| find(window, Role::Label, "100 %").is_some());
        assert!(server.sent_bytes() < 2 << 20, "{} bytes were fetched", server.sent_bytes());

        click(&mut window, Role::Button, INDEX);
        until(&mut window, "all lines are counted", |window| tells(window, "524,288 lines"));
        let line = |window: &Window| find(window, Role::Label, "line 524,288").is_some();
        // In a small window there is no room for it.
        if size[0] > 1_000.0 {
            until(&mut window, "the line is told", line);
        }
        assert!(find(&window, Role::Button, INDEX).is_none(), "{}", names(&window));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "something was downloaded");
    }
}

#[test]
fn a_table_an_outline_and_a_picture_are_read_to_their_end_on_request_alone() {
    let server = RangeServer::start();
    let (mut window, _folder) = opened(&server.serve("/big.csv", File::lines(LARGE)));
    until(&mut window, "it is a table", |window| find(window, Role::Table, "Table of big.csv").is_some());
    until(&mut window, "it is not indexed", |window| find(window, Role::Label, "Not indexed").is_some());
    assert!(server.sent_bytes() < 2 << 20, "{} bytes were fetched", server.sent_bytes());
    assert_eq!(window.unnamed_widgets(), [""; 0]);
    click(&mut window, Role::Button, "Index");
    until(&mut window, "its rows are counted", |window| tells(window, "524,28"));

    let before = server.sent_bytes();
    let json = [b"[\"".to_vec(), vec![b'a'; 9 << 20], b"\", 7]".to_vec()].concat();
    let (mut window, _folder) = opened(&server.serve("/big.json", File::bytes(&json)));
    until(&mut window, "it is not read", |window| find(window, Role::Label, "Not read").is_some());
    assert!(server.sent_bytes() < before + (2 << 20), "{} bytes were fetched", server.sent_bytes() - before);
    click(&mut window, Role::Button, "Read the outline: all of the file is read");
    until(&mut window, "its values are counted", |window| tells(window, "3 values"));

    let before = server.sent_bytes();
    let png = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 9 << 20]].concat();
    let (mut window, _folder) = opened(&server.serve("/big.png", File::bytes(&png)));
    until(&mut window, "it is offered", |window| find(window, Role::Button, "Fetch it").is_some());
    assert!(server.sent_bytes() < before + (2 << 20), "{} bytes were fetched", server.sent_bytes() - before);
    click(&mut window, Role::Button, "Fetch it");
    until(&mut window, "it is none after all", |window| find(window, Role::Button, "Try again").is_some());
}

#[test]
fn who_goes_to_a_line_that_is_not_indexed_is_told_so() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(LARGE));
    let (mut window, _folder) = opened(&url);
    until(&mut window, "it is not indexed", |window| find(window, Role::Button, INDEX).is_some());
    screen::ask_where(&mut window);
    the(&window, Role::TextInput, "Go to").type_text("400000");
    window.step();
    window.key_press(Key::Enter);
    until(&mut window, "it is told", |window| tells(window, "Only 2,048 lines are known: the document is not indexed"));
}

#[test]
fn where_a_server_gives_no_parts_the_download_is_offered_and_opened() {
    let server = RangeServer::start();
    let url = server.serve("/whole.log", File { parts: false, ..File::lines(100) });
    let (mut window, folder) = opened(&url);
    until(&mut window, "it is told", |window| tells(window, "This server gives no parts of files"));
    click(&mut window, Role::Button, "Download it");
    until(&mut window, "it is downloaded and shown", |window| {
        find(window, Role::Document, "Text of whole.log").is_some() && tells(window, "100 lines")
    });
    assert_eq!(fs::metadata(folder.path().join("whole.log")).expect("a file").len(), 3_200);
}

#[test]
fn what_is_kept_of_a_file_on_a_server_has_no_secrets_and_leads_to_it_again() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(10));
    server.serve("/big.log?token=mystery", File::lines(10));
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state.json");
    let start = || Start { state: StateFile::at(state.clone()), ..screen::start(folder.path()) };
    let mut window = screen::window([1_280.0, 800.0], start());
    let secret = format!("{}?token=mystery", url.replace("://", "://me:secret@"));
    open_where_it_is(&mut window, &secret);
    until(&mut window, "it is shown", |window| find(window, Role::Document, "Text of big.log").is_some());
    until(&mut window, "it is kept", |_| fs::read_to_string(&state).is_ok_and(|kept| kept.contains("big.log")));
    drop(window);
    let kept = fs::read_to_string(&state).expect("a state");
    assert!(kept.contains(&url) && !kept.contains("secret") && !kept.contains("mystery"), "{kept}");
    let mut window = screen::window([1_280.0, 800.0], start());
    until(&mut window, "it is back", |window| tells(window, "10 lines"));
}

/// A window in which the file at an address is opened where it is.
fn opened(url: &str) -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = screen::window([1_280.0, 800.0], screen::start(folder.path()));
    open_where_it_is(&mut window, url);
    (window, folder)
}

/// Types an address into the command field, and takes the entry after that of the download.
#[track_caller]
fn open_where_it_is(window: &mut Window, url: &str) {
    let entry = format!("Open {url} without downloading it");
    summon(window);
    the(window, Role::SearchInput, FIELD).type_text(url);
    until(window, &entry, |window| find(window, Role::MenuItem, &entry).is_some());
    window.key_press(Key::ArrowDown);
    until(window, "it is chosen", |window| is_on(window, Role::MenuItem, &entry));
    window.key_press(Key::Enter);
    window.step();
}
