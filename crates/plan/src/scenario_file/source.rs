//! The texts of a scenario: the text of its file, and the texts of the files that it includes.
//!
//! All texts are joined to one text. A position in bytes identifies a file, and a position in this file.

use super::problem::{Problem, TEXT_MAX, shortened};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// The texts of all files of a scenario, and the positions of their characters and lines.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SourceText {
    /// The texts of the files in the order in which the files were read. A line break separates two texts.
    pub text: String,
    files: Vec<SourceFile>,
}

/// The index of a file in a [`SourceText`]. The scenario itself has the index 0.
pub(super) type FileIndex = usize;

#[derive(Clone, PartialEq, Eq)]
struct SourceFile {
    /// The name of the file in problems.
    name: String,
    /// The path of the file, relative to the folder of the scenario. The path is empty for the scenario itself.
    path: PathBuf,
    /// The path without `.` and `..`. If the file is included again, it is found by this path.
    normal: PathBuf,
    /// The file that includes this file; `None` for the scenario itself.
    included_by: Option<FileIndex>,
    range: Range<usize>,
    /// For each character of the file, its position in bytes from the beginning of the file; `None` if the text is
    /// ASCII.
    bytes: Option<Vec<u32>>,
    /// The position in the joined text at which each line of the file starts.
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

    /// Adds the text of an included file. `path` is relative to the folder of the scenario. `by` is the file that
    /// includes it.
    pub fn include(&mut self, text: &str, path: &Path, by: FileIndex) -> FileIndex {
        self.add(text, self.shown(path), path.to_owned(), Some(by))
    }

    /// Adds a text. If the total size exceeds [`TEXT_MAX`] bytes, the text is truncated just after the limit. A
    /// truncated text is rejected later, without being copied as a whole.
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

    /// Returns the name of a file in problems, given the path of the file.
    fn shown(&self, path: &Path) -> String {
        let scenario = Path::new(&self.files[0].name);
        let folder = scenario.parent().unwrap_or(Path::new(""));
        folder.join(path).display().to_string()
    }

    /// Returns the first file with this path. Different spellings of the same path are treated as equal.
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

    /// Returns the index of the file that contains the byte.
    pub fn file_at(&self, byte: usize) -> FileIndex {
        self.files.partition_point(|file| file.range.start <= byte) - 1
    }

    pub fn name_at(&self, byte: usize) -> &str {
        self.name(self.file_at(byte))
    }

    /// Returns `path` relative to the folder of the scenario. `byte` is the position at which `path` is written.
    pub fn resolve(&self, byte: usize, path: &str) -> PathBuf {
        let folder = self.path(self.file_at(byte)).parent().unwrap_or(Path::new(""));
        folder.join(path)
    }

    /// Returns the position of the byte at which a character of a file begins.
    pub fn byte(&self, file: FileIndex, character: usize) -> usize {
        let SourceFile { range, bytes, .. } = &self.files[file];
        match bytes {
            None => range.end.min(range.start + character),
            Some(bytes) => bytes
                .get(character)
                .map_or(range.end, |&byte| range.start + byte as usize),
        }
    }

    /// Returns the line that contains the byte, without the line end.
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
    /// Returns the number of characters of the file that begin before the byte.
    fn character(&self, byte: usize) -> usize {
        let byte = byte - self.range.start;
        match &self.bytes {
            None => byte,
            Some(bytes) => bytes.partition_point(|&begin| (begin as usize) < byte),
        }
    }
}

/// Removes each `.` from a path, and each `..` together with the folder before it.
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

/// Returns the range of the line that contains the byte, without the line end.
pub(super) fn line_range(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..start + trimmed(&text[start..end])
}

fn trimmed(line: &str) -> usize {
    line.strip_suffix('\r').unwrap_or(line).len()
}
