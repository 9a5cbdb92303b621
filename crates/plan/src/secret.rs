//! References to secrets. The value of a secret must not appear in any plan, log or report.
//!
//! ```text
//! reference = source ":" name [ "#" key ]
//! source    = "ssm" | "secretsmanager" | "env"
//! ```
//! A reference without a key means the whole secret. A reference with a key means the field `key` of a secret that is a
//! JSON object.

use std::fmt;
use std::str::FromStr;

/// A reference to a secret: the source and the name of the secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub keeper: Keeper,
    pub name: String,
    /// The field of the JSON object in the secret; `None` if the reference means the whole secret.
    pub key: Option<String>,
}

/// The source from which a worker reads a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeper {
    /// The Parameter Store of AWS Systems Manager.
    Ssm,
    /// AWS Secrets Manager.
    SecretsManager,
    /// The environment of the worker.
    Env,
}

impl Keeper {
    const ALL: [Keeper; 3] = [Keeper::Ssm, Keeper::SecretsManager, Keeper::Env];

    /// Returns the prefix of references to secrets of this source, without the colon.
    pub fn word(self) -> &'static str {
        match self {
            Keeper::Ssm => "ssm",
            Keeper::SecretsManager => "secretsmanager",
            Keeper::Env => "env",
        }
    }

    /// Returns an example of a reference to a secret of this source.
    fn example(self) -> &'static str {
        match self {
            Keeper::Ssm => "ssm:/shop/token",
            Keeper::SecretsManager => "secretsmanager:shop/token",
            Keeper::Env => "env:SHOP_TOKEN",
        }
    }

    /// Returns whether a secret of this source can have this name.
    fn may_name(self, name: &str) -> bool {
        let made_of = |marks: &[u8]| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
            !name.is_empty() && name.bytes().all(fits)
        };
        match self {
            // The path of a parameter may end in a version. Parameter Store and Secrets Manager also accept a whole ARN
            // as the name.
            Keeper::Ssm => made_of(b"_.-/:"),
            Keeper::SecretsManager => made_of(b"_.-/:+=@"),
            Keeper::Env => made_of(b"_") && !name.starts_with(|c: char| c.is_ascii_digit()),
        }
    }
}

/// The maximum number of secrets of a scenario. The limit exists because each worker looks up all secrets.
pub const REFERENCES_MAX: usize = 100;

/// The words that mark a variable as a credential. The name of a variable consists of words with `_` between them, as
/// in `SHOP_TOKEN`.
const CREDENTIAL_WORDS: [&str; 11] = [
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PASSWORDS",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "TOKENS",
];
/// The words that mark a variable as a credential if `KEY` or `KEYS` is the next word of its name, as in
/// `SHOP_API_KEY`.
const CREDENTIAL_KEYS: [&str; 6] = ["ACCESS", "API", "AUTH", "ENCRYPTION", "PRIVATE", "SIGNING"];

/// The headers that contain credentials. After a redirect to another host, a worker does not send these headers. This
/// rule applies even if the scenario contains the values of the headers literally.
const CREDENTIAL_HEADERS: [&str; 24] = [
    "authorization",
    "proxy-authorization",
    "authentication",
    "cookie",
    "cookie2",
    "api-key",
    "apikey",
    "x-api-key",
    "x-apikey",
    "x-goog-api-key",
    "x-rapidapi-key",
    "x-functions-key",
    "x-auth-key",
    "x-access-key",
    "x-secret-key",
    "ocp-apim-subscription-key",
    "x-auth",
    "x-authorization",
    "x-amz-security-token",
    "x-auth-token",
    "x-access-token",
    "x-session-id",
    "token",
    "x-token",
];

/// The suffixes of other headers that contain credentials, such as `x-vault-token` and `x-client-secret`.
const CREDENTIAL_HEADER_ENDINGS: [&str; 7] = [
    "-token",
    "-secret",
    "-password",
    "-credential",
    "-credentials",
    "-api-key",
    "-authorization",
];

/// Returns whether a header with this name contains credentials.
pub fn carries_credentials(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CREDENTIAL_HEADERS.contains(&name.as_str()) || CREDENTIAL_HEADER_ENDINGS.iter().any(|end| name.ends_with(end))
}

/// The prefixes of variables that are settings of the machine itself: settings of AWS tools and of GitHub runners.
const MACHINE_PREFIXES: [&str; 2] = ["ACTIONS_", "AWS_"];
/// The names of other variables that contain credentials of the machine itself, for its cloud or its CI system.
const MACHINE_NAMES: [&str; 7] = [
    "ARM_CLIENT_SECRET",
    "AZURE_CLIENT_SECRET",
    "CI_JOB_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CREDENTIALS",
];

/// Returns whether a variable is a setting or a credential of the machine itself. No scenario and no option can make a
/// worker send the value of such a variable.
fn is_machines_own(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    MACHINE_PREFIXES.iter().any(|prefix| upper.starts_with(prefix)) || MACHINE_NAMES.contains(&upper.as_str())
}

/// Checks that a reference with the source `env` may name this variable.
///
/// # Errors
/// Returns the error as a text of the form `problem; hint`.
pub fn check_variable(name: &str) -> Result<(), String> {
    if !Keeper::Env.may_name(name) {
        return Err(unnameable(Keeper::Env, name));
    }
    match is_machines_own(name) {
        true => Err(format!(
            "`{name}` is the machine's own credential or setting, and is never sent; put the secret into a variable \
             with another name"
        )),
        false => Ok(()),
    }
}

fn unnameable(keeper: Keeper, name: &str) -> String {
    let (word, example) = (keeper.word(), keeper.example());
    format!("`{name}` is not a valid name for `{word}:`; write one like `{example}`")
}

/// Returns an error text if the name of a variable looks like the name of a credential, and otherwise `None`. The
/// placeholder `{{ env … }}` rejects such a variable, because the value would be stored with the plan.
pub fn credential(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').collect();
    let named = words.iter().any(|word| CREDENTIAL_WORDS.contains(word));
    let key = words
        .windows(2)
        .any(|pair| CREDENTIAL_KEYS.contains(&pair[0]) && matches!(pair[1], "KEY" | "KEYS"));
    let advice = match is_machines_own(name) {
        true => "put the value into a variable with another name, and write `{{ secret \"env:NAME\" }}`".to_owned(),
        false => format!("write `{{{{ secret \"env:{name}\" }}}}`"),
    };
    (named || key).then(|| format!("`{name}` is named like a credential, and `env` is stored with the plan; {advice}"))
}

pub(crate) const WANTED: &str = "write `secret \"ssm:/shop/token\"`, `secret \"secretsmanager:shop/token\"` or `secret \"env:SHOP_TOKEN\"`, \
     with `#field` at its end for a field of a JSON secret";

impl Reference {
    /// Parses a reference to a secret.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`.
    pub fn parse(text: &str) -> Result<Reference, String> {
        let unknown = || format!("`{text}` does not name the source of the secret; {WANTED}");
        let (word, rest) = text.split_once(':').ok_or_else(unknown)?;
        let keeper = Keeper::ALL
            .into_iter()
            .find(|keeper| keeper.word() == word)
            .ok_or_else(unknown)?;
        let (name, key) = match rest.split_once('#') {
            Some((name, key)) => (name, Some(key)),
            None => (rest, None),
        };
        if !keeper.may_name(name) {
            return Err(unnameable(keeper, name));
        }
        if keeper == Keeper::Env {
            check_variable(name)?;
        }
        if key.is_some_and(|key| key.is_empty() || key.chars().any(char::is_control)) {
            return Err(format!(
                "`{text}` has no field after the `#`; add the field's name, or remove the `#`"
            ));
        }
        Ok(Reference {
            keeper,
            name: name.to_owned(),
            key: key.map(str::to_owned),
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.keeper.word(), self.name)?;
        match &self.key {
            Some(key) => write!(f, "#{key}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Reference, String> {
        Reference::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(Keeper, &str, Option<&str>), &str>) {
        match (Reference::parse(text), expected) {
            (Ok(reference), Ok((keeper, name, key))) => {
                assert_eq!(
                    (reference.keeper, reference.name.as_str(), reference.key.as_deref()),
                    (keeper, name, key)
                );
                assert_eq!(reference.to_string(), text);
            }
            (Err(fault), Err(part)) => assert!(fault.contains(part) && fault.contains("; "), "{text}: {fault}"),
            (read, _) => panic!("{text}: {read:?}, wanted {expected:?}"),
        }
    }

    #[test]
    fn variables_named_like_credentials_are_recognised() {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "SHOP_TOKEN",
            "shop_token",
            "DB_PASSWORD",
            "PASSWORD",
            "STRIPE_API_KEY",
            "GITHUB_TOKEN",
            "TLS_PRIVATE_KEY",
            "MY_SECRET_2",
        ] {
            assert!(
                credential(name).is_some_and(|why| why.contains("secret \"env:")),
                "{name}"
            );
        }
        for name in [
            "HOST",
            "AWS_REGION",
            "AWS_PROFILE",
            "PWD",
            "TOKENIZER",
            "SECRETARY",
            "KEYBOARD",
            "MONKEY",
            "KEY_COUNT",
            "API_HOST",
            "",
        ] {
            assert_eq!(credential(name), None, "{name}");
        }
        for own in [
            "AWS_SESSION_TOKEN",
            "GITHUB_TOKEN",
            "CI_JOB_TOKEN",
            "ACTIONS_RUNTIME_TOKEN",
        ] {
            assert!(credential(own).is_some_and(|why| why.contains("another name")), "{own}");
        }
    }

    #[test]
    fn the_machines_own_variables_are_never_sent() {
        for own in [
            "AWS_REGION",
            "aws_secret_access_key",
            "ACTIONS_RUNTIME_TOKEN",
            "GITHUB_TOKEN",
        ] {
            assert!(
                check_variable(own).is_err_and(|why| why.contains("never sent; ")),
                "{own}"
            );
            check(&format!("env:{own}"), Err("is never sent"));
        }
        for name in ["SHOP_TOKEN", "MY_GITHUB_TOKEN", "PATH", "AWSOME", "_x1"] {
            assert_eq!(check_variable(name), Ok(()), "{name}");
        }
        for name in ["", "1X", "A-B", "A=B", "A B"] {
            assert!(
                check_variable(name).is_err_and(|why| why.contains("not a valid name")),
                "{name}"
            );
        }
    }

    #[test]
    fn a_reference_names_the_source_and_the_secret() {
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-AbCdEf";
        check("ssm:/shop/token", Ok((Keeper::Ssm, "/shop/token", None)));
        check("ssm:/shop/token:3", Ok((Keeper::Ssm, "/shop/token:3", None)));
        check(
            &format!("secretsmanager:{arn}"),
            Ok((Keeper::SecretsManager, arn, None)),
        );
        check(
            "secretsmanager:shop/db#pass word#",
            Ok((Keeper::SecretsManager, "shop/db", Some("pass word#"))),
        );
        check("env:SHOP_TOKEN", Ok((Keeper::Env, "SHOP_TOKEN", None)));
        check("vault:x", Err("write `secret \"ssm:/shop/token\"`"));
        check("SHOP_TOKEN", Err("does not name the source"));
        check("SSM:/x", Err("does not name the source"));
        check("ssm:", Err("write one like `ssm:/shop/token`"));
        check("ssm:/shop token", Err("write one like `ssm:/shop/token`"));
        check("env:1X", Err("write one like `env:SHOP_TOKEN`"));
        check("env:A-B", Err("write one like `env:SHOP_TOKEN`"));
        check("env:AWS_SECRET_ACCESS_KEY", Err("the machine's own"));
        check("ssm:/x#", Err("remove the `#`"));
    }
}
