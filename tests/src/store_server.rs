//! `vajra-cloud store serve` as a process of a test.

use crate::machine::{Process, kill, program};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The access keys of the server: one with full access, and one that only reads. Both have the same secret.
pub const ACCESS_KEY: &str = "team";
pub const READ_ONLY_KEY: &str = "reader";
pub const SECRET: &str = "secret-of-the-team";

/// A folder store that is served as a bucket.
#[derive(Debug)]
pub struct StoreServer {
    process: Process,
    _keys: TempDir,
    /// The line that the server has printed: the value of `--store`.
    pub location: String,
    /// The address of the server, such as `http://127.0.0.1:9000`.
    pub endpoint: String,
}

impl StoreServer {
    /// Serves a folder on a free port.
    pub fn start(folder: &Path) -> StoreServer {
        StoreServer::start_with(folder, &["--listen", "127.0.0.1:0"])
    }

    /// Serves a folder with options.
    pub fn start_with(folder: &Path, options: &[&str]) -> StoreServer {
        StoreServer::start_by(&[], folder, options)
    }

    /// Serves a folder with options. A wrapper starts the server, for example to choose its processor.
    pub fn start_by(wrapper: &[&str], folder: &Path, options: &[&str]) -> StoreServer {
        let keys = tempfile::tempdir().unwrap();
        let file = keys.path().join("keys.txt");
        let lines = format!("{ACCESS_KEY} {SECRET}\n{READ_ONLY_KEY} {SECRET} read-only\n");
        std::fs::write(&file, lines).unwrap();
        let mut line = wrapper.to_vec();
        let program = program().to_str().unwrap();
        line.extend([program, "store", "serve", folder.to_str().unwrap(), "--credentials"]);
        line.push(file.to_str().unwrap());
        let mut command = Command::new(line[0]);
        command.args(&line[1..]).args(options);
        let mut process = Process(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
        let mut location = String::new();
        BufReader::new(process.0.stdout.take().unwrap())
            .read_line(&mut location)
            .unwrap();
        let location = location.trim_end().to_owned();
        let (_, endpoint) = location
            .split_once("?endpoint=")
            .unwrap_or_else(|| panic!("not a location: {location:?}"));
        let endpoint = endpoint.split('&').next().unwrap().to_owned();
        StoreServer {
            process,
            _keys: keys,
            location,
            endpoint,
        }
    }

    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Ends the server with a signal, and returns its exit code; `None` if the signal has killed the server.
    pub fn end(mut self, signal: &str) -> Option<i32> {
        kill(self.pid(), signal);
        self.process.0.wait().unwrap().code()
    }
}

/// Adds the access key to the environment of a command, and removes other sources of access keys.
pub fn with_key(command: &mut Command) -> &mut Command {
    command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
}
