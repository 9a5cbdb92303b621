//! Tests of the permissions of local workers: the environment variables that they may send, and the hosts in
//! `VAJRA_ALLOW`.

use std::process::Command;
use whole_runs::machine::{Desk, Ran, Target, sent};

const VALUE: &str = "s3cret-Hx5";

fn scenario(target: &Target) -> String {
    format!(
        "name: small\ntarget: {}\nload: {{ constant: {{ rate: 20/s, duration: 2s }} }}\n\
         requests: [ {{ name: home, url: '/home/{{{{ secret \"env:SHOP_TOKEN\" }}}}' }} ]\n",
        target.url()
    )
}

/// Runs a worker of a stored run. The environment variable `SHOP_TOKEN` of the worker contains the secret.
fn worker(desk: &Desk, change: impl FnOnce(&mut Command) -> &mut Command) -> Ran {
    let mut command = desk.command(&["worker", "--run", "small-planned", "--shard", "0"]);
    command.env("SHOP_TOKEN", VALUE).env("AWS_SECRET_ACCESS_KEY", VALUE);
    Ran::new(&change(&mut command).output().unwrap())
}

/// Returns a folder with a stored run, and the target of the run. The path of each request contains the secret.
fn stored() -> (Desk, Target) {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &scenario(&target));
    desk.publish("small-planned", 1);
    (desk, target)
}

#[test]
fn a_worker_sends_the_variables_in_its_list() {
    for given in [("--env", "SHOP_TOKEN"), ("VAJRA_ENV", "OTHER, SHOP_TOKEN")] {
        let (desk, target) = stored();
        let ran = worker(&desk, |command| match given.0 {
            "--env" => command.args([given.0, given.1]),
            variable => command.env(variable, given.1),
        });
        ran.expect(0, &["is done"]);
        assert_eq!(target.by_path().get(&format!("/home/{VALUE}")), Some(&40), "{given:?}");
    }
}

#[test]
fn a_worker_does_not_send_a_variable_outside_its_list() {
    for given in [None, Some("OTHER")] {
        let (desk, target) = stored();
        let ran = worker(&desk, |command| command.args(given.map(|name| format!("--env={name}"))));
        ran.expect(
            3,
            &[
                "the secret env:SHOP_TOKEN cannot be used",
                "start it with `--env SHOP_TOKEN`, or with `SHOP_TOKEN` in VAJRA_ENV",
            ],
        );
        assert_eq!(target.requests(), 0);
    }
}

#[test]
fn credentials_of_the_machine_are_rejected_as_variables() {
    let (desk, target) = stored();
    for name in ["AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN"] {
        let refused = [
            &format!("`{name}` is the machine's own credential"),
            "hint: put the secret into",
        ];
        worker(&desk, |command| command.args(["--env", "SHOP_TOKEN", "--env", name])).expect(2, &refused);
        worker(&desk, |command| command.env("VAJRA_ENV", format!("SHOP_TOKEN,{name}"))).expect(2, &refused);
    }
    assert_eq!(target.requests(), 0);
    assert!(!desk.path("runs/small-planned/shards").exists(), "a shard was claimed");
}

#[test]
fn a_launch_passes_the_variables_of_its_scenario_to_its_workers() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &scenario(&target));
    // The run has two slices, so that the workers of both slices need the variable.
    let mut launch = desk.command(&["launch", "s.yaml", "--run", "r", "--workers", "2", "--slice", "1s"]);
    let ran = Ran::new(
        &launch
            .env("SHOP_TOKEN", VALUE)
            .env("VAJRA_ENV", "OTHER")
            .output()
            .unwrap(),
    );
    ran.expect(0, &[]);
    assert_eq!(target.by_path().get(&format!("/home/{VALUE}")), Some(&40));
}

#[test]
fn workers_of_a_launch_send_only_to_allowed_hosts() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let plain = scenario(&target).replace("{{ secret \"env:SHOP_TOKEN\" }}", "");
    desk.write("s.yaml", &plain);
    let launch = |run: &str, allow: &str| {
        let mut command = desk.command(&["launch", "s.yaml", "--run", run, "--workers", "2", "--out", "out.json"]);
        Ran::new(&command.env("VAJRA_ALLOW", allow).output().unwrap())
    };
    let refused = [
        "127.0.0.1 is a loopback address",
        "to VAJRA_ALLOW in the worker's environment",
    ];
    launch("elsewhere", "example.com").expect(3, &refused);
    let refused = ["127.0.0.1 is not an allowed target: VAJRA_ALLOW is set but empty, which allows nothing"];
    launch("nowhere", "").expect(3, &refused);
    let refused = [
        "VAJRA_ALLOW: `http://example.com/` is a URL",
        "hint: write its host alone, `example.com`",
    ];
    launch("unreadable", "http://example.com/").expect(2, &refused);
    assert!(!desk.path("runs/unreadable").exists(), "a run was started");
    assert_eq!(target.requests(), 0);
    launch("here", "example.com, 127.0.0.1").expect(0, &[]);
    assert_eq!((sent(&desk.json("out.json")), target.requests()), (40, 40));
}

#[test]
fn a_worker_started_by_hand_sends_only_to_allowed_hosts() {
    for (allow, part) in [("example.com", "VAJRA_ALLOW"), ("", "VAJRA_ALLOW is set but empty")] {
        let (desk, target) = stored();
        let ran = worker(&desk, |command| {
            command.args(["--env", "SHOP_TOKEN"]).env("VAJRA_ALLOW", allow)
        });
        ran.expect(3, &["failed: ", part]);
        assert_eq!(target.requests(), 0);
    }
}
