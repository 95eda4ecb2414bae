//! What makes every kind of job possible to try with no network and no file at hand. Runs as jobs on the workers.
//! It must not know egui, nor the other kinds of job.

mod attendance;
mod crowd;
mod generator;
mod ranges;
mod sample;
mod server;

pub use attendance::{Attendance, Figures, Visit};
pub use crowd::{Attended, Crowd, Endpoint, MAX_THREADS, MAX_USERS, MAX_WAIT_MS};
pub use generator::{Generator, SampleKind};
pub use sample::{Sample, Written};
pub use server::{Serve, Served};
