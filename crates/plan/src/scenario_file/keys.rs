//! The declarations of all keys of a scenario file.

use super::auth_keys::AUTHS;
use super::grammar::{Key, MapGrammar, Need, ValueGrammar, optional, required, table};
use super::step_keys::{CLIENT_CERTIFICATE, CLIENT_CERTIFICATE_KEY, DEFAULTS, FLOW, REQUEST};
use super::wordings::{
    ABORT_RULE, ANY_TEXT, DELIMITER, DURATION, FILE, HOST_ADDRESS, PEM, RATE, SCENARIO_NAME, SHARE, SIZE, STEPS,
    TARGET_TEXT, TARGET_URL, THRESHOLD,
};
use crate::flow::FLOWS_MAX;
use crate::hosts::{ADDRESSES_MAX, HOSTS_MAX};
use crate::limits::{BODY_BYTES_MAX, LIST_MAX, REQUESTS_MAX, USERS_MAX};
use crate::population::POPULATIONS_MAX;
use crate::scenario::Limits;

/// The maximum number of files that a scenario includes, in total.
pub const INCLUDED_MAX: usize = 32;
/// The key with the names of included files.
pub(super) const INCLUDE: &str = "include";

/// The maximum number of regions.
pub const REGIONS_MAX: usize = 100;

/// Declares a shape: a key of an item of `load`.
const fn shape(name: &'static str, aliases: &'static [&'static str], kind: ValueGrammar, doc: &'static str) -> Key {
    Key {
        name,
        aliases,
        need: Need::Optional,
        kind,
        doc,
    }
}

const VARIABLES: ValueGrammar = ValueGrammar::Named {
    of: &ValueGrammar::Spelling,
    entries_max: LIST_MAX,
};
const A_RATE: ValueGrammar = ValueGrammar::Text(&RATE);
const A_DURATION: ValueGrammar = ValueGrammar::Text(&DURATION);

const PHASES: ValueGrammar = ValueGrammar::Items {
    of: &ValueGrammar::Map(&PHASE),
    items_max: LIST_MAX,
};
const ARRIVALS: Key = optional(
    "arrivals",
    ValueGrammar::Choice(&["even", "poisson"]),
    "The spacing of arrivals within a shape; `even` by default. Not for users.",
);
const PAUSE_OF_USERS: ValueGrammar = ValueGrammar::AnyOf(&[A_DURATION, ValueGrammar::Map(&THINK_TIME)]);
const THINK: Key = optional(
    "think_time",
    PAUSE_OF_USERS,
    "The pause of a user after an answer; 0s by default. Only for users.",
);
const LIST_OF_REQUESTS: ValueGrammar = ValueGrammar::Items {
    of: &ValueGrammar::Map(&REQUEST),
    items_max: REQUESTS_MAX,
};
const REQUESTS: Key = optional(
    "requests",
    LIST_OF_REQUESTS,
    "The mix of requests. By default one request, `target`, for the target itself.",
);
const LIST_OF_FLOWS: ValueGrammar = ValueGrammar::Items {
    of: &ValueGrammar::Map(&FLOW),
    items_max: FLOWS_MAX,
};
const FLOWS: Key = optional(
    "flows",
    LIST_OF_FLOWS,
    "Arrivals of several steps, in the mix with `requests`: a user logs in, browses and orders.",
);
const MIX: Key = optional(
    "mix",
    ValueGrammar::Choice(&["drawn", "exact"]),
    "Whether each arrival draws its request or flow by weight, or each gets exactly its weight of every block of \
     arrivals, whose size is the sum of the weights divided by their greatest common divisor; `drawn` by default.",
);
const PROTOCOL: Key = optional(
    "protocol",
    ValueGrammar::Choice(&["http1", "http2"]),
    "The HTTP version; `http1` by default.",
);
const CONNECTIONS: Key = optional(
    "connections",
    ValueGrammar::Choice(&["kept", "user", "fresh"]),
    "Whether connections are shared by all arrivals, opened for each flow, or opened for each request; `user` by \
     default for flows, and `kept` for requests.",
);
const SESSION: Key = optional(
    "session",
    ValueGrammar::Choice(&["fresh", "kept"]),
    "Whether each flow begins without cookies and connections, or a user of a closed load keeps its own from one \
     flow to the next; `fresh` by default.",
);
const PACING: Key = optional(
    "pacing",
    ValueGrammar::Choice(&["precise", "batched"]),
    "Whether each arrival is sent at its own instant, or together with others at the next millisecond, which \
     takes less CPU time; `precise` by default.",
);

pub(super) static SCENARIO: MapGrammar = MapGrammar {
    noun: "a scenario",
    doc: "A load test: its requests, its load and its thresholds.",
    keys: &[
        required(
            "name",
            ValueGrammar::Text(&SCENARIO_NAME),
            "The name of the scenario in reports.",
        ),
        optional(
            "seed",
            ValueGrammar::Whole { min: 0, max: u64::MAX },
            "The source of all random draws, which makes a run repeatable; by default each launch draws a seed.",
        ),
        optional(
            "target",
            ValueGrammar::Items {
                of: &ValueGrammar::AnyOf(&[ValueGrammar::Text(&TARGET_TEXT), ValueGrammar::Map(&TARGET)]),
                items_max: LIST_MAX,
            },
            "The destination of requests. Several targets take turns: arrival k goes to number k modulo their count.",
        ),
        optional(
            "targets",
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&TARGET_URL),
                items_max: LIST_MAX,
            },
            "Another spelling of `target`, for several targets.",
        ),
        ARRIVALS,
        optional("load", PHASES, "The load over time: a sequence of phases."),
        optional(
            "populations",
            ValueGrammar::Named {
                of: &ValueGrammar::Map(&POPULATION),
                entries_max: POPULATIONS_MAX,
            },
            "Several loads at the same time, by name, in place of `load`: each has its own users or rates, and its own \
             requests and flows.",
        ),
        THINK,
        REQUESTS,
        FLOWS,
        MIX,
        optional("defaults", ValueGrammar::Map(&DEFAULTS), "Defaults for all requests."),
        AUTHS,
        optional(
            "feeds",
            ValueGrammar::Named {
                of: &ValueGrammar::AnyOf(&[ValueGrammar::Text(&FILE), ValueGrammar::Map(&FEED)]),
                entries_max: LIST_MAX,
            },
            "CSV files with a header row, for `{{ feed name.column }}`.",
        ),
        optional(
            INCLUDE,
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&FILE),
                items_max: INCLUDED_MAX,
            },
            "Scenario files whose keys are added to those of this file. This file wins.",
        ),
        optional(
            "vars",
            VARIABLES,
            "Values for `{{ var NAME }}`, which any value may contain; `--set NAME=VALUE` overrides one.",
        ),
        optional(
            "environments",
            ValueGrammar::Named {
                of: &VARIABLES,
                entries_max: LIST_MAX,
            },
            "Sets of values of variables, by name; `--env NAME` selects one.",
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
            "Rules that stop the run to protect a target in trouble.",
        ),
        optional(
            "regions",
            ValueGrammar::Named {
                of: &ValueGrammar::Text(&SHARE),
                entries_max: REGIONS_MAX,
            },
            "The share of the load from each region; 100% in total.",
        ),
        optional("limits", ValueGrammar::Map(&LIMITS), "Limits of one worker."),
        PROTOCOL,
        CONNECTIONS,
        SESSION,
        optional(
            "hosts",
            ValueGrammar::Named {
                of: &ValueGrammar::Items {
                    of: &ValueGrammar::Text(&HOST_ADDRESS),
                    items_max: ADDRESSES_MAX,
                },
                entries_max: HOSTS_MAX,
            },
            "Addresses of hosts, in place of those from DNS. Requests and TLS keep the host names.",
        ),
        optional(
            "tls",
            ValueGrammar::Map(&TLS),
            "Certificates in addition to those of the workers' systems.",
        ),
        PACING,
    ],
    one_of: &[&["target", "targets"], &["load", "populations"]],
    unread: Some("x-"),
    elsewhere: &[
        ("duration", "write a duration in each phase of `load`"),
        ("rate", "write `load: { constant: { rate: 100/s, duration: 1m } }`"),
        ("url", "write `target` and, in `requests`, `url`"),
        ("users", "write `load: { users: { users: 50, duration: 2m } }`"),
        ("vus", "write `load: { users: { users: 50, duration: 2m } }`"),
        ("stages", "write the stages as phases of `load`"),
    ],
};

/// The keys of a scenario that its populations have instead, if it has any.
pub(super) static POPULATION: MapGrammar = table(
    "a population",
    "A load of its own, with what it sends. Its arrivals or users have their own numbers, from 0.",
    &[
        required("load", PHASES, "The load over time: a sequence of phases."),
        optional(
            "start",
            A_DURATION,
            "The time from the start of the run to that of the population; 0s by default.",
        ),
        ARRIVALS,
        THINK,
        REQUESTS,
        FLOWS,
        MIX,
        PROTOCOL,
        CONNECTIONS,
        SESSION,
        PACING,
    ],
);

/// One environment, whose name the user chooses.
pub(super) static ENVIRONMENT: Key = optional("environments", VARIABLES, "Values of variables.");

pub(super) static FEED: MapGrammar = table(
    "a feed",
    "A CSV file with a header row.",
    &[
        required("file", ValueGrammar::Text(&FILE), "The file."),
        optional(
            "pick",
            ValueGrammar::Choice(&["turn", "once", "shuffle", "random", "user"]),
            "The row of an arrival: in turn, each row at most once in the run, each once per pass in a drawn order, drawn, \
             or the row of the user's number; `turn` by default.",
        ),
        optional(
            "delimiter",
            ValueGrammar::Text(&DELIMITER),
            "The delimiter of cells; by default the first of `,`, `;`, tab and `|` that the header contains.",
        ),
    ],
);

static TARGET: MapGrammar = table(
    "a target",
    "The test target on this machine.",
    &[required(
        "builtin",
        ValueGrammar::Text(&ANY_TEXT),
        "The script of its answers: `latency 5ms, errors 1%`.",
    )],
);

pub(super) static PHASE: MapGrammar = MapGrammar {
    noun: "a phase",
    doc: "A phase of the load, with one shape.",
    keys: &[
        shape(
            "warm_up",
            &["warm-up"],
            ValueGrammar::Map(&WARM_UP),
            "A ramp up to a rate; sent, but not measured.",
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
            "A sequence of rates.",
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
            "A ramp down from a rate; sent, but not measured.",
        ),
        shape(
            "users",
            &[],
            ValueGrammar::Map(&USERS),
            "A constant number of users; each waits for its answer.",
        ),
        shape(
            "ramp_users",
            &["ramp-users"],
            ValueGrammar::Map(&RAMP_USERS),
            "A number of users that changes linearly.",
        ),
    ],
    one_of: &[&[
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
    ]],
    unread: None,
    elsewhere: &[],
};

static WARM_UP: MapGrammar = table(
    "`warm_up`",
    "A ramp up to a rate, not measured.",
    &[
        optional("from", A_RATE, "The initial rate; 0/s by default."),
        required("rate", A_RATE, "The final rate."),
        required("duration", A_DURATION, "The duration of the ramp."),
    ],
);
static CONSTANT: MapGrammar = table(
    "`constant`",
    "The same rate throughout.",
    &[
        required("rate", A_RATE, "The rate of arrivals."),
        required("duration", A_DURATION, "The duration."),
    ],
);
static RAMP: MapGrammar = table(
    "`ramp`",
    "From one rate to another.",
    &[
        optional("from", A_RATE, "The initial rate; 0/s by default."),
        required("to", A_RATE, "The final rate."),
        required("ramp_duration", A_DURATION, "The duration of the ramp."),
    ],
);
static RAMP_SUSTAIN: MapGrammar = table(
    "`ramp_sustain`",
    "A ramp that then holds.",
    &[
        optional("from", A_RATE, "The initial rate; 0/s by default."),
        required("to", A_RATE, "The final rate, which is then held."),
        required("ramp_duration", A_DURATION, "The duration of the ramp."),
        required("sustain_duration", A_DURATION, "How long the final rate is held."),
    ],
);
static STEP: MapGrammar = table(
    "`step`",
    "A sequence of rates.",
    &[required(
        "steps",
        ValueGrammar::Text(&STEPS),
        "Rates, each with its duration.",
    )],
);
static SINE: MapGrammar = table(
    "`sine`",
    "A wave around a mean rate.",
    &[
        required("mean_rate", A_RATE, "The mean of the wave."),
        required("amplitude", A_RATE, "The amplitude of the wave; at most the mean rate."),
        required("period", A_DURATION, "The duration of one wave."),
        required("duration", A_DURATION, "The duration."),
    ],
);
static SPIKE: MapGrammar = table(
    "`spike`",
    "A base rate with spikes.",
    &[
        required("base_rate", A_RATE, "The rate between spikes."),
        required("spike_rate", A_RATE, "The rate during a spike."),
        required(
            "spike_interval",
            A_DURATION,
            "From the start of one spike to the start of the next.",
        ),
        required(
            "spike_duration",
            A_DURATION,
            "The duration of a spike; less than the interval.",
        ),
        required("duration", A_DURATION, "The duration."),
    ],
);
static COOL_DOWN: MapGrammar = table(
    "`cool_down`",
    "A ramp down from a rate, not measured.",
    &[
        required("rate", A_RATE, "The initial rate."),
        optional("to", A_RATE, "The final rate; 0/s by default."),
        required("duration", A_DURATION, "The duration of the ramp."),
    ],
);
static USERS: MapGrammar = table(
    "`users`",
    "A constant number of users.",
    &[
        required(
            "users",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The number of users.",
        ),
        required("duration", A_DURATION, "The duration."),
    ],
);
static RAMP_USERS: MapGrammar = table(
    "`ramp_users`",
    "A changing number of users.",
    &[
        optional(
            "from",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The initial number; 0 by default.",
        ),
        required(
            "to",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The final number.",
        ),
        required("duration", A_DURATION, "The duration of the change."),
    ],
);
static THINK_TIME: MapGrammar = table(
    "`think_time`",
    "A pause drawn uniformly from a range.",
    &[
        required("min", A_DURATION, "The minimum."),
        required("max", A_DURATION, "The maximum."),
    ],
);

static TLS: MapGrammar = table(
    "`tls`",
    "Certificates in addition to those of the workers' systems, in PEM.",
    &[
        optional("ca", ValueGrammar::Text(&PEM), "Additional trusted authorities."),
        CLIENT_CERTIFICATE,
        CLIENT_CERTIFICATE_KEY,
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
            "Concurrent requests on one connection, with `protocol: http2`; 100 by default.",
        ),
        optional(
            "max_wait",
            A_DURATION,
            "The maximum wait of an arrival for a connection before it is dropped; 10s by default.",
        ),
        optional(
            "connect_timeout",
            A_DURATION,
            "The maximum time for connecting; 5s by default.",
        ),
        optional(
            "sessions",
            ValueGrammar::Whole {
                min: 1,
                max: Limits::SESSIONS_MAX as u64,
            },
            "Flows in progress in one worker; 10000 by default. With `connections: user`, each also needs a connection.",
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
            "The maximum size of an answer's body; a larger one fails; 16MiB by default.",
        ),
        optional(
            "insecure_tls",
            ValueGrammar::Flag,
            "Accept any certificate; false by default.",
        ),
    ],
);
