//! The lengths from which on a pause is told by another name, each by the one who has set it. Plain data.

use std::time::Duration;

/// A length from which on a pause bears a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The length, in milliseconds.
    pub from_ms: f32,
    /// What a pause of that length is called.
    pub name: &'static str,
    /// Who calls it so.
    pub source: &'static str,
}

/// All bands, the shortest first.
pub const BANDS: [Band; 7] = [
    Band { from_ms: 16.7, name: "slow frame", source: "a frame of a 60 Hz display; Android vitals, slow rendering" },
    Band { from_ms: 50.0, name: "long task", source: "W3C Long Tasks" },
    Band { from_ms: 100.0, name: "felt delay", source: "Nielsen, Usability Engineering: instantaneous until 0.1 s" },
    Band { from_ms: 200.0, name: "slow answer", source: "web.dev, Interaction to Next Paint: good until 200 ms" },
    Band { from_ms: 250.0, name: "hang", source: "Apple, Instruments: a hang" },
    Band { from_ms: 700.0, name: "frozen frame", source: "Android vitals, frozen frames" },
    Band { from_ms: 5_000.0, name: "not responding", source: "Windows and GNOME: the desktop offers to end it" },
];

impl Band {
    /// The band that a pause of this length is in; `None` if it is in time.
    #[must_use]
    pub fn of(length: Duration) -> Option<Self> {
        let ms = length.as_secs_f32() * 1e3;
        BANDS.into_iter().rev().find(|band| ms >= band.from_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_in_the_last_band_that_it_reaches() {
        let name = |ms| Band::of(Duration::from_millis(ms)).map(|band| band.name);
        assert_eq!(name(16), None);
        assert_eq!(name(17), Some("slow frame"));
        assert_eq!([name(249), name(250)], [Some("slow answer"), Some("hang")]);
        assert_eq!(name(60_000), Some("not responding"));
        assert!(BANDS.is_sorted_by(|one, next| one.from_ms < next.from_ms));
    }
}
