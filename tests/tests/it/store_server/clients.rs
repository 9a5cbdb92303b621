//! Requests of a second client, boto3, and requests that no client sends.

use super::{check, client};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use whole_runs::machine::{Desk, Ran, Target, constant, sent};
use whole_runs::store_server::{StoreServer, with_key};

fn served(desk: &Desk) -> StoreServer {
    StoreServer::start(&desk.path("store"))
}

#[test]
fn boto3_reads_writes_lists_and_presigns() {
    let desk = Desk::new();
    check(&served(&desk), "suite");
    let read = |key: &str| std::fs::read(desk.path("store").join(key)).unwrap();
    assert_eq!(read("runs/start"), b"1");
    assert_eq!(read("runs/a/0").len(), 256 * 5000);
}

#[test]
fn requests_without_a_valid_signature_are_refused() {
    let desk = Desk::new();
    check(&served(&desk), "signatures");
}

#[test]
fn keys_that_a_folder_cannot_have_are_refused() {
    let desk = Desk::new();
    desk.write("outside", "secret");
    let server = served(&desk);
    check(&server, "keys");
    assert_eq!(std::fs::read(desk.path("outside")).unwrap(), b"secret");
    let written = std::fs::read_dir(desk.path("store")).unwrap().count();
    assert_eq!(written, 0, "something was written");
}

#[test]
fn a_body_above_the_limit_is_refused_before_it_is_sent() {
    let desk = Desk::new();
    check(&served(&desk), "large");
}

#[test]
fn announced_bodies_delay_no_small_write() {
    let desk = Desk::new();
    check(&served(&desk), "bodies");
}

#[test]
fn a_request_that_would_lose_a_part_of_its_meaning_is_refused() {
    let desk = Desk::new();
    check(&served(&desk), "meanings");
}

#[test]
fn a_body_without_its_promised_trailer_is_refused() {
    let desk = Desk::new();
    check(&served(&desk), "trailers");
}

#[test]
fn more_readers_than_connections_keep_out_neither_writers_nor_probes() {
    let desk = Desk::new();
    check(&served(&desk), "crowd");
}

#[test]
fn links_in_the_folder_lead_nowhere() {
    let desk = Desk::new();
    let server = served(&desk);
    std::fs::create_dir(desk.path("outside")).unwrap();
    desk.write("outside/secret", "secret");
    std::os::unix::fs::symlink(desk.path("outside"), desk.path("store/link")).unwrap();
    check(&server, "links");
    assert_eq!(std::fs::read(desk.path("outside/secret")).unwrap(), b"secret");
    assert_eq!(std::fs::read_dir(desk.path("outside")).unwrap().count(), 1);
}

#[test]
fn times_that_dates_cannot_express_are_served() {
    let desk = Desk::new();
    let server = served(&desk);
    std::fs::create_dir(desk.path("store/times")).unwrap();
    for (name, seconds) in [("old", -10_i64), ("far", 300_000_000_000)] {
        desk.write(&format!("store/times/{name}"), "1");
        let touched = std::process::Command::new("touch")
            .args(["-d", &format!("@{seconds}")])
            .arg(desk.path("store/times").join(name))
            .status();
        assert!(touched.unwrap().success());
    }
    check(&server, "times");
}

#[test]
fn a_removed_folder_is_reported_and_not_replaced_by_an_empty_one() {
    let desk = Desk::new();
    let server = served(&desk);
    std::fs::remove_dir(desk.path("store")).unwrap();
    check(&server, "gone");
    assert!(!desk.path("store").exists());
}

#[test]
fn a_slow_client_is_cut_off_and_delays_no_other_client() {
    let desk = Desk::new();
    let server = served(&desk);
    let slow = client(&server, "slow").spawn().unwrap();
    check(&server, "suite");
    Ran::new(&slow.wait_with_output().unwrap()).expect(0, &[]);
}

/// Writes the certificate of an authority, and a certificate of this machine with its key.
fn certificates(desk: &Desk) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    desk.write("ca.pem", &authority.pem());
    desk.write("cert.pem", &params.signed_by(&key, &authority).unwrap().pem());
    desk.write("key.pem", &key.serialize_pem());
}

#[test]
fn a_server_with_a_certificate_of_an_own_authority_is_used_over_tls() {
    let desk = Desk::new();
    certificates(&desk);
    let path = |name: &str| desk.path(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("cert.pem"), path("key.pem"));
    let options = ["--listen", "127.0.0.1:0", "--tls-cert", &cert, "--tls-key", &key];
    let server = StoreServer::start_with(&desk.path("store"), &options);
    assert!(server.endpoint.starts_with("https://127.0.0.1:"), "{}", server.endpoint);
    let mut suite = client(&server, "suite");
    Ran::new(&suite.env("AWS_CA_BUNDLE", path("ca.pem")).output().unwrap()).expect(0, &[]);
    // Without the authority, no client connects.
    let refused = Ran::new(&client(&server, "suite").output().unwrap());
    assert!(
        refused.code != Some(0) && refused.stderr.contains("CERTIFICATE_VERIFY_FAILED"),
        "{}",
        refused.stderr
    );

    let target = Target::start("");
    desk.write("s.yaml", &constant(&target.url(), "50/s", "1s"));
    let mut launch = desk.command(&["launch", "s.yaml", "--run", "r", "--workers", "2", "--out", "r.json"]);
    launch
        .args(["--store", &server.location])
        .env("SSL_CERT_FILE", path("ca.pem"));
    Ran::new(&with_key(&mut launch).output().unwrap()).expect(0, &[]);
    assert_eq!(sent(&desk.json("r.json")), 50);
    assert!(desk.path("store/runs/r/plan.json").exists());
}
