//! `list`: lists the runs in a store.

use crate::args::StoreArgs;
use crate::exit::Exit;
use crate::printer::Printer;
use ::report::show::{rate, time};
use ::run::list::{ListedRun, rows};
use store::RunStore;

pub(crate) async fn run(args: StoreArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let store = RunStore::open(&args.locate()?).await?;
    let mut rows = rows(&store).await?;
    rows.reverse();
    if rows.is_empty() {
        let launch = args.command("launch quickstart");
        printer.note(&format!("no runs here yet; `{launch}` starts one"));
    } else {
        printer.result(&table(&rows))?;
    }
    Ok(Exit::Passed)
}

/// The width of a line in characters. The column of names gets the width that the other columns do not need.
const WIDTH: usize = 80;
const HEADS: [&str; 4] = ["planned (UTC)", "verdict", "rate", "p99"];

/// Returns the table of the runs. A run whose name is longer than the column of names takes two lines: one for the
/// name, and one for the other columns.
fn table(rows: &[ListedRun]) -> String {
    let cells: Vec<Option<[String; 4]>> = rows.iter().map(cells).collect();
    let mut widths = HEADS.map(str::len);
    for cells in cells.iter().flatten() {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.len());
        }
    }
    let taken: usize = widths.iter().map(|width| width + 2).sum();
    let names = rows.iter().map(|row| row.run.len()).max().unwrap_or(0);
    let name_width = names.min(WIDTH.saturating_sub(taken));
    let line = |name: &str, [planned, verdict, rate, p99]: [&str; 4]| {
        let [a, b, c, d] = widths;
        let line = format!("{name:name_width$}  {planned:a$}  {verdict:b$}  {rate:>c$}  {p99:>d$}");
        format!("{}\n", line.trim_end())
    };
    let mut out = line("run", HEADS);
    for (row, cells) in rows.iter().zip(&cells) {
        let Some(cells) = cells else {
            out.push_str(&format!("{}  {}\n", row.run, row.verdict));
            continue;
        };
        let cells = cells.each_ref().map(String::as_str);
        match row.run.len() > name_width {
            true => out.push_str(&format!("{}\n{}", row.run, line("", cells))),
            false => out.push_str(&line(&row.run, cells)),
        }
    }
    out
}

/// Returns the columns that follow the name of a run; `None` if the run cannot be read.
fn cells(row: &ListedRun) -> Option<[String; 4]> {
    // The time has the form 2026-01-02T03:04:05Z.
    let (date, clock) = row.created.as_deref()?.split_once('T')?;
    let clock: String = clock.chars().take(5).collect();
    Some([
        format!("{date} {clock}"),
        row.verdict.clone(),
        row.rate.map_or_else(String::new, rate),
        row.p99.map_or_else(String::new, time),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(run: &str, verdict: &str, figures: Option<(f64, u64)>) -> ListedRun {
        ListedRun {
            run: run.to_owned(),
            scenario: String::new(),
            verdict: verdict.to_owned(),
            rate: figures.map(|(rate, _)| rate),
            p99: figures.map(|(_, p99)| p99),
            created: Some("2026-01-02T03:04:05Z".to_owned()),
            workers: 1,
            length: String::new(),
        }
    }

    #[test]
    fn columns_are_aligned_within_80_characters() {
        let long = "a-run-with-a-name-that-is-as-long-as-a-name-may-be-0123456789-63";
        let rows = [
            row("quickstart-20260102-030405-k3f9", "passed", Some((497.5, 2_340_000))),
            row("nightly", "incomplete", Some((123_456.0, 999_000_000))),
            row(long, "no report yet", None),
        ];
        let listed = table(&rows);
        let expected = "\
run                           planned (UTC)     verdict             rate     p99
quickstart-20260102-030405-k3f9
                              2026-01-02 03:04  passed           497.5/s  2.34ms
nightly                       2026-01-02 03:04  incomplete     123,456/s   999ms
a-run-with-a-name-that-is-as-long-as-a-name-may-be-0123456789-63
                              2026-01-02 03:04  no report yet
";
        assert_eq!(listed, expected, "\n{listed}");
        assert!(listed.lines().all(|line| line.len() <= WIDTH), "{listed}");
        // The table is narrower if all names are short.
        let listed = table(&rows[..1]);
        assert!(
            listed.lines().count() == 2 && listed.lines().all(|line| line.len() <= WIDTH),
            "{listed}"
        );
    }
}
