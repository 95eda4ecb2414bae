//! Where and why a document is no JSON, in words. Plain data, made by the pass.

use super::tokens::MAX_DEPTH;
use crate::source::ByteOffset;
use crate::units;

/// Where and why a document is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first byte that can not stand there; the end of the document if it ends too early.
    pub at: ByteOffset,
    /// Its line, from 1 on.
    pub line: u64,
    /// Its place in the line, in bytes from 1 on.
    pub column: u64,
    pub(super) what: Wrong,
    /// Whether the document ends there.
    pub(super) ends: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    NoValue,
    NoValueOrEnd,
    NoKey,
    NoKeyOrEnd,
    NoColon,
    NoCommaOrBracket,
    NoCommaOrBrace,
    NoSpace,
    NoWord,
    NoDigit,
    DigitAfterZero,
    NoEscape,
    NoHex,
    Control,
    TooDeep,
}

impl Broken {
    /// What is wrong there, as a sentence without its capital and full stop: `a comma or ] was expected here`.
    #[must_use]
    pub fn reason(&self) -> String {
        let expected = match self.what {
            Wrong::NoValue => "a value",
            Wrong::NoValueOrEnd => "a value or ]",
            Wrong::NoKey => "a key in quotes",
            Wrong::NoKeyOrEnd => "a key in quotes or }",
            Wrong::NoColon => "a colon",
            Wrong::NoCommaOrBracket => "a comma or ]",
            Wrong::NoCommaOrBrace => "a comma or }",
            Wrong::NoSpace => "white space",
            Wrong::NoWord => "true, false or null",
            Wrong::NoDigit => "a digit",
            Wrong::NoEscape => "one of \" \\ / b f n r t u",
            Wrong::NoHex => "a hexadecimal digit",
            Wrong::Control if self.ends => "a closing quote",
            Wrong::Control => return "a control character has to be an escape here".into(),
            Wrong::DigitAfterZero => return "a number that begins with 0 has no further digit here".into(),
            Wrong::TooDeep => {
                return format!("nesting is followed for {} levels only", units::number(MAX_DEPTH.into()));
            }
        };
        if self.ends {
            format!("the document ends here, where {expected} was expected")
        } else {
            format!("{expected} was expected here")
        }
    }
}
