//! The declarations of the kinds of text in a scenario file that have their own form.

use super::grammar::Wording;

const fn wording(
    name: &'static str,
    doc: &'static str,
    pattern: &'static str,
    examples: &'static [&'static str],
) -> Wording {
    Wording {
        name,
        doc,
        pattern,
        examples,
    }
}

pub(super) static ANY_TEXT: Wording = wording("text", "Text.", "", &[]);
pub(super) static FILE: Wording = wording(
    "file",
    "The path of a file, relative to the folder of the scenario file that contains this path.",
    ".",
    &["orders/order.json"],
);
pub(super) static PEM: Wording = wording(
    "pem",
    "A secret, or the path of a file in PEM, relative to the folder of the scenario file that contains this path.",
    ".",
    &["ca.pem", "{{ secret \"ssm:/shop/client-certificate\" }}"],
);
pub(super) static HOST_ADDRESS: Wording = wording(
    "host_address",
    "An IP address, with a port if the port differs from the port of the URL.",
    ".",
    &["10.1.2.3", "10.1.2.3:8443"],
);
pub(super) static TEMPLATE: Wording = wording(
    "template",
    "Text with placeholders, which are replaced by their values: `{{ arrival }}`, `{{ uuid }}`, `{{ run }}`, `{{ random 1 100 }}`, `{{ feed users.email }}`, `{{ var name }}`, `{{ loop }}`, `{{ due }}`, a captured value such as `{{ token }}`, `{{ env \"NAME\" }}` and `{{ secret \"ssm:/name\" }}`. A placeholder may contain several values, which are joined. A placeholder may end with `raw`, `json` (escapes for a JSON string), `base64`, `hex` or `sha256`: `{{ feed users.name \":\" feed users.password base64 }}`. Each worker looks up the values of secrets (`ssm:`, `secretsmanager:` or `env:`, with `#field` for a field of JSON). These values are never stored.",
    "",
    &["/orders/{{ random 1 100 }}"],
);
pub(super) static DELIMITER: Wording = wording(
    "delimiter",
    "One ASCII character other than a quote or a line break.",
    "^[\\x09\\x20!#-~]$",
    &[";"],
);
pub(super) static SCENARIO_NAME: Wording = wording(
    "scenario_name",
    "At most 64 letters, digits and `_ . -`, beginning with a letter or digit.",
    "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
    &["checkout"],
);
pub(super) static REQUEST_NAME: Wording = wording(
    "request_name",
    "At most 64 letters, digits and `_ . / : -`, beginning with a letter or digit.",
    "^[A-Za-z0-9][A-Za-z0-9_./:-]{0,63}$",
    &["home"],
);
pub(super) static RATE: Wording = wording(
    "rate",
    "Arrivals per unit of time; `k` means a thousand, and `M` means a million.",
    "^\\s*[0-9][0-9_]*(\\.[0-9_]+)?\\s*[kKM]?\\s*/\\s*(s|sec|second|m|min|minute|h|hour)\\s*$",
    &["2500/s", "90k/min"],
);
pub(super) static DURATION: Wording = wording(
    "duration",
    "A duration.",
    "^\\s*([0-9][0-9_]*(\\.[0-9_]+)?(h|min|ms|m|s|us|µs|ns)\\s*)+$",
    &["250ms", "30s", "1m30s"],
);
pub(super) static SIZE: Wording = wording(
    "size",
    "A number of bytes.",
    "^\\s*[0-9][0-9_]*(\\.[0-9_]+)?\\s*(B|kB|MB|GB|KiB|MiB|GiB)\\s*$",
    &["64kB", "16MiB"],
);
pub(super) static STEPS: Wording = wording(
    "steps",
    "Rates, each with its duration.",
    "^[^:,]*[/][^:,]*:[^:,]+(,[^:,]*[/][^:,]*:[^:,]+)*$",
    &["50/s:30s, 100/s:30s"],
);
pub(super) static STATUSES: Wording = wording(
    "statuses",
    "A status code, or a range of status codes.",
    "^\\s*[0-9]{3}\\s*(-\\s*[0-9]{3}\\s*)?$",
    &["200-299"],
);
pub(super) static TARGET_TEXT: Wording = wording(
    "target_text",
    "The destination of requests: a URL, or `builtin` for a test target on this machine.",
    "^builtin$|^https?://.|\\{\\{",
    &["https://shop.example.com", "builtin"],
);
pub(super) static TARGET_URL: Wording = wording(
    "target_url",
    "The destination of requests.",
    "^https?://.|\\{\\{",
    &["https://shop.example.com"],
);
pub(super) static REQUEST_URL: Wording = wording(
    "request_url",
    "A path that is appended to the URL of the target, or a whole URL. Both may contain placeholders.",
    "^/|^https?://.|^\\{\\{",
    &["/", "/orders/{{ random 1 100 }}"],
);
pub(super) static METHOD: Wording = wording(
    "method",
    "A request method.",
    "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
    &["GET", "POST"],
);
pub(super) static ABORT_RULE: Wording = wording(
    "abort_rule",
    "A condition that stops the run if the condition holds in every second of the given period.",
    "^\\s*(latency|errors|dropped|rate)\\b[^<>]*(<|>)=?[^<>]+ for [^<>]+$",
    &["errors > 20% for 10s", "latency p99 > 2s for 30s"],
);
pub(super) static SHARE: Wording = wording(
    "share",
    "A share of the load.",
    "^\\s*[0-9][0-9_]*(\\.[0-9_]+)?\\s*%\\s*$",
    &["60%"],
);
pub(super) static THRESHOLD: Wording = wording(
    "threshold",
    "A limit that the run must meet.",
    "^\\s*(latency|service|lag|session|errors|dropped|rate)\\b[^<>]*(<|>)=?[^<>]+$",
    &[
        "latency p99 < 250ms",
        "session p95 of buy < 30s",
        "errors of home < 0.1%",
        "rate > 4900/s",
        "dropped < 1%",
        "dropped < 10",
    ],
);

pub(super) static FLOW_NAME: Wording = wording(
    "flow_name",
    "At most 64 letters, digits and `_ . : -`, beginning with a letter or digit.",
    "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
    &["buy"],
);
pub(super) static STEP_NAME: Wording = wording(
    "step_name",
    "Letters, digits and `_ . : -`, beginning with a letter or digit; at most 64 characters, including the name of \
     the flow and a `/`.",
    "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,61}$",
    &["login"],
);
pub(super) static CAPTURE: Wording = wording(
    "capture",
    "A value of an answer: `json $.token`, `header Location`, `cookie session`, `regex 'id=(\\d+)'`, `status` or `body`. If a JSON path matches several values, the first value is captured. With `last`, `any` or `all` after the path, the last value, a random value or all values are captured. `or 'none'` sets the value that is captured if the answer contains no value.",
    "^\\s*(json|header|cookie|regex|status|body)",
    &["json $.token", "json $.items[*].id any"],
);
pub(super) static CONDITION: Wording = wording(
    "condition",
    "A comparison of a captured value, or of `loop`: `state == done`, `total > 0` or `loop < 3`. The name of a value is also a condition: `token` holds if the flow has captured `token`, and `not token` holds otherwise.",
    ".",
    &["state == done"],
);
pub(super) static ON_FAILURE: Wording = wording(
    "on_failure",
    "`end` ends the flow. `continue` continues with the next step. `retry 2` sends the request again, at most twice, and then ends the flow. `retry 2 after 500ms then continue` waits for 500 ms before each retry, and then continues with the next step.",
    "^\\s*(end|continue|retry)",
    &["retry 2"],
);
pub(super) static PAUSE: Wording = wording(
    "pause",
    "A duration, or a range from which the duration is drawn.",
    "^\\s*[0-9]",
    &["1s", "1s to 4s"],
);
pub(super) static JSON_PATH: Wording = wording(
    "json_path",
    "`json` and the path of a value in the body.",
    "^\\s*json\\s",
    &["json $.errors"],
);
pub(super) static EXPECTED_LATENCY: Wording = wording(
    "expected_latency",
    "A duration, with `<` before it.",
    "^\\s*<?\\s*[0-9]",
    &["< 1s"],
);
