//! Secrets from a source that a test scripts.

use super::*;
use plan::plan::{Order, Timing};
use plan::scenario_file::{self, Surroundings};
use std::sync::Mutex;
use std::time::Duration;

/// A value that must not be seen anywhere.
const VALUE: &str = "hunter2 & more";

/// Keeps what a test says, and notes what it is asked for.
#[derive(Debug, Default)]
struct Scripted {
    kept: BTreeMap<&'static str, &'static str>,
    asked: Mutex<Vec<String>>,
}

impl SecretSource for Scripted {
    fn look_up<'a>(&'a self, keeper: Keeper, name: &'a str, _: Instant) -> Looking<'a> {
        let asked = format!("{}:{name}", keeper.word());
        let found = self.kept.get(asked.as_str()).copied();
        self.asked.lock().unwrap().push(asked);
        Box::pin(async move {
            match found {
                Some("silence") => std::future::pending().await,
                Some(value) => Ok(Secret::new(value)),
                None => Err("there is none; make one".to_owned()),
            }
        })
    }
}

fn planned(request: &str) -> Plan {
    let text = format!(
        "name: t\ntarget: http://127.0.0.1:1\nload: {{ constant: {{ rate: 1/s, duration: 1s }} }}\nrequests:\n- name: r\n  {request}\n"
    );
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|_| Err("no such file".to_owned()),
    };
    let scenario = scenario_file::read(&text, "test.yaml", &surroundings).expect("a scenario");
    let order = Order {
        run: "test".to_owned(),
        created: 0,
        fleet: "test".to_owned(),
        workers: 1,
        slice_max: None,
        workers_max: 1,
        builtin_target: String::new(),
        timing: Timing {
            snapshot_interval: Duration::from_secs(1),
            start_timeout: Duration::from_secs(1),
            workers_min: 1,
            ..Timing::default()
        },
    };
    Plan::new(&scenario, &order).expect("a plan")
}

/// Resolves what a request refers to, when this is what is kept.
async fn check(request: &str, kept: &[(&'static str, &'static str)], expected: Result<&[&str], &str>) -> Vec<String> {
    let source = Scripted {
        kept: kept.iter().copied().collect(),
        ..Scripted::default()
    };
    let until = Instant::now() + Duration::from_millis(200);
    let plan = planned(request);
    let stored = String::from_utf8(plan.encode()).expect("a plan is text");
    match (resolve(&plan, &source, until).await, expected) {
        (Ok(secrets), Ok(values)) => {
            assert_eq!(secrets.iter().map(Secret::value).collect::<Vec<_>>(), values);
            for value in values {
                assert!(!format!("{secrets:?}").contains(value) && !stored.contains(value));
            }
        }
        (Err(problem), Err(part)) => {
            assert!(problem.contains(part), "{problem}");
            for (_, value) in kept.iter().filter(|(_, value)| !value.is_empty()) {
                assert!(!problem.contains(value.trim()), "{problem}");
            }
        }
        (resolved, _) => panic!("{request}: {resolved:?}, wanted {expected:?}"),
    }
    source.asked.into_inner().expect("nobody panicked")
}

#[tokio::test]
async fn a_secret_is_asked_for_once_and_a_field_is_taken_out_of_it() {
    let json = r#"{"user": "hunter2", "pin": 86420, "list": []}"#;
    let body =
        "body: '{{ secret \"secretsmanager:a#user\" }}{{ secret \"secretsmanager:a#pin\" }}{{ secret \"ssm:/b\" }}'";
    let kept = [("secretsmanager:a", json), ("ssm:/b", VALUE)];
    let asked = check(body, &kept, Ok(&["hunter2", "86420", VALUE])).await;
    assert_eq!(asked, ["secretsmanager:a", "ssm:/b"]);
    let field = |name: &str| format!("body: '{{{{ secret \"secretsmanager:a#{name}\" }}}}'");
    check(&field("list"), &kept, Err("its field `list` is not text")).await;
    check(
        &field("pass"),
        &kept,
        Err("the secret secretsmanager:a#pass cannot be used: it has no field `pass`"),
    )
    .await;
    check(&field("x"), &[("secretsmanager:a", VALUE)], Err("is not a JSON object")).await;
    check(
        &field("x"),
        &[("secretsmanager:a", "{hunter2")],
        Err("is not a JSON object"),
    )
    .await;
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_named() {
    let body = "body: '{{ secret \"ssm:/b\" }}'";
    check(
        body,
        &[],
        Err("the secret ssm:/b cannot be used: there is none; make one"),
    )
    .await;
    check(body, &[("ssm:/b", "silence")], Err("before the start timeout")).await;
    check(body, &[("ssm:/b", "")], Err("it is empty")).await;
}

#[tokio::test]
async fn a_value_must_fit_where_it_stands() {
    let header = "headers: { X-Key: 'Bearer {{ secret \"ssm:/b\" }}' }";
    for value in ["hunter2\r\nX-Admin: 1", "hunter2\n", "hunter2\0"] {
        let said =
            "the secret ssm:/b cannot be used: it has a line break or control character, and the header `X-Key` of r";
        check(header, &[("ssm:/b", value)], Err(said)).await;
        check("body: '{{ secret \"ssm:/b\" }}'", &[("ssm:/b", value)], Ok(&[value])).await;
        check(
            "query: { k: '{{ secret \"ssm:/b\" }}' }",
            &[("ssm:/b", value)],
            Ok(&[value]),
        )
        .await;
    }
    for value in ["hunter2 hunter2", "hunter2#", "hunter2\r\n", "hunt\u{e9}r2"] {
        let said = "it has a character that the URL of r may not have; leave `raw` out";
        let raw = "url: '/{{ secret \"ssm:/b\" raw }}'";
        check(raw, &[("ssm:/b", value)], Err(said)).await;
        for encoded in ["", " base64"] {
            let url = format!("url: '/{{{{ secret \"ssm:/b\"{encoded} }}}}'");
            check(&url, &[("ssm:/b", value)], Ok(&[value])).await;
        }
    }
    check(header, &[("ssm:/b", "h\u{fc}nter2\t")], Ok(&["h\u{fc}nter2\t"])).await;
    check(
        "url: '/{{ secret \"ssm:/b\" raw }}'",
        &[("ssm:/b", "a/b%20c")],
        Ok(&["a/b%20c"]),
    )
    .await;
}

#[tokio::test]
async fn a_plan_that_counts_its_secrets_wrong_is_refused() {
    for request in [
        "body: '{{ secret \"ssm:/b\" }}'",
        "headers: { X: '{{ secret \"ssm:/b\" }}' }",
        "url: '/{{ secret \"ssm:/b\" }}'",
    ] {
        let mut plan = planned(request);
        plan.secrets.clear();
        let problem = resolve(&plan, &Scripted::default(), Instant::now()).await;
        assert!(problem.unwrap_err().contains("secret 0, which the plan does not have"));
    }
}

#[tokio::test]
async fn the_environment_of_the_worker_is_a_source() {
    let account = Account::default();
    let look_up = |name: &'static str| account.look_up(Keeper::Env, name, Instant::now());
    assert_eq!(look_up("PATH").await.unwrap().value(), std::env::var("PATH").unwrap());
    let problem = look_up("VAJRA_NO_SUCH_VARIABLE").await.unwrap_err();
    assert!(problem.contains("has no `VAJRA_NO_SUCH_VARIABLE`; set it"), "{problem}");
}
