//! Starts the workers of a published run, and follows the run until it is over.

use crate::exposing::Exposing;
use crate::stopping::Stopping;
use export::Exporters;
use fleet::crew::Crew;
use fleet::follow::{Losses, follow};
use fleet::gather::{Gatherer, RunRecord};
use fleet::heartbeat;
use fleet::launch::{StartError, start};
use store::RunStore;
use worker::clock::Clock;

/// An event while a run is conducted.
#[derive(Debug)]
pub enum ConductEvent<'a> {
    /// The store was polled. `now` is in nanoseconds since the Unix epoch.
    Look { record: &'a RunRecord, now: u64 },
    /// The run is over, so the store is no longer polled.
    Over,
}

/// The outcome of conducting a run.
#[derive(Debug)]
pub struct Conducted {
    /// The slices without a result; or an error if the run was not started or could not be followed.
    pub outcome: Result<Losses, StartError>,
    /// Whether the workers have ended or will end. The value is `false` if a stop is required but could not be stored.
    pub settled: bool,
}

/// Starts the workers of a run if there is a crew, and follows the run to its end. If there is a crew and following the
/// run fails, this function writes the stop of the run before it returns.
pub async fn conduct(
    store: &RunStore,
    gatherer: &mut Gatherer,
    mut crew: Option<&mut Crew>,
    clock: &Clock,
    exporters: &Exporters,
    stopping: &Stopping,
    mut on: impl FnMut(ConductEvent<'_>),
) -> Conducted {
    let run = gatherer.record.plan.run.clone();
    let _beating = heartbeat::begin(store, &gatherer.record.plan);
    let mut exposing = Exposing::new(exporters, &gatherer.record, clock);
    let mut on_poll = |record: &RunRecord| {
        let now = clock.now();
        on(ConductEvent::Look { record, now });
        exposing.update(record);
    };
    let started = start(store, gatherer, crew.as_deref_mut(), clock, &mut on_poll).await;
    let outcome = match started {
        Ok(()) => follow(gatherer, crew.as_deref_mut(), clock, &mut on_poll)
            .await
            .map_err(StartError::from),
        Err(error) => Err(error),
    };
    on(ConductEvent::Over);
    if let Ok(losses) = &outcome {
        exposing.conclude(&gatherer.record, losses);
    }
    let settled = match &outcome {
        Ok(losses) if losses.is_empty() => true,
        // If a stop was required, `start` or `follow` has written it. In a run that was not started, no worker sends.
        Ok(_) | Err(StartError::Aborted(_)) => stopping.settle().await,
        Err(error) if crew.is_some() => stopping.give_up(&run, &error.to_string()).await,
        Err(_) => stopping.settle().await,
    };
    Conducted { outcome, settled }
}
