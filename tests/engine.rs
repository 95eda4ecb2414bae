//! What the engine promises to whoever owns it, shown with made-up jobs that end, wait, fail, panic, hang and do not
//! listen. It is polled with an injected time, which stands still unless a test moves it: what frees a place is then an
//! end, never a limit. Waits are for wake-ups, never for time to pass.

#[path = "support/bench.rs"]
mod bench;
#[path = "support/chore.rs"]
mod chore;

use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use antifreeze::jobs::{
    Change, Engine, Executor, JobId, Kind, Limits, Mode, Priority, Status, Wake, Workers, spawn_named,
};
use parking_lot::Mutex;

use bench::{Bench, DEADLINE, MANY, done};
use chore::{Chore, Hand, Place, Task};

const ONE: Kind = Kind { name: "one", at_once: 1, comes_back: false };
const TWO: Kind = Kind { name: "two", at_once: 2, comes_back: false };
const EIGHT: Kind = Kind { name: "eight", at_once: 8, comes_back: false };

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
fn a_run_that_had_ended_before_the_stop_counts_as_what_it_is() {
    let stops: [fn(&mut Engine<Chore>, JobId); 2] = [Engine::cancel, |engine, _| engine.interrupt_all()];
    for stop in stops {
        let mut bench = Bench::new();
        let id = bench.submit(MANY, Task::Succeed(7));
        bench.poll();
        // The one wake-up of this job comes after its result, which no poll has seen yet.
        bench.woken.recv_timeout(DEADLINE).expect("no wake-up came");
        stop(&mut bench.engine, id);
        assert_eq!(bench.standing(id), (Status::Succeeded, "Ok(Done(7))".into()));
        assert!(!bench.engine.job(id).is_some_and(|job| job.unfinished()), "it would be offered again");
        bench.poll();
        assert_eq!(bench.story(id), [(1, Change::Queued), (1, STARTED), (1, Change::Ended(Status::Succeeded))]);
    }
}

#[test]
fn what_is_done_although_the_program_is_left_counts_as_done() {
    let mut bench = Bench::new();
    let (id, hand) = bench.run(ONE, Task::Deaf);
    bench.engine.interrupt_all();
    assert_eq!(bench.standing(id), (Status::Cancelled, "Err(Interrupted)".into()));
    hand.release(0);
    bench.until("its run has ended", |engine| !engine.busy());
    assert_eq!(bench.standing(id), (Status::Succeeded, "Ok(Done(0))".into()));
    assert!(!bench.engine.job(id).is_some_and(|job| job.unfinished()), "it would be offered again");
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
fn a_paused_job_leaves_its_place_to_the_next() {
    let mut bench = Bench::new();
    let (first, _hand) = bench.run(ONE, |hand| Task::Count(Place::Async, hand));
    let next = bench.submit(ONE, Task::Succeed(1));
    bench.poll();
    assert_eq!(bench.status(next), Status::Queued);
    bench.engine.pause(first, true);
    bench.until_ended(next);
    assert_eq!((bench.status(first), bench.status(next)), (Status::Paused, Status::Succeeded));
}

#[test]
fn what_was_interrupted_is_cleared_only_when_it_is_given_up() {
    let mut bench = Bench::new();
    let kept = bench.engine.shelve(Chore { kind: MANY, task: Task::Succeed(1) });
    let done = bench.submit(MANY, Task::Succeed(2));
    bench.until_ended(done);
    bench.engine.clear_ended();
    assert!(bench.engine.job(kept).is_some_and(|job| job.unfinished()) && bench.engine.job(done).is_none());
    bench.engine.cancel(kept);
    assert!(bench.engine.job(kept).is_some_and(|job| !job.unfinished()));
    bench.engine.clear_ended();
    assert!(bench.engine.job(kept).is_none());
}

#[test]
fn a_job_that_the_limit_stopped_says_so_and_one_that_ended_before_does_not() {
    let limit = Duration::from_secs(5);
    let mut bench = Bench::new();
    let stopped = bench.submit_to(Mode::Blocking, MANY, Task::Wait(Arc::default()));
    bench.engine.job(stopped).expect("a job").gate().cancel();
    let ended = bench.submit_to(Mode::Blocking, MANY, Task::Succeed(1));
    for id in [stopped, ended] {
        bench.until_ended(id);
        bench.engine.blame(id, antifreeze::jobs::JobError::FrozeTooLong(limit));
    }
    let summary = |id| bench.engine.job(id).and_then(|job| job.summary()).unwrap_or_default();
    assert_eq!(summary(stopped), "Stopped after 5\u{a0}s on the UI thread, the limit in the settings");
    assert_eq!((bench.status(stopped), summary(ended).as_str()), (Status::Cancelled, "1 done"));
}

#[test]
fn a_job_without_an_end_moves_only_while_it_has_something_to_do() {
    let mut bench = Bench::new();
    let id = bench.submit(MANY, Task::Endless);
    bench.poll();
    assert!(bench.engine.moving(), "it has just begun");
    bench.poll();
    bench.now += Duration::from_millis(1_100);
    bench.poll();
    let rests = |bench: &Bench| bench.engine.job(id).is_some_and(|job| job.rests());
    assert!(!bench.engine.moving() && rests(&bench), "it moves and has nothing to do");
    assert!(bench.engine.working(), "it is at work all the same");

    // One that has an end is waited for, whether or not something is seen of it.
    let (_, hand) = bench.run(MANY, Task::Wait);
    bench.now += Duration::from_millis(1_100);
    bench.poll();
    assert!(bench.engine.moving());
    hand.release(0);
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
fn a_job_that_waits_to_block_can_be_moved_to_the_front() {
    let mut bench = Bench::new();
    let [first, second, third] = [1, 2, 3].map(|value| bench.submit_to(Mode::Blocking, MANY, Task::Succeed(value)));
    bench.engine.move_to_front(third);
    assert_eq!(bench.engine.waiting(), [third, first, second]);
    bench.engine.run_blocking();
    bench.poll();
    assert_eq!((bench.status(third), bench.status(first)), (Status::Succeeded, Status::Queued));
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
