//! Renders a comparison as text, for stdout.

use super::row::{ComparisonRow, Judgement};
use super::rule::Ruling;
use super::statistic::Subject;
use super::{Comparison, Side};
use crate::layout::{Cell, Column, Layout, Sheet, Table, Tone};
use crate::show::{count, seconds};
use textwrap::core::display_width;

/// Renders a comparison as text.
pub fn render(comparison: &Comparison, layout: Layout) -> String {
    let mut sheet = Sheet::new(layout);
    head(&mut sheet, comparison);
    rows(&mut sheet, &comparison.rows);
    basis(&mut sheet, comparison);
    rules(&mut sheet, comparison);
    unknowns(&mut sheet, comparison);
    sheet.text()
}

/// Returns the summary line: `4 different (3 worse, 1 better), 10 same, 1 cannot tell`.
pub(super) fn summary(comparison: &Comparison) -> String {
    let listed = |words: &[Judgement]| {
        let parts = words
            .iter()
            .map(|word| (comparison.number(*word), word.text()))
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{} {word}", count(number as u64)));
        parts.collect::<Vec<String>>().join(", ")
    };
    let different = comparison.number(Judgement::Worse) + comparison.number(Judgement::Better);
    let how = listed(&[Judgement::Worse, Judgement::Better]);
    let different = (different > 0).then(|| format!("{} different ({how})", count(different as u64)));
    let rest = listed(&[Judgement::Same, Judgement::CannotTell, Judgement::Counted]);
    let parts: Vec<String> = different
        .into_iter()
        .chain((!rest.is_empty()).then_some(rest))
        .collect();
    parts.join(", ")
}

/// Returns the line that defines the words for the judgements.
pub(super) fn meaning() -> String {
    let percent = Subject::Rate.margin() * 100.0;
    let points = Subject::Errors.margin() * 100.0;
    format!(
        "same: changed by at most {percent}%, errors by {points}pp · worse, better: different · cannot tell: neither"
    )
}

/// Returns the line that describes the data from which the confidence intervals are computed.
pub(super) fn standing(comparison: &Comparison) -> String {
    let percent = comparison.error_rate * 100.0;
    let (a, b) = (comparison.a.intervals, comparison.b.intervals);
    match comparison.block {
        Some(block) => format!(
            "false-positive rate at most {percent}% · {a} and {b} intervals, drawn {} in blocks of {block}",
            if comparison.paired { "as pairs" } else { "independently" },
        ),
        None => format!("{a} and {b} intervals are too few for a result"),
    }
}

fn head(sheet: &mut Sheet, comparison: &Comparison) {
    sheet.heading(&summary(comparison), Tone::Plain);
    side(sheet, "A", &comparison.a);
    side(sheet, "B", &comparison.b);
    for caution in &comparison.cautions {
        sheet.entry("caution", caution);
    }
    sheet.gap();
}

fn side(sheet: &mut Sheet, name: &str, side: &Side) {
    let started = side.started.as_ref();
    sheet.line(&format!(
        "{name} {}: {}, {} sent in {}{}",
        side.run,
        side.verdict.word(),
        count(side.sent),
        seconds(side.measured_s),
        started.map_or(String::new(), |started| format!(", started {started}")),
    ));
}

impl Judgement {
    fn tone(self) -> Tone {
        match self {
            Judgement::Better => Tone::Good,
            Judgement::Worse => Tone::Bad,
            Judgement::CannotTell => Tone::Unsure,
            Judgement::Same | Judgement::Counted => Tone::Plain,
        }
    }
}

impl Ruling {
    fn tone(self) -> Tone {
        match self {
            Ruling::Kept => Tone::Good,
            Ruling::Broken => Tone::Bad,
            Ruling::Undecided => Tone::Unsure,
        }
    }
}

fn rows(sheet: &mut Sheet, rows: &[ComparisonRow]) {
    // Each column has the width of its widest cell in all tables, so that the columns of all tables are aligned.
    let width = |least: usize, shown: &dyn Fn(&ComparisonRow) -> String| {
        let widths = rows.iter().map(|row| display_width(&shown(row)));
        widths.fold(least, usize::max)
    };
    let columns = [
        Column::number("A", width(8, &|row| row.shown(row.a)), 0),
        Column::number("B", width(8, &|row| row.shown(row.b)), 0),
        // The column of the change is hidden first on a narrow terminal, because the column of the range contains the
        // change too.
        Column::number("change", width(7, &ComparisonRow::change_shown), 1),
        Column::words("between", width(16, &|row| row.interval_shown().unwrap_or_default())),
        Column::words("", 0),
    ];
    for group in rows.chunk_by(|row, next| row.request == next.request) {
        let names: Vec<String> = group.iter().map(|row| format!("  {}", row.statistic)).collect();
        let cells = group.iter().zip(&names).map(|(row, name)| {
            let interval = row.interval_shown().unwrap_or_else(|| "-".to_owned());
            let mut cells: Vec<Cell> = [row.shown(row.a), row.shown(row.b), row.change_shown(), interval]
                .map(Cell::from)
                .into();
            cells.push(Cell(row.word.text().to_owned(), row.word.tone()));
            (name.as_str(), cells)
        });
        sheet.table(&Table {
            title: group[0].request.as_deref().unwrap_or("all requests"),
            names: 15,
            columns: &columns,
            rows: cells.collect(),
        });
        sheet.gap();
    }
}

fn basis(sheet: &mut Sheet, comparison: &Comparison) {
    sheet.line(&meaning());
    sheet.line(&standing(comparison));
}

fn rules(sheet: &mut Sheet, comparison: &Comparison) {
    let width = comparison.rules.iter().map(|ruled| ruled.rule.chars().count()).max();
    let Some(width) = width else { return };
    sheet.gap();
    for ruled in &comparison.rules {
        sheet.toned_entry(
            ruled.ruling.word(),
            ruled.ruling.tone(),
            &format!("{:<width$}  {}", ruled.rule, ruled.measured),
        );
    }
}

fn unknowns(sheet: &mut Sheet, comparison: &Comparison) {
    if comparison.block.is_none() {
        return;
    }
    for (at, why) in unknown(comparison).enumerate() {
        if at == 0 {
            sheet.gap();
            sheet.line("cannot tell because");
        }
        sheet.item(&why);
    }
}

/// Returns the reasons for `cannot tell`, one for each row with a reason.
pub(super) fn unknown(comparison: &Comparison) -> impl Iterator<Item = String> {
    comparison.rows.iter().filter_map(|row| {
        let of = row.request.as_ref().map_or(String::new(), |name| format!(" of {name}"));
        Some(format!("{}{of}: {}", row.statistic, row.why.as_ref()?))
    })
}
