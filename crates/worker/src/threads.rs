//! The load of a slice on several threads, one for each processor, seen as one.
//!
//! Thread t of T takes the arrivals of its stripe as if it were stripe i + N·t of N·T, so the threads
//! tile what the shard owes, and need nothing of each other. What they record is added up here.

use crate::engine::{Engine, Share};
use crate::host::{Host, Placement};
use crate::load::{self, Command, LoadEvent, LoadShare, RecordedInterval, Summary};
use crate::supplies::Supplies;
use plan::plan::{Plan, PlannedLoad, StripeOf};
use std::collections::VecDeque;
use std::sync::Arc;
use tally::tally::Recorder;
use tokio::sync::{mpsc, watch};

/// The threads of one worker.
#[derive(Debug)]
pub(crate) struct Threads {
    pub commands: watch::Sender<Command>,
    events: mpsc::UnboundedReceiver<(usize, ThreadMessage)>,
    threads: Vec<Thread>,
}

/// What is known of one thread.
#[derive(Debug, Default)]
struct Thread {
    ready: bool,
    /// What it has recorded, and the others have not matched yet.
    intervals: VecDeque<RecordedInterval>,
    ended: Option<Summary>,
}

/// What a thread says.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few, and nearly all of them are events"
)]
enum ThreadMessage {
    LoadEvent(LoadEvent),
    /// It has gone; after it has ended, as it should.
    Gone,
}

/// Which slice of which shard is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SliceIndex {
    pub shard: u32,
    pub slice: usize,
}

/// Says that a thread has gone, however it went.
struct Farewell(usize, mpsc::UnboundedSender<(usize, ThreadMessage)>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.1.send((self.0, ThreadMessage::Gone));
    }
}

impl Threads {
    /// Starts the load of a slice, on as many threads as the host has for it.
    pub(crate) fn start<E, F>(
        plan: &Arc<Plan>,
        supplies: &Arc<Supplies>,
        slice: SliceIndex,
        host: &Host,
        engine: &F,
    ) -> Threads
    where
        E: Engine,
        F: Fn(Share) -> Result<E, String> + Clone + Send + 'static,
    {
        let connections = plan.limits.connections as usize;
        let count = host.threads.get().min(connections);
        let planned = StripeOf {
            stripe: slice.shard,
            stripes: plan.shards,
        };
        let (commands, listener) = watch::channel(Command::Wait);
        let (sender, events) = mpsc::unbounded_channel();
        for thread in 0..count {
            let connections = connections / count + usize::from(thread < connections % count);
            let part = LoadShare {
                plan: plan.clone(),
                slice: slice.slice,
                thread: thread as u32,
                threads: count as u32,
                in_flight_max: connections * plan.streams() as usize,
            };
            let share = Share {
                plan: plan.clone(),
                supplies: supplies.clone(),
                allow: host.allow.clone(),
                connections,
                ahead: ahead(&part, planned).div_ceil(plan.streams() as usize),
            };
            let (engine, listener, sender) = (engine.clone(), listener.clone(), sender.clone());
            let farewell = Farewell(thread, sender.clone());
            let load = move || async move {
                // A worker that no longer listens is gone: its load has nobody to report to.
                let tell = move |event| drop(sender.send((thread, ThreadMessage::LoadEvent(event))));
                load::run(part, engine(share), listener, tell).await;
                drop(farewell);
            };
            match host.placement {
                Placement::Caller => drop(tokio::task::spawn_local(load())),
                Placement::OwnThread => spawn(load),
            }
        }
        Threads {
            commands,
            events,
            threads: (0..count).map(|_| Thread::default()).collect(),
        }
    }

    /// What the threads say together; `None` when one of them has gone without a word.
    pub(crate) async fn next(&mut self) -> Option<LoadEvent> {
        loop {
            if let Some(event) = self.together() {
                return Some(event);
            }
            let (thread, word) = self.events.recv().await?;
            let thread = &mut self.threads[thread];
            match word {
                ThreadMessage::LoadEvent(LoadEvent::Ready(Ok(()))) => {
                    thread.ready = true;
                    if self.threads.iter().all(|thread| thread.ready) {
                        return Some(LoadEvent::Ready(Ok(())));
                    }
                }
                ThreadMessage::LoadEvent(LoadEvent::Ready(Err(problem))) => {
                    return Some(LoadEvent::Ready(Err(problem)));
                }
                ThreadMessage::LoadEvent(LoadEvent::Snapshot(interval)) => thread.intervals.push_back(interval),
                ThreadMessage::LoadEvent(LoadEvent::Ended(interval, summary)) => {
                    thread.intervals.push_back(interval);
                    thread.ended = Some(summary);
                }
                ThreadMessage::Gone if thread.ended.is_none() => return None,
                ThreadMessage::Gone => {}
            }
        }
    }

    /// An interval of which every thread has said what it recorded, or the end.
    fn together(&mut self) -> Option<LoadEvent> {
        let waited_for = |thread: &Thread| thread.ended.is_none() && thread.intervals.is_empty();
        if self.threads.iter().any(waited_for) {
            return None;
        }
        let summaries: Option<Vec<Summary>> = self.threads.iter().map(|thread| thread.ended).collect();
        match summaries {
            // The last intervals of all.
            Some(summaries) if self.threads.iter().all(|thread| thread.intervals.len() <= 1) => {
                let intervals: Vec<RecordedInterval> =
                    self.threads.iter_mut().flat_map(|t| t.intervals.pop_front()).collect();
                let to = intervals.iter().map(|interval| interval.to).max();
                Some(LoadEvent::Ended(add(intervals, to)?, summarise(&summaries)?))
            }
            _ => {
                // One that has ended keeps its last interval for the end.
                let one = |thread: &mut Thread| match thread.ended {
                    Some(_) if thread.intervals.len() == 1 => None,
                    _ => thread.intervals.pop_front(),
                };
                let intervals: Vec<RecordedInterval> = self.threads.iter_mut().filter_map(one).collect();
                // What comes after the earliest of their ends is not known of all of them.
                let to = intervals.iter().map(|interval| interval.to).min();
                Some(LoadEvent::Snapshot(add(intervals, to)?))
            }
        }
    }
}

fn add(intervals: Vec<RecordedInterval>, to: Option<u64>) -> Option<RecordedInterval> {
    let from = intervals.iter().map(|interval| interval.from).min()?;
    let mut recorder = Recorder::default();
    match <[RecordedInterval; 1]>::try_from(intervals) {
        Ok([one]) => recorder = one.recorder,
        Err(several) => several.iter().for_each(|interval| recorder.add(&interval.recorder)),
    }
    let to = to?;
    Some(RecordedInterval { from, to, recorder })
}

fn summarise(summaries: &[Summary]) -> Option<Summary> {
    summaries.iter().copied().reduce(|all, one| Summary {
        paced_until: all.paced_until.min(one.paced_until),
        start_skew: all.start_skew.max(one.start_skew),
        in_flight_max: all.in_flight_max + one.in_flight_max,
        cpu: all.cpu + one.cpu,
        run_queue: all.run_queue + one.run_queue,
        wall: all.wall + one.wall,
    })
}

/// How many connections are opened before the start: as many as a tenth of a second's arrivals
/// need, or one for each user.
fn ahead(part: &LoadShare, planned: StripeOf) -> usize {
    let StripeOf { stripe, stripes } = part.stripe(planned);
    let (plan, window) = (&part.plan, &part.plan.slices[part.slice]);
    match &plan.load {
        PlannedLoad::Open { .. } => {
            let owed = plan::plan::owed(&window.arrivals, stripe, stripes);
            let tenths = (window.to - window.from).div_ceil(100_000_000).max(1);
            owed.div_ceil(tenths).max(1) as usize
        }
        PlannedLoad::Closed { .. } => {
            let users = plan.population().map_or(0, |population| population.users());
            plan::plan::owed(&(0..u64::from(users)), stripe, stripes) as usize
        }
    }
}

fn spawn<F, L>(load: L)
where
    L: FnOnce() -> F + Send + 'static,
    F: Future<Output = ()> + 'static,
{
    // When the thread cannot be had, its farewell is dropped here, and that is how the worker hears of it.
    let _ = std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            tokio::task::LocalSet::new().block_on(&runtime, load());
        }
    });
}
