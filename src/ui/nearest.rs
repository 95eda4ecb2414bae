//! Glyphs lie on whole pixels, so a look at one pixel of the atlas shows what a mix of four would. In software the mix
//! costs a sixth of a frame. A step between egui and the painter; knows nothing of what is drawn.

use egui::{Context, FullOutput, Plugin, TextureFilter, TextureId};

/// Has the atlas of glyphs read pixel by pixel.
pub(super) struct NearestGlyphs;

impl Plugin for NearestGlyphs {
    fn debug_name(&self) -> &'static str {
        "nearest glyphs"
    }

    fn setup(&mut self, ctx: &Context) {
        // Ready-made discs are scaled, which the nearest pixel would not do well.
        ctx.tessellation_options_mut(|options| options.prerasterized_discs = false);
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let atlas = output.textures_delta.set.iter_mut().filter(|(id, _)| **id == TextureId::default());
        for delta in atlas.flat_map(|(_, deltas)| deltas) {
            delta.options.magnification = TextureFilter::Nearest;
            delta.options.minification = TextureFilter::Nearest;
        }
    }
}
