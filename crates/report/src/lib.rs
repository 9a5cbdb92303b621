//! Reports of a run. Every format of a finished report is a pure function of a [`run_report::RunReport`] and of the
//! run's plan.

pub mod arrivals;
pub mod compare;
pub mod cost;
mod csv;
mod distribution_points;
pub mod failures;
mod flow_report;
pub mod generator;
mod hdr;
mod junit;
pub mod layout;
pub mod live;
mod markdown;
pub mod outcome;
pub mod page;
mod part;
mod percentiles;
pub mod rendering;
pub mod run_report;
pub mod series;
pub mod show;
pub mod text;
mod timing;
pub mod verdict;
pub mod view;
pub mod waits;
pub mod worker_report;
