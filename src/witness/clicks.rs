//! Clicks on a window that does not answer, as the X server sees them: the window itself hears of them only afterwards.
//! Elsewhere nobody can know, and it is not said.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Counts clicks within a rectangle of the screen, on a thread of its own; `None` where that is not to be had.
pub(super) fn count(within: [i32; 4]) -> Option<Arc<AtomicU32>> {
    #[cfg(target_os = "linux")]
    {
        let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty());
        if wayland || within.get(2).is_none_or(|width| *width <= 0) {
            return None;
        }
        let count = Arc::<AtomicU32>::default();
        let watched = watch()?;
        let clicks = Arc::clone(&count);
        crate::jobs::spawn_named("clicks", move || count_on(&watched, within, &clicks)).ok()?;
        Some(count)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = within;
        None
    }
}

#[cfg(target_os = "linux")]
struct Watched {
    connection: x11rb::rust_connection::RustConnection,
    root: u32,
}

#[cfg(target_os = "linux")]
fn watch() -> Option<Watched> {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, XIEventMask};
    let (connection, screen) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(screen)?.root;
    connection.xinput_xi_query_version(2, 2).ok()?.reply().ok()?;
    let mask = EventMask { deviceid: Device::ALL_MASTER.into(), mask: vec![XIEventMask::RAW_BUTTON_PRESS] };
    connection.xinput_xi_select_events(root, &[mask]).ok()?.check().ok()?;
    Some(Watched { connection, root })
}

#[cfg(target_os = "linux")]
fn count_on(watched: &Watched, [left, top, width, height]: [i32; 4], count: &AtomicU32) {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::Event;
    use x11rb::protocol::xproto::ConnectionExt as _;
    while let Ok(event) = watched.connection.wait_for_event() {
        // Buttons four and on are the wheel.
        let Event::XinputRawButtonPress(press) = event else { continue };
        let pointer = watched.connection.query_pointer(watched.root).ok().and_then(|pointer| pointer.reply().ok());
        let inside = pointer.is_some_and(|at| {
            let (x, y) = (i32::from(at.root_x) - left, i32::from(at.root_y) - top);
            (0..width).contains(&x) && (0..height).contains(&y)
        });
        if inside && press.detail <= 3 {
            count.fetch_add(1, Relaxed);
        }
    }
}
