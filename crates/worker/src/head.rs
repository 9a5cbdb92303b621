//! The header fields in the head of a request, in the order in which they are sent. All code that writes a head uses
//! this module.
//!
//! A request of the plan is written as pieces with placeholders, and a redirected request is written as bytes. An
//! HTTP/2 request is a list of single fields. The code for each of these three forms calls [`fields`]. The code for
//! HTTP/1.1 also calls [`write`].

/// The value of `user-agent` in every request, unless the scenario sets another value.
const AGENT: &str = concat!("vajra-cloud/", env!("CARGO_PKG_VERSION"));

/// Whether the connection is kept or closed after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persistence {
    Kept,
    Closed,
}

/// One field of a head. `V` is the type of the values that the scenario contains.
#[derive(Debug)]
pub(crate) enum Field<'a, V> {
    /// The host of the endpoint.
    Host,
    /// A header of the scenario.
    Own(&'a str, &'a V),
    Agent(&'static str),
    /// The length of the body.
    Length,
    /// The header `connection: close`.
    Close,
}

/// Returns the fields of a head, in the order in which they are sent.
pub(crate) fn fields<V>(
    own: &[(String, V)],
    states_length: bool,
    persistence: Persistence,
) -> impl Iterator<Item = Field<'_, V>> {
    let has = |name: &str| own.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let (host, agent) = (!has("host"), !has("user-agent"));
    let written = own.iter().map(|(name, value)| Field::Own(name, value));
    (host.then_some(Field::Host).into_iter())
        .chain(written)
        .chain(agent.then_some(Field::Agent(AGENT)))
        .chain(states_length.then_some(Field::Length))
        .chain((persistence == Persistence::Closed).then_some(Field::Close))
}

/// Returns whether a request has a `content-length`. RFC 9110, 8.6: if the method of a request defines a meaning for
/// content, the request has this field even when the content is empty.
pub(crate) fn states_length(method: &str, is_empty: bool) -> bool {
    !is_empty || matches!(method, "POST" | "PUT" | "PATCH")
}

/// Receives an HTTP/1.1 head part by part. Planned requests and redirected requests write the parts differently.
pub(crate) trait Out<V> {
    fn text(&mut self, text: &str);
    /// Writes the path and query.
    fn target(&mut self);
    /// Writes the host as in the `host` header.
    fn host(&mut self);
    fn value(&mut self, value: &V);
    /// Writes the length of the body.
    fn length(&mut self);
}

/// Writes the head of an HTTP/1.1 request.
pub(crate) fn write<'a, V: 'a>(method: &str, fields: impl Iterator<Item = Field<'a, V>>, out: &mut impl Out<V>) {
    out.text(method);
    out.text(" ");
    out.target();
    out.text(" HTTP/1.1\r\n");
    for field in fields {
        match field {
            Field::Host => {
                out.text("host: ");
                out.host();
            }
            Field::Own(name, value) => {
                out.text(name);
                out.text(": ");
                out.value(value);
            }
            Field::Agent(agent) => {
                out.text("user-agent: ");
                out.text(agent);
            }
            Field::Length => {
                out.text("content-length: ");
                out.length();
            }
            Field::Close => out.text("connection: close"),
        }
        out.text("\r\n");
    }
    out.text("\r\n");
}
