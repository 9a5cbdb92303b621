//! Names of runs: the scenario, the time, and four random characters.

use time::OffsetDateTime;

/// A name that sorts by time and that no other launch gives.
pub fn new(scenario: &str) -> String {
    let now = OffsetDateTime::now_utc();
    let alphabet = b"23456789abcdefghjkmnpqrstvwxyz";
    let tail: String = (0..4)
        .map(|_| alphabet[rand::random_range(0..alphabet.len())] as char)
        .collect();
    let name: String = scenario
        .chars()
        .take(store::keys::RUN_ID_CHARS_MAX - 22)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' })
        .collect();
    let (date, time) = (now.date(), now.time());
    format!(
        "{name}-{:04}{:02}{:02}-{:02}{:02}{:02}-{tail}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
