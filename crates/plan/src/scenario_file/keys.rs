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

/// The maximum number of files that a scenario includes, directly or indirectly.
pub const INCLUDED_MAX: usize = 32;
/// The key under which a scenario lists the included files.
pub(super) const INCLUDE: &str = "include";

/// The maximum number of regions.
pub const REGIONS_MAX: usize = 100;

/// Declares the key for a shape in an item of `load`.
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
    "Whether arrivals are evenly spaced, or random as in a Poisson process; `even` by default. Not for loads of \
     users.",
);
const PAUSE_OF_USERS: ValueGrammar = ValueGrammar::AnyOf(&[A_DURATION, ValueGrammar::Map(&THINK_TIME)]);
const THINK: Key = optional(
    "think_time",
    PAUSE_OF_USERS,
    "The pause of a user after each answer; 0s by default. Only for loads of users.",
);
const LIST_OF_REQUESTS: ValueGrammar = ValueGrammar::Items {
    of: &ValueGrammar::Map(&REQUEST),
    items_max: REQUESTS_MAX,
};
const REQUESTS: Key = optional(
    "requests",
    LIST_OF_REQUESTS,
    "The requests of the load. Each arrival sends one of these requests, or one of the `flows`. Without requests and \
     flows, each arrival sends one request with the name `target` to the URL of the target.",
);
const LIST_OF_FLOWS: ValueGrammar = ValueGrammar::Items {
    of: &ValueGrammar::Map(&FLOW),
    items_max: FLOWS_MAX,
};
const FLOWS: Key = optional(
    "flows",
    LIST_OF_FLOWS,
    "Flows of several steps, such as a user who logs in, browses and orders. Each arrival sends one of these flows, \
     or one of the `requests`.",
);
const MIX: Key = optional(
    "mix",
    ValueGrammar::Choice(&["drawn", "exact"]),
    "How weights select the request or flow of an arrival. With `drawn`, the default, each arrival draws a request or \
     flow by weight. With `exact`, the shares of requests and flows match their weights exactly in every block of \
     arrivals. The size of a block is the sum of the weights, divided by the greatest common divisor of the weights.",
);
const PROTOCOL: Key = optional(
    "protocol",
    ValueGrammar::Choice(&["http1", "http2"]),
    "The HTTP version; `http1` by default.",
);
const CONNECTIONS: Key = optional(
    "connections",
    ValueGrammar::Choice(&["kept", "user", "fresh"]),
    "With `kept`, all arrivals share connections. With `user`, each flow opens its own connection. With `fresh`, each \
     request opens a connection. The default is `user` for flows, and `kept` for other requests.",
);
const SESSION: Key = optional(
    "session",
    ValueGrammar::Choice(&["fresh", "kept"]),
    "With `fresh`, the default, each flow begins without cookies and connections. With `kept`, each user of `users` \
     or `ramp_users` keeps its cookies and its connection from one flow to the next.",
);
const PACING: Key = optional(
    "pacing",
    ValueGrammar::Choice(&["precise", "batched"]),
    "With `precise`, the default, each arrival is sent at its own due time. With `batched`, all arrivals of a \
     millisecond are sent together at the end of the millisecond, which takes less processor time.",
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
            "The number that determines all random values. Two runs with the same seed send the same values. By \
             default, each launch draws a seed.",
        ),
        optional(
            "target",
            ValueGrammar::Items {
                of: &ValueGrammar::AnyOf(&[ValueGrammar::Text(&TARGET_TEXT), ValueGrammar::Map(&TARGET)]),
                items_max: LIST_MAX,
            },
            "The destination of requests. Several targets take turns: with two targets, arrivals 0, 2, 4 … are sent \
             to the first target, and arrivals 1, 3, 5 … to the second.",
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
            "Several loads that run at the same time, by name, in place of `load`. Each population has its own users \
             or rates, and its own requests and flows.",
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
            "CSV files with a header row, by name. `{{ feed name.column }}` inserts a cell of a file.",
        ),
        optional(
            INCLUDE,
            ValueGrammar::Items {
                of: &ValueGrammar::Text(&FILE),
                items_max: INCLUDED_MAX,
            },
            "Scenario files whose keys are added to the keys of this file. Maps such as `vars` are merged key by key, \
             and lists such as `requests` are joined. Any other value in this file replaces the value in an included \
             file.",
        ),
        optional(
            "vars",
            VARIABLES,
            "Variables, by name. Any value of the scenario may contain `{{ var NAME }}`. `--set NAME=VALUE` replaces \
             the value of a variable.",
        ),
        optional(
            "environments",
            ValueGrammar::Named {
                of: &VARIABLES,
                entries_max: LIST_MAX,
            },
            "Sets of values for variables, by name. `--env NAME` selects a set.",
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
            "Conditions that stop the run, for example to protect an overloaded target.",
        ),
        optional(
            "regions",
            ValueGrammar::Named {
                of: &ValueGrammar::Text(&SHARE),
                entries_max: REGIONS_MAX,
            },
            "The share of the load that each region sends. The shares must add up to 100%.",
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
            "Addresses of hosts, which replace the addresses from DNS. Requests and TLS still use the names of the \
             hosts.",
        ),
        optional(
            "tls",
            ValueGrammar::Map(&TLS),
            "Authorities that workers trust in addition to the authorities of their systems, and the client \
             certificate.",
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

/// The keys of a population. If a scenario has populations, these keys are keys of the populations, and not keys of the
/// scenario.
pub(super) static POPULATION: MapGrammar = table(
    "a population",
    "A load with its own requests and flows. The arrivals or users of each population are numbered from 0.",
    &[
        required("load", PHASES, "The load over time: a sequence of phases."),
        optional(
            "start",
            A_DURATION,
            "The time from the start of the run to the start of this population; 0s by default.",
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

/// The declaration of one environment. The user chooses the name of the environment.
pub(super) static ENVIRONMENT: Key = optional("environments", VARIABLES, "Values of variables.");

pub(super) static FEED: MapGrammar = table(
    "a feed",
    "A CSV file with a header row.",
    &[
        required("file", ValueGrammar::Text(&FILE), "The file."),
        optional(
            "pick",
            ValueGrammar::Choice(&["turn", "once", "shuffle", "random", "user"]),
            "How an arrival selects a row. With `turn`, the default, the rows are used in order, again and again. \
             With `once`, each row is used at most once in the run. With `shuffle`, each row is used at most once per \
             pass through the file, in a random order. With `random`, each arrival uses a random row. With `user`, \
             each user always uses the same row.",
        ),
        optional(
            "delimiter",
            ValueGrammar::Text(&DELIMITER),
            "The delimiter between cells; by default, the first of `,`, `;`, tab and `|` that the header row \
             contains.",
        ),
    ],
);

static TARGET: MapGrammar = table(
    "a target",
    "A test target that runs on this machine.",
    &[required(
        "builtin",
        ValueGrammar::Text(&ANY_TEXT),
        "The behaviour of the target's answers, such as `latency 5ms, errors 1%`.",
    )],
);

pub(super) static PHASE: MapGrammar = MapGrammar {
    noun: "a phase",
    doc: "A part of the load over time, with one shape.",
    keys: &[
        shape(
            "warm_up",
            &["warm-up"],
            ValueGrammar::Map(&WARM_UP),
            "A rate that rises. Its requests are sent but not measured.",
        ),
        shape(
            "constant",
            &["static"],
            ValueGrammar::Map(&CONSTANT),
            "The same rate for the whole phase.",
        ),
        shape(
            "ramp",
            &[],
            ValueGrammar::Map(&RAMP),
            "A rate that changes linearly from one value to another.",
        ),
        shape(
            "ramp_sustain",
            &["ramp-sustain", "ramp_and_hold", "ramp-and-hold"],
            ValueGrammar::Map(&RAMP_SUSTAIN),
            "A ramp, and then the final rate of the ramp for some time.",
        ),
        shape(
            "step",
            &["steps"],
            ValueGrammar::AnyOf(&[ValueGrammar::Text(&STEPS), ValueGrammar::Map(&STEP)]),
            "Several constant rates, one after the other.",
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
            "A rate that falls. Its requests are sent but not measured.",
        ),
        shape(
            "users",
            &[],
            ValueGrammar::Map(&USERS),
            "A constant number of users. Each user waits for an answer before the next request.",
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
    "A rate that rises. Its requests are sent but not measured.",
    &[
        optional("from", A_RATE, "The initial rate; 0/s by default."),
        required("rate", A_RATE, "The final rate."),
        required("duration", A_DURATION, "The duration of the phase."),
    ],
);
static CONSTANT: MapGrammar = table(
    "`constant`",
    "The same rate for the whole phase.",
    &[
        required("rate", A_RATE, "The rate of arrivals."),
        required("duration", A_DURATION, "The duration of the phase."),
    ],
);
static RAMP: MapGrammar = table(
    "`ramp`",
    "A rate that changes linearly from one value to another.",
    &[
        optional("from", A_RATE, "The initial rate; 0/s by default."),
        required("to", A_RATE, "The final rate."),
        required("ramp_duration", A_DURATION, "The duration of the ramp."),
    ],
);
static RAMP_SUSTAIN: MapGrammar = table(
    "`ramp_sustain`",
    "A ramp, and then the final rate of the ramp for some time.",
    &[
        optional("from", A_RATE, "The initial rate; 0/s by default."),
        required("to", A_RATE, "The rate at the end of the ramp and after the ramp."),
        required("ramp_duration", A_DURATION, "The duration of the ramp."),
        required(
            "sustain_duration",
            A_DURATION,
            "The duration of the final rate after the ramp.",
        ),
    ],
);
static STEP: MapGrammar = table(
    "`step`",
    "Several constant rates, one after the other.",
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
        required(
            "amplitude",
            A_RATE,
            "The amplitude of the wave, which must be at most the mean rate.",
        ),
        required("period", A_DURATION, "The duration of one wave."),
        required("duration", A_DURATION, "The duration of the phase."),
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
            "The time from the start of one spike to the start of the next spike.",
        ),
        required(
            "spike_duration",
            A_DURATION,
            "The duration of a spike, which must be less than `spike_interval`.",
        ),
        required("duration", A_DURATION, "The duration of the phase."),
    ],
);
static COOL_DOWN: MapGrammar = table(
    "`cool_down`",
    "A rate that falls. Its requests are sent but not measured.",
    &[
        required("rate", A_RATE, "The initial rate."),
        optional("to", A_RATE, "The final rate; 0/s by default."),
        required("duration", A_DURATION, "The duration of the phase."),
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
        required("duration", A_DURATION, "The duration of the phase."),
    ],
);
static RAMP_USERS: MapGrammar = table(
    "`ramp_users`",
    "A number of users that changes linearly.",
    &[
        optional(
            "from",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The initial number of users; 0 by default.",
        ),
        required(
            "to",
            ValueGrammar::Whole { min: 0, max: USERS_MAX },
            "The final number of users.",
        ),
        required("duration", A_DURATION, "The duration of the change."),
    ],
);
static THINK_TIME: MapGrammar = table(
    "`think_time`",
    "A pause that is drawn uniformly from a range.",
    &[
        required("min", A_DURATION, "The minimum duration of the pause."),
        required("max", A_DURATION, "The maximum duration of the pause."),
    ],
);

static TLS: MapGrammar = table(
    "`tls`",
    "Authorities that workers trust in addition to the authorities of their systems, and the client certificate, in \
     PEM.",
    &[
        optional(
            "ca",
            ValueGrammar::Text(&PEM),
            "The certificates of additional trusted authorities.",
        ),
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
            "The maximum number of open connections; 128 by default.",
        ),
        optional(
            "streams",
            ValueGrammar::Whole {
                min: 1,
                max: Limits::STREAMS_MAX as u64,
            },
            "The maximum number of concurrent requests on one connection with `protocol: http2`; 100 by default.",
        ),
        optional(
            "max_wait",
            A_DURATION,
            "The maximum time that an arrival waits for a connection; 10s by default. After this time, the arrival is \
             dropped.",
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
            "The maximum number of flows in progress; 10000 by default. With `connections: user`, each flow in \
             progress also needs a connection.",
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
            "The maximum size of the body of an answer; 16MiB by default. If the body is larger, the request fails.",
        ),
        optional(
            "insecure_tls",
            ValueGrammar::Flag,
            "Whether workers accept every certificate of a target; false by default.",
        ),
    ],
);
