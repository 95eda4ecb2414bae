//! The comparison without a display, as a person or a script meets it: what it measures of waits and of work, and that a
//! run that fails or is interrupted compares nothing and leaves nothing behind.
#![expect(clippy::disallowed_methods, reason = "files are made, and folders looked into, to see what was left behind")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;
#[path = "support/program.rs"]
mod program;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use harness::Folder;
use program::{DEADLINE, Ended, Running, Server, antifreeze, wait_for};

/// What each of the slow downloads takes.
const SLOW_S: f64 = 0.5;

#[test]
fn waits_overlap_in_the_background_and_freeze_the_window_when_they_block() {
    let (folder, server) = (Folder::new(), Server::start());
    let slow = server.url("/delay/500");
    let ended = compare(&folder, &["--json", "--runs", "1", &slow, &slow, &slow]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["parts"][0]["nature"], "waiting");
    let figure = |way: &str, name: &str| run_of(&report, way)[name].as_f64().expect("a figure");
    assert!(figure("blocking", "longest_pause_s") >= 3.0 * SLOW_S, "{report}");
    assert!(figure("blocking", "stood_still_s") <= figure("blocking", "wall_s") + 0.2, "{report}");
    assert!(figure("blocking", "answer_p99_s") > 2.0 * SLOW_S, "questions did not wait: {report}");
    assert!(figure("one_by_one", "wall_s") >= 3.0 * SLOW_S, "{report}");
    assert!(figure("one_by_one", "longest_pause_s") < SLOW_S, "{report}");
    // Told by their order, not by a time: on a machine that is busy otherwise each wait may last longer.
    assert!(last_began(&report, "together") < first_ended(&report, "together"), "the waits did not overlap: {report}");
    assert!(last_began(&report, "one_by_one") > first_ended(&report, "one_by_one"), "they overlapped: {report}");
    assert!(figure("together", "longest_pause_s") < SLOW_S, "{report}");
    assert!(figure("together", "frames") > 10.0, "the window did not draw meanwhile: {report}");
    assert_eq!(left_in(&folder), 0);
}

#[test]
fn the_table_and_the_saved_report_say_what_waited_and_what_computed() {
    let (folder, server) = (Folder::new(), Server::start());
    let text = folder.path("a.txt");
    fs::write(&text, "one\ntwo\n").unwrap();
    let saved = folder.path("reports");
    fs::create_dir(&saved).unwrap();
    let arguments =
        ["--runs", "1", "--save", saved.to_str().unwrap(), text.to_str().unwrap(), &server.url("/delay/100")];
    let ended = compare(&folder, &arguments);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let line = |beginning: &str| ended.out.lines().find(|line| line.trim_start().starts_with(beginning));
    assert!(line("longest pause of the window").is_some(), "{}", ended.out);
    assert!(line("Index 1 file:").is_some_and(|line| line.contains("all together")), "{}", ended.out);
    assert!(line("Download 1 address:").is_some_and(|line| line.contains("all together")), "{}", ended.out);
    let markdown = fs::read_to_string(saved.join("comparison.md")).unwrap();
    assert!(markdown.contains("| all of it |"), "{markdown}");
    assert!(markdown.contains("](<comparison.svg>)"), "{markdown}");
    let picture = fs::read_to_string(saved.join("comparison.svg")).unwrap();
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    for named in ["blocking", "one by one", "all together", "Index 1 file", "Download 1 address"] {
        assert!(picture.contains(&format!(">{named}</text>")), "{named} is not in the picture");
    }
    let report: Value = serde_json::from_str(&fs::read_to_string(saved.join("comparison.json")).unwrap()).unwrap();
    assert_eq!(report["runs"].as_array().map(Vec::len), Some(3));
    assert_eq!(left_in(&folder), 0);
}

#[test]
#[ignore = "needs root to mount a small tmpfs"]
fn a_report_that_finds_the_disk_full_is_told_and_leaves_nothing() {
    struct Mount(std::path::PathBuf);
    impl Drop for Mount {
        fn drop(&mut self) {
            Command::new("umount").arg(&self.0).status().unwrap();
        }
    }
    let (folder, server) = (Folder::new(), Server::start());
    let disk = folder.path("full");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4k", "tmpfs"]).arg(&disk).status().unwrap();
    assert!(mounted.success(), "the disk could not be mounted: {mounted}");
    let _mount = Mount(disk.clone());
    let arguments = ["--runs", "1", "--save", disk.to_str().unwrap(), &server.url("/delay/1")];
    let ended = compare(&folder, &arguments);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.err.contains("The disk is full") && ended.err.contains("Make room"), "{}", ended.err);
    assert!(ended.out.contains("all of it"), "the report is not printed either: {}", ended.out);
    assert_eq!(fs::read_dir(&disk).unwrap().count(), 0, "something was left on it");
}

#[test]
fn work_that_fails_compares_nothing_and_leaves_nothing() {
    let (folder, server) = (Folder::new(), Server::start());
    let ended = compare(&folder, &["--json", &server.url("/delay/1"), &server.url("/error/503")]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("503") && ended.err.contains("Nothing was compared"), "{}", ended.err);
    assert_eq!(left_in(&folder), 0);
}

#[test]
fn an_interrupt_ends_it_in_each_phase_and_leaves_nothing() {
    let server = Server::start();
    let slow = server.url("/bytes/8MB?rate=2MB");
    // Preparing, blocking, in the background: the first run blocks for four seconds, then comes one by one.
    for (arguments, after) in [
        (vec!["--large"], Duration::from_millis(300)),
        (vec![slow.as_str()], Duration::from_secs(1)),
        (vec![slow.as_str()], Duration::from_millis(5_500)),
    ] {
        let folder = Folder::new();
        let running = Running::start(&mut command(&folder, &arguments));
        wait_for(DEADLINE, "it has begun", || (left_in(&folder) > 0).then_some(()));
        let begun = Instant::now();
        wait_for(DEADLINE, "the phase has come", || (begun.elapsed() >= after).then_some(()));
        let interrupted = Instant::now();
        running.interrupt();
        let ended = running.end();
        assert!(interrupted.elapsed() < Duration::from_secs(2), "{arguments:?} took {:?}", interrupted.elapsed());
        assert_eq!((ended.code, ended.out.as_str()), (Some(130), ""), "{}", ended.err);
        assert_eq!(left_in(&folder), 0, "{arguments:?}");
    }
}

#[test]
#[ignore = "needs half a minute and a release build"]
fn without_a_display_and_without_arguments_the_practice_set_is_compared() {
    let folder = Folder::new();
    let began = Instant::now();
    let mut program = antifreeze(&[]);
    let ended = Running::start(program.env("TMPDIR", temporary(&folder))).end();
    assert!(began.elapsed() < Duration::from_mins(1), "it took {:?}", began.elapsed());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.err.contains("no display"), "{}", ended.err);
    assert!(
        ended.out.contains("because its waits overlapped") && ended.out.contains("Index 500 MB of log:"),
        "{}",
        ended.out
    );
    assert_eq!(left_in(&folder), 0);
}

fn run_of<'a>(report: &'a Value, way: &str) -> &'a Value {
    report["runs"].as_array().expect("runs").iter().find(|run| run["way"] == way).expect("a run of each way")
}

fn last_began(report: &Value, way: &str) -> f64 {
    moments(report, way, "began_s").fold(0.0, f64::max)
}

fn first_ended(report: &Value, way: &str) -> f64 {
    moments(report, way, "ended_s").fold(f64::INFINITY, f64::min)
}

fn moments<'a>(report: &'a Value, way: &str, name: &'a str) -> impl Iterator<Item = f64> + 'a {
    run_of(report, way)["jobs"].as_array().expect("jobs").iter().map(move |job| job[name].as_f64().expect("a moment"))
}

fn compare(folder: &Folder, arguments: &[&str]) -> Ended {
    Running::start(&mut command(folder, arguments)).end()
}

fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = antifreeze(&["compare"]);
    command.args(arguments).env("TMPDIR", temporary(folder));
    command
}

/// Where the comparison puts its files.
fn temporary(folder: &Folder) -> std::path::PathBuf {
    let path = folder.path("temporary");
    fs::create_dir_all(&path).expect("a folder");
    path
}

fn left_in(folder: &Folder) -> usize {
    fs::read_dir(temporary(folder)).expect("a folder").count()
}
