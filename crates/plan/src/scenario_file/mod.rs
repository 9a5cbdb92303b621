//! The scenario file, and its conversion to a [`Scenario`].
//!
//! The form of the file is private: it is YAML, checked against the declarations in `keys`, and only a file that passes
//! every check leaves this module. All problems of a file are reported at once, each with its line and a hint. Reading
//! is pure: files and the environment are provided through [`Surroundings`].
//!
//! A hostile file costs no more than its length: text, nesting, lists, maps, columns, secrets, values of the
//! environment, problems and the referenced files are all bounded. User-defined names are looked up in maps, never by
//! searching a list for each mention.

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
mod keys;
mod limits;
mod load;
mod mix;
mod oauth;
mod phase;
mod problem;
mod reading;
mod regions;
mod request;
mod scalar;
mod schema;
mod scope;
mod sigv4;
mod step_keys;
mod target;
mod threshold;
mod tls;
mod transport;
mod unfit;
mod variables;
mod vars;
mod wordings;

pub use problem::{Problem, Problems, TEXT_MAX};
pub use schema::schema;
pub use step_keys::HEADERS_MAX;
pub use variables::Settings;

use crate::rules;
use crate::scenario::{Pem, Scenario};
use fields::Fields;
use problem::SourceText;
use reading::ScenarioReader;
use std::collections::BTreeSet;

/// The inputs of a scenario from outside its file.
pub struct Surroundings<'a> {
    /// The value of an environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Returns the content of a file, by its path relative to the scenario; or the reason why it cannot be read.
    pub file: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// The values of variables from the command line.
    pub settings: Settings,
}

impl std::fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Surroundings")
    }
}

/// Reads a scenario file. `source_name` is the file's name in problems.
///
/// # Errors
/// Returns all problems of the file.
pub fn read(text: &str, source_name: &str, surroundings: &Surroundings<'_>) -> Result<Scenario, Problems> {
    let source = SourceText::new(text, source_name);
    match read_source(&source, surroundings) {
        Ok(scenario) => Ok(Scenario {
            source: surroundings.settings.written_above(text),
            ..scenario
        }),
        Err((problems, uncounted)) => Err(Problems::new(source, problems, uncounted)),
    }
}

fn read_source(source: &SourceText, surroundings: &Surroundings<'_>) -> Result<Scenario, (Vec<Problem>, usize)> {
    let (mut document, problems) = document::load(source).map_err(|problems| (problems, 0))?;
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
    // Targets that cannot be read do not lack a region, too.
    reading.region = targets.as_deref().map_or(Some(String::new()), sigv4::region_of);
    let load = load::read(reading, &fields);
    feed::read(reading, &fields);
    let mut requests = mix::read_all(reading, &fields);
    let tls = tls::read(reading, &fields, requests.as_mut().map(|(requests, _)| requests));
    let mix_order = mix::order(reading, &fields, load.as_ref(), requests.as_ref());
    if let (Some(load), Some(order), Some(read)) = (&load, mix_order, &requests) {
        feed::check_rows(reading, load, order, read);
    }
    let thresholds = threshold::read(reading, &fields);
    let limits = limits::read(reading, &fields);
    let transport = transport::read(reading, &fields, load.as_ref());
    let hosts = hosts::read(reading, &fields);
    let abort_if = abort::read(reading, &fields);
    let regions = regions::read(reading, &fields);
    let (requests, flows) = requests?;
    tls::check_connections(reading, transport, &requests)?;
    Some(Scenario {
        source: String::new(),
        name: name?,
        seed: seed?,
        targets: targets?,
        load: load?,
        mix_order: mix_order?,
        requests,
        flows,
        thresholds: thresholds?,
        limits: limits?,
        transport: transport?,
        hosts: hosts?,
        tls: tls?,
        abort_if: abort_if?,
        regions: regions?,
        feeds: std::mem::take(&mut reading.feeds),
        secrets: std::mem::take(&mut reading.secrets),
        tokens: std::mem::take(&mut reading.tokens),
        blobs: std::mem::take(&mut reading.blobs),
    })
}

/// Removes the files whose text became part of a request: only the other ones are stored for the workers.
fn drop_unused_blobs(scenario: &mut Scenario) {
    let requests = scenario.requests.iter().chain(&scenario.tokens);
    let bodies = requests.clone().flat_map(|request| request.body.blobs());
    let feeds = scenario.feeds.iter().map(|feed| &feed.blob);
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
