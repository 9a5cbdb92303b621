//! Reads a scenario file and converts it to a [`Scenario`].
//!
//! The form of the file is private to this module. The file is YAML and is checked against the declarations in `keys`.
//! Only a file that passes every check becomes a [`Scenario`]. All problems of a file are reported at once, each with
//! its line and a hint. Reading is a pure function. [`Surroundings`] provides the environment, the check of
//! certificates, and all files, including the included files.
//!
//! The cost of reading a hostile file is bounded by the length of the file. The text, nesting, lists, maps, columns,
//! secrets, values of the environment, problems and referenced files all have limits. User-defined names are looked up
//! in maps. No list is searched for each use of a name.

mod abort;
mod aliases;
mod auth;
mod auth_keys;
mod body;
pub mod csv;
mod document;
mod expect;
mod feed;
mod fields;
mod flow;
mod grammar;
mod guard;
mod hosts;
mod http;
mod include;
mod keys;
mod limits;
mod load;
mod mix;
mod oauth;
mod pairs;
mod pem;
mod phase;
mod populations;
mod problem;
mod problems;
mod reading;
mod regions;
mod request;
mod scalar;
mod schema;
mod scope;
mod sigv4;
mod source;
mod step_keys;
mod target;
mod threshold;
mod tls;
mod transport;
mod unfit;
mod variables;
mod vars;
mod wordings;

pub use keys::INCLUDED_MAX;
pub use pem::{PemCheck, PemText};
pub use problem::{Problem, TEXT_MAX};
pub use problems::Problems;
pub use schema::schema;
pub use step_keys::HEADERS_MAX;
pub use variables::Settings;

use crate::rules;
use crate::scenario::{Feed, Pem, Scenario};
use fields::Fields;
use populations::Sent;
use reading::ScenarioReader;
use source::SourceText;
use std::collections::BTreeSet;

/// The inputs of a scenario that are not in its file.
pub struct Surroundings<'a> {
    /// Returns the value of an environment variable; `None` if the variable is not set.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Returns the content of a file, or the reason why the file cannot be read. The path is relative to the folder of
    /// the scenario.
    pub file: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// Checks certificates and keys. An error is a text of the form `problem; hint`. The problem is the end of a
    /// sentence. The subject of this sentence is the certificate, or the secret with the key.
    pub pem: &'a dyn Fn(&PemCheck<'_>) -> Result<(), String>,
    /// The values of variables that options of the command line set.
    pub settings: Settings,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Surroundings")
    }
}

/// Reads a scenario file. `source_name` is the name of the file in problems.
///
/// # Errors
/// Returns all problems of the file.
pub fn read(text: &str, source_name: &str, surroundings: &Surroundings<'_>) -> Result<Scenario, Problems> {
    let mut source = SourceText::new(text, source_name);
    let document = include::load(&mut source, surroundings);
    match document
        .map_err(|problems| (problems, 0))
        .and_then(|document| read_source(document, &source, surroundings))
    {
        Ok(scenario) => Ok(Scenario {
            source: surroundings.settings.written_above(text) + &include::listing(&source),
            ..scenario
        }),
        Err((problems, uncounted)) => Err(Problems::new(source, problems, uncounted)),
    }
}

fn read_source(
    (mut document, problems): (document::Node, Vec<Problem>),
    source: &SourceText,
    surroundings: &Surroundings<'_>,
) -> Result<Scenario, (Vec<Problem>, usize)> {
    let mut reading = ScenarioReader::new(source, surroundings, problems);
    vars::fill(&mut reading, &mut document, &surroundings.settings);
    let scenario = scenario(&mut reading, &document);
    vars::check_used(&mut reading, &surroundings.settings);
    match scenario {
        Some(mut scenario) if reading.is_clean() => {
            drop_unused_blobs(&mut scenario);
            Ok(scenario)
        }
        _ => Err(reading.into_problems()),
    }
}

fn scenario(reading: &mut ScenarioReader<'_>, document: &document::Node) -> Option<Scenario> {
    let fields = Fields::read(reading, &keys::SCENARIO, document)?;
    let name = name(reading, &fields);
    let seed = match fields.get("seed") {
        Some(entry) => entry.whole(reading).map(Some),
        None => Some(None),
    };
    let targets = target::read(reading, &fields);
    // If the targets cannot be read, set an empty region, so that a missing region is not reported in addition.
    reading.region = targets.as_deref().map_or(Some(String::new()), sigv4::region_of);
    feed::read(reading, &fields);
    let populations = populations::find(reading, &fields);
    let sent = populations::read(reading, &fields, &populations);
    let thresholds = threshold::read(reading, &fields, &populations);
    let limits = limits::read(reading, &fields);
    let hosts = hosts::read(reading, &fields);
    let abort_if = abort::read(reading, &fields);
    let regions = regions::read(reading, &fields);
    let Sent {
        populations,
        requests,
        flows,
        tls,
    } = sent?;
    populations::check_connections(reading, &fields, populations.len(), limits.as_ref()?)?;
    Some(Scenario {
        source: String::new(),
        name: name?,
        seed: seed?,
        targets: targets?,
        populations,
        requests,
        flows,
        thresholds: thresholds?,
        limits: limits?,
        hosts: hosts?,
        tls,
        abort_if: abort_if?,
        regions: regions?,
        feeds: std::mem::take(&mut reading.feeds),
        secrets: std::mem::take(&mut reading.secrets),
        tokens: std::mem::take(&mut reading.tokens),
        blobs: std::mem::take(&mut reading.blobs),
    })
}

/// Removes the files whose text became part of a request. Only the files that remain are stored for the workers.
fn drop_unused_blobs(scenario: &mut Scenario) {
    let requests = scenario.requests.iter().chain(&scenario.tokens);
    let bodies = requests.clone().flat_map(|request| request.body.blobs());
    let feeds = scenario.feeds.iter().flat_map(Feed::blobs);
    let clients = requests.filter_map(|request| Some(&request.client.as_ref()?.certificate));
    let certificates = scenario.tls.certificates().chain(clients).filter_map(Pem::blob);
    let used: BTreeSet<&String> = bodies.chain(feeds).chain(certificates).collect();
    scenario.blobs.retain(|blob, _| used.contains(blob));
}

fn name(reading: &mut ScenarioReader<'_>, fields: &Fields<'_>) -> Option<String> {
    let node = fields.get("name")?.value;
    let name = reading.text("name", node)?;
    if rules::is_scenario_name(name) {
        Some(name.to_owned())
    } else {
        reading.misworded(node, "name", &wordings::SCENARIO_NAME)
    }
}
