//! What the person means by a target: a path, an address, a dropped file, a pasted command, a finished job.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Context;
use poll_promise::Promise;

use super::App;
use crate::command::Panel;
use crate::desktop::{self, Chosen};
use crate::document::{Encoding, Open, Reading, Shape};
use crate::jobs::{Job as _, JobError, JobId, Outcome as _};
use crate::source::{Arriving, address};
use crate::transfer::{Download, without_password};
use crate::ui::{Outlook, SavedTab};
use crate::units;
use crate::work::{Product, Request};

/// How many targets are remembered.
const MAX_RECENT: usize = 20;

impl App {
    /// Takes `target` for what it is: an address, a `curl` command with one, or a path.
    pub(super) fn go(&mut self, target: &str) {
        let target = target.trim();
        if let Some(download) = Download::of_curl(target) {
            self.remember(without_password(&download.url));
            self.start(download.into());
            return;
        }
        // A path is often copied with the quotes that a shell needs.
        let unquoted = ['\'', '"'].iter().find_map(|quote| target.strip_prefix(*quote)?.strip_suffix(*quote));
        let target = unquoted.unwrap_or(target);
        if let Some(path) =
            url::Url::parse(target).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok())
        {
            self.open(path, Outlook::default());
        } else if target.contains("://") {
            self.remember(without_password(target));
            self.start(Download::new(target.to_owned(), None).into());
        } else if !target.is_empty() {
            self.open(PathBuf::from(target), Outlook::default());
        }
    }

    pub(super) fn open(&mut self, path: PathBuf, outlook: Outlook) {
        let in_home = path.strip_prefix("~").ok().and_then(|rest| Some(std::env::home_dir()?.join(rest)));
        let path = in_home.unwrap_or(path);
        let path = if address::is_address(&path) { path } else { std::path::absolute(&path).unwrap_or(path) };
        let known = path.display().to_string();
        if self.recent.contains(&known) {
            self.remember(known);
        }
        // Some lines of a file are another document than all of them.
        let some = outlook.reading.only.is_some();
        let there = if some { self.tabs.bring_as(&path, &outlook.reading) } else { self.tabs.bring(&path) };
        if there {
            return;
        }
        let (request, document) = Open::read_as(path, outlook.reading.clone());
        self.tabs.open(document, outlook);
        self.submit(request);
    }

    /// Opens what a job has made: behind the tab in front if `behind`, else before all.
    pub(super) fn open_unasked(&mut self, path: PathBuf, behind: bool) {
        if !behind {
            self.open(path, Outlook::default());
            return;
        }
        if self.tabs.shows(&path) {
            return;
        }
        let (request, document) = Open::new(path);
        self.tabs.open_behind(document, Outlook::default());
        self.submit(request);
    }

    /// Indexes the document in front, unless it is to be already.
    pub(super) fn index(&mut self) {
        let Some(open) = self.tabs.front_to_index() else {
            return self.say("What is in front does not wait to be indexed".into());
        };
        let fills = |work: &Request| matches!(work, Request::Open(other) if other.fills_with(&open));
        if !self.engine.jobs().any(|job| !job.status().ended() && fills(job.work())) {
            self.submit(open);
        }
    }

    pub(super) fn reload(&mut self) {
        if let Some((_, reading)) = self.tabs.front_file() {
            self.read_as(reading);
        }
    }

    /// Reads the document in front again, with as much of the disk for its unpacked copy as there is.
    pub(super) fn unpack_anyway(&mut self) {
        if let Some((_, reading)) = self.tabs.front_file() {
            self.read_as(Reading { spool_limit: Some(u64::MAX), ..reading });
        }
    }

    /// Reads the text in front again, in this encoding, or as it seems to be.
    pub(super) fn read_in(&mut self, encoding: Option<Encoding>) {
        if let Some((_, reading)) = self.tabs.front_file() {
            self.read_as(Reading { encoding, ..reading });
        }
    }

    /// Shows the document in front as something else; as bytes, those of the file itself.
    pub(super) fn show_as(&mut self, shape: Shape) {
        self.tabs.show_as(shape);
        let (raw, made) = (shape == Shape::Bytes, self.tabs.front_is_made());
        if let Some((_, reading)) = self.tabs.front_file()
            && reading.raw != raw
            && (reading.raw || made)
            && reading.only.is_none()
        {
            self.read_as(Reading { raw, ..reading });
        }
    }

    /// Reads the file in front again, in this way.
    fn read_as(&mut self, reading: Reading) {
        let Some((path, _)) = self.tabs.front_file() else { return };
        let (request, document) = match self.tabs.front_arriving() {
            Some(arriving) => Open::arriving(path, reading.clone(), arriving),
            None => Open::read_as(path, reading.clone()),
        };
        self.tabs.replace_front(&document, reading);
        self.submit(request);
    }

    /// Reads the file that bears the name now of one that was followed.
    pub(super) fn follow_anew(&mut self, path: PathBuf) {
        let name = units::file_name(&path);
        self.say(format!("{name} was begun anew: this is what bears its name now"));
        let mut requests = Vec::new();
        self.tabs.follow_anew(&path, |reading| {
            let (request, document) = Open::read_as(path.clone(), reading);
            requests.push(request);
            document
        });
        for request in requests {
            self.submit(request);
        }
    }

    /// Opens again what was open when the program was left, in the panes where it was.
    pub fn reopen(&mut self, tabs: Vec<SavedTab>) {
        let mut requests = Vec::new();
        self.tabs.reopen(tabs, |path, reading| {
            let (request, document) = Open::read_as(path, reading);
            requests.push(request);
            document
        });
        for request in requests {
            self.submit(request);
        }
    }

    pub(super) fn open_result(&mut self, id: JobId) {
        let Some(job) = self.engine.job(id) else { return };
        if let Request::Download(download) = job.work()
            && let Some(part) = download.arriving().part()
        {
            let arriving = download.arriving().clone();
            self.open_arriving(part, arriving);
            return;
        }
        let made = job.result().and_then(|result| result.as_ref().ok()).and_then(Product::made);
        let (path, reading) = match job.work() {
            Request::Open(open) => (Some(open.path.clone()), open.reading.clone()),
            _ => (made, Reading::default()),
        };
        if let Some(path) = path {
            self.open(path, Outlook { reading, ..Outlook::default() });
        }
    }

    /// Opens what is there of the download that was begun last and still arrives.
    pub(super) fn open_last_arriving(&mut self) {
        let last = self.engine.jobs().rev().find_map(|job| match job.work() {
            Request::Download(download) => Some((download.arriving().part()?, download.arriving().clone())),
            _ => None,
        });
        match last {
            Some((part, arriving)) => self.open_arriving(part, arriving),
            None => self.say("No download is under way of which something is there".into()),
        }
    }

    fn open_arriving(&mut self, part: PathBuf, arriving: Arriving) {
        if !self.tabs.bring(&part) {
            let (request, document) = Open::arriving(part, Reading::default(), arriving);
            self.tabs.open(document, Outlook::default());
            self.submit(request);
        }
    }

    /// Opens what a job has made; a download in the tab in which it was looked at while it arrived.
    pub(super) fn open_made(&mut self, path: PathBuf, part: Option<PathBuf>, behind: bool) {
        let Some(part) = part.filter(|part| self.tabs.shows(part)) else { return self.open_unasked(path, behind) };
        let (request, document) = Open::read_as(path, self.tabs.reading_of(&part));
        self.tabs.replace(&part, &document);
        self.submit(request);
    }

    pub(super) fn reveal(&mut self, id: JobId) {
        let made = self.engine.job(id).and_then(|job| job.result()?.as_ref().ok()?.made());
        if let Some(path) = made {
            self.revealing = desktop::reveal(&path, Arc::clone(&self.wake));
        }
    }

    /// Says what has come of showing a folder, if nothing has.
    pub(super) fn finish_revealing(&mut self) {
        match self.revealing.take().map(Promise::try_take) {
            None | Some(Ok(None)) => {}
            Some(Err(pending)) => self.revealing = Some(pending),
            Some(Ok(Some(trouble))) => self.say(trouble),
        }
    }

    pub(super) fn choose_files(&mut self) {
        if self.choosing.is_some() {
            // The dialog may be one that never comes: a typed path always works.
            self.shell.show(Panel::Form(Open::KIND.name), &mut self.tabs);
        } else if let Ok(runtime) = self.workers.handle() {
            self.choosing = Some(desktop::choose_files(&runtime, Arc::clone(&self.wake)));
        }
    }

    pub(super) fn finish_choosing(&mut self) {
        match self.choosing.take().map(Promise::try_take) {
            None | Some(Ok(Chosen::Nothing)) => {}
            Some(Err(pending)) => self.choosing = Some(pending),
            Some(Ok(Chosen::Files(paths))) => paths.into_iter().for_each(|path| self.open(path, Outlook::default())),
            Some(Ok(Chosen::NoDialog)) => {
                self.say("This desktop has no file dialog: type a path instead".into());
                self.shell.show(Panel::Form(Open::KIND.name), &mut self.tabs);
            }
        }
    }

    /// Dropped files, and text that is pasted where nothing takes text.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped =
            ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect::<Vec<_>>());
        for path in dropped {
            self.open(path, Outlook::default());
        }
        if !ctx.text_edit_focused() {
            let pasted = ctx.input(|input| {
                input.events.iter().find_map(|event| match event {
                    egui::Event::Paste(text) => Some(text.trim().to_owned()),
                    _ => None,
                })
            });
            if let Some(text) = pasted.filter(|text| text.contains("://") || text.starts_with('/')) {
                self.go(text.lines().next().unwrap_or_default());
            }
        }
    }

    /// Remembers the path of a job that is over if there was something to open, however much of it was read. Until then
    /// nobody knows whether it leads anywhere.
    pub(super) fn remember_opened(&mut self, id: JobId) {
        let Some(job) = self.engine.job(id) else { return };
        let Request::Open(open) = job.work() else { return };
        let ended = matches!(job.result(), Some(Ok(_) | Err(JobError::Cancelled | JobError::FrozeTooLong(_))));
        // An address that is remembered is downloaded, and this one was not.
        let there = job.reading().total.is_some() && !address::is_address(&open.path);
        let path = open.path.display().to_string();
        if ended && there && !self.recent.contains(&path) {
            self.remember(path);
        }
    }

    pub(super) fn remember(&mut self, target: String) {
        self.recent.retain(|known| *known != target);
        self.recent.insert(0, target);
        self.recent.truncate(MAX_RECENT);
    }
}
