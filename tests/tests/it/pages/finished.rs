//! The page of a finished run.

use super::{browser, keeps_to_itself, launched, open};
use serde_json::Value;
use whole_runs::browser::Browser;
use whole_runs::machine::Desk;

/// Some of the answers fail, and nothing is measured in the first second.
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

/// A run of the scenario: its JSON, and its page.
fn run(desk: &Desk) -> Value {
    desk.write("checkout.yaml", SCENARIO);
    launched(desk, "checkout.yaml", "2", 99);
    desk.json("r.json")
}

/// The values that a chart draws, added up over its points.
fn drawn(browser: &mut Browser, chart: &str, series: usize) -> f64 {
    let sum = format!("vajraPage.charts.{chart}.data[{series}].reduce((sum, value) => sum + (value ?? 0), 0)");
    browser.eval(&sum).as_f64().unwrap()
}

#[test]
fn the_page_of_a_run_opens_offline_and_draws_what_the_report_says() {
    let desk = Desk::new();
    let report = run(&desk);
    let Some(mut browser) = browser(&desk, "finished", 1280, 900) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    let told = |key: &str, last: usize| -> f64 {
        let seconds = report["seconds"].as_array().unwrap().iter().take(last);
        seconds.map(|second| second[key].as_f64().unwrap()).sum()
    };
    // Of rates the six seconds of the load, and not those in which the last answers came.
    for (series, key) in [(1, "planned"), (2, "sent"), (3, "completed")] {
        assert!(
            (drawn(&mut browser, "rate", series) - told(key, 6)).abs() < 0.5,
            "{key}"
        );
    }
    assert!((drawn(&mut browser, "errors", 1) - told("failed", usize::MAX)).abs() < 0.5);
    assert!(drawn(&mut browser, "latency", 1) > 0.0);
    assert!(drawn(&mut browser, "distribution", 1) > 0.0);
    let words = browser.eval("document.body.innerText").as_str().unwrap().to_lowercase();
    for said in [
        "crossed",
        "errors < 1%",
        "latency p99 < 5s",
        "status",
        "warm_up",
        "name: checkout",
    ] {
        assert!(words.contains(said), "the page does not say `{said}`");
    }
    // What looks like markup is shown as it is.
    assert!(words.contains("</script><img src=x onerror=alert(1)>"));
    assert_eq!(browser.eval("document.querySelectorAll('img').length"), 0);
    keeps_to_itself(&mut browser, "file://");
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
            // Seconds in which all was sent, and nothing of the warm-up.
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
    keeps_to_itself(&mut browser, "file://");
}

#[test]
fn the_page_can_be_read_on_a_phone_in_the_dark_and_on_paper() {
    let desk = Desk::new();
    run(&desk);
    let Some(mut browser) = browser(&desk, "phone", 360, 740) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    let wide = browser.eval("document.documentElement.scrollWidth");
    assert!(wide.as_u64().unwrap() <= 360, "the page is {wide} pixels wide");
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
    keeps_to_itself(&mut browser, "file://");
}

#[test]
fn the_page_can_be_used_with_keys_alone_and_read_aloud() {
    let desk = Desk::new();
    run(&desk);
    let Some(mut browser) = browser(&desk, "keys", 1280, 900) else {
        return;
    };
    open(&mut browser, &desk.path("r.html"));
    browser.press("Tab");
    let first = browser.eval("document.activeElement.textContent");
    assert!(first.as_str().unwrap().starts_with("Skip"), "{first}");
    // The keys move along a chart, and what is there is spoken.
    browser.eval("document.querySelector('figure [tabindex=\"0\"][aria-label]').focus()");
    browser.press("ArrowRight");
    browser.press("ArrowRight");
    browser.wait_for("document.getElementById('spoken').textContent.length > 0");
    // Each chart says in words what it shows, and has its numbers as a table.
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
    // Headings go down one level at a time, and whatever can be pressed has a name.
    let jumps = "[...document.querySelectorAll('h1, h2, h3, h4')].filter(node => node.offsetParent !== null)\
        .map(node => Number(node.tagName[1])).filter((level, place, all) => place > 0 && level > all[place - 1] + 1).length";
    assert_eq!(browser.eval(jumps), 0);
    let nameless = "[...document.querySelectorAll('button, a[href], summary')].filter(node => \
        !(node.textContent.trim() || node.getAttribute('aria-label'))).length";
    assert_eq!(browser.eval(nameless), 0);
    keeps_to_itself(&mut browser, "file://");
}
