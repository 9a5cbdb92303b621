//! The stored form of requests and feeds.

use super::each;
use super::flow::{Capture, Check};
use super::transport::ClientCertificate;
use super::try_each;
use crate::template::Encoding;
use crate::{delimiter, form, scenario, template};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The stored form of a request.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    name: String,
    weight: u32,
    method: String,
    url: Template,
    headers: Vec<(String, Template)>,
    body: Body,
    timeout: Duration,
    success: Success,
    follow_redirects: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    captures: Vec<Capture>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<Signature>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<ClientCertificate>,
}

/// The stored form of the signature of a request. Each key is stored as the number of a secret.
#[derive(Debug, Serialize, Deserialize)]
struct Signature {
    service: String,
    region: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<SigningKeys>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SigningKeys {
    key: u32,
    secret: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<u32>,
}

impl From<scenario::Signature> for Signature {
    fn from(signature: scenario::Signature) -> Signature {
        let scenario::Signature { service, region, keys } = signature;
        let keys = keys.map(|scenario::SigningKeys { key, secret, token }| SigningKeys { key, secret, token });
        Signature { service, region, keys }
    }
}

impl From<Signature> for scenario::Signature {
    fn from(stored: Signature) -> scenario::Signature {
        let Signature { service, region, keys } = stored;
        let keys = keys.map(|SigningKeys { key, secret, token }| scenario::SigningKeys { key, secret, token });
        scenario::Signature { service, region, keys }
    }
}

impl From<scenario::Request> for Request {
    fn from(request: scenario::Request) -> Request {
        let scenario::Request {
            name,
            weight,
            method,
            url,
            headers,
            body,
            timeout,
            success,
            follow_redirects,
            captures,
            signature,
            client,
        } = request;
        Request {
            name,
            weight,
            method,
            url: url.into(),
            headers: headers.into_iter().map(|(name, value)| (name, value.into())).collect(),
            body: body.into(),
            timeout,
            success: success.into(),
            follow_redirects,
            captures: each(captures),
            signature: signature.map(Into::into),
            client: client.map(Into::into),
        }
    }
}

impl TryFrom<Request> for scenario::Request {
    type Error = String;

    fn try_from(stored: Request) -> Result<scenario::Request, String> {
        let headers = stored.headers.into_iter();
        Ok(scenario::Request {
            name: stored.name,
            weight: stored.weight,
            method: stored.method,
            url: stored.url.into(),
            headers: headers.map(|(name, value)| (name, value.into())).collect(),
            body: stored.body.into(),
            timeout: stored.timeout,
            success: stored.success.try_into()?,
            follow_redirects: stored.follow_redirects,
            captures: try_each(stored.captures)?,
            signature: stored.signature.map(Into::into),
            client: stored.client.map(Into::into),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Empty,
    Inline(Template),
    Blob(String),
    Pieces(Vec<BodyPiece>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BodyPiece {
    Template(Template),
    Blob(String),
}

impl From<scenario::BodyPiece> for BodyPiece {
    fn from(piece: scenario::BodyPiece) -> BodyPiece {
        match piece {
            scenario::BodyPiece::Template(template) => BodyPiece::Template(template.into()),
            scenario::BodyPiece::Blob(digest) => BodyPiece::Blob(digest),
        }
    }
}

impl From<BodyPiece> for scenario::BodyPiece {
    fn from(stored: BodyPiece) -> scenario::BodyPiece {
        match stored {
            BodyPiece::Template(template) => scenario::BodyPiece::Template(template.into()),
            BodyPiece::Blob(digest) => scenario::BodyPiece::Blob(digest),
        }
    }
}

impl From<scenario::Body> for Body {
    fn from(body: scenario::Body) -> Body {
        match body {
            scenario::Body::Empty => Body::Empty,
            scenario::Body::Inline(template) => Body::Inline(template.into()),
            scenario::Body::Blob(digest) => Body::Blob(digest),
            scenario::Body::Pieces(pieces) => Body::Pieces(each(pieces)),
        }
    }
}

impl From<Body> for scenario::Body {
    fn from(stored: Body) -> scenario::Body {
        match stored {
            Body::Empty => scenario::Body::Empty,
            Body::Inline(template) => scenario::Body::Inline(template.into()),
            Body::Blob(digest) => scenario::Body::Blob(digest),
            Body::Pieces(pieces) => scenario::Body::Pieces(each(pieces)),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Success {
    statuses: Vec<(u16, u16)>,
    body_contains: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

impl From<scenario::Success> for Success {
    fn from(success: scenario::Success) -> Success {
        let scenario::Success {
            statuses,
            body_contains,
            checks,
        } = success;
        Success {
            statuses,
            body_contains,
            checks: each(checks),
        }
    }
}

impl TryFrom<Success> for scenario::Success {
    type Error = String;

    fn try_from(stored: Success) -> Result<scenario::Success, String> {
        Ok(scenario::Success {
            statuses: stored.statuses,
            body_contains: stored.body_contains,
            checks: try_each(stored.checks)?,
        })
    }
}

/// The stored form of a text with placeholders.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Template(Vec<Part>);

impl From<template::Template> for Template {
    fn from(template: template::Template) -> Template {
        Template(each(template.0))
    }
}

impl From<Template> for template::Template {
    fn from(stored: Template) -> template::Template {
        template::Template(each(stored.0))
    }
}

/// The stored form of a part of a template. Plans of older versions do not contain the form of any part.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Text(String),
    Arrival,
    Uuid {
        slot: u32,
    },
    Random {
        slot: u32,
        min: i64,
        max: i64,
    },
    Feed {
        feed: u32,
        column: u32,
        #[serde(default, with = "Form")]
        form: form::Form,
    },
    Secret {
        secret: u32,
        #[serde(default, with = "Form")]
        form: form::Form,
    },
    Token {
        token: u32,
    },
    Run,
    Base64 {
        parts: Vec<Part>,
        #[serde(default, with = "Form")]
        form: form::Form,
    },
    Hex {
        parts: Vec<Part>,
        #[serde(with = "Form")]
        form: form::Form,
    },
    Sha256 {
        parts: Vec<Part>,
        #[serde(with = "Form")]
        form: form::Form,
    },
    Captured {
        variable: u32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<String>,
        #[serde(with = "Form")]
        form: form::Form,
    },
    Loop,
    Due(#[serde(with = "TimeFormat")] template::TimeFormat),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "template::TimeFormat", rename_all = "snake_case")]
enum TimeFormat {
    Iso,
    Unix,
    UnixMillis,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "form::Form", rename_all = "snake_case")]
enum Form {
    AsIs,
    Raw,
    Percent,
    Json,
    JsonPercent,
}

impl From<template::TemplatePart> for Part {
    fn from(part: template::TemplatePart) -> Part {
        use template::TemplatePart as Of;
        match part {
            Of::Text(text) => Part::Text(text),
            Of::Arrival => Part::Arrival,
            Of::Uuid { slot } => Part::Uuid { slot },
            Of::Random { slot, min, max } => Part::Random { slot, min, max },
            Of::Feed { feed, column, form } => Part::Feed { feed, column, form },
            Of::Secret { secret, form } => Part::Secret { secret, form },
            Of::Token { token } => Part::Token { token },
            Of::Run => Part::Run,
            Of::Encoded { parts, encoding, form } => {
                let parts = each(parts);
                match encoding {
                    Encoding::Base64 => Part::Base64 { parts, form },
                    Encoding::Hex => Part::Hex { parts, form },
                    Encoding::Sha256 => Part::Sha256 { parts, form },
                }
            }
            Of::Captured {
                variable,
                fallback,
                form,
            } => Part::Captured {
                variable,
                fallback,
                form,
            },
            Of::Loop => Part::Loop,
            Of::Due(format) => Part::Due(format),
        }
    }
}

impl From<Part> for template::TemplatePart {
    fn from(stored: Part) -> template::TemplatePart {
        use template::TemplatePart as To;
        match stored {
            Part::Text(text) => To::Text(text),
            Part::Arrival => To::Arrival,
            Part::Uuid { slot } => To::Uuid { slot },
            Part::Random { slot, min, max } => To::Random { slot, min, max },
            Part::Feed { feed, column, form } => To::Feed { feed, column, form },
            Part::Secret { secret, form } => To::Secret { secret, form },
            Part::Token { token } => To::Token { token },
            Part::Run => To::Run,
            Part::Base64 { parts, form } => encoded(parts, Encoding::Base64, form),
            Part::Hex { parts, form } => encoded(parts, Encoding::Hex, form),
            Part::Sha256 { parts, form } => encoded(parts, Encoding::Sha256, form),
            Part::Captured {
                variable,
                fallback,
                form,
            } => To::Captured {
                variable,
                fallback,
                form,
            },
            Part::Loop => To::Loop,
            Part::Due(format) => To::Due(format),
        }
    }
}

fn encoded(parts: Vec<Part>, encoding: Encoding, form: form::Form) -> template::TemplatePart {
    template::TemplatePart::Encoded {
        parts: each(parts),
        encoding,
        form,
    }
}

/// The stored form of how arrivals are divided among the requests and flows of a mix.
#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::MixOrder", rename_all = "snake_case")]
pub(super) enum MixOrder {
    Drawn,
    Exact,
}

impl MixOrder {
    /// Returns whether the order is the default order. Plans of older versions have the default order and do not
    /// contain the field.
    pub(super) fn is_drawn(order: &scenario::MixOrder) -> bool {
        *order == scenario::MixOrder::Drawn
    }
}

/// The stored form of a feed.
#[derive(Serialize, Deserialize)]
pub(super) struct Feed {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delimiter: Option<Delimiter>,
    columns: Vec<String>,
    rows: u64,
    #[serde(default, skip_serializing_if = "Pick::is_turn", with = "Pick")]
    pick: scenario::Pick,
    blob: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<FeedPart>,
}

/// The stored form of a part of a large feed.
#[derive(Serialize, Deserialize)]
struct FeedPart {
    blob: String,
    rows: u64,
    bytes: u64,
}

impl From<scenario::FeedPart> for FeedPart {
    fn from(part: scenario::FeedPart) -> FeedPart {
        let scenario::FeedPart { blob, rows, bytes } = part;
        FeedPart { blob, rows, bytes }
    }
}

impl From<FeedPart> for scenario::FeedPart {
    fn from(stored: FeedPart) -> scenario::FeedPart {
        let FeedPart { blob, rows, bytes } = stored;
        scenario::FeedPart { blob, rows, bytes }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "scenario::Pick", rename_all = "snake_case")]
enum Pick {
    Turn,
    Once,
    Shuffle,
    Random,
    User,
}

impl Pick {
    /// Returns whether `pick` is the default. Plans of older versions have the default, and do not contain the field.
    fn is_turn(pick: &scenario::Pick) -> bool {
        *pick == scenario::Pick::Turn
    }
}

impl From<scenario::Feed> for Feed {
    fn from(feed: scenario::Feed) -> Feed {
        let scenario::Feed {
            name,
            delimiter,
            columns,
            rows,
            pick,
            blob,
            parts,
        } = feed;
        Feed {
            name,
            delimiter: delimiter.map(Delimiter),
            columns,
            rows,
            pick,
            blob,
            parts: each(parts),
        }
    }
}

impl From<Feed> for scenario::Feed {
    fn from(stored: Feed) -> scenario::Feed {
        scenario::Feed {
            name: stored.name,
            delimiter: stored.delimiter.map(|delimiter| delimiter.0),
            columns: stored.columns,
            rows: stored.rows,
            pick: stored.pick,
            blob: stored.blob,
            parts: each(stored.parts),
        }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
struct Delimiter(delimiter::Delimiter);

impl TryFrom<char> for Delimiter {
    type Error = String;

    fn try_from(c: char) -> Result<Delimiter, String> {
        c.try_into().map(Delimiter)
    }
}

impl From<Delimiter> for char {
    fn from(delimiter: Delimiter) -> char {
        delimiter.0.into()
    }
}
