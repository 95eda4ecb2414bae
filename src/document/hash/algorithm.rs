//! The algorithms by which a file is hashed, all behind the same two calls. Pure; fed block by block, cut anywhere.

use std::fmt;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// How a file is hashed. The command line uses the names without hyphens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// The fastest one that nobody can forge
    Blake3,
    /// The one that most lists of checksums have
    #[default]
    Sha256,
    /// Can be forged; finds accidents
    Sha1,
    /// Can be forged; finds accidents
    Md5,
    /// The one of archives; finds accidents
    Crc32,
}

impl Algorithm {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Blake3, Self::Sha256, Self::Sha1, Self::Md5, Self::Crc32];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blake3 => "BLAKE3",
            Self::Sha256 => "SHA-256",
            Self::Sha1 => "SHA-1",
            Self::Md5 => "MD5",
            Self::Crc32 => "CRC-32",
        }
    }

    /// How many hexadecimal digits a value of it has.
    #[must_use]
    pub const fn digits(self) -> u64 {
        match self {
            Self::Blake3 | Self::Sha256 => 64,
            Self::Sha1 => 40,
            Self::Md5 => 32,
            Self::Crc32 => 8,
        }
    }

    /// Those whose values have so many digits.
    pub(super) fn of_digits(digits: u64) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |algorithm| algorithm.digits() == digits)
    }

    /// The one that is named before a value, in any of the ways in which it is written.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        match tag.replace('-', "").to_ascii_lowercase().as_str() {
            "blake3" => Some(Self::Blake3),
            "sha256" | "sha2256" => Some(Self::Sha256),
            "sha1" => Some(Self::Sha1),
            "md5" => Some(Self::Md5),
            "crc32" => Some(Self::Crc32),
            _ => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A digest under way.
pub(super) enum Hasher {
    /// Larger than all others together.
    Blake3(Box<blake3::Hasher>),
    Sha256(Sha256),
    Sha1(Sha1),
    Md5(Md5),
    Crc32(crc32fast::Hasher),
}

impl Hasher {
    /// The digest of nothing yet.
    pub(super) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Blake3 => Self::Blake3(Box::new(blake3::Hasher::new())),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Crc32 => Self::Crc32(crc32fast::Hasher::new()),
        }
    }

    /// Takes in the next bytes.
    pub(super) fn update(&mut self, block: &[u8]) {
        match self {
            Self::Blake3(hasher) => {
                hasher.update(block);
            }
            Self::Sha256(hasher) => hasher.update(block),
            Self::Sha1(hasher) => hasher.update(block),
            Self::Md5(hasher) => hasher.update(block),
            Self::Crc32(hasher) => hasher.update(block),
        }
    }

    /// The digest of all that was taken in, in hexadecimal and small letters.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Blake3(hasher) => hex(hasher.finalize().as_bytes()),
            Self::Sha256(hasher) => hex(&hasher.finalize()),
            Self::Sha1(hasher) => hex(&hasher.finalize()),
            Self::Md5(hasher) => hex(&hasher.finalize()),
            Self::Crc32(hasher) => hex(&hasher.finalize().to_be_bytes()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digest_of(algorithm: Algorithm, blocks: &[&[u8]]) -> String {
        let mut hasher = Hasher::new(algorithm);
        for block in blocks {
            hasher.update(block);
        }
        hasher.finish()
    }

    /// Of nothing, of "abc" and of a million "a": FIPS 180, RFC 1321, and for BLAKE3 its reference implementation.
    #[test]
    fn digests_are_those_that_are_published() {
        let million = "a".repeat(1_000_000);
        for (algorithm, of_nothing, of_abc, of_million) in [
            (
                Algorithm::Blake3,
                "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
                "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
                "616f575a1b58d4c9797d4217b9730ae5e6eb319d76edef6549b46f4efe31ff8b",
            ),
            (
                Algorithm::Sha256,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            ),
            (
                Algorithm::Sha1,
                "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "a9993e364706816aba3e25717850c26c9cd0d89d",
                "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            ),
            (
                Algorithm::Md5,
                "d41d8cd98f00b204e9800998ecf8427e",
                "900150983cd24fb0d6963f7d28e17f72",
                "7707d6ae4e027c70eea2a935c2296f21",
            ),
            (Algorithm::Crc32, "00000000", "352441c2", "dc25bfbc"),
        ] {
            assert_eq!(digest_of(algorithm, &[]), of_nothing, "{algorithm}");
            assert_eq!(digest_of(algorithm, &[b"abc"]), of_abc, "{algorithm}");
            assert_eq!(digest_of(algorithm, &[million.as_bytes()]), of_million, "{algorithm}");
            assert_eq!(of_abc.len() as u64, algorithm.digits(), "{algorithm}");
        }
    }

    #[test]
    fn an_algorithm_is_known_by_each_of_its_names() {
        for (tags, algorithm) in [
            (&["BLAKE3", "blake3"][..], Algorithm::Blake3),
            (&["SHA256", "sha256", "SHA-256", "SHA2-256"], Algorithm::Sha256),
            (&["SHA1", "SHA-1"], Algorithm::Sha1),
            (&["MD5"], Algorithm::Md5),
            (&["CRC32", "CRC-32"], Algorithm::Crc32),
        ] {
            assert!(tags.iter().all(|tag| Algorithm::of_tag(tag) == Some(algorithm)), "{tags:?}");
            assert_eq!(Algorithm::of_tag(algorithm.name()), Some(algorithm));
        }
        assert_eq!(["SHA512", "BLAKE2b", ""].map(Algorithm::of_tag), [None; 3]);
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_digest_is_that_of_the_whole(
            bytes in prop::collection::vec(any::<u8>(), 0..5_000),
            cuts in prop::collection::vec(1_usize..700, 1..10),
        ) {
            let (mut blocks, mut rest) = (Vec::new(), bytes.as_slice());
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (block, after) = rest.split_at((*cut).min(rest.len()));
                blocks.push(block);
                rest = after;
            }
            for algorithm in Algorithm::ALL {
                prop_assert_eq!(digest_of(algorithm, &blocks), digest_of(algorithm, &[&bytes]), "{}", algorithm);
            }
        }
    }
}
