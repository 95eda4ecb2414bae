//! Which format a picture is in, by its first bytes, and how large these say that it is. Pure.

use memchr::memmem;

/// A format of pictures that can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each bears its name")]
pub enum PictureFormat {
    Png,
    Jpeg,
    Gif,
    WebP,
    Svg,
}

/// A byte order mark in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

impl PictureFormat {
    /// The format of what begins with these bytes; `None` if it is no picture that can be shown.
    #[must_use]
    pub fn of_start(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => is_svg(bytes).then_some(Self::Svg),
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Svg => "SVG",
        }
    }

    /// Width and height in pixels as the header tells them at a fixed place: before any decoder has seen it, so that none
    /// is asked for what no memory could hold. `None` where they stand elsewhere; such pictures are not larger than a
    /// decoder can tell.
    #[must_use]
    pub(super) fn stated_size(self, bytes: &[u8]) -> Option<(u32, u32)> {
        match self {
            Self::Png => Some((u32::from_be_bytes(field(bytes, 16)?), u32::from_be_bytes(field(bytes, 20)?))),
            Self::Gif => {
                let (width, height) = (u16::from_le_bytes(field(bytes, 6)?), u16::from_le_bytes(field(bytes, 8)?));
                Some((width.into(), height.into()))
            }
            Self::WebP if bytes.get(12..16) == Some(b"VP8X".as_slice()) => {
                Some((one_more(field(bytes, 24)?), one_more(field(bytes, 27)?)))
            }
            Self::WebP | Self::Jpeg | Self::Svg => None,
        }
    }
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A side of which one less is stored, in three bytes.
fn one_more([low, middle, high]: [u8; 3]) -> u32 {
    u32::from_le_bytes([low, middle, high, 0]) + 1
}

/// Whether a text is XML whose first element is `svg`.
fn is_svg(text: &[u8]) -> bool {
    let mut rest = text.strip_prefix(BOM).unwrap_or(text).trim_ascii_start();
    while let Some(behind) = behind_preface(rest) {
        rest = behind.trim_ascii_start();
    }
    let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    let begins = |tag: &[u8]| rest.strip_prefix(tag).and_then(<[u8]>::first).is_some_and(ends_name);
    begins(b"<svg") || begins(b"<svg:svg")
}

/// What follows the instruction, the comment or the declaration of the type that `text` begins with; `None` if it begins
/// with none of these, or with one that does not end.
fn behind_preface(text: &[u8]) -> Option<&[u8]> {
    if text.starts_with(b"<?") {
        return behind(text, b"?>");
    }
    if let Some(comment) = text.strip_prefix(b"<!--") {
        return behind(comment, b"-->");
    }
    let declaration = text.strip_prefix(b"<!")?;
    let end = declaration.iter().position(|byte| matches!(byte, b'>' | b'['))?;
    let (_, rest) = declaration.split_at_checked(end)?;
    // Between brackets it holds declarations that end themselves.
    let rest = if rest.starts_with(b"[") { behind(rest, b"]")? } else { rest };
    behind(rest, b">")
}

fn behind<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    text.get(memmem::find(text, end)?..)?.get(end.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        for (start, format) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Some(PictureFormat::Png)),
            (b"\xff\xd8\xff\xe0", Some(PictureFormat::Jpeg)),
            (b"GIF87a", Some(PictureFormat::Gif)),
            (b"GIF89a\x01", Some(PictureFormat::Gif)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(PictureFormat::WebP)),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"\x89PNG", None),
            (b"GIF88a", None),
            (b"plain text", None),
            (b"", None),
        ] {
            assert_eq!(PictureFormat::of_start(start), format, "{start:?}");
        }
    }

    #[test]
    fn a_drawing_is_known_behind_all_that_may_stand_before_it() {
        for text in [
            "<svg>",
            "<svg/>",
            "<svg\nwidth='1'>",
            "<svg:svg xmlns:svg='http://www.w3.org/2000/svg'>",
            "\u{feff} \r\n<?xml version=\"1.0\"?>\n<!-- a > b --><!DOCTYPE svg PUBLIC \"-//W3C\" \"http://x\">\n<svg >",
            "<!DOCTYPE svg [ <!ENTITY a \"<b>\"> <!ENTITY c \"d\"> ]>\n<!-- <html> -->\n<svg >",
        ] {
            assert_eq!(PictureFormat::of_start(text.as_bytes()), Some(PictureFormat::Svg), "{text}");
        }
        for text in [
            "<svg",
            "<svgs>",
            "text <svg>",
            "<html><svg></svg></html>",
            "<?xml version=\"1.0\"?><note/>",
            "<!-- <svg>",
            "<!DOCTYPE svg [ <svg> ",
            "<?xml <svg>",
        ] {
            assert_eq!(PictureFormat::of_start(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_header_tells_the_size_where_it_has_a_fixed_place() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\x01\0\0";
        assert_eq!(PictureFormat::Png.stated_size(png), Some((65_535, 65_536)));
        assert_eq!(PictureFormat::Gif.stated_size(b"GIF89a\x01\0\0\x02"), Some((1, 512)));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\xff\xff\xff\0\0\0";
        assert_eq!(PictureFormat::WebP.stated_size(webp), Some((1 << 24, 1)));
        for (format, cut) in
            [(PictureFormat::Png, &png[..20]), (PictureFormat::Gif, b"GIF89a"), (PictureFormat::WebP, b"")]
        {
            assert_eq!(format.stated_size(cut), None, "{format:?}");
        }
    }
}
