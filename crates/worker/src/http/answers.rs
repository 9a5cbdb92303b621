//! Processes the answers of the engine: follows redirects, checks answers, and captures values from them.

use super::Http;
use crate::engine::Ticket;
use crate::exchange::{BodyProgress, Hop};
use crate::index::ConnectionIndex;
use crate::inspection::FinishedAnswer;
use crate::message::Filling;
use crate::reading::Sink;
use crate::search::{Coding, Wanted};
use crate::trace::TraceEvent;
use crate::why::Why;
use plan::action::Action;
use plan::scenario::Reuse;
use tally::cause::Cause;
use tokio::time::Instant;

/// The location of a redirect, and the cookies that the redirect sets.
struct Redirect {
    location: Vec<u8>,
    cookies: Vec<Vec<u8>>,
}

impl Http {
    pub(super) fn on_answer(&mut self, index: ConnectionIndex, ticket: Ticket, usable: bool, done: Instant) {
        let request = self.exchanges[ticket].request;
        let reading = self.pool.connection(index).map(|connection| &connection.reading);
        let redirect = reading.and_then(|reading| {
            Some(Redirect {
                location: reading.location()?.to_vec(),
                cookies: reading.cookies().map(<[u8]>::to_vec).collect(),
            })
        });
        // If a request does not need the head of its answer, the reader has kept no header fields.
        let fields = reading.into_iter().flat_map(|reading| reading.fields());
        let head: Vec<(String, Vec<u8>)> = fields
            .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value.to_vec()))
            .collect();
        if let Some(trace) = &self.trace {
            let exchange = &self.exchanges[ticket];
            trace.note(TraceEvent::Answered {
                status: exchange.status.unwrap_or_default(),
                fields: head.clone(),
                body: exchange.body.kept().to_vec(),
            });
        }
        match usable && self.plan.reuse_of(request) == Reuse::User {
            true => self.keep_for_user(index, ticket, done),
            false => self.release(index, usable, done),
        }
        self.answered(ticket, redirect, &head, done);
    }

    /// Processes an answer that was read completely. Checks the answer, or follows its redirect. `head` contains the
    /// header fields, if they are kept.
    fn answered(&mut self, ticket: Ticket, redirect: Option<Redirect>, head: &[(String, Vec<u8>)], done: Instant) {
        let exchange = &mut self.exchanges[ticket];
        let Action::Http(planned) = self.plan.action(exchange.request);
        let Some(redirect) = redirect else {
            let result = exchange.judge(planned);
            let result = self.inspect(ticket, head, result);
            return self.finish_at(ticket, result, done);
        };
        // The scenario requires that the redirect is followed. So a redirect that cannot be followed is a failure, even
        // if the success rule accepts the status of the redirect.
        let Some(left) = exchange.redirects_left.checked_sub(1) else {
            return self.finish_at(ticket, Err(Cause::TooManyRedirects.into()), done);
        };
        exchange.redirects_left = left;
        let hop = match exchange.hop.take() {
            Some(hop) => Some(*hop),
            None => {
                let (k, flow) = (exchange.k, &exchange.flow);
                Hop::first(&self.messages, Filling { k, flow }, exchange.request).ok()
            }
        };
        let status = exchange.status.unwrap_or_default();
        let jar = &mut exchange.flow.cookies;
        let hop = hop.and_then(|hop| {
            redirect.cookies.iter().for_each(|cookie| hop.keep_cookie(cookie, jar));
            hop.turn(status, &redirect.location, jar)
        });
        let Some(hop) = hop else {
            return self.finish_at(ticket, Err(Cause::RedirectNotFollowed.into()), done);
        };
        let origin = self.origin(&hop.endpoint);
        let exchange = &mut self.exchanges[ticket];
        exchange.hop = Some(Box::new(hop));
        exchange.status = None;
        self.dispatch(ticket, origin, done);
    }

    /// Stores the cookies of an answer, applies the checks of its request, and captures values from the answer.
    fn inspect(&mut self, ticket: Ticket, head: &[(String, Vec<u8>)], result: Result<(), Why>) -> Result<(), Why> {
        let exchange = &mut self.exchanges[ticket];
        let inspection = self.inspections.of(exchange.request);
        if !inspection.is_needed() {
            return result;
        }
        let named = |name: &str, (known, _): &(String, Vec<u8>)| known.eq_ignore_ascii_case(name);
        let cookies = || head.iter().filter(|field| named("set-cookie", field));
        if inspection.keeps_cookies && cookies().next().is_some() {
            let url = match &exchange.hop {
                Some(hop) => hop.filled.url.clone(),
                None => {
                    let (k, flow) = (exchange.k, &exchange.flow);
                    self.messages.filled(Filling { k, flow }, exchange.request).url
                }
            };
            if let Ok(url) = url::Url::parse(&url) {
                cookies().for_each(|(_, cookie)| exchange.flow.cookies.set(&url, cookie));
            }
        }
        result?;
        let answer = FinishedAnswer {
            status: exchange.status.unwrap_or_default(),
            header: &|name| {
                let found = head.iter().find(|field| named(name, field));
                found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            },
            body: exchange.body.kept(),
        };
        self.inspections
            .apply(exchange.request, exchange.k, &answer, &mut exchange.flow)
    }
}

/// Receives the body of an answer.
pub(super) struct Taking<'a> {
    pub body: &'a mut BodyProgress,
    pub wanted: Option<&'a Wanted>,
    pub coding: Coding,
    pub most: u64,
}

impl Sink for Taking<'_> {
    fn coding(&mut self, header: &[u8]) {
        if self.wanted.is_some() || self.body.keeps() {
            self.coding = self.coding.and(header);
            self.body.coded(self.coding);
        }
    }

    fn data(&mut self, data: &[u8]) -> bool {
        self.body.take(data, self.wanted, self.most)
    }
}
