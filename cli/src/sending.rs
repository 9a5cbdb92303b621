//! The options that set the variables of a scenario, and the options that make a scenario for a URL.
//!
//! The options for a URL are converted to the text of a scenario. The parser of scenario files then reads this text.

use crate::exit::Exit;
use crate::printer::Stated;
use clap::Args as ClapArgs;
use import::address;
use import::model::{self, Body, Flow, Header, Phase, Request};
use import::text::Text;
use import::writer::{self, Part, Written};
use plan::rate::Rate;
use plan::scenario_file::{Problem, Problems};
use plan::span;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The default rate and duration, which are so low that they harm no server.
const RATE: &str = "10/s";
const DURATION: &str = "10s";
/// The name of the request in the scenario for a URL. The request of a scenario without `requests` has the same name.
const REQUEST: &str = "target";

/// The options that select the values of a scenario's variables.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct SettingArgs {
    /// Use the variables of this environment of the scenario
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Replace the value of a variable in the scenario's `vars`; may be given again
    #[arg(long, value_parser = assignment, value_name = "NAME=VALUE")]
    pub set: Vec<(String, String)>,
}

/// The options for a URL that is given in place of a scenario.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Options with a URL in place of a scenario")]
pub(crate) struct SendArgs {
    /// The rate of requests, such as 500/s [default: 10/s]
    #[arg(long, value_parser = rate, value_name = "RATE")]
    pub rate: Option<String>,
    /// The number of users who send the requests, in place of a rate; each user waits for an answer before the next
    /// request
    #[arg(long, value_name = "N", conflicts_with = "rate")]
    pub users: Option<u32>,
    /// The duration, such as 30s or 5m [default: 10s]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub duration: Option<String>,
    /// The method [default: GET, or POST with --data]
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub method: Option<String>,
    /// A header; may be given again
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
    /// The body: text, or @ and the path of a file
    #[arg(short = 'd', long = "data", value_name = "TEXT|@FILE", allow_hyphen_values = true)]
    pub data: Option<String>,
    /// `kept` reuses connections; `fresh` opens a connection for each request [default: kept]
    #[arg(long, value_name = "USE")]
    pub connections: Option<String>,
    /// Use HTTP/2
    #[arg(long)]
    pub http2: bool,
    /// A threshold of the run, such as 'latency p99 < 250ms'; may be given again
    #[arg(long = "threshold", value_name = "LINE")]
    pub thresholds: Vec<String>,
    /// Write these options and the seed of this run as a scenario to a file, which must not exist
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Checks the syntax of a rate, and returns its text.
fn rate(text: &str) -> Result<String, String> {
    Rate::parse(text).map(|_| text.trim().to_owned())
}

/// Checks the syntax of a duration, and returns its text.
fn duration(text: &str) -> Result<String, String> {
    span::parse(text).map(|_| text.trim().to_owned())
}

impl SendArgs {
    /// Returns the name of the first of these options that was given; `None` if no option was given.
    fn given(&self) -> Option<&'static str> {
        let given = [
            (self.rate.is_some(), "--rate"),
            (self.users.is_some(), "--users"),
            (self.duration.is_some(), "--duration"),
            (self.method.is_some(), "--request"),
            (!self.headers.is_empty(), "--header"),
            (self.data.is_some(), "--data"),
            (self.connections.is_some(), "--connections"),
            (self.http2, "--http2"),
            (!self.thresholds.is_empty(), "--threshold"),
            (self.save.is_some(), "--save"),
        ];
        given.into_iter().find(|(given, _)| *given).map(|(_, option)| option)
    }

    /// Returns an error if one of these options was given. A command without a URL does not accept these options.
    pub(crate) fn refuse(&self) -> Result<(), Stated> {
        let Some(option) = self.given() else { return Ok(()) };
        Err(Stated::usage(
            format!("{option} is for a URL in place of a scenario"),
            "write it into the scenario, or set a variable of the scenario with `--set NAME=VALUE`",
        ))
    }

    /// Sets the default rate and duration as if the user had given them. After this call, [`SendArgs::defaults`]
    /// returns no note about them.
    pub(crate) fn use_defaults(&mut self) {
        if self.users.is_none() {
            self.rate.get_or_insert_with(|| RATE.to_owned());
        }
        self.duration.get_or_insert_with(|| DURATION.to_owned());
    }

    /// Returns a note about the default rate and duration; `None` if neither default is used.
    pub(crate) fn defaults(&self) -> Option<String> {
        let load = match (&self.rate, self.users) {
            (None, None) => Some(format!("{RATE}; --rate or --users changes that")),
            _ => None,
        };
        let length = self
            .duration
            .is_none()
            .then(|| format!("for {DURATION}; --duration changes that"));
        match (load, length) {
            (Some(_), Some(_)) => Some(format!(
                "sending {RATE} for {DURATION}; --rate, --users and --duration change that"
            )),
            (load, length) => load.or(length).map(|words| format!("sending {words}")),
        }
    }
}

/// Returns whether the argument for a scenario is a URL.
pub(crate) fn is_url(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme.as_str()))
}

/// Returns a URL with its scheme in lower case. Scenarios require lower case.
pub(crate) fn plain_scheme(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => url.to_owned(),
    }
}

/// The text of the scenario for a URL, and the names of the options that set its load.
#[derive(Debug)]
pub(crate) struct ForUrl {
    pub written: Written,
    load: &'static str,
}

/// Makes the text of the scenario for a URL.
///
/// # Errors
/// Fails if the syntax of an option is wrong.
pub(crate) fn write(url: &str, args: &SendArgs, settings: &SettingArgs, seed: Option<u64>) -> Result<ForUrl, Stated> {
    let url = plain_scheme(url);
    let (target, path) = cut(&url);
    let duration = args.duration.as_deref().unwrap_or(DURATION).to_owned();
    let (load, options) = match args.users {
        Some(users) => {
            let users = users.to_string();
            (Phase::Users { users, duration }, "--users and --duration")
        }
        None => {
            let rate = args.rate.as_deref().unwrap_or(RATE).to_owned();
            (Phase::Constant { rate, duration }, "--rate and --duration")
        }
    };
    let flows = request(path, args)?.map(|request| Flow::of(request, 1));
    let scenario = model::Scenario {
        name: address::scenario_name(&url),
        target: Text::written(target),
        seed,
        load: vec![load],
        http2: args.http2,
        connections: args.connections.clone(),
        vars: settings.set.clone(),
        flows: flows.into_iter().collect(),
        thresholds: args.thresholds.clone(),
        ..model::Scenario::default()
    };
    Ok(ForUrl {
        written: writer::write(&scenario),
        load: options,
    })
}

/// Splits a URL before its path if the path contains a query, a fragment or a placeholder. A target must not contain
/// any of these three.
fn cut(url: &str) -> (&str, Option<&str>) {
    let (target, path) = address::split(url);
    match path.contains(['?', '#']) || path.contains("{{") {
        true => (target, Some(path)),
        false => (url, None),
    }
}

/// Returns the request for a URL; `None` if this request equals the request of a scenario without `requests`.
fn request(path: Option<&str>, args: &SendArgs) -> Result<Option<Request>, Stated> {
    if path.is_none() && args.method.is_none() && args.headers.is_empty() && args.data.is_none() {
        return Ok(None);
    }
    let root = |path: &str| if path.starts_with('/') { "" } else { "/" };
    let body = match args.data.as_deref() {
        None => Body::None,
        Some(data) => match data.strip_prefix('@') {
            Some(file) => Body::File(path_in(args.save.as_deref(), file).ok_or_else(|| {
                Stated::usage(
                    format!("--data: {file}: its absolute path is unknown or not UTF-8"),
                    "use another file",
                )
            })?),
            None => Body::Text(Text::written(data)),
        },
    };
    Ok(Some(Request {
        name: REQUEST.to_owned(),
        method: args.method.clone(),
        url: path.map(|path| Text::written(format!("{}{path}", root(path)))),
        headers: headers(&args.headers)?,
        body,
        ..Request::default()
    }))
}

/// Parses the headers. The values of each name are in the order of the command line.
fn headers(lines: &[String]) -> Result<Vec<Header>, Stated> {
    let mut headers = Vec::new();
    for line in lines {
        // The error does not contain the text, because the text may be a credential.
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| Stated::usage("--header: the `:` is missing", "write `--header 'NAME: VALUE'`"))?;
        Header::add(&mut headers, name.trim(), Text::written(value.trim()));
    }
    Ok(headers)
}

impl ForUrl {
    /// Returns an error that lists the problems of the scenario's text, each with the option that caused it.
    pub(crate) fn explain(&self, problems: &Problems) -> Stated {
        let mut text = String::new();
        for problem in problems.found() {
            let option = self
                .option(problem)
                .map_or(String::new(), |option| format!("{option}: "));
            let _ = writeln!(text, "error: {option}{}", problem.message);
            if let Some(help) = &problem.help {
                let _ = writeln!(text, "hint: {help}");
            }
        }
        Stated {
            text: text.trim_end().to_owned(),
            exit: Exit::Usage,
        }
    }

    /// Returns the option that caused a problem, which is the option for the smallest part of the text that contains
    /// the problem. Returns `None` if the problem has no line, because the text of this problem names the option.
    fn option(&self, problem: &Problem) -> Option<&'static str> {
        if problem.line == 0 {
            return None;
        }
        Some(match self.written.part_at(problem.span.start) {
            None | Some(Part::Name | Part::Target | Part::Url) => "the URL",
            Some(Part::Load) => self.load,
            Some(Part::Rate) => "--rate",
            Some(Part::Users) => "--users",
            Some(Part::Duration) => "--duration",
            Some(Part::Protocol) => "--http2",
            Some(Part::Connections) => "--connections",
            Some(Part::Variable) => "--set",
            Some(Part::Method) => "--request",
            Some(Part::Header) => "--header",
            Some(Part::Body) => "--data",
            Some(Part::Threshold) => "--threshold",
        })
    }
}

/// Converts a path on the command line to the form for the scenario file `save`. Returns `None` if the absolute path is
/// required, and is unknown or not UTF-8. Paths in a scenario are relative to the folder of the scenario. So the path
/// becomes absolute if the scenario is in another folder.
pub(crate) fn path_in(save: Option<&Path>, file: &str) -> Option<String> {
    let elsewhere = save
        .and_then(Path::parent)
        .is_some_and(|folder| !folder.as_os_str().is_empty());
    if !elsewhere {
        return Some(file.to_owned());
    }
    let whole = std::path::absolute(file).ok();
    whole.and_then(|path| path.to_str().map(str::to_owned))
}
