//! What the engine promises to whoever owns it, shown with made-up jobs that end, wait, fail, panic, hang and do not
//! listen. It is polled with an injected time, which stands still unless a test moves it: what frees a place is then an
//! end, never a limit. Waits are for wake-ups, never for time to pass.
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use antifreeze::jobs::{
    Change, Engine, Executor, Failure, JobContext, JobError, JobEvent, JobId, Kind, Limits, Mode, Outcome, Priority,
    Status, Wake, Work, Workers, spawn_named,
};
use parking_lot::Mutex;
use tokio::sync::watch;

/// How long anything may take that is not measured.
const DEADLINE: Duration = Duration::from_secs(20);

const ONE: Kind = Kind { name: "one", at_once: 1, comes_back: false };
const TWO: Kind = Kind { name: "two", at_once: 2, comes_back: false };
const EIGHT: Kind = Kind { name: "eight", at_once: 8, comes_back: false };
const MANY: Kind = Kind { name: "many", at_once: 1_000, comes_back: false };

const MODES: [Mode; 2] = [Mode::Background, Mode::Blocking];
const PLACES: [Place; 2] = [Place::Async, Place::Pool];
const STARTED: Change = Change::Started(Mode::Background);

#[test]
fn a_result_comes_by_poll_and_a_job_that_succeeded_is_over_for_good() {
    let mut bench = Bench::new();
    let id = bench.submit(MANY, Task::Succeed(7));
    assert_eq!(bench.standing(id), (Status::Queued, "nothing".into()));
    bench.until_ended(id);
    assert_eq!(bench.standing(id), (Status::Succeeded, "Ok(Done(7))".into()));
    bench.engine.retry(id, Mode::Background);
    bench.engine.cancel(id);
    bench.engine.pause(id, true);
    bench.poll();
    assert_eq!(bench.standing(id), (Status::Succeeded, "Ok(Done(7))".into()));
    assert_eq!(bench.story(id), [(1, Change::Queued), (1, STARTED), (1, Change::Ended(Status::Succeeded))]);
}

#[test]
fn when_the_wake_up_comes_the_result_is_there() {
    let workers = Workers::start().unwrap();
    let (woken, wakes) = sync_channel(0);
    let (looked, looks) = sync_channel::<()>(0);
    let looks = Mutex::new(looks);
    // The worker is held in its wake-up until the test has looked; whatever it would send afterwards comes too late.
    let wake: Wake = Arc::new(move || {
        if woken.send(()).is_ok() {
            let _ = looks.lock().recv();
        }
    });
    let mut engine = Engine::new(Executor::new(workers.handle().unwrap(), wake), Limits::default());
    for value in 0..100 {
        let id = engine.submit(Chore { kind: MANY, task: Task::Succeed(value) }, Mode::Background);
        engine.poll(Instant::now());
        wakes.recv_timeout(DEADLINE).expect("no wake-up came");
        engine.poll(Instant::now());
        let status = engine.job(id).map(|job| job.status());
        looked.send(()).unwrap();
        assert_eq!(status, Some(Status::Succeeded));
    }
}

#[test]
fn as_many_of_a_kind_run_at_once_as_its_limit_says() {
    let mut bench = Bench::new();
    let runs: [_; 4] = std::array::from_fn(|_| bench.offer(TWO, Task::Wait));
    let [first, .., last] = runs.each_ref().map(|(id, _)| *id);
    let statuses = |bench: &Bench| runs.each_ref().map(|(id, _)| bench.status(*id));
    let started = || runs.iter().map(|(_, hand)| hand.started()).sum::<u64>();
    bench.until("two have started", |_| started() == 2);
    bench.others_go_on();
    assert_eq!(started(), 2);
    assert_eq!(statuses(&bench), [Status::Running, Status::Running, Status::Queued, Status::Queued]);
    runs[0].1.release(0);
    bench.until_ended(first);
    assert_eq!(statuses(&bench), [Status::Succeeded, Status::Running, Status::Running, Status::Queued]);
    bench.engine.limits_mut().set(TWO, 3);
    bench.poll();
    assert_eq!(bench.status(last), Status::Running);
}

#[test]
fn a_thousand_jobs_all_end_and_never_more_at_once_than_the_limit() {
    let mut bench = Bench::new();
    let hand = Arc::<Hand>::default();
    for _ in 0..1_000 {
        bench.submit(EIGHT, Task::Meet(Arc::clone(&hand)));
    }
    bench.until("all have ended", |engine| engine.jobs().all(|job| job.status().ended()));
    assert!(bench.engine.jobs().all(|job| job.status() == Status::Succeeded));
    assert_eq!((bench.engine.jobs().len(), hand.started(), hand.running()), (1_000, 1_000, 0));
    let most = hand.most.load(SeqCst);
    assert!((1..=8).contains(&most), "{most} ran at once");
}

#[test]
fn the_urgent_start_first_and_a_job_can_be_moved_to_the_front_of_its_equals() {
    let mut bench = Bench::new();
    let (first, hand) = bench.run(ONE, Task::Wait);
    let [low, normal, high, moved] = [0, 1, 2, 3].map(|value| bench.submit(ONE, Task::Succeed(value)));
    bench.engine.set_priority(low, Priority::Low);
    bench.engine.set_priority(high, Priority::High);
    bench.engine.move_to_front(moved);
    hand.release(0);
    bench.until("all have ended", |engine| engine.jobs().all(|job| job.status().ended()));
    let started = bench.events.iter().filter(|event| matches!(event.change, Change::Started(_)));
    assert_eq!(started.map(|event| event.id).collect::<Vec<_>>(), [first, high, moved, normal, low]);
}

#[test]
fn a_job_that_is_cancelled_while_it_waits_never_starts() {
    let mut bench = Bench::new();
    let (_, first) = bench.run(ONE, Task::Wait);
    let (cancelled, waiting) = bench.offer(ONE, Task::Wait);
    let last = bench.submit(ONE, Task::Succeed(0));
    bench.engine.cancel(cancelled);
    assert_eq!(bench.standing(cancelled), (Status::Cancelled, "Err(Cancelled)".into()));
    first.release(0);
    bench.until_ended(last);
    assert_eq!(waiting.started(), 0);
    assert_eq!(bench.story(cancelled), [(1, Change::Queued), (1, Change::Ended(Status::Cancelled))]);
}

#[test]
fn a_running_job_is_cancelled_at_once_and_its_late_success_is_dropped() {
    let mut bench = Bench::new();
    let (id, hand) = bench.run(ONE, Task::Deaf);
    bench.engine.cancel(id);
    assert_eq!(bench.standing(id), (Status::Cancelled, "Err(Cancelled)".into()));
    assert!(bench.engine.busy(), "its run has not ended");
    hand.release(0);
    bench.until("its run has ended", |engine| !engine.busy());
    assert_eq!(bench.standing(id), (Status::Cancelled, "Err(Cancelled)".into()));
    assert_eq!(bench.story(id), [(1, Change::Queued), (1, STARTED), (1, Change::Ended(Status::Cancelled))]);
}

#[test]
fn a_cancelled_run_holds_its_place_until_it_ends_but_for_two_seconds_at_most() {
    let mut bench = Bench::new();
    let (first, _deaf) = bench.run(ONE, Task::Deaf);
    let (second, hand) = bench.offer(ONE, Task::Deaf);
    let last = bench.submit(ONE, Task::Succeed(0));
    bench.engine.cancel(first);
    bench.now += Duration::from_millis(1_900);
    bench.others_go_on();
    assert_eq!(bench.status(second), Status::Queued);
    bench.now += Duration::from_millis(200);
    bench.poll();
    assert_eq!(bench.status(second), Status::Running, "a run that does not end keeps its place for ever");

    bench.until("the second runs", |_| hand.started() == 1);
    bench.engine.cancel(second);
    bench.others_go_on();
    assert_eq!(bench.status(last), Status::Queued);
    hand.release(0);
    bench.until_ended(last);
}

#[test]
fn a_paused_job_holds_at_its_checkpoint_until_it_is_resumed() {
    for place in PLACES {
        let mut bench = Bench::new();
        let (id, hand) = bench.run(MANY, |hand| Task::Count(place, hand));
        bench.engine.pause(id, true);
        // The step that it is at may still be counted, and no other.
        let most = done(&bench.engine, id) + 1;
        bench.others_go_on();
        assert!(done(&bench.engine, id) <= most, "it went on");
        assert_eq!((bench.status(id), bench.engine.working(), bench.engine.busy()), (Status::Paused, false, true));
        bench.engine.pause(id, false);
        bench.until("it goes on", |engine| done(engine, id) > most);
        hand.stop();
        bench.until_ended(id);
        let told = [Change::Queued, STARTED, Change::Paused, Change::Resumed, Change::Ended(Status::Succeeded)];
        assert_eq!(bench.story(id), told.map(|change| (1, change)));
    }
}

#[test]
fn a_paused_job_that_is_cancelled_ends() {
    for place in PLACES {
        let mut bench = Bench::new();
        let (id, hand) = bench.run(MANY, |hand| Task::Count(place, hand));
        bench.engine.pause(id, true);
        bench.others_go_on();
        bench.engine.cancel(id);
        assert_eq!(bench.status(id), Status::Cancelled);
        bench.until("its run has ended", |engine| !engine.busy());
        assert_eq!(hand.running(), 0);
    }
}

#[test]
fn a_retry_is_a_new_generation_and_what_the_old_one_still_says_is_dropped() {
    let mut bench = Bench::new();
    let (id, hand) = bench.run(TWO, Task::Deaf);
    bench.engine.cancel(id);
    bench.engine.retry(id, Mode::Background);
    assert_eq!(bench.standing(id), (Status::Queued, "nothing".into()));
    bench.until("it runs again", |_| hand.started() == 2);
    // Both places are taken, by the two runs of the one job: when this one starts, the old run's result is in.
    let next = bench.submit(TWO, Task::Succeed(0));
    bench.others_go_on();
    assert_eq!(bench.status(next), Status::Queued);
    hand.release(0);
    bench.until_ended(next);
    assert_eq!(bench.standing(id), (Status::Running, "nothing".into()));
    hand.release(1);
    bench.until_ended(id);
    assert_eq!(bench.standing(id), (Status::Succeeded, "Ok(Done(1))".into()));
    let first = [(1, Change::Queued), (1, STARTED), (1, Change::Ended(Status::Cancelled))];
    let second = [(2, Change::Queued), (2, STARTED), (2, Change::Ended(Status::Succeeded))];
    assert_eq!(bench.story(id), [first, second].concat());
}

#[test]
fn a_retry_begins_from_nothing_in_the_mode_that_it_is_asked_for() {
    let mut bench = Bench::new();
    let (id, hand) = bench.run(MANY, |hand| Task::Count(Place::Pool, hand));
    bench.until("it counts", |engine| done(engine, id) > 0);
    bench.engine.cancel(id);
    hand.stop();
    bench.engine.retry(id, Mode::Blocking);
    assert_eq!((done(&bench.engine, id), bench.status(id)), (0, Status::Queued));
    bench.until_ended(id);
    assert_eq!(bench.standing(id), (Status::Succeeded, "Ok(Done(1))".into()));

    let failed = bench.submit(MANY, Task::Fail);
    bench.until_ended(failed);
    bench.engine.retry(failed, Mode::Background);
    assert_eq!(bench.standing(failed), (Status::Queued, "nothing".into()));
    bench.until_ended(failed);
    assert_eq!(bench.standing(failed), (Status::Failed, "Err(Failed(Refused))".into()));
}

#[test]
fn a_panic_is_an_error_with_its_message_and_the_engine_goes_on() {
    let plain: fn() = || panic!("in plain words");
    let composed: fn() = || panic_any(String::from("composed"));
    let silent: fn() = || panic_any(7);
    let mut bench = Bench::new();
    for (burst, message) in [(plain, "in plain words"), (composed, "composed"), (silent, "a panic without a message")] {
        for (mode, place) in MODES.into_iter().flat_map(|mode| PLACES.map(|place| (mode, place))) {
            let id = bench.submit_to(mode, MANY, Task::Panic(place, burst));
            bench.until_ended(id);
            assert_eq!(bench.standing(id), (Status::Failed, format!("Err(Panicked({message:?}))")));
            bench.others_go_on();
        }
    }
}

#[test]
fn a_job_that_never_yields_stops_no_other_job() {
    let mut bench = Bench::new();
    let (id, hand) = bench.run(ONE, |hand| Task::Busy(Place::Async, hand));
    bench.others_go_on();
    assert_eq!(bench.status(id), Status::Running);
    hand.stop();
    bench.until_ended(id);
    assert_eq!(bench.status(id), Status::Succeeded);
}

#[test]
fn dropping_the_engine_cancels_every_run() {
    let mut bench = Bench::new();
    let (_, waits) = bench.run(MANY, Task::Wait);
    let (_, counts) = bench.run(MANY, |hand| Task::Count(Place::Async, hand));
    let (paused, held) = bench.run(MANY, |hand| Task::Count(Place::Pool, hand));
    bench.engine.pause(paused, true);
    let Bench { engine, woken, workers: _workers, .. } = bench;
    drop(engine);
    while [&waits, &counts, &held].iter().any(|hand| hand.running() > 0) {
        woken.recv_timeout(DEADLINE).expect("a run did not end with its engine");
    }
}

#[test]
fn a_job_is_the_same_in_both_modes() {
    let free = Arc::<Hand>::default();
    free.stop();
    for (task, told) in [
        (Task::Succeed(3), "Ok(Done(3))"),
        (Task::Fail, "Err(Failed(Refused))"),
        (Task::Panic(Place::Pool, || panic!("a defect")), "Err(Panicked(\"a defect\"))"),
        (Task::Count(Place::Async, Arc::clone(&free)), "Ok(Done(1))"),
        (Task::Count(Place::Pool, Arc::clone(&free)), "Ok(Done(1))"),
        (Task::Busy(Place::Pool, free), "Ok(Done(0))"),
    ] {
        for mode in MODES {
            let mut bench = Bench::new();
            let id = bench.submit_to(mode, MANY, task.clone());
            bench.until_ended(id);
            let (status, said) = bench.standing(id);
            assert_eq!(said, told, "{mode:?}");
            assert_eq!(bench.story(id), [(1, Change::Queued), (1, Change::Started(mode)), (1, Change::Ended(status))]);
        }
    }
}

#[test]
fn a_blocking_job_has_the_thread_that_asks_and_a_background_job_never_has_it() {
    for mode in MODES {
        let mut bench = Bench::new();
        let hand = Arc::<Hand>::default();
        let id = bench.submit_to(mode, MANY, Task::Threads(Arc::clone(&hand)));
        bench.until_ended(id);
        let here = hand.threads.lock().iter().map(|thread| *thread == thread::current().id()).collect::<Vec<_>>();
        assert_eq!(here, [mode == Mode::Blocking; 3], "{mode:?}");
    }
}

#[test]
fn a_blocking_job_waits_until_it_is_let_and_can_be_cancelled_until_then() {
    let mut bench = Bench::new();
    let hand = Arc::<Hand>::default();
    let first = bench.submit_to(Mode::Blocking, MANY, Task::Wait(Arc::clone(&hand)));
    let second = bench.submit_to(Mode::Blocking, MANY, Task::Succeed(2));
    bench.others_go_on();
    assert_eq!((bench.status(first), hand.started()), (Status::Queued, 0));
    assert_eq!(bench.engine.waiting_to_block().map(|job| job.id()), Some(first));
    bench.engine.cancel(first);
    assert_eq!(bench.engine.waiting_to_block().map(|job| job.id()), Some(second));
    bench.engine.run_blocking();
    bench.poll();
    assert_eq!((bench.status(first), bench.status(second)), (Status::Cancelled, Status::Succeeded));
    assert_eq!((bench.engine.waiting_to_block().is_none(), hand.started()), (true, 0));
}

#[test]
fn a_job_without_an_end_is_run_in_the_background_whatever_the_mode() {
    let mut bench = Bench::new();
    let id = bench.submit_to(Mode::Blocking, MANY, Task::Endless);
    assert!(bench.engine.waiting_to_block().is_none());
    bench.poll();
    assert_eq!(bench.status(id), Status::Running);
    assert_eq!(bench.engine.job(id).map(|job| job.mode()), Some(Mode::Background));
    bench.engine.cancel(id);
    bench.until("it has ended", |engine| !engine.busy());
}

#[test]
fn another_thread_can_end_a_blocking_job_by_its_gate() {
    let tasks: [fn(Arc<Hand>) -> Task; 3] =
        [Task::Wait, |hand| Task::Count(Place::Async, hand), |hand| Task::Count(Place::Pool, hand)];
    for task in tasks {
        let mut bench = Bench::new();
        let hand = Arc::<Hand>::default();
        let id = bench.submit_to(Mode::Blocking, MANY, task(Arc::clone(&hand)));
        let gate = bench.engine.waiting_to_block().expect("it waits").gate();
        let began = Instant::now();
        let watchdog = spawn_named("watchdog", move || {
            while hand.started() == 0 && began.elapsed() < DEADLINE {
                thread::yield_now();
            }
            gate.cancel();
        });
        bench.engine.run_blocking();
        watchdog.unwrap().join().unwrap();
        bench.poll();
        assert_eq!(bench.standing(id), (Status::Cancelled, "Err(Cancelled)".into()));
    }
}

#[test]
fn the_workers_stop_within_their_limit_though_a_thread_is_stuck_and_what_ran_is_told_lost() {
    let mut bench = Bench::new();
    let (stuck, hand) = bench.run(MANY, |hand| Task::Busy(Place::Pool, hand));
    let limit = Duration::from_millis(300);
    let began = Instant::now();
    bench.workers.stop(limit);
    // The rest is for machines that are busy; a wait for the stuck thread would last until it gives up.
    assert!(began.elapsed() < limit + Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(hand.running(), 1, "the thread was not stuck");
    assert!(bench.workers.handle().is_err());
    let late = bench.submit(MANY, Task::Succeed(0));
    for id in [stuck, late] {
        bench.until_ended(id);
        assert_eq!(bench.standing(id), (Status::Failed, "Err(Lost)".into()));
    }
    hand.stop();
}

/// An engine and its workers, at a time that the test sets.
struct Bench {
    // Dropped in this order: jobs are told to stop before their threads go.
    engine: Engine<Chore>,
    now: Instant,
    woken: Receiver<()>,
    events: Vec<JobEvent>,
    workers: Workers,
}

impl Bench {
    fn new() -> Self {
        let workers = Workers::start().expect("threads");
        // One place is enough: a wake-up says that there is something, not how much.
        let (wake, woken) = sync_channel(1);
        let wake: Wake = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let executor = Executor::new(workers.handle().expect("a runtime"), wake);
        Self {
            engine: Engine::new(executor, Limits::default()),
            now: Instant::now(),
            woken,
            events: Vec::new(),
            workers,
        }
    }

    fn submit(&mut self, kind: Kind, task: Task) -> JobId {
        self.submit_to(Mode::Background, kind, task)
    }

    fn submit_to(&mut self, mode: Mode, kind: Kind, task: Task) -> JobId {
        self.engine.submit(Chore { kind, task }, mode)
    }

    /// Submits a job that the test has a hand in.
    fn offer(&mut self, kind: Kind, task: impl FnOnce(Arc<Hand>) -> Task) -> (JobId, Arc<Hand>) {
        let hand = Arc::<Hand>::default();
        (self.submit(kind, task(Arc::clone(&hand))), hand)
    }

    /// The same, and waits until it runs.
    #[track_caller]
    fn run(&mut self, kind: Kind, task: impl FnOnce(Arc<Hand>) -> Task) -> (JobId, Arc<Hand>) {
        let (id, hand) = self.offer(kind, task);
        self.until("the job runs", |_| hand.started() == 1);
        (id, hand)
    }

    fn poll(&mut self) {
        self.events.extend(self.engine.poll(self.now));
    }

    /// Polls at each wake-up until something is so.
    #[track_caller]
    fn until(&mut self, what: &str, is_so: impl Fn(&Engine<Chore>) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.poll();
            if is_so(&self.engine) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let woken = !left.is_zero() && self.woken.recv_timeout(left).is_ok();
            assert!(woken, "waited for {DEADLINE:?}, but not until {what}");
        }
    }

    #[track_caller]
    fn until_ended(&mut self, id: JobId) {
        while self.engine.waiting_to_block().is_some() {
            self.engine.run_blocking();
        }
        self.until("the job has ended", |engine| engine.job(id).is_some_and(|job| job.status().ended()));
    }

    /// Has other jobs run to their end, in async code and in the pool: time in which whoever could go on would.
    #[track_caller]
    fn others_go_on(&mut self) {
        for value in 0..20 {
            let id = self.submit(MANY, Task::Threads(Arc::default()));
            let other = self.submit(MANY, Task::Succeed(value));
            self.until("other jobs have ended", |engine| {
                [id, other].iter().all(|id| engine.job(*id).is_some_and(|job| job.status() == Status::Succeeded))
            });
        }
    }

    fn status(&self, id: JobId) -> Status {
        self.engine.job(id).expect("a job of this bench").status()
    }

    /// Where a job stands and, as text, what came of it.
    fn standing(&self, id: JobId) -> (Status, String) {
        let result = self.engine.job(id).and_then(|job| job.result());
        (self.status(id), result.map_or_else(|| "nothing".into(), |result| format!("{result:?}")))
    }

    /// All that was told of a job so far, with the number of its run.
    fn story(&self, id: JobId) -> Vec<(u32, Change)> {
        let events = self.events.iter().filter(|event| event.id == id);
        events.map(|event| (event.generation.0, event.change)).collect()
    }
}

fn done(engine: &Engine<Chore>, id: JobId) -> u64 {
    engine.job(id).expect("a job of this bench").reading().done
}

/// A made-up job.
#[derive(Clone)]
struct Chore {
    kind: Kind,
    task: Task,
}

#[derive(Clone)]
enum Task {
    Succeed(u64),
    Fail,
    Panic(Place, fn()),
    /// Waits until its run is released, or cancelled.
    Wait(Arc<Hand>),
    /// Waits until its run is released; hears of no cancel.
    Deaf(Arc<Hand>),
    /// Counts steps, with a checkpoint before each, until it is told to stop; at least one.
    Count(Place, Arc<Hand>),
    /// Keeps its thread until it is told to stop, and listens to nothing else.
    Busy(Place, Arc<Hand>),
    /// Gives others of its kind a chance to run beside it.
    Meet(Arc<Hand>),
    /// Notes on which threads it is.
    Threads(Arc<Hand>),
    Endless,
}

#[derive(Clone, Copy)]
enum Place {
    Async,
    Pool,
}

#[derive(Clone, Debug, serde::Serialize)]
struct Done(u64);

impl Outcome for Done {
    fn summary(&self) -> String {
        format!("{} done", self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("Refused")]
struct Refused;

impl Failure for Refused {
    fn advice(&self) -> String {
        "Ask somebody else.".into()
    }
}

impl Work for Chore {
    type Outcome = Done;

    fn kind(&self) -> Kind {
        self.kind
    }

    fn title(&self) -> String {
        "A chore".into()
    }

    fn endless(&self) -> Option<&'static str> {
        matches!(self.task, Task::Endless).then_some("It has no end.")
    }

    fn in_folder(self, _: &std::path::Path) -> Self {
        self
    }

    async fn run(self, context: JobContext) -> Result<Done, JobError> {
        let inner = context.clone();
        match self.task {
            Task::Succeed(value) => Ok(Done(value)),
            Task::Fail => Err(JobError::failed(Refused)),
            Task::Panic(Place::Async, burst) => {
                burst();
                Ok(Done(0))
            }
            Task::Panic(Place::Pool, burst) => context.blocking(burst).await.map(|()| Done(0)),
            Task::Wait(hand) => {
                let run = Run::begin(hand, &context);
                context.unless_cancelled(run.released()).await?;
                Ok(Done(run.number))
            }
            Task::Deaf(hand) => {
                let run = Run::begin(hand, &context);
                run.released().await;
                Ok(Done(run.number))
            }
            Task::Count(Place::Async, hand) => {
                let run = Run::begin(hand, &context);
                loop {
                    context.checkpoint().await?;
                    tokio::task::yield_now().await;
                    if run.step_was_last(&context) {
                        return Ok(Done(context.progress().done()));
                    }
                }
            }
            Task::Count(Place::Pool, hand) => context.blocking(move || count(hand, &inner)).await?,
            Task::Busy(Place::Async, hand) => Ok(keep_busy(hand, &context)),
            Task::Busy(Place::Pool, hand) => context.blocking(move || keep_busy(hand, &inner)).await,
            Task::Meet(hand) => {
                let run = Run::begin(hand, &context);
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                Ok(Done(run.number))
            }
            Task::Threads(hand) => {
                hand.note_thread();
                let shared = Arc::clone(&hand);
                context.blocking(move || shared.note_thread()).await?;
                tokio::task::yield_now().await;
                hand.note_thread();
                Ok(Done(0))
            }
            Task::Endless => context.unless_cancelled(std::future::pending()).await,
        }
    }
}

fn count(hand: Arc<Hand>, context: &JobContext) -> Result<Done, JobError> {
    let run = Run::begin(hand, context);
    loop {
        context.checkpoint_blocking()?;
        if run.step_was_last(context) {
            return Ok(Done(context.progress().done()));
        }
    }
}

fn keep_busy(hand: Arc<Hand>, context: &JobContext) -> Done {
    let run = Run::begin(hand, context);
    while !run.told_to_stop() {
        std::hint::spin_loop();
    }
    Done(0)
}

/// The test's hand in the runs of a job.
#[derive(Default)]
struct Hand {
    started: AtomicU64,
    running: AtomicU64,
    /// The most that ran at once.
    most: AtomicU64,
    stop: AtomicBool,
    /// Bit n is set when run n, from 0 on, may go on.
    released: watch::Sender<u64>,
    threads: Mutex<Vec<ThreadId>>,
}

impl Hand {
    fn started(&self) -> u64 {
        self.started.load(SeqCst)
    }

    fn running(&self) -> u64 {
        self.running.load(SeqCst)
    }

    fn release(&self, run: u64) {
        self.released.send_modify(|runs| *runs |= 1 << run);
    }

    fn stop(&self) {
        self.stop.store(true, SeqCst);
    }

    fn note_thread(&self) {
        self.threads.lock().push(thread::current().id());
    }
}

/// One run of a job, from its beginning until it is dropped.
struct Run {
    hand: Arc<Hand>,
    number: u64,
    began: Instant,
}

impl Run {
    fn begin(hand: Arc<Hand>, context: &JobContext) -> Self {
        let running = hand.running.fetch_add(1, SeqCst) + 1;
        hand.most.fetch_max(running, SeqCst);
        let number = hand.started.fetch_add(1, SeqCst);
        context.wake();
        Self { hand, number, began: Instant::now() }
    }

    async fn released(&self) {
        let mut runs = self.hand.released.subscribe();
        let wait = runs.wait_for(|runs| (runs >> self.number) & 1 == 1);
        let released = tokio::time::timeout(DEADLINE, wait).await.is_ok_and(|seen| seen.is_ok());
        assert!(released, "nobody released run {}", self.number);
    }

    fn step_was_last(&self, context: &JobContext) -> bool {
        context.progress().add(1);
        context.wake();
        self.told_to_stop()
    }

    /// A test that fails leaves nobody behind who keeps a core for ever.
    fn told_to_stop(&self) -> bool {
        assert!(self.began.elapsed() < 2 * DEADLINE, "nobody stopped run {}", self.number);
        self.hand.stop.load(SeqCst)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.hand.running.fetch_sub(1, SeqCst);
    }
}
