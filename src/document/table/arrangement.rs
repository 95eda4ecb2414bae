//! How the rows of a table are to be shown: which of them, and in which order, as a person says it. Plain data.

use std::io;
use std::path::PathBuf;

use super::column_name::{ColumnName, Names, NoColumn};
use super::sort_key::{KeyOf, SortKey};
use super::{Dialect, parse_delimiter};
use crate::jobs::Failure;
use crate::units;

/// Which rows are shown, and in which order; all as they are in the file, where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Arrangement {
    /// Show only rows that hold all of these: 'status >= 500 path : api host ~ "^db[0-9]" note is not null'
    #[arg(long = "where", value_name = "CONDITIONS", default_value_t)]
    #[serde(default)]
    pub filter: String,
    /// Sort by this column, or by several one after the other: price, -price for the largest first, -#3, name:bytes
    #[arg(long, value_name = "COLUMN", value_parser = SortKey::parse, allow_hyphen_values = true)]
    #[serde(default)]
    pub sort: Vec<SortKey>,
}

impl Arrangement {
    /// Whether all rows are shown as they are in the file.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.filter.trim().is_empty() && self.sort.is_empty()
    }

    pub(super) fn needs_names(&self) -> bool {
        self.sort.iter().any(|key| matches!(key.column, ColumnName::Name(_)))
    }

    /// The keys where the columns have these names.
    ///
    /// # Errors
    /// When one is not there.
    pub(super) fn keys(&self, names: &Names) -> Result<Vec<KeyOf>, ArrangeError> {
        let resolved = |key: &SortKey| -> Result<KeyOf, ArrangeError> {
            let column = key.column.resolve(names)?;
            Ok(KeyOf { column, descending: key.descending, by_bytes: key.by_bytes })
        };
        self.sort.iter().map(resolved).collect()
    }
}

/// How a table is written, as far as somebody has said it.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// What stands between fields: a byte such as ;, tab, or 0x1f; told from the file where it is not given
    #[arg(long, short, value_parser = parse_delimiter)]
    #[serde(default)]
    pub delimiter: Option<u8>,
    /// Take the first row for one like all others, not for the names of the columns
    #[arg(long)]
    #[serde(default)]
    pub no_header: bool,
}

impl Written {
    /// How a table is written that begins so; `whole` if that is all of it.
    pub(super) fn dialect(&self, start: &[u8], whole: bool) -> Dialect {
        let told = match self.delimiter {
            Some(delimiter) => Dialect::with_delimiter(start, whole, delimiter),
            None => Dialect::of_start(start, whole),
        };
        Dialect { header: told.header && !self.no_header, ..told }
    }
}

/// Why rows could not be shown so.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum ArrangeError {
    /// It is not known which column is meant.
    #[error(transparent)]
    Column(#[from] NoColumn),
    /// The first record goes on and on.
    #[error("The first row is longer than {}, and can not be the names of columns: {}", units::bytes(16 << 20), .path.display())]
    LongHeader { path: PathBuf },
    /// There is no place for what has to be put aside.
    #[error("There is no room to put rows aside while they are sorted: {}", .path.display())]
    NoScratch { path: PathBuf, source: io::Error },
}

impl Failure for ArrangeError {
    fn advice(&self) -> String {
        match self {
            Self::Column(_) => "Call the column by its name in the header, or by its number as #3.",
            Self::LongHeader { .. } => "Read the table without a header, and call columns by their numbers.",
            Self::NoScratch { .. } => "Make room in the folder for caches, then retry.",
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_an_arrangement_is_the_same_when_it_comes_back() {
        let sort = ["-price", "#2:bytes"].map(|key| SortKey::parse(key).unwrap()).to_vec();
        let arrangement = Arrangement { filter: "a = 1".into(), sort };
        let again: Arrangement = serde_json::from_str(&serde_json::to_string(&arrangement).unwrap()).unwrap();
        assert_eq!(again, arrangement);
        assert!(Arrangement { filter: " ".into(), sort: Vec::new() }.is_none() && !arrangement.is_none());
    }
}
