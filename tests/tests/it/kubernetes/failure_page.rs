//! Compares the failure messages in `infra/kubernetes/README.md` with the messages of the program.

use super::load_tests::{LoadTests, NAME};
use super::shop::{RATE, RUN, Shop};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use test_servers::{ScriptedAnswer, ScriptedServer};
use whole_runs::kubernetes::{Cluster, PodFate};
use whole_runs::machine::{Desk, Ran, Running, root, wait_for};

/// The messages of other programs, each with the program. The page has to quote these messages, because users see them
/// in the log of a pod.
const OF_OTHERS: [(&str, &str); 2] = [
    (
        "exec format error",
        "the runtime of containers, when a node has another processor",
    ),
    ("Permission denied", "the operating system"),
];

/// Returns the messages in the first columns of the tables of failures: the spans of code that are sentences.
fn messages() -> Vec<String> {
    let page = std::fs::read_to_string(root().join("infra/kubernetes/README.md")).unwrap();
    let section = page.split("\n## What failures mean\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let columns = rows.filter_map(|row| row.split(" | ").next());
    let spans = columns.flat_map(|column| column.split('`').skip(1).step_by(2));
    // Names of fields, conditions and reasons have no spaces.
    let sentences = spans.filter(|span| span.contains(' ') && !span.starts_with("kubectl "));
    sentences.map(str::to_owned).collect()
}

/// Returns whether a line of the output contains a message. `…` stands for any text.
fn is_in(message: &str, output: &str) -> bool {
    output.lines().any(|line| {
        let mut rest = line;
        message.split('…').map(str::trim).all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    })
}

/// Returns the output of a command, with the name of the namespace on the page.
fn output(shop: &Shop, command: &mut Command) -> String {
    shown(shop, &Running::start(command).finish())
}

fn shown(shop: &Shop, ran: &Ran) -> String {
    let text = format!("{}\n{}", ran.stdout, ran.stderr);
    text.replace(shop.cluster.namespace(), "load")
}

/// Runs `doctor` for a scenario with this target, with the image and the claim of the shop.
fn doctor(shop: &Shop, target: &str, claim: &str) -> String {
    let scenario = format!(
        "name: shop\ntarget: {target}\nload: {{ constant: {{ rate: 80/s, duration: 3s }} }}\n\
         requests: [ {{ name: home, url: /home }} ]\n"
    );
    shop.desk.write("shop.yaml", &scenario);
    let image = shop.cluster.image();
    let fixed = [
        "doctor",
        "shop.yaml",
        "--fleet=kubernetes",
        "--workers=8",
        "--image",
        &image,
    ];
    output(
        shop,
        &mut shop.command(&[&fixed[..], &["--store-claim", claim]].concat()),
    )
}

fn messages_of_the_cluster() -> Option<String> {
    let shop = Shop::open()?;
    let (api, map) = (shop.cluster.api(), shop.cluster.path("configmaps", "vajra-cloud-allow"));
    let mut text = String::new();
    let own = shop.target.url();
    let private = "https://shop.example.com\nhosts: { shop.example.com: 10.1.2.3 }";
    text += &doctor(&shop, private, Cluster::CLAIM);
    api.merge(&map, &json!({ "data": { "targets": "shop.example.com" } }))
        .expect(200);
    text += &doctor(&shop, private, Cluster::CLAIM);
    api.delete(&map, &json!({})).expect(200);
    text += &doctor(&shop, &own, Cluster::CLAIM);
    let claim = json!({ "metadata": { "name": "vajra-runs" }, "spec": { "accessModes": ["ReadWriteOnce"] } });
    shop.cluster.create("persistentvolumeclaims", &claim);
    text += &doctor(&shop, &own, "vajra-runs");
    let quota = json!({ "metadata": { "name": "team" }, "spec": { "hard": { "pods": "2", "limits.cpu": "8" } } });
    shop.cluster.create("resourcequotas", &quota);
    shop.wait("the quota", |cluster| {
        cluster.get("resourcequotas", "team")?.get("status").map(drop)
    });
    text += &doctor(&shop, &own, Cluster::CLAIM);
    shop.stand_in().forbid("create", "jobs");
    text += &doctor(&shop, &own, Cluster::CLAIM);
    for options in [&["--image", "vajra-cloud:1"][..], &["--store-claim", Cluster::CLAIM]] {
        let fixed = ["launch", "shop.yaml", "--fleet=kubernetes", "--workers=1"];
        text += &output(&shop, &mut shop.command(&[&fixed[..], options].concat()));
    }
    Some(text)
}

/// Returns the messages about a bucket that cannot be used.
fn messages_of_the_bucket() -> String {
    let denied = ScriptedServer::start(|_| {
        let body = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
        ScriptedAnswer::new("403 Forbidden", "content-type: application/xml\r\n", body)
    });
    let desk = Desk::new();
    let mut text = String::new();
    for key in [Some("AKIAIOSFODNN7EXAMPLE"), None] {
        let mut command = desk.command(&["list", "--store", "s3://example-load-tests/shop"]);
        command
            .env("AWS_ENDPOINT_URL", denied.url())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", desk.path(""))
            .env_remove("AWS_PROFILE");
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            match key {
                Some(key) => command.env(name, key),
                None => command.env_remove(name),
            };
        }
        let ran = Running::start(&mut command).finish();
        text += &format!("{}\n{}", ran.stdout, ran.stderr);
    }
    text
}

/// Launches a run whose single worker does not become ready. Returns the output of the launcher.
fn abort(shop: &Shop, options: &[&str]) -> String {
    let fixed = ["--run", RUN, "--workers=1", "--start-timeout=3s", "--unchecked"];
    output(shop, &mut shop.on_fleet("launch", 2, &[&fixed[..], options].concat()))
}

/// Returns the output of a launcher whose worker has this fate.
fn abort_with(fate: PodFate) -> Option<String> {
    let shop = Shop::open()?;
    shop.stand_in().on_pod(move |_| fate.clone());
    Some(abort(&shop, &[]))
}

/// Returns the output of a launcher whose pods the API server refuses.
fn abort_refused(why: &str) -> Option<String> {
    let shop = Shop::open()?;
    shop.stand_in().refuse_pods(100, why);
    Some(abort(&shop, &[]))
}

fn abort_with_options(options: &[&str]) -> Option<String> {
    Some(abort(&Shop::open()?, options))
}

/// Returns the output of a launcher whose worker runs, but does not become ready.
fn abort_running() -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sleeper");
    std::fs::write(&path, "#!/bin/sh\nexec sleep 60\n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    Some(abort(&Shop::open_with_pods(&path)?, &[]))
}

fn out_of_memory() -> Option<String> {
    let shop = Shop::open()?;
    let launch = shop.launch(4, &[]);
    shop.target.wait_for_more_than(RATE * 2);
    let pod = shop.pods(1).pop().unwrap();
    shop.stand_in().kill_out_of_memory(shop.cluster.namespace(), &pod);
    Some(shown(&shop, &launch.finish()))
}

/// Returns the messages that users of the operator see.
fn messages_of_the_operator() -> Option<String> {
    let shop = Shop::open()?;
    let mut text = String::new();
    let example = root().join("infra/kubernetes/examples/load-test/load-test.yaml");
    let example = example.display().to_string();
    // The stand-in has no schemas with which kubectl could first validate the file.
    let apply = ["apply", "--validate=false", "-f", &example];
    text += &shown(&shop, &shop.cluster.kubectl(&apply));
    let tests = LoadTests::open()?;
    tests.create("x", &json!({}));
    let change = json!({ "spec": { "workers": 5 } }).to_string();
    let patch = ["patch", "loadtest", NAME, "--type=merge", "--patch", &change];
    text += &shown(&tests.shop, &tests.shop.cluster.kubectl(&patch));
    tests.shop.stand_in().stop_server();
    let operator = tests.unready_operator(&[]);
    text += &wait_for("an answer", super::PATIENCE, || {
        Some(operator.get("/readyz")).filter(|answer| !answer.is_empty())
    });
    let taken = operator.address.to_string();
    let desk = Desk::new();
    let ran = desk.run(&["operator", "--listen", &taken]);
    text += &ran.stderr.replace(&taken, "[::]:8080");
    Some(text)
}

fn all_outputs() -> Option<Vec<String>> {
    let quota = "exceeded quota: team, requested: pods=1, used: pods=2, limited: pods=2";
    let security = "violates PodSecurity \"restricted:latest\": unrestricted capabilities";
    let account = "error looking up service account load/vajra-worker: serviceaccount \"vajra-worker\" not found";
    let unschedulable = PodFate {
        unschedulable: Some("0/3 nodes are available: 3 Insufficient cpu.".to_owned()),
        ..PodFate::default()
    };
    let no_image = PodFate {
        image_pull_error: Some("manifest unknown".to_owned()),
        ..PodFate::default()
    };
    std::thread::scope(|scope| {
        let tasks = [
            scope.spawn(messages_of_the_cluster),
            scope.spawn(|| Some(messages_of_the_bucket())),
            scope.spawn(|| abort_with(unschedulable)),
            scope.spawn(|| abort_with(no_image)),
            scope.spawn(|| abort_refused(quota)),
            scope.spawn(|| abort_refused(security)),
            scope.spawn(|| abort_refused(account)),
            scope.spawn(|| abort_with_options(&["--pod-env=TOKEN=secret:shop/token"])),
            scope.spawn(|| abort_with_options(&["--queue=team"])),
            scope.spawn(abort_running),
            scope.spawn(out_of_memory),
            scope.spawn(messages_of_the_operator),
        ];
        tasks.into_iter().map(|task| task.join().unwrap()).collect()
    })
}

#[test]
fn the_messages_of_the_page_are_those_of_the_program() {
    let Some(outputs) = all_outputs() else { return };
    let messages = messages();
    assert!(messages.len() > 20, "{messages:#?}");
    let of_others = |message: &String| OF_OTHERS.iter().any(|(other, _)| other == message);
    let missing: Vec<_> = messages
        .iter()
        .filter(|message| !of_others(message) && !outputs.iter().any(|output| is_in(message, output)))
        .collect();
    assert!(missing.is_empty(), "{missing:#?} in none of {outputs:#?}");
    for (message, _) in OF_OTHERS {
        assert!(
            messages.iter().any(|one| one == message),
            "{message} is not on the page"
        );
    }
    assert!(!outputs.iter().any(|output| is_in("its pod … was never here", output)));
}
