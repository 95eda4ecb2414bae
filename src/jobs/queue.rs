//! Which job is next: limits for each kind, priorities, and an order that can be changed by hand. Plain data.

use std::collections::BTreeMap;

use super::{JobId, Kind};

/// How urgent a queued job is; among equals the queue's order decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Priority {
    /// After everything else.
    Low,
    /// As jobs are at first.
    #[default]
    Normal,
    /// Before everything else.
    High,
}

/// How many jobs of each kind may run at once; what is not set is as [`Kind::at_once`] says.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    by_kind: BTreeMap<String, usize>,
}

impl Limits {
    /// Sets the limit for a kind; less than one is taken as one.
    pub fn set(&mut self, kind: Kind, at_once: usize) {
        self.by_kind.insert(kind.name.to_owned(), at_once.max(1));
    }

    /// The limit for a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> usize {
        self.by_kind.get(kind.name).copied().unwrap_or(kind.at_once).max(1)
    }
}

/// The waiting jobs in the order in which they were asked for, or were moved to.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    id: JobId,
    kind: Kind,
    priority: Priority,
}

impl Queue {
    pub(super) fn push(&mut self, id: JobId, kind: Kind, priority: Priority) {
        self.waiting.push(Waiting { id, kind, priority });
    }

    pub(super) fn remove(&mut self, id: JobId) {
        self.waiting.retain(|waiting| waiting.id != id);
    }

    pub(super) fn set_priority(&mut self, id: JobId, priority: Priority) {
        for waiting in &mut self.waiting {
            if waiting.id == id {
                waiting.priority = priority;
            }
        }
    }

    /// Moves a waiting job to the front of the queue.
    pub(super) fn move_to_front(&mut self, id: JobId) {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.id == id) {
            let waiting = self.waiting.remove(at);
            self.waiting.insert(0, waiting);
        }
    }

    /// All that wait, in the order in which they start as places come free.
    pub(super) fn ids(&self) -> impl Iterator<Item = JobId> {
        self.in_order().into_iter().map(|waiting| waiting.id)
    }

    fn in_order(&self) -> Vec<&Waiting> {
        let mut order: Vec<_> = self.waiting.iter().collect();
        order.sort_by_key(|waiting| std::cmp::Reverse(waiting.priority));
        order
    }

    /// Takes out all jobs that may start now, most urgent first, given how many of a kind run already.
    pub(super) fn take_ready(&mut self, limits: &Limits, running: impl Fn(Kind) -> usize) -> Vec<JobId> {
        let mut free: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut ready = Vec::new();
        for waiting in self.in_order() {
            let kind = waiting.kind;
            let free = free.entry(kind.name).or_insert_with(|| limits.of(kind).saturating_sub(running(kind)));
            if *free > 0 {
                *free -= 1;
                ready.push(waiting.id);
            }
        }
        self.waiting.retain(|waiting| !ready.contains(&waiting.id));
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISK: Kind = Kind { name: "disk", at_once: 1, comes_back: false };
    const NET: Kind = Kind { name: "net", at_once: 2, comes_back: false };

    #[test]
    fn each_kind_has_its_own_limit_and_the_urgent_go_first() {
        let mut queue = Queue::default();
        queue.push(JobId(1), DISK, Priority::Normal);
        queue.push(JobId(2), DISK, Priority::High);
        for id in 3..6 {
            queue.push(JobId(id), NET, Priority::Normal);
        }
        let limits = Limits::default();
        assert_eq!(queue.take_ready(&limits, |_| 0), [JobId(2), JobId(3), JobId(4)]);
        assert_eq!(queue.take_ready(&limits, |kind| limits.of(kind)), []);
        queue.move_to_front(JobId(5));
        assert_eq!(queue.ids().collect::<Vec<_>>(), [JobId(5), JobId(1)]);
        assert_eq!(queue.take_ready(&limits, |_| 0), [JobId(5), JobId(1)]);
    }

    #[test]
    fn a_limit_that_was_set_counts() {
        let mut queue = Queue::default();
        (1..=4).for_each(|id| queue.push(JobId(id), DISK, Priority::Normal));
        let mut limits = Limits::default();
        limits.set(DISK, 3);
        assert_eq!(queue.take_ready(&limits, |_| 1), [JobId(1), JobId(2)]);
    }
}
