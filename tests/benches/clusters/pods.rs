//! Measures a run whose workers are 200 pods.

use crate::bed::Bed;
use crate::usage::{Sampler, Usage};
use crate::{ROUNDS, line};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use store::documents::{Document, Start};
use store::keys;
use whole_runs::kubernetes::Cluster;
use whole_runs::machine::{Running, sent};

const PODS: u32 = 200;
/// The rate of all pods together.
const RATE: u64 = 200;
const SECONDS: u64 = 10;
const RUN: &str = "many";

/// The measured values of one run.
struct Measured {
    /// The seconds from the start of the launcher to T0.
    start: f64,
    /// The seconds from the end of the load to the end of the launcher.
    report: f64,
    /// The seconds from the start of the launcher to its end.
    whole: f64,
    launcher: Usage,
}

pub(crate) fn measure() {
    let rounds: Vec<Measured> = (0..ROUNDS).map(|_| run()).collect();
    let of = |value: fn(&Measured) -> f64| rounds.iter().map(value).collect();
    line("200 pods: from `launch` to T0", "s", 1, of(|round| round.start));
    line(
        "200 pods: from the end of the load to the report",
        "s",
        1,
        of(|round| round.report),
    );
    line(
        "200 pods: from `launch` to the report, load of 10 s",
        "s",
        1,
        of(|round| round.whole),
    );
    line(
        "200 pods: processor time of the launcher",
        "s",
        2,
        of(|round| round.launcher.cpu),
    );
    line(
        "200 pods: peak memory of the launcher",
        "MiB",
        1,
        of(|round| round.launcher.peak),
    );
}

/// Runs the load once, in a new cluster. The counts must equal those of the target.
fn run() -> Measured {
    let bed = Bed::new();
    bed.desk.write("many.yaml", &bed.scenario(RATE, SECONDS));
    let (image, store) = (bed.cluster.image(), bed.store().display().to_string());
    let workers = PODS.to_string();
    let launch = [
        "launch",
        "many.yaml",
        "--run",
        RUN,
        "--workers",
        &workers,
        "--out",
        "report.json",
    ];
    let fleet = [
        "--fleet",
        "kubernetes",
        "--image",
        &image,
        "--store-claim",
        Cluster::CLAIM,
        "--store",
        &store,
    ];
    let (began, at) = (Instant::now(), SystemTime::now().duration_since(UNIX_EPOCH).unwrap());
    let launcher = Running::start(&mut bed.command(&[&launch[..], &fleet].concat()));
    let sampler = Sampler::start(launcher.pid());
    launcher.finish().expect(0, &[]);
    let whole = began.elapsed().as_secs_f64();
    let launcher = sampler.finish();
    let report = bed.desk.json("report.json");
    assert_eq!((sent(&report), bed.target.requests()), (RATE * SECONDS, RATE * SECONDS));
    let start = std::fs::read(bed.store().join(keys::start(RUN))).unwrap();
    let t0 = Start::decode(&start).unwrap().t0;
    let start = t0 as f64 / 1e9 - at.as_secs_f64();
    Measured {
        start,
        report: whole - start - SECONDS as f64,
        whole,
        launcher,
    }
}
