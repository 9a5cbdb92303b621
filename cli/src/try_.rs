//! `try`: sends one arrival of a scenario from this machine, and prints every request and answer.

use crate::args::TryArgs;
use crate::choices;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::{scenario, sending};
use ::run::trial::{self, PreparedTrial, Wanted};
use plan::scenario::Protocol;
use report::failures::{FailureReport, single};
use report::show;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;
use tally::flow::FlowEnd;
use worker::trial::{Attempt, CheckState, TrialEnd, Tried, TriedExchange, TriedStep};

/// The maximum number of bytes of a body that are printed without `--full`.
const BODY_SHOWN: usize = 2_000;

pub(crate) async fn run(mut args: TryArgs, printer: &Printer) -> anyhow::Result<Exit> {
    if sending::is_url(&args.scenario.scenario) {
        args.scenario.send.use_defaults();
    }
    let mut scenario = scenario::load(&args.scenario, printer)?;
    if args.seed.is_some() {
        scenario.seed = args.seed;
    }
    if scenario.seed.is_none() {
        let seed = plan::scenario::Scenario::SEED;
        printer.note(&format!(
            "the scenario has no seed, so this arrival is drawn with seed {seed}; --seed takes that of a run"
        ));
    }
    let wanted = Wanted {
        arrival: args.arrival,
        of: args.of,
    };
    let prepared = trial::prepare(scenario, &wanted, args.skip_pauses, &choices::program()?).await?;
    printer.proxies();
    let shown = Shown {
        prepared: &prepared,
        body_max: if args.full { usize::MAX } else { BODY_SHOWN },
    };
    if !args.json {
        printer.result(&shown.title())?;
    }
    let (mut pause, mut printed) = (None, Ok(()));
    let end = prepared
        .send(|tried| {
            let text = match &tried {
                Tried::Pause(next) if args.json => {
                    pause = Some(*next);
                    return;
                }
                Tried::Pause(next) => format!("  pause      {}\n", time(*next)),
                Tried::Step(step) if args.json => format!("{}\n", shown.json(step, pause.take())),
                Tried::Step(step) => shown.text(step),
            };
            if printed.is_ok() {
                printed = printer.result(&text);
            }
        })
        .await?;
    printed?;
    if !args.json {
        printer.result(&shown.end(end))?;
    }
    Ok(match end.succeeded() {
        true => Exit::Passed,
        false => Exit::Crossed,
    })
}

/// The arrival whose steps are printed.
struct Shown<'a> {
    prepared: &'a PreparedTrial,
    body_max: usize,
}

impl Shown<'_> {
    fn title(&self) -> String {
        let (plan, arrival) = (&self.prepared.plan, self.prepared.arrival);
        let name = trial::name(plan, arrival);
        format!(
            "arrival {arrival} of {}: {name}, seed {}\n",
            plan.scenario, self.prepared.seed
        )
    }

    /// Returns a failed attempt in the form in which reports contain failures; `None` if the attempt did not fail.
    fn failure(&self, attempt: &Attempt) -> Option<FailureReport> {
        let (kind, reason) = attempt.failure.as_ref()?;
        let name = self.request(attempt);
        Some(single(*kind, name, reason, self.prepared.arrival))
    }

    fn request(&self, attempt: &Attempt) -> &str {
        &self.prepared.plan.requests[usize::from(attempt.request)].name
    }

    fn text(&self, step: &TriedStep) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(step, &mut out);
        out
    }

    fn write(&self, step: &TriedStep, out: &mut String) -> std::fmt::Result {
        let attempt = &step.attempt;
        match attempt.number {
            1 => writeln!(out, "\n{}", self.request(attempt))?,
            number => writeln!(out, "\n{}, attempt {number}", self.request(attempt))?,
        }
        for exchange in &step.exchanges {
            self.write_exchange(exchange, out)?;
        }
        let times = [
            ("name", attempt.resolve),
            ("connect", attempt.connect),
            ("TLS", attempt.tls),
            ("first byte", attempt.first_byte),
            ("total", Some(attempt.total)),
        ];
        let times = times
            .iter()
            .filter_map(|(name, span)| Some(format!("{name} {}", time((*span)?))));
        writeln!(out, "  times      {}", times.collect::<Vec<_>>().join(" · "))?;
        for (name, value) in &attempt.captured {
            writeln!(out, "  captured   {name} = {}", self.shortened(value))?;
        }
        for (name, state) in &attempt.checks {
            writeln!(out, "  check      {name}: {}", result(*state))?;
        }
        match self.failure(attempt) {
            None => writeln!(out, "  outcome    completed"),
            Some(failure) => {
                writeln!(out, "  outcome    failed by {}: {}", failure.kind, failure.reason)?;
                match failure.advice {
                    Some(advice) => writeln!(out, "             {advice}"),
                    None => Ok(()),
                }
            }
        }
    }

    fn write_exchange(&self, exchange: &TriedExchange, out: &mut String) -> std::fmt::Result {
        let mut block = |mark: &str, head: &mut dyn Iterator<Item = String>, body: &str| {
            for line in head {
                writeln!(out, "{mark} {line}")?;
            }
            if body.is_empty() {
                return Ok(());
            }
            writeln!(out, "{mark}")?;
            for line in self.shortened(body).lines() {
                writeln!(out, "{mark} {line}")?;
            }
            Ok(())
        };
        block(">", &mut exchange.head.iter().cloned(), &exchange.body)?;
        if let Some(answer) = &exchange.answer {
            let version = match self.prepared.plan.only().transport.protocol {
                Protocol::Http1 => "HTTP/1.1",
                Protocol::Http2 => "HTTP/2",
            };
            let fields = answer.fields.iter().map(|(name, value)| format!("{name}: {value}"));
            let mut head = std::iter::once(format!("{version} {}", answer.status)).chain(fields);
            block("<", &mut head, &answer.body)?;
        }
        Ok(())
    }

    /// Shortens a text to at most `body_max` bytes, and appends a note with the number of omitted bytes.
    fn shortened(&self, text: &str) -> String {
        let end = text.floor_char_boundary(self.body_max);
        match text.len() - end {
            0 => text.to_owned(),
            rest => format!("{}\n… {rest} more bytes; --full shows all", &text[..end]),
        }
    }

    fn end(&self, end: TrialEnd) -> String {
        let plan = &self.prepared.plan;
        let name = trial::name(plan, self.prepared.arrival);
        let at = |step: tally::request::RequestIndex| &plan.requests[usize::from(step)].name;
        let end = match end {
            // For a single request, the last line already contains the outcome, so nothing else is printed.
            TrialEnd::Request { .. } => return String::new(),
            TrialEnd::Flow(FlowEnd::Completed) => "completed".to_owned(),
            TrialEnd::Flow(FlowEnd::Failed(step)) => format!("failed at {}", at(step)),
            TrialEnd::Flow(FlowEnd::Starved(step)) => format!("no connection was free for {}", at(step)),
            TrialEnd::Flow(FlowEnd::Stopped) => "stopped".to_owned(),
            TrialEnd::Flow(FlowEnd::InFlight) => "has not ended".to_owned(),
        };
        format!("\nflow {name}: {end}\n")
    }

    /// Returns a step as a JSON object. Times are in seconds.
    fn json(&self, step: &TriedStep, pause: Option<Duration>) -> Value {
        let attempt = &step.attempt;
        let seconds = |span: Option<Duration>| span.map(|span| span.as_secs_f64());
        let exchange = |exchange: &TriedExchange| {
            let response = exchange.answer.as_ref().map(|answer| {
                json!({
                    "status": answer.status,
                    "headers": answer.fields,
                    "body": self.shortened(&answer.body),
                })
            });
            json!({
                "request": { "head": exchange.head, "body": self.shortened(&exchange.body) },
                "response": response,
            })
        };
        let check = |(name, state): &(String, CheckState)| json!({ "name": name, "result": result(*state) });
        let captured = attempt
            .captured
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        let failure = self.failure(attempt);
        json!({
            "arrival": self.prepared.arrival,
            "seed": self.prepared.seed,
            "request": self.request(attempt),
            "attempt": attempt.number,
            "pause": seconds(pause),
            "exchanges": step.exchanges.iter().map(exchange).collect::<Vec<_>>(),
            "times": {
                "resolve": seconds(attempt.resolve),
                "connect": seconds(attempt.connect),
                "tls": seconds(attempt.tls),
                "first_byte": seconds(attempt.first_byte),
                "total": seconds(Some(attempt.total)),
            },
            "captured": captured.collect::<serde_json::Map<_, _>>(),
            "checks": attempt.checks.iter().map(check).collect::<Vec<_>>(),
            "outcome": if failure.is_none() { "completed" } else { "failed" },
            "failure": failure,
        })
    }
}

fn result(state: CheckState) -> &'static str {
    match state {
        CheckState::Met => "met",
        CheckState::NotMet => "not met",
        CheckState::NotChecked => "not checked",
    }
}

fn time(span: Duration) -> String {
    show::time(span.as_nanos() as u64)
}
