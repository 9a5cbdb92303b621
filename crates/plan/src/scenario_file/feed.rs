//! Feeds: files with rows of data for arrivals.

use super::csv::Sheet;
use super::document::{Node, Value};
use super::fields::Fields;
use super::keys::FEED;
use super::reading::ScenarioReader;
use crate::delimiter::Delimiter;
use crate::rules;
use crate::scenario::Feed;
use std::rc::Rc;

/// The maximum number of columns of all feeds together: the plan contains their names.
const ALL_COLUMNS_MAX: usize = 10_000;

/// Reads all feeds before the placeholders that refer to them.
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
        match sheet(reading, name, value) {
            Some((blob, delimiter, sheet)) => {
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
                    blob,
                });
                reading.sheets.push(sheet);
            }
            None => {
                reading.unread.insert(name.to_owned());
            }
        }
    }
}

fn sheet(reading: &mut ScenarioReader<'_>, name: &str, value: &Node) -> Option<(String, Option<Delimiter>, Rc<Sheet>)> {
    let (value, delimiter) = match &value.value {
        Value::Map(_) if !reading.spelling(value).starts_with("{{") => {
            let fields = Fields::read(reading, &FEED, value)?;
            let delimiter = match fields.get("delimiter") {
                Some(entry) => Some(delimiter(reading, entry.value)?),
                None => None,
            };
            (fields.get("file")?.value, delimiter)
        }
        _ => (value, None),
    };
    let path = reading.text(name, value)?;
    let blob = reading.file(value, path)?;
    let known = |feed: &Feed| feed.blob == blob && feed.delimiter == delimiter;
    if let Some(known) = reading.feeds.iter().position(known) {
        return Some((blob, delimiter, Rc::clone(&reading.sheets[known])));
    }
    // An invalid file is also parsed once only, however many feeds name it.
    let fault = match reading.no_sheets.get(&(blob.clone(), delimiter)) {
        Some(fault) => fault.clone(),
        None => match Sheet::read(&reading.blobs[&blob], delimiter) {
            Ok(sheet) => return Some((blob, delimiter, Rc::new(sheet))),
            Err(fault) => fault,
        },
    };
    reading.no_sheets.insert((blob, delimiter), fault.clone());
    reading.refused(value, &format!("`{path}` is not a feed: {fault}"))
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
