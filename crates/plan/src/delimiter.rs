//! The delimiter between the cells of a CSV file.

/// The delimiter between two cells: one ASCII character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delimiter(u8);

impl Delimiter {
    /// Returns the first of `,`, `;`, tab and `|` that the header row of a CSV file contains outside of quotes; `,` if
    /// the row contains none of these characters.
    pub(crate) fn of(text: &str) -> Delimiter {
        let mut quoted = false;
        let header: Vec<u8> = text
            .trim_start_matches(['\r', '\n'])
            .bytes()
            .take_while(|byte| {
                quoted ^= *byte == b'"';
                quoted || !matches!(byte, b'\r' | b'\n')
            })
            .collect();
        let bare = |wanted: u8| {
            let mut quoted = false;
            header.iter().any(|byte| {
                quoted ^= *byte == b'"';
                !quoted && *byte == wanted
            })
        };
        Delimiter(
            [b',', b';', b'\t', b'|']
                .into_iter()
                .find(|one| bare(*one))
                .unwrap_or(b','),
        )
    }
}

impl TryFrom<char> for Delimiter {
    type Error = String;

    fn try_from(c: char) -> Result<Delimiter, String> {
        match u8::try_from(c) {
            Ok(byte @ (b'\t' | b' '..=b'~')) if byte != b'"' => Ok(Delimiter(byte)),
            _ => Err(format!(
                "`{}` is not a delimiter; write one ASCII character, such as `;`",
                c.escape_debug()
            )),
        }
    }
}

impl From<Delimiter> for char {
    fn from(delimiter: Delimiter) -> char {
        delimiter.0.into()
    }
}

impl std::fmt::Display for Delimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            b',' => f.write_str("a comma"),
            b'\t' => f.write_str("a tab"),
            other => write!(f, "`{}`", char::from(other)),
        }
    }
}

impl From<Delimiter> for u8 {
    fn from(delimiter: Delimiter) -> u8 {
        delimiter.0
    }
}
