//! Tests of the stored form of a plan, byte for byte.
//!
//! The stored form may change only together with its format number, because workers and launchers of other versions
//! read it.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue must fail")]

use super::stored_plans::pointers;
use plan::cost::prices::PriceTable;
use plan::cost::{Architecture, FleetShape, FunctionShape};
use plan::plan::Plan;
use plan::usage::estimate::estimate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use tally::format::FormatError;
use test_plans::{Planned, habits};

/// A scenario with every shape of load, every kind of placeholder, every form of a value, and every kind of threshold.
const OPEN: &str = r#"
name: open
seed: 7
target: [ "https://a.example/base", "http://b.example" ]
protocol: http2
pacing: batched
load:
  - warm_up: { rate: 10/s, duration: 1s }
  - ramp: { from: 1/s, to: 20/s, ramp_duration: 5s }
  - ramp_sustain: { from: 1/s, to: 20/s, ramp_duration: 5s, sustain_duration: 2s }
  - step: { steps: "50/s:3s, 100/min:3s" }
  - sine: { mean_rate: 10/s, amplitude: 5/s, period: 2s, duration: 5s }
  - spike: { base_rate: 5/s, spike_rate: 50/s, spike_interval: 5s, spike_duration: 1500ms, duration: 10s }
  - constant: { rate: 0.5/s, duration: 10s }
arrivals: poisson
feeds: { users: users.csv, more: { file: users.csv, delimiter: "," } }
requests:
  - { name: home, url: "/{{ feed users.id }}", query: { k: "{{ secret \"ssm:/b\" }}" }, headers: { X-Id: "{{ uuid }}" } }
  - { name: order, weight: 3, method: POST, body: "{{ random -1 5 }}", success: { statuses: [200-299, 404], body_contains: ok } }
  - { name: file, method: PUT, body: { file: body.txt }, timeout: 2500ms, follow_redirects: 2 }
  - { name: forms, url: "http://a.example/{{ feed more.id raw }}", headers: { X: [ "{{ run }}", b ], Host: c, Y: '{{ feed users.id ":" secret "env:PASSWORD#a" base64 }}' }, body: "{{ feed users.name json }}" }
  - { name: itself, query: { q: "{{ arrival }}" , r: '{{ "é" feed users.id base64 }}', s: '{{ feed users.id json }}' } }
thresholds:
  - latency p99 < 250ms
  - latency p99.9 of order <= 1s
  - service mean < 100ms
  - lag max <= 5ms
  - errors of order < 1%
  - dropped <= 0.5%
  - dropped < 10
  - rate > 5/s
  - rate of home >= 30/min
abort_if: [ errors > 20% for 10s, dropped >= 5 for 3s ]
limits: { connections: 7, streams: 9, max_wait: 1s, connect_timeout: 2s, body_bytes_max: 4096, insecure_tls: true }
hosts: { b.example: ["10.1.2.3", "[2001:db8::1]:8443"] }
tls: { ca: ca.pem, cert: '{{ secret "ssm:/cert" }}', key: '{{ secret "secretsmanager:key" }}' }
regions: { us-east-1: 60%, mars-1: 40% }
"#;

/// A scenario with a closed load. The stored plan omits fields that have their default values.
const CLOSED: &str = "
name: closed
target: http://127.0.0.1:1
connections: fresh
load: [ ramp_users: { from: 0, to: 8, duration: 5s }, users: { users: 8, duration: 5s } ]
think_time: { min: 10ms, max: 20ms }
requests: [ { name: home } ]
";

/// A scenario with even arrivals over HTTP/1.1 and default settings.
const EVEN: &str = "
name: even
target: http://127.0.0.1:1
load: { constant: { rate: 10/s, duration: 1s } }
requests: [ { name: home } ]
";

/// A price file that contains prices for one of the regions.
const PRICES: &[u8] =
    br#"{"format": 1, "as_of": "2026-11-01", "regions": {"us-east-1": {"gb_to_internet": "0.05", "thousand_gets": "1"}}}"#;

fn open() -> Plan {
    let planned = Planned::of(OPEN)
        .file("users.csv", "id,name\n7,a\n8,b\n")
        .file("body.txt", "hello")
        .file("ca.pem", "-----BEGIN CERTIFICATE-----")
        .run("open-20260102-030405-k3f9")
        .created(1_767_323_045_000_000_000)
        .fleet("lambda")
        .workers(4)
        .workers_min(3)
        .restripe(true)
        .slice_max(Duration::from_secs(9))
        .dead_man(Duration::from_secs(60));
    let mut plan = planned.plan();
    let function = |region: &str, architecture, shards: &[u32]| FunctionShape {
        region: region.to_owned(),
        memory_mb: 1_769,
        architecture,
        shards: shards.to_vec(),
    };
    let fleet = FleetShape {
        store_region: "us-east-1".to_owned(),
        functions: vec![
            function("us-east-1", Architecture::Arm64, &[]),
            function("mars-1", Architecture::X86, &[1, 3]),
        ],
    };
    let prices = PriceTable::builtin().overridden_by(PRICES).unwrap();
    plan.cost = Some(estimate(&plan, &fleet, &habits(), &BTreeMap::new(), &prices));
    plan
}

/// Compares the stored form of a plan with the committed file.
#[track_caller]
fn check(name: &str, plan: &Plan) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/golden/{name}.json"));
    let made = plan.encode();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read(&path).unwrap();
    assert!(
        committed == made,
        "run with UPDATE_GOLDENS=1 and review the difference: a changed stored form needs a new format number"
    );
    assert_eq!(Plan::decode(&committed).as_ref(), Ok(plan));
}

#[test]
fn the_stored_form_of_a_plan_with_every_part_equals_the_committed_one() {
    check("open", &open());
}

#[test]
fn the_stored_forms_of_small_plans_equal_the_committed_ones() {
    check("even", &Planned::of(EVEN).plan());
    check("closed", &Planned::of(CLOSED).plan());
}

/// All words of this plan format that name a variant. Each word is stored as a text, or as the only key of an object.
#[rustfmt::skip]
const WORDS: [&str; 58] = [
    "open", "closed", "even", "poisson", "measured", "unmeasured",
    "constant", "ramp", "ramp_sustain", "step", "sine", "spike",
    "empty", "inline", "blob", "secret",
    "text", "arrival", "uuid", "random", "feed", "run", "base64",
    "as_is", "raw", "percent", "json", "json_percent",
    "http1", "http2", "kept", "fresh", "precise", "batched",
    "timing", "errors", "dropped", "dropped_count", "rate",
    "latency", "service", "lag", "quantile", "mean", "max", "<", "<=", ">", ">=",
    "arm64", "x86_64",
    "arm64_time", "x86_time", "invocations", "puts_and_lists", "gets", "bytes_to_internet", "bytes_to_other_region",
];

/// A plan of a later version may contain other words.
#[test]
fn an_unknown_word_anywhere_in_a_plan_is_reported_as_unknown() {
    let mut tried = BTreeSet::new();
    for plan in [open(), Planned::of(EVEN).plan(), Planned::of(CLOSED).plan()] {
        let whole: Value = serde_json::from_slice(&plan.encode()).unwrap();
        let mut all = Vec::new();
        pointers(&whole, "", &mut all);
        for pointer in all.into_iter().filter(|pointer| pointer != "/scenario") {
            let (word, newer) = match whole.pointer(&pointer).unwrap() {
                Value::String(word) => (word, json!("newer")),
                Value::Object(fields) if fields.len() == 1 => {
                    let (word, fields) = fields.iter().next().unwrap();
                    (word, json!({ "newer": fields }))
                }
                _ => continue,
            };
            if !WORDS.contains(&word.as_str()) {
                continue;
            }
            let mut changed = whole.clone();
            *changed.pointer_mut(&pointer).unwrap() = newer;
            let error = Plan::decode(changed.to_string().as_bytes()).unwrap_err();
            let expected = FormatError::Unknown {
                document: "plan",
                what: "`newer`".to_owned(),
            };
            assert_eq!(error, expected, "{pointer} {word}");
            tried.insert(word.clone());
        }
    }
    let untried: Vec<&str> = WORDS.into_iter().filter(|word| !tried.contains(*word)).collect();
    assert!(untried.is_empty(), "no plan has {untried:?}");
}
