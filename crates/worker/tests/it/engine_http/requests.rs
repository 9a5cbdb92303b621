//! Tests of the bytes that a request sends over HTTP/1.1.

use super::server::Server;
use crate::rig::Rig;
use plan::scenario::Protocol::Http1;

#[test]
fn a_request_has_only_a_host_and_an_agent_by_default() {
    let server = Server::start(|peer| peer.answer_all("200 OK", ""));
    Rig::new(Http1, server.port, "url: /a/b?x=1&y=%20").send();
    let seen = server.seen().remove(0);
    assert_eq!(seen.line, "GET /a/b?x=1&y=%20 HTTP/1.1");
    let host = ("host".to_owned(), format!("127.0.0.1:{}", server.port));
    let agent = (
        "user-agent".to_owned(),
        concat!("vajra-cloud/", env!("CARGO_PKG_VERSION")).to_owned(),
    );
    assert_eq!(seen.headers, [host, agent]);
    assert!(seen.body.is_empty());
}
