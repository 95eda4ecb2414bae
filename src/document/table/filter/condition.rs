//! What a cell is asked by a filter, and how it answers. Pure.
//!
//! NULL is nothing: it equals no value, comes neither before nor after one, and so holds each condition that is turned round.

use std::cmp::Ordering;

use super::super::decimal::push_number;
use crate::document::Pattern;

/// What a cell is asked.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) question: Question,
    /// Whether it is turned round.
    pub(super) not: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Question {
    /// Whether it is NULL.
    Null,
    /// Whether it is an empty text.
    Empty,
    /// Whether it comes so before, at or after a value.
    Compares(Comparison, Value),
    /// Whether it lies between two values, or is one of them.
    Between(Value, Value),
    /// Whether a pattern is in it.
    Matches(Pattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a cell is compared with.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    /// Whether it stood in quotes: then it is a text, whatever it says.
    pub(super) quoted: bool,
    /// The number that it says, as bytes, once it is known how numbers are written.
    number: Option<Vec<u8>>,
}

impl Value {
    pub(super) const fn new(text: String, quoted: bool) -> Self {
        Self { text, quoted, number: None }
    }

    fn with_number(self, decimal_comma: bool) -> Self {
        let mut number = Vec::new();
        let is_number = !self.quoted && push_number(self.text.as_bytes(), decimal_comma, &mut number);
        Self { number: Some(number).filter(|_| is_number), ..self }
    }
}

impl Test {
    /// The same where it is known how numbers are written.
    pub(super) fn with_numbers(self, decimal_comma: bool) -> Self {
        let question = match self.question {
            Question::Compares(comparison, value) => Question::Compares(comparison, value.with_number(decimal_comma)),
            Question::Between(from, to) => {
                Question::Between(from.with_number(decimal_comma), to.with_number(decimal_comma))
            }
            other => other,
        };
        Self { question, ..self }
    }

    /// Whether it has to know which number a cell says.
    pub(super) const fn compares_numbers(&self) -> bool {
        match &self.question {
            Question::Compares(_, value) => value.number.is_some(),
            Question::Between(from, to) => from.number.is_some() && to.number.is_some(),
            _ => false,
        }
    }

    /// Whether a cell holds it that says this, and is this number as bytes; nothing for NULL, and for what is no number.
    pub(super) fn holds(&self, said: Option<&[u8]>, number: Option<&[u8]>) -> bool {
        let answer = match (&self.question, said) {
            (Question::Null, said) => said.is_none(),
            (_, None) => false,
            (Question::Empty, Some(said)) => said.is_empty(),
            (Question::Compares(comparison, value), Some(said)) => match (&value.number, number) {
                (Some(value), Some(number)) => comparison.holds(number.cmp(value.as_slice())),
                // What is no number is neither less nor more than one, and may be the same text.
                (Some(_), None) => *comparison == Comparison::Equal && said == value.text.as_bytes(),
                (None, _) => comparison.holds(said.cmp(value.text.as_bytes())),
            },
            (Question::Between(from, to), Some(said)) => match (&from.number, &to.number) {
                (Some(from), Some(to)) => {
                    number.is_some_and(|number| from.as_slice() <= number && number <= to.as_slice())
                }
                _ => from.text.as_bytes() <= said && said <= to.text.as_bytes(),
            },
            (Question::Matches(pattern), Some(said)) => pattern.is_in(said),
        };
        answer != self.not
    }
}

impl Comparison {
    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}
