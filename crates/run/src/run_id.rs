//! Names of runs: the scenario, the time, and four random characters.

use time::OffsetDateTime;

/// The longest name that is made. Platforms allow 63 characters and put a number and some letters behind it.
const CHARS_MAX: usize = 50;
/// The date, the time and the random characters, each behind a `-`.
const BEHIND: usize = 21;

/// A name that sorts by time and that no other launch gives: of lower-case letters, digits and `-`, as every platform
/// allows.
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
    fn a_name_made_of_any_scenarios_name_fits_every_platform() {
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
