//! The built-in scenario: `quickstart` runs it from any folder, and `init` writes it to a file.

/// The name of the scenario. A file of that name takes precedence.
pub(crate) const NAME: &str = "quickstart";
const FILE: &str = include_str!("../../scenarios/quickstart.yaml");
/// The beginning of the line that names the schema for editors. The path is valid in the source tree only.
const EDITOR: &str = "# yaml-language-server:";

/// Returns the text of the scenario, without the line for editors.
pub(crate) fn text() -> &'static str {
    match FILE.split_once('\n') {
        Some((line, rest)) if line.starts_with(EDITOR) => rest,
        _ => FILE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_contains_no_path_of_the_source_tree() {
        assert!(FILE.starts_with(EDITOR), "{FILE}");
        assert!(
            text().starts_with("# A first run") && !text().contains("../"),
            "{}",
            text()
        );
    }
}
