//! The settings of the pods of a run, which are computed from the options and the scenario.

use crate::fleet::{FailureKind, FleetError};
use crate::options::pods::{PodValue, PodVariable};
use crate::options::{KubernetesOptions, Owner};
use worker::secrets::Variables;

/// The default number of processors of a pod.
const CPU: u32 = 1;
/// The default memory of a pod. A worker with a large feed needs more memory.
const MEMORY: &str = "1Gi";

/// The settings of all pods of a run.
#[derive(Clone, Debug)]
pub(super) struct PodSettings {
    pub(super) image: String,
    pub(super) service_account: Option<String>,
    pub(super) cpu: u32,
    pub(super) memory: String,
    pub(super) node_selector: Vec<(String, String)>,
    /// The queue of Kueue in which the Job waits; `None` if the Job begins at once.
    pub(super) queue: Option<String>,
    pub(super) env: Vec<PodVariable>,
    /// The claim of the volume that is mounted at the path of the store; `None` if the store is not a folder.
    pub(super) store_claim: Option<String>,
    /// The object that owns the Job.
    pub(super) owner: Option<Owner>,
    /// The environment variables with secrets that the run may send.
    pub(super) secrets: Variables,
}

fn refused(problem: impl std::fmt::Display, hint: impl std::fmt::Display) -> FleetError {
    FleetError::new(FailureKind::Refused, problem).hint(hint)
}

impl PodSettings {
    /// Returns the settings of the pods for a run that may send the secrets in these environment variables.
    ///
    /// # Errors
    /// Fails if the image is missing, or if its text is not the name of an image. Also fails if the options do not set
    /// a variable that the run sends.
    pub(super) fn new(options: &KubernetesOptions, secrets: &Variables) -> Result<PodSettings, FleetError> {
        let image = options.image.as_deref().ok_or_else(|| {
            refused(
                "no image for the pods is given",
                "push an image made with infra/image to a registry, and name it with --image or VAJRA_IMAGE",
            )
        })?;
        check_image(image).map_err(|problem| {
            refused(
                format!("--image {image}: {problem}"),
                "write it as registry.example.com/team/vajra-cloud:1.2.3",
            )
        })?;
        for name in secrets.names() {
            let variable = options.pod_env.iter().find(|variable| variable.name == name);
            let hint = format!("add --pod-env {name}=secret:SECRET/KEY, for a Secret of the namespace");
            match variable.map(|variable| &variable.value) {
                Some(PodValue::Secret { .. }) => {}
                Some(PodValue::Text(_)) => {
                    let problem = format!("--pod-env {name}: the Job would contain the value of the secret env:{name}");
                    return Err(refused(problem, hint));
                }
                None => {
                    let problem = format!("the scenario uses env:{name}, which the pods do not have");
                    return Err(refused(problem, hint));
                }
            }
        }
        Ok(PodSettings {
            image: image.to_owned(),
            service_account: options.service_account.clone(),
            cpu: options.cpu.map_or(CPU, u32::from),
            memory: options.memory.clone().unwrap_or_else(|| MEMORY.to_owned()),
            node_selector: options.node_selector.clone(),
            queue: options.queue.clone(),
            env: options.pod_env.clone(),
            store_claim: options.store_claim.clone(),
            owner: options.owner.clone(),
            secrets: secrets.clone(),
        })
    }
}

/// Checks the form of a reference to an image.
///
/// ```text
/// image  = [ host [ ":" port ] "/" ] part { "/" part } [ ":" tag ] [ "@sha256:" digest ]
/// part   = lower-case letters, digits, "-", "_" and "."
/// tag    = letters, digits, "-", "_" and ".", at most 128
/// digest = 64 hexadecimal digits
/// ```
fn check_image(image: &str) -> Result<(), String> {
    let (named, digest) = match image.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (image, None),
    };
    if let Some(digest) = digest {
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("`{digest}` is not a digest"));
        }
    }
    let last = named.rfind('/').map_or(0, |slash| slash + 1);
    let (path, tag) = match named[last..].split_once(':') {
        Some((name, tag)) => (format!("{}{name}", &named[..last]), Some(tag)),
        None => (named.to_owned(), None),
    };
    let in_tag = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if tag.is_some_and(|tag| tag.is_empty() || tag.len() > 128 || !tag.chars().all(in_tag)) {
        return Err("its tag is not valid".to_owned());
    }
    let parts: Vec<&str> = path.split('/').collect();
    let (host, parts) = match parts.split_first() {
        Some((host, rest)) if !rest.is_empty() && (host.contains(['.', ':']) || *host == "localhost") => {
            (Some(*host), rest)
        }
        _ => (None, &parts[..]),
    };
    let in_host = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    if host.is_some_and(|host| !host.chars().all(in_host)) {
        return Err("its registry is not valid".to_owned());
    }
    let in_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
    match parts.iter().all(|part| !part.is_empty() && part.chars().all(in_part)) {
        true => Ok(()),
        false => Err("it is not the name of an image".to_owned()),
    }
}

/// Returns whether a reference always names the same image. Only a reference with a digest, or with a tag other than
/// `latest`, always names the same image.
pub(super) fn is_pinned(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    image.contains('@') || name.split_once(':').is_some_and(|(_, tag)| tag != "latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_an_image_is_checked() {
        let digest = format!("vajra-cloud@sha256:{}", "a".repeat(64));
        for right in [
            "vajra-cloud",
            "vajra-cloud:1.2.3",
            "team/vajra-cloud:v1_a",
            "registry.example.com:5000/team/vajra-cloud:1",
            "localhost/vajra-cloud",
            &digest,
        ] {
            assert_eq!(check_image(right), Ok(()), "{right}");
        }
        for wrong in [
            "",
            "Vajra",
            "a b",
            "vajra-cloud:",
            "a//b",
            "vajra-cloud@sha256:12",
            "https://a.example/b",
        ] {
            assert!(check_image(wrong).is_err(), "{wrong}");
        }
        assert!(is_pinned(&digest) && is_pinned("a.example:5000/b:1"));
        assert!(!is_pinned("a.example:5000/b") && !is_pinned("b:latest"));
    }

    #[test]
    fn a_variable_that_the_run_sends_must_come_from_a_secret() {
        let secrets = Variables::named(["SHOP_TOKEN"]).unwrap();
        let with = |env: &[&str]| {
            let options = KubernetesOptions {
                image: Some("vajra-cloud:1".to_owned()),
                pod_env: env.iter().map(|text| PodVariable::parse(text).unwrap()).collect(),
                ..KubernetesOptions::default()
            };
            PodSettings::new(&options, &secrets).map(drop)
        };
        assert_eq!(with(&["SHOP_TOKEN=secret:shop/token"]), Ok(()));
        let error = with(&["OTHER=1"]).unwrap_err();
        assert!(error.problem.contains("which the pods do not have"), "{error}");
        let error = with(&["SHOP_TOKEN=s3cret"]).unwrap_err();
        assert!(!error.problem.contains("s3cret"), "{error}");
        assert!(error.hint.unwrap().contains("SHOP_TOKEN=secret:"));
    }

    #[test]
    fn a_missing_image_is_named_with_the_option() {
        let error = PodSettings::new(&KubernetesOptions::default(), &Variables::default()).unwrap_err();
        assert!(error.hint.unwrap().contains("--image or VAJRA_IMAGE"));
    }
}
