//! A fleet whose hosts do what the world says, and the workers on them.

use super::truth::{Scripted, Truth};
use super::world::{Invocation, Word, World};
use fleet::fleet::{Batch, Capabilities, Events, FailureKind, Fleet, FleetError, Pending, WorkerEvent};
use fleet::gather::RunRecord;
use fleet::gather::SliceId;
use std::cell::RefCell;
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
use worker::hand_over::{HandOver, HandingOver};
use worker::host::{Host, Placement};
use worker::notice::Notice;
use worker::secrets::Account;
use worker::shard::{self, Ended};

type Heard = Result<(), FleetError>;

const CAPABILITIES: Capabilities = Capabilities {
    workers_max: 100,
    lifetime: None,
    start_timeout: Duration::from_secs(60),
    snapshot_interval: Duration::from_secs(1),
    price: None,
    inspected: false,
    starts_workers: true,
};

/// Hands invocations to the task that makes workers of them.
#[derive(Debug)]
pub(crate) struct Hosts(mpsc::UnboundedSender<(Assignment, oneshot::Sender<Heard>)>);

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
            let (teller, word) = oneshot::channel();
            // If the machine is gone or the answer is lost, no event is sent.
            let _ = self.0.send((worker.assignment, teller));
            let events = events.clone();
            tokio::spawn(async move {
                let Ok(heard) = word.await else { return };
                let _ = events.send(match heard {
                    Ok(()) => WorkerEvent::Ended(slice_id),
                    Err(error) => WorkerEvent::Failed(slice_id, error),
                });
            });
        }
    }

    fn why(&self, _: SliceId) -> Pending<'_, Option<FleetError>> {
        Box::pin(async { None })
    }

    /// Here, workers begin as soon as they are started.
    fn withdraw(&self, _: &str) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

/// One worker's life, for the laws.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub slice_id: SliceId,
    pub delivery: usize,
    pub from: Duration,
    pub to: Option<Duration>,
    /// `None` when it was killed, or still lives.
    pub ended: Option<Result<Ended, String>>,
}

/// What workers are made of.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub world: Rc<World>,
    pub store: RunStore,
    pub truth: Truth,
    pub epoch: Instant,
    /// A clock that is right.
    pub clock: Clock,
    pub lives: Rc<RefCell<Vec<Life>>>,
    /// What the follower has seen, and when, in worlds that are watched.
    pub looks: Rc<RefCell<Vec<(u64, RunRecord)>>>,
    /// How workers start those of the next slice, in worlds where they can.
    pub relay: Rc<RefCell<Option<Relay>>>,
}

/// Hands what workers hand over to the task that makes workers of it.
#[derive(Clone, Debug)]
pub(crate) struct Relay(mpsc::UnboundedSender<(Assignment, oneshot::Sender<Heard>)>);

impl HandOver for Relay {
    fn start(&self, next: Assignment) -> HandingOver {
        // The next worker's end is nobody's business here.
        let sent = self.0.send((next, oneshot::channel().0));
        Box::pin(async move { sent.map_err(|_| "the machine is gone".to_owned()) })
    }
}

impl Ground {
    /// A fleet, and the task that serves it.
    pub(crate) fn hosts(&self) -> Hosts {
        let (orders, mut taken) = mpsc::unbounded_channel();
        let ground = self.clone();
        if self.world.hands_over {
            *self.relay.borrow_mut() = Some(Relay(orders.clone()));
        }
        tokio::task::spawn_local(async move {
            while let Some((assignment, teller)) = taken.recv().await {
                ground.deliver(&assignment, teller);
            }
        });
        Hosts(orders)
    }

    fn deliver(&self, assignment: &Assignment, teller: oneshot::Sender<Heard>) {
        let slice_id = (assignment.shard, assignment.slice);
        let Invocation { deliveries, word } = self.world.invocation(slice_id);
        let teller = Rc::new(RefCell::new(Some(teller)));
        for delivery in 0..deliveries.len() {
            let (ground, assignment, teller) = (self.clone(), assignment.clone(), teller.clone());
            tokio::task::spawn_local(async move {
                let heard = ground.host(assignment, delivery).await;
                if word == Word::Of(delivery)
                    && let Some(teller) = teller.take()
                {
                    // The launcher may have left.
                    let _ = teller.send(heard);
                }
            });
        }
        if let Word::LostAfter(span) = word {
            tokio::task::spawn_local(async move {
                tokio::time::sleep(span).await;
                if let Some(teller) = teller.take() {
                    let _ = teller.send(Err(FleetError::new(
                        FailureKind::Unreachable,
                        "the simulated host could not be reached: the connection was reset",
                    )));
                }
            });
        }
    }

    /// The life of a worker on its host. Everything of it, its load too, ends with the host.
    async fn host(&self, assignment: Assignment, number: usize) -> Heard {
        let slice_id = (assignment.shard, assignment.slice);
        let delivery = self.world.invocation(slice_id).deliveries[number].clone();
        let life = self.lives.borrow().len();
        self.lives.borrow_mut().push(Life {
            slice_id,
            delivery: number,
            from: self.epoch.elapsed() + delivery.after,
            to: None,
            ended: None,
        });
        tokio::time::sleep(delivery.after).await;
        let host = Host {
            name: format!("host {number} of shard {} slice {}", slice_id.0, slice_id.1),
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
        let engine = move |_| {
            Ok(Scripted {
                seed,
                behaviour: behaviour.clone(),
                truth: truth.clone(),
                epoch,
                slice_id,
                delivery: number,
                under_way: Vec::new(),
            })
        };
        let machine = LocalSet::new();
        let death = async {
            match delivery.dies {
                Some(span) => tokio::time::sleep(span).await,
                None => std::future::pending().await,
            }
        };
        let work = machine.run_until(shard::run(&self.store, &assignment, &host, engine));
        let ended = tokio::select! {
            biased;
            () = death => None,
            ended = work => Some(ended.map_err(|error| error.to_string())),
        };
        drop(machine);
        let heard = match &ended {
            Some(Ok(_)) => Ok(()),
            Some(Err(problem)) => Err(FleetError::new(FailureKind::Died, problem)),
            None => Err(FleetError::new(
                FailureKind::Died,
                "the worker process ended with a power cut: it printed no error",
            )),
        };
        let mut lives = self.lives.borrow_mut();
        lives[life].to = Some(self.epoch.elapsed());
        lives[life].ended = ended;
        heard
    }
}
