//! Tests that convert files of other tools to scenarios, and that run these scenarios.

use serde_json::json;
use std::io::Write;
use std::process::Stdio;
use whole_runs::machine::{Desk, Ran, Target};

/// Imports a text and launches the resulting scenario, as the command `import - | launch -` does.
fn import_and_launch(desk: &Desk, text: &str, options: &[&str], secrets: &[(&str, &str)]) -> Ran {
    let piped = |args: &[&str]| {
        let mut command = desk.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    let mut import = piped(&["import", "-"]).spawn().unwrap();
    let mut input = import.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let mut launch = piped(&[&["launch", "-", "--workers", "2", "--out", "r.json"], options].concat());
    launch.stdin(import.stdout.take().unwrap());
    let launched = launch.envs(secrets.iter().copied()).output().unwrap();
    assert!(import.wait().unwrap().success());
    Ran::new(&launched)
}

#[test]
fn an_imported_scenario_sends_the_requests_of_the_file() {
    let (desk, target) = (Desk::new(), Target::recording(""));
    let url = target.url();
    let commands = format!(
        "curl '{url}/items?page=1' -H 'Authorization: Bearer abc' --compressed\n\
         curl '{url}/items?page=1' -H 'Authorization: Bearer abc' --compressed\n\
         curl '{url}/orders' --data-raw '{{\"id\": 1}}' -H 'Content-Type: application/json'\n\
         curl -I '{url}/health'\n"
    );
    import_and_launch(&desk, &commands, &[], &[("BEARER_TOKEN", "abc")]).expect(0, &[]);
    let (report, by_path) = (desk.json("r.json"), target.by_path());
    let requests = report["requests"].as_array().unwrap();
    let mut total = 0;
    for (name, path) in [
        ("get-items", "/items"),
        ("post-orders", "/orders"),
        ("head-health", "/health"),
    ] {
        let request = requests.iter().find(|request| request["name"] == name).unwrap();
        let sent = request["sent"].as_u64().unwrap();
        assert_eq!(by_path.get(path), Some(&sent), "{name}: {by_path:?}\n{report:#}");
        assert!(sent > 0, "{name} was not sent");
        total += sent;
    }
    assert_eq!((total, target.requests()), (100, 100));
    assert!(!report.to_string().contains("Bearer abc"), "{report:#}");
}

#[test]
fn an_archive_is_imported_and_sent() {
    let (desk, target) = (Desk::new(), Target::recording(""));
    let entry = |path: &str| {
        let headers = json!([{ "name": "Host", "value": "x" }, { "name": "Sec-Fetch-Mode", "value": "cors" }]);
        let request = json!({ "method": "GET", "url": format!("{}{path}", target.url()), "headers": headers });
        json!({ "request": request, "response": { "status": 200 } })
    };
    let archive = json!({ "log": { "entries": [entry("/"), entry("/a%20b?x=1"), entry("/")] } });
    import_and_launch(&desk, &archive.to_string(), &[], &[]).expect(0, &[]);
    let by_path = target.by_path();
    assert_eq!(by_path.values().sum::<u64>(), 100, "{by_path:?}");
    assert!(
        by_path.get("/").is_some_and(|sent| (40..90).contains(sent)),
        "{by_path:?}"
    );
}

#[test]
fn an_imported_script_sends_its_flows() {
    let (desk, target) = (Desk::new(), Target::recording(""));
    let script = format!(
        "config: {{ target: '{}', phases: [ {{ duration: 1, arrivalRate: 10 }} ] }}\n\
         scenarios:\n- name: visit\n  flow:\n  - get: {{ url: /a }}\n  - loop: [ {{ get: {{ url: /b }} }} ]\n    count: 3\n  \
         - think: 0.1\n  - post: {{ url: /c, json: {{ n: 1 }} }}\n",
        target.url()
    );
    import_and_launch(&desk, &script, &[], &[]).expect(0, &[]);
    let (report, by_path) = (desk.json("r.json"), target.by_path());
    for (name, path, expected) in [
        ("visit/get-a", "/a", 10),
        ("visit/get-b", "/b", 30),
        ("visit/post-c", "/c", 10),
    ] {
        let requests = report["requests"].as_array().unwrap();
        let request = requests.iter().find(|request| request["name"] == name).unwrap();
        assert_eq!(request["sent"].as_u64(), Some(expected), "{report:#}");
        assert_eq!(by_path.get(path), Some(&expected), "{by_path:?}");
    }
}

#[test]
fn a_saved_import_never_replaces_a_file() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("kept")).unwrap();
    desk.write("order.json", "{}");
    desk.write(
        "targets.txt",
        "POST http://127.0.0.1:9/orders\nX-Api-Key: k\n@order.json\n",
    );
    let args = ["import", "targets.txt", "--save", "kept/orders.yaml"];
    let ran = desk.run(&args).expect(
        0,
        &[
            "secret: API_KEY: the value of the header X-Api-Key (line 1)",
            "wrote kept/orders.yaml",
        ],
    );
    assert_eq!(ran.stdout, "");
    // The saved scenario is in another folder than the body of the request. The path of the body in the scenario is
    // valid.
    desk.run(&["check", "kept/orders.yaml"]).expect(0, &[]);
    desk.run(&args).expect(2, &["kept/orders.yaml already exists"]);
}

#[test]
fn a_file_that_cannot_be_imported_is_an_error_with_its_place() {
    let desk = Desk::new();
    desk.write("cut.txt", "curl http://x/\ncurl 'http://y");
    desk.run(&["import", "cut.txt"]).expect(
        2,
        &[
            "error: cut.txt: line 2: the quote ' is not closed",
            "hint: copy the whole command",
        ],
    );
    desk.run(&["import", "cut.txt", "--from", "har"])
        .expect(2, &["cut.txt: line 1: this is not JSON"]);
    desk.run(&["import", "none.txt"])
        .expect(2, &["none.txt cannot be read"]);
    desk.run(&["import", "cut.txt", "--from", "jmx"])
        .expect(2, &["[possible values: artillery, curl, har, openapi, vegeta]"]);
}
