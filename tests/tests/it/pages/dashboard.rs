//! Tests of the dashboard of a run in progress, in a browser.

use super::{CRAMPED, assert_no_foreign_requests, browser};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use whole_runs::machine::{Desk, Process, Ran, Target, kill, program, wait_for};

fn scenario(target: &Target, length: u32) -> String {
    format!(
        "name: checkout\ntarget: {}\nload: {{ constant: {{ rate: 100/s, duration: {length}s }} }}\n\
         requests: [ {{ name: home }}, {{ name: cart }} ]\nthresholds: [ errors < 1% ]\n",
        target.url()
    )
}

/// A command that follows a run and serves the dashboard of the run.
struct Launch {
    process: Process,
    words: Arc<Mutex<String>>,
    reader: JoinHandle<()>,
    /// The URL of the dashboard, which ends with a slash.
    url: String,
}

impl Launch {
    fn start(desk: &Desk, run: &str, length: u32, target: &Target) -> Launch {
        desk.write("checkout.yaml", &scenario(target, length));
        Launch::of(desk.command(&["launch", "checkout.yaml", "--workers", "2", "--run", run, "--dashboard"]))
    }

    fn of(mut command: Command) -> Launch {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let words = Arc::new(Mutex::new(String::new()));
        let (stderr, lines) = (BufReader::new(child.stderr.take().unwrap()), words.clone());
        let reader = std::thread::spawn(move || {
            for line in stderr.lines() {
                lines.lock().unwrap().push_str(&(line.unwrap() + "\n"));
            }
        });
        let url = wait_for("the address of the dashboard", Duration::from_secs(30), || {
            let words = words.lock().unwrap();
            let line = words.lines().find_map(|line| line.strip_prefix("dashboard "))?;
            Some(line.to_owned())
        });
        Launch {
            process: Process(child),
            words,
            reader,
            url,
        }
    }

    /// Returns the address of the server, and the path of the dashboard.
    fn parts(&self) -> (&str, &str) {
        let rest = self.url.strip_prefix("http://").unwrap();
        rest.split_at(rest.find('/').unwrap())
    }

    fn finish(mut self) -> Ran {
        let mut stdout = String::new();
        self.process
            .0
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        let code = self.process.0.wait().unwrap().code();
        self.reader.join().unwrap();
        Ran {
            code,
            stdout,
            stderr: self.words.lock().unwrap().clone(),
        }
    }
}

/// Sends a request, and returns the status of the answer.
fn status(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 0\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_dashboard_shows_a_live_run_and_stops_it_after_confirmation() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    desk.write("checkout.yaml", &scenario(&target, 1));
    desk.run(&["launch", "checkout.yaml", "--workers", "1", "--run", "before"])
        .expect(0, &[]);
    let Some(mut browser) = browser(&desk, "dashboard", 1280, 900) else {
        return;
    };
    let launch = Launch::start(&desk, "now", 120, &target);
    browser.open(&launch.url);
    browser.wait_for("window.vajraPage && vajraPage.model && vajraPage.model.live.state === 'running'");
    // The charts of the page get the values of new seconds.
    browser.wait_for("vajraPage.charts.rate && vajraPage.charts.rate.data[0].length >= 3");
    browser.wait_for("vajraPage.charts.rate.data[0].length >= 5");
    let rates = browser.eval("vajraPage.model.seconds.sent.slice(1, 4)");
    assert!(
        rates
            .as_array()
            .unwrap()
            .iter()
            .all(|rate| (90.0..=110.0).contains(&rate.as_f64().unwrap())),
        "{rates}"
    );
    // The charts for the requests `cart` also get the values of new seconds.
    browser.eval("document.getElementById('choice-select').value = 'request cart'");
    browser.eval("document.getElementById('choice-select').dispatchEvent(new Event('change'))");
    let sent = browser.eval("vajraPage.charts.rate.data[1].slice(1, 3)");
    let sent: Vec<f64> = serde_json::from_value(sent).unwrap();
    assert!(sent.iter().all(|rate| (20.0..=80.0).contains(rate)), "{sent:?}");
    let words = browser.eval("document.body.innerText").as_str().unwrap().to_lowercase();
    for text in ["running", "worker 0", "worker 1", "before", "not judged yet"] {
        assert!(words.contains(text), "`{text}` is not on the dashboard");
    }
    // The rate is computed over the seconds that have passed. Arrivals that are not yet due do not count as missing.
    let rate = browser.eval("vajraPage.model.total.rate_per_s").as_f64().unwrap();
    assert!((60.0..=120.0).contains(&rate), "{rate}");
    assert_eq!(browser.eval("vajraPage.model.balance.missing"), 0);
    assert_eq!(browser.eval(CRAMPED), serde_json::json!([]));
    // The stop button opens a dialog that asks for confirmation, and Escape closes this dialog.
    let dialog_open = "document.getElementById('stop-dialog').open";
    browser.eval("document.getElementById('stop-button').click()");
    browser.wait_for(dialog_open);
    assert_eq!(browser.eval("document.activeElement.id"), "stop-no");
    browser.press("Escape");
    browser.wait_for(&format!("!{dialog_open}"));
    assert_eq!(browser.eval("vajraPage.model.live.state"), "running");
    browser.eval("document.getElementById('stop-button').click()");
    browser.wait_for(dialog_open);
    browser.eval("document.getElementById('stop-yes').click()");
    browser.wait_for("vajraPage.model.live.state === 'ended'");
    assert_eq!(browser.eval("vajraPage.model.verdict"), "incomplete");
    let live = browser.eval("document.getElementById('live-body').innerText");
    let live = live.as_str().unwrap();
    assert!(live.contains("ended after") && live.contains("of 2 min"), "{live}");
    assert_no_foreign_requests(&mut browser, &launch.url);
    let ran = launch.finish().expect(3, &[]);
    assert!(ran.stdout.contains("stopped from the dashboard"), "{}", ran.stdout);
}

#[test]
fn a_past_run_opens_from_the_dashboard() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    desk.write("checkout.yaml", &scenario(&target, 1));
    desk.run(&["launch", "checkout.yaml", "--workers", "1", "--run", "before"])
        .expect(0, &[]);
    let Some(mut browser) = browser(&desk, "past", 1280, 900) else {
        return;
    };
    let launch = Launch::start(&desk, "now", 60, &target);
    browser.open(&launch.url);
    browser.wait_for("document.querySelector('a[href=\"past/before\"]')");
    browser.eval("document.querySelector('a[href=\"past/before\"]').click()");
    browser.wait_for("location.pathname.endsWith('past/before') && window.vajraPage && vajraPage.ready");
    assert_eq!(browser.eval("vajraPage.model.run"), "before");
    assert_eq!(browser.eval("vajraPage.model.verdict"), "passed");
    assert_eq!(browser.eval("vajraPage.model.choices[1].seconds.at.length > 0"), true);
    assert_no_foreign_requests(&mut browser, &launch.url);
    desk.run(&["stop", "now"]).expect(0, &[]);
    launch.finish().expect(3, &[]);
}

#[test]
fn the_dashboard_of_an_ended_run_shows_the_command_for_its_page() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    desk.write("checkout.yaml", &scenario(&target, 1));
    desk.run(&["launch", "checkout.yaml", "--workers", "1", "--run", "before"])
        .expect(0, &[]);
    let launch = Launch::start(&desk, "now", 4, &target);
    let mut browser = browser(&desk, "farewell", 1280, 900);
    if let Some(browser) = &mut browser {
        browser.open(&launch.url);
        browser.wait_for("document.querySelector('a[href=\"past/before\"]')");
        browser.wait_for("vajraPage.model.live.state === 'ended'");
    }
    let ran = launch
        .finish()
        .expect(0, &["the run has ended, and its dashboard is closed"]);
    let line = ran.stderr.lines().find(|line| line.contains("its dashboard is closed"));
    let again = line.and_then(|line| line.split('`').nth(1)).unwrap();
    if let Some(browser) = &mut browser {
        let words = browser.eval("document.getElementById('live-body').innerText");
        let words = words.as_str().unwrap();
        assert!(words.contains("no longer served") && words.contains(again), "{words}");
        // The server of the dashboard has ended, so the page shows past runs without links.
        browser.wait_for("!document.querySelector('a[href=\"past/before\"]')");
        assert_eq!(
            browser.eval("document.getElementById('past').innerText.includes('before')"),
            true
        );
    }
    // The command that the page shows succeeds.
    let typed = again.replacen("vajra-cloud", &program().display().to_string(), 1);
    let status = Command::new("sh")
        .args(["-c", &typed])
        .current_dir(desk.path(""))
        .status();
    assert!(status.unwrap().success(), "{typed}");
    assert!(
        std::fs::read_to_string(desk.path("report.html"))
            .unwrap()
            .contains("\"run\":\"now\"")
    );
}

#[test]
fn a_kept_dashboard_is_served_until_its_command_is_interrupted() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    desk.write("checkout.yaml", &scenario(&target, 1));
    desk.run(&["launch", "checkout.yaml", "--workers", "1", "--run", "before"])
        .expect(0, &[]);
    desk.run(&["launch", "checkout.yaml", "--keep-dashboard"])
        .expect(2, &["--dashboard"]);
    let launch = [
        "launch",
        "checkout.yaml",
        "--run",
        "now",
        "--dashboard",
        "--keep-dashboard",
    ];
    let mut launch = Launch::of(desk.command(&launch));
    wait_for("the end of the run", Duration::from_secs(60), || {
        let words = launch.words.lock().unwrap();
        words.contains("the dashboard stays until Ctrl-C").then_some(())
    });
    // Without the option `--keep-dashboard`, the dashboard would be served for less than 4 s after the run.
    std::thread::sleep(Duration::from_secs(4));
    assert!(launch.process.0.try_wait().unwrap().is_none());
    let (address, path) = launch.parts();
    assert_eq!(status(address, "GET", path, &[]), 200);
    assert_eq!(status(address, "GET", &format!("{path}past/before"), &[]), 200);
    let mut browser = browser(&desk, "kept", 1280, 900);
    if let Some(browser) = &mut browser {
        browser.open(&launch.url);
        browser.wait_for("window.vajraPage && vajraPage.model && vajraPage.model.live.state === 'ended'");
        let words = browser.eval("document.getElementById('live-body').innerText");
        assert!(
            words.as_str().unwrap().contains("until its command is interrupted"),
            "{words}"
        );
        browser.wait_for("document.querySelector('a[href=\"past/before\"]')");
    }
    kill(launch.process.0.id(), "INT");
    if let Some(browser) = &mut browser {
        browser.wait_for("document.getElementById('live-body').innerText.includes('no longer served')");
        browser.wait_for("!document.querySelector('a[href=\"past/before\"]')");
        assert_eq!(browser.eval("document.getElementById('connection').hidden"), true);
    }
    // The signal arrived after the run had passed, so the command exits with 0.
    let ran = launch.finish().expect(0, &[]);
    assert!(ran.stdout.contains("passed"), "{}", ran.stdout);
}

#[test]
fn the_dashboard_needs_its_token_and_rejects_other_origins() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    let launch = Launch::start(&desk, "now", 5, &target);
    let (address, path) = launch.parts();
    let token = path.trim_matches('/');
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    // Without the secret path, every request gets the status 404.
    for guess in ["/", "/events", "/stop", "/past", "/0123456789abcdef0123456789abcdef/"] {
        assert_eq!(status(address, "GET", guess, &[]), 404, "{guess}");
    }
    assert_eq!(status(address, "POST", "/stop", &[("X-Vajra-Token", token)]), 404);
    // A page of another origin cannot stop the run, even if it has the secret path. The browser sends a preflight
    // request before a request with this header, and the server rejects the preflight request.
    let stop = format!("{path}stop");
    assert_eq!(status(address, "POST", &stop, &[]), 403);
    assert_eq!(status(address, "POST", &stop, &[("X-Vajra-Token", "0")]), 403);
    let foreign = [("X-Vajra-Token", token), ("Origin", "http://evil.example.com")];
    assert_eq!(status(address, "POST", &stop, &foreign), 403);
    assert_eq!(
        status(address, "OPTIONS", &stop, &[("Origin", "http://evil.example.com")]),
        405
    );
    assert_eq!(status(address, "GET", &format!("{path}past"), &[]), 403);
    assert_eq!(status(address, "GET", &format!("{path}past/none"), &[]), 404);
    assert_eq!(status(address, "GET", &format!("{path}past/..%2F..%2Fx"), &[]), 404);
    // None of the rejected requests has stopped the run.
    launch.finish().expect(0, &[]);
}

#[test]
fn attach_also_serves_a_dashboard() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    desk.write("checkout.yaml", &scenario(&target, 120));
    let launched = desk.spawn(&["launch", "checkout.yaml", "--workers", "2", "--run", "now"]);
    wait_for("the plan", Duration::from_secs(30), || {
        desk.path("runs/now/plan.json").exists().then_some(())
    });
    let attached = Launch::of(desk.command(&["attach", "now", "--dashboard"]));
    let (address, path) = attached.parts();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path}events HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    // Each event of the dashboard is one line of JSON that contains the state of the run.
    let model = BufReader::new(stream).lines().map_while(Result::ok).find_map(|line| {
        let model: serde_json::Value = serde_json::from_str(line.strip_prefix("data: ")?).ok()?;
        (model["live"]["state"] == "running" && model["balance"]["sent"].as_u64() > Some(0)).then_some(model)
    });
    let model = model.unwrap();
    assert_eq!((&model["run"], &model["verdict"]), (&"now".into(), &"running".into()));
    desk.run(&["stop", "now"]).expect(0, &[]);
    attached.finish().expect(3, &[]);
    launched.finish().expect(3, &[]);
}

#[test]
fn a_dashboard_address_in_use_is_rejected_before_the_run_starts() {
    let (desk, target) = (Desk::new(), Target::start("latency 3ms"));
    desk.write("checkout.yaml", &scenario(&target, 1));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    desk.run(&["launch", "checkout.yaml", "--run", "r", "--dashboard", &address])
        .expect(2, &[&address, "use another port"]);
    assert!(!desk.path("runs/r").exists());
}
