//! Encodes the fields of forms as multipart/form-data.

use crate::left_out::shown;
use crate::secrets::{Secrets, is_secret};
use crate::text::{Form, Part, Text};

/// The boundary between two fields, without the number that is appended. The number is chosen so that no value contains
/// the boundary.
const BOUNDARY: &str = "----formBoundaryOfImport";

/// A field of a form.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    name: Text,
    value: Text,
    content_type: Option<String>,
}

impl Field {
    pub(crate) fn text(name: Text, value: Text) -> Field {
        Field {
            name,
            value,
            content_type: None,
        }
    }

    /// Parses the value of curl's option `-F`: `name=value`, which may end with `;type=…`.
    ///
    /// # Errors
    /// Returns the part of the value that cannot be converted.
    pub(crate) fn parse(text: &Text) -> Result<Field, String> {
        let (name, value) = text.split_once('=').ok_or("a field of a form without a name")?;
        if value.head().starts_with(['@', '<']) {
            let name = shown(name.head());
            return Err(format!("the field {name} of a form, which is in a file"));
        }
        let literal = value.as_literal().unwrap_or_default();
        match literal.rsplit_once(";type=") {
            Some((value, kind)) => Ok(Field {
                name,
                value: Text::literal(value),
                content_type: Some(kind.to_owned()),
            }),
            None => Ok(Field::text(name, value)),
        }
    }
}

/// Returns the content type and the body for the fields of a form.
pub(crate) fn multipart(fields: &[Field], place: &str, secrets: &mut Secrets) -> (String, Text) {
    let contains = |boundary: &str| {
        let texts = fields.iter().flat_map(|field| field.value.literals());
        texts.into_iter().any(|text| text.contains(boundary))
    };
    let numbered = (0..).map(|number| format!("{BOUNDARY}{number}"));
    let boundary = numbered.into_iter().find(|boundary| !contains(boundary));
    let boundary = boundary.unwrap_or_default();
    let mut body = Text::default();
    for field in fields {
        body.push_literal(&format!("--{boundary}\r\nContent-Disposition: form-data; name=\""));
        body.append(field.name.clone().map_literals(|text| text.replace('"', "%22")));
        body.push_literal("\"\r\n");
        if let Some(kind) = &field.content_type {
            body.push_literal(&format!("Content-Type: {kind}\r\n"));
        }
        body.push_literal("\r\n");
        let name = field.name.as_literal().unwrap_or_default();
        let secret = match field.value.as_literal() {
            Some(value) if is_secret(name, value) => {
                let what = format!("the field {} of a form", shown(name));
                secrets.replace(name, value, &what, place)
            }
            _ => None,
        };
        match secret {
            Some(secret) => body.push(Part::Value(secret, Form::AsIs)),
            None => body.append(field.value.clone()),
        }
        body.push_literal("\r\n");
    }
    body.push_literal(&format!("--{boundary}--\r\n"));
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// Replaces credentials in the body of a form. The name or the value of a field shows that the value is a credential.
pub(crate) fn without_secrets(text: &Text, boundary: &str, place: &str, secrets: &mut Secrets) -> Text {
    let Some(literal) = text.as_literal().filter(|_| !boundary.is_empty()) else {
        return text.clone();
    };
    let delimiter = format!("--{boundary}");
    let mut out = Text::default();
    for (number, part) in literal.split(&delimiter).enumerate() {
        if number > 0 {
            out.push_literal(&delimiter);
        }
        let blank = ["\r\n\r\n", "\n\n"]
            .iter()
            .find_map(|blank| Some(part.find(blank)? + blank.len()));
        let (head, value) = part.split_at(blank.unwrap_or(part.len()));
        let content = value.trim_end_matches(['\r', '\n']);
        let name = head.split_once(" name=\"").and_then(|(_, rest)| rest.split('"').next());
        let secret = match name {
            Some(name) if is_secret(name, content) => {
                let what = format!("the field {} of a form", shown(name));
                secrets.replace(name, content, &what, place)
            }
            _ => None,
        };
        out.push_literal(head);
        match secret {
            Some(secret) => {
                out.push(Part::Value(secret, Form::AsIs));
                out.push_literal(&value[content.len()..]);
            }
            None => out.push_literal(value),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_form_is_replaced() {
        let text = "--x\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nann\r\n--x\r\nContent-Disposition: \
                    form-data; name=\"password\"\r\n\r\nhunter2\r\n--x--\r\n";
        let mut secrets = Secrets::default();
        let cleaned = without_secrets(&Text::literal(text), "x", "line 1", &mut secrets).in_language();
        assert_eq!(cleaned, text.replace("hunter2", "{{ secret \"env:PASSWORD\" }}"));
    }
}
