//! The interval log of HdrHistogram, a text format that the tools of HdrHistogram can read. In a stored log, the first
//! line is a comment that contains the counts as JSON.
//!
//! ```text
//! #vajra-cloud {json}
//! #[Histogram log format version 1.3]
//! #[StartTime: 1700000000.000 (seconds since epoch)]
//! "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//! Tag=home.completed.latency,0.000,5.000,12.345,HISTFAAA…
//! ```
//! `StartTimestamp` and `Interval_Length` are in seconds, and `StartTimestamp` counts from `StartTime`. `Interval_Max`
//! is in milliseconds. The values that a histogram records are in nanoseconds. Empty histograms are omitted.

use crate::encoding;
use crate::format::FormatError;
use crate::histogram::Histogram;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;
use std::ops::Range;

const MARK: &str = "#vajra-cloud ";

/// One histogram line that is written to a log.
pub(crate) struct LogLine<'a> {
    pub tag: String,
    /// The start of the histogram's interval, in nanoseconds since T0, the start of the run.
    pub from: u64,
    pub to: u64,
    pub histogram: &'a Histogram,
}

/// Returns the text of a log. `start` is T0, the start of the run, in nanoseconds since the Unix epoch.
pub(crate) fn write<'a>(header: &str, start: u64, lines: impl Iterator<Item = LogLine<'a>>) -> Vec<u8> {
    let mut out = format!("{MARK}{header}\n");
    head(&mut out, start);
    for line in lines.filter(|line| !line.histogram.is_empty()) {
        // Writing to a string cannot fail.
        let _ = write!(out, "Tag={},", line.tag);
        interval(&mut out, line.from, line.to, line.histogram);
    }
    out.into_bytes()
}

/// Returns a log for the tools of HdrHistogram. The log contains the histograms that are not empty. The intervals are
/// in seconds since T0, the start of the run. `start` is T0 in nanoseconds since the Unix epoch.
pub fn of_intervals<'a>(start: u64, intervals: impl Iterator<Item = (Range<u32>, &'a Histogram)>) -> String {
    let mut out = String::new();
    head(&mut out, start);
    for (range, histogram) in intervals.filter(|(_, histogram)| !histogram.is_empty()) {
        let [from, to] = [range.start, range.end].map(|at| u64::from(at) * 1_000_000_000);
        interval(&mut out, from, to, histogram);
    }
    out
}

fn head(out: &mut String, start: u64) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "#[Histogram log format version 1.3]\n#[StartTime: {}.{:03} (seconds since epoch)]\n\
         \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
        start / 1_000_000_000,
        start / 1_000_000 % 1_000,
    );
}

fn interval(out: &mut String, from: u64, to: u64, histogram: &Histogram) {
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "{:.3},{:.3},{:.3},",
        from as f64 / 1e9,
        (to - from) as f64 / 1e9,
        histogram.max() as f64 / 1e6,
    );
    STANDARD.encode_string(encoding::encode(histogram), out);
    out.push('\n');
}

/// Returns the JSON header of a log. The header contains the counts. The function [`histograms`] reads the other lines
/// of the log.
pub(crate) fn header<'a>(document: &'static str, log: &'a [u8]) -> Result<&'a str, FormatError> {
    let text = text(document, log)?;
    text.lines()
        .next()
        .and_then(|line| line.strip_prefix(MARK))
        .ok_or_else(|| damaged(document, "its first line has no vajra-cloud header"))
}

/// One histogram line that was read from a stored log.
pub(crate) struct Stored<'a> {
    document: &'static str,
    pub tag: &'a str,
    /// The start of the histogram's interval, in seconds since T0, the start of the run.
    pub start: f64,
    code: &'a str,
}

impl Stored<'_> {
    /// Decodes the histogram of the line, and adds it to `sum`. The caller passes `None` if the tag of the line is
    /// unknown, and the function then returns an error.
    pub(crate) fn add_into(&self, sum: Option<&mut Histogram>) -> Result<(), FormatError> {
        let sum = sum.ok_or_else(|| damaged(self.document, &format!("its log has the unknown tag {}", self.tag)))?;
        let bytes = STANDARD
            .decode(self.code)
            .map_err(|error| damaged(self.document, &error.to_string()))?;
        encoding::decode_into(&bytes, sum).map_err(|error| damaged(self.document, &error.to_string()))
    }
}

/// Returns the histogram lines of a log, in the order of the log.
pub(crate) fn histograms<'a>(
    document: &'static str,
    log: &'a [u8],
) -> Result<impl Iterator<Item = Result<Stored<'a>, FormatError>>, FormatError> {
    let lines = text(document, log)?
        .lines()
        .filter_map(|line| line.strip_prefix("Tag="));
    Ok(lines.map(move |line| {
        let mut fields = line.splitn(5, ',');
        let (Some(tag), Some(start), Some(_), Some(_), Some(code)) = (
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
        ) else {
            return Err(damaged(document, "a line of its log is incomplete"));
        };
        let start = start
            .parse()
            .map_err(|_| damaged(document, "a start is not a number"))?;
        Ok(Stored {
            document,
            tag,
            start,
            code,
        })
    }))
}

fn text<'a>(document: &'static str, log: &'a [u8]) -> Result<&'a str, FormatError> {
    std::str::from_utf8(log).map_err(|error| damaged(document, &error.to_string()))
}

pub(crate) fn damaged(document: &'static str, problem: &str) -> FormatError {
    FormatError::Damaged {
        document,
        problem: problem.to_owned(),
    }
}
