//! A server of AWS's APIs on loopback, and an inventory of the resources that it has.

use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;
use whole_runs::machine::{Process, moto, tool};

/// A server of S3, of Lambda's control plane, and of IAM, STS and CloudWatch Logs.
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

    /// Sets the environment of a command so that a client of AWS connects only to this server.
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

    /// Runs some lines of Python. They may call `client("s3")` or `client("logs", "eu-west-1")` to get a client of AWS.
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

    /// Removes the policy of the bucket. The server ignores the conditions of a denial. So a policy that denies
    /// requests without TLS would deny all requests.
    pub(crate) fn open(&self, bucket: &str) {
        self.python(&format!("say(client('s3').delete_bucket_policy(Bucket='{bucket}'))"));
    }

    /// Returns the names of all resources that a deployment may leave, by kind of resource.
    pub(crate) fn inventory(&self) -> Value {
        self.python(include_str!("inventory.py"))
    }
}
