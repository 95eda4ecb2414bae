//! Makes text of records, of which some columns are written, in some order. Pure.

use std::collections::HashSet;
use std::ops::Range;

use super::super::column_name::Names;
use super::super::record_cells::Record;
use super::ExportFormat;

/// Writes records one after the other.
pub(super) struct RowWriter {
    format: ExportFormat,
    quote: Option<u8>,
    /// The columns that are written; a run without an end goes on to the last field.
    columns: Vec<Range<u64>>,
    names: Names,
    /// What the columns of the last record are called, as they are written.
    shown_names: Vec<String>,
    /// The most fields that a record had so far.
    widest: u64,
    text: Vec<u8>,
}

impl RowWriter {
    pub(super) fn new(format: ExportFormat, quote: Option<u8>, columns: Vec<Range<u64>>, names: Names) -> Self {
        Self { format, quote, columns, names, shown_names: Vec::new(), widest: 0, text: Vec::new() }
    }

    /// Takes in the next record.
    pub(super) fn push(&mut self, record: &Record<'_>) {
        let columns = self.columns_of(record.fields);
        self.widest = self.widest.max(record.fields);
        // If there are as many as before, they are the same.
        if self.shown_names.len() != columns.len() {
            self.shown_names = self.names_of(&columns);
        }
        let said: Vec<_> = columns.iter().map(|column| record.said(*column, self.quote)).collect();
        let cells: Vec<_> = said.iter().map(Option::as_deref).collect();
        self.format.write_row(&self.shown_names, &cells, &mut self.text);
    }

    /// What comes before all records: the names of the columns or, where they have none, of as many as the widest record so
    /// far has fields.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        let fields = if self.names.is_some() { 0 } else { self.widest };
        let names = self.names_of(&self.columns_of(fields));
        self.format.write_names(&names, self.names.is_some(), &mut head);
        head
    }

    /// What was made since it was emptied.
    pub(super) const fn text(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }

    /// The columns of a record that has so many fields: at least those that have names.
    fn columns_of(&self, fields: u64) -> Vec<u64> {
        let named = self.names.as_ref().map_or(0, |names| names.len() as u64);
        let last = fields.max(named);
        let end = |run: &Range<u64>| if run.end == u64::MAX { last } else { run.end };
        self.columns.iter().flat_map(|run| run.start..end(run)).collect()
    }

    /// The names of columns, in JSON each another one: two that are the same would be one.
    fn names_of(&self, columns: &[u64]) -> Vec<String> {
        let mut taken = HashSet::new();
        let mut distinct = Vec::with_capacity(columns.len());
        for column in columns {
            let place = usize::try_from(*column).unwrap_or(usize::MAX);
            let told = self.names.as_ref().and_then(|names| names.get(place)).filter(|name| !name.is_empty());
            let number = column.saturating_add(1);
            let mut name =
                told.map_or_else(|| format!("Column {number}"), |name| String::from_utf8_lossy(name).into_owned());
            let is_json = self.format == ExportFormat::JsonLines;
            while is_json && taken.contains(&name) {
                name = format!("{name} ({number})");
            }
            taken.insert(name.clone());
            distinct.push(name);
        }
        distinct
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::super::Dialect;
    use super::super::super::record_cells::{Most, RecordCells, Wanted};
    use super::*;
    use crate::source::ByteOffset;

    fn written(format: ExportFormat, columns: &[Range<u64>], names: Option<&[&str]>, text: &str) -> String {
        let names = names.map(|names| names.iter().map(|name| name.as_bytes().to_vec()).collect());
        let mut writer = RowWriter::new(format, Some(b'"'), columns.to_vec(), names);
        let most = Most { of_cell: 100, of_record: 1_000 };
        let mut cells = RecordCells::new(Dialect::default(), Wanted::All, most, ByteOffset(0));
        let _ = cells.feed(text.as_bytes(), |record| -> ControlFlow<()> {
            writer.push(record);
            ControlFlow::Continue(())
        });
        let all = [writer.head(), std::mem::take(writer.text())].concat();
        String::from_utf8(all).unwrap()
    }

    const ALL: Range<u64> = 0..u64::MAX;

    #[test]
    fn columns_come_as_they_are_shown_and_what_a_row_lacks_is_nothing() {
        let turned = [2..3, 0..1];
        assert_eq!(written(ExportFormat::Csv, &turned, Some(&["a", "b", "c"]), "1,2,3\n4\n"), "c,a\n3,1\n,4\n");
        let all = std::slice::from_ref(&ALL);
        assert_eq!(written(ExportFormat::Csv, all, Some(&["a", "b"]), "1\n2,3,4\n"), "a,b\n1,\n2,3,4\n");
        assert_eq!(written(ExportFormat::Tsv, all, None, "1,\"\"\n,3\n"), "1\t\"\"\n\t3\n");
        assert_eq!(written(ExportFormat::Csv, all, Some(&["a", "b"]), ""), "a,b\n");
    }

    #[test]
    fn each_key_of_an_object_is_another_one_also_of_fields_that_only_some_rows_have() {
        let all = std::slice::from_ref(&ALL);
        assert_eq!(
            written(ExportFormat::JsonLines, all, Some(&["id", "", "id"]), "1,2,3\n4,5,6,7\n"),
            "{\"id\":1,\"Column 2\":2,\"id (3)\":3}\n{\"id\":4,\"Column 2\":5,\"id (3)\":6,\"Column 4\":7}\n"
        );
        assert_eq!(
            written(ExportFormat::Markdown, all, None, "x,y\n"),
            "| Column 1 | Column 2 |\n| --- | --- |\n| x | y |\n"
        );
    }
}
