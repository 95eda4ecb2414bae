//! A pasted `curl` command, as the download that it asks for. What it says besides the address and the file's name is no
//! part of a download yet, and is left out.

use std::path::PathBuf;

use super::Download;

/// Options of one letter that are followed by a value.
const SHORT_WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
/// Long options that are followed by a value; of what is not known it is taken that it stands alone.
const LONG_WITH_VALUE: [&str; 30] = [
    "--header",
    "--data",
    "--data-raw",
    "--data-binary",
    "--data-urlencode",
    "--form",
    "--user",
    "--user-agent",
    "--referer",
    "--cookie",
    "--cookie-jar",
    "--request",
    "--proxy",
    "--cacert",
    "--cert",
    "--key",
    "--max-time",
    "--connect-timeout",
    "--retry",
    "--retry-delay",
    "--range",
    "--resolve",
    "--limit-rate",
    "--write-out",
    "--dump-header",
    "--upload-file",
    "--config",
    "--interface",
    "--output-dir",
    "--max-redirs",
];

impl Download {
    /// The download that a `curl` command asks for, if the text is one with an address.
    #[must_use]
    pub fn of_curl(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("curl").filter(|rest| rest.starts_with(char::is_whitespace))?;
        // Commands are copied with lines that go on.
        let words = shlex::split(&rest.replace("\\\n", " "))?;
        let (mut url, mut output) = (None, None);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (word.clone(), None),
            };
            match name.as_str() {
                "-o" | "--output" => output = value.or_else(|| words.next()),
                "--url" => url = value.or_else(|| words.next()),
                long if long.starts_with("--") => {
                    if value.is_none() && LONG_WITH_VALUE.contains(&long) {
                        let _ = words.next();
                    }
                }
                short if short.starts_with('-') && short.len() > 1 => {
                    // The value of the last letter may be in the same word.
                    let at = short.find(|letter| SHORT_WITH_VALUE.contains(letter));
                    let joined = at.and_then(|at| short.get(at + 1..)).unwrap_or_default();
                    let value = if at.is_some() && joined.is_empty() { words.next() } else { None };
                    if at.is_some_and(|at| short.get(at..=at) == Some("o")) {
                        output = value.or_else(|| Some(joined.to_owned()));
                    }
                }
                address => url = url.or_else(|| address.contains("://").then(|| address.to_owned())),
            }
        }
        Some(Self::new(url?, output.map(PathBuf::from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_curl_command_is_told_from_what_its_options_name() {
        for (command, url, output) in [
            ("curl http://a.example/b", "http://a.example/b", None),
            ("curl -H 'Referer: http://other.example/x' 'http://a.example/b?c=1&d'", "http://a.example/b?c=1&d", None),
            ("curl -sSL http://a.example/b -o 'a file'", "http://a.example/b", Some("a file")),
            ("curl -Loout http://a.example/b", "http://a.example/b", Some("out")),
            ("curl --output=out --compressed \\\n  --url http://a.example/b", "http://a.example/b", Some("out")),
            ("curl --tlsv1.2 --http3 --fail-with-body http://a.example/b", "http://a.example/b", None),
            ("curl --referer http://other.example http://a.example/b", "http://a.example/b", None),
        ] {
            let download = Download::of_curl(command).unwrap();
            assert_eq!((download.url.as_str(), download.output), (url, output.map(PathBuf::from)), "{command}");
        }
        for no_command in ["curl", "curl -o a", "curly http://a.example", "curl 'http://a.example", "http://a.example"]
        {
            assert_eq!(Download::of_curl(no_command), None, "{no_command}");
        }
    }
}
