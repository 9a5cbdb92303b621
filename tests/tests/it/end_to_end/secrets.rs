//! Tests that secrets are sent to the target and appear nowhere else.
//!
//! The tests search all objects of the store and all output of the processes for the values of the secrets.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use test_servers::{ScriptedAnswer, ScriptedServer, WireRequest};
use whole_runs::machine::{Desk, Process, Ran, free_port, http, moto};

const BUCKET: &str = "vajra-runs";

/// The values of the secrets.
const PARAMETER: &str = "p4rameter-Zq7 \"x\" & y";
const WHOLE: &str = "wh0le-Vt3/+=";
const FIELD: &str = "f1eld-Kd9'<>";
const VARIABLE: &str = "v4riable-Lw2%41";
const IN_PATH: &str = "1n-path-Mc8";
const VALUES: [&str; 5] = [PARAMETER, WHOLE, FIELD, VARIABLE, IN_PATH];

const SCENARIO: &str = r#"
name: secret
target: TARGET
load: { constant: { rate: 60/s, duration: 2s } }
limits: { connect_timeout: 2s }
requests:
  - name: all
    url: '/all/{{ secret "ssm:/shop/in-path" }}'
    query: { k: '{{ secret "env:SHOP_TOKEN" }}' }
    headers:
      X-Parameter: 'Bearer {{ secret "ssm:/shop/parameter" }}'
      X-Field: '{{ secret "secretsmanager:shop/json#field" }}'
    body: '{"whole": "{{ secret "secretsmanager:shop/whole" }}"}'
    method: POST
  - name: unwelcome
    url: '/status/{{ secret "ssm:/shop/in-path" }}'
    headers: { X-Parameter: '{{ secret "ssm:/shop/parameter" }}' }
  - name: unfound
    url: /echo
    headers: { X-Parameter: '{{ secret "ssm:/shop/parameter" }}' }
    success: { body_contains: never in a response }
  - name: bounced
    url: '/bounce/{{ secret "ssm:/shop/in-path" }}'
    follow_redirects: 2
  - name: astray
    url: '/astray/{{ secret "ssm:/shop/in-path" }}'
    follow_redirects: 1
  - name: garbled
    url: '/garbled/{{ secret "ssm:/shop/in-path" }}'
thresholds: [ errors < 1% ]
"#;

/// A target that records each request. Every part of the target's answer contains the request.
struct Echo(ScriptedServer);

impl Echo {
    fn start() -> Echo {
        Echo(ScriptedServer::start(echo))
    }

    /// Returns the recorded requests whose path begins with `path`.
    fn seen(&self, path: &str) -> Vec<String> {
        let requests = self.0.requests().into_iter();
        let begins = requests.filter(|request| request.path().starts_with(path));
        begins.map(|request| request.text()).collect()
    }
}

fn echo(request: &WireRequest) -> ScriptedAnswer {
    let (text, path) = (request.text(), request.path());
    let secret = path.rsplit('/').next().unwrap();
    let (status, location) = match path.split('/').nth(1).unwrap() {
        "status" => ("500 Internal Server Error", String::new()),
        "bounce" => ("302 Found", format!("location: /landing?token={secret}\r\n")),
        "astray" => ("302 Found", format!("location: http://{secret}.invalid/{secret}\r\n")),
        "garbled" => return ScriptedAnswer::raw(&format!("HTTP/9.{secret} {secret}\r\n\r\n{text}")),
        _ => ("200 OK", String::new()),
    };
    ScriptedAnswer::new(status, &format!("{location}x-echo: {secret}\r\n"), &text)
}

/// Emulations of S3, Parameter Store and Secrets Manager on loopback.
struct Aws {
    _process: Process,
    address: SocketAddr,
}

impl Aws {
    fn start() -> Aws {
        let (process, address) = moto();
        http(address, "PUT", &format!("/{BUCKET}")).unwrap();
        Aws {
            _process: process,
            address,
        }
    }

    /// Sends a request to an emulated service. Asserts that the service accepts the request, and returns the body of
    /// the answer.
    fn request(&self, service: &str, line: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(
            stream,
            "{line} HTTP/1.1\r\nHost: {}\r\n{headers}\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 20"), "{line}: {answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Calls an operation of an emulated service.
    fn call(&self, service: &str, operation: &str, input: &Value) {
        let headers = format!("X-Amz-Target: {operation}\r\nContent-Type: application/x-amz-json-1.1\r\n");
        self.request(service, "POST /", &headers, &input.to_string());
    }

    fn store_secrets(&self) {
        let parameter = |name: &str, value: &str| {
            let input = json!({ "Name": name, "Value": value, "Type": "SecureString" });
            self.call("ssm", "AmazonSSM.PutParameter", &input);
        };
        parameter("/shop/parameter", PARAMETER);
        parameter("/shop/in-path", IN_PATH);
        parameter("/shop/lines", "l1nes-Xs5\r\nX-Admin: yes");
        let secret = |name: &str, value: &str| {
            let input = json!({ "Name": name, "SecretString": value, "ClientRequestToken": "0".repeat(32) });
            self.call("secretsmanager", "secretsmanager.CreateSecret", &input);
        };
        secret("shop/whole", WHOLE);
        secret("shop/json", &json!({ "user": "me", "field": FIELD }).to_string());
    }

    /// Returns all keys of the bucket.
    fn keys(&self) -> Vec<String> {
        let listed = self.request("s3", &format!("GET /{BUCKET}?list-type=2&max-keys=1000"), "", "");
        assert!(listed.contains("<IsTruncated>false"), "{listed}");
        let keys = listed.split("<Key>").skip(1);
        keys.map(|rest| rest.split("</Key>").next().unwrap().to_owned())
            .collect()
    }

    /// Returns the content of an object as text.
    fn object(&self, key: &str) -> String {
        self.request("s3", &format!("GET /{BUCKET}/{key}"), "", "")
    }

    fn run(&self, desk: &Desk, args: &[&str]) -> Ran {
        let endpoint = format!("http://{}", self.address);
        let mut command = desk.command(args);
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL_SSM", &endpoint)
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", &endpoint)
            .env("SHOP_TOKEN", VARIABLE)
            // With this variable, the libraries would print their logs.
            .env("RUST_LOG", "trace");
        Ran::new(&command.output().unwrap())
    }
}

/// Returns the forms in which a value may appear: unchanged, in JSON, in a URL, and in base64 at each alignment.
fn forms(value: &str) -> Vec<String> {
    let json = Value::from(value).to_string();
    let percent = plan::form::percent_encoded(value);
    let mut forms = vec![value.to_owned(), json.trim_matches('"').to_owned(), percent];
    for skipped in 0..3 {
        use base64::Engine;
        let coded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&value.as_bytes()[skipped..]);
        // The last characters of the base64 text depend on the text that follows the value, so these characters are
        // removed.
        forms.push(coded[..coded.len() / 4 * 4 - 4].to_owned());
    }
    forms
}

#[track_caller]
fn has_none(place: &str, text: &str) {
    for value in VALUES {
        for form in forms(value) {
            assert!(!text.contains(&form), "`{form}` is in {place}:\n{text}");
        }
        // The first nine characters of a value are unique, so a search for them also finds values that were cut off.
        assert!(!text.contains(&value[..9]), "`{}` is in {place}:\n{text}", &value[..9]);
    }
}

#[test]
fn secrets_reach_the_target_and_nothing_else() {
    let (aws, desk, target) = (Aws::start(), Desk::new(), Echo::start());
    aws.store_secrets();
    desk.write("secret.yaml", &SCENARIO.replace("TARGET", &target.0.url()));
    let store = format!("s3://{BUCKET}/team?endpoint=http://{}", aws.address);
    let mut outputs = Vec::new();
    let mut run = |args: &[&str]| {
        let ran = aws.run(&desk, args);
        outputs.push((args.join(" "), format!("{}{}", ran.stdout, ran.stderr)));
        ran
    };
    run(&["check", "secret.yaml"]).expect(0, &[]);
    let planned = run(&["plan", "secret.yaml", "--json"]).expect(0, &[]);
    assert!(
        planned.stdout.contains("secretsmanager:shop/json#field"),
        "{}",
        planned.stdout
    );
    let shown = run(&["plan", "secret.yaml"]).expect(0, &[]);
    assert!(
        shown.stdout.contains("secret     ssm:/shop/parameter"),
        "{}",
        shown.stdout
    );
    let launch = [
        "launch",
        "secret.yaml",
        "--run",
        "r",
        "--workers",
        "3",
        "--store",
        &store,
        "--out",
        "summary.json",
    ];
    run(&launch).expect(99, &[]);
    run(&["report", "r", "--store", &store, "--out", "-"]).expect(99, &[]);

    // Each value arrived at the expected place in the request.
    let all = target.seen("/all/");
    assert!(!all.is_empty());
    for request in &all {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with(&format!("POST /all/{IN_PATH}?k=v4riable-Lw2%2541 HTTP/1.1\r\n")),
            "{head}"
        );
        assert!(
            head.contains(&format!("\r\nX-Parameter: Bearer {PARAMETER}\r\n")),
            "{head}"
        );
        assert!(head.contains(&format!("\r\nX-Field: {FIELD}\r\n")), "{head}");
        assert_eq!(body, format!("{{\"whole\": \"{WHOLE}\"}}"));
    }
    let report = desk.json("summary.json");
    let failures = &report["total"]["failures"];
    for kind in ["status", "check", "resolve", "protocol"] {
        assert!(
            failures[kind].as_u64() > Some(0),
            "no echoed secret fails as {kind}: {failures}"
        );
    }
    let landed = target.seen("/landing");
    assert!(!landed.is_empty() && landed.iter().all(|request| request.contains(IN_PATH)));

    // Only the launcher can read the output of the workers that it started. The test deletes the objects of one worker
    // and starts this worker again, so that the test can read its output.
    let of_shard = |key: &&String| key.contains("/shards/00000/");
    let again: Vec<String> = aws.keys().iter().filter(of_shard).cloned().collect();
    assert!(again.len() >= 3, "{again:?}");
    for key in &again {
        aws.request("s3", &format!("DELETE /{BUCKET}/{key}"), "", "");
    }
    // The start names the attempts that the launcher has chosen. The test removes these attempts from the start,
    // because the launcher did not choose this worker.
    let start = aws
        .keys()
        .into_iter()
        .find(|key| key.ends_with("/start"))
        .expect("the run has started");
    let stored = aws.request("s3", &format!("GET /{BUCKET}/{start}"), "", "");
    let mut unnamed: Value = serde_json::from_str(&stored).unwrap();
    unnamed.as_object_mut().unwrap().remove("attempts");
    aws.request("s3", &format!("PUT /{BUCKET}/{start}"), "", &unnamed.to_string());
    let before = target.seen("/").len();
    run(&[
        "worker",
        "--store",
        &store,
        "--run",
        "r",
        "--shard",
        "0",
        "--env",
        "SHOP_TOKEN",
        "--log",
        "json:debug",
    ])
    .expect(0, &["is done", "snapshot stored"]);
    assert!(
        target.seen("/").len() > before,
        "the worker sent no request with the secrets that it read itself"
    );

    // If a secret cannot be read, the error contains the reference to the secret, and not its value.
    let failing = |reference: &str| {
        let text = SCENARIO.replace("TARGET", &target.0.url());
        text.replace("ssm:/shop/parameter", reference)
    };
    for (name, reference, part) in [
        (
            "unknown",
            "ssm:/shop/none",
            "the secret ssm:/shop/none cannot be used: Parameter Store has no secret with this name in us-east-1",
        ),
        (
            "unkept",
            "secretsmanager:none",
            "the secret secretsmanager:none cannot be used: Secrets Manager has no secret with this name",
        ),
        (
            "unset",
            "env:SHOP_NONE",
            "the environment of the worker has no `SHOP_NONE`",
        ),
        (
            "lines",
            "ssm:/shop/lines",
            "the secret ssm:/shop/lines cannot be used: it contains a line break",
        ),
        ("field", "secretsmanager:shop/json#none", "it has no field `none`"),
        ("json", "secretsmanager:shop/whole#none", "is not a JSON object"),
    ] {
        desk.write("failing.yaml", &failing(reference));
        let sent = target.seen("/").len();
        let launch = [
            "launch",
            "failing.yaml",
            "--run",
            name,
            "--workers",
            "2",
            "--store",
            &store,
        ];
        let ran = run(&launch);
        assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(text.contains(part), "{text}");
        assert!(!text.contains("l1nes-Xs5"), "{text}");
        assert_eq!(target.seen("/").len(), sent, "requests were sent without their secrets");
    }

    // No stored object and no output contains a secret.
    let keys = aws.keys();
    for object in [
        "r/plan.json",
        "r/report.json",
        "r/shards/00002/00000/result",
        "lines/shards/00000/00000/left/00001",
    ] {
        assert!(keys.iter().any(|key| key.ends_with(object)), "{object}: {keys:?}");
    }
    let mut references = 0;
    for key in &keys {
        let text = aws.object(key);
        assert!(!text.is_empty(), "{key}");
        references += text.matches("ssm:/shop/in-path").count();
        has_none(key, &text);
        assert!(!text.contains("l1nes-Xs5"), "{key}");
    }
    assert!(references > 0, "the search did not read the stored plan");
    outputs.push(("summary.json".to_owned(), report.to_string()));
    assert!(outputs.len() > 10);
    for (command, text) in &outputs {
        assert!(!text.is_empty() || command.starts_with("check"), "{command}");
        has_none(command, text);
    }
}

#[test]
fn the_search_finds_a_secret_in_every_form() {
    let caught = |text: &str| std::panic::catch_unwind(|| has_none("a text", text)).is_err();
    for value in VALUES {
        for form in forms(value) {
            assert!(caught(&format!("… {form} …")), "{form}");
        }
    }
    assert!(!caught("nothing of the kind"));
}

#[test]
fn an_unreachable_secret_service_is_reported_and_no_request_is_sent() {
    let (desk, target) = (Desk::new(), Echo::start());
    let text = format!(
        "name: t\ntarget: {}\nload: {{ constant: {{ rate: 5/s, duration: 1s }} }}\n\
         requests: {{ name: r, body: '{{{{ secret \"ssm:/x\" }}}}' }}\n",
        target.0.url()
    );
    desk.write("t.yaml", &text);
    let launch = |region: &str, endpoint: &str| {
        let mut command = desk.command(&["launch", "t.yaml", "--workers", "1"]);
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "t0p-secret-key")
            .env("AWS_ENDPOINT_URL_SSM", endpoint);
        if !region.is_empty() {
            command.env("AWS_REGION", region);
        }
        let ran = Ran::new(&command.output().unwrap());
        assert_eq!(ran.code, Some(3), "{ran:?}");
        let text = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!text.contains("t0p-secret-key"), "{text}");
        text
    };
    let closed = format!("http://127.0.0.1:{}", free_port());
    let text = launch("us-east-1", &closed);
    assert!(
        text.contains("the secret ssm:/x cannot be used: Parameter Store in us-east-1 could not be called"),
        "{text}"
    );
    let text = launch("", &closed);
    assert!(text.contains("no AWS region is set; set AWS_REGION"), "{text}");
    assert!(target.seen("/").is_empty());
}
