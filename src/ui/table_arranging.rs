//! How the rows of a table view are arranged: what the person wants, the job that gathers the rows, and the order that is
//! shown until another one is there. What is typed to filter them is the affair of `table_filter`.

use crate::command::Command;
use crate::document::Document;
use crate::document::table::{
    Arrangement, Arranging, ColumnName, Gathered, Gathering, OrderFacts, RowOrder, SortKey, Table,
};

/// How rows are arranged, and what is being done about it.
#[derive(Default)]
pub(super) struct TableArranging {
    /// What the person wants.
    wanted: Arrangement,
    /// What is shown; all rows as they are in the file, if nothing is here.
    order: Option<RowOrder>,
    /// What is gathered, until it is shown.
    pending: Option<Arranging>,
}

/// How far it has come that rows are shown as they are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// They are gathered.
    Gathering(Gathered),
    /// They are shown so.
    Shown(OrderFacts),
    /// Somebody has stopped it.
    Stopped,
    /// They can not be shown so, and why.
    Failed(String),
}

/// How a column is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sorted {
    /// Which of the columns it is by which rows are sorted, from 0 on, and how many there are.
    pub(super) rank: usize,
    pub(super) of: usize,
    /// Whether the largest comes first.
    pub(super) descending: bool,
}

impl TableArranging {
    /// The same for another reading of the file.
    pub(super) fn anew(&self) -> Self {
        Self { wanted: self.wanted.clone(), ..Self::default() }
    }

    /// The order in which rows are shown, if not all are as they are in the file.
    pub(super) const fn order(&self) -> Option<&RowOrder> {
        self.order.as_ref()
    }

    /// What the person wants.
    pub(super) const fn wanted(&self) -> &Arrangement {
        &self.wanted
    }

    /// Whether anything is arranged, or is to be.
    pub(super) fn is_any(&self) -> bool {
        self.order.is_some() || !self.wanted.is_none()
    }

    /// How far it has come, if anything is wanted.
    pub(super) fn progress(&self) -> Option<Progress> {
        let Some(pending) = &self.pending else { return self.order().map(|order| Progress::Shown(order.facts())) };
        Some(match pending.end() {
            Some(Gathering::Ended(Some(why))) => Progress::Failed(why),
            Some(Gathering::Ended(None)) => Progress::Stopped,
            Some(Gathering::Ready(_)) | None => Progress::Gathering(pending.gathered()),
        })
    }

    /// How a column is sorted, if it is.
    pub(super) fn sorted(&self, column: u64) -> Option<Sorted> {
        let keys = &self.wanted.sort;
        let rank = keys.iter().position(|key| key.column == ColumnName::Number(column))?;
        let descending = keys.get(rank)?.descending;
        Some(Sorted { rank, of: keys.len(), descending })
    }

    /// What is wanted when rows are to be sorted by a column too, or by that alone.
    pub(super) fn with_sort(&self, column: u64, descending: bool, too: bool) -> Arrangement {
        let key = SortKey { column: ColumnName::Number(column), descending, by_bytes: false };
        let mut sort = if too { self.wanted.sort.clone() } else { Vec::new() };
        match sort.iter_mut().find(|other| other.column == key.column) {
            Some(other) => *other = key,
            None => sort.push(key),
        }
        Arrangement { sort, ..self.wanted.clone() }
    }

    /// The same in turns: the smallest first, the largest first, and not by this column.
    pub(super) fn with_turned_sort(&self, column: u64, too: bool) -> Arrangement {
        match self.sorted(column) {
            None => self.with_sort(column, false, too),
            Some(Sorted { descending: false, .. }) => self.with_sort(column, true, too),
            Some(_) => {
                let mut sort = if too { self.wanted.sort.clone() } else { Vec::new() };
                sort.retain(|key| key.column != ColumnName::Number(column));
                Arrangement { sort, ..self.wanted.clone() }
            }
        }
    }

    /// Has the rows of a table, of which the first is a header or not, shown as they are wanted; whether they are shown
    /// otherwise at once.
    pub(super) fn ask(
        &mut self,
        wanted: Arrangement,
        (document, table, header): (&Document, &Table, bool),
        commands: &mut Vec<Command>,
    ) -> bool {
        self.wanted = wanted;
        self.pending = None;
        if self.wanted.is_none() {
            return self.order.take().is_some();
        }
        let (job, arranging) = document.arrange(table, header, self.wanted.clone());
        self.pending = Some(arranging);
        commands.push(Command::Start(job.into()));
        false
    }

    /// Takes over what was gathered; whether rows are shown otherwise now.
    pub(super) fn poll(&mut self) -> bool {
        let ready = match self.pending.as_ref().and_then(Arranging::end) {
            Some(Gathering::Ready(order)) => Some(order),
            _ => None,
        };
        if ready.is_none() {
            return false;
        }
        (self.order, self.pending) = (ready, None);
        true
    }

    /// Shows all rows as they are in the file until they are gathered again: what was gathered is not of this file, or of
    /// other rows.
    pub(super) fn lose_order(&mut self) {
        (self.order, self.pending) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(arrangement: &Arrangement) -> Vec<String> {
        arrangement.sort.iter().map(ToString::to_string).collect()
    }

    fn wanting(wanted: Arrangement) -> TableArranging {
        TableArranging { wanted, ..TableArranging::default() }
    }

    #[test]
    fn a_column_is_sorted_by_in_turns_and_beside_others_if_they_are_kept() {
        let none = wanting(Arrangement { filter: "a = 1".into(), ..Arrangement::default() });
        let up = wanting(none.with_turned_sort(2, false));
        assert_eq!((keys(up.wanted()), up.wanted().filter.as_str()), (vec!["#3".to_owned()], "a = 1"));
        let down = wanting(up.with_turned_sort(2, false));
        assert_eq!(keys(down.wanted()), ["-#3"]);
        assert_eq!(keys(&down.with_turned_sort(2, false)), [""; 0]);
        let both = wanting(down.with_turned_sort(0, true));
        assert_eq!(keys(both.wanted()), ["-#3", "#1"]);
        assert_eq!(both.sorted(0), Some(Sorted { rank: 1, of: 2, descending: false }));
        assert_eq!((both.sorted(1), keys(&both.with_turned_sort(2, true))), (None, vec!["#1".to_owned()]));
        assert_eq!(keys(&both.with_sort(1, true, false)), ["-#2"]);
        assert_eq!(keys(&both.with_sort(2, false, true)), ["#3", "#1"]);
    }
}
