//! What opening a file promises: true facts however it is made, an error that says what happened for what is no file,
//! pages and lines while the index is still growing, and a safe end when the file changes or nobody wants it any more.
#![expect(clippy::disallowed_methods, reason = "files are made and changed to see what becomes of their documents")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use antifreeze::document::{
    Changed, Document, Encoding, Found, LineEnding, LineNumber, Lines, Open, Opened, PAGE_BYTES, Standing,
};
use antifreeze::jobs::{Engine, Executor, JobError, JobId, Limits, Mode, Status, Wake, Workers, spawn_named};
use antifreeze::source::{ByteOffset, SourceChange, SourceError};
use antifreeze::work::{Product, Request};
use rustix::fs::{CWD, FileType, mknodat};

use harness::{DEADLINE, Folder, Session, run, run_blocking, start};

/// How soon an open that is cancelled is to be gone.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How soon a change of the file is to be told.
const NOTICED: Duration = Duration::from_secs(3);
/// How soon what is appended is to be there while it is followed.
const FOLLOWED: Duration = Duration::from_millis(500);
/// What an open reads between two looks at its gate.
const STEP_BYTES: u64 = 8 << 20;

#[test]
fn what_is_told_of_a_file_is_so_in_both_modes() {
    let page = usize::try_from(PAGE_BYTES).unwrap();
    let long = vec![b'x'; 5_000_000];
    let crossing = [vec![b'y'; 1_000], b"\n".to_vec()].concat().repeat(300);
    let late = [vec![b'a'; 3 * page], b"\xff".to_vec()].concat();
    let split = [vec![b'a'; page - 1], "ä\n".into()].concat();
    let odd = ["äöü".as_bytes(), b"\xffc\n"].concat();
    let (utf8, other, none) = (Encoding::Utf8, Encoding::Other, LineEnding::None);
    let (lf, crlf) = (LineEnding::Lf, LineEnding::CrLf);
    for (name, content, lines, longest, encoding, ending) in [
        ("empty", &b""[..], 0, 0, utf8, none),
        ("only newlines", b"\n\n\n", 3, 0, utf8, lf),
        ("no newline at the end", b"one\nthree", 2, 5, utf8, lf),
        // What stands before the newline belongs to the line, a carriage return too.
        ("CRLF", b"a\r\nbb\r\n", 2, 3, utf8, crlf),
        ("NULs", b"a\0b\n\0\0\0\0\n", 2, 4, utf8, lf),
        ("a byte that is no text", &odd, 1, 8, other, lf),
        ("text of another encoding", b"sch\xf6n\n", 1, 6, Encoding::Coded(encoding_rs::WINDOWS_1252), lf),
        ("a byte that is no text, late", &late, 1, 196_609, other, none),
        ("a character cut by the end", b"ab\xc3", 1, 3, other, none),
        ("a character cut by a page's edge", &split, 1, 65_537, utf8, lf),
        ("UTF-8 BOM", b"\xef\xbb\xbfab\n", 1, 5, Encoding::Utf8Bom, lf),
        ("UTF-16 LE", b"\xff\xfea\0b\0c\0\n\0d\0", 2, 3, Encoding::UTF_16_LE, lf),
        ("UTF-16 BE", b"\xfe\xff\0a\0\n\0b\0c\0d", 2, 3, Encoding::UTF_16_BE, lf),
        ("one long line", &long, 1, 5_000_000, utf8, none),
        ("lines across pages", &crossing, 300, 1_000, utf8, lf),
    ] {
        let (_folder, path) = file(content);
        for (mode, run) in
            [("background", run as fn(Open) -> Outcome), ("blocking", run_blocking as fn(Open) -> Outcome)]
        {
            let (open, document) = Open::new(path.clone());
            let got = opened(run(open));
            let bytes = content.len() as u64;
            let told = (got.bytes, got.lines, got.longest_line_bytes, got.encoding);
            assert_eq!(told, (bytes, lines, longest, encoding), "{name}, {mode}");
            let Standing::Open(facts) = document.standing() else { panic!("{name}, {mode}: {document:?}") };
            let shown = match encoding {
                Encoding::Coded(how) => how.decode_with_bom_removal(content).0.len() as u64,
                _ => bytes,
            };
            assert_eq!((facts.len_bytes, facts.encoding, facts.ending), (shown, encoding, ending), "{name}, {mode}");
            let learned = (document.line_count(), document.longest_line_bytes(), document.indexed_bytes());
            assert_eq!(learned, ((lines, true), longest, shown), "{name}, {mode}");
        }
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_of_the_system_that_says_size_0_is_shown() {
    let (open, document) = Open::new("/proc/self/status".into());
    let got = opened(run(open));
    assert!(got.bytes > 100 && got.lines > 10, "{got:?}");
    assert_eq!(
        document.look(|lines| lines.bytes(ByteOffset(0)..ByteOffset(5))).flatten().as_deref(),
        Some(&b"Name:"[..])
    );
}

#[test]
fn what_can_not_be_opened_is_an_error_with_advice_and_never_an_empty_document() {
    let folder = Folder::new();
    let (file, pipe, socket) = (folder.path("file"), folder.path("pipe"), folder.path("socket"));
    fs::write(&file, b"text").unwrap();
    mknodat(CWD, &pipe, FileType::Fifo, 0o600.into(), 0).unwrap();
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, words, cause) in [
        (folder.path("missing"), "There is no file", "No such file"),
        (folder.path(""), "a folder", ""),
        (pipe, "a pipe", ""),
        (socket, "a socket", ""),
        (PathBuf::from("/dev/zero"), "a device", ""),
        (file.join("inside"), "is a file and no folder", "Not a directory"),
    ] {
        let (open, document) = Open::new(path.clone());
        let error = run(open).unwrap_err();
        let (message, advice) = (error.to_string(), error.advice());
        assert!(matches!(error, JobError::Failed(_)) && message.contains(words), "{message}");
        assert!(message.ends_with(&*path.to_string_lossy()), "{message}");
        assert!(!advice.is_empty() && error.details().contains(cause), "{message}: {advice} {}", error.details());
        assert_eq!(failed(&document), (message, advice));
        assert_eq!(document.line_count(), (0, false));
        assert!(document.look(|_| ()).is_none() && document.read_range(ByteOffset(0)..ByteOffset(1)).is_none());
    }
}

#[test]
fn an_open_that_failed_can_be_tried_again() {
    let folder = Folder::new();
    let path = folder.path("late");
    let (mut session, id, document) = start_to_open(&path);
    session.result(id).unwrap_err();
    fs::write(&path, b"here\n").unwrap();
    session.engine().retry(id, Mode::Background);
    assert_eq!(opened(session.result(id)).lines, 1);
    assert!(matches!(document.standing(), Standing::Open(_)));
}

#[test]
fn an_open_that_fails_again_tells_why_it_failed_now() {
    let folder = Folder::new();
    let path = folder.path("late");
    let (mut session, id, document) = start_to_open(&path);
    session.result(id).unwrap_err();
    fs::create_dir(&path).unwrap();
    session.engine().retry(id, Mode::Background);
    let error = session.result(id).unwrap_err();
    assert_eq!(failed(&document), (error.to_string(), error.advice()));
}

#[test]
fn lines_are_found_by_number_and_by_place_as_their_pages_come() {
    let content: Vec<u8> = (0..300).flat_map(|number| format!("{number:>999}\n").into_bytes()).collect();
    let (_folder, path) = file(&content);
    let (mut session, id, document) = start_to_open(&path);
    assert_eq!(opened(session.result(id)).lines, 300);
    assert_eq!(document.look(|lines| lines.start_of_line(LineNumber(299))), Some(Found::Loading));
    for number in [0, 1, 65, 66, 131, 262, 299] {
        let start = ByteOffset(number * 1_000);
        assert_eq!(find(&mut session, &document, |lines| lines.start_of_line(LineNumber(number))), start);
        assert_eq!(find(&mut session, &document, |lines| lines.number_of(start)), LineNumber(number));
        assert_eq!(find(&mut session, &document, |lines| lines.start_of(start.plus(500))), start);
        assert_eq!(find(&mut session, &document, |lines| lines.end_of(start)), start.plus(999));
    }
    assert_eq!(document.look(|lines| lines.start_of_line(LineNumber(301))), Some(Found::Unknown));
    assert_eq!(read(&mut session, &document, 65_000..262_500), content[65_000..262_500]);
    assert_eq!(read(&mut session, &document, 299_990..400_000), content[299_990..]);
}

#[test]
fn the_window_is_woken_when_a_range_has_been_read() {
    let (_folder, path) = file(b"one\ntwo\n");
    let workers = Workers::start().unwrap();
    let (wake, woken) = sync_channel(1);
    let wake: Wake = Arc::new(move || {
        let _ = wake.try_send(());
    });
    let mut engine = Engine::<Request>::new(Executor::new(workers.handle().unwrap(), wake), Limits::default());
    let (open, document) = Open::new(path);
    let id = engine.submit(open.into(), Mode::Background);
    engine.poll(Instant::now());
    while engine.job(id).is_some_and(|job| !job.status().ended()) {
        woken.recv_timeout(DEADLINE).unwrap();
        engine.poll(Instant::now());
    }
    // A result may be seen before its own wake-up; that one is not to be taken for the range's.
    while woken.recv_timeout(Duration::from_millis(100)).is_ok() {}
    let promise = document.read_range(ByteOffset(4)..ByteOffset(7)).unwrap();
    woken.recv_timeout(NOTICED).expect("nobody was woken: an idle window would not look");
    assert_eq!(promise.ready(), Some(&Ok(b"two".to_vec())));
}

#[test]
fn a_range_that_is_asked_for_as_the_document_closes_is_answered_all_the_same() {
    let (_folder, path) = sparse(8 << 30);
    for _ in 0..5 {
        let (mut session, id, document) = start_to_open(&path);
        until_open(&mut session, &document);
        session.cancel_within(DEADLINE, id);
        session.engine().clear_ended();
        let ends = [64 << 20, 10];
        let promises = ends.map(|end| document.read_range(ByteOffset(0)..ByteOffset(end)).unwrap());
        drop(document);
        // A promise whose other end is dropped panics in whoever polls it, which is the window.
        session.wait("both are answered", DEADLINE, |_| promises.iter().all(|promise| promise.ready().is_some()));
    }
}

#[test]
fn a_huge_file_is_read_at_its_end_while_it_is_indexed_and_is_let_go_at_once() {
    let bytes = 20 << 30;
    let end = ByteOffset(bytes);
    let (_folder, path) = sparse(bytes);
    File::options().write(true).open(&path).unwrap().write_all_at(b"\nthe end", bytes - 8).unwrap();
    let (mut session, id, document) = start_to_open(&path);
    until_open(&mut session, &document);
    let last = |lines: &Lines<'_>| lines.bytes(end.minus(7)..end);
    assert_eq!(document.look(last), Some(None), "a page that nobody has asked for is there");
    session.wait("the last page has come", DEADLINE, |_| document.look(last).flatten().is_some());
    assert_eq!(document.look(last).flatten().as_deref(), Some(&b"the end"[..]));
    assert_eq!(find(&mut session, &document, |lines| lines.start_of(end.minus(1))), end.minus(7));
    assert_eq!(document.look(|lines| lines.number_of(end.minus(7))), Some(Found::Unknown));
    assert_eq!((session.job(id).status(), document.line_count().1), (Status::Running, false));

    session.cancel_within(AT_ONCE, id);
    assert!(matches!(document.standing(), Standing::Open(_)), "what was there is gone: {document:?}");
    assert!(document.indexed_bytes() < bytes);
}

#[test]
fn a_walk_along_a_huge_line_needs_a_page_a_row_where_its_index_was_cancelled() {
    let (_folder, path) = sparse(20 << 30);
    let (mut session, id, document) = start_to_open(&path);
    until_open(&mut session, &document);
    session.cancel_within(AT_ONCE, id);
    let start = ByteOffset(10 << 30);
    for rows in [40, -40] {
        let reached = find(&mut session, &document, |lines| lines.step(start, rows));
        assert_eq!(i64::try_from(reached.0 / PAGE_BYTES).unwrap() - (10 << 14), rows);
    }
}

#[test]
fn an_open_that_is_paused_holds_and_is_whole_when_it_has_gone_on() {
    let bytes = 128 << 20;
    let (_folder, path) = sparse(bytes);
    let (mut session, id, document) = start_to_open(&path);
    session.engine().pause(id, true);
    // The step that it is at may still be counted, and no other.
    let most = session.done(id) + STEP_BYTES;
    open_another(&mut session);
    assert!(session.done(id) <= most, "it went on");
    assert_eq!(session.job(id).status(), Status::Paused);
    session.engine().pause(id, false);
    let got = opened(session.result(id));
    assert_eq!((got.bytes, got.lines, got.longest_line_bytes), (bytes, 1, bytes));
    assert_eq!((document.indexed_bytes(), document.line_count()), (bytes, (1, true)));
}

#[test]
fn an_open_that_is_cancelled_while_it_is_paused_ends() {
    let (_folder, path) = sparse(20 << 30);
    let (mut session, id, _document) = start_to_open(&path);
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    session.engine().pause(id, true);
    open_another(&mut session);
    session.cancel_within(AT_ONCE, id);
}

#[test]
fn an_open_that_is_tried_again_while_its_cancelled_run_still_ends_counts_right() {
    let lines = 1 << 20;
    let (_folder, path) = file(&b"thirty-one bytes and a newline.\n".repeat(1 << 20));
    for _ in 0..3 {
        let (mut session, id, document) = start_to_open(&path);
        until_open(&mut session, &document);
        session.engine().cancel(id);
        session.engine().retry(id, Mode::Background);
        assert_eq!(opened(session.result(id)).lines, lines);
        assert_eq!((document.line_count(), document.indexed_bytes()), ((lines, true), 32 << 20));
    }
}

#[test]
fn a_look_at_the_lines_may_ask_the_document_too_while_it_is_indexed() {
    let (_folder, path) = sparse(8 << 30);
    let (mut session, id, document) = start_to_open(&path);
    until_open(&mut session, &document);
    let (answered, answers) = sync_channel(1);
    // On a thread of its own, which two locks that wait for each other hold for ever.
    let asker = spawn_named("asker", move || {
        while document.indexed_bytes() < 4 * STEP_BYTES {
            document.look(|_| (0..1_000).map(|_| document.line_count().0).max());
        }
        let _ = answered.send(());
    });
    answers.recv_timeout(DEADLINE).expect("the asker and the index wait for each other: so would the window");
    asker.unwrap().join().unwrap();
    session.cancel_within(DEADLINE, id);
}

#[test]
fn a_file_that_is_cut_short_while_it_is_read_is_an_error_that_says_so() {
    let (_folder, mut session, id, document) = start_and_cut_to(1 << 20);
    let error = session.result(id).unwrap_err();
    assert!(error.to_string().contains("cut short to 1,048,576 bytes") && !error.advice().is_empty(), "{error}");
    let JobError::Failed(failure) = &error else { panic!("{error:?}") };
    let failure: &(dyn Error + 'static) = failure.as_ref();
    assert!(matches!(failure.downcast_ref(), Some(SourceError::CutShort { .. })), "{failure:?}");
    assert_eq!((session.job(id).status(), document.line_count().1), (Status::Failed, false));
    until_changed(&mut session, &document, Some(SourceChange::CutShort(1 << 20)));
}

#[test]
fn what_had_happened_to_a_file_is_forgotten_when_it_is_opened_anew() {
    let (_folder, mut session, id, document) = start_and_cut_to(1 << 20);
    session.result(id).unwrap_err();
    until_changed(&mut session, &document, Some(SourceChange::CutShort(1 << 20)));
    session.engine().retry(id, Mode::Background);
    assert_eq!(opened(session.result(id)).bytes, 1 << 20);
    until_changed(&mut session, &document, None);
}

#[test]
fn a_file_that_is_deleted_stays_readable_and_the_view_is_told() {
    let content = b"a line of the file that will be deleted\n".repeat(10_000);
    let (_folder, path) = file(&content);
    let (mut session, id, document) = start_to_open(&path);
    opened(session.result(id));
    assert_eq!(document.change(), None);
    fs::remove_file(&path).unwrap();
    until_changed(&mut session, &document, Some(SourceChange::Deleted));
    assert_eq!(read(&mut session, &document, 0..400_000), content);
    assert_eq!(find(&mut session, &document, |lines| lines.start_of_line(LineNumber(9_000))), ByteOffset(360_000));
}

#[test]
fn what_is_appended_is_taken_in_as_if_it_had_been_there() {
    let page = usize::try_from(PAGE_BYTES).unwrap();
    let pieces = [
        b"the first line\nand a piece of ".to_vec(),
        b"the next".to_vec(),
        b"\n".to_vec(),
        b"lines\n".repeat(3 * page),
        vec![b'a'; 2 * page],
        "\nä".into(),
    ];
    let cut = ["ä".as_bytes(), b"\r"].concat();

    for follow in [true, false] {
        let (_folder, path) = file(b"");
        let (mut session, id, document) = start_to_open(&path);
        opened(session.result(id));
        document.follow(follow);
        let mut whole = Vec::new();
        for piece in &pieces {
            let mut end = File::options().append(true).open(&path).expect("the file");
            end.write_all(piece).expect("a longer file");
            whole.extend(piece);
            let len = whole.len() as u64;
            let limit = if follow { FOLLOWED } else { NOTICED };
            session.wait(
                "it is there",
                limit,
                |_| matches!(document.standing(), Standing::Open(facts) if facts.len_bytes == len),
            );
            let lines = whole.split_inclusive(|byte| *byte == b'\n').count() as u64;
            assert_eq!(document.line_count(), (lines, true), "after {len} bytes");
            assert_eq!(document.change(), None);
        }
        let longest = whole.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(0) as u64;
        assert_eq!(document.longest_line_bytes(), longest);
        let len = whole.len() as u64;
        assert_eq!(read(&mut session, &document, 0..len), whole);
        let last = document.line_count().0 - 1;
        let start = find(&mut session, &document, |lines| lines.start_of_line(LineNumber(last)));
        assert_eq!(start, ByteOffset(len - 2));
    }

    let (_folder, path) = file(b"");
    let (mut session, id, document) = start_to_open(&path);
    opened(session.result(id));
    for (len, byte) in (1..).zip(cut.iter().chain(b"\n")) {
        File::options().append(true).open(&path).and_then(|mut end| end.write_all(&[*byte])).expect("a longer file");
        let there = |_: &Session| matches!(document.standing(), Standing::Open(facts) if facts.len_bytes == len);
        session.wait("it is there", NOTICED, there);
    }
    let Standing::Open(facts) = document.standing() else { panic!("it is not open") };
    assert_eq!((facts.encoding, facts.ending), (Encoding::Utf8, LineEnding::CrLf), "what is cut by an append is whole");
}

#[test]
fn what_is_written_over_and_longer_is_no_append() {
    let (_folder, path) = file(&b"an old line\n".repeat(10_000));
    let (mut session, id, document) = start_to_open(&path);
    opened(session.result(id));
    document.follow(true);
    fs::write(&path, b"a new line that is longer\n".repeat(10_000)).expect("another content");
    session.wait("it is told", NOTICED, |_| {
        matches!(document.change(), Some(Changed { change: SourceChange::Rewritten | SourceChange::CutShort(_), .. }))
    });
    let mut end = File::options().append(true).open(&path).expect("the file");
    end.write_all(b"and one more\n").expect("a longer file");
    // It is looked at several times in this while.
    let later = Instant::now() + Duration::from_millis(500);
    session.wait("a while has passed", NOTICED, |_| Instant::now() > later);
    assert!(document.change().is_some(), "an append does not mend it");
    assert_eq!(document.line_count().0, 10_000);
}

#[test]
fn what_is_cut_off_a_file_is_gone_from_the_pages_at_hand_too() {
    let content = b"a line of the file that will be cut\n".repeat(10_000);
    let (_folder, path) = file(&content);
    let (mut session, id, document) = start_to_open(&path);
    opened(session.result(id));
    let at = |byte: u64| {
        move |lines: &Lines<'_>| lines.bytes(ByteOffset(byte)..ByteOffset(byte + 6)).map_or(Found::Loading, Found::Here)
    };
    assert_eq!(find(&mut session, &document, at(36_000)).as_ref(), b"a line");
    assert_eq!(find(&mut session, &document, at(180_000)).as_ref(), b"a line");
    File::options().write(true).open(&path).and_then(|file| file.set_len(100_000)).expect("a shorter file");
    until_changed(&mut session, &document, Some(SourceChange::CutShort(100_000)));
    assert_eq!(find(&mut session, &document, at(36_000)).as_ref(), b"a line");
    assert_eq!(find(&mut session, &document, at(180_000)).as_ref(), b"", "it is still shown");
}

type Outcome = Result<Product, JobError>;

/// A file of this content, in a folder of its own.
fn file(content: &[u8]) -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.path("file");
    fs::write(&path, content).expect("a file");
    (folder, path)
}

/// A file of so many zeros, which take no room on the disk.
fn sparse(bytes: u64) -> (Folder, PathBuf) {
    let (folder, path) = file(b"");
    File::options().write(true).open(&path).and_then(|file| file.set_len(bytes)).expect("a long file");
    (folder, path)
}

fn start_to_open(path: &Path) -> (Session, JobId, Document) {
    let (open, document) = Open::new(path.to_owned());
    let (session, id) = start(open);
    (session, id, document)
}

/// Starts to open a long file and cuts it to so many bytes when it is under way.
fn start_and_cut_to(bytes: u64) -> (Folder, Session, JobId, Document) {
    let (folder, path) = sparse(8 << 30);
    let (mut session, id, document) = start_to_open(&path);
    session.wait("it is under way", DEADLINE, |session| session.done(id) > 0);
    File::options().write(true).open(&path).and_then(|file| file.set_len(bytes)).expect("a cut file");
    (folder, session, id, document)
}

/// Opens a small file to its end: time in which an open that could go on would.
#[test]
fn an_open_whose_document_nobody_shows_any_more_ends() {
    let (_folder, path) = sparse(20 << 30);
    let (mut session, id, document) = start_to_open(&path);
    until_open(&mut session, &document);
    drop(document);
    session.wait("it has ended", AT_ONCE, |session| session.job(id).status() == Status::Cancelled);
}

fn open_another(session: &mut Session) {
    let (_folder, path) = file(b"another\n");
    for _ in 0..10 {
        let (open, _shown) = Open::new(path.clone());
        let id = session.submit(open);
        assert_eq!(opened(session.result(id)).lines, 1);
    }
}

fn until_open(session: &mut Session, document: &Document) {
    session.wait("the document stands open", DEADLINE, |_| matches!(document.standing(), Standing::Open(_)));
}

fn until_changed(session: &mut Session, document: &Document, change: Option<SourceChange>) {
    let what = format!("the change of the file is told as {change:?}");
    session.wait(&what, NOTICED, |_| document.change().map(|changed| changed.change) == change);
}

/// What was opened. Panics when it was not.
#[track_caller]
fn opened(result: Outcome) -> Opened {
    match result {
        Ok(Product::Open(opened)) => opened,
        other => panic!("a file was to be opened: {other:?}"),
    }
}

/// What a document says of its failure, and the advice. Panics when it has not failed.
#[track_caller]
fn failed(document: &Document) -> (String, String) {
    match document.standing() {
        Standing::Failed { message, advice } => (message, advice),
        other => panic!("the document was to fail: {other:?}"),
    }
}

/// Looks in each frame until what is sought is there.
fn find<T>(session: &mut Session, document: &Document, look: impl Fn(&Lines<'_>) -> Found<T>) -> T {
    let mut found = None;
    session.wait("the pages have come", DEADLINE, |_| {
        found = document.look(&look).and_then(Found::here);
        found.is_some()
    });
    found.expect("it was waited for")
}

/// Reads a range of a document.
fn read(session: &mut Session, document: &Document, range: std::ops::Range<u64>) -> Vec<u8> {
    let promise = document.read_range(ByteOffset(range.start)..ByteOffset(range.end)).expect("an open document");
    session.wait("the range has been read", DEADLINE, |_| promise.ready().is_some());
    promise.ready().cloned().expect("it was waited for").expect("bytes")
}
