//! A web server on this machine that gives parts of files, as far as it is told to, and counts what it sends.
//!
//! Owned by the test that starts it, on a free port of its own. Each connection has a thread and serves one request;
//! dropping the server ends them all. It knows nothing of what is tested.
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by a panic")]

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// The length of each line of [`Content::Lines`], with its newline.
pub const LINE_BYTES: u64 = 32;
/// What is sent in one piece.
const PIECE_BYTES: u64 = 64 << 10;

/// What a file holds.
#[derive(Clone)]
pub enum Content {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// So many lines, which are made as they are sent.
    Lines(u64),
}

/// A file, and how it is served.
#[derive(Clone)]
pub struct File {
    /// What it holds.
    pub content: Content,
    /// Its `ETag`, if it has one.
    pub tag: Option<&'static str>,
    /// Whether parts of it are given.
    pub parts: bool,
    /// Whether the condition that a part is asked for on is taken for not met, whatever it is.
    pub unconditional: bool,
    /// After how many bytes the next answers break off.
    pub breaks: VecDeque<u64>,
    /// With what status the next requests are refused.
    pub refusals: VecDeque<&'static str>,
}

impl File {
    /// One that is served as it should be.
    pub fn new(content: Content) -> Self {
        let (breaks, refusals) = (VecDeque::new(), VecDeque::new());
        Self { content, tag: Some("\"first\""), parts: true, unconditional: false, breaks, refusals }
    }

    /// So many lines, served as they should be.
    pub fn lines(count: u64) -> Self {
        Self::new(Content::Lines(count))
    }

    /// These bytes, served as they should be.
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::new(Content::Bytes(bytes.into()))
    }
}

impl Content {
    /// How many bytes it has.
    pub fn len_bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Lines(count) => count * LINE_BYTES,
        }
    }

    /// Some of it.
    pub fn read(&self, range: Range<u64>) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes[place(range.start)..place(range.end)].to_vec(),
            Self::Lines(_) => {
                let lines = range.start / LINE_BYTES..range.end.div_ceil(LINE_BYTES);
                let skipped = range.start - lines.start * LINE_BYTES;
                let text: Vec<u8> = lines.flat_map(|number| line(number).into_bytes()).collect();
                text[place(skipped)..place(skipped + range.end - range.start)].to_vec()
            }
        }
    }
}

/// The line of that number, from 0 on.
pub fn line(number: u64) -> String {
    format!("line {number:012} of many lines\n")
}

fn place(at: u64) -> usize {
    usize::try_from(at).expect("a place in memory")
}

/// A request that has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its first line and its header, as they were sent.
    pub head: String,
    /// What it says after `Range:`.
    pub range: Option<String>,
    /// What it says after `If-Range:`.
    pub condition: Option<String>,
}

/// The server; see the module.
pub struct RangeServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    files: HashMap<String, File>,
    requests: Vec<Request>,
    connections: Vec<Weak<TcpStream>>,
    open: usize,
    sent_bytes: u64,
    held: bool,
    closing: bool,
}

impl RangeServer {
    /// A server without files.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on the loopback");
        let address = listener.local_addr().expect("the port's number");
        let shared = Arc::<Shared>::default();
        let accepting = Arc::clone(&shared);
        let acceptor = start_thread(move || accept(&listener, &accepting));
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Serves `file` at this path, which begins with a slash, from now on, and tells its address.
    pub fn serve(&self, path: &str, file: File) -> String {
        self.shared.state.lock().files.insert(path.to_owned(), file);
        format!("http://{}{path}", self.address)
    }

    /// All requests that have come.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().requests.clone()
    }

    /// The parts that were asked for.
    pub fn ranges(&self) -> Vec<String> {
        self.requests().into_iter().filter_map(|request| request.range).collect()
    }

    /// How many bytes of files were sent.
    pub fn sent_bytes(&self) -> u64 {
        self.shared.state.lock().sent_bytes
    }

    /// Holds all answers back from now on, or no longer.
    pub fn hold(&self, held: bool) {
        self.shared.change(|state| state.held = held);
    }

    /// Waits until so many requests have come; false when they have not within `limit`.
    pub fn has_requests_within(&self, limit: Duration, count: usize) -> bool {
        self.wait(limit, |state| state.requests.len() >= count)
    }

    /// Waits until no connection is open; false when that does not come to pass within `limit`.
    pub fn is_left_within(&self, limit: Duration) -> bool {
        self.wait(limit, |state| state.open == 0)
    }

    fn wait(&self, limit: Duration, mut there: impl FnMut(&State) -> bool) -> bool {
        let mut state = self.shared.state.lock();
        !self.shared.changed.wait_while_for(&mut state, |state| !there(state), limit).timed_out()
    }
}

impl Drop for RangeServer {
    fn drop(&mut self) {
        self.shared.change(|state| {
            (state.closing, state.held) = (true, false);
            for connection in state.connections.drain(..).filter_map(|connection| connection.upgrade()) {
                // One that the client has closed can not be shut down, and need not.
                connection.shutdown(Shutdown::Both).ok();
            }
        });
        // Wakes the thread that accepts; if that has ended already, nobody listens, which is as well.
        TcpStream::connect(self.address).ok();
        if let Some(acceptor) = self.acceptor.take() {
            acceptor.join().ok();
        }
    }
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock());
        self.changed.notify_all();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    loop {
        let stream = Arc::new(listener.accept().expect("a connection").0);
        let mut state = shared.state.lock();
        if state.closing {
            break;
        }
        // Weak, as a connection is closed when the last handle is dropped.
        state.connections.push(Arc::downgrade(&stream));
        state.open += 1;
        drop(state);
        let shared = Arc::clone(shared);
        threads.push(start_thread(move || {
            // An error is that the client is gone, as it is when a test cancels.
            drop(converse(&stream, &shared));
            drop(stream);
            shared.change(|state| state.open -= 1);
        }));
    }
    for thread in threads {
        thread.join().ok();
    }
}

fn converse(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut wire = stream;
    let head = read_head(stream)?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let field = |name: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let request = Request { range: field("range"), condition: field("if-range"), head: head.clone() };
    let (file, breaks_off, refusal) = {
        let mut state = shared.state.lock();
        state.requests.push(request.clone());
        let mut file = state.files.get_mut(&path);
        let refusal = file.as_mut().and_then(|file| file.refusals.pop_front());
        let breaks_off = file.as_mut().filter(|_| refusal.is_none()).and_then(|file| file.breaks.pop_front());
        (file.cloned(), breaks_off, refusal)
    };
    shared.changed.notify_all();
    hold_on(stream, shared)?;
    let status = refusal.or(file.is_none().then_some("404 Not Found"));
    let (Some(file), None) = (file, status) else {
        let status = status.unwrap_or_default();
        return write!(wire, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    };
    let len_bytes = file.content.len_bytes();
    let met = request.condition.as_deref().is_none_or(|known| Some(known) == file.tag && !file.unconditional);
    let wanted = request.range.as_deref().filter(|_| file.parts && met).and_then(|range| part_of(range, len_bytes));
    let (status, part, told) = match wanted {
        None => ("200 OK", 0..len_bytes, None),
        Some(part) if part.is_empty() => {
            ("416 Range Not Satisfiable", 0..0, Some(format!("Content-Range: bytes */{len_bytes}\r\n")))
        }
        Some(part) => {
            let told = format!("Content-Range: bytes {}-{}/{len_bytes}\r\n", part.start, part.end - 1);
            ("206 Partial Content", part, Some(told))
        }
    };
    let mut answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", part.end - part.start);
    answer += &told.unwrap_or_default();
    if let Some(tag) = file.tag {
        write!(answer, "ETag: {tag}\r\n").expect("a longer text");
    }
    answer += "\r\n";
    wire.write_all(answer.as_bytes())?;
    let end = breaks_off.map_or(part.end, |bytes| part.end.min(part.start + bytes));
    let mut at = part.start;
    while at < end {
        hold_on(stream, shared)?;
        let piece = file.content.read(at..end.min(at + PIECE_BYTES));
        at += piece.len() as u64;
        // Before it is sent: whoever has got it finds it counted.
        shared.change(|state| state.sent_bytes += piece.len() as u64);
        wire.write_all(&piece)?;
    }
    Ok(())
}

/// Waits while answers are held back; an error when the client goes meanwhile.
fn hold_on(mut stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    while shared.state.lock().held {
        // Reading tells when the client goes, and its time limit is the pace.
        stream.set_read_timeout(Some(Duration::from_millis(10)))?;
        match stream.read_exact(&mut [0]) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            ended => ended?,
        }
    }
    Ok(())
}

fn read_head(mut stream: &TcpStream) -> io::Result<String> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        text.extend(byte);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The bytes that `bytes=0-4` or `bytes=5-` asks for, which may be none.
fn part_of(range: &str, len_bytes: u64) -> Option<Range<u64>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse::<u64>().ok()?.min(len_bytes);
    let end = if last.is_empty() { len_bytes } else { last.parse::<u64>().ok()?.saturating_add(1).min(len_bytes) };
    Some(first..end.max(first))
}

fn start_thread(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::Builder::new().name("range server".into()).spawn(work).expect("a thread")
}
