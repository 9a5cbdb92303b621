//! Tests of the manual pages. Each command has a page that lists all of its options, and mandoc prints no warning about
//! the pages.

use super::run;
use std::collections::BTreeSet;
use std::process::Command;
use whole_runs::machine::{Desk, is_installed};

/// Returns the long options that a text contains.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words
        .filter(|word| word.starts_with("--") && word.len() > 2)
        .map(str::to_owned)
        .collect()
}

/// Returns the commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let below = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    below
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Checks the manual pages of a command and of its subcommands, and adds the names of their files to `pages`.
fn check(desk: &Desk, command: &[&str], pages: &mut BTreeSet<String>) {
    let help = desk.run(&[command, &["--help"]].concat()).expect(0, &[]).stdout;
    let name = [&["vajra-cloud"], command].concat().join("-") + ".1";
    let page = std::fs::read_to_string(desk.path("man").join(&name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
        .replace("\\-", "-")
        .replace("\\fB", "");
    let missing: Vec<_> = options(&help).difference(&options(&page)).cloned().collect();
    assert!(missing.is_empty(), "{name} does not contain {missing:?}");
    pages.insert(name);
    for below in commands(&help) {
        check(desk, &[command, &[&below]].concat(), pages);
    }
}

#[test]
fn each_command_has_a_manual_page_with_all_its_options() {
    let desk = Desk::new();
    desk.run(&["man", "man"]).expect(0, &[]);
    let mut pages = BTreeSet::new();
    check(&desk, &[], &mut pages);
    assert!(pages.contains("vajra-cloud-baseline-set.1"), "{pages:?}");
    let written: BTreeSet<String> = std::fs::read_dir(desk.path("man"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(written, pages);
}

#[test]
fn mandoc_finds_no_problem_in_the_manual_pages() {
    if !is_installed("mandoc") {
        return;
    }
    let desk = Desk::new();
    desk.run(&["man", "man"]).expect(0, &[]);
    let lint = |lines: &str| run(Command::new("sh").args(["-c", lines]).current_dir(desk.path("man")));
    // Two warnings are ignored. The pages have no date, so that the same source gives the same page. `clap_mangen`
    // writes breaks next to spaces.
    let found = lint("mandoc -T lint -W warning *.1 | grep -vE 'cannot parse date|paragraph macro: br' || true");
    assert_eq!(found, "");
    let found = lint("{ cat vajra-cloud.1; printf '.nosuchmacro\\n'; } | mandoc -T lint -W warning || true");
    assert!(found.contains("nosuchmacro"), "{found}");
}

#[test]
fn man_fails_if_the_folder_cannot_be_written() {
    let desk = Desk::new();
    desk.write("file", "");
    desk.run(&["man", "file"])
        .expect(1, &["cannot write manual pages into file"]);
}
