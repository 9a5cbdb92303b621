//! Makes plans of one request from a few lines of a scenario.

use plan::plan::Plan;
use plan::scenario_file::csv::Sheet;
use std::sync::Arc;
use test_plans::Planned;
use worker::secrets::Secret;
use worker::supplies::Supplies;

/// The size of the file `big.bin` in bytes. This size is larger than the buffers of sockets.
pub const BIG: usize = 16 << 20;

/// The keys that are keys of the scenario, and not of its request.
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

/// Returns a plan of one request to `target`. The lines of `snippet` are keys of the request, except the lines that
/// begin with one of the keys in [`OUTER`].
pub fn read(target: &str, snippet: &str) -> (Arc<Plan>, Arc<Supplies>) {
    read_with(target, snippet, &[])
}

/// Returns a plan like [`read`]. `more` contains the names and the contents of additional files and secrets.
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
    let mut planned = Planned::of(&text)
        .file("body.txt", "{{ arrival }} is not a placeholder here")
        .file("users.csv", "id,mail\n7,a+b@x y\n8,\u{e9}&=\n")
        .file(
            "odd.csv",
            "name,text\na/b?c=,\"say \"\"hi\"\"\"\n..,\"two\nlines\"\n50%25,x\n-._~,x\n",
        );
    if text.contains("big.bin") {
        planned = planned.file("big.bin", vec![b'x'; BIG]);
    }
    for (name, content) in more {
        planned = planned.file(name, content.as_str());
    }
    let scenario = planned.scenario();
    let plan = planned.plan_of(&scenario).unwrap();
    let feeds = plan.feeds.iter();
    let feeds = feeds.map(|feed| Sheet::read(&scenario.blobs[&feed.blob], feed.delimiter).unwrap().into());
    let secrets = plan.secrets.iter().map(|reference| match reference.name.as_str() {
        "TOKEN" => Secret::new("s3cr&t value"),
        name => Secret::new(named(name).unwrap_or_else(|| name.to_owned())),
    });
    let supplies = Supplies {
        secrets: secrets.collect(),
        feeds: feeds.collect(),
        bodies: scenario
            .blobs
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.clone().into()))
            .collect(),
        ..Supplies::default()
    };
    (Arc::new(plan), Arc::new(supplies))
}
