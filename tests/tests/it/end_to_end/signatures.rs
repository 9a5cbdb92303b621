//! Tests of AWS signatures with two servers that check them: the emulator moto, and a server that uses botocore.

use super::auth::files;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;
use whole_runs::machine::{Desk, Process, Ran, free_port, http, http_with, moto, root, tool, wait_for};

/// The access keys of a user or of a role of AWS.
struct Keys {
    key: String,
    secret: String,
    token: Option<String>,
}

/// Starts an emulator of AWS that checks every signature. Returns the process, its address, and the keys of a user and
/// of a role.
///
/// moto 5.2.1 decodes forms and queries before it checks a signature. If a form or a query contains UTF-8, slashes or
/// spaces, moto rejects a right signature, even the signature of boto3. Another test sends such requests to the server
/// of `tests/sigv4_server.py`.
fn checking_moto() -> (Process, SocketAddr, [Keys; 2]) {
    let (process, address) = moto();
    let call = |service: &str, query: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {service}.amazonaws.com\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{query}",
            query.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{query}: {answer}");
        answer
    };
    let iam = |action: &str| call("iam", &format!("Version=2010-05-08&Action={action}"));
    let all = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22\
               %3A%22*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D";
    iam("CreateUser&UserName=ann");
    iam(&format!(
        "PutUserPolicy&UserName=ann&PolicyName=all&PolicyDocument={all}"
    ));
    iam(&format!("CreateRole&RoleName=worker&AssumeRolePolicyDocument={all}"));
    iam(&format!(
        "PutRolePolicy&RoleName=worker&PolicyName=all&PolicyDocument={all}"
    ));
    let keys = |answer: &str| {
        let field = |name: &str| {
            let (_, after) = answer.split_once(&format!("<{name}>"))?;
            after.split('<').next().map(str::to_owned)
        };
        Keys {
            key: field("AccessKeyId").unwrap(),
            secret: field("SecretAccessKey").unwrap(),
            token: field("SessionToken"),
        }
    };
    let user = keys(&iam("CreateAccessKey&UserName=ann"));
    let role = keys(&call(
        "sts",
        "Version=2011-06-15&Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fworker&\
         RoleSessionName=load",
    ));
    assert!(user.token.is_none() && role.token.is_some());
    http(address, "PUT", "/orders").unwrap();
    // From this request on, moto checks the signature of every request.
    http_with(address, "POST", "/moto-api/reset-auth", b"0").unwrap();
    (process, address, [user, role])
}

#[test]
fn a_server_that_checks_signatures_accepts_signed_requests_and_rejects_a_wrong_key() {
    let (_process, address, [user, role]) = checking_moto();
    let desk = Desk::new();
    let scenario = |keys: &str| {
        format!(
            "name: t\ntarget: http://{address}\nload: {{ constant: {{ rate: 30/s, duration: 2s }} }}\nmix: exact\n\
             auth:\n  iam: {{ sigv4: {{ service: iam, region: us-east-1{keys} }} }}\n\
             \x20 s3: {{ sigv4: {{ service: s3, region: us-east-1{keys} }} }}\n\
             requests:\n\
             - {{ name: form, post: /, form: {{ Version: 2010-05-08, Action: ListUsers, Note: 'n{{{{ arrival }}}}' }}, \
             auth: iam }}\n\
             - {{ name: store, put: '/orders/a%20b/{{{{ arrival }}}}', body: 'order {{{{ arrival }}}} ü', auth: s3 }}\n\
             - {{ name: find, get: /orders, query: {{ list-type: 2, prefix: 'a b+{{{{ arrival }}}}' }}, auth: s3 }}\n\
             thresholds: [ errors < 0.1% ]\n"
        )
    };
    let launch = |keys: &str, own: &Keys| {
        desk.write("s.yaml", &scenario(keys));
        let mut command = desk.command(&["launch", "s.yaml", "--workers", "1", "--out", "out.json"]);
        command
            .env("AWS_ACCESS_KEY_ID", &own.key)
            .env("AWS_SECRET_ACCESS_KEY", &own.secret)
            .envs(own.token.iter().map(|token| ("AWS_SESSION_TOKEN", token)))
            .env("SHOP_ACCESS", &role.key)
            .env("SHOP_SECRET", &role.secret)
            .env("SHOP_SESSION", role.token.as_deref().unwrap());
        let ran = Ran::new(&command.output().unwrap());
        (ran, desk.json("out.json"))
    };
    let succeeds = |keys: &str, own: &Keys| {
        let (ran, report) = launch(keys, own);
        ran.expect(0, &[]);
        for request in report["requests"].as_array().unwrap() {
            assert_eq!(request["completed"], 20, "{request}");
        }
        assert_eq!(report["total"]["completed"], 60, "{report}");
    };
    // The signatures use keys from the environment, and then keys from secrets.
    succeeds("", &user);
    succeeds("", &role);
    let wrong = Keys {
        secret: "wrong".to_owned(),
        key: user.key.clone(),
        token: None,
    };
    let keys = ", key: '{{ secret \"env:SHOP_ACCESS\" }}', secret: '{{ secret \"env:SHOP_SECRET\" }}', \
                token: '{{ secret \"env:SHOP_SESSION\" }}'";
    succeeds(keys, &wrong);
    // The server rejects a wrong key, which shows that it checks signatures.
    let (ran, report) = launch("", &wrong);
    assert!(ran.stdout.contains("60 × 403"), "{}", ran.stdout);
    ran.expect(99, &[]);
    assert_eq!(report["total"]["completed"], 0, "{report}");
    assert_eq!(report["total"]["statuses"]["403"], 60, "{report}");
    let secrets = [&user.secret, &role.secret, role.token.as_ref().unwrap()];
    for (name, text) in files(&desk.path("runs")) {
        assert!(!secrets.iter().any(|secret| text.contains(*secret)), "{name}");
    }
    // `try` prints the signed request, but hides the session token.
    desk.write("s.yaml", &scenario(""));
    let mut command = desk.command(&["try", "s.yaml", "--arrival", "2"]);
    command
        .env("AWS_ACCESS_KEY_ID", &role.key)
        .env("AWS_SECRET_ACCESS_KEY", &role.secret)
        .env("AWS_SESSION_TOKEN", role.token.as_deref().unwrap());
    let ran = Ran::new(&command.output().unwrap());
    assert!(
        !secrets.iter().any(|secret| ran.stdout.contains(*secret)),
        "{}",
        ran.stdout
    );
    for line in [
        "> authorization: …",
        "> x-amz-date: ",
        "> x-amz-security-token: …",
        "< HTTP/1.1 200",
    ] {
        assert!(ran.stdout.contains(line), "no {line} in\n{}", ran.stdout);
    }
    ran.expect(0, &[]);
}

/// Starts the server in `tests/sigv4_server.py`. Returns the process and its address.
fn sigv4_server() -> (Process, SocketAddr) {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let process = Command::new(tool("python"))
        .arg(root().join("tests/sigv4_server.py"))
        .arg(address.port().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = Process(process);
    wait_for("the server that checks signatures", Duration::from_secs(60), || {
        http(address, "GET", "/counts").ok()
    });
    (process, address)
}

#[test]
fn a_signature_covers_the_bytes_that_are_sent_and_each_attempt_has_its_own() {
    let (_process, address) = sigv4_server();
    let desk = Desk::new();
    desk.write("users.csv", "name\nJosé Núñez\n\"a&b=c/d?\"\n");
    desk.write("body.bin", "\u{1}binary\u{2}");
    let launch = |secret: &str| {
        desk.write(
            "s.yaml",
            &format!(
                "name: t\ntarget: http://{address}/base\nload: {{ constant: {{ rate: 21/s, duration: 2s }} }}\n\
                 mix: exact\nfeeds: {{ users: users.csv }}\n\
                 auth:\n  api: {{ sigv4: {{ service: execute-api, region: eu-central-1 }} }}\n\
                 \x20 s3: {{ sigv4: {{ service: s3, region: eu-central-1 }} }}\n\
                 defaults: {{ auth: api, headers: {{ X-Name: 'a   {{{{ arrival }}}} ' }} }}\n\
                 requests:\n\
                 - {{ name: query, get: '/a%20b/{{{{ feed users.name }}}}', query: {{ z: '{{{{ feed users.name }}}}', \
                 a: 'x y+ü', n: '' }} }}\n\
                 - {{ name: form, post: /, form: {{ name: '{{{{ feed users.name }}}}', n: '{{{{ uuid }}}}' }} }}\n\
                 - {{ name: json, put: '//x/../y', json: {{ name: '{{{{ feed users.name }}}}' }} }}\n\
                 - {{ name: file, post: /file, body: {{ file: body.bin }}, headers: {{ Host: shop.example }} }}\n\
                 - {{ name: store, put: '//x/../%C3%BC', body: '{{{{ feed users.name }}}}', auth: s3 }}\n\
                 - {{ name: empty, delete: '/{{{{ run }}}}' }}\n\
                 flows:\n\
                 - name: again\n  steps:\n\
                 \x20 - {{ name: busy, post: '/busy/{{{{ run }}}}/{{{{ arrival }}}}', on_failure: retry 1 after 1s }}\n\
                 thresholds: [ errors < 15% ]\n"
            ),
        );
        let mut command = desk.command(&["launch", "s.yaml", "--workers", "2", "--out", "out.json"]);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDSHOP")
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_SESSION_TOKEN", "t0ken/+=");
        let ran = Ran::new(&command.output().unwrap());
        let counts: Value = serde_json::from_str(&http(address, "GET", "/counts").unwrap()).unwrap();
        (ran, counts)
    };
    let (ran, counts) = launch("s3cret/+");
    assert_eq!(
        counts,
        serde_json::json!({ "200": 42, "403": 0, "503": 6 }),
        "{}",
        ran.stdout
    );
    ran.expect(0, &[]);
    let (ran, counts) = launch("s3cret");
    assert_eq!((&counts["200"], &counts["503"]), (&42.into(), &6.into()));
    assert!(ran.stdout.contains("× 403"), "{}", ran.stdout);
    ran.expect(99, &[]);
}
