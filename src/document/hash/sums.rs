//! Values that a file is expected to have: as lists of checksums have them, and as people copy them. Pure. It goes by
//! bytes, as the names of files do, and knows the lines of GNU's tools and of `b3sum`, those of BSD, and a tag before a
//! colon.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{Algorithm, HashError};
use crate::units;

/// The most that an error shows of what is no value, in characters.
const MAX_SHOWN: usize = 80;

/// A value, with what its line says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// In hexadecimal and small letters.
    digits: String,
    /// The algorithm, as the line names it.
    tag: Option<String>,
    /// The file; empty if the line names none.
    name: PathBuf,
}

/// The value in what a person gave: itself, or one line of a list, for whatever file that is.
///
/// # Errors
/// When there is none in it, or none of `algorithm`.
pub(super) fn value_in(text: &str, algorithm: Algorithm) -> Result<String, HashError> {
    let text = text.trim();
    // Of several lines nobody knows which is meant.
    let line = Some(text).filter(|text| !text.contains('\n')).and_then(|text| Line::parse(text.as_bytes()));
    let line = line.ok_or_else(|| HashError::NoValue { text: text.chars().take(MAX_SHOWN).collect() })?;
    line.value(algorithm).map(str::to_owned)
}

/// The value that the list in `text`, read from `list`, has for the file at `file`.
///
/// # Errors
/// When it has none for a file of that name, none of `algorithm`, or several that differ.
pub(super) fn value_for(file: &Path, algorithm: Algorithm, text: &[u8], list: &Path) -> Result<String, HashError> {
    let name = || units::file_name(file);
    let several = |[one, other]: [String; 2]| HashError::Several { name: name(), one, other, list: list.to_owned() };
    let named = || lines_for(file.file_name(), text);
    let fitting = || named().filter(move |line| line.value(algorithm).is_ok());
    // Where files of one name lie in several folders, the folders tell which of them is meant.
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut value = one_value(fitting().filter(|line| line.is_for(&whole))).map_err(several)?;
    if value.is_none() {
        value = one_value(fitting()).map_err(several)?;
    }
    match (value, named().next()) {
        (Some(value), _) => Ok(value),
        // Why the line that there is does not do says more than that there is none.
        (None, Some(line)) => line.value(algorithm).map(str::to_owned),
        (None, None) => Err(HashError::NotListed { name: name(), list: list.to_owned() }),
    }
}

/// The lines of a list that are for files of this name, in whatever folder.
fn lines_for<'a>(name: Option<&'a OsStr>, text: &'a [u8]) -> impl Iterator<Item = Line> + 'a {
    let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter_map(Line::parse).filter(move |line| name.is_some() && line.name.file_name() == name)
}

/// The value that all of these have, if there are any; else two that differ.
fn one_value(mut lines: impl Iterator<Item = Line>) -> Result<Option<String>, [String; 2]> {
    let Some(first) = lines.next() else { return Ok(None) };
    match lines.find(|line| line.digits != first.digits) {
        Some(other) => Err([first.digits, other.digits]),
        None => Ok(Some(first.digits)),
    }
}

impl Line {
    /// What a line without its end says; `None` if there is no value in it.
    fn parse(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii_start();
        let escaped = line.strip_prefix(b"\\");
        let line = escaped.unwrap_or(line);
        let parts = untagged(line).or_else(|| tagged(line)).or_else(|| prefixed(line))?;
        if parts.digits.is_empty() || !parts.digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let name = if escaped.is_some() { unescaped(parts.name)? } else { parts.name.to_vec() };
        let tag = String::from_utf8_lossy(parts.tag).into_owned();
        Some(Self {
            digits: String::from_utf8_lossy(parts.digits).to_ascii_lowercase(),
            tag: Some(tag).filter(|tag| !tag.is_empty()),
            name: PathBuf::from(OsStr::from_bytes(&name)),
        })
    }

    /// The value, if it can be one of `algorithm`.
    fn value(&self, algorithm: Algorithm) -> Result<&str, HashError> {
        if let Some(tag) = self.tag.as_ref().filter(|tag| Algorithm::of_tag(tag) != Some(algorithm)) {
            return Err(HashError::OtherAlgorithm { tag: tag.clone(), algorithm });
        }
        let digits = self.digits.len() as u64;
        if digits == algorithm.digits() { Ok(&self.digits) } else { Err(HashError::OtherLength { digits, algorithm }) }
    }

    /// Whether the whole path of a file ends as the line names it.
    fn is_for(&self, whole: &Path) -> bool {
        whole.ends_with(self.name.strip_prefix(".").unwrap_or(&self.name))
    }
}

/// A line in pieces; those that it does not have are empty.
struct Parts<'a> {
    digits: &'a [u8],
    tag: &'a [u8],
    name: &'a [u8],
}

/// `HEX  name`, `HEX *name`, or the value alone; BSD has a single space between them.
fn untagged(line: &[u8]) -> Option<Parts<'_>> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    let (digits, rest) = line.split_at_checked(end)?;
    match rest {
        [] => Some(Parts { digits, tag: &[], name: &[] }),
        [b' ', b' ' | b'*', name @ ..] | [b' ' | b'\t', name @ ..] => Some(Parts { digits, tag: &[], name }),
        _ => None,
    }
}

/// `SHA256 (name) = HEX`, with or without spaces between.
fn tagged(line: &[u8]) -> Option<Parts<'_>> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let digits = line.get(close + 1..)?.trim_ascii().strip_prefix(b"=")?.trim_ascii();
    Some(Parts { digits, tag: line.get(..open)?.trim_ascii(), name: line.get(open + 1..close)? })
}

/// `sha256:HEX`, as registries and pages of releases show it.
fn prefixed(line: &[u8]) -> Option<Parts<'_>> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some(Parts { digits: line.get(colon + 1..)?.trim_ascii(), tag: line.get(..colon)?.trim_ascii(), name: &[] })
}

/// A name of a line that begins with a backslash, as it is; `None` if nobody writes it so.
fn unescaped(name: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(name.len());
    let mut bytes = name.iter();
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            byte => *byte,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn value_for_file(file: &str, text: &str) -> Result<String, HashError> {
        value_for(Path::new(file), Algorithm::Sha256, text.as_bytes(), Path::new("SUMS"))
    }

    #[test]
    fn a_value_is_found_in_whatever_a_person_copies() {
        let capitals = ABC.to_uppercase();
        for text in [
            ABC.to_owned(),
            format!("  {capitals}\n"),
            format!("{ABC}  a name.iso"),
            format!("{capitals} *a name.iso"),
            format!("{ABC} name"),
            format!("{ABC}\tname"),
            format!("\\{ABC}  a\\\\name"),
            format!("SHA256 (a (new) name.iso) = {ABC}"),
            format!("\\SHA256 (a\\nname) = {ABC}"),
            format!("SHA2-256(name)= {ABC}"),
            format!("sha256:{ABC}"),
        ] {
            assert_eq!(value_in(&text, Algorithm::Sha256).as_deref(), Ok(ABC), "{text}");
        }
    }

    #[test]
    fn what_is_no_value_of_the_algorithm_is_refused_and_told_why() {
        let sha256 = Algorithm::Sha256;
        for text in
            ["", "no value", "SHA256 (name) = xyz", "SHA256 (name)", "sha256:", format!("{ABC}\n{NOTHING}").as_str()]
        {
            assert!(matches!(value_in(text, sha256), Err(HashError::NoValue { .. })), "{text}");
        }
        let short = value_in("352441c2", sha256).unwrap_err();
        assert_eq!(short, HashError::OtherLength { digits: 8, algorithm: sha256 });
        let tagged = value_in(&format!("BLAKE3 (name) = {ABC}"), sha256).unwrap_err();
        assert_eq!(tagged, HashError::OtherAlgorithm { tag: "BLAKE3".into(), algorithm: sha256 });
        let long = "x".repeat(10_000);
        assert!(value_in(&long, sha256).unwrap_err().to_string().len() < 200);
    }

    #[test]
    fn the_line_for_a_file_is_found_by_its_name_and_algorithm() {
        let list = format!(
            "# a comment\r\n{NOTHING}  other\r\nSHA512 (a.iso) = {ABC}{ABC}\r\nMD5 (a.iso) = {}\r\n\r\n{ABC} *./a.iso\r\n",
            &ABC[..32]
        );
        assert_eq!(value_for_file("/downloads/a.iso", &list).as_deref(), Ok(ABC));
        assert_eq!(value_for_file("other", &list).as_deref(), Ok(NOTHING));
    }

    #[test]
    fn where_no_line_does_the_error_says_why() {
        let missing = value_for_file("/downloads/b.iso", &format!("{ABC}  a.iso\n")).unwrap_err();
        assert_eq!(missing, HashError::NotListed { name: "b.iso".into(), list: "SUMS".into() });
        let other = value_for_file("a.iso", "352441c2  a.iso\n").unwrap_err();
        assert_eq!(other, HashError::OtherLength { digits: 8, algorithm: Algorithm::Sha256 });
        let two = value_for_file("a.iso", &format!("{ABC}  a.iso\n{NOTHING}  a.iso\n")).unwrap_err();
        let (one, other) = (ABC.into(), NOTHING.into());
        assert_eq!(two, HashError::Several { name: "a.iso".into(), one, other, list: "SUMS".into() });
        let twice = format!("{ABC}  a.iso\n{}  a.iso\n", ABC.to_uppercase());
        assert_eq!(value_for_file("a.iso", &twice).as_deref(), Ok(ABC), "a line may be there twice");
    }

    #[test]
    fn of_files_of_one_name_the_folder_tells_which_is_meant() {
        let list = format!("{ABC}  one/README\n{NOTHING}  ./two/README\n");
        assert_eq!(value_for_file("/release/one/README", &list).as_deref(), Ok(ABC));
        assert_eq!(value_for_file("/release/two/README", &list).as_deref(), Ok(NOTHING));
        let elsewhere = value_for_file("/downloads/README", &list);
        assert!(matches!(elsewhere, Err(HashError::Several { .. })), "{elsewhere:?}");
        let alone = format!("{ABC}  one/README\n");
        assert_eq!(value_for_file("/downloads/README", &alone).as_deref(), Ok(ABC), "a file may be moved");
    }

    /// A line as GNU's tools write it, with a tag or a star if asked for.
    fn written(name: &[u8], value: &str, (tag, star): (bool, bool)) -> Vec<u8> {
        let escaped = name.iter().flat_map(|byte| match byte {
            b'\\' => b"\\\\".to_vec(),
            b'\n' => b"\\n".to_vec(),
            b'\r' => b"\\r".to_vec(),
            byte => vec![*byte],
        });
        let escaped: Vec<u8> = escaped.collect();
        let mark = if escaped == name { "" } else { "\\" };
        let kind = if star { '*' } else { ' ' };
        if tag {
            [format!("{mark}SHA256 (").as_bytes(), escaped.as_slice(), format!(") = {value}\n").as_bytes()].concat()
        } else {
            [format!("{mark}{value} {kind}").as_bytes(), escaped.as_slice(), &b"\n"[..]].concat()
        }
    }

    proptest! {
        #[test]
        fn what_is_written_as_a_line_is_found_again_whatever_the_name(
            name in prop::collection::vec(prop::sample::select(b"ab0 \\\n\r\t*()=:\xc3\xa4\xff".to_vec()), 1..12),
            others in prop::collection::vec(prop::collection::vec(prop::sample::select(b"x \\\n*()".to_vec()), 1..6), 0..4),
            at in 0_usize..5,
            value in prop::collection::vec(prop::sample::select(b"0123456789abcdef".to_vec()), 64),
            (form, capitals) in ((any::<bool>(), any::<bool>()), any::<bool>()),
        ) {
            let value = String::from_utf8(value).unwrap();
            let shown = if capitals { value.to_uppercase() } else { value.clone() };
            let line = written(&name, &shown, form);
            let mut lines: Vec<_> = others.iter().map(|other| written(&[&b"x"[..], other.as_slice()].concat(), ABC, form)).collect();
            lines.insert(at.min(lines.len()), line.clone());
            let file = Path::new(OsStr::from_bytes(&name));
            let found = value_for(file, Algorithm::Sha256, &lines.concat(), Path::new("SUMS"));
            prop_assert_eq!(found.as_ref(), Ok(&value));
            if let Ok(line) = std::str::from_utf8(&line) {
                prop_assert_eq!(value_in(line, Algorithm::Sha256).unwrap(), value.clone());
            }
        }
    }
}
