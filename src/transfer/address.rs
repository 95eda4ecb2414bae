//! Addresses: which of them can be fetched, and how they may be shown and kept. Pure functions.

use url::Url;

use super::TransferError;

/// Reads `address`, if it is one that can be fetched.
pub(super) fn parse(address: &str) -> Result<Url, TransferError> {
    let url = Url::parse(address.trim())
        .map_err(|source| TransferError::NotAnAddress { address: shown_text(address), source })?;
    if !can_be_fetched(&url) {
        return Err(TransferError::Scheme { scheme: url.scheme().to_owned(), address: shown_text(address) });
    }
    Ok(url)
}

/// Whether it is of a scheme that is fetched.
pub(super) fn can_be_fetched(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// An address as it may be shown: without the name and password that it may hold.
pub(super) fn shown(address: &Url) -> String {
    let mut address = address.clone();
    // Neither fails for the schemes that are fetched.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    address.to_string()
}

/// What was given for an address, as it may be shown.
pub(super) fn shown_text(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if url.has_authority() => shown(&url),
        _ => without_credentials(address),
    }
}

/// An address as it may be kept: without the password that it may hold.
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
