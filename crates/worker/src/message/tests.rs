//! Tests of the bytes of requests.

use super::*;
use crate::exchange::Hop;
use test_plans::Planned;

/// Returns the values that fill the requests of arrival 7. `written` writes a request in two ways: from its pieces, and
/// from [`Filled`] as after a redirect.
fn seventh() -> Filling<'static> {
    static FLOW: std::sync::LazyLock<crate::flow::FlowState> = std::sync::LazyLock::new(Default::default);
    Filling { k: 7, flow: &FLOW }
}

#[track_caller]
fn written(messages: &Messages, request: RequestIndex) -> [String; 2] {
    let (mut pieces, mut filled) = (Vec::new(), Vec::new());
    let blob = messages.write(seventh(), request, &mut pieces);
    pieces.extend(blob.unwrap_or_default());
    let body = Hop::first(messages, seventh(), request).unwrap().write(&mut filled);
    filled.extend(body.unwrap_or_default());
    [pieces, filled].map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn pieces_and_filled_requests_give_the_same_bytes() {
    let requests = [
        "url: /a",
        "method: POST, url: '/b?x=1'",
        "url: /c, headers: { Host: other.example, User-Agent: mine, X-Id: '{{ arrival }}' }",
        "method: PUT, url: /d, body: 'n={{ arrival }}'",
        "method: PUT, url: /e, body: fixed",
        "url: 'http://own.example:81/{{ arrival }}?{{ arrival }}'",
    ];
    let listed = requests.map(|request| format!("- {{ name: r{}, {request} }}\n", request.len()));
    for connections in ["kept", "fresh"] {
        let text = format!(
            "name: t\ntarget: http://shop.example/base\nconnections: {connections}\n\
             load: {{ constant: {{ rate: 1/s, duration: 1s }} }}\nrequests:\n{}",
            listed.concat()
        );
        let planned = Planned::of(&text);
        let plan = Arc::new(planned.plan_of(&planned.scenario()).unwrap());
        let messages = Messages::new(plan, Arc::default());
        for (n, request) in requests.iter().enumerate() {
            let [pieces, filled] = written(&messages, n.into());
            assert_eq!(pieces, filled, "{request}");
            let closes = pieces.contains("connection: close\r\n");
            assert_eq!(closes, connections == "fresh", "{pieces}");
        }
    }
}
