//! Tests of runs in which several kinds of faults occur together. The faults are drawn from a seed.
//!
//! `SEED=7 tests/run faults::mixtures` repeats the run with the seed 7.

use super::cloud::{Cloud, function};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;
use whole_runs::lambda::{Call, Fate, Reply};
use whole_runs::s3_proxy::{Asked, Trouble};

const ARRIVALS: u64 = 400;

fn seed(given: u64) -> u64 {
    std::env::var("SEED").map_or(given, |seed| seed.parse().unwrap())
}

fn random_ms(random: &mut StdRng, ms: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(random.random_range(ms))
}

/// Draws the fate of an invocation. The fate depends on the seed and on the call.
fn fate(seed: u64, call: &Call) -> Fate {
    let number = u64::from(call.shard) << 32 | u64::from(call.earlier);
    let mut random = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
    match random.random_range(0..100) {
        0..15 => Fate::throttled("ConcurrentInvocationLimitExceeded", None),
        15..25 => Fate::throttled("CallerRateLimitExceeded", Some(1)),
        25..35 => Fate::failed(500),
        35..45 => Fate::heard(Reply::Failed(502, random_ms(&mut random, 0..2_000))),
        45..55 => Fate::heard(Reply::HungUp(random_ms(&mut random, 0..4_000))),
        55..65 => Fate::heard(Reply::Silence),
        65..80 => Fate {
            again: Some(random_ms(&mut random, 0..5_000)),
            delay: random_ms(&mut random, 0..1_000),
            ..Fate::default()
        },
        _ => Fate {
            delay: random_ms(&mut random, 0..2_000),
            ..Fate::default()
        },
    }
}

/// Draws the fault of a request to the store. The fault depends on the seed and on the number of the request.
fn trouble(seed: u64, asked: &Asked) -> Trouble {
    let mut random = StdRng::seed_from_u64(seed.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ asked.number);
    let read = asked.method == "GET";
    match random.random_range(0..100) {
        0..6 => Trouble::Refused(503, "SlowDown"),
        6..9 => Trouble::Refused(500, "InternalError"),
        9..13 => Trouble::AnswerLost,
        13..16 if read => Trouble::CutOff,
        16..22 => Trouble::Slow(random_ms(&mut random, 0..800)),
        22..40 if asked.create_only => Trouble::Refused(409, "ConditionalRequestConflict"),
        40..60 if asked.list => Trouble::Slow(random_ms(&mut random, 500..2_000)),
        _ => Trouble::None,
    }
}

/// Runs a load with faults that are not permanent. Asserts that the run is complete.
fn check_complete(seed: u64) {
    println!("SEED={seed}");
    let cloud = Cloud::new(
        function(),
        move |call| fate(seed, call),
        move |asked| trouble(seed, asked),
    );
    let ran = cloud.launch(4, &[]);
    cloud.assert_whole(&ran, ARRIVALS);
    assert!(cloud.proxy.troubles().len() > 20);
}

/// Runs a load with faults, and kills one function. Asserts that arrivals are missing only in the shard of this
/// function.
fn check_killed(seed: u64) {
    println!("SEED={seed}");
    let killed = (seed % 4) as u32;
    let cloud = Cloud::new(
        function(),
        move |call| match call.shard == killed {
            true => Fate {
                kill: Some(Duration::from_millis(5_500)),
                ..Fate::default()
            },
            false => Fate {
                again: Some(Duration::from_secs(2)),
                ..Fate::default()
            },
        },
        move |asked| trouble(seed, asked),
    );
    let ran = cloud.launch(8, &[]);
    cloud.assert_lost(&ran, 800, &[killed.into()], &["Runtime.ExitError"]);
}

#[test]
fn a_mixture_of_faults_loses_no_requests() {
    check_complete(seed(1));
}

#[test]
fn another_mixture_of_faults_loses_no_requests() {
    check_complete(seed(2));
}

#[test]
fn a_third_mixture_of_faults_loses_no_requests() {
    check_complete(seed(3));
}

#[test]
fn a_mixture_with_a_killed_function_reports_only_that_function() {
    check_killed(seed(4));
}
