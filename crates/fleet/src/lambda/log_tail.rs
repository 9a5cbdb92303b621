//! Reads the tail of a function's log, which the answer to an invocation contains. The last line of the tail contains
//! the billed duration. The platform writes this line in one of two forms:
//!
//! ```text
//! REPORT RequestId: 8f5…\tDuration: 102.25 ms\tBilled Duration: 103 ms\tMemory Size: 1769 MB\t…
//! {"time":"…","type":"platform.report","record":{"metrics":{"billedDurationMs":103,"memorySizeMB":1769}}}
//! ```
//! If the log format of the function is JSON, the line has the second form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tally::account::Billed;

/// Returns the billed duration and the memory from a base64-encoded tail; `None` if the tail does not contain these
/// numbers.
pub(crate) fn billed(tail: &str) -> Option<Billed> {
    let bytes = STANDARD.decode(tail).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // The platform writes its line after all lines of the function. So the last line that matches is the line of the
    // platform.
    text.lines().rev().find_map(|line| plain(line).or_else(|| json(line)))
}

fn plain(line: &str) -> Option<Billed> {
    let fields = line.strip_prefix("REPORT RequestId: ")?;
    let field = |name: &str, unit: &str| {
        let found = fields.split('\t').find_map(|field| field.trim().strip_prefix(name))?;
        found.strip_suffix(unit)?.trim().parse().ok()
    };
    Some(Billed {
        milliseconds: field("Billed Duration: ", "ms")?,
        memory_mb: u32::try_from(field("Memory Size: ", "MB")?).ok()?,
    })
}

fn json(line: &str) -> Option<Billed> {
    #[derive(Deserialize)]
    struct Entry {
        r#type: String,
        record: Record,
    }
    #[derive(Deserialize)]
    struct Record {
        metrics: Metrics,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metrics {
        billed_duration_ms: u64,
        #[serde(rename = "memorySizeMB")]
        memory_size_mb: u32,
    }
    let entry: Entry = serde_json::from_str(line).ok()?;
    (entry.r#type == "platform.report").then_some(Billed {
        milliseconds: entry.record.metrics.billed_duration_ms,
        memory_mb: entry.record.metrics.memory_size_mb,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(log: &str, expected: Option<(u64, u32)>) {
        let billed = billed(&STANDARD.encode(log));
        assert_eq!(billed.map(|b| (b.milliseconds, b.memory_mb)), expected, "{log}");
    }

    #[test]
    fn the_billed_duration_and_memory_are_read() {
        check(
            "START RequestId: 3604209a Version: $LATEST\nEND RequestId: 3604209a\n\
             REPORT RequestId: 3604209a\tDuration: 60000.25 ms\tBilled Duration: 60001 ms\tMemory Size: 1769 MB\t\
             Max Memory Used: 40 MB\t\n",
            Some((60_001, 1_769)),
        );
        // After a cold start, the billed duration includes the init duration.
        check(
            "REPORT RequestId: 3604209a\tDuration: 12.34 ms\tBilled Duration: 99 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 19 MB\tInit Duration: 86.30 ms\t\n",
            Some((99, 128)),
        );
        // The tail contains a trace and a timeout. As in a real tail, the beginning is cut off.
        check(
            "lf of a line\nREPORT RequestId: 3604209a\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\t\
             Memory Size: 10240 MB\tMax Memory Used: 19 MB\tStatus: timeout\t\nXRAY TraceId: 1-5\tSegmentId: 4\tSampled: true\t\n",
            Some((3_000, 10_240)),
        );
        check(
            r#"{"time":"2026-01-01T00:00:00Z","type":"platform.report","record":{"requestId":"3604209a","metrics":{"durationMs":98.4,"billedDurationMs":99,"memorySizeMB":1769,"maxMemoryUsedMB":19,"initDurationMs":86.3},"status":"success"}}"#,
            Some((99, 1_769)),
        );
    }

    #[test]
    fn a_tail_without_a_report_has_no_bill() {
        check("", None);
        check("END RequestId: 3604209a\n", None);
        check(
            "REPORT RequestId: 3604209a\tDuration: 1 ms\tMemory Size: 128 MB\t",
            None,
        );
        check(
            "REPORT RequestId: 3604209a\tBilled Duration: many ms\tMemory Size: 128 MB\t",
            None,
        );
        check(
            r#"{"type":"platform.start","record":{"metrics":{"billedDurationMs":1,"memorySizeMB":1}}}"#,
            None,
        );
        // A function can also write a line of this form. The line of the platform is the last line.
        check(
            "REPORT RequestId: mine\tBilled Duration: 1 ms\tMemory Size: 1 MB\t\n\
             REPORT RequestId: 3604209a\tDuration: 7 ms\tBilled Duration: 7 ms\tMemory Size: 128 MB\t\n",
            Some((7, 128)),
        );
        assert_eq!(billed("not base64!"), None);
    }
}
