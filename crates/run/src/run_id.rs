//! Makes the name of a run from the scenario, the time and four random characters.

use time::OffsetDateTime;

/// The maximum length of a run's name in characters. Platforms append a number and some letters to this name, and limit
/// the resulting name to 63 characters.
const CHARS_MAX: usize = 50;
/// The length of the suffix in characters. The suffix contains a date, a time and random characters, with a `-` before
/// each of these three.
const BEHIND: usize = 21;

/// Returns a unique name for a run. Names of the same scenario sort by time. A name consists of lower-case letters,
/// digits and `-`, which every platform allows.
pub fn new(scenario: &str) -> String {
    let now = OffsetDateTime::now_utc();
    let alphabet = b"23456789abcdefghjkmnpqrstvwxyz";
    let tail: String = (0..4)
        .map(|_| alphabet[rand::random_range(0..alphabet.len())] as char)
        .collect();
    let name: String = scenario
        .chars()
        .take(CHARS_MAX - BEHIND)
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_end_matches('-');
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_from_any_scenario_name_is_valid_on_every_platform() {
        let long = format!("X_{}", ".y".repeat(31));
        for scenario in ["quickstart", "Shop_v1.2", "9-", &long] {
            assert_eq!(
                store::keys::check_run_id(scenario),
                Ok(()),
                "{scenario} can be the name of a run itself"
            );
            let made = new(scenario);
            assert_eq!(store::keys::check_run_id(&made), Ok(()), "{made}");
            assert!(made.len() <= CHARS_MAX && made.len() > BEHIND, "{made}");
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(
                made.chars().all(fits) && !made.starts_with('-') && !made.ends_with('-'),
                "{made}"
            );
            assert!(made.starts_with(&scenario[..1].to_ascii_lowercase()), "{made}");
        }
        assert!(new("shop").starts_with("shop-2"), "{}", new("shop"));
    }
}
