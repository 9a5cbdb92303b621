//! A scenario: the checked content of the file that the user wrote.
//!
//! Only [`crate::scenario_file`] creates a `Scenario` from a document. The module `scenario_file` reports all problems
//! of the document at once, and creates a `Scenario` only if the document has no problem.

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

/// A load test: the checked content of the file that the user wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The text of the scenario file, for reports. The text contains neither values of environment variables nor
    /// secrets.
    pub source: String,
    pub name: String,
    /// The seed of every random choice of the run. If the scenario does not set a seed, each launch draws a seed.
    pub seed: Option<u64>,
    pub targets: Vec<Target>,
    /// The populations; at least one. Each request and each flow belongs to exactly one population. The requests and
    /// the flows are in the order of their populations.
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
    /// The feeds. A [`crate::template::TemplatePart::Feed`] contains the index of a feed in this list.
    pub feeds: Vec<Feed>,
    /// The secrets. A [`crate::template::TemplatePart::Secret`] contains the index of a secret in this list.
    pub secrets: Vec<Reference>,
    /// The requests for tokens. A [`crate::template::TemplatePart::Token`] contains the index of a request in this
    /// list.
    pub tokens: Vec<Request>,
    /// The contents of the files. The key is the SHA-256 digest of the content in lower-case hex.
    pub blobs: BTreeMap<String, Vec<u8>>,
}

/// The server to which requests are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A URL such as `http://host:port/base`. If the path is `/`, the URL has no trailing slash.
    Url(String),
    /// The test target, which the command line starts on the loopback address for the duration of the run. The text is
    /// the script of the test target. The text `""` selects the defaults.
    Builtin(String),
}

/// A part of the arrivals with its own load, mix and transport. The load determines when the arrivals of the population
/// are due. The mix determines which requests these arrivals send.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// The name of the population: letters, digits and `_ . : -`. The name is unique in the scenario. If the scenario
    /// has no `populations`, the name of its only population is empty.
    pub name: String,
    /// The load, beginning at T0, the start of the run. If the population starts later than the run, the first phase of
    /// the load sends no requests and is not measured.
    pub load: Load,
    pub mix_order: MixOrder,
    pub transport: Transport,
    /// The range of indices of the population's requests: first the requests of its mix, and then the steps of its
    /// flows.
    pub requests: Range<usize>,
    /// The range of indices of the population's flows.
    pub flows: Range<usize>,
}

/// A load: how many arrivals are due, or how many users are present, over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// An open load. Its arrivals do not wait for the answers of earlier arrivals.
    Open { phases: Vec<OpenPhase>, spacing: Spacing },
    /// A closed load. Each user sends a request, waits for the answer, pauses, and sends the next request.
    Closed { phases: Vec<UserPhase>, think: ThinkTime },
}

/// How the due times of arrivals are distributed over time, for a given rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    Even,
    Poisson,
}

/// Whether the requests of a phase count in the result of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    Measured,
    /// The requests belong to warm-up or cool-down. These requests are sent, but are counted separately. Percentiles
    /// and thresholds do not include these requests.
    Unmeasured,
}

/// A phase of an open load: its shape, and whether its requests are measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPhase {
    pub shape: Shape,
    pub sampling: Sampling,
}

/// The rate of a phase as a function of time.
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
    /// The rate at time t is `mean_rate + amplitude * sin(2 pi t / period)`. The amplitude is at most the mean rate.
    Sine {
        mean_rate: Rate,
        amplitude: Rate,
        period: Duration,
        duration: Duration,
    },
    /// Each interval begins with `spike_rate` for the time `spike_duration`. The remaining part of the interval has the
    /// rate `base_rate`.
    Spike {
        base_rate: Rate,
        spike_rate: Rate,
        spike_interval: Duration,
        spike_duration: Duration,
        duration: Duration,
    },
}

/// A phase of a closed load, in which the number of users changes linearly from `from` to `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPhase {
    pub from: u32,
    pub to: u32,
    pub duration: Duration,
    pub sampling: Sampling,
}

/// The pause between an answer and the next request of the same user. The length of the pause is drawn uniformly from
/// `min..=max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThinkTime {
    pub min: Duration,
    pub max: Duration,
}

/// How the arrivals are divided among the requests and flows of a mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixOrder {
    /// For each arrival, a request or flow is drawn by weight.
    #[default]
    Drawn,
    /// In each block of arrivals, the numbers of arrivals of the requests and flows are exactly in the ratio of their
    /// weights. The order within a block is random.
    Exact,
}

/// A request that arrivals of the scenario can send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The name of the request: letters, digits and `_ . / : -`. The name is unique in the scenario. The name of a step
    /// begins with the name of its flow, as in `buy/order`.
    pub name: String,
    /// The weight of the request in the mix, relative to the weights of the other requests and flows; at least 1. The
    /// weight of a step of a flow is 0, because the mix contains the flow instead of its steps.
    pub weight: u32,
    pub method: String,
    /// A path with a query, which is appended to the URL of the target, or an absolute `http(s)://` URL. The text is
    /// empty if the request uses the URL of the target unchanged.
    pub url: Template,
    /// The headers in the order in which they are sent. A name may occur several times.
    pub headers: Vec<(String, Template)>,
    pub body: Body,
    /// The maximum time until the last byte of the answer is read. The time begins when the first byte of the request
    /// is sent. If the request needs a new connection, the time begins when the worker begins to connect.
    pub timeout: Duration,
    pub success: Success,
    /// The maximum number of redirects that the request follows; 0 by default.
    pub follow_redirects: u8,
    /// The values that a step of a flow captures from its answer.
    pub captures: Vec<Capture>,
    /// The signature of the request; `None` if the request is not signed.
    pub signature: Option<Signature>,
    /// The client certificate for the connection of the request; `None` if the connection uses the client certificate
    /// of [`Tls`].
    pub client: Option<ClientCertificate>,
}

/// The parameters for signing a request with AWS Signature Version 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub service: String,
    pub region: String,
    /// The secrets that contain the keys for signing; `None` if the keys come from the environment of the worker.
    pub keys: Option<SigningKeys>,
}

/// The numbers of the secrets whose values are the keys for signing requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningKeys {
    pub key: u32,
    pub secret: u32,
    /// The number of the secret whose value is the session token; `None` for keys without a session token.
    pub token: Option<u32>,
}

impl Request {
    /// Returns whether the request is a step of a flow. A request that is not a step is an arrival of its own.
    pub fn is_step(&self) -> bool {
        self.weight == 0
    }
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Empty,
    Inline(Template),
    /// The SHA-256 digest of the content of a file. The content is in [`Scenario::blobs`], and later in the store.
    Blob(String),
    /// Texts and contents of files, one after another.
    Pieces(Vec<BodyPiece>),
}

/// A piece of the body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyPiece {
    Template(Template),
    /// The SHA-256 digest of the content of a file.
    Blob(String),
}

impl Request {
    /// Returns the texts of the request that may contain placeholders: the URL, the values of the headers, and the
    /// body.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let headers = self.headers.iter().map(|(_, value)| value);
        std::iter::once(&self.url).chain(headers).chain(self.body.templates())
    }
}

impl Body {
    /// Returns the texts of the body that may contain placeholders.
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

    /// Returns the SHA-256 digest of each file of the body.
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

/// The success rule: whether an answer counts as completed or as failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// The status codes that count as completed, as ranges that include both ends; `200-399` by default.
    pub statuses: Vec<(u16, u16)>,
    /// The text that the body of the answer must contain. A body that is compressed with gzip or deflate is decoded
    /// first. A body in another coding counts as a body without the text.
    pub body_contains: Option<String>,
    pub checks: Vec<Check>,
}

impl Scenario {
    /// The seed of a plan that is not launched, for a scenario that does not set a seed.
    pub const SEED: u64 = 1;

    /// Returns the seed of the plan of this scenario.
    pub fn planned_seed(&self) -> u64 {
        self.seed.unwrap_or(Scenario::SEED)
    }
}

/// A feed: rows of data that arrivals use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub name: String,
    /// The delimiter between the cells of a row; `None` if the scenario does not set a delimiter.
    pub delimiter: Option<Delimiter>,
    pub columns: Vec<String>,
    pub rows: u64,
    pub pick: Pick,
    /// The SHA-256 digest of the CSV file.
    pub blob: String,
    /// The stored parts of a large CSV file, in order. The list is empty if the file is stored whole.
    pub parts: Vec<FeedPart>,
}

/// A part of a large feed: consecutive rows, stored as a CSV file with the header of the whole feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPart {
    /// The SHA-256 digest of the part.
    pub blob: String,
    pub rows: u64,
    pub bytes: u64,
}

impl Feed {
    /// Returns the SHA-256 digests of the stored files with the rows of the feed.
    pub fn blobs(&self) -> impl Iterator<Item = &String> {
        let whole = self.parts.is_empty().then_some(&self.blob);
        whole.into_iter().chain(self.parts.iter().map(|part| &part.blob))
    }
}

/// The rule that determines which row of a feed an arrival uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// Arrival k uses the row with the number k modulo the number of rows.
    #[default]
    Turn,
    /// Each row is used at most once in the run. The rows are used in the order of the file.
    Once,
    /// Each row is used at most once in each pass through the feed. The order is random in each pass.
    Shuffle,
    /// Each arrival uses a random row.
    Random,
    /// Each user always uses the same row. The number of this row is the number of the user modulo the number of rows.
    User,
}

/// The limits of one worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of open connections of one worker.
    pub connections: u32,
    /// The maximum number of concurrent requests on one HTTP/2 connection.
    pub streams: u32,
    /// The maximum number of flows in progress on one worker.
    pub sessions: u32,
    /// How long an arrival may wait for a free connection before the arrival is dropped.
    pub max_wait: Duration,
    pub connect_timeout: Duration,
    /// The maximum size in bytes of the body of an answer. If the body is larger, the request fails and its connection
    /// is closed.
    pub body_bytes_max: u64,
    /// Whether the certificates of targets are accepted without a check.
    pub insecure_tls: bool,
}

/// How requests are sent: the protocol, the reuse of connections, and the pacing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    pub protocol: Protocol,
    /// The reuse of connections by requests that are not steps of flows.
    pub reuse: Reuse,
    pub flow_reuse: Reuse,
    pub pacing: Pacing,
    pub session: SessionKind,
}

/// How long a user keeps cookies and connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionKind {
    /// The user keeps cookies and connections for one flow.
    #[default]
    Fresh,
    /// In a closed load, the user keeps cookies and connections for all flows of the user.
    Kept,
}

/// Certificates that a scenario adds to the certificates of the systems on which the workers run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Additional certificate authorities that workers trust.
    pub ca: Option<Pem>,
    /// The client certificate for targets that request a client certificate.
    pub client: Option<ClientCertificate>,
}

/// A client certificate with its chain and its private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    pub certificate: Pem,
    pub key: ClientKey,
}

/// The private key of a client certificate. The key itself is never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKey {
    /// The number of the secret that contains the key. If the secret contains several keys, each certificate uses the
    /// key that belongs to the certificate.
    Secret(u32),
    /// Each cell of this column is a reference to a secret.
    Cells { feed: u32, column: u32 },
}

impl ClientCertificate {
    /// The maximum number of rows of a feed with certificates. The limit exists because each worker keeps all
    /// certificates of the feed in memory.
    pub const ROWS_MAX: u64 = 10_000;

    /// Returns the name that errors use for the certificate in one row of a feed. The first row has the number 0.
    /// `cell` is the path of a file, or a text in PEM format.
    pub fn name_in_row(feed: &str, row: usize, cell: &str) -> String {
        let file = match cell.contains('\n') {
            true => String::new(),
            false => format!(" `{cell}`"),
        };
        format!("row {} of the feed `{feed}`: the certificate{file}", row + 1)
    }

    /// Returns the number of the feed that contains one certificate in each row; `None` if the certificate is not in a
    /// feed.
    pub fn feed(&self) -> Option<u32> {
        match self.certificate {
            Pem::Cells { feed, .. } => Some(feed),
            Pem::Blob(_) | Pem::Secret(_) => None,
        }
    }
}

/// The place of certificates in PEM format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pem {
    /// The SHA-256 digest of the content of a file. The content is in [`Scenario::blobs`], and later in the store.
    Blob(String),
    /// The number of the secret that contains the certificates.
    Secret(u32),
    /// One certificate for each row of a feed. Each cell of the column is the path of a file, or a text in PEM format.
    /// The blob is a stored feed whose only column contains the texts in PEM format.
    Cells { feed: u32, column: u32, blob: String },
}

impl Pem {
    /// Returns the SHA-256 digest of the stored file with the certificates; `None` if the certificates are in a secret.
    pub fn blob(&self) -> Option<&String> {
        match self {
            Pem::Blob(blob) | Pem::Cells { blob, .. } => Some(blob),
            Pem::Secret(_) => None,
        }
    }
}

impl Tls {
    /// Returns all certificates of the scenario.
    pub fn certificates(&self) -> impl Iterator<Item = &Pem> {
        let client = self.client.as_ref().map(|client| &client.certificate);
        self.ca.iter().chain(client)
    }
}

/// The version of HTTP with which requests are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Http1,
    /// HTTP/2. Over TLS, the worker negotiates the version with ALPN. Without TLS, the worker uses HTTP/2 without
    /// negotiation.
    Http2,
}

/// The rule that determines which requests may use the same connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// Requests of any arrivals may use the connection, one after another.
    #[default]
    Kept,
    /// Only one request uses the connection.
    Fresh,
    /// The requests of one flow use the connection. If the user keeps the session, the requests of all flows of this
    /// user use the connection.
    User,
}

/// How a worker waits for the due times of arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// The worker wakes up for each arrival at its due time, if the load thread is fast enough.
    #[default]
    Precise,
    /// The worker wakes up at each whole millisecond and sends all arrivals that are due by then. At high rates,
    /// batched pacing takes a quarter of the CPU time of precise pacing.
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
    /// The maximum of the limit `connections`. A Lambda function may open 1,024 descriptors. The descriptors above this
    /// maximum are left for the store and the runtime.
    pub const CONNECTIONS_MAX: u32 = 900;
    /// The maximum of the limit `streams`. The limit may be higher than the number of streams that servers usually
    /// allow (RFC 9113, 6.5.2 recommends at least 100).
    pub const STREAMS_MAX: u32 = 1_000;

    /// The maximum of the limit `sessions`. The maximum exists because each flow in progress takes about a kilobyte of
    /// memory.
    pub const SESSIONS_MAX: u32 = 100_000;

    /// The maximum of every timeout and wait. The maximum ensures that the latency of one request never exceeds the
    /// range of the histograms.
    pub const WAIT_MAX: Duration = Duration::from_secs(600);
}
