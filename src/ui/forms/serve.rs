//! The form that starts the practice server.

use egui::Ui;

use super::{Form, text_field};
use crate::jobs::{Job as _, Kind};
use crate::practice::Serve;
use crate::work::Request;

/// A port.
#[derive(Debug, Default)]
pub struct ServeForm {
    port: String,
}

impl Form for ServeForm {
    fn kind(&self) -> Kind {
        Serve::KIND
    }
    fn title(&self) -> &'static str {
        "Run the practice server"
    }
    fn plural(&self) -> &'static str {
        "Practice servers"
    }
    fn name(&self) -> &'static str {
        "Practice"
    }
    fn action(&self) -> &'static str {
        "Start"
    }
    fn icon(&self) -> &'static str {
        super::super::icons::SERVER
    }
    fn fields(&mut self, ui: &mut Ui, fresh: bool) {
        ui.label("Answers on this machine alone: /bytes/1GB, /bytes/1GB?rate=8MB, /delay/250, /json/10000, /error/503");
        ui.add_space(4.0);
        text_field(ui, "Port (optional)", "One that is free", &mut self.port, fresh);
    }
    fn fill(&mut self, _: &Request) -> bool {
        false
    }
    fn request(&self) -> Result<Request, String> {
        let port = match self.port.trim() {
            "" => 0,
            port => port.parse().map_err(|_| "A port is a number from 1 to 65535.".to_owned())?,
        };
        Ok(Serve { port, ..Serve::default() }.into())
    }
}
