//! Everything at once, from a seed: `SEED=7 tests/run mixture` tries one again.

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

fn some(random: &mut StdRng, ms: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(random.random_range(ms))
}

/// What befalls an invocation: a function of the seed and the call.
fn fate(seed: u64, call: &Call) -> Fate {
    let number = u64::from(call.shard) << 32 | u64::from(call.earlier);
    let mut random = StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
    match random.random_range(0..100) {
        0..15 => Fate::throttled("ConcurrentInvocationLimitExceeded", None),
        15..25 => Fate::throttled("CallerRateLimitExceeded", Some(1)),
        25..35 => Fate::failed(500),
        35..45 => Fate::heard(Reply::Failed(502, some(&mut random, 0..2_000))),
        45..55 => Fate::heard(Reply::HungUp(some(&mut random, 0..4_000))),
        55..65 => Fate::heard(Reply::Silence),
        65..80 => Fate {
            again: Some(some(&mut random, 0..5_000)),
            delay: some(&mut random, 0..1_000),
            ..Fate::default()
        },
        _ => Fate {
            delay: some(&mut random, 0..2_000),
            ..Fate::default()
        },
    }
}

/// What befalls a request to the store: a function of the seed and its number.
fn trouble(seed: u64, asked: &Asked) -> Trouble {
    let mut random = StdRng::seed_from_u64(seed.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ asked.number);
    let read = asked.method == "GET";
    match random.random_range(0..100) {
        0..6 => Trouble::Refused(503, "SlowDown"),
        6..9 => Trouble::Refused(500, "InternalError"),
        9..13 => Trouble::AnswerLost,
        13..16 if read => Trouble::CutOff,
        16..22 => Trouble::Slow(some(&mut random, 0..800)),
        22..40 if asked.create_only => Trouble::Refused(409, "ConditionalRequestConflict"),
        40..60 if asked.list => Trouble::Slow(some(&mut random, 500..2_000)),
        _ => Trouble::None,
    }
}

/// Nothing of this loses anything for good, so the run is whole.
fn bears(seed: u64) {
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

/// A function dies in the midst of it: that and nothing else is missing.
fn names_the_dead(seed: u64) {
    println!("SEED={seed}");
    let dead = (seed % 4) as u32;
    let cloud = Cloud::new(
        function(),
        move |call| match call.shard == dead {
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
    cloud.assert_lost(&ran, 800, &[dead.into()], &["Runtime.ExitError"]);
}

#[test]
fn a_mixture_of_faults_loses_nothing() {
    bears(seed(1));
}

#[test]
fn another_mixture_of_faults_loses_nothing() {
    bears(seed(2));
}

#[test]
fn a_third_mixture_of_faults_loses_nothing() {
    bears(seed(3));
}

#[test]
fn a_mixture_with_a_death_in_it_names_the_dead() {
    names_the_dead(seed(4));
}
