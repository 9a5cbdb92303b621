//! The hand-over to the next slice: the function invokes itself.

use aws_config::BehaviorVersion;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tokio::sync::OnceCell;
use worker::assignment::Assignment;
use worker::hand_over::{HandOver, HandingOver};
use worker::invocation::Invocation;

/// This function, as it was invoked.
#[derive(Clone, Debug)]
pub(crate) struct Succession {
    /// Its name and its version, so that a deployment in the middle of a run changes nothing.
    pub function: String,
    pub version: String,
    pub invoked: Invocation,
}

/// Connections are kept from one invocation to the next.
static CLIENT: OnceCell<Client> = OnceCell::const_new();

/// A client of the Lambda API, which is where the function's own environment says: at AWS, if
/// `AWS_ENDPOINT_URL_LAMBDA` names no emulator.
async fn client() -> Client {
    let open = || async { Client::new(&aws_config::load_defaults(BehaviorVersion::latest()).await) };
    CLIENT.get_or_init(open).await.clone()
}

impl HandOver for Succession {
    /// An asynchronous invocation is accepted in milliseconds, and is neither retried nor kept for
    /// long, as the function is deployed. An emulator may answer only when the next worker has ended.
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

/// The version that has no number; permissions name the function without it.
const LATEST: &str = "$LATEST";
