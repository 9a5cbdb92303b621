//! Reads trusted authorities and the client certificate.
//!
//! Certificates are public and stored with the run, by content. A private key is never stored: it is a secret that each
//! worker looks up.

use super::document::Node;
use super::fields::Fields;
use super::reading::ScenarioReader;
use crate::form::Form;
use crate::scenario::{ClientCertificate, Pem, Tls};
use crate::template::{Template, TemplatePart};

/// The beginning of a PEM block with a certificate, and the end of the first line of a block with a key.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

pub(super) fn read(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Tls> {
    let Some(entry) = fields.get("tls") else {
        return Some(Tls::default());
    };
    let fields = entry.map(reading)?;
    let ca = match fields.get("ca") {
        Some(entry) => certificates(reading, "ca", entry.value).map(Some),
        None => Some(None),
    };
    let certificate = fields
        .get("cert")
        .map(|entry| certificates(reading, "cert", entry.value));
    let key = fields.get("key").map(|entry| key(reading, entry.value));
    let client = match (certificate, key) {
        (None, None) => Some(None),
        (Some(certificate), Some(key)) => certificate
            .zip(key)
            .map(|(certificate, key)| Some(ClientCertificate { certificate, key })),
        (Some(_), None) => {
            let help = "write `key: '{{ secret \"env:CLIENT_KEY\" }}'`";
            reading.problem(fields.node, "a client certificate needs its `key`", help)
        }
        (None, Some(_)) => {
            let help = "write `cert: client.pem`";
            reading.problem(fields.node, "a client key needs its certificate, `cert`", help)
        }
    };
    Some(Tls {
        ca: ca?,
        client: client?,
    })
}

/// Reads certificates in PEM: a file, or a secret.
fn certificates(reading: &mut ScenarioReader<'_>, what: &str, node: &Node) -> Option<Pem> {
    let text = reading.templated(what, node)?;
    let template = reading.template(node, text)?;
    if let Some(secret) = only_secret(&template) {
        return Some(Pem::Secret(secret));
    }
    let Some(path) = template.as_fixed().map(str::to_owned) else {
        let help = "write the path of a file, or `{{ secret \"ssm:/name\" }}` alone";
        return reading.problem(node, format!("`{what}` is neither a file nor a secret"), help);
    };
    // A file with a private key must not be stored.
    let blob = reading.public_file(node, &path, |content| {
        let content = String::from_utf8_lossy(content);
        if content.contains(PRIVATE_KEY) {
            return Err(format!(
                "`{path}` contains a private key, and this file is stored with the run; remove the key, and \
                 refer to it as `key: '{{{{ secret \"env:CLIENT_KEY\" }}}}'`"
            ));
        }
        match content.contains(CERTIFICATE) {
            true => Ok(()),
            false => Err(format!(
                "`{path}` contains no certificate in PEM; use a file with a line `{CERTIFICATE}`"
            )),
        }
    })?;
    Some(Pem::Blob(blob))
}

/// Reads the client's key: the number of its secret.
fn key(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<u32> {
    let text = reading.templated("key", node)?;
    let template = reading.template(node, text)?;
    match only_secret(&template) {
        Some(secret) => Some(secret),
        None => {
            let help = "write `{{ secret \"env:CLIENT_KEY\" }}`, or another secret that workers can look up";
            reading.problem(node, "a private key is never stored, so `key` must be a secret", help)
        }
    }
}

/// The number of the secret, if the template consists of one secret only.
pub(super) fn only_secret(template: &Template) -> Option<u32> {
    match template.0.as_slice() {
        [
            TemplatePart::Secret {
                secret,
                form: Form::AsIs | Form::Raw,
            },
        ] => Some(*secret),
        _ => None,
    }
}
