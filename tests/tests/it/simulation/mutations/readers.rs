//! Tests that modify stored baselines. The command `compare` reads baselines.

use super::super::world::RUN;
use super::changes::{Objects, changes};
use super::{Run, assert_none, block_on, bounded, seed, share, stored};
use ::run::summary;
use fleet::follow::losses;
use fleet::gather::Gatherer;
use report::compare::rule::RegressionRule;
use report::compare::sample::RunSample;
use report::compare::{Comparison, html, text};
use std::collections::BTreeMap;
use store::keys;

fn sample(run: Run) -> RunSample {
    let objects = run.objects();
    block_on(async {
        let store = stored(objects).await;
        let gatherer = Gatherer::open(&store, RUN).await;
        let mut gatherer = gatherer.expect("the run exists");
        gatherer.keep_intervals();
        gatherer.poll_listing().await.expect("memory does not fail");
        let record = &gatherer.record;
        let report = summary::report(record, &losses(record), None);
        let intervals = gatherer.intervals().expect("the run is not modified");
        RunSample::new(&record.plan, &report, intervals).expect("the run is not modified")
    })
}

#[test]
fn a_modified_baseline_is_rejected_or_compared_within_bounds() {
    let key = keys::baseline("good");
    let baseline = |run| -> Objects { BTreeMap::from([(key.clone(), sample(run).encode().into())]) };
    let (own, other) = (baseline(Run::Passed), baseline(Run::Crossed));
    let rules: Vec<RegressionRule> = ["latency p99 > +10%", "errors > +10%"]
        .iter()
        .map(|rule| RegressionRule::parse(rule).expect("a rule"))
        .collect();
    let original = sample(Run::Crossed);
    let all = changes(&key, &own, &[&other], share(400, 0, 60, 2), seed());
    let problems: Vec<String> = all
        .iter()
        .filter_map(|change| {
            let bytes = change.bytes.as_ref()?;
            let (broken, _) = bounded(|| {
                let Ok(read) = RunSample::decode(bytes) else { return };
                assert_eq!(
                    RunSample::decode(&read.encode()).as_ref(),
                    Ok(&read),
                    "the re-encoded sample differs"
                );
                for (a, b) in [(&read, &original), (&original, &read)] {
                    let comparison = Comparison::new(a, b, &rules).expect("rules about all requests");
                    assert!(
                        !text::render(&comparison, report::layout::Layout::LOG).is_empty()
                            && !comparison.json().is_empty()
                    );
                    assert!(!html::render(&comparison).is_empty());
                }
            });
            Some(format!("{}: {}", change.name, broken?))
        })
        .collect();
    assert_none(seed(), all.len(), &problems);
}
