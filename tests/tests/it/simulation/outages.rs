//! Outages of the simulated store.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::{Faults, Op, StoreError};
use tokio::time::Instant;

/// A period of time in which some operations of the store fail.
#[derive(Clone, Debug)]
pub(crate) struct Outage {
    pub from: Duration,
    pub to: Duration,
    pub ops: &'static [Op],
    /// The text that the keys of failing operations contain.
    pub keys: &'static str,
    /// The percentage of the affected operations that fail.
    pub percent: u32,
}

pub(crate) const ALL: &[Op] = &[Op::Put, Op::PutNew, Op::Get, Op::List];

impl Outage {
    pub(crate) fn new(ops: &'static [Op], keys: &'static str, from: Duration, to: Duration) -> Outage {
        Outage {
            from,
            to,
            ops,
            keys,
            percent: 100,
        }
    }

    /// Returns whether the outage affects an operation on a key.
    pub(crate) fn hits(&self, op: Op, key: &str) -> bool {
        self.ops.contains(&op) && key.contains(self.keys)
    }
}

/// A switch that selects which operations of the store fail.
#[derive(Clone, Debug)]
pub(crate) struct FaultSwitch {
    state: Arc<AtomicU8>,
    started: Arc<Mutex<Option<Duration>>>,
}

impl FaultSwitch {
    pub(crate) const OUTAGES: u8 = 0;
    pub(crate) const NONE: u8 = 1;
    /// The position of the switch in which each read fails with a probability of one half. Failed reads change the
    /// order in which objects are read.
    pub(crate) const SHUFFLED: u8 = 2;

    pub(crate) fn set(&self, state: u8) {
        self.state.store(state, Ordering::Relaxed);
    }

    /// Returns the time at which the start of the run was written; `None` if the start was not written.
    pub(crate) fn started(&self) -> Option<Duration> {
        *self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates the faults of a store from the outages of a world. The times of the outages are measured from this call.
    /// No operation fails before the paused clock has moved.
    pub(crate) fn new(seed: u64, outages: &[Outage]) -> (FaultSwitch, Faults) {
        let switch = FaultSwitch {
            state: Arc::new(AtomicU8::new(FaultSwitch::OUTAGES)),
            started: Arc::default(),
        };
        let (epoch, outages) = (Instant::now(), outages.to_vec());
        let (state, started) = (switch.state.clone(), switch.started.clone());
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        let faults: Faults = Arc::new(move |op, key| {
            let now = epoch.elapsed();
            let mut random = random.lock().unwrap_or_else(PoisonError::into_inner);
            let fails = match state.load(Ordering::Relaxed) {
                FaultSwitch::OUTAGES => outages.iter().any(|outage| {
                    let is_active = now > Duration::ZERO && (outage.from..outage.to).contains(&now);
                    is_active && outage.hits(op, key) && random.random_range(0..100) < outage.percent
                }),
                FaultSwitch::SHUFFLED => op == Op::Get && random.random_bool(0.5),
                _ => false,
            };
            if op == Op::PutNew && key.ends_with("/start") && !fails {
                let mut started = started.lock().unwrap_or_else(PoisonError::into_inner);
                started.get_or_insert(now);
            }
            fails.then(|| StoreError::Busy {
                place: "memory".to_owned(),
                code: "SlowDown".to_owned(),
                source: None,
            })
        });
        (switch, faults)
    }
}
