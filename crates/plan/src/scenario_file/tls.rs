//! Reads the trusted certificate authorities and the client certificates of a scenario.
//!
//! Certificates are public and are stored with the run. The name of a stored certificate is the SHA-256 digest of its
//! content. A private key is never stored. Each worker looks up the private key as a secret.

use super::document::Node;
use super::fields::Fields;
use super::pairs::{self, PairNodes};
use super::reading::ScenarioReader;
use crate::form::Form;
use crate::scenario::{ClientCertificate, ClientKey, Pem, Protocol, Request, Reuse, Tls, Transport};
use crate::secret::{REFERENCES_MAX, Reference};
use crate::sha256;
use crate::template::{Template, TemplatePart};

/// The beginning of a PEM block that contains a certificate, and the end of the first line of a PEM block that contains
/// a key.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
const PRIVATE_KEY: &str = "PRIVATE KEY-----";

/// Reads the key `tls` of the scenario. If the client certificate is a column of a feed, the certificate is set in each
/// request that does not have its own client certificate.
pub(super) fn read<'r>(
    reading: &mut ScenarioReader<'_>,
    fields: &Fields<'_>,
    requests: impl Iterator<Item = &'r mut Request>,
) -> Option<Tls> {
    let Some(entry) = fields.get("tls") else {
        return Some(Tls::default());
    };
    let fields = entry.map(reading)?;
    let ca = match fields.get("ca") {
        Some(entry) => certificates(reading, "ca", entry.value).map(|(ca, name)| {
            pairs::check_authorities(reading, entry.value, &ca, &name);
            Some(ca)
        }),
        None => Some(None),
    };
    let mut client = client(reading, &fields)?;
    if client.as_ref().is_some_and(|client| client.feed().is_some()) {
        let client = client.take();
        reading.client_places.push(entry.written.range.clone());
        let without = |request: &&mut Request| request.client.is_none();
        for request in requests.filter(without) {
            request.client.clone_from(&client);
        }
    }
    Some(Tls { ca: ca?, client })
}

/// Reads the key `tls` of a request, a step or a flow; `Some(None)` if the key is absent.
pub(super) fn own(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Option<ClientCertificate>> {
    let Some(entry) = fields.get("tls") else {
        return fields.may_lack("tls").then_some(None);
    };
    let fields = entry.map(reading)?;
    reading.client_places.push(entry.written.range.clone());
    client(reading, &fields)
}

/// Reports the client certificate of a request if several users share the connections of the request.
pub(super) fn check_connections(
    reading: &mut ScenarioReader<'_>,
    transport: Option<Transport>,
    requests: &[Request],
) -> Option<()> {
    let transport = transport?;
    let is_shared = |request: &&Request| {
        let reuse = match request.is_step() {
            true => transport.flow_reuse,
            false => transport.reuse,
        };
        request.client.is_some() && (reuse != Reuse::User || transport.protocol != Protocol::Http1)
    };
    let Some(request) = requests.iter().find(is_shared) else {
        return Some(());
    };
    let Some(at) = reading.client_places.first().cloned() else {
        return Some(());
    };
    let message = format!(
        "the request `{}` has a client certificate of its own, and a connection that users share",
        request.name
    );
    reading.problem_at(at, message, "write `connections: user` and `protocol: http1`")
}

/// Reads a client certificate and its key; `Some(None)` if both are absent.
fn client(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<Option<ClientCertificate>> {
    let certificate = fields
        .get("cert")
        .map(|entry| (entry.value, client_certificates(reading, entry.value)));
    let key = fields.get("key").map(|entry| (entry.value, key(reading, entry.value)));
    match (certificate, key) {
        (None, None) => Some(None),
        (Some((certificate_node, certificate)), Some((key_node, key))) => {
            let nodes = PairNodes {
                certificate: certificate_node,
                key: key_node,
            };
            let (certificate, name) = certificate?;
            let client = ClientCertificate { certificate, key: key? };
            match client.key {
                ClientKey::Cells { feed, .. } if client.feed() != Some(feed) => {
                    let help = "take both from columns of one feed, or write `key: '{{ secret \"env:CLIENT_KEY\" }}'`";
                    reading.problem(fields.node, "`cert` and `key` are not of one feed", help)
                }
                _ => {
                    pairs::check(reading, nodes, &client, &name);
                    Some(Some(client))
                }
            }
        }
        (Some(_), None) => {
            let help = "write `key: '{{ secret \"env:CLIENT_KEY\" }}'`";
            reading.problem(fields.node, "a client certificate needs its `key`", help)
        }
        (None, Some(_)) => {
            let help = "write `cert: client.pem`";
            reading.problem(fields.node, "a client key needs its certificate, `cert`", help)
        }
    }
}

/// Reads the client certificate. The value is a column of a feed, or a value that [`certificates`] can read. In
/// problems, each certificate of a feed is named by its row.
fn client_certificates(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<(Pem, String)> {
    let text = reading.templated("cert", node)?;
    match only_cell(&reading.template(node, text)?) {
        Some((feed, column)) => {
            let blob = cells(reading, node, (feed, column))?;
            Some((Pem::Cells { feed, column, blob }, String::new()))
        }
        None => certificates(reading, "cert", node),
    }
}

/// Stores the certificates of a column as a feed with one column. Each cell of the given column is the path of a file,
/// or a text in PEM format.
fn cells(reading: &mut ScenarioReader<'_>, node: &Node, (feed, column): (u32, u32)) -> Option<String> {
    let sheet = reading.sheets[feed as usize].clone();
    let name = reading.feeds[feed as usize].name.clone();
    if !reading.feeds[feed as usize].parts.is_empty() {
        let message =
            format!("the feed `{name}` has certificates, and is so large that workers keep only a part of it");
        return reading.problem(
            node,
            message,
            "write the certificates into a feed of their own, or as names of files",
        );
    }
    if sheet.rows() as u64 > ClientCertificate::ROWS_MAX {
        let message = format!(
            "the feed `{name}` has more than {} certificates",
            ClientCertificate::ROWS_MAX
        );
        return reading.problem(
            node,
            message,
            "use fewer rows: each worker keeps all certificates in memory",
        );
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut whole = writer.write_record(["certificate"]).is_ok();
    for row in 0..sheet.rows() {
        let cell = sheet.cell(row, column as usize);
        let place = format!("row {} of the feed `{name}`", row + 1);
        let text = match cell.contains("-----BEGIN") {
            true => {
                if let Err(fault) = is_public(cell, &place) {
                    return reading.refused(node, &fault);
                }
                cell.to_owned()
            }
            false => {
                let blob = reading.public_file(node, cell, |content| {
                    is_public(&String::from_utf8_lossy(content), &format!("`{cell}` in {place}"))
                })?;
                String::from_utf8_lossy(&reading.blobs[&blob]).into_owned()
            }
        };
        whole &= writer.write_record([text]).is_ok();
    }
    let content = writer.into_inner().ok().filter(|_| whole)?;
    let blob = sha256::hex(&content);
    reading.blobs.insert(blob.clone(), content);
    Some(blob)
}

/// Reads certificates in PEM format from a file or a secret. Returns the certificates, and their name in problems.
fn certificates(reading: &mut ScenarioReader<'_>, what: &str, node: &Node) -> Option<(Pem, String)> {
    let text = reading.templated(what, node)?;
    let template = reading.template(node, text)?;
    if let Some(secret) = only_secret(&template) {
        let name = reading.secrets[secret as usize].to_string();
        return Some((Pem::Secret(secret), name));
    }
    let Some(path) = template.as_fixed().map(str::to_owned) else {
        let help = "write the path of a file, or `{{ secret \"ssm:/name\" }}` alone";
        return reading.problem(node, format!("`{what}` is neither a file nor a secret"), help);
    };
    // If a file contains a private key, the file must not be stored.
    let blob = reading.public_file(node, &path, |content| {
        is_public(&String::from_utf8_lossy(content), &format!("`{path}`"))
    })?;
    Some((Pem::Blob(blob), format!("`{path}`")))
}

/// Checks that a text contains a certificate and does not contain a private key. `what` is the name of the text in
/// errors.
fn is_public(text: &str, what: &str) -> Result<(), String> {
    if text.contains(PRIVATE_KEY) {
        return Err(format!(
            "{what} contains a private key, and this file is stored with the run; remove the key, and refer to it as \
             `key: '{{{{ secret \"env:CLIENT_KEY\" }}}}'`"
        ));
    }
    match text.contains(CERTIFICATE) {
        true => Ok(()),
        false => Err(format!(
            "{what} contains no certificate in PEM; use a file with a line `{CERTIFICATE}`"
        )),
    }
}

/// Reads the private key of a client certificate: a secret, or a column whose cells are references to secrets.
fn key(reading: &mut ScenarioReader<'_>, node: &Node) -> Option<ClientKey> {
    let text = reading.templated("key", node)?;
    let template = reading.template(node, text)?;
    if let Some(secret) = only_secret(&template) {
        return Some(ClientKey::Secret(secret));
    }
    let Some((feed, column)) = only_cell(&template) else {
        let help = "write `{{ secret \"env:CLIENT_KEY\" }}`, or another secret that workers can look up";
        return reading.problem(node, "a private key is never stored, so `key` must be a secret", help);
    };
    let sheet = reading.sheets[feed as usize].clone();
    for row in 0..sheet.rows() {
        // The error message must not contain a key.
        let Ok(reference) = Reference::parse(sheet.cell(row, column as usize)) else {
            let message = format!(
                "row {} of the feed `{}` has no reference of a secret in the column `{}`",
                row + 1,
                reading.feeds[feed as usize].name,
                sheet.columns()[column as usize]
            );
            let help = "a private key is never stored: write references such as `env:ANN_KEY` or `ssm:/keys/ann`";
            return reading.problem(node, message, help);
        };
        if !reading.secrets.contains(&reference) {
            if reading.secrets.len() >= REFERENCES_MAX {
                let message = format!(
                    "the keys of row {} and below exceed the {REFERENCES_MAX} secrets of a scenario",
                    row + 1
                );
                let help = "put the keys into one secret, and write `key: '{{ secret \"secretsmanager:shop/keys\" }}'`: \
                            each certificate takes its own key";
                return reading.problem(node, message, help);
            }
            reading.secrets.push(reference);
        }
    }
    Some(ClientKey::Cells { feed, column })
}

/// If the template consists of only one cell of a feed, returns the feed and the column of the cell; otherwise `None`.
fn only_cell(template: &Template) -> Option<(u32, u32)> {
    match template.0.as_slice() {
        [
            TemplatePart::Feed {
                feed,
                column,
                form: Form::AsIs | Form::Raw,
            },
        ] => Some((*feed, *column)),
        _ => None,
    }
}

/// If the template consists of only one secret, returns the number of the secret; otherwise `None`.
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
