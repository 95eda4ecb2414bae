//! The dialogs, the palette and the bar by the keyboard: what has the focus and shows it, what a key does and to whom, and
//! that everything has the room that it needs and no more. Drawn as in `shell.rs`, without a display.
#![expect(clippy::disallowed_methods, reason = "files are made for the window to open")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;

use antifreeze::ui::{Notices, install};
use egui::accesskit::Toggled;
use egui::{Event, Key, Modifiers, OutputCommand, Rect, Role, Shape, StrokeKind, Vec2, ViewportEvent, ViewportId};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use screen::{FIELD, Window, click, find, go, is_on, names, serve, summon, tells, the, until};
use tempfile::TempDir;

/// The usual size of the window, and the smallest.
const SIZES: [Vec2; 3] = [Vec2::new(1_280.0, 800.0), Vec2::new(800.0, 600.0), Vec2::new(640.0, 400.0)];

#[test]
fn a_dialog_is_no_higher_than_what_is_in_it_whatever_was_shown_before() {
    let (mut window, _folder) = window();
    form(&mut window, "Sample", "Size");
    let sample = gap_before_buttons(&window, "Save to (optional)");
    window.key_press(Key::Escape);
    until(&mut window, "the form is gone", |window| find(window, Role::TextInput, "Size").is_none());
    form(&mut window, "Download", "Address");
    settle(&mut window);
    let download = gap_before_buttons(&window, "Save to (optional)");
    assert!(
        (sample - download).abs() < 1.0,
        "{download} points before the buttons, {sample} in a dialog of its own size"
    );
    assert!(download < 40.0, "{download} points between the last field and the buttons");
}

#[test]
fn a_dialog_that_shrinks_takes_its_buttons_along() {
    let (mut window, folder) = window();
    go(&mut window, &folder.path().join("missing.txt"));
    let card = |window: &Window| tells(window, "missing.txt, There is");
    until(&mut window, "its card tells it", card);
    window.query_all_by_label_contains("missing.txt, There is").next().unwrap().click();
    until(&mut window, "the failure is explained", |window| find(window, Role::Button, "Retry").is_some());
    settle(&mut window);
    let gap = |window: &Window| {
        let details = window.query_all_by_label("Details").next().expect("details").rect();
        the(window, Role::Button, "Close").rect().top() - details.bottom()
    };
    let before = gap(&window);
    let details = |window: &mut Window| {
        window.query_all_by_label("Details").next().expect("details").click();
        settle(window);
    };
    details(&mut window);
    assert!(gap(&window) > before + 10.0, "the details have no room: {} after {before}", gap(&window));
    details(&mut window);
    assert!((gap(&window) - before).abs() < 1.0, "{} points were {before} before", gap(&window));
}

#[test]
fn what_is_typed_first_replaces_what_a_form_proposes() {
    let (mut window, _folder) = window();
    form(&mut window, "Sample", "Size");
    assert_eq!(value(&window, "Size"), "1 GB");
    type_text(&mut window, "50MB");
    until(&mut window, "it is typed", |window| value(window, "Size").contains("50MB"));
    assert_eq!(value(&window, "Size"), "50MB");
}

#[test]
fn a_form_that_is_refused_has_the_focus_back_in_its_first_field() {
    let (mut window, _folder) = window();
    form(&mut window, "Sample", "Size");
    type_text(&mut window, "much");
    window.key_press(Key::Enter);
    settle(&mut window);
    assert!(the(&window, Role::TextInput, "Size").is_focused(), "nothing to type into: {}", names(&window));
    type_text(&mut window, "2 KB");
    until(&mut window, "it is typed", |window| value(window, "Size").contains("2 KB"));
    assert_eq!(value(&window, "Size"), "2 KB");
}

#[test]
fn the_button_of_a_form_says_what_it_does() {
    let (mut window, _folder) = window();
    for (name, field, verb) in
        [("Download", "Address", "Download"), ("Sample", "Size", "Write"), ("Practice", "Port (optional)", "Start")]
    {
        form(&mut window, name, field);
        let field = the(&window, Role::TextInput, field).rect();
        let below = |button: &Node<'_>| button.rect().top() > field.bottom();
        let said = window.query_all_by_role_and_label(Role::Button, verb).any(|button| below(&button));
        assert!(said, "no button {verb}: {}", names(&window));
        window.key_press(Key::Escape);
        until(&mut window, "the form is gone", |window| find(window, Role::Button, "Cancel").is_none());
    }
}

#[test]
fn the_button_that_has_the_focus_shows_it_by_a_ring() {
    let (mut window, _folder) = window();
    form(&mut window, "Sample", "Size");
    for button in ["Write", "Cancel"] {
        assert!(!is_ringed(&window, button), "{button} looks focused without the focus");
    }
    for (button, other) in [("Write", "Cancel"), ("Cancel", "Write")] {
        let focused = |window: &Window| the(window, Role::Button, button).is_focused();
        for _ in 0..8 {
            if !focused(&window) {
                window.key_press(Key::Tab);
                settle(&mut window);
            }
        }
        assert!(focused(&window), "{button} is not to be reached by Tab");
        assert!(is_ringed(&window, button), "{button} has the focus and does not show it");
        assert!(!is_ringed(&window, other), "{other} looks focused too");
    }
}

#[test]
fn what_had_the_focus_before_a_dialog_has_it_again_afterwards() {
    let (mut window, _folder) = window();
    the(&window, Role::Button, "Sample").focus();
    until(&mut window, "it has the focus", |window| the(window, Role::Button, "Sample").is_focused());
    for (key, what) in [(Key::Escape, "given up"), (Key::Enter, "closed")] {
        window.key_press(Key::Enter);
        until(&mut window, "the form is open", |window| find(window, Role::TextInput, "Size").is_some());
        settle(&mut window);
        if key == Key::Enter {
            the(&window, Role::Button, "Cancel").focus();
            settle(&mut window);
        }
        window.key_press(key);
        until(&mut window, what, |window| find(window, Role::TextInput, "Size").is_none());
        settle(&mut window);
        assert!(the(&window, Role::Button, "Sample").is_focused(), "the focus is lost when the form is {what}");
    }
}

#[test]
fn the_question_before_quitting_is_answered_by_enter_with_what_is_safe() {
    let (mut window, _folder) = window();
    serve(&mut window);
    ask_to_quit(&mut window);
    assert!(the(&window, Role::Button, "Keep working").is_focused());
    assert!(is_ringed(&window, "Keep working"), "nobody sees what Enter does");
    // The other answer can be reached too.
    window.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    until(&mut window, "the other answer", |window| the(window, Role::Button, "Stop and quit").is_focused());
    window.key_press(Key::Tab);
    until(&mut window, "the first answer", |window| the(window, Role::Button, "Keep working").is_focused());
    window.key_press(Key::Enter);
    until(&mut window, "the question is gone", |window| find(window, Role::Button, "Keep working").is_none());
    // It is asked again, with the same answer at hand.
    ask_to_quit(&mut window);
    assert!(the(&window, Role::Button, "Keep working").is_focused());
}

#[test]
fn a_practice_server_that_nobody_asks_lets_the_window_rest() {
    let (mut window, _folder) = window();
    serve(&mut window);
    until(&mut window, "the pulse rests", |window| find(window, Role::Image, "Pulse, at rest").is_some());
    let card = window.query_all_by_label_contains("Practice server, http://").next().expect("its card");
    let label = card.accesskit_node().label().unwrap_or_default();
    let address = label.split("http://").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address");
    let mut asked = TcpStream::connect(address).expect("the server");
    asked.write_all(format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).expect("the server");
    until(&mut window, "the pulse turns", |window| find(window, Role::Image, "Pulse, turning").is_some());
    until(&mut window, "the pulse rests again", |window| find(window, Role::Image, "Pulse, at rest").is_some());
}

#[test]
fn enter_before_a_form_that_waits_behind_the_question_starts_nothing() {
    let (mut window, _folder) = window();
    serve(&mut window);
    form(&mut window, "Practice", "Port (optional)");
    ask_to_quit(&mut window);
    window.key_press(Key::Enter);
    until(&mut window, "the question is gone", |window| find(window, Role::Button, "Keep working").is_none());
    settle(&mut window);
    assert!(find(&window, Role::TextInput, "Port (optional)").is_some(), "the form took the answer for its own");
}

#[test]
fn escape_closes_the_palette_and_leaves_what_is_selected() {
    let (mut window, folder) = window();
    let path = folder.path().join("two.txt");
    fs::write(&path, "one\ntwo\n").expect("a file");
    go(&mut window, &path);
    until(&mut window, "it is open", |window| find(window, Role::Document, "Text of two.txt").is_some());
    until(&mut window, "it has the focus", |window| the(window, Role::Document, "Text of two.txt").is_focused());
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    settle(&mut window);
    summon(&mut window);
    window.key_press(Key::Escape);
    until(&mut window, "the palette is gone", |window| find(window, Role::MenuItem, "Open files…").is_none());
    until(&mut window, "it has the focus", |window| the(window, Role::Document, "Text of two.txt").is_focused());

    window.input_mut().events.push(Event::Copy);
    let copied = |window: &Window| {
        let mut commands = window.output().platform_output.commands.iter();
        commands.any(|command| matches!(command, OutputCommand::CopyText(text) if text == "one\ntwo\n"))
    };
    until(&mut window, "all of it is copied", copied);
}

#[test]
fn the_arrows_reach_every_action_of_the_palette_and_keep_it_in_sight() {
    for size in SIZES {
        let (mut window, _folder) = window();
        window.set_size(size);
        settle(&mut window);
        summon(&mut window);
        settle(&mut window);
        let field = the(&window, Role::SearchInput, FIELD).rect();
        let (first, last) = ("Open files…", "Have many users ask a server…");
        let room = Rect::from_x_y_ranges(f32::NEG_INFINITY..=f32::INFINITY, field.bottom()..=size.y);
        let seen = |window: &Window, entry| room.contains_rect(the(window, Role::MenuItem, entry).rect());
        assert!(is_on(&window, Role::MenuItem, first) && seen(&window, first), "{}", names(&window));
        assert!(!seen(&window, last), "it is in sight as it is, which proves nothing, at {size}");
        for _ in 0..60 {
            window.key_press(Key::ArrowDown);
            window.step();
        }
        settle(&mut window);
        assert!(is_on(&window, Role::MenuItem, last), "the last one is not reached: {}", names(&window));
        assert!(
            seen(&window, last),
            "chosen out of sight at {:?} at {size}",
            the(&window, Role::MenuItem, last).rect()
        );
        assert!(!seen(&window, first), "the list is higher than the window at {size}");
        for _ in 0..60 {
            window.key_press(Key::ArrowUp);
            window.step();
        }
        settle(&mut window);
        assert!(
            is_on(&window, Role::MenuItem, first) && seen(&window, first),
            "there is no way back: {}",
            names(&window)
        );
    }
}

#[test]
fn a_list_that_was_short_grows_again() {
    let (mut window, _folder) = window();
    summon(&mut window);
    settle(&mut window);
    let fifth = "Switch to Blocking: run jobs on the UI thread";
    let before = the(&window, Role::MenuItem, fifth).rect();
    type_text(&mut window, "zoom");
    until(&mut window, "few are left", |window| find(window, Role::MenuItem, fifth).is_none());
    assert!(is_on(&window, Role::MenuItem, "Larger text"), "zoom finds nothing: {}", names(&window));
    settle(&mut window);
    for _ in 0.."zoom".len() {
        window.key_press(Key::Backspace);
    }
    until(&mut window, "all are back", |window| find(window, Role::MenuItem, fifth).is_some());
    settle(&mut window);
    assert_eq!(the(&window, Role::MenuItem, fifth).rect(), before);
    // Its place is known where it is cut off too; only what is in sight can be clicked.
    the(&window, Role::MenuItem, fifth).click();
    settle(&mut window);
    let blocking = the(&window, Role::RadioButton, "Blocking").accesskit_node().toggled();
    assert_eq!(blocking, Some(Toggled::True), "the list is cut off: {}", names(&window));
}

#[test]
fn the_settings_have_a_button_that_is_in_nothings_way() {
    for size in SIZES {
        let (mut window, _folder) = window();
        window.set_size(size);
        settle(&mut window);
        let button = the(&window, Role::Button, "Settings").rect();
        let field = the(&window, Role::SearchInput, FIELD).rect();
        let switch = the(&window, Role::RadioButton, "Background").rect();
        let practice = window.query_all_by_role(Role::Button).map(|node| node.rect());
        let starts = practice.filter(|rect| rect.center().y < 48.0 && rect.center().x < field.left());
        let starts = starts.map(|rect| rect.right()).fold(0.0, f32::max);
        assert!(
            starts > 0.0 && starts <= field.left(),
            "the field at {field:?} covers what ends at {starts}, at {size}"
        );
        assert!(field.right() < button.left(), "{field:?} covers {button:?} at {size}");
        assert!(button.right() < switch.left(), "{button:?} covers {switch:?} at {size}");
        click(&mut window, Role::Button, "Settings");
        until(&mut window, "the settings are open", |window| find(window, Role::Label, "Settings").is_some());
    }
}

#[test]
fn the_settings_call_what_runs_by_nouns() {
    let (mut window, _folder) = window();
    click(&mut window, Role::Button, "Settings");
    for name in ["Opening files", "Downloads", "Samples", "Practice servers", "Users"] {
        until(&mut window, name, |window| find(window, Role::SpinButton, name).is_some());
    }
}

#[test]
fn notices_are_as_high_as_their_words_and_stand_above_the_meter_however_many_there_are() {
    for count in 1..=3_u8 {
        let mut notices = Notices::default();
        let words = |number| format!("This is notice {number}, whose words take a line and a part of another one");
        (1..=count).for_each(|number| notices.say(words(number)));
        let build = |creation: &mut eframe::CreationContext<'_>| {
            install(&creation.egui_ctx);
            Alone(notices)
        };
        let mut window = Harness::builder().with_size(SIZES[1]).build_eframe(build);
        window.run_steps(60);
        let tops = window.query_all_by_role_and_label(Role::Button, "Close the notice").map(|node| node.rect().top());
        let tops: Vec<f32> = tops.collect();
        assert_eq!(tops.len(), usize::from(count));
        let words: Vec<_> =
            (1..=count).map(|number| window.get_by_role_and_label(Role::Label, &words(number)).rect()).collect();
        for pair in words.windows(2) {
            let gap = pair[1].top() - pair[0].bottom();
            assert!((0.0..60.0).contains(&gap), "{gap} points between two of {count}");
        }
        let last = words.last().expect("one at least").bottom();
        assert!((last - (SIZES[1].y - 72.0)).abs() < 40.0, "the last of {count} ends at {last}");
        assert!(words.iter().all(|rect| rect.left() > SIZES[1].x / 2.0 - 20.0), "{words:?}");
    }
}

/// Nothing but notices.
struct Alone(Notices);

impl eframe::App for Alone {
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.0.ui(ui);
    }
}

/// A window without documents, and a folder for its downloads and for files of the test.
fn window() -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (screen::window(SIZES[0], screen::start(folder.path())), folder)
}

fn value(window: &Window, field: &str) -> String {
    the(window, Role::TextInput, field).value().unwrap_or_default()
}

/// Draws as many frames as layout, focus and animations need, which is fewer than ten.
fn settle(window: &mut Window) {
    for _ in 0..10 {
        window.step();
    }
}

/// Types where the focus is, as the keyboard does.
fn type_text(window: &mut Window, text: &str) {
    window.input_mut().events.push(Event::Text(text.to_owned()));
    window.step();
}

/// Opens a form by its word on the bar, and waits for the focus in its first field.
#[track_caller]
fn form(window: &mut Window, name: &str, first: &str) {
    click(window, Role::Button, name);
    let ready = |window: &Window| find(window, Role::TextInput, first).is_some_and(|field| field.is_focused());
    until(window, "the form is open", ready);
    settle(window);
}

/// The room between the last field of a form and its buttons, in points.
#[track_caller]
fn gap_before_buttons(window: &Window, last: &str) -> f32 {
    the(window, Role::Button, "Cancel").rect().top() - the(window, Role::TextInput, last).rect().bottom()
}

/// Whether a line is drawn around a button, outside of it.
#[track_caller]
fn is_ringed(window: &Window, button: &str) -> bool {
    let button = the(window, Role::Button, button).rect();
    let is_around = |rect: &Rect| rect.contains_rect(button.expand(1.0)) && button.expand(6.0).contains_rect(*rect);
    window.output().shapes.iter().any(|clipped| match &clipped.shape {
        Shape::Rect(shape) => {
            is_around(&shape.rect) && shape.stroke.width >= 1.5 && shape.stroke_kind == StrokeKind::Outside
        }
        _ => false,
    })
}

/// Does what the button in the window's frame does, and waits for the question.
fn ask_to_quit(window: &mut Window) {
    let viewport = window.input_mut().viewports.get_mut(&ViewportId::ROOT).expect("the window");
    viewport.events.push(ViewportEvent::Close);
    window.step();
    until(window, "it asks", |window| find(window, Role::Button, "Keep working").is_some());
    settle(window);
}
