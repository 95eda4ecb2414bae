//! What can be tried without a file or a network: the first sample, and a download from the practice server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;

use super::App;
use crate::practice::{Sample, SampleKind, Serve};
use crate::transfer::Download;
use crate::work::Request;

/// What the practice server is asked for from the welcome page: large enough to be seen, slow enough to be watched.
const PRACTICE_PATH: &str = "bytes/200MB?rate=40MB";

impl App {
    pub(super) fn download_from_practice(&mut self) {
        self.practice_waits = true;
        if self.practice_address().is_none() {
            self.submit(Serve::default());
        }
    }

    /// Downloads from the practice server as soon as it is known where it listens.
    pub(super) fn ask_practice(&mut self) {
        if !self.practice_waits {
            return;
        }
        let Some(address) = self.practice_address() else {
            // It has failed, and its card says why.
            self.practice_waits = false;
            return;
        };
        let address = *address.lock();
        if let Some(address) = address {
            self.practice_waits = false;
            self.start(Download::new(format!("http://{address}/{PRACTICE_PATH}"), None).into());
        }
    }

    /// Whether this is a download from a practice server at a port that was free by chance: after a restart nobody listens
    /// there.
    pub(super) fn comes_from_practice(&self, work: &Request) -> bool {
        let Request::Download(download) = work else { return false };
        let Ok(url) = url::Url::parse(&download.url) else { return false };
        let port = url.port_or_known_default().filter(|_| matches!(url.host_str(), Some("127.0.0.1" | "localhost")));
        port.is_some_and(|port| {
            self.engine.jobs().any(|job| match job.work() {
                Request::Serve(Serve { port: 0, address }) => {
                    address.lock().is_some_and(|address| address.port() == port)
                }
                _ => false,
            })
        })
    }

    /// Where the practice server that runs listens, or will.
    pub(super) fn practice_address(&self) -> Option<Arc<Mutex<Option<SocketAddr>>>> {
        self.engine.jobs().filter(|job| !job.status().ended()).find_map(|job| match job.work() {
            Request::Serve(serve) => Some(Arc::clone(&serve.address)),
            _ => None,
        })
    }
}

/// What the welcome page writes.
pub(super) fn first_sample() -> Sample {
    Sample { kind: SampleKind::Log, output: PathBuf::new(), size: 1_000_000_000, seed: 0 }
}
