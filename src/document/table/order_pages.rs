//! The pages of an order of rows that is too long for memory, and the thread that fetches them from a file without a name. A
//! view only looks and asks; a disk that stalls holds up this thread alone. Also finds out where a row is shown, in steps
//! between which pages come first.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use parking_lot::{Condvar, Mutex};

use super::order::{OrderFacts, PAGE_ROWS, Places, ROW_BYTES, RowAt, each_row};
use crate::document::Found;
use crate::jobs::{Wake, spawn_named};
use crate::source::{ByteOffset, Scratch};

/// The pages at hand: 2 MB.
const KEPT: NonZeroUsize = NonZeroUsize::new(32).expect("is not zero");
/// The most wishes that wait: what was asked for long ago has been scrolled past.
const MAX_PAGES_WANTED: usize = 8;
const MAX_SOUGHT: usize = 4;
/// How many rows are looked through before pages are fetched again: 1 MB.
const STEP_ROWS: u64 = 64 << 10;

/// The pages of one order. Dropping it ends its thread.
pub(super) struct OrderPages {
    shared: Arc<Shared>,
}

struct Shared {
    disk: Scratch,
    facts: OrderFacts,
    cache: Mutex<LruCache<u64, Arc<[u8]>>>,
    places: Places,
    wishes: Mutex<Wishes>,
    wished: Condvar,
}

#[derive(Default)]
struct Wishes {
    /// The last one is the most urgent.
    pages: Vec<u64>,
    sought: Vec<ByteOffset>,
    closed: bool,
}

enum Task {
    Page(u64),
    Seek(ByteOffset),
    /// To go on with what is sought.
    GoOn,
    End,
}

impl OrderPages {
    /// Starts the thread that reads what was written to `disk`, and notes in `places` what was sought.
    pub(super) fn start(disk: Scratch, facts: OrderFacts, places: Places, name: &str, wake: Wake) -> io::Result<Self> {
        let (cache, wishes) = (Mutex::new(LruCache::new(KEPT)), Mutex::default());
        let shared = Arc::new(Shared { disk, facts, cache, places, wishes, wished: Condvar::new() });
        let reader = Arc::clone(&shared);
        drop(spawn_named(&format!("rows of {name}"), move || reader.run(&wake))?);
        Ok(Self { shared })
    }

    /// The row at a place, if its page is at hand; else that is asked for.
    pub(super) fn at(&self, place: u64) -> Found<RowAt> {
        let number = place / PAGE_ROWS;
        let page = self.shared.cache.lock().get(&number).cloned();
        if let Some(page) = page {
            // Of a page that can not be read there is nothing.
            return RowAt::in_list(&page, place % PAGE_ROWS).map_or(Found::Unknown, Found::Here);
        }
        let mut wishes = self.shared.wishes.lock();
        if !wishes.pages.contains(&number) {
            if wishes.pages.len() >= MAX_PAGES_WANTED {
                wishes.pages.remove(0);
            }
            wishes.pages.push(number);
            self.shared.wished.notify_one();
        }
        Found::Loading
    }

    /// Asks where the row is shown that starts at `start`.
    pub(super) fn seek(&self, start: ByteOffset) {
        let mut wishes = self.shared.wishes.lock();
        if !wishes.sought.contains(&start) {
            if wishes.sought.len() >= MAX_SOUGHT {
                wishes.sought.remove(0);
            }
            wishes.sought.push(start);
            self.shared.wished.notify_one();
        }
    }

    /// `count` rows from `place` on. May block.
    pub(super) fn read(&self, place: u64, count: u64) -> io::Result<Vec<RowAt>> {
        self.shared.read(place, count).map(|list| each_row(&list).collect())
    }
}

impl Drop for OrderPages {
    fn drop(&mut self) {
        self.shared.wishes.lock().closed = true;
        self.shared.wished.notify_one();
    }
}

impl fmt::Debug for OrderPages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OrderPages").finish_non_exhaustive()
    }
}

impl Shared {
    fn run(&self, wake: &Wake) {
        // What is sought, and from which place on it was not looked for yet.
        let mut sought: Option<(ByteOffset, u64)> = None;
        loop {
            match self.next_task(sought.is_none()) {
                Task::End => return,
                Task::Page(number) => {
                    self.fetch(number);
                    wake();
                }
                Task::Seek(start) => sought = Some((start, 0)),
                Task::GoOn => {
                    sought = sought.and_then(|(start, from)| Some((start, self.seek_on(start, from)?)));
                    if sought.is_none() {
                        wake();
                    }
                }
            }
        }
    }

    fn next_task(&self, idle: bool) -> Task {
        let mut wishes = self.wishes.lock();
        loop {
            if wishes.closed {
                return Task::End;
            }
            if let Some(number) = wishes.pages.pop() {
                return Task::Page(number);
            }
            if !idle {
                return Task::GoOn;
            }
            if let Some(start) = wishes.sought.pop() {
                return Task::Seek(start);
            }
            self.wished.wait(&mut wishes);
        }
    }

    fn fetch(&self, number: u64) {
        if self.cache.lock().contains(&number) {
            return;
        }
        let page = self.read(number.saturating_mul(PAGE_ROWS), PAGE_ROWS).unwrap_or_else(|error| {
            tracing::warn!(%error, page = number, "a page of an order of rows could not be read");
            Vec::new()
        });
        self.cache.lock().put(number, page.into());
    }

    /// Looks for the row that starts at `start` from place `from` on; gives from where on it is still to be looked for, or
    /// nothing once that is known, and noted.
    fn seek_on(&self, start: ByteOffset, from: u64) -> Option<u64> {
        let found = if self.facts.as_in_file { self.search(start).map(Ok) } else { self.look_through(start, from) };
        match found {
            Some(Err(next)) => Some(next),
            other => {
                let place = other.and_then(Result::ok);
                self.places.lock().put(start.0, place);
                None
            }
        }
    }

    /// The place of the row that starts at `start`, or from which place on to look; nothing if there is none.
    fn look_through(&self, start: ByteOffset, from: u64) -> Option<Result<u64, u64>> {
        let list = self.read(from, STEP_ROWS).ok()?;
        match each_row(&list).position(|row| row.start == start) {
            Some(at) => Some(Ok(from + at as u64)),
            None => Some(Err(from + STEP_ROWS)).filter(|_| from + STEP_ROWS < self.facts.rows),
        }
    }

    /// The place of the row that starts at `start`, where rows come as they do in the file.
    fn search(&self, start: ByteOffset) -> Option<u64> {
        let row = |place: u64| RowAt::of_bytes(&self.read(place, 1).ok()?);
        let (mut from, mut to) = (0, self.facts.rows);
        while from < to {
            let middle = from + (to - from) / 2;
            if row(middle)?.start < start {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        Some(from).filter(|place| row(*place).is_some_and(|row| row.start == start))
    }

    /// At most `count` rows from `place` on, as they were written.
    fn read(&self, place: u64, count: u64) -> io::Result<Vec<u8>> {
        let count = count.min(self.facts.rows.saturating_sub(place));
        let mut list = vec![0; usize::try_from(count).unwrap_or(0).saturating_mul(ROW_BYTES)];
        let read = self.disk.read_at(place.saturating_mul(ROW_BYTES as u64), &mut list)?;
        list.truncate(read);
        Ok(list)
    }
}
