//! Starts the worker of the next slice, by an invocation of the same function.

use aws_config::BehaviorVersion;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tokio::sync::OnceCell;
use worker::assignment::Assignment;
use worker::hand_over::{HandOver, HandingOver};
use worker::invocation::Invocation;

/// The function, and the settings with which it invokes itself.
#[derive(Clone, Debug)]
pub(crate) struct Succession {
    /// The name of the function.
    pub function: String,
    /// The version of the function. The worker of the next slice uses the same version, even if another version is
    /// deployed during the run.
    pub version: String,
    pub invoked: Invocation,
}

/// The client of the Lambda API. The client keeps its connections from one invocation to the next.
static CLIENT: OnceCell<Client> = OnceCell::const_new();

/// Returns a client of the Lambda API of AWS, or of an emulator if `AWS_ENDPOINT_URL_LAMBDA` names one.
async fn client() -> Client {
    let open = || async { Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await) };
    CLIENT.get_or_init(open).await.clone()
}

impl HandOver for Succession {
    /// Invokes the function asynchronously. Lambda accepts the invocation within milliseconds. The deployment of the
    /// function disables retries, and limits the age of the event. An emulator may answer only after the next worker
    /// has ended.
    fn start(&self, next: Assignment) -> HandingOver {
        let this = self.clone();
        Box::pin(async move {
            let invocation = Invocation {
                shard: next.shard,
                slice: next.slice,
                ..this.invoked
            };
            let payload = serde_json::to_vec(&invocation).map_err(|error| error.to_string())?;
            let mut request = client()
                .await
                .invoke()
                .function_name(&this.function)
                .invocation_type(InvocationType::Event)
                .payload(Blob::new(payload));
            if this.version != LATEST {
                request = request.qualifier(&this.version);
            }
            match request.send().await {
                Ok(_) => Ok(()),
                Err(error) => Err(DisplayErrorContext(error).to_string()),
            }
        })
    }
}

/// The name of the version that a function without a published version runs. In permissions, the name of such a
/// function has no qualifier.
const LATEST: &str = "$LATEST";
