//! Jobs on documents whose files are on a server: each does with an address what it does with a path, tells nothing of the
//! secrets in it, and fetches no more than it needs.
#![expect(clippy::disallowed_methods, reason = "what was written is looked at")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/range_server.rs"]
mod range_server;

use std::fs;
use std::path::PathBuf;

use antifreeze::document::table::TableJob;
use antifreeze::document::{Algorithm, Document, Hash, Open, OutlineJob, PictureJob, Reading, Save, Split, Statistics};
use antifreeze::jobs::{Job as _, JobError};
use antifreeze::source::ByteOffset;
use antifreeze::work::Product;

use harness::{Folder, Session, run, start};
use range_server::{File, LINE_BYTES, RangeServer, line};

/// The lines of a file that is indexed only when somebody asks for it: 16 MB.
const LARGE: u64 = 1 << 19;
/// How much of an answer may be on its way when nobody wants more of it.
const ON_ITS_WAY_BYTES: u64 = 8 << 20;

#[test]
fn each_job_does_with_an_address_what_it_does_with_a_path() {
    let server = RangeServer::start();
    let folder = Folder::new();
    let text = format!("name,count\n{}", "Ann,1\nBob,2\n".repeat(20_000));
    let (rows, bytes) = (40_000, text.len() as u64);
    let url = PathBuf::from(server.serve("/orders.csv?token=1", File::bytes(text.as_bytes())));

    let Ok(Product::Table(table)) = run(TableJob::of_file(url.clone(), None, false)) else { panic!("no table") };
    assert_eq!((table.rows, table.columns, table.bytes), (rows, 2, bytes));

    let mut statistics = Statistics::of(url.clone());
    (statistics.column, statistics.header) = (Some(1), true);
    let Ok(Product::Statistics(counted)) = run(statistics) else { panic!("nothing was counted") };
    assert_eq!((counted.lines, counted.bytes), (rows + 1, bytes));
    assert_eq!(counted.column.map(|column| (column.values, column.distinct)), Some((rows, 2)));

    let hash = Hash { path: url.clone(), algorithm: Algorithm::Crc32, expect: None, sums: None };
    let Ok(Product::Hash(hashed)) = run(hash) else { panic!("nothing was hashed") };
    assert_eq!((hashed.bytes, hashed.digest), (bytes, format!("{:08x}", crc32fast::hash(text.as_bytes()))));

    // A folder, in which it has the name that the address gives it.
    let Ok(Product::Save(saved)) = run(Save::new(url.clone(), folder.path(""))) else { panic!("nothing was saved") };
    assert_eq!(saved.path, folder.path("orders.csv"));
    assert!(fs::read(&saved.path).expect("a file") == text.as_bytes(), "another text was saved");

    let (output, reading) = (Some(folder.path("")), Reading::default());
    let split = Split { path: url, output, reading, bytes: None, lines: Some(30_000), exact: false };
    let Ok(Product::Split(parts)) = run(split) else { panic!("nothing was cut") };
    assert_eq!((parts.parts, parts.bytes), (2, bytes));
    assert!(folder.path("orders.001.csv").metadata().expect("a part").len() < bytes);

    let url = server.serve("/records.jsonl", File::bytes(&b"{\"a\": [1, 2]}\n".repeat(1_000)));
    let Ok(Product::Outline(outlined)) = run(OutlineJob::of_file(url.into())) else { panic!("no outline") };
    assert_eq!((outlined.values, outlined.depth), (4_000, 2));

    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='3' height='2'><rect width='3' height='2'/></svg>";
    let Ok(Product::Picture(picture)) = run(PictureJob::in_file(server.serve("/map.svg", File::bytes(svg)).into()))
    else {
        panic!("no picture");
    };
    assert_eq!((picture.width, picture.height), (3, 2));
}

#[test]
fn what_a_job_tells_and_keeps_has_no_secrets() {
    let server = RangeServer::start();
    let url = server.serve("/a.json", File::bytes(b"[1, }"));
    let secret = PathBuf::from(url.replace("://", "://me:mystery@"));
    let outline = OutlineJob::of_file(secret.clone());
    assert_eq!(outline.title(), "Outline of a.json");
    let error = run(outline).unwrap_err().to_string();
    assert!(error.contains(&url) && !error.contains("mystery"), "{error}");
    let picture = run(PictureJob::in_file(secret.clone())).unwrap_err().to_string();
    assert!(picture.contains("This is no picture") && !picture.contains("mystery"), "{picture}");
    let kept = serde_json::to_string(&Save::new(secret, "b.json".into()).for_keeping()).expect("text");
    assert!(kept.contains("a.json") && !kept.contains("mystery"), "{kept}");
}

#[test]
fn a_part_that_is_saved_is_all_that_is_fetched() {
    let server = RangeServer::start();
    let folder = Folder::new();
    let (mut session, document) = opened(&server.serve("/big.log", File::lines(LARGE)));
    let before = server.ranges().len();
    let (from, to) = (LARGE / 2 * LINE_BYTES, (LARGE / 2 + 3) * LINE_BYTES);
    let mut save = document.save(Reading::default(), Some(&(ByteOffset(from)..ByteOffset(to))));
    save.output = folder.path("part.log");
    let save = session.submit(save);
    assert!(matches!(session.result(save), Ok(Product::Save(saved)) if saved.bytes == to - from));
    let expected: String = (LARGE / 2..LARGE / 2 + 3).map(line).collect();
    assert_eq!(fs::read_to_string(folder.path("part.log")).expect("a file"), expected);
    assert_eq!(server.ranges()[before..], [format!("bytes={from}-")]);
}

#[test]
fn a_document_is_saved_to_its_end_though_it_is_closed_meanwhile() {
    let server = RangeServer::start();
    let folder = Folder::new();
    let (mut session, document) = opened(&server.serve("/big.log", File::lines(LARGE)));
    server.hold(true);
    let requests = server.requests().len();
    let mut save = document.save(Reading::default(), None);
    save.output = folder.path("all.log");
    let save = session.submit(save);
    assert!(server.has_requests_within(harness::DEADLINE, requests + 1), "no request came");
    drop(document);
    server.hold(false);
    assert!(matches!(session.result(save), Ok(Product::Save(saved)) if saved.bytes == LARGE * LINE_BYTES));
}

#[test]
fn a_table_that_was_stopped_goes_on_where_it_was() {
    let server = RangeServer::start();
    let (mut session, document) = opened(&server.serve("/big.csv", File::lines(LARGE)));
    let dialect = document.dialect().expect("its first page is there");
    let (job, table) = document.table(dialect);
    // The first answer breaks off for good, after some of the rows.
    let breaks = [3_000_000, 0, 0, 0].into();
    server.serve("/big.csv", File { breaks, ..File::lines(LARGE) });
    let job = session.submit(job);
    assert!(matches!(session.result(job), Err(JobError::Failed(_))));
    let known = table.tally();
    assert!(known.stopped && known.scanned_bytes > 3_000_000 && known.scanned_bytes < ON_ITS_WAY_BYTES, "{known:?}");
    let before = server.ranges().len();
    let job = session.submit(document.table_on(&table));
    let Ok(Product::Table(facts)) = session.result(job) else { panic!("it did not go on") };
    assert_eq!(facts.bytes, LARGE * LINE_BYTES);
    assert_eq!(server.ranges()[before..], [format!("bytes={}-", known.scanned_bytes)]);
}

/// A document of a large file, of which the first page is there.
fn opened(url: &str) -> (Session, Document) {
    let (open, document) = Open::new(PathBuf::from(url));
    let (mut session, id) = start(open);
    assert!(matches!(session.result(id), Ok(Product::Open(opened)) if !opened.indexed));
    (session, document)
}
