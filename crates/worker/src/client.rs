//! The engine that a plan needs, chosen by the protocol of the plan.

use crate::engine::{Answer, Engine, FlowState, Reported, Share, Ticket};
use crate::http::Http;
use crate::http2::Http2;
use plan::scenario::Protocol;
use tally::request::RequestIndex;
use tally::waits::Openings;
use tokio::time::Instant;

/// Sends the requests of a plan, over the protocol of the plan.
#[derive(Debug)]
pub enum Client {
    Http1(Box<Http>),
    Http2(Http2),
}

impl Client {
    /// Creates the engine for a thread's share of a plan.
    ///
    /// # Errors
    /// Returns an error as a sentence, if the system does not grant the resources of the engine.
    pub fn new(share: Share) -> Result<Client, String> {
        Ok(match share.plan.only().transport.protocol {
            Protocol::Http1 => Client::Http1(Box::new(Http::new(share)?)),
            Protocol::Http2 => Client::Http2(Http2::new(share)),
        })
    }
}

impl Engine for Client {
    async fn prepare(&mut self) -> Result<(), String> {
        match self {
            Client::Http1(http) => http.prepare().await,
            Client::Http2(http) => http.prepare().await,
        }
    }

    fn send(&mut self, ticket: Ticket, k: u64, request: RequestIndex, flow: FlowState) {
        match self {
            Client::Http1(http) => http.send(ticket, k, request, flow),
            Client::Http2(http) => http.send(ticket, k, request, flow),
        }
    }

    async fn wait(&mut self, until: Instant, answers: &mut Vec<(Ticket, Answer)>) {
        match self {
            Client::Http1(http) => http.wait(until, answers).await,
            Client::Http2(http) => http.wait(until, answers).await,
        }
    }

    fn close_connections(&mut self, flow: &mut FlowState) {
        match self {
            Client::Http1(http) => http.close_connections(flow),
            Client::Http2(http) => http.close_connections(flow),
        }
    }

    fn reported(&self, ticket: Ticket) -> Option<Reported> {
        match self {
            Client::Http1(http) => http.reported(ticket),
            Client::Http2(http) => http.reported(ticket),
        }
    }

    fn take_openings(&mut self) -> Openings {
        match self {
            Client::Http1(http) => http.take_openings(),
            Client::Http2(http) => http.take_openings(),
        }
    }

    fn take_open_max(&mut self) -> usize {
        match self {
            Client::Http1(http) => http.take_open_max(),
            Client::Http2(http) => http.take_open_max(),
        }
    }
}
