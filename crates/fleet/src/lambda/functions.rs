//! A fleet whose workers are Lambda functions.

use super::Kind;
use super::deployment::Functions;
use super::inspection::{Inspector, Needed};
use super::invoking::Function;
use super::settings::LambdaSettings;
use crate::finding::{Demand, Finding};
use crate::fleet::{Batch, Capabilities, Events, FailureKind, Fleet, FleetError, FleetKind, Lifetime, PaidBy, Pending};
use crate::gather::SliceId;
use aws_config::SdkConfig;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use plan::scenario::{Scenario, Target};
use std::sync::Arc;
use std::time::Duration;
use store::Location;

/// The default limit of concurrent executions of an AWS account in one region.
const WORKERS_MAX: u32 = 1_000;
/// The maximum timeout of a function.
const LIFETIME_MAX: Duration = Duration::from_secs(900);

/// A fleet that starts a worker by invoking a Lambda function.
#[derive(Debug)]
pub struct Lambda {
    capabilities: Capabilities,
    /// The functions of all regions. A worker without a region runs in the first function.
    functions: Vec<Arc<Function>>,
    store: Location,
}

impl Lambda {
    /// Returns a fleet of these functions. The credentials are loaded before the first invocation.
    pub(super) async fn new(deployment: Functions, store: Location) -> Lambda {
        let price = match deployment.functions.first() {
            None => None,
            Some(first) => Some(PaidBy {
                region: region(first.region.as_deref(), &first.function).await,
                memory_mb: deployment.memory_mb,
                architecture: deployment.architecture,
            }),
        };
        let shortest = deployment
            .functions
            .iter()
            .filter_map(|function| function.timeout)
            .min();
        let functions = deployment.functions.into_iter().map(|deployed| LambdaSettings {
            function: deployed.function,
            region: deployed.region,
            endpoint: deployment.endpoint.clone(),
        });
        let functions: Vec<_> = functions.map(|settings| Arc::new(Function::new(settings))).collect();
        Lambda {
            capabilities: capabilities(functions.len(), shortest, price),
            functions,
            store,
        }
    }

    /// Returns a fleet of one function with the given credentials and region.
    pub fn with_config(settings: LambdaSettings, store: Location, config: &SdkConfig) -> Lambda {
        Lambda {
            capabilities: capabilities(1, None, None),
            functions: vec![Arc::new(Function::with_config(settings, config))],
            store,
        }
    }

    /// Returns the function in a region; `None` if the fleet has no function in this region.
    fn function(&self, region: Option<&str>) -> Option<&Arc<Function>> {
        match region {
            None => self.functions.first(),
            Some(_) => self.functions.iter().find(|function| function.region() == region),
        }
    }
}

fn capabilities(functions: usize, timeout: Option<Duration>, price: Option<PaidBy>) -> Capabilities {
    Capabilities {
        workers_max: WORKERS_MAX * functions as u32,
        lifetime: Some(Lifetime {
            max: timeout.unwrap_or(LIFETIME_MAX),
            hint: "raise the function's timeout",
        }),
        start_timeout: Duration::from_secs(60),
        snapshot_interval: Duration::from_secs(5),
        price,
        inspected: true,
        starts_workers: true,
        replaces_workers: false,
    }
}

impl Fleet for Lambda {
    fn name(&self) -> &'static str {
        Kind.name()
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn check_store(&self, store: &Location) -> Result<(), FleetError> {
        if let Location::Folder(_) = store {
            let problem = format!("functions cannot reach the folder {store}");
            let hint = "use --store s3://bucket/prefix, or write vajra-cloud.json as described in infra/README.md of the source code";
            return Err(FleetError::new(FailureKind::Refused, problem).hint(hint));
        }
        Ok(())
    }

    fn check(&self, scenario: &Scenario) -> Result<(), FleetError> {
        let builtin = |target: &Target| matches!(target, Target::Builtin(_));
        let at_aws = self.functions.iter().any(|function| function.is_at_aws());
        if at_aws && scenario.targets.iter().any(builtin) {
            let problem = "the scenario uses the built-in target, which functions at AWS cannot reach";
            let hint = "set `target:` to a URL, or use --lambda-endpoint";
            return Err(FleetError::new(FailureKind::Refused, problem).hint(hint));
        }
        Ok(())
    }

    fn inspect<'a>(&'a self, demand: &'a Demand<'a>) -> Pending<'a, Vec<Finding>> {
        Box::pin(async move {
            let mut findings = Vec::new();
            for function in &self.functions {
                let needed = Needed::of(demand, function.region());
                let inspector = Inspector::open(function.settings()).await;
                findings.extend(inspector.inspect(&needed).await);
            }
            findings
        })
    }

    fn start(&self, batch: Batch, events: &Events) {
        for worker in batch.workers {
            match self.function(worker.region.as_deref()) {
                Some(function) => function.start(worker.assignment, &self.store, batch.within, events),
                None => {
                    let region = worker.region.as_deref().unwrap_or("any region");
                    let problem = format!("the fleet has no function in {region}");
                    let error = FleetError::new(FailureKind::Refused, problem);
                    // The send fails if the launcher, which reads the events, has ended.
                    let _ = events.send(crate::fleet::WorkerEvent::Failed(worker.slice_id(), error));
                }
            }
        }
    }

    fn why(&self, slice_id: SliceId) -> Pending<'_, Option<FleetError>> {
        let why = self.functions.iter().find_map(|function| function.why(slice_id));
        Box::pin(async move { why })
    }

    fn withdraw(&self, run: &str, _: bool) -> Pending<'_, ()> {
        self.functions.iter().for_each(|function| function.withdraw(run));
        Box::pin(async {})
    }
}

/// Returns the region of a function. The sources are, in this order: the option, the ARN of the function, the
/// environment, and the AWS profile.
async fn region(named: Option<&str>, function: &str) -> Option<String> {
    let of_arn = || function.strip_prefix("arn:")?.split(':').nth(2);
    if let Some(region) = named.or_else(of_arn).filter(|region| !region.is_empty()) {
        return Some(region.to_owned());
    }
    let chain = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    let region = chain.or_else(ProfileFileRegionProvider::new()).region().await;
    region.map(|region| region.to_string())
}
