//! Colours, fonts and measures of both themes, in one place. Every view takes its colours from [`Colours::of`].

use std::sync::Arc;

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Response, RichText, Shadow,
    Stroke, TextStyle, TextWrapMode, Theme, Ui, Vec2, Visuals, vec2,
};

use super::nearest::NearestGlyphs;
use crate::jobs::Mode;
use crate::responsiveness::{FREEZE, LONG_TASK};

/// Heights and widths, in points, on a grid of four.
pub(super) const COMMAND_BAR: f32 = 48.0;
pub(super) const TAB_BAR: f32 = 36.0;
pub(super) const STATUS_BAR: f32 = 28.0;
pub(super) const METER_STRIP: f32 = 36.0;
pub(super) const JOBS_PANEL: f32 = 264.0;
pub(super) const TEXT_ROW: f32 = 19.0;
pub(super) const CORNER: u8 = 6;

/// The colours of the theme in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    pub(super) background: Color32,
    pub(super) panel: Color32,
    pub(super) raised: Color32,
    pub(super) line: Color32,
    pub(super) text: Color32,
    pub(super) dim: Color32,
    pub(super) faint: Color32,
    /// The border of a control, which has to be seen: three to one against every ground (WCAG 1.4.11).
    pub(super) edge: Color32,
    /// Ice blue; amber while Blocking.
    pub(super) accent: Color32,
    pub(super) accent_ground: Color32,
    /// Ice blue in either mode: a pause that nobody notices.
    pub(super) calm: Color32,
    pub(super) amber: Color32,
    pub(super) red: Color32,
    pub(super) green: Color32,
}

const DARK: Colours = Colours {
    background: rgb(0x000f_1317),
    panel: rgb(0x0015_1a20),
    raised: rgb(0x001c_232b),
    line: rgb(0x0027_303a),
    text: rgb(0x00e6_edf3),
    dim: rgb(0x009a_a7b4),
    faint: rgb(0x005f_6c79),
    edge: rgb(0x0063_707d),
    accent: rgb(0x006c_c7f2),
    accent_ground: rgb(0x0016_384a),
    calm: rgb(0x006c_c7f2),
    amber: rgb(0x00e8_b04a),
    red: rgb(0x00ef_6a6a),
    green: rgb(0x0063_c78f),
};

const LIGHT: Colours = Colours {
    background: rgb(0x00fb_fcfd),
    panel: rgb(0x00f1_f4f7),
    raised: rgb(0x00ff_ffff),
    line: rgb(0x00d9_e0e7),
    text: rgb(0x0016_202a),
    dim: rgb(0x0051_606e),
    faint: rgb(0x0085_92a0),
    edge: rgb(0x0080_8d9b),
    accent: rgb(0x000b_74a8),
    accent_ground: rgb(0x00d6_edf9),
    calm: rgb(0x000b_74a8),
    amber: rgb(0x009a_6700),
    red: rgb(0x00c4_3838),
    green: rgb(0x001d_7f4b),
};

const fn rgb(hex: u32) -> Color32 {
    let [_, red, green, blue] = hex.to_be_bytes();
    Color32::from_rgb(red, green, blue)
}

impl Colours {
    /// Those of the theme that `ui` is drawn in.
    pub(super) fn of(ui: &Ui) -> Self {
        let visuals = ui.visuals();
        let base = if visuals.dark_mode { DARK } else { LIGHT };
        Self { accent: visuals.selection.stroke.color, accent_ground: visuals.selection.bg_fill, ..base }
    }

    /// The colour of a pause of this length: amber from a long task on, red from a hang on.
    pub(super) fn of_pause(&self, length: std::time::Duration) -> Color32 {
        if length >= FREEZE {
            self.red
        } else if length >= LONG_TASK {
            self.amber
        } else {
            self.calm
        }
    }

    fn for_mode(dark: bool, mode: Mode) -> Self {
        let base = if dark { DARK } else { LIGHT };
        match mode {
            Mode::Background => base,
            Mode::Blocking => {
                let ground = if dark { rgb(0x0043_3214) } else { rgb(0x00f8_ebcd) };
                Self { accent: base.amber, accent_ground: ground, ..base }
            }
        }
    }
}

/// Names for the weights of Inter that are not its regular one.
pub(super) fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("medium".into()))
}

/// A sign without words: to be seen, not to be heard.
pub(super) fn sign(ui: &mut Ui, icon: &str, size: f32, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(size, size), egui::Sense::hover());
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon, FontId::proportional(size), colour);
}

/// Semibold, for titles.
pub(super) fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

/// Regular text of 13 points.
pub(super) fn regular() -> FontId {
    FontId::proportional(13.0)
}

/// Details of 11.5 points.
pub(super) fn detail() -> FontId {
    FontId::proportional(11.5)
}

/// What documents are set in.
pub(super) fn document() -> FontId {
    FontId::monospace(12.5)
}

/// Sets fonts and both themes; to be called once.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.add_plugin(NearestGlyphs);
    set_mode(ctx, Mode::Background);
}

/// Gives both themes the accent of a mode.
pub fn set_mode(ctx: &Context, mode: Mode) {
    for theme in [Theme::Dark, Theme::Light] {
        let colours = Colours::for_mode(theme == Theme::Dark, mode);
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme == Theme::Dark, &colours);
            style.text_styles = [
                (TextStyle::Small, detail()),
                (TextStyle::Body, regular()),
                (TextStyle::Button, regular()),
                (TextStyle::Heading, semibold(15.0)),
                (TextStyle::Monospace, document()),
            ]
            .into();
            let spacing = &mut style.spacing;
            spacing.item_spacing = vec2(8.0, 8.0);
            spacing.button_padding = vec2(12.0, 4.0);
            spacing.interact_size = vec2(28.0, 28.0);
            spacing.window_margin = Margin::same(20);
            spacing.menu_margin = Margin::same(8);
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.4;
            style.animation_time = 0.08;
        });
    }
}

fn visuals(dark: bool, colours: &Colours) -> Visuals {
    let mut visuals = if dark { Visuals::dark() } else { Visuals::light() };
    let corner = CornerRadius::same(CORNER);
    let line = Stroke::new(1.0, colours.line);
    visuals.override_text_color = Some(colours.text);
    visuals.weak_text_color = Some(colours.dim);
    visuals.panel_fill = colours.panel;
    visuals.window_fill = colours.raised;
    visuals.window_stroke = line;
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.window_shadow =
        Shadow { offset: [0, 8], blur: 24, spread: 0, color: Color32::from_black_alpha(if dark { 110 } else { 40 }) };
    visuals.popup_shadow = visuals.window_shadow;
    visuals.extreme_bg_color = colours.background;
    visuals.text_edit_bg_color = Some(colours.background);
    visuals.faint_bg_color = colours.panel;
    visuals.hyperlink_color = colours.accent;
    visuals.warn_fg_color = colours.amber;
    visuals.error_fg_color = colours.red;
    visuals.selection.bg_fill = colours.accent_ground;
    visuals.selection.stroke = Stroke::new(1.0, colours.accent);
    visuals.text_cursor.stroke = Stroke::new(1.5, colours.accent);
    let widgets = &mut visuals.widgets;
    for (state, fill, stroke) in [
        (&mut widgets.noninteractive, colours.panel, line),
        (&mut widgets.inactive, colours.background, Stroke::new(1.0, colours.edge)),
        (&mut widgets.hovered, colours.raised, Stroke::new(1.0, colours.edge)),
        (&mut widgets.active, colours.accent_ground, Stroke::new(1.0, colours.accent)),
        (&mut widgets.open, colours.raised, line),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = stroke;
        state.fg_stroke = Stroke::new(1.0, colours.text);
        state.corner_radius = corner;
        state.expansion = 0.0;
    }
    visuals
}

fn fonts() -> FontDefinitions {
    const INTER: &str = "Inter";
    const MEDIUM: &str = "Inter Medium";
    const SEMIBOLD: &str = "Inter SemiBold";
    const MONO: &str = "JetBrains Mono";
    const ICONS: &str = "Phosphor";
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [
        (INTER, include_bytes!("../../assets/fonts/Inter-Regular.ttf").as_slice()),
        (MEDIUM, include_bytes!("../../assets/fonts/Inter-Medium.ttf")),
        (SEMIBOLD, include_bytes!("../../assets/fonts/Inter-SemiBold.ttf")),
        (MONO, include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
        (ICONS, include_bytes!("../../assets/fonts/Phosphor.ttf")),
    ] {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let stack = |first: &str| [first, ICONS, MONO, INTER].map(str::to_owned).to_vec();
    fonts.families.insert(FontFamily::Proportional, stack(INTER));
    fonts.families.insert(FontFamily::Monospace, stack(MONO));
    fonts.families.insert(FontFamily::Name("medium".into()), stack(MEDIUM));
    fonts.families.insert(FontFamily::Name("semibold".into()), stack(SEMIBOLD));
    fonts
}

/// A button without a frame until it is hovered: an icon and a word.
pub(super) fn quiet_button(ui: &mut Ui, icon: &str, text: &str, hint: &str) -> Response {
    let colours = Colours::of(ui);
    let label = if text.is_empty() { icon.to_owned() } else { format!("{icon}  {text}") };
    let button =
        egui::Button::new(RichText::new(label).font(medium(13.0)).color(colours.text)).frame_when_inactive(false);
    let response = ui.add(button.min_size(Vec2::splat(28.0)));
    let response = if hint.is_empty() { response } else { response.on_hover_text(hint) };
    let name = if text.is_empty() { hint } else { text }.to_owned();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name.clone()));
    response
}

/// The words of which one is in force, as sections of a page; into a wrapped row, so that none is broken.
pub(super) fn segments<T: Copy + PartialEq>(ui: &mut Ui, chosen: &mut T, all: &[(T, &str)]) {
    let colours = Colours::of(ui);
    ui.spacing_mut().item_spacing.x = 4.0;
    for (this, word) in all {
        let on = this == chosen;
        let text = RichText::new(*word).font(medium(13.0)).color(if on { colours.accent } else { colours.dim });
        let fill = if on { colours.accent_ground } else { Color32::TRANSPARENT };
        let response = ui.add(egui::Button::new(text).fill(fill).stroke(Stroke::NONE).wrap_mode(TextWrapMode::Extend));
        response.widget_info(|| egui::WidgetInfo::selected(egui::Role::RadioButton, true, on, *word));
        show_focus(ui, &response);
        if response.clicked() {
            *chosen = *this;
        }
    }
}

/// The one button of a dialog that does what the dialog is for.
pub(super) fn main_button(ui: &mut Ui, text: &str) -> Response {
    let colours = Colours::of(ui);
    let label = RichText::new(text).font(medium(13.0)).color(colours.accent);
    let response =
        ui.add(egui::Button::new(label).fill(colours.accent_ground).stroke(Stroke::new(1.0, colours.accent)));
    show_ring(ui, &response);
    response
}

/// Shows by a ring around a button that it has the keyboard's focus. The main button has the colours of the focus always,
/// so that in a dialog colours alone would not tell which of two buttons it is.
pub(super) fn show_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, Colours::of(ui).accent);
        ui.painter().rect_stroke(response.rect.expand(2.0), CORNER + 2, stroke, egui::StrokeKind::Outside);
    }
}

/// Shows by a line around it that `response` has the keyboard's focus.
pub(super) fn show_focus(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, Colours::of(ui).accent);
        ui.painter().rect_stroke(response.rect, CORNER, stroke, egui::StrokeKind::Inside);
    }
}

/// `text` in one line, cut with an ellipsis where it is wider than `width`.
pub(super) fn line_of(ui: &Ui, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<egui::Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(1.0));
    ui.ctx().fonts_mut(|fonts| fonts.layout_job(job))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ratio of WCAG 2 between two colours.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |colour: Color32| {
            let colour = egui::Rgba::from(colour);
            0.2126 * colour.r() + 0.7152 * colour.g() + 0.0722 * colour.b() + 0.05
        };
        let (one, other) = (luminance(one), luminance(other));
        one.max(other) / one.min(other)
    }

    #[test]
    fn an_ordinary_frame_never_has_the_colour_of_a_long_one() {
        for mode in [Mode::Background, Mode::Blocking] {
            for dark in [true, false] {
                let colours = Colours::for_mode(dark, mode);
                let ordinary = colours.of_pause(std::time::Duration::from_millis(16));
                assert_ne!(ordinary, colours.of_pause(LONG_TASK), "{mode:?}, dark: {dark}");
            }
        }
    }

    #[test]
    fn the_border_of_a_control_can_be_seen_on_every_ground() {
        for mode in [Mode::Background, Mode::Blocking] {
            for dark in [true, false] {
                let colours = Colours::for_mode(dark, mode);
                let widgets = visuals(dark, &colours).widgets;
                for state in [widgets.inactive, widgets.hovered, widgets.active] {
                    for ground in [colours.background, colours.panel, colours.raised] {
                        let contrast = contrast(state.bg_stroke.color, ground);
                        assert!(contrast >= 3.0, "{contrast} of {:?} on {ground:?}", state.bg_stroke.color);
                    }
                }
            }
        }
    }
}
