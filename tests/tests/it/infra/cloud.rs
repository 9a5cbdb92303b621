//! A server of AWS APIs on loopback, and a list of the resources that exist on this server.

use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;
use whole_runs::machine::{Process, moto, tool};

/// A server of the APIs of S3, IAM, STS, CloudWatch Logs, and of the part of Lambda that manages functions.
#[derive(Debug)]
pub(crate) struct Cloud {
    _process: Process,
    pub address: SocketAddr,
}

impl Cloud {
    pub(crate) fn start() -> Cloud {
        let (process, address) = moto();
        Cloud {
            _process: process,
            address,
        }
    }

    /// Sets the environment of a command so that any AWS client in the command connects only to this server.
    pub(crate) fn environment(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.address))
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    }

    /// Runs lines of Python. The lines may call `client("s3")` or `client("logs", "eu-west-1")` to get an AWS client.
    pub(crate) fn python(&self, lines: &str) -> Value {
        let mut command = Command::new(tool("python"));
        self.environment(&mut command);
        let output = command
            .arg("-c")
            .arg(format!("{}\n{lines}", include_str!("client.py")))
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Removes the policy of a bucket. The policy denies requests without TLS. The server ignores the condition of this
    /// denial, so the server would deny all requests.
    pub(crate) fn open(&self, bucket: &str) {
        self.python(&format!("say(client('s3').delete_bucket_policy(Bucket='{bucket}'))"));
    }

    /// Returns the names of all resources that a deployment could leave on the server, by kind of resource.
    pub(crate) fn inventory(&self) -> Value {
        self.python(include_str!("inventory.py"))
    }
}
