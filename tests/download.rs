//! What a download does with servers good and bad and with targets free and taken: it brings the whole file under a
//! safe name of its own, or an error that says what happened, and nothing else. It can be held and stopped meanwhile.
#![expect(clippy::disallowed_methods, reason = "files are made and read to see what a download did with them")]

#[path = "support/fault_server.rs"]
mod fault_server;
#[path = "support/harness.rs"]
mod harness;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use antifreeze::jobs::Status;
use antifreeze::source::WriteError;
use sha2::{Digest as _, Sha256};

use fault_server::{Behaviour, FLOOD_PIECE, FaultServer};
use harness::{DEADLINE, Folder, Session, download, downloaded, failure, failure_as, run, run_blocking, start};

/// How soon a cancelled download is to be gone.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A server whose `/file.bin` behaves like this, the address of that, and an empty folder.
fn serve(behaviour: Behaviour) -> (FaultServer, String, Folder) {
    let server = FaultServer::start();
    let url = server.serve("/file.bin", behaviour);
    (server, url, Folder::new())
}

/// Three megabytes and a bit, which are written in more than one block.
fn long_body() -> Vec<u8> {
    FLOOD_PIECE.repeat(192).into_iter().chain(*b"the end").collect()
}

fn sha256_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[test]
fn a_file_arrives_whole_by_one_plain_request_and_is_known_by_its_sha256() {
    let (server, url, folder) = serve(Behaviour::whole(b"abc"));
    let got = downloaded(folder.fetch(&url));
    // An example of FIPS 180-2, appendix B.
    assert_eq!(got.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!((got.bytes, &got.path), (3, &folder.path("file.bin")));
    assert_eq!(fs::read(&got.path).unwrap(), b"abc");
    assert_eq!(folder.names(), ["file.bin"]);

    let requests = server.requests();
    let [request] = requests.as_slice() else { panic!("more was asked for than the file: {requests:?}") };
    let lines: Vec<_> = request.lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines[0], "get /file.bin http/1.1");
    assert!(lines.contains(&"accept-encoding: identity".into()), "the file might come packed: {request}");
    assert!(!lines.iter().any(|line| line.starts_with("range:")), "not all of the file is asked for: {request}");
}

#[test]
fn a_file_of_many_blocks_arrives_whole_however_its_end_is_told() {
    let body = long_body();
    let (start, end) = body.split_at(1_000_001);
    for (told_by, behaviour) in [
        ("length", Behaviour::whole(&body)),
        ("chunks", Behaviour::chunked(&[start, end]).then_end_of_chunks()),
        ("closing", Behaviour::until_close(&body)),
    ] {
        let (_server, url, folder) = serve(behaviour);
        let got = downloaded(folder.fetch(&url));
        assert_eq!((got.bytes, got.sha256), (body.len() as u64, sha256_of(&body)), "told by {told_by}");
        assert!(fs::read(&got.path).unwrap() == body, "told by {told_by}, the file is not what was served");
    }
}

#[test]
fn the_server_suggests_a_name_but_not_a_folder() {
    let long = format!("attachment; filename=\"{}.tar.gz\"", "x".repeat(300 - 7));
    let long_kept = format!("{}.tar.gz", "x".repeat(240 - 7));
    for (disposition, name) in [
        (&b"attachment; filename=\"report.pdf\""[..], "report.pdf"),
        (b"attachment; filename=plain; filename*=UTF-8''%e2%82%ac.txt", "€.txt"),
        (b"attachment; filename=\"\xE4.txt\"", "ä.txt"),
        (b"attachment; filename=\"../../../../tmp/evil\"", "evil"),
        (b"attachment; filename=\"..\\\\..\\\\evil.exe\"", "evil.exe"),
        (b"attachment; filename=\"/etc/passwd\"", "passwd"),
        (b"attachment; filename=\"..\"", "file.bin"),
        (long.as_bytes(), &long_kept),
    ] {
        let (_server, url, folder) = serve(Behaviour::named(disposition, b"body"));
        let got = downloaded(folder.fetch(&url));
        assert_eq!(got.path, folder.path(name), "for {}", String::from_utf8_lossy(disposition));
        assert_eq!(folder.names(), [name], "for {}", String::from_utf8_lossy(disposition));
    }
}

#[test]
fn a_redirect_is_followed_and_the_last_address_gives_the_name() {
    let (server, url, folder) = serve(Behaviour::redirect("/last/final%20name.zip?token=1"));
    server.serve("/last/final%20name.zip?token=1", Behaviour::whole(b"body"));
    assert_eq!(downloaded(folder.fetch(&url)).path, folder.path("final name.zip"));
    assert_eq!(server.requests().len(), 2, "one request for each address");
}

#[test]
fn no_content_is_an_empty_file() {
    let (_server, url, folder) = serve(Behaviour::answer("204 No Content", &[]));
    let got = downloaded(folder.fetch(&url));
    assert_eq!((got.bytes, fs::read(got.path).unwrap()), (0, Vec::new()));
}

#[test]
fn what_is_there_is_never_overwritten() {
    let (_server, url, folder) = serve(Behaviour::whole(b"theirs"));
    fs::write(folder.path("file.bin"), "mine").unwrap();
    fs::create_dir(folder.path("file (1).bin")).unwrap();
    assert_eq!(downloaded(folder.fetch(&url)).path, folder.path("file (2).bin"), "not the next name that is free");

    let result = run(download(&url, &folder.path("file.bin")));
    let WriteError::TargetExists { path } = failure_as(&result) else { panic!("{result:?}") };
    assert_eq!(*path, folder.path("file.bin"));
    assert_eq!(fs::read(folder.path("file.bin")).unwrap(), b"mine");
    assert_eq!(folder.names(), ["file (1).bin", "file (2).bin", "file.bin"]);
}

#[test]
fn two_downloads_of_one_name_at_once_are_both_whole() {
    let (server, folder) = (FaultServer::start(), Folder::new());
    let mut session = Session::new();
    let jobs = [b'a', b'b'].map(|letter| {
        let half = [letter; 5_000];
        let behaviour = Behaviour::of_length(10_000, &half).then_await_release().then_send(&half);
        let url = server.serve(&format!("/{}/same", char::from(letter)), behaviour);
        (letter, session.submit(download(&url, &folder.path(""))))
    });
    session.wait("both are half done", DEADLINE, |session| jobs.iter().all(|job| session.done(job.1) == 5_000));
    server.release();
    for (letter, id) in jobs {
        let path = downloaded(session.result(id)).path;
        assert!(fs::read(&path).unwrap() == [letter; 10_000], "{} is not one whole file", path.display());
    }
    assert_eq!(folder.names(), ["same", "same (1)"]);
}

#[test]
fn a_download_whose_name_was_taken_meanwhile_is_kept_and_says_where() {
    let (server, url, folder) = serve(Behaviour::of_length(8, b"half").then_await_release().then_send(b"half"));
    let (mut session, id) = start(download(&url, &folder.path("wanted")));
    session.wait("it is half done", DEADLINE, |session| session.done(id) == 4);
    fs::write(folder.path("wanted"), "mine").unwrap();
    server.release();
    let result = session.result(id);
    let WriteError::TargetAppeared { kept } = failure_as(&result) else { panic!("{result:?}") };
    assert_eq!(fs::read(kept).unwrap(), b"halfhalf", "the download is not kept whole");
    assert_eq!(fs::read(folder.path("wanted")).unwrap(), b"mine", "a file was overwritten");
}

#[test]
fn an_unfinished_file_that_a_crash_has_left_is_not_taken_for_the_target() {
    let (_server, url, folder) = serve(Behaviour::whole(b"body"));
    fs::write(folder.path("wanted.part"), "from before").unwrap();
    let result = run(download(&url, &folder.path("wanted")));
    let WriteError::PartExists { part } = failure_as(&result) else { panic!("{result:?}") };
    assert_eq!(*part, folder.path("wanted.part"), "tells of a file that is not there");
    assert!(failure(&result).advice().contains("may be deleted"), "no advice on what is left over");
    assert_eq!(fs::read(folder.path("wanted.part")).unwrap(), b"from before", "what is there was overwritten");
}

#[test]
fn a_job_bears_the_name_that_its_file_has_got() {
    let (_server, url, folder) = serve(Behaviour::named(b"attachment; filename=real.bin", b"body"));
    let (mut session, id) = start(download(&url, &folder.path("")));
    assert_eq!(session.job(id).title(), "file.bin");
    session.result(id).unwrap();
    assert_eq!(session.job(id).title(), "real.bin");
}

#[test]
fn a_target_that_can_not_be_written_is_an_error_that_names_it() {
    let (_server, url, folder) = serve(Behaviour::whole(b"body"));
    let file = tempfile::NamedTempFile::new().unwrap();
    let missing = folder.path("missing");
    let message = folder.assert_failed("NoFolder", &run(download(&url, &missing.join("inner"))));
    assert_eq!(message, format!("There is no folder {}", missing.display()));
    for target in ["inner", "folder/inner", ""] {
        let message = folder.assert_failed("NotAFolder", &run(download(&url, &file.path().join(target))));
        assert_eq!(message, format!("What should be a folder is a file: {}", file.path().display()));
    }
    // A name of 252 bytes would do, but not with what it has at its end until the file is whole.
    for length in [300, 252] {
        let target = folder.path(&"x".repeat(length));
        let message = folder.assert_failed("NameTooLong", &run(download(&url, &target)));
        assert!(message.contains(target.to_str().unwrap()), "does not name {}: {message}", target.display());
    }
}

#[test]
fn a_body_that_is_cut_short_leaves_nothing_and_tells_how_much_came() {
    let cut = Behaviour::of_length;
    for (received, behaviour) in [
        ("400 B", cut(1_000, &[7; 400])),
        ("3 MB", cut(9_000_000, &long_body()[..3_000_000])),
        ("0 B", cut(1_000, b"")),
        ("7 B", Behaviour::chunked(&[b"one", b"four"])),
        ("5 B", Behaviour::chunked(&[b"one"]).then_send(b"4\r\nfo")),
        ("3 B", Behaviour::chunked(&[b"one"]).then_send(b"not a length\r\n")),
    ] {
        let (_server, url, folder) = serve(behaviour);
        let message = folder.assert_failed("CutShort", &folder.fetch(&url));
        assert!(message.contains(&format!("after {received}: http://")), "{received} had come: {message}");
    }
    let (_server, url, folder) = serve(cut(1_000, &[7; 400]).then_reset());
    folder.assert_failed("CutShort", &folder.fetch(&url));
}

#[test]
fn what_follows_the_length_that_was_told_is_no_part_of_the_file_nor_the_next_answer() {
    let forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";
    let (server, url, folder) = serve(Behaviour::of_length(4, b"true").then_send(forged).then_stall());
    assert_eq!(fs::read(downloaded(folder.fetch(&url)).path).unwrap(), b"true");
    server.serve("/file.bin", Behaviour::whole(b"next"));
    assert_eq!(fs::read(downloaded(folder.fetch(&url)).path).unwrap(), b"next");
}

#[test]
fn a_refusal_tells_its_status_and_how_the_answer_begins() {
    let no_end = Behaviour::answer("503 Service Unavailable", &[]).then_send(&[b'x'; 2_000]).then_stall();
    for (status, text, behaviour) in [
        ("404 Not Found", "No such file", Behaviour::refusal("404 Not Found", b"No such file")),
        ("500 Internal Server Error", "a stack trace", Behaviour::refusal("500 Oops", b"a stack trace")),
        ("503 Service Unavailable", "xxxx", no_end),
    ] {
        let (_server, url, folder) = serve(behaviour);
        let result = folder.fetch(&url);
        let message = folder.assert_failed("Refused", &result);
        assert!(message.contains(status), "does not tell {status}: {message}");
        let details = result.unwrap_err().details();
        assert!(details.contains(text) && details.len() < 400, "not the beginning of the answer: {details}");
    }
}

#[test]
fn a_refusal_without_a_text_tells_of_none() {
    let (_server, url, folder) = serve(Behaviour::refusal("404 Not Found", b" \r\n"));
    let result = folder.fetch(&url);
    folder.assert_failed("Refused", &result);
    assert_eq!(result.unwrap_err().details(), "");
}

#[test]
fn what_is_neither_the_file_nor_a_refusal_is_told_as_what_it_is() {
    let part = Behaviour::answer("206 Partial Content", &[("Content-Range", b"bytes 0-3/8")]).then_send(b"half");
    let same = Behaviour::answer("304 Not Modified", &[]);
    let nowhere = Behaviour::answer("302 Found", &[("Content-Length", b"0")]);
    for (variant, words, behaviour) in [
        ("Unasked", "a part of the file, though all of it was asked for (206 Partial Content)", part),
        ("Unasked", "word that it has not changed (304 Not Modified)", same),
        ("LeadsNowhere", "without saying where to (302 Found)", nowhere),
        ("LeadsNowhere", "from, file:///etc/passwd (302 Found)", Behaviour::redirect("file:///etc/passwd")),
        ("LeadsNowhere", "from, ftp://host/a (302 Found)", Behaviour::redirect("ftp://me:secret@host/a")),
        ("LeadsNowhere", "from, http://host:99999/ (302 Found)", Behaviour::redirect("http://host:99999/")),
    ] {
        let (_server, url, folder) = serve(behaviour);
        let result = folder.fetch(&url);
        let message = folder.assert_failed(variant, &result);
        assert!(message.contains(words) && message.ends_with(&url), "{words}: {message}");
        assert!(!result.unwrap_err().advice().contains("login"), "{words}");
    }
}

#[test]
fn the_answer_of_a_server_does_not_steer_the_terminal() {
    let body = "\u{1b}]0;mine\u{7}\r\n<p>\n  no\u{202e}\u{9b}2J</p>".as_bytes();
    let (_server, url, folder) = serve(Behaviour::refusal("404 Not Found", body));
    let details = folder.fetch(&url).unwrap_err().details();
    assert_eq!(details, r"The answer begins: \u{1b}]0;mine\u{7} <p> no\u{202e}\u{9b}2J</p>");
}

#[test]
fn after_redirects_it_is_the_last_server_that_is_named() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (server, url, folder) = serve(Behaviour::redirect("/second"));
    server.serve("/second", Behaviour::redirect(&format!("http://{unused}/file.bin")));
    let message = folder.assert_failed("Unreachable", &folder.fetch(&url));
    assert_eq!(message, format!("The server could not be reached: {unused}"));

    server.serve("/second", Behaviour::redirect("http://no-such-host.invalid/file.bin"));
    let message = folder.assert_failed("NameNotFound", &folder.fetch(&url));
    assert!(message.contains("no-such-host.invalid"), "{message}");

    let garbage = server.serve("/second", Behaviour::garbage());
    let message = folder.assert_failed("Protocol", &folder.fetch(&url));
    assert!(message.ends_with(&garbage), "{message}");
}

#[test]
fn redirects_in_a_circle_end() {
    let (server, url, folder) = serve(Behaviour::redirect("/file.bin"));
    folder.assert_failed("RedirectLoop", &folder.fetch(&url));
    assert!(server.requests().len() <= 20, "{} times round the circle", server.requests().len());
}

#[test]
fn a_server_that_does_not_speak_http_or_hangs_up_is_a_fault_of_the_transfer() {
    for behaviour in [Behaviour::garbage(), Behaviour::hang_up(), Behaviour::default().then_reset()] {
        let (_server, url, folder) = serve(behaviour);
        folder.assert_failed("Protocol", &folder.fetch(&url));
    }
}

#[test]
fn what_is_no_web_address_is_told_as_it_was_written() {
    let folder = Folder::new();
    for (variant, address) in [
        ("NotAnAddress", ""),
        ("NotAnAddress", "not an address"),
        ("NotAnAddress", "http://"),
        ("NotAnAddress", "http://[::1/file.zip"),
        ("NotAnAddress", "example.org/file.zip"),
        ("Scheme", "ftp://127.0.0.1/file.zip"),
        ("Scheme", "file:///etc/passwd"),
    ] {
        let message = folder.assert_failed(variant, &folder.fetch(address));
        assert!(message.ends_with(&format!(": {address}")), "{address} is not told as it was written: {message}");
    }
}

#[test]
fn a_name_that_nobody_has_is_told_from_a_port_at_which_nobody_listens() {
    let folder = Folder::new();
    let message = folder.assert_failed("NameNotFound", &folder.fetch("http://no-such-host.invalid/file.bin"));
    assert!(message.contains("no-such-host.invalid"), "{message}");

    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let message = folder.assert_failed("Unreachable", &folder.fetch(&format!("http://{unused}/file.bin")));
    assert!(message.contains("127.0.0.1"), "{message}");
}

#[test]
fn a_word_in_the_address_is_no_sign_of_what_went_wrong() {
    let (server, _url, folder) = serve(Behaviour::default());
    let url = server.serve("/certificate.pdf", Behaviour::garbage());
    folder.assert_failed("Protocol", &folder.fetch(&url));
}

#[test]
fn a_certificate_that_nobody_has_signed_is_not_trusted() {
    let (server, folder) = (FaultServer::start_untrusted(), Folder::new());
    let url = server.serve("/file.bin", Behaviour::whole(b"evil"));
    let message = folder.assert_failed("Certificate", &folder.fetch(&url));
    assert!(message.contains("127.0.0.1"), "{message}");
    assert_eq!(server.requests(), [""; 0], "something was asked of a server that is not trusted");
}

#[test]
fn a_cancelled_download_ends_at_once_wherever_it_is_and_leaves_nothing() {
    let body = Behaviour::of_length(1_000, b"the beginning");
    for (at, behaviour, begun, paused) in [
        ("waiting for an answer", Behaviour::default().then_stall(), 0, false),
        ("waiting for the body", Behaviour::of_length(1_000, b"").then_stall(), 0, false),
        ("waiting for more", body.clone().then_stall(), 13, false),
        ("taking in a drip", body.then_drip(), 15, false),
        ("taking in a flood", Behaviour::chunked(&[]).then_flood(), 1, false),
        ("paused", Behaviour::chunked(&[]).then_flood(), 1, true),
        ("waiting for the rest of a refusal", Behaviour::answer("404 Not Found", &[]).then_stall(), 0, false),
    ] {
        let (server, url, folder) = serve(behaviour);
        let (mut session, id) = start(download(&url, &folder.path("")));
        assert!(server.has_requests_within(DEADLINE, 1), "no request came");
        session.wait("it is where it is to be cancelled", DEADLINE, |session| session.done(id) >= begun);
        session.engine().pause(id, paused);
        let began = Instant::now();
        session.cancel_within(AT_ONCE, id);
        assert!(began.elapsed() < AT_ONCE, "{at}, it took {:?} to end", began.elapsed());
        assert_eq!(folder.names(), [""; 0], "{at}, it left something behind");
    }
}

#[test]
fn a_paused_download_takes_nothing_until_it_is_resumed_and_is_whole_then() {
    let (server, url, folder) = serve(Behaviour::chunked(&[]).then_flood().then_end_of_chunks());
    let (mut session, id) = start(download(&url, &folder.path("")));
    session.wait("something has come", DEADLINE, |session| session.done(id) > 0);
    session.engine().pause(id, true);
    assert!(server.is_held_up_within(DEADLINE), "the server was not held up by a download that is paused");
    session.engine().poll(Instant::now());
    assert_eq!(session.job(id).status(), Status::Paused);
    let done = session.done(id);
    assert!(done < (server.flooded_pieces() * FLOOD_PIECE.len()) as u64, "took all that was sent, {done} bytes");

    server.release();
    session.engine().pause(id, false);
    let got = downloaded(session.result(id));
    assert_eq!(got.bytes, (server.flooded_pieces() * FLOOD_PIECE.len()) as u64);
    let file = fs::read(got.path).unwrap();
    assert!(file.chunks(FLOOD_PIECE.len()).all(|piece| piece == FLOOD_PIECE), "the file is not what was served");
}

#[test]
#[ignore = "needs 35 seconds, longer than a server may be silent"]
fn a_long_pause_is_not_taken_for_silence_of_the_server() {
    let (server, url, folder) = serve(Behaviour::of_length(8, b"half").then_await_release().then_send(b"half"));
    let (mut session, id) = start(download(&url, &folder.path("")));
    session.wait("it is half done", DEADLINE, |session| session.done(id) == 4);
    session.engine().pause(id, true);
    server.release();
    let resume = Instant::now() + Duration::from_secs(35);
    session.wait("the pause is over", Duration::from_mins(1), |_| Instant::now() >= resume);
    session.engine().pause(id, false);
    assert_eq!(fs::read(downloaded(session.result(id)).path).unwrap(), b"halfhalf");
}

#[test]
fn on_the_thread_that_asks_a_download_comes_to_the_same() {
    let body = long_body();
    let (server, url, folder) = serve(Behaviour::whole(&body));
    let blocking = downloaded(run_blocking(download(&url, &folder.path("blocking"))));
    let background = downloaded(run(download(&url, &folder.path("background"))));
    assert_eq!((blocking.bytes, &blocking.sha256), (background.bytes, &background.sha256));
    assert!(fs::read(blocking.path).unwrap() == body, "the file is not what was served");

    let (cut, empty) = (server.serve("/cut", Behaviour::of_length(9, b"half")), Folder::new());
    let blocking = empty.assert_failed("CutShort", &run_blocking(download(&cut, &empty.path(""))));
    assert_eq!(blocking, empty.assert_failed("CutShort", &empty.fetch(&cut)));
}

#[test]
#[ignore = "needs root to mount a small tmpfs"]
fn a_full_disk_is_told_and_nothing_is_left_on_it() {
    struct Mount<'a>(&'a Path);
    impl Drop for Mount<'_> {
        fn drop(&mut self) {
            Command::new("umount").arg(self.0).status().unwrap();
        }
    }
    let (server, url, folder) = serve(Behaviour::until_close(&long_body()));
    let disk = folder.path("");
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).status().unwrap();
    assert!(mounted.success(), "the disk could not be mounted: {mounted}");
    let _mount = Mount(&disk);
    let result = folder.fetch(&url);
    let message = folder.assert_failed("DiskFull", &result);
    assert!(message.contains(disk.to_str().unwrap()), "does not tell which disk: {message}");
    assert!(result.unwrap_err().advice().contains("Make room"), "does not say what to do");
    // Who says before how much it is, is told before anything is written.
    let result = folder.fetch(&server.serve("/told", Behaviour::whole(&long_body())));
    folder.assert_failed("NoRoom", &result);
}
