//! The script of the test target. The script determines the delays and the failures of the target's answers.
//!
//! A script is a pure function. Only the number of a request determines whether the request fails, and how late its
//! answer is. Only the time since the start of the server determines when all answers stall. Apart from stalls, the
//! same requests in the same order get the same answers.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// The maximum of three durations: a latency, a stall interval, and the delay in the path `/delay/`. For longer waits,
/// the target has the path `/fault/hang`.
pub const DELAY_MAX: Duration = Duration::from_secs(600);

/// The maximum length of a body in bytes: 1 GiB. Bodies are streamed, so the limit bounds the duration of an answer,
/// and not the memory.
pub const BODY_MAX: u64 = 1 << 30;

/// An error rate of 100 %, in parts per million.
const MILLION: u32 = 1_000_000;

/// The fixed seed of the random draws. Any value is suitable, but the value must not change.
const SEED: u64 = 0x7661_6a72_615f_7431;

/// The changes that the test target makes to each answer. The default script makes no change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    latency_ms: Option<RangeInclusive<u64>>,
    errors_ppm: u32,
    stall: Option<Stall>,
    body: Option<u64>,
}

/// A repeated stall of the test target. The time since the start of the server is divided into intervals of the length
/// `every`. In the last part of each interval, which has the length `length`, the target sends no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stall {
    length: Duration,
    every: Duration,
}

impl Script {
    /// Returns the delay of the answer to the request with this number.
    pub fn latency(&self, number: u64) -> Duration {
        let Some(range) = &self.latency_ms else {
            return Duration::ZERO;
        };
        let choices = range.end() - range.start() + 1;
        Duration::from_millis(range.start() + drawn(number, 1, choices))
    }

    /// Returns whether the answer to the request with this number has status 500.
    pub fn fails(&self, number: u64) -> bool {
        drawn(number, 2, u64::from(MILLION)) < u64::from(self.errors_ppm)
    }

    /// Returns the time at which a stalled answer may be sent. The answer is ready at the time `since_start`. Returns
    /// `None` if the target does not stall at this time.
    pub fn stalled_until(&self, since_start: Duration) -> Option<Duration> {
        let Stall { length, every } = self.stall.as_ref()?;
        // `every` is longer than zero, and the server runs for fewer than 2^64 intervals.
        let interval = u64::try_from(since_start.as_nanos() / every.as_nanos()).ok()?;
        let end = Duration::from_nanos_u128(every.as_nanos() * (u128::from(interval) + 1));
        (since_start >= end - *length).then_some(end)
    }

    /// Returns the body length of a plain answer; `None` if the script does not set this length.
    pub fn body(&self) -> Option<u64> {
        self.body
    }
}

/// Returns a random number below `limit`. The number depends only on the number of the request and on the purpose. The
/// finaliser of SplitMix64 mixes the bits, and a multiplication scales the result to the range. The bias is below
/// `limit / 2^64`.
fn drawn(number: u64, purpose: u64, limit: u64) -> u64 {
    let mut bits = SEED
        .wrapping_mul(purpose)
        .wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    let scaled = (u128::from(bits) * u128::from(limit)) >> 64;
    // The result is below `limit`, because `bits` is below 2^64.
    scaled as u64
}

/// All problems of a script. Each problem has a hint.
#[derive(Debug, PartialEq, Eq)]
pub struct ScriptError(Vec<String>);

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for ScriptError {}

/// ```text
/// script   = [ clause *( "," clause ) ]          each kind of clause once, in any order
/// clause   = "latency" duration                  every answer is this late
///          | "latency" duration ".." duration    uniformly between the two, both included
///          | "errors" percent "%"                this share is answered with status 500
///          | "stall" duration "every" duration   the last part of each interval answers nothing
///          | "body" bytes                        a plain answer has this many bytes
/// duration = as in a scenario, in whole milliseconds: "5ms", "1.5s", "1m30s"
/// percent  = 0 to 100, at most four decimals
/// bytes    = 0 to 1073741824
/// ```
impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut script = Self::default();
        let mut seen = Vec::new();
        let mut problems = Vec::new();
        let clauses = if text.trim().is_empty() {
            Vec::new()
        } else {
            text.split(',').collect()
        };
        for clause in clauses {
            let clause = clause.trim();
            let (kind, value) = clause.split_once(char::is_whitespace).unwrap_or((clause, ""));
            if seen.contains(&kind) {
                problems.push(format!("`{kind}` is given twice; keep one"));
                continue;
            }
            seen.push(kind);
            if let Err(problem) = script.add(kind, value.trim()) {
                problems.push(problem);
            }
        }
        if problems.is_empty() {
            Ok(script)
        } else {
            Err(ScriptError(problems))
        }
    }
}

impl Script {
    fn add(&mut self, kind: &str, value: &str) -> Result<(), String> {
        match kind {
            "latency" => self.latency_ms = Some(latency(value)?),
            "errors" => self.errors_ppm = errors(value)?,
            "stall" => self.stall = Some(stall(value)?),
            "body" => self.body = Some(body_length(value)?),
            "" => return Err("an empty clause; remove the extra comma".to_owned()),
            _ => {
                return Err(format!(
                    "`{kind}` is not a clause; write `latency 5ms`, `latency 1ms..9ms`, `errors 1%`, \
                     `stall 1s every 5s` or `body 100`"
                ));
            }
        }
        Ok(())
    }
}

fn latency(value: &str) -> Result<RangeInclusive<u64>, String> {
    let hint = |problem: String| format!("latency: {problem}; write `latency 5ms` or `latency 1ms..9ms`");
    let (low, high) = value.split_once("..").unwrap_or((value, value));
    let (low, high) = (delay(low).map_err(hint)?, delay(high).map_err(hint)?);
    if low > high {
        return Err(hint(format!("`{value}` ends before it begins")));
    }
    let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Ok(millis(low)..=millis(high))
}

fn errors(value: &str) -> Result<u32, String> {
    parts_per_million(value)
        .ok_or_else(|| format!("errors: `{value}` is not a share of 0% to 100% in steps of 0.0001%; write `errors 1%`"))
}

fn parts_per_million(value: &str) -> Option<u32> {
    let percent = value.strip_suffix('%')?.trim_end();
    let (whole, decimals) = percent.split_once('.').unwrap_or((percent, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) || decimals.len() > 4 {
        return None;
    }
    let ppm = whole.parse::<u32>().ok()?.checked_mul(10_000)? + format!("{decimals:0<4}").parse::<u32>().ok()?;
    (ppm <= MILLION).then_some(ppm)
}

fn stall(value: &str) -> Result<Stall, String> {
    let hint = |problem: String| format!("stall: {problem}; write `stall 1s every 5s`");
    let (length, every) = value
        .split_once("every")
        .ok_or_else(|| hint(format!("`{value}` has no `every` interval")))?;
    let (length, every) = (delay(length).map_err(hint)?, delay(every).map_err(hint)?);
    if length.is_zero() || length >= every {
        return Err(hint(format!(
            "`{value}` must be longer than zero and shorter than its interval"
        )));
    }
    Ok(Stall { length, every })
}

/// Parses a delay. The timer of the target counts milliseconds, so a delay that is not a whole number of milliseconds
/// is rejected.
pub fn delay(text: &str) -> Result<Duration, String> {
    let span = crate::span::parse(text)?;
    if span.subsec_nanos() % 1_000_000 != 0 {
        return Err(format!("`{}` is finer than a millisecond", text.trim()));
    }
    if span > DELAY_MAX {
        return Err(format!(
            "`{}` is longer than {}",
            text.trim(),
            crate::span::show(DELAY_MAX)
        ));
    }
    Ok(span)
}

/// Parses the length of a body in bytes.
pub fn body_length(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(bytes) if bytes <= BODY_MAX => Ok(bytes),
        _ => Err(format!(
            "`{text}` is not a number of bytes from 0 to {BODY_MAX}; write for example 1000"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        text.parse().unwrap_or_else(|problem| panic!("{text}: {problem}"))
    }

    fn refused(text: &str, parts: &[&str]) {
        let problem = text.parse::<Script>().expect_err(text).to_string();
        for part in parts {
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn a_script_parses_clause_by_clause() {
        assert_eq!(script(""), Script::default());
        assert_eq!(script("  "), Script::default());
        assert_eq!(script("latency 5ms").latency_ms, Some(5..=5));
        assert_eq!(script("latency 1ms..9ms").latency_ms, Some(1..=9));
        assert_eq!(script("latency 1.5s .. 2s").latency_ms, Some(1500..=2000));
        assert_eq!(script("errors 1%").errors_ppm, 10_000);
        assert_eq!(script("errors 0.25 %").errors_ppm, 2_500);
        assert_eq!(script("errors 100%").errors_ppm, MILLION);
        assert_eq!(script("body 0").body, Some(0));
        let all = script("body 100,stall 1s every 5s , errors 0.0001%, latency 5ms");
        assert_eq!(
            all.stall,
            Some(Stall {
                length: Duration::from_secs(1),
                every: Duration::from_secs(5)
            })
        );
        assert_eq!((all.body, all.errors_ppm, all.latency_ms), (Some(100), 1, Some(5..=5)));
    }

    #[test]
    fn an_invalid_script_is_rejected_with_the_expected_form() {
        refused("latency", &["empty duration", "write `latency 5ms`"]);
        refused("latency 5", &["without a unit"]);
        refused("latency 500us", &["finer than a millisecond"]);
        refused("latency 1h", &["longer than 10m"]);
        refused("latency 9ms..1ms", &["ends before it begins"]);
        refused("latency 9ms..", &["empty duration"]);
        refused("errors 1", &["write `errors 1%`"]);
        refused("errors 101%", &["0% to 100%"]);
        refused("errors -1%", &["0% to 100%"]);
        refused("errors 0.00001%", &["steps of 0.0001%"]);
        refused("errors 1.%", &["write `errors 1%`"]);
        refused("stall 1s", &["has no `every` interval"]);
        refused("stall 5s every 5s", &["shorter than its interval"]);
        refused("stall 0s every 5s", &["longer than zero"]);
        refused("body 1 GB", &["0 to 1073741824"]);
        refused("body 1073741825", &["0 to 1073741824"]);
        refused("latency 5ms,", &["an empty clause"]);
        refused("latency 5ms, latency 6ms", &["`latency` is given twice"]);
        refused("jitter 5ms", &["`jitter` is not a clause", "`body 100`"]);
        refused("errors x, jitter 1", &["errors:", "`jitter`"]);
    }

    #[test]
    fn a_stall_is_the_last_part_of_each_interval() {
        let script = script("stall 1s every 5s");
        let until = |ms| {
            script
                .stalled_until(Duration::from_millis(ms))
                .map(|end| end.as_millis())
        };
        assert_eq!(until(0), None);
        assert_eq!(until(3_999), None);
        assert_eq!(until(4_000), Some(5_000));
        assert_eq!(until(4_999), Some(5_000));
        assert_eq!(until(5_000), None);
        assert_eq!(until(3_600_004_500), Some(3_600_005_000));
        assert_eq!(Script::default().stalled_until(Duration::ZERO), None);
    }

    #[test]
    fn the_configured_share_fails_and_always_the_same_requests() {
        let failed = |text| {
            let script = script(text);
            (1..=1_000_000).filter(|number| script.fails(*number)).count()
        };
        assert_eq!(failed("errors 0%"), 0);
        assert_eq!(failed("errors 100%"), 1_000_000);
        // The standard deviation of a share p of a million requests is 1000 * sqrt(p * (1 - p)). For a share of 1%, the
        // standard deviation is 99 requests.
        let one_percent = failed("errors 1%");
        assert!(one_percent.abs_diff(10_000) < 500, "{one_percent}");
        assert_eq!(failed("errors 1%"), one_percent);
    }

    #[test]
    fn latency_is_uniform_and_reaches_both_ends() {
        let script = script("latency 1ms..9ms");
        let mut seen = [0_u32; 11];
        for number in 1..=90_000 {
            let late = script.latency(number).as_millis();
            seen[usize::try_from(late).expect("small")] += 1;
        }
        assert_eq!((seen[0], seen[10]), (0, 0));
        assert!(seen[1..=9].iter().all(|count| count.abs_diff(10_000) < 600), "{seen:?}");
    }
}
