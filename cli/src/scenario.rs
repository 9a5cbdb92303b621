//! Finds a scenario, and gives its reader what it may look at: files beside it and the environment.

use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use plan::scenario::Scenario;
use plan::scenario_file::{self, Surroundings};
use std::path::{Path, PathBuf};
use store::plain_file;

/// Where bare names are looked for.
const FOLDER: &str = "scenarios";
/// A larger file beside a scenario is not read at all.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// Reads and checks a scenario, by its path or its bare name.
pub(crate) fn load(name: &str, printer: &Printer) -> Result<Scenario, Stated> {
    let path = find(name)?;
    let text = plain_file::read(&path, FILE_BYTES_MAX)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8")))
        .map_err(|error| {
            Stated::usage(
                format!("{} cannot be read: {error}", path.display()),
                "name a YAML file, in UTF-8",
            )
        })?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let surroundings = Surroundings {
        environment: &|name| std::env::var(name).ok(),
        file: &|file| read_beside(&folder, file),
    };
    scenario_file::read(&text, &path.display().to_string(), &surroundings).map_err(|problems| Stated {
        text: problems.render(printer.colour),
        exit: Exit::Usage,
    })
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

fn find(name: &str) -> Result<PathBuf, Stated> {
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
        return Ok(found.clone());
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
