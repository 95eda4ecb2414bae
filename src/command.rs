//! Everything that a view may ask for. Views give these back instead of doing anything themselves; the app applies them
//! after the frame is drawn, or in the next frame's logic.

use crate::compare::Wanted;
use crate::document::{Encoding, Only, Query, Reading, Shape};
use crate::jobs::{JobId, Mode};
use crate::mistakes::Mistake;
use crate::source::ByteOffset;
use crate::work::Request;

/// A wish of the person at the window.
#[derive(Clone, Debug)]
pub enum Command {
    /// Let the person choose files to open.
    ChooseFiles,
    /// Take what was typed or dropped for what it is: an address is downloaded, a path is opened.
    Go(String),
    /// Open the file at this address where it is, without downloading it.
    OpenAddress(String),
    /// Start this job.
    Start(Request),
    /// Open the form of such a job, filled with this.
    Ask(Request),
    /// Write a sample of 1 GB, and open it.
    OpenSample,
    /// Start the practice server if it does not run, and download from it.
    DownloadFromPractice,
    /// Compare the ways of doing this work, each so many times.
    Compare(Wanted, usize),
    /// Stop comparing.
    StopComparing,
    /// Write the report of the comparison to the folder for downloads.
    SaveReport,
    /// Test how well the meter sees.
    SelfTest,
    /// Stop that test.
    StopSelfTest,
    /// Begin the meter's distributions anew.
    SetTotalsBack,
    /// Turn a mistake on, or off.
    Turn(Mistake, bool),
    /// Run the next jobs this way.
    SetMode(Mode),
    /// Change what is shown of the shell itself.
    Show(Panel),
    /// Stop this job.
    Cancel(JobId),
    /// Hold this job, or let it go on.
    Pause(JobId, bool),
    /// Run this job again.
    Retry(JobId),
    /// Let this job start before the others.
    First(JobId),
    /// Forget the jobs that are over.
    ClearEnded,
    /// Open what this job made.
    OpenResult(JobId),
    /// Open what is there of the download that arrives.
    OpenArriving,
    /// Show what this job made in the system's file manager.
    Reveal(JobId),
    /// Close the tab that is in front.
    CloseTab,
    /// Bring the next tab (`1`) or the one before (`-1`) to the front.
    TurnTabs(i8),
    /// Put the tab in front beside the others.
    SplitTab,
    /// Read the document in front again.
    Reload,
    /// Read the text in front again, in this encoding, or as it seems to be.
    ReadIn(Option<Encoding>),
    /// Unpack all of the document in front, though it takes more of the disk than it may without the person being asked.
    UnpackAnyway,
    /// Index the document in front, if that waits until somebody asks for it.
    Index,
    /// Show the document in front as this.
    ShowAs(Shape),
    /// Keep the end of the document in front in sight as it grows, or no longer.
    Follow,
    /// Wrap the long lines of the text in front, or no longer.
    Wrap,
    /// Read the file at this path in the place of what was followed under its name.
    FollowAnew(std::path::PathBuf),
    /// Go to the next line that matches (`true`) or the one before, in the document in front.
    FindNext(bool),
    /// Show only some lines of the document in front, as a document of its own.
    ShowOnly(Only),
    /// Go to the place in the file from which a place of the document in front comes, which has only some of its lines.
    GoToOrigin(ByteOffset),
    /// Go to the line that starts there, in the file at this path when it is read so.
    OpenAt(std::path::PathBuf, Box<Reading>, ByteOffset),
    /// Search all documents that are open.
    SearchAll(Query),
    /// Take over the look of the system, or the dark or the light one.
    SetTheme(egui::ThemePreference),
    /// Change the size of all text by this factor; `None` sets it back.
    Zoom(Option<f32>),
    /// Tell the person something in a corner.
    Say(String),
    /// Close the window, asking first if anything runs.
    Quit,
    /// Do not quit after all.
    KeepWorking,
    /// Stop what runs and close the window.
    StopAndQuit,
}

/// A page among the documents that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// What can be done with a window without documents.
    Welcome,
    /// The comparison of blocking with background.
    Compare,
    /// How well the window answers.
    Responsiveness,
    /// Many users of a server.
    Crowd,
    /// How it works.
    Lessons,
    /// The search through all documents that are open.
    Search,
}

/// A part of the shell that can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The palette, ready for a command, an address or a path.
    Palette,
    /// The form that starts a kind of job, by the kind's name.
    Form(&'static str),
    /// The form that saves what is selected in the document in front, or all of that.
    Save,
    /// The bar that searches the document in front.
    Find,
    /// The field that goes to a line, per cent or byte of the document in front.
    GoTo,
    /// The jobs panel, shown or folded away.
    Jobs,
    /// A page among the documents.
    Page(Page),
    /// The test of the meter, on the page of the responsiveness.
    SelfTest,
    /// The mistakes to turn on and watch, on the same page.
    WhatIf,
    /// The settings.
    Settings,
}
