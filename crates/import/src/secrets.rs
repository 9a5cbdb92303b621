//! Finds secrets in the input. The values of the secrets are replaced by references to environment variables.

use crate::left_out::Places;
use crate::text::{Form, Part, Text, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plan::secret::{self, REFERENCES_MAX};

/// The names of parameters and fields that contain credentials. The names are written without separators.
const FIELDS: [&str; 28] = [
    "accesstoken",
    "apikey",
    "apitoken",
    "assertion",
    "auth",
    "authtoken",
    "authorization",
    "clientsecret",
    "credential",
    "credentials",
    "csrftoken",
    "idtoken",
    "jwt",
    "otp",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "privatekey",
    "pwd",
    "refreshtoken",
    "samlresponse",
    "secret",
    "secretkey",
    "sessionid",
    "sig",
    "signature",
    "token",
];
/// The endings of further names that show credentials, such as `user_password` and `x-amz-security-token`.
const FIELD_ENDINGS: [&str; 5] = ["token", "password", "secret", "apikey", "signature"];

/// Names that end in one of [`FIELD_ENDINGS`], but do not show credentials. Most values of these fields are positions
/// in a list.
const OTHER_FIELDS: [&str; 6] = [
    "continuationtoken",
    "nextpagetoken",
    "nexttoken",
    "pagetoken",
    "synctoken",
    "tasktoken",
];

/// Returns whether a parameter or a field of a body contains a credential. Both the name and the value are examined.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    !value.is_empty() && (is_secret_field(name) || is_web_token(value))
}

/// Returns whether a value is a JSON Web Token: it has three parts, and the first part is an object in base64.
fn is_web_token(value: &str) -> bool {
    let is_word = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
    };
    value.starts_with("eyJ") && value.len() >= 40 && value.split('.').count() == 3 && value.split('.').all(is_word)
}

/// Returns whether the name of a parameter or a field shows that its value is a credential.
pub(crate) fn is_secret_field(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let ends = FIELD_ENDINGS.iter().any(|end| plain.ends_with(end)) && !OTHER_FIELDS.contains(&plain.as_str());
    FIELDS.contains(&plain.as_str()) || ends
}

/// The secrets that have been found so far.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    name: String,
    /// The value of the secret in the input. The value is kept only to recognise the same value again, and is never
    /// written.
    value: String,
    what: String,
    places: Places,
}

impl Secrets {
    /// Returns the reference that replaces a value. Returns `None` if the file contains too many secrets. Equal values
    /// with the same name are replaced by the same reference.
    ///
    /// The name of the environment variable is made from `name`, with a number if another secret already has this name.
    /// `what` describes the value.
    pub(crate) fn replace(&mut self, name: &str, value: &str, what: &str, place: &str) -> Option<Value> {
        let name = variable(name);
        let is_same = |found: &&mut Found| found.value == value && numbered(&found.name, &name);
        if let Some(found) = self.found.iter_mut().find(is_same) {
            found.places.add(place);
            return Some(Value::Secret(found.name.clone()));
        }
        if self.found.len() >= REFERENCES_MAX {
            return None;
        }
        let taken = |name: &str| self.found.iter().any(|found| found.name == name);
        let own = (1..).map(|number| match number {
            1 => name.clone(),
            number => format!("{name}_{number}"),
        });
        let own = own.into_iter().find(|name| !taken(name))?;
        self.found.push(Found {
            name: own.clone(),
            value: value.to_owned(),
            what: what.to_owned(),
            places: Places::of(place),
        });
        Some(Value::Secret(own))
    }

    /// Returns a reference to a secret whose value is not in the input, such as the secret of a security scheme.
    pub(crate) fn named(&mut self, name: &str, what: &str, place: &str) -> Option<Value> {
        self.replace(name, &format!("\0{name}"), what, place)
    }

    /// Returns a description of each secret, with its places in the input.
    pub(crate) fn list(&self) -> Vec<String> {
        let line = |found: &Found| format!("{}: {} ({})", found.name, found.what, found.places);
        self.found.iter().map(line).collect()
    }

    /// Returns the text that replaces the value of a header with credentials. Fails with the reason if the value would
    /// not be valid in a later request, or if the file contains too many secrets.
    pub(crate) fn header(&mut self, name: &str, value: &str, place: &str) -> Result<Text, &'static str> {
        const FULL: &str = "there are too many different secrets";
        let lower = name.to_ascii_lowercase();
        if lower == "cookie" {
            // The cookies change during a recording. All cookies are replaced by one secret, which must contain the
            // cookies of one session.
            let value = self.replace("COOKIE", "", "the value of the header Cookie", place);
            return value.map(Text::value).ok_or(FULL);
        }
        let (scheme, rest) = match value.split_once(' ') {
            Some((scheme, rest)) if (lower.ends_with("authorization") || scheme == "Bearer") && is_scheme(scheme) => {
                (scheme, rest.trim())
            }
            _ => ("", value),
        };
        let mut out = Text::default();
        if !scheme.is_empty() {
            out.push_literal(&format!("{scheme} "));
        }
        match scheme.to_ascii_lowercase().as_str() {
            "digest" | "negotiate" | "ntlm" | "hawk" => Err("its value is valid for one request only"),
            scheme if scheme.starts_with("aws4-") => Err("it is a signature, which is valid for minutes"),
            "basic" => {
                let decoded = STANDARD
                    .decode(rest)
                    .ok()
                    .and_then(|bytes| String::from_utf8(bytes).ok());
                let (form, value, what) = match &decoded {
                    Some(pair) if pair.contains(':') => (Form::Base64, pair.as_str(), BASIC),
                    _ => (Form::AsIs, rest, "the credentials of the header, in base64"),
                };
                let value = self.replace("BASIC_CREDENTIALS", value, what, place).ok_or(FULL)?;
                out.push(Part::Value(value, form));
                Ok(out)
            }
            "bearer" => {
                let what = format!("the token of the header {name}");
                out.append(Text::value(
                    self.replace("BEARER_TOKEN", rest, &what, place).ok_or(FULL)?,
                ));
                Ok(out)
            }
            _ => {
                let what = format!("the value of the header {name}");
                out.append(Text::value(self.replace(name, rest, &what, place).ok_or(FULL)?));
                Ok(out)
            }
        }
    }
}

/// The description of the credentials of Basic authentication.
pub(crate) const BASIC: &str = "the user name and password, as `name:password`";

/// Returns whether a header contains credentials. Both the name and the value are examined.
pub(crate) fn is_secret_header(name: &str, value: &str) -> bool {
    let token = value.strip_prefix("Bearer ").unwrap_or(value);
    !value.is_empty() && (secret::carries_credentials(name) || token.len() < value.len() || is_web_token(token))
}

/// Returns whether the first word of an `Authorization` header is the name of an authentication scheme.
fn is_scheme(word: &str) -> bool {
    word.len() <= 32 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !word.is_empty()
}

/// Returns whether `name` is `base`, or `base` followed by `_` and more characters, such as a number.
fn numbered(name: &str, base: &str) -> bool {
    name.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// Returns the name of an environment variable. If workers may not send this variable, returns another name.
pub(crate) fn variable_as_written(name: &str) -> String {
    match secret::check_variable(name) {
        Ok(()) => name.to_owned(),
        Err(_) => variable(name),
    }
}

/// Makes, from a text, the name of an environment variable that workers may send.
pub(crate) fn variable(text: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    for c in text.chars() {
        // A name such as `apiKey` consists of two words.
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            name.push('_');
        }
        before = c;
        match c.is_ascii_alphanumeric() {
            true => name.push(c.to_ascii_uppercase()),
            false if !name.ends_with('_') => name.push('_'),
            false => {}
        }
    }
    let name = name.trim_matches('_');
    let name: String = name.strip_prefix("X_").unwrap_or(name).chars().take(48).collect();
    match name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("SECRET_{name}").trim_end_matches('_').to_owned(),
        false if secret::check_variable(&name).is_err() => format!("SENT_{name}"),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_variables_are_valid_and_equal_values_share_one() {
        for (text, name) in [
            ("X-Api-Key", "API_KEY"),
            ("apiKey", "API_KEY"),
            ("AWS_SESSION_TOKEN", "SENT_AWS_SESSION_TOKEN"),
            ("2fa", "SECRET_2FA"),
            ("…", "SECRET"),
        ] {
            assert_eq!(variable(text), name);
            assert_eq!(secret::check_variable(name), Ok(()));
        }
        let mut secrets = Secrets::default();
        let mut name = |value| match secrets.replace("token", value, "the token", "line 1") {
            Some(Value::Secret(name)) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!([name("a"), name("b"), name("a")], ["TOKEN", "TOKEN_2", "TOKEN"]);
    }

    #[test]
    fn credentials_are_recognised_by_name_or_value() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl";
        for (name, value, expected) in [
            ("password", "x", true),
            ("password", "", false),
            ("user_Password", "x", true),
            ("nextToken", "x", false),
            ("state", token, true),
            ("state", "eyJ.x.y", false),
            ("pages", "x", false),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}={value}");
        }
        assert!(is_secret_header("X-Custom", "Bearer x") && is_secret_header("X-Custom", token));
        assert!(!is_secret_header("Accept", "Bear") && is_secret_header("X-Vault-Token", "x"));
    }

    #[test]
    fn a_header_keeps_its_scheme_and_loses_its_value() {
        let mut secrets = Secrets::default();
        let mut check = |name, value, expected: Result<&str, &'static str>| {
            let text = secrets.header(name, value, "line 1").map(|text| text.in_language());
            assert_eq!(text.as_deref().map_err(|why| *why), expected);
        };
        check(
            "authorization",
            "Bearer abc",
            Ok("Bearer {{ secret \"env:BEARER_TOKEN\" }}"),
        );
        check(
            "Authorization",
            "Basic dTpw",
            Ok("Basic {{ secret \"env:BASIC_CREDENTIALS\" base64 }}"),
        );
        check(
            "Authorization",
            "Token abc",
            Ok("Token {{ secret \"env:AUTHORIZATION\" }}"),
        );
        check("Authorization", "abc", Ok("{{ secret \"env:AUTHORIZATION\" }}"));
        check("Cookie", "a=b; c=d", Ok("{{ secret \"env:COOKIE\" }}"));
        check("X-Api-Key", "k v", Ok("{{ secret \"env:API_KEY\" }}"));
        check(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=x",
            Err("it is a signature, which is valid for minutes"),
        );
        assert!(!format!("{:?}", secrets.list()).contains("abc"));
    }
}
