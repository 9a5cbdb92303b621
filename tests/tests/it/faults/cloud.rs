//! The emulated cloud in which a test of faults runs commands.

use serde_json::Value;
use std::io::Read;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};
use whole_runs::lambda::{Call, Code, Fate, Lambda, Settings};
use whole_runs::machine::{Desk, Process, Target, aws, http, moto, program, sent, wait_for};
use whole_runs::s3_proxy::{Asked, S3Proxy, Trouble};

const BUCKET: &str = "vajra-runs";
/// The maximum duration of each command.
const BOUND: Duration = Duration::from_secs(90);

/// A real S3 server. All tests that run at the same time share this server.
#[derive(Debug)]
pub(crate) struct S3 {
    _process: Process,
    address: SocketAddr,
}

impl S3 {
    pub(crate) fn shared() -> Arc<S3> {
        static SHARED: Mutex<Weak<S3>> = Mutex::new(Weak::new());
        // A test that panicked while it started the server has stored nothing, so the lock can be used.
        let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let s3 = Arc::new(S3::start());
            *shared = Arc::downgrade(&s3);
            s3
        })
    }

    /// Returns the location of a store on the S3 server without the proxy.
    pub(crate) fn store(&self) -> String {
        format!("s3://{BUCKET}/wide?endpoint=http://{}", self.address)
    }

    fn start() -> S3 {
        let (process, address) = moto();
        http(address, "PUT", &format!("/{BUCKET}")).unwrap();
        S3 {
            _process: process,
            address,
        }
    }
}

/// An S3 server behind a proxy, a stand-in for Lambda, a target, and a folder in which commands run.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(crate) lambda: Lambda,
    pub(crate) proxy: S3Proxy,
    pub(crate) target: Target,
    pub(crate) desk: Desk,
    store: String,
    _s3: Arc<S3>,
}

/// Returns the settings of a function that runs the worker program of this build.
pub(crate) fn function() -> Settings {
    let program = program().with_file_name("vajra-worker");
    assert!(program.exists(), "{} is not built: run tests/run", program.display());
    Settings::new(Code::Program(program))
}

impl Cloud {
    /// Starts a cloud. The functions `fate` and `trouble` return the faults of Lambda and of S3.
    pub(crate) fn new(
        mut settings: Settings,
        fate: impl Fn(&Call) -> Fate + Send + Sync + 'static,
        trouble: impl Fn(&Asked) -> Trouble + Send + Sync + 'static,
    ) -> Cloud {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let s3 = S3::shared();
        let proxy = S3Proxy::start(s3.address, trouble);
        let prefix = format!("team-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let store = format!("s3://{BUCKET}/{prefix}?endpoint={}", proxy.endpoint());
        settings.environment.push(("VAJRA_STORE".to_owned(), store.clone()));
        Cloud {
            lambda: Lambda::start_with(settings, fate),
            proxy,
            target: Target::start("latency 1ms"),
            desk: Desk::new(),
            store,
            _s3: s3,
        }
    }

    /// Starts a cloud in which only Lambda has faults.
    pub(crate) fn with_fates(fate: impl Fn(&Call) -> Fate + Send + Sync + 'static) -> Cloud {
        Cloud::new(function(), fate, |_| Trouble::None)
    }

    /// Starts a cloud in which only S3 has faults.
    pub(crate) fn with_troubles(trouble: impl Fn(&Asked) -> Trouble + Send + Sync + 'static) -> Cloud {
        Cloud::new(function(), |_| Fate::default(), trouble)
    }

    pub(crate) fn store(&self) -> String {
        self.store.clone()
    }

    /// Launches the run `r` with four workers. Together, the workers send 100 requests per second for `seconds`
    /// seconds.
    pub(crate) fn launch(&self, seconds: u32, args: &[&str]) -> Finished {
        self.launch_named("r", seconds, args)
    }

    /// Launches a run like [`Cloud::launch`], but with another name.
    pub(crate) fn launch_named(&self, run: &str, seconds: u32, args: &[&str]) -> Finished {
        self.desk.write(
            "small.yaml",
            &format!(
                "name: small\ntarget: {}\nload: {{ constant: {{ rate: 100/s, duration: {seconds}s }} }}\n\
                 requests: [ {{ name: home, url: /home, timeout: 1s }} ]\nlimits: {{ max_wait: 1s }}\nthresholds: [ errors < 1% ]\n",
                self.target.url()
            ),
        );
        let fixed = ["launch", "small.yaml", "--run", run, "--fleet", "lambda", "--unchecked"];
        let (store, endpoint) = (self.store(), self.lambda.endpoint());
        let places = ["--store", &store, "--lambda-endpoint", &endpoint];
        let rest = ["--snapshot-interval", "1s", "--out", "summary.json"];
        self.run(&[&fixed[..], &places, &rest, args].concat())
    }

    /// Runs a command of the program. The command must end without a signal of the test.
    pub(crate) fn run(&self, args: &[&str]) -> Finished {
        self.run_with(args, |_| {})
    }

    /// Runs a command of the program. The function `change` modifies the command before it starts.
    pub(crate) fn run_with(&self, args: &[&str], change: impl FnOnce(&mut Command)) -> Finished {
        let mut command = self.desk.command(args);
        change(aws(&mut command));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut process = Process(command.spawn().unwrap());
        let (stdout, stderr) = (process.0.stdout.take().unwrap(), process.0.stderr.take().unwrap());
        let readers = [
            std::thread::spawn(move || read(stdout)),
            std::thread::spawn(move || read(stderr)),
        ];
        while process.0.try_wait().unwrap().is_none() && began.elapsed() < BOUND {
            std::thread::sleep(Duration::from_millis(20));
        }
        let code = process.0.try_wait().unwrap().map(|status| status.code());
        drop(process);
        let [stdout, stderr] = readers.map(|reader| reader.join().unwrap());
        let output = format!("{stdout}\n{stderr}");
        let Some(code) = code else {
            panic!(
                "{args:?} did not end within {BOUND:?}:\n{output}\n{}",
                self.lambda.log()
            );
        };
        Finished {
            code,
            output,
            took: began.elapsed(),
        }
    }

    /// Reads the report of the run. Asserts that the counts of the report balance.
    pub(crate) fn report(&self) -> Report {
        let json = self.desk.json("summary.json");
        let sent = sent(&json);
        Report { sent, json }
    }

    /// Waits until all functions have ended.
    pub(crate) fn settle(&self) {
        wait_for("the last function", Duration::from_secs(60), || {
            (self.lambda.busy() == 0).then_some(())
        });
    }

    /// Asserts that the run passed. Also asserts that the report and the target each counted `arrivals` requests.
    pub(crate) fn assert_whole(&self, ran: &Finished, arrivals: u64) {
        assert_eq!(ran.code, Some(0), "{}\n{}", ran.output, self.lambda.log());
        self.settle();
        let report = self.report();
        assert_eq!(report.json["verdict"], "passed", "{}", report.json["reasons"]);
        assert_eq!(report.sent, arrivals, "{}", ran.output);
        assert_eq!(self.target.requests(), arrivals, "the target's count differs");
    }

    /// Asserts that the run was aborted before its start. The output must contain `words`, and the target must have
    /// received no request.
    pub(crate) fn assert_aborted(&self, ran: &Finished, words: &[&str]) {
        assert_eq!(ran.code, Some(3), "{}", ran.output);
        self.settle();
        assert_eq!(self.target.requests(), 0, "requests of a run that was not started");
        ran.assert_output(words);
    }

    /// Asserts that arrivals are missing in each shard in `lost`, and in no other shard. The reasons in the report must
    /// contain `words`.
    pub(crate) fn assert_lost(&self, ran: &Finished, arrivals: u64, lost: &[u64], words: &[&str]) {
        assert_eq!(ran.code, Some(3), "{}\n{}", ran.output, self.lambda.log());
        self.settle();
        let report = self.report();
        assert_eq!(report.json["verdict"], "incomplete");
        let reasons = report.json["reasons"].to_string();
        for word in words {
            assert!(reasons.contains(word), "no `{word}` in {reasons}");
        }
        if let [shard] = lost {
            assert!(reasons.contains(&format!("worker {shard}: ")), "{reasons}");
        }
        let missing = report.json["balance"]["missing"].as_u64().unwrap();
        let dropped = report.json["balance"]["dropped"].as_u64().unwrap();
        assert!(missing > 0, "{reasons}");
        assert_eq!(report.sent + dropped + missing, arrivals);
        for worker in report.json["workers"].as_array().unwrap() {
            let whole = !lost.contains(&worker["shard"].as_u64().unwrap());
            assert_eq!(worker["missing"] == 0, whole, "{worker}");
        }
        let counted = self.target.requests();
        assert!(counted >= report.sent, "{counted} counted, {} reported", report.sent);
        assert!(
            counted <= report.sent + missing,
            "{counted} counted, {} reported and {missing} missing",
            report.sent
        );
    }
}

fn read(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A command that has ended: its exit code and its output.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    /// The text on stdout, followed by the text on stderr.
    pub(crate) output: String,
    pub(crate) took: Duration,
}

impl Finished {
    pub(crate) fn assert_output(&self, words: &[&str]) {
        for word in words {
            assert!(self.output.contains(word), "no `{word}` in:\n{}", self.output);
        }
    }

    pub(crate) fn within(&self, seconds: u64) {
        assert!(
            self.took < Duration::from_secs(seconds),
            "{:?}\n{}",
            self.took,
            self.output
        );
    }
}

/// A report. The test has asserted that its counts balance.
#[derive(Debug)]
pub(crate) struct Report {
    /// The number of sent requests, which includes requests that were not measured.
    pub(crate) sent: u64,
    pub(crate) json: Value,
}
