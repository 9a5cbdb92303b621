//! Runs Terraform on a copy of `infra/terraform`. Terraform uses a provider that is installed on this machine.
//!
//! Terraform and its providers are not in the registries of crates and packages. If Terraform or the provider is
//! missing, a test prints a line that begins with `SKIPPED`. `tests/run` prints these lines again at its end.

use super::cloud::Cloud;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use whole_runs::machine::root;

/// The environment variable that names a folder of providers. The command `terraform providers mirror` makes a folder
/// of providers.
const MIRROR: &str = "VAJRA_TERRAFORM_MIRROR";

/// The folders in which the folder of providers is searched.
const MIRROR_PARENTS: [&str; 3] = ["/usr/share/terraform", "/usr/local/share/terraform", "/opt"];

/// The settings of the provider. The name of the bucket is in the path of a URL, because a server on loopback has no
/// host name for each bucket.
pub(crate) const LOOPBACK: &str = "provider \"aws\" {\n  s3_use_path_style = true\n}\n";

/// An initialised copy of the folder `infra/terraform`.
#[derive(Debug)]
pub(crate) struct Terraform {
    folder: TempDir,
}

/// The result of a Terraform command.
#[derive(Debug)]
pub(crate) struct TerraformOutput {
    pub ok: bool,
    /// The text on stdout and stderr as one line. The box characters that Terraform draws around errors are removed.
    pub text: String,
    pub stdout: String,
}

impl TerraformOutput {
    #[track_caller]
    pub(crate) fn expect(self) -> TerraformOutput {
        assert!(self.ok, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn expect_error(self, words: &str) -> TerraformOutput {
        assert!(!self.ok, "the command succeeded: {}", self.text);
        assert!(self.text.contains(words), "no `{words}` in: {}", self.text);
        self
    }
}

impl Terraform {
    /// Copies the whole folder and initialises Terraform in the copy. If Terraform cannot run, prints the reason and
    /// returns `None`.
    pub(crate) fn new(test: &str) -> Option<Terraform> {
        let terraform = Terraform::of(test, |_| true)?;
        let mut init = terraform.command(&["init", "-input=false"]);
        let mirror = mirror();
        if let Some(mirror) = &mirror {
            init.arg(format!("-plugin-dir={}", mirror.display()));
        }
        let init = output_of(&mut init);
        if !init.ok && mirror.is_none() {
            skip(
                test,
                &format!(
                    "Terraform's AWS provider is not in a local mirror and could not be fetched; set {MIRROR} to a mirror"
                ),
            );
            return None;
        }
        init.expect();
        Some(terraform)
    }

    /// Copies the files whose names the function `wanted` accepts. If Terraform is not installed, prints this and
    /// returns `None`.
    pub(crate) fn of(test: &str, wanted: fn(&str) -> bool) -> Option<Terraform> {
        if Command::new("terraform").arg("-version").output().is_err() {
            skip(test, "Terraform is not on the path");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("infra/terraform"), folder.path(), wanted);
        std::fs::write(folder.path().join("empty.rc"), "").unwrap();
        Some(Terraform { folder })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command.args(args).current_dir(self.folder.path());
        self.environment(&mut command);
        command
    }

    /// Sets the environment of a Terraform command. Terraform then does not check for updates, and prints no colours
    /// and no hints about further commands.
    pub(crate) fn environment(&self, command: &mut Command) {
        command
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_CLI_ARGS", "-no-color");
        let configured = std::env::var_os("TF_CLI_CONFIG_FILE");
        if configured.is_some_and(|file| !Path::new(&file).exists()) {
            command.env("TF_CLI_CONFIG_FILE", self.path("empty.rc"));
        }
    }

    pub(crate) fn run(&self, args: &[&str]) -> TerraformOutput {
        output_of(&mut self.command(args))
    }

    /// Runs a Terraform command whose provider connects to `cloud`.
    pub(crate) fn run_in(&self, cloud: &Cloud, args: &[&str]) -> TerraformOutput {
        let mut command = self.command(args);
        cloud.environment(&mut command);
        output_of(&mut command)
    }

    /// Applies the configuration in `cloud`. The text `variables` is the content of the file `terraform.tfvars`.
    ///
    /// The configuration is the configuration of the project, with the addition of [`LOOPBACK`].
    pub(crate) fn apply(&self, cloud: &Cloud, variables: &str) -> TerraformOutput {
        self.write("loopback_override.tf", LOOPBACK);
        self.write("terraform.tfvars", variables);
        self.run_in(cloud, &["apply", "-auto-approve", "-input=false"])
    }

    /// Returns the output `fleet` of the deployment. The command line of vajra-cloud reads the output `fleet`.
    pub(crate) fn fleet(&self) -> Value {
        serde_json::from_str(&self.run(&["output", "-json", "fleet"]).expect().stdout).unwrap()
    }
}

fn output_of(command: &mut Command) -> TerraformOutput {
    let output = command.output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let words: Vec<&str> = stdout
        .split_whitespace()
        .chain(stderr.split_whitespace())
        .filter(|word| !["│", "╷", "╵"].contains(word))
        .collect();
    TerraformOutput {
        ok: output.status.success(),
        text: words.join(" "),
        stdout: stdout.clone().into_owned(),
    }
}

/// Prints on stderr that a test is skipped. The text is not printed with `eprintln!`, because the test runner would
/// hide the output of a test that passes.
fn skip(test: &str, why: &str) {
    let line = format!("\nSKIPPED {test}: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Returns a folder that contains the AWS provider in `HOST/hashicorp/aws`; `None` if no such folder exists. Panics if
/// the variable [`MIRROR`] names a folder without this provider.
pub(crate) fn mirror() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os(MIRROR) {
        let named = PathBuf::from(named);
        assert!(
            is_mirror(&named),
            "{MIRROR} names {}, which has no HOST/hashicorp/aws below it",
            named.display()
        );
        return Some(named);
    }
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".terraform.d"));
    let parents = home.into_iter().chain(MIRROR_PARENTS.map(PathBuf::from));
    parents
        .flat_map(|parent| folders(&parent))
        .find(|folder| is_mirror(folder))
}

fn is_mirror(folder: &Path) -> bool {
    folders(folder).iter().any(|host| host.join("hashicorp/aws").is_dir())
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(of) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

/// Copies the files and subfolders for whose names the function `wanted` returns `true`. Skips hidden files, the state
/// of Terraform and files of local variables.
pub(crate) fn copy(from: &Path, to: &Path, wanted: fn(&str) -> bool) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_local = name.starts_with('.') || name.starts_with("terraform.tf") || !wanted(&name);
        let target = to.join(&name);
        if is_local {
            continue;
        } else if entry.path().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target, wanted);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
