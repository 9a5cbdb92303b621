//! Tests of the import of commands for curl.

use crate::{golden, import_as, read, refused};
use import::Format;
use plan::scenario::Body;

#[test]
fn commands_that_chromium_copies_for_bash_are_imported() {
    let imported = golden("curl_chromium_bash", include_str!("samples/chromium.sh"), Format::Curl);
    for secret in ["eyJ", "5f2c", "hunter2"] {
        assert!(!imported.yaml.contains(secret), "{}", imported.yaml);
    }
    let scenario = read(&imported.yaml).unwrap();
    let Body::Inline(body) = &scenario.requests[1].body else {
        panic!("{:?}", scenario.requests[1].body);
    };
    let begin = format!("{:?}", body.0[0]);
    assert!(begin.contains(r#"it's über 😀\\n{{x}}"#), "{begin}");
}

#[test]
fn commands_that_chromium_copies_for_cmd_are_imported() {
    golden("curl_chromium_cmd", include_str!("samples/chromium.bat"), Format::Curl);
}

#[test]
fn commands_that_firefox_copies_are_imported() {
    let imported = golden("curl_firefox", include_str!("samples/firefox.sh"), Format::Curl);
    assert!(
        !imported.yaml.contains("p%40ss") && !imported.yaml.contains("abc"),
        "{}",
        imported.yaml
    );
}

#[test]
fn commands_written_by_hand_are_imported() {
    let imported = golden("curl_by_hand", include_str!("samples/by_hand.sh"), Format::Curl);
    for secret in ["hunter2", "sk_test", "ann", "k123", "pw@"] {
        assert!(!imported.yaml.contains(secret), "{secret}: {}", imported.yaml);
    }
}

/// Equal values of a header are one secret.
#[test]
fn cookies_of_options_are_joined_and_a_cookie_header_replaces_them() {
    for (one, other) in [
        ("-b a=1 -b c=2", "-b 'a=1; c=2'"),
        ("-H 'Cookie: a=1' -b c=2", "-b a=1"),
        ("-H 'Cookie: a=1' -H 'cookie: c=2'", "-b 'a=1; c=2'"),
    ] {
        let commands = format!("curl https://a.example/one {one}\ncurl https://a.example/two {other}\n");
        let yaml = import_as(commands.as_bytes(), None).unwrap().yaml;
        let one_secret = "COOKIE: the value of the header Cookie (line 1, line 2)";
        assert!(yaml.contains(one_secret), "{commands}{yaml}");
    }
}

/// Returns the body of the only request in the imported scenario.
fn body(command: &str) -> String {
    let imported = import_as(command.as_bytes(), None).unwrap();
    match &read(&imported.yaml).unwrap().requests[0].body {
        Body::Inline(body) => body.as_fixed().unwrap().to_owned(),
        other => panic!("{command}: {other:?}"),
    }
}

#[test]
fn quotes_are_read_as_each_shell_reads_them() {
    for (command, sent) in [
        (r"curl http://x/ -d 'a\b'", r"a\b"),
        (r#"curl http://x/ -d "a\"b\$c\d""#, r#"a"b$c\d"#),
        (r"curl http://x/ -d $'a\'\x41\101\t'", "a'AA\t"),
        (r"curl http://x/ -d 'a'b\ c", "ab c"),
        ("curl http://x/ -d'a\nb'", "a\nb"),
        ("curl http://x/ -d a -d b", "a&b"),
        (
            "curl http://x/ --data-urlencode 'a=b c' --data-urlencode '=d&'",
            "a=b+c&d%26",
        ),
        (r#"curl ^"http://x/^" --data-raw ^"a^\^"b^"^"c^""#, r#"a"b"c"#),
        ("curl ^\"http://x/^\" --data-raw ^\"a^\n\nb^\"", "a\nb"),
        (
            r#"curl "http://x/" ^
 --data-raw "{\"a\\b\":1}""#,
            r#"{"a\\b":1}"#,
        ),
    ] {
        assert_eq!(body(command), sent, "{command}");
    }
}

#[test]
fn an_unfinished_command_names_its_line() {
    assert_eq!(
        refused("curl http://x/\ncurl 'http://y"),
        "line 2: the quote ' is not closed"
    );
    assert_eq!(refused("curl http://x/ \\\n -H"), "line 2: -H has no value");
    assert_eq!(refused("curl ^\"http://x/"), "line 1: the quote \" is not closed");
    assert_eq!(
        refused("curl -s"),
        "the file: it contains no command for curl that can be sent"
    );
}
