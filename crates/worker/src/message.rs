//! Writes the bytes of requests. The bytes are built once. For each arrival, only the placeholders are filled in.
//!
//! A request is a list of pieces. Constant pieces are copied as text. If a request has no placeholders and only one
//! target, the whole request is one constant piece.

use crate::clients::Identity;
use crate::endpoint::Endpoint;
use crate::head::{self, Field, Persistence};
use crate::index::Table;
use crate::secrets::Secret;
use crate::signing::KeyCopy;
use crate::supplies::Supplies;
use crate::tokens::TokenCopies;
use bytes::Bytes;
use plan::action::Action;
use plan::draw;
use plan::form::Form;
use plan::plan::Plan;
use plan::scenario::{Body, BodyPiece, Request, Reuse};
use plan::template::{Template, TemplatePart};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use tally::request::RequestIndex;
use values::{encode, uuid, write_time};

mod secret_texts;
mod signature;
mod values;

pub(crate) use values::Filling;

/// Writes the requests of a plan.
pub(crate) struct Messages {
    plan: Arc<Plan>,
    supplies: Arc<Supplies>,
    tokens: TokenCopies,
    own_keys: RefCell<Option<KeyCopy>>,
    mix: plan::mix::Mix,
    rows: plan::rows::Rows,
    /// The targets of the plan, in the plan's order.
    targets: Vec<Endpoint>,
    forms: Table<RequestIndex, RequestForm>,
    /// A buffer that is used again for each request. The body of a request is filled in here first, because the length
    /// of the body is written before the body.
    body: Cell<Vec<u8>>,
}

/// One request of the plan, as a list of pieces.
struct RequestForm {
    host: RequestHost,
    pieces: Vec<Piece>,
    body: BodyForm,
    /// The captured values that are written unchanged into the head of the request. The second value of each entry is a
    /// check that a text is allowed at its position.
    verbatim: Vec<values::Verbatim>,
    /// The number of the set that contains the request's own client certificates.
    certificates: Option<u32>,
}

/// The host of a request.
enum RequestHost {
    /// The host of one of the plan's targets. The target is drawn for each arrival.
    Target,
    /// A host that the request itself names.
    Own(Endpoint),
    /// A host with placeholders. The URL is parsed after the placeholders are filled in.
    Drawn,
}

enum Piece {
    Text(Vec<u8>),
    Fill(TemplatePart),
    /// The path of the base URL of the target, without a trailing slash.
    Base,
    /// The whole path of the base URL of the target.
    TargetPath,
    /// The path and query of a URL whose host contains placeholders.
    DrawnPath,
    /// The host, as in the `host` header.
    HostName,
    /// The length of the body after its placeholders are filled in.
    Length,
}

enum BodyForm {
    Empty,
    /// A constant inline body, which is a part of the last piece.
    Within,
    Filled(Template),
    Pieces(Vec<BodyPiece>),
    Blob(Bytes),
}

/// The endpoint of a request. The endpoint is known before the start, or it depends on values of the arrival.
#[derive(Debug)]
pub(crate) enum Destination<'a> {
    Known(&'a Endpoint),
    Drawn(Endpoint),
}

impl std::fmt::Debug for Messages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Messages({} requests)", self.forms.len())
    }
}

impl Messages {
    /// Splits the requests of a plan into pieces.
    pub(crate) fn new(plan: Arc<Plan>, supplies: Arc<Supplies>) -> Messages {
        let endpoint = |url: &String| Endpoint::of(url).unwrap_or_else(Endpoint::nowhere);
        let targets: Vec<Endpoint> = plan.targets.iter().map(endpoint).collect();
        let forms = plan.actions().enumerate().map(|(index, Action::Http(request))| {
            let connection = persistence(&plan, index.into());
            RequestForm::new(request, &targets, &plan.run, &supplies, connection)
        });
        let forms = forms.collect();
        Messages {
            mix: plan.mix(),
            tokens: TokenCopies::of(&supplies.tokens),
            own_keys: RefCell::new(supplies.own_keys.as_ref().map(|keys| keys.copy())),
            rows: plan.rows(),
            targets,
            forms,
            plan,
            supplies,
            body: Cell::default(),
        }
    }

    /// Returns every endpoint that is known before the start, so that the engine can set the number of the endpoint's
    /// origin.
    pub(crate) fn endpoints(&mut self) -> impl Iterator<Item = &mut Endpoint> {
        let own = self
            .forms
            .rows_mut()
            .iter_mut()
            .filter_map(|form| match &mut form.host {
                RequestHost::Own(endpoint) => Some(endpoint),
                RequestHost::Target | RequestHost::Drawn => None,
            });
        self.targets.iter_mut().chain(own)
    }

    /// Returns the client certificate for the connection of a request. Returns `None` for the certificate of the plan.
    pub(crate) fn identity(&self, k: u64, request: RequestIndex) -> Option<Identity> {
        let set = self.forms[request].certificates?;
        Some(self.supplies.clients.identity(set, |feed| self.rows.row(feed, k)))
    }

    /// Returns whether any request has a client certificate of its own.
    pub(crate) fn has_identities(&self) -> bool {
        self.forms.rows().iter().any(|form| form.certificates.is_some())
    }

    /// Returns whether a text contains one of the plan's secrets.
    pub(crate) fn hide(&self, text: &str) -> bool {
        self.supplies.hide(text)
    }

    /// Returns the endpoint of a request for arrival `k`. Returns `None` if the URL is invalid after its placeholders
    /// are filled in.
    pub(crate) fn destination(&self, filling: Filling<'_>, request: RequestIndex) -> Option<Destination<'_>> {
        Some(match &self.forms[request].host {
            RequestHost::Target => Destination::Known(&self.targets[self.target(filling.k)]),
            RequestHost::Own(endpoint) => Destination::Known(endpoint),
            RequestHost::Drawn => {
                let Action::Http(planned) = self.plan.action(request);
                let url = self.text(&planned.url, filling);
                match url.starts_with('/') {
                    // The path of the URL is captured from an answer, so the request is sent to the target of the
                    // arrival.
                    true => Destination::Known(&self.targets[self.target(filling.k)]),
                    false => Destination::Drawn(Endpoint::of(&url)?),
                }
            }
        })
    }

    /// Appends a request of the plan for arrival `k` to `out`. If the body is stored separately, returns the body. The
    /// caller sends the returned body after `out`.
    pub(crate) fn write(&self, filling: Filling<'_>, request: RequestIndex, out: &mut Vec<u8>) -> Option<Bytes> {
        let form = &self.forms[request];
        // A request that is one constant piece is copied as it is.
        if let ([Piece::Text(text)], BodyForm::Empty | BodyForm::Within) = (form.pieces.as_slice(), &form.body) {
            out.extend_from_slice(text);
            return None;
        }
        let mut body = self.body.take();
        body.clear();
        match &form.body {
            BodyForm::Filled(template) => self.fill(&template.0, filling, &mut body),
            BodyForm::Pieces(pieces) => self.fill_pieces(pieces, filling, &mut body),
            BodyForm::Empty | BodyForm::Within | BodyForm::Blob(_) => {}
        }
        let k = filling.k;
        for piece in &form.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Fill(part) => self.fill(std::slice::from_ref(part), filling, out),
                Piece::Length => out.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes()),
                Piece::Base => out.extend_from_slice(self.targets[self.target(k)].base.as_bytes()),
                Piece::TargetPath => out.extend_from_slice(self.targets[self.target(k)].path.as_bytes()),
                Piece::HostName => self.host_name(filling, request, out),
                Piece::DrawnPath => {
                    let Action::Http(planned) = self.plan.action(request);
                    let url = self.text(&planned.url, filling);
                    match url.starts_with('/') {
                        true => {
                            out.extend_from_slice(self.targets[self.target(k)].base.as_bytes());
                            out.extend_from_slice(url.as_bytes());
                        }
                        false => out.extend_from_slice(Endpoint::path_of(&url).unwrap_or_default().as_bytes()),
                    }
                }
            }
        }
        out.extend_from_slice(&body);
        self.body.set(body);
        match &form.body {
            BodyForm::Blob(bytes) => Some(bytes.clone()),
            BodyForm::Empty | BodyForm::Within | BodyForm::Filled(_) | BodyForm::Pieces(_) => None,
        }
    }

    fn host_name(&self, filling: Filling<'_>, request: RequestIndex, out: &mut Vec<u8>) {
        match self.destination(filling, request) {
            Some(Destination::Known(endpoint)) => out.extend_from_slice(endpoint.host_name.as_bytes()),
            Some(Destination::Drawn(endpoint)) => out.extend_from_slice(endpoint.host_name.as_bytes()),
            None => {}
        }
    }

    fn target(&self, k: u64) -> usize {
        match self.targets.len() {
            1 => 0,
            _ => self.mix.target(k),
        }
    }

    /// Returns the method, URL, headers and body of a request. This form is used for HTTP/2, and for requests with
    /// redirects, cookies or a signature.
    pub(crate) fn filled(&self, filling: Filling<'_>, request: RequestIndex) -> Filled {
        let Action::Http(planned) = self.plan.action(request);
        let mut url = self.text(&planned.url, filling);
        let target = &self.plan.targets[self.target(filling.k)];
        match url.chars().next() {
            Some('/') => url.insert_str(0, target.trim_end_matches('/')),
            None | Some('?') => url.insert_str(0, target),
            Some(_) => {}
        }
        let headers = planned
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), self.text(value, filling)))
            .collect();
        let private = planned.headers.iter().filter(|(_, value)| has_secret(value));
        let private = private.map(|(name, _)| name.clone()).collect();
        let private_body = match &planned.body {
            Body::Inline(body) => has_secret(body),
            Body::Pieces(pieces) => {
                let mut pieces = pieces.iter();
                pieces.any(|piece| matches!(piece, BodyPiece::Template(body) if has_secret(body)))
            }
            Body::Empty | Body::Blob(_) => false,
        };
        let body = match &planned.body {
            Body::Empty => Bytes::new(),
            Body::Inline(template) => self.text(template, filling).into(),
            Body::Blob(sha256) => self.blob(sha256),
            Body::Pieces(pieces) => {
                let mut body = Vec::new();
                self.fill_pieces(pieces, filling, &mut body);
                body.into()
            }
        };
        Filled {
            method: planned.method.clone(),
            url,
            headers,
            private,
            body,
            private_body,
            connection: persistence(&self.plan, request),
        }
    }

    fn blob(&self, sha256: &str) -> Bytes {
        self.supplies.bodies.get(sha256).cloned().unwrap_or_default()
    }

    fn fill_pieces(&self, pieces: &[BodyPiece], filling: Filling<'_>, out: &mut Vec<u8>) {
        for piece in pieces {
            match piece {
                BodyPiece::Template(template) => self.fill(&template.0, filling, out),
                BodyPiece::Blob(sha256) => out.extend_from_slice(&self.blob(sha256)),
            }
        }
    }

    /// Returns whether the values that the flow has captured are allowed at their positions in the head of a request.
    pub(crate) fn values_fit(&self, filling: Filling<'_>, request: RequestIndex) -> bool {
        self.forms[request].verbatim.iter().all(|(variable, fits)| {
            let value = filling.flow.values.get(*variable);
            value.is_none_or(fits)
        })
    }

    fn text(&self, template: &Template, filling: Filling<'_>) -> String {
        let mut out = Vec::new();
        self.fill(&template.0, filling, &mut out);
        // Texts, cells and drawn values are UTF-8, so the concatenation is UTF-8.
        String::from_utf8(out).unwrap_or_default()
    }

    fn fill(&self, parts: &[TemplatePart], filling: Filling<'_>, out: &mut Vec<u8>) {
        let Filling { k, flow } = filling;
        let (seed, visit) = (self.plan.seed, flow.visit);
        let mut digits = itoa::Buffer::new();
        for part in parts {
            match part {
                TemplatePart::Text(text) => out.extend_from_slice(text.as_bytes()),
                TemplatePart::Arrival => out.extend_from_slice(digits.format(k).as_bytes()),
                TemplatePart::Uuid { slot } => {
                    out.extend_from_slice(&uuid(
                        draw::bits_at(seed, k, *slot, visit),
                        draw::bits_at(!seed, k, *slot, visit),
                    ));
                }
                TemplatePart::Random { slot, min, max } => {
                    let span = max.abs_diff(*min);
                    let bits = draw::bits_at(seed, k, *slot, visit);
                    let step = match span {
                        u64::MAX => bits,
                        _ => draw::below(bits, span + 1),
                    };
                    out.extend_from_slice(digits.format(min.wrapping_add_unsigned(step)).as_bytes());
                }
                TemplatePart::Feed { feed, column, form } => {
                    form.write(self.cell(*feed as usize, *column as usize, k), out);
                }
                TemplatePart::Secret { secret, form } => write_secret(&self.supplies, *secret, *form, out),
                TemplatePart::Token { token } => self.tokens.write(*token, out),
                TemplatePart::Run => out.extend_from_slice(self.plan.run.as_bytes()),
                TemplatePart::Captured {
                    variable,
                    fallback,
                    form,
                } => {
                    let value = flow.values.get(*variable).or(fallback.as_deref());
                    form.write(value.unwrap_or_default(), out);
                }
                TemplatePart::Loop => out.extend_from_slice(digits.format(flow.turn).as_bytes()),
                TemplatePart::Due(format) => write_time(flow.due, *format, out),
                TemplatePart::Encoded { parts, encoding, form } => {
                    let from = out.len();
                    self.fill(parts, filling, out);
                    encode(*encoding, *form, out, from);
                }
            }
        }
    }

    /// Returns a cell of a feed, from the row that arrival `k` uses.
    fn cell(&self, feed: usize, column: usize, k: u64) -> &str {
        let row = self.rows.row(feed, k) as usize;
        self.supplies.feeds[feed].cell(row, column)
    }
}

/// A request whose placeholders are filled in.
#[derive(Clone)]
pub(crate) struct Filled {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// The names of the headers that contain secrets.
    pub private: Vec<String>,
    pub body: Bytes,
    /// Whether the body contains a secret.
    pub private_body: bool,
    pub connection: Persistence,
}

impl std::fmt::Debug for Filled {
    /// Shows no value that can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filled({})", self.method)
    }
}

impl Filled {
    pub(crate) fn drop_headers(&mut self, names: &[&str]) {
        self.headers
            .retain(|(name, _)| !names.iter().any(|dropped| name.eq_ignore_ascii_case(dropped)));
    }

    /// Removes the headers that contain secrets. Returns `false` if a body that is not empty contains a secret.
    pub(crate) fn part_with_private(&mut self) -> bool {
        let private = std::mem::take(&mut self.private);
        self.headers.retain(|(name, _)| !private.contains(name));
        self.body.is_empty() || !self.private_body
    }

    /// Returns the fields of the request's head.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field<'_, String>> {
        let states_length = head::states_length(&self.method, self.body.is_empty());
        head::fields(&self.headers, states_length, self.connection)
    }

    /// Writes the head of the request. The caller sends the body after the head.
    pub(crate) fn write_head(&self, endpoint: &Endpoint, path: &str, out: &mut Vec<u8>) {
        let length = self.body.len();
        let mut out = FilledHead {
            out,
            endpoint,
            path,
            length,
        };
        head::write(&self.method, self.fields(), &mut out);
    }
}

/// Writes the parts of the head of a [`Filled`] request.
struct FilledHead<'a> {
    out: &'a mut Vec<u8>,
    endpoint: &'a Endpoint,
    path: &'a str,
    length: usize,
}

impl head::Out<String> for FilledHead<'_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn target(&mut self) {
        self.text(self.path);
    }

    fn host(&mut self) {
        self.text(&self.endpoint.host_name);
    }

    fn value(&mut self, value: &String) {
        self.text(value);
    }

    fn length(&mut self) {
        self.text(itoa::Buffer::new().format(self.length));
    }
}

/// Writes the parts of the head of a planned request as pieces.
struct PlannedHead<'a, 'u> {
    pieces: Pieces<'a>,
    host: &'u RequestHost,
    path: &'u Template,
    /// The length of the body, if the bodies of all arrivals have the same length.
    length: Option<usize>,
}

impl head::Out<Template> for PlannedHead<'_, '_> {
    fn text(&mut self, text: &str) {
        self.pieces.text(text);
    }

    fn target(&mut self) {
        match self.host {
            RequestHost::Target => {
                let appended = matches!(self.path.0.first(), Some(TemplatePart::Text(first)) if first.starts_with('/'));
                self.pieces.push(if appended { Piece::Base } else { Piece::TargetPath });
            }
            RequestHost::Own(_) => {}
            RequestHost::Drawn => self.pieces.push(Piece::DrawnPath),
        }
        self.pieces.template(self.path);
    }

    fn host(&mut self) {
        self.pieces.push(Piece::HostName);
    }

    fn value(&mut self, value: &Template) {
        self.pieces.template(value);
    }

    fn length(&mut self) {
        match self.length {
            Some(length) => self.pieces.text(itoa::Buffer::new().format(length)),
            None => self.pieces.push(Piece::Length),
        }
    }
}

impl RequestForm {
    fn new(
        request: &Request,
        targets: &[Endpoint],
        run: &str,
        supplies: &Supplies,
        connection: Persistence,
    ) -> RequestForm {
        let (host, path) = host_and_path(&request.url);
        let body = body_form(request, supplies);
        let length = match (&request.body, &body) {
            (_, BodyForm::Empty) => Some(0),
            (Body::Inline(template), BodyForm::Within) => template.as_fixed().map(str::len),
            (_, BodyForm::Blob(bytes)) => Some(bytes.len()),
            _ => None,
        };
        let mut out = PlannedHead {
            pieces: Pieces {
                pieces: Vec::new(),
                run,
                supplies,
                only: match (&host, targets) {
                    (RequestHost::Target, [endpoint]) | (RequestHost::Own(endpoint), _) => Some(endpoint.clone()),
                    _ => None,
                },
            },
            host: &host,
            path: &path,
            length,
        };
        let states_length = head::states_length(&request.method, length == Some(0));
        let fields = head::fields(&request.headers, states_length, connection);
        head::write(&request.method, fields, &mut out);
        let mut pieces = out.pieces;
        if let (Body::Inline(template), BodyForm::Within) = (&request.body, &body) {
            pieces.text(template.as_fixed().unwrap_or_default());
        }
        RequestForm {
            host,
            pieces: pieces.pieces,
            body,
            verbatim: values::verbatim(request),
            certificates: request
                .client
                .as_ref()
                .and_then(|client| supplies.clients.set_of(client)),
        }
    }
}

/// Returns whether the connection of a request stays open after the request.
fn persistence(plan: &Plan, request: RequestIndex) -> Persistence {
    match plan.reuse_of(request) {
        Reuse::Fresh => Persistence::Closed,
        Reuse::Kept | Reuse::User => Persistence::Kept,
    }
}

fn body_form(request: &Request, supplies: &Supplies) -> BodyForm {
    match &request.body {
        Body::Empty => BodyForm::Empty,
        Body::Inline(template) => match template.as_fixed() {
            Some("") => BodyForm::Empty,
            Some(_) => BodyForm::Within,
            None => BodyForm::Filled(template.clone()),
        },
        Body::Blob(sha256) => BodyForm::Blob(supplies.bodies.get(sha256).cloned().unwrap_or_default()),
        Body::Pieces(pieces) => BodyForm::Pieces(pieces.clone()),
    }
}

/// Returns the host of a request, and the rest of the request's URL after the host.
fn host_and_path(url: &Template) -> (RequestHost, Template) {
    if let Some(TemplatePart::Captured { .. }) = url.0.first() {
        return (RequestHost::Drawn, Template::default());
    }
    let (host, rest) = url.cut_url();
    let Some(host) = host.as_fixed() else {
        return (RequestHost::Drawn, Template::default());
    };
    if host.is_empty() {
        return (RequestHost::Target, rest);
    }
    let endpoint = Endpoint::of(host).unwrap_or_else(Endpoint::nowhere);
    let slash = matches!(rest.0.first(), Some(TemplatePart::Text(first)) if first.starts_with('/'));
    let mut path = Template::fixed(if slash { "" } else { "/" });
    rest.0.into_iter().for_each(|part| path.push(part));
    (RequestHost::Own(endpoint), path)
}

/// A list of pieces that is being built. Adjacent texts become one piece.
struct Pieces<'a> {
    pieces: Vec<Piece>,
    run: &'a str,
    supplies: &'a Supplies,
    /// The endpoint of the request, if the request has only one possible endpoint.
    only: Option<Endpoint>,
}

impl Pieces<'_> {
    fn text(&mut self, text: &str) {
        self.last_text().extend_from_slice(text.as_bytes());
    }

    /// Returns the text piece at the end of the list. Adds an empty text piece if the list ends with another kind of
    /// piece.
    fn last_text(&mut self) -> &mut Vec<u8> {
        if !matches!(self.pieces.last(), Some(Piece::Text(_))) {
            self.pieces.push(Piece::Text(Vec::new()));
        }
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text,
            _ => unreachable!("the last piece is text"),
        }
    }

    fn push(&mut self, piece: Piece) {
        match (&piece, self.only.clone()) {
            (Piece::Base, Some(only)) => self.text(&only.base),
            (Piece::TargetPath, Some(only)) => self.text(&only.path),
            (Piece::HostName, Some(only)) => self.text(&only.host_name),
            _ => self.pieces.push(piece),
        }
    }

    fn template(&mut self, template: &Template) {
        template.0.iter().for_each(|part| self.part(part));
    }

    /// Adds a part of a template. A part that is the same for every arrival is added as text.
    fn part(&mut self, part: &TemplatePart) {
        match part {
            TemplatePart::Text(text) => self.text(text),
            TemplatePart::Run => self.text(self.run),
            TemplatePart::Secret { secret, form } => {
                let supplies = self.supplies;
                write_secret(supplies, *secret, *form, self.last_text());
            }
            TemplatePart::Encoded { parts, encoding, form } if parts.iter().all(is_fixed) => {
                let from = self.last_text().len();
                parts.iter().for_each(|part| self.part(part));
                encode(*encoding, *form, self.last_text(), from);
            }
            part => self.pieces.push(Piece::Fill(part.clone())),
        }
    }
}

/// Appends a secret to `out`. The secret exists, because all secrets are looked up before the start.
fn write_secret(supplies: &Supplies, secret: u32, form: Form, out: &mut Vec<u8>) {
    let value = supplies.secrets.get(secret as usize).map_or("", Secret::value);
    form.write(value, out);
}

/// Returns whether a part of a template is the same for every arrival of the run.
fn is_fixed(part: &TemplatePart) -> bool {
    matches!(
        part,
        TemplatePart::Text(_) | TemplatePart::Run | TemplatePart::Secret { .. }
    )
}

fn has_secret(template: &Template) -> bool {
    let mut values = template.0.iter().flat_map(TemplatePart::values);
    values.any(|part| matches!(part, TemplatePart::Secret { .. } | TemplatePart::Token { .. }))
}

#[cfg(test)]
mod tests;
