//! Tests of the dashboard in `infra/grafana`. A Prometheus with the metrics of a run must answer every query of this
//! dashboard.

use super::launch;
use super::server::{Prometheus, is_installed};
use serde_json::Value;
use std::collections::BTreeSet;
use whole_runs::machine::{Desk, root};

fn dashboard() -> Value {
    let text = std::fs::read_to_string(root().join("infra/grafana/vajra-cloud.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Returns each panel with its title and its queries. A row of the dashboard is not a panel, so rows are skipped.
fn panels(dashboard: &Value) -> Vec<(String, Vec<String>)> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels
        .filter(|panel| panel["type"] != "row")
        .map(|panel| {
            let targets = panel["targets"].as_array().unwrap().iter();
            let queries = targets.map(|target| target["expr"].as_str().unwrap().to_owned());
            (panel["title"].as_str().unwrap().to_owned(), queries.collect())
        })
        .collect()
}

#[test]
fn every_panel_shows_a_run() {
    if !is_installed() {
        return;
    }
    let desk = Desk::new();
    let prometheus = Prometheus::start(&desk, None);
    let (report, _) = launch(&desk, "shown", &["--prometheus", &prometheus.write_url()]);
    let filled = |expression: &str| {
        let filled = expression
            .replace("$__rate_interval", "1m")
            .replace("$__range", "1h")
            .replace("$scenario", "shop")
            .replace("$run", "shown");
        assert!(!filled.contains('$'), "{filled}");
        filled
    };
    let dashboard = dashboard();
    let mut values = std::collections::BTreeMap::new();
    for (title, queries) in panels(&dashboard) {
        assert!(!queries.is_empty(), "{title} has no query");
        for expression in queries {
            let found = prometheus.query(&filled(&expression));
            assert!(!found.is_empty(), "{title}: nothing for {expression}");
            assert!(found.iter().all(|(_, value)| !value.is_nan()), "{title}: {found:?}");
            values.entry(title.clone()).or_insert(found[0].1);
        }
    }
    for (title, field) in [
        ("Planned", "planned"),
        ("Sent", "sent"),
        ("Completed", "completed"),
        ("Failed", "failed"),
        ("Dropped", "dropped"),
    ] {
        assert_eq!(Some(values[title]), report["balance"][field].as_f64(), "{title}");
    }
    assert_eq!((values["Ended"], values["Workers missing"]), (1.0, 0.0));
    // Prometheus must return the value of each variable of the dashboard. A query of a variable contains other
    // variables, which are replaced by their values.
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        let Some(query) = variable["definition"].as_str() else {
            continue;
        };
        let (series, label) = query
            .strip_prefix("label_values(")
            .and_then(|rest| rest.strip_suffix(')')?.rsplit_once(", "))
            .unwrap();
        let found = prometheus.ask(&format!("label/{label}/values"), &[("match[]", &filled(series))]);
        let wanted = if label == "run" { "shown" } else { "shop" };
        assert_eq!(found, serde_json::json!([wanted]), "{query}");
    }
}

#[test]
fn panels_have_distinct_ids_and_do_not_overlap() {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        for x in side("x")..side("x") + side("w") {
            for y in side("y")..side("y") + side("h") {
                assert!(
                    x < 24 && taken.insert((x, y)),
                    "{} overlaps another panel",
                    panel["title"]
                );
            }
        }
    }
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let names: Vec<&str> = variables.map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["datasource", "scenario", "run"]);
}
