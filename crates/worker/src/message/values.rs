//! The values that replace the placeholders of requests.

use crate::flow::FlowState;
use plan::form::{Form, percent_in_place};
use plan::rules;
use plan::scenario::Request;
use plan::template::{Encoding, Template, TemplatePart, TimeFormat};
use std::io::Write;
use time::OffsetDateTime;

/// The values of one arrival, for the placeholders of a request.
#[derive(Clone, Copy)]
pub(crate) struct Filling<'a> {
    /// The number of the arrival.
    pub k: u64,
    pub flow: &'a FlowState,
}

/// The number of a captured value, and a function that checks whether a text is allowed at the position of the value.
pub(super) type Verbatim = (u32, fn(&str) -> bool);

/// Returns the captured values that are written unchanged into the head of a request.
pub(super) fn verbatim(request: &Request) -> Vec<Verbatim> {
    let values = |template: &Template, fits: fn(&str) -> bool| -> Vec<Verbatim> {
        let captured = |part: &TemplatePart| match part {
            TemplatePart::Captured { variable, form, .. } if form.is_verbatim() => Some((*variable, fits)),
            _ => None,
        };
        template.0.iter().filter_map(captured).collect()
    };
    let headers = request
        .headers
        .iter()
        .flat_map(|(_, value)| values(value, rules::fits_header));
    values(&request.url, rules::fits_url)
        .into_iter()
        .chain(headers)
        .collect()
}

/// Replaces the bytes of `out` from the position `from` to the end by their encoding. Inside a URL, the result is also
/// percent-encoded.
pub(super) fn encode(encoding: Encoding, form: Form, out: &mut Vec<u8>, from: usize) {
    encoding.apply(out, from);
    match form {
        Form::AsIs | Form::Raw | Form::Json => {}
        Form::Percent | Form::JsonPercent => percent_in_place(out, from),
    }
}

/// Appends an instant to `out`. The instant is given in nanoseconds since the Unix epoch.
pub(super) fn write_time(at: u64, format: TimeFormat, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    match format {
        TimeFormat::Unix => out.extend_from_slice(digits.format(at / 1_000_000_000).as_bytes()),
        TimeFormat::UnixMillis => out.extend_from_slice(digits.format(at / 1_000_000).as_bytes()),
        TimeFormat::Iso => {
            let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
            let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
            let (hour, minute, second, milli) = (at.hour(), at.minute(), at.second(), at.millisecond());
            // Writing to a list of bytes cannot fail.
            let _ = write!(
                out,
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
            );
        }
    }
}

/// Returns a version 4 UUID (RFC 9562) that is made from 128 random bits.
pub(super) fn uuid(high: u64, low: u64) -> [u8; 36] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    let bits = (u128::from(high) << 64) | u128::from(low);
    let mut out = [b'-'; 36];
    let mut shift = 128;
    for (at, byte) in out.iter_mut().enumerate() {
        if !matches!(at, 8 | 13 | 18 | 23) {
            shift -= 4;
            *byte = HEX[(bits >> shift) as usize & 0xf];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        let check = |format, expected: &str| {
            let mut out = Vec::new();
            write_time(1_769_860_800_123_456_789, format, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        check(TimeFormat::Iso, "2026-01-31T12:00:00.123Z");
        check(TimeFormat::Unix, "1769860800");
        check(TimeFormat::UnixMillis, "1769860800123");
    }

    #[test]
    fn a_uuid_has_version_4() {
        assert_eq!(&uuid(0, 0), b"00000000-0000-4000-8000-000000000000");
        assert_eq!(&uuid(u64::MAX, u64::MAX), b"ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
