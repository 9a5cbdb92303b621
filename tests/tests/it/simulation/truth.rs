//! A scripted engine, and the truth that it keeps: what it was asked to send, when, and what became of it.

use fleet::gather::SliceId;
use plan::draw;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tally::outcome::{Code, Failure};
use tally::request::RequestIndex;
use tally::waits::Openings;
use tokio::time::Instant;
use worker::engine::{Answer, Engine, FlowState, Reported, Ticket};

/// One request that left.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub k: u64,
    pub request: RequestIndex,
    pub slice_id: SliceId,
    /// Which of the place's deliveries sent it.
    pub delivery: usize,
    /// Since the beginning of the simulation.
    pub at: Duration,
    pub answered: Option<(Duration, Result<(), Failure>)>,
}

/// Everything that was sent, in the order in which it was.
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

/// What the engine answers: a function of the arrival and the time.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub latency: (Duration, Duration),
    /// Percent of the arrivals that are answered with a failure, and that are never answered.
    pub failing: u64,
    pub hanging: u64,
    /// What is sent in between is answered when it is over.
    pub stall: Option<(Duration, Duration)>,
    /// Requests are given up after this; `None` for an engine that waits for ever.
    pub timeout: Option<Duration>,
    /// How long it prepares; `None` for ever.
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

    /// Whether answers may come too late for the next arrival to find a connection.
    pub(crate) fn blocks(&self) -> bool {
        self.hanging > 0 || self.stall.is_some() || self.latency.1 > Duration::from_millis(500)
    }

    /// After how long arrival `k`, sent at `at`, is answered, and how.
    fn answer(&self, seed: u64, k: u64, at: Duration) -> (Option<Duration>, Result<(), Failure>) {
        let percent = |slot| draw::below(draw::bits(!seed, k, slot), 100);
        let (shortest, longest) = self.latency;
        let span = (longest - shortest).as_nanos() as u64;
        let mut wait = Some(shortest + Duration::from_nanos(draw::below(draw::bits(!seed, k, 3), span + 1)));
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

/// A request that is to be answered.
#[derive(Debug)]
pub(crate) struct UnderWay {
    at: Instant,
    /// Its place among all that were sent.
    number: usize,
    ticket: Ticket,
    result: Result<(), Failure>,
    flow: FlowState,
}

/// Answers as it is told, and notes what it was asked.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub seed: u64,
    pub behaviour: Behaviour,
    pub truth: Truth,
    pub epoch: Instant,
    pub slice_id: SliceId,
    pub delivery: usize,
    pub under_way: Vec<UnderWay>,
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
        let number = {
            let mut all = self.truth.lock();
            all.push(Sent {
                k,
                request,
                slice_id: self.slice_id,
                delivery: self.delivery,
                at,
                answered: None,
            });
            all.len() - 1
        };
        let (wait, result) = self.behaviour.answer(self.seed, k, at);
        if let Some(wait) = wait {
            let at = sent + wait;
            self.under_way.push(UnderWay {
                at,
                number,
                ticket,
                result,
                flow,
            });
        }
    }

    async fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) {
        let next = self.under_way.iter().map(|one| one.at).min();
        tokio::time::sleep_until(next.map_or(until, |next| next.min(until))).await;
        let done = Instant::now();
        let due: Vec<_> = self.under_way.extract_if(.., |one| one.at <= done).collect();
        for UnderWay {
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

    fn reported(&self, _ticket: Ticket) -> Option<Reported> {
        None
    }

    fn take_openings(&mut self) -> Openings {
        Openings::default()
    }
}
