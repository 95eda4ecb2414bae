//! A text in the window, as a person reads it: what is drawn, what the keys and the pointer select, and what the status
//! bar says of the place. What is selected shows in what a copy puts on the clipboard.
#![expect(clippy::disallowed_methods, reason = "files are made and changed to see what the window makes of them")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use egui::{Event, Key, Modifiers, OutputCommand, PointerButton, Pos2, Rect, Role, Shape, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use screen::{Window, ask_where, find, names, open, the, until};
use tempfile::TempDir;

const SHIFT: Modifiers = Modifiers::SHIFT;
const NONE: Modifiers = Modifiers::NONE;

#[test]
fn a_file_that_became_shorter_shows_its_text_when_it_is_read_again() {
    let (mut window, _folder, path) = opened(&lines(3_000));
    press(&mut window, Modifiers::COMMAND, Key::End);
    until(&mut window, "the end is drawn", |window| draws(window, "this is line 3000"));
    fs::write(&path, lines(100)).unwrap();
    press(&mut window, Modifiers::COMMAND, Key::R);
    until(&mut window, "the lines are counted", |window| find(window, Role::Label, "100 lines").is_some());
    until(&mut window, "its end is drawn, down to the bottom", |window| {
        draws(window, "this is line 100") && draws(window, "this is line 90")
    });
}

#[test]
fn a_column_that_no_line_has_any_more_is_left_when_a_file_is_read_again() {
    let (mut window, _folder, path) = opened(&format!("{}end\nshort\n", "a".repeat(5_000)));
    press(&mut window, NONE, Key::End);
    until(&mut window, "the end is drawn", |window| shows(window, "aaaend"));
    fs::write(&path, "short as well\n").unwrap();
    press(&mut window, Modifiers::COMMAND, Key::R);
    until(&mut window, "it is drawn", |window| draws(window, "short as well"));
}

#[test]
fn a_byte_that_is_gone_to_is_in_sight_and_marked_however_long_the_characters_before_it_are() {
    let (mut window, _folder, _path) = opened(&format!("{}Z\n{}", "ж".repeat(5_000), lines(100)));
    go_to(&mut window, "@10000");
    until(&mut window, "the byte is drawn", |window| shows(window, "жжжZ"));
    assert_eq!(copied(&mut window), "Z");
    let bars = window.query_all_by_role(Role::ScrollBar).filter_map(|bar| bar.accesskit_node().label());
    let bar = { bars }.find(|name| name.starts_with("Columns"));
    let percent = bar.as_deref().and_then(|name| name.strip_prefix("Columns, ")?.strip_suffix(" %")?.parse().ok());
    assert!(percent.is_some_and(|percent: u64| percent <= 100), "{bar:?}");
}

#[test]
fn the_last_byte_of_a_long_line_is_in_sight_with_what_comes_before_it() {
    let (mut window, _folder, _path) = opened(&format!("{}the end", "0123456789".repeat(30_000)));
    go_to(&mut window, "@999999999");
    until(&mut window, "the end is drawn", |window| shows(window, "7890123456789the end"));
    assert_eq!(copied(&mut window), "d");
    assert!(find(&window, Role::Label, "There are no more than 300,007 bytes").is_some(), "{}", names(&window));
    let (text, _) = drawn(&window).into_iter().find(|(text, _)| text.ends_with("the end")).expect("it is drawn");
    assert!(text.chars().count() > 30, "hardly anything before it is drawn: {text:?}");
}

#[test]
fn the_keys_to_the_ends_of_a_document_go_to_its_first_column_too() {
    let wide: String = (0..200).fold(String::new(), |all, number| all + &format!("{number} {}\n", "wide ".repeat(400)));
    let (mut window, _folder, _path) = opened(&(wide + "the last\n"));
    for (key, there) in [(Key::Home, "0 wide"), (Key::End, "the last")] {
        press(&mut window, NONE, Key::End);
        until(&mut window, "the view is elsewhere", |window| find(window, Role::ScrollBar, "Columns, 0 %").is_none());
        press(&mut window, Modifiers::COMMAND, key);
        until(&mut window, there, |window| drawn(window).iter().any(|(text, _)| text.starts_with(there)));
        assert!(find(&window, Role::ScrollBar, "Columns, 0 %").is_some(), "{key:?}: {}", names(&window));
    }
}

#[test]
fn the_end_of_a_document_whose_last_line_is_padded_with_blanks_shows_its_text() {
    let padded = format!("{}the last words{}\n", lines(200), " ".repeat(213));
    let (mut window, _folder, _path) = opened(&padded);
    press(&mut window, Modifiers::COMMAND, Key::End);
    until(&mut window, "the end is drawn", |window| shows(window, "the last words"));
    assert!(shows(&window, "this is line 200"), "{:?}", drawn(&window));
    until(&mut window, "the last line is told", |window| find(window, Role::Label, "line 201").is_some());
}

#[test]
fn escape_in_the_go_to_field_leaves_what_is_selected() {
    let (mut window, _folder, _path) = opened("one\ntwo\n");
    press(&mut window, Modifiers::COMMAND, Key::A);
    ask_where(&mut window);
    press(&mut window, NONE, Key::Escape);
    until(&mut window, "the field is gone", |window| find(window, Role::TextInput, "Go to").is_none());
    assert_eq!(copied(&mut window), "one\ntwo\n");
}

#[test]
fn who_goes_to_a_line_beyond_the_last_is_told_how_many_there_are() {
    let (mut window, _folder, _path) = opened(&lines(300));
    for beyond in ["301", "9,999"] {
        go_to(&mut window, "1");
        until(&mut window, "the first line is told", |window| find(window, Role::Label, "line 1").is_some());
        go_to(&mut window, beyond);
        let said = "There are no more than 300 lines";
        until(&mut window, "it is told", |window| find(window, Role::Label, said).is_some());
        until(&mut window, "the last line is told", |window| find(window, Role::Label, "line 300").is_some());
        let close = the(&window, Role::Button, "Close the notice").rect().center();
        click_at(&mut window, close, 1);
        until(&mut window, "the notice is gone", |window| find(window, Role::Label, said).is_none());
    }
}

#[test]
fn who_goes_to_a_line_of_a_file_that_was_cut_stays_and_is_told() {
    let long = (1..=40_000).fold(String::new(), |all, number| all + &format!("{number} {}\n", "long ".repeat(20)));
    let (mut window, _folder, path) = opened(&long);
    until(&mut window, "the lines are counted", |window| find(window, Role::Label, "40,000 lines").is_some());
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(100_000).unwrap();
    until(&mut window, "the first line is told", |window| find(window, Role::Label, "line 1").is_some());
    go_to(&mut window, "39000");
    let said = "That line is gone: the file has changed since it was opened";
    until(&mut window, "it is told", |window| find(window, Role::Label, said).is_some());
    assert!(find(&window, Role::Label, "line 1").is_some(), "it went elsewhere: {}", names(&window));
}

#[test]
fn shift_and_a_key_that_moves_select_from_the_first_line_in_sight() {
    let (mut window, _folder, _path) = opened("one two\r\nthree\r\nfo\r\nseventh\r\n");
    for (keys, selected) in [
        (&[Key::ArrowRight, Key::ArrowRight][..], "on"),
        (&[Key::ArrowDown], "one two\r\nth"),
        (&[Key::ArrowRight], "one two\r\nthr"),
        // A shorter line does not lose the column.
        (&[Key::ArrowDown], "one two\r\nthree\r\nfo"),
        (&[Key::ArrowDown], "one two\r\nthree\r\nfo\r\nsev"),
        (&[Key::End], "one two\r\nthree\r\nfo\r\nseventh"),
        (&[Key::ArrowUp, Key::ArrowRight], "one two\r\nthree\r\nfo\r\n"),
        (&[Key::ArrowLeft, Key::Home], "one two\r\nthree\r\n"),
        (&[Key::PageUp, Key::ArrowRight], "o"),
        (&[Key::PageDown], "one two\r\nthree\r\nfo\r\ns"),
        (&[Key::PageDown], "one two\r\nthree\r\nfo\r\nseventh"),
    ] {
        for key in keys {
            press(&mut window, SHIFT, *key);
        }
        assert_eq!(copied(&mut window), selected, "{keys:?}");
    }
    press(&mut window, SHIFT.plus(Modifiers::COMMAND), Key::Home);
    press(&mut window, SHIFT, Key::ArrowRight);
    assert_eq!(copied(&mut window), "o");
}

#[test]
fn the_end_of_a_selection_stays_in_sight() {
    let (mut window, _folder, _path) = opened(&lines(1_000));
    for _ in 0..3 {
        press(&mut window, SHIFT, Key::PageDown);
    }
    let last = copied(&mut window).lines().count() + 1;
    assert!(last > 60, "three pages are {last} lines");
    assert!(draws(&window, &format!("this is line {last}")), "{last} is not among {:?}", drawn(&window));
    assert!(find(&window, Role::Label, &format!("line {last}")).is_some(), "{}", names(&window));
}

#[test]
fn two_clicks_select_a_word_and_three_a_line() {
    let (mut window, _folder, _path) = opened("one two\nlet größe_1 = 2;\n");
    let row = |window: &Window| drawn(window).into_iter().find(|(text, _)| text.contains("größe")).expect("the line").1;
    let at = row(&window).left_center() + egui::vec2(row(&window).width() * 0.45, 0.0);
    // The click that opened the file is not one of these.
    window.run_steps(60);
    click_at(&mut window, at, 2);
    assert_eq!(copied(&mut window), "größe_1");
    window.run_steps(60);
    click_at(&mut window, at, 3);
    assert_eq!(copied(&mut window), "let größe_1 = 2;");
}

#[test]
fn a_click_in_the_scroll_bar_counts_even_when_it_is_over_within_a_frame() {
    let (mut window, _folder, _path) = opened(&lines(3_000));
    let bar = bar(&window);
    click_at(&mut window, pos2(bar.center().x, bar.top() + bar.height() * 0.5), 1);
    until(&mut window, "the middle is drawn", |window| draws(window, "this is line 1500"));
}

#[test]
fn a_thumb_that_is_taken_at_its_edge_does_not_jump() {
    let (mut window, _folder, _path) = opened(&lines(300));
    let bar = bar(&window);
    let at = |y: f32| pos2(bar.center().x, bar.top() + y);
    window.input_mut().events.extend([Event::PointerMoved(at(4.0)), button(at(4.0), true)]);
    window.run_steps(3);
    assert!(draws(&window, "this is line 1"), "it jumped: {:?}", drawn(&window));
    window.input_mut().events.push(Event::PointerMoved(at(14.0)));
    window.run_steps(3);
    // Ten points of a bar that stands for 300 lines.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few lines")]
    let line = (10.0 / bar.height() * 300.0) as u64 + 1;
    let near = |line: u64| draws(&window, &format!("this is line {line}"));
    assert!(!near(line - 3) && near(line + 3), "not near {line}: {:?}", drawn(&window));
}

#[test]
fn in_a_narrow_window_the_go_to_field_leaves_the_text_in_sight() {
    let (mut window, folder) = window(420.0);
    let path = folder.path().join("some.txt");
    fs::write(&path, lines(100)).unwrap();
    open(&mut window, &path);
    ask_where(&mut window);
    for (role, name) in
        [(Role::Document, "Text of some.txt"), (Role::TextInput, "Go to"), (Role::Button, "Close the go-to field")]
    {
        let rect = the(&window, role, name).rect();
        assert!(rect.right() <= 420.0 && rect.width() > 20.0, "{name}: {rect:?}");
    }
}

#[test]
fn the_status_bar_tells_one_place_that_of_the_selection_or_else_of_the_top() {
    let (mut window, _folder, _path) = opened(&lines(1_000));
    let first = drawn(&window).into_iter().find(|(text, _)| text == "this is line 3").expect("the third line").1;
    click_at(&mut window, first.center(), 1);
    until(&mut window, "its line is told", |window| find(window, Role::Label, "line 3").is_some());
    for _ in 0..20 {
        press(&mut window, NONE, Key::PageDown);
    }
    until(&mut window, "the top is told", |window| find(window, Role::Label, "line 3").is_none());
    let (line, percent) = (told(&window, "line ", ""), told(&window, "", " %"));
    assert!((100..1_000).contains(&line) && percent.abs_diff(line / 10) <= 1, "line {line}, {percent} %");
    assert!(draws(&window, &format!("this is line {line}")), "line {line} is not in sight");
    press(&mut window, Modifiers::COMMAND, Key::End);
    until(&mut window, "the end is told", |window| find(window, Role::Label, "100 %").is_some());
}

#[test]
fn an_empty_file_says_so_and_has_nothing_to_scroll() {
    let (mut window, _folder, _path) = opened("");
    until(&mut window, "it is told", |window| find(window, Role::Label, "This file is empty").is_some());
    assert_eq!(window.query_all_by_role(Role::ScrollBar).count(), 0);
}

#[test]
fn a_byte_order_mark_is_neither_drawn_nor_copied() {
    let (mut window, _folder, _path) = opened("\u{feff}first\nsecond\n");
    let told = "UTF-8 with BOM: read the text in another encoding";
    until(&mut window, "it is told", |window| find(window, Role::Button, told).is_some());
    assert!(draws(&window, "first"), "{:?}", drawn(&window));
    press(&mut window, Modifiers::COMMAND, Key::A);
    assert_eq!(copied(&mut window), "first\nsecond\n");
    press(&mut window, SHIFT.plus(Modifiers::COMMAND), Key::Home);
    go_to(&mut window, "1");
    press(&mut window, SHIFT, Key::ArrowRight);
    assert_eq!(copied(&mut window), "f");
}

#[test]
fn what_follows_a_tab_lines_up_and_the_tab_is_copied_as_it_is() {
    let (mut window, _folder, _path) = opened("a\tx\nabcdefg\tx\nabcdefgh\tx\n");
    for row in ["a       x", "abcdefg x", "abcdefgh        x"] {
        assert!(draws(&window, row), "no {row:?} among {:?}", drawn(&window));
    }
    for _ in 0..2 {
        press(&mut window, SHIFT, Key::ArrowRight);
    }
    assert_eq!(copied(&mut window), "a\t");
}

#[test]
fn a_text_that_was_reached_by_tab_shows_its_focus_for_as_long_as_it_has_it() {
    let (mut window, _folder, _path) = opened(&lines(10));
    let focused = |window: &Window| the(window, Role::Document, "Text of some.txt").is_focused();
    assert!(focused(&window) && !outlined(&window), "it has the keys because nothing else wants them");
    for (there, back) in [(NONE, SHIFT), (SHIFT, NONE)] {
        press(&mut window, there, Key::Tab);
        until(&mut window, "something else has the focus", |window| !focused(window));
        window.run_steps(3);
        assert!(!outlined(&window), "it looks focused without the focus");
        press(&mut window, back, Key::Tab);
        until(&mut window, "it has the focus", focused);
        for _ in 0..5 {
            window.run_steps(3);
            assert!(outlined(&window), "it has the focus and does not show it");
        }
    }
    let text = the(&window, Role::Document, "Text of some.txt").rect();
    click_at(&mut window, text.center(), 1);
    window.run_steps(3);
    assert!(focused(&window) && !outlined(&window), "a click says where the focus is");
}

/// Whether a line is drawn around the text, at its edge.
fn outlined(window: &Window) -> bool {
    let text = the(window, Role::Document, "Text of some.txt").rect();
    window.output().shapes.iter().any(|clipped| match &clipped.shape {
        Shape::Rect(shape) => shape.stroke.width > 0.0 && (shape.rect.min - text.min).length() < 2.0,
        _ => false,
    })
}

/// `this is line 1`, and so on.
fn lines(count: u32) -> String {
    (1..=count).fold(String::new(), |mut all, number| {
        let _ = writeln!(all, "this is line {number}");
        all
    })
}

/// A window of this width without documents, and a folder for files of the test.
fn window(width: f32) -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (screen::window([width, 700.0], screen::start(folder.path())), folder)
}

/// A window that shows a file of this content, read to its end.
fn opened(content: &str) -> (Window, TempDir, PathBuf) {
    let (mut window, folder) = window(1_200.0);
    let path = folder.path().join("some.txt");
    fs::write(&path, content).expect("a file");
    open(&mut window, &path);
    let counted = |window: &Window| {
        let names = names(window);
        names.contains(" lines |") || names.contains("1 line |")
    };
    until(&mut window, "the lines are counted", counted);
    (window, folder, path)
}

fn go_to(window: &mut Window, target: &str) {
    ask_where(window);
    the(window, Role::TextInput, "Go to").type_text(target);
    let typed = |window: &Window| the(window, Role::TextInput, "Go to").value().as_deref() == Some(target);
    until(window, "the target is typed", typed);
    press(window, NONE, Key::Enter);
    until(window, "the text has the keys again", |window| {
        window.query_all_by_role(Role::Document).next().is_some_and(|text| text.is_focused())
    });
}

fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
    window.key_press_modifiers(modifiers, key);
    window.step();
    window.run_steps(2);
}

/// So many clicks, all within one frame.
fn click_at(window: &mut Window, at: Pos2, times: usize) {
    window.input_mut().events.push(Event::PointerMoved(at));
    for _ in 0..times {
        window.input_mut().events.extend([button(at, true), button(at, false)]);
    }
    window.run_steps(3);
}

fn button(pos: Pos2, pressed: bool) -> Event {
    Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers: NONE }
}

/// What a copy puts on the clipboard.
#[track_caller]
fn copied(window: &mut Window) -> String {
    window.input_mut().events.push(Event::Copy);
    let mut copied = None;
    until(window, "something is copied", |window| {
        let commands = window.output().platform_output.commands.iter();
        copied = commands
            .filter_map(|command| if let OutputCommand::CopyText(text) = command { Some(text) } else { None })
            .next_back()
            .cloned();
        copied.is_some()
    });
    copied.expect("it was waited for")
}

/// The texts that the last frame painted, with where; those of other panels too.
fn drawn(window: &Window) -> Vec<(String, Rect)> {
    fn collect(shape: &Shape, texts: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Text(text) => {
                texts.push((text.galley.text().to_owned(), text.galley.rect.translate(text.pos.to_vec2())));
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    for clipped in &window.output().shapes {
        let before = texts.len();
        collect(&clipped.shape, &mut texts);
        // What is painted outside is not seen.
        let mut seen = texts.split_off(before);
        seen.retain(|(_, rect)| clipped.clip_rect.intersects(*rect));
        texts.append(&mut seen);
    }
    texts
}

/// Whether a text of exactly these words is painted.
fn draws(window: &Window, words: &str) -> bool {
    drawn(window).iter().any(|(text, _)| text == words)
}

/// Whether a text with these words in it is painted.
fn shows(window: &Window, words: &str) -> bool {
    drawn(window).iter().any(|(text, _)| text.contains(words))
}

/// The number that the status bar tells between these words.
#[track_caller]
fn told(window: &Window, before: &str, after: &str) -> u64 {
    let labels = window.query_all_by_role(Role::Label).map(|node| node.accesskit_node());
    let labels = labels.filter_map(|node| node.label().or_else(|| node.value()));
    let number = |label: String| label.strip_prefix(before)?.strip_suffix(after)?.replace(',', "").parse().ok();
    let numbers: Vec<_> = labels.filter_map(number).collect();
    numbers.first().copied().unwrap_or_else(|| panic!("no number is told: {}", names(window)))
}

fn bar(window: &Window) -> Rect {
    let bars = window.query_all_by_role(Role::ScrollBar);
    let rects: Vec<_> = bars.map(|bar| bar.rect()).collect();
    rects.into_iter().find(|rect| rect.height() > rect.width()).expect("an upright bar")
}
