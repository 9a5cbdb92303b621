//! Makes the pictures of `docs/gallery.md`: runs every scenario in `scenarios/`, and takes a screenshot of each report.
//!
//! ```console
//! $ cargo build --release --workspace --bins && target/release/gallery
//! ```

#![expect(clippy::print_stdout, reason = "it prints the names of the pictures")]
#![expect(clippy::unwrap_used, reason = "any failure ends the program")]

use std::path::Path;
use std::process::Command;
use whole_runs::browser::Browser;

const WIDTH: u32 = 1_000;
/// The height of a picture in pixels. A picture shows the page from the verdict to the charts over time.
const HEIGHT: u32 = 1_500;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // The program `vajra-cloud` that was built together with this program.
    let program = std::env::current_exe().unwrap().with_file_name("vajra-cloud");
    let chromium = Browser::program().expect("chromium is needed");
    let mut names: Vec<String> = std::fs::read_dir(root.join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let folder = std::env::temp_dir().join(format!("vajra-gallery-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::create_dir_all(root.join("docs/gallery")).unwrap();
    for name in names {
        println!("{name}");
        let page = folder.join(format!("{name}.html"));
        let status = Command::new(&program)
            .args(["launch", &name, "--workers", "2", "--quiet", "--run", &name])
            .args([
                "--store".as_ref(),
                folder.as_os_str(),
                "--html".as_ref(),
                page.as_os_str(),
            ])
            .current_dir(root)
            .status()
            .unwrap();
        assert!(status.success(), "{name} did not pass");
        let mut browser = Browser::start(&chromium, &folder.join("profile"), WIDTH, 900);
        browser.open(&format!("file://{}", page.display()));
        browser.wait_for("window.vajraPage && vajraPage.ready");
        let picture = root.join(format!("docs/gallery/{name}.png"));
        std::fs::write(picture, browser.picture(WIDTH, HEIGHT)).unwrap();
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
