//! Measures runs of pods and the operator on the stand-in for a Kubernetes cluster: `cargo bench --workspace --bench
//! clusters`. The program must be built in the same profile first: `cargo build --release --workspace --bins`. The words
//! `pods` and `operator` after `--` select one part.
//!
//! The stand-in, its pods and the target use the same processors as the measured process. So the times are upper bounds,
//! and only the processor time and the memory of the measured process compare between machines.

#![expect(clippy::print_stdout, reason = "the program prints a table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot continue ends")]

mod bed;
mod operator;
mod pods;
mod usage;

/// The number of rounds. Each line contains the median of all rounds.
const ROUNDS: usize = 3;

fn main() {
    // cargo adds the option --bench.
    let only = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let is_asked = |part: &str| only.as_ref().is_none_or(|only| only == part);
    println!("{:<58}{:>14}", "", "median");
    if is_asked("pods") {
        pods::measure();
    }
    if is_asked("operator") {
        operator::measure();
    }
}

/// Prints the median of some values, and all values.
fn line(what: &str, unit: &str, digits: usize, mut values: Vec<f64>) {
    let all: Vec<String> = values.iter().map(|value| format!("{value:.digits$}")).collect();
    values.sort_by(f64::total_cmp);
    let median = values[values.len() / 2];
    println!(
        "{what:<58}{:>14}   ({})",
        format!("{median:.digits$} {unit}"),
        all.join(", ")
    );
}
