//! A small fleet whose workers are threads of the launcher's process.

use fleet::fleet::{
    Batch, Capabilities, Events, FailureKind, Fleet, FleetError, FleetKind, Opening, Pending, Placed, WorkerEvent,
};
use fleet::gather::SliceId;
use fleet::local::allow;
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Location, RunStore};
use tokio::time::Instant;
use worker::client::Client;
use worker::clock::Clock;
use worker::host::{Host, Placement};
use worker::notice::Notice;
use worker::secrets::Account;
use worker::shard;

/// The kind of fleet that `--fleet threads` selects.
#[derive(Clone, Copy, Debug)]
pub struct Kind;

impl FleetKind for Kind {
    fn name(&self) -> &'static str {
        "threads"
    }

    fn about(&self) -> &'static str {
        "Threads of this process"
    }

    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>> {
        let store = opening.store.clone();
        let withdrawn = Arc::default();
        Box::pin(async move { Ok(Arc::new(Threads { store, withdrawn }) as Arc<dyn Fleet>) })
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    workers_max: 8,
    lifetime: None,
    start_timeout: Duration::from_secs(10),
    snapshot_interval: Duration::from_secs(1),
    price: None,
    inspected: false,
    starts_workers: true,
    replaces_workers: false,
};

#[derive(Clone, Debug)]
struct Threads {
    store: Location,
    /// The withdrawn runs, whose workers no longer begin.
    withdrawn: Arc<Mutex<BTreeSet<String>>>,
}

fn lock(runs: &Mutex<BTreeSet<String>>) -> MutexGuard<'_, BTreeSet<String>> {
    runs.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Fleet for Threads {
    fn name(&self) -> &'static str {
        Kind.name()
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn start(&self, batch: Batch, events: &Events) {
        for worker in batch.workers {
            let (fleet, events) = (self.clone(), events.clone());
            std::thread::spawn(move || {
                let event = match fleet.see_through(&worker) {
                    Ok(()) => WorkerEvent::Ended(worker.slice_id()),
                    Err(error) => WorkerEvent::Failed(worker.slice_id(), error),
                };
                // If the launcher has ended, the send fails.
                let _ = events.send(event);
            });
        }
    }

    fn why(&self, _: SliceId) -> Pending<'_, Option<FleetError>> {
        Box::pin(async { None })
    }

    fn withdraw(&self, run: &str, _: bool) -> Pending<'_, ()> {
        lock(&self.withdrawn).insert(run.to_owned());
        Box::pin(async {})
    }
}

impl Threads {
    fn see_through(&self, worker: &Placed) -> Result<(), FleetError> {
        let refused = |problem: String| FleetError::new(FailureKind::Refused, problem);
        if lock(&self.withdrawn).contains(&worker.assignment.run) {
            return Err(refused("it was withdrawn before it began".to_owned()));
        }
        let host = Host {
            name: format!("thread {:?}", std::thread::current().id()),
            clock: Clock::tie(0),
            began: Instant::now(),
            deadline: None,
            notice: Notice::never(),
            threads: NonZeroUsize::MIN,
            placement: Placement::OwnThread,
            hand_over: None,
            allow: Arc::new(allow()?),
            secrets: Arc::new(Account::default()),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| refused(error.to_string()))?;
        runtime.block_on(async {
            let store = RunStore::open(&self.store).await;
            let store = store.map_err(|error| refused(error.to_string()))?;
            let ended = shard::run(&store, &worker.assignment, &host, Client::new).await;
            ended
                .map(drop)
                .map_err(|error| FleetError::new(FailureKind::Died, error))
        })
    }
}
