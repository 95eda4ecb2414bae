//! Numbers as people and programs write them, made bytes that compare as the numbers do: exactly, however many digits they
//! have, as no float is in between. Pure.

use super::cells::is_number;

/// What the bytes of a number begin with.
const NEGATIVE: u8 = 0;
const ZERO: u8 = 1;
const POSITIVE: u8 = 2;
/// What is added to exponents so that none is negative, and how far from zero they go.
const EXPONENT_BIAS: i64 = 1 << 31;
const MAX_EXPONENT: i64 = (1 << 31) - 1;

/// Appends to `key` what compares as the number does that `text` says, such as `-1,234.5`, `6.02e23` or `12 %`; false, and
/// nothing, if it says none. With `decimal_comma`, a comma stands before the fraction if it is the only one and no point
/// comes after it; else commas only group digits.
pub(super) fn push_number(text: &[u8], decimal_comma: bool, key: &mut Vec<u8>) -> bool {
    if !is_number(text) {
        return false;
    }
    let text = text.trim_ascii();
    let text = text.strip_suffix(b"%").unwrap_or(text).trim_ascii_end();
    let (negative, text) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let exponent_at = text.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at_checked(exponent_at).unwrap_or((text, b"".as_slice()));
    let (whole, fraction) =
        mantissa.split_at_checked(point_of(mantissa, decimal_comma)).unwrap_or((mantissa, b"".as_slice()));
    let whole = digits_of(whole);
    let mut digits = [whole.as_slice(), &digits_of(fraction)].concat();
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.drain(..zeros);
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() {
        key.push(ZERO);
        return true;
    }
    // So far is the point from the first digit that counts.
    let shift = i64::try_from(whole.len()).unwrap_or(0) - i64::try_from(zeros).unwrap_or(0);
    let exponent = exponent_of(exponent).saturating_add(shift).clamp(-MAX_EXPONENT, MAX_EXPONENT);
    key.push(if negative { NEGATIVE } else { POSITIVE });
    let from = key.len();
    key.extend_from_slice(&u32::try_from(exponent + EXPONENT_BIAS).unwrap_or(u32::MAX).to_be_bytes());
    key.extend_from_slice(&digits);
    // Less than any digit: what has more of them is more.
    key.push(0);
    if negative {
        // What is further from zero comes first.
        key.iter_mut().skip(from).for_each(|byte| *byte = !*byte);
    }
    true
}

/// Where the fraction of a number begins, with what stands before it.
fn point_of(mantissa: &[u8], decimal_comma: bool) -> usize {
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let comma = mantissa.iter().position(|byte| *byte == b',');
    let is_point = |comma: &usize| {
        let is_only_one = !mantissa.iter().skip(comma + 1).any(|byte| *byte == b',');
        decimal_comma && is_only_one && point.is_none_or(|point| point < *comma)
    };
    comma.filter(is_point).or(point).unwrap_or(mantissa.len())
}

fn digits_of(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(u8::is_ascii_digit).collect()
}

/// What stands after the `e` of a number, as far as it is no more than anybody means.
fn exponent_of(text: &[u8]) -> i64 {
    let text = text.get(1..).unwrap_or_default();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let number = digits.iter().fold(0_i64, |number, digit| {
        number.saturating_mul(10).saturating_add(i64::from(digit.saturating_sub(b'0'))).min(MAX_EXPONENT)
    });
    if negative { -number } else { number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str, decimal_comma: bool) -> Vec<u8> {
        let mut key = Vec::new();
        assert!(push_number(text.as_bytes(), decimal_comma, &mut key), "{text}");
        key
    }

    proptest! {
        #[test]
        fn bytes_compare_as_the_numbers_do(
            numbers in prop::collection::vec(prop_oneof![-1e6_f64..1e6, -1.0_f64..1.0, Just(0.0)], 2..20),
            exponential in any::<bool>(),
        ) {
            let write = |number: f64| if exponential { format!("{number:e}") } else { format!("{number}") };
            for pair in numbers.windows(2) {
                let (one, other) = (pair[0], pair[1]);
                let expected = one.partial_cmp(&other).unwrap();
                prop_assert_eq!(key(&write(one), false).cmp(&key(&write(other), false)), expected, "{} {}", one, other);
            }
        }

        #[test]
        fn whole_numbers_that_no_float_tells_apart_are_told_apart(one in any::<i64>(), by in -3_i64..4) {
            let other = one.saturating_add(by);
            prop_assert_eq!(key(&one.to_string(), false).cmp(&key(&other.to_string(), false)), one.cmp(&other));
        }
    }

    #[test]
    fn the_same_number_is_the_same_however_it_is_written() {
        for (one, other) in [("1,234.50", "+1234.5"), ("1e3", "1000"), ("-0", "0.00"), (" 12 %", "12"), ("007", "7")] {
            assert_eq!(key(one, false), key(other, false), "{one}");
        }
        assert_eq!(key("5e-3", false), key(".005", false));
        assert!(key("1e99999999999999999999", false) > key("9e9", false));
        assert!(key("-1e99999999999999999999", false) < key("-9e9", false));
        assert!(!push_number(b"12 pieces", false, &mut Vec::new()));
    }

    #[test]
    fn a_comma_is_a_point_where_it_is_said_to_be_one() {
        assert_eq!(key("1.234,5", true), key("1234.5", false));
        assert_eq!((key("1,5", true), key("1,500", false)), (key("1.5", false), key("1500", false)));
        assert_eq!(key("1,234,567", true), key("1234567", false), "two of them group digits");
        assert_eq!(key("1,234.5", true), key("1234.5", false));
    }
}
