//! `import`: converts a file of another tool to a scenario.

use crate::args::ImportArgs;
use crate::exit::Exit;
use crate::new_file;
use crate::printer::{Printer, Stated};
use crate::sending::path_in;
use ::import::{Base, Imported, Options};
use std::io;
use std::path::Path;
use store::plain_file;

pub(crate) fn run(args: &ImportArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let imported = import(args)?;
    for secret in &imported.secrets {
        printer.say(&format!("secret: {secret}"));
    }
    for left_out in &imported.left_out {
        printer.say(&format!("left out: {left_out}"));
    }
    match &args.save {
        Some(file) => {
            new_file::create(file, &imported.yaml, "--save FILE.yaml")?;
            let file = file.display();
            printer.note(&format!("wrote {file}; `vajra-cloud check {file}` checks it"));
        }
        None => printer.result(&imported.yaml)?,
    }
    Ok(Exit::Passed)
}

fn import(args: &ImportArgs) -> Result<Imported, Stated> {
    let (shown, limit) = (&args.file, ::import::INPUT_BYTES_MAX as u64);
    let is_stdin = args.file == "-";
    let bytes = match is_stdin {
        true => plain_file::read_all(io::stdin().lock(), limit),
        false => plain_file::read_or_pipe(Path::new(&args.file), limit),
    };
    let bytes = bytes.map_err(|error| {
        Stated::usage(
            format!("{shown} cannot be read: {error}"),
            "name a file of another tool, or `-` for stdin",
        )
    })?;
    let folder = match is_stdin {
        true => Path::new(""),
        false => Path::new(&args.file).parent().unwrap_or(Path::new("")),
    };
    let place = |base: Base, path: &str| {
        let path = match base {
            Base::Input => folder.join(path).to_str()?.to_owned(),
            Base::Current => path.to_owned(),
        };
        path_in(args.save.as_deref(), &path)
    };
    let options = Options {
        format: args.from,
        place: &place,
    };
    ::import::import(&bytes, &options).map_err(|error| match error.hint.is_empty() {
        true => Stated::usage(format!("{shown}: {error}"), "name another file"),
        false => Stated::usage(format!("{shown}: {error}"), error.hint),
    })
}
