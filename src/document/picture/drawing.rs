//! Draws an SVG as a picture of pixels. It reads nothing but the text that it is given: no other file, no address, no fonts
//! of the system. Used on the threads of jobs.
//!
//! Reading the text and drawing it are one step each, between which a cancel is seen. The length of the text, the depth of
//! its elements, the pixels and the layers that are painted one over the other are bounded, and so is the memory; filters
//! may still take some seconds.

use std::path::Path;
use std::time::Duration;

use memchr::{memchr, memchr3, memmem};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Group, ImageHrefResolver, Node, Options, Tree};

use super::handle::{PictureFrame, Raster};
use super::pixels::{MAX_SHOWN_SIDE, Pixels};
use super::watched::Watch;
use super::{PictureError, PictureFormat};
use crate::jobs::JobError;

/// The longest text that is read: what is made of it takes several times as much memory.
const MAX_TEXT_BYTES: usize = 16_000_000;
/// How deep elements may lie in each other: those who follow them do so on the stack.
const MAX_DEPTH: u64 = 256;
/// A drawing has no pixels of its own: it gets so many along its longer side, so that it can be looked at closely.
const SHARP_SIDE: f32 = 2_048.0;
/// The most pixels that it gets.
const MAX_PIXELS: f32 = 4_000_000.0;
/// The most bytes of all layers that may be painted at the same time, at four a pixel.
const MAX_LAYER_BYTES: f32 = 256_000_000.0;

/// Draws the SVG at `path`, whose text is `bytes`.
///
/// # Errors
/// When it is too long, too deep or no SVG, or not wanted any more.
pub(super) fn draw(bytes: &[u8], path: &Path, watch: &Watch) -> Result<Raster, JobError> {
    let path = || path.to_owned();
    if bytes.len() > MAX_TEXT_BYTES {
        let limit_bytes = MAX_TEXT_BYTES as u64;
        return Err(JobError::failed(PictureError::TooLong { limit_bytes, path: path() }));
    }
    let undecodable = |source: Box<dyn std::error::Error + Send + Sync>| {
        JobError::failed(PictureError::Undecodable { format: PictureFormat::Svg, path: path(), source })
    };
    let text = std::str::from_utf8(bytes).map_err(|error| undecodable(Box::new(error)))?;
    let text = text.trim_start_matches('\u{feff}');
    if depth(text.as_bytes()) > MAX_DEPTH {
        return Err(JobError::failed(PictureError::TooDeep { limit: MAX_DEPTH, path: path() }));
    }
    watch()?;
    let tree = Tree::from_str(text, &closed_options()).map_err(|error| undecodable(Box::new(error)))?;
    watch()?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = scale(width, height, layers(tree.root()));
    let (columns, rows) = (whole(width * scale), whole(height * scale));
    let none = || {
        let bytes = 4 * u64::from(columns) * u64::from(rows);
        JobError::failed(PictureError::NoMemory { bytes, path: path() })
    };
    let mut pixmap = Pixmap::new(columns, rows).ok_or_else(none)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    watch()?;
    let pixels = Pixels::new(columns, rows, pixmap.take());
    let opaque = pixels.is_opaque();
    Ok(Raster {
        format: PictureFormat::Svg,
        width: whole(width),
        height: whole(height),
        frames: vec![PictureFrame { pixels, delay: Duration::ZERO }],
        divided_by: 1,
        opaque,
        incomplete: false,
        left_out: left_out(text.as_bytes()),
    })
}

/// Options by which nothing outside the text is looked at. Pictures within it are not decoded either: nobody would ask
/// them how large they are.
fn closed_options() -> Options<'static> {
    Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    }
}

/// What a drawing has that is not drawn.
fn left_out(text: &[u8]) -> &'static str {
    match (memmem::find(text, b"<text").is_some(), memmem::find(text, b"<image").is_some()) {
        (true, true) => "its text and pictures",
        (true, false) => "its text",
        (false, true) => "its pictures",
        (false, false) => "",
    }
}

/// How many pixels each unit of a drawing gets that paints so many layers.
fn scale(width: f32, height: f32, layers: u16) -> f32 {
    let pixels = MAX_PIXELS.min(MAX_LAYER_BYTES / 4.0 / f32::from(layers.max(1)));
    let longer = width.max(height);
    let wanted = (SHARP_SIDE / longer).max(1.0);
    // The root of each side: their product may be more than there are numbers for.
    let fitting = (pixels.sqrt() / width.sqrt() / height.sqrt()).min(f32::from(u16::MAX)).min(side_limit() / longer);
    wanted.min(fitting)
}

fn side_limit() -> f32 {
    u16::try_from(MAX_SHOWN_SIDE).map_or(f32::from(u16::MAX), f32::from)
}

/// A side in whole pixels, one at least.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and sides are positive")]
fn whole(side: f32) -> u32 {
    (side.round() as u32).max(1)
}

/// How many groups lie in each other, each of which may be painted on a layer of its own.
fn layers(group: &Group) -> u16 {
    let inner = group.children().iter().filter_map(|node| match node {
        Node::Group(group) => Some(layers(group)),
        _ => None,
    });
    inner.max().unwrap_or(0).saturating_add(1)
}

/// How deep elements lie in each other; of a text that is no XML, any number.
fn depth(text: &[u8]) -> u64 {
    let (mut rest, mut depth, mut deepest) = (text, 0_u64, 0_u64);
    while let Some(markup) = memchr(b'<', rest).and_then(|at| rest.get(at..)) {
        let len = markup_bytes(markup);
        let (markup, behind) = markup.split_at_checked(len).unwrap_or((markup, &[]));
        rest = behind;
        match (markup.get(1), markup.ends_with(b"/>")) {
            (Some(b'/'), _) => depth = depth.saturating_sub(1),
            // What says something of the text, or an element without content.
            (Some(b'!' | b'?') | None, _) | (_, true) => {}
            _ => depth += 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// How long the tag, comment, instruction or section is that a text begins with; what does not end takes all of it.
fn markup_bytes(text: &[u8]) -> usize {
    let to = |end: &[u8]| memmem::find(text, end).map_or(text.len(), |at| at + end.len());
    if text.starts_with(b"<!--") {
        return to(b"-->");
    }
    if text.starts_with(b"<![CDATA[") {
        return to(b"]]>");
    }
    if text.starts_with(b"<?") {
        return to(b"?>");
    }
    let mut at = 0;
    while let Some((found, byte)) = next_of(text, at) {
        if byte == b'>' {
            return found + 1;
        }
        // Within quotes a bracket ends nothing.
        let value = text.get(found + 1..).unwrap_or_default();
        let Some(len) = memchr(byte, value) else { break };
        at = found + len + 2;
    }
    text.len()
}

/// Where the next bracket or quote is from `at` on, and which it is.
fn next_of(text: &[u8], at: usize) -> Option<(usize, u8)> {
    let found = at + memchr3(b'>', b'"', b'\'', text.get(at..)?)?;
    Some((found, *text.get(found)?))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a drawing that another one would show")]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn drawn(text: &str) -> Result<Raster, JobError> {
        let watch: Watch = Arc::new(|| Ok(()));
        draw(text.as_bytes(), Path::new("a drawing"), &watch)
    }

    /// The pixel in the middle of the right half.
    fn on_the_right(raster: &Raster) -> [u8; 4] {
        let pixels = &raster.frames[0].pixels;
        pixels.at(pixels.width() * 3 / 4, pixels.height() / 2).unwrap()
    }

    fn svg(inner: &str) -> String {
        let spaces = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'";
        format!("<svg {spaces} width='40' height='20'>{inner}</svg>")
    }

    #[test]
    fn a_drawing_gets_more_pixels_than_it_says_that_it_has() {
        let raster = drawn(&svg("<rect x='20' width='20' height='20' fill='#00f'/>")).unwrap();
        assert_eq!((raster.width, raster.height, raster.divided_by), (40, 20, 1));
        let pixels = &raster.frames[0].pixels;
        assert_eq!((pixels.width(), pixels.height()), (2_048, 1_024));
        assert_eq!((pixels.at(0, 0), on_the_right(&raster)), (Some([0; 4]), [0, 0, 255, 255]));
        assert!(!raster.opaque && raster.left_out.is_empty());
    }

    #[test]
    fn nothing_outside_the_text_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("other.svg");
        std::fs::write(&other, svg("<rect width='40' height='20' fill='#f00'/>")).unwrap();
        let path = other.display();
        for href in [format!("href='{path}'"), format!("xlink:href='file://{path}'"), format!("xlink:href='{path}'")] {
            let raster = drawn(&svg(&format!("<image {href} width='40' height='20'/>"))).unwrap();
            assert_eq!(on_the_right(&raster), [0; 4], "{href} was loaded");
            assert_eq!(raster.left_out, "its pictures");
        }
        let uses = drawn(&svg(&format!("<use href='{path}#a'/><text x='1' y='9'>text</text>"))).unwrap();
        assert_eq!((on_the_right(&uses), uses.left_out), ([0; 4], "its text"));
    }

    #[test]
    fn what_can_not_be_drawn_is_told() {
        let failure = |text: &str| drawn(text).unwrap_err().to_string();
        for broken in ["<svg", "<svg xmlns='http://www.w3.org/2000/svg'>", "<note/>", ""] {
            assert!(failure(broken).contains("The SVG is damaged or cut off"), "{broken}");
        }
        let nested = svg(&("<g>".repeat(100_000) + &"</g>".repeat(100_000)));
        assert!(failure(&nested).contains("more than 256 deep"));
        let long = svg(&" ".repeat(MAX_TEXT_BYTES));
        assert!(failure(&long).contains("16 MB at most"));
        let watch: Watch = Arc::new(|| Err(JobError::Cancelled));
        let stopped = draw(svg("").as_bytes(), Path::new("a drawing"), &watch);
        assert!(matches!(stopped, Err(JobError::Cancelled)));
    }

    #[test]
    fn the_depth_is_that_of_the_elements() {
        for (text, deepest) in [
            ("", 0),
            ("text", 0),
            ("<a/>", 0),
            ("<a></a>", 1),
            ("<a><b/><b></b></a><c></c>", 2),
            ("<?xml version='1.0'?><!DOCTYPE a><!-- <b><c> --><a></a>", 1),
            ("<a><![CDATA[<b><c><d>]]></a>", 1),
            ("<a b='>' c=\"/>'>\"><d></d></a>", 2),
            ("<a><b><c", 3),
            ("<a b='", 1),
            ("</a></b><c>", 1),
            ("<", 0),
        ] {
            assert_eq!(depth(text.as_bytes()), deepest, "{text}");
        }
    }

    #[test]
    fn a_drawing_of_any_size_fits_into_the_memory_that_there_is() {
        for (width, height, layers) in [
            (1.0, 1.0, 1),
            (24.0, 24.0, 3),
            (100_000.0, 100_000.0, 1),
            (1e9, 1.0, 1),
            (1e30, 1e30, 1),
            (1e-30, 1e30, 1),
            (500.0, 500.0, u16::MAX),
        ] {
            let scale = scale(width, height, layers);
            let (columns, rows) = (whole(width * scale), whole(height * scale));
            assert!(columns <= 16_384 && rows <= 16_384, "{columns} × {rows}");
            let bytes = f64::from(columns) * f64::from(rows) * 4.0;
            assert!(bytes <= 16_100_000.0 && bytes * f64::from(layers) <= 257_000_000.0, "{columns} × {rows}");
        }
    }
}
