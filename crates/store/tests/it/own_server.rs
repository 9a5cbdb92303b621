//! The project's own server for tests: `vajra-cloud store serve`, in its own process on its own port.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use store::RunStore;

use crate::moto;

pub const ACCESS_KEY: &str = "team";
pub const SECRET: &str = "secret-of-the-team";

pub struct OwnServer {
    process: Child,
    pub endpoint: String,
}

impl OwnServer {
    /// Serves a folder. Several servers may serve the same folder.
    pub fn start(folder: &Path) -> Self {
        let test = std::env::current_exe().expect("the path of the test program");
        let target = test.parent().and_then(Path::parent).expect("the folder of the build");
        let program = target.join("vajra-cloud");
        assert!(program.exists(), "{} is not built: run tests/run", program.display());
        let mut process = Command::new(program)
            .args(["store", "serve", "--listen", "127.0.0.1:0", "--bucket", "runs"])
            .arg(folder)
            .env("VAJRA_STORE_ACCESS_KEY", ACCESS_KEY)
            .env("VAJRA_STORE_SECRET_KEY", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the server prints its location");
        let endpoint = line
            .strip_prefix("s3://runs?endpoint=")
            .and_then(|rest| rest.split('&').next());
        let endpoint = endpoint
            .unwrap_or_else(|| panic!("not a location: {line:?}"))
            .to_owned();
        Self { process, endpoint }
    }

    /// Opens `s3://bucket/prefix` on this server.
    pub fn store(&self, location: &str) -> RunStore {
        moto::open_as(location, &self.endpoint, ACCESS_KEY, SECRET)
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
