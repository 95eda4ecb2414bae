//! What can go wrong on the network, in words for the person at the window.
#![expect(missing_docs, reason = "each message says what its fields are")]

use std::error::Error;

use reqwest::StatusCode;
use url::Url;

use super::address::{shown, shown_text};
use crate::jobs::Failure;
use crate::units;

/// What is shown of where a redirect leads.
const LOCATION_CHARS: usize = 300;

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
    Refused { status: StatusCode, address: String, source: Option<BodyStart> },
    /// A success, but not of what was asked for.
    #[error("The server sent {what} ({status}): {address}")]
    Unasked { what: &'static str, status: StatusCode, address: String },
    /// A redirect to where nothing can be fetched.
    #[error("The server redirects {} ({status}): {address}", where_to(.location.as_deref()))]
    LeadsNowhere { location: Option<String>, status: StatusCode, address: String },
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
    /// `None` if there is nothing to be seen in it.
    pub(super) fn of(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then(|| Self(units::plain_text(&text)))
    }
}

impl TransferError {
    /// Nothing has come for the time limit.
    pub(super) fn silent(address: &Url) -> Self {
        Self::TimedOut { address: shown(address) }
    }

    /// What an answer is that is neither the file nor a refusal; `None` if it is one of these. `location` is where it
    /// redirects to.
    pub(super) fn of_status(status: StatusCode, location: Option<&[u8]>, address: &Url) -> Option<Self> {
        let address = shown(address);
        let unasked = |what, address| Some(Self::Unasked { what, status, address });
        match status {
            StatusCode::PARTIAL_CONTENT => unasked("a part of the file, though all of it was asked for", address),
            StatusCode::NOT_MODIFIED => unasked("no file, only word that it has not changed", address),
            _ if status.is_redirection() => {
                let location = location.map(|location| {
                    let text = shown_text(&String::from_utf8_lossy(location));
                    units::plain_text(&text.chars().take(LOCATION_CHARS).collect::<String>())
                });
                Some(Self::LeadsNowhere { location, status, address })
            }
            _ => None,
        }
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
            Self::Unasked { .. } => "Retry; if it happens again, the server or a cache on the way has a fault.",
            Self::LeadsNowhere { .. } => {
                "Open the address in a browser, or ask whoever runs the server where the file is now."
            }
            Self::Refused { status, .. } if status.is_server_error() => "Retry later: the server has a fault.",
            Self::Refused { .. } => "Check the address, or whether the server wants a login.",
        }
        .into()
    }
}

fn where_to(location: Option<&str>) -> String {
    location.map_or_else(
        || "without saying where to".to_owned(),
        |location| format!("to where nothing can be downloaded from, {location}"),
    )
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
