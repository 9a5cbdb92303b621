//! Goldens of the view: all that the page of a run is given.

use report::view::View;
use serde_json::Value;
use test_reports::shown;

/// Five of the columns over time: those around the trouble of the run that has some.
const COLUMNS: std::ops::Range<usize> = 14..19;

/// A view that a reader can go through: of each series over time some columns, and of each number its line.
fn short(view: Value) -> Value {
    match view {
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, short(value))).collect(),
        Value::Array(items) if items.len() > 30 && !items.iter().any(Value::is_object) => {
            let kept = items[COLUMNS].iter().cloned().map(short);
            [format!("of {}", items.len()).into()].into_iter().chain(kept).collect()
        }
        // A pair stays on its line.
        Value::Array(items) if items.len() < 30 && !items.iter().any(Value::is_object) && !items.is_empty() => {
            Value::String(Value::Array(items).to_string())
        }
        Value::Array(items) => items.into_iter().map(short).collect(),
        other => other,
    }
}

#[test]
fn the_views_of_all_kinds_of_runs_are_as_they_were() {
    for (name, plan, report) in shown() {
        let view: Value = serde_json::from_str(&View::new(&report, &plan, None).json()).unwrap();
        insta::assert_snapshot!(name, serde_json::to_string_pretty(&short(view)).unwrap());
    }
}
