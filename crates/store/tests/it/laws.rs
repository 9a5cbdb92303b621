//! The conformance suite of stores. Each check gets an empty store and leaves the store empty.

use store::{Created, OBJECT_BYTES_MAX, RunStore, StoreError};
use tokio::task::JoinSet;

pub async fn check(store: &RunStore) {
    an_object_reads_back_unchanged(store).await;
    a_second_put_replaces_and_a_second_put_new_does_not(store).await;
    a_prefix_matches_whole_parts_of_keys(store).await;
    folders_are_listed_once_and_only_while_not_empty(store).await;
    one_of_many_creators_wins(store).await;
    the_check_of_create_only_writes_succeeds(store).await;
    invalid_keys_are_rejected(store).await;
    an_object_above_the_limit_is_rejected(store).await;
    assert_eq!(list(store, "").await, Vec::<String>::new(), "the store is empty again");
}

async fn list(store: &RunStore, prefix: &str) -> Vec<String> {
    store.list(prefix).await.expect("a listing works")
}

async fn put(store: &RunStore, key: &str) {
    store.put(key, key.as_bytes().to_vec()).await.expect("a put works");
}

async fn delete(store: &RunStore, key: &str) {
    store.delete(key).await.expect("a delete works");
}

async fn an_object_reads_back_unchanged(store: &RunStore) {
    assert_eq!(store.get("runs/a/plan.json").await.expect("a get"), None);
    let all_bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for bytes in [Vec::new(), b"one".to_vec(), all_bytes] {
        store.put("runs/a/plan.json", bytes.clone()).await.expect("a put works");
        let found = store.get("runs/a/plan.json").await.expect("a get works");
        assert!(
            found.is_some_and(|found| found == bytes),
            "{} bytes read back unchanged",
            bytes.len()
        );
    }
    delete(store, "runs/a/plan.json").await;
    delete(store, "runs/a/plan.json").await;
    assert_eq!(store.get("runs/a/plan.json").await.expect("a get"), None);
}

async fn a_second_put_replaces_and_a_second_put_new_does_not(store: &RunStore) {
    let key = "runs/a/start";
    assert_eq!(store.put_new(key, "1").await.expect("works"), Created::Yes);
    assert_eq!(store.put_new(key, "2").await.expect("works"), Created::AlreadyThere);
    let found = store.get(key).await.expect("a get works");
    assert_eq!(found.as_deref(), Some(b"1".as_slice()));
    store.put(key, "3").await.expect("a put works");
    let found = store.get(key).await.expect("a get works");
    assert_eq!(found.as_deref(), Some(b"3".as_slice()));
    delete(store, key).await;
    assert_eq!(store.put_new(key, "4").await.expect("works"), Created::Yes);
    delete(store, key).await;
}

async fn a_prefix_matches_whole_parts_of_keys(store: &RunStore) {
    // The keys are not sorted. `-` sorts before `/`, so a store that walks through folders could return a wrong order.
    let keys = [
        "runs/a/shards/00010/x",
        "runs/ab/plan.json",
        "runs/a/shards/00002/x",
        "runs/a-b/plan.json",
        "runs/a/plan.json",
    ];
    for key in keys {
        put(store, key).await;
    }
    let below_a = ["runs/a/plan.json", "runs/a/shards/00002/x", "runs/a/shards/00010/x"];
    assert_eq!(list(store, "runs/a").await, below_a);
    assert_eq!(list(store, "runs/a/").await, below_a);
    assert_eq!(list(store, "runs/none/").await, Vec::<String>::new());
    assert_eq!(
        list(store, "runs/a/plan.json").await,
        Vec::<String>::new(),
        "a key is not below itself"
    );
    let mut all = keys.map(str::to_owned);
    all.sort();
    assert_eq!(list(store, "").await, all);
    assert_eq!(list(store, "runs").await, all);
    for key in keys {
        delete(store, key).await;
    }
}

async fn folders_are_listed_once_and_only_while_not_empty(store: &RunStore) {
    let keys = ["runs/b/x/1", "runs/b/y/2", "runs/a-1/x", "runs/a/x", "runs/file"];
    for key in keys {
        put(store, key).await;
    }
    let dirs = store.list_dirs("runs").await.expect("a listing works");
    assert_eq!(dirs, ["a", "a-1", "b"]);
    let dirs = store.list_dirs("runs/b/").await.expect("a listing works");
    assert_eq!(dirs, ["x", "y"]);
    let dirs = store.list_dirs("").await.expect("a listing works");
    assert_eq!(dirs, ["runs"]);
    for key in keys {
        delete(store, key).await;
    }
    let dirs = store.list_dirs("").await.expect("a listing works");
    assert_eq!(dirs, Vec::<String>::new());
}

async fn one_of_many_creators_wins(store: &RunStore) {
    for round in 0..5 {
        let key = format!("runs/a/shards/0000{round}/00000/claim");
        let mut creators = JoinSet::new();
        for creator in 0..16 {
            let (store, key) = (store.clone(), key.clone());
            creators.spawn(async move {
                let created = store.put_new(&key, format!("creator {creator}")).await;
                (creator, created.expect("a create-only write succeeds"))
            });
        }
        let answers = creators.join_all().await;
        let winners: Vec<_> = answers
            .iter()
            .filter(|(_, created)| *created == Created::Yes)
            .map(|(creator, _)| format!("creator {creator}"))
            .collect();
        assert_eq!(winners.len(), 1, "{answers:?}");
        let found = store.get(&key).await.expect("a get works");
        assert_eq!(found.as_deref(), Some(winners[0].as_bytes()));
        delete(store, &key).await;
    }
}

async fn the_check_of_create_only_writes_succeeds(store: &RunStore) {
    store
        .check_create_only(&store::keys::probe())
        .await
        .expect("this store keeps create-only writes");
}

async fn invalid_keys_are_rejected(store: &RunStore) {
    for key in [
        "",
        "/etc/passwd",
        "runs/../../x",
        "..",
        ".",
        "runs/./x",
        "runs//x",
        "runs/x/",
        "runs/.hidden",
        "runs\\x",
        "runs/a b",
        "runs/\0",
        &"x".repeat(600),
    ] {
        let is_refused = |error: Option<StoreError>| {
            assert!(matches!(error, Some(StoreError::BadKey { .. })), "{key:?}: {error:?}");
        };
        is_refused(store.put(key, "x").await.err());
        is_refused(store.put_new(key, "x").await.err());
        is_refused(store.get(key).await.err());
        is_refused(store.delete(key).await.err());
    }
    for prefix in ["..", "runs/../..", "/etc"] {
        let error = store.list(prefix).await.err();
        assert!(
            matches!(error, Some(StoreError::BadKey { .. })),
            "{prefix:?}: {error:?}"
        );
    }
}

async fn an_object_above_the_limit_is_rejected(store: &RunStore) {
    let size = usize::try_from(OBJECT_BYTES_MAX + 1).expect("it fits into memory");
    let bytes = bytes::Bytes::from(vec![0; size]);
    for error in [
        store.put("runs/a/data", bytes.clone()).await.err(),
        store.put_new("runs/a/data", bytes).await.err(),
    ] {
        assert!(matches!(error, Some(StoreError::TooLarge { .. })), "{error:?}");
    }
}

/// Checks listings of more than 1,000 keys, both as objects and as folders. A page of a listing in S3 has 1,000 keys.
pub async fn check_many_keys(store: &RunStore) {
    let mut keys: Vec<String> = (0..1_050).map(|n| format!("runs/r/{n:05}/result")).collect();
    let mut writers = JoinSet::new();
    for part in keys.chunks(70) {
        let (store, part) = (store.clone(), part.to_vec());
        writers.spawn(async move {
            for key in part {
                put(&store, &key).await;
            }
        });
    }
    writers.join_all().await;
    keys.sort();
    assert!(list(store, "runs/r/").await == keys, "all pages are listed");
    let dirs = store.list_dirs("runs/r/").await.expect("a listing works");
    assert_eq!(dirs.len(), keys.len(), "all pages of folders are listed");
}
