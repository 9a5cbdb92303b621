//! Checks all pages and internal links of the book that mdBook has rendered.

use super::{chapters, read};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use whole_runs::machine::{installed, root};

/// Returns the files in a folder and in its subfolders. The paths are relative to the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => left.push(path),
                false => found.push(path.strip_prefix(folder).unwrap().to_owned()),
            }
        }
    }
    found
}

/// Returns the values of every attribute with this name in an HTML page.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    let values = html.split(&begin).skip(1);
    values.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_rendered_book_has_no_broken_links() {
    let folder = tempfile::tempdir().unwrap();
    let mut mdbook = Command::new(installed("mdbook/bin/mdbook"));
    let ran = mdbook
        .arg("build")
        .arg(root().join("docs"))
        .arg("--dest-dir")
        .arg(folder.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(ran.status.success(), "{stderr}");
    assert!(!stderr.contains("WARN") && !stderr.contains("ERROR"), "{stderr}");

    let pages: BTreeMap<PathBuf, String> = files(folder.path())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "html"))
        .map(|path| {
            (
                path.clone(),
                std::fs::read_to_string(folder.path().join(&path)).unwrap(),
            )
        })
        .collect();
    assert!(pages.len() > 50, "{:?}", pages.keys());
    let (mut checked, mut faults) = (0, BTreeSet::new());
    for (page, html) in &pages {
        // The page 404.html is shown for any missing address, so its relative links cannot be checked.
        if page == Path::new("404.html") {
            continue;
        }
        for link in [attributes(html, "href"), attributes(html, "src")].concat() {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => folder.path().join(page),
                path => folder.path().join(page).parent().unwrap().join(path),
            };
            let Ok(target) = target.canonicalize() else {
                faults.insert(format!("{}: `{link}` does not exist", page.display()));
                continue;
            };
            let target = target.strip_prefix(folder.path().canonicalize().unwrap()).unwrap();
            let has_anchor = |html: &String| attributes(html, "id").contains(&anchor);
            if !anchor.is_empty() && !pages.get(target).is_some_and(has_anchor) {
                faults.insert(format!("{}: `{link}` has no such anchor", page.display()));
            }
        }
    }
    assert!(checked > 500, "{checked} links");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_page_is_in_the_table_of_contents_of_the_book() {
    let summary = read("docs/SUMMARY.md");
    let missing: Vec<String> = chapters()
        .into_iter()
        .filter(|page| page != "docs/SUMMARY.md")
        .filter(|page| !summary.contains(&format!("({})", page.strip_prefix("docs/").unwrap())))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
