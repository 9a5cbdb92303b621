//! Lays out text: a number of columns, with or without colour.
//!
//! Invariant: external text cannot control a terminal, because it is filtered here before colours are added.

use crate::show::block;
use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// The number of columns of a file or a log.
const LOG_COLUMNS: usize = 100;
/// The maximum number of columns used on a terminal: longer lines are hard to read.
const COLUMNS_MAX: usize = 120;
/// The minimum number of columns: a narrower terminal breaks the lines.
const COLUMNS_MIN: usize = 40;
/// The columns of a terminal of unknown width.
const COLUMNS_USUAL: usize = 80;
/// The number of spaces between two columns of a table.
const GAP: usize = 2;
/// The width of a label.
const LABEL: usize = 11;

/// The properties of the place where text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    columns: usize,
    /// Whether sentences are broken into lines.
    wraps: bool,
    colour: bool,
}

impl Layout {
    /// A file or a log. A sentence is one line of any length, so that a search finds it.
    pub const LOG: Layout = Layout {
        columns: LOG_COLUMNS,
        wraps: false,
        colour: false,
    };

    /// A terminal with this number of columns, or of unknown width.
    pub fn terminal(columns: Option<usize>, colour: bool) -> Layout {
        let columns = columns.filter(|columns| *columns > 0).unwrap_or(COLUMNS_USUAL);
        Layout {
            columns: columns.clamp(COLUMNS_MIN, COLUMNS_MAX),
            wraps: true,
            colour,
        }
    }
}

/// The meaning of a word, shown as its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Unsure,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Tone::Plain => Style::new(),
            Tone::Good => AnsiColor::Green.on_default(),
            Tone::Bad => AnsiColor::Red.on_default(),
            Tone::Unsure => AnsiColor::Yellow.on_default(),
        }
    }
}

/// Lines of text for a layout.
#[derive(Debug)]
pub(crate) struct Sheet {
    layout: Layout,
    text: String,
}

impl Sheet {
    pub(crate) fn new(layout: Layout) -> Sheet {
        Sheet {
            layout,
            text: String::new(),
        }
    }

    pub(crate) fn text(self) -> String {
        self.text
    }

    /// Adds an empty line, but never two in a row.
    pub(crate) fn gap(&mut self) {
        if !self.text.ends_with("\n\n") {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        self.text.push('\n');
    }

    /// Adds a sentence without a label.
    pub(crate) fn line(&mut self, text: &str) {
        self.put("", Tone::Plain, text, GAP);
    }

    /// Adds a heading.
    pub(crate) fn heading(&mut self, text: &str, tone: Tone) {
        let text = block(text);
        let style = tone.style().bold();
        self.painted(style, &text);
        self.end_line();
    }

    /// Adds a label with its text.
    pub(crate) fn entry(&mut self, label: &str, text: &str) {
        self.toned_entry(label, Tone::Plain, text);
    }

    /// Adds a coloured label with its text.
    pub(crate) fn toned_entry(&mut self, label: &str, tone: Tone, text: &str) {
        self.put(&format!("{label:<LABEL$}"), tone, text, LABEL);
    }

    /// Adds an item below an entry or a heading. Leading spaces indent it further.
    pub(crate) fn item(&mut self, text: &str) {
        let words = text.trim_start();
        let indent = GAP + text.len() - words.len();
        self.put(&" ".repeat(indent), Tone::Plain, words, indent + GAP);
    }

    /// Adds a table that fits the width of the layout. Returns the headers of its columns.
    pub(crate) fn table<'a>(&mut self, table: &Table<'a>) -> Vec<&'a str> {
        for line in table.lines(self.layout.columns) {
            self.row(&line);
            self.end_line();
        }
        let (_, kept) = table.kept(self.layout.columns);
        kept.into_iter().map(|at| table.columns[at].head).collect()
    }

    fn row(&mut self, TableLine(words): &TableLine) {
        let mut width = 0;
        for (text, tone, at) in words {
            self.text.extend(std::iter::repeat_n(' ', at - width));
            width = at + display_width(text);
            self.painted(tone.style(), text);
        }
    }

    /// Adds text after a label; further lines are indented by `hang` columns.
    fn put(&mut self, label: &str, tone: Tone, text: &str, hang: usize) {
        let (label, text) = (block(label), block(text));
        let hang = " ".repeat(hang);
        let lines = match self.layout.wraps {
            true => textwrap::wrap(
                &text,
                Options::new(self.layout.columns)
                    .initial_indent(&label)
                    .subsequent_indent(&hang)
                    .word_splitter(WordSplitter::NoHyphenation)
                    .break_words(false),
            ),
            false => vec![format!("{label}{text}").into()],
        };
        for (at, line) in lines.iter().enumerate() {
            match line.strip_prefix(&*label).filter(|_| at == 0) {
                Some(rest) => {
                    self.painted(tone.style(), &label);
                    self.text.push_str(rest);
                }
                None => self.text.push_str(line),
            }
            self.end_line();
        }
    }

    fn painted(&mut self, style: Style, text: &str) {
        let words = text.trim_end();
        // Writing to a string cannot fail.
        let _ = match self.layout.colour && !style.is_plain() && !words.is_empty() {
            true => write!(self.text, "{style}{words}{style:#}{}", &text[words.len()..]),
            false => write!(self.text, "{text}"),
        };
    }
}

/// A column of a table. If the table is too wide, columns with a rank are omitted, the highest rank first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    pub head: &'a str,
    /// The minimum width, so that most tables have the same columns.
    pub width: usize,
    pub rank: u8,
    pub align: Align,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

impl<'a> Column<'a> {
    /// Returns a column of numbers.
    pub(crate) const fn number(head: &'a str, width: usize, rank: u8) -> Column<'a> {
        Column {
            head,
            width,
            rank,
            align: Align::Right,
        }
    }

    /// Returns a column of words.
    pub(crate) const fn words(head: &'a str, width: usize) -> Column<'a> {
        Column {
            head,
            width,
            rank: 0,
            align: Align::Left,
        }
    }
}

/// A cell and its tone.
#[derive(Clone, Debug)]
pub(crate) struct Cell(pub String, pub Tone);

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell(text, Tone::Plain)
    }
}

/// Rows with a name and a cell for each column.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    pub title: &'a str,
    /// The minimum width of the column of names.
    pub names: usize,
    pub columns: &'a [Column<'a>],
    pub rows: Vec<(&'a str, Vec<Cell>)>,
}

/// A line of a table: its words, their colour, and the column where they begin.
#[derive(Debug)]
pub(crate) struct TableLine(Vec<(String, Tone, usize)>);

impl TableLine {
    /// The line without colour.
    pub(crate) fn plain(&self) -> String {
        let mut sheet = Sheet::new(Layout::LOG);
        sheet.row(self);
        sheet.text
    }
}

impl Table<'_> {
    /// Returns the lines, with a width of at most `most` if possible: columns with a rank are omitted, and a name that
    /// is wider than the remaining space gets its own line.
    pub(crate) fn lines(&self, most: usize) -> Vec<TableLine> {
        let widths = self.widths();
        let (names, kept) = self.kept(most);
        let line = |name: &str, cell: &dyn Fn(usize) -> Cell| {
            let mut pieces = vec![(name.to_owned(), Tone::Plain, 0)];
            let mut at = names;
            for column in &kept {
                let Cell(text, tone) = cell(*column);
                let text = block(&text).into_owned();
                let inset = match self.columns[*column].align {
                    Align::Left => GAP,
                    Align::Right => widths[*column] - display_width(&text),
                };
                if !text.is_empty() {
                    pieces.push((text, tone, at + inset));
                }
                at += widths[*column];
            }
            TableLine(pieces)
        };
        let mut lines = vec![line(self.title, &|at| self.columns[at].head.to_owned().into())];
        for (name, cells) in &self.rows {
            let name = block(name);
            let cell = |at: usize| cells[at].clone();
            if display_width(&name) > names {
                lines.push(TableLine(vec![(name.into_owned(), Tone::Plain, 0)]));
                lines.push(line("", &cell));
            } else {
                lines.push(line(&name, &cell));
            }
        }
        lines
    }

    /// Returns the width of the names, and the columns that fit a width of `most`.
    fn kept(&self, most: usize) -> (usize, Vec<usize>) {
        let widths = self.widths();
        let width_of = |kept: &[usize]| kept.iter().map(|at| widths[*at]).sum::<usize>();
        let mut kept: Vec<usize> = (0..self.columns.len()).collect();
        let needed: Vec<usize> = kept.iter().copied().filter(|at| self.columns[*at].rank == 0).collect();
        let names = self.rows.iter().map(|(name, _)| display_width(&block(name)));
        let longest = names.chain([display_width(self.title)]).max().unwrap_or(0);
        let room = most.saturating_sub(width_of(&needed));
        let names = longest.min(room).max(self.names);
        while names + width_of(&kept) > most {
            let Some(last) = kept.iter().copied().max_by_key(|at| self.columns[*at].rank) else {
                break;
            };
            if self.columns[last].rank == 0 {
                break;
            }
            kept.retain(|at| *at != last);
        }
        (names, kept)
    }

    fn widths(&self) -> Vec<usize> {
        (0..self.columns.len()).map(|at| self.width(at)).collect()
    }

    /// Returns the width of a column, including the gap before it.
    fn width(&self, at: usize) -> usize {
        let column = &self.columns[at];
        let cells = self.rows.iter().map(|(_, cells)| display_width(&block(&cells[at].0)));
        GAP + cells
            .chain([display_width(column.head), column.width])
            .max()
            .unwrap_or(0)
    }
}
