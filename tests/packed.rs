//! What packed files hold, and text in other encodings: opened, searched and gone to as if it were plain, and where it
//! breaks off or is damaged, what comes before stays and a sentence says so.
#![expect(clippy::disallowed_methods, reason = "files are made to be opened")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;
#[path = "support/screen.rs"]
mod screen;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use antifreeze::app::Start;
use antifreeze::document::{Open, Standing};
use antifreeze::jobs::Status;
use antifreeze::state::StateFile;
use egui::{Key, Modifiers, Role};
use harness::DEADLINE;
use program::run;
use screen::{Window, choose, click, find, open, tells, the, until};
use serde_json::Value;
use tempfile::TempDir;

const PACKED: [&str; 4] = ["gzip", "zstd", "bzip2", "xz"];

/// 200,000 lines, some 4 MB, of which every 1,000th has a needle.
fn text() -> String {
    let needle = |n: u32| if n.is_multiple_of(1_000) { "needle" } else { "hay" };
    (1..=200_000).flat_map(|n| ["line ", &format!("{n:06}"), " is ", needle(n), "\n"].map(String::from)).collect()
}

fn packed(way: &str, text: &[u8]) -> Vec<u8> {
    match way {
        "gzip" => {
            let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
            member.extend(miniz_oxide::deflate::compress_to_vec(text, 6));
            member.extend(crc32fast::hash(text).to_le_bytes());
            member.extend(u32::try_from(text.len()).expect("a short text").to_le_bytes());
            member
        }
        "zstd" => zstd::encode_all(text, 1).expect("memory"),
        "bzip2" => {
            let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            writer.write_all(text).expect("memory");
            writer.finish().expect("memory")
        }
        _ => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).expect("memory");
            writer.write_all(text).expect("memory");
            writer.finish().expect("memory")
        }
    }
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    path
}

fn told(arguments: &[&str]) -> Value {
    let ended = run(arguments);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{arguments:?}");
    serde_json::from_str(&ended.out).expect("JSON")
}

fn opened(path: &Path) -> Window {
    let mut window = screen::window([1_200.0, 800.0], screen::start(path.parent().expect("a folder")));
    open(&mut window, path);
    window
}

#[test]
fn what_a_packed_file_holds_is_told_and_searched_as_if_it_were_plain() {
    let folder = TempDir::new().expect("a folder");
    let plain = text();
    for way in PACKED {
        // Whatever it is called.
        let path = file(&folder, &format!("{way}.txt"), &packed(way, plain.as_bytes()));
        let path = path.to_str().expect("a path");
        let facts = told(&["run", "open", path, "--json"]);
        let facts = [&facts["bytes"], &facts["lines"], &facts["longest_line_bytes"]].map(Value::as_u64);
        assert_eq!(facts, [Some(plain.len() as u64), Some(200_000), Some(21)], "{way}");
        let found = told(&["run", "search", "needle$", path, "--json"]);
        let counts = [&found["matches"], &found["matching_lines"], &found["bytes"]].map(Value::as_u64);
        assert_eq!(counts, [Some(200), Some(200), facts[0]], "{way}");
    }
}

#[test]
fn text_in_another_encoding_is_searched_as_text() {
    let folder = TempDir::new().expect("a folder");
    let units: Vec<u8> = "Größe\r\nMaß\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = file(&folder, "a.txt", &[b"\xff\xfe".as_slice(), &units].concat());
    let path = path.to_str().expect("a path");
    assert_eq!(told(&["run", "open", path, "--json"])["encoding"], "UTF-16 LE");
    assert_eq!(told(&["run", "search", "ß$", path, "--json"])["matching_lines"], 1, "of lines that end in CR LF");
    let (cyrillic, _, _) = encoding_rs::KOI8_R.encode("да\n");
    let path = file(&folder, "b.txt", &cyrillic);
    let path = path.to_str().expect("a path");
    assert_eq!(told(&["run", "search", "да", path, "--json", "--encoding", "koi8-r"])["matching_lines"], 1);
    let ended = run(&["run", "open", path, "--encoding", "klingon"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("klingon"), "{}", ended.err);
}

#[test]
fn a_copy_that_takes_more_of_the_disk_than_it_may_is_asked_about_and_made_if_it_is_wanted() {
    for size in [[1_200.0, 800.0], [800.0, 600.0]] {
        let folder = TempDir::new().expect("a folder");
        let path = file(&folder, "a.zst", &packed("zstd", text().as_bytes()));
        let state = StateFile::at(file(&folder, "state.json", br#"{"settings": {"copy_limit_gb": 0}}"#));
        let start = Start { state, ..screen::start(folder.path()) };
        let mut window = screen::window(size, start);
        screen::go(&mut window, &path);
        until(&mut window, "it is asked", |window| find(window, Role::Button, "Unpack anyway").is_some());
        assert!(tells(&window, "on disk, and ") && tells(&window, "The limit is 0 B"), "{}", screen::names(&window));
        assert_eq!(window.unnamed_widgets(), [""; 0]);
        click(&mut window, Role::Button, "Unpack anyway");
        until(&mut window, "all is indexed", |window| tells(window, "200,000 lines"));
        assert!(tells(&window, "zstd, 3.8 MB on disk"), "{}", screen::names(&window));
        assert!(find(&window, Role::Button, "Unpack anyway").is_none(), "{}", screen::names(&window));
    }
}

#[test]
fn what_has_no_end_to_be_reached_can_be_cancelled_before_its_first_byte() {
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "a.gz", &packed("gzip", b""));
    // Zeros, as tapes are filled up with: none of them takes a place on disk, and all have to be read.
    let whole = fs::File::options().write(true).open(&path).and_then(|file| file.set_len(1 << 40));
    whole.expect("a file system with sparse files");
    let (open, document) = Open::new(path);
    let (mut session, id) = harness::start(open);
    session.wait("it is read", DEADLINE, |session| session.job(id).status() == Status::Running);
    session.cancel_within(DEADLINE, id);
    assert!(matches!(document.standing(), Standing::Failed { .. }), "{document:?}");
}

#[test]
fn the_end_of_a_packed_file_is_gone_to_and_a_line_in_its_middle() {
    let folder = TempDir::new().expect("a folder");
    for way in PACKED {
        let mut window = opened(&file(&folder, &format!("{way}.log"), &packed(way, text().as_bytes())));
        until(&mut window, "all is indexed", |window| tells(window, "200,000 lines"));
        window.key_press_modifiers(Modifiers::COMMAND, Key::End);
        until(&mut window, "the end is shown", |window| find(window, Role::Label, "line 200,000").is_some());
        window.key_press_modifiers(Modifiers::COMMAND, Key::G);
        let field = |window: &Window| find(window, Role::TextInput, "Go to").is_some_and(|field| field.is_focused());
        until(&mut window, "the field has the keys", field);
        the(&window, Role::TextInput, "Go to").type_text("123456");
        window.step();
        window.key_press(Key::Enter);
        until(&mut window, "the line is shown", |window| find(window, Role::Label, "line 123,456").is_some());
        let name = if way == "gzip" { "gzip".into() } else { format!("{way}, 3.8 MB on disk") };
        assert!(find(&window, Role::Label, &name).is_some(), "{}", screen::names(&window));
    }
}

#[test]
fn of_what_breaks_off_the_beginning_is_shown_and_the_job_says_where() {
    let folder = TempDir::new().expect("a folder");
    for way in PACKED {
        // Several pieces, as each of the formats allows: of one that is cut there may be nothing.
        let piece = packed(way, text().as_bytes());
        let whole = [piece.clone(), piece.clone()].concat();
        let mut window = opened(&file(&folder, way, &whole[..piece.len() + piece.len() / 2]));
        until(&mut window, "it says so", |window| tells(window, "it breaks off"));
        assert!(tells(&window, "Indexing stopped"), "{way}: {}", screen::names(&window));
        assert!(tells(&window, "lines so far"), "{way}: {}", screen::names(&window));
        window.key_press_modifiers(Modifiers::COMMAND, Key::End);
        until(&mut window, "what there is can be gone through", |window| tells(window, "100 %"));
    }
}

#[test]
fn the_person_chooses_the_encoding_and_it_stays() {
    let folder = TempDir::new().expect("a folder");
    let (cyrillic, _, _) = encoding_rs::KOI8_R.encode("привет, как дела? сегодня хорошая погода\n");
    let mut window = opened(&file(&folder, "a.txt", &cyrillic));
    let guessed = |window: &Window| tells(window, "KOI8-R: read the text") || tells(window, "KOI8-U: read the text");
    until(&mut window, "it is guessed", guessed);
    let button = if tells(&window, "KOI8-R: read the text") { "KOI8-R" } else { "KOI8-U" };
    the(&window, Role::Button, &format!("{button}: read the text in another encoding")).click_accesskit();
    until(&mut window, "there is a menu", |window| tells(window, "windows-1252"));
    click(&mut window, Role::Button, "windows-1252");
    until(&mut window, "it is read so", |window| tells(window, "windows-1252: read the text"));
    choose(&mut window, "Reload the document", "Reload the document");
    window.key_press(Key::Enter);
    for _ in 0..20 {
        window.step();
    }
    until(&mut window, "it is still read so", |window| tells(window, "windows-1252: read the text"));
}
