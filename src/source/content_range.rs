//! The header that says which part of a file an answer is (RFC 9110, section 14.4). A pure function.

use std::ops::Range;

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// Which bytes; `None` if there are none of those that were asked for.
    pub(super) part: Option<Range<u64>>,
    /// How many bytes the file has, if the server knows.
    pub(super) len_bytes: Option<u64>,
}

impl ContentRange {
    /// Reads `bytes 0-499/1234`, `bytes 0-499/*` or `bytes */1234`; `None` if it is none of these, or can not be.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.trim().split_once(' ')?;
        let (part, len_bytes) = rest.split_once('/')?;
        let len_bytes = match len_bytes.trim() {
            "*" => None,
            digits => Some(digits.parse::<u64>().ok()?),
        };
        let part = match part.trim() {
            "*" => None,
            part => {
                let (first, last) = part.split_once('-')?;
                let (first, last) = (first.trim().parse::<u64>().ok()?, last.trim().parse::<u64>().ok()?);
                Some(first..last.checked_add(1)?)
            }
        };
        let possible = part.as_ref().is_none_or(|part| !part.is_empty() && len_bytes.is_none_or(|len| part.end <= len));
        (unit.eq_ignore_ascii_case("bytes") && possible).then_some(Self { part, len_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_lengths_are_read_and_what_can_not_be_is_none() {
        let of = |part, len_bytes| Some(ContentRange { part, len_bytes });
        for (text, told) in [
            ("bytes 0-499/1234", of(Some(0..500), Some(1234))),
            ("Bytes 500-500/*", of(Some(500..501), None)),
            ("bytes */1234", of(None, Some(1234))),
            ("bytes */0", of(None, Some(0))),
            ("bytes 0-1234/1234", None),
            ("bytes 5-4/10", None),
            ("bytes 0-18446744073709551615/*", None),
            ("bytes -5/10", None),
            ("bytes 0-4", None),
            ("items 0-4/10", None),
            ("bytes=0-4/10", None),
            ("", None),
        ] {
            assert_eq!(ContentRange::parse(text), told, "{text}");
        }
    }
}
