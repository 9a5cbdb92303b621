//! Reads the CSV files of feeds. The first row names the columns.
//!
//! ```text
//! file   = record { newline record } [ newline ]
//! record = field { "," field }
//! field  = plain | '"' { any but '"' | '""' } '"'
//! plain  = { any but '"' , "," and newline }
//! ```
//! A newline is LF or CRLF. Every record has as many fields as the header. Spaces belong to the field. Empty lines are
//! skipped, so a feed with a single column writes an empty value as `""`.

use std::collections::BTreeMap;

/// How many columns a feed may have.
pub const COLUMNS_MAX: usize = 1_000;
/// The longest name of a column, in bytes.
pub const COLUMN_NAME_MAX: usize = 256;

/// A parsed CSV file: the names of its columns, and its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    columns: Vec<String>,
    /// The index of each column, by its name.
    places: BTreeMap<String, u32>,
    /// The text of all cells, row by row, without separators.
    text: String,
    /// The end of each cell in `text`.
    ends: Vec<u32>,
}

impl Sheet {
    /// Parses the content of a file.
    ///
    /// # Errors
    /// The first problem, with its line, and a hint after `; `.
    pub fn read(bytes: &[u8]) -> Result<Sheet, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count()
                + 1;
            format!("line {line} is not UTF-8; save the file as UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if u32::try_from(text.len()).is_err() {
            return Err("the file is larger than 4 GiB; use a smaller one".to_owned());
        }
        let mut records = Records { rest: text, line: 1 };
        let (mut columns, mut count) = (Vec::new(), 0);
        records.next(&mut |field| {
            count += 1;
            if count <= COLUMNS_MAX {
                columns.push(field.to_owned());
            }
        })?;
        if count > COLUMNS_MAX {
            return Err(format!(
                "the header names {count} columns, more than {COLUMNS_MAX}; leave out those that no placeholder names"
            ));
        }
        let places = places(&columns)?;
        let mut sheet = Sheet {
            columns,
            places,
            text: String::new(),
            ends: Vec::new(),
        };
        loop {
            let before = sheet.ends.len();
            let line = records.next(&mut |field| {
                sheet.text.push_str(field);
                sheet.ends.push(sheet.text.len() as u32);
            })?;
            let Some(line) = line else { break };
            let (fields, wanted) = (sheet.ends.len() - before, sheet.columns.len());
            if fields != wanted {
                return Err(format!(
                    "line {line} has {fields} fields, the header {wanted}; quote a field that contains a comma"
                ));
            }
        }
        if sheet.ends.is_empty() {
            return Err("there are no rows below the header; add at least one".to_owned());
        }
        Ok(sheet)
    }

    /// The names of the columns, in the order of the header.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The index of a column, counted from 0.
    pub fn place(&self, column: &str) -> Option<u32> {
        self.places.get(column).copied()
    }

    /// The number of rows below the header.
    pub fn rows(&self) -> usize {
        self.ends.len() / self.columns.len()
    }

    /// The text of a cell. Rows and columns count from 0.
    ///
    /// # Panics
    /// When the row or column does not exist.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        assert!(column < self.columns.len(), "column {column} of {}", self.columns.len());
        let place = row * self.columns.len() + column;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.text[start..self.ends[place] as usize]
    }
}

/// Checks the names of the columns and returns the index of each.
fn places(columns: &[String]) -> Result<BTreeMap<String, u32>, String> {
    let mut places = BTreeMap::new();
    if columns.is_empty() {
        return Err("there is no header; name the columns in the first line".to_owned());
    }
    for (place, column) in columns.iter().enumerate() {
        if column.is_empty() {
            return Err(format!(
                "column {} has no name; name the columns in the first line",
                place + 1
            ));
        }
        if column.len() > COLUMN_NAME_MAX {
            return Err(format!(
                "the name of column {} has {} bytes, more than {COLUMN_NAME_MAX}; use a shorter one",
                place + 1,
                column.len()
            ));
        }
        if places.insert(column.clone(), place as u32).is_some() {
            return Err(format!("the column `{column}` is named twice; give each its own name"));
        }
    }
    Ok(places)
}

/// The part of a file that has not been read yet.
struct Records<'a> {
    rest: &'a str,
    line: usize,
}

impl Records<'_> {
    /// Skips empty lines, passes each field of the next record to `field`, and returns the line where the record begins.
    /// Returns `None` at the end of the file.
    fn next(&mut self, field: &mut dyn FnMut(&str)) -> Result<Option<usize>, String> {
        while let Some(rest) = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n')) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let begun = self.line;
        loop {
            match self.rest.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted, field)?,
                None => self.plain(field)?,
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n')) {
                self.rest = rest;
                self.line += 1;
            }
            return Ok(Some(begun));
        }
    }

    /// Reads a field without quotes.
    fn plain(&mut self, field: &mut dyn FnMut(&str)) -> Result<(), String> {
        let end = self.rest.find([',', '\n', '"']).unwrap_or(self.rest.len());
        if self.rest[end..].starts_with('"') {
            return Err(format!(
                "line {} has a quote within a field; quote the field and double the quote",
                self.line
            ));
        }
        let at_newline = !self.rest[end..].starts_with(',');
        let text = &self.rest[..end];
        let text = if at_newline {
            text.strip_suffix('\r').unwrap_or(text)
        } else {
            text
        };
        field(text);
        self.rest = &self.rest[end..];
        Ok(())
    }

    /// Reads a field in quotes; `rest` begins after the opening quote.
    fn quoted(&mut self, mut rest: &str, field: &mut dyn FnMut(&str)) -> Result<(), String> {
        let opened = self.line;
        let mut text = String::new();
        loop {
            let Some(end) = rest.find('"') else {
                return Err(format!(
                    "the quote in line {opened} is never closed; double a quote that belongs to the text"
                ));
            };
            text.push_str(&rest[..end]);
            self.line += rest[..end].matches('\n').count();
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        if !(rest.is_empty() || rest.starts_with([',', '\n']) || rest.starts_with("\r\n")) {
            return Err(format!(
                "line {} goes on behind a closing quote; double a quote that belongs to the text",
                self.line
            ));
        }
        field(&text);
        let consumed = self.rest.len() - rest.len();
        self.rest = &self.rest[consumed..];
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Sheet;

    fn check(text: &str, expected: Result<&[&[&str]], &str>) {
        match (Sheet::read(text.as_bytes()), expected) {
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
    fn rows_are_read_with_quotes_and_either_newline() {
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
    fn a_bad_row_is_named_by_its_line() {
        check("", Err("no header"));
        check("\n\n", Err("no header"));
        check("a,b\n", Err("no rows"));
        check("a,\n1,2\n", Err("column 2 has no name"));
        check("a,a\n1,2\n", Err("named twice"));
        let wide = |columns: usize| (0..columns).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
        check(&wide(1_001), Err("names 1001 columns, more than 1000"));
        check(&wide(1_000), Err("no rows"));
        check(&"c".repeat(257), Err("has 257 bytes, more than 256"));
        check("a,b\n1,2\n\n1\n", Err("line 4 has 1 fields"));
        check("a\n\"x\n\ny\nz", Err("the quote in line 2"));
        check("a\n\"x\ny\"z\n", Err("line 3 goes on"));
        check("a\nx\"y\n", Err("line 2 has a quote"));
        assert!(Sheet::read(b"a\n\xff\n").unwrap_err().contains("line 2 is not UTF-8"));
    }
}
