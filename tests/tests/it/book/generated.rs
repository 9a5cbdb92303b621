//! The parts of the book that are generated from the code. `UPDATE_GOLDENS=1` rewrites them.

use super::{helps, read};
use plan::cost::prices::PriceTable;
use plan::limits::{BODY_BYTES_MAX, LIST_MAX, REQUESTS_MAX, RUN_MAX, USERS_MAX};
use plan::plan::{PLAN_BYTES_MAX, SHARDS_MAX, SLICES_MAX};
use plan::rate::Rate;
use plan::scenario::Limits;
use plan::span::show;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use whole_runs::machine::root;

/// Compares the part of a page between two marks with the expected text. Rewrites it if `UPDATE_GOLDENS` is set.
fn check(page: &str, part: &str, wanted: &str) {
    let begin = format!("<!-- {part}: a test makes this; UPDATE_GOLDENS=1 writes it again. -->\n");
    let end = format!("<!-- end of {part} -->\n");
    let text = read(page);
    let (before, rest) = text
        .split_once(&begin)
        .unwrap_or_else(|| panic!("{page} has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} has no {end}"));
    let whole = format!("{before}{begin}\n{}\n\n{end}{after}", wanted.trim());
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(root().join(page), &whole).unwrap();
    }
    assert!(
        text == whole,
        "{page}: `{part}` is out of date; rewrite it with UPDATE_GOLDENS=1 and review the diff"
    );
}

/// Formats a number with commas.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Joins alternative values.
fn either(parts: &[String]) -> String {
    parts.join(" or ")
}

/// The description of a value in its schema, on one line.
fn about(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}

/// The accepted values of a key, as a table cell.
fn takes(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(all) = schema["allOf"].as_array() {
        return either(&all.iter().map(|one| takes(&one["then"])).collect::<Vec<_>>());
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().map(|value| format!("`{}`", value.as_str().unwrap()));
        return either(&values.collect::<Vec<_>>());
    }
    if schema["if"]["type"] == "array" {
        let (one, many) = (takes(&schema["else"]), takes(&schema["then"]["items"]));
        return match one == many {
            true => format!("{one}, or a list"),
            false => format!("{one}, or a list of {many}"),
        };
    }
    // A key with fixed values also accepts a variable.
    if schema["if"].is_object() {
        return takes(&schema["else"]);
    }
    if schema["additionalProperties"].is_object() {
        return format!("map of {}", takes(&schema["additionalProperties"]));
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return either(&any.iter().map(takes).collect::<Vec<_>>());
    }
    if schema["type"] == "array" {
        return format!("list of {}", takes(&schema["items"]));
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let range = (schema["minimum"].as_u64(), schema["maximum"].as_u64());
    match (types.as_slice(), range) {
        // A number in a scenario may come from a variable, as a string.
        (["integer", ..], (Some(least), Some(most))) => {
            format!("integer, {} to {}", grouped(least), grouped(most))
        }
        (["boolean", ..], _) => "`true` or `false`".to_owned(),
        (["string", "number", "boolean"], _) => "text, number, `true` or `false`".to_owned(),
        (types, _) => {
            assert!(!types.is_empty(), "no description for {schema}");
            either(
                &types
                    .iter()
                    .map(|name| name.replace("null", "`null`"))
                    .collect::<Vec<_>>(),
            )
        }
    }
}

/// Writes the keys of an object as a table. Alternative spellings are listed with their key.
fn keys(out: &mut String, schema: &Value) {
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let properties = schema["properties"].as_object().unwrap();
    let spelling = |value: &Value| {
        let rest = about(value).strip_prefix("Another spelling of `")?.to_owned();
        rest.split('`').next().map(str::to_owned)
    };
    writeln!(out, "| key | value | meaning |\n| --- | --- | --- |").unwrap();
    for (key, value) in properties {
        if spelling(value).is_some() {
            continue;
        }
        let others = properties
            .iter()
            .filter(|(_, other)| spelling(other).as_ref() == Some(key));
        let others: Vec<String> = others.map(|(name, _)| format!("`{name}`")).collect();
        let others = match others.as_slice() {
            [] => String::new(),
            others => format!(" Also written {}.", either(others)),
        };
        let must = if required.contains(key.as_str()) {
            " **Required.**"
        } else {
            ""
        };
        let about = about(value).replace('|', "\\|");
        let meaning = format!("{about}{others}{must} ");
        writeln!(out, "| `{key}` | {} | {}|", takes(value), meaning.trim_start()).unwrap();
    }
}

/// Writes a section for each definition, with its description.
fn definitions(out: &mut String, schema: &Value) {
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        writeln!(out, "\n## {name}\n\n{}", about(definition)).unwrap();
        if let Some(examples) = definition["examples"].as_array() {
            let examples = examples
                .iter()
                .map(|example| format!("`{}`", example.as_str().unwrap()));
            writeln!(out, "\nSuch as {}.", either(&examples.collect::<Vec<_>>())).unwrap();
        }
        if let Some(values) = definition["oneOf"]
            .as_array()
            .filter(|_| definition["properties"].is_null())
        {
            writeln!(out, "\n| value | meaning |\n| --- | --- |").unwrap();
            for value in values {
                let name = match value["const"].as_str() {
                    Some(name) => format!("`{name}`"),
                    None => takes(value),
                };
                writeln!(out, "| {name} | {} |", about(value)).unwrap();
            }
        } else if definition["enum"].is_array() {
            writeln!(out, "\n{}.", takes(definition)).unwrap();
        }
        if definition["properties"].is_object() {
            writeln!(out).unwrap();
            keys(out, definition);
        }
    }
}

/// Checks the reference of a document that the program writes. Such a document always has all keys.
fn check_document(page: &str, name: &str, schema: &str) {
    let mut schema: Value = serde_json::from_str(schema).unwrap();
    schema["required"] = Value::Null;
    for definition in schema["$defs"].as_object_mut().unwrap().values_mut() {
        definition["required"] = Value::Null;
    }
    let mut out = format!("## {name}\n\nThe whole document.\n\n");
    keys(&mut out, &schema);
    definitions(&mut out, &schema);
    check(page, "keys", &out);
}

#[test]
fn the_report_reference_matches_the_schema() {
    let schema = report::run_report::RunReport::schema();
    check_document("docs/reference/report-json.md", "report", &schema);
}

#[test]
fn the_comparison_reference_matches_the_schema() {
    let schema = report::compare::Comparison::schema();
    check_document("docs/reference/comparison-json.md", "comparison", &schema);
}

#[test]
fn the_scenario_reference_matches_the_schema() {
    let schema = plan::scenario_file::schema();
    let schema = serde_json::to_value(&schema).unwrap();
    let mut out = String::from("## scenario\n\nThe whole file.\n\n");
    keys(&mut out, &schema);
    definitions(&mut out, &schema);
    check("docs/reference/scenario.md", "keys", &out);
}

#[test]
fn the_command_reference_matches_the_help_texts() {
    let mut out = String::new();
    for (command, help) in helps() {
        write!(out, "## {command}\n\n```text\n{}\n```\n\n", help.trim()).unwrap();
    }
    check("docs/reference/commands.md", "commands", &out);
}

#[test]
fn the_page_of_exit_codes_matches_the_help_text() {
    let (_, help) = helps().swap_remove(0);
    let (_, codes) = help.split_once("\nExit codes:\n").unwrap();
    let mut out = String::from("| code | meaning |\n| --- | --- |\n");
    for line in codes.lines().take_while(|line| line.starts_with("  ")) {
        let (code, meaning) = line.trim().split_once(' ').unwrap();
        writeln!(out, "| {code} | {} |", meaning.trim()).unwrap();
    }
    check("docs/reference/exit-codes.md", "codes", &out);
}

#[test]
fn the_page_of_prices_lists_the_built_in_prices() {
    let file: Value = serde_json::from_str(&read("crates/plan/src/cost/prices.json")).unwrap();
    let regions = file["regions"].as_object().unwrap();
    assert_eq!(regions.len(), PriceTable::builtin().regions().count());
    let columns = [
        ("gb_second_arm64", "GB-second, arm64"),
        ("gb_second_x86_64", "GB-second, x86_64"),
        ("million_invocations", "million invocations"),
        ("thousand_puts_and_lists", "1,000 PUT and LIST"),
        ("thousand_gets", "1,000 GET"),
        ("gb_to_internet", "GB to the internet"),
        ("gb_to_other_region", "GB to another region"),
    ];
    let mut out = format!("US dollars, as of {}.\n\n| region |", file["as_of"].as_str().unwrap());
    columns.iter().for_each(|(_, title)| write!(out, " {title} |").unwrap());
    write!(out, "\n| --- |{}\n", " --- |".repeat(columns.len())).unwrap();
    for (region, prices) in regions {
        assert_eq!(prices.as_object().unwrap().len(), columns.len(), "{region}");
        write!(out, "| `{region}` |").unwrap();
        columns
            .iter()
            .for_each(|(key, _)| write!(out, " {} |", prices[key].as_str().unwrap()).unwrap());
        out.push('\n');
    }
    out.push_str("\nSources:\n\n");
    for source in file["sources"].as_array().unwrap() {
        writeln!(out, "- <{}>", source.as_str().unwrap()).unwrap();
    }
    check("docs/reference/prices.md", "prices", &out);
}

#[test]
fn the_page_of_limits_matches_the_code() {
    let mib = |bytes: u64| match bytes.is_multiple_of(1 << 30) {
        true => format!("{} GiB", bytes >> 30),
        false => format!("{} MiB", bytes >> 20),
    };
    let rate = Rate::MAX.to_string();
    let (number, time) = rate.split_once('/').unwrap();
    let rate = format!("{}/{time}", grouped(number.parse().unwrap()));
    let rows = [
        ("Length of a run", show(RUN_MAX)),
        ("Rate of a run", rate),
        ("Users at once", grouped(USERS_MAX)),
        ("Workers of a run", grouped(u64::from(SHARDS_MAX))),
        ("Slices of a run", grouped(SLICES_MAX as u64)),
        ("Kinds of request in a scenario", grouped(REQUESTS_MAX as u64)),
        (
            "Phases, targets, feeds, thresholds, abort rules: each",
            grouped(LIST_MAX as u64),
        ),
        ("Secrets in a scenario", grouped(plan::secret::REFERENCES_MAX as u64)),
        (
            "Hosts in `hosts`, and addresses of each",
            grouped(plan::hosts::HOSTS_MAX as u64),
        ),
        ("Connections of one worker", grouped(u64::from(Limits::CONNECTIONS_MAX))),
        (
            "Requests at once on one HTTP/2 connection",
            grouped(u64::from(Limits::STREAMS_MAX)),
        ),
        ("Each timeout, `max_wait` and `think_time`", show(Limits::WAIT_MAX)),
        ("Body of an answer (`body_bytes_max`)", mib(BODY_BYTES_MAX)),
        ("Head of an answer", format!("{} KiB", worker::reading::HEAD_MAX >> 10)),
        (
            "Lines in the head of an HTTP/1.1 answer",
            grouped(worker::reading::HEADERS_MAX as u64),
        ),
        ("A stored plan, without its files", mib(PLAN_BYTES_MAX as u64)),
    ];
    assert_eq!(plan::hosts::HOSTS_MAX, plan::hosts::ADDRESSES_MAX);
    let mut out = String::from("| what | most |\n| --- | --- |\n");
    for (what, most) in rows {
        writeln!(out, "| {what} | {most} |").unwrap();
    }
    check("docs/reference/limits.md", "limits", &out);
}

#[test]
fn the_page_of_metrics_lists_exactly_the_exported_metrics() {
    let source = read("crates/export/src/metrics.rs");
    let names = source
        .split("\"vajra.")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let names: BTreeSet<String> = names.map(|name| format!("vajra_{}", name.replace('.', "_"))).collect();
    assert!(names.len() > 15, "{names:?}");
    let page = read("docs/reference/metrics.md");
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: BTreeSet<&str> = rows.filter(|name| name.starts_with("vajra_")).collect();
    let units = ["", "_total", "_seconds", "_bytes_total"];
    let exported: BTreeSet<String> = names
        .iter()
        .flat_map(|name| units.map(|unit| format!("{name}{unit}")))
        .collect();
    let wrong: Vec<_> = rows.iter().filter(|row| !exported.contains(**row)).collect();
    assert!(wrong.is_empty(), "no exporter exports {wrong:?}");
    let has = |name: &&String| units.iter().any(|unit| rows.contains(format!("{name}{unit}").as_str()));
    let missing: Vec<_> = names.iter().filter(|name| !has(name)).collect();
    assert!(missing.is_empty(), "missing from the page: {missing:?}");
}
