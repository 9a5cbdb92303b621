//! The declarations of the keys of requests, flows and steps.

use super::auth_keys;
use super::grammar::{Key, MapGrammar, ValueGrammar, optional, required, table};
use super::wordings::{
    ANY_TEXT, CAPTURE, CONDITION, DURATION, EXPECTED_LATENCY, FILE, FLOW_NAME, JSON_PATH, METHOD, ON_FAILURE, PAUSE,
    PEM, REQUEST_NAME, REQUEST_URL, STATUSES, STEP_NAME, TEMPLATE,
};
use crate::flow::{FLOW_REQUESTS_MAX, STEPS_MAX, VARIABLES_MAX};

/// The maximum number of headers of a request. Common servers reject requests with more headers.
pub const HEADERS_MAX: usize = 100;
/// The maximum number of parameters under the key `query`.
pub const PARAMETERS_MAX: usize = 1000;
const A_DURATION: ValueGrammar = ValueGrammar::Text(&DURATION);

const HEADERS: Key = optional(
    "headers",
    ValueGrammar::Named {
        of: &ValueGrammar::Items {
            of: &ValueGrammar::Spelling,
            items_max: HEADERS_MAX,
        },
        entries_max: HEADERS_MAX,
    },
    "Headers, by name. If a value is a list, the header is sent once for each item of the list.",
);
const TIMEOUT: Key = optional(
    "timeout",
    A_DURATION,
    "The maximum time from the start of sending to the end of the answer; 10s by default.",
);
const SUCCESSFUL: Key = optional(
    "success",
    ValueGrammar::Map(&SUCCESS),
    "The conditions under which a request counts as completed.",
);
const FOLLOW_REDIRECTS: Key = optional(
    "follow_redirects",
    ValueGrammar::Whole { min: 0, max: 10 },
    "The maximum number of redirects that are followed; 0 by default.",
);

const METHOD_KEY: Key = optional(
    "method",
    ValueGrammar::Text(&METHOD),
    "The method; by default, POST if the request has a body, and GET otherwise.",
);
const URL: Key = optional(
    "url",
    ValueGrammar::Text(&REQUEST_URL),
    "A path that is appended to the URL of the target, or a whole URL; by default, the URL of the target. Values of \
     feeds, secrets and captures are percent-encoded, unless the placeholder ends with `raw`.",
);

/// Declares a key that is short for both `method` and `url`.
const fn short(method: &'static str, doc: &'static str) -> Key {
    optional(method, ValueGrammar::Text(&REQUEST_URL), doc)
}

/// The keys that are each short for both `method` and `url`.
pub(super) const METHOD_KEYS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];
const GET: Key = short("get", "The URL of a GET request, in place of `method` and `url`.");
const POST: Key = short("post", "The URL of a POST request, in place of `method` and `url`.");
const PUT: Key = short("put", "The URL of a PUT request, in place of `method` and `url`.");
const PATCH: Key = short("patch", "The URL of a PATCH request, in place of `method` and `url`.");
const DELETE: Key = short("delete", "The URL of a DELETE request, in place of `method` and `url`.");
const HEAD: Key = short("head", "The URL of a HEAD request, in place of `method` and `url`.");
const OPTIONS: Key = short(
    "options",
    "The URL of an OPTIONS request, in place of `method` and `url`.",
);
const QUERY: Key = optional(
    "query",
    ValueGrammar::Named {
        of: &ValueGrammar::Spelling,
        entries_max: PARAMETERS_MAX,
    },
    "Parameters, by name, which are percent-encoded and appended to the URL.",
);
static BODY_KINDS: [ValueGrammar; 2] = [ValueGrammar::Text(&TEMPLATE), ValueGrammar::Map(&BODY)];
static FIELD_KINDS: [ValueGrammar; 2] = [ValueGrammar::Spelling, ValueGrammar::Map(&FIELD)];
static FIELD_KIND: ValueGrammar = ValueGrammar::AnyOf(&FIELD_KINDS);
const BODY_KEY: Key = optional("body", ValueGrammar::AnyOf(&BODY_KINDS), "The body of the request.");
const JSON: Key = optional(
    "json",
    ValueGrammar::Any,
    "A JSON body. Values of placeholders are escaped. A text that contains only a placeholder ending with `raw` is \
     sent without quotes.",
);
const FORM: Key = optional(
    "form",
    ValueGrammar::Named {
        of: &ValueGrammar::Spelling,
        entries_max: PARAMETERS_MAX,
    },
    "A body of form fields, which are percent-encoded.",
);
const MULTIPART: Key = optional(
    "multipart",
    ValueGrammar::Named {
        of: &FIELD_KIND,
        entries_max: PARAMETERS_MAX,
    },
    "A body of form fields and files, in the format in which browsers upload files.",
);
const GRAPHQL_KEY: Key = optional(
    "graphql",
    ValueGrammar::Map(&GRAPHQL),
    "A body with a GraphQL query. The request fails if the answer contains `$.errors`.",
);
const EXPECTED: Key = optional(
    "expect",
    ValueGrammar::Map(&EXPECT),
    "Checks of the answer. If the answer does not meet a check, the request fails.",
);

/// The keys that can contain a body. A request has at most one of these keys.
pub(super) const BODY_KEYS: [&str; 5] = ["body", "json", "form", "multipart", "graphql"];

pub(super) static DEFAULTS: MapGrammar = table(
    "`defaults`",
    "Defaults for all requests. A header of a request replaces the default header with the same name.",
    &[HEADERS, auth_keys::USED, TIMEOUT, SUCCESSFUL, FOLLOW_REDIRECTS],
);

/// Lists the keys of a request. A map that has further keys of its own lists them before and after these keys.
macro_rules! request_keys {
    ([$($before:expr,)*] [$($after:expr,)*]) => {
        &[
            $($before,)*
            METHOD_KEY,
            URL,
            GET,
            POST,
            PUT,
            PATCH,
            DELETE,
            HEAD,
            OPTIONS,
            QUERY,
            HEADERS,
            auth_keys::USED,
            BODY_KEY,
            JSON,
            FORM,
            MULTIPART,
            GRAPHQL_KEY,
            TIMEOUT,
            EXPECTED,
            FOLLOW_REDIRECTS,
            CLIENT_KEY,
            $($after,)*
        ]
    };
}

const CLIENT_KEY: Key = optional(
    "tls",
    ValueGrammar::Map(&CLIENT),
    "The client certificate for the connection, in place of the client certificate in the scenario's `tls`. This key \
     requires `connections: user`, which is the default for flows.",
);

static CLIENT: MapGrammar = table(
    "a client certificate",
    "The client certificate of a request, a step or a flow, in PEM.",
    &[CLIENT_CERTIFICATE, CLIENT_CERTIFICATE_KEY],
);

pub(super) const CLIENT_CERTIFICATE: Key = optional(
    "cert",
    ValueGrammar::Text(&PEM),
    "The client certificate, for targets that request a client certificate: a file, a secret, or a column of a feed. \
     The cells of the column are paths of files, or texts in PEM.",
);
pub(super) const CLIENT_CERTIFICATE_KEY: Key = optional(
    "key",
    ValueGrammar::Text(&TEMPLATE),
    "The private key of the client certificate: a secret, or a column of a feed. The cells of the column are \
     references to secrets, such as `env:ANN_KEY`, because private keys are never stored.",
);

const WEIGHT: Key = optional(
    "weight",
    ValueGrammar::Whole { min: 1, max: 1_000_000 },
    "How often arrivals send this request or flow, relative to the weights of the other requests and flows; 1 by \
     default.",
);

pub(super) static REQUEST: MapGrammar = MapGrammar {
    noun: "a request",
    doc: "One kind of request in the mix.",
    keys: request_keys!(
        [
        required(
            "name",
            ValueGrammar::Text(&REQUEST_NAME),
            "The unique name in thresholds and reports.",
        ),
        WEIGHT,
        ]
        [SUCCESSFUL,]
    ),
    one_of: &[],
    unread: None,
    elsewhere: &[
        ("path", "write `url`; a path is appended to the target"),
        ("params", "write `query`"),
        ("check", "write `expect`"),
        ("checks", "write `expect`"),
        ("capture", "write the request as a step of a flow in `flows`"),
        ("steps", "write a flow in `flows`"),
    ],
};

pub(super) static FLOW: MapGrammar = MapGrammar {
    noun: "a flow",
    doc: "An arrival of several steps. In the rate of a load, a flow counts as one arrival.",
    keys: &[
        required(
            "name",
            ValueGrammar::Text(&FLOW_NAME),
            "The unique name in thresholds and reports.",
        ),
        WEIGHT,
        CLIENT_KEY,
        required("steps", steps_of(&ONE_STEP), "The steps, in order."),
    ],
    one_of: &[],
    unread: None,
    elsewhere: &[
        ("requests", "write the requests as items of `steps`"),
        ("feeds", "write `feeds` at the top of the scenario"),
        ("think", "write a step `pause: 1s to 4s`"),
    ],
};

/// Declares a list of steps. The declaration [`STEP`] of an item itself contains lists of steps.
const fn steps_of(step: &'static ValueGrammar) -> ValueGrammar {
    ValueGrammar::Items {
        of: step,
        items_max: STEPS_MAX,
    }
}

static ONE_STEP: ValueGrammar = ValueGrammar::Map(&STEP);

/// The keys of a step that is not a request.
pub(super) const STEP_KINDS: [&str; 4] = ["pause", "repeat", "choose", "if"];

pub(super) static STEP: MapGrammar = MapGrammar {
    noun: "a step of a flow",
    doc: "A step of a flow: a request, `pause`, `repeat`, `choose` or `if`.",
    keys: request_keys!(
        [
        optional(
            "name",
            ValueGrammar::Text(&STEP_NAME),
            "The name of a request. In reports, the name of the flow precedes this name: `buy/order`. Required for a \
             request.",
        ),
        ]
        [
        optional(
            "capture",
            ValueGrammar::Named {
                of: &ValueGrammar::Text(&CAPTURE),
                entries_max: VARIABLES_MAX,
            },
            "Values of the answer that later steps use as `{{ NAME }}`.",
        ),
        optional(
            "on_failure",
            ValueGrammar::Text(&ON_FAILURE),
            "The reaction of the flow if the request fails; `end` by default.",
        ),
        optional(
            "pause",
            ValueGrammar::Text(&PAUSE),
            "A pause, which is never shortened.",
        ),
        optional(
            "repeat",
            ValueGrammar::AnyOf(&[
                ValueGrammar::Whole {
                    min: 1,
                    max: FLOW_REQUESTS_MAX,
                },
                ValueGrammar::Map(&REPEAT),
            ]),
            "How often `steps` are repeated.",
        ),
        optional(
            "choose",
            ValueGrammar::Items {
                of: &ValueGrammar::Map(&OPTION),
                items_max: 100,
            },
            "Lists of steps. One of these lists is drawn by weight.",
        ),
        optional(
            "if",
            ValueGrammar::Text(&CONDITION),
            "The condition under which the flow does `steps`.",
        ),
        optional("steps", steps_of(&ONE_STEP), "The steps of `repeat` or `if`."),
        optional(
            "else",
            steps_of(&ONE_STEP),
            "The steps that the flow does if the condition of `if` does not hold.",
        ),
        ]
    ),
    one_of: &[],
    unread: None,
    elsewhere: &[
        ("think", "write `pause: 1s to 4s`"),
        ("sleep", "write `pause: 1s`"),
        ("success", "write `expect`"),
        ("check", "write `expect`"),
        ("checks", "write `expect`"),
        ("loop", "write `repeat: 3` and `steps`"),
        ("retry", "write `on_failure: retry 2`"),
        (
            "weight",
            "write `choose: [{ weight: 9, steps: [ … ] }, { weight: 1, steps: [ … ] }]`",
        ),
        ("path", "write `url`; a path is appended to the target"),
        ("params", "write `query`"),
    ],
};
static REPEAT: MapGrammar = table(
    "`repeat`",
    "How steps are repeated.",
    &[
        required(
            "times",
            ValueGrammar::Whole {
                min: 1,
                max: FLOW_REQUESTS_MAX,
            },
            "The maximum number of iterations.",
        ),
        optional(
            "every",
            A_DURATION,
            "Iteration j, counted from 0, begins no earlier than j times this duration after the start of the first \
             iteration.",
        ),
        optional(
            "until",
            ValueGrammar::Text(&CONDITION),
            "The repetition ends after the first iteration at whose end this condition holds.",
        ),
    ],
);
pub(super) static OPTION: MapGrammar = table(
    "an option",
    "One of the lists of steps of `choose`.",
    &[
        optional(
            "weight",
            ValueGrammar::Whole { min: 1, max: 1_000_000 },
            "How often this option is drawn, relative to the weights of the other options; 1 by default.",
        ),
        required("steps", steps_of(&ONE_STEP), "The steps."),
    ],
);
static BODY: MapGrammar = table(
    "`body`",
    "A body in a file.",
    &[
        required("file", ValueGrammar::Text(&FILE), "The file."),
        optional(
            "placeholders",
            ValueGrammar::Flag,
            "Whether the placeholders in the file are filled in; false by default.",
        ),
    ],
);
pub(super) static FIELD: MapGrammar = table(
    "a field",
    "A field of `multipart`.",
    &[
        optional("file", ValueGrammar::Text(&FILE), "The file that is sent."),
        optional(
            "value",
            ValueGrammar::Spelling,
            "The value, for a field without a file.",
        ),
        optional(
            "filename",
            ValueGrammar::Spelling,
            "The name of the file in the request; by default, the name of `file`.",
        ),
        optional(
            "type",
            ValueGrammar::Text(&ANY_TEXT),
            "The type of the content. For a file, `application/octet-stream` is the default.",
        ),
    ],
);
static GRAPHQL: MapGrammar = table(
    "`graphql`",
    "A GraphQL query.",
    &[
        optional("file", ValueGrammar::Text(&FILE), "The file with the query."),
        optional("query", ValueGrammar::Text(&ANY_TEXT), "The text of the query."),
        optional(
            "operation",
            ValueGrammar::Text(&ANY_TEXT),
            "The name of the operation, if the query contains several operations.",
        ),
        optional(
            "variables",
            ValueGrammar::Any,
            "The variables of the query, with the same rules as in `json`.",
        ),
    ],
);
static EXPECT: MapGrammar = table(
    "`expect`",
    "Checks of an answer. If a check is not met, the request fails with the kind `check`, or with the kind `status` \
     for a wrong status.",
    &[
        optional(
            "status",
            ValueGrammar::Items {
                of: &ValueGrammar::AnyOf(&[
                    ValueGrammar::Whole { min: 100, max: 599 },
                    ValueGrammar::Text(&STATUSES),
                ]),
                items_max: 100,
            },
            "The expected status codes; 200-399 by default.",
        ),
        optional(
            "json",
            ValueGrammar::Named {
                of: &ValueGrammar::Spelling,
                entries_max: 100,
            },
            "Checks of values in a JSON body, by path. A check is an expected value, `exists`, `not empty`, or a \
             comparison such as `> 0`.",
        ),
        optional(
            "no",
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&JSON_PATH),
                items_max: 100,
            },
            "Paths that the JSON body must not contain, such as `json $.errors`.",
        ),
        optional(
            "header",
            ValueGrammar::Named {
                of: &ValueGrammar::Spelling,
                entries_max: 100,
            },
            "Checks of headers, by name. A check is an expected value, `exists`, or a comparison such as `contains \
             json`.",
        ),
        optional(
            "contains",
            ValueGrammar::Text(&ANY_TEXT),
            "Text that the body must contain.",
        ),
        optional(
            "matches",
            ValueGrammar::Text(&ANY_TEXT),
            "A regular expression that the body must match.",
        ),
        optional(
            "latency",
            ValueGrammar::Text(&EXPECTED_LATENCY),
            "The maximum latency, such as `< 1s`.",
        ),
    ],
);
static SUCCESS: MapGrammar = table(
    "`success`",
    "The conditions under which a request counts as completed.",
    &[
        optional(
            "statuses",
            ValueGrammar::Items {
                of: &ValueGrammar::AnyOf(&[
                    ValueGrammar::Whole { min: 100, max: 599 },
                    ValueGrammar::Text(&STATUSES),
                ]),
                items_max: 100,
            },
            "The expected status codes; 200-399 by default.",
        ),
        optional(
            "body_contains",
            ValueGrammar::Text(&ANY_TEXT),
            "Text that the body must contain. Bodies in gzip or deflate are decoded first.",
        ),
    ],
);
