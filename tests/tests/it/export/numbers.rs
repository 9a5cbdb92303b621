//! The exported numbers of a run, and their comparison with the report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;
use tally::histogram::Histogram;

/// An exported number. The name and the labels of the number are those that Prometheus uses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// All exported numbers of a run.
pub(crate) struct Numbers(pub Vec<Number>);

impl Numbers {
    /// Returns the sum of a metric over all series that have these labels.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let has = |number: &&Number| {
            let is = |(key, value): &(&str, &str)| number.labels.get(*key).is_some_and(|own| own == value);
            number.name == name && labels.iter().all(is)
        };
        let sum: f64 = self.0.iter().filter(has).map(|number| number.value).sum();
        assert_eq!(sum.fract(), 0.0, "{name}");
        sum as u64
    }

    /// Asserts that every exported count equals the count in the report of the run.
    pub(crate) fn assert_equal(&self, report: &Value) {
        let count = |value: &Value| value.as_u64().unwrap();
        let check = |name: &str, labels: &[(&str, &str)], wanted: &Value| {
            assert_eq!(self.sum(name, labels), count(wanted), "{name} {labels:?}");
        };
        let run = report["run"].as_str().unwrap();
        assert!(!self.0.is_empty());
        for number in &self.0 {
            assert_eq!(
                (number.labels["run"].as_str(), number.labels["scenario"].as_str()),
                (run, "shop")
            );
        }
        let balance = &report["balance"];
        check("vajra_arrivals_planned_total", &[], &balance["planned"]);
        check("vajra_unmeasured_requests_sent_total", &[], &balance["unmeasured_sent"]);
        check(
            "vajra_unmeasured_requests_dropped_total",
            &[],
            &balance["unmeasured_dropped"],
        );
        check("vajra_requests_in_flight", &[], &balance["in_flight"]);
        let workers = report["workers"].as_array().unwrap();
        let ended = |state: &str| workers.iter().filter(|worker| worker["state"] == state).count() as u64;
        let all = workers.len() as u64;
        for (state, wanted) in [
            ("planned", all),
            ("ready", all),
            ("done", ended("finished")),
            ("missing", ended("lost")),
        ] {
            assert_eq!(self.sum("vajra_workers", &[("state", state)]), wanted, "{state}");
        }
        assert_eq!(self.sum("vajra_run_info", &[("fleet", "local")]), 1);
        assert_eq!(self.sum("vajra_run_ended", &[]), 1);
        let requests = report["requests"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| ("request", one));
        let regions = report["regions"].as_array().unwrap().iter().map(|one| ("region", one));
        for (key, one) in requests.chain(regions) {
            let own = (key, one["name"].as_str().unwrap());
            check("vajra_requests_sent_total", &[own], &one["sent"]);
            check("vajra_requests_completed_total", &[own], &one["completed"]);
            check("vajra_requests_failed_total", &[own], &one["failed"]);
            check("vajra_requests_dropped_total", &[own], &one["dropped"]);
            check("vajra_requests_retries_total", &[own], &one["retries"]);
            check("vajra_response_body_bytes_total", &[own], &one["body_bytes"]);
            for (kind, failures) in one["failures"].as_object().unwrap() {
                check("vajra_requests_failed_total", &[own, ("kind", kind)], failures);
            }
            let mut classes = BTreeMap::<String, u64>::new();
            for (status, answers) in one["statuses"].as_object().unwrap() {
                check("vajra_responses_total", &[own, ("status", status)], answers);
                *classes.entry(format!("{}xx", &status[..1])).or_default() += count(answers);
            }
            let answers: u64 = classes.values().sum();
            assert_eq!(self.sum("vajra_responses_total", &[own]), answers);
            for (class, answers) in classes {
                let labels = [own, ("status_class", class.as_str())];
                assert_eq!(self.sum("vajra_responses_total", &labels), answers, "{labels:?}");
            }
            for timing in ["latency", "service", "lag"] {
                let name = format!("vajra_request_{timing}_seconds_count");
                check(&name, &[own], &one[timing]["count"]);
            }
            for outcome in ["completed", "failed"] {
                let labels = [own, ("outcome", outcome)];
                let wanted = &one[format!("latency_{outcome}")]["count"];
                check("vajra_request_latency_seconds_count", &labels, wanted);
            }
            self.assert_classes(own, one);
        }
    }

    /// Asserts that each bucket of an exported latency histogram has the count that the histogram in the report gives.
    /// The label `own` selects the exported histogram, and `one` is a request name of the report.
    fn assert_classes(&self, own: (&str, &str), one: &Value) {
        let encoded = STANDARD.decode(one["latency"]["histogram"].as_str().unwrap()).unwrap();
        let mut histogram = Histogram::default();
        tally::encoding::decode_into(&encoded, &mut histogram).unwrap();
        let bounds: BTreeMap<String, &str> = self
            .0
            .iter()
            .filter(|number| number.name == "vajra_request_latency_seconds_bucket")
            .map(|number| (number.labels["le"].clone(), number.labels["le"].as_str()))
            .collect();
        assert!(bounds.len() > 40, "{bounds:?}");
        for bound in bounds.values() {
            let seconds: f64 = bound.parse().unwrap();
            let below = histogram.values().filter(|(value, _)| *value as f64 <= seconds * 1e9);
            let wanted: u64 = below.map(|(_, count)| count).sum();
            let exported = self.sum("vajra_request_latency_seconds_bucket", &[own, ("le", bound)]);
            assert_eq!(exported, wanted, "{own:?} up to {bound} s");
        }
    }
}
