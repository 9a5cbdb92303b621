//! Finds a scenario, and gives its reader what it may look at: files beside it and the environment.

use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use plan::scenario::Scenario;
use plan::scenario_file::{self, Surroundings};
use std::io::Read;
use std::path::{Path, PathBuf};
use store::plain_file;

/// Where bare names are looked for.
const FOLDER: &str = "scenarios";
/// A larger scenario, or file beside one, is not read to its end.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads and checks a scenario: a path, a bare name, or `-` for stdin. Files that it names are beside it; those of a
/// scenario that comes through a pipe are in the current folder.
pub(crate) fn load(name: &str, printer: &Printer) -> Result<Scenario, Stated> {
    let found = find(name)?;
    let (shown, bytes) = match &found {
        Found::Stdin => ("stdin".to_owned(), read_stdin()),
        Found::File(path) | Found::Pipe(path) => (
            path.display().to_string(),
            plain_file::read_or_pipe(path, FILE_BYTES_MAX),
        ),
    };
    let text = bytes
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8")))
        .map_err(|error| {
            Stated::usage(
                format!("{shown} cannot be read: {error}"),
                "name a YAML file, in UTF-8, or `-` for stdin",
            )
        })?;
    let folder = match &found {
        Found::File(path) => path.parent().unwrap_or(Path::new("")).to_owned(),
        Found::Pipe(_) | Found::Stdin => PathBuf::new(),
    };
    let surroundings = Surroundings {
        environment: &|name| std::env::var(name).ok(),
        file: &|file| read_beside(&folder, file),
    };
    scenario_file::read(&text, &shown, &surroundings).map_err(|problems| Stated {
        text: problems.render(printer.colour),
        exit: Exit::Usage,
    })
}

/// Draws the seed of a launch, unless the scenario has one; returns whether it did.
pub(crate) fn draw_seed(scenario: &mut Scenario) -> bool {
    // As many bits as every reader of JSON keeps.
    let drawn = || rand::random::<u64>() >> 11;
    let draws = scenario.seed.is_none();
    scenario.seed.get_or_insert_with(drawn);
    draws
}

fn read_stdin() -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() as u64 > FILE_BYTES_MAX {
        true => Err(std::io::Error::other(format!(
            "it has more than {FILE_BYTES_MAX} bytes, which are the most"
        ))),
        false => Ok(bytes),
    }
}

/// A scenario that stands for any: short, and at a target that nobody has to allow.
pub(crate) fn any() -> Scenario {
    const TEXT: &str = "name: any\ntarget: { builtin: '' }\nload: { constant: { rate: 1000/s, duration: 1m } }\nrequests: [ { name: any } ]\n";
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|_| Err(String::new()),
    };
    scenario_file::read(TEXT, "any", &surroundings)
        .unwrap_or_else(|problems| unreachable!("{}", problems.render(false)))
}

/// Where a scenario is.
enum Found {
    Stdin,
    File(PathBuf),
    /// What a shell gives for `<(command)`, or a named pipe.
    Pipe(PathBuf),
}

fn find(name: &str) -> Result<Found, Stated> {
    if name == "-" {
        return Ok(Found::Stdin);
    }
    let path = PathBuf::from(name);
    let bare = path.components().count() == 1;
    let in_folder = ["yaml", "yml"].map(|extension| Path::new(FOLDER).join(format!("{name}.{extension}")));
    let candidates: Vec<PathBuf> = std::iter::once(path)
        .chain(in_folder.into_iter().filter(|_| bare))
        .collect();
    // Where there is no file, whatever else is there is opened: reading it says what it is.
    let file = candidates.iter().find(|candidate| candidate.is_file());
    let found = file.or_else(|| candidates.iter().find(|candidate| is_there(candidate)));
    if let Some(found) = found {
        return Ok(match std::fs::metadata(found) {
            // A device is refused when it is opened.
            Ok(kind) if !kind.is_file() && !kind.is_dir() => Found::Pipe(found.clone()),
            _ => Found::File(found.clone()),
        });
    }
    let known = known();
    let hint = match (bare, known.is_empty()) {
        (true, false) => format!("there are: {}", known.join(", ")),
        (true, true) => format!("name a file, or put it in {FOLDER}/"),
        (false, _) => "is the path right?".to_owned(),
    };
    Err(Stated::usage(format!("there is no scenario {name}"), hint))
}

/// Whether anything has this path: a file, a folder, a device, a link to nowhere, or what may not be looked at.
fn is_there(path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
    }
}

/// The bare names that would be found.
fn known() -> Vec<String> {
    let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml" || extension == "yml")
        })
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

fn read_beside(folder: &Path, file: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(file);
    plain_file::read(&path, FILE_BYTES_MAX).map_err(|error| format!("{}: {error}", path.display()))
}
