//! Why a picture can not be shown.

use std::path::PathBuf;

use super::PictureFormat;
use crate::jobs::Failure;
use crate::units;

/// Why a picture can not be shown.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum PictureError {
    /// It begins as no picture does that is known here.
    #[error("This is no picture in PNG, JPEG, GIF, WebP or SVG: {}", .path.display())]
    NoPicture { path: PathBuf },
    /// It is longer than what is read into memory.
    #[error("The file of a picture may have {} at most: {}", units::bytes(*.limit_bytes), .path.display())]
    TooLong { limit_bytes: u64, path: PathBuf },
    /// Its header says that it has more pixels than are decoded.
    #[error(
        "The picture has {} × {} pixels, and no more than {} in all are decoded: {}",
        units::number(u64::from(*.width)), units::number(u64::from(*.height)), units::number(*.limit_pixels), .path.display()
    )]
    TooLarge { width: u32, height: u32, limit_pixels: u64, path: PathBuf },
    /// It has a width or a height of zero.
    #[error("The picture has no pixels: {}", .path.display())]
    Empty { path: PathBuf },
    /// Its elements lie in each other deeper than they can be followed.
    #[error("The elements of the drawing lie in each other more than {} deep: {}", units::number(*.limit), .path.display())]
    TooDeep { limit: u64, path: PathBuf },
    /// The system gave no memory for it.
    #[error("There is no memory for the {} that the picture takes: {}", units::bytes(*.bytes), .path.display())]
    NoMemory { bytes: u64, path: PathBuf },
    /// Its decoder could make nothing of it.
    #[error("The {} is damaged or cut off, and nothing of it can be shown: {}", .format.name(), .path.display())]
    Undecodable { format: PictureFormat, path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
}

impl Failure for PictureError {
    fn advice(&self) -> String {
        match self {
            Self::NoPicture { .. } => "Open it as the text or the bytes that it is.",
            Self::TooLong { .. } | Self::TooLarge { .. } => {
                "Make a smaller copy of it with a program for pictures of that size, and open the copy."
            }
            Self::Empty { .. } | Self::Undecodable { .. } => "Fetch the file again from where it came.",
            Self::TooDeep { .. } => "Save it anew with a drawing program, which puts fewer groups around each other.",
            Self::NoMemory { .. } => "Close some documents or other programs, then retry.",
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_told_with_its_size_and_the_limit() {
        let path = PathBuf::from("/pictures/map.png");
        let error = PictureError::TooLarge { width: 65_535, height: 65_535, limit_pixels: 100_000_000, path };
        assert_eq!(
            error.to_string(),
            "The picture has 65,535 × 65,535 pixels, and no more than 100,000,000 in all are decoded: /pictures/map.png"
        );
        assert!(error.advice().contains("smaller copy"));
    }
}
