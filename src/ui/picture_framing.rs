//! Where a picture is on the screen: how large its pixels are drawn, which part of it is in sight, and what of it is under
//! the pointer. Pure arithmetic.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

/// The largest side of one of its pixels, in pixels of the screen.
const MAX_ZOOM: f32 = 64.0;
/// The smallest picture has so much of the side of one that is fitted.
const MIN_OF_FITTED: f32 = 0.25;

/// What a picture is looked at in, for one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stage {
    /// Where it is drawn, in points.
    pub(super) area: Rect,
    /// Pixels of the screen in a point.
    pub(super) pixels_per_point: f32,
    /// The sides of the picture in its own pixels, one at least.
    pub(super) size: Vec2,
    /// How many pixels of the screen each of its own may have so that it is still sharp, one at least: it is fitted no
    /// larger than that.
    pub(super) sharp_to: f32,
}

/// How a person looks at a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Framing {
    /// Pixels of the screen along a side of each of the picture's; fitted to the stage if nothing is said.
    zoom: Option<f32>,
    /// What is in the middle of the stage, as shares of the picture's sides.
    middle: Vec2,
}

impl Default for Framing {
    /// All of it, fitted.
    fn default() -> Self {
        Self { zoom: None, middle: Vec2::splat(0.5) }
    }
}

impl Stage {
    /// The zoom at which all of it is in sight.
    fn fitted(&self) -> f32 {
        let room = self.area.size() * self.pixels_per_point / self.size;
        room.min_elem().min(self.sharp_to).max(f32::MIN_POSITIVE)
    }

    fn allowed(&self, zoom: f32) -> f32 {
        let fitted = self.fitted();
        zoom.min(MAX_ZOOM.max(fitted)).max(fitted.min(1.0) * MIN_OF_FITTED)
    }
}

impl Framing {
    /// At this many pixels of the screen for each of the picture's, around the same middle.
    pub(super) fn at(self, zoom: f32) -> Self {
        Self { zoom: Some(zoom), ..self }
    }

    /// Whether it is fitted.
    pub(super) const fn fits(self) -> bool {
        self.zoom.is_none()
    }

    /// Pixels of the screen along a side of each of the picture's.
    pub(super) fn zoom(self, stage: &Stage) -> f32 {
        self.zoom.map_or_else(|| stage.fitted(), |zoom| stage.allowed(zoom))
    }

    /// Where the whole of the picture would be drawn, in points: on whole pixels of the screen, so that it is not blurred.
    pub(super) fn rect(self, stage: &Stage) -> Rect {
        let size = self.size(stage);
        let start = stage.area.center() - size * self.settled(stage).middle;
        let whole = |at: f32| (at * stage.pixels_per_point).round() / stage.pixels_per_point;
        Rect::from_min_size(pos2(whole(start.x), whole(start.y)), size)
    }

    /// Whether some of it is out of sight, so that it can be moved.
    pub(super) fn overflows(self, stage: &Stage) -> bool {
        let (size, room) = (self.size(stage), stage.area.size());
        size.x > room.x + 0.5 || size.y > room.y + 0.5
    }

    /// So many times as large, with what is drawn at `fixed` staying there.
    pub(super) fn zoomed(self, stage: &Stage, by: f32, fixed: Pos2) -> Self {
        let share = self.share_at(stage, fixed);
        let zoom = stage.allowed(self.zoom(stage) * by);
        let to = Self { zoom: Some(zoom), ..self };
        let middle = share - (fixed - stage.area.center()) / to.size(stage);
        Self { middle, ..to }.settled(stage)
    }

    /// Moved by so many points.
    pub(super) fn moved(self, stage: &Stage, by: Vec2) -> Self {
        Self { middle: self.middle - by / self.size(stage), ..self }.settled(stage)
    }

    /// What of the picture is drawn at `at`, as shares of its sides: between 0 and 1, unless it is beside it.
    pub(super) fn share_at(self, stage: &Stage, at: Pos2) -> Vec2 {
        let rect = self.rect(stage);
        (at - rect.min) / rect.size()
    }

    /// The size at which it is drawn, in points.
    fn size(self, stage: &Stage) -> Vec2 {
        stage.size * self.zoom(stage) / stage.pixels_per_point
    }

    /// The same with no room left beside a picture that is larger than the stage, and as much on both sides of one that is
    /// not.
    fn settled(self, stage: &Stage) -> Self {
        let half = stage.area.size() / self.size(stage) / 2.0;
        let within = |middle: f32, half: f32| if half < 0.5 { middle.min(1.0 - half).max(half) } else { 0.5 };
        Self { middle: vec2(within(self.middle.x, half.x), within(self.middle.y, half.y)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stage(width: f32, height: f32, pixels_per_point: f32) -> Stage {
        let area = Rect::from_min_size(pos2(100.0, 50.0), vec2(400.0, 300.0));
        Stage { area, pixels_per_point, size: vec2(width, height), sharp_to: 1.0 }
    }

    fn near(one: f32, other: f32) -> bool {
        (one - other).abs() <= 0.01 * one.abs().max(1.0)
    }

    #[test]
    fn a_large_picture_is_fitted_and_a_small_one_is_shown_as_it_is() {
        let large = stage(4_000.0, 1_000.0, 1.0);
        let fitted = Framing::default();
        assert!(near(fitted.zoom(&large), 0.1));
        assert_eq!(fitted.rect(&large), Rect::from_min_size(pos2(100.0, 150.0), vec2(400.0, 100.0)));
        assert!(fitted.fits() && !fitted.overflows(&large));
        let small = stage(40.0, 30.0, 2.0);
        assert!(near(fitted.zoom(&small), 1.0));
        assert_eq!(fitted.rect(&small).size(), vec2(20.0, 15.0), "a pixel of the screen for each");
        let sharp = Stage { sharp_to: 100.0, ..small };
        assert!(near(fitted.zoom(&sharp), 20.0), "what stays sharp fills the view");
    }

    #[test]
    fn no_room_is_left_beside_a_picture_that_is_larger_than_the_view() {
        let stage = stage(1_000.0, 100.0, 1.0);
        let moved = Framing::default().at(1.0).moved(&stage, vec2(10_000.0, 10_000.0));
        let rect = moved.rect(&stage);
        assert_eq!((rect.left(), rect.width()), (100.0, 1_000.0));
        assert!(near(rect.center().y, 200.0), "{rect:?}");
        let moved = moved.moved(&stage, vec2(-10_000.0, 0.0));
        assert!(near(moved.rect(&stage).right(), 500.0));
        assert!(moved.overflows(&stage));
    }

    #[test]
    fn a_picture_gets_neither_so_large_nor_so_small_that_nothing_is_seen_of_it() {
        let stage = stage(4_000.0, 3_000.0, 1.0);
        let at = stage.area.center();
        assert!(near(Framing::default().zoomed(&stage, 1e9, at).zoom(&stage), MAX_ZOOM));
        assert!(near(Framing::default().zoomed(&stage, 1e-9, at).zoom(&stage), 0.1 * MIN_OF_FITTED));
        let folded = Stage { area: Rect::from_min_size(pos2(0.0, 0.0), vec2(0.0, -3.0)), ..stage };
        assert!(Framing::default().rect(&folded).is_finite());
    }

    proptest! {
        #[test]
        fn what_is_under_the_pointer_stays_there_while_it_is_zoomed_in(
            (x, y) in (100.0_f32..500.0, 50.0_f32..350.0), by in 1.0_f32..4.0,
        ) {
            // Large enough to fill the view, so that nothing has to be moved to the middle.
            let stage = stage(4_000.0, 3_000.0, 1.0);
            let before = Framing::default().at(0.5);
            let share = before.share_at(&stage, pos2(x, y));
            let after = before.zoomed(&stage, by, pos2(x, y)).share_at(&stage, pos2(x, y));
            // Pictures are drawn on whole pixels.
            prop_assert!((share - after).length() < 0.001, "{share:?} {after:?}");
        }

        #[test]
        fn the_picture_covers_the_view_or_lies_in_it(
            zoom in 0.01_f32..8.0, (x, y) in (-5_000.0_f32..5_000.0, -5_000.0_f32..5_000.0),
        ) {
            let stage = stage(1_000.0, 200.0, 1.0);
            let rect = Framing::default().at(zoom).moved(&stage, vec2(x, y)).rect(&stage);
            for (start, end, from, to) in [
                (rect.left(), rect.right(), stage.area.left(), stage.area.right()),
                (rect.top(), rect.bottom(), stage.area.top(), stage.area.bottom()),
            ] {
                let covers = start <= from + 1.0 && end >= to - 1.0;
                let lies = start >= from - 1.0 && end <= to + 1.0;
                prop_assert!(covers || lies, "{rect:?}");
            }
        }
    }
}
