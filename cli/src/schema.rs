//! `schema`: prints the JSON Schema of a document, for editors and other programs.

use crate::args::{SchemaArgs, SchemaKind};
use crate::exit::Exit;
use crate::printer::Printer;
use ::report::compare::Comparison;
use ::report::run_report::RunReport;
use plan::scenario_file;

pub(crate) fn run(args: &SchemaArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let text = match args.document {
        SchemaKind::Scenario => serde_json::to_string_pretty(&scenario_file::schema())?,
        SchemaKind::Report => RunReport::schema(),
        SchemaKind::Comparison => Comparison::schema(),
    };
    printer.result(&format!("{text}\n"))?;
    Ok(Exit::Passed)
}
