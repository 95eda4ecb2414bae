//! What was searched for before, the last first: it comes back after a restart, and the arrow keys offer it in every field in
//! which something can be searched for. The app owns it and hands it out once a frame.

use std::sync::Arc;

use egui::{Context, Id, Key, Modifiers, Ui};

use crate::document::Query;

/// How many searches are remembered.
const MAX_SEARCHES: usize = 50;

/// What was searched for before.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Searches {
    known: Vec<Query>,
    /// The same, as fields get it.
    #[serde(skip)]
    offered: Option<Offered>,
}

#[derive(Clone, Debug, Default)]
struct Offered(Arc<[Query]>);

impl Searches {
    /// Takes note of a search. One that was there before is now the last.
    pub fn remember(&mut self, query: &Query) {
        if query.pattern.is_empty() || self.known.first() == Some(query) {
            return;
        }
        self.known.retain(|known| known != query);
        self.known.insert(0, query.clone());
        self.known.truncate(MAX_SEARCHES);
        self.offered = None;
    }

    /// Has all fields offer them.
    pub fn hand_out(&mut self, ctx: &Context) {
        let offered = self.offered.get_or_insert_with(|| Offered(self.known.as_slice().into())).clone();
        ctx.data_mut(|data| data.insert_temp(Id::unique("searches"), offered));
    }
}

/// A field's way through what was searched for before.
#[derive(Default)]
pub(super) struct Recall {
    /// How many searches back the person is; 0 is what was typed.
    back: usize,
    typed: Query,
}

impl Recall {
    /// Takes the arrow keys if the field has the focus, and puts what they lead to in the place of `query`; gives whether
    /// they were pressed.
    pub(super) fn keys(&mut self, ui: &Ui, field: Id, query: &mut Query) -> bool {
        if !ui.memory(|memory| memory.has_focus(field)) {
            return false;
        }
        let (up, down) = ui.input_mut(|input| {
            let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
            (count(Key::ArrowUp), count(Key::ArrowDown))
        });
        if up + down > 0 {
            let Offered(known) = ui.data(|data| data.get_temp(Id::unique("searches"))).unwrap_or_default();
            self.go(&known, (up, down), query);
        }
        up + down > 0
    }

    /// Begins anew, as something else was typed.
    pub(super) const fn begin_anew(&mut self) {
        self.back = 0;
    }

    fn go(&mut self, known: &[Query], (up, down): (usize, usize), query: &mut Query) {
        if self.back == 0 {
            self.typed = query.clone();
        }
        let others: Vec<_> = known.iter().filter(|known| **known != self.typed).collect();
        self.back = (self.back + up).saturating_sub(down).min(others.len());
        let chosen = self.back.checked_sub(1).and_then(|number| others.get(number).copied());
        query.clone_from(chosen.unwrap_or(&self.typed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pattern: &str) -> Query {
        Query { pattern: pattern.into(), ..Query::default() }
    }

    #[test]
    fn each_search_is_remembered_once_and_the_last_ones_only() {
        let mut searches = Searches::default();
        for number in 0..60 {
            searches.remember(&query(&number.to_string()));
        }
        searches.remember(&query("30"));
        searches.remember(&query(""));
        let patterns: Vec<_> = searches.known.iter().map(|query| query.pattern.as_str()).collect();
        assert_eq!((patterns.len(), &patterns[..3]), (MAX_SEARCHES, ["30", "59", "58"].as_slice()));
        assert_eq!(patterns.iter().filter(|pattern| **pattern == "30").count(), 1);
    }

    #[test]
    fn the_keys_lead_back_to_the_first_search_and_on_to_what_was_typed() {
        let known = ["c", "b", "a"].map(query);
        let (mut recall, mut shown) = (Recall::default(), query("c"));
        let mut press = |up, down| {
            recall.go(&known, (up, down), &mut shown);
            shown.pattern.clone()
        };
        let pressed = [press(1, 0), press(1, 0), press(1, 0), press(0, 1), press(0, 1), press(0, 1)];
        assert_eq!(pressed, ["b", "a", "a", "b", "c", "c"], "what is there already is not offered again");
    }
}
