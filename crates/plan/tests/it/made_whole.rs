//! Completes partial scenarios of tests.

/// The lines that every scenario needs, with their keys.
const NEEDED: [(&str, &str); 3] = [
    ("name:", "name: t\n"),
    ("target", "target: http://shop.example\n"),
    ("load:", "load: { constant: { rate: 10/s, duration: 1s } }\n"),
];

/// Returns these lines, completed with the needed lines and `others` for the keys that they lack.
pub(crate) fn made_whole(lines: &str, others: &[(&str, &str)]) -> String {
    let given = |key: &str| lines.lines().any(|line| line.starts_with(key));
    let absent = NEEDED.iter().chain(others).filter(|(key, _)| !given(key));
    absent.map(|(_, line)| *line).collect::<String>() + lines + "\n"
}
