//! Addresses of files that are elsewhere, where a path could stand: which they are, and how they may be shown and kept. Pure
//! functions.

use std::path::{Path, PathBuf};

use url::Url;

use super::file_name;
use crate::units;

/// What an address begins with that is taken for one.
const SCHEMES: [&str; 2] = ["http://", "https://"];
/// The names of parts of a query that are secrets, in small letters,
const SECRET_NAMES: [&str; 6] = ["auth", "key", "pass", "pwd", "sig", "apikey"];
/// and what the names of others have in them.
const SECRET_WORDS: [&str; 9] =
    ["token", "signature", "secret", "password", "credential", "api_key", "api-key", "accesskey", "access_key"];

/// The address that stands in the place of a path, if it is one that can be fetched.
#[must_use]
pub fn of_path(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| SCHEMES.iter().any(|scheme| begins_with(text, scheme)))
}

/// Whether a path is an address that can be fetched.
#[must_use]
pub fn is_address(path: &Path) -> bool {
    of_path(path).is_some()
}

/// What a file is called: the last part of its path or, of an address that has none, the server.
#[must_use]
pub fn name_of(path: &Path) -> String {
    let Some(url) = of_path(path).and_then(|address| Url::parse(address).ok()) else { return units::file_name(path) };
    let last = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    if last.is_empty() { url.host_str().unwrap_or_default().to_owned() } else { file_name::choose(None, &url) }
}

/// A path as it may be shown: of an address, without the name and password that it may hold.
#[must_use]
pub fn shown_path(path: &Path) -> PathBuf {
    of_path(path).map_or_else(|| path.to_owned(), |address| PathBuf::from(shown_text(address)))
}

/// A path as it may be kept until the program is started again: of an address, without a name, a password, and what seems
/// to be a secret in its query.
#[must_use]
pub fn for_keeping(path: &Path) -> PathBuf {
    let Some(address) = of_path(path) else { return path.to_owned() };
    let Ok(mut url) = Url::parse(address) else { return PathBuf::from(without_credentials(address)) };
    drop_credentials(&mut url);
    let parts: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if parts.iter().any(|(name, _)| is_secret(name)) {
        url.set_query(None);
        for (name, value) in parts.iter().filter(|(name, _)| !is_secret(name)) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    PathBuf::from(url.to_string())
}

fn begins_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(scheme))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.contains(&name.as_str()) || SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// Whether an address is of a scheme that is fetched.
pub(crate) fn can_be_fetched(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// An address as it may be shown: without the name and password that it may hold.
pub(crate) fn shown(address: &Url) -> String {
    let mut address = address.clone();
    drop_credentials(&mut address);
    address.to_string()
}

/// What was given for an address, as it may be shown.
pub(crate) fn shown_text(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if url.has_authority() => shown(&url),
        _ => without_credentials(address),
    }
}

/// An address as a download keeps it: without the password that it may hold.
#[must_use]
pub fn without_password(address: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) if url.has_authority() => {
            // It fails only where there is no host, and then there is no password either.
            let _ = url.set_password(None);
            url.to_string()
        }
        _ => without_credentials(address),
    }
}

fn drop_credentials(url: &mut Url) {
    // Neither fails for the schemes that are fetched.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// Text that is no address, without what would be a name and a password if it were one. Where they end can not be told,
/// so rather too much goes than too little.
fn without_credentials(text: &str) -> String {
    let start = text.find("://").map(|at| at + "://".len()).or_else(|| text.find(':').map(|at| at + 1));
    let cut = start.and_then(|start| {
        let (scheme, rest) = text.split_at_checked(start)?;
        let (_, rest) = rest.rsplit_once('@')?;
        Some(format!("{scheme}…@{rest}"))
    });
    cut.unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_a_path_by_its_beginning() {
        for address in ["http://host/a", "https://host", "HTTPS://host/a?b"] {
            assert_eq!(of_path(Path::new(address)), Some(address));
        }
        for path in ["/var/log/syslog", "http:/host/a", "http", "a/http://host", "ftp://host/a", "ähttp://"] {
            assert_eq!(of_path(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn a_file_is_called_by_the_last_part_of_its_path() {
        for (path, name) in [
            ("/var/log/big.log", "big.log"),
            ("https://host/logs/big%20one.log?token=1#top", "big one.log"),
            ("https://me:secret@host/logs/", "host"),
            ("http://host:8080", "host"),
        ] {
            assert_eq!(name_of(Path::new(path)), name);
        }
    }

    #[test]
    fn what_is_kept_of_an_address_has_no_secrets_and_leads_to_the_same_file_without_them() {
        for (address, kept) in [
            ("/home/me:secret@host/a", "/home/me:secret@host/a"),
            ("https://me:secret@host/a?id=7", "https://host/a?id=7"),
            ("https://host/a?id=7&X-Amz-Signature=secret&page=a%20b", "https://host/a?id=7&page=a+b"),
            ("https://host/a?access_token=secret", "https://host/a"),
            ("https://host/a?sig=secret&design=blue", "https://host/a?design=blue"),
            ("https://host/a?a%20b", "https://host/a?a%20b"),
            ("http://me:secret@host:99999/file", "http://…@host:99999/file"),
        ] {
            assert_eq!(for_keeping(Path::new(address)), Path::new(kept));
        }
    }

    #[test]
    fn what_is_shown_of_an_address_has_no_name_and_password() {
        assert_eq!(shown_path(Path::new("https://me:secret@host/a?b=c")), Path::new("https://host/a?b=c"));
        assert_eq!(shown_path(Path::new("/a/me:secret@host")), Path::new("/a/me:secret@host"));
    }
}
