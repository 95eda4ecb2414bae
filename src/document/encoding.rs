//! How the bytes of a document are to be read as text: what they say themselves, what can be guessed, and what a person may
//! choose. Pure.

use std::str::FromStr;

use encoding_rs::{UTF_16BE, UTF_16LE};
use memchr::memchr;

/// How the bytes of a document are to be read as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, of which ASCII is a part.
    #[default]
    Utf8,
    /// UTF-8 after a byte order mark.
    Utf8Bom,
    /// No text: its first page holds NULs, or many controls, and bytes that are not UTF-8.
    Binary,
    /// Something else: it holds bytes that are not UTF-8, though its beginning did not tell.
    Other,
    /// One of the encodings of the web (the WHATWG's Encoding Standard): shown as the UTF-8 that it is decoded to.
    Coded(&'static encoding_rs::Encoding),
}

/// What a byte order mark of UTF-16 takes.
const UTF_16_BOM_BYTES: usize = 2;
/// Fewer pairs of bytes do not tell whether they are UTF-16, if at least half of them have a NUL, and if some have.
const FEW_PAIRS: usize = 3;
const MANY_PAIRS: usize = 32;
/// How often a byte that is not UTF-8 is seen at least where a text is in another encoding.
const BYTES_PER_TRACE: usize = 4 << 10;
/// One in so many bytes that are controls, and it is no text.
const BINARY_SHARE: usize = 20;

impl Encoding {
    /// UTF-16, low byte first.
    pub const UTF_16_LE: Self = Self::Coded(UTF_16LE);
    /// UTF-16, high byte first.
    pub const UTF_16_BE: Self = Self::Coded(UTF_16BE);

    /// What the first bytes say, of which more may come: a byte order mark, or UTF-8 unless proved otherwise.
    #[must_use]
    pub fn of_start(bytes: &[u8]) -> Self {
        match bytes {
            [0xef, 0xbb, 0xbf, ..] => Self::Utf8Bom,
            [0xff, 0xfe, ..] => Self::UTF_16_LE,
            [0xfe, 0xff, ..] => Self::UTF_16_BE,
            _ if memchr(0, bytes).is_some() => {
                utf_16_without_mark(bytes).unwrap_or_else(|| if utf8_so_far(bytes) { Self::Utf8 } else { Self::Binary })
            }
            _ if utf8_so_far(bytes) => Self::Utf8,
            _ if is_no_text(bytes) => Self::Binary,
            _ => Self::of_sample(bytes).unwrap_or(Self::Utf8),
        }
    }

    /// What bytes from the middle of a text say that is ASCII otherwise, if it is something else than UTF-8. Where more of
    /// them are UTF-8 than are not, the others are what is wrong.
    #[must_use]
    pub fn of_sample(bytes: &[u8]) -> Option<Self> {
        let (mut characters, mut others) = (0_usize, 0_usize);
        for chunk in bytes.utf8_chunks() {
            characters += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
            others += usize::from(!chunk.invalid().is_empty());
        }
        // A stray byte or two make no other encoding, nor does a character that is cut at an end.
        let tells = others > characters && others * BYTES_PER_TRACE >= bytes.len() && memchr(0, bytes).is_none();
        tells.then(|| guessed(bytes))
    }

    /// How many of the first bytes are a mark and no text, if `bytes` are the first.
    #[must_use]
    pub fn mark_bytes(self, bytes: &[u8]) -> usize {
        match (self, bytes) {
            (Self::Coded(how), [0xff, 0xfe, ..]) if how == UTF_16LE => UTF_16_BOM_BYTES,
            (Self::Coded(how), [0xfe, 0xff, ..]) if how == UTF_16BE => UTF_16_BOM_BYTES,
            _ => 0,
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with BOM",
            Self::Binary => "binary",
            Self::Other => "not UTF-8",
            Self::Coded(how) if how == UTF_16LE => "UTF-16 LE",
            Self::Coded(how) if how == UTF_16BE => "UTF-16 BE",
            Self::Coded(how) => how.name(),
        }
    }

    /// Those that a person may choose, the usual ones first.
    #[must_use]
    pub fn choices() -> Vec<Self> {
        use encoding_rs as known;
        let coded = [
            UTF_16LE,
            UTF_16BE,
            known::WINDOWS_1252,
            known::WINDOWS_1250,
            known::WINDOWS_1251,
            known::WINDOWS_1253,
            known::WINDOWS_1254,
            known::WINDOWS_1255,
            known::WINDOWS_1256,
            known::WINDOWS_1257,
            known::WINDOWS_1258,
            known::WINDOWS_874,
            known::ISO_8859_2,
            known::ISO_8859_3,
            known::ISO_8859_4,
            known::ISO_8859_5,
            known::ISO_8859_6,
            known::ISO_8859_7,
            known::ISO_8859_8,
            known::ISO_8859_10,
            known::ISO_8859_13,
            known::ISO_8859_14,
            known::ISO_8859_15,
            known::ISO_8859_16,
            known::KOI8_R,
            known::KOI8_U,
            known::IBM866,
            known::MACINTOSH,
            known::X_MAC_CYRILLIC,
            known::SHIFT_JIS,
            known::EUC_JP,
            known::ISO_2022_JP,
            known::GB18030,
            known::GBK,
            known::BIG5,
            known::EUC_KR,
        ];
        [Self::Utf8].into_iter().chain(coded.map(Self::Coded)).collect()
    }
}

/// By any of the labels of the Encoding Standard, or the name for people.
impl FromStr for Encoding {
    type Err = String;

    fn from_str(label: &str) -> Result<Self, String> {
        // With a mark it can be written, and is read as without one.
        let label = if label.trim().eq_ignore_ascii_case("utf-8-bom") { Self::Utf8Bom.name() } else { label.trim() };
        let mut named = Self::choices().into_iter().chain([Self::Utf8Bom]);
        let by_name = named.find(|choice| choice.name().eq_ignore_ascii_case(label));
        let by_label = || {
            let how = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes());
            how.map(|how| if how == encoding_rs::UTF_8 { Self::Utf8 } else { Self::Coded(how) })
        };
        by_name.or_else(by_label).ok_or_else(|| format!("there is no encoding of the name {label}"))
    }
}

impl serde::Serialize for Encoding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Encoding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether `bytes` are UTF-8, of which the last character may be cut.
fn utf8_so_far(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).err().is_none_or(|error| error.error_len().is_none())
}

/// UTF-16 of which the bytes tell by where their NULs are: every letter of ASCII has one, and always on the same side.
fn utf_16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let first = pairs.iter().filter(|[first, _]| *first == 0).count();
    let second = pairs.iter().filter(|[_, second]| *second == 0).count();
    let (encoding, how) = match (first, second) {
        (0, 1..) => (Encoding::UTF_16_LE, u16::from_le_bytes as fn([u8; 2]) -> u16),
        (1.., 0) => (Encoding::UTF_16_BE, u16::from_be_bytes as fn([u8; 2]) -> u16),
        _ => return None,
    };
    // A NUL or two may be in any text. In that of other scripts only spaces and line ends have them.
    let many = (first + second) * 2 >= pairs.len() && pairs.len() >= FEW_PAIRS;
    let some = (first + second) * 100 >= pairs.len() && pairs.len() >= MANY_PAIRS && !utf8_so_far(bytes);
    if !many && !some {
        return None;
    }
    // The last character may be cut.
    let units = pairs.iter().map(|pair| how(*pair)).take(pairs.len().saturating_sub(1));
    let is_text = char::decode_utf16(units).all(|character| {
        character.is_ok_and(|character| {
            !character.is_control() || matches!(character, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')
        })
    });
    is_text.then_some(encoding)
}

/// Whether so many of the bytes are controls that it can be no text in any encoding.
fn is_no_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &&u8| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f);
    bytes.iter().filter(is_control).count() * BINARY_SHARE > bytes.len()
}

fn guessed(bytes: &[u8]) -> Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, false);
    // What is told of its beginning may not hold of the rest: UTF-8 was asked about already.
    Encoding::Coded(detector.guess(None, chardetng::Utf8Detection::Deny))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_beginning_tells() {
        assert_eq!(Encoding::of_start(b"\xff\xfea\0"), Encoding::UTF_16_LE);
        assert_eq!(Encoding::of_start(b"\xfe\xff\0a"), Encoding::UTF_16_BE);
        assert_eq!(Encoding::of_start(b"\xef\xbb\xbfa"), Encoding::Utf8Bom);
        assert_eq!(Encoding::of_start(b""), Encoding::Utf8);
        assert_eq!(Encoding::of_start(b"a\0b"), Encoding::Utf8);
        assert_eq!(Encoding::of_start(b"a\0\xff"), Encoding::Binary);
        assert_eq!(Encoding::of_start(b"one NUL\0in a text of ASCII\n"), Encoding::Utf8);
        assert_eq!(Encoding::of_start(b"\x01\x02\xff\x03\x04"), Encoding::Binary);
    }

    #[test]
    fn what_has_no_mark_is_told_by_its_bytes() {
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let little: Vec<u8> = units("Größe: 1\r\n").iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units("Größe: 1\r\n").iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(Encoding::of_start(&little), Encoding::UTF_16_LE);
        assert_eq!(Encoding::of_start(&big), Encoding::UTF_16_BE);
        assert_eq!(Encoding::of_start(&[1, 0, 2, 0, 0xff, 0xff]), Encoding::Binary, "numbers are no text");
        let (russian, _, _) = encoding_rs::WINDOWS_1251.encode("Привет, как дела? Сегодня хорошая погода.\n");
        assert_eq!(Encoding::of_start(&russian), Encoding::Coded(encoding_rs::WINDOWS_1251));
        let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("これは日本語の文章です。ひらがなとカタカナ\n");
        assert_eq!(Encoding::of_start(&japanese), Encoding::Coded(encoding_rs::SHIFT_JIS));
        let (german, _, _) = encoding_rs::WINDOWS_1252.encode("Die Straße ist schön, die Bäume blühen.\n");
        assert_eq!(Encoding::of_start(&german), Encoding::Coded(encoding_rs::WINDOWS_1252));
    }

    proptest! {
        #[test]
        fn each_choice_is_found_again_by_its_name(number in 0..Encoding::choices().len()) {
            let choice = Encoding::choices()[number];
            prop_assert_eq!(choice.name().parse(), Ok(choice));
            let kept = serde_json::to_string(&choice).unwrap();
            prop_assert_eq!(serde_json::from_str::<Encoding>(&kept).unwrap(), choice);
        }
    }

    #[test]
    fn other_names_of_an_encoding_are_known() {
        assert_eq!("latin1".parse(), Ok(Encoding::Coded(encoding_rs::WINDOWS_1252)));
        assert_eq!("utf8".parse(), Ok(Encoding::Utf8));
        assert_eq!(
            ["UTF-8 with BOM", "utf-8-bom"].map(str::parse::<Encoding>),
            [Ok(Encoding::Utf8Bom), Ok(Encoding::Utf8Bom)]
        );
        assert!("klingon".parse::<Encoding>().is_err());
    }
}
