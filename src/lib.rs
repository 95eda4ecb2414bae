//! Antifreeze: a desktop workbench for long tasks, in a window that never stops answering.
//!
//! # The map
//!
//! ```text
//! Source  ──►  Job  ──►  Document  ──►  View
//! bytes        work      what it is     what you see
//! ```
//!
//! | module | is for | must not know |
//! | --- | --- | --- |
//! | [`source`] | bytes at an offset, whatever lies behind them: files, and what packed ones hold | egui, what the bytes mean |
//! | [`jobs`] | running work beside the window, or in its way when asked to | egui, any kind of job |
//! | [`document`] | what a job yields: pages, encoding, lines, and what else it is: a table, an outline, a picture | egui, HTTP |
//! | [`transfer`] | downloads over HTTP | egui, other kinds of job |
//! | [`practice`] | the practice server, its many users, and the samples | egui, other kinds of job |
//! | [`mistakes`] | what people do wrong, made on purpose to be watched | egui, kinds of job |
//! | [`work`] | the closed enums of requests and products: one line a kind | how any of it is done |
//! | [`command`] | everything that a view may ask for | how it is done |
//! | [`responsiveness`] | the meter and its test, the watchdog, the trace, comparisons as figures | widgets, the runtime |
//! | [`ui`] | drawing snapshots, giving back commands | tokio, reqwest, files |
//! | [`app`] | all state; polls, applies, draws | HTTP, files |
//! | [`desktop`] | the system's dialogs, file manager and notifications | egui |
//! | [`desktop_entry`] | being offered in the desktop's menu and file manager | egui, how anything is opened |
//! | [`window`] | the event loop, with the meter around it | what the app does |
//! | [`witness`] | a second process with a window that counts a freeze of the first | what freezes it |
//! | [`state`] | what comes back after a restart, as a file | what the state is of |
//! | [`compare`] | the same work in three ways, measured | how a job is done, how anything is drawn |
//! | [`headless`] | the comparison and the test of the meter without a display: a frame loop that draws for nobody | how a job is done |
//! | [`terminal`] | the same jobs without a window | egui |
//! | [`units`] | numbers in words | anything |
//!
//! # What always holds
//!
//! - The UI thread does no I/O, and takes no lock that is held across I/O.
//! - It waits in one place only, `jobs/execution.rs`, when the switch is at Blocking or a comparison is to block.
//! - A job's result is always sent, first the result, then the wake-up; nothing else crosses but the latest progress.
//! - No thread that can saturate a core runs at the window's priority.
//! - Nothing unfinished bears a final name.
//! - Nothing moves when nothing happens: an idle window paints no frame.
//!
//! - Of no document more is kept than what is bounded: counts for stretches of it, and a look in sight.
//!
//! A new kind of job is one new file with a [`jobs::Job`], one line in [`work`], and one form in [`ui::forms`]. A new viewer
//! is one variant of [`document::Shape`] and one arm in `ui/viewer.rs`.

pub mod app;
pub mod command;
pub mod compare;
pub mod desktop;
pub mod desktop_entry;
pub mod document;
#[cfg(test)]
mod fuzz;
pub mod headless;
pub mod jobs;
pub mod mistakes;
pub mod practice;
pub mod responsiveness;
pub mod source;
pub mod state;
pub mod terminal;
pub mod transfer;
pub mod ui;
pub mod units;
pub mod window;
pub mod witness;
pub mod work;
