//! Runs every example of the README, of the book and of the help texts.
//!
//! The examples are run as they are written, with four differences. The program under test replaces `cargo run
//! --release --`. Receivers and listeners get free ports. If a page asks the reader to insert a target, the test
//! inserts its own target. `calibrate` accepts a lag of 100 ms, because workers on a busy machine are sometimes late.
//!
//! The file `infra/walkthrough.rs` runs the examples of `infra/README.md`.

mod table;

use crate::book::{blocks, helps, pages, read, spans};
use serde_json::json;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use table::EXAMPLES;
use whole_runs::lambda::{Code, Lambda, Settings};
use whole_runs::machine::{Desk, Process, Ran, Target, aws, constant, free_port, http, moto, program, root, tool};

/// The environment in which an example runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// An empty folder.
    Empty,
    /// An empty folder, with a running test target. The port of this target replaces the port 8080 of the example.
    Served,
    /// A folder with the files of other tools.
    Imports,
    /// A folder with the scenarios of the project.
    Project,
    /// A folder with the finished runs that the examples name.
    Runs,
    /// A bucket that contains the store that the examples name. The store contains one run.
    Bucket,
    /// A folder with a deployed fleet and the scenarios of the project.
    Fleet,
    /// A folder with a deployed fleet and the scenario `shop.yaml`.
    Shop,
    /// The folder of the source code, with the local emulator of Lambda.
    Emulator,
    /// Any folder. The example is a server that runs until it is stopped.
    Server,
    /// The example is not run. The text is the reason.
    Nowhere(&'static str),
}

/// The timeout of one example.
const BOUND: Duration = Duration::from_secs(120);
/// The number of examples that run at the same time, if their order does not matter.
const AT_ONCE: usize = 3;

fn of(place: Place) -> Vec<&'static str> {
    let examples = EXAMPLES.iter().filter(|(there, _)| *there == place);
    examples.map(|(_, line)| *line).collect()
}

/// Returns the commands of a page. A command is the text after `$ ` at the begin of a line.
fn typed(page: &str) -> Vec<String> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("$ "));
    lines.map(str::to_owned).collect()
}

/// Returns the lines below `Example:` or `Examples:` in a help text.
fn examples(help: &str) -> Vec<String> {
    let below = help
        .lines()
        .skip_while(|line| !matches!(*line, "Example:" | "Examples:"));
    let lines = below.skip(1).map_while(|line| line.strip_prefix("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn every_example_is_run_by_a_test() {
    let mut written: BTreeSet<String> = pages().iter().flat_map(|page| typed(&read(page))).collect();
    for (_, help) in &helps() {
        let verb = help.contains("\nUsage: vajra-cloud [OPTIONS] <COMMAND>") || help.contains("\nCommands:\n");
        assert!(verb || !examples(help).is_empty(), "no example in:\n{help}");
        written.extend(examples(help));
    }
    let run: BTreeSet<String> = EXAMPLES.iter().map(|(_, line)| (*line).to_owned()).collect();
    let missing: Vec<_> = written.difference(&run).collect();
    assert!(missing.is_empty(), "these examples are not in EXAMPLES: {missing:#?}");
    let gone: Vec<_> = run.difference(&written).collect();
    assert!(gone.is_empty(), "these lines of EXAMPLES are on no page: {gone:#?}");
}

/// Replaces three parts of a line, and returns the line. Free ports replace the ports of the example, and the program
/// under test replaces the call of cargo. `calibrate` gets a higher maximum lag, which a busy machine can keep.
fn adapted(line: &str) -> String {
    let mut line = line.replace("cargo run --release -- ", "vajra-cloud ");
    line = line.replace("vajra-cloud calibrate ", "vajra-cloud calibrate --max-lag 100ms ");
    for port in [":9090", ":9464", ":4317"] {
        line = line.replace(port, &format!(":{}", free_port()));
    }
    line
}

/// Returns a command that runs a line with a shell in the folder. The shell finds the program under test in `PATH`.
fn shell(desk: &Desk, line: &str) -> Command {
    let mut command = Command::new("timeout");
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .args(["--kill-after=5", &BOUND.as_secs().to_string()])
        .args(["bash", "-euo", "pipefail", "-c", line])
        .current_dir(desk.path(""))
        .env("PATH", format!("{}:{path}", program().parent().unwrap().display()))
        .stdin(Stdio::null());
    for name in ["VAJRA_STORE", "VAJRA_ALLOW", "VAJRA_ENV", "VAJRA_FLEET_FILE"] {
        command.env_remove(name);
    }
    command
}

fn run_example(desk: &Desk, example: &str, change: impl FnOnce(&mut Command)) -> Ran {
    let line = adapted(example);
    let mut command = shell(desk, &line);
    change(&mut command);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        if let Some((_, address)) = line.split_once("--prometheus-listen ") {
            let (address, over): (SocketAddr, _) = (address.parse().unwrap(), &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // While no run is in progress, the exporter does not listen, and this request fails.
                    let _ = http(address, "GET", "/metrics");
                    std::thread::sleep(Duration::from_millis(200));
                }
            });
        }
        let ran = Ran::new(&command.output().unwrap());
        over.store(true, Ordering::Relaxed);
        // Other workers have claimed the shards of the runs in the examples of `worker`, so these examples exit with
        // the code 76.
        let code = if example.starts_with("vajra-cloud worker ") && !example.ends_with("--help") {
            76
        } else {
            0
        };
        assert_eq!(
            ran.code,
            Some(code),
            "{example}\nstdout:\n{}\nstderr:\n{}",
            ran.stdout,
            ran.stderr
        );
        ran
    })
}

/// Runs all examples, several of them at the same time.
fn run_all_examples(desk: &Desk, examples: &[&str]) {
    let left = Mutex::new(examples.iter());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = left.lock().unwrap().next();
                    let Some(example) = next else { return };
                    run_example(desk, example, |_| {});
                }
            });
        }
    });
}

fn project() -> Desk {
    let desk = Desk::new();
    let mut copy = Command::new("cp");
    copy.arg("-r").arg(root().join("scenarios")).arg(desk.path("."));
    assert!(copy.status().unwrap().success());
    desk
}

#[test]
fn examples_run_in_an_empty_folder() {
    let desk = Desk::new();
    let (launches, others): (Vec<_>, Vec<_>) = of(Place::Empty).into_iter().partition(|line| line.contains("launch"));
    for example in others {
        run_example(&desk, example, |_| {});
    }
    run_all_examples(&desk, &launches);
    assert!(desk.path("report.html").exists() && desk.path("scenario.schema.json").exists());
}

#[test]
fn examples_with_a_url_run_without_a_scenario_file() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let lines: Vec<String> = of(Place::Served)
        .iter()
        .map(|line| line.replace("http://127.0.0.1:8080", &target.url()))
        .collect();
    assert!(lines.iter().all(|line| line.contains(&target.url())), "{lines:?}");
    run_all_examples(&desk, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(target.by_path().get("/orders"), Some(&101));
    desk.run(&["check", "orders.yaml"]).expect(0, &[]);
}

#[test]
fn examples_import_files_of_other_tools() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("commands.txt", &format!("curl {}/orders -d id=1\n", target.url()));
    let entry = json!({
        "request": { "method": "GET", "url": format!("{}/items", target.url()), "headers": [] },
        "response": { "status": 200 },
    });
    desk.write("shop.har", &json!({ "log": { "entries": [entry] } }).to_string());
    for example in of(Place::Imports) {
        run_example(&desk, example, |_| {});
    }
    assert_eq!(target.by_path().get("/orders"), Some(&100));
}

#[test]
fn examples_run_in_the_project_folder() {
    let desk = project();
    run_all_examples(&desk, &of(Place::Project));
    assert!(desk.path("report.html").exists() && desk.path("ramp.html").exists());
}

#[test]
fn examples_that_name_a_run_work() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("small.yaml", &constant(&target.url(), "20/s", "1s"));
    let named = [
        "checkout-20260102-030405-k3f9",
        "quickstart-20260102-030405-k3f9",
        "nightly-1",
        "nightly-2",
        "nightly-7",
        "monday",
        "tuesday",
    ];
    let launches: Vec<String> = named
        .iter()
        .map(|run| format!("vajra-cloud launch small.yaml --workers 1 --run {run}"))
        .collect();
    run_all_examples(&desk, &launches.iter().map(String::as_str).collect::<Vec<_>>());
    for example in of(Place::Runs) {
        run_example(&desk, example, |_| {});
    }
    assert!(desk.path("report.html").exists() && desk.path("compare.html").exists());
}

#[test]
fn examples_that_name_a_bucket_work() {
    let ((_moto, s3), desk, target) = (moto(), Desk::new(), Target::start(""));
    http(s3, "PUT", "/bucket").unwrap();
    for scenario in ["small.yaml", "shop.yaml"] {
        desk.write(scenario, &constant(&target.url(), "20/s", "1s"));
    }
    let at_s3 = |command: &mut Command| {
        aws(command)
            .env("AWS_ENDPOINT_URL_S3", format!("http://{s3}"))
            .env("SHOP_TOKEN", "unused")
            .env("JOB_COMPLETION_INDEX", "3");
    };
    let launch = "vajra-cloud launch small.yaml --store s3://bucket/prefix --run nightly-1";
    run_example(&desk, launch, at_s3);
    for example in of(Place::Bucket) {
        let ran = run_example(&desk, example, at_s3);
        if example.contains(" list ") {
            let found = ran.stdout.contains("nightly-1") || ran.stderr.contains("no baselines here yet");
            assert!(found, "{example}: {} {}", ran.stdout, ran.stderr);
        }
    }
}

/// Runs the examples of a place on functions. The file `vajra-cloud.json`, which Terraform writes for a user, lists the
/// functions.
fn run_on_functions(desk: &Desk, place: Place) {
    let (_moto, s3) = moto();
    http(s3, "PUT", "/bucket").unwrap();
    let store = format!("s3://bucket/vajra?endpoint=http://{s3}");
    let mut settings = Settings::new(Code::Program(program().with_file_name("vajra-worker")));
    settings.environment.push(("VAJRA_STORE".to_owned(), store.clone()));
    let function = json!({
        "function": settings.function,
        "memory_mb": settings.memory_mb,
        "timeout_s": settings.timeout.as_secs(),
        "architecture": settings.architecture,
    });
    let lambda = Lambda::start(settings);
    let fleet = json!({ "format": 1, "store": store, "regions": { "us-east-1": function } });
    desk.write("vajra-cloud.json", &fleet.to_string());
    for example in of(place) {
        run_example(desk, example, |command| {
            aws(command).env("AWS_ENDPOINT_URL_LAMBDA", lambda.endpoint());
        });
    }
}

/// Replaces the target in a scenario by the target of the test. The page asks the reader to replace the target.
fn set_target(desk: &Desk, file: &str, builtin: &str, target: &Target) {
    let text = std::fs::read_to_string(desk.path(file)).unwrap();
    assert!(text.contains(builtin), "{text}");
    desk.write(file, &text.replace(builtin, &format!("target: {}", target.url())));
}

#[test]
fn examples_run_on_deployed_functions() {
    let (desk, target) = (project(), Target::start("latency 3ms"));
    set_target(
        &desk,
        "scenarios/checkout.yaml",
        "target: { builtin: latency 3ms }",
        &target,
    );
    run_on_functions(&desk, Place::Fleet);
}

#[test]
fn examples_run_a_scenario_written_by_init_on_deployed_functions() {
    let (desk, target) = (Desk::new(), Target::start("latency 2ms"));
    run_example(&desk, "vajra-cloud init shop.yaml", |_| {});
    set_target(&desk, "shop.yaml", "target: { builtin: latency 2ms }", &target);
    run_on_functions(&desk, Place::Shop);
}

/// The process group of a shell. When the value is dropped, all processes of the group end.
struct Group(Process);

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
    }
}

#[test]
fn examples_run_on_the_emulator_of_functions() {
    // The first example installs the tools. The test does not run this example, because `tests/run` has installed the
    // tools.
    let (tools, lines) = (of(Place::Emulator)[0], &of(Place::Emulator)[1..]);
    assert!(tools.contains("pip install"), "{tools}");
    let (desk, target) = (Desk::new(), Target::start("latency 2ms"));
    desk.write("shop.yaml", &constant(&target.url(), "20/s", "3s"));
    let s3_port = free_port().to_string();
    let payload = std::fs::read_to_string(root().join("functions/payload.json")).unwrap();
    desk.write("payload.json", &payload.replace("9000", &s3_port));
    let script = lines
        .join("\n")
        .replace("9000", "S3_PORT")
        .replace("9001", "LAMBDA_PORT")
        .replace("S3_PORT", &s3_port)
        .replace("LAMBDA_PORT", &free_port().to_string())
        .replace("shop.yaml", &desk.path("shop.yaml").display().to_string())
        .replace(
            "functions/payload.json",
            &desk.path("payload.json").display().to_string(),
        );
    tool("moto_server");
    let (stdout, stderr) = (desk.path("stdout"), desk.path("stderr"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", program().parent().unwrap().display());
    let mut bash = Command::new("timeout");
    bash.env("PATH", path)
        .args(["--foreground", "420", "bash", "-euc", &format!("{script}; exit")])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&stdout).unwrap())
        .stderr(std::fs::File::create(&stderr).unwrap())
        .process_group(0);
    let mut group = Group(Process(bash.spawn().unwrap()));
    let status = group.0.0.wait().unwrap();
    let [output, errors] = [stdout, stderr].map(|file| std::fs::read_to_string(file).unwrap());
    assert!(status.success(), "{status}\n{output}\n{errors}");
    assert!(output.contains("quickstart: passed"), "{output}\n{errors}");
    // The function that the example invokes by hand has sent 60 requests.
    assert!(
        output.contains("arrivals   60 planned = 60 sent + 0 dropped + 0 missing"),
        "{output}\n{errors}"
    );
    assert_eq!(target.requests(), 60);
}

#[test]
fn examples_of_servers_listen_until_they_are_stopped() {
    let desk = Desk::new();
    desk.write("keys.txt", "team a-secret-of-the-team\n");
    for example in of(Place::Server) {
        let line = format!("timeout --preserve-status -s TERM 3 {example}");
        let ran = Ran::new(&shell(&desk, &line).output().unwrap());
        let first = [
            "listening on http://127.0.0.1:",
            "s3://vajra?endpoint=http://127.0.0.1:9000&",
        ];
        let serves = ran.code == Some(0) && first.iter().any(|first| ran.stdout.starts_with(first));
        // Another process on this machine may listen on the port of the example.
        let taken = !example.contains("--listen") && ran.stderr.contains("cannot listen on 127.0.0.1:");
        assert!(serves || taken, "{example}: {ran:?}");
    }
}

#[test]
fn commands_within_sentences_use_existing_commands_and_options() {
    let desk = Desk::new();
    // The page shows the commands of a CI job in a code block, each after `- run: `.
    let jobs = |page: &str| -> Vec<String> {
        let runs = page.lines().filter_map(|line| line.trim().strip_prefix("- run: "));
        runs.map(str::to_owned).collect()
    };
    let commands: BTreeSet<String> = pages()
        .iter()
        .map(|page| read(page))
        .flat_map(|page| [spans(&page), jobs(&page)].concat())
        .filter(|span| span.starts_with("vajra-cloud "))
        .collect();
    assert!(commands.len() >= 15, "{commands:?}");
    for command in commands {
        // The program parses the options before it prints the help, so the value of `--shard` must be a number.
        let command = command.replace("--shard N", "--shard 0");
        run_example(&desk, &format!("{command} --help"), |command| {
            command.env("GITHUB_STEP_SUMMARY", "summary.md");
        });
    }
}

/// Returns a folder with all files that the scenarios of the book name.
fn folder_of_scenarios() -> Desk {
    let desk = Desk::new();
    desk.write("users.csv", "name,email,password,id\nann,a@example.com,x,1\n");
    desk.write("common.yaml", "name: shop\ntarget: https://shop.example.com\nvars: { rate: 10/s }\nload: { constant: { rate: '{{ var rate }}', duration: 1m } }\n");
    desk.write("serials.csv", &format!("serial\n{}", "s\n".repeat(200)));
    desk.write(
        "devices.csv",
        "cert,key\nclient.pem,env:DEVICE_1_KEY\nclient.pem,ssm:/devices/2\n",
    );
    let certificate = rcgen::generate_simple_self_signed(vec!["client".to_owned()]).unwrap();
    for file in ["ca.pem", "client.pem"] {
        desk.write(file, &certificate.cert.pem());
    }
    desk
}

#[test]
fn scenarios_and_parts_of_scenarios_in_the_book_are_valid() {
    let desk = folder_of_scenarios();
    let blocks: Vec<String> = pages().iter().flat_map(|page| blocks(&read(page), "yaml")).collect();
    assert!(blocks.len() >= 8, "{blocks:?}");
    for block in blocks {
        let scenario = match block.starts_with("name: ") {
            true => block.clone(),
            // The test writes a scenario around this block, because the block contains keys of a request.
            false => format!(
                "{}    method: POST\n{block}",
                constant("http://127.0.0.1:9", "1/s", "1s")
                    .replace("requests: [ { name: home, url: /home } ]", "requests:\n  - name: home",)
            ),
        };
        desk.write("s.yaml", &scenario);
        desk.run(&["check", "s.yaml"]).expect(0, &[]);
    }
}

/// The scenario keys for which sentences of the pages contain examples.
const KEYS: &str = "protocol connections pacing arrivals hosts tls abort_if regions seed feeds limits";

#[test]
fn values_and_keys_within_sentences_of_the_book_are_valid() {
    // The table of placeholders omits the braces, but sentences of the pages include them.
    let table = read("docs/reference/placeholders.md");
    let cells = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .filter(|cell| !["json`", "base64`", "raw`", "hex`, `sha256`"].contains(cell));
    let cells = cells
        .flat_map(|cell| spans(&format!("`{cell}")))
        .map(|value| format!("{{{{ {value} }}}}"));
    // Generated pages contain names of values in place of examples.
    let generated = ["docs/reference/scenario.md", "docs/reference/commands.md"];
    let by_hand = pages().into_iter().filter(|page| !generated.contains(&page.as_str()));
    let spans: Vec<String> = by_hand.flat_map(|page| spans(&read(&page))).collect();
    let whole = spans.iter().filter(|span| span.contains("{{ ") && span.contains(" }}"));
    let is_key = |span: &&String| KEYS.split(' ').any(|key| span.starts_with(&format!("{key}: ")));
    let (keys, placeholders): (Vec<&String>, Vec<&String>) = whole.partition(is_key);
    let placeholders = placeholders.into_iter().filter(|span| span.trim() != "{{ }}").cloned();
    let placeholders: BTreeSet<String> = cells.chain(placeholders).collect();
    let keys: BTreeSet<&String> = spans.iter().filter(is_key).chain(keys).collect();
    assert!(placeholders.len() >= 8 && keys.len() >= 15, "{placeholders:?} {keys:?}");
    let desk = folder_of_scenarios();
    let base = constant("http://127.0.0.1:9", "1/s", "1s");
    let value = |text: &str| {
        // The step `b` contains the placeholder. The step `a` captures the values that a placeholder can use, and the
        // step `c` uses all captured values.
        let (text, head) = (text.replace('\'', "''"), base.split("requests:").next().unwrap());
        format!(
            "{head}feeds: {{ users: users.csv }}\nvars: {{ name: value, rate: 1/s, limit: 1s }}\nflows: [ {{ name: f, steps: [\n\
             {{ name: a, get: /, capture: {{ token: body, csrf: body, next: body }} }},\n\
             {{ name: b, get: /, headers: {{ X: '{text}' }} }}, {{ name: c, get: '/{{{{ token csrf next }}}}' }} ] }} ]\n"
        )
    };
    let lines = self::spans(&read("docs/reference/thresholds.md"));
    let measured = |line: &&String| {
        ["latency ", "session ", "errors ", "rate ", "dropped "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let lines = lines.iter().filter(measured).map(|line| line.replace("order", "home"));
    let flow = "flows: [ { name: buy, steps: [ { name: home, get: / } ] } ]";
    let load = "load: { constant: { rate: 1/s, duration: 1s } }";
    let populations = format!("populations: {{ people: {{ {load}, {flow} }}, partners: {{ {load} }} }}");
    let thresholds: Vec<String> = lines
        .map(|line| match line.contains("people") || line.contains("partners") {
            true => format!("name: s\ntarget: http://127.0.0.1:9\n{populations}\nthresholds: [ '{line}' ]\n"),
            false => format!("{base}{flow}\nthresholds: [ '{line}' ]\n"),
        })
        .collect();
    assert!(thresholds.len() >= 5, "{thresholds:?}");
    let written = placeholders.iter().map(|text| value(text)).chain(thresholds);
    let written = written.chain(keys.iter().map(|line| format!("{base}{line}\n")));
    for scenario in written {
        desk.write("s.yaml", &scenario);
        let mut check = desk.command(&["check", "s.yaml"]);
        let ran = Ran::new(&check.env("NAME", "value").output().unwrap());
        assert_eq!(ran.code, Some(0), "{scenario}\n{}", ran.stderr);
    }
}

#[test]
fn the_allow_list_of_the_security_page_is_accepted() {
    let (desk, target, page) = (Desk::new(), Target::start(""), read("docs/security.md"));
    let list = page.lines().find_map(|line| line.strip_prefix("VAJRA_ALLOW=")).unwrap();
    desk.write("small.yaml", &constant(&target.url(), "20/s", "1s"));
    desk.write("elsewhere.yaml", &constant("http://127.0.0.2:9", "20/s", "1s"));
    for (scenario, code) in [("small.yaml", 0), ("elsewhere.yaml", 3)] {
        let mut launch = desk.command(&["launch", scenario, "--workers", "1"]);
        Ran::new(&launch.env("VAJRA_ALLOW", list).output().unwrap()).expect(code, &[]);
    }
    assert_eq!(target.requests(), 20);
}
