//! A scenario: the checked form of the user's file.
//!
//! Only [`crate::scenario_file`] creates a `Scenario` from a document, and it reports all problems at once. So every
//! `Scenario` can be planned.

use crate::abort::AbortRule;
use crate::capture::{Capture, Check};
use crate::delimiter::Delimiter;
use crate::flow::Flow;
use crate::hosts::Hosts;
use crate::rate::Rate;
use crate::region::Region;
use crate::secret::Reference;
use crate::template::Template;
use crate::threshold::Threshold;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// The checked form of the user's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The text of the file, for reports. The text contains neither values of environment variables nor secrets.
    pub source: String,
    pub name: String,
    /// The seed of every random choice of the run. If the scenario has no seed, each launch draws a seed.
    pub seed: Option<u64>,
    pub targets: Vec<Target>,
    /// The populations; at least one. Each request and each flow belongs to exactly one population. The order of the
    /// requests and flows follows the order of the populations.
    pub populations: Vec<Population>,
    pub requests: Vec<Request>,
    pub flows: Vec<Flow>,
    pub thresholds: Vec<Threshold>,
    pub limits: Limits,
    pub hosts: Hosts,
    pub tls: Tls,
    pub abort_if: Vec<AbortRule>,
    /// The regions and their shares of the load. The list is empty if the load is not divided among regions.
    pub regions: Vec<Region>,
    /// Feeds in the order that [`crate::template::TemplatePart::Feed`] numbers them.
    pub feeds: Vec<Feed>,
    /// Secrets in the order that [`crate::template::TemplatePart::Secret`] numbers them.
    pub secrets: Vec<Reference>,
    /// Requests for tokens in the order that [`crate::template::TemplatePart::Token`] numbers them.
    pub tokens: Vec<Request>,
    /// The contents of the files, by the SHA-256 (lower-case hex) of the content.
    pub blobs: BTreeMap<String, Vec<u8>>,
}

/// The destination of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A URL such as `http://host:port/base`. The URL has no trailing slash if its path is `/`.
    Url(String),
    /// The test target that the command line starts on loopback for the duration of the run. The text is the script of
    /// the test target; the text `""` selects the defaults.
    Builtin(String),
}

/// A part of the arrivals with its own load, mix and transport. The load determines when these arrivals are due, and
/// the mix determines their requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// The name: letters, digits and `_ . : -`, unique in the scenario. The name is empty for the only population of a
    /// scenario without `populations`.
    pub name: String,
    /// The load from T0 on. If the population starts later, the first phase sends no requests and is not measured.
    pub load: Load,
    pub mix_order: MixOrder,
    pub transport: Transport,
    /// The indices of the population's requests: first the requests of its mix, then the steps of its flows.
    pub requests: Range<usize>,
    /// The indices of the population's flows.
    pub flows: Range<usize>,
}

/// The load over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// Arrivals that do not wait for answers.
    Open { phases: Vec<OpenPhase>, spacing: Spacing },
    /// Users that wait for an answer, pause, and repeat.
    Closed { phases: Vec<UserPhase>, think: ThinkTime },
}

/// The distribution of arrivals between two instants of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    Even,
    Poisson,
}

/// Whether the requests of a phase count in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    Measured,
    /// The requests belong to warm-up or cool-down. They are sent and counted separately, and no percentile or
    /// threshold includes them.
    Unmeasured,
}

/// A shape, and whether it is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPhase {
    pub shape: Shape,
    pub sampling: Sampling,
}

/// The rate over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Constant {
        rate: Rate,
        duration: Duration,
    },
    Ramp {
        from: Rate,
        to: Rate,
        ramp_duration: Duration,
    },
    RampSustain {
        from: Rate,
        to: Rate,
        ramp_duration: Duration,
        sustain_duration: Duration,
    },
    Step {
        steps: Vec<(Rate, Duration)>,
    },
    /// `mean_rate + amplitude * sin(2 pi t / period)`; the amplitude is at most the mean rate.
    Sine {
        mean_rate: Rate,
        amplitude: Rate,
        period: Duration,
        duration: Duration,
    },
    /// Each interval begins with `spike_rate` for `spike_duration`; the rest of the interval has `base_rate`.
    Spike {
        base_rate: Rate,
        spike_rate: Rate,
        spike_interval: Duration,
        spike_duration: Duration,
        duration: Duration,
    },
}

/// A phase in which the number of users changes linearly from `from` to `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPhase {
    pub from: u32,
    pub to: u32,
    pub duration: Duration,
    pub sampling: Sampling,
}

/// The pause between an answer and the next request of the same user: uniform in `min..=max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThinkTime {
    pub min: Duration,
    pub max: Duration,
}

/// How the requests and flows of a mix share the arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixOrder {
    /// Each arrival draws its entry by weight.
    #[default]
    Drawn,
    /// Each entry gets exactly its weight of every block of arrivals. The order within a block is random.
    Exact,
}

/// One kind of request in the mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The name: letters, digits and `_ . / : -`, unique in the scenario. The name of a step begins with the name of
    /// its flow: `buy/order`.
    pub name: String,
    /// The request's share of the mix, relative to the weights of the other requests and flows; at least 1. The weight
    /// of a step of a flow is 0, because the mix contains the flow instead of its steps.
    pub weight: u32,
    pub method: String,
    /// A path with a query, which is appended to the URL of the target, or an absolute `http(s)://` URL. The text is
    /// empty if the request uses the URL of the target unchanged.
    pub url: Template,
    /// The headers in the order in which they are sent. A name may occur several times.
    pub headers: Vec<(String, Template)>,
    pub body: Body,
    /// The maximum time from the first byte sent, or from the start of connecting, to the last byte read.
    pub timeout: Duration,
    pub success: Success,
    /// The maximum number of redirects that are followed; 0 by default.
    pub follow_redirects: u8,
    /// The values that a step captures from its answer.
    pub captures: Vec<Capture>,
    /// The signature of the request; `None` if the request is not signed.
    pub signature: Option<Signature>,
    /// The client certificate of the request's connection; `None` if the connection uses the client certificate of
    /// [`Tls`].
    pub client: Option<ClientCertificate>,
}

/// The signature of a request: AWS Signature Version 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub service: String,
    pub region: String,
    /// The secrets with the keys that sign the request; `None` if the keys come from the worker's environment.
    pub keys: Option<SigningKeys>,
}

/// The numbers of the secrets that sign requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningKeys {
    pub key: u32,
    pub secret: u32,
    /// The number of the secret with the session token; `None` for keys without a session token.
    pub token: Option<u32>,
}

impl Request {
    /// Whether the request is a step of a flow, and not an arrival of its own.
    pub fn is_step(&self) -> bool {
        self.weight == 0
    }
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Empty,
    Inline(Template),
    /// The SHA-256 of a file's content, in [`Scenario::blobs`] and then in the store.
    Blob(String),
    /// Texts and files, one after another.
    Pieces(Vec<BodyPiece>),
}

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyPiece {
    Template(Template),
    /// The SHA-256 of a file's content.
    Blob(String),
}

impl Request {
    /// The texts of the request that may contain placeholders: URL, values of headers, and body.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let headers = self.headers.iter().map(|(_, value)| value);
        std::iter::once(&self.url).chain(headers).chain(self.body.templates())
    }
}

impl Body {
    /// The texts of the body that may contain placeholders.
    fn templates(&self) -> impl Iterator<Item = &Template> {
        let (whole, pieces) = match self {
            Body::Inline(template) => (Some(template), [].as_slice()),
            Body::Pieces(pieces) => (None, pieces.as_slice()),
            Body::Empty | Body::Blob(_) => (None, [].as_slice()),
        };
        let pieces = pieces.iter().filter_map(|piece| match piece {
            BodyPiece::Template(template) => Some(template),
            BodyPiece::Blob(_) => None,
        });
        whole.into_iter().chain(pieces)
    }

    /// The SHA-256 of each file of the body.
    pub fn blobs(&self) -> impl Iterator<Item = &String> {
        let (whole, pieces) = match self {
            Body::Blob(blob) => (Some(blob), [].as_slice()),
            Body::Pieces(pieces) => (None, pieces.as_slice()),
            Body::Empty | Body::Inline(_) => (None, [].as_slice()),
        };
        let pieces = pieces.iter().filter_map(|piece| match piece {
            BodyPiece::Blob(blob) => Some(blob),
            BodyPiece::Template(_) => None,
        });
        whole.into_iter().chain(pieces)
    }
}

/// The rule by which an answer counts as completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// Inclusive ranges of status codes; `200-399` by default.
    pub statuses: Vec<(u16, u16)>,
    /// The text that the body must contain. A body in gzip or deflate is decoded; a body in another coding never
    /// matches.
    pub body_contains: Option<String>,
    pub checks: Vec<Check>,
}

impl Scenario {
    /// The seed for a plan that is not launched if the scenario has no seed.
    pub const SEED: u64 = 1;

    /// Returns the seed of the scenario's plan.
    pub fn planned_seed(&self) -> u64 {
        self.seed.unwrap_or(Scenario::SEED)
    }
}

/// Rows of data for arrivals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub name: String,
    /// The delimiter between cells, if the scenario sets it.
    pub delimiter: Option<Delimiter>,
    pub columns: Vec<String>,
    pub rows: u64,
    pub pick: Pick,
    /// The SHA-256 of the CSV file.
    pub blob: String,
    /// The stored parts of a large file, in order. The list is empty if the file is stored whole.
    pub parts: Vec<FeedPart>,
}

/// Consecutive rows of a large feed, stored as a CSV file with the same header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPart {
    /// The SHA-256 of the part.
    pub blob: String,
    pub rows: u64,
    pub bytes: u64,
}

impl Feed {
    /// The stored files with the rows.
    pub fn blobs(&self) -> impl Iterator<Item = &String> {
        let whole = self.parts.is_empty().then_some(&self.blob);
        whole.into_iter().chain(self.parts.iter().map(|part| &part.blob))
    }
}

/// The rule that determines which row of a feed an arrival takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// Arrival k takes row k modulo the number of rows.
    #[default]
    Turn,
    /// Each row is used at most once in the run. The rows are used in the order of the file.
    Once,
    /// Each row is used once per pass through the feed. The order is random for each pass.
    Shuffle,
    /// Each arrival takes a random row.
    Random,
    /// Each user always takes the same row: the number of the user modulo the number of rows.
    User,
}

/// Limits of one worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of open connections in one worker.
    pub connections: u32,
    /// The maximum number of concurrent requests on one connection, with HTTP/2.
    pub streams: u32,
    /// The maximum number of flows in progress in one worker.
    pub sessions: u32,
    /// How long an arrival may wait for a free connection before it is dropped.
    pub max_wait: Duration,
    pub connect_timeout: Duration,
    /// The maximum size of the body of an answer. If the body is larger, the request fails and its connection is
    /// closed.
    pub body_bytes_max: u64,
    /// Whether any certificate of a target is accepted.
    pub insecure_tls: bool,
}

/// The transport of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    pub protocol: Protocol,
    /// The reuse of connections by requests that are not steps of flows.
    pub reuse: Reuse,
    pub flow_reuse: Reuse,
    pub pacing: Pacing,
    pub session: SessionKind,
}

/// How long the cookies and connections of a user are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionKind {
    /// The user keeps cookies and connections for one flow.
    #[default]
    Fresh,
    /// The user keeps cookies and connections for all flows of the user, in a closed load.
    Kept,
}

/// Certificates that a scenario adds to the certificates of the workers' systems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Additional trusted authorities.
    pub ca: Option<Pem>,
    /// The client certificate for targets that request a client certificate.
    pub client: Option<ClientCertificate>,
}

/// A client certificate, with its chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    pub certificate: Pem,
    pub key: ClientKey,
}

/// The private key of a client certificate. The key itself is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKey {
    /// The number of the secret that contains the key. If the secret contains several keys, each certificate uses the
    /// key that belongs to it.
    Secret(u32),
    /// Each cell of this column is a reference to a secret.
    Cells { feed: u32, column: u32 },
}

impl ClientCertificate {
    /// The maximum number of rows of a feed with certificates. The limit exists because each worker keeps all
    /// certificates of the feed in memory.
    pub const ROWS_MAX: u64 = 10_000;

    /// Returns the name, in errors, of the certificate in one row of a feed. The first row has the number 0. `cell` is
    /// the path of a file, or a text in PEM format.
    pub fn name_in_row(feed: &str, row: usize, cell: &str) -> String {
        let file = match cell.contains('\n') {
            true => String::new(),
            false => format!(" `{cell}`"),
        };
        format!("row {} of the feed `{feed}`: the certificate{file}", row + 1)
    }

    /// The number of the feed that has one certificate in each row.
    pub fn feed(&self) -> Option<u32> {
        match self.certificate {
            Pem::Cells { feed, .. } => Some(feed),
            Pem::Blob(_) | Pem::Secret(_) => None,
        }
    }
}

/// Certificates in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pem {
    /// The SHA-256 of a file's content, in [`Scenario::blobs`] and then in the store.
    Blob(String),
    /// The number of a secret.
    Secret(u32),
    /// One certificate for each row of a feed. Each cell of the column is the path of a file, or a text in PEM. The
    /// blob is a stored feed whose only column contains the texts in PEM.
    Cells { feed: u32, column: u32, blob: String },
}

impl Pem {
    /// The SHA-256 of the stored file with the certificates; `None` for a secret.
    pub fn blob(&self) -> Option<&String> {
        match self {
            Pem::Blob(blob) | Pem::Cells { blob, .. } => Some(blob),
            Pem::Secret(_) => None,
        }
    }
}

impl Tls {
    /// All certificates.
    pub fn certificates(&self) -> impl Iterator<Item = &Pem> {
        let client = self.client.as_ref().map(|client| &client.certificate);
        self.ca.iter().chain(client)
    }
}

/// The HTTP version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Http1,
    /// HTTP/2. Over TLS, the version is negotiated with ALPN. Without TLS, the worker uses HTTP/2 without negotiation.
    Http2,
}

/// The rule that determines which requests share a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Requests of any arrivals use the connection one after another.
    #[default]
    Kept,
    /// The connection carries only one request.
    Fresh,
    /// Requests of one flow use the connection, or requests of one user while the user keeps the session.
    User,
}

/// How a worker wakes for due arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// The worker wakes for each arrival at its due time, if the thread is fast enough.
    #[default]
    Precise,
    /// The worker wakes at each whole millisecond and sends all arrivals that became due before. At high rates, this
    /// takes a quarter of the CPU time.
    Batched,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 128,
            streams: 100,
            sessions: 10_000,
            max_wait: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            body_bytes_max: 16 << 20,
            insecure_tls: false,
        }
    }
}

impl Limits {
    /// The maximum of `connections`. A Lambda function may open 1,024 descriptors; the store and the runtime need the
    /// remaining descriptors.
    pub const CONNECTIONS_MAX: u32 = 900;
    /// The maximum of `streams`. The limit is higher than the number of streams that servers usually allow (RFC 9113,
    /// 6.5.2 recommends at least 100).
    pub const STREAMS_MAX: u32 = 1_000;

    /// The maximum number of flows in progress. The limit exists because each flow takes about a kilobyte of memory.
    pub const SESSIONS_MAX: u32 = 100_000;

    /// The maximum of every timeout and wait, so that no latency exceeds the histogram's range.
    pub const WAIT_MAX: Duration = Duration::from_secs(600);
}
