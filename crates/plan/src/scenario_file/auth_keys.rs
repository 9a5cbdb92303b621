//! The declarations of the keys of authentications.

use super::grammar::{Key, MapGrammar, ValueGrammar, optional, required, table};
use super::wordings::{ANY_TEXT, REQUEST_URL, TEMPLATE};
use crate::limits::LIST_MAX;

/// The word that a request without authentication has under the key `auth`.
pub(super) const NONE: &str = "none";

/// The key `auth` of a scenario.
pub(super) const AUTHS: Key = optional(
    "auth",
    ValueGrammar::Named {
        of: &ONE_AUTH,
        entries_max: LIST_MAX,
    },
    "Ways of authentication, by name. A request selects one of these ways with `auth: NAME`.",
);
static ONE_AUTH: ValueGrammar = ValueGrammar::Map(&AUTH);

/// The key `auth` of a request, of a step, and of `defaults`.
pub(super) const USED: Key = optional(
    "auth",
    ValueGrammar::Spelling,
    "The name of a way of authentication in the scenario's `auth`, or `none` for no authentication. A request without \
     this key uses the `auth` of `defaults`.",
);

pub(super) static AUTH: MapGrammar = MapGrammar {
    noun: "an authentication",
    doc: "One way of authentication.",
    keys: &[
        optional(
            "basic",
            ValueGrammar::Map(&BASIC),
            "A user name and a password, sent as `Authorization: Basic …` (RFC 7617).",
        ),
        optional(
            "bearer",
            ValueGrammar::Spelling,
            "A token, sent as `Authorization: Bearer …` (RFC 6750); often a secret or a captured value.",
        ),
        optional(
            "oauth",
            ValueGrammar::Map(&OAUTH),
            "A token of OAuth 2.0 (RFC 6749). Each worker requests a token before the start of the run, and renews \
             the token before it expires.",
        ),
        optional(
            "sigv4",
            ValueGrammar::Map(&SIGV4),
            "A signature of each request (AWS Signature Version 4), as services of AWS require.",
        ),
    ],
    one_of: &[&["basic", "bearer", "oauth", "sigv4"]],
    unread: None,
    elsewhere: &[
        ("token", "write `bearer`"),
        ("header", "write the header in `headers`"),
        ("user", "write `basic: { user: …, password: … }`"),
    ],
};

static OAUTH: MapGrammar = MapGrammar {
    noun: "`oauth`",
    doc: "How a token of OAuth 2.0 is requested: with the client's credentials, or with a user's password.",
    keys: &[
        required(
            "url",
            ValueGrammar::Text(&REQUEST_URL),
            "The whole URL of the server that issues tokens.",
        ),
        required("client_id", ValueGrammar::Spelling, "The name of the client."),
        optional(
            "client_secret",
            ValueGrammar::Spelling,
            "The secret of the client; required if `user` is not set.",
        ),
        optional(
            "user",
            ValueGrammar::Spelling,
            "The user whose password is exchanged for a token (the password grant).",
        ),
        optional("password", ValueGrammar::Spelling, "The password of the user."),
        optional("scope", ValueGrammar::Spelling, "The scope of the token."),
        optional(
            "client_auth",
            ValueGrammar::Choice(&["header", "body"]),
            "Whether the client's credentials are sent in a header or in the body; `header` by default.",
        ),
        optional(
            "parameters",
            ValueGrammar::Named {
                of: &ValueGrammar::Spelling,
                entries_max: PARAMETERS_MAX,
            },
            "Other parameters that the server requires, such as `audience`.",
        ),
    ],
    one_of: &[],
    unread: None,
    elsewhere: &[
        (
            "grant_type",
            "write `user` and `password` for the password grant; leave them out for client credentials",
        ),
        ("username", "write `user`"),
        ("audience", "write `parameters: { audience: … }`"),
        ("token_url", "write `url`"),
    ],
};

/// The maximum number of additional parameters of a token request.
const PARAMETERS_MAX: usize = 100;

static SIGV4: MapGrammar = table(
    "`sigv4`",
    "How requests are signed with AWS Signature Version 4. Without `key` and `secret`, a worker uses the credentials of \
     its environment.",
    &[
        required(
            "service",
            ValueGrammar::Text(&ANY_TEXT),
            "The name of the service, such as `execute-api`.",
        ),
        optional(
            "region",
            ValueGrammar::Text(&ANY_TEXT),
            "The region, such as `eu-central-1`; by default, the region in the host name of the target.",
        ),
        optional(
            "key",
            ValueGrammar::Text(&TEMPLATE),
            "The ID of the access key, as a `secret` placeholder.",
        ),
        optional(
            "secret",
            ValueGrammar::Text(&TEMPLATE),
            "The secret access key, as a `secret` placeholder.",
        ),
        optional(
            "token",
            ValueGrammar::Text(&TEMPLATE),
            "The session token, as a `secret` placeholder.",
        ),
    ],
);

static BASIC: MapGrammar = table(
    "`basic`",
    "A user name and a password.",
    &[
        required("user", ValueGrammar::Spelling, "The name of the user."),
        required(
            "password",
            ValueGrammar::Spelling,
            "The password; often a secret or a cell of a feed.",
        ),
    ],
);
