//! Names for files that are made of what another one holds. Pure.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::source::{Packing, address};

/// The last part of a path, without the ending that says how the file is packed, if it is.
pub(super) fn unpacked_name(path: &Path, packing: Option<Packing>) -> String {
    let endings: &[&str] = match packing {
        None => &[],
        Some(Packing::Gzip) => &["gz", "gzip"],
        Some(Packing::Zstd) => &["zst", "zstd"],
        Some(Packing::Bzip2) => &["bz2"],
        Some(Packing::Xz) => &["xz"],
    };
    let path = &PathBuf::from(address::name_of(path));
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let is_packed = endings.iter().any(|known| known.eq_ignore_ascii_case(ending));
    let name = if is_packed { path.file_stem() } else { path.file_name() };
    name.unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The name of a part of a file: of the third part of `access.log`, `access.003.log`.
pub(super) fn part_name(name: &str, number: u64) -> String {
    with_word(name, &format!("{number:03}"))
}

/// The name of some lines of a file: of `access.log`, `access.lines.log`.
pub(super) fn lines_name(name: &str) -> String {
    with_word(name, "lines")
}

fn with_word(name: &str, word: &str) -> String {
    let path = Path::new(name);
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or(name);
    match path.extension().and_then(OsStr::to_str) {
        Some(ending) => format!("{stem}.{word}.{ending}"),
        None => format!("{stem}.{word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_called_so_no_more() {
        let name = |path: &str, packing| unpacked_name(Path::new(path), packing);
        assert_eq!(name("/logs/a.log.gz", Some(Packing::Gzip)), "a.log");
        assert_eq!(name("a.log.ZST", Some(Packing::Zstd)), "a.log");
        assert_eq!(name("a.log.gz", None), "a.log.gz", "it only says so");
        assert_eq!(name("a.log", Some(Packing::Xz)), "a.log", "it does not say so");
        assert_eq!(name("/", None), "/");
        assert_eq!(name("https://host/logs/a.log.gz?token=1", Some(Packing::Gzip)), "a.log");
    }

    #[test]
    fn the_number_of_a_part_comes_before_the_ending() {
        let names = ["access.log", "syslog", ".profile", "a.tar.gz"].map(|name| part_name(name, 3));
        assert_eq!(names, ["access.003.log", "syslog.003", ".profile.003", "a.tar.003.gz"]);
        assert_eq!(part_name("a.txt", 12_345), "a.12345.txt");
        assert_eq!([lines_name("access.log"), lines_name("syslog")], ["access.lines.log", "syslog.lines"]);
    }
}
