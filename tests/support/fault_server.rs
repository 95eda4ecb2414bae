//! A web server on this machine that misbehaves on command: for each path there is a script of what it sends, holds
//! back and breaks off.
//!
//! Owned by the test that starts it, on a free port of its own. Each connection has a thread and serves one request;
//! dropping the server ends them all. It knows nothing of what is tested.
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by a panic")]

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};

/// What a flood is made of: a pattern that is out of step once a byte is lost.
pub const FLOOD_PIECE: [u8; 1 << 14] = flood_piece();
/// How long a client may take nothing before the server counts as held up.
const HELD_UP: Duration = Duration::from_millis(200);
/// The time between two bytes of a drip.
const DRIP: Duration = Duration::from_millis(10);

/// What happens on a connection once its request was read. At the end of it the connection is closed in order.
#[derive(Clone, Default)]
pub struct Behaviour(Vec<Act>);

#[derive(Clone)]
enum Act {
    Send(Arc<[u8]>),
    AwaitRelease,
    Stall,
    Drip,
    Flood,
    Reset,
}

impl Behaviour {
    /// The head of an answer, such as `200 OK` and some header lines. Values are sent as they are, valid or not.
    pub fn answer(status: &str, headers: &[(&str, &[u8])]) -> Self {
        let mut head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
        for (name, value) in headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        head.extend(b"\r\n");
        Self::default().then_send(&head)
    }

    /// A file, as it should be.
    pub fn whole(body: &[u8]) -> Self {
        Self::of_length(body.len(), body)
    }

    /// A file with the given `Content-Disposition`.
    pub fn named(disposition: &[u8], body: &[u8]) -> Self {
        let length = body.len().to_string();
        let headers = [("Content-Disposition", disposition), ("Content-Length", length.as_bytes())];
        Self::answer("200 OK", &headers).then_send(body)
    }

    /// A file of which the header tells another length than it has.
    pub fn of_length(told: usize, body: &[u8]) -> Self {
        Self::answer("200 OK", &[("Content-Length", told.to_string().as_bytes())]).then_send(body)
    }

    /// A file that ends where the connection does.
    pub fn until_close(body: &[u8]) -> Self {
        Self::answer("200 OK", &[]).then_send(body)
    }

    /// A file in chunks, without the last chunk that would say that it is whole: see [`Self::then_end_of_chunks`].
    pub fn chunked(chunks: &[&[u8]]) -> Self {
        let head = Self::answer("200 OK", &[("Transfer-Encoding", b"chunked")]);
        chunks.iter().fold(head, |answer, chunk| answer.then_send(&chunk_of(chunk)))
    }

    /// A status with a text.
    pub fn refusal(status: &str, body: &[u8]) -> Self {
        Self::answer(status, &[("Content-Length", body.len().to_string().as_bytes())]).then_send(body)
    }

    /// A redirect to another address or path.
    pub fn redirect(location: &str) -> Self {
        Self::answer("302 Found", &[("Location", location.as_bytes()), ("Content-Length", b"0")])
    }

    /// Something that is not HTTP.
    pub fn garbage() -> Self {
        Self::default().then_send(b"\x00\xFFNOT/HTTP at all\r\n\r\n")
    }

    /// Closes without a word.
    pub fn hang_up() -> Self {
        Self::default()
    }

    /// Sends more.
    pub fn then_send(mut self, bytes: &[u8]) -> Self {
        self.0.push(Act::Send(bytes.into()));
        self
    }

    /// Sends the chunk that ends a chunked body.
    pub fn then_end_of_chunks(self) -> Self {
        self.then_send(b"0\r\n\r\n")
    }

    /// Sends nothing until [`FaultServer::release`].
    pub fn then_await_release(mut self) -> Self {
        self.0.push(Act::AwaitRelease);
        self
    }

    /// Sends nothing as long as the client waits.
    pub fn then_stall(mut self) -> Self {
        self.0.push(Act::Stall);
        self
    }

    /// Sends a byte now and then as long as the client waits.
    pub fn then_drip(mut self) -> Self {
        self.0.push(Act::Drip);
        self
    }

    /// Sends [`FLOOD_PIECE`] as chunks, as fast as the client takes them, until [`FaultServer::release`].
    pub fn then_flood(mut self) -> Self {
        self.0.push(Act::Flood);
        self
    }

    /// Breaks the connection off, so that the client's system tells it of a reset. Not over TLS.
    pub fn then_reset(mut self) -> Self {
        self.0.push(Act::Reset);
        self
    }
}

/// The server; see the module.
pub struct FaultServer {
    address: SocketAddr,
    scheme: &'static str,
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
    scripts: HashMap<String, Behaviour>,
    requests: Vec<String>,
    connections: Vec<Weak<TcpStream>>,
    flooded_pieces: usize,
    held_up: bool,
    released: bool,
    closing: bool,
}

impl FaultServer {
    /// A server for http.
    pub fn start() -> Self {
        Self::start_with("http", None)
    }

    /// A server for https that would serve well, but whose certificate nobody has signed.
    pub fn start_untrusted() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("a certificate with its key");
        Self::start_with("https", Some(Arc::new(config)))
    }

    fn start_with(scheme: &'static str, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on the loopback");
        let address = listener.local_addr().expect("the port's number");
        let shared = Arc::<Shared>::default();
        let accepting = Arc::clone(&shared);
        let acceptor = start_thread(move || accept(&listener, &accepting, tls.as_ref()));
        Self { address, scheme, shared, acceptor: Some(acceptor) }
    }

    /// Serves a path like this from now on, and tells its address.
    pub fn serve(&self, path: &str, behaviour: Behaviour) -> String {
        self.shared.state.lock().scripts.insert(path.to_owned(), behaviour);
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// The heads of all requests that have come, each with its lines as they were sent.
    pub fn requests(&self) -> Vec<String> {
        self.shared.state.lock().requests.clone()
    }

    /// Waits until so many requests have come; false when they have not within `limit`.
    pub fn has_requests_within(&self, limit: Duration, count: usize) -> bool {
        self.wait(limit, |state| state.requests.len() >= count)
    }

    /// Waits until a client takes nothing of what is sent, its system's buffers being full; false when that does not
    /// come to pass within `limit`. What was before the call does not count.
    pub fn is_held_up_within(&self, limit: Duration) -> bool {
        self.shared.state.lock().held_up = false;
        self.wait(limit, |state| state.held_up)
    }

    /// Lets everything go on that waits for it, and floods end.
    pub fn release(&self) {
        self.change(|state| state.released = true);
    }

    /// How many pieces all floods have sent.
    pub fn flooded_pieces(&self) -> usize {
        self.shared.state.lock().flooded_pieces
    }

    fn wait(&self, limit: Duration, mut there: impl FnMut(&State) -> bool) -> bool {
        let mut state = self.shared.state.lock();
        !self.shared.changed.wait_while_for(&mut state, |state| !there(state), limit).timed_out()
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.shared.change(change);
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.change(|state| {
            (state.closing, state.released) = (true, true);
            for connection in state.connections.drain(..).filter_map(|connection| connection.upgrade()) {
                // One that the client has closed can not be shut down, and need not.
                connection.shutdown(Shutdown::Both).ok();
            }
        });
        // Wakes the thread that accepts; if that has ended already, nobody listens, which is as well.
        TcpStream::connect(self.address).ok();
        if let Some(Err(_)) = self.acceptor.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            panic!("the fault server panicked");
        }
    }
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock());
        self.changed.notify_all();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, tls: Option<&Arc<ServerConfig>>) {
    let mut threads = Vec::new();
    loop {
        let stream = Arc::new(listener.accept().expect("a connection").0);
        let mut state = shared.state.lock();
        if state.closing {
            break;
        }
        // Weak, as a connection is closed when the last handle is dropped.
        state.connections.push(Arc::downgrade(&stream));
        drop(state);
        let (shared, tls) = (Arc::clone(shared), tls.cloned());
        // An error is that the client is gone, as it is when a test cancels, or that it does not trust the certificate.
        threads.push(start_thread(move || drop(converse(&stream, &shared, tls))));
    }
    for thread in threads {
        thread.join().expect("a connection's thread panicked");
    }
}

fn converse(stream: &TcpStream, shared: &Shared, tls: Option<Arc<ServerConfig>>) -> io::Result<()> {
    stream.set_write_timeout(Some(HELD_UP))?;
    match tls {
        None => Conversation { wire: stream, stream, shared }.run(),
        Some(config) => {
            let connection = ServerConnection::new(config).map_err(io::Error::other)?;
            Conversation { wire: StreamOwned::new(connection, stream), stream, shared }.run()
        }
    }
}

/// One connection: `wire` carries the bytes over `stream`.
struct Conversation<'a, W> {
    wire: W,
    stream: &'a TcpStream,
    shared: &'a Shared,
}

impl<W: Read + Write> Conversation<'_, W> {
    fn run(mut self) -> io::Result<()> {
        let mut head = self.read_to(b"\r\n\r")?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        let script = self.shared.state.lock().scripts.get(path).cloned();
        let script = script.unwrap_or_else(|| Behaviour::refusal("404 Not Found", b"not in the script"));
        // A connection that is closed while something that came was not read is reset by the system.
        if !script.0.iter().any(|act| matches!(act, Act::Reset)) {
            head += &self.read_to(b"\n")?;
        }
        self.shared.change(|state| state.requests.push(head));
        script.0.into_iter().try_for_each(|act| self.play(act))
    }

    /// Reads no byte more than up to and with `end`.
    fn read_to(&mut self, end: &[u8]) -> io::Result<String> {
        let (mut text, mut byte) = (Vec::new(), [0]);
        while !text.ends_with(end) {
            self.wire.read_exact(&mut byte)?;
            text.extend(byte);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn play(&mut self, act: Act) -> io::Result<()> {
        match act {
            Act::Send(bytes) => self.send(&bytes),
            Act::AwaitRelease => {
                let mut state = self.shared.state.lock();
                self.shared.changed.wait_while(&mut state, |state| !state.released);
                Ok(())
            }
            Act::Stall => self.wire.read_exact(&mut [0]),
            Act::Drip => loop {
                self.send(b".")?;
                // Reading tells when the client goes, and its time limit is the pace.
                self.stream.set_read_timeout(Some(DRIP))?;
                match self.wire.read_exact(&mut [0]) {
                    Err(error) if is_timeout(&error) => {}
                    ended => return ended,
                }
            },
            Act::Flood => {
                let chunk = chunk_of(&FLOOD_PIECE);
                while !self.shared.state.lock().released {
                    self.send(&chunk)?;
                    self.shared.change(|state| state.flooded_pieces += 1);
                }
                Ok(())
            }
            Act::Reset => Err(ErrorKind::ConnectionReset.into()),
        }
    }

    fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.wire.write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => bytes = &bytes[written..],
                Err(error) if is_timeout(&error) => self.shared.change(|state| state.held_up = true),
                Err(error) => return Err(error),
            }
        }
        self.wire.flush()
    }
}

/// Whether a read or write has met its time limit, for which systems have two words.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn chunk_of(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn start_thread(work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::Builder::new().name("fault server".into()).spawn(work).expect("a thread")
}

const fn flood_piece() -> [u8; 1 << 14] {
    let mut piece = [0; 1 << 14];
    let mut at = 0;
    while at < piece.len() {
        // A prime, so that the pattern does not repeat in step with any buffer.
        #[expect(clippy::cast_possible_truncation, reason = "a remainder of 251 is a byte")]
        let byte = (at % 251) as u8;
        piece[at] = byte;
        at += 1;
    }
    piece
}
