//! A value of a document as a place in it, and how an answer about one may be lacking. Plain data.

use crate::document::Found;
use crate::source::ByteOffset;

/// A value of a document, and its key if it is a member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins, with its key if it has one.
    pub at: ByteOffset,
    /// Where its value begins.
    pub value: ByteOffset,
    /// How many arrays and objects it is in.
    pub depth: u32,
    /// Whether it is a member of an object, so that it has a key.
    pub member: bool,
    /// What its value is.
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Members with keys, in braces.
    Object,
    /// Values, in brackets.
    Array,
    /// A string.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// Not told: there is more than a million bytes of white space or key before it.
    Unread,
}

impl NodeKind {
    /// Whether there are values in it.
    #[must_use]
    pub const fn is_container(self) -> bool {
        matches!(self, Self::Object | Self::Array)
    }

    /// By its first byte.
    pub(super) const fn of(byte: u8) -> Self {
        match byte {
            b'{' => Self::Object,
            b'[' => Self::Array,
            b'"' => Self::Text,
            b'-' | b'0'..=b'9' => Self::Number,
            b't' | b'f' => Self::Boolean,
            b'n' => Self::Null,
            _ => Self::Unread,
        }
    }
}

/// Why something can not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The pages to tell it are on their way, or this look has gone through enough.
    Loading,
    /// The index does not reach so far yet, or there is no such thing.
    Unknown,
}

impl<T> Found<T> {
    /// The value, or why it is not there.
    ///
    /// # Errors
    /// What is lacking.
    pub fn told(self) -> Result<T, Lack> {
        match self {
            Self::Here(value) => Ok(value),
            Self::Loading => Err(Lack::Loading),
            Self::Unknown => Err(Lack::Unknown),
        }
    }
}

impl<T> From<Result<T, Lack>> for Found<T> {
    fn from(told: Result<T, Lack>) -> Self {
        match told {
            Ok(value) => Self::Here(value),
            Err(Lack::Loading) => Self::Loading,
            Err(Lack::Unknown) => Self::Unknown,
        }
    }
}

/// How a key or a value begins, as it stands in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Its first bytes; those of a container without its brackets.
    pub bytes: Vec<u8>,
    /// Whether that is all of it.
    pub whole: bool,
}
