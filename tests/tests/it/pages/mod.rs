//! Tests of the page of a finished run and of the dashboard of a run in progress, in a browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod dashboard;
mod failing;
mod finished;
mod shown;

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use whole_runs::browser::Browser;
use whole_runs::machine::Desk;

/// Starts a browser whose window has this size in pixels. If no browser is installed, prints that the test is skipped,
/// and returns `None`.
fn browser(desk: &Desk, name: &str, width: u32, height: u32) -> Option<Browser> {
    if let Some(program) = Browser::program() {
        let profile = desk.path(&format!("profile-{name}"));
        return Some(Browser::start(&program, &profile, width, height));
    }
    assert!(
        std::env::var_os("VAJRA_TESTS_WITHOUT_SERVERS").is_some(),
        "chromium is missing: run tests/run, which installs it"
    );
    // The text is written directly to stderr, because the test runner hides the output of tests that pass.
    let _ = writeln!(std::io::stderr(), "\nSKIPPED {name}: chromium is not installed");
    None
}

/// Runs a scenario and checks the exit code. Writes the report to `r.json` and the page to `r.html`.
#[track_caller]
fn launched(desk: &Desk, scenario: &str, workers: &str, code: i32) {
    let launch = ["launch", scenario, "--workers", workers];
    let pages = ["--out", "r.json", "--html", "r.html"];
    desk.run(&[launch, pages].concat()).expect(code, &[]);
}

/// Opens a page from a file, and waits until the page is drawn.
fn open(browser: &mut Browser, page: &Path) {
    browser.open(&format!("file://{}", page.display()));
    browser.wait_for("window.vajraPage && window.vajraPage.ready");
}

/// Returns the cells in the head of a table, and the cells in each row of its body.
fn table(browser: &mut Browser, caption: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let rows = |part: &str, cell: &str| {
        format!(
            "[...[...document.querySelectorAll('table')].find(table => table.caption?.textContent === '{caption}')\
             .{part}.rows].map(row => [...row.{cell}].map(cell => cell.innerText.trim()))"
        )
    };
    let read = |value: Value| serde_json::from_value::<Vec<Vec<String>>>(value).unwrap();
    let head = read(browser.eval(&rows("tHead", "cells")));
    (head.concat(), read(browser.eval(&rows("tBodies[0]", "cells"))))
}

/// Asserts that the page sent requests only to URLs that begin with `own`, and that it had no errors.
fn assert_no_foreign_requests(browser: &mut Browser, own: &str) {
    for url in browser.requested() {
        let allowed = url.starts_with(own) || url.starts_with("data:") || url.starts_with("about:");
        assert!(allowed, "the page requested {url}");
    }
    assert_eq!(browser.troubles(), Vec::<String>::new());
}

/// A script that lists every text or box that is less than eight pixels above or below a badge. Each entry contains the
/// badge, the text or box, and the distance.
const CRAMPED: &str = "(() => {
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || !node.parentElement.checkVisibility() || node.parentElement.closest('.unseen, caption')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) boxes.push([node.parentElement, node.data.trim(), box]);
  }
  for (const node of document.querySelectorAll('progress, canvas, .scroll, .alert, .figures'))
    if (node.checkVisibility()) boxes.push([node, node.className || node.tagName, node.getBoundingClientRect()]);
  const cramped = [];
  for (const badge of document.querySelectorAll('.badge')) {
    if (!badge.checkVisibility()) continue;
    const own = badge.getBoundingClientRect();
    for (const [node, text, box] of boxes) {
      if (badge.contains(node) || node.contains(badge)) continue;
      if (box.right <= own.left || box.left >= own.right) continue;
      const apart = Math.max(box.top - own.bottom, own.top - box.bottom);
      if (apart < 8) cramped.push([badge.innerText, text, apart]);
    }
  }
  return cramped;
})()";
