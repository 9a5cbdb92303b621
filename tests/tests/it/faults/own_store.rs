//! Tests that a function uses the store that its environment names, and rejects an invocation that names another store.

use super::cloud::{Cloud, function};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use whole_runs::lambda::{Fate, Lambda};

/// Invokes the function with a payload, and returns the answer of the function.
fn invoke(lambda: &Lambda, payload: &Value) -> String {
    let endpoint = lambda.endpoint();
    let mut stream = TcpStream::connect(endpoint.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let payload = payload.to_string();
    write!(
        stream,
        "POST /2015-03-31/functions/vajra-worker/invocations HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{payload}",
        payload.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn work(store: &str) -> Value {
    json!({ "format": 1, "store": store, "run": "r", "shard": 0, "slice": 0 })
}

fn question(store: &str) -> Value {
    json!({ "format": 1, "question": { "targets": [], "store": store } })
}

#[test]
fn an_invocation_with_another_store_is_rejected() {
    let cloud = Cloud::with_fates(|_| Fate::default());
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let own = cloud.store();
    let stores = [
        format!("s3://vajra-runs/other?endpoint={}", cloud.proxy.endpoint()),
        own.replace("s3://vajra-runs/", "s3://other-runs/"),
        format!("{}?endpoint=http://{address}", own.split_once('?').unwrap().0),
        own.split_once('?').unwrap().0.to_owned(),
        format!("file://{}", folder.path().display()),
        folder.path().display().to_string(),
    ];
    for store in &stores {
        for payload in [work(store), question(store)] {
            let answer = invoke(&cloud.lambda, &payload);
            let words = format!("{store} is not the store of this function, which is {own}");
            assert!(answer.contains(&words), "{payload}: {answer}");
            assert!(answer.contains(&format!("use --store {own}")), "{payload}: {answer}");
        }
    }
    // An invocation cannot choose the Lambda endpoint with which the function starts the next worker.
    let mut payload = work(&own);
    payload["lambda_endpoint"] = json!(format!("http://{address}"));
    let answer = invoke(&cloud.lambda, &payload);
    assert!(answer.contains("unknown field `lambda_endpoint`"), "{answer}");

    assert!(elsewhere.accept().is_err(), "the function has connected");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(cloud.proxy.requests(), 0, "the function sent requests to the store");
    // The function accepts the same kinds of payload if they name the store of its environment.
    let answer = invoke(&cloud.lambda, &question(&own));
    assert!(answer.contains("\"store_problem\":null"), "{answer}");
    let answer = invoke(&cloud.lambda, &work(&own));
    assert!(answer.contains("there is no run r in this store"), "{answer}");
}

#[test]
fn a_function_without_a_store_in_its_environment_rejects_all_stores() {
    let lambda = Lambda::start(function());
    for payload in [work("s3://vajra-runs/team"), question("s3://vajra-runs/team")] {
        let answer = invoke(&lambda, &payload);
        assert!(answer.contains("VAJRA_STORE: it is empty or not set"), "{answer}");
    }
}

#[test]
fn a_launch_with_another_store_is_rejected_before_its_start() {
    let cloud = Cloud::with_fates(|_| Fate::default());
    cloud.desk.write(
        "small.yaml",
        &format!(
            "name: small\ntarget: {}\nload: {{ constant: {{ rate: 10/s, duration: 2s }} }}\nrequests: [ {{ name: home }} ]\n",
            cloud.target.url()
        ),
    );
    let (endpoint, other) = (cloud.lambda.endpoint(), cloud.store().replace("/team-", "/other-"));
    let args = [
        "launch",
        "small.yaml",
        "--fleet",
        "lambda",
        "--lambda-endpoint",
        &endpoint,
    ];
    let refused = cloud.run(&[&args[..], &["--store", &other]].concat());
    assert_eq!(refused.code, Some(1), "{}", refused.output);
    refused.assert_output(&[
        "is not the store of this function",
        &format!("--store {}", cloud.store()),
    ]);
    assert_eq!(cloud.target.requests(), 0);
}
