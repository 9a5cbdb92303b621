//! An execution environment of Lambda: a process of the function, and the Runtime API for this process.
//!
//! The process asks the Runtime API for invocations.

use super::Settings;
use crate::serving::{self, Answer, HungUp, whole};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

/// The maximum number of bytes of the function's output that are kept.
const LOG_BYTES_MAX: usize = 4 << 20;

/// The output of all processes of the function.
pub(super) type Log = Arc<Mutex<String>>;

/// The result of one run of the function.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    /// Whether the service reports the result as a failure (`Unhandled`).
    pub error: bool,
    pub body: Bytes,
    /// Whether the process can be used for another run.
    pub alive: bool,
    /// The duration of the process's initialisation; `None` if an earlier run initialised the process, or if the
    /// initialisation did not end.
    pub init: Option<Duration>,
}

impl Ending {
    pub(super) fn failure(kind: &str, message: String) -> Ending {
        let body = json!({"errorType": kind, "errorMessage": message}).to_string();
        Ending {
            error: true,
            body: body.into(),
            alive: false,
            init: None,
        }
    }
}

/// An invocation that the process has to handle.
struct Work {
    id: String,
    payload: Bytes,
    deadline_ms: u128,
    done: oneshot::Sender<(bool, Bytes)>,
}

/// The state of the Runtime API.
struct Port {
    arn: String,
    work: tokio::sync::Mutex<mpsc::UnboundedReceiver<Work>>,
    doing: Mutex<BTreeMap<String, oneshot::Sender<(bool, Bytes)>>>,
    /// The error that the process reported during its initialisation; `None` if the process reported no error.
    init_error: Mutex<Option<Bytes>>,
    began: Instant,
    ready: OnceLock<Duration>,
}

/// A process of the function. The process ends when this value is dropped.
#[derive(Debug)]
pub(super) struct Sandbox {
    child: Child,
    work: mpsc::UnboundedSender<Work>,
    port: Arc<Port>,
    serving: AbortHandle,
    used: bool,
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the Runtime API of {}", self.arn)
    }
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Sandbox {
    pub(super) async fn start(settings: &Settings, program: &Path, service: SocketAddr, log: &Log) -> Sandbox {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, work) = mpsc::unbounded_channel();
        let port = Arc::new(Port {
            arn: settings.arn(),
            work: work.into(),
            doing: Mutex::default(),
            init_error: Mutex::default(),
            began: Instant::now(),
            ready: OnceLock::new(),
        });
        let shared = port.clone();
        let serving = tokio::spawn(serving::serve(listener, move |request| {
            runtime_api(shared.clone(), request)
        }));
        let mut child = Command::new(program)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", &settings.function)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", settings.memory_mb.to_string())
            .env(
                "AWS_LAMBDA_LOG_GROUP_NAME",
                format!("/aws/lambda/{}", settings.function),
            )
            .env("AWS_LAMBDA_LOG_STREAM_NAME", format!("[$LATEST]{}", address.port()))
            .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .env("AWS_REGION", &settings.region)
            .env("AWS_DEFAULT_REGION", &settings.region)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_ENDPOINT_URL_LAMBDA", format!("http://{service}"))
            .envs(settings.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        keep(child.stdout.take().unwrap(), log.clone());
        keep(child.stderr.take().unwrap(), log.clone());
        Sandbox {
            child,
            work: sender,
            port,
            serving: serving.abort_handle(),
            used: false,
        }
    }

    /// Passes an invocation to the process, and waits until the process answers or exits. Kills the process after the
    /// time `kill` or at the timeout.
    pub(super) async fn run(&mut self, id: &str, payload: Bytes, timeout: Duration, kill: Option<Duration>) -> Ending {
        let (done, mut answer) = oneshot::channel();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let _ = self.work.send(Work {
            id: id.to_owned(),
            payload,
            deadline_ms: (now + timeout).as_millis(),
            done,
        });
        let first = !std::mem::replace(&mut self.used, true);
        let killed = async {
            match kill {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
        };
        let ending = tokio::select! {
            biased;
            Ok((error, body)) = &mut answer => Ending { error, body, alive: true, init: None },
            status = self.child.wait() => {
                let init_error = self.port.init_error.lock().unwrap().take();
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                match init_error {
                    Some(body) => Ending { error: true, body, alive: false, init: None },
                    None => Ending::failure(
                        "Runtime.ExitError",
                        format!("RequestId: {id} Error: Runtime exited with error: {status}"),
                    ),
                }
            }
            () = tokio::time::sleep(timeout) => {
                let _ = self.child.kill().await;
                Ending::failure(
                    "Sandbox.Timedout",
                    format!("RequestId: {id} Error: Task timed out after {:.2} seconds", timeout.as_secs_f64()),
                )
            }
            () = killed => {
                let _ = self.child.kill().await;
                Ending::failure(
                    "Runtime.ExitError",
                    format!("RequestId: {id} Error: Runtime exited with error: signal: killed"),
                )
            }
        };
        Ending {
            init: self.port.ready.get().copied().filter(|_| first),
            ..ending
        }
    }
}

fn keep(output: impl AsyncRead + Unpin + Send + 'static, log: Log) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut log = log.lock().unwrap();
            if log.len() < LOG_BYTES_MAX {
                log.push_str(&line);
                log.push('\n');
            }
        }
    });
}

async fn runtime_api(port: Arc<Port>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => {
            port.ready.get_or_init(|| port.began.elapsed());
            let work = port.work.lock().await.recv().await.ok_or(HungUp)?;
            port.doing.lock().unwrap().insert(work.id.clone(), work.done);
            Ok(Response::builder()
                .header("content-type", "application/json")
                .header("lambda-runtime-aws-request-id", &work.id)
                .header("lambda-runtime-deadline-ms", work.deadline_ms.to_string())
                .header("lambda-runtime-invoked-function-arn", &port.arn)
                .header("lambda-runtime-trace-id", format!("Root=1-{}", work.id))
                .body(whole(work.payload))
                .unwrap())
        }
        (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
            let body = serving::body(request.into_body()).await?;
            *port.init_error.lock().unwrap() = Some(body);
            accepted()
        }
        (&Method::POST, ["2018-06-01", "runtime", "invocation", id, end @ ("response" | "error")]) => {
            let (id, error) = ((*id).to_owned(), *end == "error");
            let body = serving::body(request.into_body()).await?;
            if let Some(done) = port.doing.lock().unwrap().remove(&id) {
                // If the run of the function has timed out, its receiver no longer exists.
                let _ = done.send((error, body));
            }
            accepted()
        }
        _ => Ok(Response::builder().status(404).body(whole("")).unwrap()),
    }
}

fn accepted() -> Answer {
    Ok(Response::builder()
        .status(202)
        .body(whole(r#"{"status":"OK"}"#))
        .unwrap())
}
