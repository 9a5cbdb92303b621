//! Completes scenarios of tests that contain only some of the needed lines.

/// The keys that every scenario needs, each with a default line.
const NEEDED: [(&str, &str); 3] = [
    ("name:", "name: t\n"),
    ("target", "target: http://shop.example\n"),
    ("load:", "load: { constant: { rate: 10/s, duration: 1s } }\n"),
];

/// Returns a complete scenario. The line for a missing key comes from `others`, or is the default line.
pub(crate) fn made_whole(lines: &str, others: &[(&str, &str)]) -> String {
    let given = |key: &str| lines.lines().any(|line| line.starts_with(key));
    let absent = NEEDED.iter().chain(others).filter(|(key, _)| !given(key));
    absent.map(|(_, line)| *line).collect::<String>() + lines + "\n"
}
