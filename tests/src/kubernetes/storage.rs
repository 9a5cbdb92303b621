//! Stores the objects, the newest resourceVersion, and the history of changes. Each change increases the
//! resourceVersion.

use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// The maximum number of changes in the history. A watch that begins before the oldest change in the history fails with
/// 410.
const HISTORY_MAX: usize = 20_000;

/// The key of an object. The namespace is empty for objects without a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The plural name and the group of the resource, such as `jobs.batch`.
    pub resource: String,
    pub namespace: String,
    pub name: String,
}

impl Key {
    pub(super) fn new(resource: impl Into<String>, namespace: &str, name: &str) -> Key {
        Key {
            resource: resource.into(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    Added,
    Modified,
    Deleted,
}

/// A change of an object. `previous` is the object before the change.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub revision: u64,
    pub kind: ChangeKind,
    pub key: Key,
    pub object: Arc<Value>,
    pub previous: Option<Arc<Value>>,
}

#[derive(Debug)]
pub(super) struct Storage {
    objects: BTreeMap<Key, Arc<Value>>,
    revision: u64,
    history: VecDeque<Change>,
    /// The resourceVersion of the newest change that was removed from the history.
    compacted: u64,
    changed: watch::Sender<u64>,
}

impl Default for Storage {
    fn default() -> Storage {
        Storage {
            objects: BTreeMap::new(),
            revision: 1,
            history: VecDeque::new(),
            compacted: 1,
            changed: watch::Sender::new(1),
        }
    }
}

impl Storage {
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn compacted(&self) -> u64 {
        self.compacted
    }

    /// Returns a receiver that is notified of each change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.objects.get(key).cloned()
    }

    /// Returns the objects of a resource, in the order of their namespaces and names.
    pub(super) fn list(&self, resource: &str, namespace: Option<&str>) -> Vec<Arc<Value>> {
        let objects = self.keyed(resource, namespace);
        objects.map(|(_, object)| object.clone()).collect()
    }

    pub(super) fn keyed<'a>(
        &'a self,
        resource: &'a str,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> {
        let first = Key::new(resource, namespace.unwrap_or_default(), "");
        self.objects
            .range(first..)
            .take_while(move |(key, _)| key.resource == resource)
            .filter(move |(key, _)| namespace.is_none_or(|namespace| key.namespace == namespace))
    }

    pub(super) fn everything(&self) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.iter()
    }

    /// Stores an object under a new resourceVersion.
    pub(super) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Value> {
        let revision = self.revision + 1;
        object["metadata"]["resourceVersion"] = revision.to_string().into();
        let object = Arc::new(object);
        let previous = self.objects.insert(key.clone(), object.clone());
        let kind = match previous {
            Some(_) => ChangeKind::Modified,
            None => ChangeKind::Added,
        };
        self.record(kind, key, object.clone(), previous);
        object
    }

    /// Removes an object, and returns its last version. The returned version has the resourceVersion of the removal.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let previous = self.objects.remove(key)?;
        let mut object = (*previous).clone();
        object["metadata"]["resourceVersion"] = (self.revision + 1).to_string().into();
        let object = Arc::new(object);
        self.record(ChangeKind::Deleted, key, object.clone(), Some(previous));
        Some(object)
    }

    fn record(&mut self, kind: ChangeKind, key: &Key, object: Arc<Value>, previous: Option<Arc<Value>>) {
        self.revision += 1;
        self.history.push_back(Change {
            revision: self.revision,
            kind,
            key: key.clone(),
            object,
            previous,
        });
        if self.history.len() > HISTORY_MAX
            && let Some(oldest) = self.history.pop_front()
        {
            self.compacted = oldest.revision;
        }
        self.changed.send_replace(self.revision);
    }

    /// Returns the changes after a resourceVersion; `None` if some of these changes are no longer in the history.
    pub(super) fn since(&self, revision: u64) -> Option<impl Iterator<Item = &Change>> {
        let begin = self.history.partition_point(|change| change.revision <= revision);
        (revision >= self.compacted).then(|| self.history.range(begin..))
    }

    /// Deletes the history of changes.
    pub(super) fn compact(&mut self) {
        // The newest resourceVersion is increased, so that every earlier resourceVersion is too old.
        self.revision += 1;
        self.history.clear();
        self.compacted = self.revision;
        self.changed.send_replace(self.revision);
    }
}

/// Returns a time in the format of the API, which contains whole seconds.
pub(super) fn timestamp(time: OffsetDateTime) -> Value {
    let whole = time.replace_nanosecond(0).unwrap();
    whole.format(&Rfc3339).unwrap().into()
}

pub(super) fn parse_timestamp(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()
}

pub(super) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Returns a new unique ID.
pub(super) fn uid() -> String {
    let (a, b) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// The characters of generated names. These consonants and digits cannot form words.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Returns five random characters for a generated name.
pub(super) fn suffix() -> String {
    let mut number = random();
    let mut text = String::new();
    for _ in 0..5 {
        text.push(char::from(ALPHABET[(number % ALPHABET.len() as u64) as usize]));
        number /= ALPHABET.len() as u64;
    }
    text
}
