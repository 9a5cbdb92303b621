//! Tests with servers of other projects. The scenarios send several kinds of requests over several kinds of
//! connections.
//!
//! Each case starts a server on loopback and sends a short load to the server. The case checks every answer against the
//! server's configuration, including the exact lengths of bodies where they are known.
//!
//! Some servers close connections. If a server closes a connection before it has accepted a request, the request is
//! sent on another connection. No request fails because of a closed connection.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod client_certificates;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use whole_runs::machine::{Desk, Process, free_port, sent, tool, wait_for};

/// The maximum time until a server listens on its port.
const START_LONGEST: Duration = Duration::from_secs(15);

/// The maximum number of attempts to start a server. Each attempt uses another port, because another program may take a
/// port before the server listens on it.
const STARTS_MAX: u32 = 4;

/// The name of the environment variable that is set on machines on which the servers cannot be installed.
const WITHOUT: &str = "VAJRA_TESTS_WITHOUT_SERVERS";

const SMALL: u64 = 1_234;
const LARGE: u64 = 200_000;
const UPLOAD: u64 = 100_000;
const STORED: u64 = 5_000;

/// A kind of server: its program, its configuration, and the command that installs it.
struct Server {
    name: &'static str,
    program: fn() -> Option<PathBuf>,
    /// Writes the configuration of the server, and returns the arguments of the server's program.
    configure: fn(&Site) -> Vec<String>,
    /// The command that installs the server.
    install: &'static str,
}

/// The settings with which one server is started.
struct Site<'a> {
    desk: &'a Desk,
    port: u16,
    secure: bool,
    /// Additional lines of the server's configuration.
    setting: &'a str,
    /// The port of the other server, if this server is a proxy.
    behind: u16,
}

/// One kind of connection to a server.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    secure: bool,
    /// The lines of the scenario that select the kind of connection.
    talk: &'static str,
    /// The lines of the server's configuration that select the kind of connection.
    setting: &'static str,
    rate: u64,
}

const KEPT: Case = Case {
    name: "kept connections",
    secure: false,
    talk: "",
    setting: "",
    rate: 500,
};

const FRESH: Case = Case {
    name: "fresh connections",
    talk: "connections: fresh",
    ..KEPT
};

const TLS: Case = Case {
    name: "TLS",
    secure: true,
    talk: "limits: { insecure_tls: true }",
    ..KEPT
};

const FRESH_TLS: Case = Case {
    name: "fresh connections with TLS",
    talk: "connections: fresh\nlimits: { insecure_tls: true }",
    rate: 200,
    ..TLS
};

/// HTTP/2 with at most three connections. Each connection is used for many requests, and for several requests at the
/// same time.
const HTTP2: Case = Case {
    name: "HTTP/2",
    talk: "protocol: http2\nlimits: { insecure_tls: true, connections: 3 }",
    ..TLS
};

/// The expected lengths of the bodies of a request's answers.
#[derive(Clone, Copy)]
enum Bodies {
    Exactly(u64),
    /// All bodies have the same length, which is at least this number of bytes. The exact length is not known, because
    /// the server adds its own text.
    AllEqual(u64),
}

/// A request that is sent to a server, and the expected answer.
struct Wanted {
    name: &'static str,
    yaml: &'static str,
    status: u16,
    bodies: Bodies,
    /// The statuses of the redirects that precede the answer.
    redirects: &'static [u16],
}

const fn wanted(name: &'static str, yaml: &'static str, status: u16, bodies: Bodies) -> Wanted {
    Wanted {
        name,
        yaml,
        status,
        bodies,
        redirects: &[],
    }
}

/// The requests that are sent to every server.
const MIX: [Wanted; 8] = [
    wanted("small", "url: /small.txt, weight: 3", 200, Bodies::Exactly(SMALL)),
    wanted("large", "url: /large.txt", 200, Bodies::Exactly(LARGE)),
    wanted("head", "url: /small.txt, method: HEAD", 200, Bodies::Exactly(0)),
    wanted(
        "upload",
        "url: /upload, body: { file: upload.txt }, success: { body_contains: read 100000 }",
        200,
        Bodies::Exactly("read 100000".len() as u64),
    ),
    wanted(
        "missing",
        "url: /missing, success: { statuses: 404 }",
        404,
        Bodies::AllEqual(0),
    ),
    wanted(
        "unchanged",
        "url: /small.txt, headers: { If-Modified-Since: 'Fri, 01 Jan 2038 00:00:00 GMT' }",
        304,
        Bodies::Exactly(0),
    ),
    wanted("empty", "url: /empty", 204, Bodies::Exactly(0)),
    Wanted {
        redirects: &[302],
        ..wanted(
            "moved",
            "url: /moved, follow_redirects: 1",
            200,
            Bodies::AllEqual(SMALL),
        )
    },
];

/// An upload that is sent only to nginx, because nginx stores uploads.
const STORE: Wanted = wanted(
    "store",
    "url: '/stored/{{ arrival }}', method: PUT, body: { file: stored.txt }",
    201,
    Bodies::Exactly(0),
);

/// Returns the path of a program, or `None` if the program is not installed. Also searches folders that only root has
/// in `PATH`.
fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// Returns whether the servers are installed. If a server is missing, panics. On machines on which the servers cannot
/// be installed, prints in place of the panic that the test is skipped.
fn are_installed(servers: &[&Server]) -> bool {
    for server in servers {
        if (server.program)().is_some() {
            continue;
        }
        let Server { name, install, .. } = server;
        assert!(
            std::env::var_os(WITHOUT).is_some(),
            "{name} is not installed: run tests/run as root, or {install}; or set {WITHOUT}=1 to skip it"
        );
        // The text is written directly, because the test runner hides the output of the macros if the test passes.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "SKIPPED: {name} is not installed").unwrap();
        return false;
    }
    true
}

/// A running server. The server ends when this value is dropped.
struct Serving {
    _process: Process,
    port: u16,
}

/// Returns whether a server listens on the port. If the connection has connected to itself by chance, no server
/// listens.
fn accepts(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok_and(|stream| stream.local_addr().unwrap().port() != port)
}

/// Starts a server in a folder, and waits until the server listens.
fn start(server: &Server, desk: &Desk, case: &Case, behind: u16) -> Serving {
    let log = desk.path(&format!("{}.out", server.name));
    for _ in 0..STARTS_MAX {
        let port = free_port();
        let arguments = (server.configure)(&Site {
            desk,
            port,
            secure: case.secure,
            setting: case.setting,
            behind,
        });
        let out = File::create(&log).unwrap();
        let mut command = Command::new((server.program)().unwrap());
        command
            .args(arguments)
            .current_dir(desk.path(""))
            .env("HOME", desk.path("home"))
            .env("XDG_CONFIG_HOME", desk.path("home"))
            .env("XDG_DATA_HOME", desk.path("home"))
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out);
        let mut process = Process(command.spawn().unwrap());
        let until = Instant::now() + START_LONGEST;
        while Instant::now() < until && process.0.try_wait().unwrap().is_none() {
            if accepts(port) {
                return Serving {
                    _process: process,
                    port,
                };
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let output = std::fs::read_to_string(log).unwrap_or_default();
    panic!("{} does not listen:\n{output}", server.name);
}

/// Returns a folder with the files that a server serves, and with the bodies of uploads.
fn desk() -> Desk {
    let desk = Desk::new();
    for folder in ["site", "site/stored", "home"] {
        std::fs::create_dir(desk.path(folder)).unwrap();
    }
    let letters = |length: u64| "vajra ".chars().cycle().take(length as usize).collect::<String>();
    desk.write("site/small.txt", &letters(SMALL));
    desk.write("site/large.txt", &letters(LARGE));
    desk.write("upload.txt", &letters(UPLOAD));
    desk.write("stored.txt", &letters(STORED));
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    desk.write("certificate.pem", &certificate);
    desk.write("key.pem", &key);
    desk.write("both.pem", &format!("{certificate}{key}"));
    desk
}

/// Sends a mix of requests to a server over one kind of connection. Checks every count in the report, and returns the
/// report.
fn check(server: &Server, case: &Case, desk: &Desk, port: u16, mix: &[&Wanted]) -> Value {
    let scheme = if case.secure { "https" } else { "http" };
    let requests: String = mix
        .iter()
        .map(|wanted| format!("  - {{ name: {}, {} }}\n", wanted.name, wanted.yaml))
        .collect();
    desk.write(
        "s.yaml",
        &format!(
            "name: real\ntarget: {scheme}://127.0.0.1:{port}\n{}\n\
             load: {{ constant: {{ rate: {}/s, duration: 2s }} }}\nrequests:\n{requests}",
            case.talk, case.rate
        ),
    );
    let at = format!("{}, {}", server.name, case.name);
    let ran = desk.run(&["launch", "s.yaml", "--workers", "1", "--out", "summary.json"]);
    let output = std::fs::read_to_string(desk.path(&format!("{}.out", server.name))).unwrap_or_default();
    assert_eq!(ran.code, Some(0), "{at}:\n{}\n{}\n{output}", ran.stdout, ran.stderr);
    let report = desk.json("summary.json");
    let all = 2 * case.rate;
    assert_eq!(sent(&report), all, "{at}:\n{}", ran.stdout);
    for (name, count) in [
        ("planned", all),
        ("completed", all),
        ("failed", 0),
        ("dropped", 0),
        ("missing", 0),
    ] {
        assert_eq!(report["balance"][name], count, "{at}: {name}\n{}", ran.stdout);
    }
    let requests = report["requests"].as_array().unwrap();
    assert_eq!(requests.len(), mix.len(), "{at}");
    for (request, wanted) in requests.iter().zip(mix) {
        let at = format!("{at}, {}", wanted.name);
        let number = |name: &str| request[name].as_u64().unwrap();
        let (count, bytes) = (number("sent"), number("body_bytes"));
        assert_eq!(request["name"], wanted.name, "{at}");
        assert!(count > 0, "{at}: no request was sent");
        assert_eq!(number("completed"), count, "{at}");
        assert_eq!(request["failures"], json!({}), "{at}");
        assert_eq!(
            request["statuses"],
            json!({ (wanted.status.to_string()): count }),
            "{at}"
        );
        match wanted.bodies {
            Bodies::Exactly(each) => assert_eq!(bytes, count * each, "{at}: {count} bodies of {each} bytes"),
            Bodies::AllEqual(least) => assert!(
                bytes >= count * least && bytes % count == 0,
                "{at}: {bytes} bytes in {count} bodies of at least {least}"
            ),
        }
    }
    report
}

/// Runs all cases of a server at the same time.
fn check_all(server: &Server, cases: &[Case]) {
    each(cases, |case| {
        let desk = desk();
        let serving = start(server, &desk, case, 0);
        check(server, case, &desk, serving.port, &MIX.each_ref());
    });
}

/// Calls a function for all cases at the same time.
fn each(cases: &[Case], act: impl Fn(&Case) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| act(case));
        }
    });
}

const NGINX: Server = Server {
    name: "nginx",
    program: || installed("nginx"),
    configure: |site| {
        let folder = site.desk.path("");
        let (folder, port, setting) = (folder.display(), site.port, site.setting);
        let secure = if site.secure { " ssl http2" } else { "" };
        site.desk.write(
            "nginx.conf",
            &format!(
                "daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ worker_connections 1000; }}
http {{
    log_format line '$connection $status $uri';
    access_log {folder}/access.log line;
    default_type text/plain;
    if_modified_since before;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    {setting}
    server {{
        listen 127.0.0.1:{port}{secure};
        root {folder}/site;
        # The length of a filtered body is unknown, so nginx sends it in chunks.
        location = /large.txt {{ sub_filter ~ ~; sub_filter_types *; }}
        location = /upload {{ return 200 'read $content_length'; }}
        location = /empty {{ return 204; }}
        location = /moved {{ return 302 /small.txt; }}
        location /stored/ {{ dav_methods PUT; }}
    }}
}}
"
            ),
        );
        let errors = format!("{folder}/errors.log");
        ["-p", &folder.to_string(), "-e", &errors, "-c", "nginx.conf"]
            .map(str::to_owned)
            .to_vec()
    },
    install: "apt-get install nginx",
};

/// Returns two counts of requests from the log of nginx: by status, and by connection. Waits until the log has `lines`
/// lines, because nginx may write a line after it has sent the answer.
fn logged(desk: &Desk, lines: u64) -> (BTreeMap<u16, u64>, BTreeMap<u64, u64>) {
    let log = || std::fs::read_to_string(desk.path("access.log")).unwrap();
    let whole = wait_for("the lines of the access log", Duration::from_secs(5), || {
        Some(log()).filter(|log| log.matches('\n').count() as u64 >= lines)
    });
    let (mut statuses, mut connections) = (BTreeMap::new(), BTreeMap::new());
    for line in whole.lines() {
        let mut words = line.split(' ');
        let connection = words.next().unwrap().parse().unwrap();
        let status = words.next().unwrap().parse().unwrap();
        *connections.entry(connection).or_default() += 1;
        *statuses.entry(status).or_default() += 1;
    }
    (statuses, connections)
}

#[test]
fn nginx_logs_exactly_the_reported_requests() {
    if !are_installed(&[&NGINX]) {
        return;
    }
    const CLOSING: &str = "keepalive_requests 10;";
    let cases = [
        KEPT,
        FRESH,
        TLS,
        FRESH_TLS,
        HTTP2,
        Case {
            name: "connections that end after ten requests",
            setting: CLOSING,
            ..KEPT
        },
        Case {
            name: "TLS connections that end after ten requests",
            setting: CLOSING,
            ..TLS
        },
        Case {
            name: "HTTP/2 connections that end after ten requests",
            setting: CLOSING,
            ..HTTP2
        },
    ];
    let mix: Vec<&Wanted> = MIX.iter().chain([&STORE]).collect();
    each(&cases, |case| {
        let desk = desk();
        let serving = start(&NGINX, &desk, case, 0);
        let report = check(&NGINX, case, &desk, serving.port, &mix);
        let mut reported = BTreeMap::<u16, u64>::new();
        let mut stored = 0;
        for (request, wanted) in report["requests"].as_array().unwrap().iter().zip(&mix) {
            let count = request["sent"].as_u64().unwrap();
            for status in wanted.redirects.iter().chain([&wanted.status]) {
                *reported.entry(*status).or_default() += count;
            }
            stored += if wanted.name == STORE.name { count } else { 0 };
        }
        let (statuses, connections) = logged(&desk, reported.values().sum());
        assert_eq!(statuses, reported, "{}", case.name);
        let most = connections.values().max().unwrap();
        match (case.setting, case.talk.contains("fresh")) {
            (CLOSING, _) => assert!((2..=10).contains(most), "{}: {most} on one connection", case.name),
            (_, true) => assert_eq!(*most, 1, "{}", case.name),
            (_, false) => assert!(connections.len() <= 128, "{}: {connections:?}", case.name),
        }
        let files = std::fs::read_dir(desk.path("site/stored")).unwrap();
        let lengths: Vec<u64> = files.map(|file| file.unwrap().metadata().unwrap().len()).collect();
        assert_eq!(lengths.len() as u64, stored, "{}", case.name);
        assert!(lengths.iter().all(|length| *length == STORED), "{}", case.name);
    });
}

const CADDY: Server = Server {
    name: "caddy",
    program: || installed("caddy"),
    configure: |site| {
        let scheme = if site.secure { "https" } else { "http" };
        let (folder, port) = (site.desk.path(""), site.port);
        let certificate = if site.secure { "tls certificate.pem key.pem" } else { "" };
        site.desk.write(
            "Caddyfile",
            &format!(
                "{{
    admin off
    auto_https off
}}
{scheme}://127.0.0.1:{port} {{
    bind 127.0.0.1
    {certificate}
    root * {}/site
    redir /moved /small.txt 302
    respond /upload \"read {{http.request.header.Content-Length}}\"
    respond /empty 204
    file_server
}}
",
                folder.display()
            ),
        );
        ["run", "--config", "Caddyfile", "--adapter", "caddyfile"]
            .map(str::to_owned)
            .to_vec()
    },
    install: "apt-get install caddy",
};

#[test]
fn caddy_answers_every_request() {
    if are_installed(&[&CADDY]) {
        check_all(&CADDY, &[KEPT, FRESH, TLS, HTTP2]);
    }
}

const H2O: Server = Server {
    name: "h2o",
    program: || installed("h2o"),
    configure: |site| {
        let folder = site.desk.path("");
        let port = site.port;
        // If root starts h2o without this option, h2o runs as the user `nobody`, who cannot read this folder.
        let user = match std::fs::metadata(&folder).unwrap().uid() {
            0 => "user: root",
            _ => "",
        };
        let secure = match site.secure {
            true => {
                ", ssl: { certificate-file: certificate.pem, key-file: key.pem, neverbleed: OFF, ocsp-update-interval: 0 }"
            }
            false => "",
        };
        site.desk.write(
            "h2o.yaml",
            &format!(
                "{user}
num-threads: 1
listen: {{ host: 127.0.0.1, port: {port}{secure} }}
hosts:
  default:
    paths:
      /:
        file.dir: {folder}/site
      /large.txt:
        mruby.handler: |
          class Pieces
            def each
              20.times {{ yield 'x' * {piece} }}
            end
          end
          Proc.new {{|env| [200, {{'content-type' => 'text/plain'}}, Pieces.new] }}
      /upload:
        mruby.handler: |
          Proc.new {{|env| [200, {{}}, [\"read #{{env['rack.input'].read.length}}\"]] }}
      /empty:
        mruby.handler: |
          Proc.new {{|env| [204, {{}}, []] }}
      /moved:
        redirect: {{ status: 302, url: /small.txt }}
",
                folder = folder.display(),
                piece = LARGE / 20,
            ),
        );
        ["-c", "h2o.yaml"].map(str::to_owned).to_vec()
    },
    install: "apt-get install h2o",
};

#[test]
fn h2o_answers_every_request() {
    if are_installed(&[&H2O]) {
        check_all(&H2O, &[KEPT, FRESH, TLS, HTTP2]);
    }
}

const HAPROXY: Server = Server {
    name: "haproxy",
    program: || installed("haproxy"),
    configure: |site| {
        let secure = match site.secure {
            true => " ssl crt both.pem alpn h2,http/1.1",
            false => "",
        };
        let (port, behind, setting) = (site.port, site.behind, site.setting);
        site.desk.write(
            "haproxy.cfg",
            &format!(
                "global
    nbthread 1
    maxconn 500
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    {setting}
frontend front
    bind 127.0.0.1:{port}{secure}
    http-request redirect location /small.txt code 302 if {{ path /moved }}
    http-request return status 204 if {{ path /empty }}
    default_backend back
backend back
    server nginx 127.0.0.1:{behind}
"
            ),
        );
        ["-db", "-f", "haproxy.cfg"].map(str::to_owned).to_vec()
    },
    install: "apt-get install haproxy",
};

#[test]
fn haproxy_forwards_every_request() {
    if !are_installed(&[&HAPROXY, &NGINX]) {
        return;
    }
    let cases = [
        KEPT,
        FRESH,
        Case {
            name: "connections that end at the backend",
            setting: "option http-server-close",
            ..KEPT
        },
        Case {
            name: "connections that end after each request",
            setting: "option httpclose",
            ..KEPT
        },
        TLS,
        HTTP2,
    ];
    each(&cases, |case| {
        let desk = desk();
        let behind = start(&NGINX, &desk, &KEPT, 0);
        let serving = start(&HAPROXY, &desk, case, behind.port);
        check(&HAPROXY, case, &desk, serving.port, &MIX.each_ref());
    });
}

const HYPERCORN: Server = Server {
    name: "hypercorn",
    program: || {
        let path = whole_runs::machine::root().join(".tools/venv/bin/hypercorn");
        path.exists().then(|| tool("hypercorn"))
    },
    configure: |site| {
        let secure = match site.secure {
            true => "certfile = 'certificate.pem'\nkeyfile = 'key.pem'",
            false => "",
        };
        let (port, setting) = (site.port, site.setting);
        // With zero workers, hypercorn has a single process, which ends when the test kills it.
        site.desk.write(
            "hypercorn.toml",
            &format!("bind = '127.0.0.1:{port}'\nworkers = 0\n{secure}\n{setting}\n"),
        );
        site.desk.write(
            "app.py",
            "\
SMALL = open('site/small.txt', 'rb').read()
LARGE = open('site/large.txt', 'rb').read()


async def app(scope, receive, send):
    if scope['type'] == 'lifespan':
        while True:
            event = (await receive())['type']
            await send({'type': event + '.complete'})
            if event == 'lifespan.shutdown':
                return
    read, more = 0, True
    while more:
        event = await receive()
        if event['type'] != 'http.request':
            return
        read, more = read + len(event.get('body', b'')), event.get('more_body', False)
    path, head = scope['path'], scope['method'] == 'HEAD'
    asked = {name for name, _ in scope['headers']}
    status, headers, pieces = 404, [], [b'nothing here']
    if path == '/small.txt' and b'if-modified-since' in asked:
        status, pieces = 304, []
    elif path == '/small.txt':
        status, pieces = 200, [SMALL]
    elif path == '/large.txt':
        status, pieces = 200, [LARGE[at:at + 30_000] for at in range(0, len(LARGE), 30_000)]
    elif path == '/upload':
        status, pieces = 200, [b'read %d' % read]
    elif path == '/empty':
        status, pieces = 204, []
    elif path == '/moved':
        status, headers, pieces = 302, [(b'location', b'/small.txt')], [b'']
    if len(pieces) == 1:
        headers.append((b'content-length', b'%d' % len(pieces[0])))
    await send({'type': 'http.response.start', 'status': status, 'headers': headers})
    for piece in [] if head else pieces:
        await send({'type': 'http.response.body', 'body': piece, 'more_body': True})
    await send({'type': 'http.response.body', 'body': b''})
",
        );
        ["-c", "hypercorn.toml", "app:app"].map(str::to_owned).to_vec()
    },
    install: ".tools/venv/bin/python -m pip install --no-deps -r tests/requirements.txt",
};

#[test]
fn hypercorn_answers_every_request() {
    if !are_installed(&[&HYPERCORN]) {
        return;
    }
    // No case uses a server that ends HTTP/2 connections. When hypercorn ends an HTTP/2 connection, hypercorn reports
    // the last requests as accepted, but never answers these requests.
    let cases = [
        KEPT,
        FRESH,
        TLS,
        HTTP2,
        Case {
            name: "connections that end after ten requests",
            setting: "keep_alive_max_requests = 10",
            ..KEPT
        },
        Case {
            name: "HTTP/2 in the clear",
            talk: "protocol: http2\nlimits: { connections: 3 }",
            ..KEPT
        },
    ]
    .map(|case| Case {
        rate: case.rate.min(100),
        ..case
    });
    check_all(&HYPERCORN, &cases);
}
