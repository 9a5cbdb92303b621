//! Measures the processor time that the operator needs for each load test.

use crate::bed::Bed;
use crate::usage::{self, Usage};
use crate::{ROUNDS, line};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use whole_runs::kubernetes::Cluster;
use whole_runs::machine::{Process, free_port, http, wait_for};

/// The number of load tests, with one worker each.
const TESTS: usize = 100;
/// The rate of each test.
const RATE: u64 = 2;
/// The length of the load of tests that are measured from their creation to their end.
const SECONDS: u64 = 10;
/// The length of the load of tests that run during the whole measurement.
const SECONDS_RUNNING: u64 = 120;
/// How long running tests are followed.
const FOLLOWED: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(180);
const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// The measured values of one round. All times are in milliseconds of processor time for each test.
struct Measured {
    /// From the start of the operator to the end of all tests.
    whole: f64,
    /// A new operator reads finished tests.
    finished: f64,
    /// A new operator adopts running tests, and follows them for [`FOLLOWED`].
    adopted: f64,
    /// Each second in which running tests are followed.
    second: f64,
    /// The peak of the memory of the operator that ran the tests, in MiB.
    peak: f64,
}

pub(crate) fn measure() {
    let rounds: Vec<Measured> = (0..ROUNDS).map(|_| round()).collect();
    let of = |value: fn(&Measured) -> f64| rounds.iter().map(value).collect();
    line(
        "operator: a test of 10 s, from its creation to its end",
        "ms",
        1,
        of(|round| round.whole),
    );
    line(
        "operator: a finished test, at the start of an operator",
        "ms",
        1,
        of(|round| round.finished),
    );
    line(
        "operator: a running test, adopted and followed for 10 s",
        "ms",
        1,
        of(|round| round.adopted),
    );
    line(
        "operator: a running test, each second",
        "ms",
        2,
        of(|round| round.second),
    );
    line("operator: peak memory with 100 tests", "MiB", 1, of(|round| round.peak));
}

struct Operator {
    process: Process,
    address: SocketAddr,
}

impl Operator {
    fn start(bed: &Bed) -> Operator {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let (image, listen) = (bed.cluster.image(), address.to_string());
        let options = [
            "--image",
            &image,
            "--store-claim",
            Cluster::CLAIM,
            "--listen",
            &listen,
            "--no-lease",
        ];
        Operator {
            process: bed.start(&[&["operator"], &options[..]].concat()),
            address,
        }
    }

    /// Waits until this number of tests are in the phase.
    fn wait_for(&self, phase: &str, count: usize) {
        let wanted = format!("vajra_operator_runs{{phase=\"{phase}\"}} {count}\n");
        wait_for(&wanted, PATIENCE, || {
            let metrics = http(self.address, "GET", "/metrics").unwrap_or_default();
            metrics.contains(&wanted).then_some(())
        });
    }

    fn usage(&self) -> Usage {
        usage::read(self.process.0.id()).expect("the operator is running")
    }
}

/// Returns the processor time in milliseconds for each test.
fn each(before: Usage, after: Usage) -> f64 {
    (after.cpu - before.cpu) * 1e3 / TESTS as f64
}

fn create(bed: &Bed, name: &str, seconds: u64) {
    let (scenario, store) = (bed.scenario(RATE, seconds), bed.store().display().to_string());
    for number in 0..TESTS {
        let spec = json!({ "scenario": { "inline": scenario }, "store": store, "workers": 1 });
        let test = json!({
            "apiVersion": "vajra-cloud.io/v1alpha1", "kind": "LoadTest",
            "metadata": { "name": format!("{name}-{number}") }, "spec": spec,
        });
        bed.cluster.create("loadtests", &test);
    }
}

fn round() -> Measured {
    let bed = Bed::new();
    let definition = run::operator::crd::definition();
    bed.cluster.api().post(DEFINITIONS, &definition).expect(201);
    wait_for("the definition", PATIENCE, || {
        let tests = bed.cluster.path("loadtests", "");
        (bed.cluster.api().get(&tests).status == 200).then_some(())
    });
    create(&bed, "short", SECONDS);
    let first = Operator::start(&bed);
    first.wait_for("Passed", TESTS);
    let ended = first.usage();
    assert_eq!(bed.target.requests(), TESTS as u64 * RATE * SECONDS);
    drop(first);

    let second = Operator::start(&bed);
    second.wait_for("Passed", TESTS);
    let finished = each(Usage::default(), second.usage());
    drop(second);

    create(&bed, "long", SECONDS_RUNNING);
    let third = Operator::start(&bed);
    third.wait_for("Running", TESTS);
    let before = third.usage();
    // This is the length of a measurement, and not a wait for a change.
    std::thread::sleep(FOLLOWED);
    let followed = each(before, third.usage());
    drop(third);

    let fourth = Operator::start(&bed);
    fourth.wait_for("Running", TESTS);
    // The phase is in the stored status, so at this point the operator may still be adopting runs.
    std::thread::sleep(FOLLOWED);
    let adopted = each(Usage::default(), fourth.usage()) - finished;
    Measured {
        whole: each(Usage::default(), ended),
        finished,
        adopted,
        second: followed / FOLLOWED.as_secs_f64(),
        peak: ended.peak,
    }
}
