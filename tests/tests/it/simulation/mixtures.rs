//! Tests of simulated runs in which several kinds of faults occur together. The faults are drawn from a seed.

use super::invariants::violations;
use super::outages::{ALL, Outage};
use super::run::simulate;
use super::world::{Attach, Content, Delivery, Freeze, Invocation, Load, Reply, World};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use report::verdict::Verdict;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use store::Op;

const SEEDS: u64 = 200;

const OUTAGES: [(&[Op], &str); 14] = [
    (&[Op::Put], "/live/"),
    (&[Op::PutNew], "/result"),
    (&[Op::PutNew], "/claims/"),
    (&[Op::PutNew], "/prepared/"),
    (&[Op::PutNew], "/left/"),
    (&[Op::PutNew], "/start"),
    (&[Op::PutNew], "/stop"),
    (&[Op::Get], "/start"),
    (&[Op::Get], "/stop"),
    (&[Op::Get], "/shards/"),
    (&[Op::Get], "plan.json"),
    (&[Op::List], ""),
    (&[Op::Put], ""),
    (ALL, ""),
];

/// Draws whether an event happens. The probability is `percent` percent.
fn chance(random: &mut StdRng, percent: u32) -> bool {
    random.random_range(0..100) < percent
}

fn up_to(random: &mut StdRng, millis: u64) -> Duration {
    Duration::from_millis(random.random_range(0..=millis))
}

fn skew(random: &mut StdRng) -> i64 {
    if chance(random, 20) {
        random.random_range(-10_000_000_000..=10_000_000_000)
    } else {
        0
    }
}

fn delivery(random: &mut StdRng, length: u64) -> Delivery {
    let dies = chance(random, 12).then(|| up_to(random, length + 4_000));
    Delivery {
        after: if chance(random, 25) {
            up_to(random, 8_000)
        } else {
            Duration::ZERO
        },
        skew: skew(random),
        dies,
        // Some of the hosts that kill a worker report the time of the kill to the worker in advance.
        lifetime: dies.filter(|_| chance(random, 30)),
        freeze: None,
    }
}

fn invocation(random: &mut StdRng, length: u64) -> Invocation {
    if chance(random, 5) {
        return Invocation::never();
    }
    let mut deliveries = vec![delivery(random, length)];
    if chance(random, 20) {
        deliveries.push(delivery(random, length));
    }
    let reply = match random.random_range(0..10) {
        0 => Reply::Never,
        1 => Reply::LostAfter(up_to(random, length)),
        _ => Reply::Of(random.random_range(0..deliveries.len())),
    };
    Invocation { deliveries, reply }
}

fn outage(random: &mut StdRng, length: u64) -> Outage {
    let (ops, keys) = *OUTAGES.choose(random).expect("the list is not empty");
    let from = up_to(random, length + 2_000);
    let longest = if chance(random, 20) { 30_000 } else { 6_000 };
    Outage {
        percent: *[30, 70, 100].choose(random).expect("the list is not empty"),
        ..Outage::new(ops, keys, from, from + up_to(random, longest))
    }
}

pub(super) fn world(seed: u64) -> World {
    let random = &mut StdRng::seed_from_u64(seed);
    let mut world = World {
        seed,
        workers: random.random_range(1..=4),
        snapshot_interval: Duration::from_millis(*[500, 1_000, 3_000].choose(random).expect("the list is not empty")),
        start_timeout: Duration::from_secs(random.random_range(4..=15)),
        connections: *[1, 4, 64].choose(random).expect("the list is not empty"),
        ..World::calm()
    };
    world.workers_min = if chance(random, 50) {
        random.random_range(1..=world.workers)
    } else {
        world.workers
    };
    world.restripe = chance(random, 40);
    world.hands_over = chance(random, 70);
    if chance(random, 15) {
        world.dead_man = Some(Duration::from_secs(random.random_range(5..=12)));
    }
    let seconds = random.random_range(3..=12);
    world.load = if chance(random, 20) {
        Load::Closed {
            users: random.random_range(4..=12),
            ramp: random.random_range(1..=3),
            seconds,
        }
    } else {
        Load::Open {
            warm_up: random.random_range(1..=2),
            rate: random.random_range(5..=80),
            seconds,
        }
    };
    world.content = *[
        Content::Requests,
        Content::Requests,
        Content::Flows,
        Content::Populations,
    ]
    .choose(random)
    .expect("the list is not empty");
    if chance(random, 30) {
        world.slice_max = Some(Duration::from_secs(random.random_range(2..=6)));
    }
    engine(random, &mut world);
    let length = 1_000 * (seconds + 3);
    // In half of the runs, the hosts have no faults. Without faults of hosts, the other faults affect later stages of a
    // run.
    if chance(random, 50) {
        let slices = world.planned().plan().slices.len() as u32;
        for slice_id in (0..world.workers).flat_map(|shard| (0..slices).map(move |slice| (shard, slice))) {
            if chance(random, 40) {
                world.invocations.insert(slice_id, invocation(random, length));
            }
        }
        for shard in 0..world.workers {
            if chance(random, 40) {
                world.replacements.insert(shard, invocation(random, length));
            }
        }
    }
    if chance(random, 50) {
        for _ in 0..random.random_range(1..=4) {
            let outage = outage(random, length);
            world.outages.push(outage);
        }
    }
    world.launcher_skew = skew(random);
    if chance(random, 20) {
        let killed = up_to(random, length);
        world.attach = Some(Attach {
            killed,
            attached: killed + up_to(random, 6_000),
            skew: skew(random),
        });
    }
    if chance(random, 20) {
        world.stop = Some(up_to(random, length));
    }
    let invocations = world.invocations.values_mut().chain(world.replacements.values_mut());
    for delivery in invocations.flat_map(|invocation| &mut invocation.deliveries) {
        delivery.freeze = chance(random, 20).then(|| Freeze {
            after: up_to(random, length),
            length: up_to(random, 15_000),
        });
    }
    world
}

fn engine(random: &mut StdRng, world: &mut World) {
    if chance(random, 30) {
        world.engine.failing = random.random_range(0..30);
    }
    if chance(random, 20) {
        world.engine.hanging = random.random_range(1..10);
    }
    if chance(random, 20) {
        let from = up_to(random, 10_000);
        world.engine.stall = Some((from, from + up_to(random, 6_000)));
    }
    if chance(random, 20) {
        world.engine.latency.1 = Duration::from_millis(random.random_range(100..3_000));
    }
    if chance(random, 20) {
        world.engine.timeout = None;
    }
    world.engine.prepares = (!chance(random, 3)).then(|| up_to(random, 3_000));
}

/// Simulates the run of a seed and returns its verdict. If the run violates invariants, returns their descriptions.
fn verdict(seed: u64) -> Result<Verdict, String> {
    let world = world(seed);
    let problems = match catch_unwind(AssertUnwindSafe(|| {
        let ran = simulate(world.clone());
        (violations(&ran), ran.report.verdict)
    })) {
        Ok((problems, verdict)) if problems.is_empty() => return Ok(verdict),
        Ok((problems, _)) => problems.join("\n  "),
        Err(panic) => panic
            .downcast_ref::<String>()
            .map_or("a panic", String::as_str)
            .to_owned(),
    };
    Err(format!("SEED={seed}: {problems}\n{world:?}"))
}

#[test]
fn the_invariants_hold_with_random_faults() {
    let variable = |name| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().expect("a number"))
    };
    let seeds = match variable("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..variable("SEEDS").unwrap_or(SEEDS),
    };
    let (verdicts, broken): (Vec<_>, Vec<_>) = seeds.clone().map(verdict).partition(Result::is_ok);
    let broken: Vec<String> = broken.into_iter().filter_map(Result::err).collect();
    assert!(
        broken.is_empty(),
        "{} seeds violate the invariants\n{}",
        broken.len(),
        broken.join("\n\n")
    );
    // Many runs must pass and many runs must not pass, because the test must check both kinds of runs.
    let passed = verdicts
        .iter()
        .filter(|verdict| **verdict == Ok(Verdict::Passed))
        .count();
    let few = verdicts.len() / 5;
    assert!(
        verdicts.len() < 100 || (few..verdicts.len() - few).contains(&passed),
        "{passed} of {} runs passed",
        verdicts.len()
    );
}
