//! Converts HTTP archives (HAR 1.2), as Chromium and Firefox write them.
//!
//! Requests to other sites are left out, so that a run does not accidentally send load to other owners' servers.

use crate::error::ImportError;
use crate::finish::Draft;
use crate::found::{Found, FoundBody, Import, no_requests};
use crate::left_out::shown;
use crate::model::{Flow, Request, Step};
use crate::text::Text;
use crate::tree::At;
use crate::uri;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plan::authority::Authority;
use std::time::Duration;

/// The shortest time that is imported as a pause of the user, in milliseconds. The time is measured from an answer to
/// the next request.
const PAUSE_MIN: f64 = 1000.0;
/// The maximum length of a pause, in milliseconds. A longer pause is shortened.
const PAUSE_MAX: f64 = 300_000.0;

/// The maximum number of requests that are imported from a recording. A pause may precede each of these requests.
const REQUESTS_MAX: usize = 500;

/// A recorded request. Times are in milliseconds.
struct Recorded {
    request: Request,
    begin: Option<f64>,
    end: Option<f64>,
    is_http2: bool,
}

pub(crate) fn read(text: &str, import: &mut Import<'_>) -> Result<Draft, ImportError> {
    let document = crate::tree::json(text)?;
    let root: At<'_> = document.root();
    let log = root
        .get("log")
        .ok_or_else(|| ImportError::new("$", "the key `log` is missing", "export a HAR file"))?;
    let entries = log
        .get("entries")
        .filter(At::is_list)
        .ok_or_else(|| ImportError::new("$.log", "the list `entries` is missing", "export a HAR file"))?;
    let site = site(&entries);
    let mut recorded = Vec::new();
    for entry in entries.items() {
        recorded.extend(read_entry(&entry, site.as_deref(), import));
    }
    if recorded.is_empty() {
        return Err(no_requests("request"));
    }
    if recorded.len() > REQUESTS_MAX {
        let what = format!(
            "{} requests: a recording has at most {REQUESTS_MAX}",
            recorded.len() - REQUESTS_MAX
        );
        import.left_out.add("the end of the file", what);
        recorded.truncate(REQUESTS_MAX);
    }
    let http2 = recorded.iter().all(|one| one.is_http2);
    let steps = with_pauses(recorded);
    let has_pauses = steps.iter().any(|step| matches!(step, Step::Pause { .. }));
    let flows = match has_pauses {
        true => vec![Flow {
            name: "recording".to_owned(),
            weight: 1,
            steps,
        }],
        false => steps
            .into_iter()
            .filter_map(|step| match step {
                Step::Send(request) => Some(Flow::of(*request, 1)),
                Step::Pause { .. } | Step::Repeat { .. } => None,
            })
            .collect(),
    };
    Ok(Draft {
        http2,
        flows,
        ..Draft::default()
    })
}

fn host(url: &str) -> Option<String> {
    Authority::read(url).ok().map(|(authority, _)| authority.host)
}

/// Returns the site of the recording. The site is the host of the first document. If enough labels of the host remain,
/// its first label is removed.
fn site(entries: &At<'_>) -> Option<String> {
    let is_document = |entry: &At<'_>| {
        let kind = entry.text_of("_resourceType");
        let answer = entry.get("response").and_then(|response| response.get("content"));
        let mime = answer
            .and_then(|content| content.text_of("mimeType"))
            .unwrap_or_default();
        kind.map_or(mime.starts_with("text/html"), |kind| kind == "document")
    };
    let of = |entry: At<'_>| host(entry.get("request")?.text_of("url")?);
    let first = entries.items().find(is_document).and_then(of);
    let host = first.or_else(|| entries.items().find_map(of))?;
    let labels: Vec<&str> = host.split('.').collect();
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    // In a host such as `shop.co.uk`, the two short labels at the end identify a country.
    let of_country = |labels: &[&str]| matches!(labels, [second, last] if last.len() == 2 && second.len() <= 3);
    match labels.as_slice() {
        [_, rest @ ..] if rest.len() >= 2 && !is_address && !of_country(rest) => Some(rest.join(".")),
        _ => Some(host),
    }
}

fn is_of_site(host: &str, site: &str) -> bool {
    host == site || host.strip_suffix(site).is_some_and(|rest| rest.ends_with('.'))
}

fn read_entry(entry: &At<'_>, site: Option<&str>, import: &mut Import<'_>) -> Option<Recorded> {
    let place = entry.place();
    let Some(request) = entry.get("request").filter(At::is_map) else {
        import.left_out.add(&place, "an entry without a request");
        return None;
    };
    let url = request.text_of("url").unwrap_or_default();
    let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if entry.text_of("_resourceType") == Some("websocket") || matches!(scheme.as_str(), "ws" | "wss") {
        import.left_out.add(&place, "a WebSocket");
        return None;
    }
    if !matches!(scheme.as_str(), "http" | "https") {
        // Requests with the schemes `data:` and `blob:` are not sent to a server.
        return None;
    }
    let host = host(url).unwrap_or_default();
    if let Some(site) = site.filter(|site| !is_of_site(&host, site)) {
        let what = format!("requests to {}, which does not belong to {}", shown(&host), shown(site));
        import.left_out.add(&place, what);
        return None;
    }
    let cached = entry.get("_fromCache").is_some() || entry.get("_servedFromCache").is_some();
    if cached {
        import
            .left_out
            .add(&place, "requests that the browser answered from its cache");
        return None;
    }
    let status = entry
        .get("response")
        .and_then(|response| response.get("status")?.whole())
        .unwrap_or(0);
    if status == 0 {
        import
            .left_out
            .add(&place, "requests without an answer: blocked or cancelled");
        return None;
    }
    let version = request.text_of("httpVersion").unwrap_or_default().to_ascii_lowercase();
    let mut found = Found {
        place: place.clone(),
        method: request.text_of("method").unwrap_or("GET").to_owned(),
        url: Text::literal(url),
        // The target of a redirect is a separate entry of the archive. If the recorded status is an error, the scenario
        // expects this status.
        statuses: (!(200..400).contains(&status) && (100..600).contains(&status)).then(|| status.to_string()),
        by_browser: true,
        ..Found::default()
    };
    for header in request.items_of("headers") {
        if let (Some(name), Some(value)) = (header.text_of("name"), header.text_of("value")) {
            found.headers.push((name.to_owned(), Text::literal(value)));
        }
    }
    body(&request, &mut found, import);
    let begin = entry.text_of("startedDateTime").and_then(millis);
    let time = entry.get("time").and_then(|time| time.number()).unwrap_or(0.0).max(0.0);
    Some(Recorded {
        request: import.request(found)?,
        begin,
        end: begin.map(|begin| begin + time),
        is_http2: scheme == "https" && matches!(version.as_str(), "h2" | "http/2" | "http/2.0"),
    })
}

fn body(request: &At<'_>, found: &mut Found, import: &mut Import<'_>) {
    let Some(data) = request.get("postData") else { return };
    let place = data.place();
    let kind = data.text_of("mimeType").unwrap_or_default();
    if !kind.is_empty() && found.header("content-type").is_none() {
        found.headers.push(("Content-Type".to_owned(), Text::literal(kind)));
    }
    let text = data.text_of("text").unwrap_or_default();
    let params: Vec<At<'_>> = data.items_of("params").collect();
    let encoding = data.text_of("encoding").or_else(|| data.text_of("_encoding"));
    found.body = if encoding == Some("base64") {
        match STANDARD.decode(text).map(String::from_utf8) {
            Ok(Ok(text)) => FoundBody::Text(Text::literal(text)),
            _ => {
                import.left_out.add(
                    &place,
                    "the body, which is not text; keep it in a file, and write `body: { file: … }`",
                );
                FoundBody::None
            }
        }
    } else if !text.is_empty() {
        FoundBody::Text(Text::literal(text))
    } else if params.is_empty() {
        let length = request.get("bodySize").and_then(|size| size.number()).unwrap_or(0.0);
        if length > 0.0 {
            import
                .left_out
                .add(&place, "the body, which the recording does not contain");
        }
        FoundBody::None
    } else if kind.to_ascii_lowercase().contains("x-www-form-urlencoded") {
        let pair = |param: &At<'_>| {
            let part = |key: &str| uri::component(&uri::decoded(param.text_of(key).unwrap_or_default()));
            format!("{}={}", part("name"), part("value"))
        };
        FoundBody::Text(Text::literal(params.iter().map(pair).collect::<Vec<_>>().join("&")))
    } else {
        import
            .left_out
            .add(&place, "the body, whose text the recording does not contain");
        FoundBody::None
    };
}

/// Returns the requests as steps. If the user paused between two requests, a pause is added between them.
fn with_pauses(mut recorded: Vec<Recorded>) -> Vec<Step> {
    // Chromium sometimes sorts the entries by the end of the request.
    recorded.sort_by(|a, b| match (a.begin, b.begin) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => std::cmp::Ordering::Equal,
    });
    let (mut steps, mut end) = (Vec::new(), None::<f64>);
    for one in recorded {
        if let (Some(begin), Some(before)) = (one.begin, end)
            && begin - before >= PAUSE_MIN
        {
            // The length of the pause in tenths of a second.
            let tenths = ((begin - before).min(PAUSE_MAX) / 100.0).round() as u64;
            let pause = Duration::from_millis(tenths * 100);
            steps.push(Step::Pause { min: pause, max: pause });
        }
        end = match (end, one.end) {
            (Some(known), Some(own)) => Some(known.max(own)),
            (known, own) => known.or(own),
        };
        steps.push(Step::Send(Box::new(one.request)));
    }
    steps
}

/// Reads a time such as `2026-01-02T03:04:05.678Z`. Returns the number of milliseconds since 1970.
fn millis(text: &str) -> Option<f64> {
    let (date, rest) = text.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let end = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(end);
    let mut time = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let zone = match zone.get(1..).and_then(|zone| zone.split_once(':')) {
        Some((hours, minutes)) => {
            let size = hours.parse::<f64>().ok()? * 60.0 + minutes.parse::<f64>().ok()?;
            if zone.starts_with('-') { -size } else { size }
        }
        None => 0.0,
    };
    // `days` is the number of days since 1970 in the Gregorian calendar. Years begin in March here, so that a leap day
    // is the last day of a year.
    let (shifted, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + (153 * month + 2) / 5 + day - 719_469;
    let minutes = days as f64 * 1440.0 + hour * 60.0 + minute - zone;
    let millis = (minutes * 60.0 + second) * 1000.0;
    millis.is_finite().then_some(millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_both_browsers_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00.000Z", Some(0.0)),
            ("2026-01-02T03:04:05.678Z", Some(1_767_323_045_678.0)),
            ("2026-01-02T04:34:05.678+01:30", Some(1_767_323_045_678.0)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000.0)),
            ("2026-01-02", None),
            ("x-y-zT", None),
        ] {
            let read = millis(text);
            assert_eq!(read.map(f64::round), expected, "{text}");
        }
    }
}
