//! Scenarios that tests write in part.

/// The lines that every scenario needs, by their keys.
const NEEDED: [(&str, &str); 3] = [
    ("name:", "name: t\n"),
    ("target", "target: http://shop.example\n"),
    ("load:", "load: { constant: { rate: 10/s, duration: 1s } }\n"),
];

/// A scenario of these lines, and of those needed lines and `others` whose keys they do not have.
pub(crate) fn made_whole(lines: &str, others: &[(&str, &str)]) -> String {
    let given = |key: &str| lines.lines().any(|line| line.starts_with(key));
    let left_out = NEEDED.iter().chain(others).filter(|(key, _)| !given(key));
    left_out.map(|(_, line)| *line).collect::<String>() + lines + "\n"
}
