//! What the program does on a command line, as a person or a script meets it: what it prints and where, its exit
//! status, and what it leaves behind when it is interrupted. All of it without a display.
#![expect(clippy::disallowed_methods, reason = "files are made and read to see what the program did with them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use harness::Folder;
use program::{DEADLINE, Running, Server, antifreeze, antifreeze_after, run, wait_for};

/// The end of the head of an HTTP message.
const BLANK_LINE: &[u8] = b"\r\n\r\n";

#[test]
fn a_file_is_read_to_its_end_and_told_as_one_json_object() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "one\ntwo, longer\nthree").unwrap();
    let ended = run(&["run", "--json", "open", &at(&folder, "a.txt")]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    // Anything before or after the object would be an error here.
    let facts: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(keys(&facts), ["bytes", "encoding", "lines", "longest_line_bytes", "seconds"]);
    assert_eq!((facts["bytes"].as_u64(), facts["lines"].as_u64()), (Some(21), Some(3)));
    assert_eq!((facts["encoding"].as_str(), facts["longest_line_bytes"].as_u64()), (Some("UTF-8"), Some(11)));
    assert!(facts["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0 && seconds < 60.0), "{facts}");
    assert_eq!(ended.out.lines().count(), 1, "not a line that a script could read: {}", ended.out);
}

#[test]
fn without_a_display_the_meter_is_tested_in_the_terminal() {
    let ended = run(&["selftest", "--quiet", "0", "--json"]);
    let verdict: Value = serde_json::from_str(&ended.out).unwrap();
    let stalls = verdict["stalls"].as_array().expect("stalls");
    assert_eq!(stalls.len(), 24, "six lengths in each of four phases: {verdict}");
    assert!(stalls.iter().all(|stall| stall["seen_ms"].as_f64() > Some(0.0)), "{verdict}");
    assert_eq!(ended.code == Some(0), stalls.iter().all(holds), "{verdict}");
}

/// Whether a stall was seen as well as it has to be.
fn holds(stall: &Value) -> bool {
    let ms = |name: &str| stall[name].as_f64().expect("a number");
    ms("injected_ms") < 20.0 || (ms("seen_ms") - ms("injected_ms")).abs() <= 2.0
}

#[test]
fn facts_for_people_are_one_a_line_with_separated_thousands() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "x".repeat(1_234_567)).unwrap();
    let ended = run(&["run", "open", &at(&folder, "a.txt")]);
    assert_eq!(ended.code, Some(0));
    let line = ended.out.lines().find(|line| line.starts_with("longest line bytes")).expect("a line for the longest");
    assert!(line.ends_with(" 1,234,567"), "{line}");
    assert_eq!(ended.out.lines().count(), 5, "{}", ended.out);
}

#[test]
fn a_file_that_is_not_there_is_an_error_with_advice() {
    let folder = Folder::new();
    let missing = at(&folder, "missing.txt");
    let ended = run(&["run", "--json", "open", &missing]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains(&format!("There is no file {missing}")), "{}", ended.err);
    assert!(ended.err.contains("Check the path"), "no advice: {}", ended.err);
}

#[test]
fn a_name_that_would_steer_the_terminal_is_printed_escaped() {
    let folder = Folder::new();
    let ended = run(&["run", "open", &at(&folder, "\u{1b}[2J\u{202e}.txt")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains(r"/\u{1b}[2J\u{202e}.txt"), "{}", ended.err);
    let name = "\u{1b}[1mbold";
    let ended = run(&["run", "sample", "log", &at(&folder, name), "--size", "1kB"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains(r"/\u{1b}[1mbold") && !ended.out.contains('\u{1b}'), "{}", ended.out);
}

#[test]
fn wrong_use_is_told_from_a_failure_by_the_exit_status() {
    for arguments in [&["run"][..], &["run", "nonsense"], &["run", "sample", "log", "X"], &["--nonsense"]] {
        let ended = run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(!ended.err.is_empty(), "nothing is said about {arguments:?}");
    }
}

#[test]
fn a_sample_is_exactly_as_large_as_asked_for_and_the_same_for_the_same_seed() {
    let folder = Folder::new();
    for (name, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
        let ended = run(&["run", "--json", "sample", "log", &at(&folder, name), "--size", "1MB", "--seed", seed]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let facts: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(keys(&facts), ["bytes", "path", "seconds"]);
        assert_eq!((facts["bytes"].as_u64(), facts["path"].as_str()), (Some(1_000_000), Some(&*at(&folder, name))));
    }
    let [a, b, c] = ["a", "b", "c"].map(|name| fs::read(folder.path(name)).unwrap());
    assert_eq!(a.len(), 1_000_000);
    assert!(a == b, "the same seed has made other bytes");
    assert!(a != c, "another seed has made the same bytes");
}

#[test]
fn a_sample_never_overwrites_what_is_there() {
    let folder = Folder::new();
    fs::write(folder.path("mine"), "mine").unwrap();
    let ended = run(&["run", "--json", "sample", "log", &at(&folder, "mine"), "--size", "1MB"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("There is already a file"), "{}", ended.err);
    assert_eq!(fs::read(folder.path("mine")).unwrap(), b"mine");
    assert_eq!(folder.names(), ["mine"]);
}

#[test]
fn each_kind_of_sample_is_what_its_name_says() {
    let folder = Folder::new();
    for kind in ["log", "csv", "json-lines", "binary"] {
        let ended = run(&["run", "sample", kind, &at(&folder, kind), "--size", "1100000"]);
        assert_eq!(ended.code, Some(0), "{kind}: {}", ended.err);
        let content = fs::read(folder.path(kind)).unwrap();
        assert_eq!(content.len(), 1_100_000, "{kind}");
        if kind == "binary" {
            assert!(std::str::from_utf8(&content).is_err(), "this is text");
            continue;
        }
        let text = String::from_utf8(content).unwrap();
        assert!(text.ends_with('\n'), "the last record of {kind} is cut");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 1_000, "{kind} has {} records", lines.len());
        match kind {
            "csv" => assert!(lines[0].starts_with("order_id,placed_at,"), "{}", lines[0]),
            "log" => assert!(lines.iter().all(|line| line.starts_with("2026-")), "a line without its time"),
            _ => {
                let wrong = lines.iter().find(|line| serde_json::from_str::<Value>(line).is_err());
                assert_eq!(wrong, None, "this is no JSON");
            }
        }
    }
}

#[test]
fn the_practice_server_answers_this_machine_alone_until_it_is_interrupted() {
    let server = Server::start();
    let address = server.address.as_str();
    let (status, body) = get(address, address, "/bytes/1000");
    assert_eq!((status, body.len()), (200, 1_000));

    let (status, body) = get(address, address, "/json/3");
    let users: Vec<Value> = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, users.len(), users[2]["id"].as_u64()), (200, 3, Some(2)));

    let asked = Instant::now();
    assert_eq!(get(address, address, "/delay/10").0, 200);
    assert!(asked.elapsed() >= Duration::from_millis(10), "answered after {:?}", asked.elapsed());

    assert_eq!(get(address, address, "/error/503").0, 503);
    assert_eq!(get(address, "localhost", "/bytes/1").0, 200);
    assert_eq!(get(address, "example.org", "/bytes/1000").0, 403, "a web page could reach it by a name of its own");

    server.running.interrupt();
    let ended = server.running.end();
    assert_eq!(ended.code, Some(130), "{}", ended.err);
}

#[test]
fn a_download_is_written_whole_and_known_by_its_sha256() {
    let (server, folder) = (Server::start(), Folder::new());
    let file = at(&folder, "got.bin");
    let ended = run(&["run", "--json", "download", &server.url("/bytes/300kB"), "-o", &file]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let facts: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(keys(&facts), ["bytes", "path", "resumed_bytes", "seconds", "segments", "sha256"]);
    let content = fs::read(&file).unwrap();
    let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    assert_eq!((facts["bytes"].as_u64(), content.len()), (Some(300_000), 300_000));
    assert_eq!((facts["sha256"].as_str(), facts["path"].as_str()), (Some(&*sha256), Some(&*file)));
    assert_eq!(folder.names(), ["got.bin"]);
}

#[test]
fn an_interrupted_download_leaves_nothing_behind() {
    let (server, folder) = (Server::start(), Folder::new());
    let url = server.url("/bytes/10MB?rate=100KB");
    let running = Running::start(&mut antifreeze(&["run", "download", &url, "-o", &at(&folder, "slow.bin")]));
    wait_for(DEADLINE, "the download is under way", || (folder.names() == ["slow.bin.part"]).then_some(()));
    running.interrupt();
    assert_interrupted(running, &folder);
}

#[test]
fn a_download_whose_terminal_is_closed_leaves_nothing_behind() {
    let (server, folder) = (Server::start(), Folder::new());
    let url = server.url("/bytes/10MB?rate=100KB");
    let running = Running::start(&mut antifreeze(&["run", "download", &url, "-o", &at(&folder, "slow.bin")]));
    wait_for(DEADLINE, "the download is under way", || (folder.names() == ["slow.bin.part"]).then_some(()));
    running.hang_up();
    assert_interrupted(running, &folder);
}

#[test]
#[cfg(target_os = "linux")]
fn a_download_that_is_to_outlive_its_terminal_does() {
    let (server, folder) = (Server::start(), Folder::new());
    let url = server.url("/bytes/300kB?rate=300KB");
    let arguments = ["run", "download", &url, "-o", &at(&folder, "slow.bin")];
    let running = Running::start(&mut antifreeze_after("trap '' HUP", &arguments));
    wait_for(DEADLINE, "the download is under way", || (folder.names() == ["slow.bin.part"]).then_some(()));
    running.hang_up();
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(folder.names(), ["slow.bin"]);
}

#[test]
fn a_file_that_becomes_larger_than_the_limit_is_an_error_and_leaves_nothing_behind() {
    let (server, folder) = (Server::start(), Folder::new());
    let url = server.url("/bytes/3MB");
    let arguments = ["run", "download", &url, "-o", &at(&folder, "large.bin")];
    let ended = Running::start(&mut antifreeze_after("ulimit -f 1024", &arguments)).end();
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
    assert!(ended.err.contains("can not become larger") && ended.err.contains("ulimit -f"), "{}", ended.err);
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_display_one_line_says_what_to_do_instead() {
    let folder = Folder::new();
    fs::write(folder.path("a.txt"), "one\n").unwrap();
    // One that is named but does not answer is as good as none.
    for display in ["", "127.0.0.1:59999", ":59999"] {
        let ended = Running::start(antifreeze(&[&at(&folder, "a.txt")]).env("DISPLAY", display)).end();
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{display}: {}", ended.err);
        assert_eq!(ended.err.lines().count(), 1, "{display}: {}", ended.err);
        assert!(ended.err.contains("`antifreeze run`") && ended.err.contains("virtual display"), "{}", ended.err);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_comparison_runs_in_the_terminal_when_the_display_does_not_answer() {
    let folder = Folder::new();
    let mut command = antifreeze(&[]);
    let mut running = Running::start(command.env("DISPLAY", ":59999").env("TMPDIR", folder.path("")));
    let mut first = String::new();
    BufReader::new(running.0.stderr.take().expect("a pipe")).read_line(&mut first).expect("a line");
    assert!(first.contains("here is what the window would show"), "{first}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_meter_is_tested_in_the_terminal_when_the_display_does_not_answer() {
    let mut running = Running::start(antifreeze(&["selftest", "--quiet", "0"]).env("DISPLAY", ":59999"));
    // It takes half a minute; what has not failed at once has found its way.
    let pause = Instant::now() + Duration::from_secs(1);
    wait_for(DEADLINE, "it has had a moment", || (Instant::now() > pause).then_some(()));
    assert_eq!(running.0.try_wait().unwrap(), None, "it has ended at once");
}

/// Asserts that it ends as one that was interrupted, and that nothing is in the folder then.
#[track_caller]
fn assert_interrupted(running: Running, folder: &Folder) {
    let ended = running.end();
    assert_eq!((ended.code, ended.out.as_str()), (Some(130), ""), "{}", ended.err);
    assert!(ended.err.contains("interrupted"), "{}", ended.err);
    assert_eq!(folder.names(), [""; 0]);
}

/// A name in a folder as a person would write it.
fn at(folder: &Folder, name: &str) -> String {
    folder.path(name).display().to_string()
}

/// The keys of an object, sorted.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Asks for a path in the name of `host`, and gives the status and the body of the answer.
fn get(address: &str, host: &str, path: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("nobody listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a time limit");
    // HTTP/1.0, so that the body is sent as it is and ends with the connection.
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes()).expect("a request");
    let mut head = Vec::new();
    stream.read_to_end(&mut head).expect("an answer");
    let end = head.windows(BLANK_LINE.len()).position(|bytes| bytes == BLANK_LINE).expect("a head with an end");
    let body = head.split_off(end + BLANK_LINE.len());
    let head = String::from_utf8_lossy(&head);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), body)
}
