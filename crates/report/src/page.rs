//! A page of one file: everything that it needs is in it, so it opens offline and years from now.
//!
//! `page/build` bundles script and style from the files of `page/`. What comes from outside, such as names and reasons,
//! is in the page as JSON alone, in which no character can end the script that it stands in; the page
//! shows it as text, never as markup, and its policy lets it load nothing.

use crate::view::View;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/bundle.css");
/// With the charts in it: uPlot (MIT, `page/uPlot.LICENSE`).
const SCRIPT: &str = include_str!("page/bundle.js");
/// The colours of every page.
pub(crate) const TOKENS: &str = include_str!("page/tokens.css");

/// The page of a run that has ended.
pub fn render(view: &View) -> String {
    let title = format!("{} · {}", view.scenario(), view.run());
    assemble(&title, "", "", &in_script(&view.json()))
}

/// The page that follows a run: it asks `events` beside it for views, and sends `token` with all that
/// it does.
pub fn dashboard(title: &str, token: &str) -> String {
    let head = format!("<meta name=\"vajra-token\" content=\"{}\">", escape(token));
    assemble(title, &head, " data-live=\"1\"", "null")
}

fn assemble(title: &str, head: &str, body: &str, model: &str) -> String {
    // The model comes last: what it holds is not looked at for marks.
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
    // Marks are looked for in the template alone.
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

/// JSON that may stand in a script element: nothing in it can end that, or begin a comment.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Text that may stand in an element or an attribute.
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
    fn every_piece_has_its_place_in_the_template_once() {
        let marks = ["/*{css}*/", "/*{js}*/", "{title}", "{head}", "{body}", "{model}"];
        for mark in marks {
            assert_eq!(TEMPLATE.matches(mark).count(), 1, "{mark}");
        }
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let hostile = "</script><img src=x onerror=alert(1)>{model}\u{2028}";
        let page = assemble(hostile, "", "", &in_script(&format!("\"{hostile}\"")));
        assert!(!page.contains("<img"), "{page}");
        assert!(page.contains("\\u003c/script>"));
        assert!(page.contains("&lt;/script&gt;&lt;img"));
    }

    #[test]
    fn a_page_asks_nobody_for_anything() {
        let page = dashboard("checkout", "0123");
        for reference in [" src=", "@import", "url(http", "//cdn", "href=\"http", "href=\"/"] {
            assert!(!page.contains(reference), "{reference}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}
