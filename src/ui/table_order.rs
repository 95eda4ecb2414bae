//! In which order the columns of a table are shown, and which are not: a few runs of columns that stand beside each other in
//! the file too, however many there are. Pure.

use std::ops::Range;

/// The order of the columns.
#[derive(Clone, Debug)]
pub(super) struct ColumnOrder {
    /// The numbers of the columns that are shown; the last one of all is in a run without an end, as more may come.
    runs: Vec<Range<u64>>,
    /// How many columns there are.
    count: u64,
}

impl Default for ColumnOrder {
    fn default() -> Self {
        let all = 0..u64::MAX;
        Self { runs: vec![all], count: 0 }
    }
}

impl ColumnOrder {
    /// Says how many columns there are.
    pub(super) fn set_count(&mut self, count: u64) {
        self.count = count;
    }

    /// How many there are, those that are hidden among them.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// How many are shown.
    pub(super) fn shown(&self) -> u64 {
        self.runs.iter().map(|run| self.length(run)).sum()
    }

    /// How many are not.
    pub(super) fn hidden(&self) -> u64 {
        self.count.saturating_sub(self.shown())
    }

    /// The column at a place.
    pub(super) fn at(&self, place: u64) -> Option<u64> {
        let mut before = 0;
        for run in &self.runs {
            let length = self.length(run);
            if place - before < length {
                return Some(run.start + (place - before));
            }
            before += length;
        }
        None
    }

    /// The place of a column, if it is shown.
    pub(super) fn place_of(&self, column: u64) -> Option<u64> {
        let mut before = 0;
        for run in &self.runs {
            if run.contains(&column) && column < self.count {
                return Some(before + (column - run.start));
            }
            before += self.length(run);
        }
        None
    }

    /// All columns that are shown, as runs, of which the last one of all has no end.
    pub(super) fn runs(&self) -> Vec<Range<u64>> {
        self.runs.clone()
    }

    /// The columns at these places, as runs.
    pub(super) fn runs_of(&self, places: Range<u64>) -> Vec<Range<u64>> {
        let mut before = 0;
        let mut runs = Vec::new();
        for run in &self.runs {
            let length = self.length(run);
            let from = places.start.clamp(before, before + length) - before;
            let to = places.end.clamp(before, before + length) - before;
            if from < to {
                runs.push(run.start + from..run.start + to);
            }
            before += length;
        }
        runs
    }

    /// Shows a column no longer; the last one stays. Gives the place that it had.
    pub(super) fn hide(&mut self, column: u64) -> Option<u64> {
        let place = self.place_of(column).filter(|_| self.shown() > 1)?;
        self.take_out(column);
        Some(place)
    }

    /// Shows all columns that were hidden, each after the one that comes before it in the file.
    pub(super) fn show_all(&mut self) {
        let mut sorted = self.runs.clone();
        sorted.sort_by_key(|run| run.start);
        let mut next = 0;
        for run in sorted {
            if next < run.start {
                let before = self.runs.iter().position(|before| before.end == next);
                self.runs.insert(before.map_or(0, |before| before + 1), next..run.start);
            }
            next = run.end;
        }
        self.join();
    }

    /// Shows a column at another place, which is told as if it was taken out before.
    pub(super) fn move_to(&mut self, column: u64, place: u64) {
        if self.place_of(column).is_none() {
            return;
        }
        self.take_out(column);
        let place = place.min(self.shown());
        let mut before = 0;
        for (at, run) in self.runs.clone().into_iter().enumerate() {
            let length = self.length(&run);
            if place <= before + length {
                let (cut, after) = (run.start + (place - before), column + 1);
                let parts = [run.start..cut, column..after, cut..run.end];
                drop(self.runs.splice(at..=at, parts.into_iter().filter(|part| !part.is_empty())));
                break;
            }
            before += length;
        }
        self.join();
    }

    /// How many columns of a run there are.
    fn length(&self, run: &Range<u64>) -> u64 {
        run.end.min(self.count).saturating_sub(run.start)
    }

    fn take_out(&mut self, column: u64) {
        let Some((at, run)) = self.runs.iter().enumerate().find(|(_, run)| run.contains(&column)) else { return };
        let parts = [run.start..column, column + 1..run.end];
        drop(self.runs.splice(at..=at, parts.into_iter().filter(|part| !part.is_empty())));
    }

    /// Makes one run of two that have nothing between them.
    fn join(&mut self) {
        let mut joined: Vec<Range<u64>> = Vec::new();
        for run in std::mem::take(&mut self.runs) {
            match joined.last_mut() {
                Some(last) if last.end == run.start => last.end = run.end,
                _ => joined.push(run),
            }
        }
        self.runs = joined;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns(count: u64) -> ColumnOrder {
        let mut columns = ColumnOrder::default();
        columns.set_count(count);
        columns
    }

    fn order(columns: &ColumnOrder) -> Vec<u64> {
        (0..columns.shown()).map(|place| columns.at(place).unwrap()).collect()
    }

    #[derive(Clone, Copy, Debug)]
    enum Act {
        Hide(u64),
        Move(u64, u64),
        ShowAll,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            (0_u64..12).prop_map(Act::Hide),
            (0_u64..12, 0_u64..12).prop_map(|(column, place)| Act::Move(column, place)),
            Just(Act::ShowAll),
        ];
        prop::collection::vec(act, 0..20)
    }

    proptest! {
        #[test]
        fn columns_are_in_the_order_in_which_a_list_of_them_would_be(wishes in acts()) {
            let mut columns = columns(10);
            let mut list: Vec<u64> = (0..10).collect();
            for act in wishes {
                match act {
                    Act::Hide(column) => {
                        columns.hide(column);
                        if list.len() > 1 {
                            list.retain(|other| *other != column);
                        }
                    }
                    Act::Move(column, place) => {
                        columns.move_to(column, place);
                        if list.contains(&column) {
                            list.retain(|other| *other != column);
                            list.insert(usize::try_from(place).unwrap().min(list.len()), column);
                        }
                    }
                    Act::ShowAll => {
                        columns.show_all();
                        for column in 0..10 {
                            if !list.contains(&column) {
                                let before = list.iter().position(|other| *other + 1 == column);
                                list.insert(before.map_or(0, |before| before + 1), column);
                            }
                        }
                    }
                }
                prop_assert_eq!(order(&columns), list.clone());
            }
            prop_assert_eq!(columns.hidden(), 10 - list.len() as u64);
            for (place, column) in list.iter().enumerate() {
                prop_assert_eq!(columns.place_of(*column), Some(place as u64));
            }
            let some: Vec<u64> = columns.runs_of(1..4).into_iter().flatten().collect();
            prop_assert_eq!(some, list.iter().copied().skip(1).take(3).collect::<Vec<_>>());
            columns.set_count(11);
            prop_assert!(order(&columns).contains(&10), "a column that is found later is shown");
        }
    }
}
