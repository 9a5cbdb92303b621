//! The container image runs as worker, as launcher and as operator.

use super::load_tests::LoadTests;
use super::shop::{RATE, Shop};
use crate::release::image::{image, is_root, unpack};
use serde_json::json;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use whole_runs::machine::is_installed;

/// Runs the program of the image with the files of the image as its root. The temporary folder of this machine, which
/// contains kubeconfigs, volumes and the folders of pods, has the same path in the image. The process keeps its ID, so
/// signals reach the program.
const RUN: &str = r#"exec unshare --mount /bin/sh -euc '
    image=$0; tmp=$1; shift
    mount --bind "$tmp" "$image$tmp"
    mount -t proc proc "$image/proc"
    mount --rbind /dev "$image/dev"
    exec unshare --root="$image" --wd="$(pwd -P)" /usr/bin/vajra-cloud "$@"'"#;

/// The unpacked image.
struct Image {
    _folder: TempDir,
    files: PathBuf,
    /// A script that runs the program of the image.
    program: PathBuf,
}

impl Image {
    /// Packs and unpacks the image. If this user cannot run the image, prints that the test is skipped.
    fn new() -> Option<Image> {
        if !is_installed("umoci") {
            return None;
        }
        if !is_root() {
            let mut stderr = std::io::stderr();
            writeln!(stderr, "SKIPPED: only root can run processes in the image").unwrap();
            return None;
        }
        let (folder, _) = image();
        let files = unpack(folder.path(), true);
        let program = folder.path().join("run-image");
        let tmp = std::env::temp_dir();
        std::fs::create_dir_all(files.join(tmp.strip_prefix("/").unwrap())).unwrap();
        let script = format!("#!/bin/sh\n{RUN} {} {} \"$@\"\n", files.display(), tmp.display());
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        Some(Image {
            _folder: folder,
            files,
            program,
        })
    }

    /// Asserts that the files of the image are the root of each process.
    fn assert_runs_in(&self, processes: &[u32]) {
        for process in processes {
            let root = std::fs::read_link(format!("/proc/{process}/root")).unwrap();
            assert_eq!(root, self.files, "the process {process} does not run in the image");
        }
    }
}

fn launcher_and_workers_run_in(image: &Image, program: &Path) {
    let Some(shop) = Shop::open_with(program) else { return };
    let launch = shop.launch(3, &[]);
    shop.target.wait_for_more_than(RATE);
    let workers = shop.stand_in().processes();
    assert_eq!(workers.len(), 4);
    image.assert_runs_in(&[&workers[..], &[launch.pid()]].concat());
    shop.assert_whole(launch.finish(), 3);
}

fn operator_and_workers_run_in(image: &Image, program: &Path) {
    let Some(tests) = LoadTests::open_with(program) else {
        return;
    };
    let operator = tests.operator();
    tests.create(&tests.scenario(3, ""), &json!({}));
    tests.shop.target.wait_for_more_than(RATE);
    let workers = tests.shop.stand_in().processes();
    image.assert_runs_in(&[&workers[..], &[operator.process.pid()]].concat());
    tests.assert_passed(&tests.wait_until_finished(), 3);
    // The signal reaches the program in the image, and not only the script.
    operator.process.signal("TERM");
    operator.process.finish().expect(0, &["SIGTERM"]);
}

#[test]
fn the_image_runs_as_worker_and_as_launcher_and_as_operator() {
    let Some(image) = Image::new() else { return };
    launcher_and_workers_run_in(&image, &image.program);
    operator_and_workers_run_in(&image, &image.program);
}
