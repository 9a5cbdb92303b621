//! Completion in real shells, by the scripts that the program prints.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use whole_runs::machine::Desk;

/// Set where nothing can be installed.
const WITHOUT: &str = "VAJRA_TESTS_WITHOUT_SERVERS";

/// Whether the shell is there; where it cannot be, the test is skipped aloud.
fn is_installed(shell: &str) -> bool {
    if Path::new("/usr/bin").join(shell).exists() {
        return true;
    }
    assert!(
        std::env::var_os(WITHOUT).is_some(),
        "{shell} is not installed: run tests/run as root, or apt-get install {shell}; or set {WITHOUT}=1"
    );
    // Not by a macro: what those print is shown only for tests that fail.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "SKIPPED: {shell} is not installed").unwrap();
    false
}

/// A folder with the script of a shell, under this name.
fn script(shell: &str, name: &str) -> Desk {
    let desk = Desk::new();
    let printed = desk.command(&["completions", shell]).output().unwrap();
    assert!(printed.status.success());
    desk.write(name, std::str::from_utf8(&printed.stdout).unwrap());
    desk
}

/// What a shell prints that runs these lines in the folder.
fn run(desk: &Desk, shell: &str, lines: &str) -> String {
    let output = Command::new("timeout")
        .args(["20", shell, "-c", lines])
        .current_dir(desk.path("."))
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bash_completes_verbs_and_what_stands_behind_them() {
    let desk = script("bash", "script");
    let completed = |words: &str| {
        let lines = format!(
            "source ./script; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             complete -p vajra-cloud | grep -q -- '-F _vajra__cloud' || exit 1\n\
             _vajra__cloud vajra-cloud \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        run(&desk, "bash", &lines)
    };
    assert_eq!(completed("vajra-cloud la"), "launch\n");
    assert_eq!(completed("vajra-cloud launch --work"), "--workers\n");
    assert_eq!(completed("vajra-cloud baseline re"), "remove\n");
    assert_eq!(completed("vajra-cloud completions z"), "zsh\n");
}

#[test]
fn zsh_completes_what_stands_behind_a_verb() {
    if !is_installed("zsh") {
        return;
    }
    let desk = script("zsh", "_vajra-cloud");
    // A shell at a terminal of its own, in which somebody types, and presses Tab.
    let typed = run(
        &desk,
        "zsh",
        "zmodload zsh/zpty; zpty shell 'zsh -f -i'\n\
         zpty -w shell 'PS1=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; print ready-$((1+1))'\n\
         zpty -r -m shell seen '*ready-2*'\n\
         zpty -w -n shell $'vajra-cloud launch --work\\t'\n\
         zpty -r -m shell seen '*--workers*' && print completed; zpty -d shell",
    );
    assert_eq!(typed, "completed\n");
}

#[test]
fn fish_completes_what_stands_behind_a_verb() {
    if !is_installed("fish") {
        return;
    }
    let desk = script("fish", "script.fish");
    let completed = run(
        &desk,
        "fish",
        "source script.fish; complete -C 'vajra-cloud launch --work'",
    );
    assert!(completed.starts_with("--workers\t"), "{completed}");
}
