//! Reads feeds. A feed is a file with rows of data that arrivals use.

use super::csv::{self, Sheet};
use super::document::{Node, Value};
use super::fields::{Fields, KeyValue};
use super::keys::FEED;
use super::reading::ScenarioReader;
use crate::delimiter::Delimiter;
use crate::flow::Flow;
use crate::limits::{LARGE_BYTES, PART_BYTES, ROWS_MAX};
use crate::mix::Mix;
use crate::rows::{Rows, Work};
use crate::rules;
use crate::scenario::{Feed, FeedPart, Load, MixOrder, Pick, Request};
use crate::sha256;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// The maximum total number of columns of all feeds. The limit exists because the plan contains the names of all
/// columns.
const ALL_COLUMNS_MAX: usize = 10_000;

/// Reads all feeds. The feeds must be read before any placeholder that refers to a feed.
pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) {
    let Some(entry) = fields.get("feeds") else { return };
    let named = entry.named(reading);
    let mut all_columns = 0;
    for (written, name, value) in named {
        if !rules::is_feed_name(name) {
            let message = format!("`{}` is not a valid feed name", name.escape_debug());
            reading.problem::<()>(written, message, "use letters, digits, `_` and `-`");
            continue;
        }
        match file(reading, name, value) {
            Some(FeedFile {
                blob,
                delimiter,
                sheet,
                parts,
                pick: (pick, picked),
            }) => {
                all_columns += sheet.columns().len();
                if all_columns > ALL_COLUMNS_MAX {
                    let message = format!("up to `{name}` the feeds have more than {ALL_COLUMNS_MAX} columns in total");
                    reading.problem::<()>(written, message, "remove columns or feeds that no placeholder uses");
                    reading.unread.insert(name.to_owned());
                    continue;
                }
                let (columns, rows) = (sheet.columns().to_vec(), sheet.rows() as u64);
                reading.feed_places.insert(name.to_owned(), reading.feeds.len() as u32);
                reading.feeds.push(Feed {
                    name: name.to_owned(),
                    delimiter,
                    columns,
                    rows,
                    pick,
                    blob,
                    parts,
                });
                reading.picks.push(picked);
                reading.sheets.push(sheet);
            }
            None => {
                reading.unread.insert(name.to_owned());
            }
        }
    }
}

/// The file of a feed, and the settings of the feed.
struct FeedFile {
    blob: String,
    delimiter: Option<Delimiter>,
    sheet: Rc<Sheet>,
    parts: Vec<FeedPart>,
    /// The value of the key `pick`, and its position in the source.
    pick: (Pick, Range<usize>),
}

fn file(reading: &mut ScenarioReader<'_>, name: &str, whole: &Node) -> Option<FeedFile> {
    let (value, delimiter, pick) = match &whole.value {
        Value::Map(_) if !reading.spelling(whole).starts_with("{{") => {
            let fields = Fields::read(reading, &FEED, whole)?;
            let delimiter = match fields.get("delimiter") {
                Some(entry) => Some(delimiter(reading, entry.value)?),
                None => None,
            };
            let pick = match fields.get("pick") {
                Some(entry) => (pick(reading, entry)?, entry.value.range.clone()),
                None => (Pick::Turn, whole.range.clone()),
            };
            (fields.get("file")?.value, delimiter, pick)
        }
        _ => (whole, None, (Pick::Turn, whole.range.clone())),
    };
    let path = reading.text(name, value)?;
    let blob = reading.feed_file(value, path)?;
    let known = |feed: &Feed| feed.blob == blob && feed.delimiter == delimiter;
    let (sheet, parts) = match reading.feeds.iter().position(known) {
        Some(known) => (Rc::clone(&reading.sheets[known]), reading.feeds[known].parts.clone()),
        None => {
            let sheet = sheet(reading, value, path, (&blob, delimiter))?;
            let parts = parts(reading, value, &sheet, (&blob, delimiter))?;
            (sheet, parts)
        }
    };
    Some(FeedFile {
        blob,
        delimiter,
        sheet,
        parts,
        pick,
    })
}

/// Parses the file of a feed. Each file is parsed only once, even if the file is invalid and several feeds name it.
fn sheet(
    reading: &mut ScenarioReader<'_>,
    value: &Node,
    path: &str,
    (blob, delimiter): (&String, Option<Delimiter>),
) -> Option<Rc<Sheet>> {
    let fault = match reading.no_sheets.get(&(blob.clone(), delimiter)) {
        Some(fault) => fault.clone(),
        None => match Sheet::read(&reading.blobs[blob], delimiter) {
            Ok(sheet) => return Some(Rc::new(sheet)),
            Err(fault) => fault,
        },
    };
    reading.no_sheets.insert((blob.clone(), delimiter), fault.clone());
    reading.refused(value, &format!("`{path}` is not a feed: {fault}"))
}

/// Divides a large file into parts, and adds the parts to the files of the scenario.
fn parts(
    reading: &mut ScenarioReader<'_>,
    value: &Node,
    sheet: &Sheet,
    (blob, delimiter): (&String, Option<Delimiter>),
) -> Option<Vec<FeedPart>> {
    let bytes = &reading.blobs[blob];
    if bytes.len() <= LARGE_BYTES {
        return Some(Vec::new());
    }
    if sheet.rows() as u64 > ROWS_MAX {
        let message = format!(
            "a feed of more than {} MiB has at most {ROWS_MAX} rows",
            LARGE_BYTES >> 20
        );
        return reading.problem(value, message, "use a smaller file");
    }
    let parts = match csv::parts(bytes, delimiter, PART_BYTES) {
        Ok(parts) => parts,
        Err(fault) => return reading.refused(value, &fault),
    };
    let parts = parts.into_iter().map(|(part, rows)| {
        let blob = sha256::hex(&part);
        let bytes = part.len() as u64;
        reading.blobs.insert(blob.clone(), part);
        FeedPart { blob, rows, bytes }
    });
    Some(parts.collect())
}

fn pick(reading: &mut ScenarioReader<'_>, entry: KeyValue<'_>) -> Option<Pick> {
    Some(match entry.choice(reading, "a choice of rows")? {
        "once" => Pick::Once,
        "shuffle" => Pick::Shuffle,
        "random" => Pick::Random,
        "user" => Pick::User,
        _ => Pick::Turn,
    })
}

/// Reports each feed whose `pick` does not fit the load of a population, and each feed that has too few rows for this
/// load. `once` contains the feeds with `pick: once` that other populations use. A second use of such a feed is
/// reported.
pub(super) fn check_rows(
    reading: &mut ScenarioReader<'_>,
    load: &Load,
    order: MixOrder,
    (requests, flows): (&[Request], &[Flow]),
    once: &mut BTreeSet<usize>,
) {
    let weights = requests.iter().map(|request| request.weight);
    let mix = Mix::new(0, order, weights, flows.iter().map(|flow| flow.weight), 1);
    let rows = Rows::new(mix, requests, 0..requests.len(), flows, &reading.feeds, Work::of(load));
    for (feed, problem) in rows.problems() {
        let at = reading.picks[feed].clone();
        reading.problem_at::<()>(at, problem.to_string(), problem.hint());
    }
    for feed in rows.used_once().filter(|feed| !once.insert(*feed)) {
        let at = reading.picks[feed].clone();
        let message = format!("two populations use each row of `{}` once", reading.feeds[feed].name);
        reading.problem_at::<()>(at, message, "write a feed for each population");
    }
}

fn delimiter(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<Delimiter> {
    let text = reading.text("delimiter", node)?;
    let mut chars = text.chars();
    let fault = match (chars.next(), chars.next()) {
        (Some(one), None) => match Delimiter::try_from(one) {
            Ok(delimiter) => return Some(delimiter),
            Err(fault) => fault,
        },
        _ => format!(
            "`{}` is not a delimiter; write one ASCII character, such as `;` or `\"\\t\"`",
            text.escape_debug()
        ),
    };
    reading.refused(node, &fault)
}
