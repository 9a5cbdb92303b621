//! Checks a deployed fleet before a run costs money.
//!
//! No check starts a worker. The result of a check is a confirmed fact, a problem with a hint, or the reason why the
//! check could not decide. For example, if the endpoint is an emulator that supports only invocations, some checks
//! cannot decide.

use super::settings::LambdaSettings;
use crate::finding::{Demand, Finding, FindingState};
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::State;
use plan::plan::PLAN;
use serde_json::json;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tally::snapshot::RESULT;
use worker::aws_call::{CallError, Service, call};
use worker::invocation::{Inquiry, Knowledge, Question};

/// The requirements of a run for the function in one region.
#[derive(Debug)]
pub(super) struct Needed<'a> {
    demand: &'a Demand<'a>,
    /// The number of concurrent workers while slices are handed over from one worker to the next.
    concurrency: u32,
}

impl<'a> Needed<'a> {
    /// Returns the requirements of the run for the function in this region.
    pub(super) fn of(demand: &'a Demand<'a>, region: Option<&str>) -> Needed<'a> {
        let plan = demand.plan;
        let shards = match region {
            Some(name) if !plan.regions.is_empty() => plan
                .regions
                .iter()
                .filter(|region| region.name == name)
                .map(|region| region.shards.len() as u32)
                .sum(),
            _ => plan.shards,
        };
        let handing_over = if plan.slices.len() > 1 { 2 } else { 1 };
        Needed {
            demand,
            concurrency: shards * handing_over,
        }
    }
}

fn bad(problem: impl Into<String>, hint: impl Into<String>) -> FindingState {
    FindingState::bad(problem, hint)
}

/// Inspects the function in one region. The inspector calls AWS APIs, and also invokes the function.
#[derive(Debug)]
pub(super) struct Inspector {
    config: SdkConfig,
    client: Client,
    settings: LambdaSettings,
}

/// The length of the recent period for which the inspector reads the account's concurrent executions. The period is
/// several minutes long, because the metrics of a minute arrive late.
const USE_SPAN: Duration = Duration::from_secs(300);

const CLOUDWATCH: Service = Service {
    name: "monitoring",
    id: "CloudWatch",
    target: "GraniteServiceVersion20100801",
    json: "1.0",
};

impl Inspector {
    /// Opens an inspector with the credentials and region that the AWS tools use.
    pub(super) async fn open(settings: &LambdaSettings) -> Inspector {
        let config = settings.config().await;
        Inspector {
            client: Client::from_conf(settings.client(&config).build()),
            config,
            settings: settings.clone(),
        }
    }

    /// Runs all checks. If a finding makes later checks impossible, these checks are omitted.
    pub(super) async fn inspect(&self, needed: &Needed<'_>) -> Vec<Finding> {
        let demand = needed.demand;
        let mut findings = Vec::new();
        let mut note = |about, found| {
            let finding = Finding { about, found };
            let bad = finding.is_bad();
            findings.push(finding);
            !bad
        };
        if !note("credentials", self.credentials().await) {
            return findings;
        }
        if !note("function", self.function(demand).await) {
            return findings;
        }
        match self.ask(demand).await {
            Err(found) => {
                note("answer", found);
            }
            Ok(knowledge) => {
                note("version", version(&knowledge));
                note("targets", targets(&knowledge, demand));
                note("store", store(&knowledge, demand));
            }
        }
        note("concurrency", self.concurrency(needed.concurrency).await);
        findings
    }

    async fn credentials(&self) -> FindingState {
        const HINT: &str =
            "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with `aws sso login`";
        let Some(provider) = self.config.credentials_provider() else {
            return bad("no credentials for AWS found", HINT);
        };
        match provider.provide_credentials().await {
            Ok(credentials) if credentials.expiry().is_some_and(|at| at < SystemTime::now()) => {
                bad("the credentials for AWS have expired", HINT)
            }
            Ok(_) => FindingState::Good("found".to_owned()),
            Err(error) => bad(
                format!("no credentials for AWS found: {}", DisplayErrorContext(error)),
                HINT,
            ),
        }
    }

    async fn function(&self, demand: &Demand<'_>) -> FindingState {
        let name = &self.settings.function;
        let asked = self.client.get_function_configuration().function_name(name).send();
        match asked.await {
            Ok(output) => self.configuration(&output, demand),
            Err(error) => match (error.code(), status(&error)) {
                (Some("ResourceNotFoundException"), _) => bad(
                    format!("no function named {name} in {}", self.region()),
                    "deploy it (infra/README.md of the source code), or name it with --function; check the region",
                ),
                (Some("AccessDeniedException"), _) | (_, Some(401 | 403)) => bad(
                    format!("these credentials may not inspect {name}: {}", message(&error)),
                    "attach the launch policy of infra/terraform: it allows lambda:GetFunctionConfiguration",
                ),
                (_, None) => bad(
                    format!("the Lambda API could not be reached: {}", message(&error)),
                    "check the region, the endpoint, and whether it is running",
                ),
                _ => FindingState::Unknown("this endpoint does not report the configuration of functions".to_owned()),
            },
        }
    }

    fn configuration(&self, output: &GetFunctionConfigurationOutput, demand: &Demand<'_>) -> FindingState {
        let name = &self.settings.function;
        if let Some(state @ (State::Failed | State::Pending)) = output.state() {
            let reason = output.state_reason().unwrap_or("no reason is given");
            return bad(
                format!("{name} is {}: {reason}", state.as_str()),
                "wait until it is active, or deploy it again",
            );
        }
        let timeout = Duration::from_secs(output.timeout().unwrap_or(0).max(0) as u64);
        if timeout < demand.lifetime {
            let show = plan::span::show;
            let problem = format!(
                "{name} times out after {}, but a worker of this run lives {}",
                show(timeout),
                show(demand.lifetime)
            );
            return bad(
                problem,
                "raise `timeout_s` of infra/terraform, or use a shorter --slice",
            );
        }
        let architecture = output.architectures().first().map_or("x86_64", |one| one.as_str());
        let memory = output.memory_size().unwrap_or(0);
        FindingState::Good(format!(
            "{name}: {architecture}, {memory} MB, {}",
            plan::span::show(timeout)
        ))
    }

    /// Sends an inquiry to the function with the API call that a run also uses. Returns the answer of the function.
    async fn ask(&self, demand: &Demand<'_>) -> Result<Knowledge, FindingState> {
        let inquiry = Inquiry {
            format: worker::invocation::FORMAT,
            question: Question {
                targets: demand.targets.clone(),
                hosts: demand.plan.hosts.clone(),
                store: Some(demand.store.clone()),
            },
        };
        let name = &self.settings.function;
        let payload = serde_json::to_vec(&inquiry)
            .map_err(|error| bad(error.to_string(), "report this as a bug of vajra-cloud"))?;
        let invoked = self
            .client
            .invoke()
            .function_name(name)
            .payload(Blob::new(payload))
            .send();
        let output = match tokio::time::timeout(demand.answer_timeout, invoked).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) => {
                let denied = error.code() == Some("AccessDeniedException") || matches!(status(&error), Some(401 | 403));
                let missing = matches!(status(&error), Some(404));
                let hint = match (denied, missing) {
                    (true, _) => "attach the launch policy of infra/terraform: it allows lambda:InvokeFunction",
                    (_, true) => {
                        "deploy it (infra/README.md of the source code), or name it with --function; check the region"
                    }
                    _ => "check the region, the endpoint, and whether it is running",
                };
                return Err(bad(format!("{name} could not be invoked: {}", message(&error)), hint));
            }
            Err(_) => {
                let waited = plan::span::show(demand.answer_timeout);
                return Err(bad(format!("{name} did not answer within {waited}"), "look at its log"));
            }
        };
        let body = output.payload().map(|blob| blob.as_ref()).unwrap_or_default();
        match (output.function_error(), serde_json::from_slice(body)) {
            (None, Ok(knowledge)) => Ok(knowledge),
            _ => {
                let answer: String = String::from_utf8_lossy(body).chars().take(300).collect();
                Err(bad(
                    format!("{name} sent an answer that this version does not read: {answer}"),
                    "build and deploy the function of this version again (infra/README.md of the source code)",
                ))
            }
        }
    }

    /// Checks whether the account has enough free concurrency.
    async fn concurrency(&self, needed: u32) -> FindingState {
        let settings = match self.client.get_account_settings().send().await {
            Ok(settings) => settings,
            Err(error) if matches!(error.code(), Some("AccessDeniedException")) => {
                return bad(
                    "these credentials may not read the account's limits",
                    "attach the launch policy of infra/terraform: it allows lambda:GetAccountSettings",
                );
            }
            Err(_) => return FindingState::Unknown("this endpoint does not report the account's limits".to_owned()),
        };
        let Some(limit) = settings.account_limit() else {
            return FindingState::Unknown("this endpoint does not report the account's limits".to_owned());
        };
        let name = &self.settings.function;
        let reserved = self.client.get_function_concurrency().function_name(name).send().await;
        let reserved = reserved.ok().and_then(|output| output.reserved_concurrent_executions());
        if let Some(reserved) = reserved {
            return if i64::from(reserved) >= i64::from(needed) {
                FindingState::Good(format!("{needed} of {reserved} reserved for {name}"))
            } else {
                bad(
                    format!("the run needs {needed} functions at once, but {reserved} are reserved for {name}"),
                    "use fewer --workers, or raise `reserved_concurrency` of infra/terraform",
                )
            };
        }
        let unreserved = limit.unreserved_concurrent_executions().unwrap_or(0).max(0) as u32;
        let (used, known) = match self.in_use().await {
            Ok(used) => (used, format!("{used} in use")),
            Err(why) => (0, format!("the number in use is not known: {why}")),
        };
        let free = unreserved.saturating_sub(used);
        if free < needed {
            return bad(
                format!(
                    "the run needs {needed} functions at once, but the account has {free} free in {} ({unreserved} unreserved, {known})",
                    self.region()
                ),
                format!(
                    "use --workers {free} or fewer at once, spread the run over regions, or ask AWS for more concurrency (Service Quotas, Lambda, concurrent executions)"
                ),
            );
        }
        FindingState::Good(format!("{needed} of {free} free ({unreserved} unreserved, {known})"))
    }

    /// Returns the maximum number of functions of the account that ran at the same time during the last minutes.
    async fn in_use(&self) -> Result<u32, String> {
        let elsewhere = self.settings.endpoint.is_some();
        let named = ["AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ENDPOINT_URL"];
        if elsewhere && named.iter().all(|name| std::env::var_os(name).is_none()) {
            return Err("the Lambda API is not at AWS".to_owned());
        }
        let region = self.config.region().ok_or("no AWS region is set")?;
        let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = SystemTime::now();
        let input = json!({
            "Namespace": "AWS/Lambda",
            "MetricName": "ConcurrentExecutions",
            "StartTime": seconds(now - USE_SPAN),
            "EndTime": seconds(now),
            "Period": 60,
            "Statistics": ["Maximum"],
        });
        let output = call(&self.config, region, &CLOUDWATCH, "GetMetricStatistics", &input)
            .await
            .map_err(|error| match error {
                CallError::Refused { code, .. } => code,
                _ => "CloudWatch did not answer".to_owned(),
            })?;
        let points = output["Datapoints"].as_array().ok_or("CloudWatch gave no datapoints")?;
        let maxima = points.iter().filter_map(|point| point["Maximum"].as_f64());
        Ok(maxima.fold(0.0, f64::max) as u32)
    }

    fn region(&self) -> String {
        let region = self.config.region();
        region.map_or_else(|| "this region".to_owned(), ToString::to_string)
    }
}

fn version(knowledge: &Knowledge) -> FindingState {
    let (version, reads, writes) = (&knowledge.version, knowledge.format, knowledge.results());
    if reads < PLAN.format {
        return bad(
            format!(
                "the function is version {version} and reads plans up to format {reads}; this version writes {}",
                PLAN.format
            ),
            "build and deploy the function again (infra/README.md of the source code)",
        );
    }
    if writes > RESULT.format {
        return bad(
            format!(
                "the function is version {version} and writes results in format {writes}; this version reads up to {}",
                RESULT.format
            ),
            "upgrade vajra-cloud here, or deploy the function of this version",
        );
    }
    FindingState::Good(format!("{version}, format {reads}"))
}

fn targets(knowledge: &Knowledge, demand: &Demand<'_>) -> FindingState {
    match knowledge.refused.iter().next() {
        // The address of a built-in target is not known yet, and a run without a scenario has no target.
        None if demand.targets.is_empty() => {
            FindingState::Good("none to check: no scenario with a `target` URL is given".to_owned())
        }
        None => FindingState::Good(format!("allowed: {}", demand.targets.join(", "))),
        Some((target, refused)) => bad(format!("{target} is refused: {}", refused.problem), &refused.hint),
    }
}

fn store(knowledge: &Knowledge, demand: &Demand<'_>) -> FindingState {
    match &knowledge.store_problem {
        None => FindingState::Good(format!("the function can write to {}", demand.store)),
        Some(problem) => bad(
            format!("the function cannot use {}: {problem}", demand.store),
            "deploy with infra/terraform, whose role allows it; check the bucket and its region",
        ),
    }
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

fn message<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> String {
    error
        .message()
        .or(error.code())
        .map_or_else(|| DisplayErrorContext(error).to_string(), str::to_owned)
}
