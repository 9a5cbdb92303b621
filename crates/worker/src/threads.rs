//! Runs the load of a slice on several threads: for each population, one thread for each processor. A caller uses the
//! threads like a single load.
//!
//! The worker of stripe i of N has T threads. Thread t sends the arrivals of stripe i + N·t of N·T. So all threads of a
//! worker together send exactly the arrivals of its stripe, and the threads do not depend on each other. This module
//! adds up the measurements of the threads.

use crate::descriptors;
use crate::engine::{Engine, Share};
use crate::host::{Host, Placement};
use crate::load::{self, Command, LoadEvent, LoadShare, RecordedInterval, Summary};
use crate::supplies::Supplies;
use plan::plan::{Plan, StripeOf};
use plan::rows::Work;
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

/// The state of one thread, as the worker sees the thread.
#[derive(Debug, Default)]
struct Thread {
    ready: bool,
    /// The intervals of this thread that were not yet added to the intervals of the other threads.
    intervals: VecDeque<RecordedInterval>,
    ended: Option<Summary>,
    /// The index of this thread's population.
    population: usize,
    /// The index of the first request of this thread's population in the whole plan. `first_flow` is the same for the
    /// flows.
    first_request: usize,
    first_flow: usize,
    /// The number of requests of the whole plan. `None` if the plan has only one population.
    requests: Option<usize>,
}

impl Thread {
    fn add(&mut self, mut interval: RecordedInterval) {
        if let Some(requests) = self.requests {
            let recorder = &mut interval.recorder;
            recorder.number_from(self.first_request, self.first_flow, requests);
        }
        self.intervals.push_back(interval);
    }
}

/// A message that a thread sends to its worker.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "messages are few, and nearly all of them are events"
)]
enum ThreadMessage {
    LoadEvent(LoadEvent),
    /// The thread has ended. This message is expected only after the load of the thread has ended.
    Gone,
}

/// The slice of a shard that this worker runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SliceIndex {
    pub shard: u32,
    pub slice: usize,
}

/// Reports that a thread has ended, when this value is dropped. The report is also sent after a panic.
struct Farewell(usize, mpsc::UnboundedSender<(usize, ThreadMessage)>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let _ = self.1.send((self.0, ThreadMessage::Gone));
    }
}

impl Threads {
    /// Starts the load of a slice, with the number of threads that the host allows.
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
        let planned = plan.stripe(slice.shard);
        let (commands, listener) = watch::channel(Command::Wait);
        let (sender, events) = mpsc::unbounded_channel();
        // The engine of one population reserves descriptors only for its own connections. So the descriptors for all
        // populations are reserved here.
        let room = match plan.populations.len() {
            1 => Ok(()),
            several => descriptors::make_room(connections * several),
        };
        // If the only population has no name, its plan is the plan of the run.
        let is_only = plan.populations.iter().all(|population| population.name.is_empty());
        let whole = (!is_only).then_some(plan.requests.len());
        let populations = plan.populations.iter().enumerate();
        let populations = populations.map(|(index, population)| {
            let alone = match is_only {
                true => plan.clone(),
                false => Arc::new(plan.alone(index)),
            };
            (alone, population, plan.first_stripe(index))
        });
        let shares: Vec<_> = populations
            .flat_map(|population| std::iter::repeat_n(population, count).enumerate())
            .collect();
        let mut threads = Vec::new();
        for (index, (thread, (plan, population, first_stripe))) in shares.into_iter().enumerate() {
            threads.push(Thread {
                population: index / count,
                first_request: population.requests.start,
                first_flow: population.flows.start,
                requests: whole,
                ..Thread::default()
            });
            let connections = connections / count + usize::from(thread < connections % count);
            let part = LoadShare {
                plan: plan.clone(),
                slice: slice.slice,
                first_stripe,
                thread: thread as u32,
                threads: count as u32,
                in_flight_max: connections * plan.streams() as usize,
                sessions_max: plan.limits.sessions as usize / count,
                traced: None,
            };
            let (streams, ahead) = (plan.streams() as usize, ahead(&part, planned));
            let share = Share {
                plan,
                supplies: supplies.clone(),
                allow: host.allow.clone(),
                connections,
                ahead: ahead.div_ceil(streams),
                trace: None,
            };
            let (engine, listener, sender) = (engine.clone(), listener.clone(), sender.clone());
            let room = room.clone();
            let farewell = Farewell(index, sender.clone());
            let load = move || async move {
                // Sending an event fails only if the worker has ended. In this case, no other code reads the event.
                let report = move |event| drop(sender.send((index, ThreadMessage::LoadEvent(event))));
                load::run(part, room.and_then(|()| engine(share)), listener, report).await;
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
            threads,
        }
    }

    /// Returns the next event of all threads together. Returns `None` if a thread died unexpectedly.
    pub(crate) async fn next(&mut self) -> Option<LoadEvent> {
        loop {
            if let Some(event) = self.together() {
                return Some(event);
            }
            let (thread, message) = self.events.recv().await?;
            let thread = &mut self.threads[thread];
            match message {
                ThreadMessage::LoadEvent(LoadEvent::Ready(Ok(()))) => {
                    thread.ready = true;
                    if self.threads.iter().all(|thread| thread.ready) {
                        return Some(LoadEvent::Ready(Ok(())));
                    }
                }
                ThreadMessage::LoadEvent(LoadEvent::Ready(Err(problem))) => {
                    return Some(LoadEvent::Ready(Err(problem)));
                }
                ThreadMessage::LoadEvent(LoadEvent::Snapshot(interval)) => thread.add(interval),
                ThreadMessage::LoadEvent(LoadEvent::Ended(interval, summary)) => {
                    thread.add(interval);
                    thread.ended = Some(summary);
                }
                ThreadMessage::Gone if thread.ended.is_none() => return None,
                ThreadMessage::Gone => {}
            }
        }
    }

    /// Returns an interval that every thread has reported, or the end of the load. Returns `None` while a thread that
    /// has not ended has no interval to report.
    fn together(&mut self) -> Option<LoadEvent> {
        let is_missing = |thread: &Thread| thread.ended.is_none() && thread.intervals.is_empty();
        if self.threads.iter().any(is_missing) {
            return None;
        }
        let ended = self
            .threads
            .iter()
            .map(|thread| Some((thread.population, thread.ended?)));
        let summaries: Option<Vec<(usize, Summary)>> = ended.collect();
        match summaries {
            // All threads have ended, and each thread has at most its last interval left.
            Some(summaries) if self.threads.iter().all(|thread| thread.intervals.len() <= 1) => {
                let intervals: Vec<RecordedInterval> =
                    self.threads.iter_mut().flat_map(|t| t.intervals.pop_front()).collect();
                let to = intervals.iter().map(|interval| interval.to).max();
                Some(LoadEvent::Ended(add(intervals, to)?, summarise(&summaries)?))
            }
            _ => {
                // A thread that has ended reports no further intervals. So its last interval does not limit the time
                // that the snapshot covers. The last interval of the thread that ends last is kept for the end of the
                // load.
                let (mut bounds, mut intervals) = (Vec::new(), Vec::new());
                for thread in &mut self.threads {
                    let Some(interval) = thread.intervals.pop_front() else {
                        continue;
                    };
                    if thread.ended.is_none() || !thread.intervals.is_empty() {
                        bounds.push(interval.from..interval.to);
                    }
                    intervals.push(interval);
                }
                // For the time after the earliest end of these intervals, the measurements of some threads are missing.
                let from = bounds.iter().map(|bound| bound.start).min();
                let to = bounds.iter().map(|bound| bound.end).min();
                let sum = add(intervals, to)?;
                Some(LoadEvent::Snapshot(RecordedInterval { from: from?, ..sum }))
            }
        }
    }
}

fn add(intervals: Vec<RecordedInterval>, to: Option<u64>) -> Option<RecordedInterval> {
    let from = intervals.iter().map(|interval| interval.from).min()?;
    let connections = intervals.iter().map(|interval| interval.connections).sum();
    let mut recorder = Recorder::default();
    match <[RecordedInterval; 1]>::try_from(intervals) {
        Ok([one]) => recorder = one.recorder,
        Err(several) => several.iter().for_each(|interval| recorder.add(&interval.recorder)),
    }
    let to = to?;
    Some(RecordedInterval {
        from,
        to,
        connections,
        recorder,
    })
}

/// Returns the summary of all threads. `summaries` contains the population and the summary of each thread, in the order
/// of the populations. The processor time in the result is the processor time of the busiest population. Otherwise, an
/// idle population would hide that the threads of another population were overloaded.
fn summarise(summaries: &[(usize, Summary)]) -> Option<Summary> {
    let add = |all: Summary, one: Summary| Summary {
        paced_until: all.paced_until.min(one.paced_until),
        start_skew: all.start_skew.max(one.start_skew),
        in_flight_max: all.in_flight_max + one.in_flight_max,
        cpu: all.cpu + one.cpu,
        run_queue: all.run_queue + one.run_queue,
        wall: all.wall + one.wall,
    };
    let sum = |group: &[(usize, Summary)]| group.iter().map(|(_, summary)| *summary).reduce(add);
    let share = |summary: &Summary| summary.cpu as f64 / summary.wall.max(1) as f64;
    let populations = summaries.chunk_by(|(one, _), (next, _)| one == next).filter_map(sum);
    let busiest = populations.max_by(|one, other| share(one).total_cmp(&share(other)))?;
    let whole = sum(summaries)?;
    Some(Summary {
        cpu: busiest.cpu,
        run_queue: busiest.run_queue,
        wall: busiest.wall,
        ..whole
    })
}

/// Returns the number of connections that are opened before the start. The number is one for each arrival of a tenth of
/// a second, or one for each user. Returns 0 if every user opens its own connections when the user begins.
fn ahead(part: &LoadShare, planned: StripeOf) -> usize {
    if part.plan.opens_connections_for_users() {
        return 0;
    }
    let own = part.stripe(planned);
    let (plan, window) = (&part.plan, &part.plan.slices[part.slice]);
    match plan.only().work() {
        Work::Arrivals(_) => {
            let owed = plan::plan::owed(&window.arrivals[0], own);
            let tenths = (window.to - window.from).div_ceil(100_000_000).max(1);
            owed.div_ceil(tenths).max(1) as usize
        }
        Work::Users(_) => {
            let schedule = plan.only().users();
            let users = schedule.map_or(0, |schedule| schedule.most_within(window.from..window.to));
            plan::plan::owed(&(0..u64::from(users)), own) as usize
        }
    }
}

/// Starts a load on a separate thread.
pub(crate) fn spawn<F, L>(load: L)
where
    L: FnOnce() -> F + Send + 'static,
    F: Future<Output = ()> + 'static,
{
    // If the thread cannot be started, the value `Farewell` in the closure is dropped here. Dropping this value reports
    // the failure to the worker.
    let _ = std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            tokio::task::LocalSet::new().block_on(&runtime, load());
        }
    });
}
