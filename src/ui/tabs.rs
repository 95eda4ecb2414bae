//! The documents as tabs that split and drag, and which of them is in front. Owns the views' states; the documents
//! themselves are shared handles.

use std::path::PathBuf;

use egui::{Align2, Color32, FontId, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, WidgetText, vec2};
use egui_tiles::{SimplificationOptions, TabState, Tile, TileId, Tiles, Tree, UiResponse};

use super::text_view::{Place, TextView};
use super::theme::{Colours, TAB_BAR, line_of, medium, show_focus};
use super::{icons, welcome};
use crate::command::Command;
use crate::document::Document;
use crate::jobs::Mode;

/// The widest that a tab's name is shown.
const MAX_NAME_WIDTH: f32 = 220.0;

/// All tabs of the window.
pub struct Tabs {
    tree: Tree<Tab>,
    front: Option<TileId>,
    /// Which was in front in the last frame.
    shown: Option<TileId>,
}

/// A tab to be opened again after a restart.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SavedTab {
    /// The file.
    pub path: PathBuf,
    /// Where in it the person was.
    pub place: Place,
    /// Whether it was in front.
    pub front: bool,
}

/// What a tab shows.
enum Tab {
    Welcome,
    Text(Box<TextView>),
}

impl Default for Tabs {
    fn default() -> Self {
        let mut tabs = Self { tree: Tree::empty(egui::Id::unique("documents")), front: None, shown: None };
        tabs.show_welcome();
        tabs
    }
}

impl Tabs {
    /// Opens a document in a new tab in front, at a place.
    pub fn open(&mut self, document: Document, place: Place) {
        self.add(Tab::Text(Box::new(TextView::new(document, place))));
        let welcome: Vec<_> = self.ids_of(|tab| matches!(tab, Tab::Welcome));
        for id in welcome {
            self.remove(id);
        }
    }

    /// Brings the tab that shows `document` to the front, if there is one.
    pub fn bring(&mut self, path: &std::path::Path) -> bool {
        let shown = self.ids_of(|tab| matches!(tab, Tab::Text(view) if view.document().path() == path));
        let Some(id) = shown.first() else { return false };
        self.bring_id(*id);
        true
    }

    /// How many tabs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ids_of(|_| true).len()
    }

    /// Shows the welcome page.
    pub fn show_welcome(&mut self) {
        match self.ids_of(|tab| matches!(tab, Tab::Welcome)).first() {
            Some(id) => self.bring_id(*id),
            None => self.add(Tab::Welcome),
        }
    }

    /// Closes the tab in front; the last one makes place for the welcome page.
    pub fn close_front(&mut self) {
        if let Some(front) = self.front {
            self.remove(front);
        }
        self.settle();
    }

    /// Brings the next (`1`) or previous (`-1`) tab to the front.
    pub fn turn(&mut self, by: i8) {
        let ids = self.ids_of(|_| true);
        let Some(at) = ids.iter().position(|id| Some(*id) == self.front) else { return };
        let next = if by > 0 { at + 1 } else { at + ids.len() - 1 };
        if let Some(id) = ids.get(next % ids.len()) {
            self.bring_id(*id);
        }
    }

    /// Puts the tab in front beside the others, in a pane of its own.
    pub fn split(&mut self) {
        let Some(front) = self.front.filter(|_| self.ids_of(|_| true).len() > 1) else { return };
        let Some(root) = self.tree.root() else { return };
        let (pane, rest) = (self.tree.tiles.insert_tab_tile(vec![]), root);
        let both = self.tree.tiles.insert_horizontal_tile(vec![rest, pane]);
        self.tree.root = Some(both);
        self.tree.move_tile_to_container(front, pane, 0, false);
        self.bring_id(front);
    }

    /// The view of the document in front.
    pub(super) fn front_view(&mut self) -> Option<&mut TextView> {
        match self.tree.tiles.get_mut(self.front?) {
            Some(Tile::Pane(Tab::Text(view))) => Some(view),
            _ => None,
        }
    }

    /// The tab in front, as it would be saved.
    pub fn front_saved(&mut self) -> Option<SavedTab> {
        self.front_view().map(|view| SavedTab {
            path: view.document().path().to_owned(),
            place: view.place(),
            front: true,
        })
    }

    /// All tabs that are to come back after a restart, in their order.
    #[must_use]
    pub fn saved(&self) -> Vec<SavedTab> {
        let view = |id| match self.tree.tiles.get(id) {
            Some(Tile::Pane(Tab::Text(view))) => Some(view),
            _ => None,
        };
        let saved = |id, view: &TextView| SavedTab {
            path: view.document().path().to_owned(),
            place: view.place(),
            front: self.front == Some(id),
        };
        self.ids_of(|_| true).into_iter().filter_map(|id| Some(saved(id, view(id)?))).collect()
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, recent: &[String], mode: Mode, commands: &mut Vec<Command>) {
        let scroll = std::mem::replace(&mut self.shown, self.front) != self.front;
        let mut behavior = Behavior { recent, mode, commands, front: self.front, scroll, touched: None, closed: None };
        self.tree.ui(&mut behavior, ui);
        let (touched, closed) = (behavior.touched, behavior.closed);
        if let Some(id) = touched {
            self.front = Some(id);
        }
        if let Some(id) = closed {
            self.remove(id);
        }
        self.settle();
    }

    fn add(&mut self, tab: Tab) {
        let id = self.tree.tiles.insert_pane(tab);
        let beside = self.front.and_then(|front| self.tree.tiles.parent_of(front));
        let container = beside.or(self.tree.root()).filter(|id| self.tree.tiles.get_container(*id).is_some());
        if let Some(container) = container {
            self.tree.move_tile_to_container(id, container, usize::MAX, false);
        } else {
            let root = self.tree.tiles.insert_tab_tile(vec![id]);
            self.tree.root = Some(root);
        }
        self.bring_id(id);
    }

    fn bring_id(&mut self, id: TileId) {
        self.front = Some(id);
        self.tree.make_active(|other, _| other == id);
    }

    fn remove(&mut self, id: TileId) {
        let siblings = self.tree.tiles.parent_of(id).map(|parent| self.children(parent)).unwrap_or_default();
        self.tree.remove_recursively(id);
        if self.front == Some(id) {
            let at = siblings.iter().position(|sibling| *sibling == id).unwrap_or(0);
            self.front = siblings.get(at + 1).or(at.checked_sub(1).and_then(|at| siblings.get(at))).copied();
            if let Some(front) = self.front {
                self.bring_id(front);
            }
        }
    }

    /// After any change: something is always in front, and an empty window shows the welcome page.
    fn settle(&mut self) {
        let ids = self.ids_of(|_| true);
        if ids.is_empty() {
            *self = Self { tree: Tree::empty(egui::Id::unique("documents")), front: None, shown: None };
            self.show_welcome();
        } else if let Some(id) = ids.first()
            && self.front.is_none_or(|front| !ids.contains(&front))
        {
            self.bring_id(*id);
        }
    }

    fn children(&self, container: TileId) -> Vec<TileId> {
        self.tree
            .tiles
            .get_container(container)
            .map(|container| container.children().copied().collect())
            .unwrap_or_default()
    }

    /// The tabs for which `wanted` holds, in the order in which they are seen.
    fn ids_of(&self, wanted: impl Fn(&Tab) -> bool) -> Vec<TileId> {
        let mut found = Vec::new();
        let mut to_visit: Vec<TileId> = self.tree.root().into_iter().collect();
        while let Some(id) = to_visit.pop() {
            match self.tree.tiles.get(id) {
                Some(Tile::Pane(tab)) if wanted(tab) => found.push(id),
                Some(Tile::Container(_)) => to_visit.extend(self.children(id).into_iter().rev()),
                _ => {}
            }
        }
        found
    }
}

/// What the tree asks while it is drawn.
struct Behavior<'a> {
    recent: &'a [String],
    mode: Mode,
    commands: &'a mut Vec<Command>,
    front: Option<TileId>,
    /// Whether another tab has come to the front, whose name is to be seen.
    scroll: bool,
    touched: Option<TileId>,
    closed: Option<TileId>,
}

impl egui_tiles::Behavior<Tab> for Behavior<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, id: TileId, tab: &mut Tab) -> UiResponse {
        let rect = ui.max_rect();
        if ui.input(|input| input.pointer.any_pressed()) && ui.rect_contains_pointer(rect) {
            self.touched = Some(id);
        }
        match tab {
            Tab::Welcome => self.commands.extend(welcome::ui(ui, self.recent, self.mode)),
            Tab::Text(view) => self.commands.extend(view.ui(ui, self.front == Some(id))),
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, tab: &Tab) -> WidgetText {
        match tab {
            Tab::Welcome => "Welcome".into(),
            Tab::Text(view) => view.document().name().into(),
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
        let icon = if heading.text() == "Welcome" { icons::SNOWFLAKE } else { icons::FILE_TEXT };
        let icon_colour = if state.active { colours.accent } else { colours.dim };
        let middle = |x: f32| egui::pos2(rect.left() + x, rect.center().y);
        painter.text(middle(21.0), Align2::CENTER_CENTER, icon, FontId::proportional(15.0), icon_colour);
        let text_at = middle(36.0) - vec2(0.0, galley.size().y / 2.0);
        painter.galley(text_at, galley, colour);
        let close = Rect::from_center_size(egui::pos2(rect.right() - 20.0, rect.center().y), vec2(24.0, 24.0));
        let close = ui.interact(close, id.with("close"), Sense::click());
        let close_name = format!("Close {name}");
        close.widget_info(|| WidgetInfo::labeled(Role::Button, true, close_name.clone()));
        let cross = if close.hovered() || close.has_focus() { colours.text } else { colours.dim };
        ui.painter().text(close.rect.center(), Align2::CENTER_CENTER, icons::X, FontId::proportional(12.0), cross);
        show_focus(ui, &response);
        show_focus(ui, &close);
        if self.front == Some(tile) && self.scroll {
            ui.scroll_to_rect(rect, None);
        }
        if close.clicked() || response.middle_clicked() {
            self.closed = Some(tile);
        }
        if response.clicked() || response.drag_started() {
            self.touched = Some(tile);
        }
        self.on_tab_button(tiles, tile, response)
    }

    fn top_bar_right_ui(&mut self, _: &Tiles<Tab>, ui: &mut Ui, _: TileId, _: &egui_tiles::Tabs, _: &mut f32) {
        if super::theme::quiet_button(ui, icons::COLUMNS, "", "Put the tab beside the others").clicked() {
            self.commands.push(Command::SplitTab);
        }
        if super::theme::quiet_button(ui, icons::PLUS, "", "Open files").clicked() {
            self.commands.push(Command::ChooseFiles);
        }
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

#[cfg(test)]
mod tests {
    use egui_tiles::Container;

    use super::*;

    fn open(tabs: &mut Tabs, name: &str) {
        tabs.open(Document::at(name.into()), Place::default());
    }

    fn names(tabs: &Tabs) -> Vec<String> {
        tabs.saved().into_iter().map(|tab| tab.path.display().to_string()).collect()
    }

    fn front(tabs: &mut Tabs) -> String {
        tabs.front_view().map(|view| view.document().name()).unwrap_or_default()
    }

    #[test]
    fn a_new_document_comes_to_the_front_and_the_welcome_page_goes() {
        let mut tabs = Tabs::default();
        open(&mut tabs, "a");
        open(&mut tabs, "b");
        assert_eq!((names(&tabs), front(&mut tabs)), (vec!["a".into(), "b".into()], "b".into()));
        assert_eq!(tabs.ids_of(|tab| matches!(tab, Tab::Welcome)).len(), 0);
        tabs.turn(1);
        assert_eq!(front(&mut tabs), "a");
        assert!(tabs.bring(std::path::Path::new("b")));
        assert_eq!(front(&mut tabs), "b");
    }

    #[test]
    fn closing_brings_the_neighbour_to_the_front_and_the_last_one_the_welcome_page() {
        let mut tabs = Tabs::default();
        for name in ["a", "b", "c"] {
            open(&mut tabs, name);
        }
        tabs.turn(-1);
        tabs.close_front();
        assert_eq!((names(&tabs), front(&mut tabs)), (vec!["a".into(), "c".into()], "c".into()));
        tabs.close_front();
        tabs.close_front();
        assert_eq!(tabs.ids_of(|tab| matches!(tab, Tab::Welcome)).len(), 1);
    }

    #[test]
    fn a_split_tab_stays_in_front_in_a_container_of_its_own() {
        let mut tabs = Tabs::default();
        for name in ["a", "b"] {
            open(&mut tabs, name);
        }
        tabs.split();
        assert_eq!(front(&mut tabs), "b");
        let root = tabs.tree.root().and_then(|root| tabs.tree.tiles.get_container(root));
        assert!(matches!(root, Some(Container::Linear(linear)) if linear.children.len() == 2));
    }
}
