//! Splits commands into words by the rules of bash. This module supports only a part of bash's grammar: quotes, `$'…'`,
//! escapes, variables, comments, redirections, and the ends of commands. Commands for curl use this part.

use super::Word;
use crate::error::ImportError;
use crate::left_out::LeftOuts;
use crate::secrets::variable_as_written;
use crate::text::{Part, Text, Value};

/// Splits a text into commands, and each command into words.
pub(super) fn commands(text: &str, left_out: &mut LeftOuts) -> Result<Vec<Vec<Word>>, ImportError> {
    let mut reader = Reader {
        rest: text,
        line: 1,
        word: None,
        command: Vec::new(),
        commands: Vec::new(),
        left_out,
    };
    while let Some(c) = reader.next() {
        reader.step(c)?;
    }
    reader.end_command();
    Ok(reader.commands)
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    word: Option<Word>,
    command: Vec<Word>,
    commands: Vec<Vec<Word>>,
    left_out: &'a mut LeftOuts,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                self.line += text.matches('\n').count();
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &mut Text {
        let line = self.line;
        let begin = || Word {
            text: Text::default(),
            line,
        };
        &mut self.word.get_or_insert_with(begin).text
    }

    fn push(&mut self, c: char) {
        self.word().push_literal(c.encode_utf8(&mut [0; 4]));
    }

    fn end_word(&mut self) {
        self.command.extend(self.word.take());
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }

    fn note(&mut self, what: &str) {
        self.left_out.add(&format!("line {}", self.line), what);
    }

    fn step(&mut self, c: char) -> Result<(), ImportError> {
        match c {
            '\n' | ';' | '&' | '|' => self.end_command(),
            c if c.is_whitespace() => self.end_word(),
            '#' if self.word.is_none() => {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
            }
            '>' | '<' => self.redirection(),
            '\\' => {
                if !self.skip("\n")
                    && !self.skip("\r\n")
                    && let Some(c) = self.next()
                {
                    self.push(c);
                }
            }
            '\'' => {
                self.word();
                let text = self.quoted('\'')?;
                self.word().push_literal(text);
            }
            '"' => self.double_quoted()?,
            '$' if self.rest.starts_with('\'') => {
                self.next();
                self.word();
                self.ansi_c()?;
            }
            '$' => self.variable(),
            '`' => {
                self.quoted('`')?;
                self.note("the output of a command, which is part of a word");
            }
            c => self.push(c),
        }
        Ok(())
    }

    /// Reads the text before the next `quote`, and skips the quote.
    fn quoted(&mut self, quote: char) -> Result<&'a str, ImportError> {
        let begin = self.line;
        let Some(end) = self.rest.find(quote) else {
            return Err(unclosed(begin, quote));
        };
        let (text, rest) = self.rest.split_at(end);
        self.line += text.matches('\n').count();
        self.rest = &rest[1..];
        Ok(text)
    }

    fn double_quoted(&mut self) -> Result<(), ImportError> {
        let begin = self.line;
        self.word();
        loop {
            match self.next() {
                None => return Err(unclosed(begin, '"')),
                Some('"') => return Ok(()),
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(c) if "\"\\$`".contains(c) => self.push(c),
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                    None => return Err(unclosed(begin, '"')),
                },
                Some('$') => self.variable(),
                Some('`') => {
                    self.quoted('`')?;
                    self.note("the output of a command, which is part of a word");
                }
                Some(c) => self.push(c),
            }
        }
    }

    /// Reads the remaining characters of a `$'…'` string.
    fn ansi_c(&mut self) -> Result<(), ImportError> {
        let begin = self.line;
        let mut bytes = Vec::new();
        // A command that a browser has copied may contain two escapes for one character (a surrogate pair). `half` is
        // the value of the first escape.
        let mut half: Option<u32> = None;
        loop {
            let c = self.next().ok_or_else(|| unclosed(begin, '\''))?;
            if c == '\'' {
                break;
            }
            let mut code = u32::from(c);
            let mut is_byte = false;
            if c == '\\' {
                let c = self.next().ok_or_else(|| unclosed(begin, '\''))?;
                (code, is_byte) = match c {
                    'n' => (10, false),
                    'r' => (13, false),
                    't' => (9, false),
                    'a' => (7, false),
                    'b' => (8, false),
                    'e' | 'E' => (27, false),
                    'f' => (12, false),
                    'v' => (11, false),
                    'x' => (self.number("", 16, 2), true),
                    'u' => (self.number("", 16, 4), false),
                    'U' => (self.number("", 16, 8), false),
                    '0'..='7' => (self.number(c.encode_utf8(&mut [0; 4]), 8, 2), true),
                    c => (u32::from(c), false),
                };
            }
            code = match (half.take(), code) {
                (Some(high), 0xdc00..=0xdfff) => 0x1_0000 + ((high - 0xd800) << 10) + (code - 0xdc00),
                _ => code,
            };
            if (0xd800..0xdc00).contains(&code) {
                half = Some(code);
            } else if is_byte {
                bytes.push(code as u8);
            } else {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        if std::str::from_utf8(&bytes).is_err() {
            self.note("bytes that are not UTF-8, in a word");
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        self.word().push_literal(&text);
        Ok(())
    }

    /// Reads up to `max` digits that follow the digits `before`. Returns the number that all these digits form.
    fn number(&mut self, before: &str, radix: u32, max: usize) -> u32 {
        let is_digit = |c: char| c.is_digit(radix);
        let digits = self.rest.chars().take(max).take_while(|c| is_digit(*c)).count();
        let (taken, rest) = self.rest.split_at(digits);
        let number = u32::from_str_radix(&format!("{before}{taken}"), radix);
        self.rest = rest;
        number.unwrap_or(0)
    }

    /// Reads the name of a variable, after the `$`.
    fn variable(&mut self) {
        if self.skip("(") {
            let mut depth = 1;
            while depth > 0
                && let Some(c) = self.next()
            {
                match c {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
            }
            self.word();
            return self.note("the output of a command, which is part of a word");
        }
        let is_braced = self.skip("{");
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = self.rest.find(|c: char| !is_name(c)).unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        let is_variable = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
        if !is_variable {
            self.push('$');
            if is_braced {
                self.push('{');
            }
            return;
        }
        let name = variable_as_written(name);
        self.rest = &self.rest[end..];
        if is_braced {
            let close = self.rest.find('}').map_or(self.rest.len(), |at| at + 1);
            if close > 1 {
                self.note("the default of a variable");
            }
            self.rest = &self.rest[close..];
        }
        let value = Part::Value(Value::Environment(name), crate::text::Form::AsIs);
        self.word().push(value);
    }

    /// Skips a redirection and its target.
    fn redirection(&mut self) {
        let is_descriptor = |word: &Word| word.text.as_literal().is_some_and(|text| matches!(text, "1" | "2"));
        if self.word.as_ref().is_some_and(is_descriptor) {
            self.word = None;
        }
        self.end_word();
        self.rest = self.rest.trim_start_matches(['>', '<', '&']);
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        let end = self.rest.find([' ', '\t', '\n', ';', '|']).unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }
}

fn unclosed(line: usize, quote: char) -> ImportError {
    ImportError::in_line(
        line,
        format!("the quote {quote} is not closed"),
        "copy the whole command",
    )
}
