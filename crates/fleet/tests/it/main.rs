//! Tests of the answers of the Lambda API, and of the errors and events that the fleet derives from these answers.
//!
//! The API is a scripted server, because a test of the real API's refusals requires an AWS account.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

use aws_config::{BehaviorVersion, Region, SdkConfig};
use fleet::fleet::{Batch, FailureKind, Fleet, FleetError, Placed, WorkerEvent};
use fleet::lambda::{Lambda, LambdaSettings};
use std::time::{Duration, Instant};
use tally::account::{Billed, Receipt};
use test_servers::{ClosedPort, ScriptedAnswer, ScriptedServer};
use tokio::sync::mpsc;
use worker::assignment::Assignment;
use worker::invocation::Invocation;

/// An answer of the API: the status, additional header lines, and the body.
#[derive(Clone, Copy)]
struct Scripted(u16, &'static str, &'static str);

/// Starts a server that gives these answers in order. The server repeats the last answer.
fn api(script: Vec<Scripted>) -> ScriptedServer {
    let mut asked = 0;
    ScriptedServer::start(move |_| {
        let Scripted(status, headers, body) = script[asked.min(script.len() - 1)];
        asked += 1;
        ScriptedAnswer::new(&format!("{status} X"), &format!("{headers}Connection: close\r\n"), body)
    })
}

fn config() -> SdkConfig {
    let credentials = aws_sdk_lambda::config::Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(aws_sdk_lambda::config::SharedCredentialsProvider::new(credentials))
        .build()
}

fn fleet(endpoint: String) -> Lambda {
    let settings = LambdaSettings {
        function: "vajra-worker".to_owned(),
        region: None,
        endpoint: Some(endpoint),
    };
    Lambda::with_config(settings, "s3://bucket/prefix".parse().unwrap(), &config())
}

fn worker() -> Placed {
    Placed {
        assignment: Assignment {
            run: "r".to_owned(),
            shard: 7,
            slice: 0,
        },
        region: None,
    }
}

fn batch(workers: Vec<Placed>, within: Duration) -> Batch {
    Batch {
        workers,
        within,
        lifetime: within,
    }
}

/// Starts one worker. Returns the result of the worker, and the receipts of its invocations.
async fn run_worker(fleet: &Lambda, within: Duration) -> (Result<(), FleetError>, Vec<Receipt>) {
    let (sender, mut events) = mpsc::unbounded_channel();
    let workers = vec![worker()];
    fleet.start(batch(workers, within), &sender);
    let mut receipts = Vec::new();
    loop {
        match events.recv().await.unwrap() {
            WorkerEvent::Billed(receipt) => receipts.push(receipt),
            WorkerEvent::Ended(slice_id) => {
                assert_eq!(slice_id, (7, 0));
                return (Ok(()), receipts);
            }
            WorkerEvent::Failed(slice_id, error) => {
                assert_eq!(slice_id, (7, 0));
                return (Err(error), receipts);
            }
        }
    }
}

async fn launch(endpoint: String, within: Duration) -> Result<(), FleetError> {
    run_worker(&fleet(endpoint), within).await.0
}

/// Starts one worker against a script of answers. Asserts how the worker ended, and the number of invocations.
async fn check(script: Vec<Scripted>, expected: Result<(), &str>, invocations: usize) {
    let api = api(script);
    let result = launch(api.url(), Duration::from_secs(2)).await;
    match (&result, expected) {
        (Ok(()), Ok(())) => {}
        (Err(error), Err(words)) => assert!(error.to_string().contains(words), "no `{words}` in: {error}"),
        _ => panic!("{result:?}, expected {expected:?}"),
    }
    assert_eq!(api.requests().len(), invocations, "{expected:?}");
}

const DONE: Scripted = Scripted(200, "", r#"{"ended":"finished"}"#);
const THROTTLED: Scripted = Scripted(
    429,
    "x-amzn-ErrorType: TooManyRequestsException\r\n",
    r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}"#,
);

#[tokio::test]
async fn an_invocation_carries_a_reference_and_never_the_plan() {
    let api = api(vec![DONE]);
    launch(api.url(), Duration::from_secs(2)).await.unwrap();
    let body = String::from_utf8(api.requests()[0].body.clone()).unwrap();
    let payload: Invocation = serde_json::from_str(&body).unwrap();
    let expected = Invocation {
        format: 1,
        store: "s3://bucket/prefix".to_owned(),
        run: "r".to_owned(),
        shard: 7,
        slice: 0,
    };
    assert_eq!(payload, expected);
    assert!(body.len() < 200, "{body}");
}

#[tokio::test]
async fn the_billed_duration_is_kept_and_a_throttle_bills_nothing() {
    // The header contains this text in base64: REPORT RequestId: 36… Duration: 12.34 ms Billed Duration: 99 ms Memory
    // Size: 128 MB … Init Duration
    const BILLED: &str = "X-Amz-Log-Result: UkVQT1JUIFJlcXVlc3RJZDogMzYwNDIwOWEJRHVyYXRpb246IDEyLjM0IG1zCUJpbGxlZCBEdXJhdGlvbjogOTkgbXMJTWVtb3J5IFNpemU6IDEyOCBNQglNYXggTWVtb3J5IFVzZWQ6IDE5IE1CCUluaXQgRHVyYXRpb246IDg2LjMwIG1zCQo=\r\n";
    let left = Scripted(200, BILLED, r#"{"shard":7,"slice":0,"ended":"already claimed"}"#);
    let died = Scripted(
        200,
        "X-Amz-Function-Error: Unhandled\r\n",
        r#"{"errorType":"Runtime.ExitError","errorMessage":"exit status: 1"}"#,
    );
    let api = api(vec![THROTTLED, left, died, DONE]);
    let fleet = fleet(api.url());
    let mut receipts = Vec::new();
    for expected in [true, false, true] {
        let (ended, billed) = run_worker(&fleet, Duration::from_secs(2)).await;
        assert_eq!(ended.is_ok(), expected);
        receipts.extend(billed);
    }
    let receipt = |billed, left| Receipt {
        shard: 7,
        slice: 0,
        billed,
        left,
    };
    let billed = Billed {
        milliseconds: 99,
        memory_mb: 128,
    };
    let expected = [receipt(Some(billed), true), receipt(None, false), receipt(None, false)];
    assert_eq!(receipts, expected);
}

#[tokio::test]
async fn a_throttled_invocation_is_retried_until_it_succeeds() {
    check(vec![THROTTLED, THROTTLED, DONE], Ok(()), 3).await;
}

#[tokio::test]
async fn a_retry_waits_for_the_retry_after_of_a_throttle() {
    let wait = Scripted(
        429,
        "x-amzn-ErrorType: TooManyRequestsException\r\nRetry-After: 1\r\n",
        "{}",
    );
    let began = Instant::now();
    check(vec![wait, DONE], Ok(()), 2).await;
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_lasting_throttle_fails_at_the_start_timeout_and_names_the_limit() {
    let api = api(vec![THROTTLED]);
    let began = Instant::now();
    let error = launch(api.url(), Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Throttled);
    let limit = "by the limit ReservedFunctionConcurrentInvocationLimitExceeded";
    assert!(error.to_string().contains(limit), "{error}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert!(api.requests().len() > 2);
    assert!(error.hint.as_deref().unwrap().contains("--workers"));
}

#[tokio::test]
async fn a_failing_service_is_tried_five_times_and_then_reported() {
    let service = Scripted(
        500,
        "x-amzn-ErrorType: ServiceException\r\n",
        r#"{"Message":"internal"}"#,
    );
    let gateway = Scripted(502, "", "bad gateway");
    check(vec![service, gateway, DONE], Ok(()), 3).await;
    // A retry is safe. If an earlier attempt has started a worker, the claim of this worker makes the later worker
    // exit.
    for (script, words) in [(service, "repeatedly: internal"), (gateway, "it answered 502")] {
        let api = api(vec![script]);
        let error = launch(api.url(), Duration::from_secs(60)).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.leaves_doubt() && error.hint.is_some());
        assert_eq!(api.requests().len(), 5);
    }
}

#[tokio::test]
async fn each_refusal_has_its_own_error() {
    let missing = Scripted(
        404,
        "x-amzn-ErrorType: ResourceNotFoundException\r\n",
        r#"{"Message":"Function not found"}"#,
    );
    check(vec![missing], Err("no function named vajra-worker"), 1).await;
    let denied = Scripted(
        403,
        "x-amzn-ErrorType: AccessDeniedException\r\n",
        r#"{"Message":"not authorized to perform lambda:InvokeFunction"}"#,
    );
    check(vec![denied], Err("may not invoke vajra-worker: not authorized"), 1).await;
    let fault = Scripted(
        200,
        "X-Amz-Function-Error: Unhandled\r\n",
        r#"{"errorType":"StoreError","errorMessage":"no bucket"}"#,
    );
    check(vec![fault], Err("the function failed with StoreError: no bucket"), 1).await;
    let timeout = Scripted(
        200,
        "X-Amz-Function-Error: Unhandled\r\n",
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 3.00 seconds"}"#,
    );
    check(
        vec![timeout],
        Err("ended by its own timeout: Task timed out after 3.00 seconds"),
        1,
    )
    .await;
}

#[tokio::test]
async fn a_closed_port_is_reported_as_unreachable() {
    let closed = ClosedPort::new().unwrap();
    let error = launch(closed.url(), Duration::from_secs(2)).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unreachable, "{error}");
    assert!(error.hint.is_some());
}

#[tokio::test]
async fn why_reports_the_throttle_while_it_lasts_and_a_withdrawn_worker_never_begins() {
    let api = api(vec![THROTTLED]);
    let fleet = fleet(api.url());
    let (sender, mut events) = mpsc::unbounded_channel();
    let (workers, within) = (vec![worker()], Duration::from_secs(60));
    assert_eq!(fleet.why((7, 0)).await, None, "no worker was started");
    fleet.start(batch(workers, within), &sender);
    let until = Instant::now() + Duration::from_secs(10);
    let why = loop {
        match fleet.why((7, 0)).await {
            Some(why) if why.to_string().contains("LimitExceeded") => break why,
            why => assert!(Instant::now() < until, "{why:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(why.kind, FailureKind::Throttled);
    assert_eq!(fleet.why((6, 0)).await, None);
    fleet.withdraw("r", false).await;
    let event = tokio::time::timeout(Duration::from_secs(10), events.recv()).await;
    let Ok(Some(WorkerEvent::Failed(slice_id, error))) = event else {
        panic!("{event:?}");
    };
    assert_eq!(slice_id, (7, 0));
    assert!(error.to_string().contains("withdrawn before it began"), "{error}");
    assert!(!error.leaves_doubt());
    let asked = api.requests().len();
    // Workers of the withdrawn run no longer begin. Workers of another run begin.
    fleet.start(batch(vec![worker()], within), &sender);
    let event = tokio::time::timeout(Duration::from_secs(10), events.recv()).await;
    assert!(matches!(event, Ok(Some(WorkerEvent::Failed(_, _)))), "{event:?}");
    assert_eq!(api.requests().len(), asked);
    assert_eq!(fleet.why((7, 0)).await, None);
    let mut other = worker();
    other.assignment.run = "s".to_owned();
    fleet.start(batch(vec![other], within), &sender);
    while api.requests().len() == asked {
        assert!(
            Instant::now() < until + Duration::from_secs(10),
            "the worker of the other run was never invoked"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A built-in target runs on this machine. The functions of an emulator can reach this target, and functions at AWS
/// cannot.
#[tokio::test]
async fn functions_at_aws_cannot_reach_a_builtin_target_nor_a_folder() {
    let scenario = |target: &str| {
        let text = format!(
            "name: s\ntarget: {target}\nload: {{ constant: {{ rate: 1/s, duration: 1s }} }}\nrequests: [ {{ name: home }} ]\n"
        );
        test_plans::Planned::of(&text).scenario()
    };
    let (builtin, url) = (
        scenario("{ builtin: latency 2ms }"),
        scenario("http://shop.example.com"),
    );
    let at_aws = Lambda::with_config(
        LambdaSettings {
            function: "vajra-worker".to_owned(),
            region: None,
            endpoint: None,
        },
        "s3://bucket/prefix".parse().unwrap(),
        &config(),
    );
    let refused = at_aws.check(&builtin).unwrap_err();
    assert!(
        refused.to_string().contains("functions at AWS cannot reach"),
        "{refused}"
    );
    assert_eq!(at_aws.check(&url), Ok(()));
    assert_eq!(fleet("http://127.0.0.1:9".to_owned()).check(&builtin), Ok(()));
    let refused = at_aws.check_store(&"/tmp/runs".parse().unwrap()).unwrap_err();
    assert!(refused.hint.is_some_and(|hint| hint.contains("s3://")));
    assert_eq!(at_aws.check_store(&"s3://bucket/prefix".parse().unwrap()), Ok(()));
}
