//! Where a text view goes: to what it was sent to, as soon as it can be told where that is, and with the end of its
//! document while that is followed. Looks at the lines around the target and no more.

use std::time::Duration;

use super::{Place, TextView};
use crate::command::Command;
use crate::document::{Changed, Facts, Found, LineNumber, Lines};
use crate::source::{ByteOffset, SourceChange};
use crate::ui::text_jumps::{Jump, Landing, reveal};
use crate::ui::text_rows::{DrawnRow, Metrics};
use crate::ui::text_selection::{Selection, Step};
use crate::units;

/// So long has a file to seem written over for it to be so.
const REWRITTEN_FOR: Duration = Duration::from_secs(1);

/// What becomes of a view by the jumps and steps that can be told.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) place: Place,
    pub(super) selection: Option<Selection>,
    /// What has to wait.
    pub(super) jump: Option<Jump>,
    pub(super) steps: Vec<Step>,
    /// Why it went elsewhere than it was sent to, if it did.
    pub(super) said: Option<String>,
}

impl TextView {
    /// Keeps the end in sight as it grows, or no longer.
    pub(super) fn set_following(&mut self, follow: bool) {
        self.following = follow.then_some(0);
        self.jump = if follow { Some(Jump::LastLines) } else { self.jump };
        self.document.follow(follow);
    }

    /// Wraps lines, or no longer: what is at the top left stays there.
    pub(super) fn set_wrapping(&mut self, wraps: bool) {
        if self.wraps != wraps {
            self.wraps = wraps;
            self.jump = Some(Jump::Stay);
        }
    }

    /// Goes to the end if it is followed and has moved. Whoever goes elsewhere follows no longer; a file that bears the
    /// name now, or was begun anew, is read in its place.
    pub(super) fn go_with_the_end(&mut self, facts: Facts, metrics: &Metrics, commands: &mut Vec<Command>) {
        let Some(seen) = self.following else { return };
        if matches!(self.jump, Some(Jump::Rows(rows)) if rows < 0)
            || matches!(
                self.jump,
                Some(
                    Jump::Line(_)
                        | Jump::OfFile(_)
                        | Jump::Byte(_)
                        | Jump::TopLine(_)
                        | Jump::Top(_)
                        | Jump::Hit(..)
                        | Jump::Mark(_)
                )
            )
        {
            self.set_following(false);
            return;
        }
        // Where lines are broken elsewhere, the end is elsewhere too.
        let rewrapped = self.drawn.first().is_some_and(|row| !row.wrapped_by(metrics.wrap));
        if facts.len_bytes != seen || rewrapped {
            self.following = Some(facts.len_bytes);
            self.jump = Some(Jump::LastLines);
        }
        let anew = self.document.change().is_some_and(|Changed { change, after, noticed, .. }| match change {
            SourceChange::Replaced | SourceChange::CutShort(_) => true,
            // While it is appended to, the time of the last write may be seen to change before the length.
            SourceChange::Rewritten | SourceChange::Touched => {
                after.is_some() && noticed.elapsed().is_ok_and(|elapsed| elapsed > REWRITTEN_FOR)
            }
            SourceChange::Grew(_) | SourceChange::Unreadable | SourceChange::Moved | SourceChange::Deleted => false,
        });
        if anew {
            commands.push(Command::FollowAnew(self.document.path().to_owned()));
        }
    }

    /// Where the jump and the steps lead that were asked for, as far as it can be told.
    pub(super) fn moved(&self, lines: &Lines<'_>, metrics: &Metrics, drawn: &[DrawnRow]) -> Moved {
        let mut moved = Moved { place: self.place, selection: self.selection, ..Moved::default() };
        let jump = self.jump.or_else(|| self.of_another_piece(lines, drawn).map(Jump::Keep));
        if let Some(jump) = jump {
            let (nearest, said) = self.nearest(jump, lines);
            let found = match nearest.follow(lines, metrics, self.place, drawn) {
                // Of a file that was cut short some lines are gone that the index knows. To go elsewhere would pass the
                // wrong line off as the one that was meant.
                Found::Unknown if matches!(nearest, Jump::Line(_)) && self.document.line_count().1 => {
                    moved.said = Some("That line is gone: the file has changed since it was opened".into());
                    return moved;
                }
                // What is searched for may still come.
                Found::Unknown if matches!(nearest, Jump::Hit(..) | Jump::TopHit(_)) => Found::Unknown,
                // Once no more is indexed there is no such line, and the last one is nearest; until then it may come.
                Found::Unknown if self.document.line_count().1 || self.document.index_stopped() => {
                    Jump::Top(self.last_indexed(lines)).follow(lines, metrics, self.place, drawn)
                }
                found => found,
            };
            match found {
                Found::Here(Landing { place, marked, left, said: on_the_way }) => {
                    (moved.place, moved.selection, moved.jump) = (place, marked.or(self.selection), left);
                    moved.said = said.or_else(|| on_the_way.map(str::to_owned));
                }
                Found::Loading | Found::Unknown => moved.jump = Some(jump),
            }
        }
        let mut steps = self.steps.iter();
        for step in steps.by_ref() {
            let from = moved.selection.unwrap_or_else(|| {
                let caret = moved.place.top.max(metrics.grid.text_start);
                Selection::new(caret, caret)
            });
            let extended = match &metrics.wrap {
                Some(wrap) => from.extended_by_rows(lines, (metrics.grid, wrap), *step),
                None => from.extended(lines, metrics.grid, *step),
            };
            let seen = extended.and_then(|selection| reveal(selection.head, lines, metrics, moved.place));
            let (Some(selection), Some(place)) = (extended, seen) else {
                moved.steps.push(*step);
                break;
            };
            (moved.selection, moved.place) = (Some(selection), place);
        }
        moved.steps.extend(steps);
        moved
    }

    /// What is at the left of the row that the person is at, if that was a piece of a line of which more is indexed by now.
    fn of_another_piece(&self, lines: &Lines<'_>, drawn: &[DrawnRow]) -> Option<ByteOffset> {
        let head = self.selection.map(|selection| selection.head);
        let at = head.and_then(|head| drawn.iter().find(|row| row.holds(head))).or(drawn.first())?;
        at.grown_in(lines).then(|| at.decoded_from())
    }

    /// Where `jump` leads: once all lines are known, a line beyond them is the last one, and a sentence says so.
    fn nearest(&self, jump: Jump, lines: &Lines<'_>) -> (Jump, Option<String>) {
        let (count, complete) = self.document.line_count();
        let all = units::count(count, "line");
        match jump {
            Jump::Line(number) if number.0 < count => (jump, None),
            Jump::Line(_) if complete => {
                (Jump::Line(LineNumber(count.saturating_sub(1))), Some(format!("There are no more than {all}")))
            }
            Jump::Line(_) if self.document.index_stopped() => {
                let unindexed = self.document.waits_for_index();
                let why = if unindexed { "the document is not indexed" } else { "the indexing was stopped" };
                let said = format!("Only {all} are known: {why}");
                (Jump::Top(self.last_indexed(lines)), Some(said))
            }
            _ => (jump, None),
        }
    }

    fn last_indexed(&self, lines: &Lines<'_>) -> ByteOffset {
        ByteOffset(self.document.indexed_bytes()).min(lines.end()).minus(1)
    }

    /// What the view waits for, in words.
    pub(super) fn waiting_for(&self) -> Option<String> {
        match self.jump {
            Some(Jump::Line(number)) => Some(format!("Going to line {}", units::number(number.0 + 1))),
            _ => None,
        }
    }
}
