//! The billable usage of a run: the quantities that are used in each region, and their cost.
//!
//! [`crate::usage`] estimates the [`Usage`] of a run before the run, and computes the usage after the run. One price
//! table converts each usage to a [`Bill`]. All arithmetic with prices, billed units and money is in this module and in
//! [`crate::usage`]. Other crates only display the results. The bill does not include the storage of the objects, the
//! three log lines of an invocation, or a NAT gateway in front of functions in a VPC. Each of these costs is tiny, or
//! is not caused by the run alone. A run of 200 workers for 15 minutes stores some 200 MB, which costs half a cent a
//! month.

pub mod money;
pub mod prices;

use money::Money;
use prices::{Price, PriceTable, RegionPrices};
use std::collections::BTreeMap;
use tally::account::Requests;

/// The processor architecture of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    Arm64,
    X86,
}

impl Architecture {
    /// Returns the item under which the time of a function with this architecture is billed.
    pub fn item(self) -> CostItem {
        match self {
            Architecture::Arm64 => CostItem::Arm64Time,
            Architecture::X86 => CostItem::X86Time,
        }
    }
}

/// The deployed function of one region, and the shards that run on this function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionShape {
    pub region: String,
    pub memory_mb: u32,
    pub architecture: Architecture,
    /// The shards that run on this function. An empty list means all shards that are not in the list of another
    /// function.
    pub shards: Vec<u32>,
}

/// The properties of a fleet that affect the cost of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetShape {
    /// The region of the store.
    pub store_region: String,
    /// The functions that run the workers; at least one.
    pub functions: Vec<FunctionShape>,
}

impl FleetShape {
    /// Returns the shape of a fleet with one function, which is in the same region as the store.
    pub fn single(region: &str, memory_mb: u32, architecture: Architecture) -> FleetShape {
        FleetShape {
            store_region: region.to_owned(),
            functions: vec![FunctionShape {
                region: region.to_owned(),
                memory_mb,
                architecture,
                shards: Vec::new(),
            }],
        }
    }

    /// Returns the function on which a shard runs.
    pub fn function(&self, shard: u32) -> &FunctionShape {
        let named = self.functions.iter().find(|function| function.shards.contains(&shard));
        let rest = || self.functions.iter().find(|function| function.shards.is_empty());
        named.or_else(rest).unwrap_or(&self.functions[0])
    }

    /// Returns the number of shards on each function if the run has `shards` shards in total.
    pub(crate) fn workers(&self, shards: u32) -> Vec<u32> {
        let named: usize = self.functions.iter().map(|function| function.shards.len()).sum();
        let rest = shards.saturating_sub(named as u32);
        self.functions
            .iter()
            .map(|function| match function.shards.len() {
                0 => rest,
                named => named as u32,
            })
            .collect()
    }

    /// Returns the region of each function, and then the region of the store. A region can occur several times.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        let functions = self.functions.iter().map(|function| function.region.as_str());
        functions.chain([self.store_region.as_str()])
    }
}

/// An item that a cloud provider bills. Each item has its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CostItem {
    /// The billed time of functions, in MB-milliseconds.
    Arm64Time,
    X86Time,
    Invocations,
    /// The number of requests to the store.
    PutsAndLists,
    Gets,
    /// The number of bytes that leave a region.
    BytesToInternet,
    BytesToOtherRegion,
}

/// The number of MB-milliseconds in a GB-second. AWS bills 1,024 MB as a GB.
const MB_MS_PER_GB_S: u64 = 1_024 * 1_000;
/// The number of bytes in a GB, as AWS bills them.
pub const GB: u64 = 1 << 30;

/// Returns the billed time of functions in tenths of a GB-second, rounded up.
pub fn gb_second_tenths(mb_milliseconds: u64) -> u64 {
    mb_milliseconds.div_ceil(MB_MS_PER_GB_S / 10)
}

impl CostItem {
    /// Returns the price of the item, and the number of units to which the price applies.
    fn price(self, prices: &RegionPrices) -> (Price, u64) {
        match self {
            CostItem::Arm64Time => (prices.gb_second_arm64, MB_MS_PER_GB_S),
            CostItem::X86Time => (prices.gb_second_x86_64, MB_MS_PER_GB_S),
            CostItem::Invocations => (prices.million_invocations, 1_000_000),
            CostItem::PutsAndLists => (prices.thousand_puts_and_lists, 1_000),
            CostItem::Gets => (prices.thousand_gets, 1_000),
            CostItem::BytesToInternet => (prices.gb_to_internet, GB),
            CostItem::BytesToOtherRegion => (prices.gb_to_other_region, GB),
        }
    }

    /// Converts a quantity of the item to the unit in which a bill shows the item. Returns the converted quantity and
    /// the name of the unit.
    pub fn in_billed_unit(self, quantity: u64) -> (f64, &'static str) {
        let quantity = quantity as f64;
        match self {
            CostItem::Arm64Time | CostItem::X86Time => (quantity / MB_MS_PER_GB_S as f64, "GB-s"),
            CostItem::Invocations => (quantity, "invocations"),
            CostItem::PutsAndLists | CostItem::Gets => (quantity, "requests"),
            CostItem::BytesToInternet | CostItem::BytesToOtherRegion => (quantity / GB as f64, "GB"),
        }
    }
}

/// The quantity of each billed item in each region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage(BTreeMap<(CostItem, String), u64>);

impl Usage {
    /// Adds a quantity of an item to the usage in `region`.
    pub fn add(&mut self, item: CostItem, region: &str, quantity: u64) {
        let sum = self.0.entry((item, region.to_owned())).or_default();
        *sum = sum.saturating_add(quantity);
    }

    /// Adds one invocation of a function. The billed time of the invocation is `milliseconds`.
    pub fn add_invocation(&mut self, function: &FunctionShape, memory_mb: u32, milliseconds: u64) {
        self.add_invocations(function, memory_mb, milliseconds, 1);
    }

    /// Adds several invocations of a function. The billed time of all these invocations together is `milliseconds`.
    pub fn add_invocations(&mut self, function: &FunctionShape, memory_mb: u32, milliseconds: u64, invocations: u64) {
        let time = u64::from(memory_mb).saturating_mul(milliseconds);
        self.add(function.architecture.item(), &function.region, time);
        self.add(CostItem::Invocations, &function.region, invocations);
    }

    /// Adds the requests that a worker in `region` sent to a store in `store_region`. Traffic between two regions is
    /// billed in the region from which the traffic leaves.
    pub fn add_worker_requests(&mut self, requests: &Requests, region: &str, store_region: &str) {
        self.add_requests(requests, store_region);
        if region != store_region {
            self.add(CostItem::BytesToOtherRegion, region, requests.written_bytes);
            self.add(CostItem::BytesToOtherRegion, store_region, requests.read_bytes);
        }
    }

    /// Adds the requests of the launcher to the store. The launcher runs outside AWS, so the bytes that the launcher
    /// reads are billed as traffic to the Internet.
    pub fn add_launcher_requests(&mut self, requests: &Requests, store_region: &str) {
        self.add_requests(requests, store_region);
        self.add(CostItem::BytesToInternet, store_region, requests.read_bytes);
    }

    fn add_requests(&mut self, requests: &Requests, store_region: &str) {
        self.add(
            CostItem::PutsAndLists,
            store_region,
            requests.writes.saturating_add(requests.lists),
        );
        self.add(CostItem::Gets, store_region, requests.reads);
    }

    /// Returns the quantity of an item in all regions together.
    pub fn of(&self, item: CostItem) -> u64 {
        let quantities = self.0.iter().filter(|((other, _), _)| *other == item);
        quantities.fold(0, |sum, (_, quantity)| sum.saturating_add(*quantity))
    }

    /// Returns the bill for this usage with the given prices.
    pub fn bill(&self, prices: &PriceTable) -> Bill {
        let lines = self
            .0
            .iter()
            .filter(|(_, quantity)| **quantity > 0)
            .map(|((item, region), quantity)| {
                let (price, unit) = item.price(&prices.or_highest(region));
                BillLine {
                    item: *item,
                    region: region.clone(),
                    quantity: *quantity,
                    cost: price.of(*quantity, unit),
                }
            });
        Bill { lines: lines.collect() }
    }
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillLine {
    pub item: CostItem,
    pub region: String,
    pub quantity: u64,
    /// The cost of the item in nano-dollars, rounded up.
    pub cost: Money,
}

/// A bill: each used item with its quantity and its cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    pub lines: Vec<BillLine>,
}

impl Bill {
    /// Returns the sum of the costs of all lines.
    pub fn total(&self) -> Money {
        self.lines.iter().map(|line| line.cost).sum()
    }
}

/// The expected cost of a run, and the data from which the actual cost is computed after the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedCost {
    pub fleet: FleetShape,
    /// The prices of the run's regions.
    pub prices: PriceTable,
    /// The regions for which the prices are not known. For these regions, the highest known prices are used.
    pub unpriced: Vec<String>,
    pub estimate: Bill,
    /// For each slice, the expected duration of a worker in milliseconds, and the expected requests of a worker to the
    /// store.
    pub slice_ms: Vec<u64>,
    pub slice_requests: Vec<Requests>,
    /// The expected requests of the launcher to the store.
    pub launcher: Requests,
    /// For each request, in the order of the plan, the number of bytes that are sent for one request.
    pub request_bytes: Vec<u64>,
    /// The number of bytes that a worker sends to open its connections.
    pub connecting_bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_equals_a_manual_calculation() {
        let mut usage = Usage::default();
        let fleet = FleetShape::single("us-east-1", 1_769, Architecture::Arm64);
        // Ten workers of 1,769 MB are each billed for 60,001 ms. The sum is 1,061,417,690 MB-ms, or 1,036,540.7129 /
        // 1,000 GB-s.
        for _ in 0..10 {
            usage.add_invocation(&fleet.functions[0], 1_769, 60_001);
        }
        usage.add(CostItem::PutsAndLists, "us-east-1", 1_234);
        usage.add(CostItem::Gets, "us-east-1", 56_789);
        usage.add(CostItem::BytesToInternet, "us-east-1", 3 * GB / 2);
        let bill = usage.bill(&PriceTable::builtin());
        let costs: Vec<(CostItem, u64)> = bill
            .lines
            .iter()
            .map(|line| (line.item, line.cost.as_nanodollars()))
            .collect();
        assert_eq!(
            costs,
            [
                // The time costs 1,061,417,690 / 1,024,000 x 13,333.4 = 13,820,611.9… nano-dollars.
                (CostItem::Arm64Time, 13_820_612),
                // 10 invocations cost 200 nano-dollars each.
                (CostItem::Invocations, 2_000),
                // 1,234 requests that write or list cost 5,000 nano-dollars each.
                (CostItem::PutsAndLists, 6_170_000),
                // 56,789 requests that read cost 400 nano-dollars each.
                (CostItem::Gets, 22_715_600),
                // 1.5 GB cost 90,000,000 nano-dollars per GB.
                (CostItem::BytesToInternet, 135_000_000),
            ]
        );
        assert_eq!(bill.total().as_nanodollars(), 177_708_212);
        assert_eq!(bill.total().to_string(), "$0.178");
    }

    #[test]
    fn quantities_have_the_unit_of_their_price() {
        assert_eq!(CostItem::Arm64Time.in_billed_unit(1_024 * 1_500), (1.5, "GB-s"));
        assert_eq!(CostItem::Gets.in_billed_unit(1_500), (1_500.0, "requests"));
        assert_eq!(CostItem::BytesToInternet.in_billed_unit(3 * GB / 2), (1.5, "GB"));
        assert_eq!(gb_second_tenths(1_024 * 1_500), 15);
        assert_eq!(gb_second_tenths(1_024 * 1_500 + 1), 16);
    }

    #[test]
    fn x86_and_another_region_have_their_own_prices() {
        let mut usage = Usage::default();
        let function = FunctionShape {
            region: "eu-central-1".to_owned(),
            memory_mb: 1_024,
            architecture: Architecture::X86,
            shards: Vec::new(),
        };
        // The use of 1 GB for 900 s is 900 GB-s, which cost 900 x 16,666.7 = 15,000,030 nano-dollars.
        usage.add_invocation(&function, 1_024, 900_000);
        let requests = Requests {
            writes: 180,
            lists: 20,
            reads: 1_000,
            written_bytes: GB,
            read_bytes: GB / 2,
        };
        // The store is in us-east-1, so requests to the store have the prices of us-east-1. The bytes that a worker in
        // eu-central-1 writes leave eu-central-1, and the bytes that this worker reads leave us-east-1.
        usage.add_worker_requests(&requests, "eu-central-1", "us-east-1");
        usage.add_worker_requests(&requests, "us-east-1", "us-east-1");
        let bill = usage.bill(&PriceTable::builtin());
        let line = |item, region: &str| {
            let found = bill
                .lines
                .iter()
                .find(|line| line.item == item && line.region == region);
            found.map(|line| line.cost.as_nanodollars())
        };
        assert_eq!(line(CostItem::X86Time, "eu-central-1"), Some(15_000_030));
        assert_eq!(line(CostItem::PutsAndLists, "us-east-1"), Some(400 * 5_000));
        assert_eq!(line(CostItem::Gets, "us-east-1"), Some(2_000 * 400));
        assert_eq!(line(CostItem::BytesToOtherRegion, "eu-central-1"), Some(20_000_000));
        assert_eq!(line(CostItem::BytesToOtherRegion, "us-east-1"), Some(10_000_000));
        assert_eq!(line(CostItem::PutsAndLists, "eu-central-1"), None);
        assert_eq!(
            bill.total().as_nanodollars(),
            15_000_030 + 200 + 2_000_000 + 800_000 + 30_000_000
        );
    }

    #[test]
    fn a_shard_runs_on_the_function_that_lists_it_or_on_the_default() {
        let function = |region: &str, shards: &[u32]| FunctionShape {
            region: region.to_owned(),
            memory_mb: 1_769,
            architecture: Architecture::Arm64,
            shards: shards.to_vec(),
        };
        let fleet = FleetShape {
            store_region: "us-east-1".to_owned(),
            functions: vec![function("us-east-1", &[]), function("eu-west-1", &[1, 3])],
        };
        let regions: Vec<&str> = (0..5).map(|shard| fleet.function(shard).region.as_str()).collect();
        assert_eq!(
            regions,
            ["us-east-1", "eu-west-1", "us-east-1", "eu-west-1", "us-east-1"]
        );
    }
}
