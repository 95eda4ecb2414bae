//! How a column is called: by its name in the header, or by its number, as `#3`. Pure.

use std::fmt;

/// A column, as somebody has called it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnName {
    /// The column of this number, from 0 on.
    Number(u64),
    /// The first one of this name; if there is none, the first one that has it in large or small letters.
    Name(String),
}

/// The names of the columns of a table, if it has a header.
pub(super) type Names = Option<Vec<Vec<u8>>>;

/// Why it is not known which column is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoColumn {
    /// There is none of that name.
    #[error("There is no column “{0}”")]
    OfThatName(String),
    /// No column has a name.
    #[error("No column is called “{0}”, as the table has no header: write #3 for the third one")]
    WithoutHeader(String),
}

impl ColumnName {
    /// Reads it as people write it; `None` if it is empty or a number that no column has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('#') {
            Some(number) => number.parse::<u64>().ok()?.checked_sub(1).map(Self::Number),
            None => Some(Self::Name(text.to_owned())).filter(|_| !text.is_empty()),
        }
    }

    /// Which column is meant, where these are the names.
    ///
    /// # Errors
    /// When none is called so.
    pub(super) fn resolve(&self, names: &Names) -> Result<u64, NoColumn> {
        let name = match self {
            Self::Number(number) => return Ok(*number),
            Self::Name(name) => name,
        };
        let Some(names) = names else { return Err(NoColumn::WithoutHeader(name.clone())) };
        let small = |text: &[u8]| String::from_utf8_lossy(text).to_lowercase();
        let exact = names.iter().position(|known| known == name.as_bytes());
        let alike = || names.iter().position(|known| small(known) == small(name.as_bytes()));
        let place = exact.or_else(alike).ok_or_else(|| NoColumn::OfThatName(name.clone()))?;
        Ok(place as u64)
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "#{}", number.saturating_add(1)),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_name_or_by_its_number() {
        let names = Some(["id", "Name", "name", "id"].map(|name| name.as_bytes().to_vec()).to_vec());
        let found = |text: &str| ColumnName::parse(text).unwrap().resolve(&names);
        assert_eq!((found("id"), found("name"), found("NAME"), found("#4")), (Ok(0), Ok(2), Ok(1), Ok(3)));
        assert_eq!(found("x"), Err(NoColumn::OfThatName("x".into())));
        assert_eq!(ColumnName::Name("x".into()).resolve(&None), Err(NoColumn::WithoutHeader("x".into())));
        assert_eq!((ColumnName::parse(""), ColumnName::parse("#0"), ColumnName::parse("#x")), (None, None, None));
    }
}
