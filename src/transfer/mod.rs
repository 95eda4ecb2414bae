//! HTTP: downloads into files that bear their final name only when they are whole. Runs as jobs on the workers.
//! It must not know egui, nor the other kinds of job.

mod address;
mod curl;
mod download;
mod error;
#[cfg(test)]
mod fuzz;

pub use address::without_password;
pub use download::{Download, Downloaded};
pub use error::TransferError;
