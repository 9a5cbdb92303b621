//! Feeds: files with rows that arrivals take their data from.

use super::csv::Sheet;
use super::document::Node;
use super::fields::Fields;
use super::reading::Reading;
use crate::rules;
use crate::scenario::Feed;
use std::rc::Rc;

/// How many columns all feeds may have together: the plan names each of them.
const ALL_COLUMNS_MAX: usize = 10_000;

/// Reads every feed into the pass, so that placeholders can name them.
pub(super) fn read(reading: &mut Reading<'_>, fields: &Fields<'_>) {
    let Some(entry) = fields.get("feeds") else { return };
    let named = entry.named(reading);
    let mut all_columns = 0;
    for (written, name, value) in named {
        if !rules::is_feed_name(name) {
            let message = format!("`{}` is not a name for a feed", name.escape_debug());
            reading.problem::<()>(written, message, "use letters, digits, `_` and `-`");
            continue;
        }
        match sheet(reading, name, value) {
            Some((blob, sheet)) => {
                all_columns += sheet.columns().len();
                if all_columns > ALL_COLUMNS_MAX {
                    let message = format!("with `{name}` the feeds have more than {ALL_COLUMNS_MAX} columns together");
                    reading.problem::<()>(written, message, "leave out columns or feeds that no placeholder names");
                    reading.unread.insert(name.to_owned());
                    continue;
                }
                let (columns, rows) = (sheet.columns().to_vec(), sheet.rows() as u64);
                reading.feed_places.insert(name.to_owned(), reading.feeds.len() as u32);
                reading.feeds.push(Feed {
                    name: name.to_owned(),
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

fn sheet(reading: &mut Reading<'_>, name: &str, value: &Node) -> Option<(String, Rc<Sheet>)> {
    let path = reading.text(name, value)?;
    let blob = reading.file(value, path)?;
    if let Some(known) = reading.feeds.iter().position(|feed| feed.blob == blob) {
        return Some((blob, Rc::clone(&reading.sheets[known])));
    }
    // A file that is no feed is read once, too, however many feeds name it.
    let fault = match reading.no_sheets.get(&blob) {
        Some(fault) => fault.clone(),
        None => match Sheet::read(&reading.blobs[&blob]) {
            Ok(sheet) => return Some((blob, Rc::new(sheet))),
            Err(fault) => fault,
        },
    };
    reading.no_sheets.insert(blob, fault.clone());
    reading.refused(value, &format!("`{path}` is not a feed: {fault}"))
}
