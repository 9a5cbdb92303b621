//! The metrics of an operator, in the text format of Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The metrics of an operator, and whether the operator is ready.
#[derive(Debug, Default)]
pub struct Metrics {
    reconciles: AtomicU64,
    errors: AtomicU64,
    ready: AtomicBool,
    leading: AtomicBool,
    /// The phase of each load test, by the UID of the load test.
    phases: Mutex<BTreeMap<String, &'static str>>,
}

impl Metrics {
    /// Returns whether the operator has reached the cluster.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Returns the metrics as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, u64)]| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        };
        let one = |value: u64| [(String::new(), value)];
        family(
            "vajra_operator_reconciles_total",
            "counter",
            "How often a load test was reconciled.",
            &one(self.reconciles.load(Ordering::Relaxed)),
        );
        family(
            "vajra_operator_errors_total",
            "counter",
            "How often a call of the cluster failed.",
            &one(self.errors.load(Ordering::Relaxed)),
        );
        family(
            "vajra_operator_leading",
            "gauge",
            "Whether this copy of the operator reconciles.",
            &one(self.leading.load(Ordering::Relaxed).into()),
        );
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for phase in self.phases.lock().unwrap_or_else(PoisonError::into_inner).values() {
            *counts.entry(phase).or_default() += 1;
        }
        let counts: Vec<_> = counts
            .into_iter()
            .map(|(phase, count)| (format!("{{phase=\"{phase}\"}}"), count))
            .collect();
        family(
            "vajra_operator_runs",
            "gauge",
            "The load tests of the namespace, by phase.",
            &counts,
        );
        text
    }
}

#[cfg(feature = "kubernetes")]
impl Metrics {
    pub(super) fn reconciled(&self) {
        self.reconciles.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    pub(super) fn set_leading(&self, leading: bool) {
        self.leading.store(leading, Ordering::Relaxed);
        if !leading {
            self.phases.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    pub(super) fn set_phase(&self, uid: &str, phase: Option<&'static str>) {
        let mut phases = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        match phase {
            Some(phase) => phases.insert(uid.to_owned(), phase),
            None => phases.remove(uid),
        };
    }
}
