//! Tests of the list of the runs in a store, and of the names of runs.

use whole_runs::machine::{Desk, Target, constant};

#[test]
fn runs_are_listed_by_date_with_verdict_rate_and_p99() {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &constant(&target.url(), "20/s", "1s"));
    desk.write(
        "strict.yaml",
        &(constant(&target.url(), "20/s", "1s") + "thresholds: [rate > 1000/s]\n"),
    );
    desk.run(&["launch", "s.yaml", "--workers", "1", "--run", "zebra"])
        .expect(0, &[]);
    desk.run(&["launch", "strict.yaml", "--workers", "1", "--run", "ant"])
        .expect(99, &[]);
    desk.publish("later", 1);
    let listed = desk.run(&["list"]).expect(0, &[]).stdout;
    let lines: Vec<&str> = listed.lines().collect();
    let [head, zebra, ant, later] = lines.as_slice() else {
        panic!("{listed}")
    };
    assert!(lines.iter().all(|line| line.len() <= 80), "{listed}");
    let words = |line: &&str| line.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
    assert_eq!(words(head), ["run", "planned", "(UTC)", "verdict", "rate", "p99"]);
    for (line, run, verdict) in [(zebra, "zebra", "unjudged"), (ant, "ant", "crossed")] {
        let words = words(line);
        assert_eq!((words[0].as_str(), words[3].as_str()), (run, verdict), "{listed}");
        assert!(words[1].starts_with("20") && words[2].len() == 5, "{listed}");
        assert_eq!(words[4], "20.00/s", "{listed}");
        assert!(
            words[5].ends_with('s') && words[5].starts_with(|c: char| c.is_ascii_digit()),
            "{listed}"
        );
        // Each row has the same columns as the head of the list.
        assert_eq!(line.len(), head.len(), "{listed}");
        assert_eq!(line.find(verdict), head.find("verdict"), "{listed}");
    }
    assert!(words(later).join(" ").ends_with("no report yet"), "{listed}");
}

#[test]
fn a_scenario_name_is_also_valid_as_a_run_name() {
    let (desk, target) = (Desk::new(), Target::start(""));
    for name in ["Shop_v1.2", "shop.example.com", &"x".repeat(64)] {
        let scenario = constant(&target.url(), "20/s", "1s");
        let first = scenario.lines().next().unwrap();
        assert!(first.starts_with("name: "), "{scenario}");
        desk.write("s.yaml", &scenario.replacen(first, &format!("name: {name}"), 1));
        desk.run(&["launch", "s.yaml", "--workers", "1", "--run", name])
            .expect(0, &[]);
        desk.run(&["report", name]).expect(0, &[]);
        desk.run(&["baseline", "set", name, name]).expect(0, &[]);
        desk.run(&["stop", name]).expect(0, &[]);
        // The launch makes the name of the run from the name of the scenario. The name of the run is valid too.
        let launched = desk.run(&["launch", "s.yaml", "--workers", "1"]).expect(0, &[]);
        let run = launched
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("run "))
            .unwrap();
        assert!(
            run.len() <= 50
                && run
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{run}"
        );
        desk.run(&["report", run]).expect(0, &[]);
    }
    let listed = desk.run(&["list"]).expect(0, &[]).stdout;
    assert!(listed.lines().all(|line| line.len() <= 80), "{listed}");
    for (run, words) in [
        (".x", "cannot begin with `.`"),
        ("a/b", "letters, digits and `_ . -`"),
        ("..", "cannot begin with `.`"),
    ] {
        desk.run(&["launch", "s.yaml", "--run", run])
            .expect(2, &[words, "hint:"]);
    }
}
