//! The same work done in several ways, side by side: what each run measured, the spread over the runs, and what follows
//! in words. Plain data; how the runs are made is not its business.

use std::fmt::Write as _;

use crate::units;

/// From so many times the speed on, something is faster.
const FASTER: f64 = 1.2;
/// Below so many times the speed, something is slower.
const SLOWER: f64 = 0.9;

/// A way to have work done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// On the UI thread, one job after the other.
    Blocking,
    /// In the background, one job after the other.
    OneByOne,
    /// In the background, all at once.
    Together,
}

impl Way {
    /// All ways, in the order of the columns.
    pub const ALL: [Self; 3] = [Self::Blocking, Self::OneByOne, Self::Together];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::OneByOne => "one by one",
            Self::Together => "all together",
        }
    }
}

/// What work spends its time with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// It waits for somebody else: waits can overlap.
    Waiting,
    /// It computes, or copies memory: only more cores would help.
    Computing,
}

/// One kind of work in the set.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Part {
    /// Its name for people.
    pub name: String,
    /// What it spends its time with.
    pub nature: Nature,
    /// How many jobs it is.
    pub jobs: usize,
}

/// When one job ran, in seconds since its run began.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Segment {
    /// Which part it belongs to, counted from 0.
    pub part: usize,
    /// Its title.
    pub title: String,
    /// When it began.
    pub began_s: f64,
    /// When it ended.
    pub ended_s: f64,
}

/// What one run measured.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Run {
    /// The way in which it was done.
    pub way: Way,
    /// From the first moment until all jobs had ended, in seconds.
    pub wall_s: f64,
    /// The longest span for which the UI thread was busy with one thing, in seconds.
    pub longest_pause_s: f64,
    /// The sum of all such spans of 50 ms and more, in seconds.
    pub stood_still_s: f64,
    /// Frames that were drawn.
    pub frames: u64,
    /// Frames of a 60 Hz display that passed while the UI thread was busy with one thing.
    pub missed_frames: u64,
    /// The delay within which 99 of 100 questions to the UI thread were answered, in seconds.
    pub answer_p99_s: f64,
    /// Clicks, keys and dropped files that waited in a span of 50 ms and more.
    pub input_waited: u64,
    /// The bytes that the jobs read, received or wrote.
    pub bytes: u64,
    /// The time that all threads of the program computed, the practice server's among them, in seconds.
    pub cpu_s: f64,
    /// The most memory that the program had, in bytes; 0 where the system does not say.
    pub peak_memory_bytes: u64,
    /// When each job ran.
    pub jobs: Vec<Segment>,
}

impl Run {
    /// From the first beginning of a job of `part` to the last end of one, in seconds.
    #[must_use]
    pub fn part_s(&self, part: usize) -> f64 {
        let jobs = || self.jobs.iter().filter(|job| job.part == part);
        let first = jobs().map(|job| job.began_s).fold(f64::INFINITY, f64::min);
        let last = jobs().map(|job| job.ended_s).fold(f64::NEG_INFINITY, f64::max);
        (last - first).max(0.0)
    }
}

/// The middle of several figures, with the least and the most.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// A set of work and the runs of it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Comparison {
    /// What was done in each run.
    pub parts: Vec<Part>,
    /// The runs in the order in which they were made.
    pub runs: Vec<Run>,
    /// Whether the frames were painted on a display, or laid out for nobody.
    pub painted: bool,
}

impl Comparison {
    /// The spread of a figure over the runs of one way; `None` before there is one.
    #[must_use]
    pub fn spread(&self, way: Way, figure: impl Fn(&Run) -> f64) -> Option<Spread> {
        let mut figures: Vec<f64> = self.runs.iter().filter(|run| run.way == way).map(figure).collect();
        figures.sort_unstable_by(f64::total_cmp);
        let (least, most) = (*figures.first()?, *figures.last()?);
        let middle = figures.len() / 2;
        let median = if figures.len().is_multiple_of(2) {
            f64::midpoint(*figures.get(middle - 1)?, *figures.get(middle)?)
        } else {
            *figures.get(middle)?
        };
        Some(Spread { median, least, most })
    }

    /// How many times as fast `part` was all together as it was blocking, by the medians.
    #[must_use]
    pub fn speed_up(&self, part: usize) -> Option<f64> {
        let blocking = self.spread(Way::Blocking, |run| run.part_s(part))?.median;
        let together = self.spread(Way::Together, |run| run.part_s(part))?.median;
        (together > 0.0).then(|| blocking / together)
    }

    /// The rows of the table: a name and a cell for each way.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, [String; 3])> {
        let row = |name: &str, figure: &dyn Fn(&Run) -> f64, words: fn(f64) -> String| {
            (name.to_owned(), Way::ALL.map(|way| self.cell(way, figure, words)))
        };
        let mut rows = vec![row("all of it", &|run| run.wall_s, seconds)];
        for (number, part) in self.parts.iter().enumerate() {
            rows.push(row(&format!("  {}", part.name), &move |run: &Run| run.part_s(number), seconds));
        }
        rows.extend([
            row("longest pause of the window", &|run| run.longest_pause_s, seconds),
            row("stood still", &|run| 100.0 * run.stood_still_s / run.wall_s.max(f64::MIN_POSITIVE), share),
            row("frames drawn", &|run| as_f64(run.frames), number),
            row("frames missed", &|run| as_f64(run.missed_frames), number),
            row("answers at p99 within", &|run| run.answer_p99_s, seconds),
            row("clicks and keys that waited", &|run| as_f64(run.input_waited), number),
            row("throughput", &|run| as_f64(run.bytes) / run.wall_s.max(f64::MIN_POSITIVE), rate),
            row("computed", &|run| run.cpu_s, seconds),
            row("memory at most", &|run| as_f64(run.peak_memory_bytes), bytes),
        ]);
        rows
    }

    fn cell(&self, way: Way, figure: &dyn Fn(&Run) -> f64, words: fn(f64) -> String) -> String {
        let Some(spread) = self.spread(way, figure) else { return "–".into() };
        let (median, least, most) = (words(spread.median), words(spread.least), words(spread.most));
        if least == most { median } else { format!("{median} ({least} to {most})") }
    }

    /// What follows from the figures, and what does not, one sentence each.
    #[must_use]
    pub fn verdicts(&self) -> Vec<String> {
        let mut verdicts = Vec::new();
        let pause = |way| self.spread(way, |run| run.longest_pause_s).map(|spread| seconds(spread.median));
        if let (Some(blocking), Some(together)) = (pause(Way::Blocking), pause(Way::Together)) {
            verdicts.push(format!(
                "Blocking, the window stood still for {blocking} in one piece; with all of it together in the background its longest pause was {together}."
            ));
        }
        for (at, part) in self.parts.iter().enumerate() {
            if let Some(times) = self.speed_up(at) {
                verdicts.push(format!("{}: {}.", part.name, verdict_on(part, times)));
            }
        }
        let wall = |way| self.spread(way, |run| run.wall_s).map(|spread| spread.median);
        if let (Some(blocking), Some(one_by_one)) = (wall(Way::Blocking), wall(Way::OneByOne))
            && one_by_one > 1.05 * blocking
        {
            verdicts.push(format!(
                "One by one in the background took {:.2} times as long as blocking: each job is handed over through the frame loop.",
                one_by_one / blocking
            ));
        }
        verdicts
    }

    /// The table as text for a terminal, under a line that says what it is.
    #[must_use]
    pub fn as_text(&self) -> String {
        let rows = self.rows();
        let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let first = width(&mut rows.iter().map(|(name, _)| name.chars().count()));
        let others: Vec<usize> = Way::ALL
            .iter()
            .enumerate()
            .map(|(at, way)| {
                let cells = rows.iter().filter_map(|(_, cells)| cells.get(at)).map(|cell| cell.chars().count());
                width(&mut cells.chain([way.name().len()]))
            })
            .collect();
        let line = |name: &str, cells: [&str; 3]| {
            let mut text = format!("{name:first$}");
            for (cell, width) in cells.iter().zip(&others) {
                let _ = write!(text, "   {cell:width$}");
            }
            text.truncate(text.trim_end().len());
            text + "\n"
        };
        let mut text = format!("The same work in three ways: {}\n\n", self.how_often());
        text += &line("", Way::ALL.map(Way::name));
        for (name, cells) in &rows {
            text += &line(name, cells.each_ref().map(String::as_str));
        }
        text.push('\n');
        for verdict in self.verdicts() {
            let _ = writeln!(text, "{verdict}");
        }
        text
    }

    /// The report as Markdown, with the picture of this name, if there is one.
    #[must_use]
    pub fn as_markdown(&self, picture: Option<&str>) -> String {
        let [blocking, one_by_one, together] = Way::ALL.map(Way::name);
        let mut text = format!(
            "# The same work in three ways\n\n{}.\n\n| | {blocking} | {one_by_one} | {together} |\n| --- | --- | --- | --- |\n",
            self.how_often()
        );
        for (name, cells) in self.rows() {
            let _ = writeln!(text, "| {} | {} |", name.trim_start(), cells.join(" | "));
        }
        text.push('\n');
        for verdict in self.verdicts() {
            let _ = writeln!(text, "- {verdict}");
        }
        if let Some(picture) = picture {
            let _ = write!(text, "\n![When each job ran](<{picture}>)\n");
        }
        text
    }

    /// The report as a picture, in SVG.
    #[must_use]
    pub fn as_svg(&self) -> String {
        super::picture::svg(self)
    }

    fn how_often(&self) -> String {
        let runs = self.runs.iter().filter(|run| run.way == Way::Together).count();
        let frames = if self.painted { "painted in this window" } else { "laid out at 60 Hz, but painted for nobody" };
        if runs == 1 {
            format!("one run each, frames {frames}")
        } else {
            format!("medians of {runs} runs each in turn, with the least and the most, frames {frames}")
        }
    }
}

/// What `part` was all together, as so many times the speed that it had blocking.
fn verdict_on(part: &Part, times: f64) -> String {
    let several = part.jobs > 1;
    match part.nature {
        Nature::Waiting if several && times >= FASTER => {
            format!("{times:.1} times as fast all together, because its waits overlapped")
        }
        Nature::Computing if several && times >= FASTER => {
            format!("{times:.1} times as fast all together, because its jobs had more than one core")
        }
        Nature::Waiting if times < SLOWER => {
            format!("slower all together ({times:.2} times as fast), as its jobs shared what they waited for")
        }
        Nature::Computing if times < SLOWER => {
            format!("slower all together ({times:.2} times as fast), as it computes and shared the cores with the rest")
        }
        Nature::Waiting if several => "no faster all together, as its jobs waited for the same thing".into(),
        Nature::Waiting => "no faster all together, as one wait has nothing to overlap with".into(),
        Nature::Computing => {
            "no faster all together, as it computes and does not wait; only the window was free meanwhile".into()
        }
    }
}

/// A time to three digits.
fn seconds(seconds: f64) -> String {
    let (figure, unit) = if seconds < 0.999_5 { (seconds * 1e3, "ms") } else { (seconds, "s") };
    let decimals = if figure < 9.995 { 2 } else { usize::from(figure < 99.95) };
    format!("{figure:.decimals$} {unit}")
}

fn share(per_cent: f64) -> String {
    format!("{per_cent:.0} %")
}

fn number(number: f64) -> String {
    units::number(whole(number))
}

fn bytes(bytes: f64) -> String {
    if bytes > 0.0 { units::bytes(whole(bytes)) } else { "–".into() }
}

fn rate(bytes_per_sec: f64) -> String {
    if bytes_per_sec > 0.0 { units::rate(bytes_per_sec) } else { "–".into() }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts and bytes, never below zero")]
fn whole(figure: f64) -> u64 {
    figure.round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "counts and bytes to show")]
const fn as_f64(figure: u64) -> f64 {
    figure as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(way: Way, jobs: &[(usize, f64, f64)]) -> Run {
        let jobs: Vec<_> = jobs
            .iter()
            .map(|(part, began_s, ended_s)| Segment {
                part: *part,
                title: String::new(),
                began_s: *began_s,
                ended_s: *ended_s,
            })
            .collect();
        let wall_s = jobs.iter().map(|job| job.ended_s).fold(0.0, f64::max);
        let pause = if way == Way::Blocking { wall_s } else { 0.01 };
        Run {
            way,
            wall_s,
            longest_pause_s: pause,
            stood_still_s: if way == Way::Blocking { wall_s } else { 0.0 },
            frames: 10,
            missed_frames: 0,
            answer_p99_s: pause,
            input_waited: 0,
            bytes: 1_000,
            cpu_s: 0.5,
            peak_memory_bytes: 50_000_000,
            jobs,
        }
    }

    fn comparison() -> Comparison {
        let part = |name: &str, nature, jobs| Part { name: name.into(), nature, jobs };
        Comparison {
            painted: true,
            parts: vec![part("Two downloads", Nature::Waiting, 2), part("Index", Nature::Computing, 1)],
            runs: vec![
                run(Way::Blocking, &[(0, 0.0, 1.0), (0, 1.0, 2.0), (1, 2.0, 2.5)]),
                run(Way::Together, &[(0, 0.0, 1.0), (0, 0.0, 1.0), (1, 0.0, 0.5)]),
                run(Way::Blocking, &[(0, 0.0, 1.5), (0, 1.5, 3.0), (1, 3.0, 3.5)]),
                run(Way::Together, &[(0, 0.0, 1.0), (0, 0.0, 1.0), (1, 0.0, 0.5)]),
                run(Way::Blocking, &[(0, 0.0, 1.0), (0, 1.0, 2.0), (1, 2.0, 2.5)]),
            ],
        }
    }

    #[test]
    fn waits_that_overlapped_are_told_apart_from_work_that_computes() {
        let comparison = comparison();
        assert_eq!(comparison.speed_up(0), Some(2.0));
        assert_eq!(comparison.speed_up(1), Some(1.0));
        let [pause, waiting, computing] = comparison.verdicts().try_into().unwrap();
        assert!(pause.contains("2.50 s") && pause.contains("10.0 ms"), "{pause}");
        assert!(waiting.contains("2.0 times as fast"), "{waiting}");
        assert!(computing.contains("no faster all together, as it computes"), "{computing}");
    }

    #[test]
    fn what_is_said_of_a_part_follows_from_its_figures() {
        let said = |nature, jobs, times| verdict_on(&Part { name: String::new(), nature, jobs }, times);
        for (nature, jobs, times, words) in [
            (Nature::Waiting, 8, 2.0, "2.0 times as fast all together, because its waits overlapped"),
            (Nature::Waiting, 8, 1.0, "no faster all together, as its jobs waited for the same thing"),
            (Nature::Waiting, 8, 0.7, "slower all together (0.70 times as fast)"),
            (Nature::Waiting, 1, 2.0, "one wait has nothing to overlap with"),
            (Nature::Computing, 2, 1.9, "1.9 times as fast all together, because its jobs had more than one core"),
            (Nature::Computing, 1, 1.9, "no faster all together, as it computes"),
            (Nature::Computing, 1, 0.7, "slower all together (0.70 times as fast), as it computes"),
        ] {
            assert!(said(nature, jobs, times).contains(words), "{}", said(nature, jobs, times));
        }
    }

    #[test]
    fn times_are_told_to_three_digits() {
        let told = [0.000_4, 0.002_91, 0.010_94, 0.541, 0.999_6, 4.349, 43.49, 149.6].map(seconds);
        assert_eq!(told, ["0.40 ms", "2.91 ms", "10.9 ms", "541 ms", "1.00 s", "4.35 s", "43.5 s", "150 s"]);
    }

    #[test]
    fn the_table_gives_medians_with_their_spread_and_a_dash_for_what_was_not_run() {
        let rows = comparison().rows();
        assert_eq!(rows[0].0, "all of it");
        assert_eq!(rows[0].1, ["2.50 s (2.50 s to 3.50 s)".to_owned(), "–".into(), "1.00 s".into()]);
        assert_eq!(rows[1].0.trim(), "Two downloads");
        assert_eq!(rows[4].1[0], "100 %");
        let even = comparison().spread(Way::Together, |run| run.wall_s).unwrap();
        assert_eq!((even.median, even.least, even.most), (1.0, 1.0, 1.0));
    }
}
