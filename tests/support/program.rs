//! The program as a child of a test: started as a person starts it, ended with the test even when that panics, and
//! every wait with a deadline.
//!
//! Owned by the test that starts it. It needs no display and knows of none.
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

use std::io::{self, BufRead as _, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};

/// How long anything may take that is not measured.
pub const DEADLINE: Duration = Duration::from_mins(1);
/// The pause between two looks at something that is waited for.
const POLL: Duration = Duration::from_millis(5);

/// A command for the program in a terminal without a display, with pipes to read what it says.
pub fn antifreeze(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antifreeze"));
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("RUST_LOG");
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The same after the shell has done something first, such as to set a limit.
pub fn antifreeze_after(first: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("RUST_LOG");
    command.args(["-c", &format!("{first}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_antifreeze")]);
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Ended {
    Running::start(&mut antifreeze(arguments)).end()
}

/// The program at work. Dropping it kills it.
pub struct Running(pub Child);

/// What is left of a run.
#[derive(Debug)]
pub struct Ended {
    /// The exit status; none if a signal has killed it.
    pub code: Option<i32>,
    /// All that it wrote to standard output, as far as that was piped.
    pub out: String,
    /// All that it wrote to standard error.
    pub err: String,
}

impl Running {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().expect("the program can not be started"))
    }

    /// Does what Ctrl+C does.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Does what closing its terminal does.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).expect("there is nobody to signal to");
    }

    /// Waits for its end. What it says has to fit into a pipe, which holds 64 KiB.
    pub fn end(mut self) -> Ended {
        let what = "the program has ended";
        let status = wait_for(DEADLINE, what, || self.0.try_wait().expect("the program can not be waited for"));
        Ended { code: status.code(), out: text_of(self.0.stdout.take()), err: text_of(self.0.stderr.take()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail once it has ended, which is as well.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The practice server, which listens.
pub struct Server {
    /// Its process.
    pub running: Running,
    /// Its host and port.
    pub address: String,
    /// Kept open, so that the server can write on.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it and waits until it has said where it listens, in the first line that it prints.
    pub fn start() -> Self {
        let mut running = Running::start(&mut antifreeze(&["serve"]));
        let output = running.0.stdout.take().expect("a pipe");
        let limit = Timespec::try_from(DEADLINE).expect("a time within the clock's range");
        let ready = poll(&mut [PollFd::new(&output, PollFlags::IN)], Some(&limit));
        assert_eq!(ready, Ok(1), "the server has not said where it listens");
        let (mut output, mut line) = (BufReader::new(output), String::new());
        output.read_line(&mut line).expect("a line");
        let address = line.trim_end().strip_prefix("http://").expect("the first line is no address").to_owned();
        Self { running, address, _output: output }
    }

    /// The address of a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// What `look` finds, as soon as it finds something. Panics when it does not within `limit`.
#[track_caller]
pub fn wait_for<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited for {limit:?}, but not until {what}");
        thread::park_timeout(POLL);
    }
}

fn text_of(pipe: Option<impl Read>) -> String {
    pipe.map_or_else(String::new, |pipe| io::read_to_string(pipe).expect("what the program says is no text"))
}
