//! What a row of an outline says: its key, how its value begins, and how much there is of it; for the eye and for the
//! ear.

use egui::Color32;

use super::outline_rows::{Count, colour_of};
use super::outline_spot::Spot;
use super::theme::Colours;
use crate::document::{Node, NodeKind, Nodes, Preview, decode_row};
use crate::source::ByteOffset;
use crate::units;

/// The most that is shown of a value, in bytes.
const MAX_VALUE_BYTES: u64 = 400;
/// The most that is shown of a key.
const MAX_KEY_BYTES: u64 = 160;

/// What is known of a value from its first bytes.
pub(super) struct Words {
    /// Its key, if it has one.
    key: Option<String>,
    value: String,
    /// Whether all of the value is shown.
    pub(super) whole: bool,
}

impl Words {
    /// Those of a value that ends at `end`, if that is known; `None` while its bytes are on their way.
    pub(super) fn of(node: &Node, end: Option<ByteOffset>, nodes: &Nodes<'_>) -> Option<Self> {
        let key = nodes.key(node, MAX_KEY_BYTES).here()?;
        if node.kind == NodeKind::Unread {
            return Some(Self { key: None, value: "…".into(), whole: false });
        }
        let value = nodes.preview(node, end, MAX_VALUE_BYTES).here()?;
        let key = key.map(|key| plain_name(&key).unwrap_or_else(|| shown(&key)));
        Some(Self { key, value: shown(&value), whole: value.whole })
    }

    /// The parts of a row, each with its colour.
    pub(super) fn coloured(
        &self,
        spot: &Spot,
        open: bool,
        count: Option<Count>,
        end: Option<ByteOffset>,
        colours: &Colours,
    ) -> Vec<(String, Color32)> {
        let kind = spot.node.kind;
        let mut parts = Vec::new();
        match &self.key {
            Some(key) => parts.push((key.clone(), colours.text)),
            None if !spot.node.member => parts.push((index(spot), colours.dim)),
            None => {}
        }
        if !parts.is_empty() {
            parts.push((": ".into(), colours.dim));
        }
        if kind.is_container() {
            parts.push((counted(kind, count), colours.text));
            if !open && !self.value.is_empty() {
                parts.push((format!("  {}", self.value), colours.dim));
            }
            return parts;
        }
        parts.push((self.value.clone(), colour_of(kind, colours)));
        if let Some(end) = end.filter(|_| !self.whole && kind != NodeKind::Unread) {
            parts.push((format!("  {}", units::bytes(end.since(spot.node.value))), colours.dim));
        }
        parts
    }

    /// The same for a screen reader.
    pub(super) fn spoken(&self, spot: &Spot, open: bool, count: Option<Count>) -> String {
        let name = self.key.clone().unwrap_or_else(|| index(spot));
        let kind = spot.node.kind;
        if !kind.is_container() {
            return format!("{name}: {}", self.value);
        }
        let state = if open { "open" } else { "closed" };
        format!("{name}: {} {}, {state}", kind_name(kind), counted(kind, count))
    }
}

/// What a kind of value is called.
pub(super) const fn kind_name(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Object => "object",
        NodeKind::Array => "array",
        NodeKind::Text => "string",
        NodeKind::Number => "number",
        NodeKind::Boolean => "boolean",
        NodeKind::Null => "null",
        NodeKind::Unread => "not looked at",
    }
}

/// The key without its quotes, if it needs none to be told from anything else.
pub(super) fn plain_name(key: &Preview) -> Option<String> {
    let name = key.bytes.strip_prefix(b"\"")?.strip_suffix(b"\"").filter(|_| key.whole)?;
    let begins = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    let plain = begins && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    plain.then(|| String::from_utf8_lossy(name).into_owned())
}

fn index(spot: &Spot) -> String {
    spot.index.map_or_else(|| "…".into(), units::number)
}

fn counted(kind: NodeKind, count: Option<Count>) -> String {
    let (left, right, one) = if kind == NodeKind::Object { ("{", "}", "key") } else { ("[", "]", "item") };
    match count {
        None => format!("{left} … {right}"),
        Some(Count { values: 0, all: true, .. }) => format!("{left} {right}"),
        Some(Count { values, all: true, .. }) => format!("{left} {} {right}", units::count(values, one)),
        Some(Count { values, .. }) => format!("{left} {} so far {right}", units::count(values, one)),
    }
}

/// The text as it can be drawn, with an ellipsis where it is cut.
fn shown(preview: &Preview) -> String {
    let bytes = match std::str::from_utf8(&preview.bytes) {
        // The last character is cut.
        Err(error) if !preview.whole && error.error_len().is_none() => preview.bytes.get(..error.valid_up_to()),
        _ => None,
    };
    let mut text = decode_row(bytes.unwrap_or(&preview.bytes), 0, usize::MAX, 1).text;
    if !preview.whole {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview(text: &str, whole: bool) -> Preview {
        Preview { bytes: text.as_bytes().to_vec(), whole }
    }

    #[test]
    fn only_a_plain_name_goes_without_its_quotes() {
        assert_eq!(plain_name(&preview("\"user_1\"", true)).as_deref(), Some("user_1"));
        for other in ["\"\"", "\"1a\"", "\"a b\"", "\"a.b\"", "\"a\\\"\"", "\"ä\""] {
            assert_eq!(plain_name(&preview(other, true)), None, "{other}");
        }
        assert_eq!(plain_name(&preview("\"user", false)), None);
    }

    #[test]
    fn what_is_cut_ends_in_an_ellipsis_after_a_whole_character() {
        assert_eq!(shown(&preview("\"abc\"", true)), "\"abc\"");
        assert_eq!(shown(&Preview { bytes: b"\"ab\xc3".to_vec(), whole: false }), "\"ab…");
        assert_eq!(shown(&Preview { bytes: b"\"\xff\"".to_vec(), whole: true }), "\"\u{fffd}\"");
    }

    #[test]
    fn how_many_there_are_is_said_as_far_as_it_is_known() {
        let count = |values, all| Some(Count { values, all, to: ByteOffset(0) });
        assert_eq!(counted(NodeKind::Array, count(12_345, true)), "[ 12,345 items ]");
        assert_eq!(counted(NodeKind::Object, count(1, true)), "{ 1 key }");
        assert_eq!(counted(NodeKind::Array, count(0, true)), "[ ]");
        assert_eq!(counted(NodeKind::Array, count(7, false)), "[ 7 items so far ]");
        assert_eq!(counted(NodeKind::Object, None), "{ … }");
    }
}
