//! The set of work that this program makes for itself, so that everything can be compared without a file or a network: a
//! log to index, downloads that come slowly, and answers that are waited for.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::Portion;
use crate::document::Open;
use crate::jobs::{Engine, JobId, Mode, Status};
use crate::practice::{Sample, SampleKind, Serve};
use crate::responsiveness::{Nature, Part};
use crate::transfer::Download;
use crate::units;
use crate::work::Request;

/// How large the set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Some five seconds of work.
    Small,
    /// Some three minutes of work: 4 GB to index, eight downloads of 16 s, 200 answers of 100 ms.
    Large,
}

/// What the set consists of.
struct Amounts {
    log_bytes: u64,
    downloads: usize,
    download_bytes: u64,
    rate_bytes: u64,
    answers: usize,
    answer_ms: u64,
}

impl Size {
    const fn amounts(self) -> Amounts {
        let (rate_bytes, small) = (8_000_000, 4_000_000);
        match self {
            Self::Small => Amounts {
                log_bytes: 500_000_000,
                downloads: 6,
                download_bytes: small,
                rate_bytes,
                answers: 20,
                answer_ms: 50,
            },
            Self::Large => Amounts {
                log_bytes: 4_000_000_000,
                downloads: 8,
                download_bytes: 128_000_000,
                rate_bytes,
                answers: 200,
                answer_ms: 100,
            },
        }
    }
}

/// The set while it is being prepared.
pub(super) struct PracticeSet {
    size: Size,
    log: PathBuf,
    sample: JobId,
    server: JobId,
    address: Arc<Mutex<Option<SocketAddr>>>,
}

impl PracticeSet {
    /// Has the log written to `folder` and the practice server started.
    pub(super) fn prepare(size: Size, engine: &mut Engine<Request>, folder: &Path) -> Self {
        let log = folder.join("practice.log");
        let sample = Sample { kind: SampleKind::Log, output: log.clone(), size: size.amounts().log_bytes, seed: 0 };
        let serve = Serve::default();
        let address = Arc::clone(&serve.address);
        let sample = engine.submit(sample.into(), Mode::Background);
        let server = engine.submit(serve.into(), Mode::Background);
        Self { size, log, sample, server, address }
    }

    /// What there is to do, once all of it is there; or what went wrong.
    pub(super) fn parts(&self, engine: &Engine<Request>) -> Option<Result<Vec<Portion>, String>> {
        for id in [self.sample, self.server] {
            let job = engine.job(id)?;
            if job.status().ended() && job.status() != Status::Succeeded {
                let why = job.summary().unwrap_or_default();
                return Some(Err(format!("the practice set could not be prepared: {why}")));
            }
        }
        let address = (*self.address.lock())?;
        if !engine.job(self.sample)?.status().ended() {
            return None;
        }
        let amounts = self.size.amounts();
        let download = |path: String| Request::from(Download::new(format!("http://{address}/{path}"), None));
        let (bytes, rate) = (units::bytes(amounts.download_bytes), units::bytes(amounts.rate_bytes));
        let part = |name, nature, requests: Vec<Request>| (Part { name, nature, jobs: requests.len() }, requests);
        Some(Ok(vec![
            part(
                format!("{} downloads, {bytes} at {rate}/s each", amounts.downloads),
                Nature::Waiting,
                vec![
                    download(format!("bytes/{}?rate={}", amounts.download_bytes, amounts.rate_bytes));
                    amounts.downloads
                ],
            ),
            part(
                format!("{} answers, {} ms each", amounts.answers, amounts.answer_ms),
                Nature::Waiting,
                vec![download(format!("delay/{}", amounts.answer_ms)); amounts.answers],
            ),
            part(
                format!("Index {} of log", units::bytes(amounts.log_bytes)),
                Nature::Computing,
                vec![Open::unshown(self.log.clone()).into()],
            ),
        ]))
    }
}
