//! Tests of the completion scripts that the program prints. Real shells run these scripts.

use std::process::Command;
use whole_runs::machine::{Desk, is_installed};

/// Returns a folder with the completion script of a shell. `name` is the file name of the script.
fn script(shell: &str, name: &str) -> Desk {
    let desk = Desk::new();
    let printed = desk.command(&["completions", shell]).output().unwrap();
    assert!(printed.status.success());
    desk.write(name, std::str::from_utf8(&printed.stdout).unwrap());
    desk
}

/// Runs these lines in a shell. The working directory of the shell is the folder. Returns the output of the shell.
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
fn bash_completes_commands_and_their_arguments() {
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
fn zsh_completes_the_options_of_a_command() {
    if !is_installed("zsh") {
        return;
    }
    let desk = script("zsh", "_vajra-cloud");
    // The interactive shell runs on a pseudo-terminal. The pseudo-terminal sends the text and a Tab to the shell.
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
fn fish_completes_the_options_of_a_command() {
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
