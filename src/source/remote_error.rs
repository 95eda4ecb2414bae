//! What can go wrong with a file on a server, in words for the person at the window. It knows no client.
#![expect(missing_docs, reason = "each message says what its fields are")]

use std::error::Error;

use crate::jobs::Failure;

/// What lies behind: the client's own error.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a file on a server could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The address can not be parsed.
    #[error("This is not an address: {address}")]
    NotAnAddress { address: String, source: url::ParseError },
    /// There is nothing to make requests with.
    #[error("The network client could not be started")]
    NoClient(#[source] Cause),
    /// The server's name means nothing.
    #[error("No server of this name was found: {host}")]
    NameNotFound { host: String, source: Cause },
    /// Nobody listens there, or no way leads there.
    #[error("The server could not be reached: {server}")]
    Unreachable { server: String, source: Cause },
    /// TLS failed: the certificate is not valid for the name, expired, or of an unknown authority.
    #[error("The server's certificate can not be trusted: {host}")]
    Certificate { host: String, source: Cause },
    /// One redirect too many.
    #[error("The server redirects in a circle: {address}")]
    RedirectLoop { address: String, source: Cause },
    /// A redirect to where nothing can be fetched.
    #[error("The server redirects to where nothing can be opened ({status}): {address}")]
    LeadsNowhere { status: String, address: String },
    /// Nothing came for the time limit.
    #[error("The server has not answered for too long: {address}")]
    TimedOut { address: String },
    /// A status that is not a success; one that is passing may be over in a moment.
    #[error("The server refused with {status}: {address}")]
    Refused { status: String, passing: bool, address: String },
    /// All of the file or nothing, or no word of how long it is.
    #[error("This server gives no parts of files: {address}")]
    NoParts { address: String },
    /// A success, but not of what was asked for.
    #[error("The server sent {what}: {address}")]
    Unasked { what: &'static str, address: String },
    /// It is not the file any more that was opened.
    #[error("The file has changed on the server since it was opened: {address}")]
    Changed { address: String },
    /// The connection ended before what was to come over it.
    #[error("The connection broke off: {address}")]
    BrokenOff { address: String, source: Option<Cause> },
    /// Anything else about HTTP.
    #[error("The transfer failed: {address}")]
    Protocol { address: String, source: Cause },
    /// Nobody wants it any more.
    #[error("It was closed before it was read")]
    Closed,
}

impl RemoteError {
    /// Whether it may be over when it is tried again a moment later.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TimedOut { .. }
                | Self::BrokenOff { .. }
                | Self::Protocol { .. }
                | Self::Refused { passing: true, .. }
        )
    }
}

impl Failure for RemoteError {
    fn advice(&self) -> String {
        match self {
            Self::NotAnAddress { .. } => "Write it like https://example.org/file.log.",
            Self::NoClient(_) => {
                "Install the system's certificates (on Debian the package ca-certificates), then retry."
            }
            Self::NameNotFound { .. } => "Check the spelling of the address and that this machine is online.",
            Self::Unreachable { .. } => "Check that the server runs and that no firewall is between, then retry.",
            Self::Certificate { .. } => {
                "Do not trust this server; its operator has to renew or correct the certificate."
            }
            Self::RedirectLoop { .. } => "Open the address in a browser: the server may want a login first.",
            Self::LeadsNowhere { .. } => {
                "Open the address in a browser, or ask whoever runs the server where the file is now."
            }
            Self::TimedOut { .. } | Self::BrokenOff { .. } | Self::Protocol { .. } => {
                "Retry; if it happens again, the server or the network on the way has a fault."
            }
            Self::Refused { passing: true, .. } => "Retry later: the server has a fault, or too much to do.",
            Self::Refused { .. } => "Check the address, or whether the server wants a login.",
            Self::NoParts { .. } => "Download it instead, and open what has come.",
            Self::Unasked { .. } => "Retry; if it happens again, the server or a cache on the way has a fault.",
            Self::Changed { .. } => "Reload it to see what is there now.",
            Self::Closed => "Open it again.",
        }
        .into()
    }
}
