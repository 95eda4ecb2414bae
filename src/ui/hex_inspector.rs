//! The panel beside a hex view that tells what the bytes at the cursor are: numbers of each size, a character, a time.
//! Drawn from the few bytes that it is handed; while they are on their way, the values are left open.

use egui::{Grid, Rect, RichText, ScrollArea, Stroke, Ui, UiBuilder, vec2};

use super::theme::{Colours, detail, medium, segments};
use crate::document::{ByteOrder, Inspected, utc_text};
use crate::units;

/// The width of the panel, in points.
pub(super) const WIDTH: f32 = 264.0;
/// What is left free around its words.
const MARGIN: f32 = 12.0;
/// What stands for a value that needs more bytes than there are.
const ABSENT: &str = "–";

/// Draws it in `rect`, for the bytes from the cursor on, or `None` while they are on their way.
pub(super) fn ui(ui: &mut Ui, rect: Rect, bytes: Option<&[u8]>, order: &mut ByteOrder) {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 0, colours.panel);
    ui.painter().vline(rect.left(), rect.y_range(), Stroke::new(1.0, colours.line));
    let place = UiBuilder::new().id_salt("inspector").max_rect(rect.shrink(MARGIN));
    ui.scope_builder(place, |ui| {
        ui.shrink_clip_rect(rect);
        ScrollArea::vertical().id_salt("values").auto_shrink(false).show(ui, |ui| {
            ui.label(RichText::new("At the cursor").font(medium(13.0)).color(colours.dim));
            ui.horizontal_wrapped(|ui| {
                segments(ui, order, &[(ByteOrder::Little, "Little-endian"), (ByteOrder::Big, "Big-endian")]);
            });
            let rows = rows(bytes, *order);
            ui.spacing_mut().interact_size.y = 0.0;
            Grid::new("values").spacing(vec2(12.0, 6.0)).show(ui, |ui| {
                for (name, value) in rows {
                    ui.label(RichText::new(name).font(detail()).color(colours.dim));
                    ui.label(RichText::new(value).font(detail()));
                    ui.end_row();
                }
            });
        });
    });
}

/// The names of the values, and what they are.
fn rows(bytes: Option<&[u8]>, order: ByteOrder) -> [(&'static str, String); 14] {
    let read = Inspected::new(bytes.unwrap_or_default(), order);
    let first = bytes.and_then(|bytes| bytes.first());
    let told = |value: Option<String>| {
        let open = if bytes.is_some() { ABSENT } else { "…" };
        value.unwrap_or_else(|| open.to_owned())
    };
    [
        ("int8", told(read.i8.map(signed))),
        ("uint8", told(read.u8.map(unsigned))),
        ("int16", told(read.i16.map(signed))),
        ("uint16", told(read.u16.map(unsigned))),
        ("int32", told(read.i32.map(signed))),
        ("uint32", told(read.u32.map(unsigned))),
        ("int64", told(read.i64.map(signed))),
        ("uint64", told(read.u64.map(unsigned))),
        // These write what is very large or very small by powers of ten.
        ("float32", told(read.f32.map(|value| format!("{value:?}")))),
        ("float64", told(read.f64.map(|value| format!("{value:?}")))),
        ("UTF-8", told(read.character.map(character))),
        ("Unix time", told(read.u32.and_then(|secs| utc_text(i64::from(secs))))),
        ("Unix time 64", told(read.i64.and_then(utc_text))),
        ("bits", told(first.map(|byte| format!("{:04b} {:04b}", byte >> 4, byte & 0xf)))),
    ]
}

fn signed(value: impl Into<i64>) -> String {
    let value: i64 = value.into();
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", units::number(value.unsigned_abs()))
}

fn unsigned(value: impl Into<u64>) -> String {
    units::number(value.into())
}

/// A character, unless it would steer the line that it is told in, and its number.
fn character(character: char) -> String {
    format!("{}  U+{:04X}", units::plain_text(&character.to_string()), u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(bytes: Option<&[u8]>, order: ByteOrder, name: &str) -> String {
        rows(bytes, order).into_iter().find(|(row, _)| *row == name).unwrap().1
    }

    #[test]
    fn values_are_told_as_people_write_them() {
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let little = |name| value(Some(&bytes), ByteOrder::Little, name);
        assert_eq!((little("int8").as_str(), little("uint16").as_str()), ("-2", "65,534"));
        assert_eq!(little("uint64"), "18,446,744,073,709,551,614");
        assert_eq!((little("bits").as_str(), little("float64").as_str()), ("1111 1110", "NaN"));
        assert_eq!(value(Some(&i64::MIN.to_be_bytes()), ByteOrder::Big, "int64"), "-9,223,372,036,854,775,808");
        assert_eq!(value(Some(&1e300_f64.to_be_bytes()), ByteOrder::Big, "float64"), "1e300");
        let time = 1_795_328_042_u32.to_be_bytes();
        assert_eq!(value(Some(&time), ByteOrder::Big, "Unix time"), "2026-11-22 06:14:02 UTC");
        assert_eq!(value(Some(&time), ByteOrder::Big, "Unix time 64"), ABSENT);
        assert_eq!(value(Some("ä".as_bytes()), ByteOrder::Little, "UTF-8"), "ä  U+00E4");
        assert_eq!(value(Some(b"\n"), ByteOrder::Little, "UTF-8"), "\\n  U+000A");
    }

    #[test]
    fn what_is_on_its_way_is_left_open() {
        assert_eq!(value(None, ByteOrder::Little, "uint8"), "…");
        assert_eq!(value(Some(b""), ByteOrder::Little, "uint8"), ABSENT);
    }
}
