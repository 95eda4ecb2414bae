//! Every action of the window with its name and key, in one table: the palette lists it, the keyboard obeys it.

use egui::{Key, KeyboardShortcut, Modifiers, ThemePreference};

use crate::command::{Command, Panel};
use crate::jobs::Mode;
use crate::work;

/// Something that can be done from anywhere.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) name: String,
    pub(super) key: Option<KeyboardShortcut>,
    pub(super) command: Command,
}

#[expect(clippy::unnecessary_wraps, reason = "the table has actions without a key too")]
const fn key(modifiers: Modifiers, key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(modifiers, key))
}

/// All actions, in the order of the palette.
pub(super) fn all(mode: Mode) -> Vec<Action> {
    let (other, switch) = match mode {
        Mode::Background => (Mode::Blocking, "Switch to Blocking: run jobs on the UI thread"),
        Mode::Blocking => (Mode::Background, "Switch to Background: run jobs on the workers"),
    };
    let control = Modifiers::COMMAND;
    let shift = Modifiers::COMMAND.plus(Modifiers::SHIFT);
    let fixed = [
        ("Open files…", key(control, Key::O), Command::ChooseFiles),
        ("Address or path…", key(control, Key::L), Command::Show(Panel::Palette)),
        ("Command palette", key(control, Key::P), Command::Show(Panel::Palette)),
        ("Go to line, per cent or byte…", key(control, Key::G), Command::Show(Panel::GoTo)),
        (switch, key(control, Key::B), Command::SetMode(other)),
        ("Write and open a 1 GB sample", None, Command::OpenSample),
        ("Download from the practice server", None, Command::DownloadFromPractice),
        ("Reload the document", key(control, Key::R), Command::Reload),
        ("Close the tab", key(control, Key::W), Command::CloseTab),
        ("Next tab", key(Modifiers::CTRL, Key::Tab), Command::TurnTabs(1)),
        ("Previous tab", key(Modifiers::CTRL.plus(Modifiers::SHIFT), Key::Tab), Command::TurnTabs(-1)),
        ("Put the tab beside the others", key(control, Key::Backslash), Command::SplitTab),
        ("Show or fold away the jobs", key(control, Key::J), Command::Show(Panel::Jobs)),
        ("Clear jobs that are over", key(shift, Key::Delete), Command::ClearEnded),
        ("Welcome page", None, Command::Show(Panel::Welcome)),
        ("Settings…", key(control, Key::Comma), Command::Show(Panel::Settings)),
        ("Dark theme", None, Command::SetTheme(ThemePreference::Dark)),
        ("Light theme", None, Command::SetTheme(ThemePreference::Light)),
        ("Theme of the system", None, Command::SetTheme(ThemePreference::System)),
        ("Larger text", key(control, Key::Plus), Command::Zoom(Some(1.1))),
        ("Smaller text", key(control, Key::Minus), Command::Zoom(Some(1.0 / 1.1))),
        ("Text as large as at first", key(control, Key::Num0), Command::Zoom(None)),
        ("Quit", key(control, Key::Q), Command::Quit),
    ];
    let forms = work::forms().into_iter().map(|form| Action {
        name: format!("{}…", form.title()),
        key: None,
        command: Command::Show(Panel::Form(form.kind().name)),
    });
    let fixed = fixed.into_iter().map(|(name, key, command)| Action { name: name.to_owned(), key, command });
    fixed.chain(forms).collect()
}

/// Takes the keys of actions out of the input and gives what they stand for.
pub(super) fn pressed(ctx: &egui::Context, mode: Mode) -> Vec<Command> {
    let mut actions = all(mode);
    // Of two keys that differ in Shift alone the longer has to be asked for first.
    actions.sort_by_key(|action| action.key.is_some_and(|key| !key.modifiers.shift));
    ctx.input_mut(|input| {
        let obeyed = |action: Action| {
            let key = action.key?;
            input.consume_shortcut(&key).then_some(action.command)
        };
        actions.into_iter().filter_map(obeyed).collect()
    })
}
