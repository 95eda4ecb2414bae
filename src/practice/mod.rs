//! What makes every kind of job possible to try with no network and no file at hand. Runs as jobs on the workers.
//! It must not know egui, nor the other kinds of job.

mod generator;
mod sample;
mod server;

pub use generator::{Generator, SampleKind};
pub use sample::{Sample, Written};
pub use server::{Serve, Served};
