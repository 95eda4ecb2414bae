//! The real window on a virtual display, watched from outside by pings, pixels and processor time: it answers while
//! jobs run beside it, stands still as long as it says when they run in its way, and rests when nothing runs.
#![expect(clippy::disallowed_methods, reason = "files are made and read to see what the program did with them")]
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

#[path = "support/desktop.rs"]
mod desktop;
#[path = "support/program.rs"]
mod program;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process;
use serde_json::Value;
use tempfile::TempDir;

use desktop::{Desktop, Prober};
use program::{DEADLINE, Running, Server, run, wait_for};

/// The screen in pixels, with room for the window and its frame.
const SCREEN: (u16, u16) = (1_400, 1_000);
/// All of the window.
const WINDOW: Part = (0, 0, 1_280, 760);
/// The pulse, at the left of the strip at the bottom.
const PULSE: Part = (17, 733, 18, 18);
/// Where the palette lists what it found.
const PALETTE: Part = (500, 52, 520, 120);
/// A place on the command bar, where a click does nothing.
const NOTHING_TO_CLICK: (i16, i16) = (540, 24);
/// The pause between two pings.
const PING: Duration = Duration::from_millis(10);
/// How far the clock inside and the one outside may be apart.
const APART_S: f64 = 0.06;
/// How far what the witness shows may be from what the meter says: it draws every 20 ms, on a display in software.
const WITNESS_APART_S: f64 = 0.1;
/// What Linux counts the processor time of a program in, on every machine (`USER_HZ`).
const TICKS_PER_S: f64 = 100.0;

/// One window at a time: on two cores they would be in each other's way, and what is measured is time.
static TURN: Mutex<()> = Mutex::new(());

/// A rectangle of the window: from the left, from the top, width and height in pixels.
type Part = (i16, i16, u16, u16);

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn the_window_answers_and_goes_when_it_is_closed() {
    let (_turn, folder) = begin();
    let session = Session::start(folder.path(), &[]);
    let answers = session.prober.watch(2.0, 10);
    assert!(answers.sent > 50, "hardly asked: {answers:?}");
    assert_eq!(answers.lost, 0);
    assert!(answers.max_ms() < 500.0, "an idle window answered after {} ms", answers.max_ms());

    let asked = Instant::now();
    session.prober.close();
    let ended = session.program.end();
    assert!(asked.elapsed() < Duration::from_secs(3), "it took {:?} to close", asked.elapsed());
    assert_eq!(ended.code, Some(0));
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn a_large_file_that_is_opened_in_the_background_stalls_nothing() {
    let (_turn, folder) = begin();
    let large = large_sample(folder.path());
    let session = Session::start(folder.path(), &[]);
    session.type_path(&large);
    let at_rest = session.look(PULSE);
    let mut pulses = HashSet::from([at_rest]);
    let mut enter = Some("Return");
    let deadline = Instant::now() + DEADLINE;
    let answers = session.prober.watch_while(PING, || {
        if let Some(key) = enter.take() {
            session.desktop.key(key);
        }
        assert!(Instant::now() < deadline, "it is not open yet: {:?}", session.events());
        pulses.insert(session.look(PULSE));
        !session.ended("open").is_empty()
    });
    assert_eq!(session.ended("open"), ["succeeded"]);
    assert_eq!((answers.stalls(200.0), answers.lost), (Vec::new(), 0), "the window stalled");
    assert!(pulses.len() > 1, "the pulse did not turn");
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn a_large_file_that_is_opened_on_the_ui_thread_freezes_the_window_for_as_long_as_it_says() {
    let (_turn, folder) = begin();
    let large = large_sample(folder.path());
    let session = Session::start(folder.path(), &["--blocking"]);
    session.type_path(&large);
    let (left, top) = session.prober.origin();
    let mut enter = Some("Return");
    let deadline = Instant::now() + DEADLINE;
    let answers = session.prober.watch_while(PING, || {
        match enter.take() {
            Some(key) => session.desktop.key(key),
            // Who sees a window that does not answer clicks on it.
            None => session.desktop.click(left + NOTHING_TO_CLICK.0, top + NOTHING_TO_CLICK.1),
        }
        assert!(Instant::now() < deadline, "there is no freeze yet: {:?}", session.events());
        !session.freezes("large.log").is_empty()
    });
    let freezes = session.freezes("large.log");
    let [freeze] = freezes.as_slice() else { panic!("one job has frozen the window more than once: {freezes:?}") };
    let (began_s, length_s) = (number(freeze, "monotonic_s"), number(freeze, "length_s"));

    // A ping that was sent in the first half of the freeze waits for longer than half of it.
    let mut stalls = answers.stalls(length_s * 500.0);
    stalls.retain(|stall| {
        let end_s = stall.start_monotonic_s + stall.length_s;
        stall.start_monotonic_s < began_s + length_s && began_s < end_s
    });
    let [stall] = stalls.as_slice() else { panic!("{freeze} was seen from outside as {stalls:?}") };
    assert!((stall.start_monotonic_s - began_s).abs() <= APART_S, "{freeze} began at another time: {stall:?}");
    assert!((stall.length_s - length_s).abs() <= APART_S, "{freeze} was of another length: {stall:?}");
    assert!(freeze["clicks_waited"].as_u64() >= Some(1), "no click has waited: {freeze}");
    assert_eq!(answers.lost, 0);
    wait_for(DEADLINE, "the open is told", || (session.ended("open") == ["succeeded"]).then_some(()));
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn a_window_with_five_documents_and_nothing_to_do_does_nothing() {
    let (_turn, folder) = begin();
    let documents = ["a", "b", "c", "d", "e"].map(|name| {
        let path = folder.path().join(name);
        fs::write(&path, format!("this is {name}\n").repeat(10_000)).unwrap();
        path.display().to_string()
    });
    let session = Session::start(folder.path(), &documents.each_ref().map(String::as_str));
    wait_for(DEADLINE, "all are open", || (session.ended("open") == ["succeeded"; 5]).then_some(()));
    session.wait_until_still(WINDOW, Duration::from_secs(1));

    let (picture, ticks, began) = (session.look(WINDOW), session.ticks(), Instant::now());
    while began.elapsed() < Duration::from_secs(3) {
        assert_eq!(session.look(WINDOW), picture, "a frame was painted after {:?}", began.elapsed());
        thread::park_timeout(Duration::from_millis(100));
    }
    let busy = f64::from(session.ticks() - ticks) / TICKS_PER_S / began.elapsed().as_secs_f64();
    assert!(busy <= 0.03, "it takes {:.1} % of a core to do nothing", busy * 100.0);
    assert!(session.prober.screenshot_is_not_blank(), "there was nothing to be seen at all");
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn an_address_is_downloaded_to_a_file_that_has_its_name_when_it_is_whole() {
    let (_turn, folder) = begin();
    let server = Server::start();
    let session = Session::start(folder.path(), &[&server.url("/bytes/8MB?rate=1MB")]);
    let file = session.home.join("practice-8MB.bin");
    let mut pulses = HashSet::new();
    wait_for(DEADLINE, "the download is over", || {
        let over = !session.ended("download").is_empty();
        if !over {
            pulses.insert(session.look(PULSE));
        }
        let bytes = file.metadata().map(|file| file.len()).ok();
        assert!(bytes.is_none_or(|bytes| bytes == 8_000_000), "{bytes:?} bytes bear the name of the whole");
        over.then_some(())
    });
    assert_eq!(session.ended("download"), ["succeeded"]);
    assert_eq!(file.metadata().map(|file| file.len()).ok(), Some(8_000_000));
    let mut beside = session.home.read_dir().unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(beside.find(|path| path.extension().is_some_and(|extension| extension == "part")), None);
    assert!(pulses.len() > 3, "the pulse had {} positions in the seconds that the download took", pulses.len());
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn the_meter_sees_stalls_that_are_injected_into_each_phase_of_the_real_window() {
    let (_turn, folder) = begin();
    let desktop = Desktop::start(SCREEN.0, SCREEN.1);
    let mut command = desktop.command(env!("CARGO_BIN_EXE_antifreeze"));
    command.env("HOME", folder.path()).args(["selftest", "--quiet", "2", "--json"]).stdout(Stdio::piped());
    let ended = Running::start(&mut command).end();
    let verdict: Value = serde_json::from_str(&ended.out).expect("one object");
    let stalls = verdict["stalls"].as_array().expect("stalls");
    let phases: HashSet<_> = stalls.iter().filter_map(|stall| stall["phase"].as_str()).collect();
    assert_eq!((stalls.len(), phases.len()), (36, 6), "{verdict}");
    for stall in stalls.iter().filter(|stall| number(stall, "planned_ms") >= 50.0) {
        // Who takes the core meanwhile makes the stall longer than what was injected, never shorter.
        let (injected, seen) = (number(stall, "injected_ms"), number(stall, "seen_ms"));
        assert!(seen >= injected - 10.0 && seen <= injected + 40.0, "{stall}");
    }
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn a_second_window_counts_the_freeze_and_the_clicks_and_goes_with_the_first_however_that_ends() {
    let (_turn, folder) = begin();
    let server = Server::start();
    // Two seconds of waiting on the UI thread.
    let session = Session::start(folder.path(), &["--blocking"]);
    session.type_path(&server.url("/bytes/16MB?rate=8MB"));
    let (left, top) = session.prober.origin();
    session.desktop.key("Return");
    wait_for(DEADLINE, "the witness is there", || Prober::find(&session.desktop, "the witness", PING));
    wait_for(DEADLINE, "the freeze is over", || {
        session.desktop.click(left + NOTHING_TO_CLICK.0, top + NOTHING_TO_CLICK.1);
        (!session.freezes("16MB").is_empty()).then_some(())
    });
    let witness = wait_for(DEADLINE, "the witness has counted", || {
        session.events().into_iter().find(|event| event["event"] == "witness")
    });
    let freezes = session.freezes("16MB");
    let length_s = number(freezes.first().expect("a freeze"), "length_s");
    let counted_s = number(&witness, "counted_ms") / 1e3;
    assert!((counted_s - length_s).abs() <= WITNESS_APART_S, "{witness} of a freeze of {length_s} s");
    assert!(witness["clicks"].as_u64() >= Some(1), "{witness}");

    let Session { program, desktop, .. } = session;
    // As it is killed: dropping it does so.
    drop(program);
    wait_for(DEADLINE, "the witness is gone", || Prober::find(&desktop, "the witness", PING).is_none().then_some(()));
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn a_window_that_stands_still_goes_when_it_is_told_to() {
    let (_turn, folder) = begin();
    let server = Server::start();
    let mut session = Session::start(folder.path(), &["--blocking"]);
    // A minute of waiting on the UI thread.
    session.type_path(&server.url("/bytes/60MB?rate=1MB"));
    session.desktop.key("Return");
    let is_part = |path: &PathBuf| path.extension().is_some_and(|end| end == "part");
    let parts = |session: &Session| files_in(&session.home).into_iter().filter(is_part).count();
    wait_for(DEADLINE, "it stands still", || (parts(&session) > 0).then_some(()));
    process::kill_process(process::Pid::from_child(&session.program.0), process::Signal::TERM).expect("a program");
    wait_for(Duration::from_secs(2), "it goes", || session.program.0.try_wait().expect("a child"));
    assert_eq!(parts(&session), 0, "{:?}", files_in(&session.home));
}

#[test]
#[ignore = "needs Xvfb, openbox and xdotool"]
fn a_window_that_the_system_gives_no_time_is_told_to_have_stood_still() {
    let (_turn, folder) = begin();
    let server = Server::start();
    let session = Session::start(folder.path(), &[]);
    session.type_path(&server.url("/bytes/60MB?rate=4MB"));
    session.desktop.key("Return");
    wait_for(DEADLINE, "it runs", || session.events().iter().any(|event| event["change"] == "started").then_some(()));
    let stopped = process::Pid::from_child(&session.program.0);
    process::kill_process(stopped, process::Signal::STOP).expect("a program");
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until {
        thread::park_timeout(until.saturating_duration_since(Instant::now()));
    }
    process::kill_process(stopped, process::Signal::CONT).expect("a program");
    let freeze = wait_for(DEADLINE, "it is told", || {
        session.events().into_iter().find(|event| event["event"] == "freeze" && number(event, "length_s") > 0.5)
    });
    assert!((0.9..2.0).contains(&number(&freeze, "length_s")), "{freeze}");
}

/// All files in a folder and the folders within.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// The right to measure, and a folder for all that the test needs.
fn begin() -> (MutexGuard<'static, ()>, TempDir) {
    // Another test that has failed is no reason for this one to fail.
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (turn, tempfile::tempdir().expect("a folder"))
}

/// A log of 1.5 GB, which the program itself writes.
fn large_sample(folder: &Path) -> String {
    let path = folder.join("large.log").display().to_string();
    let ended = run(&["run", "sample", "log", &path, "--size", "1500MB"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    path
}

/// The program in its window, which answers and has the focus, on a desktop of its own.
struct Session {
    // Dropped in this order: nobody is to see the display go before the program.
    program: Running,
    prober: Prober,
    desktop: Desktop,
    trace: PathBuf,
    /// The person's home, where downloads go.
    home: PathBuf,
}

impl Session {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let (trace, home) = (folder.join("trace.jsonl"), folder.join("home"));
        fs::create_dir(&home).expect("a folder");
        let desktop = Desktop::start(SCREEN.0, SCREEN.1);
        let mut command = desktop.command(env!("CARGO_BIN_EXE_antifreeze"));
        command.env("HOME", &home).arg("--trace").arg(&trace).args(arguments).stdout(Stdio::null());
        let program = Running::start(&mut command);
        let prober = Prober::find(&desktop, "antifreeze", DEADLINE).expect("no window came that answers pings");
        wait_for(DEADLINE, "something is painted", || prober.screenshot_is_not_blank().then_some(()));
        assert!(prober.wait_for_focus(DEADLINE), "the window did not get the focus");
        // What is late from here on is not the start's fault.
        assert_eq!(prober.watch(0.2, 50).lost, 0, "the window does not answer");
        Self { program, prober, desktop, trace, home }
    }

    /// The events in the trace, as far as their lines are whole.
    fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.trace).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).expect("a line of the trace is no JSON")).collect()
    }

    /// How the jobs of a kind that are over have ended.
    fn ended(&self, kind: &str) -> Vec<String> {
        let of_kind = |event: &Value| event["kind"] == kind && event["change"] == "ended";
        let status = |event: Value| event["status"].as_str().unwrap_or_default().to_owned();
        self.events().into_iter().filter(of_kind).map(status).collect()
    }

    /// The freezes that a job of this title has caused.
    fn freezes(&self, cause: &str) -> Vec<Value> {
        let caused = |event: &Value| event["event"] == "freeze" && event["cause"] == cause;
        self.events().into_iter().filter(caused).collect()
    }

    /// A number for what a part of the window looks like.
    fn look(&self, (x, y, width, height): Part) -> u64 {
        let (left, top) = self.prober.origin();
        self.desktop.pixel_hash(left + x, top + y, width, height)
    }

    /// Waits until a part of the window has looked the same for so long.
    fn wait_until_still(&self, part: Part, still: Duration) {
        let (mut seen, mut since) = (self.look(part), Instant::now());
        wait_for(DEADLINE, "nothing moves any more", || {
            let now = self.look(part);
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
            (since.elapsed() >= still).then_some(())
        });
    }

    /// Types a path into the command field, where Return would open it.
    fn type_path(&self, path: &str) {
        let before = self.look(PALETTE);
        self.desktop.key("ctrl+l");
        wait_for(DEADLINE, "the palette is open", || (self.look(PALETTE) != before).then_some(()));
        self.desktop.text(path);
        self.wait_until_still(PALETTE, Duration::from_millis(500));
    }

    /// The processor time that the program has taken so far, all its threads together.
    fn ticks(&self) -> u32 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.program.0.id())).expect("a running program");
        // The name in brackets may hold anything; `utime` and `stime` are fields 14 and 15 of proc_pid_stat(5).
        let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
        let times = fields.split_whitespace().skip(11).take(2);
        times.map(|ticks| ticks.parse::<u32>().expect("a number of ticks")).sum()
    }
}

fn number(event: &Value, field: &str) -> f64 {
    event[field].as_f64().unwrap_or_else(|| panic!("{event} has no number {field}"))
}
