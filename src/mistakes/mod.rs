//! Named mistakes of asynchronous programs, to be turned on and watched: what each of them is, in two sentences, how it is
//! done right, and the mistake itself, really made. Owned by the app, which lets them act once a frame.
//!
//! Some act on the UI thread, some on the workers; none touches anything but its own state, and each ends when it is
//! turned off. It must not know egui, nor how any of it is shown.

mod acts;

pub use acts::Mistakes;

/// A mistake that people make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mistake {
    /// A call in the frame that blocks.
    BlockingCall,
    /// A lock that a worker holds while it waits for something.
    HeldLock,
    /// A channel without a bound, drained in one frame.
    UnboundedChannel,
    /// A frame that asks for the next at once.
    RepaintStorm,
    /// A result that nobody wakes the window for.
    LostWakeUp,
    /// A sleep that blocks, inside an async function.
    SleepInAsync,
    /// A computation on an async worker.
    ComputingInAsync,
    /// A promise whose other end is dropped without a word.
    DroppedPromise,
}

impl Mistake {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::BlockingCall,
        Self::HeldLock,
        Self::UnboundedChannel,
        Self::RepaintStorm,
        Self::LostWakeUp,
        Self::SleepInAsync,
        Self::ComputingInAsync,
        Self::DroppedPromise,
    ];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BlockingCall => "Blocking call in the frame",
            Self::HeldLock => "Lock held by a worker",
            Self::UnboundedChannel => "Unbounded channel, drained in one frame",
            Self::RepaintStorm => "Repaint storm",
            Self::LostWakeUp => "Lost wake-up",
            Self::SleepInAsync => "thread::sleep inside async",
            Self::ComputingInAsync => "Computing on an async worker",
            Self::DroppedPromise => "Dropped promise",
        }
    }

    /// What happens, in two sentences.
    #[must_use]
    pub const fn what(self) -> &'static str {
        match self {
            Self::BlockingCall => {
                "Once a second the frame itself waits 120 ms, as a read from a slow disk would make it. \
                 Everything in the window stands still for as long, whatever else is asynchronous."
            }
            Self::HeldLock => {
                "A worker takes a lock and keeps it for 150 ms of waiting, and every frame wants the same lock. \
                 The frame does no slow work of its own, and still it stands still."
            }
            Self::UnboundedChannel => {
                "A worker sends 400,000 messages at a time into a channel that takes them all, and the next frame takes out \
                 and sorts every one. Nothing holds the sender back, so the frame is as long as the backlog."
            }
            Self::RepaintStorm => {
                "Each frame asks for the next one at once, though nothing has changed. \
                 The window answers, but a core is busy with drawing the same picture."
            }
            Self::LostWakeUp => {
                "A worker puts its result in place and wakes nobody. \
                 It is seen when something else makes the window paint: leave the mouse alone, then move it."
            }
            Self::SleepInAsync => {
                "Once a second there is an async function for each worker that sleeps 400 ms with thread::sleep. \
                 The window goes on, but no other task is taken up meanwhile: every download and timer waits."
            }
            Self::ComputingInAsync => {
                "Once a second there is an async function for each worker that computes for 400 ms without an await. \
                 A runtime can only switch where a task waits, so all others wait for it."
            }
            Self::DroppedPromise => {
                "A task ends without keeping its promise, and its end of it is dropped. \
                 Whoever waits for the answer waits for ever, behind a spinner that never stops."
            }
        }
    }

    /// How it is done right, and the file of this program that does.
    #[must_use]
    pub const fn instead(self) -> (&'static str, &'static str) {
        match self {
            Self::BlockingCall => ("Make it a job, and poll its promise once a frame.", "src/jobs/execution.rs"),
            Self::HeldLock => {
                ("Hold no lock across a wait: swap the new value in when it is whole.", "src/document/pages.rs")
            }
            Self::UnboundedChannel => {
                ("Send the latest value instead of every one, or bound the channel.", "src/jobs/progress.rs")
            }
            Self::RepaintStorm => ("Ask for the next frame when something has changed, and for a time.", "src/app.rs"),
            Self::LostWakeUp => ("First the result, then the wake-up, in one place.", "src/jobs/execution.rs"),
            Self::SleepInAsync => ("Await a timer: it waits without a thread.", "src/practice/server.rs"),
            Self::ComputingInAsync => {
                ("Give it to the blocking pool, and look at the cancel token.", "src/jobs/context.rs")
            }
            Self::DroppedPromise => ("Send the result always, a panic or a drop among them.", "src/jobs/execution.rs"),
        }
    }

    /// Whether the window has to paint on for it to be seen.
    #[must_use]
    pub const fn moves(self) -> bool {
        !matches!(self, Self::LostWakeUp | Self::DroppedPromise)
    }
}
