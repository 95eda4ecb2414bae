//! Many simulated users against one server: waits overlap on one thread, one after the other they do not, what computes
//! gains nothing, and a crowd that is cancelled is gone at once.
#![expect(clippy::panic, reason = "a test fails by a panic")]

#[path = "support/harness.rs"]
mod harness;

use std::sync::Arc;
use std::time::Duration;

use antifreeze::jobs::JobError;
use antifreeze::practice::{Attended, Crowd, Endpoint, Serve};
use antifreeze::work::Product;

use harness::{DEADLINE, Session};

fn crowd(users: u32, wait_ms: u32, one_by_one: bool) -> Crowd {
    Crowd { users, endpoint: Endpoint::Wait, wait_ms, threads: 1, one_by_one, attendance: Arc::default() }
}

fn attended(result: Result<Product, JobError>) -> Attended {
    match result {
        Ok(Product::Crowd(attended)) => attended,
        other => panic!("a crowd was to be served: {other:?}"),
    }
}

#[test]
fn one_thread_serves_everybody_who_waits_at_once_but_one_after_the_other_takes_the_sum() {
    let together = attended(harness::run(crowd(50, 200, false)));
    assert_eq!((together.users, together.figures.answered), (50, 50));
    assert!(together.figures.at_once > 25, "the waits did not overlap: {together:?}");
    assert!(together.figures.p50_s >= 0.2, "nobody has waited: {together:?}");

    let in_turn = attended(harness::run(crowd(10, 50, true)));
    assert_eq!((in_turn.figures.answered, in_turn.figures.at_once), (10, 1), "{in_turn:?}");
    assert!(in_turn.figures.seconds >= 10.0 * 0.05, "{in_turn:?}");
}

#[test]
fn more_users_than_a_connection_takes_are_all_answered() {
    let all = attended(harness::run(crowd(450, 100, false)));
    assert_eq!(all.figures.answered, 450);
}

#[test]
fn queries_and_computations_are_answered_too() {
    for endpoint in [Endpoint::Query, Endpoint::Compute] {
        let all = attended(harness::run(Crowd { endpoint, ..crowd(8, 0, false) }));
        assert_eq!(all.figures.answered, 8, "{endpoint:?}");
    }
}

#[test]
fn a_crowd_that_is_cancelled_is_gone_and_what_became_of_it_stays() {
    let crowd = crowd(100, 60_000, false);
    let attendance = Arc::clone(&crowd.attendance);
    let (mut session, id) = harness::start(crowd);
    let served = |_: &Session| attendance.lock().as_ref().is_some_and(|all| all.figures().at_once == 100);
    session.wait("all are being served", DEADLINE, served);
    session.cancel_within(Duration::from_secs(1), id);
    assert_eq!(attendance.lock().as_ref().expect("a record").figures().answered, 0);
    session.engine().poll(std::time::Instant::now());
    assert!(session.job(id).stopped_within().is_some_and(|took| took < Duration::from_secs(1)));
}

#[test]
#[ignore = "needs a release build"]
fn ten_thousand_users_are_served_at_once_by_one_thread() {
    let all = attended(harness::run(crowd(10_000, 1_000, false)));
    assert_eq!(all.figures.answered, 10_000);
    assert!(all.figures.at_once > 2_000, "they were served in turn: {all:?}");
}

#[test]
fn the_practice_server_has_a_query_and_a_computation_behind_an_address() {
    let folder = harness::Folder::new();
    let serve = Serve::default();
    let address = Arc::clone(&serve.address);
    let (mut server, _) = harness::start(serve);
    server.wait("it listens", DEADLINE, |_| address.lock().is_some());
    let address = (*address.lock()).expect("an address");
    for path in ["query", "compute"] {
        let answer = harness::downloaded(folder.fetch(&format!("http://{address}/{path}")));
        assert!(answer.bytes > 1, "{path}: {answer:?}");
    }
}
