//! What the bytes at a place are when they are read as numbers, as a character or as a time. Pure; used by the view of a
//! document's bytes on the UI thread. It must not know where the bytes come from, nor how what they are is shown.

/// The most bytes that anything here is made of.
pub const INSPECTED_BYTES: u64 = 8;

/// The most bytes that a character has in UTF-8.
const MAX_CHARACTER_BYTES: usize = 4;
const SECS_A_DAY: i64 = 86_400;
/// The days from 0000-01-01 to 1970-01-01, and from there to 9999-12-31.
const DAYS_BEFORE_EPOCH: i64 = 719_528;
const LAST_DAY: i64 = 2_932_896;

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteOrder {
    /// The lowest.
    #[default]
    Little,
    /// The highest.
    Big,
}

/// What bytes are, each time from the first of them on. What needs more bytes than there are is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each bears the name of its type")]
pub struct Inspected {
    pub i8: Option<i8>,
    pub u8: Option<u8>,
    pub i16: Option<i16>,
    pub u16: Option<u16>,
    pub i32: Option<i32>,
    pub u32: Option<u32>,
    pub i64: Option<i64>,
    pub u64: Option<u64>,
    pub f32: Option<f32>,
    pub f64: Option<f64>,
    /// The character in UTF-8 that begins here; absent too where none does.
    pub character: Option<char>,
}

impl Inspected {
    /// Reads `bytes`, of which no more than [`INSPECTED_BYTES`] matter.
    #[must_use]
    pub fn new(bytes: &[u8], order: ByteOrder) -> Self {
        Self {
            i8: first(bytes, order).map(i8::from_le_bytes),
            u8: first(bytes, order).map(u8::from_le_bytes),
            i16: first(bytes, order).map(i16::from_le_bytes),
            u16: first(bytes, order).map(u16::from_le_bytes),
            i32: first(bytes, order).map(i32::from_le_bytes),
            u32: first(bytes, order).map(u32::from_le_bytes),
            i64: first(bytes, order).map(i64::from_le_bytes),
            u64: first(bytes, order).map(u64::from_le_bytes),
            f32: first(bytes, order).map(f32::from_le_bytes),
            f64: first(bytes, order).map(f64::from_le_bytes),
            character: first_character(bytes),
        }
    }
}

/// The first `N` bytes, the lowest of the number that they are first.
fn first<const N: usize>(bytes: &[u8], order: ByteOrder) -> Option<[u8; N]> {
    let mut first: [u8; N] = *bytes.first_chunk()?;
    if order == ByteOrder::Big {
        first.reverse();
    }
    Some(first)
}

fn first_character(bytes: &[u8]) -> Option<char> {
    let start = bytes.get(..MAX_CHARACTER_BYTES).unwrap_or(bytes);
    start.utf8_chunks().next()?.valid().chars().next()
}

/// A Unix time in seconds as `2026-11-22 06:14:02 UTC`; `None` beyond the years 0 to 9999.
///
/// The day of the calendar is found as by `civil_from_days` of Howard Hinnant's “chrono-Compatible Low-Level Date
/// Algorithms”: years begin in March, so that the day that may be missing is the last one.
#[must_use]
pub fn utc_text(unix_secs: i64) -> Option<String> {
    let (days, secs) = (unix_secs.div_euclid(SECS_A_DAY), unix_secs.rem_euclid(SECS_A_DAY));
    if !(-DAYS_BEFORE_EPOCH..=LAST_DAY).contains(&days) {
        return None;
    }
    let since_march = days + DAYS_BEFORE_EPOCH - 60;
    let (era, day_of_era) = (since_march.div_euclid(146_097), since_march.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_since_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_since_march + 2) / 5 + 1;
    let month = if months_since_march < 10 { months_since_march + 3 } else { months_since_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute, second) = (secs / 3_600, secs / 60 % 60, secs % 60);
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_are_read_in_both_orders() {
        let bytes = [0xfe, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x80];
        let little = Inspected::new(&bytes, ByteOrder::Little);
        assert_eq!((little.i8, little.u8), (Some(-2), Some(254)));
        assert_eq!((little.i16, little.u16), (Some(-2), Some(0xfffe)));
        assert_eq!((little.i32, little.u32), (Some(-2), Some(0xffff_fffe)));
        assert_eq!(little.u64, Some(0x8000_0000_ffff_fffe));
        let big = Inspected::new(&bytes, ByteOrder::Big);
        assert_eq!((big.i8, big.i16, big.u32), (Some(-2), Some(-257), Some(0xfeff_ffff)));
        assert_eq!(big.u64, Some(0xfeff_ffff_0000_0080));
        let one = Inspected::new(&1.5_f32.to_be_bytes(), ByteOrder::Big);
        assert_eq!((one.f32, one.f64, one.i64), (Some(1.5), None, None));
    }

    #[test]
    fn a_character_is_there_where_one_begins_and_is_whole() {
        let character = |bytes: &[u8]| Inspected::new(bytes, ByteOrder::Little).character;
        assert_eq!(character("äb".as_bytes()), Some('ä'));
        assert_eq!(character("\u{1f9ca}".as_bytes()), Some('\u{1f9ca}'));
        assert_eq!(character(b"a\xff"), Some('a'));
        for none in [&b""[..], b"\xa4", b"\xc3", b"\xc3b", b"\xff"] {
            assert_eq!(character(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_time_is_a_day_of_the_calendar() {
        for (secs, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (951_827_696, "2000-02-29 12:34:56 UTC"),
            (1_795_328_042, "2026-11-22 06:14:02 UTC"),
            (4_294_967_295, "2106-02-07 06:28:15 UTC"),
            (-62_167_219_200, "0000-01-01 00:00:00 UTC"),
            (253_402_300_799, "9999-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc_text(secs).as_deref(), Some(text));
        }
        for none in [-62_167_219_201, 253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(utc_text(none), None, "{none}");
        }
    }

    /// The date of a day, counted year by year and month by month.
    fn naive_date(mut day: i64) -> String {
        let is_long = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        day += DAYS_BEFORE_EPOCH;
        let mut year = 0;
        while day >= 365 + i64::from(is_long(year)) {
            day -= 365 + i64::from(is_long(year));
            year += 1;
        }
        let february = 28 + i64::from(is_long(year));
        let mut month = 1;
        for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if day < days {
                break;
            }
            day -= days;
            month += 1;
        }
        format!("{year:04}-{month:02}-{:02} 00:00:00 UTC", day + 1)
    }

    proptest! {
        #[test]
        fn a_day_is_the_one_that_counting_comes_to(day in -DAYS_BEFORE_EPOCH..=LAST_DAY) {
            prop_assert_eq!(utc_text(day * SECS_A_DAY), Some(naive_date(day)));
        }

        #[test]
        fn what_is_read_in_the_other_order_is_what_the_bytes_turned_round_are(bytes in any::<[u8; 8]>()) {
            let mut turned = bytes;
            turned.reverse();
            let (little, big) = (Inspected::new(&bytes, ByteOrder::Little), Inspected::new(&turned, ByteOrder::Big));
            prop_assert_eq!((little.i64, little.u64), (big.i64, big.u64));
            prop_assert_eq!(little.f64.map(f64::to_bits), big.f64.map(f64::to_bits));
            prop_assert_eq!(little.u64, Some(u64::from_le_bytes(bytes)));
            prop_assert_eq!(little.i32, Some(i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])));
        }

        #[test]
        fn what_needs_more_bytes_than_there_are_is_absent(bytes in prop::collection::vec(any::<u8>(), 0..9)) {
            let values = Inspected::new(&bytes, ByteOrder::Big);
            let there = [values.u8.is_some(), values.i16.is_some(), values.f32.is_some(), values.u64.is_some()];
            prop_assert_eq!(there, [1, 2, 4, 8].map(|needed| bytes.len() >= needed));
        }
    }
}
