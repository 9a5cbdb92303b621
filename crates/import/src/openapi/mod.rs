//! Converts descriptions of APIs in OpenAPI 3.0 and 3.1. Each operation becomes one request with example values.

mod example;
mod parameters;
mod references;
mod security;

use crate::error::ImportError;
use crate::finish::Draft;
use crate::form::{Field, multipart};
use crate::found::{Found, FoundBody, Import, no_requests};
use crate::left_out::shown;
use crate::model::Flow;
use crate::text::Text;
use crate::tree::{At, Node};
use crate::uri;
use example::Example;
use parameters::Parameters;
use references::resolve;
use security::Security;
use serde_json::Value;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// The target of the scenario if the document contains no usable server. The URL is that of the test target.
const NO_SERVER: &str = "http://127.0.0.1:8080";

pub(crate) fn read(text: &str, import: &mut Import<'_>) -> Result<Draft, ImportError> {
    let document = Node::parse(text)?;
    let root = document.root();
    let version = root
        .get("openapi")
        .and_then(|version| version.spelled())
        .unwrap_or_default();
    if !version.starts_with("3.") {
        let hint = "convert the document to OpenAPI 3.0 or 3.1";
        return Err(match root.get("swagger") {
            Some(old) => ImportError::new(old.place(), "this is Swagger 2.0", hint),
            None => ImportError::new(root.place(), "this is not OpenAPI 3", hint),
        });
    }
    let paths = root
        .get("paths")
        .filter(At::is_map)
        .ok_or_else(|| ImportError::new(root.place(), "the document has no `paths`", "add paths with operations"))?;
    let (target, base) = server(&root, import);
    let mut security = Security::new(&root);
    let mut flows = Vec::new();
    for (path, item) in paths.entries() {
        let item = match resolve(&root, item.clone()) {
            Ok(resolved) => resolved,
            Err(problem) => {
                import.left_out.add(&item.place(), problem);
                continue;
            }
        };
        for method in METHODS {
            let Some(operation) = item.get(method).filter(At::is_map) else {
                continue;
            };
            let url = format!("{base}{path}");
            let mut found = read_operation(&root, &item, &operation, method, &url, &mut security, import);
            if found.name.is_empty() {
                found.name = format!("{method}-{path}");
            }
            flows.extend(import.request(found).map(|request| Flow::of(request, 1)));
        }
    }
    for key in ["webhooks", "callbacks"] {
        if let Some(found) = root.get(key) {
            import
                .left_out
                .add(&found.place(), format!("{key}: requests that the API sends"));
        }
    }
    if flows.is_empty() {
        return Err(no_requests("operation"));
    }
    let title = root.get("info").and_then(|info| info.text_of("title"));
    Ok(Draft {
        name: title.unwrap_or("api").to_lowercase(),
        target: Some(target),
        flows,
        ..Draft::default()
    })
}

/// Returns the target of the scenario, and the path of the server in the document.
fn server(root: &At<'_>, import: &mut Import<'_>) -> (Text, String) {
    let mut servers = root.items_of("servers");
    let Some(first) = servers.next() else {
        let what = format!("the server, which the document does not name; replace the target {NO_SERVER}");
        import.left_out.add(&root.place(), what);
        return (Text::literal(NO_SERVER), String::new());
    };
    for other in servers {
        import.left_out.add(&other.place(), "other servers than the first");
    }
    let mut url = first.text_of("url").unwrap_or_default().to_owned();
    for (name, variable) in first.get("variables").into_iter().flat_map(|all| all.entries()) {
        let default = variable.get("default").and_then(|default| default.spelled());
        url = url.replace(&format!("{{{name}}}"), &default.unwrap_or_default());
    }
    let cleaned = match url.starts_with('/') || url.is_empty() {
        true => None,
        false => uri::clean(Text::literal(&url)).ok().map(|(url, _)| url.split_url()),
    };
    match cleaned {
        Some((origin, path)) if !origin.is_empty() => {
            let path = path.split_before(|c| c == '?').0.in_language();
            (origin, path.trim_end_matches('/').to_owned())
        }
        _ => {
            let what = format!("the server, which is not a whole URL; replace the target {NO_SERVER}");
            import.left_out.add(&first.place(), what);
            let path = if url.starts_with('/') {
                url.trim_end_matches('/')
            } else {
                ""
            };
            (Text::literal(NO_SERVER), path.to_owned())
        }
    }
}

fn read_operation<'a>(
    root: &At<'a>,
    item: &At<'a>,
    operation: &At<'a>,
    method: &str,
    path: &str,
    security: &mut Security<'a>,
    import: &mut Import<'_>,
) -> Found {
    let place = operation.place();
    let mut found = Found {
        place: place.clone(),
        name: operation.text_of("operationId").unwrap_or_default().to_owned(),
        method: method.to_ascii_uppercase(),
        ..Found::default()
    };
    let mut parameters = Parameters::default();
    for list in [item, operation] {
        for parameter in list.items_of("parameters") {
            match resolve(root, parameter.clone()) {
                Ok(resolved) => parameters.add(resolved),
                Err(problem) => import.left_out.add(&parameter.place(), problem),
            }
        }
    }
    parameters.fill(root, path, &mut found, import);
    security.apply(operation, &mut found, import);
    if let Some(body) = operation.get("requestBody") {
        match resolve(root, body.clone()) {
            Ok(resolved) => read_body(root, &resolved, &mut found, import),
            Err(problem) => import.left_out.add(&body.place(), problem),
        }
    }
    if operation.get("servers").or_else(|| item.get("servers")).is_some() {
        import.left_out.add(&place, "servers of their own of some operations");
    }
    if let Some(callbacks) = operation.get("callbacks") {
        import
            .left_out
            .add(&callbacks.place(), "callbacks: requests that the API sends");
    }
    found
}

/// Sets the body of a request. If the operation accepts several media types, JSON is preferred, then forms, then text.
fn read_body<'a>(root: &At<'a>, body: &At<'a>, found: &mut Found, import: &mut Import<'_>) {
    let place = body.place();
    let types: Vec<(&str, At<'a>)> = body.get("content").into_iter().flat_map(|all| all.entries()).collect();
    let rank = |name: &str| {
        let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "application/json" => 0,
            name if name.ends_with("+json") => 1,
            "application/x-www-form-urlencoded" => 2,
            "multipart/form-data" => 3,
            "*/*" => 4,
            name if name.starts_with("text/") => 5,
            _ => 6,
        }
    };
    let Some((name, media)) = types.iter().min_by_key(|(name, _)| rank(name)) else {
        return;
    };
    let mut example = Example::new(root);
    let value = example.of_holder(media);
    for problem in example.problems {
        import.left_out.add(&media.place(), problem);
    }
    let Some(value) = value else {
        return import.left_out.add(&place, "the body, which has no example");
    };
    let mut kind = (*name).to_owned();
    let text = match (rank(name), value) {
        (0 | 1, value) => Text::literal(value.to_string()),
        (4, value) => {
            "application/json".clone_into(&mut kind);
            Text::literal(value.to_string())
        }
        (2, Value::Object(fields)) => {
            let pairs = fields.iter().map(|(name, value)| {
                let value = uri::component(&parameters::spelled(value));
                format!("{}={value}", uri::component(name))
            });
            Text::literal(pairs.collect::<Vec<_>>().join("&"))
        }
        (3, Value::Object(fields)) => {
            let is_file = |name: &str| {
                let schema = media.get("schema").and_then(|schema| resolve(root, schema).ok());
                let property = schema.and_then(|schema| schema.get("properties")?.get(name));
                let property = property.and_then(|property| resolve(root, property).ok());
                property.is_some_and(|property| {
                    property.text_of("format") == Some("binary") || property.get("contentMediaType").is_some()
                })
            };
            let mut written = Vec::new();
            for (name, value) in &fields {
                if is_file(name) {
                    let what = format!("the field {} of a form, which is a file", shown(name));
                    import.left_out.add(&media.place(), what);
                    continue;
                }
                let value = Text::literal(parameters::spelled(value));
                written.push(Field::text(Text::literal(name.as_str()), value));
            }
            let (with_boundary, text) = multipart(&written, &place, &mut import.secrets);
            kind = with_boundary;
            text
        }
        (_, Value::String(text)) if !is_binary(media) => Text::literal(text),
        _ => {
            let what = format!("the body: its type {} is not supported", shown(name));
            return import.left_out.add(&media.place(), what);
        }
    };
    found.headers.push(("Content-Type".to_owned(), Text::literal(kind)));
    found.body = FoundBody::Text(text);
}

fn is_binary(media: &At<'_>) -> bool {
    let format = media.get("schema").and_then(|schema| schema.text_of("format"));
    format == Some("binary")
}
