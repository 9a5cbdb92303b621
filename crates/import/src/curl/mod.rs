//! Converts commands for curl. A person has written such a command, or a browser has copied a request as a command for
//! bash or cmd.exe.

mod bash;
mod cmd;
mod options;

use crate::Base;
use crate::error::ImportError;
use crate::finish::Draft;
use crate::form::{self, Field};
use crate::found::{Found, FoundBody, Import, no_requests};
use crate::left_out::{LeftOuts, shown};
use crate::model::{Flow, Limits};
use crate::secrets::BASIC;
use crate::text::{Form, Part, Text};
use crate::uri;
use options::Meaning;
use plan::scenario::Limits as LimitsOfPlan;
use std::time::Duration;

/// The maximum number of redirects that a scenario follows for one request. curl follows up to 50 redirects.
const REDIRECTS_MAX: u8 = 10;

/// A word of a command line.
#[derive(Clone, Debug)]
struct Word {
    text: Text,
    line: usize,
}

pub(crate) fn read(text: &str, import: &mut Import<'_>) -> Result<Draft, ImportError> {
    let mut commands = Vec::new();
    let lines = match is_for_cmd(text) {
        true => cmd::commands(text)?,
        false => bash::commands(text, &mut import.left_out)?,
    };
    for words in lines {
        let place = format!("line {}", words[0].line);
        let mut words = words.as_slice();
        // Skip the prompt of a shell before the command.
        while let [first, rest @ ..] = words
            && first
                .text
                .as_literal()
                .is_some_and(|word| matches!(word, "$" | ">" | "%"))
        {
            words = rest;
        }
        match words {
            [first, rest @ ..] if is_curl(&first.text) => parse(rest, &place, import, &mut commands)?,
            [first, ..] => {
                let name = first.text.head().split('=').next().unwrap_or_default();
                import.left_out.add(&place, format!("the command {}", shown(name)));
            }
            [] => {}
        }
    }
    let http2 = !commands.is_empty() && commands.iter().all(|command: &Command| command.http2);
    if !http2 && commands.iter().any(|command| command.http2) {
        let what = "--http2 of some commands; the key `protocol` is for all requests";
        import.left_out.add("the file", what);
    }
    let limits = Limits {
        connect_timeout: commands.iter().find_map(|command| command.connect_timeout),
        insecure_tls: commands.iter().any(|command| command.insecure),
    };
    let mut flows = Vec::new();
    for command in commands {
        for found in command.requests(import) {
            flows.extend(import.request(found).map(|request| Flow::of(request, 1)));
        }
    }
    if flows.is_empty() {
        return Err(no_requests("command for curl"));
    }
    Ok(Draft {
        http2,
        limits,
        flows,
        ..Draft::default()
    })
}

/// Returns whether a line begins a command for curl.
pub(crate) fn begins(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("$ ");
    let word = line.split([' ', '\t', '^']).next().unwrap_or_default();
    is_curl(&Text::literal(word))
}

/// Returns whether the commands are written for cmd.exe instead of bash.
fn is_for_cmd(text: &str) -> bool {
    let ends = |end: char| text.lines().any(|line| line.trim_end().ends_with(end));
    (text.contains("^\"") || ends('^')) && !ends('\\')
}

fn is_curl(word: &Text) -> bool {
    let name = word.as_literal().unwrap_or_default().rsplit(['/', '\\']).next();
    name.is_some_and(|name| name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe"))
}

/// The data of one command. A command line for curl with the option `--next` contains several such commands.
#[derive(Debug, Default)]
struct Command {
    place: String,
    urls: Vec<Text>,
    method: Option<String>,
    headers: Vec<(String, Text)>,
    /// The headers that curl adds by default, but that this command removes.
    removed: Vec<String>,
    data: Vec<Data>,
    /// Whether the command has data. The value is true even if the data could not be converted.
    has_data: bool,
    fields: Vec<Field>,
    upload: Option<String>,
    query: Vec<Text>,
    cookies: Vec<Text>,
    user: Option<Text>,
    is_json: bool,
    is_get: bool,
    is_head: bool,
    compressed: bool,
    location: bool,
    max_redirects: Option<u8>,
    max_time: Option<Duration>,
    connect_timeout: Option<Duration>,
    insecure: bool,
    http2: bool,
}

/// A part of the data that a command sends as the body or in the query.
#[derive(Clone, Debug)]
enum Data {
    Text(Text),
    File(String),
}

/// Parses the words after `curl`, and adds the commands to `commands`.
fn parse(words: &[Word], place: &str, import: &mut Import<'_>, commands: &mut Vec<Command>) -> Result<(), ImportError> {
    let begin = |place: &str| Command {
        place: place.to_owned(),
        ..Command::default()
    };
    let mut command = begin(place);
    let mut words = words.iter();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        let place = format!("line {}", word.line);
        let head = word.text.head();
        if only_urls || !head.starts_with('-') || head == "-" {
            command.urls.push(word.text.clone());
            continue;
        }
        if head == "--" {
            only_urls = true;
            continue;
        }
        if let Some(name) = head.strip_prefix("--") {
            let found = options::long(name).or_else(|| options::long(name.strip_prefix("no-")?));
            let Some((_, _, has_value, meaning)) = found else {
                import.left_out.add(&place, format!("the option --{}", shown(name)));
                continue;
            };
            let value = match has_value {
                true => Some(value(words.next(), &format!("--{name}"), word.line)?),
                false => None,
            };
            if *meaning == Meaning::Next {
                commands.push(std::mem::replace(&mut command, begin(&place)));
            } else {
                let is_off = name.starts_with("no-") && options::long(name).is_none();
                command.apply(
                    *meaning,
                    &format!("--{name}"),
                    value.filter(|_| !is_off),
                    is_off,
                    &place,
                    import,
                );
            }
            continue;
        }
        // The word consists of option letters. The value of the last option may follow in the same word.
        let mut letters = word.text.clone();
        letters = skip_char(letters);
        while let Some(letter) = letters.head().chars().next() {
            letters = skip_char(letters);
            let name = format!("-{letter}");
            let Some((_, _, has_value, meaning)) = options::short(letter) else {
                import.left_out.add(&place, format!("the option {}", shown(&name)));
                continue;
            };
            let value = match (has_value, letters.is_empty()) {
                (true, true) => Some(value(words.next(), &name, word.line)?),
                (true, false) => Some(std::mem::take(&mut letters)),
                (false, _) => None,
            };
            if *meaning == Meaning::Next {
                commands.push(std::mem::replace(&mut command, begin(&place)));
            } else {
                command.apply(*meaning, &name, value, false, &place, import);
            }
        }
    }
    commands.push(command);
    Ok(())
}

fn skip_char(text: Text) -> Text {
    let length = text.head().chars().next().map_or(0, char::len_utf8);
    let mut out = Text::default();
    for (at, part) in text.parts().iter().enumerate() {
        match part {
            Part::Literal(literal) if at == 0 => out.push_literal(&literal[length..]),
            part => out.push(part.clone()),
        }
    }
    out
}

fn value(word: Option<&Word>, name: &str, line: usize) -> Result<Text, ImportError> {
    let missing = || ImportError::in_line(line, format!("{name} has no value"), "copy the whole command");
    word.map(|word| word.text.clone()).ok_or_else(missing)
}

impl Command {
    fn apply(
        &mut self,
        meaning: Meaning,
        name: &str,
        value: Option<Text>,
        is_off: bool,
        place: &str,
        import: &mut Import<'_>,
    ) {
        if is_off {
            return;
        }
        let left_out = &mut import.left_out;
        let value = value.unwrap_or_default();
        self.has_data |= matches!(
            meaning,
            Meaning::Data
                | Meaning::Binary
                | Meaning::Raw
                | Meaning::UrlEncoded
                | Meaning::Json
                | Meaning::Form
                | Meaning::FormString
        );
        match meaning {
            Meaning::Nothing | Meaning::Next => {}
            Meaning::LeftOut(hint) => left_out.add(place, format!("the option {name}{hint}")),
            Meaning::Url => self.urls.push(value),
            Meaning::Method => match value.as_literal() {
                Some(method) => self.method = Some(method.to_owned()),
                None => left_out.add(place, "the method, which is a variable"),
            },
            Meaning::Header => self.header(value, place, left_out),
            Meaning::Data | Meaning::Binary => match value.head().strip_prefix('@') {
                Some(_) => self.file(&skip_char(value), place, left_out),
                None => self.data.push(Data::Text(value)),
            },
            Meaning::Raw => self.data.push(Data::Text(value)),
            Meaning::Json => {
                self.is_json = true;
                match value.head().strip_prefix('@') {
                    Some(_) => self.file(&skip_char(value), place, left_out),
                    None => self.data.push(Data::Text(value)),
                }
            }
            Meaning::UrlEncoded => match url_encoded(&value) {
                Some(text) => self.data.push(Data::Text(text)),
                None => left_out.add(place, "data from a file, which has to be encoded"),
            },
            Meaning::UrlQuery => self.query.extend(url_encoded(&value)),
            Meaning::Form => match Field::parse(&value) {
                Ok(field) => self.fields.push(field),
                Err(why) => left_out.add(place, why),
            },
            Meaning::FormString => match value.split_once('=') {
                Some((name, value)) => self.fields.push(Field::text(name, value)),
                None => left_out.add(place, "a field of a form without a name"),
            },
            Meaning::Upload => match value.as_literal().filter(|file| !matches!(*file, "-" | ".")) {
                Some(file) => self.upload = Some(file.to_owned()),
                None => left_out.add(place, "the body, which is not in a file"),
            },
            Meaning::Get => self.is_get = true,
            Meaning::Head => self.is_head = true,
            Meaning::User => self.user = Some(value),
            Meaning::Bearer => {
                let mut header = Text::literal("Bearer ");
                header.append(value);
                self.headers.push(("Authorization".to_owned(), header));
            }
            Meaning::UserAgent => self.headers.push(("User-Agent".to_owned(), value)),
            Meaning::Referer => self.headers.push(("Referer".to_owned(), value)),
            Meaning::Range => {
                let mut header = Text::literal("bytes=");
                header.append(value);
                self.headers.push(("Range".to_owned(), header));
            }
            Meaning::Cookie => match value.as_literal().is_some_and(|text| !text.contains('=')) {
                true => left_out.add(place, "cookies from a file"),
                false => self.cookies.push(value),
            },
            Meaning::Compressed => self.compressed = true,
            Meaning::Location => self.location = true,
            Meaning::MaxRedirects => {
                let number = value.as_literal().and_then(|text| text.parse::<i64>().ok());
                self.max_redirects = number.map(|number| match number {
                    0..=9 => number as u8,
                    _ => REDIRECTS_MAX,
                });
            }
            Meaning::MaxTime => self.max_time = seconds(&value, name, place, left_out),
            Meaning::ConnectTimeout => self.connect_timeout = seconds(&value, name, place, left_out),
            Meaning::Insecure => self.insecure = true,
            Meaning::Http2 => self.http2 = true,
        }
    }

    fn header(&mut self, value: Text, place: &str, left_out: &mut LeftOuts) {
        if value.head().starts_with('@') {
            return left_out.add(place, "headers from a file");
        }
        let Some((name, value)) = value.split_once(':') else {
            // The form `Name;` means a header with an empty value.
            return match value.as_literal().and_then(|text| text.strip_suffix(';')) {
                Some(name) => self.headers.push((name.to_owned(), Text::default())),
                None => left_out.add(place, "a header without a value"),
            };
        };
        let Some(name) = name.as_literal() else {
            return left_out.add(place, "a header whose name is a variable");
        };
        let value = value.trim();
        match value.is_empty() {
            true => self.removed.push(name.trim().to_ascii_lowercase()),
            false => self.headers.push((name.trim().to_owned(), value)),
        }
    }

    fn file(&mut self, path: &Text, place: &str, left_out: &mut LeftOuts) {
        match path.as_literal() {
            Some("-") => left_out.add(place, "the body, which is read from stdin"),
            Some(path) => self.data.push(Data::File(path.to_owned())),
            None => left_out.add(place, "the body: the path of its file is a variable"),
        }
    }

    /// Adds a header, unless the command sets or removes a header with the same name.
    fn default_header(&mut self, name: &str, value: &str) {
        let is_set = self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !is_set && !self.removed.contains(&name.to_ascii_lowercase()) {
            self.headers.push((name.to_owned(), Text::literal(value)));
        }
    }

    /// Returns the requests of the command, one for each URL.
    fn requests(mut self, import: &mut Import<'_>) -> Vec<Found> {
        if self.urls.is_empty() {
            import.left_out.add(&self.place, "a command without a URL");
            return Vec::new();
        }
        let mut query = std::mem::take(&mut self.query);
        let body = if self.is_get || self.is_head {
            for data in std::mem::take(&mut self.data) {
                match data {
                    Data::Text(text) => query.push(text),
                    Data::File(_) => import.left_out.add(&self.place, "a query from a file"),
                }
            }
            FoundBody::None
        } else {
            self.body(import)
        };
        let method = match (&self.method, self.is_head, &self.upload) {
            (Some(method), ..) => method.clone(),
            (None, true, _) => "HEAD".to_owned(),
            (None, _, Some(_)) => "PUT".to_owned(),
            (None, ..) if self.has_data && !self.is_get => "POST".to_owned(),
            _ => "GET".to_owned(),
        };
        if self.compressed {
            self.default_header("Accept-Encoding", "deflate, gzip");
        }
        // curl does not send the cookies of `-b` if a header `Cookie` is given.
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
            let cookies = std::mem::take(&mut self.cookies).into_iter();
            self.headers.extend(cookies.map(|cookie| ("Cookie".to_owned(), cookie)));
        }
        if let Some(user) = self.user.take() {
            self.authorize(&user, import);
        }
        let browser = |(name, _): &(String, Text)| name.to_ascii_lowercase().starts_with("sec-");
        let by_browser = self.headers.iter().any(browser);
        let follow_redirects = match (self.location, self.max_redirects) {
            (false, _) => None,
            (true, max) => Some(max.unwrap_or(REDIRECTS_MAX)),
        };
        let urls = std::mem::take(&mut self.urls);
        let requests = urls.into_iter().map(|url| Found {
            place: self.place.clone(),
            method: method.clone(),
            url: with_query(with_scheme(url), &query),
            headers: self.headers.clone(),
            body: body.clone(),
            timeout: self.max_time,
            follow_redirects,
            by_browser,
            ..Found::default()
        });
        requests.collect()
    }

    fn body(&mut self, import: &mut Import<'_>) -> FoundBody {
        if let Some(file) = &self.upload {
            return FoundBody::File(file.clone(), Base::Current);
        }
        if !self.fields.is_empty() {
            let (kind, body) = form::multipart(&self.fields, &self.place, &mut import.secrets);
            self.default_header("Content-Type", &kind);
            return FoundBody::Text(body);
        }
        let data = std::mem::take(&mut self.data);
        if data.is_empty() {
            return FoundBody::None;
        }
        if self.is_json {
            self.default_header("Content-Type", "application/json");
            self.default_header("Accept", "application/json");
        } else {
            self.default_header("Content-Type", "application/x-www-form-urlencoded");
        }
        if let [Data::File(path)] = data.as_slice() {
            return FoundBody::File(path.clone(), Base::Current);
        }
        let mut body = Text::default();
        for (at, part) in data.into_iter().enumerate() {
            if at > 0 && !self.is_json {
                body.push_literal("&");
            }
            match part {
                Data::Text(text) => body.append(text),
                Data::File(_) => import
                    .left_out
                    .add(&self.place, "a part of the body, which is in a file"),
            }
        }
        FoundBody::Text(body)
    }

    /// Adds the `Authorization` header for the option `-u`.
    fn authorize(&mut self, user: &Text, import: &mut Import<'_>) {
        let value = match user.as_literal() {
            Some(literal) if literal.contains(':') => literal.to_owned(),
            Some(literal) => format!("{literal}:"),
            None => "\0variables".to_owned(),
        };
        match import.secrets.replace("BASIC_CREDENTIALS", &value, BASIC, &self.place) {
            Some(secret) => {
                let mut header = Text::literal("Basic ");
                header.push(Part::Value(secret, Form::Base64));
                self.headers.push(("Authorization".to_owned(), header));
            }
            None => import
                .left_out
                .add(&self.place, "the option -u: there are too many secrets"),
        }
    }
}

/// Adds `http://` to a URL without a scheme, as curl does.
fn with_scheme(url: Text) -> Text {
    let is_whole = url.head().contains("://") || url.head().is_empty();
    if is_whole {
        return url;
    }
    let mut out = Text::literal("http://");
    out.append(url);
    out
}

/// Appends parameters to the query of a URL.
fn with_query(url: Text, query: &[Text]) -> Text {
    if query.is_empty() {
        return url;
    }
    let (mut url, _) = url.split_before(|c| c == '#');
    for parameter in query {
        let joint = match url.literals().any(|text| text.contains('?')) {
            true => "&",
            false => "?",
        };
        url.push_literal(joint);
        url.append(parameter.clone());
    }
    url
}

/// Returns the data for the option `--data-urlencode`. The value of this option is `content`, `=content` or
/// `name=content`. Returns `None` if the value names a file.
fn url_encoded(value: &Text) -> Option<Text> {
    let head = value.head();
    let (name, content) = match (head.find('='), head.find('@')) {
        (Some(equals), at) if at.is_none_or(|at| equals < at) => value.split_once('=')?,
        (_, Some(_)) => return None,
        _ => (Text::default(), value.clone()),
    };
    let content = content.map_literals(|text| uri::component(text).replace("%20", "+"));
    if name.is_empty() {
        return Some(content);
    }
    let mut out = name;
    out.push_literal("=");
    out.append(content);
    Some(out)
}

/// Reads a duration that is given as a number of seconds.
fn seconds(value: &Text, name: &str, place: &str, left_out: &mut LeftOuts) -> Option<Duration> {
    let number: Option<f64> = value.as_literal().and_then(|text| text.parse().ok());
    let duration = number.and_then(|number| Duration::try_from_secs_f64(number).ok());
    let millis = duration.map(|duration| Duration::from_millis(duration.as_millis() as u64));
    let fits = |duration: &Duration| !duration.is_zero() && *duration <= LimitsOfPlan::WAIT_MAX;
    let found = millis.filter(fits);
    if found.is_none() {
        left_out.add(
            place,
            format!("the option {name}, whose value is not a time that a scenario can have"),
        );
    }
    found
}
