//! Reading the few bytes in which a value begins: where it does after white space, its key, and as much of it as is
//! shown.

use super::node::{Lack, Node, NodeKind, Preview};
use super::nodes::Nodes;
use super::structure::{end_of_text, is_blank, is_structure};
use crate::source::ByteOffset;

/// The most white space, and the longest key, that are gone through for what comes after.
pub(super) const MAX_SKIPPED_BYTES: u64 = 1 << 20;

/// What comes after some white space.
enum Solid {
    Byte(ByteOffset, u8),
    /// More white space than is gone through.
    TooFar,
    /// Nothing that was read.
    Nothing,
}

impl Nodes<'_> {
    /// The value that begins at `from` or after white space there; `None` if the container or the document ends first.
    pub(super) fn child_from(&self, from: ByteOffset, depth: u32, member: bool) -> Result<Option<Node>, Lack> {
        let unread = |at| Ok(Some(Node { at, value: at, depth, member, kind: NodeKind::Unread }));
        let (at, byte) = match self.solid(from)? {
            Solid::Byte(_, b']' | b'}') => return Ok(None),
            Solid::Byte(at, byte) => (at, byte),
            Solid::TooFar => return unread(from),
            Solid::Nothing => return self.none(),
        };
        if !member {
            return Ok(Some(Node { at, value: at, depth, member, kind: NodeKind::of(byte) }));
        }
        let end = match self.key_end(at)? {
            Solid::Byte(end, _) => end,
            Solid::TooFar => return unread(at),
            Solid::Nothing => return self.none(),
        };
        let value = match self.solid(end)? {
            Solid::Byte(colon, b':') => self.solid(colon.plus(1))?,
            other => other,
        };
        match value {
            Solid::Byte(value, byte) => Ok(Some(Node { at, value, depth, member, kind: NodeKind::of(byte) })),
            Solid::TooFar => unread(at),
            Solid::Nothing => self.none(),
        }
    }

    /// The first byte from `from` on that is no white space.
    fn solid(&self, from: ByteOffset) -> Result<Solid, Lack> {
        let limit = self.covered().min(from.plus(MAX_SKIPPED_BYTES));
        let mut at = from;
        while at < limit {
            let piece = self.piece(at, limit)?;
            let bytes = piece.bytes();
            if let Some((place, byte)) = bytes.iter().enumerate().find(|(_, byte)| !is_blank(**byte)) {
                return Ok(Solid::Byte(at.plus(place as u64), *byte));
            }
            at = at.plus(bytes.len() as u64);
        }
        Ok(if at < self.covered() { Solid::TooFar } else { Solid::Nothing })
    }

    /// The byte after the key that begins at `at`.
    fn key_end(&self, at: ByteOffset) -> Result<Solid, Lack> {
        let limit = self.covered().min(at.plus(MAX_SKIPPED_BYTES));
        let (mut from, mut escaped) = (at.plus(1), false);
        while from < limit {
            let piece = self.piece(from, limit)?;
            if let Some(end) = end_of_text(piece.bytes(), &mut escaped) {
                return Ok(Solid::Byte(from.plus(end as u64), b'"'));
            }
            from = from.plus(piece.bytes().len() as u64);
        }
        Ok(if from < self.covered() { Solid::TooFar } else { Solid::Nothing })
    }

    /// The string, number or word that begins at `at`, cut to `max_bytes`.
    pub(super) fn token(&self, at: ByteOffset, max_bytes: u64) -> Result<Preview, Lack> {
        let mut bytes = self.raw(at, at.plus(max_bytes))?;
        let end = if let Some((b'"', text)) = bytes.split_first() {
            end_of_text(text, &mut false).map(|end| end + 1)
        } else {
            let end = bytes.iter().position(|byte| is_blank(*byte) || is_structure(*byte));
            end.or(Some(bytes.len()).filter(|_| at.plus(bytes.len() as u64).0 >= self.len_bytes))
        };
        bytes.truncate(end.unwrap_or(bytes.len()));
        Ok(Preview { bytes, whole: end.is_some() })
    }

    /// The bytes of a range that is not large, as far as there are any.
    pub(super) fn raw(&self, from: ByteOffset, to: ByteOffset) -> Result<Vec<u8>, Lack> {
        let to = to.min(ByteOffset(self.len_bytes));
        let mut bytes = Vec::new();
        while from.plus(bytes.len() as u64) < to {
            bytes.extend_from_slice(self.piece(from.plus(bytes.len() as u64), to)?.bytes());
        }
        Ok(bytes)
    }
}

/// The same JSON with a space for each white space between tokens. The last string may be cut.
pub(super) fn squeezed(bytes: &[u8]) -> Vec<u8> {
    let mut squeezed = Vec::with_capacity(bytes.len());
    let mut rest = bytes.trim_ascii();
    while let Some((byte, after)) = rest.split_first() {
        let count = match byte {
            b'"' => end_of_text(after, &mut false).map_or(rest.len(), |end| end + 1),
            _ if is_blank(*byte) => {
                squeezed.push(b' ');
                rest = rest.trim_ascii_start();
                continue;
            }
            _ => 1,
        };
        let (token, after) = rest.split_at(count);
        squeezed.extend_from_slice(token);
        rest = after;
    }
    squeezed
}
