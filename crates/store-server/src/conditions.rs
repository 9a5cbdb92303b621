//! The conditions of a download, and the part of the object that it wants.

use crate::answer::S3Error;
use hyper::header::{
    CONTENT_RANGE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
};
use hyper::{HeaderMap, StatusCode};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::Stat;

/// The bytes of an object that a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Whole,
    Part { first: u64, length: u64 },
}

/// Returns the entity tag of an object. It is not the MD5 of the content, and its form shows this to clients.
pub(crate) fn entity_tag(stat: &Stat) -> String {
    format!("\"{}\"", stat.version())
}

/// Checks the conditions of a download (RFC 9110, section 13.2.2).
///
/// # Errors
/// Returns the answer 304 or 412 if the object is not wanted.
pub(crate) fn check(headers: &HeaderMap, stat: &Stat) -> Result<(), S3Error> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let date = |name| text(name).and_then(|text| httpdate::parse_http_date(text).ok());
    let tag = entity_tag(stat);
    let matches = |list: &str| list.split(',').map(str::trim).any(|one| one == "*" || one == tag);
    // `If-None-Match` compares weakly (RFC 9110, section 13.1.2).
    let matches_weakly = |list: &str| {
        let mut tags = list.split(',').map(str::trim);
        tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    };
    let modified = whole_seconds(stat.modified);
    let failed = S3Error::new(
        StatusCode::PRECONDITION_FAILED,
        "PreconditionFailed",
        "the object does not meet a condition of the request",
    );
    match text(IF_MATCH) {
        Some(list) if !matches(list) => return Err(failed),
        None if date(IF_UNMODIFIED_SINCE).is_some_and(|date| modified > date) => return Err(failed),
        _ => {}
    }
    let is_unchanged = match text(IF_NONE_MATCH) {
        Some(list) => matches_weakly(list),
        None => date(IF_MODIFIED_SINCE).is_some_and(|date| modified <= date),
    };
    match is_unchanged {
        true => Err(S3Error::new(StatusCode::NOT_MODIFIED, "NotModified", "").with_header(ETAG, &tag)),
        false => Ok(()),
    }
}

/// Returns the bytes that the header `Range` selects. Returns the whole object if `If-Range` names another version.
/// Several ranges, and texts that are not ranges, are ignored, as in S3.
///
/// # Errors
/// Returns the answer 416 if the object does not have these bytes.
pub(crate) fn wanted(headers: &HeaderMap, stat: &Stat) -> Result<Wanted, S3Error> {
    let bytes = stat.bytes;
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_same = text(IF_RANGE).is_none_or(|condition| {
        let date = httpdate::parse_http_date(condition).ok();
        condition == entity_tag(stat) || date == Some(whole_seconds(stat.modified))
    });
    let range = text(RANGE).filter(|_| is_same);
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Ok(Wanted::Whole);
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // A number that is too large for its type is beyond the end of every object.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    let part = match (first, last) {
        ("", suffix) if is_number(suffix) => (bytes.saturating_sub(number(suffix)), bytes),
        (first, "") if is_number(first) => (number(first), bytes),
        (first, last) if is_number(first) && is_number(last) && number(first) <= number(last) => {
            (number(first), number(last).saturating_add(1).min(bytes))
        }
        _ => return Ok(Wanted::Whole),
    };
    match part {
        (first, end) if first < end => Ok(Wanted::Part {
            first,
            length: end - first,
        }),
        _ => {
            let text = format!("the object has {bytes} bytes");
            Err(S3Error::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", text)
                .with_header(CONTENT_RANGE, &format!("bytes */{bytes}")))
        }
    }
}

/// HTTP dates have whole seconds.
fn whole_seconds(at: SystemTime) -> SystemTime {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    fn headers(all: &[(HeaderName, &str)]) -> HeaderMap {
        let parsed = all.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        parsed.collect()
    }

    fn sized(bytes: u64) -> Stat {
        let mut stat = Stat::default();
        stat.bytes = bytes;
        stat
    }

    #[test]
    fn a_part_of_another_version_is_not_sent() {
        let stat = sized(10);
        let part = Ok(Wanted::Part { first: 0, length: 5 });
        let check = |condition: &str| wanted(&headers(&[(RANGE, "bytes=0-4"), (IF_RANGE, condition)]), &stat);
        assert_eq!(check(&entity_tag(&stat)), part);
        assert_eq!(check("Thu, 01 Jan 1970 00:00:00 GMT"), part);
        for other in [
            "\"other\"",
            "Thu, 01 Jan 1970 00:00:01 GMT",
            &format!("W/{}", entity_tag(&stat)),
        ] {
            assert_eq!(check(other), Ok(Wanted::Whole), "{other}");
        }
        let beyond = wanted(&headers(&[(RANGE, "bytes=10-")]), &stat).expect_err("beyond the end");
        assert_eq!(
            beyond.headers,
            [(CONTENT_RANGE, HeaderValue::from_static("bytes */10"))]
        );
        let weak = format!("W/{}", entity_tag(&stat));
        let same = super::check(&headers(&[(IF_NONE_MATCH, &weak)]), &stat).expect_err("not modified");
        assert_eq!(same.status, StatusCode::NOT_MODIFIED);
        assert_eq!(same.headers, [(ETAG, entity_tag(&stat).parse().unwrap())]);
        assert!(
            super::check(&headers(&[(IF_MATCH, &weak)]), &stat).is_err(),
            "If-Match compares strongly"
        );
    }

    fn range(text: &str, bytes: u64) -> Result<Wanted, u16> {
        wanted(&headers(&[(RANGE, text)]), &sized(bytes)).map_err(|error| error.status.as_u16())
    }

    #[test]
    fn a_range_selects_the_bytes_that_exist() {
        let part = |first, length| Ok(Wanted::Part { first, length });
        assert_eq!(range("bytes=0-4", 10), part(0, 5));
        assert_eq!(range("bytes=5-", 10), part(5, 5));
        assert_eq!(range("bytes=-3", 10), part(7, 3));
        assert_eq!(range("bytes=-30", 10), part(0, 10));
        assert_eq!(range("bytes=8-99999999999999999999999", 10), part(8, 2));
        assert_eq!(range("bytes=10-", 10), Err(416));
        assert_eq!(range("bytes=-0", 10), Err(416));
        assert_eq!(range("bytes=0-", 0), Err(416));
        for ignored in ["bytes=5-2", "bytes=0-1,3-4", "bytes=x-", "lines=0-1", "bytes=-", ""] {
            assert_eq!(range(ignored, 10), Ok(Wanted::Whole), "{ignored:?}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_never_outside_the_object(first in any::<u64>(), last in any::<u64>(), bytes in any::<u64>()) {
            for text in [format!("bytes={first}-{last}"), format!("bytes={first}-"), format!("bytes=-{last}")] {
                if let Ok(Wanted::Part { first, length }) = range(&text, bytes) {
                    prop_assert!(length > 0 && first.checked_add(length).is_some_and(|end| end <= bytes), "{}", text);
                }
            }
        }
    }

    #[test]
    fn a_condition_on_the_version_or_the_date_is_checked() {
        let modified = |mut stat: Stat| {
            stat.modified = UNIX_EPOCH + Duration::from_millis(1_000_000_500);
            stat
        };
        let stat = modified(Stat::default());
        let tag = entity_tag(&stat);
        let status = |all: &[(HeaderName, &str)]| check(&headers(all), &stat).map_err(|error| error.status.as_u16());
        let (same, later) = ("Mon, 12 Jan 1970 13:46:40 GMT", "Mon, 12 Jan 1970 13:46:41 GMT");
        let earlier = "Mon, 12 Jan 1970 13:46:39 GMT";
        assert_eq!(status(&[]), Ok(()));
        assert_eq!(status(&[(IF_MATCH, &tag)]), Ok(()));
        assert_eq!(status(&[(IF_MATCH, "\"other\"")]), Err(412));
        assert_eq!(status(&[(IF_NONE_MATCH, &format!("\"other\", {tag}"))]), Err(304));
        assert_eq!(status(&[(IF_NONE_MATCH, "\"other\"")]), Ok(()));
        assert_eq!(status(&[(IF_MODIFIED_SINCE, same)]), Err(304));
        assert_eq!(status(&[(IF_MODIFIED_SINCE, later)]), Err(304));
        assert_eq!(status(&[(IF_MODIFIED_SINCE, earlier)]), Ok(()));
        assert_eq!(status(&[(IF_UNMODIFIED_SINCE, same)]), Ok(()));
        assert_eq!(status(&[(IF_UNMODIFIED_SINCE, earlier)]), Err(412));
        // The version takes precedence over the date.
        assert_eq!(status(&[(IF_MATCH, &tag), (IF_UNMODIFIED_SINCE, earlier)]), Ok(()));
        assert_eq!(
            status(&[(IF_NONE_MATCH, "\"other\""), (IF_MODIFIED_SINCE, same)]),
            Ok(())
        );
    }
}
