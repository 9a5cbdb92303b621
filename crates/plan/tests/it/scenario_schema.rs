//! Tests that the JSON Schema accepts every scenario that the reader accepts, and rejects errors of form.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files must fail")]

use plan::scenario::{Load, Scenario};
use plan::scenario_file::{Problems, Settings, Surroundings, read, schema};
use plan::threshold::LatencyKind;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenario.schema.json");

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    paths.sort();
    paths
}

fn read_path(path: &Path) -> Result<Scenario, Problems> {
    let folder = path.parent().unwrap();
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|name| std::fs::read(folder.join(name)).map_err(|error| error.to_string()),
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    read(
        &std::fs::read_to_string(path).unwrap(),
        &path.display().to_string(),
        &surroundings,
    )
}

fn as_json(text: &str) -> Value {
    fn convert(yaml: &Yaml) -> Value {
        match yaml {
            Yaml::Value(Scalar::Null) => Value::Null,
            Yaml::Value(Scalar::Boolean(flag)) => json!(flag),
            Yaml::Value(Scalar::Integer(number)) => json!(number),
            Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
            Yaml::Value(Scalar::String(text)) => json!(text),
            Yaml::Sequence(items) => items.iter().map(convert).collect(),
            Yaml::Mapping(pairs) => pairs
                .iter()
                .map(|(key, value)| (key.as_str().unwrap().to_owned(), convert(value)))
                .collect(),
            other => panic!("{other:?}"),
        }
    }
    convert(&Yaml::load_from_str(text).unwrap()[0])
}

#[test]
fn the_committed_schema_equals_the_generated_one() {
    let made = schema();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(COMMITTED, format!("{made:#}\n")).unwrap();
    }
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(COMMITTED).unwrap()).unwrap();
    assert!(
        committed == made,
        "run `UPDATE_GOLDENS=1 cargo test -p plan` and review the difference"
    );
    assert!(jsonschema::meta::is_valid(&made));
}

#[test]
fn the_schema_and_the_reader_accept_every_shipped_scenario() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let paths = scenarios();
    assert!(paths.len() >= 8, "{paths:?}");
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("# yaml-language-server: $schema=../crates/plan/scenario.schema.json\n"),
            "{path:?}"
        );
        let faults: Vec<String> = validator
            .iter_errors(&as_json(&text))
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{path:?}: {faults:#?}");
        let scenario = read_path(&path).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(
            Some(scenario.name.as_str()),
            path.file_stem().and_then(|stem| stem.to_str())
        );
        let length: Duration = match &scenario.populations[0].load {
            Load::Open { phases, .. } => phases.iter().map(|phase| phase.shape.duration()).sum(),
            Load::Closed { phases, .. } => phases.iter().map(|phase| phase.duration).sum(),
        };
        assert!(length <= Duration::from_secs(15), "{path:?} takes {length:?}");
    }
}

/// Returns a scenario of one request. The given lines replace the lines with the same keys.
fn with(lines: &str) -> String {
    let base = [
        ("name", "name: t"),
        ("target", "target: builtin"),
        ("load", "load: { constant: { rate: 10/s, duration: 1s } }"),
        ("requests", "requests: [{ name: home }]"),
    ];
    let given = |key: &str| lines.lines().any(|line| line.starts_with(key));
    let kept = base.iter().filter(|(key, _)| !given(key)).map(|(_, line)| *line);
    kept.chain(lines.lines()).collect::<Vec<_>>().join("\n")
}

fn check(lines: &str, accepted: bool) {
    let text = with(lines);
    let surroundings = Surroundings {
        environment: &|_| Some("https://a.example".to_owned()),
        file: &|_| Ok(b"id\n1\n".to_vec()),
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert_eq!(validator.is_valid(&as_json(&text)), accepted, "the schema on\n{text}");
    let answer = read(&text, "t.yaml", &surroundings);
    assert_eq!(answer.is_ok(), accepted, "the reader on\n{text}\n{answer:?}");
}

#[test]
fn the_schema_and_the_reader_reject_errors_of_form() {
    for lines in [
        "colour: red",
        "name: a b",
        "name: 5",
        "name: -x",
        "seed: -1",
        "seed: soon",
        "target: shop.example.com",
        "targets: [https://a.example]\ntarget: builtin",
        "target: { builtin: \"\", latency: 5ms }",
        "arrivals: random",
        "load: []",
        "load: { constant: { rate: 10, duration: 1s } }",
        "load: { constant: { rate: 10/s, duration: 10 } }",
        "load: { constant: { rate: 10/d, duration: 1s } }",
        "load: { constant: { rate: 10/s } }",
        "load: { ramp: { to: 1/s, ramp_duration: 1s, from: 0/s, till: 5/s } }",
        "load: { steady: { rate: 10/s, duration: 1s } }",
        "load: { step: 50 }",
        "load: { step: 50/s 30s }",
        "load: [{ users: { users: many, duration: 1s } }]",
        "load: { constant: { rate: 1/s, duration: 1s }, ramp: { to: 1/s, ramp_duration: 1s } }",
        "requests: []",
        "requests: [{ url: / }]",
        "requests: [{ name: -a }]",
        "requests: [{ name: a, weight: 0 }]",
        "requests: [{ name: a, url: shop }]",
        "requests: [{ name: a, method: G ET }]",
        "requests: [{ name: a, headers: [A] }]",
        "requests: [{ name: a, headers: { A: [] } }]",
        "requests: [{ name: a, headers: { A: { b: c } } }]",
        "feeds: { users: { file: users.csv, delimiter: ab } }",
        "feeds: { users: { delimiter: \";\" } }",
        "target: []",
        "y-notes: 1",
        "requests: [{ name: a, body: { path: x } }]",
        "requests: [{ name: a, follow_redirects: 11 }]",
        "requests: [{ name: a, success: { statuses: [2xx] } }]",
        "requests: [{ name: a, success: { statuses: 600 } }]",
        "thresholds: [speed < 5]",
        "thresholds: [latency p99 250ms]",
        "feeds: [a.csv]",
        "limits: { connections: 901 }",
        "limits: { insecure_tls: maybe }",
        "limits: { body_bytes_max: 5mb }",
        "vars: [a]",
        "vars: { a: [1] }",
        "environments: { ci: 5 }",
        "defaults: { url: / }",
        "defaults: { timeout: 5 }",
        "requests: [{ name: a, weight: '5' }]",
        "limits: { insecure_tls: 'true' }",
    ] {
        check(lines, false);
    }
}

/// Returns the faults that the schema finds in a scenario. Each fault is a position and a text.
fn faults(lines: &str) -> Vec<(String, String)> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator
        .iter_errors(&as_json(&with(lines)))
        .map(|fault| (fault.instance_path().to_string(), fault.to_string()))
        .collect()
}

#[test]
fn the_schema_reports_a_fault_at_its_position() {
    for (lines, path, words) in [
        (
            "load: { constant: { rate: 10/s, duraton: 1s, duration: 1s } }",
            "/load/constant",
            "duraton",
        ),
        ("load: [{ constant: { rate: 10/s } }]", "/load/0/constant", "duration"),
        (
            "load: [{ constant: { rate: 10, duration: 1s } }]",
            "/load/0/constant/rate",
            "10",
        ),
        (
            "load: { step: { stops: 50/s:1s, steps: 50/s:1s } }",
            "/load/step",
            "stops",
        ),
        (
            "requests: [{ name: a }, { name: b, wieght: 2 }]",
            "/requests/1",
            "wieght",
        ),
        ("requests: { name: a, weight: heavy }", "/requests/weight", "heavy"),
        (
            "requests: { name: a, body: { fil: x, file: x } }",
            "/requests/body",
            "fil",
        ),
        (
            "requests: { name: a, headers: { A: [b, { c: d }] } }",
            "/requests/headers/A/1",
            "c",
        ),
        (
            "requests: { name: a, success: { statuses: [200, 2xx] } }",
            "/requests/success/statuses/1",
            "2xx",
        ),
        (
            "thresholds: [latency p99 < 1s, speed < 5]",
            "/thresholds/1",
            "speed < 5",
        ),
        ("target: { builtin: '', latency: 5ms }", "/target", "latency"),
        ("target: [https://a.example, a.example]", "/target/1", "a.example"),
        ("think_time: { min: 1, max: 1s }", "/think_time/min", "1"),
        ("limits: { body_bytes_max: 5mb }", "/limits/body_bytes_max", "5mb"),
        (
            "feeds: { users: { file: a.csv, delimiter: ab } }",
            "/feeds/users/delimiter",
            "ab",
        ),
    ] {
        let found = faults(lines);
        let [(at, message)] = found.as_slice() else {
            panic!("{lines}: {found:?}")
        };
        assert_eq!(at, path, "{lines}: {message}");
        assert!(message.contains(words), "{lines}: {message}");
    }
}

#[test]
fn the_schema_and_the_reader_accept_every_form_of_a_value() {
    for lines in [
        "target: '{{ env \"HOST\" }}'",
        "targets: https://a.example",
        "target: { builtin: latency 5ms }",
        "load: [{ static: { rate: 1.5k/min, duration: 1m 30s } }, { cool-down: { rate: 5/s, duration: 1.5s } }]",
        "load: { ramp-and-hold: { to: 5 / s, ramp_duration: 1s, sustain_duration: 500ms } }",
        "load: { steps: \"5/s:1s,6/s : 2s\" }",
        "load: { users: { users: 5, duration: 1s } }\nthink_time: { min: 1ms, max: 2ms }",
        "requests: { name: a, query: { a: 1, b: true, c: x }, body: hello, method: PATCH }",
        "requests: [{ name: a, body: { file: x.json }, url: '{{ env \"HOST\" }}/x', timeout: 1s }]",
        "requests: [{ name: a, success: { statuses: 204 } }, { name: b, success: { statuses: [204, 300 - 302] } }]",
        "feeds: { users: users.csv }",
        "thresholds: errors of home <= 0.1%",
        "thresholds: [latency p99.9 < 1s, lag max<5ms, rate >= 9/s, dropped < 1%]",
        "limits: { body_bytes_max: 16 MiB, max_wait: 0s }",
        "limits: { body_bytes_max: 4096, insecure_tls: true }",
        "seed: 0",
        "target: [https://a.example, 'https://b.example']",
        "requests: [{ name: a, headers: { A: [b, 5, true], B: c } }]",
        "feeds: { users: { file: users.csv }, more: { file: users.csv, delimiter: \"\\t\" } }",
        "mix: exact\nfeeds: { users: { file: users.csv, pick: random }, more: { file: users.csv, pick: shuffle } }",
        "x-notes: { any: [1, thing] }",
        "vars: { v: 5, w: true, x: text }",
        "environments: { ci: { v: 5 } }\nvars: { v: 1 }",
        "defaults: { headers: { A: b }, timeout: 1s, success: { statuses: 204 }, follow_redirects: 1 }",
        "vars: { v: 5/s }\nload: { constant: { rate: '{{ var v }}', duration: 1s } }",
        "vars: { v: 5 }\nrequests: [{ name: a, weight: '{{ var v }}' }]",
        "vars: { v: 204 }\nrequests: [{ name: a, success: { statuses: ['{{ var v }}', 200] } }]",
        "vars: { v: fresh }\nconnections: '{{ var v }}'",
        "vars: { v: true }\nlimits: { insecure_tls: '{{ var v }}', body_bytes_max: 5 }",
        "vars: { v: 5 }\nlimits: { body_bytes_max: '{{ var v }}' }",
        "vars: { v: 1s }\nload: { users: { users: 1, duration: 1s } }\nthink_time: '{{ var v }}'",
        "vars: { v: t }\nname: '{{ var v }}'",
    ] {
        check(lines, true);
    }
}

#[test]
fn the_schema_and_the_reader_accept_every_kind_of_threshold() {
    let flows = "requests: [{ name: home }]\nflows: [{ name: buy, steps: [{ name: order, get: / }] }]\n";
    let kinds = [
        LatencyKind::Latency,
        LatencyKind::Service,
        LatencyKind::Lag,
        LatencyKind::Session,
    ];
    let mut measured: Vec<String> = ["errors", "errors of buy", "dropped", "rate", "rate of buy/order"]
        .map(str::to_owned)
        .to_vec();
    for kind in kinds {
        let of = match kind {
            LatencyKind::Session => "buy",
            LatencyKind::Latency | LatencyKind::Service | LatencyKind::Lag => "buy/order",
        };
        measured.extend(["p99", "mean", "max"].map(|statistic| format!("{} {statistic} of {of}", kind.name())));
    }
    for measured in measured {
        let limit = match measured.split(' ').next().unwrap() {
            "errors" => "1%",
            "dropped" => "10",
            "rate" => "10/s",
            _ => "1s",
        };
        check(&format!("{flows}thresholds: [{measured} < {limit}]"), true);
    }
}

/// Returns the YAML blocks of the README and of the book.
fn documented() -> Vec<String> {
    fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => pages(&path, found),
                false if path.extension().is_some_and(|extension| extension == "md") => found.push(path),
                false => {}
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = vec![root.join("README.md")];
    pages(&root.join("docs"), &mut found);
    let texts = found.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let blocks = texts.flat_map(|text| {
        let parts: Vec<String> = text.split("```yaml\n").skip(1).map(str::to_owned).collect();
        parts
            .into_iter()
            .filter_map(|part| Some(part.split_once("```")?.0.to_owned()))
    });
    blocks.collect()
}

/// Some blocks are parts of a scenario, in which required keys may be absent. So faults of the whole block are ignored.
#[test]
fn the_schema_accepts_every_scenario_of_the_documentation() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let keys = schema["properties"].as_object().unwrap();
    let mut tried = 0;
    for block in documented() {
        let scenario = as_json(&block);
        let is_scenario = |fields: &serde_json::Map<String, Value>| fields.keys().all(|key| keys.contains_key(key));
        if !scenario.as_object().is_some_and(is_scenario) {
            continue;
        }
        tried += 1;
        let faults: Vec<String> = validator
            .iter_errors(&scenario)
            .filter(|fault| !fault.instance_path().to_string().is_empty())
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{block}\n{faults:#?}");
    }
    assert!(tried >= 12, "{tried}");
}
