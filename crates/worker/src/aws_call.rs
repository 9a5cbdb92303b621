//! Calls a single operation of an AWS service, without the SDK of the service.
//!
//! The project uses only one operation of each AWS service that this module calls. An SDK has hundreds of operations
//! and adds minutes to every build. The services use the AWS JSON protocol: a signed POST whose header `X-Amz-Target`
//! names the operation (<https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>). `aws-config` supplies the
//! credentials, the region, the endpoint, the timeouts and the HTTP client. `aws-sigv4` makes the signature.

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput};
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_types::service_config::ServiceConfigKey;
use serde_json::Value;
use std::convert::Infallible;
use std::error::Error;
use std::time::SystemTime;

/// A service that uses the AWS JSON protocol.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The name of the service in endpoints and signatures, such as `ssm`.
    pub name: &'static str,
    /// The name of the service in the environment variable `AWS_ENDPOINT_URL_…` and in profiles, such as `SSM`.
    pub id: &'static str,
    /// The part of `X-Amz-Target` before the operation, such as `AmazonSSM`.
    pub target: &'static str,
    /// The version of the protocol: `1.0` or `1.1`.
    pub json: &'static str,
}

/// An error of a call to a service.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The service answered with an error. `code` is the error code of the service. If the answer has no code, `code`
    /// is the status, such as `status 502`.
    #[error("{code}: {message}")]
    Refused { status: u16, code: String, message: String },
    /// The answer of the service is not JSON. The error does not contain the text of the answer, because the text may
    /// be a secret.
    #[error("the answer is not JSON")]
    Unreadable,
    /// The connection failed or timed out.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// The credentials are missing, or the request cannot be signed with them.
    #[error("the request cannot be signed: {0}")]
    Unsigned(String),
}

/// Calls an operation of a service once, and returns the output of the operation.
///
/// # Errors
/// Fails if the service refuses the call, the service does not answer, or the request cannot be signed. No error
/// contains text of a successful answer.
pub async fn call(
    config: &SdkConfig,
    region: &Region,
    service: &Service,
    operation: &str,
    input: &Value,
) -> Result<Value, CallError> {
    let endpoint = endpoint(config, region.as_ref(), service);
    let request = signed(config, region, service, operation, &endpoint, input.to_string()).await?;
    let mut sensitive = Layer::new("the answer is never logged");
    sensitive.store_put(SensitiveOutput);
    let mut builder = Operation::builder()
        .service_name(service.id)
        .operation_name(operation.to_owned())
        .with_connection_poisoning()
        .endpoint_url(&endpoint)
        .no_auth()
        .no_retry()
        .runtime_plugin(StaticRuntimePlugin::new().with_config(sensitive.freeze()));
    if let Some(timeouts) = config.timeout_config() {
        builder = builder.timeout_config(timeouts.clone());
    }
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    let exchange = builder
        .serializer(|request: HttpRequest| Ok(request))
        .deserializer::<ServiceAnswer, Infallible>(ServiceAnswer::read)
        .build();
    match exchange.invoke(request).await {
        Ok(answer) => answer.output(),
        Err(error) => Err(CallError::Unreachable(causes(&error))),
    }
}

/// The status and body of a service's answer. The debug form does not show the body.
struct ServiceAnswer {
    status: u16,
    error_type: Option<String>,
    body: Vec<u8>,
}

impl std::fmt::Debug for ServiceAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an answer with status {}", self.status)
    }
}

impl ServiceAnswer {
    fn read(response: &HttpResponse) -> Result<ServiceAnswer, OrchestratorError<Infallible>> {
        Ok(ServiceAnswer {
            status: response.status().as_u16(),
            error_type: response.headers().get("x-amzn-errortype").map(str::to_owned),
            body: response.body().bytes().unwrap_or_default().to_vec(),
        })
    }

    fn output(self) -> Result<Value, CallError> {
        let body = serde_json::from_slice::<Value>(&self.body);
        if (200..300).contains(&self.status) {
            return body.map_err(|_| CallError::Unreadable);
        }
        let text = |name: &str| Some(body.as_ref().ok()?.get(name)?.as_str()?.to_owned());
        // The header `x-amzn-errortype` and the field `__type` may have text before and after the code:
        // `com.amazonaws.ssm#ParameterNotFound:http://…`.
        let code = self.error_type.or_else(|| text("__type")).or_else(|| text("code"));
        let code = code.as_deref().map(|code| {
            let code = code.split(':').next().unwrap_or_default();
            code.rsplit('#').next().unwrap_or_default().to_owned()
        });
        Err(CallError::Refused {
            status: self.status,
            code: code.unwrap_or_else(|| format!("status {}", self.status)),
            message: text("message")
                .or_else(|| text("Message"))
                .unwrap_or_else(|| "no reason is given".to_owned()),
        })
    }
}

/// Returns the signed request for an operation.
async fn signed(
    config: &SdkConfig,
    region: &Region,
    service: &Service,
    operation: &str,
    endpoint: &str,
    body: String,
) -> Result<HttpRequest, CallError> {
    let unsigned = |why: &dyn Error| CallError::Unsigned(causes(why));
    let provider = config
        .credentials_provider()
        .ok_or_else(|| CallError::Unsigned("no AWS credentials are configured".to_owned()))?;
    let credentials = provider.provide_credentials().await.map_err(|why| unsigned(&why))?;
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_ref())
        .name(service.name)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|why| unsigned(&why))?
        .into();
    let mut request = hyper::http::Request::builder()
        .method("POST")
        .uri(endpoint)
        .header("content-type", format!("application/x-amz-json-{}", service.json))
        .header("x-amz-target", format!("{}.{operation}", service.target))
        .header("user-agent", concat!("vajra-cloud/", env!("CARGO_PKG_VERSION")))
        .body(SdkBody::from(body))
        .map_err(|why| unsigned(&why))?;
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body().bytes().unwrap_or_default());
    let signable = SignableRequest::new("POST", endpoint, headers, body).map_err(|why| unsigned(&why))?;
    let (signature, _) = sign(signable, &parameters).map_err(|why| unsigned(&why))?.into_parts();
    signature.apply_to_request_http1x(&mut request);
    request.try_into().map_err(|why| unsigned(&why))
}

/// Returns the endpoint of a service. The endpoint from the environment or the profile has precedence over the default
/// endpoint of AWS.
///
/// The DNS suffixes of regions are the same as in the endpoint rules of AWS's SDKs (`partitions.json`).
fn endpoint(config: &SdkConfig, region: &str, service: &Service) -> String {
    let key = ServiceConfigKey::builder()
        .service_id(service.id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    if let Some(url) = own.or_else(|| config.endpoint_url().map(str::to_owned)) {
        return url;
    }
    let (suffix, dual_stack_suffix) = match region.split('-').next().unwrap_or_default() {
        "cn" => ("amazonaws.com.cn", "api.amazonwebservices.com.cn"),
        "eusc" => ("amazonaws.eu", "api.amazonwebservices.eu"),
        "us" if region.starts_with("us-iso-") => ("c2s.ic.gov", "api.aws.ic.gov"),
        "us" if region.starts_with("us-isob-") => ("sc2s.sgov.gov", "api.aws.scloud"),
        "us" if region.starts_with("us-isof-") => ("csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        "eu" if region.starts_with("eu-isoe-") => ("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        _ => ("amazonaws.com", "api.aws"),
    };
    let dual_stack = config.use_dual_stack() == Some(true);
    let suffix = if dual_stack { dual_stack_suffix } else { suffix };
    // In the GovCloud regions, the host names of Systems Manager and CloudWatch are FIPS endpoints without `-fips`.
    let plain = region.starts_with("us-gov-") && !dual_stack && service.name != "secretsmanager";
    let fips = match config.use_fips() {
        Some(true) if !plain => "-fips",
        _ => "",
    };
    format!("https://{}{fips}.{region}.{suffix}", service.name)
}

/// Returns the causes of an error as text. The text of the error itself is used only if the error has no cause. This
/// text states only that the request could not be dispatched.
fn causes(error: &dyn Error) -> String {
    let mut all = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        all.push(cause.to_string());
        next = cause.source();
    }
    if all.is_empty() {
        error.to_string()
    } else {
        all.join(": ")
    }
}

#[cfg(test)]
mod tests;
