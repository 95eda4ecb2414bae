//! Holds the house of DESIGN.md: which module must not know what, and what no code of ours may do. Reads the sources as
//! text, so it needs no build of them, and says of each violation what to do instead.
#![expect(clippy::disallowed_methods, reason = "the sources are read as what they are, text")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// What a module must not know.
struct Rule {
    /// A folder of `src`, or a file in it without its `.rs`; it need not be there yet.
    module: &'static str,
    /// Crates and paths; all below them is meant too.
    refused: &'static [&'static str],
    /// The one file of the module that may.
    but_in: &'static str,
    instead: &'static str,
}

/// What no code but a test may contain.
struct Ban {
    text: &'static str,
    but_in: &'static [&'static str],
    instead: &'static str,
}

const EGUI: &[&str] = &["egui", "eframe", "egui_tiles", "crate::ui", "crate::app"];
const NO_EGUI: &str = "Give plain data or a JobContext to wake through; ui draws it and app polls it.";

const HOUSE: &[Rule] = &[
    rule("app", &["reqwest", "rusqlite"], "Ask for a job: submit a Request to the engine and poll what comes of it."),
    rule("app", &["std::fs"], "Files are read and written by jobs: submit a Request, or add a source."),
    rule("ui", &["tokio", "reqwest"], "Return a Command; the app submits the job that does it."),
    rule("ui", &["std::fs"], "Draw a Document, which reads beside the window, or return a Command."),
    rule("ui", &["rusqlite", "tokio_postgres"], "Return a Command; the query is a job whose result is a document."),
    rule("ui", &["rfd"], "Return a Command; the app asks for the dialog and awaits it."),
    rule("jobs", EGUI, "Wake the window through the Wake that the app hands in."),
    rule(
        "jobs",
        &["crate::document", "crate::source", "crate::transfer", "crate::database", "crate::practice", "crate::work"],
        "The engine is generic over Work: let the kind of job implement Job, and name it in work.rs.",
    ),
    rule("jobs", &["crate::command", "crate::responsiveness"], "Tell it as a JobEvent; the app passes it on."),
    rule("source", EGUI, NO_EGUI),
    but_in("http.rs", rule("source", &["reqwest"], "Only the source of remote files, source/http.rs, speaks HTTP.")),
    rule(
        "source",
        ABOVE_DOCUMENTS,
        "A source gives bytes and knows nothing above it; let the caller pass what it needs.",
    ),
    rule("document", EGUI, NO_EGUI),
    rule("document", &["reqwest"], "Read through a Source; the one of remote files speaks HTTP."),
    rule("document", ABOVE_DOCUMENTS, "A document knows its source and its jobs; let the caller pass what it needs."),
    rule("transfer", EGUI, NO_EGUI),
    rule("transfer", &["crate::command", "crate::document"], "Name the file in Outcome::made; the app opens it."),
    rule("transfer", &["crate::practice", "crate::database"], APART),
    rule("practice", EGUI, NO_EGUI),
    rule("practice", &["crate::command", "crate::document"], "Name the file in Outcome::made; the app opens it."),
    rule("practice", &["crate::transfer", "crate::database"], APART),
    rule("database", EGUI, NO_EGUI),
    rule("database", &["crate::command", "crate::document"], "Name the file in Outcome::made; the app opens it."),
    rule("database", &["crate::transfer", "crate::practice"], APART),
    rule("compare", EGUI, NO_EGUI),
    rule("compare", &["std::fs"], "Have files made and removed by jobs, or by a TempDir on a thread of its own."),
    rule("responsiveness", EGUI, "Take times and counts as plain data; window and app hand them in."),
    rule("responsiveness", &["std::time::SystemTime"], "Measure by Instant: the clock of the calendar steps."),
    rule("mistakes", EGUI, "Tell what happened as a sentence; ui shows it."),
    rule("state", EGUI, "Keep text; the app knows what it means."),
    rule("responsiveness", &["tokio"], "Use a thread of its own: the meter must work when the runtime does not."),
    but_in("trace.rs", rule("responsiveness", &["std::fs"], "Write through the trace, responsiveness/trace.rs.")),
];

const ABOVE_DOCUMENTS: &[&str] =
    &["crate::transfer", "crate::database", "crate::practice", "crate::work", "crate::command"];
const APART: &str = "Kinds of job do not know each other: move what both need to source, jobs or units.";

const HANDLE: &str = "Handle the error once: pass it on with `?`, show it, or log it.";
const BANS: &[Ban] = &[
    Ban { text: ".unwrap()", but_in: &[], instead: HANDLE },
    Ban { text: "panic!(", but_in: &[], instead: HANDLE },
    Ban { text: "todo!(", but_in: &[], instead: "Do it, or leave it out and write an issue." },
    Ban { text: "unimplemented!(", but_in: &[], instead: "Do it, or leave it out and write an issue." },
    Ban {
        text: "block_on(",
        but_in: &["src/jobs/execution.rs", "src/main.rs"],
        instead: "Await it in a job, or poll a promise: only jobs/execution.rs waits.",
    },
];

const fn rule(module: &'static str, refused: &'static [&'static str], instead: &'static str) -> Rule {
    Rule { module, refused, but_in: "", instead }
}

const fn but_in(file: &'static str, rule: Rule) -> Rule {
    Rule { but_in: file, ..rule }
}

#[test]
fn every_source_keeps_the_rules_of_the_house() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for file in sources(&root.join("src")) {
        let path = file.strip_prefix(root).expect("a file of the crate").to_string_lossy().replace('\\', "/");
        found.extend(violations(&path, &fs::read_to_string(&file).expect("a source")));
        seen.push(path);
    }
    // A search in the wrong place would find nothing to complain of.
    for known in ["src/lib.rs", "src/main.rs", "src/jobs/execution.rs", "src/document/mod.rs"] {
        assert!(seen.iter().any(|path| path == known), "{known} was not read");
    }
    assert!(found.is_empty(), "{} violations\n{}", found.len(), found.join("\n"));
}

#[test]
fn what_breaks_a_rule_is_told_with_its_line_and_what_to_do_instead() {
    for (path, code, line, what) in [
        ("src/app.rs", "use reqwest::Client;", 1, "`reqwest` in app"),
        ("src/app.rs", "use std::{fs, io::{self, Read}};", 1, "`std::fs` in app"),
        ("src/app/tabs.rs", "let text = std::fs::read(path);", 1, "`std::fs` in app"),
        ("src/ui/mod.rs", "\nuse std::{\n    io,\n    fs::File,\n};", 2, "`std::fs` in ui"),
        ("src/ui/forms/open.rs", "\n\n    tokio::spawn(work);", 3, "`tokio` in ui"),
        ("src/ui/open.rs", "fn ask() {\n    use rfd as dialogs;\n}", 2, "`rfd` in ui"),
        ("src/jobs/engine.rs", "use super::super::document::Open;", 1, "`crate::document` in jobs"),
        ("src/jobs/mod.rs", "pub(crate) use super::work;", 1, "`crate::work` in jobs"),
        ("src/jobs/gate.rs", "use crate::{source::{ByteOffset}, units};", 1, "`crate::source` in jobs"),
        ("src/source/local.rs", "reqwest::get(url)", 1, "`reqwest` in source"),
        ("src/document/mod.rs", "fn draw(ui: &mut egui::Ui) {}", 1, "`egui` in document"),
        ("src/document/open.rs", "let request: crate::work::Request;", 1, "`crate::work` in document"),
        ("src/transfer/download.rs", "use crate::practice::Serve;", 1, "`crate::practice` in transfer"),
        ("src/practice/server.rs", "pub use crate::transfer::*;", 1, "`crate::transfer` in practice"),
        ("src/database/query.rs", "use crate::{ui, jobs};", 1, "`crate::ui` in database"),
        ("src/responsiveness/mod.rs", "use std::fs;", 1, "`std::fs` in responsiveness"),
        (
            "src/responsiveness/load.rs",
            "use std::time::{Duration, SystemTime};",
            1,
            "`std::time::SystemTime` in responsiveness",
        ),
        ("src/mistakes/acts.rs", "use egui::Context;", 1, "`egui` in mistakes"),
        ("src/responsiveness/watchdog.rs", "#[tokio::main]", 1, "`tokio` in responsiveness"),
        ("src/units.rs", "\nlet number = text.parse().unwrap();", 2, "`.unwrap()`"),
        ("src/units.rs", "panic!(\"no\")", 1, "`panic!(`"),
        ("src/units.rs", "std::todo!()", 1, "`todo!(`"),
        ("src/units.rs", "unimplemented!()", 1, "`unimplemented!(`"),
        ("src/units.rs", "runtime.block_on(future)", 1, "`block_on(`"),
        ("src/units.rs", "#[cfg(test)]\nfn helper() { None.unwrap() }\nfn next() {}", 2, "`.unwrap()`"),
    ] {
        // The first line is what every file begins with.
        let found = violations(path, &format!("//! What it is for.\n{code}\n"));
        let start = format!("{path}:{}: {what}. ", line + 1);
        assert!(found.iter().any(|said| said.strip_prefix(&start).is_some_and(is_sentence)), "{start}: {found:?}");
        assert_eq!(found.len(), 1, "{found:?}");
    }
    let found = violations("src/units.rs", "// A comment about nothing.\nfn main() {}\n");
    assert!(found.len() == 1 && found[0].starts_with("src/units.rs:1: does not begin with `//!`. "), "{found:?}");
}

#[test]
fn what_only_looks_like_a_violation_is_none() {
    for (path, code) in [
        ("src/app.rs", "use std::{io, path::Path};\nuse crate::fs_like::fs;\nuse std::fsx;"),
        ("src/app.rs", "// use reqwest::Client;\n/// As std::fs::read does.\n    //! tokio::spawn(x)"),
        ("src/app.rs", "let a = 1; // unlike reqwest::get, which waits; never .unwrap()"),
        ("src/ui/mod.rs", "ui.label(\"The tokio runtime\"); my_tokio::spawn(); self.tokio();"),
        ("src/jobs/mod.rs", "use crate::documents;\nuse super::units;\nuse crate::jobs::document;"),
        ("src/jobs/engine.rs", "use super::document::Page;\nuse self::source::X;"),
        ("src/document/pages.rs", "use egui_like::Ui;\nuse crate::jobs::{Wake, work};"),
        ("src/source/http.rs", "use reqwest::Client;"),
        ("src/responsiveness/trace.rs", "use std::fs::File;"),
        ("src/jobs/execution.rs", "handle.block_on(future)"),
        ("src/main.rs", "runtime.block_on(future)"),
        ("src/units.rs", "value.unwrap_or(1); my_panic!(); #[expect(clippy::panic)] fn block_only() {}"),
        ("src/units.rs", "#[cfg(test)]\nmod tests {\n    fn a() { None.unwrap(); panic!(\"x\") }\n}"),
        ("src/ui/mod.rs", "#[cfg(all(test, unix))]\n#[rustfmt::skip]\nmod tests {\n    use std::fs;\n}"),
    ] {
        assert_eq!(violations(path, &format!("//! What it is for.\n{code}\n")), [""; 0], "{path}: {code}");
    }
}

fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.ends_with('.') && text.contains(' ')
}

/// All `.rs` files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// What is wrong with the source at `path`, which begins with `src/`: a line each, with where, what, and what to do.
fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        let instead = "Say what it is for, who owns it, on which thread it runs, and what it must not know.";
        found.push(format!("{path}:1: does not begin with `//!`. {instead}"));
    }
    let module = module_of(path);
    let code = code_of(text);
    for (line, used) in paths_of(&code, &module) {
        for rule in HOUSE.iter().filter(|rule| rule.holds_for(path, &module)) {
            for refused in rule.refused.iter().filter(|refused| is_within(&used, refused)) {
                found.push(format!("{path}:{line}: `{refused}` in {}. {}", rule.module, rule.instead));
            }
        }
    }
    for (number, line) in code.iter().enumerate() {
        for ban in BANS.iter().filter(|ban| !ban.but_in.contains(&path) && holds(line, ban.text)) {
            found.push(format!("{path}:{}: `{}`. {}", number + 1, ban.text, ban.instead));
        }
    }
    found
}

impl Rule {
    fn holds_for(&self, path: &str, module: &[&str]) -> bool {
        let excepted = !self.but_in.is_empty() && path.rsplit('/').next() == Some(self.but_in);
        module.first() == Some(&self.module) && !excepted
    }
}

/// The names of the modules from the crate's root to that of the file.
fn module_of(path: &str) -> Vec<&str> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<_> = inner.split('/').collect();
    module.pop_if(|last| matches!(*last, "mod" | "lib" | "main"));
    module
}

/// The lines before the tests, without comments.
fn code_of(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    let begins_tests = |(at, line): (usize, &&str)| {
        let after = lines.iter().skip(at + 1).find(|line| !line.starts_with("#["));
        line.starts_with("#[cfg(") && line.contains("test") && after.is_some_and(|line| line.starts_with("mod tests"))
    };
    let end = lines.iter().enumerate().position(begins_tests).unwrap_or(lines.len());
    lines.iter().take(end).copied().map(without_comment).collect()
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line.split_once(" // ").map_or(line, |(code, _)| code) }
}

/// All paths of two names and more that the code of a module uses or imports, each with its line, from 1 on.
fn paths_of(code: &[&str], module: &[&str]) -> Vec<(usize, String)> {
    let mut paths = Vec::new();
    let mut lines = code.iter().zip(1..);
    while let Some((line, number)) = lines.next() {
        let mut used = Vec::new();
        if let Some(tree) = imported_by(line) {
            let mut tree = tree.to_owned();
            while !tree.contains(';') {
                let Some((more, _)) = lines.next() else { break };
                tree.push_str(more);
            }
            expand(tree.split(';').next().unwrap_or_default(), "", &mut used);
        } else {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            used.extend(words.map(|word| word.trim_matches(':').to_owned()).filter(|word| word.contains("::")));
        }
        paths.extend(used.iter().map(|path| (number, absolute(path, module))));
    }
    paths
}

/// What follows `use` in a line that begins an import.
fn imported_by(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1,
        Some(rest) => rest,
        None => line,
    };
    line.trim_start().strip_prefix("use ")
}

/// Writes out the tree of an import: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str, before: &str, paths: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        paths.extend((!path.is_empty()).then(|| format!("{before}{path}")));
        return;
    };
    let before = format!("{before}{}", head.trim());
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let mut depth = 0;
    let between = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    };
    for part in inside.split(between) {
        expand(part, &before, paths);
    }
}

/// A path with its `self` and `super` resolved.
fn absolute(path: &str, module: &[&str]) -> String {
    let mut base = module.to_vec();
    let mut steps = path.trim_start_matches("::").split("::").map(str::trim).peekable();
    let mut relative = false;
    while let Some(step) = steps.next_if(|step| matches!(*step, "self" | "super")) {
        relative = true;
        if step == "super" {
            base.pop();
        }
    }
    let from = if relative { [vec!["crate"], base].concat() } else { Vec::new() };
    from.into_iter().chain(steps).collect::<Vec<_>>().join("::")
}

fn is_within(path: &str, refused: &str) -> bool {
    path.strip_prefix(refused).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Whether a text occurs in a line and is not the end of a longer word.
fn holds(line: &str, text: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(text).any(|(at, _)| !text.starts_with(in_word) || !line.split_at(at).0.ends_with(in_word))
}
