//! Tests of the public interface of the crate: reports in every format, and comparisons.

mod compare;
mod endings;
mod flows;
mod layouts;
mod page_types;
mod renderings;
mod report_schema;
mod views;
