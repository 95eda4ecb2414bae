//! The witness of a freeze that is meant: opened before, fed while it lasts, and there until the switch is turned back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{Context, ViewportCommand};
use serde_json::json;

use super::App;
use crate::witness::{Feed, Place, SIZE, Said};

/// How long the first window waits for the keys that the witness was given.
const KEYS_LIMIT: Duration = Duration::from_millis(300);

/// What the window knows of its witness.
#[derive(Default)]
pub(super) struct Witnessing {
    /// The program that is one; `None` for no witness.
    program: Option<PathBuf>,
    feed: Option<Feed>,
    /// Whether it was told that there is none.
    told: bool,
    /// Whether the first window had the keys before it came, and since when it wants them back.
    had_keys: bool,
    keys_wanted: Option<Instant>,
}

impl Witnessing {
    pub(super) fn by(program: Option<PathBuf>) -> Self {
        Self { program, ..Self::default() }
    }

    /// Has the witness go.
    pub(super) fn end(&mut self) {
        self.feed = None;
        self.told = false;
    }
}

impl App {
    /// Calls a witness, if there may be one; true once it is there or will not come.
    pub(super) fn witness_is_ready(&mut self, ctx: &Context) -> bool {
        let Some(program) = &self.witnessing.program else { return true };
        if self.witnessing.feed.as_ref().is_none_or(|feed| !feed.comes() && !feed.is_there()) && !self.witnessing.told {
            let trouble = self.witnessing.feed.as_ref().and_then(Feed::trouble);
            if let Some(why) = trouble {
                self.witnessing.told = true;
                self.say(format!("There is no second window to count the freeze: {why}"));
                return true;
            }
            let trace = self.meter.trace().clone();
            let feed = Feed::start(program, place_beside(ctx), move |said| {
                if let Said::Counted { milliseconds, clicks } = said {
                    let fields = json!({ "counted_ms": milliseconds, "clicks": clicks });
                    trace.event(Instant::now(), "witness", fields);
                }
            });
            self.witnessing.feed = Some(feed);
            self.witnessing.had_keys = ctx.input(|input| input.focused);
            self.witnessing.keys_wanted = None;
        }
        if self.witnessing.feed.as_ref().is_some_and(Feed::comes) {
            return false;
        }
        // A window manager gives the keys to a window that is new, whatever that asks for.
        if !self.witnessing.had_keys || ctx.input(|input| input.focused) {
            return true;
        }
        if self.witnessing.keys_wanted.is_none() {
            ctx.send_viewport_cmd(ViewportCommand::Focus);
        }
        self.witnessing.keys_wanted.get_or_insert_with(Instant::now).elapsed() > KEYS_LIMIT
    }

    /// Has the watchdog tell the witness what it counts, from now until [`App::tell_that_it_is_free`].
    pub(super) fn tell_the_witness(&self, what: &str) -> Instant {
        if let Some(feed) = &self.witnessing.feed {
            self.meter.watchdog().tell(Some(feed.taken(what)));
        }
        Instant::now()
    }

    /// Says that the UI thread, taken at `since`, is free again.
    pub(super) fn tell_that_it_is_free(&self, since: Instant) {
        self.meter.watchdog().tell(None);
        if let Some(feed) = &self.witnessing.feed {
            feed.free(since.elapsed().max(Duration::from_millis(1)));
        }
    }
}

/// To the right of the window where the screen has room, else in its lower right corner, above the meter.
fn place_beside(ctx: &Context) -> Place {
    let scale = ctx.pixels_per_point();
    let (rect, screen) = ctx.input(|input| (input.viewport().inner_rect, input.viewport().monitor_size));
    let pixels = |points: f32| {
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a screen")]
        let pixels = (points * scale) as i32;
        pixels
    };
    let [left, top, width, height] =
        rect.map_or([0; 4], |rect| [rect.left(), rect.top(), rect.width(), rect.height()].map(pixels));
    let native = ctx.native_pixels_per_point().unwrap_or(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels of a screen")]
    let [own_width, own_height] = SIZE.map(|points| (points as f32 * native) as i32);
    let right = left + width + 8;
    let fits = screen.is_none_or(|screen| right + own_width <= pixels(screen.x));
    let at = if fits { [right, top] } else { [left + width - own_width - 16, top + height - own_height - 130] };
    // A window is placed in points, without the zoom of the first one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "points of a screen")]
    let at = at.map(|pixels| (pixels as f32 / native) as i32);
    Place { at: at.to_vec() }
}
