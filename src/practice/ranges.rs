//! Which part of a file a request asks for (RFC 9110, sections 13.1.5 and 14.2). A pure function.

use std::ops::Range;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it, or something that is answered so.
    All,
    /// These bytes, which are some.
    Part(Range<u64>),
    /// Bytes of which there are none.
    Beyond,
}

impl Asked {
    /// Reads the headers `Range` and `If-Range` of a request for a file of `len_bytes` bytes that is known by `tag`.
    pub(super) fn of(range: Option<&str>, if_range: Option<&str>, tag: &str, len_bytes: u64) -> Self {
        let range = range.filter(|_| if_range.is_none_or(|known| known.trim() == tag));
        let ends = range.and_then(|range| range.trim().strip_prefix("bytes=")?.split_once('-'));
        let Some((first, last)) = ends.map(|(first, last)| (first.trim(), last.trim())) else { return Self::All };
        let part = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(len_bytes),
            (Ok(first), Err(_)) if last.is_empty() => first..len_bytes,
            (Err(_), Ok(count)) if first.is_empty() => len_bytes.saturating_sub(count)..len_bytes,
            // Several parts, or nonsense: nobody has to be given them.
            _ => return Self::All,
        };
        if part.is_empty() { Self::Beyond } else { Self::Part(part) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_those_of_the_standard() {
        for (range, part) in [
            ("bytes=0-499", Asked::Part(0..500)),
            ("bytes=500-", Asked::Part(500..1_000)),
            ("bytes=-1", Asked::Part(999..1_000)),
            ("bytes=-5000", Asked::Part(0..1_000)),
            ("bytes=990-5000", Asked::Part(990..1_000)),
            ("bytes=1000-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=5-4", Asked::All),
            ("bytes=0-1,5-6", Asked::All),
            ("bytes=-", Asked::All),
            ("lines=0-4", Asked::All),
        ] {
            assert_eq!(Asked::of(Some(range), None, "tag", 1_000), part, "{range}");
        }
        assert_eq!(Asked::of(None, None, "tag", 1_000), Asked::All);
        assert_eq!(Asked::of(Some("bytes=0-0"), None, "tag", 0), Asked::Beyond);
    }

    #[test]
    fn a_part_of_what_the_file_was_before_is_not_given() {
        assert_eq!(Asked::of(Some("bytes=0-4"), Some("tag"), "tag", 1_000), Asked::Part(0..5));
        assert_eq!(Asked::of(Some("bytes=0-4"), Some("other"), "tag", 1_000), Asked::All);
    }
}
