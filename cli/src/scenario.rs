//! Finds a scenario and reads it. The parser may also read the environment, and files in the folder of the scenario.

use crate::args::ScenarioArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::sending::{self, SettingArgs};
use crate::{new_file, quickstart};
use plan::scenario::Scenario;
use plan::scenario_file::{self, Problems, Settings, Surroundings};
use run::order;
use std::path::{Path, PathBuf};
use store::plain_file;
use worker::certificate_check::CertificateCheck;

/// The folder in which a scenario is searched if only its name is given.
const FOLDER: &str = "scenarios";
const EXTENSIONS: [&str; 2] = ["yaml", "yml"];
/// The maximum number of bytes of a scenario that are read. The parser rejects scenarios at a lower limit.
const SCENARIO_BYTES_MAX: u64 = 64 << 20;
/// The maximum size in bytes of each file that a scenario names.
const FILE_BYTES_MAX: u64 = plan::limits::FILES_MAX as u64;

/// Reads and checks a scenario. The argument is a path, a name, `-` for stdin, or a URL.
///
/// Paths in a scenario are relative to the folder of the scenario. If the scenario comes from a pipe or is made for a
/// URL, paths are relative to the current folder.
pub(crate) fn load(args: &ScenarioArgs, printer: &Printer) -> Result<Scenario, Stated> {
    let name = args.scenario.as_str();
    if sending::is_url(name) {
        return for_url(args, printer);
    }
    args.send.refuse()?;
    let found = find(name)?;
    let (shown, bytes) = match &found {
        Found::Stdin => (
            "stdin".to_owned(),
            plain_file::read_all(std::io::stdin().lock(), SCENARIO_BYTES_MAX),
        ),
        Found::Quickstart => ("the built-in quickstart".to_owned(), Ok(quickstart::text().into())),
        Found::File(path) | Found::Pipe(path) => (
            path.display().to_string(),
            plain_file::read_or_pipe(path, SCENARIO_BYTES_MAX),
        ),
    };
    let text = bytes
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8")))
        .map_err(|error| {
            Stated::usage(
                format!("{shown} cannot be read: {error}"),
                "name a YAML file in UTF-8, or `-` for stdin",
            )
        })?;
    let folder = match &found {
        Found::File(path) => path.parent().unwrap_or(Path::new("")).to_owned(),
        Found::Pipe(_) | Found::Stdin | Found::Quickstart => PathBuf::new(),
    };
    read(&text, &shown, &folder, &args.settings).map_err(|problems| Stated {
        text: problems.render(printer.colour),
        exit: Exit::Usage,
    })
}

/// Makes the scenario for a URL. If `--save` is given, also writes the scenario to a file.
fn for_url(args: &ScenarioArgs, printer: &Printer) -> Result<Scenario, Stated> {
    let save = args.send.save.as_deref();
    let seed = save.map(|_| order::seed());
    let for_url = sending::write(&args.scenario, &args.send, &args.settings, seed)?;
    let scenario = read(&for_url.written.text, "the URL", Path::new(""), &args.settings)
        .map_err(|problems| for_url.explain(&problems))?;
    if let Some(file) = save {
        new_file::create(file, &for_url.written.text, "--save FILE.yaml")?;
        let file = file.display();
        printer.note(&format!("wrote {file}; `vajra-cloud launch {file}` sends the same"));
    }
    if let Some(defaults) = args.send.defaults() {
        printer.note(&defaults);
    }
    Ok(scenario)
}

pub(crate) fn read(text: &str, shown: &str, folder: &Path, chosen: &SettingArgs) -> Result<Scenario, Problems> {
    let environment = |name: &str| std::env::var(name).ok();
    let certificates = CertificateCheck::new(&environment);
    let surroundings = Surroundings {
        environment: &environment,
        file: &|file| read_file(folder, file),
        pem: &|asked| certificates.check(asked),
        settings: Settings {
            environment: chosen.env.clone(),
            variables: chosen.set.clone(),
        },
    };
    scenario_file::read(text, shown, &surroundings)
}

/// Returns the scenario that `doctor` uses if the user names no scenario. This scenario is short. Its target is the
/// built-in target, to which every worker may send.
pub(crate) fn any() -> Scenario {
    const TEXT: &str = "name: any\ntarget: { builtin: '' }\nload: { constant: { rate: 1000/s, duration: 1m } }\nrequests: [ { name: any } ]\n";
    let surroundings = Surroundings {
        environment: &|_| None,
        file: &|_| Err(String::new()),
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    scenario_file::read(TEXT, "any", &surroundings)
        .unwrap_or_else(|problems| unreachable!("{}", problems.render(false)))
}

/// The place where a scenario was found.
enum Found {
    Stdin,
    File(PathBuf),
    /// The scenario comes from a named pipe, or from the pipe that a shell creates for `<(command)`.
    Pipe(PathBuf),
    /// The scenario is the one that is built into the program.
    Quickstart,
}

fn find(name: &str) -> Result<Found, Stated> {
    if name == "-" {
        return Ok(Found::Stdin);
    }
    let path = PathBuf::from(name);
    let bare = path.components().count() == 1;
    let named =
        ["", FOLDER].map(|folder| EXTENSIONS.map(|extension| Path::new(folder).join(format!("{name}.{extension}"))));
    let candidates: Vec<PathBuf> = std::iter::once(path)
        .chain(named.into_iter().flatten().filter(|_| bare))
        .collect();
    // If no candidate is a file, this function returns a candidate that is a folder, a device or a pipe. Reading a
    // folder fails with an error that describes the problem.
    let file = candidates.iter().find(|candidate| candidate.is_file());
    if file.is_none() && name == quickstart::NAME {
        return Ok(Found::Quickstart);
    }
    let found = file.or_else(|| candidates.iter().find(|candidate| exists(candidate)));
    if let Some(found) = found {
        return Ok(match std::fs::metadata(found) {
            // Other objects, such as devices, are read like a pipe.
            Ok(kind) if !kind.is_file() && !kind.is_dir() => Found::Pipe(found.clone()),
            _ => Found::File(found.clone()),
        });
    }
    Err(Stated::usage(
        format!("there is no scenario {name}"),
        format!("name an existing file, or one of: {}", known().join(", ")),
    ))
}

/// Returns whether a path exists. The path may be a file, a folder, a device, a broken link or an inaccessible object.
fn exists(path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::PermissionDenied,
    }
}

/// Returns the names of the known scenarios: the scenarios in the folder [`FOLDER`], and the built-in scenario.
fn known() -> Vec<String> {
    let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known))
        })
        .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.push(quickstart::NAME.to_owned());
    names.sort();
    names.dedup();
    names
}

fn read_file(folder: &Path, file: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(file);
    plain_file::read(&path, FILE_BYTES_MAX).map_err(|error| format!("{}: {error}", path.display()))
}
