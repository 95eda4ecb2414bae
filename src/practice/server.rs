//! The practice server: slow, large and failing answers on demand, for this machine alone. It answers only requests
//! whose Host header names the loopback, so that no web page can reach it by a name that it points here.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HOST, IF_RANGE, RANGE,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{Stream, stream};
use parking_lot::Mutex;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::ranges::Asked;
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome, Unit};
use crate::units;

/// The most that is sent in one piece.
const PIECE_BYTES: usize = 256 << 10;
/// The longest delay that can be asked for.
const MAX_DELAY: Duration = Duration::from_hours(1);
/// How long answers under way may take to notice that the server stops.
const STOP_LIMIT: Duration = Duration::from_millis(80);
/// The window is woken no more often than this.
const WAKE_EVERY: Duration = Duration::from_millis(250);

const HELP: &str = "The practice server of Antifreeze\n\n\
    /bytes/1GB                 that many bytes, or a part of them\n\
    /bytes/1GB?rate=8MB        no faster than that many a second\n\
    /delay/250                 an answer after so many milliseconds\n\
    /json/10000                a JSON array of so many objects\n\
    /error/503                 that status\n\
    /query                     an answer with a database query behind it\n\
    /compute                   an answer that has to be computed\n";

/// The practice server, which runs until it is stopped.
#[derive(Clone, Debug, Default, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Serve {
    /// The port to listen at [default: one that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Where it listens, once it does.
    #[arg(skip)]
    #[serde(skip)]
    pub address: Arc<Mutex<Option<SocketAddr>>>,
}

/// What was served.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Served {
    /// How many requests were answered.
    pub requests: u64,
    /// For how long.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Job for Serve {
    type Outcome = Served;
    const KIND: Kind = Kind { name: "serve", at_once: 1, comes_back: false };

    fn title(&self) -> String {
        "Practice server".into()
    }

    fn endless(&self) -> Option<&'static str> {
        Some("The practice server runs until it is stopped, so on the UI thread the window would never come back.")
    }

    async fn run(self, context: JobContext) -> Result<Served, JobError> {
        let began = Instant::now();
        context.progress().set_unit(Unit::Items);
        *self.address.lock() = None;
        let failed = |source| JobError::failed(ServeError { port: self.port, source });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        *self.address.lock() = Some(address);
        context.progress().set_note(format!("http://{address}"));
        context.wake();

        let stop = context.clone();
        let counter = Counter { context: context.clone(), woken: Arc::default() };
        let routes = routes(context.clone()).layer(middleware::from_fn_with_state(counter, count));
        let server = axum::serve(listener, routes).with_graceful_shutdown(async move {
            let _ = stop.unless_cancelled(std::future::pending::<Infallible>()).await;
        });
        let mut server = std::pin::pin!(server.into_future());
        let stopped = context.unless_cancelled(&mut server).await;
        if stopped.is_err() {
            let _ = tokio::time::timeout(STOP_LIMIT, server).await;
        }
        stopped?.map_err(failed)?;
        Ok(Served { requests: context.progress().done(), seconds: began.elapsed() })
    }
}

/// What is served, for this machine alone, until the job is stopped.
pub(super) fn routes(context: JobContext) -> Router {
    Router::new()
        .route("/", get(async || HELP))
        .route("/bytes/{size}", get(bytes))
        .route("/delay/{milliseconds}", get(delay))
        .route("/json/{items}", get(json))
        .route("/error/{status}", get(error))
        .route("/query", get(query))
        .route("/compute", get(compute))
        .layer(middleware::from_fn_with_state(context.clone(), guard))
        .with_state(context)
}

/// What counts the requests that are served.
#[derive(Clone)]
struct Counter {
    context: JobContext,
    /// When it last woke the window.
    woken: Arc<Mutex<Option<Instant>>>,
}

impl Counter {
    /// Counts one more. A window that rests meanwhile is woken; after that it looks by itself for a while.
    fn add(&self) {
        self.context.progress().add(1);
        let now = Instant::now();
        let mut woken = self.woken.lock();
        if woken.is_none_or(|then| now.saturating_duration_since(then) >= WAKE_EVERY) {
            *woken = Some(now);
            drop(woken);
            self.context.wake();
        }
    }
}

/// Counts the requests that are served.
async fn count(State(counter): State<Counter>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() != StatusCode::FORBIDDEN {
        counter.add();
    }
    response
}

/// Turns away those that do not name this machine.
async fn guard(State(context): State<JobContext>, request: Request, next: Next) -> Response {
    let header = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 says it in the address (RFC 9113, section 8.3.1).
    let host = header.or(request.uri().authority().map(Authority::as_str)).unwrap_or_default();
    if !is_loopback(host) {
        return (StatusCode::FORBIDDEN, "Only this machine is served, by the name 127.0.0.1 or localhost\n")
            .into_response();
    }
    // A server that is paused answers nobody until it goes on.
    if context.checkpoint().await.is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

/// Whether a Host header names the loopback, with or without a port.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name.to_ascii_lowercase().as_str(), "127.0.0.1" | "localhost" | "::1")
}

#[derive(serde::Deserialize)]
struct Pace {
    /// The most bytes a second, as a person writes them.
    rate: Option<String>,
}

async fn bytes(
    State(context): State<JobContext>,
    Path(size): Path<String>,
    Query(pace): Query<Pace>,
    request: HeaderMap,
) -> Response {
    let (len_bytes, rate) = match (units::parse_bytes(&size), pace.rate.as_deref().map(units::parse_bytes).transpose())
    {
        (Ok(len_bytes), Ok(rate)) => (len_bytes, rate),
        (Err(message), _) | (_, Err(message)) => return (StatusCode::BAD_REQUEST, message).into_response(),
    };
    let piece_bytes = piece_bytes(rate);
    let tag = format!("\"{len_bytes}-{piece_bytes}\"");
    let header = |name: HeaderName| request.get(name).and_then(|value| value.to_str().ok());
    let headers = |part_bytes: u64| {
        let name = size.replace(['"', '\\', ' '], "");
        [
            (CONTENT_TYPE, "application/octet-stream".to_owned()),
            (CONTENT_LENGTH, part_bytes.to_string()),
            (CONTENT_DISPOSITION, format!("attachment; filename=\"practice-{name}.bin\"")),
            (ACCEPT_RANGES, "bytes".to_owned()),
            (ETAG, tag.clone()),
        ]
    };
    match Asked::of(header(RANGE), header(IF_RANGE), &tag, len_bytes) {
        Asked::All => (headers(len_bytes), Body::from_stream(paced(context, 0..len_bytes, rate))).into_response(),
        Asked::Part(part) => {
            let part_of = format!("bytes {}-{}/{len_bytes}", part.start, part.end.saturating_sub(1));
            let headers = (headers(part.end.saturating_sub(part.start)), [(CONTENT_RANGE, part_of)]);
            (StatusCode::PARTIAL_CONTENT, headers, Body::from_stream(paced(context, part, rate))).into_response()
        }
        Asked::Beyond => {
            let headers = [(CONTENT_RANGE, format!("bytes */{len_bytes}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers, "There are no such bytes\n").into_response()
        }
    }
}

/// What is sent in one piece: twenty pieces a second keep a slow stream even.
fn piece_bytes(rate: Option<u64>) -> usize {
    rate.map_or(PIECE_BYTES, |rate| usize::try_from(rate / 20).unwrap_or(PIECE_BYTES).clamp(1, PIECE_BYTES))
}

/// The bytes in `range`, at most `rate` a second, until the server stops.
fn paced(context: JobContext, range: Range<u64>, rate: Option<u64>) -> impl Stream<Item = Result<Bytes, JobError>> {
    let began = tokio::time::Instant::now();
    let (start, end, piece) = (range.start, range.end, piece_bytes(rate));
    stream::try_unfold((context, start), move |(context, at)| async move {
        context.checkpoint().await?;
        if at >= end {
            return Ok(None);
        }
        if let Some(rate) = rate {
            #[expect(clippy::cast_precision_loss, reason = "a time to wait")]
            let due = began + Duration::from_secs_f64((at - start) as f64 / rate.max(1) as f64);
            context.unless_cancelled(tokio::time::sleep_until(due)).await?;
        }
        // Each byte is the same in whichever part it is sent.
        let from = usize::try_from(at % piece as u64).unwrap_or(0);
        let count = usize::try_from(end - at).unwrap_or(piece).min(piece - from);
        Ok(Some((noise().slice(from..from + count), (context, at + count as u64))))
    })
}

/// Bytes that do not compress, made once.
fn noise() -> &'static Bytes {
    static NOISE: OnceLock<Bytes> = OnceLock::new();
    NOISE.get_or_init(|| {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let words = std::iter::repeat_with(|| {
            // xorshift64 (Marsaglia, 2003)
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        words.take(PIECE_BYTES / 8).flatten().collect()
    })
}

async fn delay(State(context): State<JobContext>, Path(milliseconds): Path<u64>) -> Response {
    let wait = Duration::from_millis(milliseconds).min(MAX_DELAY);
    match context.unless_cancelled(tokio::time::sleep(wait)).await {
        Ok(()) => format!("Answered after {}\n", units::duration(wait)).into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

async fn json(State(context): State<JobContext>, Path(items): Path<u64>) -> Response {
    let pages = stream::try_unfold((context, 0_u64), move |(context, from)| async move {
        context.checkpoint().await?;
        if from > items {
            return Ok::<_, JobError>(None);
        }
        let to = (from + 1_000).min(items);
        let mut page = String::from(if from == 0 { "[" } else { "" });
        for id in from..to {
            let comma = if id == 0 { "" } else { "," };
            let _ = write!(page, "{comma}\n{{\"id\":{id},\"name\":\"user {id}\",\"active\":{}}}", id % 3 != 0);
        }
        if to == items {
            page.push_str("\n]\n");
        }
        // One past the end says that the closing bracket was sent.
        let next = if to == items { items + 1 } else { to };
        Ok(Some((Bytes::from(page), (context, next))))
    });
    ([(CONTENT_TYPE, "application/json")], Body::from_stream(pages)).into_response()
}

async fn error(Path(status): Path<u16>) -> Response {
    match StatusCode::from_u16(status) {
        Ok(status) if status.is_client_error() || status.is_server_error() => {
            (status, format!("This is the error {status} that was asked for\n")).into_response()
        }
        _ => (StatusCode::BAD_REQUEST, "Ask for a status from 400 to 599\n").into_response(),
    }
}

/// How many queries the database is given at once, as a pool of connections would.
static CONNECTIONS: Semaphore = Semaphore::const_new(4);
/// A query that takes some milliseconds and needs no table.
const QUERY: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000) \
                     SELECT sum(x * x % 7) FROM n";

/// A driver that blocks, as most do, is given threads of its own; who waits for it holds none.
async fn query(State(context): State<JobContext>) -> Response {
    let sum = async {
        let _connection = CONNECTIONS.acquire().await;
        tokio::task::spawn_blocking(|| Connection::open_in_memory()?.query_row(QUERY, [], |row| row.get::<_, i64>(0)))
            .await
    };
    match context.unless_cancelled(sum).await {
        Ok(Ok(Ok(sum))) => format!("{sum}\n").into_response(),
        Ok(Ok(Err(error))) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
        Ok(Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What is hashed for one answer: some milliseconds of a core.
const COMPUTED_PIECES: usize = 16;

/// Computed where it is asked for, so that it has just as many cores as the server has threads.
async fn compute() -> String {
    let mut hash = Sha256::new();
    (0..COMPUTED_PIECES).for_each(|_| hash.update(noise()));
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Why the server could not be started.
#[derive(Debug, thiserror::Error)]
#[error("The practice server could not listen at port {port}")]
struct ServeError {
    port: u16,
    source: std::io::Error,
}

impl Failure for ServeError {
    fn advice(&self) -> String {
        "Another program may use the port; leave it out to get one that is free.".into()
    }
}

impl Outcome for Served {
    fn summary(&self) -> String {
        format!("{} in {}", units::count(self.requests, "request"), units::duration(self.seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_of_this_machine_are_served() {
        for host in ["127.0.0.1:80", "localhost", "LOCALHOST:1", "[::1]:80", "127.0.0.1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.org", "127.0.0.1.example.org", "localhost.example.org:80", "10.0.0.1"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
