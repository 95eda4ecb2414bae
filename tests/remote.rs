//! What opening a file on a server promises: its first page by one request, any place by a request for that place, all of it
//! only when somebody asks for it; an error that says what happened where that can not be; and never bytes of two files.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

#[path = "support/fault_server.rs"]
mod fault_server;
#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;
#[path = "support/range_server.rs"]
mod range_server;

use std::collections::VecDeque;
use std::net::TcpListener;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use antifreeze::document::{
    Document, Encoding, Found, Lines, Open, Opened, PAGE_BYTES, Query, Reading, Search, Standing,
};
use antifreeze::jobs::{JobError, JobId, Status};
use antifreeze::source::{ByteOffset, SourceChange};
use antifreeze::work::Product;
use serde_json::Value;

use fault_server::{Behaviour, FaultServer};
use harness::{DEADLINE, Session, run, run_blocking, start};
use range_server::{File, LINE_BYTES, RangeServer, line};

/// How soon what nobody wants any more is to be gone.
const AT_ONCE: Duration = Duration::from_secs(1);
/// What is fetched at a time.
const BLOCK_BYTES: u64 = 512 << 10;
/// The lines of a file that is indexed only when somebody asks for it: 16 MB, and 1 GB.
const LARGE: u64 = 1 << 19;
const HUGE: u64 = 1 << 25;
const HUGE_BYTES: u64 = HUGE * LINE_BYTES;

#[test]
fn a_large_file_is_opened_by_one_request_for_its_first_page() {
    let server = RangeServer::start();
    let url = server.serve("/logs/big.log?token=1", File::lines(HUGE));
    let (mut session, id, document) = start_to_open(&url);
    let got = opened(session.result(id));
    assert_eq!((got.bytes, got.indexed), (HUGE_BYTES, false));
    assert_eq!(session.job(id).summary().as_deref(), Some("1.07 GB · opened, not indexed"));
    assert_eq!([document.name().as_str(), session.job(id).title()], ["big.log"; 2]);

    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("more was asked for than the first page: {requests:?}") };
    let fields: Vec<_> = request.head.lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(fields[0], "get /logs/big.log?token=1 http/1.1");
    assert!(fields.contains(&"range: bytes=0-65535".into()), "{request:?}");
    assert!(fields.contains(&"accept-encoding: identity".into()), "the file might come packed: {request:?}");
    assert_eq!(server.sent_bytes(), PAGE_BYTES);

    assert_eq!(read(&mut session, &document, 32..64), line(1).as_bytes());
    assert!(document.waits_for_index());
    assert_eq!(document.line_count(), (PAGE_BYTES / LINE_BYTES, false));
    assert_eq!(server.sent_bytes(), PAGE_BYTES, "what had come was fetched again");
}

#[test]
fn the_end_is_gone_to_by_fetching_it_alone() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(HUGE));
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    let end = ByteOffset(HUGE_BYTES);
    assert_eq!(find(&mut session, &document, |lines| lines.start_of(end.minus(1))), end.minus(LINE_BYTES));
    assert_eq!(read(&mut session, &document, HUGE_BYTES - 32..HUGE_BYTES), line(HUGE - 1).as_bytes());
    assert_eq!(read(&mut session, &document, HUGE_BYTES - BLOCK_BYTES..HUGE_BYTES).len() as u64, BLOCK_BYTES);
    assert_eq!(server.ranges(), ["bytes=0-65535".to_owned(), format!("bytes={}-", HUGE_BYTES - BLOCK_BYTES)]);
    assert_eq!(server.requests()[1].condition.as_deref(), Some("\"first\""));
    assert_eq!(server.sent_bytes(), PAGE_BYTES + BLOCK_BYTES);
}

#[test]
fn it_is_indexed_on_request_by_one_long_answer() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(LARGE));
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    let index = session.submit(Open::index_of(&document, Reading::default()).expect("it waits for that"));
    assert!(matches!(document.standing(), Standing::Open(_)), "what was shown is gone");
    let got = opened(session.result(index));
    assert_eq!((got.lines, got.bytes, got.indexed), (LARGE, LARGE * LINE_BYTES, true));
    assert_eq!((document.line_count(), document.indexed_bytes()), ((LARGE, true), LARGE * LINE_BYTES));
    assert!(Open::index_of(&document, Reading::default()).is_none(), "it waits still");
    assert_eq!(server.ranges(), ["bytes=0-65535", "bytes=65536-"]);
}

#[test]
fn a_small_file_is_indexed_by_itself_and_without_a_window_every_file_is() {
    let server = RangeServer::start();
    let url = server.serve("/small.log", File::lines(1 << 15));
    let (mut session, id, document) = start_to_open(&url);
    assert_eq!(opened(session.result(id)).lines, 1 << 15);
    assert_eq!(document.line_count(), (1 << 15, true));

    let url = server.serve("/big.log", File::lines(LARGE));
    for result in [run(Open::unshown(url.clone().into())), run_blocking(Open::unshown(url.clone().into()))] {
        let got = opened(result);
        assert_eq!((got.lines, got.bytes), (LARGE, LARGE * LINE_BYTES));
    }
    let ended = program::run(&["run", "--json", "open", &url]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let facts: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!([&facts["lines"], &facts["longest_line_bytes"]].map(Value::as_u64), [Some(LARGE), Some(31)]);
}

#[test]
fn what_is_packed_or_in_another_encoding_is_read_on_a_server_too() {
    let server = RangeServer::start();
    let text: String = (0..50_000).map(line).collect();
    let packed = zstd::encode_all(text.as_bytes(), 1).expect("memory");
    let units: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (path, bytes) in [("/a.zst", packed.as_slice()), ("/utf-16.txt", &units)] {
        let url = server.serve(path, File::bytes(bytes));
        let got = opened(run(Open::unshown(url.clone().into())));
        assert_eq!((got.lines, got.longest_line_bytes), (50_000, 31), "{path}");
        let query = Query { pattern: "049999".into(), ..Query::default() };
        let search = Search::in_file(query, url.into()).expect("a pattern");
        let Ok(Product::Search(found)) = run(search) else { panic!("{path} was not searched") };
        assert_eq!(found.matching_lines, 1, "{path}");
    }
}

#[test]
fn of_a_large_packed_file_the_beginning_is_shown_and_what_a_search_has_passed() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut text: Vec<u8> =
        std::iter::repeat_with(|| format!("{:032x}\n", random.u128(..))).take(700_000).collect::<String>().into();
    text.extend(b"needle\n");
    let packed = zstd::encode_all(text.as_slice(), 1).expect("memory");
    assert!(packed.len() > 9 << 20, "{} bytes would be indexed unasked", packed.len());
    let server = RangeServer::start();
    let url = server.serve("/big.zst", File::bytes(&packed));
    let (mut session, id, document) = start_to_open(&url);
    assert!(!opened(session.result(id)).indexed);
    let shown = || match document.standing() {
        Standing::Open(facts) => facts.len_bytes,
        other => panic!("it is not open: {other:?}"),
    };
    assert_eq!(shown(), PAGE_BYTES);
    let (search, _hits) = document.search(Query { pattern: "needle".into(), ..Query::default() }).expect("a pattern");
    let search = session.submit(search);
    assert!(matches!(session.result(search), Ok(Product::Search(found)) if found.matching_lines == 1));
    assert_eq!(shown(), text.len() as u64);
}

#[test]
fn a_server_that_gives_no_parts_is_told_and_no_more_is_taken_of_it() {
    let server = RangeServer::start();
    let whole = server.serve("/whole.log", File { parts: false, ..File::lines(HUGE) });
    let faults = FaultServer::start();
    let no_length =
        Behaviour::answer("206 Partial Content", &[("Content-Range", b"bytes 0-3/*"), ("Content-Length", b"4")]);
    let no_length = faults.serve("/no-length", no_length.then_send(b"text"));
    for url in [whole, no_length] {
        let (mut session, id, document) = start_to_open(&url);
        let error = session.result(id).unwrap_err();
        assert_eq!(error.to_string(), format!("This server gives no parts of files: {url}"));
        assert!(error.advice().contains("Download it"), "{}", error.advice());
        assert!(matches!(document.standing(), Standing::Failed { .. }), "{document:?}");
        assert!(document.comes_only_whole() && document.look(|_| ()).is_none());
    }
    assert!(server.is_left_within(DEADLINE), "it is sent still");
    assert!(server.sent_bytes() < HUGE_BYTES / 10, "{} bytes were sent", server.sent_bytes());
}

#[test]
fn a_file_that_changes_on_the_server_is_told_and_nothing_of_the_new_one_is_shown() {
    let tagged = |tag, lines| File { tag, ..File::lines(lines) };
    for (what, before, after) in [
        ("its tag", tagged(Some("\"first\""), HUGE), tagged(Some("\"second\""), HUGE)),
        ("its length", tagged(None, HUGE), tagged(None, HUGE - 1)),
        ("its end", tagged(Some("\"first\""), HUGE), tagged(Some("\"first\""), LARGE)),
    ] {
        let server = RangeServer::start();
        let url = server.serve("/big.log", before);
        let (mut session, id, document) = start_to_open(&url);
        opened(session.result(id));
        server.serve("/big.log", after);
        let promise = document.read_range(ByteOffset(HUGE_BYTES / 2)..ByteOffset(HUGE_BYTES / 2 + 32)).expect("open");
        session.wait("it has been read", DEADLINE, |_| promise.ready().is_some());
        let error = promise.ready().and_then(|read| read.as_ref().err()).unwrap_or_else(|| panic!("{what} changed"));
        assert!(error.contains("has changed on the server"), "{what}: {error}");
        let replaced = |_: &Session| document.change().is_some_and(|told| told.change == SourceChange::Replaced);
        session.wait("it is told", DEADLINE, replaced);
        assert_eq!(read(&mut session, &document, 0..32), line(0).as_bytes(), "{what}: what was shown is gone");
        let index = session.submit(Open::index_of(&document, Reading::default()).expect("it waits for that"));
        let error = session.result(index).unwrap_err();
        assert!(error.to_string().contains("has changed on the server"), "{what}: {error}");
        assert!(error.advice().contains("Reload"), "{what}: {}", error.advice());
    }
}

#[test]
fn a_server_that_takes_each_condition_for_not_met_is_asked_without() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File { unconditional: true, ..File::lines(HUGE) });
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    for place in [HUGE / 2, HUGE / 4] {
        let start = place * LINE_BYTES;
        assert_eq!(read(&mut session, &document, start..start + 32), line(place).as_bytes());
    }
    let conditions: Vec<_> = server.requests().into_iter().map(|request| request.condition.is_some()).collect();
    assert_eq!(conditions, [false, true, false, false]);
    assert_eq!(document.change(), None);
}

#[test]
fn an_answer_that_breaks_off_is_gone_on_with_where_it_did() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(LARGE));
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    let (breaks, refusals) = (VecDeque::from([3_000_000, 0, 5_000_000]), VecDeque::from(["503 Service Unavailable"]));
    server.serve("/big.log", File { breaks, refusals, ..File::lines(LARGE) });
    let index = session.submit(Open::index_of(&document, Reading::default()).expect("it waits for that"));
    assert_eq!(opened(session.result(index)).lines, LARGE);
    let (first, second) = (PAGE_BYTES + 3_000_000, PAGE_BYTES + 8_000_000);
    let begun = [0, PAGE_BYTES, PAGE_BYTES, first, first, second].map(|start| format!("bytes={start}-"));
    assert_eq!(server.ranges()[1..], begun[1..]);
}

#[test]
fn what_breaks_off_again_and_again_is_an_error_and_what_came_before_is_shown() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(LARGE));
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    let breaks = VecDeque::from([1 << 20, 0, 0, 0, 0]);
    server.serve("/big.log", File { breaks, ..File::lines(LARGE) });
    let index = session.submit(Open::index_of(&document, Reading::default()).expect("it waits for that"));
    let error = session.result(index).unwrap_err();
    assert!(error.to_string().contains("broke off") && !error.advice().is_empty(), "{error}");
    assert_eq!(document.indexed_bytes(), PAGE_BYTES + (1 << 20));
    assert!(document.index_stopped() && !document.waits_for_index());
}

#[test]
fn what_can_not_be_opened_is_an_error_with_advice_and_asked_for_once() {
    let (server, faults, untrusted) = (RangeServer::start(), FaultServer::start(), FaultServer::start_untrusted());
    let refused = |status: &'static str| File { refusals: VecDeque::from([status]), ..File::lines(1) };
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    for (url, words, advice) in [
        (server.serve("/a", refused("404 Not Found")), "refused with 404 Not Found", "Check the address"),
        (server.serve("/b", refused("500 Internal Server Error")), "refused with 500", "Retry later"),
        (server.serve("/c", refused("401 Unauthorized")), "refused with 401", "login"),
        (faults.serve("/d", Behaviour::garbage()), "The transfer failed", "Retry"),
        (faults.serve("/e", Behaviour::hang_up()), "The transfer failed", "Retry"),
        (faults.serve("/f", Behaviour::redirect("file:///etc/passwd")), "redirects to where nothing", "browser"),
        (faults.serve("/g", Behaviour::redirect("/g")), "redirects in a circle", "browser"),
        (untrusted.serve("/h", Behaviour::whole(b"evil")), "can not be trusted", "Do not trust"),
        (format!("http://{unused}/i"), &*format!("could not be reached: {unused}"), "server runs"),
        ("http://no-such-host.invalid/j".into(), "No server of this name", "spelling"),
        ("http://".into(), "This is not an address", "https://example.org"),
    ] {
        let (mut session, id, document) = start_to_open(&url);
        let error = session.result(id).unwrap_err();
        assert!(matches!(error, JobError::Failed(_)) && error.to_string().contains(words), "{url}: {error}");
        assert!(error.advice().contains(advice), "{url}: {}", error.advice());
        assert!(matches!(document.standing(), Standing::Failed { .. }) && !document.comes_only_whole(), "{url}");
    }
    assert_eq!(server.requests().len(), 3, "a refusal was not taken for one");
}

#[test]
fn a_password_is_sent_and_never_told() {
    let server = RangeServer::start();
    let url = server.serve("/a", File { refusals: VecDeque::from(["403 Forbidden"]), ..File::lines(1) });
    let error = run(Open::unshown(url.replace("://", "://me:secret@").into())).unwrap_err();
    assert_eq!(error.to_string(), format!("The server refused with 403 Forbidden: {url}"));
    let head = server.requests()[0].head.to_ascii_lowercase();
    assert!(head.contains("authorization: basic bwu6c2vjcmv0"), "{head}");
}

#[test]
fn an_empty_file_is_opened_as_one() {
    let server = RangeServer::start();
    for parts in [true, false] {
        let url = server.serve("/empty", File { parts, ..File::bytes(b"") });
        let (mut session, id, document) = start_to_open(&url);
        let got = opened(session.result(id));
        assert_eq!((got.bytes, got.lines), (0, 0));
        assert!(matches!(document.standing(), Standing::Open(facts) if facts.len_bytes == 0));
    }
}

#[test]
fn what_was_read_long_ago_is_not_kept_and_what_was_read_just_now_is() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(HUGE));
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    let mut asked = |place: u64| {
        let before = server.requests().len();
        let start = place * (HUGE_BYTES / 64);
        assert_eq!(read(&mut session, &document, start..start + 32), line(start / LINE_BYTES).as_bytes());
        server.requests().len() - before
    };
    assert_eq!((1..=32).map(&mut asked).sum::<usize>(), 32);
    assert_eq!([32, 31, 1, 32].map(&mut asked), [0, 0, 1, 0]);
}

#[test]
fn who_does_not_wait_any_more_ends_the_request_at_once() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(LARGE));
    server.hold(true);
    let (mut session, id, _document) = start_to_open(&url);
    assert!(server.has_requests_within(DEADLINE, 1), "no request came");
    session.cancel_within(AT_ONCE, id);
    assert!(server.is_left_within(AT_ONCE), "the request of an open that was cancelled goes on");
    server.hold(false);

    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    server.hold(true);
    let index = session.submit(Open::index_of(&document, Reading::default()).expect("it waits for that"));
    assert!(server.has_requests_within(DEADLINE, 3), "no request came");
    session.cancel_within(AT_ONCE, index);
    assert!(server.is_left_within(AT_ONCE), "the request of an index that was cancelled goes on");
}

#[test]
fn a_document_that_is_closed_ends_its_requests_and_its_jobs_at_once() {
    let server = RangeServer::start();
    let url = server.serve("/big.log", File::lines(LARGE));
    let (mut session, id, document) = start_to_open(&url);
    opened(session.result(id));
    server.hold(true);
    let index = session.submit(Open::index_of(&document, Reading::default()).expect("it waits for that"));
    let middle = ByteOffset(LARGE * LINE_BYTES / 2);
    assert_eq!(document.look(|lines| lines.bytes(middle..middle.plus(1)).is_none()), Some(true));
    assert!(server.has_requests_within(DEADLINE, 3), "not both requests came");
    drop(document);
    session.wait("the job has ended", AT_ONCE, |session| session.job(index).status() == Status::Cancelled);
    assert!(server.is_left_within(AT_ONCE), "a request goes on");
}

#[test]
fn any_part_of_what_the_practice_server_has_is_read() {
    let server = program::Server::start();
    let bytes = 100_000_000_000;
    let (mut session, id, document) = start_to_open(&server.url("/bytes/100GB"));
    let got = opened(session.result(id));
    assert_eq!((got.bytes, got.encoding, got.indexed), (bytes, Encoding::Binary, false));
    let start = read(&mut session, &document, 0..100);
    // What it sends comes again after so many bytes.
    let period = 256 << 10;
    let later = (bytes / period - 1) * period;
    assert_eq!(read(&mut session, &document, later..later + 100), start);
    assert_eq!(read(&mut session, &document, bytes - 10..bytes + 10).len(), 10);
}

type Outcome = Result<Product, JobError>;

fn start_to_open(url: &str) -> (Session, JobId, Document) {
    let (open, document) = Open::new(PathBuf::from(url));
    let (session, id) = start(open);
    (session, id, document)
}

/// What was opened. Panics when it was not.
#[track_caller]
fn opened(result: Outcome) -> Opened {
    match result {
        Ok(Product::Open(opened)) => opened,
        other => panic!("a file was to be opened: {other:?}"),
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
fn read(session: &mut Session, document: &Document, range: Range<u64>) -> Vec<u8> {
    let promise = document.read_range(ByteOffset(range.start)..ByteOffset(range.end)).expect("an open document");
    session.wait("the range has been read", DEADLINE, |_| promise.ready().is_some());
    promise.ready().cloned().expect("it was waited for").expect("bytes")
}
