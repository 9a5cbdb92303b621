//! Parses the files of feeds: CSV files with a header row.
//!
//! The `csv` crate parses cells, quotes and line ends (LF, CRLF or CR). Every record must have as many cells as the
//! header. The header contains the names of the columns. Spaces are part of a cell, but not part of a column name.
//! Empty lines are skipped. An empty value in a feed with a single column is written `""`, because an empty line would
//! be skipped. An unpaired quote is rejected, because the quote would join all following text into one cell.

use crate::delimiter::Delimiter;
use std::collections::BTreeMap;

/// The maximum number of columns of a feed.
pub const COLUMNS_MAX: usize = 1_000;
/// The maximum length of a column name in bytes.
pub const COLUMN_NAME_MAX: usize = 256;

/// The maximum size in bytes of a row of a large feed.
const ROW_BYTES_MAX: usize = 16 << 20;

/// The content of a parsed CSV file: its columns, and the cells of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    columns: Vec<String>,
    /// The index of each column. The key is the name of the column.
    indices: BTreeMap<String, u32>,
    /// The concatenated text of all cells, row by row, and the end position of each cell in this text.
    text: String,
    ends: Vec<u32>,
}

impl Sheet {
    /// Parses a CSV file. If `delimiter` is `None`, the delimiter is the first of `,`, `;`, tab and `|` that the header
    /// contains.
    ///
    /// # Errors
    /// Returns the error as a text of the form `problem; hint`. The problem names the line.
    pub fn read(bytes: &[u8], delimiter: Option<Delimiter>) -> Result<Sheet, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = line_of(&bytes[..error.valid_up_to()]);
            format!("line {line} is not UTF-8; save the file as UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if u32::try_from(text.len()).is_err() {
            return Err("the file is larger than 4 GiB; use a smaller one".to_owned());
        }
        let delimiter = delimiter.unwrap_or_else(|| Delimiter::of(text));
        let mut records = Records::new(text, delimiter);
        let columns: Vec<String> = match records.next()? {
            None => Vec::new(),
            Some((_, header)) if header.len() > COLUMNS_MAX => {
                return Err(format!(
                    "the header has {} columns, more than {COLUMNS_MAX}; remove columns that no placeholder uses",
                    header.len()
                ));
            }
            Some((_, header)) => header.iter().map(|name| name.trim().to_owned()).collect(),
        };
        let indices = indices(&columns)?;
        let mut sheet = Sheet {
            columns,
            indices,
            // Allocate the memory at once. The cells are not longer than the file, and a growing text would take twice
            // as much memory.
            text: String::with_capacity(text.len()),
            ends: Vec::new(),
        };
        while let Some((begin, record)) = records.next()? {
            let (cells, wanted) = (record.len(), sheet.columns.len());
            if cells != wanted {
                let line = line_of(&text.as_bytes()[..begin]);
                return Err(format!(
                    "line {line} has {cells} fields, the header {wanted}; quote a field that contains {delimiter}"
                ));
            }
            for cell in record {
                sheet.text.push_str(cell);
                sheet.ends.push(sheet.text.len() as u32);
            }
        }
        if sheet.ends.is_empty() {
            return Err("the file has no rows below the header; add at least one".to_owned());
        }
        Ok(sheet)
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the index of a column, given its name; `None` if no column has this name. The first column has the index
    /// 0.
    pub fn place(&self, column: &str) -> Option<u32> {
        self.indices.get(column).copied()
    }

    pub fn rows(&self) -> usize {
        self.ends.len() / self.columns.len()
    }

    /// Returns the cell in this row and column. The first row and the first column have the index 0.
    ///
    /// # Panics
    /// Panics if the row or the column does not exist.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        assert!(column < self.columns.len(), "column {column} of {}", self.columns.len());
        let index = row * self.columns.len() + column;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }
}

/// Divides a file that [`Sheet::read`] accepts into parts of about `bytes_max` bytes. Each part is a CSV file with the
/// same header and with consecutive rows. Returns each part with the number of its rows.
///
/// # Errors
/// Returns a text of the form `problem; hint` for a row that exceeds the maximum size of a row.
pub fn parts(bytes: &[u8], delimiter: Option<Delimiter>, bytes_max: usize) -> Result<Vec<(Vec<u8>, u64)>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("it is not UTF-8: {error}"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = Records::new(text, delimiter.unwrap_or_else(|| Delimiter::of(text)));
    records.next()?;
    let mut begins = Vec::new();
    while let Some((begin, _)) = records.next()? {
        begins.push(begin);
    }
    let header = &text[..begins.first().copied().unwrap_or(text.len())];
    let (mut parts, mut first) = (Vec::new(), 0);
    for row in 1..=begins.len() {
        let end = begins.get(row).copied().unwrap_or(text.len());
        if end - begins[row - 1] > ROW_BYTES_MAX {
            let line = line_of(&text.as_bytes()[..begins[row - 1]]);
            return Err(format!(
                "the row in line {line} has more than {} MiB; keep long bodies in files",
                ROW_BYTES_MAX >> 20
            ));
        }
        if row == begins.len() || end - begins[first] >= bytes_max {
            let rows = &text[begins[first]..end];
            parts.push(([header, rows].concat().into_bytes(), (row - first) as u64));
            first = row;
        }
    }
    Ok(parts)
}

/// Returns the index of each column. The key is the name of the column.
fn indices(columns: &[String]) -> Result<BTreeMap<String, u32>, String> {
    let mut indices = BTreeMap::new();
    if columns.is_empty() {
        return Err("the file has no header; name the columns in the first line".to_owned());
    }
    for (index, column) in columns.iter().enumerate() {
        if column.is_empty() {
            return Err(format!(
                "column {} has no name; name the columns in the first line",
                index + 1
            ));
        }
        if column.len() > COLUMN_NAME_MAX {
            return Err(format!(
                "the name of column {} has {} bytes, more than {COLUMN_NAME_MAX}; use a shorter one",
                index + 1,
                column.len()
            ));
        }
        if indices.insert(column.clone(), index as u32).is_some() {
            return Err(format!("the column `{column}` occurs twice; give each its own name"));
        }
    }
    Ok(indices)
}

/// The records of a file, in order.
struct Records<'a> {
    text: &'a str,
    reader: csv::Reader<&'a [u8]>,
    record: csv::StringRecord,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, delimiter: Delimiter) -> Records<'a> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(u8::from(delimiter))
            .from_reader(text.as_bytes());
        Records {
            text,
            reader,
            record: csv::StringRecord::new(),
        }
    }

    /// Returns the next record that is not an empty line, and the position of the first byte of this record.
    fn next(&mut self) -> Result<Option<(usize, &csv::StringRecord)>, String> {
        let before = self.reader.position().byte() as usize;
        let read = self.reader.read_record(&mut self.record);
        if !read.map_err(|error| format!("it cannot be parsed: {error}; check the file"))? {
            return Ok(None);
        }
        let raw = &self.text.as_bytes()[before..self.reader.position().byte() as usize];
        let begin = before + raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if raw.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            return Err(format!(
                "the quote in line {} is not closed; quote the field and double a quote that belongs to the text",
                line_of(&self.text.as_bytes()[..begin])
            ));
        }
        Ok(Some((begin, &self.record)))
    }
}

/// Returns the number of the line that contains the first byte after `before`. The first line has the number 1.
fn line_of(before: &[u8]) -> usize {
    let ends = before.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => before.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    ends.count() + 1
}

#[cfg(test)]
mod tests {
    use super::{Delimiter, Sheet};

    fn check(text: &str, expected: Result<&[&[&str]], &str>) {
        check_with(None, text, expected);
    }

    fn check_with(delimiter: Option<char>, text: &str, expected: Result<&[&[&str]], &str>) {
        let delimiter = delimiter.map(|c| Delimiter::try_from(c).unwrap());
        match (Sheet::read(text.as_bytes(), delimiter), expected) {
            (Ok(sheet), Ok(rows)) => {
                let columns = sheet.columns().len();
                let got: Vec<Vec<&str>> = std::iter::once(sheet.columns().iter().map(String::as_str).collect())
                    .chain((0..sheet.rows()).map(|row| (0..columns).map(|column| sheet.cell(row, column)).collect()))
                    .collect();
                assert_eq!(got, rows, "{text:?}");
            }
            (Err(fault), Err(part)) => assert!(fault.contains(part), "{text:?}: {fault}"),
            (got, wanted) => panic!("{text:?}: {got:?}, wanted {wanted:?}"),
        }
    }

    #[test]
    fn rows_with_quotes_and_either_newline_are_parsed() {
        check("a,b\n1,2\n", Ok(&[&["a", "b"], &["1", "2"]]));
        check(
            "\u{feff}a,b\r\n1,2\r\n\r\n,\r\n",
            Ok(&[&["a", "b"], &["1", "2"], &["", ""]]),
        );
        check("a\n\"x, \"\"y\"\"\nz\"", Ok(&[&["a"], &["x, \"y\"\nz"]]));
        check("a,b\n\"1\",2", Ok(&[&["a", "b"], &["1", "2"]]));
        check("a\n\"\"\n", Ok(&[&["a"], &[""]]));
        check("a,b\n1,", Ok(&[&["a", "b"], &["1", ""]]));
    }

    #[test]
    fn an_invalid_row_is_reported_with_its_line() {
        check("", Err("no header"));
        check("\n\n", Err("no header"));
        check("a,b\n", Err("no rows"));
        check("a,\n1,2\n", Err("column 2 has no name"));
        check("a,a\n1,2\n", Err("occurs twice"));
        let wide = |columns: usize| (0..columns).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
        check(&wide(1_001), Err("has 1001 columns, more than 1000"));
        check(&wide(1_000), Err("no rows"));
        check(&"c".repeat(257), Err("has 257 bytes, more than 256"));
        check("a,b\n1,2\n\n1\n", Err("line 4 has 1 fields"));
        check("a\n\"x\n\ny\nz", Err("the quote in line 2"));
        check("a\n1\n\n\nx\"y\n2\n", Err("the quote in line 5"));
        check("a,b\r1,2\r\r1\r", Err("line 4 has 1 fields"));
        check(
            "a;b\r\n1;2\r\n1\r\n",
            Err("line 3 has 1 fields, the header 2; quote a field that contains `;`"),
        );
        let no_utf8 = Sheet::read(b"a\n\xff\n", None).unwrap_err();
        assert!(no_utf8.contains("line 2 is not UTF-8"));
    }

    #[test]
    fn lines_end_in_any_of_three_ways() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "", "\"x\ny\",\"\"", ""].join(end);
            check(&text, Ok(&[&["a", "b"], &["1", "2"], &["x\ny", ""]]));
        }
    }

    /// The text is a file as a spreadsheet program with a German locale writes it.
    #[test]
    fn a_byte_order_mark_line_ends_delimiters_and_quotes_may_occur_together() {
        let text = "\u{feff}\"name\";\"note\"\r\nAnn;\"a;b \"\"c\"\"\r\nd\"\r\n\"\";\"x,y\"\r\n";
        let rows: &[&[&str]] = &[&["name", "note"], &["Ann", "a;b \"c\"\r\nd"], &["", "x,y"]];
        check(text, Ok(rows));
        check_with(Some(';'), text, Ok(rows));
        // Only the first byte order mark is removed. A later mark is part of a cell.
        check("\u{feff}a\r\n\u{feff}b\r\n", Ok(&[&["a"], &["\u{feff}b"]]));
        check("\u{feff}", Err("no header"));
    }

    #[test]
    fn the_delimiter_is_given_or_detected_from_the_header() {
        for d in [';', '\t', '|', ','] {
            let text = format!("a{d}b\n\"1{d}\"{d}2\n");
            let cell = format!("1{d}");
            check(&text, Ok(&[&["a", "b"], &[&cell, "2"]]));
            check_with(Some(d), &text, Ok(&[&["a", "b"], &[&cell, "2"]]));
        }
        check("a,b;c\n1,2\n", Ok(&[&["a", "b;c"], &["1", "2"]]));
        check("\"a,b\";c\n1;2\n", Ok(&[&["a,b", "c"], &["1", "2"]]));
        check_with(Some(';'), "a,b\n1,2\n", Ok(&[&["a,b"], &["1,2"]]));
        check_with(Some(' '), "a b\n1 2\n", Ok(&[&["a", "b"], &["1", "2"]]));
        for c in ['"', '\n', '\r', 'ü', '\0'] {
            assert!(Delimiter::try_from(c).is_err(), "{c:?}");
        }
    }

    #[test]
    fn spaces_are_part_of_cells_but_not_of_column_names() {
        let sheet = Sheet::read(b"id, first name \n1, Ann\n", None).unwrap();
        assert_eq!(sheet.columns(), ["id", "first name"]);
        assert_eq!((sheet.place("first name"), sheet.cell(0, 1)), (Some(1), " Ann"));
        check("a, a\n1,2\n", Err("occurs twice"));
        check("a, \n1,2\n", Err("column 2 has no name"));
    }
}
