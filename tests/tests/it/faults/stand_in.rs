//! Tests that the stand-in for Lambda answers as the real service does. The tests cover answers on which the program
//! depends.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use whole_runs::lambda::{Code, Fate, Lambda, Settings};
use whole_runs::machine::wait_for;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Starts a stand-in whose function sleeps for the time `nap`.
fn napping(nap: Duration, concurrency: u32, again: Option<Duration>) -> Lambda {
    let mut settings = Settings::new(Code::Nap(nap));
    settings.concurrency = concurrency;
    Lambda::start_with(settings, move |_| Fate {
        again,
        ..Fate::default()
    })
}

/// Sends a request. Returns the head of the answer in lower case, and the body of the answer as JSON.
fn request(lambda: &Lambda, method: &str, path: &str, headers: &str) -> (String, Value) {
    let endpoint = lambda.endpoint();
    let mut stream = TcpStream::connect(endpoint.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let body = r#"{"shard":3,"slice":1}"#;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.to_ascii_lowercase(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

const INVOKE: &str = "/2015-03-31/functions/vajra-worker/invocations";

#[test]
fn asynchronous_invocations_are_queued_and_delivered_at_least_once() {
    let lambda = napping(Duration::from_secs(1), 1, Some(Duration::from_millis(100)));
    for _ in 0..2 {
        let (head, _) = request(&lambda, "POST", INVOKE, "x-amz-invocation-type: Event\r\n");
        assert!(head.starts_with("http/1.1 202"), "{head}");
    }
    // Each invocation is delivered twice. The service retries until a function can run, and only one function can run
    // at a time. The four deliveries therefore follow one another.
    let ran = wait_for("four deliveries", TIMEOUT, || {
        let deliveries = lambda.deliveries();
        let ended = deliveries.iter().filter(|delivery| delivery.ended.is_some()).count();
        (ended == 4).then_some(deliveries)
    });
    assert!(ran.iter().all(|delivery| (delivery.shard, delivery.slice) == (3, 1)));
    assert_eq!(lambda.busy_max(), 1);
    assert!(
        lambda
            .invocations()
            .iter()
            .all(|invocation| invocation.event && invocation.refused.is_none())
    );
}

#[test]
fn synchronous_invocations_return_the_log_tail_and_are_throttled() {
    let lambda = napping(Duration::from_millis(300), 1, None);
    let (head, body) = request(&lambda, "POST", INVOKE, "x-amz-log-type: Tail\r\n");
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        head.contains("x-amz-log-result: ") && !head.contains("x-amz-function-error"),
        "{head}"
    );
    assert_eq!(body["ended"], "napped");
    assert!(lambda.deliveries()[0].billed >= Duration::from_millis(300));

    let (head, _) = request(&lambda, "POST", INVOKE, "x-amz-invocation-type: Event\r\n");
    assert!(head.starts_with("http/1.1 202"), "{head}");
    wait_for("the function to be busy", TIMEOUT, || {
        (lambda.busy() == 1).then_some(())
    });
    let (head, body) = request(&lambda, "POST", INVOKE, "");
    assert!(head.starts_with("http/1.1 429"), "{head}");
    assert!(head.contains("x-amzn-errortype: toomanyrequestsexception"), "{head}");
    assert_eq!(body["Reason"], "ConcurrentInvocationLimitExceeded");
}

#[test]
fn the_configuration_of_functions_and_accounts_is_returned() {
    let lambda = napping(Duration::ZERO, 250, None);
    for name in [
        "vajra-worker",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Avajra-worker",
    ] {
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let (head, body) = request(&lambda, "GET", &path, "");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert_eq!(
            (body["MemorySize"].as_u64(), body["Timeout"].as_u64()),
            (Some(1_769), Some(900))
        );
        assert_eq!(body["Environment"]["Variables"]["VAJRA_ALLOW"], "127.0.0.1");
    }
    let (_, body) = request(&lambda, "GET", "/2016-08-19/account-settings/", "");
    assert_eq!(body["AccountLimit"]["UnreservedConcurrentExecutions"], 250);
    let (head, _) = request(&lambda, "POST", INVOKE, "x-amz-invocation-type: DryRun\r\n");
    assert!(head.starts_with("http/1.1 204"), "{head}");
    let (head, body) = request(&lambda, "POST", &INVOKE.replace("vajra-worker", "another"), "");
    assert!(head.starts_with("http/1.1 404"), "{head}");
    assert_eq!(body["Message"], "Function not found: another");
    assert!(lambda.deliveries().is_empty());
}
