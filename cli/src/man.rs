//! `man`: writes the manual pages.

use crate::args::{Args, ManArgs};
use crate::exit::Exit;
use anyhow::Context;
use clap::CommandFactory;

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<Exit> {
    std::fs::create_dir_all(&args.folder)
        .and_then(|()| clap_mangen::generate_to(Args::command(), &args.folder))
        .with_context(|| format!("cannot write manual pages into {}", args.folder.display()))?;
    Ok(Exit::Passed)
}
