//! Tests of client certificates in scenario files: which client certificate a request has, and which faults are
//! reported.

use plan::plan::Plan;
use plan::scenario::{ClientCertificate, ClientKey, Pem, Pick};
use plan::scenario_file::csv::Sheet;
use test_plans::Planned;

const PEM: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
const OWN: &str = "cert: '{{ feed users.cert }}', key: '{{ feed users.key }}'";

fn planned(lines: &str) -> Planned {
    let head = "name: t\ntarget: https://shop.example\nload: { constant: { rate: 2/s, duration: 1s } }\n\
                feeds: { users: { file: users.csv, pick: once }, other: other.csv }\n";
    let users = format!(
        "cert,key,pem,broken,secret,missing,reference\nann.pem,env:ANN_KEY,\"{PEM}\",\"{PEM}\",ann.pem,ann.pem,env:ANN_KEY\n\
         ben.pem,env:BEN_KEY,\"{PEM}\",-----BEGIN X-----,both.pem,none.pem,{}\n",
        "ben.key"
    );
    Planned::of(&format!("{head}{lines}\n"))
        .file("users.csv", users)
        .file("other.csv", format!("key\n\"{KEY}\"\n"))
        .file("ann.pem", PEM)
        .file("ben.pem", PEM)
        .file("both.pem", format!("{PEM}{KEY}"))
        .file("shared.pem", PEM)
}

#[track_caller]
fn wrong(lines: &str, parts: &[&str]) {
    let problems = planned(lines).read().expect_err(lines);
    assert_eq!(problems.count(), 1, "{problems}");
    let shown = problems.to_string();
    assert!(!shown.contains("MIIB"), "{shown}");
    for part in parts {
        assert!(shown.contains(part), "no `{part}` in\n{shown}");
    }
}

#[test]
fn a_step_has_its_own_certificate_or_that_of_its_flow_or_of_the_scenario() {
    let planned = planned(&format!(
        "tls: {{ cert: shared.pem, key: '{{{{ secret \"env:SHARED\" }}}}' }}\n\
         flows:\n- name: a\n  steps: [ {{ name: enroll, get: / }}, {{ name: own, get: /, tls: {{ {OWN} }} }} ]\n\
         - name: b\n  tls: {{ {OWN} }}\n  steps:\n  - {{ name: one, get: / }}\n\
         \x20 - {{ name: two, get: /, tls: {{ cert: shared.pem, key: '{{{{ secret \"env:SHARED\" }}}}' }} }}\n"
    ));
    let scenario = planned.scenario();
    let clients: Vec<_> = scenario
        .requests
        .iter()
        .map(|request| request.client.as_ref())
        .collect();
    let secret = |reference: &str| {
        let known = scenario.secrets.iter().position(|known| known.to_string() == reference);
        known.unwrap() as u32
    };
    let Some(ClientCertificate {
        certificate: Pem::Cells {
            feed: 0,
            column: 0,
            blob,
        },
        key: ClientKey::Cells { feed: 0, column: 1 },
    }) = clients[1]
    else {
        panic!("{clients:?}");
    };
    assert_eq!((clients[0], clients[2]), (None, clients[1]));
    let shared = clients[3].unwrap();
    assert_eq!(shared.key, ClientKey::Secret(secret("env:SHARED")));
    assert_eq!(scenario.tls.client.as_ref(), Some(shared));
    // Workers look up the keys of the rows as secrets. Workers get all certificates in one file, which has a row for
    // each row of the feed.
    assert!(secret("env:ANN_KEY") != secret("env:BEN_KEY"));
    let sheet = Sheet::read(&scenario.blobs[blob], None).unwrap();
    assert_eq!((sheet.rows(), sheet.cell(1, 0)), (2, PEM));
    assert_eq!(
        scenario.blobs.len(),
        4,
        "two feeds, the certificates and the shared one"
    );
    // Only certificates use the feed. The `pick` of the feed determines the rows, as for any feed.
    assert_eq!(scenario.feeds[0].pick, Pick::Once);
    assert!(
        scenario
            .rows_of(&scenario.populations[0])
            .describe()
            .next()
            .unwrap()
            .contains("rows 1 to 2 of 2")
    );
    let plan = planned.plan();
    assert_eq!(Plan::decode(&plan.encode()), Ok(plan.clone()));
    let check = |change: &dyn Fn(&mut Plan)| {
        let mut changed = plan.clone();
        change(&mut changed);
        assert!(Plan::decode(&changed.encode()).is_err());
    };
    check(&|plan| plan.populations[0].transport.flow_reuse = plan::scenario::Reuse::Kept);
    check(&|plan| plan.feeds[0].columns.truncate(1));
    check(&|plan| plan.data.retain(|name| name != blob));
    check(&|plan| plan.secrets.clear());
}

#[test]
fn a_certificate_of_a_feed_at_the_top_is_that_of_all_requests() {
    let text =
        format!("connections: user\ntls: {{ {OWN} }}\nrequests: [ {{ name: a, get: / }}, {{ name: b, get: / }} ]");
    let scenario = planned(&text).scenario();
    assert_eq!(scenario.tls.client, None);
    let feeds = scenario.requests.iter().map(|request| request.client.as_ref()?.feed());
    assert_eq!(feeds.collect::<Vec<_>>(), [Some(0), Some(0)]);
}

#[test]
fn faults_of_client_certificates_name_the_row_and_the_file() {
    let flow = |tls: &str| format!("flows: [ {{ name: f, steps: [ {{ name: s, get: /, tls: {{ {tls} }} }} ] }} ]");
    let key = "key: '{{ secret \"env:K\" }}'";
    let cell = |column: &str, key: &str| flow(&format!("cert: '{{{{ feed users.{column} }}}}', {key}"));
    wrong(&cell("missing", key), &["`none.pem` cannot be read", "test.yaml:5:"]);
    wrong(
        &cell("secret", key),
        &["`both.pem` in row 2 of the feed `users` contains a private key"],
    );
    wrong(
        &cell("broken", key),
        &["row 2 of the feed `users` contains no certificate in PEM"],
    );
    wrong(
        &cell("cert", "key: '{{ feed users.reference }}'"),
        &[
            "row 2 of the feed `users` has no reference of a secret in the column `reference`",
            "such as `env:ANN_KEY`",
        ],
    );
    wrong(
        &cell("cert", "key: '{{ feed other.key }}'"),
        &[
            "row 1 of the feed `other` has no reference of a secret",
            "a private key is never stored",
        ],
    );
    wrong(&flow("cert: '{{ feed users.cert }}'"), &["needs its `key`"]);
    wrong(
        &flow("cert: shared.pem, key: '{{ feed users.key }}'"),
        &["`cert` and `key` are not of one feed"],
    );
    let shared = &[
        "has a client certificate of its own",
        "write `connections: user` and `protocol: http1`",
    ];
    for connections in ["connections: kept", "connections: fresh", "protocol: http2"] {
        wrong(&format!("{connections}\n{}", cell("cert", key)), shared);
    }
    wrong(
        &format!("requests: [ {{ name: a, get: /, tls: {{ {OWN} }} }} ]"),
        shared,
    );
    wrong(&format!("tls: {{ {OWN} }}"), shared);
}
