//! Fuzz target of lists of checksums, and of values as people copy them. Tests alone.

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::Algorithm;
    use super::super::sums::{value_for, value_in};
    use crate::fuzz::{fuzz, nearly};

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const WORDS: &[&[u8]] = &[
        b"  ",
        b" *",
        b"\\",
        b"\n",
        b"\r\n",
        b"(",
        b") = ",
        b"SHA256",
        b"MD5",
        b":",
        b"a.iso",
        b"./",
        b"352441c2",
        b"0",
        b"g",
        b"\xff",
        b"900150983cd24fb0d6963f7d28e17f72",
    ];

    #[test]
    fn a_value_that_is_found_stands_in_the_text_and_can_be_one_of_the_algorithm() {
        let seeds = vec![
            format!("{ABC}  a.iso\n352441c2 *./a.iso\n"),
            format!("SHA256 (a.iso) = {}\r\nMD5 (a.iso) = 900150983cd24fb0d6963f7d28e17f72\r\n", ABC.to_uppercase()),
            format!("\\{ABC}  b\\na.iso\n# a comment\n"),
            format!("sha256:{ABC}"),
        ];
        let inputs = nearly(seeds.into_iter().map(String::into_bytes).collect(), WORDS);
        fuzz(1_000, (inputs, select(Algorithm::ALL.to_vec())), |(input, algorithm)| {
            let text = input.text();
            let listed = value_for(Path::new("a.iso"), algorithm, &input.0, Path::new("SUMS"));
            for value in [value_in(&text, algorithm), listed] {
                match value {
                    Ok(value) => {
                        prop_assert_eq!(value.len() as u64, algorithm.digits());
                        prop_assert!(value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{}", value);
                        prop_assert!(text.to_ascii_lowercase().contains(&value), "{}", value);
                    }
                    Err(error) => prop_assert!(!error.to_string().is_empty()),
                }
            }
            Ok(())
        });
    }
}
