//! Formats text for a number of columns, with or without colour.
//!
//! Invariant: external text cannot control a terminal, because this module filters all text before it adds colours.

use crate::show::block;
use anstyle::{AnsiColor, Style};
use std::fmt::Write;
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// The number of columns for output to a file or a log.
const LOG_COLUMNS: usize = 100;
/// The maximum number of columns on a terminal, because longer lines are hard to read.
const COLUMNS_MAX: usize = 120;
/// The minimum number of columns. A terminal with fewer columns wraps the lines itself.
const COLUMNS_MIN: usize = 40;
/// The number of columns if the width of the terminal is unknown.
const COLUMNS_USUAL: usize = 80;
/// The number of spaces between two columns of a table.
const GAP: usize = 2;
/// The width of the column of labels, in terminal columns.
const LABEL: usize = 11;

/// The properties of the terminal, file or log to which text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    columns: usize,
    /// Whether long sentences are wrapped into several lines.
    wraps: bool,
    colour: bool,
}

impl Layout {
    /// The layout for a file or a log. Each sentence is one line of any length, so that a text search finds the
    /// sentence.
    pub const LOG: Layout = Layout {
        columns: LOG_COLUMNS,
        wraps: false,
        colour: false,
    };

    /// Returns the layout for a terminal with this number of columns; `None` means that the width is unknown.
    pub fn terminal(columns: Option<usize>, colour: bool) -> Layout {
        let columns = columns.filter(|columns| *columns > 0).unwrap_or(COLUMNS_USUAL);
        Layout {
            columns: columns.clamp(COLUMNS_MIN, COLUMNS_MAX),
            wraps: true,
            colour,
        }
    }
}

/// The meaning of a word, which decides the colour of the word.
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

/// Text that is laid out in lines for a terminal, a file or a log.
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

    /// Adds an empty line, unless the previous line is empty.
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

    /// Adds an item below an entry or a heading. Leading spaces of the text indent the item further.
    pub(crate) fn item(&mut self, text: &str) {
        let words = text.trim_start();
        let indent = GAP + text.len() - words.len();
        self.put(&" ".repeat(indent), Tone::Plain, words, indent + GAP);
    }

    /// Adds a table that fits into the width of the layout. Returns the headers of the columns that the table has after
    /// narrowing.
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

    /// Adds text after a label. The second and later lines are indented by `hang` columns.
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

/// A column of a table. If the table is too wide, columns whose rank is not 0 are omitted, beginning with the highest
/// rank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    pub head: &'a str,
    /// The minimum width of the column. Because of this minimum, the columns of most tables are equally wide.
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

/// The text of a cell, and its tone.
#[derive(Clone, Debug)]
pub(crate) struct Cell(pub String, pub Tone);

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell(text, Tone::Plain)
    }
}

/// A table. Each row has a name, and one cell for each column.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    pub title: &'a str,
    /// The minimum width of the column of names.
    pub names: usize,
    pub columns: &'a [Column<'a>],
    pub rows: Vec<(&'a str, Vec<Cell>)>,
}

/// A line of a table. Each entry has a text, its tone, and the terminal column where the text begins.
#[derive(Debug)]
pub(crate) struct TableLine(Vec<(String, Tone, usize)>);

impl TableLine {
    /// Returns the line as text without colours.
    pub(crate) fn plain(&self) -> String {
        let mut sheet = Sheet::new(Layout::LOG);
        sheet.row(self);
        sheet.text
    }
}

impl Table<'_> {
    /// Returns the lines of the table, at most `most` columns wide if possible. To narrow the table, columns whose rank
    /// is not 0 are omitted. A name that is wider than the remaining space gets a line of its own.
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

    /// Returns the width of the column of names, and the indices of the columns that fit into a width of `most`.
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

    /// Returns the width of a column, including the gap before the column.
    fn width(&self, at: usize) -> usize {
        let column = &self.columns[at];
        let cells = self.rows.iter().map(|(_, cells)| display_width(&block(&cells[at].0)));
        GAP + cells
            .chain([display_width(column.head), column.width])
            .max()
            .unwrap_or(0)
    }
}
