//! Tests of commands that read modified documents of a store. Each command exits within a time limit and a memory
//! limit, and does not panic.

use std::time::{Duration, Instant};
use whole_runs::machine::{Desk, Target};

/// The maximum duration of a command, and the maximum memory of a command in kB.
const TIMEOUT: Duration = Duration::from_secs(5);
const MEMORY_MAX_KB: i64 = 500 << 10;

/// Returns the largest peak memory of all child processes that have ended, in kB.
fn largest_child() -> i64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is valid, and a structure of zeros is initialised.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    usage.ru_maxrss
}

/// The name of a modification, and the function that modifies the bytes of a document.
type Change = (&'static str, fn(&[u8]) -> Vec<u8>);

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8_lossy(bytes).replace(from, to).into_bytes()
}

const CHANGES: [Change; 10] = [
    ("empty", |_| Vec::new()),
    ("half", |bytes| bytes[..bytes.len() / 2].to_vec()),
    ("deep", |_| vec![b'['; 1 << 20]),
    ("a list", |_| b"[]".to_vec()),
    ("of another format", |bytes| {
        replaced(bytes, "\"format\":", "\"format\":9")
    }),
    ("with numbers that are enormous", |bytes| {
        replaced(bytes, "\":1", "\":18446744073709551615")
    }),
    ("with numbers that are negative", |bytes| replaced(bytes, "\":", "\":-")),
    ("with other words", |bytes| {
        replaced(bytes, "\"passed\"", "\"pa\\u001b[2Jssed\"")
    }),
    ("with spaces", |bytes| [&vec![b' '; 2 << 20], bytes].concat()),
    ("many times", |bytes| bytes.repeat(1 + (30 << 20) / bytes.len().max(1))),
];

#[test]
fn commands_read_modified_documents_within_time_and_memory_limits() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let scenario = format!(
        "name: small\ntarget: {}\nload: {{ constant: {{ rate: 40/s, duration: 1s }} }}\nrequests: [ {{ name: home }} ]\n",
        target.url()
    );
    desk.write("s.yaml", &scenario);
    desk.run(&["launch", "s.yaml", "--run", "r", "--workers", "2"])
        .expect(0, &[]);
    desk.run(&["baseline", "set", "good", "r"]).expect(0, &[]);
    let [list, baselines, report, compare] = [
        &["list"][..],
        &["baseline", "list"],
        &["report", "r"],
        &["compare", "baseline:good", "r"],
    ];
    let result = "runs/r/shards/00000/00000/result";
    let documents = [
        ("runs/r/plan.json", [list, report]),
        ("runs/r/start", [list, report]),
        ("runs/r/report.json", [list, compare]),
        (result, [report, compare]),
        ("baselines/good", [baselines, compare]),
    ];
    for (document, commands) in documents {
        let path = desk.path(document);
        let whole = std::fs::read(&path).unwrap();
        for (name, change) in CHANGES {
            let changed = change(&whole);
            std::fs::write(&path, &changed).unwrap();
            for command in commands {
                let began = Instant::now();
                let ran = desk.run(command);
                let (took, code) = (began.elapsed(), ran.code);
                let context = format!("{document} {name}: {command:?} ended with {code:?}: {}", ran.stderr);
                assert!(
                    code.is_some_and(|code| code < 100) && !ran.stderr.contains("panicked"),
                    "{context}"
                );
                assert!(took < TIMEOUT, "{context}, after {took:?}");
                assert!(
                    largest_child() < MEMORY_MAX_KB,
                    "{context}, with {} kB",
                    largest_child()
                );
                assert!(!ran.stdout.contains('\u{1b}'), "{context}: {}", ran.stdout);
                if document == result && command == report && changed != whole {
                    assert_eq!(code, Some(3), "{context}");
                }
            }
        }
        std::fs::write(&path, &whole).unwrap();
    }
    desk.run(report).expect(0, &[]);
}
