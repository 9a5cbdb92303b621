//! Tests of the reports of runs with damaged objects. A report names the damaged objects and does not count their
//! contents.

use serde_json::{Value, json};
use std::path::PathBuf;
use whole_runs::machine::{Desk, Target};

const SENT: u64 = 600;

/// Returns a folder with a finished run of two workers, and the target of the run.
fn ended() -> (Desk, Target) {
    let (desk, target) = (Desk::new(), Target::start(""));
    let url = target.url();
    desk.write(
        "s.yaml",
        &format!(
            "name: small\ntarget: {url}\nload: {{ constant: {{ rate: 200/s, duration: 3s }} }}\nrequests: [ {{ name: home }} ]\n"
        ),
    );
    desk.run(&["launch", "s.yaml", "--run", "r", "--workers", "2"])
        .expect(0, &[]);
    (desk, target)
}

fn object(desk: &Desk, key: &str) -> PathBuf {
    desk.path("runs/r").join(key)
}

/// Damages an object with the function `damage`, makes the report of the run, and restores the object. Returns the
/// report.
#[track_caller]
fn damaged(desk: &Desk, key: &str, damage: fn(&[u8]) -> Vec<u8>, code: i32) -> Value {
    let path = object(desk, key);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, damage(&whole)).unwrap();
    desk.run(&["report", "r", "--out", "summary.json"]).expect(code, &[]);
    std::fs::write(&path, whole).unwrap();
    desk.json("summary.json")
}

fn half(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

fn noise(bytes: &[u8]) -> Vec<u8> {
    let (sound, noisy) = bytes.split_at(bytes.len() / 2);
    sound
        .iter()
        .copied()
        .chain(noisy.iter().map(|byte| byte ^ 0x15))
        .collect()
}

fn nothing(_: &[u8]) -> Vec<u8> {
    Vec::new()
}

#[track_caller]
fn balance(report: &Value) -> [u64; 3] {
    ["planned", "sent", "missing"].map(|name| report["balance"][name].as_u64().unwrap())
}

#[test]
fn a_damaged_result_is_named_and_replaced_by_the_snapshots_of_its_worker() {
    let (desk, _target) = ended();
    for damage in [half, noise, nothing] {
        let report = damaged(&desk, "shards/00001/00000/result", damage, 3);
        assert_eq!(report["verdict"], "incomplete");
        let reasons = report["reasons"].to_string();
        assert!(
            reasons.contains("shards/00001/00000/result could not be read"),
            "{reasons}"
        );
        let [planned, sent, missing] = balance(&report);
        assert_eq!((planned, sent + missing), (SENT, SENT));
        assert!(
            sent >= SENT / 2,
            "the other worker's result and this one's snapshots contain {sent}"
        );
        assert_eq!(report["balance"]["holds"], true);
    }
    // The damaged object was restored, so the report is complete.
    let again = desk.run(&["report", "r", "--out", "summary.json"]).expect(0, &[]);
    assert!(
        again.stdout.contains(": finished, nothing was judged"),
        "{}",
        again.stdout
    );
    assert_eq!(balance(&desk.json("summary.json")), [SENT, SENT, 0]);
}

#[test]
fn a_damaged_snapshot_is_named_and_the_totals_stay_complete() {
    let (desk, _target) = ended();
    let report = damaged(&desk, "shards/00000/00000/live/00002", half, 3);
    assert!(report["reasons"].to_string().contains("live/00002 could not be read"));
    assert_eq!(balance(&report), [SENT, SENT, 0], "the result contains all requests");
}

#[test]
fn a_damaged_claim_or_start_is_named() {
    let (desk, _target) = ended();
    let report = damaged(&desk, "shards/00000/00000/claims/00001", half, 3);
    assert!(report["reasons"].to_string().contains("claims/00001 could not be read"));
    let other_start = |bytes: &[u8]| {
        let mut start: Value = serde_json::from_slice(bytes).unwrap();
        start["shards"] = json!([0, 1, 4_000_000_000_u32]);
        start.to_string().into_bytes()
    };
    for damage in [half, other_start] {
        let report = damaged(&desk, "start", damage, 3);
        let reasons = report["reasons"].to_string();
        assert!(reasons.contains("start could not be read"), "{reasons}");
    }
    std::fs::write(object(&desk, "stop"), b"{").unwrap();
    let report = desk.run(&["report", "r", "--out", "-"]);
    assert!(
        report.stdout.contains("stop could not be read"),
        "{}{}",
        report.stdout,
        report.stderr
    );
    std::fs::write(object(&desk, "plan.json"), b"{}").unwrap();
    desk.run(&["report", "r"]).expect(1, &["plan"]);
}

#[test]
fn an_unreadable_run_does_not_hide_other_runs() {
    let (desk, _target) = ended();
    let report = std::fs::File::create(object(&desk, "report.json")).unwrap();
    report.set_len(65 << 20).unwrap();
    std::fs::create_dir_all(desk.path("runs/garbled")).unwrap();
    std::fs::write(desk.path("runs/garbled/plan.json"), b"\x1b[2J").unwrap();
    let listed = desk.run(&["list"]).expect(0, &[]).stdout;
    assert!(listed.contains("unreadable report"), "{listed}");
    assert!(listed.contains("garbled  the plan is damaged"), "{listed}");
}
