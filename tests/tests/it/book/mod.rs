//! Checks the documentation: the README, the book in `docs/`, and the pages in the folders of the code.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod generated;
mod links;
mod rendered;

use std::path::Path;
use whole_runs::machine::{Desk, root};

/// The checked pages that are not part of the book.
const PAGES: [&str; 8] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "infra/README.md",
    "infra/kubernetes/README.md",
    "tests/benches/RESULTS.md",
];

/// Reads a page. The path of the page is relative to the root of the project.
pub fn read(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// Returns the paths of the pages of the book, relative to the root of the project.
pub fn chapters() -> Vec<String> {
    fn collect(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join("docs"), &mut found);
    found.sort();
    found
}

/// Returns the paths of all pages, relative to the root of the project.
pub fn pages() -> Vec<String> {
    let mut pages = chapters();
    pages.extend(PAGES.map(str::to_owned));
    pages
}

/// Returns each line of a page that is not in a code block, with its number. The first line of the page has the number
/// 1.
pub fn prose(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    page.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        (!in_block && !fence).then_some((at + 1, line))
    })
}

/// Returns the code spans of a page. A code span is text between backticks that is not in a code block.
pub fn spans(page: &str) -> Vec<String> {
    let text = prose(page).map(|(_, line)| line).collect::<Vec<_>>().join(" ");
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the code blocks of a page that are marked with this language.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    let blocks = page.split(&begin).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// Returns each command with its help text. The help text of the program itself comes first.
pub fn helps() -> Vec<(String, String)> {
    fn collect(verb: &[&str], found: &mut Vec<(String, String)>) {
        let help = Desk::new().run(&[verb, &["--help"]].concat()).expect(0, &[]).stdout;
        let below = help.split("\nCommands:\n").nth(1);
        let below = below.and_then(|rest| rest.split("\n\n").next()).unwrap_or_default();
        let names: Vec<String> = below
            .lines()
            .filter(|line| !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(str::to_owned)
            .collect();
        found.push(([&["vajra-cloud"], verb].concat().join(" "), help));
        for name in &names {
            collect(&[verb, &[name]].concat(), found);
        }
    }
    let mut found = Vec::new();
    collect(&[], &mut found);
    found
}
