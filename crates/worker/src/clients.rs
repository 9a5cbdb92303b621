//! The client certificates of requests. The worker reads and checks them before the start. Each row of a feed can
//! contain one certificate.

use crate::certificates::{Keys, pair};
use crate::feed_sheet::FeedSheet;
use crate::secrets::Secret;
use plan::plan::Plan;
use plan::scenario::{ClientCertificate, ClientKey, Pem};
use plan::scenario_file::csv::Sheet;
use plan::secret::Reference;
use rustls::sign::CertifiedKey;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The client certificates of the requests that do not use the client certificate of the plan.
#[derive(Default)]
pub struct ClientCertificates {
    /// The client certificate of each set, as the plan describes the certificate.
    planned: Vec<ClientCertificate>,
    sets: Vec<Set>,
}

/// The certificates of one `tls` key of the scenario.
struct Set {
    /// The feed whose rows have one certificate each. Without a feed, the set has only one certificate.
    feed: Option<usize>,
    rows: Vec<Arc<CertifiedKey>>,
}

/// The position of a client certificate: the number of its set, and its row in this set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    set: u32,
    row: u32,
}

impl std::fmt::Debug for ClientCertificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientCertificates({} sets)", self.sets.len())
    }
}

impl ClientCertificates {
    /// Reads the certificates and keys of a plan.
    ///
    /// # Errors
    /// Returns a sentence that names the row and the file, if a certificate or key is invalid, or if they do not match.
    pub(crate) fn read(
        plan: &Plan,
        bodies: &BTreeMap<String, bytes::Bytes>,
        feeds: &[FeedSheet],
        secrets: &[Secret],
    ) -> Result<ClientCertificates, String> {
        let mut read = ClientCertificates::default();
        let reading = Reading {
            plan,
            bodies,
            feeds,
            secrets,
        };
        for request in &plan.requests {
            let Some(client) = &request.client else { continue };
            if !read.planned.contains(client) {
                read.sets.push(reading.set(client, &request.name)?);
                read.planned.push(client.clone());
            }
        }
        Ok(read)
    }

    /// Returns the number of the set that belongs to the client certificate of a request.
    pub(crate) fn set_of(&self, client: &ClientCertificate) -> Option<u32> {
        let set = self.planned.iter().position(|planned| planned == client)?;
        Some(set as u32)
    }

    /// Returns the position of the certificate that an arrival uses in a set. `row` returns the row of a feed that the
    /// arrival uses.
    pub(crate) fn identity(&self, set: u32, row: impl Fn(usize) -> u64) -> Identity {
        let row = self.sets[set as usize].feed.map_or(0, row) as u32;
        Identity { set, row }
    }

    /// Returns a client certificate with the private key of the certificate.
    pub(crate) fn key(&self, identity: Identity) -> Option<Arc<CertifiedKey>> {
        let set = self.sets.get(identity.set as usize)?;
        set.rows.get(identity.row as usize).cloned()
    }
}

struct Reading<'a> {
    plan: &'a Plan,
    bodies: &'a BTreeMap<String, bytes::Bytes>,
    feeds: &'a [FeedSheet],
    secrets: &'a [Secret],
}

impl Reading<'_> {
    fn set(&self, client: &ClientCertificate, request: &str) -> Result<Set, String> {
        // One secret contains the keys of all rows.
        let shared = match client.key {
            ClientKey::Secret(secret) => {
                let reference = self.plan.secrets.get(secret as usize);
                let reference = reference.map(Reference::to_string).unwrap_or_default();
                Some(keys(&reference, self.secret(secret))?)
            }
            ClientKey::Cells { .. } => None,
        };
        let only = |text: &[u8]| {
            let what = format!("the certificate of `{request}`");
            let keys = shared.as_ref().ok_or_else(|| format!("{what} has no key"))?;
            Ok::<_, String>(vec![paired(text, keys, &what)?])
        };
        let rows = match &client.certificate {
            Pem::Blob(blob) => only(self.body(blob))?,
            Pem::Secret(secret) => only(self.secret(*secret).as_bytes())?,
            Pem::Cells { feed, column, blob } => {
                let comma = plan::delimiter::Delimiter::try_from(',').ok();
                let texts =
                    Sheet::read(self.body(blob), comma).map_err(|problem| format!("certificates: {problem}"))?;
                let name = &self.plan.feeds[*feed as usize].name;
                let FeedSheet::Whole(sheet) = &self.feeds[*feed as usize] else {
                    return Err(format!(
                        "the feed {name} has certificates, and only a part of it is kept"
                    ));
                };
                if texts.rows() != sheet.rows() {
                    return Err(format!(
                        "the feed {name} has {} rows and {} certificates",
                        sheet.rows(),
                        texts.rows()
                    ));
                }
                let of = |row_number: usize| {
                    let what =
                        ClientCertificate::name_in_row(name, row_number, sheet.cell(row_number, *column as usize));
                    let text = texts.cell(row_number, 0).as_bytes();
                    match (&shared, client.key) {
                        (Some(keys), _) => paired(text, keys, &what),
                        (None, ClientKey::Cells { column, .. }) => {
                            let reference = sheet.cell(row_number, column as usize);
                            let known = self
                                .plan
                                .secrets
                                .iter()
                                .position(|known| known.to_string() == reference);
                            let secret = known.map_or("", |secret| self.secret(secret as u32));
                            paired(text, &keys(reference, secret)?, &what)
                        }
                        (None, ClientKey::Secret(_)) => Err(format!("{what} has no key")),
                    }
                };
                (0..sheet.rows()).map(of).collect::<Result<_, _>>()?
            }
        };
        Ok(Set {
            feed: client.feed().map(|feed| feed as usize),
            rows,
        })
    }

    fn secret(&self, number: u32) -> &str {
        self.secrets.get(number as usize).map_or("", Secret::value)
    }

    fn body(&self, blob: &str) -> &[u8] {
        self.bodies.get(blob).map_or(&[], |bytes| bytes)
    }
}

fn keys(reference: &str, secret: &str) -> Result<Keys, String> {
    Keys::read(reference, secret).map_err(|fault| format!("{reference} {fault}"))
}

/// Reads a certificate with its chain, and finds the key of the certificate. Errors call the certificate `what`.
fn paired(text: &[u8], keys: &Keys, what: &str) -> Result<Arc<CertifiedKey>, String> {
    pair(text, keys).map_err(|fault| format!("{what} {fault}"))
}
