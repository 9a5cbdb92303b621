//! Runs one conformance suite with every kind of store: memory, a folder, an S3 server and the store server of this
//! project. Also tests the failures of each kind of store.

mod folder_trouble;
mod laws;
mod moto;
mod own_server;
mod processes;
mod s3_trouble;

use std::sync::Arc;

use store::{Created, Location, Op, RunStore, StoreError};

use crate::moto::Moto;
use crate::own_server::OwnServer;

fn folder_store(folder: &tempfile::TempDir) -> RunStore {
    let location = Location::Folder(folder.path().join("store"));
    let config = aws_config::SdkConfig::builder().build();
    RunStore::open_with(&location, &config).expect("a folder can be opened")
}

#[tokio::test]
async fn memory_passes_the_conformance_suite() {
    laws::check(&RunStore::memory()).await;
    laws::check_many_keys(&RunStore::memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_passes_the_conformance_suite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    laws::check(&folder_store(&folder)).await;
    laws::check_many_keys(&folder_store(&folder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_passes_the_conformance_suite() {
    let moto = Moto::start();
    moto.create_bucket("runs").await;
    laws::check(&moto.store("s3://runs")).await;
    laws::check(&moto.store("s3://runs/team/a")).await;
    laws::check_many_keys(&moto.store("s3://runs/team/many")).await;

    let outside = moto.store("s3://runs");
    outside.put("team/ab/x", "1").await.expect("a put works");
    let inside = moto.store("s3://runs/team/a");
    assert_eq!(
        inside.list("").await.expect("a listing works"),
        Vec::<String>::new(),
        "a store below a prefix does not list keys outside it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_folder_passes_the_conformance_suite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = OwnServer::start(&folder.path().join("store"));
    laws::check(&server.store("s3://runs")).await;
    laws::check(&server.store("s3://runs/team/a")).await;
    laws::check_many_keys(&server.store("s3://runs/team/many")).await;
    let clock = server.store("s3://runs");
    assert!(clock.get("runs/a/start").await.expect("a get works").is_none());
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let (now, seen) = (
        now.expect("after 1970").as_nanos() as u64,
        clock.now().expect("the server has a clock"),
    );
    assert!(
        seen.earliest <= now && now <= seen.latest + 100_000_000,
        "{now} is not in {seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_folder_and_the_folder_are_the_same_store() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let local = folder_store(&folder);
    let server = OwnServer::start(&folder.path().join("store"));
    let served = server.store("s3://runs");
    served.put("runs/a/plan.json", "1").await.expect("a put works");
    assert_eq!(local.put_new("runs/a/start", "2").await.expect("works"), Created::Yes);
    assert_eq!(
        served.put_new("runs/a/start", "3").await.expect("works"),
        Created::AlreadyThere
    );
    assert_eq!(
        local.put_new("runs/a/plan.json", "4").await.expect("works"),
        Created::AlreadyThere
    );
    for store in [&local, &served] {
        assert_eq!(
            store.list("").await.expect("a listing"),
            ["runs/a/plan.json", "runs/a/start"]
        );
        let found = store.get("runs/a/start").await.expect("a get works");
        assert_eq!(found.as_deref(), Some(b"2".as_slice()));
    }
    served.delete("runs/a/plan.json").await.expect("a delete works");
    assert_eq!(local.list("").await.expect("a listing"), ["runs/a/start"]);
}

/// Two servers and the folder itself create the same keys.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_concurrent_creators_wins_each_of_many_keys() {
    const ROUNDS: usize = 150;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let servers = [(); 2].map(|()| OwnServer::start(&folder.path().join("store")));
    let stores = [
        servers[0].store("s3://runs"),
        servers[1].store("s3://runs"),
        servers[0].store("s3://runs"),
        folder_store(&folder),
    ];
    for round in 0..ROUNDS {
        let key = format!("runs/a/claims/{round:05}");
        let mut creators = tokio::task::JoinSet::new();
        for creator in 0..8 {
            let (store, key) = (stores[creator % stores.len()].clone(), key.clone());
            creators.spawn(async move {
                let created = store.put_new(&key, format!("creator {creator}")).await;
                (creator, created.expect("a create-only write succeeds"))
            });
        }
        let answers = creators.join_all().await;
        let mut winners = answers.iter().filter(|(_, created)| *created == Created::Yes);
        let (winner, _) = winners.next().expect("one creator wins");
        assert_eq!(winners.next(), None, "{answers:?}");
        let found = stores[0].get(&key).await.expect("a get works");
        assert_eq!(found.as_deref(), Some(format!("creator {winner}").as_bytes()));
    }
}

#[tokio::test]
async fn a_scripted_fault_fails_one_operation_and_changes_nothing() {
    let store = RunStore::memory_with(Arc::new(|op, key| {
        (op == Op::PutNew && key == "a/claim").then(|| StoreError::Unreachable {
            place: "memory".to_owned(),
            source: None,
        })
    }));
    let failed = store.put_new("a/claim", "1").await;
    assert!(matches!(failed, Err(StoreError::Unreachable { .. })), "{failed:?}");
    assert_eq!(store.get("a/claim").await.expect("a get works"), None);
    let created = store.put_new("b/claim", "1").await.expect("no fault here");
    assert_eq!(created, Created::Yes);
}
