//! Tests that read runs that an older version has stored.
//!
//! A version with format 4 of plans, snapshots and results wrote the store `tests/fixtures/store-4`. The store contains
//! two runs and the baseline `main`. The run `shop-old` has two slices. In the run `shop-new`, the result of one worker
//! is missing.

use std::path::Path;
use whole_runs::machine::Desk;

/// Returns a folder with a copy of the store `tests/fixtures/store-4`.
fn desk() -> Desk {
    let desk = Desk::new();
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/store-4"),
        &desk.path(""),
    );
    desk
}

/// Runs the program. Asserts its exit code, and that its output contains the expected words.
#[track_caller]
fn prints(desk: &Desk, arguments: &[&str], code: i32, words: &[&str]) {
    let ran = desk.run(arguments).expect(code, &[]);
    for words in words {
        assert!(ran.stdout.contains(words), "no `{words}` in {}", ran.stdout);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).unwrap()),
        }
    }
}

#[test]
fn reports_of_an_older_store_are_unchanged() {
    let desk = desk();
    prints(&desk, &["list"], 0, &["shop-old", "shop-new"]);
    prints(
        &desk,
        &["report", "shop-old", "--out", "old.json"],
        0,
        &[
            "shop: passed",
            "arrivals   300 planned = 300 sent + 0 dropped + 0 missing",
            "failed     3 by status",
            "2 status 500 · home · http://127.0.0.1:34541 · first at arrival 147, 159",
            "  6.77ms  6.82ms  6.92ms  6.96ms  8.73ms  9.77ms",
            "  6.56ms   6.6ms  6.69ms  6.72ms  6.81ms  6.93ms",
            "opened     10 connections to http://127.0.0.1:34541: connect p50 53.3us, max 94.8us",
            "workers    4 of 4 finished",
        ],
    );
    let report = desk.json("old.json");
    assert_eq!(report["balance"]["completed"], 297);
    assert_eq!(report["seconds"].as_array().unwrap().len(), 8);
    // The result of one worker is missing, so the report uses the stored snapshots of this worker.
    prints(
        &desk,
        &["report", "shop-new"],
        3,
        &[
            "shop: incomplete",
            "workers    1 of 2 finished",
            "worker 1 lost: 150 sent",
        ],
    );
}

#[test]
fn an_older_baseline_is_compared_with_an_older_run() {
    let desk = desk();
    prints(
        &desk,
        &["compare", "baseline:main", "shop-old", "--out", "compare.json"],
        0,
        &["shop-old"],
    );
    let rows = desk.json("compare.json");
    let rows = rows["rows"].as_array().unwrap();
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row["word"] != "different"),
        "{rows:?}"
    );
}

/// Each kind of document has its own format number. A document with a newer format number is rejected with a hint to
/// upgrade.
#[test]
fn a_newer_format_of_any_document_is_rejected_with_an_upgrade_hint() {
    let check = |key: &str, document: &str, (written, newest): (u32, u32), arguments: &[&str]| {
        let desk = desk();
        let stored = std::fs::read_to_string(desk.path(key)).unwrap();
        let own = format_of(&stored);
        assert_eq!(own.1, written, "{key}");
        let newer = stored.replacen(
            &own.0,
            &own.0.replace(&written.to_string(), &(newest + 1).to_string()),
            1,
        );
        desk.write(key, &newer);
        let ran = desk.run(arguments);
        let output = format!("{}{}", ran.stdout, ran.stderr);
        let words = format!(
            "the {document} is in format {}, and this version reads up to {newest}: upgrade vajra-cloud here",
            newest + 1
        );
        assert!(output.contains(&words), "{key}: {output}");
        assert_ne!(ran.code, Some(0), "{key}: {output}");
        assert!(!output.contains("damaged"), "{key}: {output}");
    };
    let report = &["report", "shop-old"];
    let shard = "runs/shop-old/shards/00000/00000";
    check("runs/shop-old/plan.json", "plan", (4, 7), report);
    check("runs/shop-old/start", "start", (1, 2), report);
    check(&format!("{shard}/claim"), "claim", (1, 1), report);
    check(&format!("{shard}/live/00003"), "snapshot", (4, 6), report);
    check(&format!("{shard}/result"), "result", (4, 6), report);
    check(
        "baselines/main",
        "baseline",
        (1, 1),
        &["compare", "baseline:main", "shop-old"],
    );
}

/// Returns the field `format` of a document as it is written, and the number in this field.
fn format_of(stored: &str) -> (String, u32) {
    let at = stored.find("\"format\":").expect("every document has a format");
    let rest = &stored[at + 9..];
    let end = rest.find([',', '\n']).expect("a mark follows the number");
    (stored[at..at + 9 + end].to_owned(), rest[..end].trim().parse().unwrap())
}

/// The plan has the format number of its version, but contains a name that only a newer version defines.
#[test]
fn an_unknown_name_in_a_document_is_not_reported_as_damage() {
    let desk = desk();
    let plan = std::fs::read_to_string(desk.path("runs/shop-old/plan.json")).unwrap();
    let changed = plan.replacen("\"kept\"", "\"borrowed\"", 1);
    assert_ne!(plan, changed);
    desk.write("runs/shop-old/plan.json", &changed);
    let ran = desk.run(&["report", "shop-old"]);
    let output = format!("{}{}", ran.stdout, ran.stderr);
    assert!(
        output.contains("the plan contains a name that this version cannot read: `borrowed`; upgrade vajra-cloud"),
        "{output}"
    );
}
