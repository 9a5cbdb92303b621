//! The fleet `none`: a person, a CI matrix or a scheduler starts the workers with the command `vajra-cloud worker`.

use crate::fleet::{Batch, Capabilities, Events, Fleet, FleetError, FleetKind, Opening, Pending};
use crate::gather::SliceId;
use plan::plan::SHARDS_MAX;
use std::sync::Arc;
use std::time::Duration;

/// The kind of fleet that `--fleet none` selects.
#[derive(Clone, Copy, Debug)]
pub struct Kind;

impl FleetKind for Kind {
    fn name(&self) -> &'static str {
        "none"
    }

    fn about(&self) -> &'static str {
        "Wherever you start them: `vajra-cloud worker --run RUN --shard N`"
    }

    fn open<'a>(&'a self, _: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>> {
        Box::pin(async { Ok(Arc::new(Elsewhere) as Arc<dyn Fleet>) })
    }
}

const CAPABILITIES: Capabilities = Capabilities {
    workers_max: SHARDS_MAX,
    lifetime: None,
    start_timeout: Duration::from_secs(60),
    snapshot_interval: Duration::from_secs(5),
    price: None,
    inspected: false,
    starts_workers: false,
    replaces_workers: false,
};

/// A fleet that starts no workers and sends no events.
#[derive(Debug)]
struct Elsewhere;

impl Fleet for Elsewhere {
    fn name(&self) -> &'static str {
        Kind.name()
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn start(&self, _: Batch, _: &Events) {}

    fn why(&self, _: SliceId) -> Pending<'_, Option<FleetError>> {
        Box::pin(async { None })
    }

    fn withdraw(&self, _: &str, _: bool) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}
