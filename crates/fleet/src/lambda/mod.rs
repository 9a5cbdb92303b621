//! The fleet `lambda`, whose workers are Lambda functions.
//!
//! Each worker is one synchronous invocation. The invocation contains a reference to the plan, and never the plan
//! itself. The answer reports only that the worker has ended; the result of the worker is in the store.

#[cfg_attr(
    not(feature = "lambda"),
    expect(dead_code, reason = "a build without the feature opens no functions")
)]
mod deployment;
#[cfg(feature = "lambda")]
mod functions;
#[cfg(feature = "lambda")]
mod inspection;
#[cfg(feature = "lambda")]
mod invoking;
#[cfg(feature = "lambda")]
mod log_tail;
#[cfg(feature = "lambda")]
mod settings;
#[cfg(feature = "lambda")]
mod turnstile;

use crate::fleet::{Fleet, FleetError, FleetKind, Opening, Pending};
use crate::options::FleetOptions;
use deployment::{FleetFile, Functions};
#[cfg(feature = "lambda")]
pub use functions::Lambda;
#[cfg(feature = "lambda")]
pub use settings::LambdaSettings;
use std::sync::Arc;
use store::Location;

/// The kind of fleet that `--fleet lambda` selects.
#[derive(Clone, Copy, Debug)]
pub struct Kind;

impl FleetKind for Kind {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn about(&self) -> &'static str {
        "Lambda functions"
    }

    fn processor_hint(&self) -> Option<&'static str> {
        Some("use more workers, or functions with more memory, which get more processor time")
    }

    fn is_deployed(&self, options: &FleetOptions) -> bool {
        let file = || FleetFile::find(options.lambda.fleet_file.as_deref());
        options.lambda.endpoint.is_some() || file().is_ok_and(|file| file.is_some())
    }

    fn store(&self, options: &FleetOptions) -> Result<Option<String>, FleetError> {
        let file = FleetFile::find(options.lambda.fleet_file.as_deref())?;
        Ok(file.map(|file| file.store))
    }

    fn open<'a>(&'a self, opening: Opening<'a>) -> Pending<'a, Result<Arc<dyn Fleet>, FleetError>> {
        Box::pin(async move {
            let deployed = Functions::find(&opening.options.lambda, opening.scenario)?;
            open(deployed, opening.store).await
        })
    }
}

#[cfg(feature = "lambda")]
async fn open(deployed: Functions, store: &Location) -> Result<Arc<dyn Fleet>, FleetError> {
    Ok(Arc::new(Lambda::new(deployed, store.clone()).await))
}

#[cfg(not(feature = "lambda"))]
async fn open(_deployed: Functions, _store: &Location) -> Result<Arc<dyn Fleet>, FleetError> {
    let problem = "this program was built without support for Lambda functions";
    Err(FleetError::new(crate::fleet::FailureKind::Refused, problem).hint(tally::full_build::HINT))
}
