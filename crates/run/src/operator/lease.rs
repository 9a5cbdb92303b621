//! The Lease with which only one of several copies of the operator works.
//!
//! The Lease only avoids unnecessary work. If two copies work at the same time, the store and the cluster accept each
//! object only once.

use super::cluster::Cluster;
use fleet::kubernetes::api::CallError;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::Timestamp;
use kube::api::PostParams;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use worker::log::OPERATOR_TARGET;

pub(super) const NAME: &str = "vajra-cloud-operator";
/// The time for which a Lease is valid after its last renewal. The next constant is the interval between renewals.
const VALID: Duration = Duration::from_secs(15);
const RENEWAL: Duration = Duration::from_secs(3);

/// The Lease of this copy. The renewal ends when this value is dropped.
#[derive(Debug)]
pub(super) struct Holding {
    pub(super) held: watch::Receiver<bool>,
    identity: String,
    handle: JoinHandle<()>,
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// The version of the Lease that was read last, and the time at which this version was first read. The time is a time
/// of this copy's clock, so the clocks of copies are never compared.
type Sight = Option<(String, Instant)>;

impl Holding {
    /// Starts a task that acquires the Lease and renews it.
    pub(super) fn begin(cluster: &Arc<Cluster>) -> Holding {
        let (sender, held) = watch::channel(false);
        let identity = format!("{:016x}", rand::random::<u64>());
        let (cluster, own) = (cluster.clone(), identity.clone());
        let handle = tokio::spawn(async move {
            let (mut sight, mut renewed) = (None, Instant::now());
            loop {
                match acquire(&cluster, &own, &mut sight).await {
                    Ok(true) => {
                        renewed = Instant::now();
                        set(&sender, true);
                    }
                    Ok(false) => set(&sender, false),
                    // Another copy can acquire the Lease only after the Lease has expired.
                    Err(error) if renewed.elapsed() + RENEWAL >= VALID => {
                        tracing::warn!(target: OPERATOR_TARGET, problem = error.problem, "the Lease is not renewed");
                        set(&sender, false);
                    }
                    Err(_) => {}
                }
                sleep(RENEWAL).await;
            }
        });
        Holding { held, identity, handle }
    }

    /// Releases the Lease, so that the next copy does not have to wait until the Lease expires.
    pub(super) async fn release(self, cluster: &Cluster) {
        self.handle.abort();
        let Ok(Some(mut lease)) = cluster.call(cluster.leases.get_opt(NAME)).await else {
            return;
        };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() == Some(&self.identity) {
            spec.holder_identity = None;
            // If this call fails, the Lease expires.
            let params = PostParams::default();
            let _ = cluster.call(cluster.leases.replace(NAME, &params, &lease)).await;
        }
    }
}

fn set(sender: &watch::Sender<bool>, held: bool) {
    sender.send_if_modified(|state| {
        let changed = *state != held;
        if changed {
            tracing::info!(target: OPERATOR_TARGET, held, "the Lease");
        }
        *state = held;
        changed
    });
}

/// Acquires or renews the Lease. Returns whether this copy has the Lease.
async fn acquire(cluster: &Cluster, own: &str, sight: &mut Sight) -> Result<bool, CallError> {
    let params = PostParams::default();
    let Some(mut lease) = cluster.call(cluster.leases.get_opt(NAME)).await? else {
        let lease = Lease {
            metadata: ObjectMeta {
                name: Some(NAME.to_owned()),
                ..ObjectMeta::default()
            },
            spec: Some(acquired(own, LeaseSpec::default())),
        };
        return won(cluster.call(cluster.leases.create(&params, &lease)).await);
    };
    let spec = lease.spec.take().unwrap_or_default();
    let holder = spec.holder_identity.as_deref().unwrap_or_default();
    let version = lease.metadata.resource_version.clone().unwrap_or_default();
    if sight.as_ref().is_none_or(|(seen, _)| *seen != version) {
        *sight = Some((version, Instant::now()));
    }
    let valid = spec
        .lease_duration_seconds
        .and_then(|seconds| u64::try_from(seconds).ok());
    let valid = valid.map_or(VALID, Duration::from_secs);
    let has_expired = sight.as_ref().is_some_and(|(_, since)| since.elapsed() >= valid);
    if holder != own && !holder.is_empty() && !has_expired {
        return Ok(false);
    }
    lease.spec = Some(if holder == own {
        renewed(spec)
    } else {
        acquired(own, spec)
    });
    won(cluster.call(cluster.leases.replace(NAME, &params, &lease)).await)
}

/// Returns whether a write of the Lease succeeded. The write does not succeed if another copy has changed the Lease
/// first.
fn won<T>(written: Result<T, CallError>) -> Result<bool, CallError> {
    match written {
        Ok(_) => Ok(true),
        Err(error) if error.is(409) => Ok(false),
        Err(error) => Err(error),
    }
}

fn acquired(own: &str, spec: LeaseSpec) -> LeaseSpec {
    let now = MicroTime(Timestamp::now());
    LeaseSpec {
        holder_identity: Some(own.to_owned()),
        lease_duration_seconds: Some(VALID.as_secs() as i32),
        acquire_time: Some(now.clone()),
        renew_time: Some(now),
        lease_transitions: Some(spec.lease_transitions.unwrap_or_default().saturating_add(1)),
        ..spec
    }
}

fn renewed(spec: LeaseSpec) -> LeaseSpec {
    LeaseSpec {
        renew_time: Some(MicroTime(Timestamp::now())),
        ..spec
    }
}
