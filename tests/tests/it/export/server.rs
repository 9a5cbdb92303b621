//! A real Prometheus on loopback. Prometheus stores its data in the folder of the test.

use super::numbers::{Number, Numbers};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;
use whole_runs::machine::{self, Desk, Process, free_port, wait_for};

const PROGRAM: &str = "/usr/bin/prometheus";

/// The characters that must be escaped in a URL parameter.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');

/// The time range of a query. The range is longer than any test that uses Prometheus.
const LOOK_BACK: &str = "1h";

/// Returns whether Prometheus is installed. If Prometheus is missing, panics or prints that the test is skipped, as
/// [`machine::is_installed`] does.
pub(crate) fn is_installed() -> bool {
    machine::is_installed("prometheus")
}

/// A process of Prometheus. The process ends when this value is dropped.
pub(crate) struct Prometheus {
    _process: Process,
    pub address: SocketAddr,
}

impl Prometheus {
    /// Starts a Prometheus that accepts remote write. If `target` is a port, Prometheus also scrapes this port every
    /// second.
    pub(crate) fn start(desk: &Desk, target: Option<u16>) -> Prometheus {
        let prometheus = Prometheus::spawn(desk, target, &[]);
        let address = prometheus.address;
        wait_for("prometheus", Duration::from_secs(30), || {
            get(address, "/-/ready").ok().filter(|text| text.contains("Ready"))
        });
        prometheus
    }

    /// Starts a Prometheus that uses TLS with this certificate and key. The query functions of this type do not support
    /// TLS.
    pub(crate) fn start_secure(desk: &Desk, certificate: &str, key: &str) -> Prometheus {
        desk.write(
            "web.yml",
            &format!("tls_server_config: {{ cert_file: {certificate}, key_file: {key} }}\n"),
        );
        let config = format!("--web.config.file={}", desk.path("web.yml").display());
        let prometheus = Prometheus::spawn(desk, None, &[&config]);
        wait_for("prometheus with TLS", Duration::from_secs(30), || {
            let log = std::fs::read_to_string(desk.path("prometheus.log")).ok()?;
            log.contains("Server is ready").then_some(())
        });
        prometheus
    }

    fn spawn(desk: &Desk, target: Option<u16>, more: &[&str]) -> Prometheus {
        let scraped = target.map_or(String::new(), |port| format!("'127.0.0.1:{port}'"));
        desk.write(
            "prometheus.yml",
            &format!(
                "global: {{ scrape_interval: 1s }}\nscrape_configs: \
                 [ {{ job_name: vajra, static_configs: [ {{ targets: [ {scraped} ] }} ] }} ]\n"
            ),
        );
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let log = File::create(desk.path("prometheus.log")).unwrap();
        let process = Command::new(PROGRAM)
            .arg("--web.enable-remote-write-receiver")
            .arg(format!("--web.listen-address={address}"))
            .arg(format!("--storage.tsdb.path={}", desk.path("prometheus").display()))
            .arg(format!("--config.file={}", desk.path("prometheus.yml").display()))
            .args(more)
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Prometheus {
            _process: Process(process),
            address,
        }
    }

    /// Returns the URL to which remote write sends metrics.
    pub(crate) fn write_url(&self) -> String {
        format!("http://{}/api/v1/write", self.address)
    }

    /// Sends a request to the API of Prometheus, and returns the data in the answer.
    pub(crate) fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Value {
        let query: Vec<String> = parameters
            .iter()
            .map(|(name, value)| {
                format!(
                    "{}={}",
                    utf8_percent_encode(name, ESCAPED),
                    utf8_percent_encode(value, ESCAPED)
                )
            })
            .collect();
        let answer = get(self.address, &format!("/api/v1/{path}?{}", query.join("&"))).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        assert_eq!(answer["status"], "success", "{parameters:?}: {answer}");
        answer["data"].clone()
    }

    /// Returns the current values of an expression, each with its labels.
    pub(crate) fn query(&self, expression: &str) -> Vec<(Value, f64)> {
        let data = self.ask("query", &[("query", expression)]);
        let result = data["result"].as_array().unwrap().iter();
        result
            .map(|one| {
                let value = one["value"][1].as_str().unwrap().parse().unwrap();
                (one["metric"].clone(), value)
            })
            .collect()
    }

    /// Waits until Prometheus has stored the metric that marks the end of the run. Returns the last value of every
    /// series of the run.
    pub(crate) fn numbers(&self, run: &str) -> Numbers {
        let ended = format!("last_over_time(vajra_run_ended{{run=\"{run}\"}}[{LOOK_BACK}]) == 1");
        wait_for("the end of the run", Duration::from_secs(30), || {
            (!self.query(&ended).is_empty()).then_some(())
        });
        let found = self.query(&format!("last_over_time({{run=\"{run}\"}}[{LOOK_BACK}])"));
        let number = |(metric, value): (Value, f64)| {
            let mut labels: std::collections::BTreeMap<String, String> = serde_json::from_value(metric).unwrap();
            Number {
                name: labels.remove("__name__").unwrap(),
                labels,
                value,
            }
        };
        Numbers(found.into_iter().map(number).collect())
    }

    /// Asserts that every quantile that `histogram_quantile` computes is in the same bucket as the quantile in the
    /// report.
    pub(crate) fn assert_quantiles(&self, report: &Value) {
        let run = report["run"].as_str().unwrap();
        for one in report["requests"].as_array().unwrap() {
            let request = one["name"].as_str().unwrap();
            for timing in ["latency", "service", "lag"] {
                let classes = format!(
                    "sum by (le) (last_over_time(vajra_request_{timing}_seconds_bucket{{run=\"{run}\",request=\"{request}\"}}[{LOOK_BACK}]))"
                );
                let mut bounds: Vec<f64> = self
                    .query(&classes)
                    .iter()
                    .map(|(metric, _)| metric["le"].as_str().unwrap().parse().unwrap())
                    .collect();
                bounds.sort_by(f64::total_cmp);
                for (quantile, name) in [("0.5", "p50_ms"), ("0.9", "p90_ms"), ("0.99", "p99_ms")] {
                    let found = self.query(&format!("histogram_quantile({quantile}, {classes})"));
                    let [(_, interpolated)] = found[..] else {
                        panic!("{found:?}")
                    };
                    let reported = one[timing][name].as_f64().unwrap() / 1e3;
                    let class = bounds.iter().position(|bound| reported <= *bound).unwrap();
                    let from = if class == 0 { 0.0 } else { bounds[class - 1] };
                    assert!(
                        from <= interpolated && interpolated <= bounds[class],
                        "{request} {timing} {name}: {reported} s reported, {interpolated} s by histogram_quantile"
                    );
                }
            }
        }
    }
}

/// Sends a request over HTTP/1.0, because an answer over HTTP/1.0 is never chunked.
pub(crate) fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok(body.to_owned())
}
