//! Converts a test script of Artillery.

mod flow;
mod load;
mod variables;

use crate::Base;
use crate::error::ImportError;
use crate::finish::Draft;
use crate::found::{Import, no_requests};
use crate::left_out::shown;
use crate::model::{Feed, Flow, Limits, Step};
use crate::tree::{At, Node};
use flow::Common;
use plan::scenario::Limits as LimitsOfPlan;
use std::time::Duration;
use variables::{Variables, identifier};

/// The maximum weight of a flow.
const WEIGHT_MAX: f64 = 1_000_000.0;
/// The keys of `config` that this module reads, and the keys that do not affect the requests that are sent.
const READ: [&str; 10] = [
    "target",
    "phases",
    "payload",
    "variables",
    "defaults",
    "http",
    "tls",
    "ensure",
    "name",
    "statsInterval",
];

pub(crate) fn read(text: &str, import: &mut Import<'_>) -> Result<Draft, ImportError> {
    let document = Node::parse(text)?;
    let root = document.root();
    let config = root.get("config").filter(At::is_map).ok_or_else(|| {
        ImportError::new(
            root.place(),
            "the map `config` is missing",
            "write `config: { target: URL }`",
        )
    })?;
    let target = config
        .text_of("target")
        .ok_or_else(|| ImportError::new(config.place(), "`config` has no `target`", "write `target: URL`"))?;
    for (name, value) in config.entries().filter(|(name, _)| !READ.contains(name)) {
        import.left_out.add(&value.place(), format!("config.{}", shown(name)));
    }
    for key in ["before", "after"] {
        if let Some(found) = root.get(key) {
            import.left_out.add(
                &found.place(),
                format!("the steps of `{key}`, which are sent once in a run"),
            );
        }
    }
    let mut variables = Variables::default();
    let feeds = payloads(&config, &mut variables, import);
    fixed(&config, &mut variables, import);
    let common = Common {
        target: target.to_owned(),
        headers: default_headers(&config),
        timeout: config.get("http").and_then(|http| timeout(&http.get("timeout")?)),
    };
    let mut flows = Vec::new();
    for (number, scenario) in root.items_of("scenarios").enumerate() {
        flows.extend(read_flow(number, &scenario, &common, &variables, import));
    }
    if flows.is_empty() {
        return Err(no_requests("flow"));
    }
    let load = load::read(&config, import);
    let insecure = config.get("tls").and_then(|tls| tls.get("rejectUnauthorized")?.flag());
    Ok(Draft {
        limits: Limits {
            insecure_tls: insecure == Some(false),
            ..Limits::default()
        },
        load,
        feeds,
        flows,
        thresholds: thresholds(&config, import),
        ..Draft::default()
    })
}

fn read_flow(
    number: usize,
    scenario: &At<'_>,
    common: &Common,
    variables: &Variables,
    import: &mut Import<'_>,
) -> Option<Flow> {
    let place = scenario.place();
    let engine = scenario.text_of("engine").unwrap_or("http");
    if engine != "http" {
        import
            .left_out
            .add(&place, format!("scenarios for the engine {}", shown(engine)));
        return None;
    }
    for key in ["beforeScenario", "afterScenario", "beforeRequest", "afterResponse"] {
        if let Some(found) = scenario.get(key) {
            import
                .left_out
                .add(&found.place(), format!("functions that a scenario calls: {key}"));
        }
    }
    let mut variables = variables.clone();
    let steps = flow::steps(scenario.items_of("flow"), common, &mut variables, import);
    let has_requests = |steps: &[Step]| steps.iter().any(|step| !matches!(step, Step::Pause { .. }));
    if !has_requests(&steps) {
        import.left_out.add(&place, "a scenario without requests");
        return None;
    }
    let weight = scenario.get("weight").and_then(|weight| weight.number()).unwrap_or(1.0);
    let name = scenario.get("name").and_then(|name| name.spelled());
    Some(Flow {
        name: name.unwrap_or_else(|| format!("flow-{}", number + 1)),
        weight: weight.round().clamp(1.0, WEIGHT_MAX) as u64,
        steps,
    })
}

/// Reads the CSV files that the key `payload` names.
fn payloads(config: &At<'_>, variables: &mut Variables, import: &mut Import<'_>) -> Vec<Feed> {
    let payload = config.get("payload");
    let one = payload.iter().filter(|payload| payload.is_map()).cloned();
    let all: Vec<At<'_>> = one.chain(config.items_of("payload")).collect();
    let mut feeds: Vec<Feed> = Vec::new();
    for payload in all {
        let place = payload.place();
        let fields: Vec<&str> = payload.items_of("fields").filter_map(|field| field.text()).collect();
        let path = payload.text_of("path").filter(|path| !path.is_empty());
        let file = path.and_then(|path| import.path(Base::Input, path));
        let (Some(path), Some(file)) = (path, file.filter(|_| !fields.is_empty())) else {
            import.left_out.add(&place, "a payload without a path and fields");
            continue;
        };
        let stem = path.rsplit('/').next().unwrap_or(path).split('.').next();
        let mut name = identifier(stem.unwrap_or("data"));
        if feeds.iter().any(|feed| feed.name == name) {
            name = format!("{name}_{}", feeds.len() + 1);
        }
        for field in &fields {
            variables
                .cells
                .insert((*field).to_owned(), (name.clone(), field.replace('"', "")));
        }
        let is_headed = payload.get("skipHeader").and_then(|skip| skip.flag()) == Some(true);
        let header = fields.join(",");
        import.left_out.add(
            &place,
            match is_headed {
                true => format!(
                    "the names of columns: {} needs the header row {}",
                    shown(path),
                    shown(&header)
                ),
                false => format!(
                    "the names of columns: add the header row {} to {}",
                    shown(&header),
                    shown(path)
                ),
            },
        );
        if payload.text_of("order") != Some("sequence") {
            import
                .left_out
                .add(&place, "the random order of rows: rows are taken in turn");
        }
        feeds.push(Feed { name, file });
    }
    feeds
}

/// Reads the key `variables`, with the first value of each variable. Artillery draws one of the values for each virtual
/// user.
fn fixed(config: &At<'_>, variables: &mut Variables, import: &mut Import<'_>) {
    for (name, value) in config.get("variables").into_iter().flat_map(|all| all.entries()) {
        let first = match value.is_list() {
            true => value.items().next(),
            false => Some(value.clone()),
        };
        if value.items().count() > 1 {
            let what = format!("the values of the variable {} after the first", shown(name));
            import.left_out.add(&value.place(), what);
        }
        match first.and_then(|first| first.spelled()) {
            Some(text) => {
                variables.fixed.insert(name.to_owned(), text);
            }
            None => {
                let what = format!("the variable {}, which is not text", shown(name));
                import.left_out.add(&value.place(), what);
            }
        }
    }
}

fn default_headers(config: &At<'_>) -> Vec<(String, String)> {
    let old = config.get("defaults").and_then(|defaults| defaults.get("headers"));
    let new = config.get("http").and_then(|http| http.get("defaults")?.get("headers"));
    let entries = old.into_iter().chain(new).flat_map(|headers| headers.entries());
    let header = |(name, value): (&str, At<'_>)| Some((name.to_owned(), value.spelled()?));
    entries.filter_map(header).collect()
}

/// Reads a timeout in seconds.
fn timeout(at: &At<'_>) -> Option<Duration> {
    load::duration(at).filter(|timeout| !timeout.is_zero() && *timeout <= LimitsOfPlan::WAIT_MAX)
}

/// Reads the conditions in the key `ensure`, as far as thresholds can express them.
fn thresholds(config: &At<'_>, import: &mut Import<'_>) -> Vec<String> {
    let Some(ensure) = config.get("ensure") else {
        return Vec::new();
    };
    let listed = ensure.items_of("thresholds").flat_map(|one| one.entries());
    let mut out = Vec::new();
    for (name, value) in ensure.entries().filter(|(name, _)| *name != "thresholds").chain(listed) {
        let number = value.number().filter(|number| *number > 0.0);
        let metric = name.strip_prefix("http.response_time.").unwrap_or(name);
        match (metric, number) {
            ("maxErrorRate", Some(percent)) if percent <= 100.0 => out.push(format!("errors < {percent}%")),
            ("median" | "p50", Some(millis)) => out.push(format!("latency p50 < {millis}ms")),
            ("p75" | "p90" | "p95" | "p99", Some(millis)) => out.push(format!("latency {metric} < {millis}ms")),
            ("p999", Some(millis)) => out.push(format!("latency p99.9 < {millis}ms")),
            _ => import.left_out.add(&value.place(), format!("ensure.{}", shown(name))),
        }
    }
    out
}
