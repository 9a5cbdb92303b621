//! The scenario that is built into the program. The name `quickstart` runs this scenario from any folder, and `init`
//! writes it to a file.

/// The name of the built-in scenario. A file with this name takes precedence over the built-in scenario.
pub(crate) const NAME: &str = "quickstart";
const FILE: &str = include_str!("../../scenarios/quickstart.yaml");
/// The beginning of the line that names the schema for editors. This line contains a path that is valid only in the
/// source tree.
const EDITOR: &str = "# yaml-language-server:";

/// Returns the text of the built-in scenario, without the line for editors.
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
