//! Which rows are shown, as a person types it in one line: conditions on columns, all of which have to hold. Pure.
//!
//! ```text
//! status >= 500  path : api  host ~ "^db[0-9]+$"  time = 2026-01-01..2026-02-01  note is not null
//! ```
//!
//! A column is called by its name, in quotes if there is more in that than letters and digits, or by its number, as `#3`. What
//! a cell is compared with ends at a blank, unless it is in quotes; a quote in quotes is doubled.

mod condition;
mod parser;

use std::borrow::Cow;

pub use parser::FilterError;

use super::Dialect;
use super::column_name::{ColumnName, Names, NoColumn};
use super::decimal::push_number;
use super::record_cells::Record;
use condition::Test;

/// Conditions that rows have to hold.
#[derive(Clone, Debug)]
pub struct Filter {
    conditions: Vec<Condition>,
}

/// A condition on a column.
#[derive(Clone, Debug)]
struct Condition {
    column: ColumnName,
    /// Where it begins in what was typed, in characters from 1 on.
    at: usize,
    test: Test,
}

impl Filter {
    /// Reads what a person has typed; nothing is held by all rows.
    ///
    /// # Errors
    /// When it makes no sense, with the place where that is seen.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { conditions: parser::conditions(text)? })
    }

    /// Whether some column is called by its name.
    pub(super) fn needs_names(&self) -> bool {
        self.conditions.iter().any(|condition| matches!(condition.column, ColumnName::Name(_)))
    }

    /// The filter for a table that is written so, whose columns have these names.
    ///
    /// # Errors
    /// When a column is not there, with the place where it is called.
    pub(super) fn resolve(&self, names: &Names, dialect: Dialect, decimal_comma: bool) -> Result<Sieve, FilterError> {
        let resolved = |condition: &Condition| -> Result<(u64, Test), FilterError> {
            let wrong = |error: NoColumn| FilterError { what: error.to_string(), at: condition.at };
            Ok((condition.column.resolve(names).map_err(wrong)?, condition.test.clone().with_numbers(decimal_comma)))
        };
        let tests = self.conditions.iter().map(resolved).collect::<Result<_, _>>()?;
        Ok(Sieve { tests, quote: dialect.quote, decimal_comma, number: Vec::new() })
    }
}

/// A filter for one table.
#[derive(Debug)]
pub(super) struct Sieve {
    tests: Vec<(u64, Test)>,
    quote: Option<u8>,
    decimal_comma: bool,
    /// The number that a cell says, as bytes.
    number: Vec<u8>,
}

impl Sieve {
    /// The columns that it looks at.
    pub(super) fn columns(&self) -> impl Iterator<Item = u64> {
        self.tests.iter().map(|(column, _)| *column)
    }

    /// Whether a row holds all conditions.
    pub(super) fn passes(&mut self, record: &Record<'_>) -> bool {
        let Self { tests, quote, decimal_comma, number } = self;
        tests.iter().all(|(column, test)| {
            let said: Option<Cow<'_, [u8]>> = record.said(*column, *quote);
            number.clear();
            let is_number =
                test.compares_numbers() && said.as_ref().is_some_and(|said| push_number(said, *decimal_comma, number));
            test.holds(said.as_deref(), Some(number.as_slice()).filter(|_| is_number))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::record_cells::{Most, RecordCells, Wanted};
    use super::*;
    use crate::source::ByteOffset;

    /// The numbers of the rows that are left of a table whose first row has the names.
    fn left(text: &str, filter: &str) -> Result<Vec<u64>, String> {
        let dialect = Dialect::default();
        let most = Most { of_cell: 100, of_record: 1_000 };
        let mut cells = RecordCells::new(dialect, Wanted::All, most, ByteOffset(0));
        let filter = Filter::parse(filter).map_err(|error| error.to_string())?;
        let (mut sieve, mut left) = (None, Vec::new());
        let _ = cells.feed(text.as_bytes(), |record| -> ControlFlow<()> {
            match &mut sieve {
                None => {
                    let names = Some(record.texts(dialect.quote));
                    sieve = Some(filter.resolve(&names, dialect, false).map_err(|error| error.to_string()));
                }
                Some(Ok(sieve)) => left.extend(sieve.passes(record).then_some(record.number)),
                Some(Err(_)) => {}
            }
            ControlFlow::Continue(())
        });
        sieve.transpose()?;
        Ok(left)
    }

    const TABLE: &str = "status,path,note\n200,/api/a,\"\"\n500,/API/b,\n503,/home,\"two words\"\nnone,\n1e3,/api,x\n";

    #[test]
    fn rows_are_left_that_hold_all_conditions() {
        for (filter, rows) in [
            ("", &[1, 2, 3, 4, 5][..]),
            ("status >= 500", &[2, 3, 5]),
            ("status>=500 path:api", &[2, 5]),
            ("status = 200.0", &[1]),
            ("status = \"200.0\"", &[]),
            ("status = 500..599", &[2, 3]),
            ("status != 500..599", &[1, 4, 5]),
            ("status != 200", &[2, 3, 4, 5]),
            ("status < 1000", &[1, 2, 3]),
            ("status <= 1000 and status > 200", &[2, 3, 5]),
            ("path ~ ^/api", &[1, 5]),
            ("path ~ (?i)^/api", &[1, 2, 5]),
            ("path !~ api", &[2, 3, 4]),
            ("path !: api", &[3, 4]),
            ("note is null", &[2, 4]),
            ("note is not null", &[1, 3, 5]),
            ("note is empty", &[1]),
            ("note is not empty", &[2, 3, 4, 5]),
            ("note = \"two words\"", &[3]),
            ("#3 = x", &[5]),
            ("path > /b", &[3]),
            ("path = /a../b", &[1, 5]),
            ("\"status\" = none", &[4]),
        ] {
            assert_eq!(left(TABLE, filter), Ok(rows.to_vec()), "{filter}");
        }
    }

    #[test]
    fn a_column_that_is_not_there_is_told_with_its_place() {
        let error = left(TABLE, "status = 200 stat = 1").unwrap_err();
        assert_eq!(error, "There is no column “stat”, at character 14");
    }
}
