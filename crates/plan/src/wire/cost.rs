//! The stored form of the expected cost of a run.

use super::each;
use super::prices::PriceTable;
use crate::cost;
use crate::cost::money::Money;
use serde::{Deserialize, Serialize};
use tally::wire::account::Requests;

/// The stored form of the expected cost of a run, and of the data from which the actual cost is computed.
#[derive(Serialize, Deserialize)]
pub(super) struct PlannedCost {
    fleet: FleetShape,
    prices: PriceTable,
    unpriced: Vec<String>,
    estimate: Bill,
    slice_ms: Vec<u64>,
    slice_requests: Vec<Requests>,
    launcher: Requests,
    request_bytes: Vec<u64>,
    connecting_bytes: u64,
}

impl From<cost::PlannedCost> for PlannedCost {
    fn from(cost: cost::PlannedCost) -> PlannedCost {
        let cost::PlannedCost {
            fleet,
            prices,
            unpriced,
            estimate,
            slice_ms,
            slice_requests,
            launcher,
            request_bytes,
            connecting_bytes,
        } = cost;
        PlannedCost {
            fleet: fleet.into(),
            prices: prices.into(),
            unpriced,
            estimate: estimate.into(),
            slice_ms,
            slice_requests: each(slice_requests),
            launcher: launcher.into(),
            request_bytes,
            connecting_bytes,
        }
    }
}

impl From<PlannedCost> for cost::PlannedCost {
    fn from(stored: PlannedCost) -> cost::PlannedCost {
        cost::PlannedCost {
            fleet: stored.fleet.into(),
            prices: stored.prices.into(),
            unpriced: stored.unpriced,
            estimate: stored.estimate.into(),
            slice_ms: stored.slice_ms,
            slice_requests: each(stored.slice_requests),
            launcher: stored.launcher.into(),
            request_bytes: stored.request_bytes,
            connecting_bytes: stored.connecting_bytes,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct FleetShape {
    store_region: String,
    functions: Vec<FunctionShape>,
}

impl From<cost::FleetShape> for FleetShape {
    fn from(fleet: cost::FleetShape) -> FleetShape {
        let cost::FleetShape {
            store_region,
            functions,
        } = fleet;
        FleetShape {
            store_region,
            functions: each(functions),
        }
    }
}

impl From<FleetShape> for cost::FleetShape {
    fn from(stored: FleetShape) -> cost::FleetShape {
        cost::FleetShape {
            store_region: stored.store_region,
            functions: each(stored.functions),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct FunctionShape {
    region: String,
    memory_mb: u32,
    #[serde(with = "Architecture")]
    architecture: cost::Architecture,
    #[serde(default)]
    shards: Vec<u32>,
}

impl From<cost::FunctionShape> for FunctionShape {
    fn from(function: cost::FunctionShape) -> FunctionShape {
        let cost::FunctionShape {
            region,
            memory_mb,
            architecture,
            shards,
        } = function;
        FunctionShape {
            region,
            memory_mb,
            architecture,
            shards,
        }
    }
}

impl From<FunctionShape> for cost::FunctionShape {
    fn from(stored: FunctionShape) -> cost::FunctionShape {
        cost::FunctionShape {
            region: stored.region,
            memory_mb: stored.memory_mb,
            architecture: stored.architecture,
            shards: stored.shards,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "cost::Architecture", rename_all = "snake_case")]
enum Architecture {
    Arm64,
    // AWS uses the name `x86_64`. The case rule of serde would not produce this name.
    #[serde(rename = "x86_64")]
    X86,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "cost::CostItem", rename_all = "snake_case")]
enum Item {
    Arm64Time,
    X86Time,
    Invocations,
    PutsAndLists,
    Gets,
    BytesToInternet,
    BytesToOtherRegion,
}

#[derive(Serialize, Deserialize)]
struct Bill {
    lines: Vec<Line>,
}

impl From<cost::Bill> for Bill {
    fn from(bill: cost::Bill) -> Bill {
        let cost::Bill { lines } = bill;
        Bill { lines: each(lines) }
    }
}

impl From<Bill> for cost::Bill {
    fn from(stored: Bill) -> cost::Bill {
        cost::Bill {
            lines: each(stored.lines),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(with = "Item")]
    item: cost::CostItem,
    region: String,
    quantity: u64,
    /// The cost of the item in nano-dollars.
    cost: u64,
}

impl From<cost::BillLine> for Line {
    fn from(line: cost::BillLine) -> Line {
        let cost::BillLine {
            item,
            region,
            quantity,
            cost,
        } = line;
        Line {
            item,
            region,
            quantity,
            cost: cost.as_nanodollars(),
        }
    }
}

impl From<Line> for cost::BillLine {
    fn from(stored: Line) -> cost::BillLine {
        cost::BillLine {
            item: stored.item,
            region: stored.region,
            quantity: stored.quantity,
            cost: Money::nanodollars(stored.cost),
        }
    }
}
