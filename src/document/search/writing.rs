//! Writing the lines of a file that match to another one, with those around each. Part of the job that searches; runs where
//! that runs. The new file bears its name only once it is whole and on disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::super::contents::Contents;
use super::super::naming::{lines_name, unpacked_name};
use super::super::{COPY_LIMIT_BYTES, LineEnding};
use super::Search;
use super::filtered::Filtered;
use super::only::Only;
use super::pass::Pass;
use super::searched::{Searched, WrittenTo};
use crate::jobs::{JobContext, JobError};
use crate::source::{InOrder as _, PartFile, ReadError, SourceError, Target};

/// What is written at a time.
const BLOCK_BYTES: usize = 256 << 10;

/// Writes what `job` finds to `output`, a file that is not there yet or a folder.
///
/// # Errors
/// When the job is to stop, the file can not be read, or the other one not be written.
pub(super) fn write(job: &Search, output: &Path, context: &JobContext) -> Result<Searched, JobError> {
    let began = Instant::now();
    // Lines are taken from wherever they are.
    let contents = Contents::open_to_show(&job.path, &job.reading, COPY_LIMIT_BYTES, context);
    let contents = contents.map_err(|error| context.failed(error))?;
    let name = lines_name(&unpacked_name(&job.path, contents.packing));
    let only = Only { query: job.query.clone(), context: job.context };
    let ending = LineEnding::of_first(0, &contents.start);
    let filtered = Filtered::new(contents.source, &only, ending).map_err(JobError::failed)?;
    let mut part = PartFile::create(Target::new(Some(output), Path::new(""), name)).map_err(JobError::failed)?;
    let mut pass = Pass::new(Arc::new(filtered), &context.stop_token());
    copy(&mut pass, &mut part, &job.path, context)?;
    context.progress().set_note("Syncing to disk");
    part.sync().map_err(JobError::failed)?;
    // Who cancels while the disk is slow does not want the file.
    context.checkpoint_blocking()?;
    let path = part.commit().map_err(JobError::failed)?;
    let (matches, matching_lines, bytes) = pass.counts();
    Ok(Searched { matches, matching_lines, bytes, seconds: began.elapsed(), path: Some(WrittenTo(path)) })
}

fn copy(pass: &mut Pass, part: &mut PartFile, path: &Path, context: &JobContext) -> Result<(), JobError> {
    let failed = |error: ReadError| JobError::failed(SourceError::of_read(error, path));
    let mut block = vec![0; BLOCK_BYTES];
    context.progress().set_total(Some(pass.whole_bytes()));
    loop {
        let more = pass.step();
        loop {
            context.checkpoint_blocking()?;
            let given = pass.give(&mut block).map_err(failed)?;
            if given == 0 {
                break;
            }
            part.write(block.get(..given).unwrap_or_default()).map_err(JobError::failed)?;
        }
        context.progress().set_done(pass.passed_bytes());
        if !more {
            return pass.take_failure().map_or(Ok(()), |error| Err(failed(error)));
        }
    }
}
