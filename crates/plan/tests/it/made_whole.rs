//! Completes the partial scenarios of tests.

/// The lines that every scenario needs. Each line is listed with the key with which it begins.
const NEEDED: [(&str, &str); 3] = [
    ("name:", "name: t\n"),
    ("target", "target: http://shop.example\n"),
    ("load:", "load: { constant: { rate: 10/s, duration: 1s } }\n"),
];

/// Returns `lines` completed to a whole scenario. The lines of [`NEEDED`] and of `others` are added for keys that
/// `lines` does not contain.
pub(crate) fn made_whole(lines: &str, others: &[(&str, &str)]) -> String {
    let given = |key: &str| lines.lines().any(|line| line.starts_with(key));
    let absent = NEEDED.iter().chain(others).filter(|(key, _)| !given(key));
    absent.map(|(_, line)| *line).collect::<String>() + lines + "\n"
}
