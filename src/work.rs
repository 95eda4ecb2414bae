//! The closed enums of what can be asked for and what can come back: one line a kind of job, naming its work and its
//! form. They stand above the
//! engine, which is generic over them, and above the kinds, which do not know each other.
//!
//! A new kind of job is one new file, one line here, and one form.

use std::future::Future;
use std::path::{Path, PathBuf};

use crate::jobs::{Job, JobContext, JobError, Kind, Outcome, Work};
use crate::ui::forms::Form;

/// Makes the two enums and the ways through them from one line a kind.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $(#[command($command:ident)])? $kind:ident: $job:ty => $form:ty,)*) => {
        /// What can be asked for; on the command line, what can follow `antifreeze run`.
        #[derive(Clone, Debug, clap::Subcommand, serde::Serialize, serde::Deserialize)]
        pub enum Request { $($(#[doc = $doc])* $(#[command($command)])? $kind($job),)* }

        /// What can come back.
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(untagged)]
        pub enum Product { $($(#[doc = $doc])* $kind(<$job as Job>::Outcome),)* }

        impl Work for Request {
            type Outcome = Product;

            fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => <$job as Job>::KIND,)* }
            }
            fn title(&self) -> String {
                match self { $(Self::$kind(job) => job.title(),)* }
            }
            fn endless(&self) -> Option<&'static str> {
                match self { $(Self::$kind(job) => job.endless(),)* }
            }
            fn in_folder(self, folder: &Path) -> Self {
                match self { $(Self::$kind(job) => Self::$kind(job.in_folder(folder)),)* }
            }
            fn for_keeping(self) -> Self {
                match self { $(Self::$kind(job) => Self::$kind(job.for_keeping()),)* }
            }
            fn run(self, context: JobContext) -> impl Future<Output = Result<Product, JobError>> + Send {
                async move {
                    match self { $(Self::$kind(job) => job.run(context).await.map(Product::$kind),)* }
                }
            }
        }

        impl Outcome for Product {
            fn summary(&self) -> String {
                match self { $(Self::$kind(outcome) => outcome.summary(),)* }
            }
            fn made(&self) -> Option<PathBuf> {
                match self { $(Self::$kind(outcome) => outcome.made(),)* }
            }
        }

        /// An empty form for each kind, in the order of the command bar.
        #[must_use]
        pub fn forms() -> Vec<Box<dyn Form>> {
            vec![$(Box::<$form>::default(),)*]
        }

        $(impl From<$job> for Request {
            fn from(job: $job) -> Self {
                Self::$kind(job)
            }
        })*
    };
}

kinds! {
    /// Read a file to its end: bytes, lines, encoding and the longest line
    Open: crate::document::Open => crate::ui::forms::OpenForm,
    /// Download a file over http or https
    Download: crate::transfer::Download => crate::ui::forms::DownloadForm,
    /// Count the lines of a file that match a pattern
    Search: crate::document::Search => crate::ui::forms::SearchForm,
    /// Hash a file, and tell whether it is the one that was expected
    Hash: crate::document::Hash => crate::ui::forms::HashForm,
    /// Count the rows and columns of a table: CSV, TSV and what is like them
    Table: crate::document::table::TableJob => crate::ui::forms::TableForm,
    /// Count the rows of a table that hold conditions, and put them in order
    Arrange: crate::document::table::Arrange => crate::ui::forms::ArrangeForm,
    /// Write rows of a table to another file, filtered and sorted: CSV, TSV, JSON lines or Markdown
    Export: crate::document::table::Export => crate::ui::forms::ExportForm,
    /// Read a file of JSON or JSON lines to its end: values, depth, bytes, and where it breaks if it does
    Outline: crate::document::OutlineJob => crate::ui::forms::OutlineForm,
    /// Decode a picture: its format, width and height
    Picture: crate::document::PictureJob => crate::ui::forms::PictureForm,
    /// Write what a file holds to another one, in another encoding or with other line endings
    Save: crate::document::Save => crate::ui::forms::SaveForm,
    /// Cut what a file holds in parts, each a file of its own
    Split: crate::document::Split => crate::ui::forms::SplitForm,
    /// Count the lines, words and characters of a file, and the values of a column
    Statistics: crate::document::Statistics => crate::ui::forms::StatisticsForm,
    /// Write a sample file
    Sample: crate::practice::Sample => crate::ui::forms::SampleForm,
    /// Run the practice server until it is stopped
    #[command(skip)]
    Serve: crate::practice::Serve => crate::ui::forms::ServeForm,
    /// Have many users ask a practice server at the same moment
    Crowd: crate::practice::Crowd => crate::ui::forms::CrowdForm,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::Download;

    #[test]
    fn what_is_kept_of_a_download_has_no_password() {
        let download = Download::new("https://me:secret@example.org/a.zip".into(), None);
        let kept = serde_json::to_string(&Request::from(download).for_keeping()).unwrap();
        assert!(kept.contains("https://me@example.org/a.zip"), "{kept}");
    }
}
