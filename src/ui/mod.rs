//! The window's face: draws read-only snapshots and says what the person wants next as [`Command`]s. Runs on the UI thread
//! alone, one file a panel or viewer, each with its own small state.
//!
//! It must not know tokio, reqwest, `std::fs` or any database; nothing here waits, and no frame's work grows with the
//! size of a document.
//!
//! [`Command`]: crate::command::Command

mod actions;
mod change_marks;
mod command_bar;
mod compare_page;
mod crowd_page;
mod dialogs;
pub mod forms;
mod hex_cursor;
mod hex_find;
mod hex_grid;
mod hex_inspector;
mod hex_rows;
mod hex_status;
mod hex_view;
mod icons;
mod jobs_panel;
mod lessons;
mod meter_strip;
mod missing;
mod nearest;
mod notices;
mod outline_copies;
mod outline_jumps;
mod outline_keys;
mod outline_path;
mod outline_rows;
mod outline_spot;
mod outline_status;
mod outline_view;
mod outline_words;
mod picture_framing;
mod picture_keys;
mod picture_shown;
mod picture_status;
mod picture_tiles;
mod picture_view;
mod reading_menu;
mod responsiveness;
mod room_question;
mod scroll;
mod search_history;
mod search_page;
mod search_rows;
mod shell;
mod tab_bar;
mod tab_tree;
mod table_arranging;
mod table_columns;
mod table_cursor;
mod table_filter;
mod table_header;
mod table_input;
mod table_inspector;
mod table_jumps;
mod table_keys;
mod table_moves;
mod table_next;
mod table_order;
mod table_paint;
mod table_rows;
mod table_status;
mod table_view;
mod table_wishes;
mod tabs;
mod text_columns;
mod text_find;
mod text_jumps;
mod text_keys;
mod text_origins;
mod text_rows;
mod text_selection;
mod text_status;
mod text_view;
mod text_wrap;
mod theme;
mod viewer;
mod welcome;
mod witness_face;

pub use dialogs::Settings;
pub use notices::Notices;
pub use search_history::Searches;
pub use shell::{Shell, Sight};
pub use tabs::{SavedTab, Shown, Tabs};
pub use text_view::Place;
pub use theme::{install, set_mode};
pub use viewer::Outlook;
pub use witness_face::witness_face;
