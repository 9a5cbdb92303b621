//! The faults that a test can order from the stand-in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The fault with which the server answers a request, as a test has ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The server answers with 409, because the object has been modified.
    Conflict,
    /// The server answers with 429. The header `Retry-After` contains this number of seconds.
    TooManyRequests { retry_after: u64 },
    /// The server answers with this 5xx status.
    Failed(u16),
    /// The server closes the connection, and does not carry out the request.
    HungUp,
    /// The server carries out the request, and then closes the connection without an answer.
    LostAnswer,
    /// The request waits. The server carries out the request when [`super::StandIn::release_held`] is called.
    Held,
}

/// A pod that is about to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starting {
    pub namespace: String,
    pub name: String,
    /// The completion index; `None` if the pod does not belong to an Indexed Job.
    pub index: Option<u32>,
    /// The number of earlier pods of the same index that failed, including ignored failures.
    pub earlier: u32,
}

/// The faults of a starting pod. By default, the pod starts at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodFate {
    /// The time between the creation of the pod and the start of its containers.
    pub start_after: Duration,
    /// The reason why the scheduler does not find a node. Shortly afterwards, the hook decides again about the pod.
    pub unschedulable: Option<String>,
    /// The reason why the image cannot be pulled.
    pub image_pull_error: Option<String>,
}

type Hook = Arc<dyn Fn(&Starting) -> PodFate + Send + Sync>;

#[derive(Debug)]
struct Ordered {
    left: u32,
    method: String,
    path: String,
    reply: Reply,
}

/// The faults that a test has ordered and that are in effect.
pub(super) struct Orders {
    replies: Vec<Ordered>,
    hook: Option<Hook>,
    /// The number of further pods to refuse, and the reason.
    refused_pods: (u32, String),
    /// The verbs and resources that the administrator may not use.
    forbidden: Vec<(String, String)>,
    held: watch::Sender<u64>,
}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "orders: {:?}", self.replies)
    }
}

impl Default for Orders {
    fn default() -> Orders {
        Orders {
            replies: Vec::new(),
            hook: None,
            refused_pods: (0, String::new()),
            forbidden: Vec::new(),
            held: watch::Sender::new(0),
        }
    }
}

impl Orders {
    pub(super) fn add(&mut self, times: u32, method: &str, path: &str, reply: Reply) {
        self.replies.push(Ordered {
            left: times,
            method: method.to_owned(),
            path: path.to_owned(),
            reply,
        });
    }

    /// Returns the reply that a test has ordered for a request, and counts the request; `None` if no reply is ordered.
    pub(super) fn reply(&mut self, method: &str, path: &str) -> Option<Reply> {
        let ordered = self.replies.iter_mut().find(|ordered| {
            ordered.left > 0 && (ordered.method.is_empty() || ordered.method == method) && path.contains(&ordered.path)
        })?;
        ordered.left -= 1;
        Some(ordered.reply)
    }

    pub(super) fn set_hook(&mut self, hook: impl Fn(&Starting) -> PodFate + Send + Sync + 'static) {
        self.hook = Some(Arc::new(hook));
    }

    pub(super) fn hook(&self) -> Option<Hook> {
        self.hook.clone()
    }

    pub(super) fn refuse_pods(&mut self, times: u32, why: &str) {
        self.refused_pods = (times, why.to_owned());
    }

    /// Returns the reason for refusing the next pod; `None` if the pod is not refused.
    pub(super) fn pod_refusal(&mut self) -> Option<String> {
        let (left, why) = &mut self.refused_pods;
        *left = left.checked_sub(1)?;
        Some(why.clone())
    }

    pub(super) fn forbid(&mut self, verb: &str, resource: &str) {
        self.forbidden.push((verb.to_owned(), resource.to_owned()));
    }

    pub(super) fn is_forbidden(&self, verb: &str, resource: &str) -> bool {
        self.forbidden
            .iter()
            .any(|(one, of)| (one == "*" || one == verb) && of == resource)
    }

    pub(super) fn held(&self) -> watch::Receiver<u64> {
        self.held.subscribe()
    }

    pub(super) fn release(&self) {
        self.held.send_modify(|count| *count += 1);
    }
}
