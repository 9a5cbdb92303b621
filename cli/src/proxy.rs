//! The caution about a proxy that the environment names. The load does not use a proxy.

/// The environment variables with which other HTTP clients select a proxy.
const VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Returns a caution if the environment names a proxy; `None` otherwise. The caution does not contain the URL of the
/// proxy, because the URL may contain a password.
pub(crate) fn caution(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    let is_set = |name: &&str| environment(name).is_some_and(|value| !value.is_empty());
    let set: Vec<&str> = VARIABLES.into_iter().filter(|name| is_set(name)).collect();
    (!set.is_empty()).then(|| {
        let verb = if set.len() == 1 { "is" } else { "are" };
        format!(
            "{} {verb} set, and the load does not use a proxy: requests go straight to the target",
            set.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caution_names_the_variables_without_their_values() {
        let caution = |set: &[(&str, &str)]| {
            caution(|name| {
                let found = set.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(caution(&[]), None);
        assert_eq!(caution(&[("HTTP_PROXY", ""), ("NO_PROXY", "*")]), None);
        let one = caution(&[("https_proxy", "http://me:secret@proxy:1")]).unwrap();
        assert!(
            one.starts_with("https_proxy is set") && !one.contains("secret"),
            "{one}"
        );
        let two = caution(&[("ALL_PROXY", "x"), ("HTTP_PROXY", "y")]).unwrap();
        assert!(two.starts_with("HTTP_PROXY, ALL_PROXY are set"), "{two}");
    }
}
