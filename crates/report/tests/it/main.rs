//! Reports, in every form, and comparisons, as other crates see them.

mod compare;
mod endings;
mod layouts;
mod page_types;
mod renderings;
mod report_schema;
mod views;
