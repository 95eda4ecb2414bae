//! Numbers in the words of the window and the command line: bytes in SI units, counts with separators, times as a person
//! says them. Plain functions; know nothing else.

use std::path::Path;
use std::time::Duration;

/// `4.29 GB`, `84 MB`, `12 B`: three digits, SI units.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    humansize::format_size(
        bytes,
        humansize::DECIMAL.decimal_places(if bytes >= 1_000_000_000 { 2 } else { 1 }).decimal_zeroes(0),
    )
}

/// `1.9 GB/s`: a speed from bytes a second.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a speed is not negative, and `as` saturates"
)]
pub fn rate(bytes_per_sec: f64) -> String {
    format!("{}/s", bytes(bytes_per_sec.max(0.0) as u64))
}

/// The same with a capital at its beginning, as a sentence has.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// `34,651,136`.
#[must_use]
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 line`, `34,651,136 lines`.
#[must_use]
pub fn count(count: u64, of: &str) -> String {
    format!("{} {of}{}", number(count), if count == 1 { "" } else { "s" })
}

/// `9 ms`, `4.2 s`, `2 min`, `1 h 5 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let secs = duration.as_secs();
    match secs {
        0 if duration < Duration::from_millis(1) => "under 1 ms".into(),
        0 => format!("{} ms", duration.as_millis()),
        1..=9 => format!("{:.1} s", duration.as_secs_f64()),
        10..=99 => format!("{secs} s"),
        100..=3599 => format!("{} min", (secs + 30) / 60),
        _ => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}

/// The last part of a path, in words.
#[must_use]
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Text from outside as it may be printed: what would steer a terminal, break the line, turn the order of the letters
/// around or be seen as nothing is shown as an escape, such as `\u{1b}`. Spaces stay, as two of them may be what tells two files apart.
#[must_use]
pub fn plain_text(text: &str) -> String {
    escaped(text, |c| c.escape_default().to_string())
}

/// JSON as it may be printed: as [`plain_text`], by escapes that mean the same to whoever reads it.
#[must_use]
pub fn plain_json(json: &str) -> String {
    // Outside strings JSON has none of these letters, and each is one unit of UTF-16.
    escaped(json, |c| format!("\\u{:04x}", u32::from(c)))
}

fn escaped(text: &str, escape: impl Fn(char) -> String) -> String {
    // The bidirectional controls of Unicode's annex 9, its two line breaks, and what is seen as nothing; but the joiners,
    // which belong to words and signs of many scripts.
    let steers = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                    | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            )
    };
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) { plain += &escape(c) } else { plain.push(c) }
    }
    plain
}

/// Serializes a time as seconds, to the microsecond.
///
/// # Errors
/// The serializer's own.
pub fn as_seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1e6).round() / 1e6)
}

/// Serializes a path as text; bytes that are no text are shown by U+FFFD.
///
/// # Errors
/// The serializer's own.
pub fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&path.to_string_lossy())
}

/// Reads a size as people write it: `4096`, `64k`, `1.5 GB`, `2 GiB`; SI unless it says otherwise.
///
/// # Errors
/// A sentence that shows how sizes are written.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let help = || format!("“{text}” is not a size; write for example 500 MB, 1.5G or 4 GiB");
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "ki" | "kib" => 1024.0,
        "mi" | "mib" => 1_048_576.0,
        "gi" | "gib" => 1_073_741_824.0,
        "ti" | "tib" => 1_099_511_627_776.0,
        _ => return Err(help()),
    };
    let value: f64 = digits.replace('_', "").parse().map_err(|_| help())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to lie within exact integers")]
    if (0.0..9e15).contains(&(value * factor)) { Ok((value * factor).round() as u64) } else { Err(help()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(bytes(4_294_967_296), "4.29 GB");
        assert_eq!(bytes(84_000_000), "84 MB");
        assert_eq!(bytes(12), "12 B");
        assert_eq!(number(34_651_136), "34,651,136");
        assert_eq!([capital("not responding"), capital("")], ["Not responding", ""]);
        assert_eq!((count(1, "line"), count(0, "line")), ("1 line".into(), "0 lines".into()));
        assert_eq!(duration(Duration::from_millis(9)), "9 ms");
        assert_eq!(duration(Duration::from_millis(4_200)), "4.2 s");
        assert_eq!(duration(Duration::from_mins(65)), "1 h 5 min");
    }

    #[test]
    fn text_from_outside_does_not_steer_the_terminal() {
        assert_eq!(plain_text("two  spaces, ä €\u{200D}"), "two  spaces, ä €\u{200D}");
        assert_eq!(plain_text("\x1b[2J\r\n\u{9b}\u{202e}\u{2029}"), r"\u{1b}[2J\r\n\u{9b}\u{202e}\u{2029}");
        let name = "a\u{9b}b\u{202e}";
        let json = plain_json(&serde_json::to_string(name).unwrap());
        assert_eq!(json, r#""a\u009bb\u202e""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), name);
    }

    #[test]
    fn sizes_are_read_in_si_unless_they_say_otherwise() {
        assert_eq!(parse_bytes("1.5 GB"), Ok(1_500_000_000));
        assert_eq!(parse_bytes("4GiB"), Ok(4 << 30));
        assert_eq!(parse_bytes("4096"), Ok(4096));
        for wrong in ["", "GB", "-1", "1 XB", "1e99 GB", "99999999 TB"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }
}
