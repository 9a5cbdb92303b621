//! Splits commands for cmd.exe into words. Chromium can copy requests as such commands.
//!
//! cmd.exe first removes its escape characters `^`. Then the started program, such as curl, splits its command line
//! into words by the rules of the C runtime: quotes group characters, and `\"` is a quote.

use super::Word;
use crate::error::ImportError;
use crate::text::Text;

/// Splits a text into commands, and each command into words.
pub(super) fn commands(text: &str) -> Result<Vec<Vec<Word>>, ImportError> {
    let mut commands = Vec::new();
    for line in lines(text) {
        let words = words(&line)?;
        if !words.is_empty() {
            commands.push(words);
        }
    }
    Ok(commands)
}

/// Returns the command lines as cmd.exe leaves them, without its escape characters. Each character has the number of
/// its line in the text.
fn lines(text: &str) -> Vec<Vec<(char, usize)>> {
    let (mut lines, mut current, mut number, mut is_quoted) = (Vec::new(), Vec::new(), 1, false);
    let mut chars = text.chars().filter(|c| *c != '\r').peekable();
    while let Some(c) = chars.next() {
        match c {
            '^' if !is_quoted => {
                let Some(mut next) = chars.next() else { break };
                if next == '\n' {
                    number += 1;
                    // The first character of a continued line is escaped too. If this character is a line break, it
                    // remains a line break.
                    if chars.peek() != Some(&'\n') {
                        continue;
                    }
                    next = '\n';
                    chars.next();
                    current.push((next, number));
                    number += 1;
                    continue;
                }
                current.push((next, number));
            }
            '\n' => {
                lines.push(std::mem::take(&mut current));
                number += 1;
                is_quoted = false;
            }
            '&' | '|' if !is_quoted => lines.push(std::mem::take(&mut current)),
            c => {
                is_quoted ^= c == '"';
                current.push((c, number));
            }
        }
    }
    lines.push(current);
    lines
}

/// Splits a command line into words by the rules of the C runtime.
fn words(line: &[(char, usize)]) -> Result<Vec<Word>, ImportError> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<Word>, None);
    let begin = |line: usize| Word {
        text: Text::default(),
        line,
    };
    let mut at = 0;
    while let Some((c, number)) = line.get(at).copied() {
        at += 1;
        if c.is_whitespace() && quote.is_none() {
            words.extend(word.take());
            continue;
        }
        let text = &mut word.get_or_insert_with(|| begin(number)).text;
        match c {
            '\\' => {
                let more = line[at..].iter().take_while(|(c, _)| *c == '\\').count();
                let slashes = more + 1;
                at += more;
                let is_before_quote = line.get(at).is_some_and(|(c, _)| *c == '"');
                let kept = if is_before_quote { slashes / 2 } else { slashes };
                text.push_literal(&"\\".repeat(kept));
                if is_before_quote && slashes % 2 == 1 {
                    text.push_literal("\"");
                    at += 1;
                }
            }
            '"' if quote.is_some() && line.get(at).is_some_and(|(c, _)| *c == '"') => {
                text.push_literal("\"");
                at += 1;
            }
            '"' => {
                quote = match quote {
                    Some(_) => None,
                    None => Some(number),
                }
            }
            c => text.push_literal(c.encode_utf8(&mut [0; 4])),
        }
    }
    if let Some(number) = quote {
        return Err(ImportError::in_line(
            number,
            "the quote \" is not closed",
            "copy the whole command",
        ));
    }
    words.extend(word);
    Ok(words)
}
