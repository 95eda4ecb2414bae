//! Long lines in rows as wide as the view, as a person reads them: what each row shows, where keys lead, what is selected,
//! and that the place stays when the window becomes wider. The rows are held against a plain count of characters.
#![expect(clippy::disallowed_methods, reason = "files are made and changed to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use antifreeze::source::ByteOffset;
use antifreeze::ui::{Outlook, Place, SavedTab, Shown};
use egui::{Event, Key, Modifiers, OutputCommand, PointerButton, Pos2, Rect, Role, Shape, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use screen::{Window, ask_where, choose, click, find, is_on, names, open, the, until};
use tempfile::TempDir;

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
/// The switch in the status bar.
const WRAP: &str = "Wrap long lines";
/// In a line of a page and more, rows begin anew at each edge of a page.
const PAGE: usize = 64 << 10;

#[test]
fn a_long_line_is_shown_in_rows_of_one_width_and_has_one_number() {
    let (mut window, _folder, _path) = opened(&format!("{}\nshort\n", numbers(200)));
    assert!(bars(&window).contains("Columns"), "{}", bars(&window));
    wrap(&mut window);
    let shown = rows(&window);
    assert_eq!(shown.concat(), numbers(200) + "short");
    assert!(shown[..shown.len() - 2].iter().all(|row| row.len() == shown[0].len()), "{shown:?}");
    let in_gutter = in_gutter(&window);
    let continued = vec!["·".to_owned(); shown.len() - 2];
    assert_eq!(in_gutter, [vec!["1".to_owned()], continued, vec!["2".to_owned()]].concat());
    assert!(!bars(&window).contains("Columns"), "{}", bars(&window));
    press(&mut window, Modifiers::ALT, Key::Z);
    until(&mut window, "a line is a row again", |window| in_gutter_is(window, &["1", "2"]));
}

#[test]
fn a_line_of_many_pages_is_read_row_by_row_to_its_end_and_beyond_and_back() {
    let after: String = (1..=100).fold(String::new(), |all, number| all + &format!("line {number} after it\n"));
    let text = format!("the first\n{}\n{after}", numbers(25_000));
    let (mut window, _folder, _path) = opened(&text);
    wrap(&mut window);
    let expected = naive_rows(&text, rows(&window)[1].len());
    let mut at = where_among(&expected, &rows(&window)).expect("rows of the text");
    for key in [Key::PageDown, Key::PageUp] {
        let arrived = |at: (usize, usize)| if key == Key::PageUp { at.0 == 0 } else { at.1 == expected.len() };
        while !arrived(at) {
            press(&mut window, NONE, key);
            let mut next = at;
            until(&mut window, "other rows are drawn", |window| {
                next = where_among(&expected, &rows(window)).unwrap_or(at);
                next != at
            });
            assert!(next.0 <= at.1 && at.0 <= next.1, "rows between {at:?} and {next:?} were never seen");
            at = next;
        }
    }
}

#[test]
fn the_byte_at_the_top_stays_there_when_the_window_becomes_narrower_and_wide_again() {
    let text = numbers(10_000);
    let (mut window, _folder, _path) = opened(&text);
    wrap(&mut window);
    for _ in 0..3 {
        press(&mut window, NONE, Key::PageDown);
    }
    let before = rows(&window);
    let top = text.find(&before[0]).expect("a row of the text");
    for width in [900.0, 800.0, 1_000.0] {
        window.set_size(vec2(width, 700.0));
        window.run_steps(5);
        let first = rows(&window).swap_remove(0);
        assert_ne!(first.len(), before[0].len());
        let start = text.find(&first).expect("a row of the text");
        assert!(
            (start..start + first.len()).contains(&top),
            "byte {top} is not in the top row, which begins at {start}"
        );
    }
    window.set_size(vec2(1_200.0, 700.0));
    window.run_steps(5);
    assert_eq!(rows(&window), before);
}

#[test]
fn a_selection_over_rows_copies_the_bytes_of_these_rows() {
    let line = "äb€".repeat(400);
    let (mut window, _folder, _path) = opened(&format!("{line}\nnext\n"));
    wrap(&mut window);
    let width = rows(&window)[0].chars().count();
    let first = |characters: usize| line.chars().take(characters).collect::<String>();
    for (keys, selected) in [
        (&[Key::ArrowDown, Key::ArrowDown][..], 2 * width),
        (&[Key::End], 3 * width),
        (&[Key::ArrowRight], 3 * width + 1),
        (&[Key::Home], 3 * width),
        (&[Key::ArrowUp], 2 * width),
    ] {
        for key in keys {
            press(&mut window, SHIFT, *key);
        }
        assert_eq!(copied(&mut window), first(selected), "{keys:?}");
    }
    let second_row = row_rects(&window)[1].1.center();
    // The click that opened the file is not one of these.
    window.run_steps(60);
    click_at(&mut window, second_row, 3);
    assert_eq!(copied(&mut window), line);
}

#[test]
fn a_byte_far_in_a_line_that_is_gone_to_is_in_sight_and_marked() {
    let text = numbers(40_000);
    let (mut window, _folder, _path) = opened(&text);
    wrap(&mut window);
    go_to(&mut window, "@150003");
    until(&mut window, "it is drawn", |window| rows(window).concat().contains(&text[149_990..150_010]));
    assert_eq!(copied(&mut window), &text[150_003..150_004]);
    press(&mut window, NONE, Key::End);
    until(&mut window, "the end of the line is drawn", |window| rows(window).concat().ends_with("039999 "));
    press(&mut window, NONE, Key::Home);
    until(&mut window, "its beginning is drawn", |window| rows(window)[0].starts_with("000000 000001"));
}

#[test]
fn what_is_found_far_in_a_wrapped_line_is_in_sight() {
    let text = format!("{}\n{}needle {}\n", numbers(20_000), numbers(1_500), numbers(20_000));
    let (mut window, _folder, _path) = opened(&text);
    wrap(&mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::F);
    until(&mut window, "the bar is open", |window| find(window, Role::TextInput, "Find").is_some());
    the(&window, Role::TextInput, "Find").type_text("needle");
    window.run_steps(3);
    press(&mut window, NONE, Key::Enter);
    until(&mut window, "it is drawn", |window| rows(window).concat().contains("needle"));
}

#[test]
fn the_end_that_is_followed_stays_in_sight_in_rows_of_any_width() {
    let (mut window, _folder, path) = opened(&"some line\n".repeat(200));
    wrap(&mut window);
    press(&mut window, Modifiers::COMMAND, Key::T);
    let mut file = OpenOptions::new().append(true).open(&path).expect("the file");
    writeln!(file, "{}the end", numbers(600)).expect("room on the disk");
    let ends = |window: &Window| rows(window).concat().ends_with("000599 the end");
    until(&mut window, "what was appended is drawn to its end", ends);
    for width in [900.0, 1_200.0] {
        window.set_size(vec2(width, 700.0));
        window.run_steps(5);
        until(&mut window, "the end is still drawn", ends);
    }
}

#[test]
fn a_document_that_was_wrapped_comes_back_so_at_the_same_row() {
    let (mut window, folder) = window();
    let path = folder.path().join("some.txt");
    let text = numbers(10_000);
    fs::write(&path, &text).expect("a file");
    let place = Place { top: ByteOffset(7_003), ..Place::default() };
    let outlook = Outlook { place, wraps: true, ..Outlook::default() };
    let again = serde_json::from_value(serde_json::to_value(outlook).expect("JSON")).expect("an outlook");
    let tab = SavedTab { shows: Shown::File { path, outlook: again }, front: true, pane: 0, shown: true };
    window.state_mut().reopen(vec![tab]);
    until(&mut window, "it is shown", |window| find(window, Role::Document, "Text of some.txt").is_some());
    until(&mut window, "its text is drawn", |window| rows(window).len() > 10);
    let first = rows(&window).swap_remove(0);
    let start = text.find(&first).expect("a row of the text");
    assert!((start..start + first.len()).contains(&7_003), "the top row begins at {start}");
    assert!(is_on(&window, Role::Button, WRAP), "{}", names(&window));
}

#[test]
fn a_text_that_was_shown_as_bytes_meanwhile_is_still_wrapped() {
    let (mut window, _folder, _path) = opened(&numbers(1_000));
    click(&mut window, Role::Button, WRAP);
    until(&mut window, "it is wrapped", |window| rows(window).len() > 10);
    choose(&mut window, "show as bytes", "Show as bytes");
    press(&mut window, NONE, Key::Enter);
    until(&mut window, "there is nothing to wrap", |window| find(window, Role::Button, WRAP).is_none());
    press(&mut window, Modifiers::ALT, Key::Z);
    let said = "Only text is wrapped";
    until(&mut window, "it is told", |window| find(window, Role::Label, said).is_some());
    choose(&mut window, "show as text", "Show as text");
    press(&mut window, NONE, Key::Enter);
    until(&mut window, "it is wrapped again", |window| is_on(window, Role::Button, WRAP));
}

/// `000000 000001 ` and so on: each row of it is like no other.
fn numbers(count: u32) -> String {
    (0..count).fold(String::new(), |all, number| all + &format!("{number:06} "))
}

/// The rows of a text of one-byte characters.
fn naive_rows(text: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.lines() {
        let end = start + line.len();
        let mut at = start;
        while at < end {
            let page_end = if line.len() < PAGE { end } else { (at / PAGE + 1) * PAGE };
            let to = (at + width).min(page_end).min(end);
            rows.push(text.get(at..to).unwrap_or_default().to_owned());
            at = to;
        }
        start = end + 1;
    }
    rows
}

/// From which of all rows to which those go that are shown, if they are all there and none is lacking.
fn where_among(all: &[String], shown: &[String]) -> Option<(usize, usize)> {
    let first = all.iter().position(|row| Some(row) == shown.first())?;
    let same = all.get(first..first + shown.len())? == shown;
    (same && shown.len() > 20).then_some((first, first + shown.len()))
}

/// The texts in the rows, from the top on.
fn rows(window: &Window) -> Vec<String> {
    row_rects(window).into_iter().map(|(text, _)| text).collect()
}

fn row_rects(window: &Window) -> Vec<(String, Rect)> {
    let mut drawn = drawn_in_text(window);
    let left = drawn.iter().map(|(_, rect)| rect.left()).fold(0.0, f32::max);
    drawn.retain(|(_, rect)| (rect.left() - left).abs() < 1.0);
    drawn
}

/// What stands before the rows.
fn in_gutter(window: &Window) -> Vec<String> {
    let mut drawn = drawn_in_text(window);
    let left = drawn.iter().map(|(_, rect)| rect.left()).fold(0.0, f32::max);
    drawn.retain(|(_, rect)| rect.left() < left - 1.0);
    drawn.into_iter().map(|(text, _)| text).collect()
}

fn in_gutter_is(window: &Window, words: &[&str]) -> bool {
    in_gutter(window) == words
}

/// What the last frame painted where the document is, with where.
fn drawn_in_text(window: &Window) -> Vec<(String, Rect)> {
    fn collect(shape: &Shape, texts: &mut Vec<(String, Rect)>) {
        match shape {
            Shape::Text(text) => {
                texts.push((text.galley.text().to_owned(), text.galley.rect.translate(text.pos.to_vec2())));
            }
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, texts)),
            _ => {}
        }
    }
    // What is found is listed under it.
    let documents = window.query_all_by_role_and_label(Role::Document, "Text of some.txt").map(|text| text.rect());
    let Some(text) = documents.min_by(|one, other| one.top().total_cmp(&other.top())) else { return Vec::new() };
    let mut texts = Vec::new();
    window.output().shapes.iter().for_each(|clipped| collect(&clipped.shape, &mut texts));
    texts.retain(|(_, rect)| text.contains(rect.left_center()));
    texts
}

/// The names of the scroll bars.
fn bars(window: &Window) -> String {
    let bars = window.query_all_by_role(Role::ScrollBar).filter_map(|bar| bar.accesskit_node().label());
    bars.collect::<Vec<_>>().join(" | ")
}

fn wrap(window: &mut Window) {
    press(window, Modifiers::ALT, Key::Z);
    until(window, "the switch is on", |window| is_on(window, Role::Button, WRAP));
    window.run_steps(3);
}

fn window() -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (screen::window([1_200.0, 700.0], screen::start(folder.path())), folder)
}

/// A window that shows a file of this content, read to its end.
fn opened(content: &str) -> (Window, TempDir, PathBuf) {
    let (mut window, folder) = window();
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
    let button = |pressed| Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: NONE };
    window.input_mut().events.push(Event::PointerMoved(at));
    for _ in 0..times {
        window.input_mut().events.extend([button(true), button(false)]);
    }
    window.run_steps(3);
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
