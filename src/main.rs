//! Reads the command line, then opens the window or runs one job without it.

use std::path::PathBuf;
use std::process::ExitCode;

use antifreeze::practice::Serve;
use antifreeze::terminal::{self, Exit};
use antifreeze::work::Request;
use clap::{Parser, Subcommand};

/// A workbench for long tasks: opens files of any size and downloads, in a window that never stops answering.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    /// Files or http(s) addresses to open in the window
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Start with the switch at Blocking: jobs run on the UI thread, and the window freezes for as long
    #[arg(long)]
    blocking: bool,
    /// Write a line of JSON for every job event and every freeze to this file
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one job without a window, with a progress bar
    Run {
        /// Print the result as one JSON object
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        request: Request,
    },
    /// Run the practice server until it is interrupted
    Serve(Serve),
}

fn main() -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let line = CommandLine::parse();
    let exit = match line.command {
        Some(Command::Run { json, request }) => terminal::run(request, json)?,
        Some(Command::Serve(serve)) => terminal::run(Request::Serve(serve), false)?,
        None => Exit::WrongUse,
    };
    Ok(ExitCode::from(exit as u8))
}
