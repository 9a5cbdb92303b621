//! The forms of a finished report: each a pure function from the report to its text.

use crate::layout::Layout;
use crate::run_report::RunReport;
use crate::view::View;
use crate::{csv, hdr, junit, markdown, page, text};
use plan::plan::Plan;

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// For people, at a terminal.
    Text,
    /// For machines: everything.
    Json,
    /// A page of one file.
    Html,
    /// Each threshold a test case.
    JUnit,
    /// For a pull request.
    Markdown,
    /// Second by second.
    Csv,
    /// HdrHistogram's percentile distribution.
    Hgrm,
    /// HdrHistogram's interval log.
    Hlog,
}

impl Rendering {
    /// The report of a run in this form, for a file or a log; ends with a line feed.
    pub fn render(self, report: &RunReport, plan: &Plan) -> String {
        self.render_for(Layout::LOG, report, plan)
    }

    /// The same, with text laid out for where it is shown.
    pub fn render_for(self, layout: Layout, report: &RunReport, plan: &Plan) -> String {
        match self {
            Rendering::Text => text::render(report, layout),
            Rendering::Json => report.json() + "\n",
            Rendering::Html => page::render(&View::new(report, plan, None)),
            Rendering::JUnit => junit::render(report),
            Rendering::Markdown => markdown::render(report),
            Rendering::Csv => csv::render(report),
            Rendering::Hgrm => hdr::distribution(report),
            Rendering::Hlog => hdr::log(report),
        }
    }
}
