//! A scenario: what the user wrote, checked.
//!
//! There is no way to make one from a document but [`crate::scenario_file`], which reports every
//! problem at once; so whoever holds a `Scenario` holds one that can be planned.

use crate::abort::AbortRule;
use crate::delimiter::Delimiter;
use crate::hosts::Hosts;
use crate::rate::Rate;
use crate::region::Region;
use crate::secret::Reference;
use crate::template::Template;
use crate::threshold::Threshold;
use std::collections::BTreeMap;
use std::time::Duration;

/// What the user wrote, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The file itself, for reports: no value of the environment and no secret is in it.
    pub source: String,
    pub name: String,
    /// What every random choice of the run is drawn from; without one, each launch draws its own.
    pub seed: Option<u64>,
    pub targets: Vec<Target>,
    pub load: Load,
    pub requests: Vec<Request>,
    pub thresholds: Vec<Threshold>,
    pub limits: Limits,
    pub transport: Transport,
    pub hosts: Hosts,
    pub tls: Tls,
    pub abort_if: Vec<AbortRule>,
    /// Empty where the load is not shared among regions.
    pub regions: Vec<Region>,
    /// Feeds in the order that [`crate::template::TemplatePart::Feed`] numbers them.
    pub feeds: Vec<Feed>,
    /// Secrets in the order that [`crate::template::TemplatePart::Secret`] numbers them.
    pub secrets: Vec<Reference>,
    /// Contents of body files and feeds, by the SHA-256 (lower-case hex) of the bytes.
    pub blobs: BTreeMap<String, Vec<u8>>,
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `http://host:port/base` or `https://…`; without a slash where the path is that alone.
    Url(String),
    /// The test target that the command line starts on loopback for the length of the run; the
    /// text is its script, `""` for its defaults.
    Builtin(String),
}

/// How much is sent over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// Arrivals that do not wait for answers.
    Open { phases: Vec<OpenPhase>, spacing: Spacing },
    /// Users that wait for an answer, think, and ask again.
    Closed { phases: Vec<UserPhase>, think: ThinkTime },
}

/// How arrivals lie between two instants of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    Even,
    Poisson,
}

/// Whether what is sent in a phase enters the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    Measured,
    /// Warm-up and cool-down: sent and counted apart, in no percentile and no threshold.
    Unmeasured,
}

/// A shape and whether it is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenPhase {
    pub shape: Shape,
    pub sampling: Sampling,
}

/// Rate over time.
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
    /// Each interval begins with `spike_duration` at `spike_rate`; the rest of it is `base_rate`.
    Spike {
        base_rate: Rate,
        spike_rate: Rate,
        spike_interval: Duration,
        spike_duration: Duration,
        duration: Duration,
    },
}

/// The number of users moves in a straight line from `from` to `to`.
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

/// One kind of request in the mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Letters, digits and `_ . / : -`; unique in the scenario.
    pub name: String,
    /// Its share of the mix, relative to the other weights; at least 1.
    pub weight: u32,
    pub method: String,
    /// A path with query that is appended to the target, or an absolute `http(s)://` URL; without a path it is the
    /// target itself.
    pub url: Template,
    /// In their order; a name may come several times.
    pub headers: Vec<(String, Template)>,
    pub body: Body,
    /// From the first byte sent (or the start of connecting) to the last byte read.
    pub timeout: Duration,
    pub success: Success,
    /// How many redirects are followed; 0 by default.
    pub follow_redirects: u8,
}

/// What is sent as the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Empty,
    Inline(Template),
    /// The SHA-256 of a file's content, in [`Scenario::blobs`] and then in the store.
    Blob(String),
}

/// When an answer counts as completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// Inclusive ranges of status codes; `200-399` by default.
    pub statuses: Vec<(u16, u16)>,
    /// Text that the body must contain, if any. A body in gzip or deflate is decoded; one in another
    /// coding does not contain it.
    pub body_contains: Option<String>,
}

impl Scenario {
    /// The seed of a plan that nobody launches, where the scenario has none.
    pub const SEED: u64 = 1;

    /// The seed that a plan of it gets.
    pub fn planned_seed(&self) -> u64 {
        self.seed.unwrap_or(Scenario::SEED)
    }
}

/// Rows that arrivals take their data from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub name: String,
    /// What stands between two cells, if the scenario says it.
    pub delimiter: Option<Delimiter>,
    pub columns: Vec<String>,
    pub rows: u64,
    /// The SHA-256 of the CSV file.
    pub blob: String,
}

/// Bounds on what one worker holds and waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections in one worker.
    pub connections: u32,
    /// Requests at once on one connection, with HTTP/2.
    pub streams: u32,
    /// How long an arrival may wait for a free connection before it is dropped.
    pub max_wait: Duration,
    pub connect_timeout: Duration,
    /// A larger body ends the request as failed and closes its connection.
    pub body_bytes_max: u64,
    /// Accept any certificate.
    pub insecure_tls: bool,
}

/// How requests travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transport {
    pub protocol: Protocol,
    pub reuse: Reuse,
    pub pacing: Pacing,
}

/// Certificates beyond those that the workers' systems have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Authorities that are believed, too.
    pub ca: Option<Pem>,
    /// What the client shows to targets that ask for a certificate.
    pub client: Option<ClientCertificate>,
}

/// A certificate of the client, with those that lead to its authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    pub certificate: Pem,
    /// The number of the secret that is its key: a key is never stored.
    pub key: u32,
}

/// Certificates in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pem {
    /// The SHA-256 of a file's content, in [`Scenario::blobs`] and then in the store.
    Blob(String),
    /// The number of a secret.
    Secret(u32),
}

impl Tls {
    /// All certificates.
    pub fn certificates(&self) -> impl Iterator<Item = &Pem> {
        let client = self.client.as_ref().map(|client| &client.certificate);
        self.ca.iter().chain(client)
    }
}

/// The version of HTTP that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Http1,
    /// Over TLS it is agreed on with ALPN; in clear text both sides know it beforehand.
    Http2,
}

/// Whether a connection carries one request or many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    #[default]
    Kept,
    Fresh,
}

/// How a worker wakes for arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// Each at its own instant, as long as there is time for that.
    #[default]
    Precise,
    /// Together, at the next whole millisecond: at high rates for a quarter of the processor time.
    Batched,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 128,
            streams: 100,
            max_wait: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            body_bytes_max: 16 << 20,
            insecure_tls: false,
        }
    }
}

impl Limits {
    /// A Lambda function may open 1,024 descriptors; the rest is for the store and the runtime.
    pub const CONNECTIONS_MAX: u32 = 900;
    /// More streams than servers allow, as a rule (RFC 9113, 6.5.2 asks for at least 100).
    pub const STREAMS_MAX: u32 = 1_000;

    /// Bounds every timeout and wait, so that no latency can leave the histogram's range.
    pub const WAIT_MAX: Duration = Duration::from_secs(600);
}
