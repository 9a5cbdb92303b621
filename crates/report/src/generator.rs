//! Whether the generator, and not the target, set the pace.
//!
//! A number that a tired generator measured is a number about the generator. Each sign that it was
//! tired is named with what it was measured from; one is enough.

use crate::run_report::Part;
use plan::plan::{Plan, name_shards};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use tally::snapshot::Health;

/// The p99 of lag above which a reader is told where it comes from.
pub(crate) const LAG_NOTED: Duration = Duration::from_millis(10);
/// From this share of their time on, the threads of a worker had no time left.
const BUSY: f64 = 0.95;
/// From this share of its time on, a worker without a processor is noticed in what it measures.
const WAITING: f64 = 0.10;
/// The same for a container that is held back: it is held back for tens of milliseconds at a time.
const THROTTLED: f64 = 0.02;

/// What the numbers say of the generator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Generator {
    /// Whether the target was not the bottleneck.
    pub bound: bool,
    /// The signs of it.
    pub signs: Vec<String>,
}

/// How busy a worker's load threads were, as a share of their time.
pub(crate) fn busy(health: &Health) -> f64 {
    share(health.load_cpu, health.load_wall)
}

/// How long they had something to do and no processor, as a share of their time.
pub(crate) fn waiting(health: &Health) -> f64 {
    share(health.run_queue, health.load_wall)
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn is_noted(lag_p99: u64) -> bool {
    u128::from(lag_p99) > LAG_NOTED.as_nanos()
}

/// Whether some worker had all its connections in use at once.
fn full(plan: &Plan, parts: &[Part<'_>]) -> bool {
    let most = u64::from(plan.limits.connections) * u64::from(plan.streams());
    healths(parts).any(|(_, health)| health.in_flight_max >= most)
}

fn healths<'a>(parts: &'a [Part<'_>]) -> impl Iterator<Item = (u32, &'a Health)> {
    parts
        .iter()
        .filter_map(|part| Some((part.shard, part.health.as_ref()?)))
}

impl Generator {
    /// Looks at how the workers were doing.
    pub(crate) fn judge(plan: &Plan, lag_p99: u64, parts: &[Part<'_>]) -> Generator {
        let mut signs = Vec::new();
        let mut sign = |what: &str, measure: &dyn Fn(&Health) -> f64, least: f64| {
            let mut shards: Vec<u32> = Vec::new();
            let mut worst = 0.0_f64;
            for (shard, health) in healths(parts).filter(|(_, health)| measure(health) >= least) {
                shards.push(shard);
                worst = worst.max(measure(health));
            }
            shards.sort_unstable();
            shards.dedup();
            if !shards.is_empty() {
                let worst = (worst * 100.0).min(100.0).round();
                signs.push(format!("{} {what} {worst} % of the time", name_shards(&shards)));
            }
        };
        sign("sent without a pause for", &busy, BUSY);
        sign("had no processor for", &waiting, WAITING);
        let throttled = |health: &Health| share(health.throttled.unwrap_or(0), health.load_wall);
        sign("was held back by its container for", &throttled, THROTTLED);
        if is_noted(lag_p99) && !full(plan, parts) {
            signs.push(format!(
                "lag p99 is {}, and connections were free",
                crate::show::time(lag_p99)
            ));
        }
        Generator {
            bound: !signs.is_empty(),
            signs,
        }
    }

    /// What a reader should know before trusting the numbers.
    pub(crate) fn note(&self, plan: &Plan, lag_p99: u64) -> Option<String> {
        if self.bound {
            let signs = self.signs.join("; ");
            return Some(format!(
                "generator-bound: {signs}. The generator, not the target, was slow; use more workers"
            ));
        }
        if !is_noted(lag_p99) {
            return None;
        }
        Some(format!(
            "lag p99 is {}: arrivals waited for one of {} connections; raise `limits: connections`?",
            crate::show::time(lag_p99),
            plan.limits.connections
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn health(cpu: u64, run_queue: u64, throttled: Option<u64>) -> Health {
        Health {
            load_cpu: cpu,
            run_queue,
            throttled,
            load_wall: 100 * SECOND,
            ..Health::default()
        }
    }

    #[test]
    fn shares_are_of_the_time_that_the_load_ran() {
        let calm = health(20 * SECOND, SECOND, None);
        assert!((busy(&calm) - 0.2).abs() < 1e-9 && (waiting(&calm) - 0.01).abs() < 1e-9);
        assert_eq!(busy(&Health::default()), 0.0, "one that never ran");
    }
}
