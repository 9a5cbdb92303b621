//! A fleet of simulated hosts on which workers run. The hosts have the faults that the world of a run describes.

use super::truth::{Scripted, Truth};
use super::world::{Invocation, Reply, WorkerNumber, World, population_of};
use fleet::fleet::{Batch, Capabilities, Events, FailureKind, Fleet, FleetError, Pending, WorkerEvent};
use fleet::gather::RunRecord;
use fleet::gather::SliceId;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::RunStore;
use tokio::sync::{mpsc, oneshot};
use tokio::task::LocalSet;
use tokio::time::Instant;
use worker::allow::Allow;
use worker::assignment::Assignment;
use worker::clock::Clock;
use worker::engine::Share;
use worker::hand_over::{HandOver, HandingOver};
use worker::host::{Host, Placement};
use worker::notice::Notice;
use worker::secrets::Account;
use worker::shard::{self, Ended};

type WorkerResult = Result<(), FleetError>;

const CAPABILITIES: Capabilities = Capabilities {
    workers_max: 100,
    lifetime: None,
    start_timeout: Duration::from_secs(60),
    snapshot_interval: Duration::from_secs(1),
    price: None,
    inspected: false,
    starts_workers: true,
    replaces_workers: false,
};

/// The simulated fleet. The fleet sends each assignment of a worker to the task that starts the workers.
#[derive(Debug)]
pub(crate) struct Hosts(mpsc::UnboundedSender<(Assignment, oneshot::Sender<WorkerResult>)>);

impl Fleet for Hosts {
    fn name(&self) -> &'static str {
        "simulated"
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn start(&self, batch: Batch, events: &Events) {
        for worker in batch.workers {
            let slice_id = worker.slice_id();
            let (reply_sender, reply) = oneshot::channel();
            // If the task that starts the workers has ended, the send fails and no worker starts.
            let _ = self.0.send((worker.assignment, reply_sender));
            let events = events.clone();
            tokio::spawn(async move {
                let Ok(result) = reply.await else { return };
                let _ = events.send(match result {
                    Ok(()) => WorkerEvent::Ended(slice_id),
                    Err(error) => WorkerEvent::Failed(slice_id, error),
                });
            });
        }
    }

    fn why(&self, _: SliceId) -> Pending<'_, Option<FleetError>> {
        Box::pin(async { None })
    }

    /// A simulated worker begins immediately, so a withdrawn run has no worker that is yet to begin.
    fn withdraw(&self, _: &str, _: bool) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

/// The life of one worker, with which the invariants are checked.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub slice_id: SliceId,
    pub number: WorkerNumber,
    pub from: Duration,
    pub to: Option<Duration>,
    /// The result of the worker; `None` if the worker was killed or is running.
    pub ended: Option<Result<Ended, String>>,
}

/// The state that all parts of a simulation share.
#[derive(Clone, Debug)]
pub(crate) struct Simulation {
    pub world: Rc<World>,
    pub store: RunStore,
    pub truth: Truth,
    pub epoch: Instant,
    /// The correct clock of the simulation. The clocks of the launcher and of the workers may differ from the correct
    /// clock.
    pub clock: Clock,
    pub lives: Rc<RefCell<Vec<Life>>>,
    /// The records of the follower, each with the time at which it was read. The list is empty unless the world is
    /// watched.
    pub observations: Rc<RefCell<Vec<(u64, RunRecord)>>>,
    /// The hand-over with which workers start the workers of the next slice; `None` if the world has no hand-overs.
    pub relay: Rc<RefCell<Option<Relay>>>,
    /// The number of invocations so far, by slice and shard.
    pub launches: Rc<RefCell<BTreeMap<SliceId, usize>>>,
}

/// A hand-over that sends assignments to the task that starts the workers.
#[derive(Clone, Debug)]
pub(crate) struct Relay(mpsc::UnboundedSender<(Assignment, oneshot::Sender<WorkerResult>)>);

impl HandOver for Relay {
    fn start(&self, next: Assignment) -> HandingOver {
        // The worker does not use the answer, so the receiver of the answer is dropped.
        let sent = self.0.send((next, oneshot::channel().0));
        Box::pin(async move { sent.map_err(|_| "the host has ended".to_owned()) })
    }
}

impl Simulation {
    /// Spawns the task that starts the workers. Returns a fleet that sends assignments to this task.
    pub(crate) fn hosts(&self) -> Hosts {
        let (orders, mut taken) = mpsc::unbounded_channel();
        let simulation = self.clone();
        if self.world.hands_over {
            *self.relay.borrow_mut() = Some(Relay(orders.clone()));
        }
        tokio::task::spawn_local(async move {
            while let Some((assignment, reply_sender)) = taken.recv().await {
                simulation.deliver(&assignment, reply_sender);
            }
        });
        Hosts(orders)
    }

    fn deliver(&self, assignment: &Assignment, reply_sender: oneshot::Sender<WorkerResult>) {
        let slice_id = (assignment.shard, assignment.slice);
        let launch = {
            let mut launches = self.launches.borrow_mut();
            let launches = launches.entry(slice_id).or_default();
            *launches += 1;
            *launches - 1
        };
        let Invocation { deliveries, reply } = self.world.invocation(slice_id, launch);
        let reply_sender = Rc::new(RefCell::new(Some(reply_sender)));
        for delivery in 0..deliveries.len() {
            let (simulation, assignment, reply_sender) = (self.clone(), assignment.clone(), reply_sender.clone());
            tokio::task::spawn_local(async move {
                let result = simulation.host(assignment, WorkerNumber { launch, delivery }).await;
                if reply == Reply::Of(delivery)
                    && let Some(reply_sender) = reply_sender.take()
                {
                    // If the launcher has ended, the send fails.
                    let _ = reply_sender.send(result);
                }
            });
        }
        if let Reply::LostAfter(span) = reply {
            tokio::task::spawn_local(async move {
                tokio::time::sleep(span).await;
                if let Some(reply_sender) = reply_sender.take() {
                    let _ = reply_sender.send(Err(FleetError::new(
                        FailureKind::Unreachable,
                        "the simulated host could not be reached: the connection was reset",
                    )));
                }
            });
        }
    }

    /// Runs a worker on a simulated host. When the host ends, all tasks of the worker end, including the task that
    /// sends load.
    async fn host(&self, assignment: Assignment, number: WorkerNumber) -> WorkerResult {
        let slice_id = (assignment.shard, assignment.slice);
        let delivery = self.world.delivery(slice_id, number);
        let life = self.lives.borrow().len();
        self.lives.borrow_mut().push(Life {
            slice_id,
            number,
            from: self.epoch.elapsed() + delivery.after,
            to: None,
            ended: None,
        });
        tokio::time::sleep(delivery.after).await;
        let host = Host {
            name: format!("host {number:?} of shard {} slice {}", slice_id.0, slice_id.1),
            clock: self.clock.skewed(delivery.skew),
            began: Instant::now(),
            deadline: delivery.lifetime.map(|span| Instant::now() + span),
            threads: NonZeroUsize::MIN,
            placement: Placement::Caller,
            hand_over: self
                .relay
                .borrow()
                .clone()
                .map(|relay| Arc::new(relay) as Arc<dyn HandOver>),
            allow: Arc::new(Allow::everything()),
            notice: Notice::never(),
            secrets: Arc::new(Account::default()),
        };
        let (seed, behaviour, truth, epoch) = (
            self.world.seed,
            self.world.engine.clone(),
            self.truth.clone(),
            self.epoch,
        );
        let engine = move |share: Share| {
            Ok(Scripted {
                population: population_of(&share.plan),
                seed,
                behaviour: behaviour.clone(),
                truth: truth.clone(),
                epoch,
                slice_id,
                number,
                in_flight: Vec::new(),
            })
        };
        let machine = LocalSet::new();
        let death = async {
            match delivery.dies {
                Some(span) => tokio::time::sleep(span).await,
                None => std::future::pending().await,
            }
        };
        // The future of a worker is too large for the stack of a test that moves it several times.
        let work = Box::pin(machine.run_until(shard::run(&self.store, &assignment, &host, engine)));
        let work = async {
            match delivery.freeze {
                Some(freeze) => freeze.apply(work).await,
                None => work.await,
            }
        };
        let ended = tokio::select! {
            biased;
            () = death => None,
            ended = work => Some(ended.map_err(|error| error.to_string())),
        };
        drop(machine);
        let result = match &ended {
            Some(Ok(_)) => Ok(()),
            Some(Err(problem)) => Err(FleetError::new(FailureKind::Failed, problem)),
            None => Err(FleetError::new(
                FailureKind::Died,
                "the worker process ended with a power cut: it printed no error",
            )),
        };
        let mut lives = self.lives.borrow_mut();
        lives[life].to = Some(self.epoch.elapsed());
        lives[life].ended = ended;
        result
    }
}
