//! Tests of comparisons of two runs. The target answers more slowly in the second run.

use whole_runs::machine::{Desk, Target};

/// Returns a scenario with a load of twelve seconds. The load is long enough for the number of intervals that a
/// comparison requires.
fn scenario(target: &Target, name: &str) -> String {
    format!(
        "name: {name}\ntarget: {}\nload: {{ constant: {{ rate: 150/s, duration: 12s }} }}\n\
         requests: [ {{ name: home, url: /home, weight: 2 }}, {{ name: cart, url: /cart }} ]\n",
        target.url()
    )
}

fn launched(desk: &Desk, run: &str, script: &str) {
    let target = Target::start(script);
    desk.write("s.yaml", &scenario(&target, "small"));
    desk.run(&[
        "launch",
        "s.yaml",
        "--run",
        run,
        "--workers",
        "2",
        "--out",
        "summary.json",
    ])
    .expect(0, &[]);
}

fn row<'a>(comparison: &'a serde_json::Value, request: Option<&str>, statistic: &str) -> &'a serde_json::Value {
    let rows = comparison["rows"].as_array().unwrap();
    let found = rows
        .iter()
        .find(|row| row["request"].as_str() == request && row["statistic"] == statistic);
    found.unwrap()
}

#[test]
fn a_slower_run_compares_worse_even_after_the_baseline_run_is_deleted() {
    let desk = Desk::new();
    launched(&desk, "before", "latency 10ms..14ms");
    let report = desk.json("summary.json");
    launched(&desk, "after", "latency 50ms..70ms");

    let ran = desk
        .run(&[
            "compare",
            "before",
            "after",
            "--fail-if",
            "latency p50 > +10%",
            "--fail-if",
            "latency p99.9 of cart > +10%",
            "--fail-if",
            "rate < -50%",
            "--out",
            "compare.json",
            "--html",
            "compare.html",
            "--junit",
            "compare.xml",
            "--markdown",
            "compare.md",
        ])
        .expect(
            98,
            &["the runs do not show whether `latency p99.9 of cart > +10%` is met"],
        );
    for words in [
        "broken     latency p50 > +10%",
        "undecided  latency p99.9 of cart > +10%",
        "kept       rate < -50%",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    let comparison = desk.json("compare.json");
    for (request, statistic) in [
        (None, "latency mean"),
        (None, "latency p50"),
        (Some("home"), "latency p50"),
        (Some("cart"), "latency p50"),
    ] {
        assert_eq!(
            row(&comparison, request, statistic)["word"],
            "worse",
            "{statistic}: {}",
            ran.stdout
        );
    }
    let p50 = row(&comparison, None, "latency p50");
    assert_eq!(
        p50["a"], report["total"]["latency"]["p50_ms"],
        "differs from the report"
    );
    assert_eq!(row(&comparison, None, "rate")["a"], report["total"]["rate_per_s"]);
    assert_eq!(comparison["a"]["intervals"], 12);
    assert_eq!(comparison["paired"], true);
    let page = std::fs::read_to_string(desk.path("compare.html")).unwrap();
    assert!(
        page.starts_with("<!doctype html>") && page.contains("class=\"worse\""),
        "{page}"
    );

    let junit = std::fs::read_to_string(desk.path("compare.xml")).unwrap();
    assert!(
        junit.contains("tests=\"4\" disabled=\"1\" errors=\"0\" failures=\"1\""),
        "{junit}"
    );
    let markdown = std::fs::read_to_string(desk.path("compare.md")).unwrap();
    assert!(
        markdown.contains("| latency p50 &gt; +10% | **broken** |"),
        "{markdown}"
    );
    let printed = desk
        .run(&["compare", "before", "after", "--markdown", "-"])
        .expect(0, &[]);
    assert!(printed.stdout.contains("| latency p50 |") && printed.stdout.contains("**worse** |"));

    let set = desk.run(&["baseline", "set", "main", "before"]).expect(0, &[]);
    assert!(set.stderr.contains("the baseline main is before"), "{}", set.stderr);
    std::fs::remove_dir_all(desk.path("runs/before")).unwrap();
    desk.run(&["compare", "before", "after"])
        .expect(2, &["there is no run before"]);
    let again = desk
        .run(&["compare", "baseline:main", "after", "--out", "-"])
        .expect(0, &[]);
    let again: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    // The rules of the first comparison concern statistics that every comparison contains. A comparison without rules
    // therefore has the same rows.
    assert_eq!(again["rows"], comparison["rows"]);
    let other_way = desk
        .run(&["compare", "after", "baseline:main", "--fail-if", "latency p50 > +10%"])
        .expect(0, &[]);
    assert!(other_way.stdout.contains("better"), "{}", other_way.stdout);

    let listed = desk.run(&["baseline", "list"]).expect(0, &[]);
    assert!(
        listed.stdout.starts_with("main ") && listed.stdout.contains("before"),
        "{}",
        listed.stdout
    );
    desk.run(&["baseline", "set", "main", "after"])
        .expect(0, &["the baseline main is after, instead of before"]);
    desk.run(&["baseline", "remove", "main"])
        .expect(0, &["removed the baseline main"]);
    desk.run(&["baseline", "remove", "main"])
        .expect(2, &["there is no baseline main"]);
    let listed = desk.run(&["baseline", "list"]).expect(0, &["no baselines here yet"]);
    assert_eq!(listed.stdout, "");
}

#[test]
fn invalid_comparisons_are_rejected_with_a_hint() {
    let desk = Desk::new();
    let target = Target::start("");
    desk.write(
        "s.yaml",
        &scenario(&target, "small").replace("duration: 12s", "duration: 1s"),
    );
    desk.run(&["launch", "s.yaml", "--run", "r", "--workers", "2"])
        .expect(0, &[]);
    desk.run(&["compare", "r", "absent"])
        .expect(2, &["there is no run absent", "`vajra-cloud list` shows"]);
    desk.run(&["compare", "baseline:main", "r"])
        .expect(2, &["there is no baseline main", "baseline set"]);
    desk.run(&["compare", "baseline:../r", "r"])
        .expect(2, &["is not a name for a baseline"]);
    desk.run(&["baseline", "set", "a/b", "r"])
        .expect(2, &["is not a name for a baseline"]);
    desk.run(&["baseline", "set", "main", "absent"])
        .expect(2, &["there is no run absent"]);
    desk.run(&["compare", "r", "r", "--fail-if", "latency p99 > 10"])
        .expect(2, &["`10` is not a change; write it as `+10%`"]);
    desk.run(&["compare", "r", "r", "--fail-if", "rate of absent < -5%"])
        .expect(2, &["the request or flow absent", "use one of: home, cart"]);
    desk.run(&["compare", "r", "r", "--html", "no/such/folder.html"])
        .expect(2, &["--html no/such/folder.html cannot be written"]);
    assert!(!desk.path("baselines").exists());
    // A run of one second has too few intervals for a comparison, and the output reports this.
    let short = desk
        .run(&["compare", "r", "r", "--fail-if", "latency p50 > +10%"])
        .expect(0, &["of the 8 required intervals", "the runs do not show whether"]);
    assert!(
        short.stdout.contains("undecided  latency p50 > +10%"),
        "{}",
        short.stdout
    );
    // The error about a damaged baseline names the baseline.
    desk.run(&["baseline", "set", "main", "r"]).expect(0, &[]);
    let kept = std::fs::read_to_string(desk.path("baselines/main")).unwrap();
    desk.write("baselines/main", &kept.replace("\"format\":1", "\"format\":9"));
    desk.run(&["compare", "baseline:main", "r"])
        .expect(1, &["the baseline main cannot be used", "upgrade vajra-cloud"]);
}
