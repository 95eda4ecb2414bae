//! The text that a block of cells becomes when it is copied: tabs between cells, newlines between records, and no more than
//! fits on a clipboard. Pure, but for the reads of [`Copying::take_record`].

use std::io;

use super::Dialect;
use super::cells::content;
use super::copy::{Block, MAX_COPY_BYTES};
use super::edges::{Edge, each_edge};
use super::splitter::ScanState;
use crate::source::{ByteOffset, Source};

/// What was copied so far.
pub(super) struct Copying<'a> {
    dialect: Dialect,
    block: &'a Block,
    width: u64,
    /// The bytes of the cell that goes on, if it is wanted.
    cell: Vec<u8>,
    column: u64,
    /// Which of the columns that are copied that is.
    place: Option<u64>,
    /// The cells of the record that goes on, each with its place.
    record: Vec<(u64, Vec<u8>)>,
    record_bytes: usize,
    text: Vec<u8>,
    records: u64,
    too_much: bool,
}

impl<'a> Copying<'a> {
    /// Nothing of a block yet.
    pub(super) fn begin(dialect: Dialect, block: &'a Block) -> Self {
        Self {
            dialect,
            block,
            width: block.width(),
            cell: Vec::new(),
            column: 0,
            place: block.place_of(0),
            record: Vec::new(),
            record_bytes: 0,
            text: Vec::new(),
            records: 0,
            too_much: false,
        }
    }

    /// Takes in the record that starts at `start`, a bufferful at a time.
    pub(super) fn take_record(&mut self, source: &dyn Source, start: ByteOffset, buffer: &mut [u8]) -> io::Result<()> {
        let (mut at, mut state, mut done) = (start, ScanState::AtEdge, false);
        while !done && !self.too_much {
            let read = source.read_at(at, buffer)?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                self.end_record();
                break;
            }
            let mut from = 0;
            state = each_edge(bytes, self.dialect, state, |place, edge| {
                self.take(bytes.get(from..place).unwrap_or_default());
                from = place + 1;
                if edge == Edge::Field {
                    self.end_cell();
                } else {
                    self.end_record();
                    done = true;
                }
                !done && !self.too_much
            });
            if !done {
                self.take(bytes.get(from..).unwrap_or_default());
            }
            at = at.plus(read as u64);
        }
        Ok(())
    }

    /// Whether it is more than fits on a clipboard.
    pub(super) fn is_too_much(&self) -> bool {
        self.too_much
    }

    /// Takes in the next bytes of a cell.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        if self.place.is_some() && !self.too_much {
            self.too_much = self.text.len() + self.cell.len() + bytes.len() > MAX_COPY_BYTES;
            self.cell.extend_from_slice(bytes);
        }
    }

    /// Ends a cell that is not the last of its record.
    pub(super) fn end_cell(&mut self) {
        if let Some(place) = self.place {
            let said = content(&self.cell, self.dialect.quote).unwrap_or_default().into_owned();
            self.record_bytes += said.len();
            self.too_much |= self.text.len() + self.record_bytes > MAX_COPY_BYTES;
            self.record.push((place, said));
        }
        self.cell.clear();
        self.column += 1;
        self.place = self.block.place_of(self.column);
    }

    /// Ends a record, and with it its last cell.
    pub(super) fn end_record(&mut self) {
        // It belongs to the end of the record.
        if self.cell.ends_with(b"\r") {
            self.cell.pop();
        }
        self.end_cell();
        if self.records > 0 {
            self.text.push(b'\n');
        }
        self.records += 1;
        (self.column, self.place) = (0, self.block.place_of(0));
        let mut record = std::mem::take(&mut self.record);
        self.record_bytes = 0;
        record.sort_by_key(|(place, _)| *place);
        let mut cells = record.into_iter().peekable();
        for place in 0..self.width {
            if self.text.len() > MAX_COPY_BYTES {
                self.too_much = true;
                return;
            }
            if place > 0 {
                self.text.push(b'\t');
            }
            if let Some((_, cell)) = cells.next_if(|(at, _)| *at == place) {
                self.write(&cell);
            }
        }
    }

    /// Writes a cell so that whoever pastes it into a table gets it as one.
    fn write(&mut self, cell: &[u8]) {
        let alone = self.width == 1 && self.block.rows.is_one();
        let tears = cell.starts_with(b"\"") || cell.iter().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r'));
        if alone || !tears {
            self.text.extend_from_slice(cell);
            return;
        }
        self.text.push(b'"');
        for byte in cell {
            self.text.push(*byte);
            if *byte == b'"' {
                self.text.push(b'"');
            }
        }
        self.text.push(b'"');
    }

    /// All that was copied.
    pub(super) fn into_text(self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}
