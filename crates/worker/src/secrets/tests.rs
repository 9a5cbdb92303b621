//! Tests the look-up of secrets in a scripted source.

use super::*;
use std::sync::Mutex;
use std::time::Duration;
use test_plans::Planned;

/// The value of a secret, which must not be shown.
const VALUE: &str = "hunter2 & more";

/// A source that has the given secrets and records every look-up.
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
    let scenario = format!(
        "name: t\ntarget: http://127.0.0.1:1\nload: {{ constant: {{ rate: 1/s, duration: 1s }} }}\nrequests:\n- name: r\n  {request}\n"
    );
    Planned::of(&scenario).plan()
}

/// Looks up the secrets of a request in a source that contains the secrets `kept`. Returns the look-ups.
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
        (resolved, _) => panic!("{request}: {resolved:?}, expected {expected:?}"),
    }
    source.asked.into_inner().expect("the lock is not poisoned")
}

#[tokio::test]
async fn a_secret_is_looked_up_once_for_all_its_fields() {
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
async fn the_error_of_a_missing_secret_names_its_reference() {
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
async fn a_value_with_characters_that_are_not_allowed_at_its_placeholder_is_refused() {
    let header = "headers: { X-Key: 'Bearer {{ secret \"ssm:/b\" }}' }";
    for value in ["hunter2\r\nX-Admin: 1", "hunter2\n", "hunter2\0"] {
        let problem = "the secret ssm:/b cannot be used: it contains a line break or control character, which is not \
                       allowed in the header `X-Key` of r";
        check(header, &[("ssm:/b", value)], Err(problem)).await;
        check("body: '{{ secret \"ssm:/b\" }}'", &[("ssm:/b", value)], Ok(&[value])).await;
        check(
            "query: { k: '{{ secret \"ssm:/b\" }}' }",
            &[("ssm:/b", value)],
            Ok(&[value]),
        )
        .await;
    }
    for value in ["hunter2 hunter2", "hunter2#", "hunter2\r\n", "hunt\u{e9}r2"] {
        let problem = "it contains a character that is not allowed in the URL of r; remove `raw`";
        let raw = "url: '/{{ secret \"ssm:/b\" raw }}'";
        check(raw, &[("ssm:/b", value)], Err(problem)).await;
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
async fn a_plan_with_a_reference_to_a_missing_secret_is_refused() {
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
async fn only_named_variables_are_read() {
    let named = Variables::named([" PATH", "", "VAJRA_NO_SUCH_VARIABLE "]).unwrap();
    let (account, closed) = (Account::new(named), Account::default());
    let look_up = |name: &'static str| account.look_up(Keeper::Env, name, Instant::now());
    assert_eq!(look_up("PATH").await.unwrap().value(), std::env::var("PATH").unwrap());
    let problem = look_up("VAJRA_NO_SUCH_VARIABLE").await.unwrap_err();
    assert!(problem.contains("has no `VAJRA_NO_SUCH_VARIABLE`; set it"), "{problem}");
    for problem in [
        look_up("HOME").await,
        closed.look_up(Keeper::Env, "HOME", Instant::now()).await,
    ] {
        let problem = problem.unwrap_err();
        assert!(
            problem.contains("may not read the variable `HOME`; start it with `--env HOME`"),
            "{problem}"
        );
    }
}

#[test]
fn credentials_of_the_machine_are_refused_even_if_they_are_named() {
    for name in ["AWS_SESSION_TOKEN", "GITHUB_TOKEN", "A B"] {
        let problem = Variables::named(["SHOP_TOKEN", name]).unwrap_err();
        assert!(problem.contains(name) && problem.contains("; "), "{problem}");
    }
}

#[test]
fn a_scenario_names_the_variables_of_its_own_references() {
    let references = ["env:B", "ssm:/c", "env:A#field", "env:A"].map(|text| Reference::parse(text).unwrap());
    let variables = Variables::referenced(&references);
    assert_eq!(variables.names().collect::<Vec<_>>(), ["A", "B"]);
}
