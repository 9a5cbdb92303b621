//! Reads the settings for signing requests with AWS Signature Version 4.

use super::document::Node;
use super::fields::{Fields, KeyValue};
use super::reading::ScenarioReader;
use super::tls::only_secret;
use crate::authority::Authority;
use crate::rules;
use crate::scenario::{Signature, SigningKeys, Target};
use crate::template::{Template, TemplatePart};

/// Reads an authentication that signs requests.
pub(super) fn read(reading: &mut ScenarioReader<'_>, entry: &KeyValue<'_>) -> Option<Signature> {
    let fields = entry.map(reading)?;
    let service = word(reading, &fields, "service");
    let region = match fields.may_lack("region") {
        false => word(reading, &fields, "region"),
        true => match reading.region.clone() {
            Some(region) => Some(region),
            None => {
                let help = "write the region of the service, such as `region: eu-central-1`";
                reading.problem(
                    fields.node,
                    "`sigv4` needs `region`: the target's host does not name one",
                    help,
                )
            }
        },
    };
    let key = secret(reading, &fields, "key");
    let secret_key = secret(reading, &fields, "secret");
    let token = secret(reading, &fields, "token");
    let keys = match (key?, secret_key?, token?) {
        (None, None, None) => None,
        (Some(key), Some(secret), token) => Some(SigningKeys { key, secret, token }),
        _ => {
            let help = "write both, or neither for the credentials of the worker's environment";
            return reading.problem(fields.node, "`key` and `secret` belong together", help);
        }
    };
    Some(Signature {
        service: service?,
        region: region?,
        keys,
    })
}

fn word(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, key: &str) -> Option<String> {
    let node = fields.get(key)?.value;
    let text = reading.text(key, node)?;
    if rules::is_signing_scope(text) {
        return Some(text.to_owned());
    }
    let help = "use lower-case letters, digits and `-`";
    reading.problem(node, format!("`{text}` is not a {key} of AWS"), help)
}

/// Returns the number of the secret that is the value of a key; `Some(None)` if the key is absent.
fn secret(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>, key: &str) -> Option<Option<u32>> {
    let Some(entry) = fields.get(key) else {
        return fields.may_lack(key).then_some(None);
    };
    let node: &Node = entry.value;
    let text = reading.templated(key, node)?;
    let template = reading.template(node, text)?;
    match only_secret(&template) {
        Some(secret) => Some(Some(secret)),
        None => {
            let help = "write one secret alone, such as `'{{ secret \"env:SHOP_KEY\" }}'`";
            reading.problem(node, format!("`{key}` must be a secret: keys are never stored"), help)
        }
    }
}

/// Returns the region in the host names of the targets. An example of such a host name is
/// `ID.execute-api.eu-central-1.amazonaws.com`. Returns `None` unless all targets have the same region.
pub(super) fn region_of(targets: &[Target]) -> Option<String> {
    let mut regions = targets.iter().map(|target| match target {
        Target::Url(url) => region_in(&Authority::read(url).ok()?.0.host),
        Target::Builtin(_) => None,
    });
    let first = regions.next()??;
    regions.all(|region| region.as_ref() == Some(&first)).then_some(first)
}

fn region_in(host: &str) -> Option<String> {
    let ends = [".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".aoss.amazonaws.com"];
    let labels = ends.iter().filter_map(|end| host.strip_suffix(end));
    let mut regions = labels.filter_map(|before| before.rsplit('.').next());
    // The name of a region ends in a number: `eu-central-1`, `us-gov-west-1`. The host name of a global service
    // contains no region: `iam.amazonaws.com`.
    let is_region = |label: &&str| {
        let (words, number) = label.rsplit_once('-').unwrap_or_default();
        words.contains('-') && number.parse::<u8>().is_ok() && rules::is_signing_scope(label)
    };
    regions.find(is_region).map(str::to_owned)
}

/// Reports a header that cannot be signed. `at` is the position at which the headers are written.
pub(super) fn check_headers(reading: &mut ScenarioReader<'_>, at: &Node, headers: &[(String, Template)]) -> Option<()> {
    let is_unfit = |part: &TemplatePart| matches!(part, TemplatePart::Text(text) if !text.is_ascii());
    let unfit = headers.iter().find(|(_, value)| value.0.iter().any(is_unfit));
    let Some((name, _)) = unfit else { return Some(()) };
    let help = "use ASCII characters, or write `auth: none`";
    reading.problem(
        at,
        format!("the header `{name}` cannot be signed: it is not in ASCII"),
        help,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_read_from_the_hosts_of_aws() {
        for (host, region) in [
            ("a1.execute-api.eu-central-1.amazonaws.com", Some("eu-central-1")),
            ("s3.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("x.lambda-url.us-east-1.on.aws", Some("us-east-1")),
            ("s3.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("y.us-east-1.aoss.amazonaws.com", Some("us-east-1")),
            ("iam.amazonaws.com", None),
            ("api.shop.example", None),
        ] {
            assert_eq!(region_in(host).as_deref(), region, "{host}");
        }
        let urls = |hosts: &[&str]| -> Vec<Target> {
            hosts
                .iter()
                .map(|host| Target::Url(format!("https://{host}/base")))
                .collect()
        };
        let one = "s3.eu-west-1.amazonaws.com";
        assert_eq!(region_of(&urls(&[one, one])).as_deref(), Some("eu-west-1"));
        assert_eq!(region_of(&urls(&[one, "s3.eu-west-2.amazonaws.com"])), None);
        assert_eq!(region_of(&urls(&[one, "shop.example"])), None);
    }
}
