//! Tests of stores that fail. No command hangs, no object is written partially, and each error contains a hint.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use whole_runs::machine::{Desk, Target, constant, free_port};

fn launch(store: &str, code: i32, words: &[&str]) {
    let (desk, target) = (Desk::new(), Target::start(""));
    desk.write("s.yaml", &constant(&target.url(), "50/s", "2s"));
    let mut command = desk.command(&["launch", "s.yaml", "--store", store]);
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "no `{word}` in:\n{stderr}");
    }
    assert_eq!(
        target.requests(),
        0,
        "requests were sent for a run that cannot be stored"
    );
}

#[test]
fn an_unreachable_store_is_named_in_the_error() {
    let endpoint = format!("http://127.0.0.1:{}", free_port());
    launch(
        &format!("s3://bucket/prefix?endpoint={endpoint}"),
        1,
        &["cannot reach the store", &endpoint, "hint:"],
    );
}

#[test]
fn a_file_as_the_store_is_rejected() {
    let desk = Desk::new();
    desk.write("occupied", "");
    let store = desk.path("occupied").display().to_string();
    launch(&store, 1, &["occupied"]);
}

#[test]
fn a_full_disk_is_reported_and_leaves_no_partial_files() {
    let desk = Desk::new();
    let disk = desk.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let _mounted = match Tmpfs::mount(&disk) {
        Some(mounted) => mounted,
        None => {
            println!("skipped: this user may not mount a small file system");
            return;
        }
    };
    // The file `filler` grows until the file system is full and a write fails.
    let mut filler = std::fs::File::create(disk.join("filler")).unwrap();
    while filler.write(&[0; 4 << 10]).is_ok() {}
    launch(
        &disk.display().to_string(),
        1,
        &["no space is left", "hint: free some space"],
    );
    let left = Command::new("find").arg(&disk).args(["-type", "f"]).output().unwrap();
    let left = String::from_utf8_lossy(&left.stdout).into_owned();
    assert!(left.lines().all(|file| file.ends_with("filler")), "{left}");
}

/// A file system of 32 KiB. The file system is unmounted when this value is dropped.
struct Tmpfs<'a>(&'a Path);

impl Tmpfs<'_> {
    fn mount(path: &Path) -> Option<Tmpfs<'_>> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=32k", "tmpfs"])
            .arg(path)
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Tmpfs(path))
    }
}

impl Drop for Tmpfs<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}
