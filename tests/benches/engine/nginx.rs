//! nginx as a realistic server with TLS 1.3. nginx has one process on the server's core.
//!
//! Every figure that is measured against nginx has a note about how busy the server's core was.

use crate::Fallible;
use crate::child::Child;
use crate::cores;
use crate::null_tls::Certificate;
use crate::yardsticks;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The maximum time until nginx listens.
const START_LONGEST: Duration = Duration::from_secs(5);

/// A running nginx. The process ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Nginx {
    child: Child,
    port: u16,
    /// The folder that contains the files of nginx.
    _folder: TempDir,
}

impl Nginx {
    /// Starts nginx; returns `None` if nginx is not installed.
    pub(crate) fn start(certificate: &Certificate) -> Fallible<Option<Nginx>> {
        let Some(program) = yardsticks::found("nginx") else {
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("certificate.pem"), certificate.pem())?;
        std::fs::write(folder.path().join("key.pem"), certificate.key_pem())?;
        // nginx does not report a port that the system chooses. nginx gets the number of a port that was free just
        // before.
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), port))?;
        let child = Child::start(
            Command::new(program)
                .arg("-p")
                .arg(folder.path())
                .arg("-e")
                .arg(folder.path().join("errors.log"))
                .arg("-c")
                .arg(&file),
            cores::SERVER,
        )?;
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if child.has_ended()? || began.elapsed() > START_LONGEST {
                let errors = std::fs::read_to_string(folder.path().join("errors.log")).unwrap_or_default();
                return Err(format!("nginx did not start to listen: {errors}").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Some(Nginx {
            child,
            port,
            _folder: folder,
        }))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the processor time of nginx so far.
    pub(crate) fn cpu(&self) -> Fallible<Duration> {
        cores::process_time(self.child.id())
    }
}

/// Returns a configuration of nginx. nginx has one process, writes no access log and does not close connections. nginx
/// offers one cipher, so all clients use the same cipher.
fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    let body = "x".repeat(100);
    format!(
        "daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        location / {{ default_type text/plain; return 200 \"{body}\"; }}
    }}
}}
"
    )
}
