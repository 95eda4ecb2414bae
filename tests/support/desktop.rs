//! A real window on a virtual display: a desktop to start programs on, input as a person gives it, and a clock outside
//! the program that tells whether its window still answers.
//!
//! Owned by the test that starts it, each with a display of its own, so tests may run side by side. It knows nothing of
//! a program but its window's title. Needs, from Debian: xvfb openbox xdotool, and libgl1-mesa-dri for OpenGL.
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::sync::{atomic, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustix::{event, process, time};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{self, AtomEnum, ConnectionExt, EventMask, Window};
use x11rb::rust_connection::RustConnection;

/// How long the display and the window manager may take to come up.
const START: Duration = Duration::from_secs(20);
/// How long late answers are waited for when a watch ends; as `window-answers` does.
const DRAIN: Duration = Duration::from_mins(1);
/// The pause between two looks at something that is waited for.
const POLL: Duration = Duration::from_millis(5);
const GONE: &str = "the X display is gone";

/// The next ping's number: one count, as each prober sees all answers, and far from 1, where window managers begin.
static NEXT_PING: atomic::AtomicU32 = atomic::AtomicU32::new(0x4000_0000);

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
    /// Starts both, the display with so many pixels. Panics when a program is missing or not ready in time.
    pub fn start(width: u16, height: u16) -> Self {
        // The server picks a free number and writes it to its output. It must not start anew when its last client
        // leaves, and at 96 dots an inch a point is a pixel.
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-noreset", "-dpi", "96", "+extension", "GLX", "-screen", "0"]);
        let mut xvfb = Service::start(xvfb.arg(format!("{width}x{height}x24")).stdout(Stdio::piped()));
        let output = xvfb.0.stdout.take().filter(|output| is_readable(output, START));
        let mut number = String::new();
        let read = BufReader::new(output.expect("Xvfb was not ready in time")).read_line(&mut number);
        assert!(number.ends_with('\n'), "Xvfb ended early, try it by hand: {read:?}");

        let display = format!(":{}", number.trim_end());
        let home = tempfile::tempdir().expect("no directory for the desktop");
        let mut desktop = Self { screen: Screen::open(&display), display, services: vec![xvfb], home };
        desktop.services.insert(0, Service::start(desktop.command("openbox").stdout(Stdio::null())));
        // A window manager says that it is there by naming a window of its own (EWMH).
        let ready = wait_for(START, || desktop.screen.window(desktop.screen.atoms._NET_SUPPORTING_WM_CHECK));
        ready.expect("openbox ended or was not ready in time, try it by hand");
        desktop
    }

    /// The display's name, such as `:77`.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// A command for a program that shows its windows here and finds no trace of the user's own desktop and settings.
    pub fn command(&self, program: &str) -> Command {
        let home = self.home.path();
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display).env("LIBGL_ALWAYS_SOFTWARE", "1");
        // A dialog asked for over the user's session bus would open on the user's own screen.
        command.env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET").env_remove("DBUS_SESSION_BUS_ADDRESS");
        // The first must exist and be private, as a TempDir is; programs make the others (XDG Base Directory).
        command.env("XDG_RUNTIME_DIR", home).env("XDG_DATA_HOME", home.join("data"));
        command.env("XDG_CONFIG_HOME", home.join("config")).env("XDG_CACHE_HOME", home.join("cache"));
        command
    }

    /// Presses a key or chord in the focused window, by xdotool's names: `ctrl+o`, `Escape`, `Return`.
    pub fn key(&self, keysym_chord: &str) {
        self.input(&["key", "--", keysym_chord]);
    }

    /// Types ASCII text into the focused window; see [`Prober::wait_for_focus`].
    pub fn text(&self, text: &str) {
        assert!(text.is_ascii(), "only ASCII can be typed: {text:?}");
        self.input(&["type", "--delay", "20", "--", text]);
    }

    /// Clicks the left button at a place, in pixels from the screen's top left; see [`Prober::origin`].
    pub fn click(&self, x: i16, y: i16) {
        // Without `--sync`, which waits 15 s when the pointer is there already. The server keeps the order.
        self.input(&["mousemove", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// A number for what a rectangle of the screen shows, in pixels; it changes when one does. Panics off the screen.
    pub fn pixel_hash(&self, x: i16, y: i16, width: u16, height: u16) -> u64 {
        let pixels = self.screen.pixels(self.screen.root, (x, y), (width, height)).expect("a rectangle on the screen");
        BuildHasherDefault::<DefaultHasher>::default().hash_one(pixels)
    }

    fn input(&self, arguments: &[&str]) {
        let done = self.command("xdotool").args(arguments).output().expect("cannot run xdotool, is it installed?");
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
        let attributes = xproto::ChangeWindowAttributesAux::new().event_mask(answers);
        clock.connection.change_window_attributes(clock.root, &attributes).expect(GONE);
        let (_, window) = wait_for(deadline, || screen.largest(&title_part.to_lowercase(), screen.root))?;
        Some(Self { clock, screen, window })
    }

    /// [`Self::watch_while`] for so many seconds.
    pub fn watch(&self, seconds: f64, every_ms: u64) -> Answers {
        let end = Instant::now() + Duration::from_secs_f64(seconds);
        self.watch_while(Duration::from_millis(every_ms), || Instant::now() >= end)
    }

    /// Pings once each `every`, answers or not, until `until` says true, then waits up to 60 s for missing answers.
    /// `until` is called every few milliseconds and may take its time, as another thread does the asking.
    pub fn watch_while(&self, every: Duration, mut until: impl FnMut() -> bool) -> Answers {
        // Nothing is sent. The asker sees that this end is dropped, also when `until` panics.
        let (watching, ended) = mpsc::sync_channel(0);
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

    /// Where the window's content begins on the screen, inside its frame, in pixels. Panics when the window is gone.
    pub fn origin(&self) -> (i16, i16) {
        let asked = self.screen.connection.translate_coordinates(self.window, self.screen.root, 0, 0).expect(GONE);
        let place = asked.reply().expect("the window is gone");
        (place.dst_x, place.dst_y)
    }

    /// Whether the window's content has two colours or more; false unless all of it is shown and within the screen.
    pub fn screenshot_is_not_blank(&self) -> bool {
        let pixels = self.screen.size(self.window).and_then(|size| self.screen.pixels(self.window, (0, 0), size));
        pixels.is_some_and(|pixels| pixels.windows(2).any(|pair| pair[0] != pair[1]))
    }

    /// Asks the program to close the window, as the button in its frame does.
    pub fn close(&self) {
        self.screen.send(self.window, [self.screen.atoms.WM_DELETE_WINDOW, x11rb::CURRENT_TIME, 0, 0, 0]);
    }

    /// Asks until the other end of `ended` is dropped, then waits for what is missing.
    fn ask(&self, every: Duration, ended: &mpsc::Receiver<()>) -> Answers {
        let mut answers = Answers { sent: 0, delays: Vec::new(), lost: 0 };
        let mut missing = HashMap::new();
        let mut due = Instant::now();
        while ended.try_recv() != Err(mpsc::TryRecvError::Disconnected) {
            if Instant::now() >= due {
                let number = NEXT_PING.fetch_add(1, atomic::Ordering::Relaxed);
                missing.insert(number, monotonic_s());
                self.clock.send(self.window, [self.clock.atoms._NET_WM_PING, number, self.window, 0, 0]);
                answers.sent += 1;
                due = (due + every).max(Instant::now());
            }
            answers.delays.extend(self.hear(due.saturating_duration_since(Instant::now()), &mut missing));
        }
        let (late, mut exists) = (Instant::now() + DRAIN, true);
        while exists && !missing.is_empty() && Instant::now() < late {
            exists = self.screen.size(self.window).is_some(); // and then hear what it answered before it went
            answers.delays.extend(self.hear(POLL, &mut missing));
        }
        answers.lost = missing.len();
        answers.delays.sort_by(|a, b| a.0.total_cmp(&b.0));
        answers
    }

    /// The answers that have come, or come within `wait`: when each ping was sent, in seconds, and its delay in ms.
    fn hear(&self, wait: Duration, missing: &mut HashMap<u32, f64>) -> impl Iterator<Item = (f64, f64)> {
        let Screen { connection, atoms, .. } = &self.clock;
        is_readable(connection.stream(), wait);
        let events = std::iter::from_fn(|| connection.poll_for_event().expect(GONE));
        events.filter_map(move |event| {
            let Event::ClientMessage(message) = event else { return None };
            let [protocol, number, ..] = message.data.as_data32();
            let ping = (message.type_, protocol) == (atoms.WM_PROTOCOLS, atoms._NET_WM_PING);
            let at_s = if ping { missing.remove(&number)? } else { return None };
            Some((at_s, (monotonic_s() - at_s) * 1e3))
        })
    }
}

/// How a window answered. Times are seconds on `CLOCK_MONOTONIC`, as other processes read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Pings sent.
    pub sent: usize,
    /// For each answered ping, in order: when it was sent, in seconds, and how many milliseconds later the answer came.
    pub delays: Vec<(f64, f64)>,
    /// Pings without an answer: the program hung longer than was waited, or its window went away.
    pub lost: usize,
}

impl Answers {
    /// The delay in milliseconds at the quantile `q`, 0 to 1; a lost ping's is infinite. NaN when none was sent.
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

    /// The spans in which answers came later than `over_ms`, those that touch made one. Lost pings are not among them.
    pub fn stalls(&self, over_ms: f64) -> Vec<Stall> {
        let mut stalls: Vec<Stall> = Vec::new();
        for &(at_s, delay_ms) in self.delays.iter().filter(|(_, delay_ms)| *delay_ms > over_ms) {
            let end_s = at_s + delay_ms / 1e3;
            match stalls.last_mut().filter(|last| at_s <= last.start_monotonic_s + last.length_s) {
                Some(last) => last.length_s = last.length_s.max(end_s - last.start_monotonic_s),
                None => stalls.push(Stall { start_monotonic_s: at_s, length_s: end_s - at_s }),
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
        let label: Vec<u8> = names.into_iter().filter_map(|name| self.property(at, name)).flatten().collect();
        let fits = String::from_utf8_lossy(&label).to_lowercase().contains(label_part)
            && numbers(&self.property(at, self.atoms.WM_PROTOCOLS)?).any(|name| name == self.atoms._NET_WM_PING);
        // A window that goes away meanwhile is passed over.
        let (width, height) = self.size(at)?;
        let this = fits.then_some((u32::from(width) * u32::from(height), at));
        let children = self.connection.query_tree(at).expect(GONE).reply().ok()?.children;
        children.into_iter().filter_map(|child| self.largest(label_part, child)).chain(this).max()
    }

    /// The window that a property of the root names.
    fn window(&self, name: xproto::Atom) -> Option<Window> {
        numbers(&self.property(self.root, name)?).next()
    }

    /// A property's first 4 KiB, none of them when there is no such property; None when the window is gone.
    fn property(&self, window: Window, name: xproto::Atom) -> Option<Vec<u8>> {
        let asked = self.connection.get_property(false, window, name, AtomEnum::ANY, 0, 1024).expect(GONE);
        Some(asked.reply().ok()?.value)
    }

    /// A window's width and height in pixels; None when it is gone.
    fn size(&self, window: Window) -> Option<(u16, u16)> {
        let size = self.connection.get_geometry(window).expect(GONE).reply().ok()?;
        Some((size.width, size.height))
    }

    /// What is seen of a window in a rectangle, a pixel a number; None when not all of it is within the screen.
    fn pixels(&self, window: Window, (x, y): (i16, i16), size: (u16, u16)) -> Option<Vec<u32>> {
        let asked =
            self.connection.get_image(xproto::ImageFormat::Z_PIXMAP, window, x, y, size.0, size.1, !0).expect(GONE);
        // 24 bits of 32 are colour; the rest means nothing.
        Some(numbers(&asked.reply().ok()?.data).map(|pixel| pixel & 0x00ff_ffff).collect())
    }

    /// Sends a message of the window manager's protocols. That the window is gone is no error here.
    fn send(&self, window: Window, data: [u32; 5]) {
        let message = xproto::ClientMessageEvent::new(32, window, self.atoms.WM_PROTOCOLS, data);
        self.connection.send_event(false, window, EventMask::NO_EVENT, message).expect(GONE);
        self.connection.flush().expect(GONE);
    }
}

/// A program that runs as long as this value lives.
struct Service(Child);

impl Service {
    fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        let program = command.get_program().display();
        Self(child.unwrap_or_else(|error| panic!("cannot run {program}, is it installed? {error}")))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // SIGKILL would leave the server's socket behind. Neither call can fail before the program has been waited for.
        process::kill_process(process::Pid::from_child(&self.0), process::Signal::TERM).ok();
        self.0.wait().ok();
    }
}

/// What `look` finds, if it finds something within `deadline`.
fn wait_for<T>(deadline: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + deadline;
    let mut found = look();
    while found.is_none() && Instant::now() < until {
        thread::park_timeout(POLL);
        found = look();
    }
    found
}

/// Waits up to `wait`, or until a signal comes, for something to read or the other end to be closed.
fn is_readable(file: &impl AsFd, wait: Duration) -> bool {
    let wait = event::Timespec::try_from(wait).expect("a wait within the clock's range");
    event::poll(&mut [event::PollFd::new(file, event::PollFlags::IN)], Some(&wait)).is_ok_and(|ready| ready > 0)
}

/// Numbers in the byte order of this machine, on which the server runs too.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks().0.iter().map(|number| u32::from_ne_bytes(*number))
}

/// Seconds on `CLOCK_MONOTONIC`.
fn monotonic_s() -> f64 {
    let now = time::clock_gettime(time::ClockId::Monotonic);
    Duration::try_from(now).expect("a time after the machine's start").as_secs_f64()
}
