//! The table of docs/fleets.md is generated from the capabilities of the fleets.

use fleet::fleet::{Capabilities, Opening};
use fleet::kinds::KINDS;
use fleet::options::FleetOptions;
use plan::span::show;
use std::fmt::Write;
use whole_runs::machine::root;

const PAGE: &str = "docs/fleets.md";
const BEGIN: &str = "<!-- The table is made by a test: UPDATE_GOLDENS=1 writes it again. -->\n";

fn row(name: &str, about: &str, capabilities: &Capabilities) -> String {
    let (lifetime, yes) = (&capabilities.lifetime, |it| if it { "yes" } else { "no" });
    format!(
        "| `{name}` | {about} | {} | {} | {} | {} | {} | {} | {} |",
        yes(capabilities.starts_workers),
        capabilities.workers_max,
        lifetime.map_or_else(|| "no limit".to_owned(), |lifetime| show(lifetime.max)),
        show(capabilities.start_timeout),
        show(capabilities.snapshot_interval),
        yes(capabilities.inspected),
        yes(capabilities.price.is_some()),
    )
}

#[tokio::test]
async fn the_table_of_fleets_matches_their_capabilities() {
    let mut table = String::from(
        "| fleet | where workers run | starts them | most workers | a worker lives | start timeout | a snapshot every | \
         looked at before a launch | priced |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let planned = test_plans::Planned::of(
        "name: any\ntarget: http://shop.example.com\nload: { constant: { rate: 1/s, duration: 1s } }\nrequests: [ { name: home } ]\n",
    );
    let (scenario, options) = (planned.scenario(), FleetOptions::default());
    for kind in KINDS {
        let opening = Opening {
            options: &options,
            scenario: &scenario,
            store: &"s3://bucket/prefix".parse().unwrap(),
            program: std::path::Path::new("vajra-cloud"),
        };
        let fleet = kind.open(opening).await.unwrap();
        assert_eq!(fleet.name(), kind.name());
        writeln!(table, "{}", row(kind.name(), kind.about(), fleet.capabilities())).unwrap();
    }
    let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the mark of the table");
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    let wanted = format!("{before}{BEGIN}{table}{}", &rest[end..]);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(root().join(PAGE), &wanted).unwrap();
    }
    assert_eq!(
        page, wanted,
        "the table of {PAGE} is out of date; rewrite it with UPDATE_GOLDENS=1"
    );
}
