//! The measurements of one run of a load generator, and whether the generator was the bottleneck.
//!
//! The number of requests per processor second describes a generator only if the generator is the bottleneck. Every run
//! therefore records how busy both cores were, and which share of the cores other programs used.

use crate::Fallible;
use crate::cores::{self, CoreTime};
use std::time::{Duration, Instant};

/// The minimum share of busy time at which a core counts as full. The missing share allows for the begin and the end of
/// the run, and for the precision of the system's ticks.
const FULL: f64 = 0.95;
/// The share of a core that other programs may use without a note in the table.
const OTHERS_MOST: f64 = 0.03;

/// The measurements of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// The number of requests that were answered.
    pub(crate) requests: u64,
    /// The processor time of the generator.
    pub(crate) cpu: Duration,
    /// The time for which the generator sent requests.
    pub(crate) span: Duration,
    /// The peak memory of the generator in kB. The value is zero if the memory was not read.
    pub(crate) memory_peak_kb: u64,
    /// The share of the time for which the server was busy on its core.
    pub(crate) server: f64,
    /// The shares of the generator's core and of the server's core that other programs used.
    pub(crate) others: [f64; 2],
}

impl Measured {
    /// Returns the number of requests per second of the generator's processor time.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.requests as f64 / self.cpu.as_secs_f64().max(1e-9)
    }

    /// Returns the number of processor seconds per million requests.
    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests.max(1) as f64
    }

    /// Returns the number of answered requests per second.
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.span.as_secs_f64()
    }

    /// Returns the share of the time for which the generator was busy on its core.
    pub(crate) fn generator(&self) -> f64 {
        self.cpu.as_secs_f64() / self.span.as_secs_f64()
    }
}

/// The readings of clocks and counters before a run. The bench compares these readings with the readings after the run.
pub(crate) struct Watch<'a> {
    server: &'a dyn Fn() -> Fallible<Duration>,
    server_before: Duration,
    cores_before: [CoreTime; 2],
    own_before: Duration,
    began: Instant,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("began", &self.began)
            .finish_non_exhaustive()
    }
}

fn both_cores() -> Fallible<[CoreTime; 2]> {
    Ok([CoreTime::read(cores::GENERATOR)?, CoreTime::read(cores::SERVER)?])
}

impl Watch<'_> {
    /// Reads clocks and counters before a run. `server` returns the processor time of the server so far.
    pub(crate) fn begin(server: &dyn Fn() -> Fallible<Duration>) -> Fallible<Watch<'_>> {
        Ok(Watch {
            server,
            server_before: server()?,
            cores_before: both_cores()?,
            own_before: cores::clock(libc::CLOCK_PROCESS_CPUTIME_ID),
            began: Instant::now(),
        })
    }

    /// Reads clocks and counters after a run, and returns the measurements of the run. The generator sent for the time
    /// `span`, used the processor time `cpu`, and received answers to `requests` requests.
    pub(crate) fn end(self, requests: u64, cpu: Duration, span: Duration, memory_peak_kb: u64) -> Fallible<Measured> {
        let lasted = self.began.elapsed().as_secs_f64();
        let server = (self.server)()?.saturating_sub(self.server_before);
        let own = cores::clock(libc::CLOCK_PROCESS_CPUTIME_ID).saturating_sub(self.own_before);
        let after = both_cores()?;
        // A null server is a thread of this process, but nginx is another process. The larger of the two processor
        // times is subtracted, because a null server is included in the time of this process.
        let known = [cpu, server.max(own)];
        let others = [0, 1].map(|core| {
            let taken = after[core].since(self.cores_before[core]);
            taken.saturating_sub(known[core]).as_secs_f64() / lasted
        });
        Ok(Measured {
            requests,
            cpu,
            span,
            memory_peak_kb,
            server: server.as_secs_f64() / span.as_secs_f64(),
            others,
        })
    }
}

/// Returns the median of the values. If two values are in the middle, returns the lower value.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

/// Describes how busy both cores were.
pub(crate) fn shares(runs: &[Measured]) -> String {
    let (generator, server) = busy(runs);
    format!(
        "generator core {:.0}%, server core {:.0}%",
        generator * 1e2,
        server * 1e2
    )
}

fn busy(runs: &[Measured]) -> (f64, f64) {
    let of = |share: fn(&Measured) -> f64| median(runs.iter().map(share));
    (of(Measured::generator), of(|run| run.server))
}

/// Describes whether the generator was the bottleneck of these runs, which had no pauses.
pub(crate) fn bottleneck(runs: &[Measured]) -> String {
    let (generator, server) = busy(runs);
    let verdict = if generator >= FULL {
        ""
    } else if server >= FULL {
        ": THE SERVER WAS THE LIMIT"
    } else {
        ": THE GENERATOR WAS NOT THE LIMIT"
    };
    shares(runs) + verdict
}

/// Describes the share of the cores that other programs used; `None` if the share is small.
pub(crate) fn disturbance(runs: &[Measured]) -> Option<String> {
    let most = |core: usize| runs.iter().map(|run| run.others[core]).fold(0.0, f64::max);
    let (generator, server) = (most(0), most(1));
    (generator.max(server) > OTHERS_MOST).then(|| {
        format!(
            "others took up to {:.0}% of the generator's core and {:.0}% of the server's",
            generator * 1e2,
            server * 1e2
        )
    })
}
