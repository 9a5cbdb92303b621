//! Tests of all kinds of stores: memory, a folder, and a real S3 server.
//!
//! Every kind of store must pass one conformance suite. Other tests check the failures of each kind of store.

mod folder_trouble;
mod laws;
mod moto;
mod processes;
mod s3_trouble;

use std::sync::Arc;

use store::{Created, Location, Op, RunStore, StoreError};

use crate::moto::Moto;

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
