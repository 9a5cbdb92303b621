//! Tests of exports to Prometheus by remote write and by scrapes.

use super::numbers::{Number, Numbers};
use super::server::{Prometheus, get, is_installed};
use super::{LAUNCH, MEASURED, SCENARIO, UNMEASURED, launch};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;
use whole_runs::machine::{Desk, Ran, Target, free_port, kill, wait_for};

#[test]
fn metrics_by_remote_write_equal_the_report() {
    if !is_installed() {
        return;
    }
    let desk = Desk::new();
    let prometheus = Prometheus::start(&desk, None);
    let (report, stderr) = launch(&desk, "written", &["--prometheus", &prometheus.write_url()]);
    assert!(
        report["balance"]["failed"].as_u64().unwrap() > 100,
        "{}",
        report["balance"]
    );
    assert_eq!(report["balance"]["unmeasured_sent"], UNMEASURED);
    prometheus.numbers("written").assert_equal(&report);
    prometheus.assert_quantiles(&report);
    assert!(stderr.contains("sent") && !stderr.contains("caution"), "{stderr}");
    // No count decreased during the run.
    let changes = prometheus.query("resets(vajra_requests_sent_total{run=\"written\"}[1h])");
    assert!(
        !changes.is_empty() && changes.iter().all(|(_, resets)| *resets == 0.0),
        "{changes:?}"
    );
    let steps = prometheus.query("count_over_time(vajra_run_ended{run=\"written\"}[1h])");
    // The launcher exports once per second, but on a busy machine less often.
    assert!(steps[0].1 >= 3.0, "{steps:?}");
    // `attach` after the end of the run exports the same numbers with a later timestamp.
    let again = desk.run(&[
        "attach",
        "written",
        "--store",
        "runs",
        "--prometheus",
        &prometheus.write_url(),
    ]);
    again.expect(0, &["sent"]);
    prometheus.numbers("written").assert_equal(&report);
}

#[test]
fn scraped_metrics_equal_the_report() {
    if !is_installed() {
        return;
    }
    let desk = Desk::new();
    let port = free_port();
    let prometheus = Prometheus::start(&desk, Some(port));
    let (report, stderr) = launch(&desk, "scraped", &["--prometheus-listen", &port.to_string()]);
    assert!(
        stderr.contains(&format!("metrics are at http://127.0.0.1:{port}/metrics")),
        "{stderr}"
    );
    assert!(!stderr.contains("caution"), "{stderr}");
    // The comparison ignores the labels that Prometheus adds to scraped metrics.
    prometheus.numbers("scraped").assert_equal(&report);
    prometheus.assert_quantiles(&report);
}

#[test]
fn the_last_scrape_equals_the_report() {
    let desk = Desk::new();
    desk.write("shop.yaml", SCENARIO);
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let listen = address.to_string();
    let options = [
        "--run",
        "fetched",
        "--out",
        "fetched.json",
        "--prometheus-listen",
        &listen,
    ];
    let running = desk.spawn(&[&LAUNCH[..], &options].concat());
    let text = wait_for("the final metrics", Duration::from_secs(60), || {
        get(address, "/metrics")
            .ok()
            .filter(|text| text.contains("vajra_run_ended{run=\"fetched\",scenario=\"shop\"} 1"))
    });
    let ran = running.finish().expect(0, &["metrics are at", "scraped"]);
    assert!(!ran.stderr.contains("caution"), "{}", ran.stderr);
    lint(&desk, &text);
    let numbers = Numbers(text.lines().filter(|line| !line.starts_with('#')).map(parsed).collect());
    let report = desk.json("fetched.json");
    assert_eq!(numbers.sum("vajra_arrivals_planned_total", &[]), MEASURED);
    numbers.assert_equal(&report);
}

/// Checks the format, the names and the units of an exported text with `promtool`, if Prometheus is installed.
fn lint(desk: &Desk, text: &str) {
    if !is_installed() {
        return;
    }
    desk.write("metrics.txt", text);
    let output = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(File::open(desk.path("metrics.txt")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Parses a line such as `name{label="value",…} number`. The values of the labels contain no escapes.
fn parsed(line: &str) -> Number {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.trim_end_matches('}').split_once('{').unwrap();
    let label = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap();
        (key.to_owned(), value.trim_matches('"').to_owned())
    };
    Number {
        name: name.to_owned(),
        labels: labels.split(',').map(label).collect(),
        value: value.parse().unwrap(),
    }
}

#[test]
fn metrics_equal_the_report_after_a_worker_is_killed() {
    if !is_installed() {
        return;
    }
    let (desk, target) = (Desk::new(), Target::start("latency 300ms"));
    let prometheus = Prometheus::start(&desk, None);
    let url = prometheus.write_url();
    let load = "load: { constant: { rate: 200/s, duration: 6s } }\nrequests: [ { name: home } ]";
    desk.write("shop.yaml", &format!("name: shop\ntarget: {}\n{load}\n", target.url()));
    let launch = [
        "launch",
        "shop.yaml",
        "--workers",
        "4",
        "--store",
        "runs",
        "--run",
        "lost",
    ];
    let launch = [&launch[..], &["--out", "lost.json", "--prometheus", &url]].concat();
    let launch = desk.spawn(&launch);
    wait_for("some seconds of load", Duration::from_secs(60), || {
        (target.requests() > 500).then_some(())
    });
    let claim = desk.json("runs/runs/lost/shards/00002/00000/claims/00001");
    // The field `worker` contains a text such as "process 4711 on laptop".
    let pid = claim["worker"].as_str().unwrap().split(' ').nth(1).unwrap();
    kill(pid.parse().unwrap(), "KILL");
    launch.finish().expect(3, &["sent"]);
    let report = desk.json("lost.json");
    let missing = report["balance"]["missing"].as_f64().unwrap();
    assert!(missing > 0.0, "{}", report["balance"]);
    prometheus.numbers("lost").assert_equal(&report);
    let last = |metric: &str| format!("sum(last_over_time({metric}{{run=\"lost\"}}[1h]))");
    let [planned, sent, dropped] =
        ["arrivals_planned", "requests_sent", "requests_dropped"].map(|name| last(&format!("vajra_{name}_total")));
    let found = prometheus.query(&format!("{planned} - {sent} - {dropped}"));
    assert_eq!(found[0].1, missing);
}

#[test]
fn a_receiver_with_tls_needs_a_trusted_certificate() {
    if !is_installed() {
        return;
    }
    let desk = Desk::new();
    desk.write("shop.yaml", SCENARIO);
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    desk.write("certificate.pem", &made.cert.pem());
    desk.write("key.pem", &made.signing_key.serialize_pem());
    let prometheus = Prometheus::start_secure(&desk, "certificate.pem", "key.pem");
    let url = format!("https://localhost:{}/api/v1/write", prometheus.address.port());
    let launch = [&LAUNCH[..], &["--prometheus", &url]].concat();
    let mut trusted = desk.command(&launch);
    trusted.env("SSL_CERT_FILE", desk.path("certificate.pem"));
    let trusted = Ran::new(&trusted.output().unwrap()).expect(0, &["sent"]);
    assert!(!trusted.stderr.contains("caution"), "{}", trusted.stderr);
    // A launch that does not trust the certificate of the receiver sends no metrics.
    desk.run(&launch)
        .expect(0, &["caution", "0 of", "did not arrive", "certificate"]);
}

#[test]
fn invalid_export_options_are_rejected_before_the_run_starts() {
    let desk = Desk::new();
    desk.write("shop.yaml", SCENARIO);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let refused = |flags: &[&str], words: &[&str]| {
        let launch = ["launch", "shop.yaml", "--store", "runs"];
        let ran = desk.run(&[&launch[..], flags].concat()).expect(2, words);
        assert!(!ran.stderr.contains("hidden"), "{}", ran.stderr);
        assert!(!desk.path("runs").exists(), "a run was started");
    };
    refused(
        &["--prometheus-listen", &port],
        &["cannot be listened on", "in use", "hint:"],
    );
    refused(&["--prometheus-listen", "here"], &["such as 127.0.0.1:9464"]);
    refused(
        &["--prometheus", "127.0.0.1:9090"],
        &["--prometheus 127.0.0.1:9090: it has no scheme", "hint:"],
    );
    refused(
        &["--prometheus", "http://me:hidden@h/write"],
        &["has credentials in it", "--export-header"],
    );
    refused(&["--otlp", "udp://h:4317"], &["none of grpc://", "hint: write grpc://"]);
    refused(&["--otlp", "env"], &["OTEL_EXPORTER_OTLP_ENDPOINT is not set"]);
    let header = ["--otlp", "grpc://h:4317", "--export-header", "hidden"];
    refused(&header, &["has no colon", "hint:"]);
}
