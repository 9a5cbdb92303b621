//! The causes of late requests: the generator itself, busy connections, or slow opening of connections.
//!
//! If the generator is overloaded, the numbers of a run describe the generator and not the target. For each sign of an
//! overloaded generator, this file defines a measurement and a remedy.

use crate::part::{Facts, SliceReport};
use crate::percentiles::is_supported;
use plan::plan::{Plan, name_shards};
use plan::scenario::Reuse;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;
use tally::histogram::Histogram;
use tally::snapshot::Health;
use tally::tally::Tally;
use tally::waits::{LagParts, Openings};

/// If the lag is higher than this duration, the report notes the cause of the lag.
const LAG_NOTED: Duration = Duration::from_millis(10);
/// Load threads count as saturated if they are busy for at least this share of the time.
const BUSY: f64 = 0.95;
/// The measurements of a worker are affected if its load threads wait for a processor for at least this share of the
/// time.
pub const WAITING: f64 = 0.10;
/// The measurements of a worker are affected if its container is throttled for at least this share of the time. A
/// container is throttled for tens of milliseconds at a time.
const THROTTLED: f64 = 0.02;

/// The signs that the load generator, and not the target, limited the rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Generator {
    /// Whether the generator was the bottleneck.
    pub bound: bool,
    /// The signs that the generator was the bottleneck.
    pub signs: Vec<String>,
    /// Other causes of waits before requests were sent.
    pub waits: Vec<String>,
    /// The signs and waits as text, each with a remedy.
    #[serde(skip)]
    pub(crate) notes: Vec<String>,
}

/// Returns the share of time in which a worker's load threads were busy.
pub(crate) fn busy(health: &Health) -> f64 {
    share(health.load_cpu, health.load_wall)
}

/// Returns the share of time in which a worker's load threads were runnable but had no processor.
pub fn waiting(health: &Health) -> f64 {
    share(health.run_queue, health.load_wall)
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Returns the name and the value of the highest quantile that enough values support; `None` if too few requests were
/// measured. The candidates are p50, p90 and p99.
///
/// `part` is the histogram of one part of the lag. The quantile is computed over all measured requests, whose number is
/// `all`. For the requests that are not in the histogram, this part of the lag is 0.
fn high(part: &Histogram, all: u64) -> Option<(&'static str, u64)> {
    let quantiles = [("p99", 990_000), ("p90", 900_000), ("p50", 500_000)];
    let mut quantiles = quantiles.into_iter();
    let (name, millionths) = quantiles.find(|(_, millionths)| is_supported(*millionths, all))?;
    Some((name, part.quantile_among(all, millionths)))
}

/// Returns a part of the lag as text, such as `waiting p99 is 40ms`; `None` if the part is too small for a note.
fn noted(what: &str, part: &Histogram, all: u64) -> Option<String> {
    let (name, nanos) = high(part, all)?;
    (u128::from(nanos) > LAG_NOTED.as_nanos()).then(|| format!("{what} {name} is {}", crate::show::time(nanos)))
}

/// Returns the lag that the generator itself caused, as text; `None` if this lag is too small for a note.
pub(crate) fn lateness(parts: &LagParts) -> Option<String> {
    noted("the generator's own lag", &parts.generator, parts.generator.len())
}

fn healths<'a>(parts: &'a [SliceReport<'_>]) -> impl Iterator<Item = (u32, &'a Health)> {
    parts
        .iter()
        .filter_map(|part| Some((part.shard, part.health.as_ref()?)))
}

/// Returns text that names the workers whose `measure` is at least `least`, and states the largest measured share;
/// `None` if no worker reaches `least`.
fn sign(what: &str, parts: &[SliceReport<'_>], measure: impl Fn(&Health) -> f64, least: f64) -> Option<String> {
    let mut shards: Vec<u32> = Vec::new();
    let mut worst = 0.0_f64;
    for (shard, health) in healths(parts).filter(|(_, health)| measure(health) >= least) {
        shards.push(shard);
        worst = worst.max(measure(health));
    }
    shards.sort_unstable();
    shards.dedup();
    let worst = (worst * 100.0).min(100.0).round();
    (!shards.is_empty()).then(|| format!("{} {what} {worst} % of the time", name_shards(&shards)))
}

/// The remedy for a worker without processor time, unless the fleet has a remedy of its own.
const PROCESSOR_HINT: &str = "use more workers, on hosts that have processors to spare";

/// Returns the slow steps of opening connections as text: ` (TLS to https://shop.example p99 is 150ms)`.
fn slow_steps(openings: &Openings) -> String {
    let mut slow = Vec::new();
    for (origin, opening) in openings.iter() {
        let steps = [
            ("resolve", &opening.resolve),
            ("connect", &opening.connect),
            ("TLS", &opening.tls),
        ];
        for (step, histogram) in steps {
            slow.extend(noted(&format!("{step} to {origin}"), histogram, histogram.len()));
        }
    }
    match slow.is_empty() {
        true => String::new(),
        false => format!(" ({})", slow.join(", ")),
    }
}

impl Generator {
    /// Judges the generator by the health of the workers and by the waits of all measured requests.
    pub(crate) fn judge(plan: &Plan, facts: &Facts, tally: &Tally, parts: &[SliceReport<'_>]) -> Generator {
        let mut found = Generator::default();
        let busy = sign("sent without a pause for", parts, busy, BUSY);
        let no_processor = sign("had no processor for", parts, waiting, WAITING);
        let throttled = |health: &Health| share(health.throttled.unwrap_or(0), health.load_wall);
        let throttled = sign("was throttled by its container for", parts, throttled, THROTTLED);
        let mut processor: Vec<String> = [busy, no_processor].into_iter().flatten().collect();
        let mut container: Vec<String> = throttled.into_iter().collect();
        if let Some(late) = lateness(&tally.lag) {
            match (processor.is_empty(), container.is_empty()) {
                (false, _) => processor.push(late),
                (true, false) => container.push(late),
                (true, true) => found.of_generator(vec![late], "the workers' machines stalled"),
            }
        }
        found.of_generator(processor, facts.processor_hint.unwrap_or(PROCESSOR_HINT));
        found.of_generator(container, "raise the processor limit of the container");
        found.judge_connections(plan, tally);
        found
    }

    fn judge_connections(&mut self, plan: &Plan, tally: &Tally) {
        let (lag, dropped) = (&tally.lag, tally.measured().dropped);
        let all = lag.generator.len();
        let waited = noted("waiting for a free connection", &lag.waiting, all);
        if waited.is_some() || dropped > 0 && !lag.waiting.is_empty() {
            let dropped = (dropped > 0).then(|| format!("{} arrivals were dropped", crate::show::count(dropped)));
            let signs: Vec<String> = waited.into_iter().chain(dropped).collect();
            let connections = plan.limits.connections;
            self.wait(
                &format!(
                    "{}: all of a worker's {connections} connections were in use",
                    signs.join(", ")
                ),
                "raise `limits: connections`?",
            );
        }
        if let Some(slow) = noted("opening a connection", &lag.opening, all) {
            let opens = |reuse: Reuse| reuse != Reuse::Kept;
            let mut reuses = (0..plan.requests.len()).map(|request| plan.reuse_of(request.into()));
            let fresh = match reuses.any(opens) {
                true => "the target, or the network to it, is slow to connect",
                false => "the target, or the network to it, is slow to connect, and connections had to be opened again",
            };
            let steps = slow_steps(&tally.openings);
            self.wait(&format!("{slow}{steps}"), fresh);
        }
    }

    /// Returns a sentence for a run whose rate the generator did not limit; `None` if the generator limited the rate.
    pub(crate) fn kept_up(&self) -> Option<&'static str> {
        (!self.bound).then_some("There is no sign that the generator was limited.")
    }

    fn of_generator(&mut self, signs: Vec<String>, advice: &str) {
        if signs.is_empty() {
            return;
        }
        self.bound = true;
        self.notes
            .push(format!("generator-bound: {}; {advice}", signs.join("; ")));
        self.signs.extend(signs);
    }

    fn wait(&mut self, what: &str, advice: &str) {
        self.notes.push(format!("{what}; {advice}"));
        self.waits.push(what.to_owned());
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
    fn shares_are_relative_to_the_time_of_the_load() {
        let calm = health(20 * SECOND, SECOND, None);
        assert!((busy(&calm) - 0.2).abs() < 1e-9 && (waiting(&calm) - 0.01).abs() < 1e-9);
        assert_eq!(busy(&Health::default()), 0.0, "a worker without a load");
    }

    #[test]
    fn lag_is_noted_only_with_enough_late_arrivals() {
        let lag = |calm: u64, late: u64| {
            let mut lag = Histogram::default();
            (0..calm).for_each(|_| lag.record(100_000));
            (0..late).for_each(|_| lag.record(50_000_000));
            let (noted, among) = (super::noted("lag", &lag, lag.len()), calm + late);
            // The result is the same if the histogram contains only the arrivals that waited.
            let mut waited = Histogram::default();
            (0..late).for_each(|_| waited.record(50_000_000));
            assert_eq!(super::noted("lag", &waited, among), noted);
            noted
        };
        assert_eq!(lag(39, 1), None, "one of 40");
        assert_eq!(lag(20, 20).as_deref(), None, "half of 40");
        assert_eq!(lag(10, 30).as_deref(), Some("lag p50 is 50ms"));
        assert_eq!(lag(170, 30).as_deref(), Some("lag p90 is 50ms"));
        assert_eq!(lag(970, 30).as_deref(), Some("lag p99 is 50ms"));
        assert_eq!(lag(0, 19), None);
    }
}
