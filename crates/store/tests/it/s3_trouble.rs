//! Tests of failures of a store in an S3 bucket.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use store::{Created, Location, OBJECT_BYTES_MAX, RunStore, StoreError};
use tally::account::Requests;
use test_servers::{ClosedPort, ScriptedAnswer, ScriptedServer, WireRequest};

use crate::moto::{self, Moto};

/// Returns a store on a server that follows a script. The script gives answers that a healthy server never gives.
fn scripted(script: impl FnMut(&WireRequest) -> ScriptedAnswer + Send + 'static) -> RunStore {
    moto::open("s3://runs", &ScriptedServer::start(script).url())
}

/// Returns an answer without a body.
fn empty_answer(status: &str, headers: &str) -> ScriptedAnswer {
    ScriptedAnswer::new(status, headers, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bucket_is_reported_by_name() {
    let moto = Moto::start();
    let store = moto.store("s3://not-there");
    for error in [
        store.put("a", "1").await.err(),
        store.put_new("a", "1").await.err(),
        store.get("a").await.err(),
        store.list("").await.err(),
        store.list_dirs("").await.err(),
        store.delete("a").await.err(),
    ] {
        let error = error.expect("the bucket does not exist");
        assert!(matches!(error, StoreError::NoBucket { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            format!("bucket `not-there` does not exist at {}", moto.endpoint)
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("s3 mb")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_denied_with_the_stores_code() {
    let moto = Moto::start_with_access_checks();
    moto.create_bucket("runs").await;
    let store = moto.store("s3://runs");
    for error in [
        store.put("a", "1").await.err(),
        store.put_new("a", "1").await.err(),
        store.get("a").await.err(),
        store.list("").await.err(),
        store.delete("a").await.err(),
    ] {
        let error = error.expect("this key is unknown");
        assert!(
            matches!(&error, StoreError::AccessDenied { code, .. } if code == "InvalidAccessKeyId"),
            "{error:?}"
        );
        assert!(error.to_string().contains("s3://runs/"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("access key")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_reported_within_seconds() {
    let closed = ClosedPort::new().expect("a port on loopback");
    let store = moto::open("s3://runs", &closed.url());
    let started = Instant::now();
    let error = store.get("a").await.expect_err("the port is closed");
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("cannot reach the store at {}", closed.url()));
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn missing_credentials_and_a_missing_region_are_distinct_errors() {
    let location: Location = "s3://runs".parse().expect("a location");
    let error = RunStore::open_with(&location, &SdkConfig::builder().build()).expect_err("no credentials are set");
    assert!(matches!(error, StoreError::NoCredentials { .. }), "{error:?}");

    let credentials = aws_sdk_s3::config::Credentials::new("a", "b", None, None, "test");
    let config = SdkConfig::builder()
        .credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(credentials))
        .build();
    let error = RunStore::open_with(&location, &config).expect_err("no region is set");
    assert!(matches!(error, StoreError::NoRegion { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_do_not_load_are_not_a_network_failure() {
    let nothing = aws_credential_types::credential_fn::provide_credentials_fn(|| async {
        Err(aws_credential_types::provider::error::CredentialsError::not_loaded(
            "nothing is set",
        ))
    });
    let config = SdkConfig::builder()
        .credentials_provider(aws_sdk_s3::config::SharedCredentialsProvider::new(nothing))
        .build();
    let location: Location = "s3://runs?endpoint=http://127.0.0.1:1&region=us-east-1"
        .parse()
        .expect("a location");
    let store = RunStore::open_with(&location, &config).expect("it opens");
    let error = store.get("a").await.expect_err("no credentials are set");
    assert!(matches!(error, StoreError::NoCredentials { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_ignores_create_only_is_rejected() {
    let store = scripted(|_| empty_answer("200 OK", "etag: \"x\"\r\n"));
    let error = store
        .check_create_only("probe")
        .await
        .expect_err("this server overwrites");
    assert!(matches!(error, StoreError::NotCreateOnly { .. }), "{error:?}");
    assert!(error.to_string().contains("claims cannot work"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_which_two_concurrent_writers_win_is_rejected() {
    let mut writes = 0;
    let store = scripted(move |request| {
        writes += u32::from(request.head.starts_with("PUT "));
        match request.head.starts_with("PUT ") && writes > 2 {
            true => empty_answer("412 Precondition Failed", ""),
            false => empty_answer("200 OK", "etag: \"x\"\r\n"),
        }
    });
    let error = store.check_create_only("probe").await.expect_err("two writers won");
    assert!(matches!(error, StoreError::NotCreateOnly { .. }), "{error:?}");
}

/// Returns a store in a bucket whose caller may list only with a prefix. The only key in the bucket is `there`, and the
/// caller may not read this key. Every request is recorded in `seen`.
fn listed_below_a_prefix_only(seen: Arc<Mutex<Vec<String>>>) -> RunStore {
    scripted(move |request| {
        let path = request.path().to_owned();
        seen.lock().expect("the lock is not poisoned").push(path.clone());
        match (path.contains("list-type=2"), path.contains("prefix=there")) {
            (true, true) => ScriptedAnswer::new(
                "200 OK",
                "",
                r#"<?xml version="1.0"?><ListBucketResult><Name>runs</Name><Contents><Key>there</Key><Size>1</Size></Contents></ListBucketResult>"#,
            ),
            (true, false) => ScriptedAnswer::new(
                "200 OK",
                "",
                r#"<?xml version="1.0"?><ListBucketResult><Name>runs</Name></ListBucketResult>"#,
            ),
            _ => denied(),
        }
    })
}

fn denied() -> ScriptedAnswer {
    ScriptedAnswer::new(
        "403 Forbidden",
        "",
        r#"<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>"#,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_read_of_an_unlisted_key_finds_nothing() {
    let seen = Arc::default();
    let store = listed_below_a_prefix_only(Arc::clone(&seen));
    let denied = store.get("there").await.expect_err("this key exists");
    assert!(
        matches!(&denied, StoreError::AccessDenied { code, .. } if code == "AccessDenied"),
        "{denied:?}"
    );
    for _ in 0..3 {
        assert_eq!(store.get("gone").await.expect("the key is missing"), None);
    }
    let seen = seen.lock().expect("the lock is not poisoned");
    let lists = |key: &str| {
        let prefix = format!("prefix={key}");
        seen.iter().filter(|path| path.contains(&prefix)).count()
    };
    assert_eq!((lists("there"), lists("gone")), (1, 1), "{seen:?}");
    assert!(
        seen.iter()
            .all(|line| !line.contains("list-type=2") || line.contains("prefix=")),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_read_stays_denied_without_permission_to_list() {
    let store = scripted(|_| denied());
    let denied = store.get("gone").await.expect_err("the key may exist");
    assert!(matches!(denied, StoreError::AccessDenied { .. }), "{denied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_only_write_whose_answer_was_lost_still_wins() {
    // The first PUT succeeds, but its answer is lost. The second PUT is rejected.
    let mut mark = None;
    let store = scripted(move |request| {
        let head = request.head.to_lowercase();
        if head.starts_with("head") {
            let mark = mark.as_ref().expect("a PUT came before");
            return empty_answer("200 OK", &format!("{mark}\r\n"));
        }
        assert!(head.starts_with("put"), "{head}");
        let sent = head
            .lines()
            .find(|line| line.starts_with("x-amz-meta-"))
            .expect("the write has a mark");
        if mark.is_none() {
            mark = Some(sent.to_owned());
            return ScriptedAnswer::hang_up();
        }
        empty_answer("412 Precondition Failed", "")
    });
    let created = store.put_new("claim", "me").await.expect("the write succeeds");
    assert_eq!(created, Created::Yes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflicting_create_only_write_is_retried() {
    let mut puts = 0;
    let store = scripted(move |_| {
        puts += 1;
        match puts {
            1 | 2 => empty_answer("409 Conflict", ""),
            _ => empty_answer("200 OK", "etag: \"x\"\r\n"),
        }
    });
    let created = store.put_new("claim", "me").await.expect("the write succeeds");
    assert_eq!(created, Created::Yes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_conflict_is_reported_as_busy() {
    let store = scripted(|_| empty_answer("409 Conflict", ""));
    let error = store.put_new("claim", "me").await.expect_err("never free");
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_request_is_retried_and_then_reported_as_busy() {
    const SLOW_DOWN: &str = "<Error><Code>SlowDown</Code><Message>m</Message></Error>";
    let slow_down = || ScriptedAnswer::new("503 Slow Down", "", SLOW_DOWN);
    let mut requests = 0;
    let store = scripted(move |_| {
        requests += 1;
        match requests {
            1 | 2 => slow_down(),
            _ => empty_answer("200 OK", "etag: \"x\"\r\n"),
        }
    });
    store.put("a", "1").await.expect("the third try works");

    let store = scripted(move |_| slow_down());
    let error = store.put("a", "1").await.expect_err("it never works");
    assert!(
        matches!(&error, StoreError::Busy { code, .. } if code == "SlowDown"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_in_another_region_is_reported_with_its_region() {
    let store = scripted(|_| empty_answer("301 Moved Permanently", "x-amz-bucket-region: eu-west-1\r\n"));
    let error = store.get("a").await.expect_err("the wrong region");
    assert_eq!(error.to_string(), "bucket `runs` is in another region: eu-west-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_a_store_is_an_error() {
    let store = scripted(|_| empty_answer("404 Not Found", ""));
    let error = store.get("a").await.expect_err("this is a plain web server");
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_too_large_is_not_read() {
    let store = scripted(|_| empty_answer("200 OK", &format!("content-length: {}\r\n", OBJECT_BYTES_MAX + 1)));
    let error = store.get("a").await.expect_err("it is too large");
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_object_is_requested_again() {
    let mut requests = 0;
    let store = scripted(move |_| {
        requests += 1;
        match requests {
            1 => ScriptedAnswer::new("200 OK", "content-length: 5\r\nconnection: close\r\n", "wh"),
            _ => ScriptedAnswer::new("200 OK", "", "whole"),
        }
    });
    let found = store.get("a").await.expect("the second try works");
    assert_eq!(found.as_deref(), Some(b"whole".as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_counted_as_it_is_billed() {
    let moto = Moto::start();
    moto.create_bucket("runs").await;
    let store = moto.store("s3://runs");
    assert_eq!(store.requests(), Some(Requests::default()));
    store.put("a", "12345").await.expect("a write");
    assert_eq!(store.put_new("b", "123").await.expect("a write"), Created::Yes);
    // The key exists, so `put_new` sends one write, and one read of the stored mark.
    assert_eq!(store.put_new("b", "456").await.expect("a write"), Created::AlreadyThere);
    assert!(store.get("a").await.expect("a read").is_some());
    assert!(store.get("c").await.expect("a read").is_none());
    store.list("").await.expect("a listing");
    store.delete("a").await.expect("a free delete");
    let requests = store.clone().requests().expect("S3 counts");
    assert_eq!((requests.writes, requests.lists, requests.reads), (3, 1, 3));
    assert_eq!(requests.written_bytes, 5 + 3 + 3);
    // The server sent the content of `a`, and a listing of two keys.
    assert!((5 + 2 * 200..1_000).contains(&requests.read_bytes), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_counted() {
    let mut tries = 0;
    let store = scripted(move |_| {
        tries += 1;
        match tries {
            1 | 2 => empty_answer("500 Internal Server Error", ""),
            _ => empty_answer("200 OK", "etag: \"x\"\r\n"),
        }
    });
    store.put("a", "1").await.expect("the third try");
    assert_eq!(store.requests().expect("S3 counts").writes, 3);
}
