//! How a filter is written: what is read of it, and where it makes no sense. Pure.

use super::super::column_name::ColumnName;
use super::Condition;
use super::condition::{Comparison, Question, Test, Value};
use crate::document::{LineEnding, PatternError, Query};
use crate::jobs::Failure;

/// Why a filter makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at character {at}")]
pub struct FilterError {
    /// What is wrong with it.
    pub what: String,
    /// Where that is seen, in characters from 1 on.
    pub at: usize,
}

impl Failure for FilterError {
    fn advice(&self) -> String {
        "Write conditions such as: status >= 500 path : api name = \"x y\" note is not null".into()
    }
}

/// What may stand between a column and a value, the longer ones first, and whether it turns the question round.
const SIGNS: [(&str, Sign, bool); 11] = [
    ("!=", Sign::Compare(Comparison::Equal), true),
    ("<>", Sign::Compare(Comparison::Equal), true),
    ("==", Sign::Compare(Comparison::Equal), false),
    ("<=", Sign::Compare(Comparison::LessOrEqual), false),
    (">=", Sign::Compare(Comparison::GreaterOrEqual), false),
    ("!~", Sign::Match, true),
    ("!:", Sign::Contain, true),
    ("=", Sign::Compare(Comparison::Equal), false),
    ("<", Sign::Compare(Comparison::Less), false),
    (">", Sign::Compare(Comparison::Greater), false),
    ("~", Sign::Match, false),
];
/// The one that is no beginning of another.
const CONTAINS: char = ':';

#[derive(Clone, Copy)]
enum Sign {
    Compare(Comparison),
    Match,
    Contain,
}

/// All conditions of a filter.
///
/// # Errors
/// When it makes no sense.
pub(super) fn conditions(text: &str) -> Result<Vec<Condition>, FilterError> {
    let mut parser = Parser { text: text.chars().collect(), at: 0 };
    let mut conditions = Vec::new();
    loop {
        parser.skip_blanks();
        if !conditions.is_empty() && parser.takes_word("and") {
            parser.skip_blanks();
        } else if parser.is_at_end() {
            return Ok(conditions);
        }
        conditions.push(parser.condition()?);
    }
}

struct Parser {
    text: Vec<char>,
    /// The next character.
    at: usize,
}

impl Parser {
    fn condition(&mut self) -> Result<Condition, FilterError> {
        let at = self.at + 1;
        let column = self.column()?;
        self.skip_blanks();
        let test = if self.takes_word("is") { self.state()? } else { self.comparison()? };
        Ok(Condition { column, at, test })
    }

    fn column(&mut self) -> Result<ColumnName, FilterError> {
        let from = self.at;
        if self.peek() == Some('"') {
            return Ok(ColumnName::Name(self.quoted()?));
        }
        while self.peek().is_some_and(|c| !c.is_whitespace() && !matches!(c, '=' | '<' | '>' | '~' | '!' | ':' | '"')) {
            self.at += 1;
        }
        let name = self.since(from);
        if name.is_empty() {
            return Err(wrong("A condition begins with the name of a column", from));
        }
        ColumnName::parse(&name).ok_or_else(|| wrong("Columns are counted from #1 on", from))
    }

    /// What comes after `is`.
    fn state(&mut self) -> Result<Test, FilterError> {
        self.skip_blanks();
        let not = self.takes_word("not");
        self.skip_blanks();
        let from = self.at;
        let question = if self.takes_word("null") {
            Question::Null
        } else if self.takes_word("empty") {
            Question::Empty
        } else {
            return Err(wrong("After “is” comes null, empty, not null or not empty", from));
        };
        Ok(Test { question, not })
    }

    fn comparison(&mut self) -> Result<Test, FilterError> {
        let from = self.at;
        let Some((sign, not)) = self.sign() else {
            return Err(wrong("After a column comes =, !=, <, <=, >, >=, : for what it contains, ~ or is", from));
        };
        self.skip_blanks();
        let from = self.at;
        let value = self.value(matches!(sign, Sign::Compare(Comparison::Equal)))?;
        let question = match (sign, value) {
            (Sign::Compare(_), (from, Some(to))) => Question::Between(from, to),
            (Sign::Compare(comparison), (value, None)) => Question::Compares(comparison, value),
            (Sign::Match, (value, _)) => {
                matching(Query { pattern: value.text, ..Query::default() }, value.quoted, from)?
            }
            (Sign::Contain, (value, _)) => {
                let query = Query { pattern: value.text, fixed: true, ignore_case: true, ..Query::default() };
                matching(query, value.quoted, from)?
            }
        };
        Ok(Test { question, not })
    }

    fn sign(&mut self) -> Option<(Sign, bool)> {
        if self.peek() == Some(CONTAINS) {
            self.at += 1;
            return Some((Sign::Contain, false));
        }
        let rest = self.text.get(self.at..)?;
        let stands = |sign: &str| sign.chars().eq(rest.iter().copied().take(sign.len()));
        let (sign, meant, not) = SIGNS.into_iter().find(|(sign, ..)| stands(sign))?;
        self.at += sign.len();
        Some((meant, not))
    }

    /// What a cell is compared with, or the two values that it may lie between.
    fn value(&mut self, may_be_two: bool) -> Result<(Value, Option<Value>), FilterError> {
        let from = self.at;
        if self.peek() == Some('"') {
            let value = Value::new(self.quoted()?, true);
            let two = may_be_two && self.text.get(self.at..).is_some_and(|rest| rest.starts_with(&['.', '.']));
            if !two {
                return Ok((value, None));
            }
            self.at += 2;
            let to = if self.peek() == Some('"') { Value::new(self.quoted()?, true) } else { self.word(from)? };
            return Ok((value, Some(to)));
        }
        let word = self.word(from)?;
        let parts =
            word.text.split_once("..").filter(|(one, other)| may_be_two && !one.is_empty() && !other.is_empty());
        match parts {
            Some((one, other)) => Ok((Value::new(one.to_owned(), false), Some(Value::new(other.to_owned(), false)))),
            None => Ok((word, None)),
        }
    }

    /// What goes on to the next blank.
    fn word(&mut self, begin: usize) -> Result<Value, FilterError> {
        let from = self.at;
        while self.peek().is_some_and(|c| !c.is_whitespace()) {
            self.at += 1;
        }
        let word = self.since(from);
        if word.is_empty() {
            return Err(wrong("There is nothing to compare with; an empty text is \"\"", begin));
        }
        Ok(Value::new(word, false))
    }

    /// What stands in quotes.
    fn quoted(&mut self) -> Result<String, FilterError> {
        let from = self.at;
        let mut text = String::new();
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += 1;
            if c != '"' {
                text.push(c);
            } else if self.peek() == Some('"') {
                text.push(c);
                self.at += 1;
            } else {
                return Ok(text);
            }
        }
        Err(wrong("A quote is opened and not closed", from))
    }

    /// Takes a word in large or small letters, if that is what comes next as a whole.
    fn takes_word(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let found: String = self.text.get(self.at..end).unwrap_or_default().iter().collect();
        let is_whole = self.text.get(end).is_none_or(|c| c.is_whitespace());
        let takes = is_whole && found.eq_ignore_ascii_case(word);
        if takes {
            self.at = end;
        }
        takes
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn since(&self, from: usize) -> String {
        self.text.get(from..self.at).unwrap_or_default().iter().collect()
    }
}

/// The question for a pattern that stands at character `from`, in quotes or not.
fn matching(query: Query, quoted: bool, from: usize) -> Result<Question, FilterError> {
    let pattern = query.compile(LineEnding::None).map_err(|error| match error {
        PatternError::Invalid { what, at } => {
            let at = from + usize::from(quoted) + at - 1;
            wrong(&format!("This is no regular expression: {what}"), at)
        }
        other => wrong(&other.to_string(), from),
    })?;
    Ok(Question::Matches(pattern))
}

fn wrong(what: &str, at: usize) -> FilterError {
    FilterError { what: what.to_owned(), at: at + 1 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_makes_no_sense_is_told_with_its_place() {
        for (filter, what, at) in [
            ("= 5", "A condition begins with the name of a column", 1),
            ("a = 1 and", "A condition begins with the name of a column", 10),
            ("status 500", "After a column comes", 8),
            ("status >=  ", "There is nothing to compare with", 12),
            ("ä = \"x", "A quote is opened and not closed", 5),
            ("a is nil", "After “is” comes", 6),
            ("a = 1 b ~ x(y", "This is no regular expression: unclosed group", 12),
            ("a ~ \"x(y\"", "This is no regular expression: unclosed group", 7),
            ("#0 = 1", "Columns are counted from #1 on", 1),
            ("a : \"\"", "There is nothing to search for", 5),
        ] {
            let error = conditions(filter).unwrap_err();
            assert!(error.what.starts_with(what), "{filter}: {error}");
            assert_eq!(error.at, at, "{filter}: {error}");
        }
    }

    #[test]
    fn a_value_goes_on_to_the_next_blank_and_a_column_to_the_next_sign() {
        let told = |filter: &str| {
            let told = |condition: &Condition| {
                let value = match &condition.test.question {
                    Question::Compares(_, value) => value.text.clone(),
                    Question::Between(from, to) => format!("{} to {}", from.text, to.text),
                    other => format!("{other:?}"),
                };
                (condition.column.to_string(), value)
            };
            conditions(filter).unwrap().iter().map(told).collect::<Vec<_>>()
        };
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(column, value)| ((*column).to_owned(), (*value).to_owned())).collect()
        };
        assert_eq!(told("time>=12:30:00 a=b=c"), pairs(&[("time", "12:30:00"), ("a", "b=c")]));
        assert_eq!(told("\"a \"\"b\"\"\" = \"x \"\"y\"\"\""), pairs(&[("a \"b\"", "x \"y\"")]));
        assert_eq!(told("a = 1..2 b = \"1\"..\"2\" c = ..d"), pairs(&[("a", "1 to 2"), ("b", "1 to 2"), ("c", "..d")]));
        assert_eq!(told("isa = is is = and and \"and\" = x"), pairs(&[("isa", "is"), ("is", "and"), ("and", "x")]));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_filter_or_an_error_within_it(text in "[a-z#0-9 =<>!~:\".ä()]{0,30}") {
            if let Err(error) = conditions(&text) {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.at), "{}", error);
            }
        }
    }
}
