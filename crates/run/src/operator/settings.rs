//! The settings of an operator.

use std::path::PathBuf;

/// The settings of an operator.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The context of the user's configuration. With `None`, the operator uses the current context, or the service
    /// account of the pod in which it runs.
    pub context: Option<String>,
    /// The namespace whose tests are reconciled; `None` for the namespace of the context.
    pub namespace: Option<String>,
    /// The image of the pods.
    pub image: Option<String>,
    /// The claim of the volume that contains the stores, if the stores are folders. The operator uses the same volume.
    pub store_claim: Option<String>,
    /// Whether the operator works only while it has the Lease of the namespace.
    pub lease: bool,
    /// The program that runs the operator.
    pub program: PathBuf,
}
