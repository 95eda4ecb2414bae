//! The bar at the top: what can be started, the field that takes an address, a path or a command, and the switch.

use std::path::Path;

use egui::{
    Align, Align2, Area, FontId, Frame, Id, Key, Layout, Modifiers, Order, Rect, Response, RichText, Role, ScrollArea,
    Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, style::ScrollAnimation, vec2,
};

use super::actions::{self, Action};
use super::icons;
use super::theme::{Colours, medium, quiet_button, semibold, show_focus, sign};
use crate::command::{Command, Panel};
use crate::jobs::Mode;
use crate::source::address;
use crate::work;

/// From this width on, the buttons of the forms have a place beside the field.
const ROOM_FOR_BUTTONS: f32 = 560.0;
/// Under this width the buttons show their icons alone.
const WIDE: f32 = 980.0;
/// The least width of the field; where less is left, the button of the settings gives way.
const FIELD: f32 = 140.0;
/// Entries that the palette shows at once; the others are scrolled to.
const VISIBLE_ENTRIES: f32 = 12.0;
const ENTRY: f32 = 30.0;
const SWITCH: egui::Vec2 = egui::Vec2::new(188.0, 28.0);
const SETTINGS: egui::Vec2 = egui::Vec2::new(30.0, 28.0);

/// The bar's own state: what is typed, and which entry would be taken.
#[derive(Debug, Default)]
pub(super) struct CommandBar {
    text: String,
    open: bool,
    focus: bool,
    chosen: usize,
}

/// One line of the palette.
struct Entry {
    name: String,
    key: String,
    command: Command,
}

impl CommandBar {
    /// Puts the cursor into the field.
    pub(super) fn summon(&mut self) {
        self.text.clear();
        self.focus = true;
        self.open = true;
        self.chosen = 0;
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, mode: Mode, recent: &[String], commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        let rect = ui.max_rect();
        ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, colours.line));
        let wide = rect.width() >= WIDE;
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.spacing_mut().button_padding.x = 8.0;
            ui.add_space(16.0);
            sign(ui, icons::SNOWFLAKE, 18.0, colours.accent);
            if wide {
                ui.label(RichText::new("Antifreeze").font(semibold(15.0)));
                ui.add_space(12.0);
            }
            // With large text in a small window there is room for the field alone, and its palette has all of them.
            let room = rect.width() >= ROOM_FOR_BUTTONS;
            for form in work::forms().into_iter().filter(|form| room && form.has_button()) {
                let name = if wide { form.name() } else { "" };
                // The file dialog is the way to open; its form is for where there is none.
                let opens = form.kind() == <crate::document::Open as crate::jobs::Job>::KIND;
                if quiet_button(ui, form.icon(), name, if wide { "" } else { form.title() }).clicked() {
                    let form = Panel::Form(form.kind().name);
                    commands.push(if opens { Command::ChooseFiles } else { Command::Show(form) });
                }
            }
            let left = ui.cursor().left() + 8.0;
            let switch = Rect::from_center_size(pos2(rect.right() - 16.0 - SWITCH.x / 2.0, rect.center().y), SWITCH);
            let settings = Rect::from_center_size(switch.left_center() - vec2(8.0 + SETTINGS.x / 2.0, 0.0), SETTINGS);
            let settings = Some(settings).filter(|settings| settings.left() - 8.0 - left >= FIELD);
            let right = settings.map_or(switch.left() - 16.0, |settings| settings.left() - 8.0);
            let width = (right - left).min(320.0);
            let free = (right - left - width).max(0.0);
            let field =
                Rect::from_center_size(pos2(left + free / 2.0 + width / 2.0, rect.center().y), vec2(width, 28.0));
            self.field(ui, field, mode, recent, commands);
            if settings.is_some_and(|settings| settings_button(ui, settings).clicked()) {
                commands.push(Command::Show(Panel::Settings));
            }
            commands.extend(mode_switch(ui, switch, mode));
        });
    }

    fn field(&mut self, ui: &mut Ui, rect: Rect, mode: Mode, recent: &[String], commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        let id = Id::unique("command field");
        let moved = self.keys(ui, id);
        let edit = egui::TextEdit::singleline(&mut self.text)
            .id(id)
            .hint_text("Address, path or command")
            .margin(egui::Margin { left: 30, right: 8, top: 6, bottom: 6 });
        let response = ui.put(rect, edit);
        response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Address, path or command"));
        let icon_at = pos2(rect.left() + 16.0, rect.center().y);
        ui.painter().text(
            icon_at,
            Align2::CENTER_CENTER,
            icons::MAGNIFYING_GLASS,
            FontId::proportional(14.0),
            colours.dim,
        );
        if self.text.is_empty() && !response.has_focus() && rect.width() > 260.0 {
            let key = ui.ctx().format_shortcut(&egui::KeyboardShortcut::new(Modifiers::COMMAND, Key::P));
            let at = pos2(rect.right() - 10.0, rect.center().y);
            ui.painter().text(at, Align2::RIGHT_CENTER, key, FontId::proportional(11.5), colours.dim);
        }
        if self.focus {
            response.request_focus();
            self.focus = false;
        }
        if response.gained_focus() {
            self.open = true;
            self.chosen = 0;
        }
        if response.changed() {
            self.chosen = 0;
        }
        // Only now is all that was typed in this frame in the text.
        let entries = if self.open { entries(&self.text, mode, recent) } else { Vec::new() };
        self.chosen = self.chosen.min(entries.len().saturating_sub(1));
        // What the palette uses of the keyboard nothing else may take: the document gets the focus in this very frame.
        let entered =
            self.open && response.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        let mut taken = entered.then_some(self.chosen);
        if self.open {
            let below = Rect::from_min_size(rect.left_bottom() + vec2(0.0, 6.0), vec2(rect.width().max(380.0), 0.0));
            let follow = moved || response.changed() || response.gained_focus();
            let (clicked, list) = self.list(ui, below, &entries, follow);
            taken = taken.or(clicked);
            let elsewhere = ui.input(|input| input.pointer.any_pressed())
                && ui
                    .input(|input| input.pointer.interact_pos())
                    .is_some_and(|at| !list.contains(at) && !rect.contains(at));
            if elsewhere {
                self.open = false;
            }
        }
        if let Some(entry) = taken.and_then(|at| entries.get(at)) {
            commands.push(entry.command.clone());
            self.open = false;
            self.text.clear();
            response.surrender_focus();
        }
    }

    /// Takes the keys that move in the list and that close it; true when it was moved in.
    fn keys(&mut self, ui: &Ui, field: Id) -> bool {
        if !self.open {
            return false;
        }
        let here = ui.memory(|memory| memory.has_focus(field));
        ui.input_mut(|input| {
            // The key of the next control has to arrive there; Escape has done its work here.
            let escaped = input.consume_key(Modifiers::NONE, Key::Escape);
            if escaped {
                self.text.clear();
            }
            if escaped || input.key_pressed(Key::Tab) {
                self.open = false;
            }
            if !here {
                return false;
            }
            let down = input.count_and_consume_key(Modifiers::NONE, Key::ArrowDown);
            let up = input.count_and_consume_key(Modifiers::NONE, Key::ArrowUp);
            self.chosen = (self.chosen + down).saturating_sub(up);
            down + up > 0
        })
    }

    /// Draws the entries, scrolled to the chosen one if `follow`: the entry that was clicked, and where the list is.
    fn list(&self, ui: &Ui, below: Rect, entries: &[Entry], follow: bool) -> (Option<usize>, Rect) {
        let mut clicked = None;
        let room =
            ((ui.ctx().content_rect().bottom() - below.top() - 24.0) / ENTRY).floor().clamp(1.0, VISIBLE_ENTRIES);
        let area =
            Area::new(Id::unique("command palette")).order(Order::Foreground).fixed_pos(below.min).constrain(true);
        let response = area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                ui.set_width(below.width());
                // An area offers the height that it had last: what was once a short list would stay one.
                ui.set_height(ENTRY * room.min(f32::from(u8::try_from(entries.len()).unwrap_or(u8::MAX))));
                ui.spacing_mut().item_spacing.y = 0.0;
                ScrollArea::vertical().auto_shrink(false).min_scrolled_height(0.0).show(ui, |ui| {
                    for (at, entry) in entries.iter().enumerate() {
                        let response = palette_entry(ui, entry, at == self.chosen);
                        if follow && at == self.chosen {
                            response.scroll_to_me_animation(None, ScrollAnimation::none());
                        }
                        if response.clicked() {
                            clicked = Some(at);
                        }
                    }
                });
            });
        });
        (clicked, response.response.rect)
    }
}

fn palette_entry(ui: &mut Ui, entry: &Entry, chosen: bool) -> Response {
    let colours = Colours::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ENTRY), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, chosen, &entry.name));
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect, 4, if chosen { colours.accent_ground } else { colours.panel });
    }
    let key = super::theme::line_of(ui, &entry.key, super::theme::detail(), colours.dim, 140.0);
    let width = rect.width() - key.size().x - 32.0;
    let name = super::theme::line_of(ui, &entry.name, super::theme::regular(), colours.text, width);
    let middle = |galley: &egui::Galley, x: f32| pos2(x, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(middle(&key, rect.right() - 10.0 - key.size().x), key.clone(), colours.dim);
    ui.painter().galley(middle(&name, rect.left() + 10.0), name.clone(), colours.text);
    response
}

/// What the palette offers for what is typed: the thing itself, recent targets, and actions with all of its words.
fn entries(text: &str, mode: Mode, recent: &[String]) -> Vec<Entry> {
    let typed = text.trim();
    let words: Vec<String> = typed.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let matches = |name: &str| words.iter().all(|word| name.to_lowercase().contains(word));
    let target =
        |name: String, target: &str| Entry { name, key: String::new(), command: Command::Go(target.to_owned()) };
    let action = |action: Action| Entry {
        key: action.key.map(key_text).unwrap_or_default(),
        name: action.name,
        command: action.command,
    };
    let actions: Vec<_> = actions::found(mode, &words).into_iter().map(action).collect();
    let mut found = Vec::new();
    if typed.contains("://") || typed.starts_with("curl ") {
        found.push(target(format!("Download {typed}"), typed));
        let name = format!("Open {typed} without downloading it");
        let open = Entry { name, key: String::new(), command: Command::OpenAddress(typed.to_owned()) };
        found.extend(address::is_address(Path::new(typed)).then_some(open));
    } else if typed.starts_with(['/', '~', '.']) || (!typed.is_empty() && (actions.is_empty() || typed.contains('/'))) {
        found.push(target(format!("Open {typed}"), typed));
    }
    found.extend(recent.iter().filter(|recent| matches(recent)).take(3).map(|recent| target(recent.clone(), recent)));
    found.extend(actions);
    found
}

/// A key as a person says it, by the sign that is on it: `Ctrl+,`.
fn key_text(key: egui::KeyboardShortcut) -> String {
    let modifiers = egui::ModifierNames::NAMES.format(&key.modifiers, cfg!(target_os = "macos"));
    format!("{modifiers}+{}", key.logical_key.symbol_or_name())
}

/// The way to the settings that can be seen; its tooltip tells the shorter one.
fn settings_button(ui: &mut Ui, rect: Rect) -> Response {
    let hint = format!("Settings ({})", key_text(actions::SETTINGS_KEY));
    let place = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    let response = ui.scope_builder(place, |ui| quiet_button(ui, icons::GEAR, "", &hint)).inner;
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Settings"));
    response
}

/// The two words, of which one is in force.
fn mode_switch(ui: &mut Ui, rect: Rect, mode: Mode) -> Option<Command> {
    let colours = Colours::of(ui);
    ui.painter().rect(rect, 8, colours.background, Stroke::new(1.0, colours.line), egui::StrokeKind::Inside);
    let half = vec2(rect.width() / 2.0, rect.height());
    let mut command = None;
    for (number, (this, name, hint)) in [
        (Mode::Background, "Background", "Jobs run on the workers, and the window goes on"),
        (Mode::Blocking, "Blocking", "Jobs run on the UI thread, and the window stands still until they end"),
    ]
    .into_iter()
    .enumerate()
    {
        let offset = if number == 0 { 0.0 } else { half.x };
        let part = Rect::from_min_size(rect.min + vec2(offset, 0.0), half).shrink(2.0);
        let response = ui.interact(part, ui.scope_id().with(("mode", number)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, this == mode, name));
        if this == mode {
            ui.painter().rect_filled(part, 6, colours.accent_ground);
        }
        let colour = if this == mode { colours.accent } else { colours.text };
        ui.painter().text(part.center(), Align2::CENTER_CENTER, name, medium(13.0), colour);
        show_focus(ui, &response);
        if response.on_hover_text(hint).clicked() && this != mode {
            command = Some(Command::SetMode(this));
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let recent = ["/var/log/syslog".to_owned()];
        entries(text, Mode::Background, &recent).into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn what_is_typed_is_an_address_a_path_or_words_of_an_action() {
        assert_eq!(names("https://example.org/a").first().map(String::as_str), Some("Download https://example.org/a"));
        let open = "Open https://example.org/a without downloading it";
        assert_eq!(names("https://example.org/a").get(1).map(String::as_str), Some(open));
        assert!(names("curl https://example.org/a").iter().all(|name| !name.starts_with("Open curl")));
        assert_eq!(names("~/a.log").first().map(String::as_str), Some("Open ~/a.log"));
        assert_eq!(names("theme dark"), ["Dark theme"]);
        assert_eq!(names("syslog"), ["Open syslog", "/var/log/syslog"]);
        assert_eq!(names("").len(), 1 + actions::all(Mode::Background).len());
    }
}
