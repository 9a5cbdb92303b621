//! The options that select the variables of a scenario, and the scenario for a URL.
//!
//! The options for a URL are written as the text of a scenario, which is then read like a file.

use crate::exit::Exit;
use crate::printer::Stated;
use clap::Args as ClapArgs;
use plan::authority::Authority;
use plan::rate::Rate;
use plan::scenario_file::{Problem, Problems};
use plan::span;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The default rate and duration: harmless to any server.
const RATE: &str = "10/s";
const DURATION: &str = "10s";
/// The name of the request: the same as in a scenario without `requests`.
const REQUEST: &str = "target";
/// The maximum number of characters in the name of a scenario.
const NAME_CHARS_MAX: usize = 64;

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
    /// Send by this many users instead; each waits for its answer before its next request
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
    /// `kept` reuses connections, `fresh` opens one for each request [default: kept]
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

/// Checks a rate, and returns its text.
fn rate(text: &str) -> Result<String, String> {
    Rate::parse(text).map(|_| text.trim().to_owned())
}

/// Checks a duration, and returns its text.
fn duration(text: &str) -> Result<String, String> {
    span::parse(text).map(|_| text.trim().to_owned())
}

impl SendArgs {
    /// Returns the first option that was given.
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

    /// Rejects the options if the command has no URL.
    pub(crate) fn refuse(&self) -> Result<(), Stated> {
        let Some(option) = self.given() else { return Ok(()) };
        Err(Stated::usage(
            format!("{option} is for a URL in place of a scenario"),
            "write it into the scenario, or set a variable of the scenario with `--set NAME=VALUE`",
        ))
    }

    /// Returns a note about the default rate and duration, if they are used.
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

/// Returns whether the name of a scenario is a URL.
pub(crate) fn is_url(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme.as_str()))
}

/// Returns the name of a scenario for a URL: its host.
pub(crate) fn name_of(url: &str) -> String {
    let host = Authority::read(url).map(|(authority, _)| authority.host);
    let fits = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = host.unwrap_or_default().chars().map(fits).collect();
    let name: String = name.trim_matches(['-', '.']).chars().take(NAME_CHARS_MAX).collect();
    match name.is_empty() {
        true => "url".to_owned(),
        false => name,
    }
}

/// Returns a URL with its scheme in lower case, as scenarios require it.
pub(crate) fn plain_scheme(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => url.to_owned(),
    }
}

/// The text of a scenario, and the option from which each part of it comes.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub text: String,
    parts: Vec<(Range<usize>, &'static str)>,
}

/// Writes the scenario for a URL.
///
/// # Errors
/// When the syntax of an option is wrong.
pub(crate) fn write(url: &str, args: &SendArgs, settings: &SettingArgs, seed: Option<u64>) -> Result<Written, Stated> {
    let url = plain_scheme(url);
    let (target, path) = cut(&url);
    let mut out = Written::default();
    out.push("name: ");
    out.part("the URL", &format!("{}\n", quoted(&name_of(&url))));
    out.push("target: ");
    out.part("the URL", &quoted(target));
    out.push("\n");
    if let Some(seed) = seed {
        out.push(&format!("seed: {seed}\n"));
    }
    out.load(args);
    if args.http2 {
        out.part("--http2", "protocol: http2\n");
    }
    if let Some(connections) = &args.connections {
        out.push("connections: ");
        out.part("--connections", &plain(connections));
        out.push("\n");
    }
    if !settings.set.is_empty() {
        out.push("vars:\n");
        for (name, value) in &settings.set {
            out.part("--set", &format!("  {}: {}\n", quoted(name), quoted(value)));
        }
    }
    out.request(path, args)?;
    if !args.thresholds.is_empty() {
        out.push("thresholds:\n");
        for threshold in &args.thresholds {
            out.push("  - ");
            out.part("--threshold", &quoted(threshold));
            out.push("\n");
        }
    }
    Ok(out)
}

/// Splits a URL before its path.
pub(crate) fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    url.split_at(end)
}

/// Splits a URL before its path, if the path contains a query, a fragment or a placeholder, which a target may not.
fn cut(url: &str) -> (&str, Option<&str>) {
    let (target, path) = split(url);
    match path.contains(['?', '#']) || path.contains("{{") {
        true => (target, Some(path)),
        false => (url, None),
    }
}

impl Written {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds the text of an option.
    fn part(&mut self, option: &'static str, text: &str) {
        let begin = self.text.len();
        self.text.push_str(text);
        self.parts.push((begin..self.text.len(), option));
    }

    fn load(&mut self, args: &SendArgs) {
        let begin = self.text.len();
        match args.users {
            Some(users) => {
                self.push("load: { users: { users: ");
                self.part("--users", &users.to_string());
            }
            None => {
                self.push("load: { constant: { rate: ");
                self.part("--rate", &plain(args.rate.as_deref().unwrap_or(RATE)));
            }
        }
        self.push(", duration: ");
        self.part("--duration", &plain(args.duration.as_deref().unwrap_or(DURATION)));
        self.push(" } }\n");
        let options = match args.users {
            Some(_) => "--users and --duration",
            None => "--rate and --duration",
        };
        self.parts.push((begin..self.text.len(), options));
    }

    fn request(&mut self, path: Option<&str>, args: &SendArgs) -> Result<(), Stated> {
        if path.is_none() && args.method.is_none() && args.headers.is_empty() && args.data.is_none() {
            return Ok(());
        }
        self.push(&format!("requests:\n  - name: {REQUEST}\n"));
        if let Some(method) = &args.method {
            self.push("    method: ");
            self.part("--request", &quoted(method));
            self.push("\n");
        }
        if let Some(path) = path {
            let root = if path.starts_with('/') { "" } else { "/" };
            self.push("    url: ");
            self.part("the URL", &quoted(&format!("{root}{path}")));
            self.push("\n");
        }
        self.headers(&args.headers)?;
        if let Some(data) = &args.data {
            self.push("    body: ");
            match data.strip_prefix('@') {
                Some(file) => {
                    let file = path_in(args.save.as_deref(), file)?;
                    self.part("--data", &format!("{{ file: {} }}", quoted(&file)));
                }
                None => self.part("--data", &quoted(data)),
            }
            self.push("\n");
        }
        Ok(())
    }

    fn headers(&mut self, headers: &[String]) -> Result<(), Stated> {
        // The values of each name, in the order of the command line.
        let mut named: Vec<(&str, Vec<&str>)> = Vec::new();
        for header in headers {
            // The text is not printed: it may be a credential.
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| Stated::usage("--header: the `:` is missing", "write `--header 'NAME: VALUE'`"))?;
            let (name, value) = (name.trim(), value.trim());
            match named.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
                Some((_, values)) => values.push(value),
                None => named.push((name, vec![value])),
            }
        }
        if !named.is_empty() {
            self.push("    headers:\n");
        }
        for (name, values) in named {
            let values: Vec<String> = values.into_iter().map(quoted).collect();
            let value = match values.as_slice() {
                [one] => one.clone(),
                several => format!("[ {} ]", several.join(", ")),
            };
            self.part("--header", &format!("      {}: {value}\n", quoted(name)));
        }
        Ok(())
    }

    /// Returns an error that lists the problems of the text, each with its option.
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

    /// Returns the option that the smallest part around a problem comes from. A problem without a line already names
    /// its option.
    fn option(&self, problem: &Problem) -> Option<&'static str> {
        if problem.line == 0 {
            return None;
        }
        let around = self.parts.iter().filter(|(part, _)| part.contains(&problem.span.start));
        let smallest = around.min_by_key(|(part, _)| part.len());
        Some(smallest.map_or("the URL", |(_, option)| option))
    }
}

/// Returns a path for the scenario file `save`. Paths in a scenario are relative to its folder, so a path from another
/// folder becomes absolute.
fn path_in(save: Option<&Path>, file: &str) -> Result<String, Stated> {
    let elsewhere = save
        .and_then(Path::parent)
        .is_some_and(|folder| !folder.as_os_str().is_empty());
    if !elsewhere {
        return Ok(file.to_owned());
    }
    let whole = std::path::absolute(file).ok();
    let whole = whole.and_then(|path| path.to_str().map(str::to_owned));
    whole.ok_or_else(|| {
        Stated::usage(
            format!("--data: {file}: its absolute path is unknown or not UTF-8"),
            "use another file",
        )
    })
}

/// Returns a text as YAML, without quotes if it needs none: a rate, a duration or a word.
fn plain(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._/ ".contains(c);
    match text.chars().all(is_plain) {
        true => text.to_owned(),
        false => quoted(text),
    }
}

/// Returns a text as quoted YAML, on one line.
pub(crate) fn quoted(text: &str) -> String {
    match text.chars().any(char::is_control) {
        // YAML's double quotes have all escapes of JSON's.
        true => serde_json::Value::from(text).to_string(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}
