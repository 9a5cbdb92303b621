//! Renders the report as an HTML page: one file that contains all of its resources and can be opened offline.
//!
//! `page/build` bundles the script and the style from the files of `page/`. The page contains external text, such as
//! names and reasons, only in its escaped title and as JSON. No character of the JSON can end the script element. The
//! page shows external text as text, never as markup. The content security policy of the page forbids loading any
//! resource.

use crate::view::View;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/bundle.css");
/// The script of the page, which contains uPlot for the charts (MIT, `page/uPlot.LICENSE`).
const SCRIPT: &str = include_str!("page/bundle.js");
/// The style sheet with the colours that all pages use.
pub(crate) const TOKENS: &str = include_str!("page/tokens.css");

/// Returns the HTML page of a finished run.
pub fn render(view: &View) -> String {
    let title = format!("{} · {}", view.scenario(), view.run());
    assemble(&title, "", "", &in_script(&view.json()))
}

/// Returns the dashboard, which is the page that follows a run. The dashboard reads views from the relative path
/// `events`, and sends `token` when it requests the stop of the run or the list of other runs.
pub fn dashboard(title: &str, token: &str) -> String {
    let head = format!("<meta name=\"vajra-token\" content=\"{}\">", escape(token));
    assemble(title, &head, " data-live=\"1\"", "null")
}

fn assemble(title: &str, head: &str, body: &str, model: &str) -> String {
    let marks = [
        ("/*{css}*/", STYLE),
        ("/*{js}*/", SCRIPT),
        ("{title}", &escape(title)),
        ("{head}", head),
        ("{body}", body),
        ("{model}", model),
    ];
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len() + SCRIPT.len() + model.len());
    let mut rest = TEMPLATE;
    // Only the template is searched for placeholders. The texts that replace the placeholders are not searched.
    while let Some((at, mark, text)) = marks
        .iter()
        .filter_map(|(mark, text)| Some((rest.find(mark)?, mark, text)))
        .min_by_key(|(at, ..)| *at)
    {
        page.push_str(&rest[..at]);
        page.push_str(text);
        rest = &rest[at + mark.len()..];
    }
    page.push_str(rest);
    page
}

/// Escapes JSON for a script element, so that no part of the JSON can end the element or begin a comment.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Escapes text for an element or an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_contains_every_mark_once() {
        let marks = ["/*{css}*/", "/*{js}*/", "{title}", "{head}", "{body}", "{model}"];
        for mark in marks {
            assert_eq!(TEMPLATE.matches(mark).count(), 1, "{mark}");
        }
    }

    #[test]
    fn external_text_does_not_become_markup() {
        let hostile = "</script><img src=x onerror=alert(1)>{model}\u{2028}";
        let page = assemble(hostile, "", "", &in_script(&format!("\"{hostile}\"")));
        assert!(!page.contains("<img"), "{page}");
        assert!(page.contains("\\u003c/script>"));
        assert!(page.contains("&lt;/script&gt;&lt;img"));
    }

    #[test]
    fn a_page_loads_no_external_resources() {
        let page = dashboard("checkout", "0123");
        for reference in [" src=", "@import", "url(http", "//cdn", "href=\"http", "href=\"/"] {
            assert!(!page.contains(reference), "{reference}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}
