//! What stands under a picture: its format and size, how large it is drawn, the colour under the pointer, what of it is not
//! shown, and the switches of the view.

use egui::{Align, Color32, Layout, Rect, RichText, Stroke, Ui, UiBuilder, vec2};

use super::picture_keys::Wish;
use super::reading_menu;
use super::text_find::switch;
use super::theme::{Colours, detail, line_of};
use crate::command::Command;
use crate::document::{Document, Facts, Raster, Shape};
use crate::units;

/// A picture as it is seen in this frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) raster: &'a Raster,
    /// Pixels of the screen along a side of each of its own.
    pub(super) zoom: f32,
    /// Whether all of it is fitted into the view.
    pub(super) fits: bool,
    /// Whether it moves or, if it can, is held.
    pub(super) playing: bool,
    /// What is under the pointer, the colours multiplied by the opacity.
    pub(super) under: Option<[u8; 4]>,
}

/// Draws the bar in `rect`; before a picture is decoded, there is hardly anything to tell of it. Gives what the person wants.
pub(super) fn bar(
    ui: &mut Ui,
    rect: Rect,
    (document, facts): (&Document, Facts),
    seen: Option<Seen<'_>>,
    commands: &mut Vec<Command>,
) -> Option<Wish> {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 0, colours.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
    let right = reading_menu::ui(ui, rect.shrink2(vec2(16.0, 0.0)), Shape::Picture, (document, facts), commands);
    let place = UiBuilder::new().max_rect(right);
    let mut inner = ui.new_child(place.layout(Layout::right_to_left(Align::Center)));
    inner.spacing_mut().item_spacing.x = 20.0;
    let wish = seen.and_then(|seen| switches(&mut inner, seen));
    inner.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let size = || vec![(units::bytes(facts.len_bytes), false)];
        let parts = seen.map_or_else(size, |seen| parts(seen, facts));
        for (part, is_lacking) in parts {
            // In a narrow pane the last of it is left out, rather than written over the switches.
            let width = line_of(ui, &part, detail(), colours.dim, f32::INFINITY).size().x;
            if width > ui.available_width() {
                break;
            }
            let colour = if is_lacking { colours.amber } else { colours.dim };
            ui.label(RichText::new(part).font(detail()).color(colour));
        }
    });
    wish
}

fn switches(ui: &mut Ui, seen: Seen<'_>) -> Option<Wish> {
    let mut wish = None;
    let mut offer = |sign, name, is_on: bool, wanted| {
        let mut on = is_on;
        switch(ui, sign, name, &mut on);
        if on != is_on {
            wish = Some(wanted);
        }
    };
    let is_one_to_one = !seen.fits && (seen.zoom - 1.0).abs() < f32::EPSILON;
    if seen.raster.frames.len() > 1 {
        offer("Play", "Play the animation", seen.playing, Wish::Play);
    }
    // Each is left for the other.
    let other = if is_one_to_one { Wish::Fit } else { Wish::OneToOne };
    offer("1:1", "A pixel of the screen for each of the picture", is_one_to_one, other);
    let other = if seen.fits { Wish::OneToOne } else { Wish::Fit };
    offer("Fit", "Fit the picture into the view", seen.fits, other);
    wish
}

/// What the bar tells, the most important first, and whether it is of something that is lacking.
fn parts(seen: Seen<'_>, facts: Facts) -> Vec<(String, bool)> {
    let Seen { raster, zoom, .. } = seen;
    let [width, height] = [raster.width, raster.height].map(|side| units::number(side.into()));
    let mut parts = vec![(raster.format.name().to_owned(), false), (format!("{width} × {height}"), false)];
    parts.push((zoom_text(zoom), false));
    if raster.incomplete {
        parts.push(("incomplete: damaged or cut off".to_owned(), true));
    }
    if !raster.left_out.is_empty() {
        parts.push((format!("without {}", raster.left_out), true));
    }
    if raster.divided_by > 1 {
        parts.push((format!("shown at 1/{}", units::number(raster.divided_by.into())), false));
    }
    if raster.frames.len() > 1 {
        parts.push((units::count(raster.frames.len() as u64, "frame"), false));
    }
    parts.push((units::bytes(facts.len_bytes), false));
    // Last, so that nothing moves when it comes and goes.
    parts.extend(seen.under.map(|pixel| (colour_text(pixel), false)));
    parts
}

/// `100 %`; below ten per cent with a digit more.
fn zoom_text(zoom: f32) -> String {
    let percent = zoom * 100.0;
    if percent < 10.0 {
        return format!("{percent:.1} %");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousands at most")]
    let percent = percent.round() as u64;
    format!("{} %", units::number(percent))
}

/// `#16384a`, and the opacity too where something can be seen through it.
fn colour_text([red, green, blue, opacity]: [u8; 4]) -> String {
    let colour = Color32::from_rgba_premultiplied(red, green, blue, opacity);
    let [red, green, blue, opacity] = colour.to_srgba_unmultiplied();
    let opacity = if opacity == u8::MAX { String::new() } else { format!("{opacity:02x}") };
    format!("#{red:02x}{green:02x}{blue:02x}{opacity}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Encoding, LineEnding, PictureFormat};

    fn raster() -> Raster {
        Raster {
            format: PictureFormat::Jpeg,
            width: 10_000,
            height: 8_000,
            frames: Vec::new(),
            divided_by: 4,
            opaque: true,
            incomplete: true,
            left_out: "its other frames",
        }
    }

    #[test]
    fn the_bar_tells_what_is_seen_and_what_is_not() {
        let facts =
            Facts { len_bytes: 12_000_000, packing: None, encoding: Encoding::Binary, ending: LineEnding::None };
        let raster = raster();
        let under = Some([0x16, 0x38, 0x4a, 0xff]);
        let told = parts(Seen { raster: &raster, zoom: 0.12, fits: true, playing: true, under }, facts);
        let words: Vec<_> = told.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(
            words,
            [
                "JPEG",
                "10,000 × 8,000",
                "12 %",
                "incomplete: damaged or cut off",
                "without its other frames",
                "shown at 1/4",
                "12 MB",
                "#16384a",
            ]
        );
        let lacking: Vec<_> = told.iter().map(|(_, is_lacking)| *is_lacking).collect();
        assert_eq!(lacking, [false, false, false, true, true, false, false, false]);
    }

    #[test]
    fn a_colour_tells_its_opacity_where_it_has_one() {
        assert_eq!(colour_text([255, 0, 10, 255]), "#ff000a");
        assert_eq!(colour_text([51, 0, 0, 51]), "#ff000033");
        assert_eq!(colour_text([0; 4]), "#00000000");
        assert_eq!([zoom_text(0.031), zoom_text(1.0), zoom_text(64.0)], ["3.1 %", "100 %", "6,400 %"]);
    }
}
