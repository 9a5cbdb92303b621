//! The stored form of the transport of requests, and of the limits of a worker.

use crate::scenario;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The stored form of the limits of one worker.
#[derive(Debug, Serialize, Deserialize)]
pub struct Limits {
    connections: u32,
    #[serde(default = "streams_of_older_plans")]
    streams: u32,
    #[serde(default = "sessions_of_older_plans", skip_serializing_if = "is_default")]
    sessions: u32,
    max_wait: Duration,
    connect_timeout: Duration,
    body_bytes_max: u64,
    insecure_tls: bool,
}

fn is_default(sessions: &u32) -> bool {
    *sessions == sessions_of_older_plans()
}

fn sessions_of_older_plans() -> u32 {
    scenario::Limits::default().sessions
}

fn streams_of_older_plans() -> u32 {
    100
}

impl From<scenario::Limits> for Limits {
    fn from(limits: scenario::Limits) -> Limits {
        let scenario::Limits {
            connections,
            streams,
            sessions,
            max_wait,
            connect_timeout,
            body_bytes_max,
            insecure_tls,
        } = limits;
        Limits {
            connections,
            streams,
            sessions,
            max_wait,
            connect_timeout,
            body_bytes_max,
            insecure_tls,
        }
    }
}

impl From<Limits> for scenario::Limits {
    fn from(stored: Limits) -> scenario::Limits {
        scenario::Limits {
            connections: stored.connections,
            streams: stored.streams,
            sessions: stored.sessions,
            max_wait: stored.max_wait,
            connect_timeout: stored.connect_timeout,
            body_bytes_max: stored.body_bytes_max,
            insecure_tls: stored.insecure_tls,
        }
    }
}

/// The stored form of the transport of requests.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Transport {
    #[serde(with = "Protocol")]
    protocol: scenario::Protocol,
    #[serde(with = "Reuse")]
    reuse: scenario::Reuse,
    #[serde(default, with = "Reuse", skip_serializing_if = "is_kept")]
    flow_reuse: scenario::Reuse,
    #[serde(with = "Pacing")]
    pacing: scenario::Pacing,
    #[serde(default, with = "SessionKind", skip_serializing_if = "is_fresh")]
    session: scenario::SessionKind,
}

fn is_kept(reuse: &scenario::Reuse) -> bool {
    *reuse == scenario::Reuse::Kept
}

fn is_fresh(session: &scenario::SessionKind) -> bool {
    *session == scenario::SessionKind::Fresh
}

impl From<scenario::Transport> for Transport {
    fn from(transport: scenario::Transport) -> Transport {
        let scenario::Transport {
            protocol,
            reuse,
            flow_reuse,
            pacing,
            session,
        } = transport;
        Transport {
            protocol,
            reuse,
            flow_reuse,
            pacing,
            session,
        }
    }
}

impl From<Transport> for scenario::Transport {
    fn from(stored: Transport) -> scenario::Transport {
        scenario::Transport {
            protocol: stored.protocol,
            reuse: stored.reuse,
            flow_reuse: stored.flow_reuse,
            pacing: stored.pacing,
            session: stored.session,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::Protocol", rename_all = "snake_case")]
enum Protocol {
    Http1,
    Http2,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::Reuse", rename_all = "snake_case")]
enum Reuse {
    Kept,
    Fresh,
    User,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::SessionKind", rename_all = "snake_case")]
enum SessionKind {
    Fresh,
    Kept,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::Pacing", rename_all = "snake_case")]
enum Pacing {
    Precise,
    Batched,
}

/// The stored form of the certificates of a scenario.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Tls {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<Pem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<ClientCertificate>,
}

impl Tls {
    pub(super) fn is_empty(&self) -> bool {
        self.ca.is_none() && self.client.is_none()
    }
}

impl From<scenario::Tls> for Tls {
    fn from(tls: scenario::Tls) -> Tls {
        let scenario::Tls { ca, client } = tls;
        Tls {
            ca: ca.map(Pem::from),
            client: client.map(ClientCertificate::from),
        }
    }
}

impl From<Tls> for scenario::Tls {
    fn from(stored: Tls) -> scenario::Tls {
        scenario::Tls {
            ca: stored.ca.map(Into::into),
            client: stored.client.map(Into::into),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ClientCertificate {
    certificate: Pem,
    key: ClientKey,
}

/// The stored form of the private key of a client certificate: the number of a secret, or a column whose cells are
/// references to secrets.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum ClientKey {
    Secret(u32),
    Cells { feed: u32, column: u32 },
}

impl From<scenario::ClientCertificate> for ClientCertificate {
    fn from(client: scenario::ClientCertificate) -> ClientCertificate {
        let scenario::ClientCertificate { certificate, key } = client;
        ClientCertificate {
            certificate: certificate.into(),
            key: match key {
                scenario::ClientKey::Secret(secret) => ClientKey::Secret(secret),
                scenario::ClientKey::Cells { feed, column } => ClientKey::Cells { feed, column },
            },
        }
    }
}

impl From<ClientCertificate> for scenario::ClientCertificate {
    fn from(stored: ClientCertificate) -> scenario::ClientCertificate {
        scenario::ClientCertificate {
            certificate: stored.certificate.into(),
            key: match stored.key {
                ClientKey::Secret(secret) => scenario::ClientKey::Secret(secret),
                ClientKey::Cells { feed, column } => scenario::ClientKey::Cells { feed, column },
            },
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pem {
    Blob(String),
    Secret(u32),
    Cells { feed: u32, column: u32, blob: String },
}

impl From<scenario::Pem> for Pem {
    fn from(pem: scenario::Pem) -> Pem {
        match pem {
            scenario::Pem::Blob(digest) => Pem::Blob(digest),
            scenario::Pem::Secret(number) => Pem::Secret(number),
            scenario::Pem::Cells { feed, column, blob } => Pem::Cells { feed, column, blob },
        }
    }
}

impl From<Pem> for scenario::Pem {
    fn from(stored: Pem) -> scenario::Pem {
        match stored {
            Pem::Blob(digest) => scenario::Pem::Blob(digest),
            Pem::Secret(number) => scenario::Pem::Secret(number),
            Pem::Cells { feed, column, blob } => scenario::Pem::Cells { feed, column, blob },
        }
    }
}
