//! The job that downloads one file over http or https: streamed to a part file beside the target, never more than a
//! block in memory. The first request is the download itself; nothing is probed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_DISPOSITION, HeaderValue, LOCATION};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, Response};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use url::{Host, Url};

use super::TransferError;
use super::address::{can_be_fetched, parse, shown, shown_text, without_password};
use super::error::BodyStart;
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Arrival, Arriving, ByteOffset, PartFile, Target, as_typed, file_name};
use crate::units;

/// How long the server may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long the server may send nothing.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// How long the body of a refusal is waited for.
const BODY_START_LIMIT: Duration = Duration::from_secs(2);
/// Redirects that are followed.
const MAX_REDIRECTS: usize = 10;
/// What is gathered before it is written.
const BLOCK_BYTES: usize = 1 << 20;
/// How long what is gathered waits at most while more comes: somebody may look at what is there.
const WRITE_INTERVAL: Duration = Duration::from_millis(200);
/// What is shown of the body of a refusal.
const BODY_START_BYTES: usize = 300;

tokio::task_local! {
    /// Where the request that is under way was sent last: reqwest tells of a failed connection only where it all began.
    static LAST_HOP: Arc<Mutex<Url>>;
}

/// A file to be downloaded.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Download {
    /// Its http or https address
    pub url: String,
    /// Where to write it: a file that does not exist yet, or a folder [default: here, under the server's name for it]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// What is there of it, for whoever looks at it meanwhile.
    #[arg(skip)]
    #[serde(skip)]
    arriving: Arriving,
}

impl Download {
    /// The file at `url`, to be written to `output` or, if that is not given, under the server's name for it.
    #[must_use]
    pub fn new(url: String, output: Option<PathBuf>) -> Self {
        Self { url, output, arriving: Arriving::default() }
    }

    /// What is there of it.
    #[must_use]
    pub const fn arriving(&self) -> &Arriving {
        &self.arriving
    }
}

/// What was downloaded.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Downloaded {
    /// Where it is.
    #[serde(serialize_with = "crate::units::as_text")]
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of what was written, in hexadecimal.
    pub sha256: String,
    /// What an earlier, interrupted download had left and was used.
    pub resumed_bytes: u64,
    /// How many ranges it came in.
    pub segments: u32,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Job for Download {
    type Outcome = Downloaded;
    const KIND: Kind = Kind { name: "download", at_once: 4, comes_back: true };

    fn title(&self) -> String {
        Url::parse(&self.url).map_or_else(|_| shown_text(&self.url), |url| file_name::choose(None, &url))
    }

    fn in_folder(mut self, folder: &Path) -> Self {
        self.output = Some(self.output.map_or_else(|| folder.to_owned(), |output| folder.join(as_typed(&output))));
        self
    }

    fn for_keeping(mut self) -> Self {
        self.url = without_password(&self.url);
        self
    }

    async fn run(self, context: JobContext) -> Result<Downloaded, JobError> {
        let began = Instant::now();
        let url = parse(&self.url).map_err(JobError::failed)?;
        context.progress().set_note("Connecting");
        let client = client_for(&url).map_err(JobError::failed)?;
        let response = context.unless_cancelled(request(&client, &url)).await?.map_err(JobError::failed)?;
        context.progress().set_note("");
        context.progress().set_total(response.content_length());

        let disposition = response.headers().get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
        let name = file_name::choose(disposition, response.url());
        let (told, arriving) = (response.content_length(), self.arriving.clone());
        let create = move || {
            let part = PartFile::create(Target::new(self.output.as_deref(), Path::new(""), name))?;
            part.check_room(told.unwrap_or(0)).map(|()| part)
        };
        let part = context.blocking(create).await?.map_err(JobError::failed)?;
        let arrival = arriving.begin(part.path(), told);
        let (part, hash) = receive(response, part, &arrival, &context).await?;
        context.checkpoint().await?;
        context.progress().set_note("Syncing to disk");
        let part = context.blocking(move || part.sync().map(|()| part)).await?.map_err(JobError::failed)?;
        // Who cancels while the disk is slow does not want the file.
        context.checkpoint().await?;
        let path = context.blocking(move || part.commit()).await?.map_err(JobError::failed)?;
        arrival.complete();
        Ok(Downloaded {
            path,
            bytes: context.progress().done(),
            sha256: hex(&hash.finalize()),
            resumed_bytes: 0,
            segments: 1,
            seconds: began.elapsed(),
        })
    }
}

async fn request(client: &Client, url: &Url) -> Result<Response, TransferError> {
    let last_hop = Arc::new(Mutex::new(url.clone()));
    let request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity").send();
    let response = timeout(SILENCE_LIMIT, LAST_HOP.scope(Arc::clone(&last_hop), request)).await;
    let last_hop = last_hop.lock().clone();
    let response = response.map_err(|_| TransferError::silent(&last_hop))?;
    let mut response = response.map_err(|source| TransferError::of_request(source, &last_hop, 0))?;
    let status = response.status();
    let location = response.headers().get(LOCATION).map(HeaderValue::as_bytes);
    if let Some(error) = TransferError::of_status(status, location, response.url()) {
        return Err(error);
    }
    if status.is_success() {
        return Ok(response);
    }
    let mut start = Vec::new();
    let read = async {
        while start.len() < BODY_START_BYTES
            && let Ok(Some(chunk)) = response.chunk().await
        {
            start.extend_from_slice(&chunk);
        }
    };
    // What has come in a moment is enough to see why.
    let _ = timeout(BODY_START_LIMIT, read).await;
    start.truncate(BODY_START_BYTES);
    let source = BodyStart::of(&start);
    Err(TransferError::Refused { status, address: shown(response.url()), source })
}

async fn receive(
    mut response: Response,
    mut part: PartFile,
    arrival: &Arrival,
    context: &JobContext,
) -> Result<(PartFile, Sha256), JobError> {
    let url = response.url().clone();
    let mut hash = Sha256::new();
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    let (mut written, mut last_write) = (ByteOffset(0), Instant::now());
    loop {
        context.checkpoint().await?;
        // Not the client's own limit, which would count the time of a pause and of a slow disk as silence too.
        let chunk = context.unless_cancelled(timeout(SILENCE_LIMIT, response.chunk())).await?;
        let chunk = chunk
            .map_err(|_| JobError::failed(TransferError::silent(&url)))?
            .map_err(|source| JobError::failed(TransferError::of_request(source, &url, context.progress().done())))?;
        let ended = chunk.is_none();
        if let Some(chunk) = chunk {
            block.extend_from_slice(&chunk);
            context.progress().add(chunk.len() as u64);
        }
        let due = ended || last_write.elapsed() >= WRITE_INTERVAL;
        if block.len() >= BLOCK_BYTES || (due && !block.is_empty()) {
            let end = written.plus(block.len() as u64);
            let write = move || {
                hash.update(&block);
                part.write(&block).map(|()| {
                    block.clear();
                    (part, hash, block)
                })
            };
            (part, hash, block) = context.blocking(write).await?.map_err(JobError::failed)?;
            arrival.add(written..end);
            (written, last_write) = (end, Instant::now());
        }
        if ended {
            return Ok((part, hash));
        }
    }
}

/// The client for `url`: one for this machine, which no proxy stands before, and one for all others. Each is made once,
/// so that connections are used again.
fn client_for(url: &Url) -> Result<Client, TransferError> {
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
    let client = builder.build().map_err(TransferError::NoClient)?;
    Ok(slot.get_or_init(|| client).clone())
}

fn follow(attempt: Attempt<'_>) -> Action {
    // The first of them is where it all began.
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error("too many redirects");
    }
    // The answer is then the redirect itself, which can be told better than what reqwest makes of it.
    if !can_be_fetched(attempt.url()) {
        return attempt.stop();
    }
    // It fails where nobody asks for the last hop.
    let _ = LAST_HOP.try_with(|last_hop| last_hop.lock().clone_from(attempt.url()));
    attempt.follow()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Outcome for Downloaded {
    fn summary(&self) -> String {
        format!("{} · {}", units::bytes(self.bytes), units::duration(self.seconds))
    }

    fn made(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}
