//! Lines that are longer than a page, as a person reads them: the window shows them however many pages a screen of them
//! needs, and follows the keys that are held down.
#![expect(clippy::disallowed_methods, reason = "files are made to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use egui::{Event, Key, Modifiers, Role, Shape};
use egui_kittest::kittest::Queryable as _;
use screen::{Window, names, open, until};

const SIZE: [f32; 2] = [1_200.0, 700.0];
/// As high as a screen of 8K at the smallest zoom, nearly.
const TALL: [f32; 2] = [1_200.0, 6_400.0];

#[test]
fn a_page_key_that_is_held_down_on_long_lines_leads_on_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.txt");
    write_lines(&path, 400, 100_000);
    let mut window = opened(SIZE, &path, "400 lines");
    for (key, there) in [(Key::PageDown, "line 400 "), (Key::PageUp, "line 1 ")] {
        // As many as the system repeats while nothing can be drawn.
        for _ in 0..20 {
            window.input_mut().events.push(pressed(key));
        }
        until(&mut window, there, |window| begins(window, there));
    }
}

#[test]
fn a_screen_of_pieces_of_a_huge_line_is_drawn_though_its_indexing_was_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.txt");
    let file = File::create(&path).unwrap();
    file.set_len(60 << 30).unwrap();
    let middle = 30_u64 << 30;
    // A mark wherever a row may begin.
    for piece in 0..1_000 {
        file.write_all_at(format!("piece {piece} ").as_bytes(), middle + piece * (64 << 10)).unwrap();
    }
    let mut window = screen::window(SIZE, screen::start(&std::env::temp_dir()));
    open(&mut window, &path);
    window.get_by_role_and_label(Role::Button, "Cancel huge.txt").click();
    until(&mut window, "the index has ended", |window| names(window).contains("Indexing stopped"));
    go_to(&mut window, middle);
    until(&mut window, "the byte that was gone to is drawn", |window| begins(window, "piece 0 "));
    until(&mut window, "what follows is drawn down to the bottom", |window| {
        drawn(window).iter().filter(|text| text.starts_with("piece ")).count() > 20
    });
}

#[test]
fn a_tall_view_of_lines_that_are_scrolled_far_to_the_right_is_drawn_to_its_bottom() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.txt");
    write_lines(&path, 340, 200_000);
    let mut window = opened(TALL, &path, "340 lines");
    until(&mut window, "the beginnings are drawn", |window| begins(window, "line 300 "));
    // Each row needs the page of its beginning and another one: more than are kept.
    go_to(&mut window, 100_010);
    until(&mut window, "all middles are drawn", |window| {
        [1, 100, 200, 300].iter().all(|number| shows(window, &format!(" middle {number} ")))
    });
    window.key_press(Key::End);
    until(&mut window, "all ends are drawn", |window| {
        [1, 100, 200, 300].iter().all(|number| ends(window, &format!(" end {number}")))
    });
    // Where they end is still known, though not all of their pages are at hand.
    window.key_press(Key::End);
    window.run_steps(3);
    assert!(ends(&window, " end 1") && ends(&window, " end 300"), "{:?}", drawn(&window));
}

/// `line 1 xxx… middle 1 xxx… end 1`, and so on.
fn write_lines(path: &Path, lines: usize, line_bytes: usize) {
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let half = "x".repeat(line_bytes / 2);
    for number in 1..=lines {
        writeln!(file, "line {number} {half} middle {number} {half} end {number}").expect("room on the disk");
    }
}

/// A window that shows a file to its end, of which it then tells `lines`.
fn opened(size: [f32; 2], path: &Path, lines: &str) -> Window {
    let mut window = screen::window(size, screen::start(&std::env::temp_dir()));
    open(&mut window, path);
    until(&mut window, "the lines are counted", |window| window.query_by_role_and_label(Role::Label, lines).is_some());
    window
}

fn go_to(window: &mut Window, byte: u64) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(3);
    window.get_by_role_and_label(Role::TextInput, "Go to").type_text(&format!("@{byte}"));
    window.run_steps(3);
    window.key_press(Key::Enter);
}

fn pressed(key: Key) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
}

/// The texts that the last frame painted.
fn drawn(window: &Window) -> Vec<String> {
    fn collect(shape: &Shape, texts: &mut Vec<String>) {
        match shape {
            Shape::Text(text) => texts.push(text.galley.text().to_owned()),
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| collect(shape, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    window.output().shapes.iter().for_each(|clipped| collect(&clipped.shape, &mut texts));
    texts
}

fn begins(window: &Window, words: &str) -> bool {
    drawn(window).iter().any(|text| text.starts_with(words))
}

fn shows(window: &Window, words: &str) -> bool {
    drawn(window).iter().any(|text| text.contains(words))
}

fn ends(window: &Window, words: &str) -> bool {
    drawn(window).iter().any(|text| text.ends_with(words))
}
