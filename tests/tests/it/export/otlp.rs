//! Tests of exports over OTLP with gRPC and with HTTP. The OTLP receiver prints every data point.

use super::launch;
use super::numbers::{Number, Numbers};
use std::collections::BTreeMap;
use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use whole_runs::machine::{Desk, Process, free_port, tool, wait_for};

/// A receiver of OTLP. The receiver ends when this value is dropped.
struct Rotel {
    _process: Process,
    log: PathBuf,
    grpc: SocketAddr,
    http: SocketAddr,
}

impl Rotel {
    fn start(desk: &Desk) -> Rotel {
        let log = desk.path("rotel.log");
        let [grpc, http] = [free_port(), free_port()].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        let process = Command::new(program())
            .args(["start", "--exporter", "blackhole"])
            .args(["--otlp-grpc-endpoint", &grpc.to_string()])
            .args(["--otlp-http-endpoint", &http.to_string()])
            .args(["--debug-log", "metrics", "--debug-log-verbosity", "detailed"])
            .arg("--log-file")
            .arg(desk.path("unused.log"))
            .stdout(File::create(&log).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let rotel = Rotel {
            _process: Process(process),
            log,
            grpc,
            http,
        };
        for address in [grpc, http] {
            wait_for("the receiver of OTLP", Duration::from_secs(30), || {
                TcpStream::connect(address).ok()
            });
        }
        rotel
    }

    /// Waits until the final export is complete, and returns the numbers of this export.
    fn numbers(&self) -> Numbers {
        let text = wait_for("the final points", Duration::from_secs(30), || {
            let text = std::fs::read_to_string(&self.log).ok()?;
            let last = text.rsplit_once("-> Name: vajra.run.ended")?.1;
            let ended = last.split_once("Value: ")?.1.starts_with('1');
            // The last metric of an export ends with the line of its bucket 47.
            let whole = last
                .split_once("-> Name: vajra.request.lag")?
                .1
                .contains("\nBuckets #47, Count: ");
            (ended && whole && text.ends_with('\n')).then_some(text)
        });
        let last = text.rsplit_once("-> Name: vajra.run.info").unwrap();
        read(&format!("-> Name: vajra.run.info{}", last.1))
    }
}

/// Returns the path of the receiver's program. The program is in the folder of the receiver's Python package.
fn program() -> PathBuf {
    let library = tool("python3")
        .parent()
        .and_then(|bin| bin.parent())
        .unwrap()
        .join("lib");
    let versions = std::fs::read_dir(&library).unwrap();
    let program = versions
        .map(|version| version.unwrap().path().join("site-packages/rotel/rotel-agent"))
        .find(|program| program.exists());
    program.unwrap_or_else(|| {
        panic!(
            "rotel is not in {}: run tests/run, which installs it",
            library.display()
        )
    })
}

/// Returns the data points of one printed export, with the names that Prometheus uses.
fn read(text: &str) -> Numbers {
    let mut numbers = Vec::new();
    for metric in text.split("-> Name: ").skip(1) {
        let field = |name: &str| {
            metric
                .split_once(name)
                .map_or("", |(_, rest)| rest.lines().next().unwrap().trim())
        };
        let mut name = metric.lines().next().unwrap().trim().replace('.', "_");
        name.push_str(match field("-> Unit:") {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        });
        if field("-> IsMonotonic:") == "true" {
            name.push_str("_total");
        }
        if field("-> DataType:") != "Gauge" {
            assert!(field("-> AggregationTemporality:").ends_with("CUMULATIVE"), "{metric}");
        }
        for point in metric.split("DataPoints #").skip(1) {
            numbers.extend(points(&name, point));
        }
    }
    Numbers(numbers)
}

/// Converts a data point to numbers. A histogram becomes several numbers, one for each series that a histogram has in
/// Prometheus.
fn points(name: &str, point: &str) -> Vec<Number> {
    let mut labels = BTreeMap::new();
    let (mut value, mut count) = (None, None);
    let (mut bounds, mut classes) = (Vec::<f64>::new(), Vec::<f64>::new());
    for line in point.lines() {
        let after = |prefix: &str| line.trim().strip_prefix(prefix).map(str::trim);
        if let Some((key, text)) = after("-> ").and_then(|pair| pair.split_once(": Str(")) {
            labels.insert(key.to_owned(), text.trim_end_matches(')').to_owned());
        } else if let Some(number) = after("Value:") {
            value = Some(number.parse().unwrap());
        } else if let Some(number) = after("Count:") {
            count = Some(number.parse().unwrap());
        } else if let Some((_, bound)) = after("ExplicitBounds #").and_then(|rest| rest.split_once(": ")) {
            bounds.push(bound.parse().unwrap());
        } else if let Some((_, class)) = after("Buckets #").and_then(|rest| rest.split_once("Count: ")) {
            classes.push(class.parse().unwrap());
        }
    }
    let number = |name: String, labels, value| Number { name, labels, value };
    let Some(count) = count else {
        return vec![number(name.to_owned(), labels, value.unwrap())];
    };
    assert_eq!(classes.len(), bounds.len() + 1);
    let mut numbers = vec![number(format!("{name}_count"), labels.clone(), count)];
    let mut seen = 0.0;
    for (bound, class) in bounds.iter().chain([&f64::INFINITY]).zip(classes) {
        seen += class;
        let mut labels = labels.clone();
        labels.insert("le".to_owned(), bound.to_string());
        numbers.push(number(format!("{name}_bucket"), labels, seen));
    }
    numbers
}

fn check(run: &str, url: impl Fn(&Rotel) -> String) {
    let desk = Desk::new();
    let rotel = Rotel::start(&desk);
    let (report, stderr) = launch(&desk, run, &["--otlp", &url(&rotel)]);
    assert!(stderr.contains("sent") && !stderr.contains("caution"), "{stderr}");
    rotel.numbers().assert_equal(&report);
}

#[test]
fn metrics_over_grpc_equal_the_report() {
    check("by-grpc", |rotel| format!("grpc://{}", rotel.grpc));
}

#[test]
fn metrics_over_http_equal_the_report() {
    check("by-http", |rotel| format!("http://{}/v1/metrics", rotel.http));
}
