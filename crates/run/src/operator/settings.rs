//! The settings of an operator.

use std::path::PathBuf;

/// The settings of an operator.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The context of the user's configuration; `None` for the current context, or for the service account of the pod in
    /// which the operator runs.
    pub context: Option<String>,
    /// The namespace whose tests are reconciled; `None` for the namespace of the context.
    pub namespace: Option<String>,
    /// The image of the pods.
    pub image: Option<String>,
    /// The claim of the volume that contains the stores, if they are folders. The operator has the same volume.
    pub store_claim: Option<String>,
    /// Whether the operator works only while it holds the Lease of the namespace.
    pub lease: bool,
    /// The program that runs the operator.
    pub program: PathBuf,
}
