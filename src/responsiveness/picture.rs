//! A comparison as a picture, in SVG: when each job ran in each way, on one scale, with the figures that matter beside it.
//! Text alone, so that it can be made without a display.

use std::fmt::Write as _;

use super::{Comparison, Run, Way};

const WIDTH: f64 = 960.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const LANE: f64 = 5.0;
const MAX_LANES: usize = 40;
const GAP: f64 = 44.0;
const FONT: &str = "font-family=\"Inter, Helvetica, Arial, sans-serif\"";

/// The colours of the parts, told apart on white by a light and a dark of each.
const COLOURS: [&str; 6] = ["#0b74a8", "#9a6700", "#1d7f4b", "#7a4fa3", "#c43838", "#51606e"];

/// Draws the last run of each way.
pub(super) fn svg(comparison: &Comparison) -> String {
    let runs: Vec<&Run> =
        Way::ALL.into_iter().filter_map(|way| comparison.runs.iter().rev().find(|run| run.way == way)).collect();
    let longest = runs.iter().map(|run| run.wall_s).fold(1e-3, f64::max);
    let heights: Vec<f64> = runs.iter().map(|run| lanes(run) * LANE).collect();
    let legend = TOP + heights.iter().map(|height| height + GAP).sum::<f64>();
    #[expect(clippy::cast_precision_loss, reason = "a few parts")]
    let height = legend + 20.0 * comparison.parts.len() as f64 + 24.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fbfcfd\"/>\n"
    );
    text(&mut svg, 24.0, 34.0, 18.0, "#16202a", "The same work in three ways");
    let mut top = TOP;
    for (run, height) in runs.iter().zip(&heights) {
        draw_run(&mut svg, run, top, *height, longest);
        top += height + GAP;
    }
    for (part, colour) in comparison.parts.iter().zip(COLOURS.iter().cycle()) {
        let _ = writeln!(
            svg,
            "<rect x=\"24\" y=\"{:.1}\" width=\"10\" height=\"10\" rx=\"2\" fill=\"{colour}\"/>",
            top - 9.0
        );
        text(&mut svg, 42.0, top, 12.0, "#51606e", &part.name);
        top += 20.0;
    }
    svg + "</svg>\n"
}

fn draw_run(svg: &mut String, run: &Run, top: f64, height: f64, longest_s: f64) {
    let x = |at_s: f64| LEFT + (WIDTH - LEFT - RIGHT) * at_s / longest_s;
    text(svg, 24.0, top + 10.0, 13.0, "#16202a", run.way.name());
    text(svg, 24.0, top + 27.0, 11.0, "#51606e", &format!("{:.2} s in all", run.wall_s));
    let (colour, pause) = if run.longest_pause_s >= 0.25 {
        ("#c43838", format!("stood still {:.2} s", run.longest_pause_s))
    } else {
        ("#1d7f4b", format!("pauses ≤ {:.0} ms", run.longest_pause_s * 1e3))
    };
    text(svg, 24.0, top + 42.0, 11.0, colour, &pause);
    for (at, job) in run.jobs.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        let y = top + (at % MAX_LANES) as f64 * LANE;
        let width = (x(job.ended_s) - x(job.began_s)).max(1.0);
        let colour = COLOURS.iter().cycle().nth(job.part).unwrap_or(&"#0b74a8");
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{colour}\"/>",
            x(job.began_s),
            LANE - 1.0
        );
    }
    let bottom = top + height + 6.0;
    let _ = writeln!(
        svg,
        "<line x1=\"{LEFT}\" y1=\"{bottom:.1}\" x2=\"{:.1}\" y2=\"{bottom:.1}\" stroke=\"#d9e0e7\"/>",
        WIDTH - RIGHT
    );
}

/// At least as high as the words beside it.
fn lanes(run: &Run) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
    let lanes = run.jobs.len().min(MAX_LANES) as f64;
    lanes.max(9.0)
}

fn text(svg: &mut String, x: f64, y: f64, size: f64, colour: &str, text: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y:.1}\" {FONT} font-size=\"{size}\" fill=\"{colour}\">{}</text>",
        escaped(text)
    );
}

/// Text as XML takes it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_jobs_and_parts_can_not_break_the_picture() {
        assert_eq!(escaped("a < b & c"), "a &lt; b &amp; c");
    }
}
