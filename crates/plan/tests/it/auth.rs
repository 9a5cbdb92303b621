//! Tests of authentication in scenario files. The tests check the header that each request gets, and the reported
//! faults.

use plan::form::Form;
use plan::plan::Plan;
use plan::scenario::{Body, Request, Scenario, Signature, SigningKeys};
use plan::template::{Encoding, Template, TemplatePart};
use test_plans::Planned;

const HEAD: &str = "name: t\ntarget: http://shop.example\nload: { constant: { rate: 10/s, duration: 1s } }\n\
                    feeds: { users: users.csv }\n";

fn planned(lines: &str) -> Planned {
    Planned::of(&format!("{HEAD}{lines}\n")).file("users.csv", "name,password\nann,a1\n")
}

#[track_caller]
fn right(lines: &str) -> Scenario {
    planned(lines).scenario()
}

#[track_caller]
fn wrong(lines: &str, parts: &[&str]) {
    let problems = planned(lines).read().expect_err(lines);
    assert_eq!(problems.count(), 1, "{problems}");
    for part in parts {
        assert!(problems.to_string().contains(part), "no `{part}` in\n{problems}");
    }
}

/// Returns the value of the request's only header `Authorization`, or `None` if the request has no such header.
#[track_caller]
fn header(scenario: &Scenario, request: usize) -> Option<Vec<TemplatePart>> {
    let headers = scenario.requests[request].headers.iter();
    let mut found = headers.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let value = found.next().map(|(_, value)| value.0.clone());
    assert!(found.next().is_none(), "two headers");
    value
}

fn text(text: &str) -> TemplatePart {
    TemplatePart::Text(text.to_owned())
}

#[test]
fn basic_and_bearer_become_a_header_of_requests_and_steps() {
    let scenario = right(
        "auth:\n\
         \x20 fixed: { basic: { user: Aladdin, password: open sesame } }\n\
         \x20 user: { basic: { user: '{{ feed users.name }}', password: '{{ secret \"env:PASSWORD\" }}' } }\n\
         \x20 token: { bearer: '{{ secret \"ssm:/shop/token\" }}' }\n\
         \x20 own: { bearer: '{{ token }}' }\n\
         defaults: { auth: fixed }\n\
         requests:\n\
         - { name: a }\n\
         - { name: b, auth: user }\n\
         - { name: c, auth: token }\n\
         - { name: d, auth: none }\n\
         - { name: e, auth: none, headers: { AUTHORIZATION: mine } }\n\
         flows:\n\
         - name: buy\n\
         \x20 steps:\n\
         \x20 - { name: login, post: /login, capture: { token: json $.token } }\n\
         \x20 - { name: order, post: /order, auth: own }\n",
    );
    // The expected value is the example of RFC 7617, section 2.
    let fixed = Some(vec![text("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")]);
    assert_eq!(header(&scenario, 0), fixed);
    let parts = vec![
        TemplatePart::Feed {
            feed: 0,
            column: 0,
            form: Form::AsIs,
        },
        text(":"),
        TemplatePart::Secret {
            secret: 0,
            form: Form::AsIs,
        },
    ];
    let encoded = TemplatePart::Encoded {
        parts,
        encoding: Encoding::Base64,
        form: Form::AsIs,
    };
    assert_eq!(header(&scenario, 1), Some(vec![text("Basic "), encoded]));
    let secret = TemplatePart::Secret {
        secret: 1,
        form: Form::AsIs,
    };
    assert_eq!(header(&scenario, 2), Some(vec![text("Bearer "), secret]));
    assert_eq!(header(&scenario, 3), None);
    assert_eq!(header(&scenario, 4), Some(vec![text("mine")]));
    assert_eq!(header(&scenario, 5), fixed);
    let captured = TemplatePart::Captured {
        variable: 0,
        fallback: None,
        form: Form::AsIs,
    };
    assert_eq!(header(&scenario, 6), Some(vec![text("Bearer "), captured]));
}

#[test]
fn the_only_request_of_a_scenario_uses_the_default() {
    let scenario = right("auth: { a: { bearer: abc } }\ndefaults: { auth: a }");
    assert_eq!(header(&scenario, 0), Some(vec![text("Bearer abc")]));
}

#[test]
fn requests_that_share_an_authentication_share_no_draw() {
    let scenario =
        right("auth: { a: { bearer: '{{ uuid }}' } }\ndefaults: { auth: a }\nrequests: [ { name: a }, { name: b } ]");
    assert_ne!(header(&scenario, 0), header(&scenario, 1));
}

#[test]
fn an_own_authentication_replaces_the_default_header() {
    let scenario = right(
        "auth: { a: { bearer: abc } }\ndefaults: { headers: { Authorization: mine } }\n\
         requests: [ { name: a, auth: a }, { name: b } ]",
    );
    assert_eq!(header(&scenario, 0), Some(vec![text("Bearer abc")]));
    assert_eq!(header(&scenario, 1), Some(vec![text("mine")]));
}

#[test]
fn faults_of_authentication_are_reported_once() {
    let bearer = |value: &str| {
        format!(
            "auth: {{ a: {{ bearer: {value} }} }}\ndefaults: {{ auth: a }}\nrequests: [ {{ name: a }}, {{ name: b }} ]"
        )
    };
    let basic = |values: &str| {
        format!(
            "auth: {{ a: {{ basic: {{ {values} }} }} }}\ndefaults: {{ auth: a }}\nrequests: [ {{ name: a }}, {{ name: b }} ]"
        )
    };
    let of = |auths: &str, request: &str| format!("auth: {auths}\nrequests: [ {{ name: a, {request} }} ]");
    wrong(&bearer("'{{ nothing }}'"), &["nothing"]);
    wrong(&bearer("''"), &["the token is empty"]);
    wrong(&bearer("\"a\\nb\""), &["line break"]);
    wrong(&bearer(&"x".repeat(9000)), &["more than 8192 bytes"]);
    wrong(&basic("user: 'a:b', password: c"), &["contains a `:`"]);
    wrong(&basic("user: a"), &["needs `password`"]);
    wrong(
        &basic("user: a, password: '{{ feed users.name base64 }}'"),
        &["`password` must not be encoded"],
    );
    wrong(&of("{ a: { bearer: x } }", "auth: b"), &["`b` is not declared", "`a`"]);
    wrong(
        &of("{ a: { bearer: x } }", "get: /"),
        &["no request uses the authentication `a`"],
    );
    wrong(
        &of("{ a: { bearer: x } }", "auth: a, headers: { authorization: mine }"),
        &["`auth` sets the `Authorization` header, too", "auth: none"],
    );
    wrong(
        "auth: { a: { bearer: x } }\ndefaults: { auth: a, headers: { Authorization: mine } }",
        &["`auth` sets the `Authorization` header, too"],
    );
    wrong(&of("{ none: { bearer: x } }", "get: /"), &["`none` is not a name"]);
    wrong(
        &of("{ a: { bearer: x, basic: { user: a, password: b } } }", "auth: a"),
        &["only one of"],
    );
    wrong(
        &of("{ a: { token: x } }", "auth: a"),
        &["no key `token`", "write `bearer`"],
    );
    wrong("requests: [ { name: a, auth: b } ]", &["declare it"]);
}

/// Returns the token requests of a scenario whose authentication `api` has these values.
#[track_caller]
fn tokens(values: &str) -> Vec<Request> {
    let lines = format!(
        "auth: {{ api: {{ oauth: {{ url: 'https://login.example/token?x=1', client_id: shop, {values} }} }} }}\n\
         defaults: {{ auth: api }}\nrequests: [ {{ name: a }}, {{ name: b }}, {{ name: c, auth: none }} ]"
    );
    let scenario = right(&lines);
    let token = Some(vec![text("Bearer "), TemplatePart::Token { token: 0 }]);
    let headers = [0, 1, 2].map(|request| header(&scenario, request));
    assert_eq!(headers, [token.clone(), token, None]);
    let plan = planned(&lines).plan();
    assert_eq!(plan.tokens, scenario.tokens);
    assert_eq!(Plan::decode(&plan.encode()), Ok(plan));
    scenario.tokens
}

fn secret(form: Form) -> TemplatePart {
    TemplatePart::Secret { secret: 0, form }
}

const CLIENT_SECRET: &str = "client_secret: '{{ secret \"ssm:/shop/oauth\" }}'";

#[test]
fn client_credentials_become_a_token_request_with_a_header() {
    let [request] = <[Request; 1]>::try_from(tokens(&format!("{CLIENT_SECRET}, scope: read write"))).unwrap();
    assert_eq!(request.url.as_fixed(), Some("https://login.example/token?x=1"));
    let Body::Inline(body) = &request.body else {
        panic!("{:?}", request.body)
    };
    assert_eq!(
        body.as_fixed(),
        Some("grant_type=client_credentials&scope=read%20write")
    );
    let header = request.headers.iter().find(|(name, _)| name == "authorization");
    // The name and the secret of the client are encoded before they are joined (RFC 6749, section 2.3.1).
    let parts = vec![text("shop:"), secret(Form::Percent)];
    let encoded = TemplatePart::Encoded {
        parts,
        encoding: Encoding::Base64,
        form: Form::AsIs,
    };
    assert_eq!(header.unwrap().1.0, [text("Basic "), encoded]);
}

#[test]
fn a_password_and_further_parameters_are_sent_in_the_body() {
    let values = "user: ann@b.c, password: '{{ secret \"env:PASSWORD\" }}', client_auth: body, \
                  parameters: { audience: 'https://api.example/' }";
    let [request] = <[Request; 1]>::try_from(tokens(values)).unwrap();
    let Body::Inline(body) = &request.body else {
        panic!("{:?}", request.body)
    };
    let begin = text("grant_type=password&username=ann%40b.c&password=");
    let end = text("&client_id=shop&audience=https%3A%2F%2Fapi.example%2F");
    assert_eq!(body.0, [begin, secret(Form::Percent), end]);
    assert!(request.headers.iter().all(|(name, _)| name != "authorization"));
}

#[test]
fn faults_of_token_requests_are_reported_once() {
    let wrong = |values: &str, parts: &[&str]| {
        let text = format!(
            "auth: {{ api: {{ oauth: {{ {values} }} }} }}\ndefaults: {{ auth: api }}\n\
             requests: [ {{ name: a }}, {{ name: b }} ]"
        );
        wrong(&text, parts);
    };
    let url = "url: https://login.example/token, client_id: shop";
    wrong("url: https://login.example/token", &["needs `client_id`"]);
    wrong(url, &["need `client_secret`"]);
    wrong(&format!("{url}, user: ann"), &["belong together"]);
    wrong(
        &format!("url: /token, client_id: shop, {CLIENT_SECRET}"),
        &["must be a whole one"],
    );
    wrong(
        &format!("{url}, client_secret: '{{{{ feed users.password }}}}'"),
        &["`client_secret` must be the same for all arrivals"],
    );
    wrong(
        &format!("{url}, {CLIENT_SECRET}, client_auth: query"),
        &["`header` or `body`"],
    );
    wrong(
        &format!("{url}, {CLIENT_SECRET}, audience: x"),
        &["write `parameters: { audience: … }`"],
    );
}

#[test]
fn a_stored_plan_with_a_changed_token_request_is_rejected() {
    let text = format!(
        "auth: {{ api: {{ oauth: {{ url: 'https://login.example/token', client_id: shop, {CLIENT_SECRET} }} }} }}\n\
         defaults: {{ auth: api }}"
    );
    let plan = planned(&text).plan();
    let check = |change: &dyn Fn(&mut Plan)| {
        let mut changed = plan.clone();
        change(&mut changed);
        let error = Plan::decode(&changed.encode()).unwrap_err().to_string();
        assert!(error.contains("token") || error.contains("not in the plan"), "{error}");
    };
    check(&|plan| plan.tokens.clear());
    check(&|plan| plan.tokens[0].url = Template::fixed("/token"));
    check(&|plan| plan.tokens[0].captures.clear());
    check(&|plan| {
        plan.tokens[0]
            .headers
            .push(("x".to_owned(), Template(vec![TemplatePart::Token { token: 0 }])))
    });
    check(&|plan| plan.tokens[0].body = Body::Inline(Template(vec![TemplatePart::Arrival])));
}

#[test]
fn a_signature_is_kept_with_the_numbers_of_its_secrets() {
    let text = "auth:\n\
                \x20 own: { sigv4: { service: execute-api, region: eu-central-1 } }\n\
                \x20 keys: { sigv4: { service: s3, region: us-east-1, key: '{{ secret \"env:SHOP_ID\" }}', \
                secret: '{{ secret \"env:SHOP_SIGNING\" }}' } }\n\
                defaults: { auth: own, headers: { Accept: text/plain } }\n\
                requests: [ { name: a }, { name: b, auth: keys }, { name: c, auth: none } ]";
    let scenario = right(text);
    let signature = |service: &str, region: &str, keys| {
        Some(Signature {
            service: service.to_owned(),
            region: region.to_owned(),
            keys,
        })
    };
    let keys = SigningKeys {
        key: 0,
        secret: 1,
        token: None,
    };
    let signatures: Vec<_> = scenario
        .requests
        .iter()
        .map(|request| request.signature.clone())
        .collect();
    assert_eq!(
        signatures,
        [
            signature("execute-api", "eu-central-1", None),
            signature("s3", "us-east-1", Some(keys)),
            None
        ]
    );
    assert_eq!(header(&scenario, 0), None);
    let plan = planned(text).plan();
    assert_eq!(Plan::decode(&plan.encode()), Ok(plan.clone()));
    let mut changed = plan.clone();
    changed.requests[1].follow_redirects = 1;
    assert!(Plan::decode(&changed.encode()).is_err());
    let mut changed = plan;
    changed.secrets.pop();
    assert!(Plan::decode(&changed.encode()).is_err());
}

#[test]
fn faults_of_signatures_are_reported_once() {
    let wrong = |values: &str, request: &str, parts: &[&str]| {
        let text =
            format!("auth: {{ a: {{ sigv4: {{ {values} }} }} }}\nrequests: [ {{ name: a, auth: a, {request} }} ]");
        wrong(&text, parts);
    };
    wrong(
        "service: s3",
        "get: /",
        &["needs `region`", "such as `region: eu-central-1`"],
    );
    wrong("region: eu-west-1", "get: /", &["needs `service`"]);
    for header in ["X-Amz-Date", "X-Amz-Security-Token", "Authorization"] {
        let own = format!("headers: {{ {header}: x }}");
        wrong(
            "service: s3, region: x",
            &own,
            &[&format!("`auth` sets the `{header}` header, too")],
        );
    }
    wrong(
        "service: s3, region: x",
        "headers: { X-Name: José }",
        &["the header `X-Name` cannot be signed"],
    );
    wrong("service: S 3, region: x", "get: /", &["`S 3` is not a service of AWS"]);
    wrong(
        "service: s3, region: x, key: '{{ secret \"env:SHOP_ID\" }}'",
        "get: /",
        &["`key` and `secret` belong together"],
    );
    wrong(
        "service: s3, region: x, key: AKID, secret: '{{ secret \"env:SHOP_SIGNING\" }}'",
        "get: /",
        &["`key` must be a secret"],
    );
    wrong(
        "service: s3, region: x",
        "follow_redirects: 1",
        &["a signed request cannot follow redirects"],
    );
}
