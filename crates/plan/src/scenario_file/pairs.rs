//! Checks that the certificates of a scenario are usable, and that each client certificate matches its key.

use super::csv::Sheet;
use super::document::Node;
use super::pem::{PemCheck, PemText};
use super::reading::ScenarioReader;
use crate::delimiter::Delimiter;
use crate::scenario::{ClientCertificate, ClientKey, Pem};
use crate::secret::Reference;
use std::collections::BTreeSet;

/// The YAML nodes that are the values of `cert` and `key`.
#[derive(Clone, Copy)]
pub(super) struct PairNodes<'n> {
    pub certificate: &'n Node,
    pub key: &'n Node,
}

/// Reports certificates of trusted authorities that cannot be used. `name` is the name of these certificates in
/// problems.
pub(super) fn check_authorities(reading: &mut ScenarioReader<'_>, node: &Node, ca: &Pem, name: &str) {
    let Some(text) = only_text(reading, ca) else { return };
    if let Err(fault) = reading.check_pem(&PemCheck::Authorities(text)) {
        let (message, help) = about(name, &fault);
        reading.problem::<()>(node, message, help);
    }
}

/// Reports certificates and keys that cannot be used, and each certificate that does not match its key. In problems, a
/// certificate that is not from a feed is called `name`.
pub(super) fn check(reading: &mut ScenarioReader<'_>, nodes: PairNodes<'_>, client: &ClientCertificate, name: &str) {
    for (at, (message, help)) in faults(reading, client, name) {
        let node = match at {
            Half::Certificate => nodes.certificate,
            Half::Key => nodes.key,
        };
        reading.problem::<()>(node, message, help);
    }
}

/// One half of a pair: the certificate, or its key. A problem is reported at the position of this half in the scenario.
enum Half {
    Certificate,
    Key,
}

/// Splits a fault of the form `problem; hint` into a message and a hint. The message is a sentence that consists of
/// `subject` and the problem.
fn about(subject: &str, fault: &str) -> (String, String) {
    let (problem, hint) = fault.split_once("; ").unwrap_or((fault, ""));
    (format!("{subject} {problem}"), hint.to_owned())
}

fn faults(reading: &ScenarioReader<'_>, client: &ClientCertificate, name: &str) -> Vec<(Half, (String, String))> {
    let mut found = Vec::new();
    // Several rows may refer to the same secret. A fault of this secret is reported only once.
    let mut checked = BTreeSet::new();
    let mut check = |row: &str, name: &str, text: PemText<'_>, key: &Reference| {
        let mut ask = |asked: PemCheck<'_>, subject: &str, at: Half| {
            if let Err(fault) = reading.check_pem(&asked) {
                found.push((at, about(subject, &fault)));
            }
        };
        ask(PemCheck::Client(text), name, Half::Certificate);
        if checked.insert(key.to_string()) {
            ask(PemCheck::Key(key), &format!("{row}{key}"), Half::Key);
        }
        ask(PemCheck::Pair(text, key), name, Half::Key);
    };
    let secret = |number: u32| &reading.secrets[number as usize];
    match (&client.certificate, client.key) {
        (Pem::Cells { feed, column, blob }, key) => {
            let comma = Delimiter::try_from(',').ok();
            let Ok(texts) = Sheet::read(&reading.blobs[blob], comma) else {
                return found;
            };
            let (sheet, feed) = (&reading.sheets[*feed as usize], &reading.feeds[*feed as usize].name);
            for row in 0..sheet.rows() {
                let text = PemText::Text(texts.cell(row, 0).as_bytes());
                let name = ClientCertificate::name_in_row(feed, row, sheet.cell(row, *column as usize));
                match key {
                    ClientKey::Secret(number) => check("", &name, text, secret(number)),
                    ClientKey::Cells { column, .. } => {
                        // A cell that does not contain a reference is not reported here, because the reader of keys
                        // reports this cell.
                        if let Ok(reference) = Reference::parse(sheet.cell(row, column as usize)) {
                            let row = format!("row {} of the feed `{feed}`: ", row + 1);
                            check(&row, &name, text, &reference);
                        }
                    }
                }
            }
        }
        (certificate, ClientKey::Secret(number)) => {
            if let Some(text) = only_text(reading, certificate) {
                check("", name, text, secret(number));
            }
        }
        (Pem::Blob(_) | Pem::Secret(_), ClientKey::Cells { .. }) => {}
    }
    found
}

/// Returns the text of certificates that are not from a feed; `None` if the certificates are from a feed.
fn only_text<'r>(reading: &'r ScenarioReader<'_>, pem: &Pem) -> Option<PemText<'r>> {
    match pem {
        Pem::Blob(blob) => Some(PemText::Text(&reading.blobs[blob])),
        Pem::Secret(number) => Some(PemText::Secret(&reading.secrets[*number as usize])),
        Pem::Cells { .. } => None,
    }
}
