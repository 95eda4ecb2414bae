//! What comes back after a restart: taken up at the beginning, kept while the program runs, and at its end.

use std::time::{Duration, Instant};

use super::App;
use crate::jobs::Work as _;
use crate::source::address;
use crate::state::StateFile;
use crate::ui::{SavedTab, Searches, Settings, Shown};
use crate::work::Request;

/// How often it is looked whether something is to be kept.
const KEEP_EVERY: Duration = Duration::from_secs(2);

/// All that comes back, but for what eframe keeps: the place of the window, the theme, the size of the text.
#[derive(Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Saved {
    pub(super) tabs: Vec<SavedTab>,
    pub(super) recent: Vec<String>,
    pub(super) searches: Searches,
    pub(super) settings: Settings,
    pub(super) unfinished: Vec<Request>,
    pub(super) jobs_folded: bool,
}

impl Saved {
    /// What was kept in `state`; what makes no sense is put aside.
    pub(super) fn of(state: &mut StateFile) -> Self {
        let Some(text) = state.take() else { return Self::default() };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            state.refuse(&error.to_string());
            Self::default()
        })
    }
}

fn is_text(tab: &SavedTab) -> bool {
    match &tab.shows {
        Shown::File { path, .. } => path.to_str().is_some(),
        Shown::Page(_) => true,
    }
}

/// What is kept of a tab: of an address no secrets.
fn for_keeping(mut tab: SavedTab) -> SavedTab {
    if let Shown::File { path, .. } = &mut tab.shows {
        *path = address::for_keeping(path);
    }
    tab
}

impl App {
    /// Keeps what has changed, now and then.
    pub(super) fn keep_state(&mut self) {
        let now = Instant::now();
        if now >= self.keep_due {
            self.keep_due = now + KEEP_EVERY;
            let text = self.saved();
            self.state.keep(text);
        }
    }

    /// What is to come back, as text.
    pub(super) fn saved(&self) -> String {
        let interrupted = self.engine.jobs().filter(|job| job.work().kind().comes_back && job.unfinished());
        let saved = Saved {
            // The state is text: a path that is none can not be kept, and must not take the rest along.
            tabs: self.tabs.saved().into_iter().filter(is_text).map(for_keeping).collect(),
            recent: self.recent.clone(),
            searches: self.searches.clone(),
            settings: self.settings.clone(),
            unfinished: interrupted
                .map(|job| job.work().clone().for_keeping())
                .filter(|work| !self.comes_from_practice(work))
                .filter(|work| serde_json::to_value(work).is_ok())
                .collect(),
            jobs_folded: self.shell.jobs_folded(),
        };
        serde_json::to_string(&saved).unwrap_or_else(|error| {
            tracing::error!(%error, "what is open could not be put into words");
            String::new()
        })
    }
}
