//! What people look at: the page of a finished run and the dashboard of one on its way, in a browser.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod dashboard;
mod failing;
mod finished;
mod shown;

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use whole_runs::browser::Browser;
use whole_runs::machine::Desk;

/// A browser of so many pixels. Without one on this machine, says so and gives nothing.
fn browser(desk: &Desk, name: &str, width: u32, height: u32) -> Option<Browser> {
    if let Some(program) = Browser::program() {
        let profile = desk.path(&format!("profile-{name}"));
        return Some(Browser::start(&program, &profile, width, height));
    }
    assert!(
        std::env::var_os("VAJRA_TESTS_WITHOUT_SERVERS").is_some(),
        "chromium is missing: run tests/run, which installs it"
    );
    // Straight to the end of the process, past the test runner, which keeps what passing tests say.
    let _ = writeln!(std::io::stderr(), "\nSKIPPED {name}: there is no chromium here");
    None
}

/// Runs a scenario on so many workers, which ends with this code, and writes its report to `r.json` and its page to
/// `r.html`.
#[track_caller]
fn launched(desk: &Desk, scenario: &str, workers: &str, code: i32) {
    let launch = ["launch", scenario, "--workers", workers];
    let pages = ["--out", "r.json", "--html", "r.html"];
    desk.run(&[launch, pages].concat()).expect(code, &[]);
}

/// Opens a page of a file, and waits until all of it is drawn.
fn open(browser: &mut Browser, page: &Path) {
    browser.open(&format!("file://{}", page.display()));
    browser.wait_for("window.vajraPage && window.vajraPage.ready");
}

/// The cells of a table's head and body.
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

/// Nothing was asked of anybody but `own`, and nothing went wrong.
fn keeps_to_itself(browser: &mut Browser, own: &str) {
    for url in browser.requested() {
        let allowed = url.starts_with(own) || url.starts_with("data:") || url.starts_with("about:");
        assert!(allowed, "the page asked for {url}");
    }
    assert_eq!(browser.troubles(), Vec::<String>::new());
}

/// What is closer than eight pixels above or below a badge: the badge, the text or box, and the distance.
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
