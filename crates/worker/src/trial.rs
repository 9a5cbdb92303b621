//! Sends one arrival of a plan from this machine, and shows every detail of the arrival. The command `try` uses this
//! module.
//!
//! The load and the engine are the same as in a run, except that the load has only one arrival, and a trace.

use crate::allow::Allow;
pub use crate::attempt::{Attempt, CheckState};
use crate::client::Client;
use crate::clock::Clock;
use crate::engine::Share;
use crate::feed_sheet::ArrivalsOf;
use crate::load::{self, Command, LoadEvent, LoadShare, LoadStart};
use crate::renewal::Renewal;
use crate::secrets::SecretSource;
use crate::supplies::Supplies;
use crate::threads;
use crate::trace::{Mask, Trace, TraceEvent};
use plan::flow::Flow;
use plan::form::Form;
use plan::mix::Drawn;
use plan::plan::{Plan, Slice, StripeOf};
use std::sync::Arc;
use std::time::Duration;
use store::RunStore;
use tally::flow::FlowEnd;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// The maximum number of connections of the arrival. The arrival uses one connection for each origin.
const CONNECTIONS_MAX: u32 = 64;

/// The arrival that `try` sends, and the settings for sending it.
#[derive(Debug)]
pub struct Trial {
    /// A plan for one worker. The data of the plan is in the store.
    pub plan: Plan,
    pub arrival: u64,
    /// Whether pauses between requests are left out.
    pub skips_pauses: bool,
    pub allow: Arc<Allow>,
    pub secrets: Arc<dyn SecretSource>,
}

/// A step of an arrival, in which secrets were replaced.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried {
    Step(Box<TriedStep>),
    /// The next request is due when this time has passed.
    Pause(Duration),
}

/// One request of an arrival, or one attempt at the request, with the redirects that were followed.
#[derive(Clone, Debug, PartialEq)]
pub struct TriedStep {
    pub exchanges: Vec<TriedExchange>,
    pub attempt: Attempt,
}

/// A request as it was sent, and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct TriedExchange {
    /// The lines of the request's head.
    pub head: Vec<String>,
    pub body: String,
    /// The answer to the request. `None` if the answer was not read completely.
    pub answer: Option<TriedAnswer>,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub struct TriedAnswer {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    /// The decoded body, as text.
    pub body: String,
}

/// The end of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialEnd {
    /// The arrival was a single request, which completed or failed.
    Request {
        succeeded: bool,
    },
    Flow(FlowEnd),
}

impl TrialEnd {
    /// Returns whether the arrival succeeded. An arrival succeeds if its request succeeded, or if its flow completed.
    pub fn succeeded(self) -> bool {
        matches!(
            self,
            TrialEnd::Request { succeeded: true } | TrialEnd::Flow(FlowEnd::Completed)
        )
    }
}

/// Sends one arrival of a plan. Calls `show` after each step of the arrival.
///
/// # Errors
/// Returns a sentence if the data, the secrets or the engine cannot be used, or if the load ends unexpectedly.
pub async fn run(store: &RunStore, trial: Trial, mut show: impl FnMut(Tried)) -> Result<TrialEnd, String> {
    let Trial {
        mut plan,
        arrival,
        skips_pauses,
        allow,
        secrets,
    } = trial;
    let until = Instant::now() + plan.timing.start_timeout;
    let mut supplies = Supplies::complete(store, &plan, ArrivalsOf::Arrival(arrival), secrets.as_ref(), until).await?;
    // Tokens are renewed until the arrival ends.
    let _renewal = Renewal::begin(&Arc::new(plan.clone()), &mut supplies, &allow, 0, until).await?;
    if skips_pauses {
        plan.flows.iter_mut().for_each(Flow::remove_pauses);
    }
    plan.limits.connections = plan.limits.connections.min(CONNECTIONS_MAX);
    // The arrival is due at once.
    plan.slices = vec![Slice {
        from: 0,
        to: 0,
        arrivals: Vec::new(),
    }];
    let drawn = plan.mix().drawn(arrival);
    let mut reading = Reading::new(&supplies);
    let mut events = start(Arc::new(plan), Arc::new(supplies), allow, arrival);
    while let Some(event) = events.recv().await {
        if let TraceEvent::Unprepared(problem) = event {
            return Err(problem);
        }
        if let Some(tried) = reading.take(event) {
            show(tried);
        }
    }
    let lost = || "the load ended before the arrival".to_owned();
    match drawn {
        Drawn::Request(_) => reading.request.ok_or_else(lost),
        Drawn::Flow(_) => reading.flow.ok_or_else(lost),
    }
}

/// Starts the load of one arrival on a separate thread.
fn start(
    plan: Arc<Plan>,
    supplies: Arc<Supplies>,
    allow: Arc<Allow>,
    arrival: u64,
) -> mpsc::UnboundedReceiver<TraceEvent> {
    let (sender, events) = mpsc::unbounded_channel();
    let trace = Trace::new(sender);
    let connections = plan.limits.connections as usize;
    let part = LoadShare {
        slice: 0,
        first_stripe: 0,
        thread: 0,
        threads: 1,
        in_flight_max: connections * plan.streams() as usize,
        sessions_max: 1,
        plan: plan.clone(),
        traced: Some((arrival, trace.clone())),
    };
    let share = Share {
        plan,
        supplies,
        allow,
        connections,
        ahead: 0,
        trace: Some(trace.clone()),
    };
    threads::spawn(move || async move {
        let (commands, listener) = watch::channel(Command::Wait);
        let clock = Clock::tie(0);
        let report = |event| match event {
            LoadEvent::Ready(Ok(())) => {
                commands.send_replace(Command::Start(LoadStart {
                    t0: Instant::now(),
                    epoch: clock.now(),
                    stripe: StripeOf { stripe: 0, stripes: 1 },
                }));
            }
            LoadEvent::Ready(Err(problem)) => trace.note(TraceEvent::Unprepared(problem)),
            LoadEvent::Snapshot(_) | LoadEvent::Ended(..) => {}
        };
        load::run(part, Client::new(share), listener, report).await;
    });
    events
}

/// Combines the events of an arrival into steps that contain no secrets.
struct Reading {
    mask: Mask,
    exchanges: Vec<TriedExchange>,
    request: Option<TrialEnd>,
    flow: Option<TrialEnd>,
}

impl Reading {
    fn new(supplies: &Supplies) -> Reading {
        let mut mask = Mask::default();
        let own_keys = supplies.own_keys.iter().flat_map(|keys| keys.secrets());
        for secret in supplies.secrets.iter().cloned().chain(own_keys) {
            let forms = [Form::AsIs, Form::Percent, Form::Json, Form::JsonPercent];
            mask.add(forms.map(|form| {
                let mut out = Vec::new();
                form.write(secret.value(), &mut out);
                String::from_utf8_lossy(&out).into_owned()
            }));
        }
        Reading {
            mask,
            exchanges: Vec::new(),
            request: None,
            flow: None,
        }
    }

    fn take(&mut self, event: TraceEvent) -> Option<Tried> {
        match event {
            TraceEvent::Secrets(texts) => self.mask.add(texts),
            TraceEvent::Sent { head, body } => self.exchanges.push(TriedExchange {
                head: self.mask.head(&head),
                body: self.mask.hide(&String::from_utf8_lossy(&body)),
                answer: None,
            }),
            TraceEvent::Answered { status, fields, body } => {
                let answer = TriedAnswer {
                    status,
                    fields: fields
                        .into_iter()
                        .map(|(name, value)| {
                            let value = self.mask.field(&name, &value);
                            (self.mask.hide(&name), value)
                        })
                        .collect(),
                    body: self.mask.hide(&String::from_utf8_lossy(&body)),
                };
                if let Some(exchange) = self.exchanges.last_mut() {
                    exchange.answer = Some(answer);
                }
            }
            TraceEvent::Finished(mut attempt) => {
                self.request = Some(TrialEnd::Request {
                    succeeded: attempt.failure.is_none(),
                });
                let shown = attempt.captured.iter_mut().map(|(_, value)| value);
                let detail = attempt.failure.as_mut().map(|(_, reason)| &mut reason.detail);
                shown.chain(detail).for_each(|text| *text = self.mask.hide(text));
                return Some(Tried::Step(Box::new(TriedStep {
                    exchanges: std::mem::take(&mut self.exchanges),
                    attempt: *attempt,
                })));
            }
            TraceEvent::Pause(pause) => return Some(Tried::Pause(pause)),
            TraceEvent::FlowEnded(end) => self.flow = Some(TrialEnd::Flow(end)),
            TraceEvent::Unprepared(_) => {}
        }
        None
    }
}
