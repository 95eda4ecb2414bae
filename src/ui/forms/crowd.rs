//! The form that has many users ask a practice server.

use egui::{DragValue, Ui};

use super::Form;
use crate::jobs::{Job as _, Kind};
use crate::practice::{Crowd, Endpoint, MAX_THREADS, MAX_USERS, MAX_WAIT_MS};
use crate::units;
use crate::work::Request;

/// How many ask for what, and how they are handled.
#[derive(Debug)]
pub struct CrowdForm {
    crowd: Crowd,
}

impl Default for CrowdForm {
    fn default() -> Self {
        let crowd = Crowd {
            users: 1_000,
            endpoint: Endpoint::Wait,
            wait_ms: 1_000,
            threads: 1,
            one_by_one: false,
            attendance: std::sync::Arc::default(),
        };
        Self { crowd }
    }
}

impl Form for CrowdForm {
    fn kind(&self) -> Kind {
        Crowd::KIND
    }
    fn title(&self) -> &'static str {
        "Have many users ask a server"
    }
    fn plural(&self) -> &'static str {
        "Users"
    }
    fn name(&self) -> &'static str {
        "Users"
    }
    fn has_button(&self) -> bool {
        false
    }
    fn action(&self) -> &'static str {
        "Start"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::USERS
    }
    fn fields(&mut self, ui: &mut Ui, _: bool) {
        let crowd = &mut self.crowd;
        ui.horizontal_wrapped(|ui| {
            let name = ui.label("Users");
            ui.add(with_commas(DragValue::new(&mut crowd.users).range(1..=MAX_USERS).speed(10))).labelled_by(name.id);
            ui.add_space(8.0);
            ui.label("ask for");
            for (endpoint, name) in [
                (Endpoint::Wait, "a wait"),
                (Endpoint::Query, "a database query"),
                (Endpoint::Compute, "a computation"),
            ] {
                ui.radio_value(&mut crowd.endpoint, endpoint, name);
            }
            if crowd.endpoint == Endpoint::Wait {
                let wait = DragValue::new(&mut crowd.wait_ms).range(0..=MAX_WAIT_MS).speed(10).suffix(" ms");
                let response = ui.add(with_commas(wait));
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Wait"));
            }
        });
        ui.horizontal_wrapped(|ui| {
            ui.label("The server answers");
            ui.radio_value(&mut crowd.one_by_one, true, "one after the other");
            ui.radio_value(&mut crowd.one_by_one, false, "all at once");
        });
        ui.horizontal(|ui| {
            let name = ui.label("Threads of the server");
            ui.add(DragValue::new(&mut crowd.threads).range(1..=MAX_THREADS)).labelled_by(name.id);
        });
    }
    fn fill(&mut self, _: &Request) -> bool {
        false
    }
    fn request(&self) -> Result<Request, String> {
        // Each crowd has a record of its own.
        Ok(Crowd { attendance: std::sync::Arc::default(), ..self.crowd.clone() }.into())
    }
}

/// A number as it is written everywhere else in the window.
fn with_commas(value: DragValue<'_>) -> DragValue<'_> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number within its range")]
    let write = |number: f64, _| units::number(number.round() as u64);
    value.custom_formatter(write).custom_parser(|text| text.replace([',', ' '], "").parse().ok())
}
