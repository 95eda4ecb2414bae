//! The code points of the shipped Phosphor icons (version 2.1, regular) that are used.

pub(super) const SNOWFLAKE: &str = "\u{e5aa}";
pub(super) const FOLDER_OPEN: &str = "\u{e256}";
pub(super) const DOWNLOAD: &str = "\u{e20c}";
pub(super) const MAGNIFYING_GLASS: &str = "\u{e30c}";
pub(super) const FILE_PLUS: &str = "\u{e236}";
pub(super) const FILE_TEXT: &str = "\u{e23a}";
pub(super) const X: &str = "\u{e4f6}";
pub(super) const PLUS: &str = "\u{e3d4}";
pub(super) const PAUSE: &str = "\u{e39e}";
pub(super) const PLAY: &str = "\u{e3d0}";
pub(super) const RETRY: &str = "\u{e036}";
pub(super) const CHECK_CIRCLE: &str = "\u{e184}";
pub(super) const WARNING_CIRCLE: &str = "\u{e4e2}";
pub(super) const WARNING: &str = "\u{e4e0}";
pub(super) const PROHIBIT: &str = "\u{e3de}";
pub(super) const CLOCK: &str = "\u{e19a}";
pub(super) const GEAR: &str = "\u{e272}";
pub(super) const SERVER: &str = "\u{e2a0}";
pub(super) const FOLDER: &str = "\u{e24a}";
pub(super) const ARROW_LINE_UP: &str = "\u{e066}";
pub(super) const LIGHTNING: &str = "\u{e2de}";
pub(super) const USERS: &str = "\u{e4d6}";
pub(super) const PULSE: &str = "\u{e000}";
pub(super) const BOOK: &str = "\u{e0e6}";
pub(super) const SIDEBAR: &str = "\u{ec24}";
pub(super) const CHART: &str = "\u{e150}";
