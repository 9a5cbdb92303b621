//! A request of the plan, filled in for one arrival.

use crate::supplies::Supplies;
use bytes::Bytes;
use plan::draw;
use plan::plan::Plan;
use plan::scenario::Body;
use plan::template::{Form, Part, Template, percent_encoded};
use std::fmt::Write;
use std::sync::Arc;

/// Fills in the placeholders of a plan's requests.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    plan: Arc<Plan>,
    supplies: Arc<Supplies>,
    mix: plan::mix::Mix,
}

/// A request with nothing left to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Writer {
    pub(crate) fn new(plan: Arc<Plan>, supplies: Supplies) -> Writer {
        let mix = plan.mix();
        Writer {
            plan,
            supplies: Arc::new(supplies),
            mix,
        }
    }

    /// URLs of every host that is known before the start: the targets, and what requests that
    /// name a host themselves do not vary.
    pub(crate) fn fixed_urls(&self) -> Vec<String> {
        let own = self.plan.requests.iter().filter_map(|request| {
            let [Part::Text(text), rest @ ..] = request.url.0.as_slice() else {
                return None;
            };
            let host = match text.find("://") {
                Some(scheme) if !text.starts_with('/') => scheme + "://".len(),
                _ => return None,
            };
            match text[host..].find(['/', '?']) {
                Some(end) => Some(text[..host + end].to_owned()),
                None => rest.is_empty().then(|| text.clone()),
            }
        });
        self.plan.targets.iter().cloned().chain(own).collect()
    }

    /// Request number `request` of the plan as arrival `k` sends it.
    pub(crate) fn fill(&self, k: u64, request: usize) -> Filled {
        let request = &self.plan.requests[request];
        let mut url = self.text(&request.url, k);
        if url.starts_with('/') {
            url.insert_str(0, &self.plan.targets[self.mix.target(k)]);
        }
        let headers = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), self.text(value, k)))
            .collect();
        let body = match &request.body {
            Body::Empty => Bytes::new(),
            Body::Inline(template) => self.text(template, k).into(),
            Body::Blob(sha256) => self.supplies.bodies.get(sha256).cloned().unwrap_or_default(),
        };
        Filled { url, headers, body }
    }

    fn text(&self, template: &Template, k: u64) -> String {
        let mut out = String::new();
        let seed = self.plan.seed;
        for part in &template.0 {
            // Writing to a string cannot fail.
            let _ = match part {
                Part::Text(text) => out.write_str(text),
                Part::Arrival => write!(out, "{k}"),
                Part::Uuid { slot } => out.write_str(&uuid(draw::bits(seed, k, *slot), draw::bits(!seed, k, *slot))),
                Part::Random { slot, min, max } => {
                    let span = max.abs_diff(*min);
                    let bits = draw::bits(seed, k, *slot);
                    let step = if span == u64::MAX {
                        bits
                    } else {
                        draw::below(bits, span + 1)
                    };
                    write!(out, "{}", min.wrapping_add_unsigned(step))
                }
                Part::Feed { feed, column, form } => {
                    let cell = self.cell(*feed as usize, *column as usize, k);
                    match form {
                        Form::AsIs => out.write_str(cell),
                        Form::Percent => out.write_str(&percent_encoded(cell)),
                    }
                }
            };
        }
        out
    }

    /// The row of a feed that arrival `k` takes: its number modulo the rows.
    fn cell(&self, feed: usize, column: usize, k: u64) -> &str {
        let sheet = &self.supplies.feeds[feed];
        sheet.cell((k % sheet.rows() as u64) as usize, column)
    }
}

/// A version 4 UUID (RFC 9562) from 128 random bits.
fn uuid(high: u64, low: u64) -> String {
    let high = (high & !0xf000) | 0x4000;
    let low = (low & !(0b11 << 62)) | (0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_of_version_4() {
        assert_eq!(uuid(0, 0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u64::MAX, u64::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
