//! How is it shown? Every finished report is a pure function of one [`run_report::RunReport`].

pub mod cost;
pub mod export;
mod generator;
pub mod live;
pub mod run_report;
pub mod show;
pub mod text;
pub mod verdict;
