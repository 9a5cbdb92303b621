//! The fields of a request's head and their order, in one place for everything that writes a head.
//!
//! A request of the plan is written as pieces, with placeholders; one that a redirect asks for as bytes; and HTTP/2
//! takes the fields apart. All of them go through [`fields`], and those of HTTP/1.1 through [`write`].

/// What every request says of itself, unless the scenario says something else.
const AGENT: &str = concat!("vajra-cloud/", env!("CARGO_PKG_VERSION"));

/// Whether a request says that its connection ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persistence {
    Kept,
    Closed,
}

/// One field of a head. `V` is what values are made of.
#[derive(Debug)]
pub(crate) enum Field<'a, V> {
    /// The host that the request goes to.
    Host,
    /// One that the scenario has.
    Own(&'a str, &'a V),
    Agent(&'static str),
    /// The length of the body.
    Length,
    /// That the connection ends with the request.
    Close,
}

/// The fields of a head, in their order.
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

/// Whether a request says how long its body is. RFC 9110, 8.6: a method that means something by
/// its content says so when there is none.
pub(crate) fn states_length(method: &str, is_empty: bool) -> bool {
    !is_empty || matches!(method, "POST" | "PUT" | "PATCH")
}

/// What a head of HTTP/1.1 is written to: it knows what differs from request to request.
pub(crate) trait Out<V> {
    fn text(&mut self, text: &str);
    /// Path and query.
    fn target(&mut self);
    /// The host as a request names it.
    fn host(&mut self);
    fn value(&mut self, value: &V);
    /// The length of the body.
    fn length(&mut self);
}

/// Writes the head of a request of HTTP/1.1.
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
