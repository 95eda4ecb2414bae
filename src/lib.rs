//! Antifreeze.
pub mod document;
pub mod jobs;
pub mod practice;
pub mod source;
pub mod terminal;
pub mod transfer;
pub mod units;
pub mod work;
