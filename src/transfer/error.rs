//! What can go wrong on the network, in words for the person at the window.
#![expect(missing_docs, reason = "each message says what its fields are")]

use std::error::Error;

use url::Url;

use super::address::shown;
use crate::jobs::Failure;
use crate::units;

/// Why a transfer failed.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The address can not be parsed.
    #[error("This is not an address: {address}")]
    NotAnAddress { address: String, source: url::ParseError },
    /// The address is of a scheme that is not fetched.
    #[error("Only http and https addresses can be downloaded, not {scheme}: {address}")]
    Scheme { scheme: String, address: String },
    /// There is nothing to make requests with.
    #[error("The network client could not be started")]
    NoClient(#[source] reqwest::Error),
    /// The server's name means nothing.
    #[error("No server of this name was found: {host}")]
    NameNotFound { host: String, source: reqwest::Error },
    /// Nobody listens there, or no way leads there.
    #[error("The server could not be reached: {server}")]
    Unreachable { server: String, source: reqwest::Error },
    /// TLS failed: the certificate is not valid for the name, expired, or of an unknown authority.
    #[error("The server's certificate can not be trusted: {host}")]
    Certificate { host: String, source: reqwest::Error },
    /// One redirect too many.
    #[error("The server redirects in a circle: {address}")]
    RedirectLoop { address: String, source: reqwest::Error },
    /// Nothing came for the time limit.
    #[error("The server has not answered for too long: {address}")]
    TimedOut { address: String },
    /// A status that is not a success, with the beginning of the body.
    #[error("The server refused with {status}: {address}")]
    Refused { status: reqwest::StatusCode, address: String, source: BodyStart },
    /// The connection ended before the length that the server had named.
    #[error("The answer was cut short after {}: {address}", units::bytes(*.received))]
    CutShort { received: u64, address: String, source: reqwest::Error },
    /// Anything else about HTTP.
    #[error("The transfer failed: {address}")]
    Protocol { address: String, source: reqwest::Error },
}

/// The beginning of the body of a refusal, on one line.
#[derive(Debug, thiserror::Error)]
#[error("The answer begins: {0}")]
pub struct BodyStart(String);

impl BodyStart {
    pub(super) fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        Self(units::plain_text(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
    }
}

impl TransferError {
    /// Nothing has come for the time limit.
    pub(super) fn silent(address: &Url) -> Self {
        Self::TimedOut { address: shown(address) }
    }

    /// Tells apart what a failed request was about; `address` is where its last redirect led, and `received` how much of
    /// the body had come.
    pub(super) fn of_request(source: reqwest::Error, address: &Url, received: u64) -> Self {
        let host = address.host_str().unwrap_or_default().to_owned();
        let server = address.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let causes = causes(&source);
        let address = shown(address);
        let source = source.without_url();
        if source.is_redirect() {
            Self::RedirectLoop { address, source }
        } else if source.is_timeout() {
            Self::TimedOut { address }
        } else if causes.contains("certificate") {
            Self::Certificate { host, source }
        } else if causes.contains("dns error") {
            Self::NameNotFound { host, source }
        } else if source.is_connect() {
            Self::Unreachable { server, source }
        } else if source.is_body() || source.is_decode() || received > 0 {
            Self::CutShort { received, address, source }
        } else {
            Self::Protocol { address, source }
        }
    }
}

impl Failure for TransferError {
    fn advice(&self) -> String {
        match self {
            Self::NotAnAddress { .. } | Self::Scheme { .. } => "Write it like https://example.org/file.zip.",
            Self::NameNotFound { .. } => "Check the spelling of the address and that this machine is online.",
            Self::NoClient(_) => {
                "Install the system's certificates (on Debian the package ca-certificates), then retry."
            }
            Self::Unreachable { .. } => "Check that the server runs and that no firewall is between, then retry.",
            Self::Certificate { .. } => {
                "Do not trust this server; its operator has to renew or correct the certificate."
            }
            Self::RedirectLoop { .. } => "Open the address in a browser: the server may want a login first.",
            Self::TimedOut { .. } | Self::CutShort { .. } | Self::Protocol { .. } => {
                "Retry; if it happens again, the server or the network on the way has a fault."
            }
            Self::Refused { status, .. } if status.is_server_error() => "Retry later: the server has a fault.",
            Self::Refused { .. } => "Check the address, or whether the server wants a login.",
        }
        .into()
    }
}

/// The texts of what lies below an error; its own may hold the address, whose words mean nothing.
fn causes(error: &dyn Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        text.push('\n');
        source = cause.source();
    }
    text
}
