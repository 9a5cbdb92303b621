//! Reports, in every form, and comparisons, as other crates see them.

mod compare;
mod endings;
mod page_types;
mod renderings;
mod report_schema;
mod views;
