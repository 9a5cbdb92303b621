//! The output formats of a finished report. Each format is a pure function of the report and of the run's plan, and
//! returns text.

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
    /// An HTML page in one file.
    Html,
    /// JUnit XML, in which each threshold is a test case.
    JUnit,
    /// Markdown for a pull request.
    Markdown,
    /// CSV, in which each line is a second or a longer interval.
    Csv,
    /// HdrHistogram's percentile distribution.
    Hgrm,
    /// HdrHistogram's interval log.
    Hlog,
}

impl Rendering {
    /// Returns the report in this format, for a file or a log. The text ends with a line feed.
    pub fn render(self, report: &RunReport, plan: &Plan) -> String {
        self.render_for(Layout::LOG, report, plan)
    }

    /// Returns the report in this format. The format `Text` uses the given layout.
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
