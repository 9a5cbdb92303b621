//! The output formats of a finished report. Each is a pure function from the report to its text.

use crate::layout::Layout;
use crate::run_report::RunReport;
use crate::view::View;
use crate::{csv, hdr, junit, markdown, page, text};
use plan::plan::Plan;

/// An output format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendering {
    /// Text for a terminal.
    Text,
    /// JSON with all values, for programs.
    Json,
    /// A page in one file.
    Html,
    /// JUnit XML, with a test case for each threshold.
    JUnit,
    /// Markdown for a pull request.
    Markdown,
    /// CSV with a line for each second.
    Csv,
    /// HdrHistogram's percentile distribution.
    Hgrm,
    /// HdrHistogram's interval log.
    Hlog,
}

impl Rendering {
    /// Returns the report in this format, for a file or a log; ends with a line feed.
    pub fn render(self, report: &RunReport, plan: &Plan) -> String {
        self.render_for(Layout::LOG, report, plan)
    }

    /// Returns the report in this format; text has the given layout.
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
