//! Chooses the name under which a downloaded file is saved.
//!
//! The name comes from the response's `Content-Disposition` header (RFC 6266, RFC 8187), else from the final
//! URL, else it is a default. All three are written by strangers, so whatever comes out is a single path
//! component that Linux, macOS and Windows accept and that does not lie about itself on the screen.
//!
//! Owned by the transfer that is about to open its file. Pure functions without state: any thread may call
//! them. This module must not know the file system (whether a name is taken is the caller's question, answered
//! with [`numbered`]), the network client or the user interface.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use url::Url;

/// The longest name in bytes that [`choose`] returns.
///
/// File systems commonly allow 255 bytes a component; the rest is room for the ` (2)` of [`numbered`] (up to
/// seven digits) and the `.part` of an unfinished download.
pub const MAX_NAME_BYTES: usize = 240;

/// The longest extension in bytes, without its dot, that survives the shortening of a name.
const MAX_EXTENSION_BYTES: usize = 16;

const DEFAULT_NAME: &str = "download";

const DOUBLE_EXTENSIONS: [&str; 4] = [".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2"];

/// Chooses a file name for a response, at most [`MAX_NAME_BYTES`] long, never empty and always safe as one path
/// component.
///
/// `filename*` wins over `filename` whatever their order (RFC 6266 section 4.3), both win over the last path
/// segment of `url`, the address after all redirects. A source that is missing, broken or leaves nothing once
/// cleaned gives way to the next. The disposition type is ignored: that this is a download is already decided.
#[must_use]
pub fn choose(content_disposition: Option<&[u8]>, url: &Url) -> String {
    let (extended, plain) = header_names(content_disposition.unwrap_or_default());
    [extended, plain, url_name(url)]
        .iter()
        .flatten()
        .find_map(|candidate| safe_component(candidate))
        .unwrap_or_else(|| DEFAULT_NAME.to_owned())
}

/// The `number`-th variant of a name that is taken: `archive.tar.gz` and 2 give `archive (2).tar.gz`.
///
/// The number 0 gives the name itself. The result is as safe as `name`, which should come from [`choose`].
#[must_use]
pub fn numbered(name: &str, number: u32) -> String {
    if number == 0 {
        return name.to_owned();
    }
    let (stem, extension) = split_extension(name);
    format!("{stem} ({number}){extension}")
}

/// The first readable `filename*` and the first `filename` of a `Content-Disposition` header.
fn header_names(header: &[u8]) -> (Option<String>, Option<String>) {
    let (mut extended, mut plain) = (None, None);
    for parameter in split_parameters(header) {
        let mut halves = parameter.splitn(2, |&byte| byte == b'=');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else {
            continue;
        };
        let (name, value) = (name.trim_ascii(), unquote(value.trim_ascii()));
        if name.eq_ignore_ascii_case(b"filename*") {
            extended = extended.or_else(|| decode_extended(&value));
        } else if name.eq_ignore_ascii_case(b"filename") {
            plain = plain.or_else(|| Some(decode_text(&value)));
        }
    }
    (extended, plain)
}

/// Splits a header (RFC 6266 section 4.1) at the semicolons outside quoted strings. A quote in the middle of a
/// token is a character like any other, so that `5" disk` does not swallow the parameters after it.
fn split_parameters(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped, mut previous) = (false, false, b';');
    header.split(move |&byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_quoted = !is_quoted && matches!(previous, b'=' | b';'),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            previous = byte;
        }
        byte == b';' && !is_quoted
    })
}

/// The text of a quoted-string (RFC 9110 section 5.6.4), which may lack its end or have something after it, or
/// the value itself if it is none.
fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let Some(inside) = value.strip_prefix(b"\"") else {
        return Cow::Borrowed(value);
    };
    let mut text = Vec::new();
    let mut bytes = inside.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => text.extend(bytes.next()),
            _ => text.push(byte),
        }
    }
    Cow::Owned(text)
}

fn url_name(url: &Url) -> Option<String> {
    let segment = url.path_segments()?.next_back()?;
    let decoded: Vec<u8> = percent_decode(segment.as_bytes()).collect();
    Some(decode_text(&decoded))
}

/// Decodes an ext-value, `charset'language'value` (RFC 8187 section 3.2). `None` if it is malformed, in another
/// charset than UTF-8 and ISO-8859-1 (the latter from RFC 5987 section 3.2), or not valid in its charset.
fn decode_extended(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |&byte| byte == b'\'');
    let (charset, _language, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    if has_broken_escape(encoded) {
        return None;
    }
    let decoded: Vec<u8> = percent_decode(encoded).collect();
    match charset.to_ascii_lowercase().as_slice() {
        b"utf-8" => String::from_utf8(decoded).ok(),
        b"iso-8859-1" => Some(decode_iso_8859_1(&decoded)),
        _ => None,
    }
}

fn has_broken_escape(encoded: &[u8]) -> bool {
    encoded
        .split(|&byte| byte == b'%')
        .skip(1)
        .any(|after| !matches!(after, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()))
}

/// Decodes text of undeclared charset: ISO-8859-1 is what RFC 6266 section 4.3 assumes, UTF-8 is what servers
/// send, and text in the former is hardly ever valid in the latter by chance.
fn decode_text(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| decode_iso_8859_1(bytes), str::to_owned)
}

fn decode_iso_8859_1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Makes one safe path component of the last component of `candidate` (RFC 6266 section 4.3), or `None` if
/// nothing of it can be kept.
fn safe_component(candidate: &str) -> Option<String> {
    let last = candidate.rsplit(['/', '\\']).next()?;
    let printable: String =
        last.chars().filter(|&c| !is_invisible(c)).map(|c| if is_forbidden(c) { '_' } else { c }).collect();
    let trimmed = trim_end(printable.trim_start());
    if trimmed.is_empty() {
        return None;
    }
    let unhidden = trimmed.strip_prefix('.').map_or_else(|| trimmed.to_owned(), |rest| format!("_{rest}"));
    let marked = mark_special(&shorten(&unhidden, MAX_NAME_BYTES));
    if marked.len() <= MAX_NAME_BYTES {
        return Some(marked);
    }
    // The marks are one byte in front and one behind at most.
    Some(mark_special(&shorten(&unhidden, MAX_NAME_BYTES - 2)))
}

/// Whether a character shows nothing and can make a name look like another one: bidirectional controls,
/// zero-width, tag and annotation characters.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    )
}

/// Whether a character is refused by one of the three systems, or breaks a line. Noncharacters are among them
/// because APFS refuses names with unassigned code points.
fn is_forbidden(c: char) -> bool {
    let is_noncharacter = u32::from(c) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}');
    let is_line_break = matches!(c, '\u{2028}' | '\u{2029}');
    is_noncharacter || is_line_break || c.is_control() || "<>:\"/\\|?*".contains(c)
}

/// Cuts the dots and spaces that Windows drops silently, and other white space that nobody sees.
fn trim_end(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Shortens the stem of a name that starts with neither dot nor space, so that the whole has at most
/// `limit_bytes`, or cuts off the end if the extension is too long to be one.
fn shorten(name: &str, limit_bytes: usize) -> String {
    if name.len() <= limit_bytes {
        return name.to_owned();
    }
    let (mut stem, mut extension) = split_extension(name);
    if extension.len() > MAX_EXTENSION_BYTES + 1 {
        (stem, extension) = (name, "");
    }
    let end = stem.floor_char_boundary(limit_bytes.saturating_sub(extension.len()));
    let (kept, _) = stem.split_at_checked(end).unwrap_or_default();
    format!("{}{extension}", trim_end(kept))
}

/// Sets off names that mean something else than a file: devices of Windows and our own unfinished downloads.
fn mark_special(name: &str) -> String {
    let prefix = if is_windows_device(name) { "_" } else { "" };
    let is_partial = split_extension(name).1.eq_ignore_ascii_case(".part");
    let suffix = if is_partial { "_" } else { "" };
    format!("{prefix}{name}{suffix}")
}

/// Whether Windows takes a name for a device, with or without an extension (Microsoft, "Naming Files, Paths,
/// and Namespaces").
fn is_windows_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or(name);
    let base = base.trim_end().to_ascii_uppercase();
    match base.split_at_checked(3) {
        Some(("CON" | "PRN" | "AUX" | "NUL", "") | ("CON", "IN$" | "OUT$")) => true,
        Some(("COM" | "LPT", port)) => port.chars().count() == 1 && "123456789¹²³".contains(port),
        _ => false,
    }
}

/// Splits a name into its stem, never empty, and its extension with the dot, empty if there is none. Text with
/// spaces after a dot is a sentence and no extension.
fn split_extension(name: &str) -> (&str, &str) {
    let lowercase = name.to_ascii_lowercase();
    let before_double = DOUBLE_EXTENSIONS.iter().find_map(|double| lowercase.strip_suffix(double));
    let before_single = name.rsplit_once('.').and_then(|(stem, extension)| {
        let is_extension = !extension.is_empty() && !extension.contains(char::is_whitespace);
        is_extension.then_some(stem)
    });
    [before_double, before_single]
        .iter()
        .flatten()
        .find(|stem| !stem.is_empty())
        .and_then(|stem| name.split_at_checked(stem.len()))
        .unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    macro_rules! assert_each {
        ($function:expr; $($input:expr => $expected:expr),+ $(,)?) => {
            $(assert_eq!($function($input), $expected, "{:?}", $input);)+
        };
    }

    fn from_header(header: impl AsRef<[u8]>) -> String {
        let url = Url::parse("https://host/from-url").unwrap();
        choose(Some(header.as_ref()), &url)
    }

    fn from_path(path: &str) -> String {
        let mut url = Url::parse("https://host/").unwrap();
        url.set_path(path);
        choose(None, &url)
    }

    fn safe(raw: impl AsRef<str>) -> String {
        safe_component(raw.as_ref()).unwrap_or_default()
    }

    /// Most are cases of <http://test.greenbytes.de/tech/tc2231/>.
    #[test]
    fn filename_is_read_with_tolerance() {
        assert_each!(from_header;
            "attachment" => "from-url", r#""attachment""# => "from-url", "filename=foo.html" => "foo.html",
            r#"inline; filename="Not an attachment!""# => "Not an attachment!", r"b=\; filename=foo" => "foo",
            r#"a; filename="f\oo.html""# => "foo.html", r#"a; filename="foo;.html""# => "foo;.html",
            r#"a; filename="\"quoting\" tested.html""# => "_quoting_ tested.html",
            r#"a; b="\"\\";filename="foo""# => "foo", r#"a; b="\"; filename=bar"; filename=foo"# => "foo",
            "a; FILENAME=foo.html ;" => "foo.html", "a; ;filename; filename=foo" => "foo",
            "a; filename=foo, bar[1](2)" => "foo, bar[1](2)", "a; filename='foo.bar'" => "'foo.bar'",
            r#"a; filename=5" disk; size=1"# => "5_ disk", "a; filename =\t\"foo;.html\"" => "foo;.html",
            r#"a; filename="foo-%c3%a4.html""# => "foo-%c3%a4.html",
            "a; filename=foo; filename=bar" => "foo", r#""foo; filename=bar;baz"; filename=qux"# => "qux",
            r#"a; filename="foo.html".txt; a=b"# => "foo.html", r#"a; filename="bar"# => "bar",
            "a; xfilename=foo.html" => "from-url", r#"a; filename="""# => "from-url",
            r#"a; filename="/foo.html""# => "foo.html", r#"a; filename="\\foo.html""# => "foo.html",
            r#"a; filename="=?UTF-8?Q?foo?=""# => "=_UTF-8_Q_foo_=",
            b"a; filename=\"foo-\xE4.html\"" => "foo-ä.html", b"a; filename=foo-\xC3\xA4.html" => "foo-ä.html",
        );
    }

    #[test]
    fn filename_star_is_preferred_unless_broken() {
        assert_each!(from_header;
            "a; filename*=iso-8859-1''foo-%E4.html" => "foo-ä.html",
            "a; filename*=UTF-8'de'foo-%c3%a4-%e2%82%ac.html" => "foo-ä-€.html",
            "a; FileName* = utf-8''foo's" => "foo's", r#"a; filename*="UTF-8''foo-%c3%a4""# => "foo-ä",
            "a; filename*=UTF-8''A-%2541.html" => "A-%41.html", "a; filename*=UTF-8''%5cfoo" => "foo",
            "a; filename*0=foo; filename*1=bar" => "from-url", "filename*=UTF-8''x; filename*=UTF-8''y" => "x",
            "a; filename=foo-ae; filename*=UTF-8''foo-%c3%a4" => "foo-ä",
            "a; filename*=UTF-8''foo-%c3%a4; filename=foo-ae" => "foo-ä",
        );
        let with_star = |value| from_header(format!("a; filename*={value}; filename=plain"));
        assert_each!(with_star;
            "''x" => "plain", "UTF-8'x" => "plain", "x%20y" => "plain", "utf-16''x" => "plain", "" => "plain",
            "UTF-8''x%" => "plain", "UTF-8''%xo" => "plain", "UTF-8''%E4" => "plain", "UTF-8''" => "plain",
        );
    }

    #[test]
    fn url_gives_the_name_when_the_header_does_not() {
        assert_each!(from_path;
            "/a/b%20%C3%A4.zip" => "b ä.zip", "/a/%E4%2" => "ä%2", "/a/x%2Fy%5Cz" => "z",
            "" => "download", "/a/" => "download", "/a/..%2F.." => "download", "/a/%20.%20" => "download",
        );
        assert_eq!(choose(None, &Url::parse("data:,a").unwrap()), "download");
    }

    #[test]
    fn unsafe_names_are_made_safe() {
        assert_each!(safe;
            "a\tb\u{7F}\u{85}\u{2028}\u{2029}\u{FFFF}\u{FDD0}<>:\"|?*c" => "a_b_____________c",
            "a\u{202E}fdp\u{200B}.exe" => "afdp.exe", "..hidden" => "_.hidden", "\u{200B} .hidden" => "_hidden",
            "con" => "_con", "Aux .tar.gz" => "_Aux .tar.gz", "conin$" => "_conin$", "console" => "console",
            "LPT¹.txt" => "_LPT¹.txt", "com9" => "_com9", "COM10" => "COM10", "COM0" => "COM0", "COM" => "COM",
            "film.Part" => "film.Part_", "nul.part" => "_nul.part_", "part" => "part", "name. . " => "name",
            "" => "", "." => "", ".." => "", "..." => "", " . " => "", "\u{FEFF}" => "", "a/" => "", "a\\.." => "",
        );
    }

    #[test]
    fn long_names_keep_a_short_extension() {
        let (long, extension) = ("x".repeat(MAX_NAME_BYTES), "e".repeat(MAX_EXTENSION_BYTES));
        assert_each!(safe;
            &long => long,
            format!("{long}.tar.xz") => format!("{}.tar.xz", "x".repeat(233)),
            format!("{long}.{extension}") => format!("{}.{extension}", "x".repeat(223)),
            format!("{long}.e{extension}") => long,
            format!("a{}.txt", "ä".repeat(200)) => format!("a{}.txt", "ä".repeat(117)),
            format!("{long}.part") => format!("{}.part_", "x".repeat(233)),
            format!("CON{}x.txt", " ".repeat(300)) => "_CON.txt",
        );
    }

    #[test]
    fn number_goes_before_the_extension() {
        assert_each!(|name| numbered(name, 2);
            "archive.tar.gz" => "archive (2).tar.gz", "A.TAR.Zst" => "A (2).TAR.Zst", "a.b.gz" => "a.b (2).gz",
            "plain" => "plain (2)", "Dr. No" => "Dr. No (2)", ".profile" => ".profile (2)", "a." => "a. (2)",
        );
        assert_eq!(numbered("archive.tar.gz", 0), "archive.tar.gz");
    }

    fn assert_safe(name: &str) {
        const BIDI: &str = "\u{61C}\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\
            \u{2066}\u{2067}\u{2068}\u{2069}";
        let is_unsafe = |c: char| c.is_control() || BIDI.contains(c) || "/\\<>:\"|?*".contains(c);
        assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES, "{name:?}");
        assert!(!name.contains(is_unsafe), "{name:?}");
        assert_eq!(name.trim_matches(['.', ' ']), name);
        assert!(!name.to_lowercase().ends_with(".part"), "{name:?}");
        let partial = numbered(name, 9_999_999) + ".part";
        assert!(partial.len() <= 255, "{partial:?}");
        assert_eq!(safe(name), name, "a safe name is left alone");
    }

    proptest! {
        #[test]
        fn any_header_and_path_give_one_safe_component(
            start in prop::sample::select(vec!["", "a; filename=", "a; filename=\"", "a; filename*=iso-8859-1''"]),
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            path in ".{0,300}",
        ) {
            assert_safe(&from_header([start.as_bytes(), &bytes].concat()));
            assert_safe(&from_path(&path));
        }

        #[test]
        fn any_mix_of_troublesome_pieces_gives_one_safe_component(
            pieces in prop::collection::vec(prop::sample::select(vec![
                ".", "..", " ", "/", "\\", "%", "%2F", "%2e", "\"", ";", "CON", "lpt1", ".part", ".tar.gz", "ä", "€",
                "\u{202A}\u{202E}", "\u{2066}\u{2069}", "\u{61C}", "\u{0}", "\u{85}", "\u{A0}", "xxxxxxxxxxxxxxxxxxxx",
            ]), 0..40),
        ) {
            let text = pieces.concat();
            assert_safe(&from_header(format!("a; filename={text}")));
            assert_safe(&from_header(format!("a; filename*=UTF-8''{text}")));
            assert_safe(&from_path(&text));
        }
    }
}
