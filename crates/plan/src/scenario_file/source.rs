//! The texts of a scenario: its file, and the files that it includes.
//!
//! All texts are joined to one text, so that a position in bytes identifies a file and a position in this file.

use super::problem::{Problem, TEXT_MAX, shortened};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// The texts of all files of a scenario, with the positions of their characters and lines.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SourceText {
    /// The texts in the order in which they were read, each after a line break.
    pub text: String,
    files: Vec<SourceFile>,
}

/// The index of a file in a [`SourceText`]; 0 is the scenario itself.
pub(super) type FileIndex = usize;

#[derive(Clone, PartialEq, Eq)]
struct SourceFile {
    /// The name of the file in problems.
    name: String,
    /// The path relative to the folder of the scenario; empty for the scenario itself.
    path: PathBuf,
    /// The path without `.` and `..`, by which a file is found if it is included again.
    normal: PathBuf,
    /// The file that includes this file; `None` for the scenario itself.
    included_by: Option<FileIndex>,
    range: Range<usize>,
    /// The position in bytes of each character, from the beginning of the file; `None` for an ASCII text.
    bytes: Option<Vec<u32>>,
    /// The starts of the file's lines, as positions in the joined text.
    line_starts: Vec<usize>,
}

impl SourceText {
    pub fn new(text: &str, name: &str) -> SourceText {
        let mut source = SourceText {
            text: String::new(),
            files: Vec::new(),
        };
        source.add(text, name.to_owned(), PathBuf::new(), None);
        source
    }

    /// Adds an included file. `path` is relative to the folder of the scenario.
    pub fn include(&mut self, text: &str, path: &Path, by: FileIndex) -> FileIndex {
        self.add(text, self.shown(path), path.to_owned(), Some(by))
    }

    /// Adds a text. If the total size exceeds [`TEXT_MAX`] bytes, the text is truncated just after the limit, so that
    /// it is rejected without being copied as a whole.
    fn add(&mut self, text: &str, name: String, path: PathBuf, included_by: Option<FileIndex>) -> FileIndex {
        if !self.files.is_empty() {
            self.text.push('\n');
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let start = self.text.len();
        let left = (TEXT_MAX + 4).saturating_sub(start);
        let text = &text[..text.len().min(text.floor_char_boundary(left))];
        self.text.push_str(text);
        let line_starts = std::iter::once(start)
            .chain(text.match_indices('\n').map(|(at, _)| start + at + 1))
            .collect();
        self.files.push(SourceFile {
            normal: normal(Path::new(&name)),
            name,
            path,
            included_by,
            range: start..self.text.len(),
            bytes: (!text.is_ascii()).then(|| text.char_indices().map(|(byte, _)| byte as u32).collect()),
            line_starts,
        });
        self.files.len() - 1
    }

    /// The name in problems of a file with this path.
    fn shown(&self, path: &Path) -> String {
        let scenario = Path::new(&self.files[0].name);
        let folder = scenario.parent().unwrap_or(Path::new(""));
        folder.join(path).display().to_string()
    }

    /// The first file with this path, however the path is spelt.
    pub fn find(&self, path: &Path) -> Option<FileIndex> {
        let wanted = normal(Path::new(&self.shown(path)));
        self.files.iter().position(|file| file.normal == wanted)
    }

    pub fn included_by(&self, file: FileIndex) -> Option<FileIndex> {
        self.files[file].included_by
    }

    pub fn files(&self) -> usize {
        self.files.len()
    }

    pub fn range(&self, file: FileIndex) -> Range<usize> {
        self.files[file].range.clone()
    }

    pub fn file_text(&self, file: FileIndex) -> &str {
        &self.text[self.range(file)]
    }

    pub fn name(&self, file: FileIndex) -> &str {
        &self.files[file].name
    }

    pub fn path(&self, file: FileIndex) -> &Path {
        &self.files[file].path
    }

    /// The file that contains the byte.
    pub fn file_at(&self, byte: usize) -> FileIndex {
        self.files.partition_point(|file| file.range.start <= byte) - 1
    }

    pub fn name_at(&self, byte: usize) -> &str {
        self.name(self.file_at(byte))
    }

    /// Returns a path that is written at the byte, relative to the folder of the scenario.
    pub fn resolve(&self, byte: usize, path: &str) -> PathBuf {
        let folder = self.path(self.file_at(byte)).parent().unwrap_or(Path::new(""));
        folder.join(path)
    }

    /// The byte at which a character of a file begins.
    pub fn byte(&self, file: FileIndex, character: usize) -> usize {
        let SourceFile { range, bytes, .. } = &self.files[file];
        match bytes {
            None => range.end.min(range.start + character),
            Some(bytes) => bytes
                .get(character)
                .map_or(range.end, |&byte| range.start + byte as usize),
        }
    }

    /// The line that contains the byte, without its end.
    pub fn line_at(&self, byte: usize) -> &str {
        &self.text[line_range(&self.text, byte)]
    }

    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, help: Option<&str>) -> Problem {
        let file = &self.files[self.file_at(span.start)];
        let line = file.line_starts.partition_point(|&start| start <= span.start);
        let line_start = file.line_starts[line - 1];
        Problem {
            message: shortened(message.into()),
            line,
            column: file.character(span.start) - file.character(line_start) + 1,
            span,
            help: help.map(|help| shortened(help.to_owned())),
        }
    }
}

impl SourceFile {
    /// The number of characters that begin before the byte.
    fn character(&self, byte: usize) -> usize {
        let byte = byte - self.range.start;
        match &self.bytes {
            None => byte,
            Some(bytes) => bytes.partition_point(|&begin| (begin as usize) < byte),
        }
    }
}

/// Removes `.`, and `..` with the folder before it.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        let is_below = matches!(normal.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_below => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// The line that contains the byte, without its end.
pub(super) fn line_range(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..start + trimmed(&text[start..end])
}

fn trimmed(line: &str) -> usize {
    line.strip_suffix('\r').unwrap_or(line).len()
}
