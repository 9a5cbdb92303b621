//! A server that is killed while clients write.

use super::{check, client};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use whole_runs::machine::{Desk, free_port, kill};
use whole_runs::store_server::StoreServer;

/// The keys of all files of the store, without temporary files.
fn keys(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => keys(&entry.path(), &format!("{below}{name}/"), found),
            false if name.starts_with('.') => {}
            false => drop(found.insert(format!("{below}{name}"))),
        }
    }
}

/// Checks that each object is complete. The body of an object is its key, repeated.
fn complete(store: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    keys(store, "", &mut found);
    for key in &found {
        let content = std::fs::read_to_string(store.join(key)).unwrap();
        assert!(content == key.repeat(3000), "{key} has {} bytes", content.len());
    }
    found
}

#[test]
fn a_killed_server_leaves_only_complete_objects_and_keeps_every_acknowledged_one() {
    let desk = Desk::new();
    let (store, listen) = (desk.path("store"), format!("127.0.0.1:{}", free_port()));
    let mut acknowledged = BTreeSet::new();
    for round in 0..4_u64 {
        let server = StoreServer::start_with(&store, &["--listen", &listen]);
        let mut half = client(&server, "half").spawn().unwrap();
        let mut creators = [(); 3].map(|()| client(&server, "creators").stdout(Stdio::piped()).spawn().unwrap());
        let mut lines: Vec<_> = creators
            .iter_mut()
            .map(|creator| BufReader::new(creator.stdout.take().unwrap()))
            .collect();
        // The server is killed in the middle of writes.
        for reader in &mut lines {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            acknowledged.insert(line.trim().to_owned());
        }
        std::thread::sleep(Duration::from_millis(50 + 37 * round));
        kill(server.pid(), "KILL");
        for reader in &mut lines {
            let mut rest = String::new();
            reader.read_to_string(&mut rest).unwrap();
            acknowledged.extend(rest.lines().map(str::to_owned));
        }
        for creator in &mut creators {
            assert!(creator.wait().unwrap().success());
        }
        assert!(half.wait().unwrap().success());
        let found = complete(&store);
        assert!(acknowledged.is_subset(&found), "{:?}", acknowledged.difference(&found));
        assert!(!found.contains("half"));
    }
    assert!(acknowledged.len() > 20, "{} objects were created", acknowledged.len());
    // The folder can be served again, with the objects of the killed servers.
    let server = StoreServer::start_with(&store, &["--listen", &listen]);
    check(&server, "suite");
}

#[test]
fn a_signal_ends_the_server_after_the_requests_in_progress() {
    for signal in ["TERM", "INT"] {
        let desk = Desk::new();
        let server = StoreServer::start(&desk.path("store"));
        let mut creators = client(&server, "creators").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(creators.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        assert_eq!(server.end(signal), Some(0), "SIG{signal}");
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert!(creators.wait().unwrap().success());
        // Each object was acknowledged, so no write was cut off.
        let acknowledged: BTreeSet<String> = first.lines().chain(rest.lines()).map(str::to_owned).collect();
        assert_eq!(complete(&desk.path("store")), acknowledged, "SIG{signal}");
    }
}
