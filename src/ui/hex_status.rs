//! What stands under the bytes of a hex view: where the person is, what is selected, and the two switches of the view; and
//! how people write where they want to go.

use egui::{Align, Layout, Rect, RichText, Stroke, Ui, UiBuilder, vec2};

use super::hex_cursor::Cursor;
use super::reading_menu;
use super::text_find::switch;
use super::text_jumps::{Jump, JumpError, parse_jump};
use super::text_status::share;
use super::theme::{Colours, detail, line_of};
use crate::command::Command;
use crate::document::{Document, Facts, Shape};
use crate::source::ByteOffset;
use crate::units;

/// What can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switches {
    /// Whether what the bytes at the cursor are is told beside them.
    pub(super) inspector: bool,
    /// Whether bytes are copied as the text that they are, not as their digits.
    pub(super) copies_text: bool,
}

/// Draws the bar in `rect`.
pub(super) fn bar(
    ui: &mut Ui,
    rect: Rect,
    (document, facts): (&Document, Facts),
    cursor: Cursor,
    switches: &mut Switches,
    commands: &mut Vec<Command>,
) {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 0, colours.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
    let right = reading_menu::ui(ui, rect.shrink2(vec2(16.0, 0.0)), Shape::Bytes, (document, facts), commands);
    let place = UiBuilder::new().max_rect(right);
    let mut inner = ui.new_child(place.layout(Layout::right_to_left(Align::Center)));
    inner.spacing_mut().item_spacing.x = 20.0;
    switch(&mut inner, "Inspector", "Values at the cursor", &mut switches.inspector);
    switch(&mut inner, "Copy as text", "Copy bytes as text, not as digits", &mut switches.copies_text);
    inner.with_layout(Layout::left_to_right(Align::Center), |ui| {
        for part in parts(facts, cursor) {
            // In a narrow pane the last of it is left out, rather than written over the switches.
            let width = line_of(ui, &part, detail(), colours.dim, f32::INFINITY).size().x;
            if width > ui.available_width() {
                break;
            }
            ui.label(RichText::new(part).font(detail()).color(colours.dim));
        }
    });
}

/// What the bar tells, the most important first.
fn parts(facts: Facts, cursor: Cursor) -> Vec<String> {
    let size = units::bytes(facts.len_bytes);
    if facts.len_bytes == 0 {
        return vec![size];
    }
    let at = cursor.at.0;
    // Who is at the last byte is at the end.
    let percent = share(if at.saturating_add(1) == facts.len_bytes { facts.len_bytes } else { at }, facts.len_bytes);
    let mut parts = vec![format!("0x{at:x}"), format!("byte {}", units::number(at)), format!("{percent} %")];
    if cursor.selects() {
        let selected = cursor.range();
        parts.push(format!("{} selected", units::count(selected.end.since(selected.start), "byte")));
    }
    parts.push(size);
    parts
}

/// Why nobody can go where was asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OffsetError {
    #[error("Type an offset as 4096, 0x1000 or 1.5GB, or a share as 50%")]
    Unclear,
    #[error(transparent)]
    NoSuchShare(JumpError),
}

/// Reads `4,096`, `0x1000` or `1.5GB` as an offset, each also after `@`, and `50%` as a share of `len_bytes`.
///
/// # Errors
/// When it is none of these, or can be in no document.
pub(super) fn parse_offset(text: &str, len_bytes: u64) -> Result<ByteOffset, OffsetError> {
    let text = text.trim();
    if text.ends_with('%') {
        return match parse_jump(text, len_bytes) {
            Ok(Jump::Byte(byte)) => Ok(byte),
            Err(error @ JumpError::NoSuchShare) => Err(OffsetError::NoSuchShare(error)),
            Ok(_) | Err(_) => Err(OffsetError::Unclear),
        };
    }
    let plain = text.strip_prefix('@').unwrap_or(text).replace([',', ' ', '_'], "");
    let offset = match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => plain.parse::<u64>().ok().or_else(|| units::parse_bytes(&plain).ok()),
    };
    offset.map(ByteOffset).ok_or(OffsetError::Unclear)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Encoding, LineEnding};

    #[test]
    fn offsets_and_shares_can_be_gone_to() {
        for (text, offset) in [
            ("4096", 4_096),
            ("4,096", 4_096),
            ("@4096", 4_096),
            ("0x1000", 4_096),
            (" @0X10_00 ", 4_096),
            ("0xffffffffffffffff", u64::MAX),
            ("18446744073709551615", u64::MAX),
            ("@1.5GB", 1_500_000_000),
            ("50%", 500),
            ("0", 0),
        ] {
            assert_eq!(parse_offset(text, 1_000), Ok(ByteOffset(offset)), "{text}");
        }
        for unclear in ["", "@", "0x", "0xg", "-1", "line", "%", "18446744073709551616"] {
            assert_eq!(parse_offset(unclear, 1_000), Err(OffsetError::Unclear), "{unclear}");
        }
        let share = parse_offset("101%", 1_000).unwrap_err();
        assert_eq!(share.to_string(), "A share lies between 0% and 100%");
    }

    #[test]
    fn the_bar_tells_where_a_person_is_and_what_is_selected() {
        let facts =
            |len_bytes| Facts { len_bytes, packing: None, encoding: Encoding::Binary, ending: LineEnding::None };
        let cursor = Cursor::new(ByteOffset(4_096));
        assert_eq!(parts(facts(10_000), cursor), ["0x1000", "byte 4,096", "40 %", "10 kB"]);
        assert_eq!(parts(facts(4_097), cursor).get(2).map(String::as_str), Some("100 %"));
        let selected = parts(facts(10_000), cursor.extended(ByteOffset(4_097)));
        assert_eq!(selected.get(3).map(String::as_str), Some("2 bytes selected"));
        assert_eq!(parts(facts(0), Cursor::default()), ["0 B"]);
    }
}
