//! Requests OAuth tokens before the start, and renews the tokens before they expire.
//!
//! A separate thread sends the token requests, with the HTTP/1.1 engine. The same allow-list, certificates and timeouts
//! apply to token requests as to the load. Token requests are counted separately from the requests of the load.

use crate::allow::Allow;
use crate::engine::{Engine, FlowState, Reported, Share, Ticket};
use crate::http::Http;
use crate::log::TARGET;
use crate::pacer::wait_until;
use crate::retry::drawn_pause;
use crate::secrets::Secret;
use crate::supplies::Supplies;
use crate::tokens::Token;
use plan::draw;
use plan::oauth::{TokenValue, origin};
use plan::plan::Plan;
use plan::rules::fits_header;
use plan::scenario::{Population, Request, Transport};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tally::outcome::Code;
use tally::snapshot::TokenRequests;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;
use tracing::{info, warn};

/// The lifetime of a token if the answer of the token server does not state a lifetime.
const LIFE: Duration = Duration::from_secs(3_600);
/// The minimum lifetime of a token. The next constant is the maximum. A lifetime outside these bounds is replaced by
/// the nearest bound.
const LIFE_MIN: Duration = Duration::from_secs(1);
const LIFE_MAX: Duration = Duration::from_secs(30 * 24 * 3_600);
/// A token is renewed when this share of its lifetime has passed, minus a random share of at most [`SPREAD`]. The
/// random share depends on the seed of the run and on the shard.
const RENEWED_AT: f64 = 0.8;
const SPREAD: f64 = 0.1;
/// The slot number for drawing the random share of at most [`SPREAD`]. Each placeholder of a scenario has a slot number
/// too, but never this number.
const SPREAD_SLOT: u32 = u32::MAX;
/// The delay between the first token requests of two consecutive shards. The next constant is the maximum delay of a
/// first token request.
const STAGGER: Duration = Duration::from_millis(5);
const STAGGER_MAX: Duration = Duration::from_secs(5);
/// The first pause after a failed token request. The next constant is the longest pause.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The maximum number of attempts to get a token for the first time.
const FIRST_TRIES: u32 = 3;

/// The renewal of a worker's tokens. Dropping this value ends the renewal.
#[derive(Debug)]
pub(crate) struct Renewal {
    record: Arc<Mutex<TokenRequests>>,
    _stop: watch::Sender<()>,
}

impl Renewal {
    /// Requests the tokens of a plan, and adds the tokens to the supplies. From then on, renews the tokens. Returns
    /// `None` if the plan has no tokens.
    ///
    /// # Errors
    /// Returns an error as a sentence, if a token could not be obtained before `until`.
    pub(crate) async fn begin(
        plan: &Arc<Plan>,
        supplies: &mut Supplies,
        allow: &Arc<Allow>,
        shard: u32,
        until: Instant,
    ) -> Result<Option<Renewal>, String> {
        if plan.tokens.is_empty() {
            return Ok(None);
        }
        wait_until((Instant::now() + stagger(shard)).min(until)).await;
        let record = Arc::new(Mutex::new(TokenRequests::default()));
        let tokens: Vec<Arc<Token>> = plan.tokens.iter().map(|_| Arc::default()).collect();
        let share = Share {
            plan: Arc::new(requests(plan)),
            // Token requests contain no cells of feeds and have no client certificates of their own.
            supplies: Arc::new(Supplies {
                bodies: supplies.bodies.clone(),
                secrets: supplies.secrets.clone(),
                own_keys: supplies.own_keys.clone(),
                ..Supplies::default()
            }),
            allow: allow.clone(),
            connections: plan.tokens.len(),
            ahead: 0,
            trace: None,
        };
        let (stop, stopped) = watch::channel(());
        let (ready, first) = oneshot::channel();
        let renewing = Renewing {
            share,
            shard,
            tokens: tokens.clone(),
            record: record.clone(),
        };
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Ok(runtime) => runtime.block_on(renewing.run(ready, stopped, until)),
                Err(error) => drop(ready.send(Err(format!("the thread for tokens has no timer: {error}")))),
            }
        };
        let thread = std::thread::Builder::new().name("tokens".to_owned()).spawn(run);
        thread.map_err(|error| format!("the thread for tokens could not be started: {error}"))?;
        match tokio::time::timeout_at(until, first).await {
            Ok(Ok(first)) => first?,
            Ok(Err(_)) => return Err("the thread for tokens died unexpectedly".to_owned()),
            Err(_) => return Err("the first token was not obtained before the start timeout".to_owned()),
        }
        supplies.tokens = tokens;
        Ok(Some(Renewal { record, _stop: stop }))
    }

    /// Returns the numbers of token requests so far.
    pub(crate) fn record(&self) -> TokenRequests {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Returns the delay of a shard's first token request. Without this delay, workers that start together could overload a
/// token server.
fn stagger(shard: u32) -> Duration {
    let steps = (STAGGER_MAX.as_millis() / STAGGER.as_millis()) as u32;
    STAGGER * (shard % steps)
}

/// Returns a plan that contains the token requests of another plan as its requests.
fn requests(plan: &Plan) -> Plan {
    let first = plan.populations.first().cloned();
    Plan {
        targets: plan.tokens.iter().filter_map(origin).collect(),
        populations: first
            .map(|population| Population {
                name: String::new(),
                transport: Transport::default(),
                requests: 0..plan.tokens.len(),
                flows: 0..0,
                ..population
            })
            .into_iter()
            .collect(),
        // Each token request is an arrival of its own.
        requests: plan
            .tokens
            .iter()
            .cloned()
            .map(|token| Request { weight: 1, ..token })
            .collect(),
        tokens: Vec::new(),
        flows: Vec::new(),
        source: String::new(),
        ..plan.clone()
    }
}

/// A token that was obtained, and how long the token is valid.
struct Granted {
    value: Secret,
    life: Duration,
}

/// The failure of a request for a token.
struct Denied {
    why: String,
    /// Whether a later request for the token may succeed.
    may_pass: bool,
}

struct Renewing {
    share: Share,
    shard: u32,
    tokens: Vec<Arc<Token>>,
    record: Arc<Mutex<TokenRequests>>,
}

impl Renewing {
    async fn run(self, ready: oneshot::Sender<Result<(), String>>, mut stopped: watch::Receiver<()>, until: Instant) {
        let begun = async {
            let mut engine = Http::new(self.share.clone())?;
            engine.prepare().await?;
            let mut due = Vec::new();
            for number in 0..self.tokens.len() {
                due.push(self.first(&mut engine, number, until).await?);
            }
            Ok((engine, due))
        };
        let (mut engine, mut due) = match begun.await {
            Ok(begun) => {
                let _ = ready.send(Ok(()));
                begun
            }
            Err(problem) => return drop(ready.send(Err(problem))),
        };
        let mut pauses = vec![PAUSE_FIRST; self.tokens.len()];
        loop {
            let Some((number, next)) = due.iter().copied().enumerate().min_by_key(|(_, due)| *due) else {
                return;
            };
            tokio::select! {
                _ = stopped.changed() => return,
                () = wait_until(next) => {}
            }
            let from = Instant::now();
            due[number] = match self.request(&mut engine, number).await {
                Ok(granted) => {
                    pauses[number] = PAUSE_FIRST;
                    self.take(number, granted, from)
                }
                Err(Denied { why, .. }) => {
                    warn!(target: TARGET, token = self.name(number), why, "token not renewed");
                    let pause = drawn_pause(pauses[number]);
                    pauses[number] = (pauses[number] * 2).min(PAUSE_MAX);
                    Instant::now() + pause
                }
            };
        }
    }

    fn name(&self, number: usize) -> &str {
        &self.share.plan.requests[number].name
    }

    /// Requests a token for the first time. Returns the instant at which the token must be renewed.
    async fn first(&self, engine: &mut Http, number: usize, until: Instant) -> Result<Instant, String> {
        let mut pause = PAUSE_FIRST;
        let mut tries = 0;
        loop {
            let from = Instant::now();
            let denied = match self.request(engine, number).await {
                Ok(granted) => return Ok(self.take(number, granted, from)),
                Err(denied) => denied,
            };
            tries += 1;
            let wake = Instant::now() + pause;
            if !denied.may_pass || tries >= FIRST_TRIES || wake >= until {
                return Err(format!("no token for `{}`: {}", self.name(number), denied.why));
            }
            wait_until(wake).await;
            pause *= 2;
        }
    }

    /// Publishes a token that was requested at the instant `from`. Returns the instant at which the token must be
    /// renewed.
    fn take(&self, number: usize, granted: Granted, from: Instant) -> Instant {
        let drawn = draw::bits(self.share.plan.seed, u64::from(self.shard), SPREAD_SLOT);
        let share = RENEWED_AT - SPREAD * (drawn as f64 / u64::MAX as f64);
        self.tokens[number].set(granted.value);
        info!(target: TARGET, token = self.name(number), life = plan::span::show(granted.life), "token obtained");
        from + granted.life.mul_f64(share)
    }

    /// Sends one token request, and counts the request.
    async fn request(&self, engine: &mut Http, number: usize) -> Result<Granted, Denied> {
        let answer = self.exchange(engine, number).await;
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.sent += 1;
        if let Err(denied) = &answer {
            record.failed += 1;
            record.problem = Some(format!("`{}`: {}", self.name(number), denied.why));
        }
        answer
    }

    async fn exchange(&self, engine: &mut Http, number: usize) -> Result<Granted, Denied> {
        let ticket = Ticket::from(0);
        let until = Instant::now() + self.share.plan.requests[number].timeout + self.share.plan.limits.connect_timeout;
        engine.send(ticket, 0, number.into(), FlowState::default());
        let mut answers = Vec::new();
        while answers.is_empty() {
            // The engine ends each request when the timeout of the request has passed.
            engine.wait(until, &mut answers).await;
        }
        let (_, answer) = answers.remove(0);
        if let Err(failure) = answer.result {
            let why = match engine.reported(ticket) {
                Some(Reported { why, origin }) => {
                    let text = format!("{origin} failed: {} {}", why.cause.code(), why.detail);
                    text.trim_end().to_owned()
                }
                None => failure.name().to_owned(),
            };
            return Err(Denied { why, may_pass: true });
        }
        let value = |value: TokenValue| answer.flow.values.get(value.number()).unwrap_or_default();
        let status = match answer.code {
            Some(Code::Http(status)) => status,
            _ => 0,
        };
        self.judge(status, value)
    }

    /// Returns the token, from the status of an answer and from the values that were captured from the answer.
    fn judge<'a>(&self, status: u16, value: impl Fn(TokenValue) -> &'a str) -> Result<Granted, Denied> {
        let may_pass = status >= 500 || status == 429;
        let denied = |why: String| Err(Denied { why, may_pass });
        let token = value(TokenValue::AccessToken);
        if !(200..300).contains(&status) || token.is_empty() {
            // RFC 6749, 5.2: the error is a single word. Any other text is not shown, because the text may contain a
            // secret.
            let error = value(TokenValue::Error);
            let is_word = error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            return denied(match is_word && !error.is_empty() && !self.share.supplies.hide(error) {
                true => format!("the server answered with status {status}, {error}"),
                false if (200..300).contains(&status) => "the answer has no access_token".to_owned(),
                false => format!("the server answered with status {status}"),
            });
        }
        let kind = value(TokenValue::TokenType);
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("bearer") {
            return denied("the token is of another type than Bearer".to_owned());
        }
        if !fits_header(token) || !token.is_ascii() {
            return denied("the token has a character that is not allowed in a header".to_owned());
        }
        let life = match value(TokenValue::ExpiresIn).parse::<f64>() {
            Ok(seconds) if seconds.is_finite() => {
                Duration::from_secs_f64(seconds.clamp(LIFE_MIN.as_secs_f64(), LIFE_MAX.as_secs_f64()))
            }
            _ => LIFE,
        };
        Ok(Granted {
            value: Secret::new(token),
            life,
        })
    }
}
