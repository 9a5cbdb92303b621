//! Checks the links and the file names in the Markdown sources of the pages.

use super::{pages, prose, read};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use whole_runs::machine::root;

/// Returns the targets of the links and images of a page, each with its line number. Links in code blocks are skipped.
fn links(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(page) {
        let inline = line.split("](").skip(1);
        let inline = inline.filter_map(|rest| rest.split([')', ' ']).next());
        let reference = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
        let reference = reference.map(|(_, target)| target.trim());
        let targets = inline.chain(reference);
        found.extend(targets.map(|link| (at, link.trim_matches(['<', '>']).to_owned())));
    }
    found
}

/// Returns the text of a page. If the page only includes another page, returns the text of that page.
fn whole(page: &Path) -> String {
    let text = read(page.to_str().unwrap());
    match text.strip_prefix("{{#include ").and_then(|rest| rest.split('}').next()) {
        Some(other) => whole(&plain(&page.parent().unwrap().join(other))),
        None => text,
    }
}

/// Returns the anchors of a page's headings, in the form that GitHub and mdBook use.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = prose(page).filter_map(|(_, line)| line.strip_prefix('#'));
    let headings = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|heading| heading.chars().filter(kept).collect::<String>().replace(' ', "-"))
        .collect()
}

/// Removes `.` and `..` from a path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leads out of the project", path.display()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[test]
fn links_are_found() {
    let page = "[a](b.md) and ![c](d/e.png \"f\")\n```\n[no](no.md)\n```\n[g]: h.md#i\n";
    let expected = [(1, "b.md"), (1, "d/e.png"), (5, "h.md#i")];
    let expected = expected.map(|(line, link): (usize, &str)| (line, link.to_owned()));
    assert_eq!(links(page), expected);
}

#[test]
fn the_anchor_of_a_heading_is_its_words_in_lower_case() {
    let page = "# A page\n## `p99` and *lag*, of it\n```\n# no heading\n```\n";
    let expected = ["a-page", "p99-and-lag-of-it"].map(str::to_owned);
    assert_eq!(anchors(page), BTreeSet::from(expected));
}

#[test]
fn links_in_pages_lead_to_files_and_headings() {
    let mut faults = Vec::new();
    for page in pages() {
        for (line, link) in links(&read(&page)) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => PathBuf::from(&page),
                path => plain(&Path::new(&page).parent().unwrap().join(path)),
            };
            if !root().join(&target).exists() {
                faults.push(format!("{page}:{line}: `{link}` does not exist"));
            } else if !anchor.is_empty() && !anchors(&whole(&target)).contains(anchor) {
                faults.push(format!("{page}:{line}: no heading has the anchor `#{anchor}`"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn links_of_the_book_stay_in_the_book() {
    // The rendered book is published alone, without the project's other files.
    let mut faults = Vec::new();
    for page in super::chapters() {
        let folder = Path::new(&page).parent().unwrap();
        for (line, link) in links(&read(&page)) {
            if !link.contains("://") && !plain(&folder.join(&link)).starts_with("docs") {
                faults.push(format!(
                    "{page}:{line}: `{link}` leads out of docs; write the file name in backticks"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn rust_files_named_in_pages_exist() {
    let sources = crate::tidy::sources();
    let mut faults = Vec::new();
    let mut named = 0;
    for page in pages() {
        for (at, line) in prose(&read(&page)) {
            let codes = line
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|code| code.ends_with(".rs") && !code.contains("NAME"));
            for code in codes {
                named += 1;
                let end = format!("/{code}");
                if !sources.iter().any(|source| format!("/{}", source.path).ends_with(&end)) {
                    faults.push(format!("{page}:{at}: {code} does not exist"));
                }
            }
        }
    }
    assert!(named > 10, "pages name only {named} files");
    assert!(faults.is_empty(), "{faults:#?}");
}
