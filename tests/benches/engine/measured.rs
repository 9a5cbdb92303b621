//! What one bounded run of a generator came to, and whether it was the generator that was measured.
//!
//! A figure per processor second says something about a generator only while it is the generator
//! that has no time left: so every run carries how busy both cores were, and what others took.

use crate::Fallible;
use crate::cores::{self, CoreTime};
use std::time::{Duration, Instant};

/// A generator's core is full from here on; the rest is the system's ticks and the run's two ends.
const FULL: f64 = 0.95;
/// Other programs may take this much of a core before it is worth a word.
const OTHERS_MOST: f64 = 0.03;

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Requests that were answered.
    pub(crate) requests: u64,
    /// Processor time of the generator.
    pub(crate) cpu: Duration,
    /// How long it sent.
    pub(crate) span: Duration,
    /// The most memory it held, in kB, where that was watched.
    pub(crate) memory_peak_kb: u64,
    /// The server's share of its core.
    pub(crate) server: f64,
    /// What other programs took of the generator's core, and of the server's.
    pub(crate) others: [f64; 2],
}

impl Measured {
    /// Requests for each second of the generator's processor time.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.requests as f64 / self.cpu.as_secs_f64().max(1e-9)
    }

    /// Processor seconds for a million requests.
    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests.max(1) as f64
    }

    /// Requests a second.
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.span.as_secs_f64()
    }

    /// The generator's share of its core.
    pub(crate) fn generator(&self) -> f64 {
        self.cpu.as_secs_f64() / self.span.as_secs_f64()
    }
}

/// What is read before a run, to be held against what is read after it.
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
    /// Begins to watch. `server` tells the processor time that the server has used so far.
    pub(crate) fn begin(server: &dyn Fn() -> Fallible<Duration>) -> Fallible<Watch<'_>> {
        Ok(Watch {
            server,
            server_before: server()?,
            cores_before: both_cores()?,
            own_before: cores::clock(libc::CLOCK_PROCESS_CPUTIME_ID),
            began: Instant::now(),
        })
    }

    /// Ends watching a generator that sent for `span`, used `cpu` and had `requests` answered.
    pub(crate) fn end(self, requests: u64, cpu: Duration, span: Duration, memory_peak_kb: u64) -> Fallible<Measured> {
        let lasted = self.began.elapsed().as_secs_f64();
        let server = (self.server)()?.saturating_sub(self.server_before);
        let own = cores::clock(libc::CLOCK_PROCESS_CPUTIME_ID).saturating_sub(self.own_before);
        let after = both_cores()?;
        // A null server is a thread of this process, and nginx is not: what both may have taken is taken off.
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

/// The middle one; the lower of two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

/// How busy both cores were.
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

/// Says of runs without pauses whether the generator was what held them up.
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

/// Says what other programs took, if it was enough to matter.
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
