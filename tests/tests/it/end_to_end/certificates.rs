//! Tests that a certificate and a key that do not match are reported before a run starts. The error names the line and
//! the column.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use whole_runs::machine::{Desk, Ran};

/// A private key, its certificate, and the certificate of the certificate authority, in PEM format.
struct Client {
    certificate: String,
    key: String,
    authority: String,
}

fn client(name: &str) -> Client {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let by = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    Client {
        certificate: params.signed_by(&key, &by).unwrap().pem(),
        key: key.serialize_pem(),
        authority: by.pem(),
    }
}

/// A folder with the certificates of the users Ann and Ben. Environment variables contain the keys of these
/// certificates.
struct Case {
    desk: Desk,
    variables: Vec<(&'static str, String)>,
}

const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
const OLD_ENCRYPTED: &str =
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";

impl Case {
    fn new() -> Case {
        let (desk, ann, ben) = (Desk::new(), client("ann"), client("ben"));
        desk.write("ann.pem", &ann.certificate);
        desk.write("ben.pem", &ben.certificate);
        desk.write("chain.pem", &format!("{}{}", ann.certificate, ann.authority));
        desk.write("reversed.pem", &format!("{}{}", ann.authority, ann.certificate));
        desk.write("two.pem", &format!("{}{}", ben.certificate, ann.certificate));
        desk.write(
            "cut.pem",
            &ann.certificate.replace("-----END CERTIFICATE-----", "-----END"),
        );
        desk.write(
            "text.pem",
            "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n",
        );
        desk.write(
            "users.csv",
            &format!(
                "cert,key,pem,swapped\nann.pem,env:ANN_KEY,\"{}\",env:BEN_KEY\nben.pem,env:BEN_KEY,\"{}\",env:NO_KEY\n\
                 chain.pem,env:ANN_KEY,\"{}\",env:BEN_KEY\n",
                ann.certificate, ben.certificate, ann.certificate
            ),
        );
        let json = serde_json::json!({ "ann": ann.key, "ben": ben.key, "number": 7 });
        let variables = vec![
            ("BOTH_KEYS", format!("{}{}", ann.key, ben.key)),
            ("JSON", json.to_string()),
            ("ANN_CERT", ann.certificate),
            ("ANN_KEY", ann.key),
            ("BEN_KEY", ben.key),
            ("LOCKED", ENCRYPTED.to_owned()),
            ("OLD_LOCKED", OLD_ENCRYPTED.to_owned()),
            ("NO_KEY", "pa55word".to_owned()),
            ("EMPTY", String::new()),
        ];
        Case { desk, variables }
    }

    /// Runs a command with the keys in its environment. Asserts that the output of the command contains no key.
    fn run(&self, args: &[&str]) -> Ran {
        let mut command = self.desk.command(args);
        let ran = Ran::new(&command.envs(self.variables.clone()).output().unwrap());
        let output = format!("{}{}", ran.stdout, ran.stderr);
        for (name, value) in self.variables.iter().filter(|(name, _)| *name != "ANN_CERT") {
            let mut lines = value
                .lines()
                .filter(|line| !line.starts_with("-----") && !line.is_empty());
            assert!(!lines.any(|line| output.contains(line)), "{name} is in\n{output}");
        }
        ran
    }

    /// Checks a scenario that has one problem.
    #[track_caller]
    fn wrong(&self, scenario: &str, words: &[&str]) {
        self.desk.write("s.yaml", scenario);
        let ran = self.run(&["check", "s.yaml"]).expect(2, words);
        assert!(ran.stderr.contains("\n1 problem in "), "{}", ran.stderr);
    }

    #[track_caller]
    fn right(&self, scenario: &str) {
        self.desk.write("s.yaml", scenario);
        self.run(&["check", "s.yaml"]).expect(0, &[]);
    }
}

/// Returns a scenario with one certificate for all flows. The certificate is in line 5 from column 9 on, and its key is
/// in line 6 from column 8 on.
fn shared(certificate: &str, key: &str) -> String {
    format!(
        "name: t\ntarget: https://127.0.0.1:9\nload: {{ constant: {{ rate: 2/s, duration: 1s }} }}\ntls:\n\
         \x20 cert: {certificate}\n  key: '{{{{ secret \"{key}\" }}}}'\nrequests: [ {{ name: a }} ]\n"
    )
}

/// Returns a scenario with a step whose certificate comes from a feed. The certificate is in line 10 from column 13 on,
/// and its key is in line 11 from column 12 on.
fn of_rows(certificate: &str, key: &str) -> String {
    format!(
        "name: t\ntarget: https://127.0.0.1:9\nload: {{ constant: {{ rate: 2/s, duration: 1s }} }}\n\
         feeds: {{ users: users.csv }}\nflows:\n- name: f\n  steps:\n  - name: s\n    tls:\n\
         \x20     cert: '{{{{ feed users.{certificate} }}}}'\n      key: '{{{{ {key} }}}}'\n    get: /\n"
    )
}

#[test]
fn a_certificate_that_does_not_match_its_key_is_reported_with_line_and_column() {
    let case = Case::new();
    let hint = "store the key of this certificate in the secret, or name the certificate of this key";
    let key = |reference: &str| format!("does not match a private key in {reference}");
    let at_key = "s.yaml:6:8";
    let file = format!("`ann.pem` {}", key("env:BEN_KEY"));
    case.wrong(&shared("ann.pem", "env:BEN_KEY"), &[&file, at_key, hint]);
    let secret = format!("env:ANN_CERT {}", key("env:BEN_KEY"));
    let of_secret = shared("'{{ secret \"env:ANN_CERT\" }}'", "env:BEN_KEY");
    case.wrong(&of_secret, &[&secret, at_key, hint]);
    let field = format!("`ann.pem` {}", key("env:JSON#ben"));
    case.wrong(&shared("ann.pem", "env:JSON#ben"), &[&field, at_key, hint]);
    for good in ["env:ANN_KEY", "env:BOTH_KEYS", "env:JSON#ann"] {
        case.right(&shared("ann.pem", good));
        case.right(&shared("chain.pem", good));
    }
}

#[test]
fn a_key_in_an_included_file_is_reported_with_the_position_in_this_file() {
    let case = Case::new();
    let (head, tail) = ("name: t\ntarget: https://127.0.0.1:9\n", "requests: [ { name: a } ]\n");
    case.desk.write(
        "tls.yaml",
        "tls:\n  cert: ann.pem\n  key: '{{ secret \"env:BEN_KEY\" }}'\n",
    );
    let scenario = format!("include: tls.yaml\n{head}load: {{ constant: {{ rate: 2/s, duration: 1s }} }}\n{tail}");
    let words = ["`ann.pem` does not match a private key in env:BEN_KEY", "tls.yaml:3:8"];
    case.wrong(&scenario, &words);
}

#[test]
fn each_row_whose_certificate_does_not_match_its_key_is_reported() {
    let case = Case::new();
    case.right(&of_rows("cert", "feed users.key"));
    case.right(&of_rows("cert", "secret \"env:BOTH_KEYS\""));
    let row = "row 2 of the feed `users`: the certificate `ben.pem` does not match a private key in env:ANN_KEY";
    case.wrong(&of_rows("cert", "secret \"env:ANN_KEY\""), &[row, "s.yaml:11:12"]);
    let row = "row 2 of the feed `users`: the certificate does not match a private key in env:ANN_KEY";
    case.wrong(&of_rows("pem", "secret \"env:ANN_KEY\""), &[row, "s.yaml:11:12"]);
    case.desk.write("s.yaml", &of_rows("cert", "feed users.swapped"));
    let words = [
        "row 1 of the feed `users`: the certificate `ann.pem` does not match a private key in env:BEN_KEY",
        "row 2 of the feed `users`: env:NO_KEY contains no usable private key in PEM",
        "row 3 of the feed `users`: the certificate `chain.pem` does not match a private key in env:BEN_KEY",
        "\n3 problems in s.yaml",
    ];
    case.run(&["check", "s.yaml"]).expect(2, &words);
}

#[test]
fn unusable_keys_and_certificates_are_reported() {
    let case = Case::new();
    let (at_certificate, at_key) = ("s.yaml:5:9", "s.yaml:6:8");
    for (key, words) in [
        ("env:NO_KEY", "env:NO_KEY contains no usable private key in PEM"),
        ("env:LOCKED", "env:LOCKED contains an encrypted private key"),
        ("env:OLD_LOCKED", "env:OLD_LOCKED contains an encrypted private key"),
        ("env:EMPTY", "env:EMPTY cannot be used: it is empty"),
        ("env:JSON#number", "env:JSON#number contains no usable private key"),
        ("env:JSON#cid", "env:JSON#cid cannot be used: it has no field `cid`"),
    ] {
        case.wrong(&shared("ann.pem", key), &[words, at_key, "help:"]);
    }
    for key in ["env:ANN_KEY", "env:ABSENT", "ssm:/shop/key"] {
        for file in ["cut.pem", "text.pem"] {
            let words = format!("`{file}` is not a certificate in PEM");
            case.wrong(
                &shared(file, key),
                &[&words, at_certificate, "use a text with whole blocks"],
            );
        }
        let words = "`reversed.pem` does not begin with the certificate of the client: its first certificate is the \
                     issuer of certificate 2";
        let hint = "write the certificate of the client first";
        case.wrong(&shared("reversed.pem", key), &[words, at_certificate, hint]);
    }
    let words = "`two.pem` does not begin with the certificate of the client: the private key in env:ANN_KEY belongs \
                 to certificate 2";
    case.wrong(&shared("two.pem", "env:ANN_KEY"), &[words, at_key]);
    let authority = "name: t\ntarget: https://127.0.0.1:9\nload: { constant: { rate: 2/s, duration: 1s } }\n\
                     tls: { ca: text.pem }\nrequests: [ { name: a } ]\n";
    let words = "`text.pem` contains a certificate that cannot be used";
    case.wrong(authority, &[words, "s.yaml:4:12"]);
}

#[test]
fn a_key_that_only_workers_have_is_not_checked() {
    let case = Case::new();
    for key in ["env:ABSENT", "ssm:/shop/key", "secretsmanager:shop/key"] {
        case.right(&shared("ann.pem", key));
        case.right(&of_rows("cert", &format!("secret \"{key}\"")));
    }
    case.right(&shared("'{{ secret \"env:ABSENT\" }}'", "env:ANN_KEY"));
}

#[test]
fn all_commands_that_read_a_scenario_report_a_wrong_key_with_the_other_problems() {
    let case = Case::new();
    let scenario = shared("ann.pem", "env:BEN_KEY") + "thresholds: [ errors < 200% ]\n";
    case.desk.write("s.yaml", &scenario);
    for command in ["check", "plan", "prepare", "try", "launch", "calibrate"] {
        let words = [
            "`ann.pem` does not match a private key in env:BEN_KEY",
            "s.yaml:6:8",
            "s.yaml:8:",
            "\n2 problems in",
        ];
        case.run(&[command, "s.yaml"]).expect(2, &words);
    }
    assert!(!case.desk.path("runs").exists(), "a run was stored");
}

#[test]
fn a_worker_checks_keys_that_the_launcher_does_not_have() {
    let case = Case::new();
    for (run, scenario, words) in [
        (
            "one",
            shared("ann.pem", "env:WORKERS_KEY"),
            "`tls: cert` does not match a private key in",
        ),
        (
            "rows",
            of_rows("cert", "secret \"env:WORKERS_KEY\""),
            "row 1 of the feed `users`: the certificate `ann.pem` does not match a private key in env:WORKERS_KEY",
        ),
    ] {
        case.desk.write("s.yaml", &scenario);
        case.run(&["prepare", "s.yaml", "--workers", "1", "--run", run])
            .expect(0, &[]);
        let key = &case.variables.iter().find(|(name, _)| *name == "BEN_KEY").unwrap().1;
        let mut worker = case
            .desk
            .command(&["worker", "--run", run, "--shard", "0", "--env", "WORKERS_KEY"]);
        let ran = Ran::new(&worker.env("WORKERS_KEY", key).output().unwrap());
        assert_ne!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}
