//! Splits URLs at the end of their origin, and makes names from URLs.

use plan::authority::Authority;

/// The maximum number of characters in the name of a scenario or a request.
const NAME_CHARS_MAX: usize = 64;

/// Splits a URL before its path. Returns two parts: the origin, and the path with the query.
pub fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    url.split_at(end)
}

/// Returns the name of a scenario for a URL. The name is the host of the URL.
pub fn scenario_name(url: &str) -> String {
    let host = Authority::read(url).map(|(authority, _)| authority.host);
    scenario_name_of(&host.unwrap_or_default(), "url")
}

/// Makes a name for a scenario from a text. Returns `default` if the text contains no usable characters.
pub fn scenario_name_of(text: &str, default: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = text.chars().map(fits).collect();
    let name: String = name.trim_matches(['-', '.']).chars().take(NAME_CHARS_MAX).collect();
    match name.is_empty() {
        true => default.to_owned(),
        false => name,
    }
}
