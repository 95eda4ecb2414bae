//! Fuzz target of `curl` commands as people paste them. Tests alone.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Download;
    use crate::fuzz::{fuzz, nearly};

    const WORDS: &[&[u8]] = &[
        b"curl ",
        b" -o ",
        b" --output=",
        b" --url ",
        b" -H ",
        b" -sSLo",
        b" --",
        b"-",
        b"'",
        b"\"",
        b"\\",
        b"\\\n",
        b"=",
        b" ",
        b"#",
        b"http://a.example/b",
        b"://",
        b"\xff",
        b"\n",
    ];

    #[test]
    fn the_address_of_a_curl_command_and_its_file_stand_in_it() {
        let seeds = [
            "curl http://a.example/b",
            "curl -sSL 'http://a.example/b?c=1&d' \\\n  -H 'Accept: */*' -o \"a file\"",
            "curl --output=out --compressed --url http://a.example/b",
            "curl -Loout http://a.example/b",
        ];
        let inputs = nearly(seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), WORDS);
        fuzz(1_500, inputs, |input| {
            let text = input.text();
            let Some(download) = Download::of_curl(&text) else { return Ok(()) };
            prop_assert!(text.trim_start().starts_with("curl"), "{:?}", download);
            let words = shlex::split(&text.trim().replace("\\\n", " ")).unwrap_or_default();
            prop_assert!(words.iter().any(|word| word.ends_with(&download.url)), "{:?}", download);
            if let Some(output) = download.output.as_ref().and_then(|output| output.to_str()) {
                prop_assert!(words.iter().any(|word| word.ends_with(output)), "{:?}", download);
            }
            Ok(())
        });
    }
}
