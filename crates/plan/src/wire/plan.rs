//! The stored form of a plan: the document `plan.json`.

use super::cost::PlannedCost;
use super::flow::Flow;
use super::load::Load;
use super::request::{Feed, MixOrder, Request};
use super::threshold::{AbortRule, Threshold};
use super::transport::{Limits, Tls, Transport};
use super::{each, hosts, try_each};
use crate::hosts::Hosts;
use crate::plan::{self, PLAN, PLAN_BYTES_MAX};
use crate::secret::Reference;
use crate::{region, rules, scenario};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::time::Duration;
use tally::format::FormatError;
use tally::wire::Text;

/// The stored form of a plan. Later versions added the optional fields.
#[derive(Serialize, Deserialize)]
struct Plan {
    format: u32,
    run: String,
    scenario: String,
    created: u64,
    seed: u64,
    fleet: String,
    shards: u32,
    slices: Vec<Slice>,
    /// The load of a plan whose only population has no name. A plan with other populations uses neither this field nor
    /// the fields `mix` and `transport`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    load: Option<Load>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    populations: Vec<Population>,
    targets: Vec<String>,
    #[serde(default, skip_serializing_if = "MixOrder::is_drawn", with = "MixOrder")]
    mix: scenario::MixOrder,
    requests: Vec<Request>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flows: Vec<Flow>,
    feeds: Vec<Feed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<Text<Reference>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<Request>,
    thresholds: Vec<Threshold>,
    limits: Limits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transport: Option<Transport>,
    #[serde(default, skip_serializing_if = "Hosts::is_empty", with = "hosts")]
    hosts: Hosts,
    #[serde(default, skip_serializing_if = "Tls::is_empty")]
    tls: Tls,
    #[serde(default)]
    abort_if: Vec<AbortRule>,
    #[serde(default)]
    regions: Vec<PlacedRegion>,
    data: Vec<String>,
    timing: Timing,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<PlannedCost>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
}

impl plan::Plan {
    /// Encodes the plan in its stored form.
    pub fn encode(&self) -> Vec<u8> {
        let stored = Plan::from(self.clone());
        serde_json::to_vec_pretty(&stored).unwrap_or_else(|_| unreachable!("a plan is always JSON"))
    }

    /// Reads a plan from its stored form.
    ///
    /// # Errors
    /// Fails if the document is newer than this version, is damaged, or violates a rule of [`crate::rules`].
    pub fn decode(json: &[u8]) -> Result<plan::Plan, FormatError> {
        if json.len() > PLAN_BYTES_MAX {
            return Err(PLAN.damaged(format!("it is longer than {PLAN_BYTES_MAX} bytes")));
        }
        let stored: Plan = PLAN.read(json)?;
        stored.try_into().map_err(|problem: String| PLAN.damaged(problem))
    }
}

impl From<plan::Plan> for Plan {
    fn from(plan: plan::Plan) -> Plan {
        let plan::Plan {
            format,
            run,
            scenario,
            created,
            seed,
            fleet,
            shards,
            slices,
            populations,
            targets,
            requests,
            flows,
            feeds,
            secrets,
            tokens,
            thresholds,
            limits,
            hosts,
            tls,
            abort_if,
            regions,
            data,
            timing,
            cost,
            source,
        } = plan;
        let (only, populations) = match <[scenario::Population; 1]>::try_from(populations) {
            Ok([only]) if only.name.is_empty() => (Some(only), Vec::new()),
            Ok([named]) => (None, vec![named]),
            Err(several) => (None, several),
        };
        Plan {
            format,
            run,
            scenario,
            created,
            seed,
            fleet,
            shards,
            slices: each(slices),
            mix: only.as_ref().map(|only| only.mix_order).unwrap_or_default(),
            transport: only.as_ref().map(|only| only.transport.into()),
            load: only.map(|only| only.load.into()),
            populations: each(populations),
            targets,
            requests: each(requests),
            flows: each(flows),
            feeds: each(feeds),
            secrets: secrets.into_iter().map(Text).collect(),
            tokens: each(tokens),
            thresholds: each(thresholds),
            limits: limits.into(),
            hosts,
            tls: tls.into(),
            abort_if: each(abort_if),
            regions: each(regions),
            data,
            timing: timing.into(),
            cost: cost.map(PlannedCost::from),
            source,
        }
    }
}

/// Converts a stored plan. The conversion fails if the plan violates a rule.
impl TryFrom<Plan> for plan::Plan {
    type Error = String;

    fn try_from(stored: Plan) -> Result<plan::Plan, String> {
        let populations = match stored.load {
            Some(load) if stored.populations.is_empty() => vec![scenario::Population {
                name: String::new(),
                load: load.into(),
                mix_order: stored.mix,
                transport: stored.transport.map(Into::into).unwrap_or_default(),
                requests: 0..stored.requests.len(),
                flows: 0..stored.flows.len(),
            }],
            Some(_) => return Err("it has both `load` and `populations`".to_owned()),
            None => each(stored.populations),
        };
        let plan = plan::Plan {
            format: stored.format,
            run: stored.run,
            scenario: stored.scenario,
            created: stored.created,
            seed: stored.seed,
            fleet: stored.fleet,
            shards: stored.shards,
            slices: each(stored.slices),
            populations,
            targets: stored.targets,
            requests: try_each(stored.requests)?,
            flows: try_each(stored.flows)?,
            feeds: each(stored.feeds),
            secrets: stored.secrets.into_iter().map(|secret| secret.0).collect(),
            tokens: try_each(stored.tokens)?,
            thresholds: each(stored.thresholds),
            limits: stored.limits.into(),
            hosts: stored.hosts,
            tls: stored.tls.into(),
            abort_if: each(stored.abort_if),
            regions: each(stored.regions),
            data: stored.data,
            timing: stored.timing.into(),
            cost: stored.cost.map(Into::into),
            source: stored.source,
        };
        rules::check(&plan)?;
        Ok(plan)
    }
}

#[derive(Serialize, Deserialize)]
struct Population {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    load: Load,
    #[serde(default, skip_serializing_if = "MixOrder::is_drawn", with = "MixOrder")]
    mix: scenario::MixOrder,
    transport: Transport,
    requests: Range<usize>,
    flows: Range<usize>,
}

impl From<scenario::Population> for Population {
    fn from(population: scenario::Population) -> Population {
        let scenario::Population {
            name,
            load,
            mix_order,
            transport,
            requests,
            flows,
        } = population;
        Population {
            name,
            load: load.into(),
            mix: mix_order,
            transport: transport.into(),
            requests,
            flows,
        }
    }
}

impl From<Population> for scenario::Population {
    fn from(stored: Population) -> scenario::Population {
        scenario::Population {
            name: stored.name,
            load: stored.load.into(),
            mix_order: stored.mix,
            transport: stored.transport.into(),
            requests: stored.requests,
            flows: stored.flows,
        }
    }
}

/// The stored form of a slice. For a plan with one population, `arrivals` is set. For a plan with several populations,
/// `arrivals_of` is set.
#[derive(Serialize, Deserialize)]
struct Slice {
    from: u64,
    to: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arrivals: Option<Range<u64>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    arrivals_of: Vec<Range<u64>>,
}

impl From<plan::Slice> for Slice {
    fn from(slice: plan::Slice) -> Slice {
        let plan::Slice { from, to, arrivals } = slice;
        let (arrivals, arrivals_of) = match <[Range<u64>; 1]>::try_from(arrivals) {
            Ok([only]) => (Some(only), Vec::new()),
            Err(several) => (None, several),
        };
        Slice {
            from,
            to,
            arrivals,
            arrivals_of,
        }
    }
}

impl From<Slice> for plan::Slice {
    fn from(stored: Slice) -> plan::Slice {
        plan::Slice {
            from: stored.from,
            to: stored.to,
            arrivals: stored.arrivals.into_iter().chain(stored.arrivals_of).collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct PlacedRegion {
    name: String,
    shards: Vec<u32>,
}

impl From<region::PlacedRegion> for PlacedRegion {
    fn from(region: region::PlacedRegion) -> PlacedRegion {
        let region::PlacedRegion { name, shards } = region;
        PlacedRegion { name, shards }
    }
}

impl From<PlacedRegion> for region::PlacedRegion {
    fn from(stored: PlacedRegion) -> region::PlacedRegion {
        region::PlacedRegion {
            name: stored.name,
            shards: stored.shards,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Timing {
    snapshot_interval: Duration,
    start_timeout: Duration,
    workers_min: u32,
    #[serde(default)]
    restripe: bool,
    #[serde(default)]
    dead_man: Option<Duration>,
}

impl From<plan::RunTiming> for Timing {
    fn from(timing: plan::RunTiming) -> Timing {
        let plan::RunTiming {
            snapshot_interval,
            start_timeout,
            workers_min,
            restripe,
            dead_man,
        } = timing;
        Timing {
            snapshot_interval,
            start_timeout,
            workers_min,
            restripe,
            dead_man,
        }
    }
}

impl From<Timing> for plan::RunTiming {
    fn from(stored: Timing) -> plan::RunTiming {
        plan::RunTiming {
            snapshot_interval: stored.snapshot_interval,
            start_timeout: stored.start_timeout,
            workers_min: stored.workers_min,
            restripe: stored.restripe,
            dead_man: stored.dead_man,
        }
    }
}
