//! A document in its tab: in the viewer that fits what it holds, or that the person has chosen. It knows which viewers
//! there are, and nothing of how they draw.

use std::ops::Range;
use std::path::Path;

use egui::{Sense, Ui, vec2};

use super::hex_view::HexView;
use super::outline_view::OutlineView;
use super::picture_view::PictureView;
use super::table_view::TableView;
use super::text_find::Way;
use super::text_status;
use super::text_view::{Place, TextView};
use super::theme::TEXT_ROW;
use super::{change_marks, missing, room_question};
use crate::command::Command;
use crate::document::{Document, Facts, Reading, Save, Shape, Standing};
use crate::source::ByteOffset;

/// How much of the beginning is looked at to tell what a document is.
const START_BYTES: u64 = 16 << 10;

/// How a document is shown, as it comes back after a restart.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Outlook {
    /// Where the person is.
    pub place: Place,
    /// How the file is read.
    #[serde(default)]
    pub reading: Reading,
    /// What it is shown as, if the person has chosen that.
    #[serde(default)]
    pub shape: Option<Shape>,
    /// Whether long lines are wrapped where it is shown as text.
    #[serde(default)]
    pub wraps: bool,
}

/// What a viewer can do, each in a file of its own.
pub(super) trait View {
    /// Where the person is.
    fn place(&self) -> Place;

    /// Draws it, once it is open, and gives what the person wants. Of two panes the one in front has the keys.
    fn ui(&mut self, ui: &mut Ui, facts: Facts, in_front: bool) -> Vec<Command>;

    /// Opens the field that goes to a place.
    fn ask_where(&mut self);

    /// Goes to the line that starts at `at`, if it shows lines; gives whether it does.
    fn go_to(&mut self, at: ByteOffset) -> bool {
        let _ = at;
        false
    }

    /// Opens the bar that searches, if it has one; gives whether it has.
    fn find(&mut self) -> bool {
        false
    }

    /// Goes to something that was found, if it can search.
    fn go_among_hits(&mut self, way: Way) {
        let _ = way;
    }

    /// The bytes that are selected, if any are.
    fn selected_bytes(&self) -> Option<Range<ByteOffset>> {
        None
    }

    /// The view of the same file when it is read again, if it is more than one at the same place.
    fn read_again(&mut self, document: &Document) -> Option<Box<dyn View>> {
        let _ = document;
        None
    }

    /// Keeps the end in sight as it grows, or no longer, if it can; gives whether it can.
    fn follow(&mut self, follow: bool) -> bool {
        let _ = follow;
        false
    }

    /// Whether the end is kept in sight.
    fn follows(&self) -> bool {
        false
    }

    /// Wraps long lines, or no longer, if it has lines.
    fn wrap(&mut self, wrap: bool) {
        let _ = wrap;
    }

    /// Whether long lines are wrapped, if it has lines.
    fn wraps(&self) -> Option<bool> {
        None
    }
}

/// The view of one document.
pub(super) struct Viewer {
    document: Document,
    reading: Reading,
    /// What the person has chosen.
    chosen: Option<Shape>,
    /// What it is shown as, once that is known.
    shape: Option<Shape>,
    /// Whether long lines are wrapped when it is text again, while it is shown as something else.
    wraps: bool,
    view: Box<dyn View>,
}

fn view_of(shape: Shape, document: &Document, place: Place, wraps: bool) -> Box<dyn View> {
    let mut view: Box<dyn View> = match shape {
        Shape::Text => Box::new(TextView::new(document.clone(), place)),
        Shape::Table => Box::new(TableView::new(document.clone(), place)),
        Shape::Outline => Box::new(OutlineView::new(document.clone(), place)),
        Shape::Picture => Box::new(PictureView::new(document.clone(), place)),
        Shape::Bytes => Box::new(HexView::new(document.clone(), place)),
    };
    view.wrap(wraps);
    view
}

impl Viewer {
    pub(super) fn new(document: Document, outlook: Outlook) -> Self {
        // Until it is open, nobody knows what it is.
        let view = view_of(Shape::Text, &document, outlook.place, outlook.wraps);
        Self { document, reading: outlook.reading, chosen: outlook.shape, shape: None, wraps: outlook.wraps, view }
    }

    pub(super) const fn document(&self) -> &Document {
        &self.document
    }

    pub(super) const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Whether it shows the file at `path`, and not only some of its lines.
    pub(super) fn shows_all_of(&self, path: &Path) -> bool {
        self.document.path() == path && self.reading.only.is_none()
    }

    pub(super) fn view(&mut self) -> &mut dyn View {
        self.view.as_mut()
    }

    /// How it is shown now.
    pub(super) fn outlook(&self) -> Outlook {
        Outlook {
            place: self.view.place(),
            reading: self.reading.clone(),
            shape: self.chosen,
            wraps: self.view.wraps().unwrap_or(self.wraps),
        }
    }

    /// Shows the same file when it is read again, in this way: at the same place.
    pub(super) fn read_again(&mut self, document: &Document, reading: Reading) {
        if self.reading == reading {
            document.keep_mark_of(&self.document);
        }
        self.document = document.clone();
        if self.reading != reading {
            // Other bytes may be something else.
            let was_text = matches!(self.shape.take(), None | Some(Shape::Text));
            self.reading = reading;
            if !was_text {
                self.view = view_of(Shape::Text, document, self.view.place(), self.wraps);
                return;
            }
        }
        let shape = self.shape.unwrap_or(Shape::Text);
        let again = self.view.read_again(document);
        self.view = again.unwrap_or_else(|| view_of(shape, document, self.view.place(), self.wraps));
    }

    /// A job that saves what is selected, or all of it where nothing is; it still lacks a place.
    pub(super) fn save(&self) -> Save {
        self.document.save(self.reading.clone(), self.view.selected_bytes().as_ref())
    }

    /// Shows it as something else, because the person wants that.
    pub(super) fn show_as(&mut self, shape: Shape) {
        self.chosen = Some(shape);
        self.take(shape);
    }

    /// Opens the bar that searches: what can not be searched as it is shown is searched as text.
    pub(super) fn find(&mut self) {
        if !self.view.find() {
            self.show_as(Shape::Text);
            self.view.find();
        }
    }

    /// Goes to the line that starts at `at`: what does not show lines is shown as text.
    pub(super) fn go_to(&mut self, at: ByteOffset) {
        // Until it is known what it is, it may still become something else.
        if self.shape.is_none() || !self.view.go_to(at) {
            self.show_as(Shape::Text);
            self.view.go_to(at);
        }
    }

    /// Keeps the end in sight as it grows, or no longer.
    pub(super) fn follow(&mut self, follow: bool) {
        if !self.view.follow(follow) {
            self.show_as(Shape::Text);
            self.view.follow(follow);
        }
    }

    /// Wraps long lines, or no longer; false if nothing in it is wrapped.
    pub(super) fn toggle_wrap(&mut self) -> bool {
        let wraps = self.view.wraps();
        self.view.wrap(!wraps.unwrap_or_default());
        wraps.is_some()
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, in_front: bool) -> Vec<Command> {
        let facts = match self.document.standing() {
            Standing::Opening => {
                text_status::centred(ui, "Opening…", "", None);
                return Vec::new();
            }
            Standing::Failed { message, advice } => {
                return self.failed(ui, &message, &advice).into_iter().collect();
            }
            Standing::Open(facts) => facts,
        };
        if self.shape.is_none() {
            self.decide(facts);
        }
        let reload = change_marks::bar(ui, &self.document);
        let unpack = room_question::bar(ui, &self.document);
        self.missing(ui);
        let mut commands = self.view.ui(ui, facts, in_front);
        commands.extend(reload.then_some(Command::Reload));
        commands.extend(unpack);
        commands
    }

    /// Says over what is no text that more of it comes, or did not come: text and bytes show that where it lacks.
    fn missing(&self, ui: &mut Ui) {
        if matches!(self.shape, Some(Shape::Table | Shape::Outline | Shape::Picture))
            && let Some(begun) = missing::of(&self.document)
        {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TEXT_ROW), Sense::hover());
            missing::area(ui, rect, &begun);
        }
    }

    /// Tells of a document that could not be opened, and gives what the person wants to be done about that.
    fn failed(&self, ui: &mut Ui, message: &str, advice: &str) -> Option<Command> {
        if let Some(over) = self.document.over_limit() {
            let (message, advice) = room_question::words(over);
            let wanted = text_status::question(ui, &message, &advice, room_question::GO_ON);
            return wanted.then_some(Command::UnpackAnyway);
        }
        let (button, command) = if self.document.comes_only_whole() {
            ("Download it", Command::Go(self.document.path().display().to_string()))
        } else {
            ("Try again", Command::Reload)
        };
        text_status::centred(ui, message, advice, Some(button)).then_some(command)
    }

    /// Finds out what it is.
    fn decide(&mut self, facts: Facts) {
        let end = ByteOffset(facts.len_bytes.min(START_BYTES));
        let start = self.document.look(|lines| lines.bytes(ByteOffset(0)..end)).flatten();
        if let Some(start) = start {
            self.take(self.chosen.unwrap_or_else(|| Shape::of(self.document.path(), facts, &start)));
        }
    }

    fn take(&mut self, shape: Shape) {
        if self.shape.unwrap_or(Shape::Text) != shape {
            self.wraps = self.view.wraps().unwrap_or(self.wraps);
            self.view = view_of(shape, &self.document, self.view.place(), self.wraps);
        }
        self.shape = Some(shape);
    }
}
