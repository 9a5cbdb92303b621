//! A stand-in for the Lambda service, which runs the real function.
//!
//! Each running invocation has its own process. A later invocation reuses an idle process. The stand-in limits the
//! number of concurrent invocations and the rate of new processes. A test chooses the faults of each invocation.

mod api;
mod fate;
mod sandbox;

pub use fate::{Call, Fate, Refusal, Reply};

use crate::serving;
use sandbox::{Log, Sandbox};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The settings of the function and of the AWS account to which the function belongs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub function: String,
    pub code: Code,
    pub region: String,
    pub architecture: String,
    pub memory_mb: u32,
    pub timeout: Duration,
    /// The maximum number of invocations that can run at the same time.
    pub concurrency: u32,
    /// Whether the concurrency of the account is reserved for the function.
    pub reserved: bool,
    pub scaling: Scaling,
    /// The environment variables of the function.
    pub environment: Vec<(String, String)>,
}

/// The code that an invocation runs.
#[derive(Clone, Debug)]
pub enum Code {
    /// The program of the function.
    Program(PathBuf),
    /// A pause of this length. Tests of the limits of the service use a pause in place of a program.
    Nap(Duration),
}

/// The limit on new execution environments. At first, the service can start `environments` environments at once. Over
/// each time `every`, it can start as many more, spread evenly. On AWS, a function gets 1,000 new environments every 10
/// s (AWS Lambda, Lambda scaling behavior).
#[derive(Clone, Copy, Debug)]
pub struct Scaling {
    pub environments: u32,
    pub every: Duration,
}

impl Settings {
    /// Returns the settings of the default deployment. The function may send requests to this machine.
    pub fn new(code: Code) -> Settings {
        Settings {
            function: "vajra-worker".to_owned(),
            code,
            region: "us-east-1".to_owned(),
            architecture: "arm64".to_owned(),
            memory_mb: 1_769,
            timeout: Duration::from_secs(900),
            concurrency: 1_000,
            reserved: false,
            scaling: Scaling {
                environments: 1_000,
                every: Duration::from_secs(10),
            },
            environment: [("VAJRA_ALLOW", "127.0.0.1"), ("VAJRA_LOG", "json")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    /// Returns the ARN of the function.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:123456789012:function:{}", self.region, self.function)
    }
}

/// A call of the API `Invoke`, and the reason if the service refused the call.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub shard: u32,
    pub slice: u32,
    pub event: bool,
    /// The time from the start of the service to the call.
    pub at: Duration,
    /// The reason if the service throttled or refused the call; `None` if it accepted the call.
    pub refused: Option<String>,
}

/// One run of the function.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub shard: u32,
    pub slice: u32,
    pub began: Duration,
    pub ended: Option<Duration>,
    /// The answer of the function. If the function failed to answer, the answer that the service gives in its place.
    pub answer: String,
    /// Whether the answer reports a failure of the function.
    pub error: bool,
    pub billed: Duration,
}

type Hook = Box<dyn Fn(&Call) -> Fate + Send + Sync>;

struct Service {
    settings: Settings,
    address: SocketAddr,
    hook: Hook,
    began: Instant,
    log: Log,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: Vec<Sandbox>,
    busy: u32,
    busy_max: u32,
    /// The number of execution environments that could be started at the time `filled`.
    left: f64,
    filled: Duration,
    earlier: BTreeMap<(u32, u32), u32>,
    invocations: Vec<Invocation>,
    deliveries: Vec<Delivery>,
    requests: u64,
}

/// A running stand-in for the Lambda service.
pub struct Lambda {
    service: Arc<Service>,
    runtime: Option<Runtime>,
}

impl fmt::Debug for Lambda {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lambda at {}", self.service.address)
    }
}

impl Lambda {
    /// Starts the service.
    pub fn start(settings: Settings) -> Lambda {
        Lambda::start_with(settings, |_| Fate::default())
    }

    /// Starts the service. The function `hook` returns the fate of each invocation.
    pub fn start_with(settings: Settings, hook: impl Fn(&Call) -> Fate + Send + Sync + 'static) -> Lambda {
        let runtime = serving::runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let state = State {
            left: settings.scaling.environments.into(),
            ..State::default()
        };
        let service = Arc::new(Service {
            address: listener.local_addr().unwrap(),
            settings,
            hook: Box::new(hook),
            began: Instant::now(),
            log: Log::default(),
            state: state.into(),
        });
        let shared = service.clone();
        runtime.spawn(serving::serve(listener, move |request| {
            api::answer(shared.clone(), request)
        }));
        Lambda {
            service,
            runtime: Some(runtime),
        }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.service.address)
    }

    /// Returns all calls of `Invoke` so far, without dry runs and without calls whose payload is too large.
    pub fn invocations(&self) -> Vec<Invocation> {
        self.service.state.lock().unwrap().invocations.clone()
    }

    /// Returns all runs of the function so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.service.state.lock().unwrap().deliveries.clone()
    }

    /// Returns the number of runs that are in progress.
    pub fn busy(&self) -> u32 {
        self.service.state.lock().unwrap().busy
    }

    /// Returns the largest number of runs that were in progress at the same time.
    pub fn busy_max(&self) -> u32 {
        self.service.state.lock().unwrap().busy_max
    }

    /// Returns the output of all processes of the function, up to about 4 MiB.
    pub fn log(&self) -> String {
        self.service.log.lock().unwrap().clone()
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        // Each process ends when its sandbox is dropped.
        self.service.state.lock().unwrap().idle.clear();
        if let Some(runtime) = self.runtime.take() {
            serving::end(runtime);
        }
    }
}

/// The process for a run of the function: an idle process, or `None` if a new process must be started.
type Room = Option<Sandbox>;

impl Service {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Reserves a process for a run of the function. If a limit prevents the run, returns the name of the limit.
    fn admit(&self, broken: bool) -> Result<Room, &'static str> {
        let now = self.now();
        let mut state = self.state.lock().unwrap();
        if state.busy >= self.settings.concurrency {
            return Err(if self.settings.reserved {
                "ReservedFunctionConcurrentInvocationLimitExceeded"
            } else {
                "ConcurrentInvocationLimitExceeded"
            });
        }
        let warm = if broken { None } else { state.idle.pop() };
        let room = match warm {
            Some(sandbox) => Some(sandbox),
            None => {
                let Scaling { environments, every } = self.settings.scaling;
                let back =
                    now.saturating_sub(state.filled).as_secs_f64() / every.as_secs_f64() * f64::from(environments);
                state.left = (state.left + back).min(environments.into());
                state.filled = state.filled.max(now);
                if state.left < 1.0 {
                    return Err("FunctionInvocationRateLimitExceeded");
                }
                state.left -= 1.0;
                None
            }
        };
        state.busy += 1;
        state.busy_max = state.busy_max.max(state.busy);
        Ok(room)
    }
}
