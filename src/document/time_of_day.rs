//! The time of day where the person is, as a mark tells it. Found out beside the window: the system's files on time zones
//! are read for it.

use std::fmt;
use std::time::SystemTime;

use jiff::Zoned;

/// A time of day, to the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
    second: i8,
}

impl TimeOfDay {
    /// What the clock showed here at `time`; midnight for what no calendar has. May block.
    #[must_use]
    pub fn here(time: SystemTime) -> Self {
        Zoned::try_from(time).map_or_else(
            |_| Self::default(),
            |time| Self { hour: time.hour(), minute: time.minute(), second: time.second() },
        )
    }
}

/// As `12:04:31`.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_told_to_the_second() {
        assert_eq!(TimeOfDay { hour: 9, minute: 4, second: 31 }.to_string(), "09:04:31");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        // Every zone there is now is a whole number of minutes from UTC.
        assert!(TimeOfDay::here(time).to_string().ends_with(":40"));
    }
}
