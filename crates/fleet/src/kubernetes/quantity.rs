//! Parses quantities in the notation of Kubernetes, such as `500m` processors or `2Gi` bytes.

/// The suffixes of quantities, with their factors in thousandths.
const SUFFIXES: [(&str, u128); 14] = [
    ("Ki", 1_000 << 10),
    ("Mi", 1_000 << 20),
    ("Gi", 1_000 << 30),
    ("Ti", 1_000 << 40),
    ("Pi", 1_000 << 50),
    ("Ei", 1_000 << 60),
    ("m", 1),
    ("k", 1_000_000),
    ("M", 1_000_000_000),
    ("G", 1_000_000_000_000),
    ("T", 1_000_000_000_000_000),
    ("P", 1_000_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000_000),
    ("", 1_000),
];

/// Parses a quantity, and returns it in thousandths, rounded down; `None` if the text is not a quantity in decimal or
/// binary notation.
pub(super) fn thousandths(text: &str) -> Option<u128> {
    let (suffix, factor) = SUFFIXES.iter().find(|(suffix, _)| text.ends_with(suffix))?;
    let number = &text[..text.len() - suffix.len()];
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() > 18 || fraction.len() > 9 || whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let of_fraction = match fraction {
        "" => 0,
        digits => digits.parse::<u128>().ok()? * factor / 10_u128.pow(digits.len() as u32),
    };
    Some(whole.parse::<u128>().ok()? * factor + of_fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_in_thousandths() {
        let check = |text: &str, expected: Option<u128>| assert_eq!(thousandths(text), expected, "{text}");
        check("4", Some(4_000));
        check("500m", Some(500));
        check("1.5", Some(1_500));
        check("2Gi", Some(2_000 << 30));
        check("0.5Gi", Some(500 << 30));
        check("1k", Some(1_000_000));
        check("1G", Some(1_000_000_000_000));
        for wrong in ["", "Gi", "-1", "1e3", "one", "1.x"] {
            check(wrong, None);
        }
    }
}
