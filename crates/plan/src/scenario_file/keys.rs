//! Every key of a scenario file, declared once.

use super::grammar::{Key, MapGrammar, Need, ValueGrammar};
use super::wordings::{
    ABORT_RULE, ANY_TEXT, DELIMITER, DURATION, FILE, HOST_ADDRESS, METHOD, PEM, RATE, REQUEST_NAME, REQUEST_URL,
    SCENARIO_NAME, SHARE, SIZE, STATUSES, STEPS, TARGET_TEXT, TARGET_URL, TEMPLATE, THRESHOLD,
};
use crate::hosts::{ADDRESSES_MAX, HOSTS_MAX};
use crate::limits::{BODY_BYTES_MAX, LIST_MAX, REQUESTS_MAX, USERS_MAX};
use crate::scenario::Limits;

/// How many header fields a request may have: common servers refuse more.
pub const HEADERS_MAX: usize = 100;
/// How many parameters `query` may have.
pub const PARAMETERS_MAX: usize = 1000;
/// How many regions may share a load.
pub const REGIONS_MAX: usize = 100;

const fn key(name: &'static str, need: Need, kind: ValueGrammar, doc: &'static str) -> Key {
    Key {
        name,
        aliases: &[],
        need,
        kind,
        doc,
    }
}

const fn required(name: &'static str, kind: ValueGrammar, doc: &'static str) -> Key {
    key(name, Need::Required, kind, doc)
}

const fn optional(name: &'static str, kind: ValueGrammar, doc: &'static str) -> Key {
    key(name, Need::Optional, kind, doc)
}

/// A shape: a key of an item of `load`.
const fn shape(name: &'static str, aliases: &'static [&'static str], kind: ValueGrammar, doc: &'static str) -> Key {
    Key {
        name,
        aliases,
        need: Need::Optional,
        kind,
        doc,
    }
}

const fn table(noun: &'static str, doc: &'static str, keys: &'static [Key]) -> MapGrammar {
    MapGrammar {
        noun,
        doc,
        keys,
        one_of: &[],
        unread: None,
        elsewhere: &[],
    }
}

const VARIABLES: ValueGrammar = ValueGrammar::Named {
    of: &ValueGrammar::Spelling,
    entries_max: LIST_MAX,
};
const A_RATE: ValueGrammar = ValueGrammar::Text(&RATE);
const A_DURATION: ValueGrammar = ValueGrammar::Text(&DURATION);

pub(super) static SCENARIO: MapGrammar = MapGrammar {
    noun: "a scenario",
    doc: "What a load test sends, and the limits that it must meet.",
    keys: &[
        required(
            "name",
            ValueGrammar::Text(&SCENARIO_NAME),
            "The name of the scenario in reports.",
        ),
        optional(
            "seed",
            ValueGrammar::Whole { min: 0, max: u64::MAX },
            "The source of all random choices, so that a run can be repeated; by default each launch draws a new one.",
        ),
        optional(
            "target",
            ValueGrammar::Items {
                of: &ValueGrammar::AnyOf(&[ValueGrammar::Text(&TARGET_TEXT), ValueGrammar::Map(&TARGET)]),
                items_max: LIST_MAX,
            },
            "Where requests go. Several take turns: arrival k goes to number k modulo their number.",
        ),
        optional(
            "targets",
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&TARGET_URL),
                items_max: LIST_MAX,
            },
            "Another spelling of `target`, for several.",
        ),
        optional(
            "arrivals",
            ValueGrammar::Choice(&["even", "poisson"]),
            "Whether arrivals are evenly spaced or random; `even` by default. Not for users.",
        ),
        required(
            "load",
            ValueGrammar::Items {
                of: &ValueGrammar::Map(&PHASE),
                items_max: LIST_MAX,
            },
            "How much is sent over time: phases, one after the other.",
        ),
        optional(
            "think_time",
            ValueGrammar::AnyOf(&[A_DURATION, ValueGrammar::Map(&THINK_TIME)]),
            "How long a user waits after an answer; 0s by default. Only for users.",
        ),
        optional(
            "requests",
            ValueGrammar::Items {
                of: &ValueGrammar::Map(&REQUEST),
                items_max: REQUESTS_MAX,
            },
            "The mix: what is sent. By default one request, `target`, which asks for the target itself.",
        ),
        optional(
            "defaults",
            ValueGrammar::Map(&DEFAULTS),
            "Values for each request that does not set its own.",
        ),
        optional(
            "feeds",
            ValueGrammar::Named {
                of: &ValueGrammar::AnyOf(&[ValueGrammar::Text(&FILE), ValueGrammar::Map(&FEED)]),
                entries_max: LIST_MAX,
            },
            "CSV files with a header row, for `{{ feed name.column }}`.",
        ),
        optional(
            "vars",
            VARIABLES,
            "Values for `{{ var NAME }}`, which any value may contain; `--set NAME=VALUE` gives another one.",
        ),
        optional(
            "environments",
            ValueGrammar::Named {
                of: &VARIABLES,
                entries_max: LIST_MAX,
            },
            "Other values of variables, by the name of the environment, which `--env NAME` chooses.",
        ),
        optional(
            "thresholds",
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&THRESHOLD),
                items_max: LIST_MAX,
            },
            "Limits that the run must meet.",
        ),
        optional(
            "abort_if",
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&ABORT_RULE),
                items_max: LIST_MAX,
            },
            "Rules that stop the run, to protect a target in trouble.",
        ),
        optional(
            "regions",
            ValueGrammar::Named {
                of: &ValueGrammar::Text(&SHARE),
                entries_max: REGIONS_MAX,
            },
            "The share of the load that each region sends; together 100%.",
        ),
        optional("limits", ValueGrammar::Map(&LIMITS), "Limits of one worker."),
        optional(
            "protocol",
            ValueGrammar::Choice(&["http1", "http2"]),
            "The version of HTTP; `http1` by default.",
        ),
        optional(
            "connections",
            ValueGrammar::Choice(&["kept", "fresh"]),
            "Whether a connection is used again, or opened for one request; `kept` by default.",
        ),
        optional(
            "hosts",
            ValueGrammar::Named {
                of: &ValueGrammar::Items {
                    of: &ValueGrammar::Text(&HOST_ADDRESS),
                    items_max: ADDRESSES_MAX,
                },
                entries_max: HOSTS_MAX,
            },
            "Addresses to connect to, in place of those that DNS gives. Requests and TLS keep the names.",
        ),
        optional(
            "tls",
            ValueGrammar::Map(&TLS),
            "Certificates in addition to those of the workers' systems.",
        ),
        optional(
            "pacing",
            ValueGrammar::Choice(&["precise", "batched"]),
            "Whether each arrival is sent at its own instant, or with others at the next millisecond for less \
             processor time; `precise` by default.",
        ),
    ],
    one_of: &["target", "targets"],
    unread: Some("x-"),
    elsewhere: &[
        ("duration", "each phase of `load` has its own duration"),
        ("rate", "write `load: { constant: { rate: 100/s, duration: 1m } }`"),
        ("url", "write `target` and, in `requests`, `url`"),
        ("users", "write `load: { users: { users: 50, duration: 2m } }`"),
        ("vus", "write `load: { users: { users: 50, duration: 2m } }`"),
        ("stages", "write the stages as phases of `load`"),
    ],
};

/// An environment, whose name is the user's.
pub(super) static ENVIRONMENT: Key = optional("environments", VARIABLES, "Values of variables.");

pub(super) static FEED: MapGrammar = table(
    "a feed",
    "A CSV file with a header row.",
    &[
        required("file", ValueGrammar::Text(&FILE), "The file."),
        optional(
            "delimiter",
            ValueGrammar::Text(&DELIMITER),
            "The character between two cells; by default the first of `,`, `;`, tab and `|` in the header.",
        ),
    ],
);

static TARGET: MapGrammar = table(
    "a target",
    "The test target on this machine.",
    &[required(
        "builtin",
        ValueGrammar::Text(&ANY_TEXT),
        "How it answers: `latency 5ms, errors 1%`.",
    )],
);

pub(super) static PHASE: MapGrammar = MapGrammar {
    noun: "a phase",
    doc: "A shape of load.",
    keys: &[
        shape(
            "warm_up",
            &["warm-up"],
            ValueGrammar::Map(&WARM_UP),
            "Climbs to a rate; sent, but not measured.",
        ),
        shape(
            "constant",
            &["static"],
            ValueGrammar::Map(&CONSTANT),
            "The same rate throughout.",
        ),
        shape(
            "ramp",
            &[],
            ValueGrammar::Map(&RAMP),
            "From one rate to another in a straight line.",
        ),
        shape(
            "ramp_sustain",
            &["ramp-sustain", "ramp_and_hold", "ramp-and-hold"],
            ValueGrammar::Map(&RAMP_SUSTAIN),
            "A ramp that then holds its rate.",
        ),
        shape(
            "step",
            &["steps"],
            ValueGrammar::AnyOf(&[ValueGrammar::Text(&STEPS), ValueGrammar::Map(&STEP)]),
            "One rate after the other.",
        ),
        shape("sine", &[], ValueGrammar::Map(&SINE), "A wave around a mean rate."),
        shape(
            "spike",
            &[],
            ValueGrammar::Map(&SPIKE),
            "A base rate with a spike at the start of each interval.",
        ),
        shape(
            "cool_down",
            &["cool-down"],
            ValueGrammar::Map(&COOL_DOWN),
            "Falls from a rate; sent, but not measured.",
        ),
        shape(
            "users",
            &[],
            ValueGrammar::Map(&USERS),
            "A number of users, each of whom waits for an answer before sending again.",
        ),
        shape(
            "ramp_users",
            &["ramp-users"],
            ValueGrammar::Map(&RAMP_USERS),
            "The number of users moves in a straight line.",
        ),
    ],
    one_of: &[
        "warm_up",
        "constant",
        "ramp",
        "ramp_sustain",
        "step",
        "sine",
        "spike",
        "cool_down",
        "users",
        "ramp_users",
    ],
    unread: None,
    elsewhere: &[],
};

static WARM_UP: MapGrammar = table(
    "`warm_up`",
    "Climbs to a rate, unmeasured.",
    &[
        optional("from", A_RATE, "The rate at the start; 0/s by default."),
        required("rate", A_RATE, "The value at the end."),
        required("duration", A_DURATION, "How long it takes."),
    ],
);
static CONSTANT: MapGrammar = table(
    "`constant`",
    "The same rate throughout.",
    &[
        required("rate", A_RATE, "How many arrivals in a time."),
        required("duration", A_DURATION, "For how long."),
    ],
);
static RAMP: MapGrammar = table(
    "`ramp`",
    "From one rate to another.",
    &[
        optional("from", A_RATE, "The rate at the start; 0/s by default."),
        required("to", A_RATE, "The value at the end."),
        required("ramp_duration", A_DURATION, "How long it takes."),
    ],
);
static RAMP_SUSTAIN: MapGrammar = table(
    "`ramp_sustain`",
    "A ramp that then holds.",
    &[
        optional("from", A_RATE, "The rate at the start; 0/s by default."),
        required("to", A_RATE, "The rate at the end, which then holds."),
        required("ramp_duration", A_DURATION, "How long the ramp takes."),
        required("sustain_duration", A_DURATION, "How long the rate then holds."),
    ],
);
static STEP: MapGrammar = table(
    "`step`",
    "One rate after the other.",
    &[required(
        "steps",
        ValueGrammar::Text(&STEPS),
        "Rates, each with how long it holds.",
    )],
);
static SINE: MapGrammar = table(
    "`sine`",
    "A wave around a mean rate.",
    &[
        required("mean_rate", A_RATE, "The middle of the wave."),
        required(
            "amplitude",
            A_RATE,
            "How far the rate rises above the mean and falls below it; at most the mean rate.",
        ),
        required("period", A_DURATION, "How long one wave takes."),
        required("duration", A_DURATION, "For how long."),
    ],
);
static SPIKE: MapGrammar = table(
    "`spike`",
    "A base rate with spikes.",
    &[
        required("base_rate", A_RATE, "The rate between spikes."),
        required("spike_rate", A_RATE, "The rate within a spike."),
        required("spike_interval", A_DURATION, "From the start of one spike to the next."),
        required(
            "spike_duration",
            A_DURATION,
            "How long a spike lasts; less than the interval.",
        ),
        required("duration", A_DURATION, "For how long."),
    ],
);
static COOL_DOWN: MapGrammar = table(
    "`cool_down`",
    "Falls from a rate, unmeasured.",
    &[
        required("rate", A_RATE, "The value at the start."),
        optional("to", A_RATE, "The rate at the end; 0/s by default."),
        required("duration", A_DURATION, "How long it takes."),
    ],
);
static USERS: MapGrammar = table(
    "`users`",
    "A number of users.",
    &[
        required(
            "users",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The number of users.",
        ),
        required("duration", A_DURATION, "For how long."),
    ],
);
static RAMP_USERS: MapGrammar = table(
    "`ramp_users`",
    "A moving number of users.",
    &[
        optional(
            "from",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The number at the start; 0 by default.",
        ),
        required(
            "to",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The value at the end.",
        ),
        required("duration", A_DURATION, "How long it takes."),
    ],
);
static THINK_TIME: MapGrammar = table(
    "`think_time`",
    "A pause drawn evenly from a range.",
    &[
        required("min", A_DURATION, "The shortest."),
        required("max", A_DURATION, "The longest."),
    ],
);

const HEADERS: Key = optional(
    "headers",
    ValueGrammar::Named {
        of: &ValueGrammar::Items {
            of: &ValueGrammar::Spelling,
            items_max: HEADERS_MAX,
        },
        entries_max: HEADERS_MAX,
    },
    "Header fields; a list sends one header several times.",
);
const TIMEOUT: Key = optional(
    "timeout",
    A_DURATION,
    "From the start of sending to the end of the answer; 10s by default.",
);
const SUCCESSFUL: Key = optional(
    "success",
    ValueGrammar::Map(&SUCCESS),
    "When an answer counts as completed.",
);
const FOLLOW_REDIRECTS: Key = optional(
    "follow_redirects",
    ValueGrammar::Whole { min: 0, max: 10 },
    "How many redirects are followed; 0 by default.",
);

static DEFAULTS: MapGrammar = table(
    "`defaults`",
    "Values for each request that does not set its own. A header of a request replaces the default one.",
    &[HEADERS, TIMEOUT, SUCCESSFUL, FOLLOW_REDIRECTS],
);

pub(super) static REQUEST: MapGrammar = MapGrammar {
    noun: "a request",
    doc: "One kind of request in the mix.",
    keys: &[
        required(
            "name",
            ValueGrammar::Text(&REQUEST_NAME),
            "Its name in thresholds and reports; unique.",
        ),
        optional(
            "weight",
            ValueGrammar::Whole { min: 1, max: 1_000_000 },
            "Its share of the mix, relative to the others; 1 by default.",
        ),
        optional(
            "method",
            ValueGrammar::Text(&METHOD),
            "GET by default, or POST with a body.",
        ),
        optional(
            "url",
            ValueGrammar::Text(&REQUEST_URL),
            "A path that is appended to the target, or a whole URL; the target itself by default. Values of feeds and \
             secrets are percent-encoded, unless the placeholder ends with `raw`.",
        ),
        optional(
            "query",
            ValueGrammar::Named {
                of: &ValueGrammar::Spelling,
                entries_max: PARAMETERS_MAX,
            },
            "Parameters that are appended to the URL, percent-encoded.",
        ),
        HEADERS,
        optional(
            "body",
            ValueGrammar::AnyOf(&[ValueGrammar::Text(&TEMPLATE), ValueGrammar::Map(&BODY)]),
            "The body of the request.",
        ),
        TIMEOUT,
        SUCCESSFUL,
        FOLLOW_REDIRECTS,
    ],
    one_of: &[],
    unread: None,
    elsewhere: &[
        ("path", "write `url`; a path is appended to the target"),
        (
            "json",
            "write the text in `body` and its type in `headers: { Content-Type: application/json }`",
        ),
        ("params", "write `query`"),
        ("auth", "write an `Authorization` header"),
        ("check", "write `success`"),
        ("checks", "write `success`"),
    ],
};
static BODY: MapGrammar = table(
    "`body`",
    "A body from a file.",
    &[required(
        "file",
        ValueGrammar::Text(&FILE),
        "The file. It is sent as it is; placeholders in it are not filled in.",
    )],
);
static SUCCESS: MapGrammar = table(
    "`success`",
    "When an answer counts as completed.",
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
            "Status codes; 200-399 by default.",
        ),
        optional(
            "body_contains",
            ValueGrammar::Text(&ANY_TEXT),
            "Text that the body must contain. Bodies in gzip or deflate are decoded.",
        ),
    ],
);
static TLS: MapGrammar = table(
    "`tls`",
    "Certificates in addition to those of the workers' systems, in PEM.",
    &[
        optional("ca", ValueGrammar::Text(&PEM), "Authorities to trust in addition."),
        optional(
            "cert",
            ValueGrammar::Text(&PEM),
            "The client's certificate, for targets that ask for one.",
        ),
        optional(
            "key",
            ValueGrammar::Text(&TEMPLATE),
            "The key of the client's certificate: a secret, because a key is never stored.",
        ),
    ],
);
static LIMITS: MapGrammar = table(
    "`limits`",
    "Limits of one worker.",
    &[
        optional(
            "connections",
            ValueGrammar::Whole {
                min: 1,
                max: Limits::CONNECTIONS_MAX as u64,
            },
            "Open connections; 128 by default.",
        ),
        optional(
            "streams",
            ValueGrammar::Whole {
                min: 1,
                max: Limits::STREAMS_MAX as u64,
            },
            "Requests at once on one connection, with `protocol: http2`; 100 by default.",
        ),
        optional(
            "max_wait",
            A_DURATION,
            "How long an arrival may wait for a connection before it is dropped; 10s by default.",
        ),
        optional(
            "connect_timeout",
            A_DURATION,
            "How long connecting may take; 5s by default.",
        ),
        optional(
            "body_bytes_max",
            ValueGrammar::AnyOf(&[
                ValueGrammar::Whole {
                    min: 1,
                    max: BODY_BYTES_MAX,
                },
                ValueGrammar::Text(&SIZE),
            ]),
            "A larger answer fails; 16MiB by default.",
        ),
        optional(
            "insecure_tls",
            ValueGrammar::Flag,
            "Accept any certificate; false by default.",
        ),
    ],
);
