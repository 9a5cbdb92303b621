//! Tests of the order and the times of connection attempts, and of the failures that are reported.

use super::*;
use crate::allow::Allow;
use crate::endpoint::Endpoint;
use plan::hosts::Hosts;
use std::sync::Arc;

const MS: Duration = Duration::from_millis(1);

fn origin(addresses: usize, now: Instant) -> Origin {
    let endpoint = Endpoint::of("http://shop.example/").unwrap();
    let mut origin = Origin::new(endpoint, &Arc::new(Allow::everything()), &Hosts::default());
    let list = (0..addresses).map(|n| SocketAddr::from(([10, 0, 0, n as u8], 80)));
    origin.addresses.take(list.collect(), now);
    origin
}

#[track_caller]
fn address(next: Next) -> SocketAddr {
    match next {
        Next::Connect(permitted) => permitted.address(),
        next => panic!("{next:?}"),
    }
}

#[track_caller]
fn waits(next: Next) -> Option<Instant> {
    match next {
        Next::Wait(at) => at,
        next => panic!("{next:?}"),
    }
}

#[test]
fn the_next_address_is_tried_while_the_first_does_not_answer() {
    let now = Instant::now();
    let mut origin = origin(2, now);
    let mut dial = Dial::begin(&mut origin, &Further::default(), now + 1_000 * MS, now);
    let first = address(dial.next(&origin, now));
    assert_eq!(waits(dial.next(&origin, now)), Some(now + ATTEMPT_DELAY));
    let later = now + ATTEMPT_DELAY;
    let second = address(dial.next(&origin, later));
    assert_ne!(first, second);
    assert_eq!(waits(dial.next(&origin, later)), None);
    // The first address that answers is used, and the duration of each step begins with the step.
    assert_eq!(
        dial.connected(second, later, later + 30 * MS),
        30 * MS,
        "the time of the address that answered"
    );
    assert!(dial.is_connected());
    assert_eq!(dial.secured(later + 50 * MS), 20 * MS);
}

#[test]
fn the_next_address_is_tried_at_once_after_a_failure_and_the_last_failure_ends_the_dial() {
    let now = Instant::now();
    let mut origin = origin(2, now);
    let mut dial = Dial::begin(&mut origin, &Further::default(), now + 1_000 * MS, now);
    let first = address(dial.next(&origin, now));
    let refused = Why::new(Cause::Refused, Detail::Address(first));
    dial.failed(refused, now);
    address(dial.next(&origin, now));
    // A refusal by the target is reported in preference to a lack of local ports.
    dial.failed(Cause::NoLocalPort.into(), now);
    match dial.next(&origin, now) {
        Next::Lost(why) => assert_eq!(why, refused),
        next => panic!("{next:?}"),
    }
}

#[test]
fn a_dial_past_its_deadline_reports_the_step_that_it_waited_for() {
    let now = Instant::now();
    let mut origin = origin(1, now);
    let mut dial = Dial::begin(&mut origin, &Further::default(), now + 1_000 * MS, now);
    let tried = address(dial.next(&origin, now));
    assert_eq!(dial.late(), Why::new(Cause::ConnectTimeout, Detail::Address(tried)));
    dial.connected(tried, now, now);
    assert_eq!(dial.late(), Why::new(Cause::HandshakeTimeout, Detail::Address(tried)));
}

#[test]
fn all_dials_of_a_thread_share_the_sockets_for_further_addresses() {
    let now = Instant::now();
    let later = now + ATTEMPT_DELAY;
    let (mut origin, further) = (origin(2, now), Further::default());
    let mut dials: Vec<Dial> = (0..=FURTHER_MAX)
        .map(|_| Dial::begin(&mut origin, &further, now + 1_000 * MS, now))
        .collect();
    for dial in &mut dials {
        address(dial.next(&origin, now));
    }
    let mut last = dials.pop().unwrap();
    for dial in &mut dials {
        address(dial.next(&origin, later));
    }
    assert_eq!(waits(last.next(&origin, later)), Some(later + ATTEMPT_DELAY));
    // When a dial is dropped, its socket can be used by another dial.
    dials.pop();
    address(last.next(&origin, later + ATTEMPT_DELAY));
    drop((dials, last));
    assert_eq!(further.0.get(), 0);
}
