//! Parts of a file over HTTP (RFC 9110, section 14): what is asked for, and what the answers mean. Owned by a remote file; its
//! futures are driven by the program's runtime. Of all sources only this one speaks HTTP, and it must not know what becomes
//! of the bytes.

use std::error::Error;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, Response, StatusCode};
use tokio::time::{sleep, timeout};
use url::{Host, Url};

use super::RemoteError;
use super::address::{can_be_fetched, shown};
use super::content_range::ContentRange;

/// How long the server may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long the server may send nothing.
const SILENCE_LIMIT: Duration = Duration::from_secs(20);
/// Redirects that are followed.
const MAX_REDIRECTS: usize = 10;
/// What the first request asks for.
const START_BYTES: u64 = 64 << 10;
/// How often in a row something passing may go wrong until it is told.
const MAX_FAILURES: u32 = 4;
/// The pause after the first of them; after each further one it is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A file on a server that gives parts of it.
pub(super) struct Parts {
    client: Client,
    url: Url,
    len_bytes: u64,
    /// What the file was known by when it was opened.
    seen: Validators,
    /// Whether parts are asked for on the condition that it is still that file.
    conditional: AtomicBool,
}

impl Parts {
    /// Asks for the beginning of the file at `url`, and gives what has come of it.
    ///
    /// # Errors
    /// When there is none, it can not be fetched, or the server gives no parts.
    pub(super) async fn open(url: Url) -> Result<(Self, Vec<u8>), RemoteError> {
        let client = client_for(&url)?;
        // Never a probe: there are links that can be followed only once, and servers that refuse to tell without giving.
        let response = send(&client, &url, &format!("bytes=0-{}", START_BYTES - 1), None).await?;
        let (seen, told) = (Validators::of(response.headers()), content_range(response.headers()));
        let (len_bytes, start_bytes) = match (response.status(), told) {
            (StatusCode::PARTIAL_CONTENT, Some(ContentRange { part: Some(part), len_bytes: Some(len_bytes) }))
                if part.start == 0 =>
            {
                (len_bytes, part.end.min(START_BYTES))
            }
            // Of an empty file there is no part; some servers then give all of it, which is as good.
            (StatusCode::RANGE_NOT_SATISFIABLE, Some(ContentRange { part: None, len_bytes: Some(0) })) => (0, 0),
            (StatusCode::OK, _) if response.content_length() == Some(0) => (0, 0),
            _ => return Err(RemoteError::NoParts { address: shown(&url) }),
        };
        let mut part = Part { response, left: start_bytes, url: url.clone() };
        let mut start = Vec::new();
        while let Some(piece) = part.next().await? {
            start.extend_from_slice(&piece);
        }
        Ok((Self { client, url, len_bytes, seen, conditional: AtomicBool::new(true) }, start))
    }

    /// How many bytes the file has.
    pub(super) const fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// Its address, as it may be shown.
    pub(super) fn shown(&self) -> String {
        shown(&self.url)
    }

    /// Asks for `wanted`, which is not empty. The answer may be the beginning of it.
    async fn ask(&self, wanted: &Range<u64>) -> Result<Part, RemoteError> {
        let last = if wanted.end < self.len_bytes { wanted.end.saturating_sub(1).to_string() } else { String::new() };
        let range = format!("bytes={}-{last}", wanted.start);
        loop {
            let known = self.seen.strong().filter(|_| self.conditional.load(Relaxed));
            let response = send(&self.client, &self.url, &range, known).await?;
            match response.status() {
                StatusCode::PARTIAL_CONTENT => return self.part(response, wanted),
                StatusCode::OK if self.is_other(&response) => return Err(self.changed()),
                // There are servers that take each condition for not met, though they name the same validator; whether it is
                // the same file is then told by that of the part.
                StatusCode::OK if known.is_some() => self.conditional.store(false, Relaxed),
                StatusCode::OK => return Err(RemoteError::NoParts { address: self.shown() }),
                _ => return Err(self.changed()),
            }
        }
    }

    fn changed(&self) -> RemoteError {
        RemoteError::Changed { address: self.shown() }
    }

    /// Whether this is all of another file than was opened.
    fn is_other(&self, response: &Response) -> bool {
        self.seen.contradict(&Validators::of(response.headers()))
            || response.content_length().is_some_and(|len_bytes| len_bytes != self.len_bytes)
    }

    /// What has come of `wanted`, if it is that.
    fn part(&self, response: Response, wanted: &Range<u64>) -> Result<Part, RemoteError> {
        let address = self.shown();
        let told = content_range(response.headers());
        let Some(ContentRange { part: Some(part), len_bytes }) = told else {
            return Err(RemoteError::Unasked { what: "a part of the file without saying which", address });
        };
        let other_length = len_bytes.is_some_and(|len_bytes| len_bytes != self.len_bytes);
        if other_length || self.seen.contradict(&Validators::of(response.headers())) {
            return Err(self.changed());
        }
        if part.start != wanted.start {
            return Err(RemoteError::Unasked { what: "another part of the file than was asked for", address });
        }
        let left = part.end.min(wanted.end).saturating_sub(wanted.start);
        Ok(Part { response, left, url: self.url.clone() })
    }
}

/// An answer on its way.
struct Part {
    response: Response,
    /// How much of it is wanted still.
    left: u64,
    url: Url,
}

impl Part {
    /// What comes next; `None` when all of it has come.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, RemoteError> {
        if self.left == 0 {
            return Ok(None);
        }
        let chunk = timeout(SILENCE_LIMIT, self.response.chunk()).await.map_err(|_| silent(&self.url))?;
        let Some(chunk) = chunk.map_err(|source| of_request(source, &self.url))? else {
            return Err(RemoteError::BrokenOff { address: shown(&self.url), source: None });
        };
        let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(chunk.len());
        self.left = self.left.saturating_sub(count as u64);
        Ok(Some(chunk.get(..count).unwrap_or_default().to_vec()))
    }
}

/// A run of bytes, asked for at once, and where a connection breaks off, gone on with from there.
pub(super) struct Run {
    parts: Arc<Parts>,
    at: u64,
    end: u64,
    part: Option<Part>,
    /// How often in a row it went wrong.
    failures: u32,
}

impl Run {
    pub(super) fn new(parts: Arc<Parts>, range: Range<u64>) -> Self {
        Self { parts, at: range.start, end: range.end, part: None, failures: 0 }
    }

    /// What comes next; `None` at the end.
    ///
    /// # Errors
    /// When it can not be read, or several attempts in a row went wrong.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, RemoteError> {
        while self.at < self.end {
            match self.piece().await {
                Ok(Some(piece)) => {
                    self.at = self.at.saturating_add(piece.len() as u64);
                    self.failures = 0;
                    return Ok(Some(piece));
                }
                // The server gave less than it was asked for.
                Ok(None) => self.part = None,
                Err(error) => {
                    self.part = None;
                    self.failures += 1;
                    if !error.is_passing() || self.failures >= MAX_FAILURES {
                        return Err(error);
                    }
                    tracing::debug!(%error, at = self.at, "asked again for a part of a file");
                    sleep(FIRST_PAUSE * 2_u32.saturating_pow(self.failures - 1)).await;
                }
            }
        }
        Ok(None)
    }

    async fn piece(&mut self) -> Result<Option<Vec<u8>>, RemoteError> {
        if self.part.is_none() {
            self.part = Some(self.parts.ask(&(self.at..self.end)).await?);
        }
        let Some(part) = &mut self.part else { return Ok(None) };
        part.next().await
    }
}

/// What a server tells a version of a file from another by.
struct Validators {
    tag: Option<HeaderValue>,
    modified: Option<HeaderValue>,
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        Self { tag: headers.get(ETAG).cloned(), modified: headers.get(LAST_MODIFIED).cloned() }
    }

    /// The one that a part can be asked for on the condition of: a weak one does not say that the bytes are the same
    /// (RFC 9110, section 13.1.5).
    fn strong(&self) -> Option<&HeaderValue> {
        self.tag.as_ref().filter(|tag| !tag.as_bytes().starts_with(b"W/")).or(self.modified.as_ref())
    }

    /// Whether they are certainly not of the same version.
    fn contradict(&self, others: &Self) -> bool {
        match (&self.tag, &others.tag) {
            (Some(one), Some(other)) => opaque(one) != opaque(other),
            _ => matches!((&self.modified, &others.modified), (Some(one), Some(other)) if one != other),
        }
    }
}

/// A tag without the sign of a weak one, which a server may set and leave out as it packs answers.
fn opaque(tag: &HeaderValue) -> &[u8] {
    let tag = tag.as_bytes();
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    ContentRange::parse(headers.get(CONTENT_RANGE)?.to_str().ok()?)
}

/// Makes a request, and gives the answer if it is a success, or word that there is no such part.
async fn send(client: &Client, url: &Url, range: &str, known: Option<&HeaderValue>) -> Result<Response, RemoteError> {
    let mut request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity").header(RANGE, range);
    if let Some(known) = known {
        request = request.header(IF_RANGE, known.clone());
    }
    let response = timeout(SILENCE_LIMIT, request.send()).await.map_err(|_| silent(url))?;
    let response = response.map_err(|source| of_request(source, url))?;
    let (status, address) = (response.status(), shown(url));
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => Ok(response),
        _ if status.is_redirection() => Err(RemoteError::LeadsNowhere { status: status.to_string(), address }),
        _ if status.is_client_error() || status.is_server_error() => {
            let in_a_moment = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
            let passing = in_a_moment || status.is_server_error();
            Err(RemoteError::Refused { status: status.to_string(), passing, address })
        }
        _ => Err(RemoteError::Unasked { what: "no file", address }),
    }
}

/// The client for `url`: one for this machine, which no proxy stands before, and one for all others. Each is made once,
/// so that connections are used again.
fn client_for(url: &Url) -> Result<Client, RemoteError> {
    static NEAR: OnceLock<Client> = OnceLock::new();
    static FAR: OnceLock<Client> = OnceLock::new();
    let near = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let slot = if near { &NEAR } else { &FAR };
    if let Some(client) = slot.get() {
        return Ok(client.clone());
    }
    let builder = Client::builder()
        .user_agent(concat!("antifreeze/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_LIMIT)
        .redirect(Policy::custom(follow));
    let builder = if near { builder.no_proxy() } else { builder };
    let client = builder.build().map_err(|source| RemoteError::NoClient(source.into()))?;
    Ok(slot.get_or_init(|| client).clone())
}

fn follow(attempt: Attempt<'_>) -> Action {
    // The first of them is where it all began.
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if can_be_fetched(attempt.url()) {
        attempt.follow()
    } else {
        // The answer is then the redirect itself, which can be told better than what the client makes of it.
        attempt.stop()
    }
}

fn silent(url: &Url) -> RemoteError {
    RemoteError::TimedOut { address: shown(url) }
}

/// Tells apart what a failed request was about.
fn of_request(source: reqwest::Error, url: &Url) -> RemoteError {
    let host = url.host_str().unwrap_or_default().to_owned();
    let address = shown(url);
    let causes = causes(&source);
    let source = source.without_url();
    if source.is_redirect() {
        RemoteError::RedirectLoop { address, source: source.into() }
    } else if source.is_timeout() {
        RemoteError::TimedOut { address }
    } else if causes.contains("certificate") {
        RemoteError::Certificate { host, source: source.into() }
    } else if causes.contains("dns error") {
        RemoteError::NameNotFound { host, source: source.into() }
    } else if source.is_connect() {
        let server = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        RemoteError::Unreachable { server, source: source.into() }
    } else if source.is_body() || source.is_decode() {
        RemoteError::BrokenOff { address, source: Some(source.into()) }
    } else {
        RemoteError::Protocol { address, source: source.into() }
    }
}

/// The texts of what lies below an error; its own may hold the address, whose words mean nothing.
fn causes(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        text.push('\n');
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validators(tag: Option<&'static str>, modified: Option<&'static str>) -> Validators {
        Validators { tag: tag.map(HeaderValue::from_static), modified: modified.map(HeaderValue::from_static) }
    }

    #[test]
    fn versions_are_told_apart_by_what_both_have() {
        let (monday, tuesday) = (Some("Mon, 01 Jun 2026 00:00:00 GMT"), Some("Tue, 02 Jun 2026 00:00:00 GMT"));
        for (one, other, contradict) in [
            (validators(Some("\"a\""), monday), validators(Some("\"a\""), tuesday), false),
            (validators(Some("\"a\""), monday), validators(Some("\"b\""), monday), true),
            (validators(Some("\"a\""), None), validators(Some("W/\"a\""), None), false),
            (validators(None, monday), validators(Some("\"b\""), tuesday), true),
            (validators(Some("\"a\""), None), validators(None, monday), false),
            (validators(None, None), validators(None, None), false),
        ] {
            assert_eq!((one.contradict(&other), other.contradict(&one)), (contradict, contradict));
        }
    }

    #[test]
    fn a_condition_is_made_of_a_strong_tag_or_else_of_the_time() {
        let monday = "Mon, 01 Jun 2026 00:00:00 GMT";
        for (tag, modified, condition) in [
            (Some("\"a\""), Some(monday), Some("\"a\"")),
            (Some("W/\"a\""), Some(monday), Some(monday)),
            (Some("W/\"a\""), None, None),
            (None, Some(monday), Some(monday)),
        ] {
            let validators = validators(tag, modified);
            assert_eq!(validators.strong().and_then(|known| known.to_str().ok()), condition);
        }
    }
}
