//! Where hosts are connected to, and that the name stays: other addresses than those of the name, several
//! addresses of which some do not answer, certificates of the scenario. Both engines keep the same rules.

use super::rig::{Rig, ok, outcome, send};
use super::server::{Server, Silent};
use super::tls::{Authority, Identity, authority, config, identity, mutual, server, shake};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Barrier, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use worker::engine::{Answer, Engine, FlowState};
use worker::http::Lookup;

const LONG: Duration = Duration::from_secs(60);

fn nobody() -> Lookup {
    Arc::new(|host, _| panic!("{host} is looked up"))
}

/// Sends two arrivals at once.
async fn send_two(http: &mut impl Engine) -> Vec<Answer> {
    let (mut answers, patience) = (Vec::new(), Instant::now() + Duration::from_secs(20));
    (0..2).for_each(|k| http.send((k as usize).into(), k, 0.into(), FlowState::default()));
    while answers.len() < 2 {
        assert!(Instant::now() < patience, "{answers:?}");
        http.wait(patience, &mut answers).await;
    }
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[test]
fn a_host_is_connected_to_where_the_scenario_says_and_keeps_its_name() {
    let server = Server::start(|peer| peer.answer_all("200 OK", ""));
    let port = server.port;
    for (target, hosts) in [
        ("http://shop.example:81", format!("127.0.0.1:{port}")),
        ("http://Shop.Example:81", format!("[\"127.0.0.1:{port}\"]")),
        ("http://192.0.2.1:81", format!("127.0.0.1:{port}")),
    ] {
        let host = target
            .trim_start_matches("http://")
            .trim_end_matches(":81")
            .to_lowercase();
        let rig = Rig::at(target, &format!("hosts: {{ {host}: {hosts} }}"));
        let answer = rig.run_with(nobody(), LONG, 1, async |http| {
            http.prepare().await.unwrap();
            send(http, 0).await
        });
        assert_eq!(outcome(&answer), ok(200), "{target}");
        assert_eq!(server.seen().last().unwrap().header("host"), [format!("{host}:81")]);
    }
}

#[test]
fn the_address_of_a_host_is_held_against_the_list_of_what_is_allowed() {
    for (list, part) in [
        ("shop.example", "127.0.0.1 is a loopback address"),
        ("127.0.0.1", "shop.example may not be sent to"),
    ] {
        let rig = Rig::at("http://shop.example", "hosts: { shop.example: 127.0.0.1 }").allowing(list);
        let first = rig.run(async |http| http.prepare().await).unwrap_err();
        let second = rig.run_http2(nobody(), LONG, async |http| http.prepare().await);
        assert!(first.contains(part), "{first}");
        assert_eq!(second, Err(first));
    }
}

#[test]
fn an_address_that_does_not_answer_does_not_hold_up_the_others() {
    let both = Arc::new(Barrier::new(2));
    let good = Server::start(move |peer| {
        // Each of two connections carries one request, so one of them is tried at the silent address first.
        if peer.request() {
            both.wait();
            peer.answer("200 OK", "");
            peer.until_closed();
        }
    });
    let port = good.port;
    let _silent = Silent::at(("127.0.0.4", port));
    let lookup: Lookup = Arc::new(|_, port| {
        Ok([4, 1]
            .map(|last| SocketAddr::new(IpAddr::from([127, 0, 0, last]), port))
            .into())
    });
    let limits = "timeout: 15s\nlimits: { connections: 2, connect_timeout: 15s }";
    let rig = Rig::at(&format!("http://two.example:{port}"), limits);
    let began = Instant::now();
    let answers = rig.run_with(lookup, LONG, 1, async |http| send_two(http).await);
    assert!(answers.iter().all(|answer| answer.result == Ok(())), "{answers:?}");
    let took = began.elapsed();
    // The delay between two addresses is 250 ms.
    assert!(
        (Duration::from_millis(200)..Duration::from_secs(5)).contains(&took),
        "{took:?}"
    );
}

/// The files and the secret of a client, by the names that scenarios have for them.
fn pems(authority: &Authority, client: &Identity) -> Vec<(&'static str, String)> {
    vec![
        ("ca.pem", authority.pem()),
        ("client.pem", client.pem()),
        ("CLIENT_KEY", client.key_pem()),
    ]
}

#[test]
fn an_authority_and_a_certificate_of_the_scenario_are_used() {
    let authority = authority();
    let client = identity("client", Some(&authority));
    let mut ours = pems(&authority, &client);
    ours.push(("CLIENT", client.pem()));
    ours.push(("OTHER_KEY", identity("other", None).key_pem()));
    let key = "key: '{{ secret \"env:CLIENT_KEY\" }}'";
    let server = server(mutual("shop.example", &authority), |peer| peer.answer_all("200 OK", ""));
    let rig = |tls: &str| {
        let snippet = format!("hosts: {{ shop.example: 127.0.0.1 }}\ntls: {{ {tls} }}");
        Rig::with(&format!("https://shop.example:{}", server.port), &snippet, &ours)
    };
    for cert in ["client.pem", "'{{ secret \"env:CLIENT\" }}'"] {
        let answer = rig(&format!("ca: ca.pem, cert: {cert}, {key}")).send();
        assert_eq!(outcome(&answer), ok(200), "{cert}");
    }
    // Nobody else vouches for the server, and it wants a certificate.
    for tls in [format!("cert: client.pem, {key}"), "ca: ca.pem".to_owned()] {
        assert!(rig(&tls).send().result.is_err(), "{tls}");
    }
    let wrong = "ca: ca.pem, cert: client.pem, key: '{{ secret \"env:OTHER_KEY\" }}'";
    for (tls, part) in [
        (wrong, "`tls: cert` and `tls: key` cannot be used together"),
        ("ca: '{{ secret \"env:NOTHING\" }}'", "`tls: ca` is not a certificate"),
        (
            "cert: client.pem, key: '{{ secret \"env:NOTHING\" }}'",
            "the secret of `tls: key` is not a private key",
        ),
    ] {
        let problem = rig(tls).run(async |http| http.prepare().await).unwrap_err();
        assert!(problem.contains(part) && !problem.contains("NOTHING"), "{problem}");
    }
}

#[test]
fn both_engines_show_the_same_name_and_certificate() {
    let authority = authority();
    let client = identity("client", Some(&authority));
    let ours = pems(&authority, &client);
    let mut config = mutual("shop.example", &authority);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let shown = Arc::new(Mutex::new(Vec::new()));
    let noted = shown.clone();
    let shake = shake(config, Duration::ZERO, move |session| {
        let certificate = session.peer_certificates().map(<[_]>::len);
        let protocol = session
            .alpn_protocol()
            .map(|name| String::from_utf8_lossy(name).into_owned());
        noted
            .lock()
            .unwrap()
            .push((session.server_name().map(str::to_owned), certificate, protocol));
    });
    let server = Server::with_wire(move |socket| shake(socket).and(None), |_| {});
    let snippet = "hosts: { shop.example: 127.0.0.1 }\n\
                   tls: { ca: ca.pem, cert: client.pem, key: '{{ secret \"env:CLIENT_KEY\" }}' }";
    let rig = Rig::with(&format!("https://shop.example:{}", server.port), snippet, &ours);
    rig.send();
    rig.run_http2(nobody(), LONG, async |http| send(http, 0).await);
    let name = Some("shop.example".to_owned());
    let seen = ["http/1.1", "h2"].map(|protocol| (name.clone(), Some(1), Some(protocol.to_owned())));
    assert_eq!(*shown.lock().unwrap(), seen);
}

#[test]
fn a_certificate_without_the_system_has_the_name_that_is_sent() {
    let authority = authority();
    let wrong = server(config("other.example", Some(&authority)), |peer| {
        peer.answer_all("200 OK", "")
    });
    let snippet = "hosts: { shop.example: 127.0.0.1 }\ntls: { ca: ca.pem }";
    let ours = [("ca.pem", authority.pem())];
    let answer = Rig::with(&format!("https://shop.example:{}", wrong.port), snippet, &ours).send();
    assert_eq!(answer.result, Err(tally::outcome::Failure::Tls));
}
