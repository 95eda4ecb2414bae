//! What the tree of tabs asks while it is drawn: the names, the buttons beside them, and what is in the panes. Lives for
//! one frame; only [`Strip`] is kept, one a pane.

use std::collections::HashMap;

use egui::style::ScrollAnimation;
use egui::{Align, Align2, Color32, FontId, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, WidgetText, vec2};
use egui_tiles::{SimplificationOptions, TabState, TileId, Tiles, UiResponse};

use super::shell::Sight;
use super::tabs::Tab;
use super::theme::{Colours, TAB_BAR, line_of, medium, quiet_button, show_focus};
use super::{icons, welcome};
use crate::command::Command;

/// The least width and height of a pane.
const MIN_PANE: f32 = 120.0;
/// In a strip that is narrower than this the name of the tab needs all of it; what the buttons do has keys too.
const ROOM_FOR_BUTTONS: f32 = 240.0;
/// The widest that a tab's name is shown.
const MAX_NAME_WIDTH: f32 = 220.0;
/// A strip that is scrolled gets arrows, which take room, so that it has to be scrolled again, each a frame later: after
/// so many frames it is at rest.
const SETTLING_FRAMES: u8 = 8;

/// The strip of names over a pane, as it was when the name of the tab that is shown was last brought into sight.
#[derive(Debug, Default)]
pub(super) struct Strip {
    shown: Option<TileId>,
    names: Vec<TileId>,
    width: f32,
    frames_left: u8,
}

impl Strip {
    /// Whatever can move the name out of sight makes it be brought back. What the person scrolls does not.
    fn look(&mut self, tabs: &egui_tiles::Tabs, width: f32) {
        if self.shown != tabs.active || self.names != tabs.children || (self.width - width).abs() > 0.5 {
            *self = Self { shown: tabs.active, names: tabs.children.clone(), width, frames_left: SETTLING_FRAMES };
        }
    }

    /// Brings `name`, where the shown tab's name is drawn, into sight.
    fn bring_into_sight(&mut self, ui: &Ui, name: Rect) {
        if self.frames_left == 0 {
            return;
        }
        self.frames_left -= 1;
        let sight = ui.clip_rect().x_range();
        let name_range = name.x_range();
        if name_range.span() > sight.span() {
            ui.scroll_to_rect_animation(name, Some(Align::Min), ScrollAnimation::none());
        } else if name_range.min < sight.min - 0.5 || name_range.max > sight.max + 0.5 {
            ui.scroll_to_rect_animation(name, None, ScrollAnimation::none());
        }
        ui.ctx().request_repaint();
    }
}

/// What the tree asks while it is drawn.
pub(super) struct Behavior<'a> {
    pub(super) sight: &'a Sight<'a>,
    pub(super) commands: &'a mut Vec<Command>,
    /// The tab in front.
    pub(super) front: Option<TileId>,
    pub(super) strips: &'a mut HashMap<TileId, Strip>,
    /// The pane whose strip is drawn; the tree itself does not know it meanwhile.
    pub(super) pane: Option<TileId>,
    /// The tab that the person has turned to.
    pub(super) touched: Option<TileId>,
    /// The tab that is to be closed.
    pub(super) closed: Option<TileId>,
}

impl egui_tiles::Behavior<Tab> for Behavior<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, id: TileId, tab: &mut Tab) -> UiResponse {
        let rect = ui.max_rect();
        if ui.input(|input| input.pointer.any_pressed()) && ui.rect_contains_pointer(rect) {
            self.touched = Some(id);
        }
        match tab {
            Tab::Welcome => self.commands.extend(welcome::ui(ui, self.sight.recent, self.sight.mode)),
            Tab::Compare(page) => page.ui(ui, self.sight.compared, self.commands),
            Tab::Responsiveness(page) => page.ui(ui, self.sight, self.commands),
            Tab::Crowd(page) => page.ui(ui, self.sight, self.commands),
            Tab::Lessons(page) => page.ui(ui, self.sight, self.commands),
            Tab::Search(page) => page.ui(ui, self.commands),
            Tab::Document(view) => {
                let wishes = view.ui(ui, self.front == Some(id));
                // The keyboard can ask for it in a pane that is not in front.
                if wishes.iter().any(|wish| matches!(wish, Command::Reload | Command::Index | Command::UnpackAnyway)) {
                    self.touched = Some(id);
                }
                self.commands.extend(wishes);
            }
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, tab: &Tab) -> WidgetText {
        match tab {
            Tab::Welcome => "Welcome".into(),
            Tab::Compare(_) => "Compare".into(),
            Tab::Responsiveness(_) => "Responsiveness".into(),
            Tab::Crowd(_) => "Users".into(),
            Tab::Lessons(_) => "How it works".into(),
            Tab::Search(_) => "Search".into(),
            Tab::Document(view) => view.document().name().into(),
        }
    }

    fn tab_ui(
        &mut self,
        tiles: &mut Tiles<Tab>,
        ui: &mut Ui,
        id: egui::Id,
        tile: TileId,
        state: &TabState,
    ) -> Response {
        let colours = Colours::of(ui);
        let heading = self.tab_title_for_tile(tiles, tile);
        let colour = if state.active { colours.text } else { colours.dim };
        let galley = line_of(ui, heading.text(), medium(13.0), colour, MAX_NAME_WIDTH);
        let (_, rect) = ui.allocate_space(vec2(galley.size().x + 76.0, ui.available_height()));
        let response = ui.interact(rect, id, Sense::click_and_drag());
        let name = heading.text().to_owned();
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, state.active, name.clone()));
        let painter = ui.painter();
        if state.active {
            painter.rect_filled(rect, 0, colours.background);
            let top = Rect::from_min_size(rect.min, vec2(rect.width(), 2.0));
            let in_front = self.front == Some(tile);
            painter.rect_filled(top, 0, if in_front { colours.accent } else { colours.faint });
        }
        painter.vline(rect.right(), rect.y_range(), Stroke::new(1.0, colours.line));
        let icon = match tiles.get_pane(&tile) {
            Some(Tab::Welcome) => icons::SNOWFLAKE,
            Some(Tab::Compare(_)) => icons::LIGHTNING,
            Some(Tab::Responsiveness(_)) => icons::PULSE,
            Some(Tab::Crowd(_)) => icons::USERS,
            Some(Tab::Lessons(_)) => icons::BOOK,
            Some(Tab::Search(_)) => icons::MAGNIFYING_GLASS,
            _ => icons::FILE_TEXT,
        };
        let icon_colour = if state.active { colours.accent } else { colours.dim };
        let middle = |x: f32| egui::pos2(rect.left() + x, rect.center().y);
        painter.text(middle(21.0), Align2::CENTER_CENTER, icon, FontId::proportional(15.0), icon_colour);
        let text_at = middle(36.0) - vec2(0.0, galley.size().y / 2.0);
        painter.galley(text_at, galley, colour);
        let close = close_button(ui, rect, id, &name);
        show_focus(ui, &response);
        if response.gained_focus() || close.gained_focus() {
            ui.scroll_to_rect_animation(rect, None, ScrollAnimation::none());
        }
        if state.active
            && let Some(strip) = self.pane.and_then(|pane| self.strips.get_mut(&pane))
        {
            strip.bring_into_sight(ui, rect);
        }
        if close.clicked() || response.middle_clicked() {
            self.closed = Some(tile);
        }
        if response.clicked() || response.drag_started() {
            self.touched = Some(tile);
        }
        self.on_tab_button(tiles, tile, response)
    }

    fn top_bar_right_ui(&mut self, _: &Tiles<Tab>, ui: &mut Ui, pane: TileId, tabs: &egui_tiles::Tabs, _: &mut f32) {
        self.pane = Some(pane);
        self.strips.entry(pane).or_default().look(tabs, ui.max_rect().width());
        let room = ui.max_rect().width() >= ROOM_FOR_BUTTONS;
        if room {
            ui.add_space(4.0);
        }
        let split = room && quiet_button(ui, icons::SIDEBAR, "", "Put the tab beside the others").clicked();
        let open = room && quiet_button(ui, icons::PLUS, "", "Open files").clicked();
        // The arrows of a strip that is too long come next: no more than the buttons beside them.
        let arrow = &mut ui.visuals_mut().widgets.inactive;
        arrow.bg_stroke = Stroke::NONE;
        arrow.weak_bg_fill = Color32::TRANSPARENT;
        if split {
            self.commands.push(Command::SplitTab);
        }
        if open {
            self.commands.push(Command::ChooseFiles);
        }
        if split || open {
            // Both act on the tab in front, and the person means the one under the button.
            self.touched = tabs.active;
        }
    }

    fn min_size(&self) -> f32 {
        MIN_PANE
    }

    fn tab_bar_height(&self, _: &egui::Style) -> f32 {
        TAB_BAR
    }

    fn tab_bar_color(&self, visuals: &egui::Visuals) -> Color32 {
        visuals.panel_fill
    }

    fn tab_bar_hline_stroke(&self, visuals: &egui::Visuals) -> Stroke {
        visuals.window_stroke
    }

    fn simplification_options(&self) -> SimplificationOptions {
        // A single document has a tab too.
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }
}

fn close_button(ui: &Ui, tab: Rect, id: egui::Id, name: &str) -> Response {
    let rect = Rect::from_center_size(egui::pos2(tab.right() - 20.0, tab.center().y), vec2(24.0, 24.0));
    let response = ui.interact(rect, id.with("close"), Sense::click());
    let label = format!("Close {name}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label.clone()));
    let colours = Colours::of(ui);
    let colour = if response.hovered() || response.has_focus() { colours.text } else { colours.dim };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icons::X, FontId::proportional(12.0), colour);
    show_focus(ui, &response);
    response
}
