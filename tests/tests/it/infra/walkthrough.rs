//! Tests that run every command of `infra/README.md` in its order and as it is written.

use super::cloud::Cloud;
use super::policies;
use super::terraform::{self, Terraform};
use super::zip;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use whole_runs::lambda::{Code, Delivery, Lambda, Settings};
use whole_runs::machine::{Ran, Target, program, root, sent, tool, wait_for};
use whole_runs::policy::Policy;
use whole_runs::s3_proxy::{S3Proxy, Trouble};

const NAME: &str = "the_commands_of_the_page_work";
const BUCKET: &str = "vajra-worker-123456789012-us-east-1";
/// The maximum duration of a block of commands, and of the block that builds the zip.
const BLOCK_MAX: Duration = Duration::from_secs(150);
const BUILD_MAX: Duration = Duration::from_secs(1_500);
/// The maximum time for which requests may arrive after a stop. The page promises two seconds, and the simulated runs
/// check this time. The walkthrough allows twice the time, because the machine may be busy.
const STOP_MAX: Duration = Duration::from_secs(2 + 2);

/// A copy of the project's folder, in which the commands of the page run.
struct Walkthrough<'a> {
    folder: TempDir,
    cloud: &'a Cloud,
    terraform: &'a Terraform,
    left: VecDeque<String>,
}

/// Returns the code blocks of a page that are marked with `bash`.
fn blocks(page: &str) -> VecDeque<String> {
    let parts = page.split("```bash\n").skip(1);
    parts.map(|part| part.split_once("```").unwrap().0.to_owned()).collect()
}

impl Walkthrough<'_> {
    fn new<'a>(cloud: &'a Cloud, terraform: &'a Terraform, target: &Target) -> Walkthrough<'a> {
        let page = std::fs::read_to_string(root().join("infra/README.md")).unwrap();
        let walkthrough = Walkthrough {
            folder: tempfile::tempdir().unwrap(),
            cloud,
            terraform,
            left: blocks(&page),
        };
        for part in ["infra", "scenarios"] {
            std::fs::create_dir(walkthrough.path(part)).unwrap();
            terraform::copy(&root().join(part), &walkthrough.path(part), |_| true);
        }
        walkthrough.adapt(target);
        walkthrough
    }

    /// Changes the copy so that the commands of the page run without changes on this machine.
    fn adapt(&self, target: &Target) {
        // The zip is built for `x86_64` and not for `arm64`, because this machine has the standard library for only one
        // processor. The zip is built in the source folder. A link makes the zip available at the path that the page
        // uses.
        let build = root().join("infra/build");
        self.program("infra/build", &format!("exec '{}' --x86-64 \"$@\"", build.display()));
        symlink(root().join("target"), self.path("target")).unwrap();
        // Terraform reads this file after the file `terraform.tfvars` of the page. The file allows the target of this
        // test.
        self.write(
            "infra/terraform/here.auto.tfvars",
            "architecture = \"x86_64\"\nallow = [\"127.0.0.1\"]\n",
        );
        self.write("infra/terraform/loopback_override.tf", terraform::LOOPBACK);
        // The page asks the user to set the target of the scenario.
        let scenario = std::fs::read_to_string(self.path("scenarios/checkout.yaml")).unwrap();
        let own = "target: { builtin: latency 3ms }";
        assert!(scenario.contains(own), "{scenario}");
        self.write(
            "scenarios/checkout.yaml",
            &scenario.replace(own, &format!("target: {}", target.url())),
        );
        std::fs::create_dir(self.path("bin")).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn program(&self, name: &str, line: &str) {
        self.write(name, &format!("#!/bin/sh\n{line}\n"));
        std::fs::set_permissions(self.path(name), PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Runs commands in the copy. The commands use the cloud and the tools of the test.
    fn bash(&self, commands: &str, timeout: Duration) -> Ran {
        let mut command = Command::new("timeout");
        command
            .args(["--kill-after=5", &timeout.as_secs().to_string()])
            .args(["bash", "-euo", "pipefail", "-c", commands])
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        self.terraform.environment(&mut command);
        self.cloud.environment(&mut command);
        if let Some(mirror) = terraform::mirror() {
            command.env("TF_CLI_ARGS_init", format!("-plugin-dir={}", mirror.display()));
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("VAJRA_") {
                command.env_remove(name);
            }
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let tools = tool("cargo-lambda").parent().unwrap().to_owned();
        let paths = [self.path("bin"), tools]
            .into_iter()
            .chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).unwrap());
        Ran::new(&command.output().unwrap())
    }

    /// Runs the next code block of the page and checks its exit code. The block must begin with the text `begins`.
    fn run_block(&mut self, begins: &str, code: i32) -> Ran {
        let block = self.left.pop_front().unwrap();
        assert!(block.starts_with(begins), "the next block of the page is:\n{block}");
        let timeout = if begins == "infra/build" { BUILD_MAX } else { BLOCK_MAX };
        self.bash(&block, timeout).expect(code, &[])
    }

    /// Returns the report of a run, and the number of sent requests in this report.
    fn report(&self, run: &str, code: i32) -> (Value, u64) {
        let ran = self
            .bash(&format!("vajra-cloud --quiet report {run} --out -"), BLOCK_MAX)
            .expect(code, &[]);
        let report = serde_json::from_str(&ran.stdout).unwrap();
        let sent = sent(&report);
        (report, sent)
    }

    /// Returns the settings of the deployed function for the stand-in for Lambda. Terraform has configured the
    /// settings, and the program is the program in the built zip.
    fn deployed(&self, zip: &Path, program: PathBuf, s3: &S3Proxy) -> Settings {
        let found = self.cloud.python(&format!(
            "import base64, hashlib\n\
             found = client('lambda').get_function_configuration(FunctionName='vajra-worker')\n\
             built = base64.b64encode(hashlib.sha256(open('{}', 'rb').read()).digest()).decode()\n\
             say({{'configuration': found, 'built': built}})",
            zip.display()
        ));
        let configuration = &found["configuration"];
        assert_eq!(configuration["CodeSha256"], found["built"], "another zip is deployed");
        let number = |name: &str| configuration[name].as_u64().unwrap();
        let environment: BTreeMap<String, String> =
            serde_json::from_value(configuration["Environment"]["Variables"].clone()).unwrap();
        let mut settings = Settings::new(Code::Program(program));
        settings.memory_mb = number("MemorySize") as u32;
        settings.timeout = Duration::from_secs(number("Timeout"));
        settings.architecture = configuration["Architectures"][0].as_str().unwrap().to_owned();
        settings.environment = environment.into_iter().collect();
        settings
            .environment
            .push(("AWS_ENDPOINT_URL_S3".to_owned(), s3.endpoint()));
        settings
    }

    /// Returns the time at which the stop of a run was written.
    fn stopped_at(&self, run: &str) -> SystemTime {
        let stop = self.cloud.python(&format!(
            "say(json.load(client('s3').get_object(Bucket='{BUCKET}', Key='vajra/{}')['Body']))",
            store::keys::stop(run)
        ));
        SystemTime::UNIX_EPOCH + Duration::from_nanos(stop["written"].as_u64().unwrap())
    }
}

/// Calls the function `done`. Returns its result, and the time at which the target received the last request before
/// `done` returned.
fn last_request<T>(target: &Target, done: impl FnOnce() -> T) -> (T, SystemTime) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let (mut seen, mut last) = (target.requests(), SystemTime::now());
            while !over.load(Ordering::Relaxed) {
                let requests = target.requests();
                if requests > seen {
                    (seen, last) = (requests, SystemTime::now());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            last
        });
        let value = done();
        over.store(true, Ordering::Relaxed);
        (value, watching.join().unwrap())
    })
}

/// Returns a proxy in front of S3 that enforces a policy. The proxy is needed because the emulated S3 server ignores
/// the conditions of policies.
fn guarded(cloud: &Cloud, statements: &Value) -> S3Proxy {
    let policy = Policy::new(statements);
    S3Proxy::start(cloud.address, move |asked| policy.judge(asked))
}

/// Returns the requests that the policy of the proxy has denied.
fn refused(s3: &S3Proxy) -> Vec<String> {
    let troubles = s3.troubles().into_iter();
    let refused = troubles.filter(|(_, trouble)| matches!(trouble, Trouble::Refused(..)));
    refused
        .map(|(asked, _)| format!("{} {} (list: {})", asked.method, asked.path, asked.list))
        .collect()
}

/// Waits until all functions have ended.
fn idle(lambda: &Lambda) {
    wait_for("the last function", BLOCK_MAX, || (lambda.busy() == 0).then_some(()));
}

/// Returns the number of workers that have finished, for each slice of each shard.
fn finished(deliveries: &[Delivery]) -> BTreeMap<(u32, u32), usize> {
    let mut found = BTreeMap::new();
    for delivery in deliveries {
        if delivery.answer.contains(r#""ended":"finished""#) {
            *found.entry((delivery.shard, delivery.slice)).or_default() += 1;
        }
    }
    found
}

/// Returns the expected numbers for a run with this number of shards and slices. One worker finishes each slice of each
/// shard.
fn each_once(shards: u32, slices: u32) -> BTreeMap<(u32, u32), usize> {
    let all = (0..shards).flat_map(|shard| (0..slices).map(move |slice| ((shard, slice), 1)));
    all.collect()
}

#[test]
fn the_commands_of_the_page_work() {
    let Some(terraform) = Terraform::new(NAME) else {
        return;
    };
    let (cloud, target) = (Cloud::start(), Target::start("latency 3ms"));
    let before = cloud.inventory();
    let mut walkthrough = Walkthrough::new(&cloud, &terraform, &target);

    let building = zip::building();
    let built = walkthrough.run_block("infra/build", 0);
    let zip = walkthrough.path("target/lambda/x86_64/vajra-worker/bootstrap.zip");
    assert!(
        built
            .stdout
            .contains("target/lambda/x86_64/vajra-worker/bootstrap.zip: "),
        "{}",
        built.stdout
    );
    walkthrough.run_block("cat > infra/terraform/terraform.tfvars", 0);
    walkthrough.run_block("terraform -chdir=infra/terraform init", 0);
    let unpacked = tempfile::tempdir().unwrap();
    let bootstrap = zip::unpack(&zip, unpacked.path());
    let policies = policies::documents(&cloud);
    let function_s3 = guarded(&cloud, &policies["vajra-worker-us-east-1"]["inline"]["work"]);
    let launcher_s3 = guarded(&cloud, &policies["vajra-worker-launch"]);
    let lambda = Lambda::start(walkthrough.deployed(&zip, bootstrap, &function_s3));
    drop(building);

    // Terraform sends its Lambda requests to the server of AWS APIs. The command line uses the stand-in for Lambda,
    // which runs functions.
    walkthrough.program(
        "bin/vajra-cloud",
        &format!(
            "AWS_ENDPOINT_URL_S3={} AWS_ENDPOINT_URL_LAMBDA={} exec '{}' \"$@\"",
            launcher_s3.endpoint(),
            lambda.endpoint(),
            program().display()
        ),
    );
    cloud.open(BUCKET);

    let doctor = walkthrough.run_block("vajra-cloud doctor", 0);
    assert!(doctor.stdout.contains("8 workers can be launched"), "{}", doctor.stdout);
    assert_eq!(target.requests(), 0, "`doctor` sent requests");

    walkthrough.run_block(
        "vajra-cloud launch scenarios/checkout.yaml --fleet lambda --workers 8",
        0,
    );
    idle(&lambda);
    let (report, launched) = walkthrough.report("checkout-1", 0);
    assert_eq!(report["verdict"], "passed", "{}", report["reasons"]);
    assert_eq!(target.requests(), launched, "the target's count differs");
    assert_eq!(finished(&lambda.deliveries()), each_once(8, 1));

    // The run lasts fourteen seconds and has slices of five seconds, so it has three slices. Functions start the
    // workers of the second slice and of the third slice.
    let (calls, runs) = (lambda.invocations().len(), lambda.deliveries().len());
    walkthrough.run_block(
        "vajra-cloud launch scenarios/checkout.yaml --fleet lambda --workers 4 --slice",
        0,
    );
    idle(&lambda);
    let (report, handed_over) = walkthrough.report("checkout-2", 0);
    assert_eq!(report["verdict"], "passed", "{}", report["reasons"]);
    assert_eq!(target.requests(), launched + handed_over);
    assert_eq!(handed_over, launched, "slices must not change the requests");
    assert_eq!(finished(&lambda.deliveries()[runs..]), each_once(4, 3));
    // The launcher invokes functions synchronously, and a function invokes the next function asynchronously.
    let by_functions = lambda.invocations()[calls..]
        .iter()
        .filter(|invocation| invocation.event && invocation.refused.is_none())
        .map(|invocation| (invocation.shard, invocation.slice))
        .collect::<BTreeSet<_>>();
    let later = each_once(4, 3).into_keys().filter(|(_, slice)| *slice > 0);
    assert_eq!(by_functions, later.collect());

    let begun = target.requests();
    let (_, last) = last_request(&target, || walkthrough.run_block("vajra-cloud launch", 3));
    let stop = walkthrough.stopped_at("checkout-3");
    let late = last.duration_since(stop).unwrap_or_default();
    assert!(late <= STOP_MAX, "a request came {late:?} after the stop");
    let (report, stopped) = walkthrough.report("checkout-3", 3);
    assert_eq!(target.requests(), begun + stopped);
    assert!(0 < stopped && stopped < launched, "{stopped} of {launched}");
    assert_eq!(report["verdict"], "incomplete");
    let reasons = report["reasons"].to_string();
    assert!(
        reasons.contains("the run was stopped: requested with vajra-cloud stop"),
        "{reasons}"
    );

    let reported = walkthrough.run_block("vajra-cloud report checkout-1 --out checkout-1.json", 3);
    assert!(
        reported
            .stdout
            .contains("the run was stopped: requested with vajra-cloud stop"),
        "{}",
        reported.stdout
    );
    let file = std::fs::read(walkthrough.path("checkout-1.json")).unwrap();
    assert_eq!(sent(&serde_json::from_slice(&file).unwrap()), launched);

    assert!(function_s3.requests() > 0 && launcher_s3.requests() > 0);
    assert_eq!(refused(&function_s3), Vec::<String>::new(), "the role of the functions");
    assert_eq!(refused(&launcher_s3), Vec::<String>::new(), "the launch policy");
    assert_eq!(cloud.inventory()["buckets"], json!([BUCKET]));
    walkthrough.run_block("terraform -chdir=infra/terraform destroy", 0);
    assert_eq!(cloud.inventory(), before, "the destroy left resources");
    assert_eq!(walkthrough.left, VecDeque::new(), "blocks of the page were not run");
}
