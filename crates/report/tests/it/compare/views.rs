//! Tests of comparisons as text, as JSON, as Markdown, as JUnit XML and as a page.

use super::made::{Nature, run};
use plan::cost::money::Money;
use report::compare::rule::{RegressionRule, Ruling};
use report::compare::sample::RunSample;
use report::compare::{CompareError, Comparison, html, junit, markdown, text};
use report::layout::Layout;
use report::verdict::Verdict;
use serde_json::Value;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/comparison.schema.json");

fn pair() -> (RunSample, RunSample) {
    let nature = Nature {
        names: 2,
        ..Nature::ordinary(30, 280.0)
    };
    let slower = Nature {
        slower: 1.3,
        failing: 0.03,
        ..nature
    };
    let (mut a, mut b) = (run("monday", nature, 1), run("tuesday", slower, 3));
    (a.cost, b.cost) = (
        Some(Money::nanodollars(40_000_000)),
        Some(Money::nanodollars(50_000_000)),
    );
    (a, b)
}

fn rules() -> Vec<RegressionRule> {
    let rules = [
        "latency p99 > +10%",
        "latency p95 of request-1 > +50%",
        "errors > +1%",
        "latency p99.9 of request-0 > +20%",
        "cost > +20%",
        "latency p99 of request-0 > +15%",
    ];
    rules.map(|rule| RegressionRule::parse(rule).unwrap()).to_vec()
}

pub(crate) fn comparison() -> Comparison {
    let (a, b) = pair();
    Comparison::new(&a, &b, &rules()).unwrap()
}

#[test]
fn a_comparison_as_text() {
    let text = text::render(&comparison(), Layout::LOG);
    // The check skips the lines with reasons, because reasons have no maximum length.
    let mut plain = text.lines().filter(|line| !line.contains("required values"));
    assert!(plain.all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_comparison_as_json_keeps_its_schema() {
    let schema: Value = serde_json::from_str(&Comparison::schema()).unwrap();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(COMMITTED, format!("{}\n", Comparison::schema())).unwrap();
    }
    let committed: Value = serde_json::from_slice(&std::fs::read(COMMITTED).unwrap()).unwrap();
    assert_eq!(
        schema, committed,
        "run this test with UPDATE_GOLDENS=1, and read the diff"
    );
    let json: Value = serde_json::from_str(&comparison().json()).unwrap();
    assert!(jsonschema::is_valid(&committed, &json));
    assert_eq!(json["rules"][0]["ruling"], "broken");
    let row = &json["rows"][6];
    assert_eq!(row["statistic"], "latency p99");
    let (low, change, high) = (
        row["low"].as_f64().unwrap(),
        row["change"].as_f64().unwrap(),
        row["high"].as_f64().unwrap(),
    );
    assert!(0.0 < low && low < change && change < high, "{row}");
}

#[test]
fn a_comparison_as_markdown() {
    insta::assert_snapshot!(markdown::render(&comparison()));
}

#[test]
fn a_comparison_as_junit() {
    insta::assert_snapshot!(junit::render(&comparison()));
}

#[test]
fn junit_counts_broken_rules_as_failed_and_undecided_ones_as_skipped() {
    let xml = junit::render(&comparison());
    assert!(
        xml.contains("tests=\"7\" disabled=\"2\" errors=\"0\" failures=\"3\""),
        "{xml}"
    );
    let (a, mut b) = pair();
    b.verdict = Verdict::Incomplete;
    (b.counts.planned, b.counts.missing) = (b.counts.planned + 1_200, 1_200);
    let xml = junit::render(&Comparison::new(&a, &b, &[]).unwrap());
    assert!(
        xml.contains("failures=\"1\"") && xml.contains("1,200 of 9,619 arrivals are missing"),
        "{xml}"
    );
}

#[test]
fn names_cannot_act_in_markdown_or_junit() {
    let (mut a, mut b) = pair();
    let hostile = "</testcase><b>|`@all`\u{1}\n\"&<!--";
    for sample in [&mut a, &mut b] {
        hostile.clone_into(&mut sample.requests[0]);
        sample.scenario = format!("{hostile}{}", sample.run);
        hostile.clone_into(&mut sample.run);
        sample.generator = vec![hostile.to_owned()];
    }
    let comparison = Comparison::new(&a, &b, &rules()[..1]).unwrap();
    let xml = junit::render(&comparison);
    assert!(!xml.contains("<b>") && !xml.contains('\u{1}'), "{xml}");
    let markdown = markdown::render(&comparison);
    assert!(!markdown.contains("<b>") && !markdown.contains("@all"), "{markdown}");
    // Every row of a table has as many cells as the head of the table.
    for table in markdown.split("\n\n").filter(|block| block.starts_with('|')) {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let head = cells(table.lines().next().unwrap());
        assert!(table.lines().all(|line| cells(line) == head), "{table}");
    }
}

#[test]
fn a_comparison_as_a_page() {
    insta::assert_snapshot!(html::render(&comparison()));
}

/// Returns the points of one line in a chart. The chart is below a title in the page.
fn line(page: &str, title: &str, class: &str) -> Vec<(f64, f64)> {
    let drawing = &page[page.find(&format!("<h2>{title}</h2>")).unwrap()..];
    let drawing = &drawing[drawing.find("class=\"overlay\"").unwrap()..];
    let mark = format!("<polyline class=\"{class}\" points=\"");
    let places = drawing[drawing.find(&mark).unwrap() + mark.len()..]
        .split('"')
        .next()
        .unwrap();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let places = places.split(' ').map(|place| place.split_once(',').unwrap());
    places.map(|(x, y)| (number(x), number(y))).collect()
}

#[test]
fn the_page_draws_the_distributions_of_both_runs_in_one_chart() {
    let comparison = comparison();
    let page = html::render(&comparison);
    for title in ["all requests", "request-0", "request-1"] {
        let (a, b) = (line(&page, title, "a"), line(&page, title, "b"));
        for places in [&a, &b] {
            assert!(places.len() > 10, "{title}: {places:?}");
            // From left to right, the percentiles and the times of the points increase.
            assert!(
                places.is_sorted_by(|one, next| one.0 <= next.0 && one.1 >= next.1),
                "{title}"
            );
        }
    }
    // B is slower than A, so the line of B is above the line of A.
    let height = |class| {
        let line = line(&page, "all requests", class);
        line.iter().map(|(_, y)| y).sum::<f64>() / line.len() as f64
    };
    assert!(height("b") < height("a"));
    for name in [">percentile<", ">latency, logarithmic<", ">99%<", ">A<", ">B<"] {
        assert!(page.contains(name), "{name}");
    }
}

#[test]
fn the_axis_of_bars_has_a_name_in_every_table() {
    let page = html::render(&comparison());
    let heads: Vec<&str> = page.split("<th class=\"bar\">").skip(1).collect();
    assert!(heads.len() > 1, "{page}");
    for head in heads {
        assert!(head.starts_with("change from A to B<svg"), "{head}");
        let label = "aria-label=\"change from A to B: bars reach from -";
        assert!(
            head.split("</th>").next().is_some_and(|head| head.contains(label)),
            "{head}"
        );
    }
}

#[test]
fn rules_are_applied_to_the_compared_statistics() {
    let comparison = comparison();
    let rulings: Vec<Ruling> = comparison.rules.iter().map(|ruled| ruled.ruling).collect();
    let (kept, broken, undecided) = (Ruling::Kept, Ruling::Broken, Ruling::Undecided);
    assert_eq!(rulings, [broken, kept, broken, undecided, broken, undecided]);
    assert!(comparison.regressed());
    let undecided = &comparison.rules[3];
    assert!(undecided.measured.contains("values beyond it"), "{undecided:?}");
    let chance = &comparison.rules[5];
    assert!(chance.measured.ends_with(": it may be chance"), "{chance:?}");
}

#[test]
fn bars_beyond_the_scale_are_cut_off_and_marked() {
    let nature = Nature {
        names: 2,
        ..Nature::ordinary(30, 280.0)
    };
    let slower = Nature { slower: 3.0, ..nature };
    let (a, b) = (run("monday", nature, 1), run("tuesday", slower, 3));
    let page = html::render(&Comparison::new(&a, &b, &[]).unwrap());
    let p50 = page
        .split("<tr>")
        .find(|row| row.contains("<td>latency p50</td>"))
        .unwrap();
    assert!(
        p50.contains("class=\"worse cut\"") && p50.contains("cut off at ±50.0%"),
        "{p50}"
    );
    assert!(
        !p50.contains("<circle"),
        "a change that is not on the scale is not drawn on it: {p50}"
    );
    assert!(
        page.contains(">-50.0%</text>") && page.contains(">+50.0%</text>"),
        "no axis"
    );
    let equal = html::render(&Comparison::new(&a, &a, &[]).unwrap());
    assert!(
        !equal.contains("class=\"same cut\"") && equal.contains("bars reach from"),
        "{equal}"
    );
}

#[test]
fn a_rule_for_an_unknown_request_is_rejected_with_the_known_ones() {
    let (a, b) = pair();
    let rule = RegressionRule::parse("rate of absent < -5%").unwrap();
    let Err(CompareError::NoRequest { hint, .. }) = Comparison::new(&a, &b, &[rule]) else {
        panic!("it was judged");
    };
    assert_eq!(hint, "use one of: request-0, request-1");
}

#[test]
fn differences_that_are_not_due_to_the_target_are_cautions() {
    let (a, mut b) = pair();
    b.scenario = "search".to_owned();
    b.fleet = "lambda".to_owned();
    b.verdict = Verdict::Incomplete;
    (b.counts.planned, b.counts.missing) = (b.counts.planned + 1_200, 1_200);
    b.counts.dropped = 3;
    b.generator = vec!["worker 0 sent without a pause for 98 % of the time".to_owned()];
    b.requests[1] = "other".to_owned();
    b.loads = run("", Nature::ordinary(31, 100.0), 1).loads;
    let comparison = Comparison::new(&a, &b, &[]).unwrap();
    assert!(comparison.incomplete() && !comparison.paired);
    insta::assert_snapshot!(comparison.cautions.join("\n"));
}

#[test]
fn names_cannot_inject_code_into_the_page() {
    let (mut a, mut b) = pair();
    let hostile = "<script>alert(1)</script>\"' onload='x' & </table>".to_owned();
    for sample in [&mut a, &mut b] {
        sample.requests[0].clone_from(&hostile);
        sample.scenario = format!("{hostile}{}", sample.run);
        sample.fleet = format!("{hostile}{}", sample.run);
        sample.run.clone_from(&hostile);
        sample.started = Some(hostile.clone());
        sample.generator = vec![hostile.clone()];
    }
    b.requests[1].push_str(&hostile);
    let page = html::render(&Comparison::new(&a, &b, &rules()[..1]).unwrap());
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=&#39;x&#39; &amp; "));
    assert!(!page.contains("<script") && !page.contains("onload='") && !page.contains("\"' "));
    // Every opened tag of the page is closed, even if a name contains markup.
    for tag in ["table", "div", "svg", "tr", "td", "p", "li", "h2", "body", "html"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "it fetches nothing"
    );
}
