//! A scripted engine that records every request that it sends. A record contains the arrival, the time and the outcome.

use super::world::WorkerNumber;
use fleet::gather::SliceId;
use plan::draw;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tally::outcome::{Code, Failure};
use tally::request::RequestIndex;
use tally::waits::Openings;
use tokio::time::Instant;
use worker::engine::{Answer, Engine, FlowState, Reported, Ticket};

/// The record of one sent request.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The index of the population that sent the request.
    pub population: usize,
    pub k: u64,
    /// The index of the request among the requests of its population.
    pub request: RequestIndex,
    pub slice_id: SliceId,
    /// The worker that sent the request.
    pub number: WorkerNumber,
    /// The time from the beginning of the simulation to the sending of the request.
    pub at: Duration,
    pub answered: Option<(Duration, Result<(), Failure>)>,
}

/// The records of all sent requests, in the order in which the requests were sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth(Arc<Mutex<Vec<Sent>>>);

impl Truth {
    fn lock(&self) -> MutexGuard<'_, Vec<Sent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.lock().clone()
    }
}

/// The answers of the scripted engine. An answer depends on the arrival and on the time.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub latency: (Duration, Duration),
    /// The percentage of requests that fail, and the percentage of requests that get no answer.
    pub failing: u64,
    pub hanging: u64,
    /// The begin and the end of a stall. A request that is sent during the stall is answered at the end of the stall.
    pub stall: Option<(Duration, Duration)>,
    /// The timeout of a request; `None` if the engine waits for every answer.
    pub timeout: Option<Duration>,
    /// The duration of the engine's preparation; `None` if the preparation never ends.
    pub prepares: Option<Duration>,
}

impl Behaviour {
    pub(crate) fn quick() -> Behaviour {
        Behaviour {
            latency: (Duration::from_millis(2), Duration::from_millis(60)),
            failing: 0,
            hanging: 0,
            stall: None,
            timeout: Some(Duration::from_secs(2)),
            prepares: Some(Duration::from_millis(30)),
        }
    }

    /// Returns whether slow answers may leave no free connection for the next arrival.
    pub(crate) fn blocks(&self) -> bool {
        self.hanging > 0 || self.stall.is_some() || self.latency.1 > Duration::from_millis(500)
    }

    /// Returns the delay and the result of an answer. The request is number `visit` of arrival `k`, and was sent at the
    /// time `at`.
    fn answer(&self, seed: u64, (k, visit): (u64, u32), at: Duration) -> (Option<Duration>, Result<(), Failure>) {
        let bits = |slot| draw::bits_at(!seed, k, slot, visit);
        let percent = |slot| draw::below(bits(slot), 100);
        let (shortest, longest) = self.latency;
        let span = (longest - shortest).as_nanos() as u64;
        let mut wait = Some(shortest + Duration::from_nanos(draw::below(bits(3), span + 1)));
        if let Some((from, to)) = self.stall
            && (from..to).contains(&at)
        {
            wait = Some(to - at);
        }
        if percent(1) < self.hanging {
            wait = None;
        }
        let result = if percent(2) < self.failing {
            Err(Failure::Status)
        } else {
            Ok(())
        };
        match (wait, self.timeout) {
            (Some(wait), Some(timeout)) if wait > timeout => (Some(timeout), Err(Failure::Timeout)),
            (None, Some(timeout)) => (Some(timeout), Err(Failure::Timeout)),
            (wait, _) => (wait, result),
        }
    }
}

/// A request that has been sent and not yet answered.
#[derive(Debug)]
pub(crate) struct InFlight {
    at: Instant,
    /// The index of the request in the list of all sent requests.
    number: usize,
    ticket: Ticket,
    result: Result<(), Failure>,
    flow: FlowState,
}

/// A scripted engine, which answers as its behaviour requires and records every request.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub seed: u64,
    pub behaviour: Behaviour,
    pub truth: Truth,
    pub epoch: Instant,
    pub population: usize,
    pub slice_id: SliceId,
    pub number: WorkerNumber,
    pub in_flight: Vec<InFlight>,
}

impl Engine for Scripted {
    async fn prepare(&mut self) -> Result<(), String> {
        match self.behaviour.prepares {
            Some(span) => tokio::time::sleep(span).await,
            None => std::future::pending().await,
        }
        Ok(())
    }

    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, flow: FlowState) {
        let sent = Instant::now();
        let at = sent - self.epoch;
        let (number, visit) = {
            let mut all = self.truth.lock();
            let is_of = |sent: &&Sent| (sent.population, sent.k) == (self.population, k);
            let visit = all.iter().filter(is_of).count() as u32;
            all.push(Sent {
                population: self.population,
                k,
                request,
                slice_id: self.slice_id,
                number: self.number,
                at,
                answered: None,
            });
            (all.len() - 1, visit)
        };
        let (wait, result) = self.behaviour.answer(self.seed, (k, visit), at);
        if let Some(wait) = wait {
            let at = sent + wait;
            self.in_flight.push(InFlight {
                at,
                number,
                ticket,
                result,
                flow,
            });
        }
    }

    async fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) {
        let next = self.in_flight.iter().map(|one| one.at).min();
        tokio::time::sleep_until(next.map_or(until, |next| next.min(until))).await;
        let done = Instant::now();
        let due: Vec<_> = self.in_flight.extract_if(.., |one| one.at <= done).collect();
        for InFlight {
            number,
            ticket,
            result,
            flow,
            ..
        } in due
        {
            let sent = {
                let mut all = self.truth.lock();
                all[number].answered = Some((done - self.epoch, result));
                self.epoch + all[number].at
            };
            let answer = Answer {
                sent,
                first_byte: result.is_ok().then_some(done),
                waiting: Duration::ZERO,
                opening: Duration::ZERO,
                done,
                result,
                code: match result {
                    Ok(()) => Some(Code::Http(200)),
                    Err(Failure::Status) => Some(Code::Http(500)),
                    Err(_) => None,
                },
                body_bytes: 10,
                retries: 0,
                flow,
            };
            answers.push((ticket, answer));
        }
    }

    fn close_connections(&mut self, _flow: &mut FlowState) {}

    fn reported(&self, _ticket: Ticket) -> Option<Reported> {
        None
    }

    fn take_open_max(&mut self) -> usize {
        self.in_flight.len()
    }

    fn take_openings(&mut self) -> Openings {
        Openings::default()
    }
}
