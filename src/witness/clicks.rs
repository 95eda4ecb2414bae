//! Clicks on a window that does not answer, as the X server sees them: the window itself hears of them only afterwards.
//! Elsewhere nobody can know, and it is not said.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Counts clicks on windows of the process that has started this one, on a thread of its own; `None` where that is not to
/// be had.
pub(super) fn count() -> Option<Arc<AtomicU32>> {
    #[cfg(target_os = "linux")]
    {
        if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) {
            return None;
        }
        let count = Arc::<AtomicU32>::default();
        let watched = Watched::new(std::os::unix::process::parent_id())?;
        let clicks = Arc::clone(&count);
        crate::jobs::spawn_named("clicks", move || watched.count(&clicks)).ok()?;
        Some(count)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// The screen, and whose windows are watched on it.
#[cfg(target_os = "linux")]
struct Watched {
    connection: x11rb::rust_connection::RustConnection,
    root: u32,
    /// The property in which a window tells its process.
    process_property: u32,
    process: u32,
}

#[cfg(target_os = "linux")]
impl Watched {
    fn new(process: u32) -> Option<Self> {
        use x11rb::connection::Connection as _;
        use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, XIEventMask};
        use x11rb::protocol::xproto::ConnectionExt as _;
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let process_property = connection.intern_atom(false, b"_NET_WM_PID").ok()?.reply().ok()?.atom;
        connection.xinput_xi_query_version(2, 2).ok()?.reply().ok()?;
        let mask = EventMask { deviceid: Device::ALL_MASTER.into(), mask: vec![XIEventMask::RAW_BUTTON_PRESS] };
        connection.xinput_xi_select_events(root, &[mask]).ok()?.check().ok()?;
        Some(Self { connection, root, process_property, process })
    }

    fn count(&self, clicks: &AtomicU32) {
        use x11rb::connection::Connection as _;
        use x11rb::protocol::Event;
        while let Ok(event) = self.connection.wait_for_event() {
            // Buttons four and on are the wheel.
            if let Event::XinputRawButtonPress(press) = event
                && press.detail <= 3
                && self.is_on_it()
            {
                clicks.fetch_add(1, Relaxed);
            }
        }
    }

    /// Whether the pointer is on a window of the process, wherever that has been moved to: a window lies in those of the
    /// window manager.
    fn is_on_it(&self) -> bool {
        use x11rb::protocol::xproto::ConnectionExt as _;
        let under = |window: &u32| {
            let pointer = self.connection.query_pointer(*window).ok()?.reply().ok()?;
            (pointer.child != x11rb::NONE).then_some(pointer.child)
        };
        std::iter::successors(under(&self.root), under).any(|window| self.process_of(window) == Some(self.process))
    }

    fn process_of(&self, window: u32) -> Option<u32> {
        use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _};
        let property = self.connection.get_property(false, window, self.process_property, AtomEnum::CARDINAL, 0, 1);
        property.ok()?.reply().ok()?.value32()?.next()
    }
}
