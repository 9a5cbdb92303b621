//! `init`: writes a scenario that the user can edit: either the quickstart, or a scenario for a URL.

use crate::args::InitArgs;
use crate::exit::Exit;
use crate::printer::{Printer, Stated};
use crate::sending::{self, SendArgs, SettingArgs};
use crate::{new_file, quickstart, scenario};
use import::address;
use import::yaml::quoted;
use std::path::{Path, PathBuf};

/// The template of a scenario for a URL. Values replace the words in capital letters.
const COMMENTED: &str = include_str!("init.yaml");

pub(crate) fn run(args: &InitArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let (file, text) = match (&args.what, &args.file) {
        (Some(url), file) if sending::is_url(url) => {
            let default = || PathBuf::from(format!("{}.yaml", address::scenario_name(&sending::plain_scheme(url))));
            (file.clone().unwrap_or_else(default), commented(url)?)
        }
        (Some(_), Some(_)) => {
            return Err(Stated::usage(
                "two files are named",
                "write `vajra-cloud init FILE.yaml`, or `vajra-cloud init URL FILE.yaml`",
            )
            .into());
        }
        (file, _) => {
            let file = file
                .as_deref()
                .map_or_else(|| format!("{}.yaml", quickstart::NAME).into(), PathBuf::from);
            (file, quickstart::text().to_owned())
        }
    };
    let instead = match &args.what {
        Some(url) if sending::is_url(url) => "vajra-cloud init URL FILE.yaml",
        _ => "vajra-cloud init FILE.yaml",
    };
    new_file::create(&file, &text, instead)?;
    let file = file.display();
    printer.note(&format!("wrote {file}; `vajra-cloud launch {file}` runs it"));
    Ok(Exit::Passed)
}

/// Returns the text of a scenario for a URL. The text contains comments that explain the scenario.
fn commented(url: &str) -> Result<String, Stated> {
    // This code checks the URL as `launch URL` does, so that both commands report the same problems.
    let (nothing, none) = (SendArgs::default(), SettingArgs::default());
    let for_url = sending::write(url, &nothing, &none, None)?;
    scenario::read(&for_url.written.text, "the URL", Path::new(""), &none)
        .map_err(|problems| for_url.explain(&problems))?;
    let url = sending::plain_scheme(url);
    let (target, path) = address::split(&url);
    let root = if path.starts_with('/') { "" } else { "/" };
    Ok(COMMENTED
        .replace("NAME", &quoted(&address::scenario_name(&url)))
        .replace("TARGET", &quoted(target))
        .replace("PATH", &quoted(&format!("{root}{path}"))))
}
