//! Tests of the page of a finished run, in a browser.

use super::{assert_no_foreign_requests, browser, launched, open};
use serde_json::Value;
use whole_runs::browser::Browser;
use whole_runs::machine::Desk;

/// A scenario in which some answers are failures. The first second of the load is not measured.
const SCENARIO: &str = "# </script><img src=x onerror=alert(1)>
name: checkout
target: { builtin: 'latency 2ms..20ms, errors 4%' }
load:
  - warm_up:  { rate: 100/s, duration: 1s }
  - constant: { rate: 200/s, duration: 5s }
requests:
  - { name: home, weight: 3, url: /home }
  - { name: cart, url: /cart }
thresholds:
  - errors < 1%
  - latency p99 < 5s
";

/// Runs the scenario and writes the page of the run. Returns the JSON report.
fn run(desk: &Desk) -> Value {
    desk.write("checkout.yaml", SCENARIO);
    launched(desk, "checkout.yaml", "2", 99);
    desk.json("r.json")
}

/// Returns the sum of all values of one series of a chart.
fn drawn(browser: &mut Browser, chart: &str, series: usize) -> f64 {
    let sum = format!("vajraPage.charts.{chart}.data[{series}].reduce((sum, value) => sum + (value ?? 0), 0)");
    browser.eval(&sum).as_f64().unwrap()
}

#[test]
fn the_page_of_a_run_opens_offline_and_its_charts_match_the_report() {
    let desk = Desk::new();
    let report = run(&desk);
    let Some(mut browser) = browser(&desk, "finished", 1280, 900) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    let reported = |key: &str, last: usize| -> f64 {
        let seconds = report["seconds"].as_array().unwrap().iter().take(last);
        seconds.map(|second| second[key].as_f64().unwrap()).sum()
    };
    // The chart shows rates for the six seconds of the load. The later seconds contain only answers, so the chart omits
    // their rates.
    for (series, key) in [(1, "planned"), (2, "sent"), (3, "completed")] {
        assert!(
            (drawn(&mut browser, "rate", series) - reported(key, 6)).abs() < 0.5,
            "{key}"
        );
    }
    assert!((drawn(&mut browser, "errors", 1) - reported("failed", usize::MAX)).abs() < 0.5);
    assert!(drawn(&mut browser, "latency", 1) > 0.0);
    assert!(drawn(&mut browser, "distribution", 1) > 0.0);
    let words = browser.eval("document.body.innerText").as_str().unwrap().to_lowercase();
    for text in [
        "crossed",
        "errors < 1%",
        "latency p99 < 5s",
        "status",
        "warm_up",
        "name: checkout",
    ] {
        assert!(words.contains(text), "`{text}` is not on the page");
    }
    // Markup in the name of the scenario is shown as text.
    assert!(words.contains("</script><img src=x onerror=alert(1)>"));
    assert_eq!(browser.eval("document.querySelectorAll('img').length"), 0);
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn each_page_of_a_run_has_its_requests_over_time() {
    let desk = Desk::new();
    let report = run(&desk);
    let run = report["run"].as_str().unwrap();
    desk.run(&["report", run, "--html", "again.html"]).expect(99, &[]);
    let Some(mut browser) = browser(&desk, "requests", 1280, 900) else {
        return;
    };
    for page in ["r.html", "again.html"] {
        open(&mut browser, &desk.path(page));
        for (at, request) in report["requests"].as_array().unwrap().iter().enumerate() {
            browser.eval(&format!(
                "document.getElementById('choice-select').selectedIndex = {}",
                at + 1
            ));
            browser.eval("document.getElementById('choice-select').dispatchEvent(new Event('change'))");
            // The chart shows all seconds in which requests were sent, except the warm-up.
            let (sent, failed) = (request["sent"].as_f64().unwrap(), request["failed"].as_f64().unwrap());
            assert!(
                (drawn(&mut browser, "rate", 1) - sent).abs() < 0.5,
                "{page}: {}",
                request["name"]
            );
            assert!(
                (drawn(&mut browser, "errors", 1) - failed).abs() < 0.5,
                "{page}: {}",
                request["name"]
            );
        }
    }
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn the_page_fits_a_phone_and_has_dark_and_print_styles() {
    let desk = Desk::new();
    run(&desk);
    let Some(mut browser) = browser(&desk, "phone", 360, 740) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    let wide = browser.eval("document.documentElement.scrollWidth");
    assert!(wide.as_u64().unwrap() <= 360, "the page is {wide} pixels wide");
    // The tables of the balance and of the thresholds are not wider than the page.
    for region in ["Balance of arrivals", "Thresholds"] {
        let hidden = format!(
            "(node => node.scrollWidth - node.clientWidth)(document.querySelector('[aria-label=\"{region}\"]'))"
        );
        assert_eq!(browser.eval(&hidden), 0, "{region}");
    }
    let colour = "getComputedStyle(document.body).backgroundColor";
    let light = browser.eval(colour);
    browser.emulate("screen", true);
    assert_ne!(browser.eval(colour), light);
    browser.emulate("screen", false);
    let printed = browser.print();
    assert!(
        printed.starts_with(b"%PDF") && printed.len() > 20_000,
        "{} bytes",
        printed.len()
    );
    assert_no_foreign_requests(&mut browser, "file://");
}

#[test]
fn the_page_works_with_the_keyboard_and_a_screen_reader() {
    let desk = Desk::new();
    run(&desk);
    let Some(mut browser) = browser(&desk, "keys", 1280, 900) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    browser.press("Tab");
    let first = browser.eval("document.activeElement.textContent");
    assert!(first.as_str().unwrap().starts_with("Skip"), "{first}");
    // The arrow keys move the cursor along a chart. A screen reader announces the values at the cursor.
    browser.eval("document.querySelector('figure [tabindex=\"0\"][aria-label]').focus()");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    browser.wait_for("document.getElementById('spoken').textContent.length > 0");
    // Each figure has a caption and a label. At least four charts have a table of their numbers.
    let mute = "[...document.querySelectorAll('figure')].filter(figure => \
        !figure.querySelector('figcaption') || !figure.querySelector('[aria-label], [role=img]')).length";
    assert_eq!(browser.eval(mute), 0);
    assert!(
        browser
            .eval("document.querySelectorAll('figure details').length")
            .as_u64()
            .unwrap()
            >= 4
    );
    // No level of headings is skipped, and every button and every link has a name.
    let jumps = "[...document.querySelectorAll('h1, h2, h3, h4')].filter(node => node.offsetParent !== null)\
        .map(node => Number(node.tagName[1])).filter((level, place, all) => place > 0 && level > all[place - 1] + 1).length";
    assert_eq!(browser.eval(jumps), 0);
    let nameless = "[...document.querySelectorAll('button, a[href], summary')].filter(node => \
        !(node.textContent.trim() || node.getAttribute('aria-label'))).length";
    assert_eq!(browser.eval(nameless), 0);
    assert_no_foreign_requests(&mut browser, "file://");
}
