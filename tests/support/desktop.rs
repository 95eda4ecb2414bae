//! A real window on a virtual display: a desktop to start programs on, input as a person gives it, and a clock outside
//! the program that tells whether its window still answers.
//!
//! Owned by the test that starts it, each with a display of its own, so tests may run side by side. It knows nothing of
//! a program but its window's title. Needs, from Debian: xvfb openbox xdotool, and libgl1-mesa-dri for OpenGL.
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, Window,
};
use x11rb::rust_connection::RustConnection;

/// How long the display and the window manager may take to come up.
const START: Duration = Duration::from_secs(20);
/// How long late answers are waited for when a watch ends; as `window-answers` does.
const DRAIN: Duration = Duration::from_mins(1);
/// The pause between two looks at something that is waited for.
const POLL: Duration = Duration::from_millis(5);
const GONE: &str = "the X display is gone";

/// The next ping's number: one count for all probers, as each sees all answers, and far from 1, where window managers
/// begin to count the pings that they send on their own account.
static NEXT_PING: AtomicU32 = AtomicU32::new(0x4000_0000);

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        WM_PROTOCOLS, WM_DELETE_WINDOW, _NET_ACTIVE_WINDOW, _NET_SUPPORTING_WM_CHECK, _NET_WM_NAME, _NET_WM_PING,
    }
}

/// A virtual display with a window manager. Dropping it ends both.
pub struct Desktop {
    display: String,
    screen: Screen,
    /// The window manager, then the server: the order in which they are to end.
    services: Vec<Service>,
    home: tempfile::TempDir,
}

impl Desktop {
    /// Starts a display of so many pixels and a window manager, and returns when both are ready. Panics when a program
    /// is missing or not ready in time.
    pub fn start(width: u16, height: u16) -> Self {
        let home = tempfile::tempdir().expect("no directory for the desktop");
        let size = format!("{width}x{height}x24");
        // The server picks a free number and writes it to its output. It must not start anew when its last client
        // leaves, and at 96 dots an inch a point is a pixel.
        let arguments = ["-displayfd", "1", "-screen", "0", &size, "-dpi", "96", "-noreset", "+extension", "GLX"];
        let mut xvfb = Service::start(Command::new("Xvfb").args(arguments).stdout(Stdio::piped()));
        let output = xvfb.0.stdout.take().expect("the server's output is a pipe");
        let mut number = String::new();
        if is_readable(&output, START) {
            BufReader::new(output).read_line(&mut number).expect("cannot read what Xvfb says");
        }
        assert!(number.ends_with('\n'), "Xvfb ended or was not ready in {START:?}; try it by hand");
        let display = format!(":{}", number.trim_end());

        let mut desktop = Self { screen: Screen::open(&display), display, services: vec![xvfb], home };
        let openbox = Service::start(desktop.command("openbox").stdout(Stdio::null()));
        desktop.services.insert(0, openbox);
        // A window manager says that it is there by naming a window of its own (EWMH).
        let ready = wait_for(START, || desktop.screen.window(desktop.screen.atoms._NET_SUPPORTING_WM_CHECK));
        assert!(ready.is_some(), "openbox ended or was not ready in {START:?}; try it by hand");
        desktop
    }

    /// The display's name, such as `:77`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A command for a program that opens its windows here, draws without a GPU, and finds no trace of the user's own
    /// desktop, settings and caches.
    pub fn command(&self, program: &str) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display).env("LIBGL_ALWAYS_SOFTWARE", "1");
        // A dialog asked for over the user's session bus would open on the user's own screen.
        command.env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET").env_remove("DBUS_SESSION_BUS_ADDRESS");
        // This one must exist and be private, as a TempDir is; programs make the others (XDG Base Directory).
        command.env("XDG_RUNTIME_DIR", home);
        command.env("XDG_DATA_HOME", home.join("data")).env("XDG_CONFIG_HOME", home.join("config"));
        command.env("XDG_CACHE_HOME", home.join("cache"));
        command
    }

    /// Presses a key or chord, by xdotool's names: `ctrl+o`, `Escape`, `Return`. The focused window gets it: see
    /// [`Prober::wait_for_focus`].
    pub fn key(&self, keysym_chord: &str) {
        self.input(&["key", "--", keysym_chord]);
    }

    /// Types ASCII text into the focused window.
    pub fn text(&self, text: &str) {
        assert!(text.is_ascii(), "only ASCII can be typed: {text:?}");
        self.input(&["type", "--delay", "20", "--", text]);
    }

    /// Clicks the left button at a place, in pixels from the screen's top left; see [`Prober::origin`].
    pub fn click(&self, x: i16, y: i16) {
        // Without `--sync`, which waits 15 s when the pointer is there already. The server keeps the order.
        self.input(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// A number for what the screen shows in a rectangle, in pixels from its top left; it changes when a pixel does.
    /// Panics when the rectangle is not on the screen.
    pub fn pixel_hash(&self, x: i16, y: i16, width: u16, height: u16) -> u64 {
        let pixels = self.screen.pixels(self.screen.root, (x, y), (width, height));
        let mut hasher = DefaultHasher::new();
        pixels.expect("a rectangle on the screen").hash(&mut hasher);
        hasher.finish()
    }

    fn input(&self, arguments: &[&str]) {
        let done = self.command("xdotool").args(arguments).output();
        let done = done.unwrap_or_else(|error| panic!("cannot run xdotool; is it installed? {error}"));
        // A key that it does not know makes xdotool complain, but not fail.
        assert!(done.status.success() && done.stderr.is_empty(), "xdotool {arguments:?}: {done:?}");
    }
}

/// Asks a window whether its event loop still answers, by `_NET_WM_PING` (EWMH), which is how a desktop decides that a
/// program is "not responding": the twin of `tools/window-answers`.
pub struct Prober {
    /// For the pings alone: who waits for a reply on a connection may take in the events of who waits for those.
    clock: Screen,
    screen: Screen,
    window: Window,
}

impl Prober {
    /// The largest window that answers pings and whose title or class contains `title_part`, in any case; none when
    /// there is none within `deadline`. It may be hidden yet, or not have the focus: see [`Self::wait_for_focus`].
    pub fn find(desktop: &Desktop, title_part: &str, deadline: Duration) -> Option<Self> {
        let (clock, screen) = (Screen::open(&desktop.display), Screen::open(&desktop.display));
        // Qt answers with StructureNotify, winit and GTK with SubstructureNotify.
        let answers = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::STRUCTURE_NOTIFY;
        let attributes = ChangeWindowAttributesAux::new().event_mask(answers);
        clock.connection.change_window_attributes(clock.root, &attributes).expect(GONE).check().expect(GONE);
        let (_, window) = wait_for(deadline, || screen.largest(&title_part.to_lowercase(), screen.root))?;
        Some(Self { clock, screen, window })
    }

    /// [`Self::watch_while`] for so many seconds.
    pub fn watch(&self, seconds: f64, every_ms: u64) -> Answers {
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        self.watch_while(Duration::from_millis(every_ms), || Instant::now() >= end)
    }

    /// Pings once each `every`, whether or not answers come, until `until` says true; then waits up to 60 s for answers
    /// that are missing. `until` is called every few milliseconds and may take its time, for instance to press a key:
    /// another thread does the asking.
    pub fn watch_while(&self, every: Duration, mut until: impl FnMut() -> bool) -> Answers {
        // Nothing is sent. The asker sees that this end is dropped, also when `until` panics.
        let (watching, ended) = sync_channel(0);
        thread::scope(move |scope| {
            let asker = scope.spawn(move || self.ask(every, &ended));
            while !until() && !asker.is_finished() {
                thread::park_timeout(POLL);
            }
            drop(watching);
            asker.join().expect("the asking thread panicked")
        })
    }

    /// Waits until the window is the active one, which keys go to; false when it is not within `deadline`.
    pub fn wait_for_focus(&self, deadline: Duration) -> bool {
        let active = || self.screen.window(self.screen.atoms._NET_ACTIVE_WINDOW);
        wait_for(deadline, || active().filter(|window| *window == self.window)).is_some()
    }

    /// Where the window's content begins, inside its frame, in pixels from the screen's top left. Panics when the
    /// window is gone.
    pub fn origin(&self) -> (i16, i16) {
        let place = self.screen.connection.translate_coordinates(self.window, self.screen.root, 0, 0).expect(GONE);
        let place = place.reply().expect("the window is gone");
        (place.dst_x, place.dst_y)
    }

    /// Whether the window's content has more than one colour on the screen, its frame left out. False when the window
    /// is hidden, gone, or not all of it is within the screen.
    pub fn screenshot_is_not_blank(&self) -> bool {
        let pixels = self.screen.size(self.window).and_then(|size| self.screen.pixels(self.window, (0, 0), size));
        pixels.is_some_and(|pixels| pixels.windows(2).any(|pair| pair[0] != pair[1]))
    }

    /// Asks the program to close the window, as the button in its frame does.
    pub fn close(&self) {
        self.screen.send(self.window, [self.screen.atoms.WM_DELETE_WINDOW, x11rb::CURRENT_TIME, 0, 0, 0]);
    }

    /// Asks until the other end of `ended` is dropped, then waits for what is missing.
    fn ask(&self, every: Duration, ended: &Receiver<()>) -> Answers {
        let mut answers = Answers { sent: 0, delays: Vec::new(), lost: 0 };
        let mut missing = HashMap::new();
        let mut due = Instant::now();
        while ended.try_recv() != Err(TryRecvError::Disconnected) {
            if Instant::now() >= due {
                let number = NEXT_PING.fetch_add(1, Ordering::Relaxed);
                missing.insert(number, monotonic_s());
                self.clock.send(self.window, [self.clock.atoms._NET_WM_PING, number, self.window, 0, 0]);
                answers.sent += 1;
                due = (due + every).max(Instant::now());
            }
            self.hear(due.saturating_duration_since(Instant::now()), &mut missing, &mut answers);
        }
        let late = Instant::now() + DRAIN;
        let mut exists = true;
        while exists && !missing.is_empty() && Instant::now() < late {
            exists = self.screen.size(self.window).is_some(); // and then hear what it answered before it went
            self.hear(POLL, &mut missing, &mut answers);
        }
        answers.lost = missing.len();
        answers.delays.sort_by(|a, b| a.0.total_cmp(&b.0));
        answers
    }

    /// Takes in the answers that have come, after waiting up to `wait` when there is nothing.
    fn hear(&self, wait: Duration, missing: &mut HashMap<u32, f64>, answers: &mut Answers) {
        let Screen { connection, atoms, .. } = &self.clock;
        let mut event = connection.poll_for_event().expect(GONE);
        if event.is_none() && is_readable(connection.stream(), wait) {
            event = connection.poll_for_event().expect(GONE);
        }
        while let Some(heard) = event {
            if let Event::ClientMessage(message) = heard
                && let [protocol, number, ..] = message.data.as_data32()
                && (message.type_, protocol) == (atoms.WM_PROTOCOLS, atoms._NET_WM_PING)
                && let Some(at_s) = missing.remove(&number)
            {
                answers.delays.push((at_s, (monotonic_s() - at_s) * 1e3));
            }
            event = connection.poll_for_event().expect(GONE);
        }
    }
}

/// How a window answered. Times are seconds on `CLOCK_MONOTONIC`, as other processes read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Pings sent.
    pub sent: usize,
    /// For each answered ping, in the order of sending: when it was sent, in seconds, and the milliseconds from then to
    /// the answer.
    pub delays: Vec<(f64, f64)>,
    /// Pings without an answer: the program hung longer than was waited, or its window went away.
    pub lost: usize,
}

impl Answers {
    /// The delay in milliseconds at the quantile `q`, 0 to 1. A lost ping counts as infinitely late; NaN, for which no
    /// comparison holds, when none was sent.
    pub fn p(&self, q: f64) -> f64 {
        let mut ordered: Vec<f64> = self.delays.iter().map(|(_, delay_ms)| *delay_ms).collect();
        ordered.resize(self.sent, f64::INFINITY);
        ordered.sort_by(f64::total_cmp);
        let count = u32::try_from(self.sent).expect("a count of pings");
        let index = (1..count).take_while(|rank| f64::from(*rank) <= f64::from(count) * q).count();
        ordered.get(index).copied().unwrap_or(f64::NAN)
    }

    /// The longest delay in milliseconds, in the manner of [`Self::p`].
    pub fn max_ms(&self) -> f64 {
        self.p(1.0)
    }

    /// The spans in which answers came later than `over_ms`; those that touch are one. Lost pings, which have no end,
    /// are not among them.
    pub fn stalls(&self, over_ms: f64) -> Vec<Stall> {
        let mut stalls: Vec<Stall> = Vec::new();
        for &(at_s, delay_ms) in self.delays.iter().filter(|(_, delay_ms)| *delay_ms > over_ms) {
            let end_s = at_s + delay_ms / 1e3;
            match stalls.last_mut() {
                Some(last) if at_s <= last.start_monotonic_s + last.length_s => {
                    last.length_s = last.length_s.max(end_s - last.start_monotonic_s);
                }
                _ => stalls.push(Stall { start_monotonic_s: at_s, length_s: end_s - at_s }),
            }
        }
        stalls
    }
}

/// A span in which a window did not answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stall {
    /// When the first ping that was answered late was sent, in seconds on `CLOCK_MONOTONIC`.
    pub start_monotonic_s: f64,
    /// From then to the last late answer, in seconds.
    pub length_s: f64,
}

/// A connection to a display.
struct Screen {
    connection: RustConnection,
    atoms: Atoms,
    root: Window,
}

impl Screen {
    fn open(display: &str) -> Self {
        let (connection, number) = x11rb::connect(Some(display)).expect("cannot connect to the display");
        let atoms = Atoms::new(&connection).expect(GONE).reply().expect(GONE);
        Self { atoms, root: connection.setup().roots[number].root, connection }
    }

    /// The largest window at or below `at` that has the label and answers pings, after its area.
    fn largest(&self, label_part: &str, at: Window) -> Option<(u32, Window)> {
        let names = [self.atoms._NET_WM_NAME, AtomEnum::WM_NAME.into(), AtomEnum::WM_CLASS.into()];
        let label: Vec<u8> = names.into_iter().flat_map(|name| self.property(at, name)).collect();
        let fits = String::from_utf8_lossy(&label).to_lowercase().contains(label_part)
            && numbers(&self.property(at, self.atoms.WM_PROTOCOLS)).any(|name| name == self.atoms._NET_WM_PING);
        // A window that goes away meanwhile is passed over.
        let (width, height) = self.size(at)?;
        let this = fits.then_some((u32::from(width) * u32::from(height), at));
        let children = self.connection.query_tree(at).expect(GONE).reply().ok()?.children;
        children.into_iter().filter_map(|child| self.largest(label_part, child)).chain(this).max()
    }

    /// The window that a property of the root names.
    fn window(&self, name: Atom) -> Option<Window> {
        numbers(&self.property(self.root, name)).next()
    }

    /// A property's first 4 KiB; nothing when the window has no such property, or is gone.
    fn property(&self, window: Window, name: Atom) -> Vec<u8> {
        let asked = self.connection.get_property(false, window, name, AtomEnum::ANY, 0, 1024).expect(GONE);
        asked.reply().map(|reply| reply.value).unwrap_or_default()
    }

    /// A window's width and height in pixels; none when it is gone.
    fn size(&self, window: Window) -> Option<(u16, u16)> {
        let size = self.connection.get_geometry(window).expect(GONE).reply().ok()?;
        Some((size.width, size.height))
    }

    /// What is seen of a window in a rectangle, given by its left top and size: one number a pixel, row by row. None
    /// when the window is hidden or gone, or the rectangle is not within it and the screen.
    fn pixels(&self, window: Window, (x, y): (i16, i16), size: (u16, u16)) -> Option<Vec<u32>> {
        let asked = self.connection.get_image(ImageFormat::Z_PIXMAP, window, x, y, size.0, size.1, !0).expect(GONE);
        // 24 bits of colour in each 32; the rest means nothing.
        Some(numbers(&asked.reply().ok()?.data).map(|pixel| pixel & 0x00ff_ffff).collect())
    }

    /// Sends a message of the window manager's protocols. That the window is gone is no error here.
    fn send(&self, window: Window, data: [u32; 5]) {
        let message = ClientMessageEvent::new(32, window, self.atoms.WM_PROTOCOLS, data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message).expect(GONE);
        self.connection.flush().expect(GONE);
    }
}

/// A program that runs as long as this value lives.
struct Service(Child);

impl Service {
    fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("cannot run {command:?}; is it installed? {error}")))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // SIGKILL would leave the server's socket behind. Neither call can fail before the program has been waited for.
        kill_process(Pid::from_child(&self.0), Signal::TERM).ok();
        self.0.wait().ok();
    }
}

/// What `look` finds, if it finds something within `deadline`.
fn wait_for<T>(deadline: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + deadline;
    loop {
        let found = look();
        if found.is_some() || Instant::now() >= until {
            return found;
        }
        thread::park_timeout(POLL);
    }
}

/// Waits up to `wait` until there is something to read, or the other end is closed.
fn is_readable(file: &impl AsFd, wait: Duration) -> bool {
    let wait = Timespec::try_from(wait).expect("a wait within the clock's range");
    // A signal ends the wait early, like its time.
    poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&wait)).is_ok_and(|ready| ready > 0)
}

/// Numbers of 32 bits in the order of this machine, on which the server runs too.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]]))
}

/// Seconds on `CLOCK_MONOTONIC`.
fn monotonic_s() -> f64 {
    let now = clock_gettime(ClockId::Monotonic);
    Duration::try_from(now).expect("a time after the machine's start").as_secs_f64()
}
