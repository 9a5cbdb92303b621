//! Conducts a run with the crate `run`, as a program other than the command line would do.
//!
//! The crate `run` neither parses arguments nor prints.

use export::{ExportOptions, Exporters};
use fleet::fleet::FleetKind;
use fleet::options::FleetOptions;
use plan::scenario_file::{self, Settings, Surroundings};
use report::run_report::RunReport;
use run::conduct::{ConductEvent, conduct};
use run::cost::CostChoices;
use run::error::RunError;
use run::order::{Choices, Workers};
use run::prepare::{RunRequest, prepare};
use run::stopping::Stopping;
use run::{conclude, order};
use std::time::Duration;
use whole_runs::machine::{Desk, Target, program, sent};

const SCENARIO: &str = "name: linked\ntarget: TARGET\nload: { constant: { rate: 50/s, duration: 1s } }\nrequests: [ { name: home, url: /home } ]\n";

/// Returns a request for a run in which two workers send 50 requests.
pub(crate) fn small_run(desk: &Desk, target: &Target, kind: &'static dyn FleetKind) -> RunRequest {
    let nothing = Surroundings {
        environment: &|_| None,
        file: &|_| Err("no file is needed".to_owned()),
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    let text = SCENARIO.replace("TARGET", &target.url());
    let mut scenario = scenario_file::read(&text, "linked", &nothing).unwrap();
    order::draw_seed(&mut scenario);
    RunRequest {
        scenario,
        run: Some("linked-1".to_owned()),
        choices: Choices {
            workers: Workers::Number(2),
            fleet: kind,
            start_timeout: Some(Duration::from_secs(30)),
            min_workers: None,
            restripe: false,
            dead_man: None,
            snapshot_interval: None,
            slice: None,
        },
        fleet_options: FleetOptions::default(),
        store: Some(desk.path("").display().to_string()),
        cost: CostChoices::default(),
        program: program().to_owned(),
    }
}

/// Conducts a run until its report is made. Stores the report in the store of the run, and returns it.
pub(crate) fn conduct_to_report(asked: RunRequest) -> RunReport {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let prepared = prepare(asked).await.unwrap();
        let mut published = prepared.publish().await.unwrap();
        let (store, clock) = (&prepared.store, &prepared.clock);
        let stopping = Stopping::new(store, clock, |error| panic!("{error}"));
        let (mut looks, mut over, exporters) = (0, false, Exporters::start(ExportOptions::default()).unwrap());
        let conducted = conduct(
            store,
            &mut published.gatherer,
            published.crew.as_mut(),
            clock,
            &exporters,
            &stopping,
            |event| match event {
                ConductEvent::Look { record, .. } => {
                    assert_eq!(record.plan.run, "linked-1");
                    looks += 1;
                }
                ConductEvent::Over => over = true,
            },
        )
        .await;
        assert!(conducted.settled && looks > 0 && over, "{conducted:?} {looks} {over}");
        let losses = conducted.outcome.unwrap();
        assert!(losses.is_empty(), "{losses:?}");
        let report = conclude::report(store, &published.gatherer, published.crew.as_mut(), &losses).await;
        conclude::keep(store, &report).await.unwrap();
        report
    })
}

#[test]
fn a_program_conducts_a_run_through_the_crate_run() {
    let (desk, target) = (Desk::new(), Target::start(""));
    let report = conduct_to_report(small_run(&desk, &target, &fleet::local::Kind));
    // The store already contains a run with the same name.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let again = async {
        let prepared = prepare(small_run(&desk, &target, &fleet::local::Kind)).await.unwrap();
        prepared.publish().await.map(|_| ()).unwrap_err()
    };
    let refused = runtime.block_on(again);
    assert!(matches!(refused, RunError::Refused(_)), "{refused:?}");
    // The command line reads the same report from the store.
    let ran = desk.run(&["report", "linked-1", "--out", "-"]).expect(0, &[]);
    assert_eq!(ran.stdout.trim_end(), report.json());
    assert_eq!(sent(&serde_json::from_str(&report.json()).unwrap()), 50);
}
