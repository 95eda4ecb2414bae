//! Addresses: which of them can be downloaded. A pure function; how they may be shown and kept is told by those of sources.

use url::Url;

use super::TransferError;
pub use crate::source::address::without_password;
pub(super) use crate::source::address::{can_be_fetched, shown, shown_text};

/// Reads `address`, if it is one that can be fetched.
pub(super) fn parse(address: &str) -> Result<Url, TransferError> {
    let url = Url::parse(address.trim())
        .map_err(|source| TransferError::NotAnAddress { address: shown_text(address), source })?;
    if !can_be_fetched(&url) {
        return Err(TransferError::Scheme { scheme: url.scheme().to_owned(), address: shown_text(address) });
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_shown_or_kept_holds_a_password() {
        for (address, told) in [
            ("http://me:secret@host:99999/file", "http://…@host:99999/file"),
            ("http://me:sec/ret@host/file", "http://…@host/file"),
            ("http://me:secret@", "http://…@"),
            ("https://me:secret@[::1/a", "https://…@[::1/a"),
            ("me:secret@host/file", "me:…@host/file"),
            ("ftp://me:secret@host/file", "ftp://host/file"),
            ("not an address", "not an address"),
            ("file:///a@b", "file:///a@b"),
        ] {
            let error = parse(address).unwrap_err();
            assert!(error.to_string().ends_with(&format!(": {told}")), "{error}");
            assert!(!without_password(address).contains("ret"), "{address}");
        }
        assert_eq!(without_password("https://me:secret@host/a"), "https://me@host/a");
    }
}
