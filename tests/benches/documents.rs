//! How long the program takes for what others are known to do fast: whole processes on the same files, each against its
//! peer in turn, several times, in alternating order, with the files in the page cache.
//!
//! `cargo bench --bench documents` makes its files in a temporary folder (`TMPDIR` says where; for a log of 4 GB it
//! takes some 6 GB) and prints a table in Markdown. It asserts nothing about time, but fails where an answer is not the
//! peer's.

use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::time::Instant;

use antifreeze::units;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// How often each pair is timed; odd, so that there is a middle one.
const ROUNDS: usize = 7;
/// The size of the log unless `ANTIFREEZE_BENCH_MB` says another, in MB; what is compressed and the CSV have a quarter.
const DEFAULT_MB: u64 = 4_000;
/// What is searched for in the log, and what is special of it.
const PATTERNS: [(&str, &str); 4] = [
    ("WARN", "a literal, in 8 % of the lines"),
    ("timeout retry.*status=50[0-9]", "two literals, in 0.5 %"),
    ("segfault at", "a literal, in none"),
    ("[0-9]{4}[a-z]{2}", "no literal"),
];

fn main() -> Result<ExitCode> {
    // `cargo test --all-targets` starts it too, and is not to wait for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("Nothing is measured without `cargo bench`.");
        return Ok(ExitCode::SUCCESS);
    }
    let megabytes = megabytes()?;
    let folder = tempfile::tempdir().context("no folder for the files")?;
    let files = Files::make(folder.path(), megabytes)?;
    let contests = contests(&files);

    println!("A log of {}, and a quarter of that compressed and as CSV:\n", units::bytes(megabytes * 1_000_000));
    println!("| what | against | both say | Antifreeze | the other | ratio | smallest | largest |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut all_do = true;
    for contest in &contests {
        let (line, agrees) =
            contest.run().unwrap_or_else(|error| (contest.without_times(&format!("{error:#}")), false));
        println!("{line}");
        all_do &= agrees;
    }
    println!(
        "\nMedians of {ROUNDS} interleaved pairs of whole processes; a ratio above 1 says that the other is faster."
    );
    let mut peers: Vec<_> = contests.iter().flat_map(|contest| contest.theirs.needs).collect();
    peers.dedup();
    for peer in peers {
        println!("- {peer}: {}", version_of(peer).unwrap_or_else(|| "not installed".into()));
    }
    if !all_do {
        eprintln!("Not all answers are those of the others.");
    }
    Ok(if all_do { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn megabytes() -> Result<u64> {
    let Ok(text) = std::env::var("ANTIFREEZE_BENCH_MB") else { return Ok(DEFAULT_MB) };
    let megabytes = text.parse::<u64>().ok().filter(|megabytes| (4..=1_000_000).contains(megabytes));
    megabytes.with_context(|| format!("ANTIFREEZE_BENCH_MB is a number from 4 to 1,000,000, not {text}"))
}

/// Where the files are on which all are measured.
struct Files {
    log: String,
    compressed: String,
    csv: String,
}

impl Files {
    fn make(folder: &Path, megabytes: u64) -> Result<Self> {
        let path = |name: &str| folder.join(name).display().to_string();
        let (log, part, csv) = (path("big.log"), path("part.log"), path("orders.csv"));
        let quarter = megabytes / 4;
        for (kind, file, megabytes) in [("log", &log, megabytes), ("log", &part, quarter), ("csv", &csv, quarter)] {
            eprintln!("Writing {megabytes} MB to {file}");
            made(&antifreeze(&["sample", kind, file, "--size", &format!("{megabytes}MB")]))?;
        }
        // Who has no gzip is told so in the table.
        if version_of("gzip").is_some() {
            eprintln!("Compressing {part}");
            made(&words(&["gzip", "-6", &part]))?;
        }
        Ok(Self { log, compressed: part + ".gz", csv })
    }
}

fn contests(files: &Files) -> Vec<Contest> {
    let Files { log, compressed, csv } = files;
    let mut contests = vec![Contest {
        what: "index the log".into(),
        ours: ours(&["open", log], Answer::Field("lines")),
        theirs: peer("`wc -l`", &["wc"], &["wc", "-l", log], Answer::Word),
    }];
    for (pattern, special) in PATTERNS {
        let search = ["rg", "-c", "-a", "--no-mmap", "-e", pattern, log];
        contests.push(Contest {
            what: format!("search it for `{pattern}`: {special}"),
            ours: ours(&["search", pattern, log], Answer::Field("matching_lines")),
            theirs: peer("`rg -c -a --no-mmap`", &["rg"], &search, Answer::Count),
        });
    }
    let b3sum = ["b3sum", "--num-threads", "1", "--no-mmap", log];
    contests.push(Contest {
        what: "BLAKE3 of it".into(),
        ours: ours(&["hash", log, "--algorithm", "blake3"], Answer::Field("digest")),
        theirs: peer("`b3sum --num-threads 1 --no-mmap`", &["b3sum"], &b3sum, Answer::Word),
    });
    contests.push(Contest {
        what: "SHA-256 of it".into(),
        ours: ours(&["hash", log, "--algorithm", "sha256"], Answer::Field("digest")),
        theirs: peer("`sha256sum`", &["sha256sum"], &["sha256sum", log], Answer::Word),
    });
    let zcat = ["sh", "-c", "zcat \"$1\" | wc -l", "sh", compressed];
    contests.push(Contest {
        what: "index the compressed log".into(),
        ours: ours(&["open", compressed], Answer::Field("lines")),
        theirs: peer("`zcat` into `wc -l`", &["gzip", "zcat"], &zcat, Answer::Word),
    });
    let count = words(&["qsv", "count", csv]);
    contests.push(Contest {
        what: "index the CSV".into(),
        ours: ours(&["open", csv], Answer::FieldIfAny("rows")),
        theirs: peer("`qsv index`", &["qsv"], &["qsv", "index", csv], Answer::Later(count)),
    });
    contests.push(Contest {
        what: "count its rows".into(),
        ours: ours(&["open", csv], Answer::FieldIfAny("rows")),
        theirs: peer("`xan count`", &["xan"], &["xan", "count", csv], Answer::Word),
    });
    contests
}

/// Two programs that do the same.
struct Contest {
    what: String,
    ours: Side,
    theirs: Side,
}

impl Contest {
    /// Times both in turn: a line of the table, and whether the answers agree as far as both give one.
    fn run(&self) -> Result<(String, bool)> {
        if let Some(missing) = self.theirs.needs.iter().find(|needed| version_of(needed).is_none()) {
            return Ok((self.without_times(&format!("{missing} is not installed")), true));
        }
        // Not timed: it brings the files into the page cache.
        let (_, ours) = self.ours.run()?;
        let (_, theirs) = self.theirs.run()?;
        let answer = match (&ours, &theirs) {
            (None, _) => "not compared, for Antifreeze does not tell".to_owned(),
            (Some(ours), Some(theirs)) if ours == theirs => shown(ours),
            (Some(ours), theirs) => {
                let theirs = theirs.as_deref().map_or_else(|| "nothing".into(), shown);
                return Ok((self.without_times(&format!("**{}**, but the other {theirs}", shown(ours))), false));
            }
        };
        let timed = |side: &Side, known: Option<&str>| -> Result<f64> {
            let (secs, answer) = side.run()?;
            ensure!(answer.as_deref() == known, "{} does not say the same each time", side.name);
            Ok(secs)
        };
        let mut pairs = Vec::new();
        for round in 0..ROUNDS {
            let ours_first = round.is_multiple_of(2);
            let first = if ours_first { Some(timed(&self.ours, ours.as_deref())?) } else { None };
            let theirs = timed(&self.theirs, theirs.as_deref())?;
            let ours = first.map_or_else(|| timed(&self.ours, ours.as_deref()), Ok)?;
            pairs.push((ours, theirs));
        }
        let ours = Spread::of(pairs.iter().map(|(ours, _)| *ours)).middle;
        let theirs = Spread::of(pairs.iter().map(|(_, theirs)| *theirs)).middle;
        let Spread { least, middle, most } = Spread::of(pairs.iter().map(|(ours, theirs)| ours / theirs));
        let (what, against) = (&self.what, &self.theirs.name);
        let figures = format!("{ours:.3} s | {theirs:.3} s | **{middle:.2}** | {least:.2} | {most:.2}");
        Ok((format!("| {what} | {against} | {answer} | {figures} |"), true))
    }

    /// A line of the table that says instead why there are no times.
    fn without_times(&self, why: &str) -> String {
        format!("| {} | {} | {} | | | | | |", self.what, self.theirs.name, units::plain_text(why))
    }
}

/// The smallest, the middle and the largest of some figures.
struct Spread {
    least: f64,
    middle: f64,
    most: f64,
}

impl Spread {
    fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut figures: Vec<_> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let at = |place: usize| figures.get(place).copied().unwrap_or(f64::NAN);
        Self { least: at(0), middle: at(figures.len() / 2), most: at(figures.len().saturating_sub(1)) }
    }
}

/// One of two programs.
struct Side {
    /// What the table calls it.
    name: String,
    /// What has to be installed for it.
    needs: &'static [&'static str],
    command: Vec<String>,
    answer: Answer,
}

/// Where the answer is in what a program prints.
enum Answer {
    /// In this field of a JSON object.
    Field(&'static str),
    /// In this field of a JSON object, if it has that; else there is nothing to compare, which the table says.
    FieldIfAny(&'static str),
    /// It is the first word.
    Word,
    /// It is the first word; nothing, with the exit status 1, stands for none.
    Count,
    /// It is the first word of what this command prints afterwards, which is not timed.
    Later(Vec<String>),
}

fn ours(arguments: &[&str], answer: Answer) -> Side {
    Side { name: "Antifreeze".into(), needs: &[], command: antifreeze(arguments), answer }
}

fn peer(name: &str, needs: &'static [&'static str], command: &[&str], answer: Answer) -> Side {
    Side { name: name.into(), needs, command: words(command), answer }
}

impl Side {
    /// Runs it to its end: how many seconds it took, and what it said.
    fn run(&self) -> Result<(f64, Option<String>)> {
        let began = Instant::now();
        let output = output_of(&self.command)?;
        let secs = began.elapsed().as_secs_f64();
        let none = matches!(self.answer, Answer::Count) && output.status.code() == Some(1) && output.stderr.is_empty();
        if !none {
            succeeded(&output)?;
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let answer = match &self.answer {
            Answer::Field(name) => Some(field_of(&text, name)?.with_context(|| format!("it tells no {name}"))?),
            Answer::FieldIfAny(name) => field_of(&text, name)?,
            Answer::Count if none => Some("0".into()),
            Answer::Word | Answer::Count => Some(first_word(&text)?),
            Answer::Later(command) => Some(first_word(&made(command)?)?),
        };
        Ok((secs, answer))
    }
}

fn field_of(text: &str, name: &str) -> Result<Option<String>> {
    let facts: Value = serde_json::from_str(text).context("what it printed is no JSON object")?;
    Ok(facts.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
}

fn first_word(text: &str) -> Result<String> {
    text.split_whitespace().next().map(str::to_owned).context("it printed nothing")
}

/// An answer for the eye: a number with its separators, or the beginning of a digest.
fn shown(answer: &str) -> String {
    let beginning = || format!("{}…", answer.get(..12).unwrap_or(answer));
    answer.parse::<u64>().map_or_else(|_| beginning(), units::number)
}

/// The program under test, without a window.
fn antifreeze(arguments: &[&str]) -> Vec<String> {
    words(&[&[env!("CARGO_BIN_EXE_antifreeze"), "run", "--json"][..], arguments].concat())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Runs a command that has to succeed, and gives what it printed.
fn made(command: &[String]) -> Result<String> {
    let output = output_of(command)?;
    succeeded(&output)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn output_of(command: &[String]) -> Result<Output> {
    let (program, arguments) = command.split_first().context("there is no command")?;
    let mut command = Command::new(program);
    command.args(arguments).env_remove("RIPGREP_CONFIG_PATH").env_remove("RUST_LOG").stdin(Stdio::null());
    command.output().with_context(|| format!("{program} could not be started"))
}

fn succeeded(output: &Output) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "it failed by {}: {}", output.status, said.trim());
    Ok(())
}

/// What a program says of its version; `None` if it is not installed.
fn version_of(program: &str) -> Option<String> {
    let output = output_of(&words(&[program, "--version"])).ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().next().unwrap_or("of an unknown version").to_owned())
}
