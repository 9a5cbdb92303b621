//! Baselines, which `compare` reads beside runs.

use super::super::world::RUN;
use super::changes::{Objects, changes};
use super::{Run, assert_none, block_on, bounded, seed, share, stored};
use ::run::summary;
use fleet::follow::losses;
use fleet::gather::Gatherer;
use report::compare::rule::Rule;
use report::compare::sample::Sample;
use report::compare::{Comparison, html, text};
use std::collections::BTreeMap;
use store::keys;

fn sample(run: Run) -> Sample {
    let objects = run.objects();
    block_on(async {
        let store = stored(objects).await;
        let gatherer = Gatherer::open(&store, RUN).await;
        let mut gatherer = gatherer.expect("it is a run");
        gatherer.keep_intervals();
        gatherer.look().await.expect("memory does not fail");
        let record = &gatherer.record;
        let report = summary::report(record, &losses(record), None);
        let intervals = gatherer.intervals().expect("nothing of it was changed");
        Sample::new(&record.plan, &report, intervals).expect("nothing of it was changed")
    })
}

#[test]
fn a_changed_baseline_is_refused_or_compared_within_bounds() {
    let key = keys::baseline("good");
    let baseline = |run| -> Objects { BTreeMap::from([(key.clone(), sample(run).encode().into())]) };
    let (own, other) = (baseline(Run::Passed), baseline(Run::Crossed));
    let rules: Vec<Rule> = ["latency p99 > +10%", "errors > +10%"]
        .iter()
        .map(|rule| Rule::parse(rule).expect("a rule"))
        .collect();
    let true_one = sample(Run::Crossed);
    let all = changes(&key, &own, &[&other], share(400, 0, 60, 2), seed());
    let problems: Vec<String> = all
        .iter()
        .filter_map(|change| {
            let bytes = change.bytes.as_ref()?;
            let (broken, _) = bounded(|| {
                let Ok(read) = Sample::decode(bytes) else { return };
                assert_eq!(Sample::decode(&read.encode()).as_ref(), Ok(&read), "it reads back");
                for (a, b) in [(&read, &true_one), (&true_one, &read)] {
                    let comparison = Comparison::new(a, b, &rules).expect("rules about all requests");
                    assert!(!text::render(&comparison).is_empty() && !comparison.json().is_empty());
                    assert!(!html::render(&comparison).is_empty());
                }
            });
            Some(format!("{}: {}", change.name, broken?))
        })
        .collect();
    assert_none(seed(), all.len(), &problems);
}
