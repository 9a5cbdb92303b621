//! Tests of the container image. Other tools can read the image, and the program runs in the image without any other
//! file.

use super::{run, strip};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use whole_runs::machine::{Ran, is_installed, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Packs a program into an image. Returns the digest that the command prints.
fn pack(program: &Path, tar: &Path) -> String {
    let printed = run(Command::new(root().join("infra/image")).args([program, tar]));
    printed.lines().last().unwrap().to_owned()
}

/// Packs the program into the image `image.tar` in a new folder, and unpacks the image into the folder `layout`.
/// Returns the new folder and the digest of the image.
pub(crate) fn image() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let [program, tar, layout] = ["vajra-cloud", "image.tar", "layout"].map(|name| folder.path().join(name));
    strip(&program);
    let digest = pack(&program, &tar);
    std::fs::create_dir(&layout).unwrap();
    run(Command::new("tar").arg("-xf").arg(tar).arg("-C").arg(layout));
    (folder, digest)
}

fn skopeo(args: &[&str], image: &str) -> Value {
    let printed = run(Command::new("skopeo").arg("inspect").args(args).arg(image));
    serde_json::from_str(&printed).unwrap()
}

/// Unpacks the files of the image, and returns the folder that contains them.
pub(crate) fn unpack(folder: &Path, is_root: bool) -> PathBuf {
    let mut command = Command::new("umoci");
    command.args(["unpack", "--image", &format!("layout:{VERSION}")]);
    if !is_root {
        command.arg("--rootless");
    }
    run(command.arg("bundle").current_dir(folder));
    folder.join("bundle/rootfs")
}

/// Returns whether the user of the tests is root.
pub(crate) fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

/// Runs the program in the image as a container runtime does. `/proc` and `/dev` are mounted, `/tmp` is empty, and all
/// other folders are read-only.
fn start(image: &Path, is_root: bool, args: &[&str], stdin: &str) -> Ran {
    const MOUNT: &str = "mount --bind \"$1\" \"$1\"; mount -t proc proc \"$1/proc\"; mount --rbind /dev \"$1/dev\"
        mount -t tmpfs tmpfs \"$1/tmp\"; mount -o remount,bind,ro \"$1\"
        image=$1; shift; exec unshare \"--root=$image\" --wd=/home/vajra \"$@\"";
    let mut command = Command::new("unshare");
    if !is_root {
        command.args(["--user", "--map-root-user"]);
    }
    command.args([
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "/bin/sh",
        "-euc",
        MOUNT,
        "sh",
    ]);
    command.arg(image);
    if is_root {
        command.args(["--setgid", "65532", "--setuid", "65532"]);
    }
    command.arg("/usr/bin/vajra-cloud").args(args);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may end before it has read its whole input, so an error of this write is ignored.
    let _ = process.stdin.take().unwrap().write_all(stdin.as_bytes());
    Ran::new(&process.wait_with_output().unwrap())
}

/// Checks the information that other tools read from the image.
fn inspect(folder: &Path, digest: &str) {
    let layout = format!("oci:{}:{VERSION}", folder.join("layout").display());
    let seen = skopeo(&[], &layout);
    assert_eq!(seen["Digest"], digest);
    assert_eq!(seen["Os"], "linux");
    assert_eq!(seen["Labels"]["org.opencontainers.image.version"], VERSION);
    let config = skopeo(&["--config"], &layout)["config"].clone();
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["Entrypoint"], serde_json::json!(["/usr/bin/vajra-cloud"]));
    let archive = folder.join("image.tar");
    for form in ["oci-archive", "docker-archive"] {
        let seen = skopeo(&["--config"], &format!("{form}:{}", archive.display()));
        assert_eq!(seen["config"], config, "{form}");
    }
}

#[test]
fn other_tools_read_the_image_and_a_load_runs_in_it_on_a_read_only_root() {
    if !is_installed("skopeo") || !is_installed("umoci") {
        return;
    }
    let is_root = is_root();
    let (folder, digest) = image();
    inspect(folder.path(), &digest);
    let files = unpack(folder.path(), is_root);
    let programs: Vec<_> = files.join("usr/bin").read_dir().unwrap().collect();
    assert_eq!(programs.len(), 1, "{programs:?}");
    let authorities = std::fs::read_to_string(files.join("etc/ssl/certs/ca-certificates.crt")).unwrap();
    assert!(authorities.matches("BEGIN CERTIFICATE").count() > 50);

    let mut possible = Command::new("unshare");
    if !is_root {
        possible.args(["--user", "--map-root-user"]);
    }
    let possible = possible.args(["--mount", "--pid", "--fork", "true"]).output().unwrap();
    if !possible.status.success() {
        println!("SKIPPED the program in its image: this user may not create a mount namespace");
        return;
    }
    let version = start(&files, is_root, &["--version"], "").expect(0, &[]);
    assert_eq!(version.stdout, format!("vajra-cloud {VERSION}\n"));
    let scenario = "name: small\ntarget: { builtin: latency 1ms }\n\
                    load: { constant: { rate: 50/s, duration: 1s } }\nrequests: [ { name: home, url: /home } ]\n";
    let args = ["launch", "-", "--workers", "2", "--store", "/tmp"];
    let ran = start(&files, is_root, &args, scenario).expect(0, &[]);
    let counts = "arrivals   50 planned = 50 sent + 0 dropped + 0 missing";
    assert!(ran.stdout.contains(counts), "{}", ran.stdout);
    let refused = start(&files, is_root, &["init", "/home/vajra/s.yaml"], "");
    refused.expect(2, &["Read-only file system"]);
}

#[test]
fn the_same_program_gives_the_same_image_and_another_program_another_image() {
    let folder = tempfile::tempdir().unwrap();
    // The packed programs are smaller than vajra-cloud, so packing takes less time.
    let compile = |name: &str, version: &str| {
        let (source, program) = (folder.path().join("program.c"), folder.path().join(name));
        std::fs::write(
            &source,
            format!("#include <stdio.h>\nint main() {{ puts(\"vajra-cloud {version}\"); }}\n"),
        )
        .unwrap();
        run(Command::new("cc").arg(&source).arg("-o").arg(&program));
        program
    };
    let (program, other) = (compile("a", "1.2.3"), compile("b", "1.2.4"));
    let [first, again] = ["1.tar", "2.tar"].map(|name| folder.path().join(name));
    let digest = pack(&program, &first);
    // The image does not depend on the name and the modification time of the program's file.
    let moved = folder.path().join("moved");
    std::fs::copy(&program, &moved).unwrap();
    assert_eq!(pack(&moved, &again), digest);
    let read = |path: &Path| std::fs::read(path).unwrap();
    assert!(read(&first) == read(&again), "the archives differ");
    assert_ne!(pack(&other, &again), digest);
}
