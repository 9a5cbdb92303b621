//! Tests that fetching by name returns the same objects as a listing, and that the sums of a run equal the sums of its
//! slices.

use super::*;
use store::documents::Claim;
use tally::outcome::{Code, Failure, Outcome};
use tally::snapshot::{Health, SliceEnd, SliceResult, Snapshot, SnapshotLabels};
use tally::tally::{Recorder, SampleKind, Tally};
use test_plans::Planned;

const SECOND: u64 = 1_000_000_000;
const SHARDS: u32 = 6;
/// T0 as a wall time. The tests add times of the run to T0.
const T0: u64 = 1_000 * SECOND;

/// Returns a plan whose slices last 6 s, and whose shards are in two regions.
fn plan(duration: &str) -> Plan {
    let scenario = format!(
        "name: small\ntarget: http://shop.example.com\nload: {{ constant: {{ rate: 200/s, duration: {duration} }} }}\n\
         requests: [ {{ name: home }}, {{ name: cart }} ]\nregions: {{ us-east-1: 50%, eu-west-1: 50% }}\n"
    );
    Planned::of(&scenario)
        .run("r")
        .workers(SHARDS)
        .slice_max(Duration::from_secs(6))
        .plan()
}

/// Returns the outcomes of a shard in one second. The counts differ between shards and between seconds, and some
/// requests fail.
fn second(shard: u32, at: u64) -> Recorder {
    let mut recorder = Recorder::new(2);
    for k in 0..10 + at + u64::from(shard) {
        let sample = SampleKind::Measured {
            request: ((k % 2) as usize).into(),
        };
        let due = at * SECOND + k * 10_000_000;
        recorder.sent(sample, due);
        let outcome = Outcome {
            due,
            sent: due,
            done: due + (k + at + 1) * 1_000_000,
            result: if k % 5 == 0 { Err(Failure::Status) } else { Ok(()) },
            code: Some(Code::Http(200)),
            body_bytes: 1,
            ..Outcome::default()
        };
        recorder.finished(sample, &outcome);
    }
    recorder
}

fn claim(shard: u32) -> Claim {
    Claim {
        worker: format!("w{shard}"),
        claimed: T0,
        mark: 100 + u64::from(shard),
        plan: None,
    }
}

/// A store that contains a run after its start, and the expected tallies of the slices.
struct Ground {
    store: RunStore,
    plan: Plan,
    tallies: BTreeMap<SliceId, Tally>,
}

impl Ground {
    async fn new() -> Ground {
        Ground::of("12s").await
    }

    async fn of(duration: &str) -> Ground {
        let (store, plan) = (RunStore::memory(), plan(duration));
        store.put(&keys::plan("r"), plan.encode()).await.unwrap();
        let start = Start {
            t0: T0,
            shards: (0..SHARDS).collect(),
            ..Start::default()
        };
        store.put(&keys::start("r"), start.encode()).await.unwrap();
        Ground {
            store,
            plan,
            tallies: BTreeMap::new(),
        }
    }

    /// Writes the objects that a worker stores at the end of second `at` of the run. The claim is written first.
    async fn tick(&mut self, shard: u32, at: u64) {
        let (slice, names) = ((at / 6) as u32, self.plan.request_names());
        let claim = claim(shard);
        let labels = SnapshotLabels {
            provenance: &claim.provenance("r", shard, slice),
            requests: &names,
            start: T0,
        };
        if at.is_multiple_of(6) {
            self.store
                .put(&keys::claim("r", shard, slice, 1), claim.encode())
                .await
                .unwrap();
        }
        let recorder = second(shard, at);
        self.tallies
            .entry((shard, slice))
            .or_insert_with(|| Tally::new(2))
            .add(&recorder.tally);
        let snapshot = Snapshot {
            n: (at % 6) as u32 + 1,
            from: at * SECOND,
            to: (at + 1) * SECOND,
            connections: None,
            recorder,
        };
        let mut bytes = snapshot.encode(labels);
        if (shard, at) == (2, 3) {
            // A truncated snapshot cannot be read.
            bytes.truncate(40);
        }
        self.store
            .put(&keys::live("r", shard, slice, snapshot.n), bytes)
            .await
            .unwrap();
        // Shard 5 dies before it stores a result.
        if at % 6 == 5 && shard != 5 {
            let result = SliceResult {
                end: SliceEnd::Finished,
                paced_until: (at + 1) * SECOND,
                tally: self.tallies[&(shard, slice)].clone(),
                health: Health {
                    snapshots: 6,
                    ..Health::default()
                },
            };
            self.store
                .put(&keys::result("r", shard, slice), result.encode(labels))
                .await
                .unwrap();
        }
    }
}

/// Asserts that the sums of a record equal the sums of its slices.
fn adds_up(record: &RunRecord) {
    let mut tally = Tally::new(2);
    record.slices.values().for_each(|slice| tally.add(slice.tally()));
    assert_eq!(record.merged.tally(), tally);
    for region in &record.merged.regions {
        let mut own = Tally::new(2);
        let is_here = |slice_id: &SliceId| record.plan.region(slice_id.0) == region.name.as_deref();
        let here = record.slices.iter().filter(|(slice_id, _)| is_here(slice_id));
        here.for_each(|(_, slice)| own.add(slice.tally()));
        assert_eq!(region.tally(), own);
    }
    let sent: u64 = record
        .slices
        .values()
        .flat_map(|slice| slice.snapshots.points())
        .map(|stretch| stretch.counts.sent)
        .sum();
    let series = record.merged.series().over(0);
    let intervals = (0..series.end()).filter_map(|number| series.interval(number));
    let seconds: u64 = intervals.map(|interval| interval.counts.sent).sum();
    assert_eq!(seconds, sent);
}

#[tokio::test]
async fn asking_by_name_finds_what_a_listing_finds() {
    let mut ground = Ground::new().await;
    let mut asking = Gatherer::open(&ground.store, "r").await.unwrap();
    asking.poll_listing().await.unwrap();
    for at in 0..12 {
        for shard in 0..SHARDS {
            ground.tick(shard, at).await;
        }
        // The test fetches shortly after the snapshot was due. The second fetch comes before the minimum interval
        // between two fetches for a slice has passed.
        for tenths in [3, 6, 9] {
            let now = T0 + (at + 1) * SECOND + tenths * SECOND / 10;
            asking.ask(now).await.unwrap();
            adds_up(&asking.record);
        }
        let mut listing = Gatherer::open(&ground.store, "r").await.unwrap();
        listing.poll_listing().await.unwrap();
        adds_up(&listing.record);
        let known = |record: &RunRecord| -> Vec<_> {
            let slices = record.slices.iter();
            slices
                .map(|(slice_id, slice)| {
                    (
                        *slice_id,
                        slice.claim().is_some(),
                        slice.snapshots.clone(),
                        slice.result.clone(),
                    )
                })
                .collect()
        };
        assert_eq!(known(&asking.record), known(&listing.record), "after second {at}");
        assert_eq!(asking.record.damaged, listing.record.damaged);
        assert_eq!(asking.record.merged.tally(), listing.record.merged.tally());
        assert_eq!(asking.record.merged.series(), listing.record.merged.series());
    }
    assert_eq!(asking.record.damaged.len(), 1, "{:?}", asking.record.damaged);
    assert_eq!(
        asking
            .record
            .slices
            .values()
            .filter(|slice| slice.result.is_some())
            .count(),
        10
    );
}

#[tokio::test]
async fn snapshots_that_appear_after_the_result_are_read() {
    let mut ground = Ground::new().await;
    let mut asking = Gatherer::open(&ground.store, "r").await.unwrap();
    asking.poll_listing().await.unwrap();
    for at in 0..3 {
        ground.tick(0, at).await;
    }
    asking.ask(T0 + 3 * SECOND).await.unwrap();
    // The worker stores nothing for a while, and then stores all missing objects at once.
    for at in 3..6 {
        ground.tick(0, at).await;
    }
    for half in 14..22 {
        asking.ask(T0 + half * SECOND / 2).await.unwrap();
        adds_up(&asking.record);
    }
    let known = asking.record.slice((0, 0)).unwrap();
    assert!(known.result.is_some() && known.is_whole());
    assert_eq!(known.snapshots.len(), 6);
    assert!(
        asking
            .next_keys(T0 + 12 * SECOND)
            .iter()
            .all(|key| !key.contains("/00000/00000/"))
    );
}

#[tokio::test]
async fn listing_a_long_run_by_shard_finds_every_object() {
    let mut ground = Ground::of("20m").await;
    assert!(has_long_shards(&ground.plan) && !has_long_shards(&plan("12s")));
    let mut listing = Gatherer::open(&ground.store, "r").await.unwrap();
    for at in 0..12 {
        for shard in 0..SHARDS {
            ground.tick(shard, at).await;
        }
        assert!(listing.poll_listing().await.unwrap());
        assert!(!listing.poll_listing().await.unwrap(), "no object is new");
        adds_up(&listing.record);
    }
    let known = |slice_id: SliceId| listing.record.slice(slice_id).unwrap().snapshots.len();
    assert!((0..SHARDS).all(|shard| known((shard, 1)) == 6));
    let bytes = ground.store.get(&keys::live("r", 0, 0, 1)).await.unwrap().unwrap();
    let key = keys::live("r", 99, 0, 1);
    ground.store.put(&key, bytes).await.unwrap();
    listing.poll_listing().await.unwrap();
    assert!(listing.record.damaged.contains_key(&key), "no plan has this shard");
}

#[tokio::test]
async fn objects_outside_the_plan_are_noted_as_damaged_and_not_counted() {
    let mut ground = Ground::new().await;
    ground.tick(0, 0).await;
    let bytes = ground.store.get(&keys::live("r", 0, 0, 1)).await.unwrap().unwrap();
    for key in [keys::live("r", 0, 7, 1), keys::live("r", 99, 0, 1)] {
        ground.store.put(&key, bytes.clone()).await.unwrap();
    }
    let names = ground.plan.request_names();
    let claim = claim(1);
    ground
        .store
        .put(&keys::claim("r", 1, 0, 1), claim.encode())
        .await
        .unwrap();
    let labels = SnapshotLabels {
        provenance: &claim.provenance("r", 1, 0),
        requests: &names,
        start: T0,
    };
    let endless = Snapshot {
        n: 1,
        from: 0,
        to: u64::MAX,
        connections: None,
        recorder: Recorder::new(2),
    };
    ground
        .store
        .put(&keys::live("r", 1, 0, 1), endless.encode(labels))
        .await
        .unwrap();
    let mut gatherer = Gatherer::open(&ground.store, "r").await.unwrap();
    gatherer.poll_listing().await.unwrap();
    assert_eq!(gatherer.record.damaged.len(), 3, "{:?}", gatherer.record.damaged);
    let ready: Vec<_> = gatherer.record.slices.iter().filter(|(_, slice)| slice.ready).collect();
    assert_eq!(ready.len(), 1, "{ready:?}");
    adds_up(&gatherer.record);
}

/// Copies objects of one worker to the keys of another worker. The record must note the copies as damaged, and must not
/// count them.
#[tokio::test]
async fn objects_copied_from_another_worker_are_not_counted() {
    let mut ground = Ground::new().await;
    for shard in 0..2 {
        for at in 0..6 {
            ground.tick(shard, at).await;
        }
    }
    let bytes = |key: String| {
        let store = ground.store.clone();
        async move { store.get(&key).await.unwrap().unwrap().to_vec() }
    };
    let result = bytes(keys::result("r", 0, 0)).await;
    let snapshot = bytes(keys::live("r", 0, 0, 2)).await;
    let put = |key: String, bytes: Vec<u8>| {
        let store = ground.store.clone();
        async move { store.put(&key, bytes).await.unwrap() }
    };
    // Shard 1 gets the result and a snapshot of shard 0. Shard 2 has its own claim and the result of shard 0. Shard 3
    // has a result and no claim.
    put(keys::result("r", 1, 0), result.clone()).await;
    put(keys::live("r", 1, 0, 2), snapshot.clone()).await;
    put(keys::live("r", 0, 0, 9), snapshot).await;
    put(keys::claim("r", 2, 0, 1), claim(2).encode()).await;
    put(keys::result("r", 2, 0), result.clone()).await;
    put(keys::result("r", 3, 0), result).await;

    let mut gatherer = Gatherer::open(&ground.store, "r").await.unwrap();
    gatherer.poll_listing().await.unwrap();
    gatherer.poll_listing().await.unwrap();
    let record = &gatherer.record;
    let damaged: Vec<(&str, &str)> = record
        .damaged
        .iter()
        .map(|(key, problem)| (key.as_str(), problem.as_str()))
        .collect();
    let (other, number) = ("belongs to another slice", "another number than its key");
    for (key, part) in [
        (keys::live("r", 0, 0, 9), number),
        (keys::live("r", 1, 0, 2), other),
        (keys::result("r", 1, 0), other),
        (keys::result("r", 2, 0), other),
        (keys::result("r", 3, 0), "does not exist"),
    ] {
        assert!(
            damaged.iter().any(|(at, problem)| *at == key && problem.contains(part)),
            "{key}: {damaged:?}"
        );
    }
    assert_eq!(damaged.len(), 5, "{damaged:?}");
    assert!(record.has_result((0, 0)) && !record.has_result((1, 0)) && !record.has_result((3, 0)));
    adds_up(record);
}

#[tokio::test]
async fn a_claim_of_a_worker_that_read_another_plan_is_not_counted() {
    let mut ground = Ground::new().await;
    for at in 0..6 {
        ground.tick(0, at).await;
        ground.tick(1, at).await;
    }
    for (shard, plan) in [(0, Plan::digest(&ground.plan.encode())), (1, Plan::digest(b"another"))] {
        let claim = Claim {
            plan: Some(plan),
            ..claim(shard)
        };
        let key = keys::claim("r", shard, 0, 1);
        ground.store.put(&key, claim.encode()).await.unwrap();
    }
    let mut gatherer = Gatherer::open(&ground.store, "r").await.unwrap();
    gatherer.poll_listing().await.unwrap();
    let record = &gatherer.record;
    assert!(record.has_result((0, 0)) && !record.has_result((1, 0)));
    let problem = &record.damaged[&keys::claim("r", 1, 0, 1)];
    assert!(problem.contains("read another plan"), "{problem}");
    adds_up(record);
}

#[tokio::test]
async fn a_result_that_its_snapshots_contradict_is_damaged_in_either_order_of_reading() {
    let mut ground = Ground::new().await;
    for at in 0..6 {
        ground.tick(0, at).await;
    }
    let names = ground.plan.request_names();
    let (claim, second) = (claim(0), second(0, 5));
    let labels = SnapshotLabels {
        provenance: &claim.provenance("r", 0, 0),
        requests: &names,
        start: T0,
    };
    let result = SliceResult {
        end: SliceEnd::Finished,
        paced_until: 6 * SECOND,
        tally: second.tally.clone(),
        health: Health::default(),
    };
    let key = keys::result("r", 0, 0);
    let true_one = ground.store.get(&key).await.unwrap().unwrap();
    // The snapshots are read before the result, in the order of `ask`.
    let mut asking = Gatherer::open(&ground.store, "r").await.unwrap();
    ground.store.delete(&key).await.unwrap();
    asking.poll_listing().await.unwrap();
    assert_eq!(asking.record.damaged.len(), 0);
    ground.store.put(&key, result.encode(labels)).await.unwrap();
    asking.poll_listing().await.unwrap();
    assert!(asking.record.damaged[&key].contains("count more than it does"));
    // The result is read before a snapshot that counts more requests than the result.
    ground.store.put(&key, true_one).await.unwrap();
    let last = keys::live("r", 0, 0, 6);
    let bytes = ground.store.get(&last).await.unwrap().unwrap();
    ground.store.delete(&last).await.unwrap();
    let mut asking = Gatherer::open(&ground.store, "r").await.unwrap();
    asking.poll_listing().await.unwrap();
    assert_eq!(asking.record.damaged.len(), 0);
    let more = Snapshot {
        n: 7,
        from: 5 * SECOND,
        to: 6 * SECOND,
        connections: None,
        recorder: second,
    };
    ground.store.put(&last, bytes).await.unwrap();
    ground
        .store
        .put(&keys::live("r", 0, 0, 7), more.encode(labels))
        .await
        .unwrap();
    asking.poll_listing().await.unwrap();
    assert!(asking.record.damaged[&key].contains("count more than it does"));
}
