//! Modifications of one stored document. The modifications are drawn from a seed, and each has a name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The stored objects of a run, by key.
pub(crate) type Objects = BTreeMap<String, Bytes>;

/// A modification of one stored object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub key: String,
    pub name: String,
    /// The bytes that replace the object; `None` if the object is removed.
    pub bytes: Option<Bytes>,
}

/// The number of modifications of each kind that are drawn for one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub fields: usize,
    pub histograms: usize,
    pub bytes: usize,
    pub moved: usize,
}

/// The text before the JSON in the first line of a stored log.
const MARK: &str = "#vajra-cloud ";

/// Adds the JSON pointers of all values in `value` to the list `found`.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let mut below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        pointers(value, &format!("{at}/{key}"), found);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(key, value)| below(&key.to_string(), value));
        }
        _ => {}
    }
}

/// Returns extreme values with which modifications replace other values.
fn extremes() -> Vec<Value> {
    let numbers: [u64; 9] = [
        0,
        1,
        (1 << 31) - 1,
        1 << 31,
        u64::from(u32::MAX),
        1 << 53,
        (1 << 63) - 1,
        1 << 63,
        u64::MAX,
    ];
    let mut all: Vec<Value> = numbers.iter().map(|number| json!(number)).collect();
    all.extend([
        json!(-1),
        json!(i64::MIN),
        json!(1e308),
        json!(-0.5),
        json!(""),
        json!("x".repeat(100_000)),
        json!("a\r\n\u{1b}[2J\u{9b}"),
        Value::Null,
        json!(true),
        json!([]),
        json!({}),
        json!([[[[1]]]]),
    ]);
    all
}

/// Returns modifications that each replace one number of a document. Each number below the JSON pointer `root` is
/// replaced by each extreme number.
pub(crate) fn numbers(key: &str, bytes: &[u8], root: &str) -> Vec<Change> {
    let whole: Value = serde_json::from_slice(bytes).expect("the document is JSON");
    let mut all = Vec::new();
    pointers(whole.pointer(root).expect("the document has the root"), root, &mut all);
    all.retain(|pointer| whole.pointer(pointer).is_some_and(Value::is_number));
    let changed = |pointer: &String, value: Value| {
        let name = format!("{pointer} = {}", brief(&value));
        let mut changed = whole.clone();
        *changed.pointer_mut(pointer).expect("the pointer exists") = value;
        Change {
            key: key.to_owned(),
            name,
            bytes: Some(changed.to_string().into()),
        }
    };
    let extremes: Vec<Value> = extremes().into_iter().filter(Value::is_number).collect();
    let each = all
        .iter()
        .flat_map(|pointer| extremes.iter().map(|value| changed(pointer, value.clone())));
    each.collect()
}

/// Modifies one value of a JSON document. Returns the name of the modification, and the modified text.
fn field(whole: &Value, others: &[Value], random: &mut StdRng) -> (String, String) {
    let mut all = Vec::new();
    pointers(whole, "", &mut all);
    let pointer = all.choose(random).expect("the list contains the root").clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", ""));
    let mut changed = whole.clone();
    let mut put = |value: Value| {
        *changed.pointer_mut(&pointer).expect("the pointer exists") = value;
        changed.to_string()
    };
    match random.random_range(0..20) {
        0 | 1 if !pointer.is_empty() => {
            match changed.pointer_mut(parent).expect("the pointer exists") {
                Value::Object(fields) => drop(fields.remove(&key.replace("~1", "/").replace("~0", "~"))),
                Value::Array(items) => drop(items.remove(key.parse().expect("an index"))),
                _ => {}
            }
            (format!("{pointer} removed"), changed.to_string())
        }
        2 | 3 if !pointer.is_empty() => (format!("{pointer} twice"), twice(whole, parent, key)),
        4..8 => {
            // The replacement comes from another document. The replacement is the value at the same pointer, or any
            // value if the pointer does not exist.
            let other = others.choose(random).expect("there are other documents");
            let value = other.pointer(&pointer).cloned().unwrap_or_else(|| {
                let mut theirs = Vec::new();
                pointers(other, "", &mut theirs);
                let theirs = theirs.choose(random).expect("the list contains the root");
                other.pointer(theirs).cloned().unwrap_or_default()
            });
            (
                format!("{pointer} as in another document: {}", brief(&value)),
                put(value),
            )
        }
        8 => match whole.pointer(&pointer) {
            Some(Value::Number(number)) => {
                let number = number.as_u64().unwrap_or(0);
                let near = if random.random() {
                    number.saturating_add(1)
                } else {
                    number.saturating_sub(1)
                };
                (format!("{pointer} = {near}, which is near"), put(json!(near)))
            }
            Some(Value::Array(items)) => {
                let many: Vec<Value> = items.iter().cycle().take(items.len() * 1_000).cloned().collect();
                (format!("{pointer} a thousand times"), put(json!(many)))
            }
            _ => (format!("{pointer} = null"), put(Value::Null)),
        },
        _ => {
            let value = extremes().choose(random).expect("the list is not empty").clone();
            (format!("{pointer} = {}", brief(&value)), put(value))
        }
    }
}

/// Returns the text of a document in which a field of an object, or an item of a list, appears twice.
fn twice(whole: &Value, parent: &str, key: &str) -> String {
    const HOLE: &str = "a placeholder for the text of an object";
    let mut holed = whole.clone();
    let above = holed.pointer_mut(parent).expect("the pointer exists");
    let text = match &mut *above {
        Value::Object(fields) => {
            let key = key.replace("~1", "/").replace("~0", "~");
            let again = format!("{}:{}", json!(key), fields[&key]);
            let text = Value::Object(fields.clone()).to_string();
            format!("{},{again}}}", &text[..text.len() - 1])
        }
        Value::Array(items) => {
            let again = items[key.parse::<usize>().expect("an index")].clone();
            items.push(again);
            Value::Array(items.clone()).to_string()
        }
        other => other.to_string(),
    };
    *above = json!(HOLE);
    holed.to_string().replacen(&format!("\"{HOLE}\""), &text, 1)
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.chars().count() {
        ..60 => text,
        long => format!("{}… ({long} characters)", text.chars().take(40).collect::<String>()),
    }
}

/// Appends an integer as HdrHistogram encodes it: as a ZigZag LEB128 number with at most nine bytes.
fn leb128(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    for _ in 0..8 {
        if rest < 0x80 {
            return out.push(rest as u8);
        }
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Encodes a histogram without compression. The values are counts and lengths of empty ranges. `length` replaces the
/// correct length of the payload.
fn plain(values: &[i64], length: Option<u32>) -> Vec<u8> {
    let mut payload = Vec::new();
    values.iter().for_each(|value| leb128(&mut payload, *value));
    let mut out = 0x1c84_9313_u32.to_be_bytes().to_vec();
    out.extend(length.unwrap_or(payload.len() as u32).to_be_bytes());
    out.extend(0_u32.to_be_bytes());
    out.extend(3_u32.to_be_bytes());
    out.extend(1_u64.to_be_bytes());
    out.extend(3_600_000_000_000_u64.to_be_bytes());
    out.extend(1_f64.to_be_bytes());
    out.extend(payload);
    out
}

/// Modifies or replaces the encoded payload of a histogram. Returns the name of the modification, and the new payload.
fn payload(code: &str, random: &mut StdRng) -> (&'static str, String) {
    let mut bytes = STANDARD.decode(code).unwrap_or_default();
    let at = random.random_range(0..bytes.len().max(1));
    let huge = 1 << 47;
    let (name, bytes) = match random.random_range(0..13) {
        0 => {
            bytes[at] ^= 1 << random.random_range(0..8);
            ("a bit flipped", bytes)
        }
        1 => ("cut", bytes[..at].to_vec()),
        2 => ("doubled", bytes.repeat(2)),
        3 => {
            bytes[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
            ("of enormous length", bytes)
        }
        4 => ("plain, of enormous length", plain(&[1], Some(u32::MAX))),
        5 => ("a count of 2^63 - 1", plain(&[i64::MAX], None)),
        6 => ("a count of 2^47", plain(&[huge], None)),
        7 => ("counts of 2^47 everywhere", plain(&[huge; 30_000], None)),
        8 => ("a run of 2^63 zeros", plain(&[i64::MIN, 1], None)),
        9 => ("a run beyond the end", plain(&[-40_000, 1], None)),
        10 => ("one value at each end", plain(&[1, -32_000, 1], None)),
        11 => ("everything at 1 ns", plain(&[-1, random.random_range(1..200)], None)),
        _ => return ("not base64", "€€€".repeat(50)),
    };
    (name, STANDARD.encode(bytes))
}

/// Modifies one line of a log. Returns the name of the modification, and the modified log.
fn line(log: &str, random: &mut StdRng) -> Option<(String, String)> {
    let mut lines: Vec<String> = log.lines().map(str::to_owned).collect();
    let tagged: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("Tag=")).collect();
    let (at, other) = (*tagged.choose(random)?, *tagged.choose(random)?);
    let parts = |line: &str| line.splitn(5, ',').map(str::to_owned).collect::<Vec<String>>();
    let (mut own, theirs) = (parts(&lines[at]), parts(&lines[other]));
    let tag = own[0].clone();
    let name = match random.random_range(0..14) {
        0 => {
            lines.remove(at);
            "removed".to_owned()
        }
        1 => {
            let again = lines[at].clone();
            lines.insert(at, again);
            "twice".to_owned()
        }
        2 => {
            // The sum of the 30,000 counts is more than a histogram may contain. The sum over all 41 lines exceeds 64
            // bits.
            own[4] = STANDARD.encode(plain(&[1 << 47; 30_000], None));
            lines[at] = own.join(",");
            let again = lines[at].clone();
            lines.extend(std::iter::repeat_n(again, 40));
            "many times, with enormous counts".to_owned()
        }
        3 => {
            lines[at] = [&theirs[..1], &own[1..]].concat().join(",");
            format!("as {}", theirs[0])
        }
        4 | 5 => {
            lines[at] = [&own[..4], &theirs[4..]].concat().join(",");
            format!("with the values of {}", theirs[0])
        }
        6 => {
            own[1] = (*["nan", "inf", "-1", "1e308", "4294967295", ""].choose(random)?).to_owned();
            lines[at] = own.join(",");
            format!("at {}", own[1])
        }
        7 => {
            let length = random.random_range(0..lines[at].len());
            lines[at].truncate(length);
            "cut".to_owned()
        }
        _ => {
            let (name, code) = payload(&own[4], random);
            own[4] = code;
            lines[at] = own.join(",");
            name.to_owned()
        }
    };
    Some((format!("{tag} {name}"), lines.join("\n") + "\n"))
}

/// Modifies the bytes of an object without regard to their format. Returns the name of the modification, and the bytes.
fn damaged(bytes: &[u8], random: &mut StdRng) -> (String, Vec<u8>) {
    let at = random.random_range(0..bytes.len().max(1));
    match random.random_range(0..12) {
        0..4 => (format!("cut at {at}"), bytes[..at.min(bytes.len())].to_vec()),
        4..7 if !bytes.is_empty() => {
            let mut changed = bytes.to_vec();
            let bit = random.random_range(0..8);
            changed[at] ^= 1 << bit;
            (format!("bit {bit} of byte {at} flipped"), changed)
        }
        7 => ("twice".to_owned(), bytes.repeat(2)),
        8 => ("deep".to_owned(), vec![b'['; 1_000_000]),
        9 => ("after spaces".to_owned(), [&vec![b' '; 1_000_000], bytes].concat()),
        10 => ("not text".to_owned(), vec![0xff; 1_000]),
        _ => ("empty".to_owned(), Vec::new()),
    }
}

/// Returns the JSON in an object. If the object is a log, also returns the text after the JSON.
fn split(bytes: &[u8]) -> Option<(Value, Option<&str>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    match text.strip_prefix(MARK) {
        Some(log) => {
            let (header, rest) = log.split_once('\n')?;
            Some((serde_json::from_str(header).ok()?, Some(rest)))
        }
        None => Some((serde_json::from_str(text).ok()?, None)),
    }
}

/// Returns the kind of the document that is stored at a key.
pub(crate) fn kind(key: &str) -> &str {
    let folders = [
        ("/live/", "live"),
        ("/data/", "data"),
        ("/claims/", "claim"),
        ("/prepared/", "prepared"),
        ("/left/", "left"),
    ];
    let folder = folders.iter().find(|(folder, _)| key.contains(folder));
    folder.map_or_else(|| key.rsplit('/').next().unwrap_or(key), |(_, kind)| kind)
}

/// Draws modifications of one object. Some modifications use values from `others`, which contains the objects of other
/// runs.
pub(crate) fn changes(key: &str, run: &Objects, others: &[&Objects], share: Share, seed: u64) -> Vec<Change> {
    let random = &mut StdRng::seed_from_u64(seed);
    let own = &run[key];
    let all: Vec<(&String, &Bytes)> = others.iter().flat_map(|run| run.iter()).chain(run).collect();
    let alike = all.iter().filter(|(other, _)| kind(other) == kind(key));
    let alike: Vec<Value> = alike
        .filter_map(|(_, bytes)| split(bytes))
        .map(|(json, _)| json)
        .collect();
    let mut made = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>| {
        made.push(Change {
            key: key.to_owned(),
            name,
            bytes: Some(bytes.into()),
        });
    };
    if let Some((json, rest)) = split(own) {
        for _ in 0..share.fields {
            let (name, text) = field(&json, &alike, random);
            let text = rest.map_or_else(|| text.clone(), |rest| format!("{MARK}{text}\n{rest}"));
            add(name, text.into_bytes());
        }
    }
    if let Ok(log) = std::str::from_utf8(own) {
        for (name, text) in std::iter::from_fn(|| line(log, random)).take(share.histograms) {
            add(name, text.into_bytes());
        }
    }
    for _ in 0..share.bytes {
        let (name, bytes) = damaged(own, random);
        add(name, bytes);
    }
    let mut moved = all.clone();
    moved.shuffle(random);
    for (from, bytes) in moved.into_iter().take(share.moved) {
        add(format!("replaced by {from}"), bytes.to_vec());
    }
    made.push(Change {
        key: key.to_owned(),
        name: "removed".to_owned(),
        bytes: None,
    });
    made
}
