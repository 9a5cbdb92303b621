//! Tokens of HTTP: the form of methods, names of headers, and names of cookies.

/// Returns whether the text is a token (RFC 9110, 5.6.2).
pub fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
