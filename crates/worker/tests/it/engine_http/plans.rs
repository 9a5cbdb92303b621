//! A plan of one request, from a few lines of a scenario.

use plan::plan::{Order, Plan, Timing};
use plan::scenario_file::csv::Sheet;
use plan::scenario_file::{self, Surroundings};
use std::sync::Arc;
use std::time::Duration;
use worker::secrets::Secret;
use worker::supplies::Supplies;

/// How large the file `big.bin` is: more than sockets buffer.
pub const BIG: usize = 16 << 20;

/// Keys that do not belong to the request.
pub const OUTER: [&str; 8] = [
    "limits:",
    "feeds:",
    "seed:",
    "targets:",
    "connections:",
    "protocol:",
    "hosts:",
    "tls:",
];

/// A plan of one request to a target. Lines of the snippet belong to the request, but for those that
/// begin with one of [`OUTER`].
pub fn read(target: &str, snippet: &str) -> (Arc<Plan>, Arc<Supplies>) {
    read_with(target, snippet, &[])
}

/// The same, with more files and secrets, by name.
pub fn read_with(target: &str, snippet: &str, more: &[(&str, String)]) -> (Arc<Plan>, Arc<Supplies>) {
    let named = |name: &str| {
        more.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, text)| text.clone())
    };
    let (outer, request): (Vec<&str>, Vec<&str>) = snippet
        .lines()
        .map(str::trim)
        .partition(|line| OUTER.iter().any(|key| line.starts_with(key)));
    let target = match snippet.contains("targets:") {
        true => String::new(),
        false => format!("target: {target}"),
    };
    let text = format!(
        "name: t\n{target}\nload: {{ constant: {{ rate: 1/s, duration: 1s }} }}\n{}\nrequests:\n- name: r\n  {}\n",
        outer.join("\n"),
        request.join("\n  "),
    );
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|path| match path {
            "body.txt" => Ok(b"{{ arrival }} is no placeholder here".to_vec()),
            "big.bin" => Ok(vec![b'x'; BIG]),
            "users.csv" => Ok("id,mail\n7,a+b@x y\n8,\u{e9}&=\n".into()),
            path => named(path)
                .map(String::into_bytes)
                .ok_or_else(|| "no such file".to_owned()),
        },
    };
    let scenario =
        scenario_file::read(&text, "test.yaml", &surroundings).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    let order = Order {
        run: "test".to_owned(),
        created: 0,
        fleet: "test".to_owned(),
        workers: 1,
        slice_max: None,
        workers_max: 1,
        builtin_target: String::new(),
        timing: Timing {
            snapshot_interval: Duration::from_secs(1),
            start_timeout: Duration::from_secs(1),
            workers_min: 1,
            ..Timing::default()
        },
    };
    let plan = Plan::new(&scenario, &order).unwrap();
    let feeds = plan.feeds.iter().map(|feed| &scenario.blobs[&feed.blob]);
    let secrets = plan.secrets.iter().map(|reference| match reference.name.as_str() {
        "TOKEN" => Secret::new("s3cr&t value"),
        name => Secret::new(named(name).unwrap_or_else(|| name.to_owned())),
    });
    let supplies = Supplies {
        secrets: secrets.collect(),
        feeds: feeds.map(|csv| Sheet::read(csv).unwrap()).collect(),
        bodies: scenario
            .blobs
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.clone().into()))
            .collect(),
    };
    (Arc::new(plan), Arc::new(supplies))
}
