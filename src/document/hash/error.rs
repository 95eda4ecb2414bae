//! Why a digest is not the one that was expected, or can not be held against it.

use std::path::PathBuf;

use super::{Algorithm, MAX_LIST_BYTES};
use crate::jobs::Failure;
use crate::units;

/// Why a file is not verified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum HashError {
    /// It was hashed, and the digest is another one.
    #[error("The {algorithm} is {actual}, but {expected} was expected: {}", .path.display())]
    Mismatch { algorithm: Algorithm, expected: String, actual: String, path: PathBuf },
    /// What was given is not in hexadecimal.
    #[error("This is no value in hexadecimal, nor one line with it: {text}")]
    NoValue { text: String },
    /// The value is longer or shorter than those of the algorithm.
    #[error(
        "The value has {}{}, but one of {algorithm} has {}",
        units::count(*.digits, "digit"), as_one_of(*.digits), .algorithm.digits()
    )]
    OtherLength { digits: u64, algorithm: Algorithm },
    /// The line names another algorithm.
    #[error("The value is one of {tag}, not of {algorithm}")]
    OtherAlgorithm { tag: String, algorithm: Algorithm },
    /// No line is for the file.
    #[error("There is no line for {name} in the list {}", .list.display())]
    NotListed { name: String, list: PathBuf },
    /// Lines for the file contradict each other.
    #[error("There are several values for {name}, {one} and {other}, in the list {}", .list.display())]
    Several { name: String, one: String, other: String, list: PathBuf },
    /// It is hardly a list of checksums.
    #[error("A list of checksums may have {} at most: {}", units::bytes(MAX_LIST_BYTES), .list.display())]
    ListTooLarge { list: PathBuf },
}

impl Failure for HashError {
    fn advice(&self) -> String {
        match self {
            Self::Mismatch { algorithm, .. } => {
                let again = "Get the file again, and the value from where the file comes from";
                match Algorithm::of_digits(algorithm.digits()).find(|other| other != algorithm) {
                    Some(other) => format!("{again}; values of {other} are as long, so it may also be one of these."),
                    None => format!("{again}."),
                }
            }
            Self::NoValue { .. } => "Give the value alone, or one whole line of a list of checksums.".into(),
            Self::OtherLength { digits, algorithm } => match of_length(*digits) {
                Some(names) => format!("Choose {names}, or look for the value of {algorithm}."),
                None => "Copy the value once more: a part of it is missing, or there is too much.".into(),
            },
            Self::OtherAlgorithm { tag, algorithm } => match Algorithm::of_tag(tag) {
                Some(named) => format!("Choose {named}, or look for the value of {algorithm}."),
                None => format!("Look for the value of {algorithm}."),
            },
            Self::NotListed { .. } => "Choose the list that came with the file, or give the value itself.".into(),
            Self::Several { .. } => "Give the value itself: the list does not tell which of them holds.".into(),
            Self::ListTooLarge { .. } => "Choose the list that came with the file, such as SHA256SUMS.".into(),
        }
    }
}

fn as_one_of(digits: u64) -> String {
    of_length(digits).map_or_else(String::new, |names| format!(", as one of {names} has"))
}

/// The algorithms whose values have so many digits, in words, if there are any.
fn of_length(digits: u64) -> Option<String> {
    let names: Vec<_> = Algorithm::of_digits(digits).map(Algorithm::name).collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_length_is_told_with_the_algorithm_that_it_fits() {
        let told = |digits, algorithm| HashError::OtherLength { digits, algorithm }.to_string();
        let sha256 = Algorithm::Sha256;
        assert_eq!(told(40, sha256), "The value has 40 digits, as one of SHA-1 has, but one of SHA-256 has 64");
        assert_eq!(
            told(64, Algorithm::Md5),
            "The value has 64 digits, as one of BLAKE3 or SHA-256 has, but one of MD5 has 32"
        );
        assert_eq!(told(1, sha256), "The value has 1 digit, but one of SHA-256 has 64");
    }

    #[test]
    fn advice_names_what_could_be_meant() {
        let mismatch = |algorithm| {
            let (expected, actual, path) = (String::new(), String::new(), PathBuf::new());
            HashError::Mismatch { algorithm, expected, actual, path }.advice()
        };
        assert!(mismatch(Algorithm::Sha256).contains("values of BLAKE3 are as long"));
        assert!(!mismatch(Algorithm::Md5).contains("as long"));
        let tagged = |tag: &str| HashError::OtherAlgorithm { tag: tag.into(), algorithm: Algorithm::Md5 }.advice();
        assert_eq!(tagged("SHA256"), "Choose SHA-256, or look for the value of MD5.");
        assert_eq!(tagged("SHA512"), "Look for the value of MD5.");
    }
}
