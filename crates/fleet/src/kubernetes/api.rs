//! Calls the API of a cluster. Every call has a deadline, and every error states whether a retry may help.

use kube::config::{Config, KubeConfigOptions};
use kube::{Client, Error};
use std::fmt;
use std::time::Duration;
use tokio::time::timeout;

/// The timeout for opening a connection. The next constant is the timeout for a call, which takes several seconds if it
/// reads 10,000 pods.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The maximum pause that a server can request. A longer pause is shortened to this time.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A client of the API, and the namespace that its calls use.
#[derive(Clone)]
pub struct Connected {
    pub client: Client,
    pub namespace: String,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// An error of a call to the API.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}")]
pub struct CallError {
    /// The HTTP status of the answer; `None` if the server did not answer.
    pub status: Option<u16>,
    pub problem: String,
    /// The time for which the server asks the client to wait before the next call; `None` if the server does not ask.
    pub pause: Option<Duration>,
}

impl CallError {
    /// Returns the error of a call that got no answer.
    pub fn unanswered(problem: impl Into<String>) -> CallError {
        CallError {
            status: None,
            problem: problem.into(),
            pause: None,
        }
    }

    /// Returns whether the same call may succeed later.
    pub fn may_pass(&self) -> bool {
        self.status
            .is_none_or(|status| status == 429 || status == 408 || status >= 500)
    }

    /// Returns whether the answer has this HTTP status.
    pub fn is(&self, status: u16) -> bool {
        self.status == Some(status)
    }
}

impl From<Error> for CallError {
    fn from(error: Error) -> CallError {
        let Error::Api(status) = &error else {
            return CallError::unanswered(chain(&error));
        };
        let pause = status.details.as_ref().map_or(0, |details| details.retry_after_seconds);
        CallError {
            status: Some(status.code),
            problem: status.message.clone(),
            pause: (pause > 0).then(|| Duration::from_secs(pause.into()).min(PAUSE_MAX)),
        }
    }
}

/// Returns the text of an error and the texts of its sources. A source whose text was already included is left out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

/// Reads the user's configuration. If `context` is given, reads this context of the kubeconfig. Otherwise, reads
/// `KUBECONFIG`, `~/.kube/config`, or the service account of the pod in which this program runs. No request is sent.
/// Without `namespace`, calls use the namespace of the configuration.
///
/// # Errors
/// Returns the reason why the configuration cannot be used.
pub async fn connect(context: Option<&str>, namespace: Option<&str>) -> Result<Connected, String> {
    let config = match context {
        Some(context) => {
            let options = KubeConfigOptions {
                context: Some(context.to_owned()),
                ..KubeConfigOptions::default()
            };
            Config::from_kubeconfig(&options).await.map_err(|error| chain(&error))
        }
        None => Config::infer().await.map_err(|error| chain(&error)),
    };
    let mut config = config?;
    if config.cluster_url.scheme_str() == Some("http") {
        // A client without certificates of its own would read those of all public authorities, although plain HTTP
        // needs none. The operator opens one client for each run.
        config.root_cert.get_or_insert_default();
    }
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    // The callers retry failed calls, because each caller has its own time limit.
    config.default_retry = false;
    let namespace = namespace.unwrap_or(&config.default_namespace).to_owned();
    let client = Client::try_from(config).map_err(|error| chain(&error))?;
    Ok(Connected { client, namespace })
}

/// Waits a limited time for a call to end, and returns the result of the call.
///
/// # Errors
/// Fails if the call fails, or if the cluster does not answer in time.
pub async fn call<T>(call: impl Future<Output = Result<T, Error>>) -> Result<T, CallError> {
    match timeout(CALL_TIMEOUT, call).await {
        Ok(result) => result.map_err(CallError::from),
        Err(_) => {
            let waited = plan::span::show(CALL_TIMEOUT);
            Err(CallError::unanswered(format!(
                "the cluster did not answer within {waited}"
            )))
        }
    }
}
