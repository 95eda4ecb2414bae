//! Many simulated users who ask a practice server at the same moment, and a server that handles them one after the other
//! or asynchronously, on as many threads as the person sets. It shows that concurrency is not parallelism: one thread
//! serves a thousand requests that wait.
//!
//! The server has threads of its own; the users are tasks on the workers. All of it stays on the loopback.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::middleware::{self, Next};
use axum::response::Response;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;

use super::attendance::{Attendance, Figures};
use super::server::routes;
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome, Unit, Workers};
use crate::units;

/// The header by which the server knows whose request it is.
const USER: &str = "x-user";
/// So many users share a connection, as HTTP/2 lets them: a socket for each would be more than many systems allow.
const USERS_A_CONNECTION: usize = 200;
/// The most users that are simulated.
pub const MAX_USERS: u32 = 20_000;
/// The most threads that the server gets.
pub const MAX_THREADS: u16 = 64;
/// The longest that the waiting endpoint waits, in milliseconds.
pub const MAX_WAIT_MS: u32 = 60_000;

/// What the users ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// An answer that has to be waited for
    #[default]
    Wait,
    /// An answer with a database query behind it
    Query,
    /// An answer that has to be computed
    Compute,
}

/// Users who all ask at once.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Crowd {
    /// How many users ask
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_USERS)))]
    pub users: u32,
    /// What they ask for
    #[arg(long, value_enum, default_value_t)]
    pub endpoint: Endpoint,
    /// How long the waiting endpoint waits, in milliseconds
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_WAIT_MS)))]
    pub wait_ms: u32,
    /// On how many threads the server runs
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_THREADS)))]
    pub threads: u16,
    /// Let the server handle one request after the other
    #[arg(long)]
    pub one_by_one: bool,
    /// What becomes of them, once they have begun.
    #[arg(skip)]
    #[serde(skip)]
    pub attendance: Arc<Mutex<Option<Arc<Attendance>>>>,
}

/// What became of a crowd.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Attended {
    /// How many users there were.
    pub users: usize,
    /// On how many threads the server ran.
    pub threads: u16,
    /// Whether it handled one request after the other.
    pub one_by_one: bool,
    /// How it went.
    #[serde(flatten)]
    pub figures: Figures,
}

impl Job for Crowd {
    type Outcome = Attended;
    const KIND: Kind = Kind { name: "crowd", at_once: 1, comes_back: false };

    fn title(&self) -> String {
        units::count(u64::from(self.users), "user")
    }

    async fn run(self, context: JobContext) -> Result<Attended, JobError> {
        let users = usize::try_from(self.users).unwrap_or(usize::MAX);
        let attendance = Arc::new(Attendance::of(users));
        *self.attendance.lock() = Some(Arc::clone(&attendance));
        context.progress().set_unit(Unit::Items);
        context.progress().set_total(Some(u64::from(self.users)));
        let no_server = |source: io::Error| JobError::failed(CrowdError::NoServer { source });
        // The threads go when this goes, whatever becomes of the job.
        let server = Workers::named("practice server", self.threads.into()).map_err(no_server)?;
        let one_by_one = self.one_by_one.then(|| Arc::new(Semaphore::new(1)));
        let handling = Handling { attendance: Arc::clone(&attendance), one_by_one };
        let runtime = server.handle().map_err(no_server)?;
        let address = start(&runtime, handling, context.clone()).await.map_err(no_server)?;
        context.unless_cancelled(self.ask(address, &attendance, &context)).await??;
        let figures = attendance.figures();
        Ok(Attended { users, threads: self.threads, one_by_one: self.one_by_one, figures })
    }
}

impl Crowd {
    async fn ask(
        &self,
        address: SocketAddr,
        attendance: &Arc<Attendance>,
        context: &JobContext,
    ) -> Result<(), JobError> {
        let path = match self.endpoint {
            Endpoint::Wait => format!("/delay/{}", self.wait_ms),
            Endpoint::Query => "/query".to_owned(),
            Endpoint::Compute => "/compute".to_owned(),
        };
        let url = Uri::builder().scheme("http").authority(address.to_string()).path_and_query(path).build();
        let url = url.map_err(|error| JobError::failed(CrowdError::NoServer { source: io::Error::other(error) }))?;
        let failed = |source| JobError::failed(CrowdError::NoAnswer { url: url.to_string(), source });
        // Dropped with this future, it takes all users along.
        let mut users = JoinSet::new();
        for first in (0..attendance.users()).step_by(USERS_A_CONNECTION) {
            let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
            for user in first..(first + USERS_A_CONNECTION).min(attendance.users()) {
                let (client, url, attendance) = (client.clone(), url.clone(), Arc::clone(attendance));
                users.spawn(async move { visit(&client, url, user, &attendance).await });
            }
        }
        while let Some(ended) = users.join_next().await {
            ended.map_err(|_| JobError::Lost)?.map_err(failed)?;
            context.progress().add(1);
        }
        Ok(())
    }
}

/// What went wrong for a user.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

async fn visit(
    client: &Client<HttpConnector, Empty<Bytes>>,
    url: Uri,
    user: usize,
    attendance: &Attendance,
) -> Result<(), Trouble> {
    let question = axum::http::Request::get(url).header(USER, user).body(Empty::new())?;
    attendance.sent(user);
    let answer = client.request(question).await?;
    if !answer.status().is_success() {
        return Err(format!("the server said {}", answer.status()).into());
    }
    answer.into_body().collect().await?;
    attendance.answered(user);
    Ok(())
}

/// How the server handles what it is asked.
#[derive(Clone)]
struct Handling {
    attendance: Arc<Attendance>,
    one_by_one: Option<Arc<Semaphore>>,
}

/// Starts the server on its own threads, and gives its address.
async fn start(threads: &Handle, handling: Handling, context: JobContext) -> io::Result<SocketAddr> {
    let (ready, address) = oneshot::channel();
    drop(threads.spawn(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listening = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = match listening {
            Ok(listening) => listening,
            Err(error) => return drop(ready.send(Err(error))),
        };
        drop(ready.send(Ok(address)));
        let routes: Router = routes(context).layer(middleware::from_fn_with_state(handling, handle));
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::warn!(%error, "the server of the crowd ended");
        }
    }));
    address.await.map_err(|_| io::Error::other("its threads ended"))?
}

/// Notes when a user is served, and holds the others back where one is served after the other.
async fn handle(State(handling): State<Handling>, request: Request, next: Next) -> Response {
    let user = request.headers().get(USER).and_then(|user| user.to_str().ok()?.parse().ok());
    let _turn = match &handling.one_by_one {
        // The semaphore is never closed.
        Some(turns) => turns.acquire().await.ok(),
        None => None,
    };
    if let Some(user) = user {
        handling.attendance.began(user);
    }
    let response = next.run(request).await;
    if let Some(user) = user {
        handling.attendance.served(user);
    }
    response
}

/// Why a crowd was not served.
#[derive(Debug, thiserror::Error)]
enum CrowdError {
    #[error("The server for the users could not be started")]
    NoServer { source: io::Error },
    #[error("A user got no answer from {url}")]
    NoAnswer { url: String, source: Trouble },
}

impl Failure for CrowdError {
    fn advice(&self) -> String {
        match self {
            Self::NoServer { .. } => "The system may be short of threads or ports: try fewer threads.".into(),
            Self::NoAnswer { .. } => "The system may be short of sockets or memory: try fewer users.".into(),
        }
    }
}

impl Outcome for Attended {
    fn summary(&self) -> String {
        let seconds = std::time::Duration::from_secs_f64(self.figures.seconds);
        format!("{} answered in {}", units::number(self.figures.answered as u64), units::duration(seconds))
    }
}
