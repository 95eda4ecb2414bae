//! Every action of the window with its name and key, in one table: the palette lists it, the keyboard obeys it.

use egui::{Key, KeyboardShortcut, Modifiers, ThemePreference};

use crate::command::{Command, Page, Panel};
use crate::document::Shape;
use crate::jobs::Mode;
use crate::work;

/// What opens the settings, told where they have their button too.
pub(super) const SETTINGS_KEY: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Comma);

/// Something that can be done from anywhere.
#[derive(Clone, Debug)]
pub(super) struct Action {
    pub(super) name: String,
    /// Other words for it, by which the palette finds it too.
    words: &'static str,
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
    let control_shift = Modifiers::CTRL.plus(Modifiers::SHIFT);
    let page = |page| Command::Show(Panel::Page(page));
    let fixed = [
        ("Open files…", "choose browse", key(control, Key::O), Command::ChooseFiles),
        ("Address or path…", "url link download", key(control, Key::L), Command::Show(Panel::Palette)),
        ("Command palette", "actions keys help", key(control, Key::P), Command::Show(Panel::Palette)),
        ("Go to line, per cent or byte…", "jump percent %", key(control, Key::G), Command::Show(Panel::GoTo)),
        ("Find in the document…", "search grep filter", key(control, Key::F), Command::Show(Panel::Find)),
        ("Search all open documents…", "find grep tabs everywhere", key(shift, Key::F), page(Page::Search)),
        ("Next match", "find search", key(Modifiers::NONE, Key::F3), Command::FindNext(true)),
        ("Previous match", "find search", key(Modifiers::SHIFT, Key::F3), Command::FindNext(false)),
        (switch, "mode freeze", key(control, Key::B), Command::SetMode(other)),
        ("Write and open a 1 GB sample", "test generate", None, Command::OpenSample),
        ("Download from the practice server", "test http", None, Command::DownloadFromPractice),
        ("Open the download that arrives", "partial preview while", None, Command::OpenArriving),
        ("Follow the end of the document", "tail append grow", key(control, Key::T), Command::Follow),
        ("Wrap long lines, or not", "soft fold word rows width", key(Modifiers::ALT, Key::Z), Command::Wrap),
        ("Show as text", "open viewer lines", None, Command::ShowAs(Shape::Text)),
        ("Show as a table", "open viewer csv tsv columns", None, Command::ShowAs(Shape::Table)),
        ("Show as an outline of JSON", "open viewer tree", None, Command::ShowAs(Shape::Outline)),
        ("Show as a picture", "open viewer image", None, Command::ShowAs(Shape::Picture)),
        ("Show as bytes", "open viewer hex binary raw", None, Command::ShowAs(Shape::Bytes)),
        ("Reload the document", "refresh again", key(control, Key::R), Command::Reload),
        ("Index the document", "lines numbers remote", None, Command::Index),
        ("Save the document or what is selected…", "copy export", key(control, Key::S), Command::Show(Panel::Save)),
        ("Close the tab", "document", key(control, Key::W), Command::CloseTab),
        ("Next tab", "turn document", key(Modifiers::CTRL, Key::Tab), Command::TurnTabs(1)),
        ("Previous tab", "turn document back", key(control_shift, Key::Tab), Command::TurnTabs(-1)),
        ("Put the tab beside the others", "split side column", key(control, Key::Backslash), Command::SplitTab),
        ("Show or fold away the jobs", "hide panel toggle", key(control, Key::J), Command::Show(Panel::Jobs)),
        ("Clear jobs that are over", "finished done remove", key(shift, Key::Delete), Command::ClearEnded),
        ("Compare blocking with background", "benchmark measure report proof", None, page(Page::Compare)),
        (
            "Responsiveness",
            "meter timeline figures freeze pause what if",
            key(control, Key::M),
            page(Page::Responsiveness),
        ),
        ("Test the meter", "selftest stalls", None, Command::Show(Panel::SelfTest)),
        ("Many users, one server", "crowd concurrency load practice", None, page(Page::Crowd)),
        ("How it works", "lessons learn help asynchronous", None, page(Page::Lessons)),
        ("Welcome page", "home start", None, page(Page::Welcome)),
        ("Settings…", "preferences options limits", Some(SETTINGS_KEY), Command::Show(Panel::Settings)),
        ("Dark theme", "colour color night", None, Command::SetTheme(ThemePreference::Dark)),
        ("Light theme", "colour color day", None, Command::SetTheme(ThemePreference::Light)),
        ("Theme of the system", "colour color", None, Command::SetTheme(ThemePreference::System)),
        ("Larger text", "zoom in bigger font size", key(control, Key::Plus), Command::Zoom(Some(1.1))),
        ("Smaller text", "zoom out font size", key(control, Key::Minus), Command::Zoom(Some(1.0 / 1.1))),
        ("Text as large as at first", "zoom reset font size", key(control, Key::Num0), Command::Zoom(None)),
        ("Quit", "exit close", key(control, Key::Q), Command::Quit),
    ];
    let forms = work::forms().into_iter().map(|form| Action {
        name: format!("{}…", form.title()),
        words: form.name(),
        key: None,
        command: Command::Show(Panel::Form(form.kind().name)),
    });
    let fixed =
        fixed.into_iter().map(|(name, words, key, command)| Action { name: name.to_owned(), words, key, command });
    fixed.chain(forms).collect()
}

/// The actions that all of these lower-case words find: first those that have them in their names.
pub(super) fn found(mode: Mode, words: &[String]) -> Vec<Action> {
    let named = |action: &Action, word: &String| action.name.to_lowercase().contains(word);
    let known = |action: &Action, word: &String| named(action, word) || action.words.to_lowercase().contains(word);
    let mut found = all(mode);
    found.retain(|action| words.iter().all(|word| known(action, word)));
    found.sort_by_key(|action| !words.iter().all(|word| named(action, word)));
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Vec<String> {
        let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
        found(Mode::Background, &words).into_iter().map(|action| action.name).collect()
    }

    #[test]
    fn an_action_is_found_by_other_words_than_those_of_its_name() {
        assert_eq!(names(&["zoom"]), ["Larger text", "Smaller text", "Text as large as at first"]);
        assert_eq!(names(&["color", "night"]), ["Dark theme"]);
        assert_eq!(names(&["preferences"]), ["Settings…"]);
        assert_eq!(names(&["sample"]), ["Write and open a 1 GB sample", "Write a sample file…"]);
    }

    #[test]
    fn what_has_the_word_in_its_name_comes_first() {
        let download = names(&["download"]);
        assert_eq!(download.last().map(String::as_str), Some("Address or path…"), "{download:?}");
    }
}
