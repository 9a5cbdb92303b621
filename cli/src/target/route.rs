//! [`Route`] is the answer that the path of a request asks for. A path that this file does not list gets a plain
//! answer.

use hyper::StatusCode;
use plan::target_script::{body_length, delay};
use std::time::Duration;

/// The answer that a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Plain,
    Status(StatusCode),
    Delay(Duration),
    Bytes(u64),
    Chunked(u64),
    Echo,
    Redirect(u32),
    Close,
    Fault(Fault),
}

/// A fault that replaces the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Reset,
    Hang,
    Garbage,
    Endless,
    Truncated,
}

impl Route {
    /// Returns the answer that a path asks for:
    ///
    /// ```text
    /// path = "/status/" 200..599      that status
    ///      | "/delay/" duration       that much later, on top of the script's latency
    ///      | "/bytes/" bytes          a body of that length
    ///      | "/chunked/" bytes        the same in chunks, without a length
    ///      | "/redirect/" number      302 to the number below; 200 at 0
    ///      | "/fault/" ( "reset" | "hang" | "garbage" | "endless" | "truncated" )
    ///      | "/echo"                  the request, as JSON
    ///      | "/close"                 the connection ends after the answer
    ///      | anything                 plain
    /// ```
    pub(crate) fn of(path: &str) -> Result<Self, String> {
        match path {
            "/echo" => return Ok(Self::Echo),
            "/close" => return Ok(Self::Close),
            _ => {}
        }
        let Some((kind, value)) = path.strip_prefix('/').and_then(|rest| rest.split_once('/')) else {
            return Ok(Self::Plain);
        };
        match kind {
            "status" => status(value).map(Self::Status),
            "delay" => delay(value).map(Self::Delay),
            "bytes" => body_length(value).map(Self::Bytes),
            "chunked" => body_length(value).map(Self::Chunked),
            "redirect" => value
                .parse()
                .map(Self::Redirect)
                .map_err(|_| format!("`{value}` is not a number of redirects; write for example /redirect/3")),
            "fault" => fault(value).map(Self::Fault),
            _ => Ok(Self::Plain),
        }
    }
}

fn status(value: &str) -> Result<StatusCode, String> {
    value
        .parse()
        .ok()
        .filter(|code| (200..600).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| format!("`{value}` is not a status from 200 to 599; write for example /status/404"))
}

fn fault(value: &str) -> Result<Fault, String> {
    Ok(match value {
        "reset" => Fault::Reset,
        "hang" => Fault::Hang,
        "garbage" => Fault::Garbage,
        "endless" => Fault::Endless,
        "truncated" => Fault::Truncated,
        _ => {
            return Err(format!(
                "`{value}` is not a fault; write reset, hang, garbage, endless or truncated"
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_listed_is_plain() {
        let check = |path, expected| assert_eq!(Route::of(path), Ok(expected), "{path}");
        for path in [
            "/",
            "*",
            "",
            "/a/b/c",
            "/status",
            "/echo/x",
            "/closed",
            "//",
            "/Status/404",
        ] {
            check(path, Route::Plain);
        }
        check("/status/404", Route::Status(StatusCode::NOT_FOUND));
        check("/delay/20ms", Route::Delay(Duration::from_millis(20)));
        check("/bytes/0", Route::Bytes(0));
        check("/bytes/1073741824", Route::Bytes(1 << 30));
        check("/chunked/1000", Route::Chunked(1000));
        check("/echo", Route::Echo);
        check("/close", Route::Close);
        check("/redirect/3", Route::Redirect(3));
        check("/fault/hang", Route::Fault(Fault::Hang));
    }

    #[test]
    fn an_invalid_value_in_a_path_is_rejected_with_a_valid_one() {
        for (path, part) in [
            ("/status/99", "from 200 to 599"),
            ("/status/101", "from 200 to 599"),
            ("/status/404/x", "from 200 to 599"),
            ("/delay/20", "without a unit"),
            ("/delay/1h", "longer than 10m"),
            ("/bytes/1073741825", "0 to 1073741824"),
            ("/chunked/-1", "0 to 1073741824"),
            ("/redirect/x", "/redirect/3"),
            ("/fault/", "reset, hang, garbage"),
        ] {
            let problem = Route::of(path).expect_err(path);
            assert!(problem.contains(part), "{path}: {problem}");
        }
    }
}
