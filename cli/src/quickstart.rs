//! The scenario that comes with the program: `quickstart` runs it from any folder, and `init` writes it to a file.

/// The name by which it is found where no file has that name.
pub(crate) const NAME: &str = "quickstart";
const FILE: &str = include_str!("../../scenarios/quickstart.yaml");
/// Begins the line that points an editor to the schema, which is not there in other folders.
const EDITOR: &str = "# yaml-language-server:";

/// The scenario as it is run and written.
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
    fn the_scenario_has_no_path_that_only_the_source_code_has() {
        assert!(FILE.starts_with(EDITOR), "{FILE}");
        assert!(
            text().starts_with("# A first run") && !text().contains("../"),
            "{}",
            text()
        );
    }
}
