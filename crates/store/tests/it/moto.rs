//! A real S3 server for tests: moto, in a separate process and on a separate port.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use store::{Location, RunStore};

pub struct Moto {
    process: Child,
    pub endpoint: String,
}

impl Moto {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server that checks access keys and signatures after its first request. So the first request may create
    /// the bucket.
    pub fn start_with_access_checks() -> Self {
        Self::start_with(&[("INITIAL_NO_AUTH_ACTION_COUNT", "1")])
    }

    fn start_with(environment: &[(&str, &str)]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join(".tools/venv/bin/python");
        let mut process = Command::new(&python)
            .arg(root.join("tests/moto_server.py"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| {
                panic!(
                    "cannot start {}: {e}; run tests/run, which installs it",
                    python.display()
                )
            });
        let stderr = process.stderr.take().expect("stderr is piped");
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let mut output = String::new();
        let endpoint = lines.by_ref().find_map(|line| {
            output.push_str(&line);
            output.push('\n');
            let (_, address) = line.split_once("Running on http://")?;
            let address = address.split_whitespace().next()?;
            Some(format!("http://{address}"))
        });
        // A pipe that is not read fills up, and blocks the server.
        std::thread::spawn(move || lines.for_each(drop));
        match endpoint {
            Some(endpoint) => Self { process, endpoint },
            None => {
                let _ = process.kill();
                let _ = process.wait();
                panic!("moto exited before it listened:\n{output}");
            }
        }
    }

    pub async fn create_bucket(&self, bucket: &str) {
        let config = aws_sdk_s3::config::Builder::from(&credentials("testing", "testing"))
            .endpoint_url(&self.endpoint)
            .force_path_style(true)
            .build();
        aws_sdk_s3::Client::from_conf(config)
            .create_bucket()
            .bucket(bucket)
            .send()
            .await
            .expect("moto creates a bucket");
    }

    /// Opens the store `s3://bucket/prefix` on this server.
    pub fn store(&self, location: &str) -> RunStore {
        open(location, &self.endpoint)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn open(location: &str, endpoint: &str) -> RunStore {
    open_as(location, endpoint, "testing", "testing")
}

/// Opens a location on the server at `endpoint`, with an access key.
pub fn open_as(location: &str, endpoint: &str, access_key: &str, secret: &str) -> RunStore {
    let location: Location = format!("{location}?endpoint={endpoint}&region=us-east-1")
        .parse()
        .expect("this is a location");
    RunStore::open_with(&location, &credentials(access_key, secret)).expect("the store can be opened")
}

fn credentials(access_key: &str, secret: &str) -> SdkConfig {
    let credentials = Credentials::new(access_key, secret, None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}
