//! The rules that every plan must follow.
//!
//! A scenario file is checked while it is read, and each problem is reported with its position in the file. A stored
//! plan is checked by [`check`] before the plan is used. If stored plans were not checked, anyone who can write an
//! object to the bucket could make a worker run forever, or send requests that no scenario permits. The check of a
//! scenario and the check of a plan use the rules of this module.

mod certificates;
mod flows;
mod populations;
mod tokens;

use crate::abort::AbortRule;
use crate::authority::Authority;
use crate::capture::Capture;
use crate::hosts::{ADDRESSES_MAX, HOSTS_MAX};
use crate::limits::{BODY_BYTES_MAX, LIST_MAX, PARTS_MAX, REQUESTS_MAX, ROWS_MAX, RUN_MAX, USERS_MAX};
use crate::plan::{Plan, SHARDS_MAX, SLICES_MAX};
use crate::rate::Rate;
use crate::scenario::{
    Body, BodyPiece, Limits, Load, OpenPhase, Population, Request, Sampling, Shape, Signature, UserPhase,
};
use crate::schedule::Schedule;
use crate::sha256;
use crate::span;
use crate::template::{Template, TemplatePart};
use crate::threshold::Threshold;
use crate::token::is_token;
use core::net::Ipv6Addr;
use std::collections::BTreeSet;
use std::time::Duration;

/// The minimum interval between two snapshots of a worker. The limit exists because each snapshot costs one write and
/// one read.
pub const SNAPSHOT_INTERVAL_MIN: Duration = Duration::from_millis(100);
/// The minimum value of `dead_man`. Workers continue at least for this time after the last heartbeat of a process that
/// follows the run.
pub const DEAD_MAN_MIN: Duration = Duration::from_secs(5);
/// The maximum weight of a request.
pub(crate) const WEIGHT_MAX: u32 = 1_000_000;
/// The maximum number of redirects that a request follows.
pub(crate) const REDIRECTS_MAX: u8 = 10;
/// The smallest and the largest status code of HTTP.
pub(crate) const STATUSES: (u16, u16) = (100, 599);
/// The maximum length in bytes of the name of a scenario or a request.
pub(crate) const NAME_BYTES_MAX: usize = 64;

pub(crate) use flows::PAUSE_MAX;

/// The maximum number of certificate files in `tls`.
const CERTIFICATES_MAX: usize = 2;

/// The maximum length in bytes of the name of a run in a plan. The limit exists because every key in the store contains
/// the name.
const RUN_NAME_BYTES_MAX: usize = 128;

/// The latest time that a stored document may contain, in nanoseconds since the Unix epoch: the year 2200. Sums of such
/// times are far below an overflow.
pub const TIME_MAX: u64 = 7_258_118_400 * 1_000_000_000;

/// The headers that determine where a message ends, and the reason why a scenario cannot set each of these headers.
const FRAMING: [(&str, &str); 3] = [
    ("content-length", "it is set to the length of the body; remove it"),
    (
        "transfer-encoding",
        "the body is always sent with its length; remove it",
    ),
    (
        "connection",
        "the scenario's key `connections` sets it; write `connections: fresh` for a connection per request, \
         or remove it to keep connections",
    ),
];

/// Returns a text of the form `reason; hint` for a header that a scenario cannot set because it determines where a
/// message ends; `None` for any other header.
pub(crate) fn framing(name: &str) -> Option<&'static str> {
    let found = FRAMING.iter().find(|(framing, _)| name.eq_ignore_ascii_case(framing));
    found.map(|(_, why)| *why)
}

/// Returns whether a header value may contain the text. A header value contains no line break, and the tab is its only
/// control character.
pub fn fits_header(text: &str) -> bool {
    !text.chars().any(|c| c.is_ascii_control() && c != '\t')
}

/// Returns whether a URL may contain the text. A URL contains printable ASCII characters, except `#` and the characters
/// that RFC 3986 excludes.
pub fn fits_url(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_graphic() && !"#\"<>\\^`{|}".contains(c))
}

/// Returns whether two hexadecimal digits follow each `%` of the text (RFC 3986, 2.1).
pub(crate) fn is_percent_encoded(text: &str) -> bool {
    let digits = |after: &str| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    text.match_indices('%').all(|(at, _)| digits(&text[at + 1..]))
}

/// Returns whether a request may contain several headers with this name. Servers reject two `Host` headers (RFC 9112,
/// 3.2).
pub(crate) fn may_repeat(header: &str) -> bool {
    !header.eq_ignore_ascii_case("host")
}

/// Returns whether the text begins like a path or like an absolute URL.
pub(crate) fn begins_url(text: &str) -> bool {
    ["/", "http://", "https://"].iter().any(|begin| text.starts_with(begin))
}

/// Returns whether a name begins with a letter or a digit. Names are also arguments of the program, and a name such as
/// `-x` would be read as an option.
fn begins_plainly(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Returns whether the text can be the name of a run. The name of a run is the name of the scenario with a date, or a
/// name that the user chose.
fn is_run_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    (1..=RUN_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(fits)
}

/// Returns the normalised form of a host in a URL; `None` if the host is invalid. In this form, an IPv6 address has no
/// brackets.
pub(crate) fn host(text: &str) -> Option<String> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(address.to_string());
    }
    match url::Host::parse(text).ok()? {
        url::Host::Domain(name) => Some(name),
        url::Host::Ipv4(address) => Some(address.to_string()),
        url::Host::Ipv6(address) => Some(address.to_string()),
    }
}

/// Returns whether the text can be the name of a region.
pub(crate) fn is_region_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= NAME_BYTES_MAX && begins_plainly(name) && name.bytes().all(fits)
}

/// Returns whether the text can be the name of a scenario.
pub(crate) fn is_scenario_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    name.len() <= NAME_BYTES_MAX && begins_plainly(name) && name.bytes().all(fits)
}

/// Returns whether the text can be the name of a flow, or the name of a step within a flow.
pub(crate) fn is_flow_name(name: &str) -> bool {
    is_request_name(name) && !name.contains('/')
}

/// Returns whether the text can be the name of a request.
pub fn is_request_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:-".contains(&byte);
    name.len() <= NAME_BYTES_MAX && begins_plainly(name) && name.bytes().all(fits)
}

/// Returns whether the text can be the name of a variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX && is_feed_name(name)
}

/// Returns whether the text can be the service or the region in the scope of a signature.
pub(crate) fn is_signing_scope(text: &str) -> bool {
    is_region_name(text)
}

/// Returns whether the text can be the name of a feed.
pub(crate) fn is_feed_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    !name.is_empty() && name.bytes().all(fits)
}

/// A fault of the shape of a phase: the faulty key, the problem, and a hint.
pub(crate) struct ShapeFault {
    pub key: &'static str,
    pub message: String,
    pub help: &'static str,
}

/// Checks the values of a shape, alone and in combination.
pub(crate) fn shape(shape: &Shape) -> Result<(), ShapeFault> {
    let fault = |key, message, help| Err(ShapeFault { key, message, help });
    let zero_rate = |key| {
        fault(
            key,
            format!("`{key}` is zero"),
            "write a rate above zero, such as `1/s`",
        )
    };
    match shape {
        Shape::Constant { rate: Rate::ZERO, .. } => zero_rate("rate"),
        Shape::Sine {
            mean_rate: Rate::ZERO, ..
        } => zero_rate("mean_rate"),
        Shape::Sine {
            mean_rate, amplitude, ..
        } => {
            let peak =
                u128::from(mean_rate.arrivals_per_1000_hours()) + u128::from(amplitude.arrivals_per_1000_hours());
            if amplitude > mean_rate {
                return fault(
                    "amplitude",
                    format!("the amplitude {amplitude} is above the mean rate {mean_rate}"),
                    "use an amplitude up to the mean rate: a rate cannot be negative",
                );
            }
            if peak > u128::from(Rate::MAX.arrivals_per_1000_hours()) {
                return fault(
                    "amplitude",
                    format!("the wave rises above the largest rate, {}", Rate::MAX),
                    "use a smaller amplitude or mean rate",
                );
            }
            Ok(())
        }
        Shape::Spike {
            spike_interval,
            spike_duration,
            ..
        } if spike_duration >= spike_interval => fault(
            "spike_duration",
            format!(
                "a spike of {} does not fit an interval of {}",
                span::show(*spike_duration),
                span::show(*spike_interval)
            ),
            "use a longer interval: it lasts from the start of one spike to the start of the next",
        ),
        _ => Ok(()),
    }
}

/// Checks that a stored plan follows the rules of this module.
///
/// # Errors
/// Returns an error text that names the problem.
pub(crate) fn check(plan: &Plan) -> Result<(), String> {
    let ok = |holds: bool, problem: &str| if holds { Ok(()) } else { Err(problem.to_owned()) };
    ok(
        is_scenario_name(&plan.scenario),
        "the scenario's name has characters that are not allowed",
    )?;
    ok(
        is_run_name(&plan.run),
        "the run's name has characters that are not allowed",
    )?;
    ok(
        is_scenario_name(&plan.fleet),
        "the fleet's name has characters that are not allowed",
    )?;
    ok(
        (1..=SHARDS_MAX).contains(&plan.shards),
        "it has no shards, or more than the maximum",
    )?;
    timing(plan)?;
    limits(&plan.limits)?;
    populations::check(plan)?;
    targets(&plan.targets)?;
    hosts(plan)?;
    let named: BTreeSet<&str> = plan.data.iter().map(String::as_str).collect();
    ok(
        named.len() <= LIST_MAX + 2 * REQUESTS_MAX + CERTIFICATES_MAX + PARTS_MAX
            && named.iter().all(|name| sha256::is_hex(name)),
        "its data is not named by SHA-256",
    )?;
    ok(plan.feeds.len() <= LIST_MAX, "it has too many feeds")?;
    for feed in &plan.feeds {
        let sound = is_feed_name(&feed.name) && feed.rows > 0 && feed.blobs().all(|blob| named.contains(blob.as_str()));
        ok(sound, "a feed has no rows, no file or no name")?;
        let rows = feed.parts.iter().try_fold(0u64, |sum, part| sum.checked_add(part.rows));
        let whole = feed.parts.is_empty() || rows == Some(feed.rows) && feed.rows <= ROWS_MAX;
        ok(
            whole && feed.parts.len() <= PARTS_MAX,
            "the parts of a feed do not have its rows, or are too many",
        )?;
    }
    requests(plan, &named)?;
    flows::check(plan)?;
    tokens::check(plan, &named)?;
    certificates::check(plan, &named)?;
    for threshold in plan.thresholds.iter() {
        ok(
            Threshold::parse_stored(&threshold.text).as_ref() == Ok(threshold),
            "a threshold does not match its text",
        )?;
        let request = threshold.request.as_ref();
        let is_flow = request.is_some_and(|name| plan.flows.iter().any(|flow| flow.name == *name));
        let known = request.is_none_or(|name| {
            is_flow
                || plan.requests.iter().any(|request| request.name == *name)
                || plan.populations.iter().any(|population| population.name == *name)
        });
        ok(known, "a threshold names a request that is not in the plan")?;
        ok(
            threshold.check_subject(is_flow).is_ok(),
            "a threshold limits a time that is not measured for the requests it names",
        )?;
    }
    for rule in &plan.abort_if {
        ok(
            AbortRule::parse_stored(&rule.text).as_ref() == Ok(rule),
            "a rule of `abort_if` does not match its text",
        )?;
    }
    ok(
        plan.thresholds.len() <= LIST_MAX && plan.abort_if.len() <= LIST_MAX,
        "it has too many thresholds or rules",
    )?;
    regions(plan)?;
    ok(plan.created <= TIME_MAX, "its creation time is after the year 2200")?;
    slices(plan)?;
    let work = plan.populations.iter().map(|population| population.work().number());
    ok(
        u64::from(plan.shards) <= work.fold(0, u64::saturating_add),
        "some of its shards are idle",
    )?;
    populations::rows(plan)?;
    cost(plan)
}

/// Checks that the expected cost fits the slices, the requests and the shards of the plan, so that a report can use the
/// expected cost.
fn cost(plan: &Plan) -> Result<(), String> {
    let Some(cost) = &plan.cost else {
        return Ok(());
    };
    let functions = &cost.fleet.functions;
    let placed: usize = functions.iter().map(|function| function.shards.len()).sum();
    let sound = (1..=LIST_MAX).contains(&functions.len())
        && placed <= plan.shards as usize
        && cost.slice_ms.len() == plan.slices.len()
        && cost.slice_requests.len() == plan.slices.len()
        && cost.request_bytes.len() == plan.requests.len();
    match sound {
        true => Ok(()),
        false => Err("its cost does not match its slices, requests and shards".to_owned()),
    }
}

fn timing(plan: &Plan) -> Result<(), String> {
    let timing = &plan.timing;
    let bounded = |least: Duration, time: Duration| (least..=RUN_MAX).contains(&time);
    let sound = bounded(SNAPSHOT_INTERVAL_MIN, timing.snapshot_interval)
        && bounded(Duration::from_nanos(1), timing.start_timeout)
        && timing.dead_man.is_none_or(|limit| bounded(DEAD_MAN_MIN, limit))
        && timing.workers_min <= plan.shards;
    match sound {
        true => Ok(()),
        false => Err("its timing is out of range".to_owned()),
    }
}

fn limits(limits: &Limits) -> Result<(), String> {
    let sound = (1..=Limits::CONNECTIONS_MAX).contains(&limits.connections)
        && (1..=Limits::STREAMS_MAX).contains(&limits.streams)
        && (1..=Limits::SESSIONS_MAX).contains(&limits.sessions)
        && limits.max_wait <= Limits::WAIT_MAX
        && is_timeout(limits.connect_timeout)
        && limits.body_bytes_max <= BODY_BYTES_MAX;
    match sound {
        true => Ok(()),
        false => Err("its limits are out of range".to_owned()),
    }
}

/// Returns whether the duration is a valid timeout. A timeout is longer than zero and within the range of the
/// histograms.
fn is_timeout(wait: Duration) -> bool {
    !wait.is_zero() && wait <= Limits::WAIT_MAX
}

fn targets(targets: &[String]) -> Result<(), String> {
    if !(1..=LIST_MAX).contains(&targets.len()) {
        return Err("it has no targets, or too many".to_owned());
    }
    for target in targets {
        Authority::read(target).map_err(|why| format!("a target is not a URL: {why}"))?;
        let url = url::Url::parse(target).map_err(|why| format!("a target is not a URL: {why}"))?;
        let sound = matches!(url.scheme(), "http" | "https")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && fits_url(target);
        if !sound {
            return Err("a target is not a plain http or https URL".to_owned());
        }
    }
    Ok(())
}

fn hosts(plan: &Plan) -> Result<(), String> {
    let sound = plan.hosts.0.len() <= HOSTS_MAX
        && plan.hosts.0.iter().all(|(name, addresses)| {
            host(name).as_deref() == Some(name) && (1..=ADDRESSES_MAX).contains(&addresses.len())
        });
    match sound {
        true => Ok(()),
        false => Err("its hosts have no names, no addresses, or too many".to_owned()),
    }
}

fn requests(plan: &Plan, data: &BTreeSet<&str>) -> Result<(), String> {
    if !(1..=REQUESTS_MAX).contains(&plan.requests.len()) {
        return Err("it has no requests, or too many".to_owned());
    }
    let mut names = BTreeSet::new();
    for (index, one) in plan.requests.iter().enumerate() {
        let ok = |holds: bool, problem: &str| if holds { Ok(()) } else { Err(problem.to_owned()) };
        ok(
            is_request_name(&one.name) && names.insert(&one.name),
            "a request has an invalid or repeated name",
        )?;
        request(plan, index, data).map_err(|problem| format!("the request {}: {problem}", one.name))?;
    }
    Ok(())
}

fn request(plan: &Plan, index: usize, data: &BTreeSet<&str>) -> Result<(), String> {
    let request = &plan.requests[index];
    let ok = |holds: bool, problem: &str| if holds { Ok(()) } else { Err(problem.to_owned()) };
    let flow = plan.flows.iter().find(|flow| flow.requests.contains(&index));
    let variables = flow.map_or(0, |flow| flow.variables.len());
    let weights = if flow.is_some() { 0..=0 } else { 1..=WEIGHT_MAX };
    ok(weights.contains(&request.weight), "its weight is out of range")?;
    content(plan, request, variables, data)
}

/// Checks the content and the captures of a request. `variables` is the number of values that the request may capture.
fn content(plan: &Plan, request: &Request, variables: usize, data: &BTreeSet<&str>) -> Result<(), String> {
    let ok = |holds: bool, problem: &str| if holds { Ok(()) } else { Err(problem.to_owned()) };
    let captures = |capture: &Capture| (capture.variable as usize) < variables;
    ok(
        request.captures.iter().all(captures),
        "it captures a value that its flow does not have",
    )?;
    ok(
        is_token(&request.method) && request.method != "CONNECT",
        "its method is not valid",
    )?;
    ok(is_timeout(request.timeout), "its timeout is out of range")?;
    ok(
        request.follow_redirects <= REDIRECTS_MAX,
        "it follows too many redirects",
    )?;
    let success = &request.success;
    let statuses = (1..=LIST_MAX).contains(&success.statuses.len())
        && success
            .statuses
            .iter()
            .all(|(low, high)| STATUSES.0 <= *low && low <= high && *high <= STATUSES.1);
    ok(statuses, "its statuses are not valid ranges")?;
    ok(
        success.body_contains.as_ref().is_none_or(|text| !text.is_empty()),
        "its `body_contains` is empty",
    )?;
    let is_secret = |number: &u32| (*number as usize) < plan.secrets.len();
    let signed = |signature: &Signature| {
        let mut numbers = signature
            .keys
            .iter()
            .flat_map(|keys| [Some(keys.key), Some(keys.secret), keys.token]);
        is_signing_scope(&signature.service)
            && is_signing_scope(&signature.region)
            && request.follow_redirects == 0
            && numbers.all(|number| number.as_ref().is_none_or(is_secret))
    };
    ok(
        request.signature.as_ref().is_none_or(signed),
        "its signature has no service, region or secret, or it follows redirects",
    )?;
    // The text that is appended to the URL of the target may be empty, or may consist only of parameters.
    let begins = match request.url.0.first() {
        None => true,
        Some(TemplatePart::Text(first)) => begins_url(first) || first.starts_with('?'),
        Some(TemplatePart::Captured { .. }) => true,
        Some(_) => false,
    };
    ok(begins, "its URL is neither a path nor a URL")?;
    let (host, _) = request.url.cut_url();
    let sound = match host.as_fixed() {
        Some("") => true,
        Some(host) => Authority::read(host).is_ok(),
        // If the host depends on the arrival, the worker checks the host after it has filled in the URL.
        None => true,
    };
    ok(sound, "its URL has no valid host")?;
    template(plan, variables, &request.url, fits_url).map_err(|problem| format!("its URL {problem}"))?;
    let mut names = BTreeSet::new();
    for (name, value) in &request.headers {
        let first = names.insert(name.to_ascii_lowercase());
        let own = is_token(name) && framing(name).is_none() && (first || may_repeat(name));
        ok(own, "it has a header that cannot be set")?;
        template(plan, variables, value, fits_header).map_err(|problem| format!("the header {name} {problem}"))?;
    }
    match &request.body {
        Body::Empty => Ok(()),
        Body::Inline(body) => {
            template(plan, variables, body, |_| true).map_err(|problem| format!("its body {problem}"))
        }
        Body::Pieces(pieces) => pieces.iter().try_for_each(|piece| match piece {
            BodyPiece::Template(body) => {
                template(plan, variables, body, |_| true).map_err(|problem| format!("its body {problem}"))
            }
            BodyPiece::Blob(blob) => ok(data.contains(blob.as_str()), "its body is not among the plan's data"),
        }),
        Body::Blob(blob) => ok(data.contains(blob.as_str()), "its body is not among the plan's data"),
    }
}

/// Checks that the parts of a template refer to existing items of the plan, and that the text of the template is
/// allowed in its position.
fn template(plan: &Plan, variables: usize, template: &Template, fits: fn(&str) -> bool) -> Result<(), &'static str> {
    for part in &template.0 {
        let sound = match part {
            TemplatePart::Text(text) => fits(text),
            TemplatePart::Arrival | TemplatePart::Uuid { .. } | TemplatePart::Run => true,
            TemplatePart::Random { min, max, .. } => min <= max,
            TemplatePart::Feed { feed, column, .. } => {
                let feed = plan.feeds.get(*feed as usize);
                feed.is_some_and(|feed| (*column as usize) < feed.columns.len())
            }
            TemplatePart::Secret { secret, .. } => (*secret as usize) < plan.secrets.len(),
            TemplatePart::Token { token } => (*token as usize) < plan.tokens.len(),
            TemplatePart::Loop | TemplatePart::Due(_) => true,
            TemplatePart::Captured { variable, .. } => (*variable as usize) < variables,
            TemplatePart::Encoded { parts, .. } => {
                let nested = parts.iter().any(|part| matches!(part, TemplatePart::Encoded { .. }));
                !nested && self::template(plan, variables, &Template(parts.clone()), |_| true).is_ok()
            }
        };
        if !sound {
            return Err(match part {
                TemplatePart::Text(_) => "has a character that is not allowed there",
                _ => "refers to an item that is not in the plan",
            });
        }
    }
    Ok(())
}

/// Checks a load, and returns the length of the load.
pub(super) fn load(load: &Load) -> Result<Duration, String> {
    let (phases, length) = match load {
        Load::Open { phases, .. } => (phases.len(), open(phases)?),
        Load::Closed { phases, think } => {
            if think.min > think.max || think.max > Limits::WAIT_MAX {
                return Err("its think time is out of range".to_owned());
            }
            (phases.len(), closed(phases)?)
        }
    };
    match (1..=LIST_MAX).contains(&phases) && length <= RUN_MAX {
        true => Ok(length),
        false => Err(format!(
            "its load has no phases, too many, or is longer than {}",
            span::show(RUN_MAX)
        )),
    }
}

/// Returns the sum of several durations. Fails if the sum overflows.
fn total(lengths: impl Iterator<Item = Duration>) -> Result<Duration, String> {
    lengths
        .into_iter()
        .try_fold(Duration::ZERO, |sum: Duration, length| sum.checked_add(length))
        .ok_or_else(|| "its load is too long".to_owned())
}

fn open(phases: &[OpenPhase]) -> Result<Duration, String> {
    if !phases.iter().any(|phase| phase.sampling == Sampling::Measured) {
        return Err("its load has no measured phase".to_owned());
    }
    for phase in phases {
        let (rates, lengths) = parts(&phase.shape);
        if rates.len() > LIST_MAX || rates.iter().any(|rate| *rate > Rate::MAX) {
            return Err(format!("its load has a rate above the largest, {}", Rate::MAX));
        }
        if lengths.is_empty() || lengths.iter().any(|length| length.is_zero() || *length > RUN_MAX) {
            return Err("its load has a phase of zero length, or one longer than a run".to_owned());
        }
        // If a population starts later than the run, its first phase sends nothing.
        let sends_nothing = matches!(phase.shape, Shape::Constant { rate: Rate::ZERO, .. });
        if !(sends_nothing && phase.sampling == Sampling::Unmeasured) {
            shape(&phase.shape).map_err(|fault| fault.message)?;
        }
    }
    total(phases.iter().map(|phase| phase.shape.duration()))
}

/// Returns the rates and the lengths that a shape contains.
fn parts(shape: &Shape) -> (Vec<Rate>, Vec<Duration>) {
    match shape {
        Shape::Constant { rate, duration } => (vec![*rate], vec![*duration]),
        Shape::Ramp {
            from,
            to,
            ramp_duration,
        } => (vec![*from, *to], vec![*ramp_duration]),
        Shape::RampSustain {
            from,
            to,
            ramp_duration,
            sustain_duration,
        } => (vec![*from, *to], vec![*ramp_duration, *sustain_duration]),
        Shape::Step { steps } => steps.iter().copied().unzip(),
        Shape::Sine {
            mean_rate,
            amplitude,
            period,
            duration,
        } => (vec![*mean_rate, *amplitude], vec![*period, *duration]),
        Shape::Spike {
            base_rate,
            spike_rate,
            spike_interval,
            spike_duration,
            duration,
        } => (
            vec![*base_rate, *spike_rate],
            vec![*spike_interval, *spike_duration, *duration],
        ),
    }
}

fn closed(phases: &[UserPhase]) -> Result<Duration, String> {
    for phase in phases {
        if phase.duration.is_zero() || phase.duration > RUN_MAX {
            return Err("its load has a phase of zero length, or one longer than a run".to_owned());
        }
        if u64::from(phase.from.max(phase.to)) > USERS_MAX {
            return Err("its load has more users than the maximum".to_owned());
        }
    }
    if phases.iter().all(|phase| phase.from == 0 && phase.to == 0) {
        return Err("its load has no users".to_owned());
    }
    total(phases.iter().map(|phase| phase.duration))
}

/// Checks that each shard belongs to exactly one region if the plan has regions.
fn regions(plan: &Plan) -> Result<(), String> {
    let names: BTreeSet<&str> = plan.regions.iter().map(|region| region.name.as_str()).collect();
    let mut placed: Vec<u32> = plan
        .regions
        .iter()
        .flat_map(|region| region.shards.iter().copied())
        .collect();
    placed.sort_unstable();
    let upwards = plan.regions.iter().all(|region| region.shards.is_sorted());
    let whole = plan.regions.is_empty() || placed.iter().copied().eq(0..plan.shards);
    match names.len() == plan.regions.len() && names.iter().all(|name| is_region_name(name)) && upwards && whole {
        true => Ok(()),
        false => Err("its regions do not cover each shard once".to_owned()),
    }
}

/// Checks that the slices cover the loads without gaps and without overlaps, and that each slice contains exactly the
/// arrivals that are due in its window.
fn slices(plan: &Plan) -> Result<(), String> {
    if !(1..=SLICES_MAX).contains(&plan.slices.len()) {
        return Err("it has no slices, or more than the maximum".to_owned());
    }
    let schedules = plan.populations.iter().map(|population| population.schedule(plan.seed));
    let schedules: Vec<Option<Schedule>> = schedules.collect();
    let (mut from, mut before) = (0, vec![0; schedules.len()]);
    for (at, slice) in plan.slices.iter().enumerate() {
        let starts = slice.arrivals.iter().map(|range| range.start);
        if slice.from != from || slice.to <= slice.from || !starts.eq(before.iter().copied()) {
            return Err("its slices are not consecutive".to_owned());
        }
        let due = schedules.iter().map(|schedule| match schedule {
            Some(schedule) if at + 1 == plan.slices.len() => schedule.arrivals(),
            Some(schedule) => schedule.due_before(slice.to),
            None => 0,
        });
        if !due.eq(slice.arrivals.iter().map(|range| range.end)) {
            return Err("its slices do not match the arrivals of its load".to_owned());
        }
        from = slice.to;
        before = slice.arrivals.iter().map(|range| range.end).collect();
    }
    match Some(from) == plan.populations.iter().map(Population::length).max() {
        true => Ok(()),
        false => Err("its slices do not end with its load".to_owned()),
    }
}
