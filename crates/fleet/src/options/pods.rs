//! Parses the values of command-line options that become fields of a pod.

/// An environment variable of the pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodVariable {
    pub name: String,
    pub value: PodValue,
}

/// The value of an environment variable of the pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodValue {
    Text(String),
    /// The value that the pods read from a key of a Secret in their namespace.
    Secret {
        secret: String,
        key: String,
    },
}

/// The environment variables that the fleet sets in every pod: the allowed targets, the name of the pod, and the index
/// of the pod.
const RESERVED: [&str; 3] = ["VAJRA_ALLOW", "POD_NAME", "JOB_COMPLETION_INDEX"];

impl PodVariable {
    /// Parses `NAME=VALUE` or `NAME=secret:SECRET/KEY`.
    ///
    /// # Errors
    /// Returns text about the problem or the correct form.
    pub fn parse(text: &str) -> Result<PodVariable, String> {
        const FORM: &str = "write NAME=secret:SECRET/KEY or NAME=VALUE";
        let (name, value) = text.split_once('=').ok_or(FORM)?;
        let first = |c: char| c.is_ascii_alphabetic() || c == '_';
        let later = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.starts_with(first) || !name.chars().all(later) {
            return Err(format!("`{name}` is not the name of an environment variable"));
        }
        if RESERVED.contains(&name) {
            return Err(format!("the Job itself sets `{name}`"));
        }
        let value = match value.strip_prefix("secret:") {
            None => PodValue::Text(value.to_owned()),
            Some(of_secret) => match of_secret.split_once('/') {
                Some((secret, key)) if is_object_name(secret) && is_data_key(key) => PodValue::Secret {
                    secret: secret.to_owned(),
                    key: key.to_owned(),
                },
                _ => return Err(FORM.to_owned()),
            },
        };
        Ok(PodVariable {
            name: name.to_owned(),
            value,
        })
    }
}

/// Parses the memory of a pod: a whole number of bytes, with a unit.
///
/// # Errors
/// Returns text about the correct form.
pub fn memory(text: &str) -> Result<String, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_number = digits.parse::<u64>().is_ok_and(|number| number > 0);
    match is_number && ["Mi", "Gi", "M", "G"].contains(&&text[digits.len()..]) {
        true => Ok(text.to_owned()),
        false => Err("write a whole number with a unit: 512Mi or 2Gi".to_owned()),
    }
}

/// Parses a label of nodes: `KEY=VALUE`.
///
/// # Errors
/// Returns text about the correct form.
pub fn node_label(text: &str) -> Result<(String, String), String> {
    const FORM: &str = "write KEY=VALUE, such as kubernetes.io/arch=amd64";
    let (key, value) = text.split_once('=').ok_or(FORM)?;
    let name = match key.split_once('/') {
        Some((prefix, name)) if is_object_name(prefix) => name,
        Some(_) => return Err(FORM.to_owned()),
        None => key,
    };
    match is_label_value(name) && !name.is_empty() && is_label_value(value) {
        true => Ok((key.to_owned(), value.to_owned())),
        false => Err(FORM.to_owned()),
    }
}

/// Parses the name of an object of the cluster.
///
/// # Errors
/// Returns text about the correct form.
pub fn object_name(text: &str) -> Result<String, String> {
    match is_object_name(text) {
        true => Ok(text.to_owned()),
        false => Err("write lower-case letters, digits, `-` and `.`, with a letter or a digit at both ends".to_owned()),
    }
}

/// The maximum lengths of the name of an object, and of the value of a label.
const OBJECT_NAME_CHARS_MAX: usize = 253;
const LABEL_VALUE_CHARS_MAX: usize = 63;

fn is_object_name(text: &str) -> bool {
    let part = |part: &str| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !part.is_empty() && part.chars().all(fits) && !part.starts_with('-') && !part.ends_with('-')
    };
    text.len() <= OBJECT_NAME_CHARS_MAX && text.split('.').all(part)
}

fn is_label_value(text: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let bounded = text.len() <= LABEL_VALUE_CHARS_MAX && text.chars().all(fits);
    text.is_empty() || (bounded && text.starts_with(ends) && text.ends_with(ends))
}

fn is_data_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    !text.is_empty() && text.len() <= OBJECT_NAME_CHARS_MAX && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_variable_is_a_value_or_a_key_of_a_secret() {
        let read = |text| PodVariable::parse(text).map(|variable| (variable.name, variable.value));
        let secret = PodValue::Secret {
            secret: "shop".to_owned(),
            key: "api.token".to_owned(),
        };
        assert_eq!(read("TOKEN=secret:shop/api.token"), Ok(("TOKEN".to_owned(), secret)));
        let text = PodValue::Text("a=b".to_owned());
        assert_eq!(read("X=a=b"), Ok(("X".to_owned(), text)));
        for wrong in [
            "TOKEN",
            "=x",
            "1X=x",
            "A-B=x",
            "T=secret:shop",
            "T=secret:Shop/k",
            "T=secret:shop/",
            "VAJRA_ALLOW=x",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn memory_is_a_whole_number_with_a_unit() {
        for right in ["512Mi", "2Gi", "1G", "100M"] {
            assert_eq!(memory(right).as_deref(), Ok(right));
        }
        for wrong in ["", "Mi", "0Mi", "1.5Gi", "1024", "-1Gi", "1Ti", "1gi"] {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_and_labels_follow_the_rules_of_the_cluster() {
        assert!(node_label("kubernetes.io/arch=amd64").is_ok());
        assert!(node_label("pool=").is_ok());
        for wrong in ["pool", "=x", "A_/x=y", "pool=-x", "a/b/c=d"] {
            assert!(node_label(wrong).is_err(), "{wrong}");
        }
        assert!(object_name("load-1.team").is_ok());
        for wrong in ["", "Load", "-a", "a-", "a..b", "a_b"] {
            assert!(object_name(wrong).is_err(), "{wrong}");
        }
    }
}
