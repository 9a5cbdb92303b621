//! Tests of flows in scenario files: what is read, and which faults are reported.

use crate::scenario_files::read_here;
use plan::flow::{Pause, Program, Step, Walk};
use plan::scenario::{Body, Reuse, Scenario};
use std::time::Duration;
use test_plans::Planned;

const HEAD: &str = "name: t\ntarget: http://shop.example\nload: { constant: { rate: 10/s, duration: 1s } }\n";

fn with_flow(steps: &str) -> String {
    format!("{HEAD}flows:\n- name: buy\n  steps:\n{steps}")
}

#[track_caller]
fn right(steps: &str) -> Scenario {
    read_here(&with_flow(steps)).unwrap_or_else(|problems| panic!("{steps}\n{problems}"))
}

#[track_caller]
fn wrong(steps: &str, expected: &[&str]) {
    let problems = read_here(&with_flow(steps)).expect_err(steps).to_string();
    for part in expected {
        assert!(problems.contains(part), "{steps}\nwanted {part}\n{problems}");
    }
}

#[test]
fn a_flow_is_read_with_all_kinds_of_steps() {
    let scenario = right(
        "  - { name: login, post: /login, json: { user: 'u{{ arrival }}', n: 3, raw: '{{ random 1 9 raw }}' }, \
         capture: { token: json $.token, next: \"header Location or ''\" } }\n\
         \x20 - pause: 1s to 4s\n\
         \x20 - repeat: { times: 3, every: 5s, until: token == x }\n\
         \x20   steps:\n\
         \x20   - { name: list, get: /items, query: { page: '{{ loop }}' }, headers: { Authorization: 'Bearer {{ token }}' } }\n\
         \x20 - choose:\n\
         \x20   - { weight: 9, steps: [ { name: leave, get: /bye } ] }\n\
         \x20   - { steps: [ { name: order, get: '{{ next raw }}', on_failure: retry 2 after 500ms then continue } ] }\n\
         \x20 - if: not token\n\
         \x20   steps: [ { name: again, delete: /login } ]\n\
         \x20   else: [ { name: done, head: / } ]\n",
    );
    let names: Vec<&str> = scenario.requests.iter().map(|request| request.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "buy/login",
            "buy/list",
            "buy/leave",
            "buy/order",
            "buy/again",
            "buy/done"
        ]
    );
    let methods: Vec<&str> = scenario
        .requests
        .iter()
        .map(|request| request.method.as_str())
        .collect();
    assert_eq!(methods, ["POST", "GET", "GET", "GET", "DELETE", "HEAD"]);
    assert!(scenario.requests.iter().all(|request| request.weight == 0));
    let flow = &scenario.flows[0];
    assert_eq!((flow.requests.clone(), flow.variables.len()), (0..6, 2));
    assert_eq!(scenario.populations[0].transport.flow_reuse, Reuse::User);
    assert!(matches!(flow.steps[1], Step::Pause(Pause { min, max, .. })
        if (min, max) == (Duration::from_secs(1), Duration::from_secs(4))));
    // The flow sends `login` once, `list` three times, `order` up to three times because of two retries, and one
    // request of the alternatives.
    assert_eq!(flow.requests_max(), 1 + 3 + 3 + 1);
    let Body::Inline(body) = &scenario.requests[0].body else {
        panic!("{:?}", scenario.requests[0].body)
    };
    let shown = format!("{body:?}");
    assert!(
        shown.contains(r#"{\"user\":\"u"#) && shown.contains(r#"\",\"n\":3,\"raw\":"#),
        "{shown}"
    );
}

#[test]
fn every_fault_of_a_flow_is_reported_with_what_would_be_right() {
    let step = "  - { name: a, get: / }\n";
    wrong(
        "  - { name: a, get: /, capture: { token: json $.t } }\n",
        &["`token` is captured and never used"],
    );
    wrong(
        "  - { name: a, get: '/{{ token }}' }\n  - { name: b, get: /, capture: { token: status } }\n",
        &["`token` is used before a step captures it", "token or ''"],
    );
    wrong(
        "  - choose: [ { steps: [ { name: a, get: /, capture: { t: body } } ] }, { steps: [ { name: b, get: / } ] } ]\n\
         \x20 - { name: c, post: /, body: '{{ t }}' }\n",
        &["`t` may have no value here"],
    );
    wrong(
        "  - { name: a, get: /, capture: { t: body }, on_failure: continue }\n  - { name: b, post: /, body: '{{ t }}' }\n",
        &["`t` may have no value here"],
    );
    wrong("  - { get: / }\n", &["a step that sends a request needs `name`"]);
    wrong(
        &format!("{step}{step}"),
        &["two steps or requests have the name `buy/a`"],
    );
    wrong("  - pause: 1s\n", &["the flow sends no request"]);
    wrong(&format!("{step}  - {{ name: b }}\n"), &["the step does nothing"]);
    wrong(&format!("{step}  - {{ pause: 4s to 1s }}\n"), &["write `1s to 4s`"]);
    wrong(&format!("{step}  - {{ pause: 2h }}\n"), &["exceeds the maximum of 1h"]);
    wrong(&format!("{step}  - {{ repeat: 3 }}\n"), &["`repeat` has no `steps`"]);
    wrong("  - { repeat: 0, steps: [ { name: a, get: / } ] }\n", &["from 1 to"]);
    wrong(
        "  - { repeat: 1000, steps: [ { repeat: 1000, steps: [ { name: a, get: / } ] } ] }\n",
        &["could send 1000000 requests, more than 100000"],
    );
    wrong(
        "  - { repeat: { every: 1s }, steps: [ { name: a, get: / } ] }\n",
        &["`repeat` needs `times`"],
    );
    wrong(
        "  - { if: token, steps: [ { name: a, get: / } ] }\n",
        &["no step captures `token`"],
    );
    wrong(
        "  - { if: 'a b', steps: [ { name: a, get: / } ] }\n",
        &["`a b` is not a condition"],
    );
    wrong("  - { name: a, get: /, post: / }\n", &["one method and one URL"]);
    wrong(
        "  - { name: a, get: /, pause: 1s }\n",
        &["a step is either a request or one of"],
    );
    wrong(
        "  - { name: a, post: /, json: {}, form: { a: b } }\n",
        &["one body, not `json` and `form`"],
    );
    wrong(
        "  - { name: a, get: /, capture: { uuid: body } }\n",
        &["`uuid` is a word of placeholders"],
    );
    wrong(
        "  - { name: a, get: /, capture: { t: json token } }\n",
        &["does not begin with `$`"],
    );
    wrong(
        "  - { name: a, get: /, capture: { t: 'regex (' } }\n",
        &["is not a regular expression"],
    );
    wrong(
        "  - { name: a, get: /, on_failure: retry }\n",
        &["is not a reaction to a failure"],
    );
    wrong(
        "  - { name: a, get: /, on_failure: retry 11 }\n",
        &["retried 1 to 10 times"],
    );
    wrong(
        "  - { name: a, get: /, expect: { json: { a: 1 } } }\n",
        &["does not begin with `$`"],
    );
    wrong(
        "  - { name: a, get: /, expect: { no: $.errors } }\n",
        &["write `no: json $.errors`"],
    );
    wrong(
        "  - { name: a, get: /, success: { statuses: 200 } }\n",
        &["write `expect`"],
    );
    wrong("  - { name: a, get: /, think: 1s }\n", &["write `pause: 1s to 4s`"]);
    wrong("  - { name: a/b, get: / }\n", &["is not a name"]);
    // All faults are reported at once, each at its own line.
    wrong(
        "  - { name: a, get: '/{{ x }}' }\n  - { pause: long }\n  - { name: a, get: / }\n",
        &["test.yaml:7:", "test.yaml:8:", "test.yaml:9:"],
    );
}

#[test]
fn thresholds_name_flows_and_their_steps() {
    let with = |line: &str| {
        let text = with_flow("  - { name: order, get: / }\n") + &format!("thresholds: ['{line}']\n");
        read_here(&text).map(|_| ()).map_err(|problems| problems.to_string())
    };
    assert_eq!(with("latency p95 of buy < 3s"), Ok(()));
    assert_eq!(with("errors of buy/order < 0.5%"), Ok(()));
    assert!(
        with("errors of buy/orders < 1%")
            .unwrap_err()
            .contains("did you mean `buy/order`?")
    );
    assert_eq!(with("session p95 of buy < 30s"), Ok(()));
    let refused = |line: &str, part: &str| {
        let problems = with(line).unwrap_err();
        assert!(problems.contains(part), "{line}: {problems}");
    };
    refused("session p95 of buy/order < 30s", "`buy/order` is a request");
    refused("session p95 < 30s", "write `session p95 of FLOW < 30s`");
    refused("service p95 of buy < 3s", "name a step: `of buy/STEP`");
    refused("lag p95 of buy < 3s", "`lag` is not measured for the flow `buy`");
    refused(
        "errors of checkout < 1%",
        "the request or flow `checkout` does not exist",
    );
}

#[test]
fn a_plan_needs_room_for_the_flows_in_progress() {
    let plan = |rest: &str, workers: u32| {
        let text = with_flow("  - { name: a, get: / }\n  - { pause: 10s to 30s }\n  - { name: b, get: / }\n")
            .replace("rate: 10/s, duration: 1s", "rate: 100/s, duration: 5m")
            + rest;
        let planned = Planned::of(&text).workers(workers);
        planned.plan_of(&planned.scenario())
    };
    // 100 flows per second pause for 20 s on average, so 2,000 flows are in progress.
    let error = plan("", 2).unwrap_err();
    assert_eq!(
        error.to_string(),
        "about 1000 flows are in progress on each of 2 workers at the highest rate, and a worker has room for 128"
    );
    assert!(error.hint().contains("--workers 16"), "{}", error.hint());
    assert!(plan("", 16).is_ok());
    assert!(plan("connections: kept\n", 1).is_ok());
    assert!(plan("connections: kept\nlimits: { sessions: 1999 }\n", 1).is_err());
    let sessions = plan("limits: { connections: 900 }\n", 4).unwrap().sessions().unwrap();
    assert_eq!((sessions.needed, sessions.room), (500, 900));
}

#[test]
fn http2_flows_share_connections() {
    let text = with_flow("  - { name: a, get: / }\n");
    let scenario = read_here(&format!("{text}protocol: http2\n")).unwrap();
    assert_eq!(scenario.populations[0].transport.flow_reuse, Reuse::Kept);
    let problems = read_here(&format!("{text}protocol: http2\nconnections: user\n")).unwrap_err();
    assert!(
        problems
            .to_string()
            .contains("HTTP/2 does not support connections of one user")
    );
}

#[test]
fn a_plan_with_flows_equals_its_stored_form() {
    let text = with_flow(
        "  - { name: a, post: /, form: { x: '{{ uuid hex }}' }, capture: { t: json $.t any, c: \"cookie c or ''\" }, \
         expect: { status: 201, json: { $.n: '> 0' }, no: json $.errors, header: { X: exists }, matches: a+, latency: < 1s } }\n\
         \x20 - { repeat: { times: 2, every: 1s, until: t }, steps: [ { name: b, get: '/{{ t }}/{{ c }}/{{ due unix }}' } ] }\n\
         \x20 - { if: loop < 3, steps: [ { choose: [ { weight: 3, steps: [ { name: c, get: / } ] } ] } ] }\n\
         \x20 - { pause: 1s }\n",
    ) + "requests: [ { name: r, get: / } ]\n";
    let planned = Planned::of(&text);
    let plan = planned.plan_of(&planned.scenario()).unwrap();
    let stored = plan.encode();
    assert_eq!(plan::plan::Plan::decode(&stored).unwrap(), plan);
    // The changed plans contain a step that is not in its flow, a repetition with too many rounds, and values that are
    // never captured.
    let text = String::from_utf8(stored).unwrap();
    for (from, to) in [
        ("\"request\": 1", "\"request\": 0"),
        ("\"times\": 2", "\"times\": 100001"),
        ("\"variable\": 1", "\"variable\": 2"),
        ("\"until\": \"t\"", "\"until\": \"u\""),
    ] {
        let forged = text.replacen(from, to, 1);
        assert_ne!(forged, text, "{from}");
        assert!(plan::plan::Plan::decode(forged.as_bytes()).is_err(), "{to}");
    }
}

/// A slow implementation that [`Walk`] is compared with. The slow implementation executes the steps of a flow with a
/// plain recursion over the steps.
struct Oracle<'a> {
    seed: u64,
    k: u64,
    values: &'a [Option<&'a str>],
    sent: Vec<(usize, u64, u32)>,
    now: u64,
    turns: Vec<u32>,
}

impl Oracle<'_> {
    fn run(&mut self, steps: &[Step]) {
        for step in steps {
            let turn = self.turns.last().copied().unwrap_or(0);
            let visit = self.sent.len() as u32;
            let drawn =
                |slot: u32, below: u64| plan::draw::below(plan::draw::bits_at(self.seed, self.k, slot, visit), below);
            let values = |variable: u32| self.values.get(variable as usize).copied().flatten();
            match step {
                Step::Request(step) => {
                    self.sent.push((step.request.into(), self.now, turn));
                    // Every request takes one millisecond.
                    self.now += 1_000_000;
                }
                Step::Pause(pause) => {
                    let (min, max) = (pause.min.as_nanos() as u64, pause.max.as_nanos() as u64);
                    self.now += min + drawn(pause.slot, max - min + 1);
                }
                Step::Repeat(repeat) => {
                    let began = self.now;
                    for j in 0..repeat.times {
                        self.turns.push(j + 1);
                        self.run(&repeat.steps);
                        self.turns.pop();
                        if repeat.until.as_ref().is_some_and(|until| until.holds(j + 1, &values)) {
                            break;
                        }
                        if let Some(every) = repeat.every.filter(|_| j + 1 < repeat.times) {
                            self.now = self.now.max(began + u64::from(j + 1) * every.as_nanos() as u64);
                        }
                    }
                }
                Step::Choose(choose) => {
                    let mut rest = drawn(
                        choose.slot,
                        choose.options.iter().map(|(weight, _)| u64::from(*weight)).sum(),
                    );
                    for (weight, steps) in &choose.options {
                        match rest.checked_sub(u64::from(*weight)) {
                            Some(left) => rest = left,
                            None => {
                                self.run(steps);
                                break;
                            }
                        }
                    }
                }
                Step::If(branch) => match branch.condition.holds(turn, &values) {
                    true => self.run(&branch.then),
                    false => self.run(&branch.otherwise),
                },
            }
        }
    }
}

/// Returns random steps that depend on a seed. `depth` limits the nesting of the steps.
fn drawn_steps(bits: &mut impl FnMut(u64) -> u64, depth: u32, named: &mut u32) -> String {
    let mut steps = Vec::new();
    for _ in 0..1 + bits(3) {
        let kind = if depth == 0 { bits(2) } else { bits(6) };
        let inner = |bits: &mut _, named: &mut u32| drawn_steps(bits, depth - 1, named);
        steps.push(match kind {
            0 | 5 => {
                *named += 1;
                format!("{{ name: s{named}, get: / }}")
            }
            1 => format!("{{ pause: {}ms to {}ms }}", bits(5), 5 + bits(50)),
            2 => {
                let every = ["", ", every: 20ms"][bits(2) as usize];
                let until = ["", ", until: loop >= 2", ", until: v == x"][bits(3) as usize];
                let times = 1 + bits(4);
                format!(
                    "{{ repeat: {{ times: {times}{every}{until} }}, steps: {} }}",
                    inner(bits, named)
                )
            }
            3 => {
                let (one, other) = (1 + bits(9), 1 + bits(9));
                let (first, second) = (inner(bits, named), inner(bits, named));
                format!("{{ choose: [ {{ weight: {one}, steps: {first} }}, {{ weight: {other}, steps: {second} }} ] }}")
            }
            _ => {
                let condition = ["v == x", "not v", "loop < 2", "v > 3"][bits(4) as usize];
                let (then, otherwise) = (inner(bits, named), inner(bits, named));
                format!("{{ if: {condition}, steps: {then}, else: {otherwise} }}")
            }
        });
    }
    format!("[ {} ]", steps.join(", "))
}

#[test]
fn a_walk_sends_the_requests_of_a_plain_recursion_at_the_same_times() {
    for seed in 0..300u64 {
        let mut number = 0;
        let mut bits = |below: u64| {
            number += 1;
            plan::draw::below(plan::draw::bits(seed, number, 9), below)
        };
        let mut named = 0;
        let steps = drawn_steps(&mut bits, 3, &mut named);
        let text = format!(
            "{HEAD}flows:\n- name: f\n  steps:\n  - {{ name: v, get: /, capture: {{ v: body }} }}\n  \
             - {{ if: v, steps: [ {{ name: u, get: / }} ] }}\n  - {{ repeat: 1, steps: {steps} }}\n"
        );
        let scenario = read_here(&text).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        let flow = &scenario.flows[0];
        let program = Program::new(flow);
        for (k, value) in [(0, None), (1, Some("x")), (2, Some("5")), (3, Some("2"))] {
            let values = [value];
            let mut oracle = Oracle {
                seed,
                k,
                values: &values,
                sent: Vec::new(),
                now: 777,
                turns: Vec::new(),
            };
            oracle.run(&flow.steps);
            let (mut walk, mut at, mut sent) = (Walk::default(), 777, Vec::new());
            while let Some(next) = walk.next(&program, (seed, k), at, &|variable| values[variable as usize]) {
                assert_eq!(next.visit as usize, sent.len());
                sent.push((usize::from(next.step.request), next.due, next.turn));
                at = next.due + 1_000_000;
                // All remaining requests are requests of this flow.
                for rest in walk.rest(&program) {
                    assert!(flow.requests.contains(&usize::from(rest)));
                }
            }
            assert_eq!(sent, oracle.sent, "{text}");
            assert!(sent.len() as u64 <= flow.requests_max(), "{text}");
            let last = oracle.now.saturating_sub(777);
            assert!(last <= flow.length_max(&|_| Duration::from_millis(1)), "{text}");
        }
    }
}

#[test]
fn the_rest_of_a_flow_has_the_steps_that_follow_with_any_answers() {
    let scenario = right(
        "  - { name: a, get: /, capture: { t: body } }\n\
         \x20 - { repeat: 2, steps: [ { name: b, get: / }, { name: c, get: / } ] }\n\
         \x20 - { if: t, steps: [ { name: d, get: / } ], else: [ { name: e, get: / } ] }\n\
         \x20 - { choose: [ { steps: [ { name: f, get: / } ] }, { steps: [ { name: g, get: / } ] } ] }\n\
         \x20 - { name: h, get: / }\n",
    );
    let program = Program::new(&scenario.flows[0]);
    let rest = |walk: &Walk| -> Vec<usize> { walk.rest(&program).map(usize::from).collect() };
    let mut walk = Walk::default();
    let mut next = || {
        walk.next(&program, (1, 2), 0, &|_| Some("x"));
        rest(&walk)
    };
    assert_eq!(next(), [1, 2, 7], "after a");
    assert_eq!(next(), [2, 7], "after b");
    assert_eq!(next(), [7], "after c, in the first iteration");
}

#[test]
fn a_file_that_became_text_of_a_request_is_not_stored() {
    let graphql = "  - { name: a, post: /, graphql: { file: order.json } }\n";
    assert!(right(graphql).blobs.is_empty());
    let both = format!("{graphql}  - {{ name: b, post: /, body: {{ file: order.json }} }}\n");
    assert_eq!(right(&both).blobs.len(), 1);
}

#[test]
fn only_users_keep_a_session() {
    let text = with_flow("  - { name: a, get: / }\n") + "session: kept # for users\n";
    let rates = text.replace("load: {", "load: # users later\n  {");
    let problems = read_here(&rates).unwrap_err().to_string();
    assert!(
        problems.contains("only the users of a closed load keep their session"),
        "{problems}"
    );
    let users = text.replace("constant: { rate: 10/s", "users: { users: 10");
    assert!(read_here(&users).is_ok());
}
