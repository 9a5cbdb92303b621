//! Tests of parsing placeholders into parts.

use super::*;

fn check(text: &str, expected: Result<&[TemplatePart], &str>) {
    let (mut slots, mut secrets) = (7, vec![Reference::parse("env:FIRST").unwrap()]);
    let mut names = NameLookup {
        environment: &|name| Ok((name == "HOST").then(|| "{{ uuid }}".to_owned())),
        variable: &|name| match name {
            "page" => Ok("{{ uuid }}".to_owned()),
            _ => Err("there is no variable; look".to_owned()),
        },
        feed: &|feed, column| match (feed, column) {
            ("users", "e mail") => Ok((2, 1)),
            _ => Err("there is no such cell; look".to_owned()),
        },
        slots: &mut slots,
        secrets: &mut secrets,
        captured: &mut |name, fallback| match (name, fallback) {
            ("token", _) | ("maybe", true) => Ok(Some(3)),
            ("maybe", false) => Err("`maybe` may have no value; add `or ''`".to_owned()),
            _ => Ok(None),
        },
    };
    match (Template::parse(text, &mut names), expected) {
        (Ok(template), Ok(parts)) => assert_eq!(template.0, parts, "{text}"),
        (Err(faults), Err(part)) => {
            let all: Vec<String> = faults
                .found
                .iter()
                .map(|f| format!("{:?} {}; {}", f.range, f.message, f.help))
                .collect();
            assert!(all.join("\n").contains(part), "{text}: {all:?}");
        }
        (got, wanted) => panic!("{text}: {got:?}, wanted {wanted:?}"),
    }
}

fn fixed(text: &str) -> TemplatePart {
    TemplatePart::Text(text.to_owned())
}

#[test]
fn placeholders_become_parts_and_text_stays_text() {
    check("", Ok(&[]));
    check("a } b }} c", Ok(&[fixed("a } b }} c")]));
    check("/{{arrival}}", Ok(&[fixed("/"), TemplatePart::Arrival]));
    check(
        "{{ uuid }}{{ uuid }}",
        Ok(&[TemplatePart::Uuid { slot: 7 }, TemplatePart::Uuid { slot: 8 }]),
    );
    check(
        "{{ random -5  5 }}",
        Ok(&[TemplatePart::Random {
            slot: 7,
            min: -5,
            max: 5,
        }]),
    );
    let (feed, column, form) = (2, 1, Form::AsIs);
    check(
        "{{ feed users.e mail }}",
        Ok(&[TemplatePart::Feed { feed, column, form }]),
    );
    check("{{ \"{{\" }} {{ '}}' }}", Ok(&[fixed("{{ }}")]));
    check(
        "{{ run }}/{{run}}",
        Ok(&[TemplatePart::Run, fixed("/"), TemplatePart::Run]),
    );
}

#[test]
fn values_are_concatenated_and_written_in_a_form() {
    let cell = |form| TemplatePart::Feed {
        feed: 2,
        column: 1,
        form,
    };
    check("{{ feed users.\"e mail\" json }}", Ok(&[cell(Form::Json)]));
    check("{{ feed users.'e mail' raw }}", Ok(&[cell(Form::Raw)]));
    check("{{ '\"' json }}{{ \"a\" 'b' }}", Ok(&[fixed("\\\"ab")]));
    check("{{ \"me:\" 'pw' base64 }}", Ok(&[fixed("bWU6cHc=")]));
    check("{{ env \"HOST\" base64 }}", Ok(&[fixed("e3sgdXVpZCB9fQ==")]));
    let form = Form::AsIs;
    check(
        "Basic {{ feed users.\"e mail\" \":\" secret 'env:FIRST' base64 }}",
        Ok(&[
            fixed("Basic "),
            TemplatePart::Encoded {
                parts: vec![cell(form), fixed(":"), TemplatePart::Secret { secret: 0, form }],
                encoding: Encoding::Base64,
                form,
            },
        ]),
    );
}

#[test]
fn captured_values_have_fallbacks_and_forms() {
    let value = |fallback: Option<&str>, form| TemplatePart::Captured {
        variable: 3,
        fallback: fallback.map(str::to_owned),
        form,
    };
    check("Bearer {{ token }}", Ok(&[fixed("Bearer "), value(None, Form::AsIs)]));
    check("{{ token or '' json }}", Ok(&[value(Some(""), Form::Json)]));
    check("{{ maybe or \"none\" }}", Ok(&[value(Some("none"), Form::AsIs)]));
    check("{{ maybe }}", Err("`maybe` may have no value"));
    check("{{ token or none }}", Err("`or` takes a text in quotes"));
    check("{{ loop }}", Ok(&[TemplatePart::Loop]));
    check(
        "{{ due }} {{ due unix }} {{ due unix_ms }}",
        Ok(&[
            TemplatePart::Due(TimeFormat::Iso),
            fixed(" "),
            TemplatePart::Due(TimeFormat::Unix),
            fixed(" "),
            TemplatePart::Due(TimeFormat::UnixMillis),
        ]),
    );
    check("{{ 'ab' hex }}", Ok(&[fixed("6162")]));
    check(
        "{{ 'abc' sha256 }}",
        Ok(&[fixed(
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        )]),
    );
    check(
        "{{ uuid hex }}",
        Ok(&[TemplatePart::Encoded {
            parts: vec![TemplatePart::Uuid { slot: 7 }],
            encoding: Encoding::Hex,
            form: Form::AsIs,
        }]),
    );
}

#[test]
fn a_url_is_split_before_its_path() {
    let cut = |url: &[TemplatePart]| {
        let (host, rest) = Template(url.to_vec()).cut_url();
        (host.0, rest.0)
    };
    let (a, uuid) = (fixed("http://a"), TemplatePart::Uuid { slot: 1 });
    assert_eq!(cut(&[]), (vec![], vec![]));
    assert_eq!(
        cut(&[fixed("/x://y"), uuid.clone()]),
        (vec![], vec![fixed("/x://y"), uuid.clone()])
    );
    assert_eq!(cut(&[fixed("http://a?b/c")]), (vec![a.clone()], vec![fixed("?b/c")]));
    assert_eq!(cut(std::slice::from_ref(&a)), (vec![a.clone()], vec![]));
    assert_eq!(
        cut(&[a.clone(), uuid.clone(), fixed(".b/c"), uuid.clone()]),
        (vec![a, uuid.clone(), fixed(".b")], vec![fixed("/c"), uuid])
    );
}

#[test]
fn equal_secret_references_share_a_number() {
    let form = Form::AsIs;
    let secret = |secret| TemplatePart::Secret { secret, form };
    check(
        "{{ secret \"ssm:/a\" }}{{ secret 'env:FIRST' }}{{ secret \"ssm:/a\" }}{{ secret \"ssm:/a#b\" }}",
        Ok(&[secret(1), secret(0), secret(1), secret(2)]),
    );
}

#[test]
fn environment_values_are_not_searched_for_placeholders() {
    check("a{{ env \"HOST\" }}b", Ok(&[fixed("a{{ uuid }}b")]));
}

#[test]
fn variable_values_are_not_searched_for_placeholders() {
    check("a{{ var page }}b", Ok(&[fixed("a{{ uuid }}b")]));
    check("{{ \"x\" var page \"z\" base64 }}", Ok(&[fixed("eHt7IHV1aWQgfX16")]));
    check("{{ var none }}", Err("0..14 there is no variable; look"));
}

#[test]
fn every_invalid_placeholder_is_reported_with_its_position() {
    check("ab {{ guid }} {{ random 1 }}", Err("3..13 `guid` is not a placeholder"));
    check("ab {{ guid }} {{ random 1 }}", Err("14..28 `random` takes two"));
    check("x {{ uuid", Err("2..4 `{{` is not closed"));
    check("{{ random 5 1 }}", Err("write `random 1 5`"));
    check("{{ random -9223372036854775808 0 }}", Err("wider than 63 bits"));
    check("{{ env HOST }}", Err("write `env \"HOST\"`"));
    check("{{ env \"NONE\" }}", Err("the environment variable `NONE` is not set"));
    check("a {{ secret \"KEY\" }}", Err("2..20 `KEY` does not name the source"));
    check("{{ secret KEY }}", Err("write `secret \"ssm:/shop/token\"`"));
    check("{{ secret }}", Err("`secret` takes a reference in quotes"));
    check("{{ feed users }}", Err("write `feed users.email`"));
    check("{{ feed users.id }}", Err("no such cell; look"));
    check("{{ uuid 4 }}", Err("`4` is not a placeholder"));
    check("{{ json }}", Err("`json` must follow a value"));
    check("{{ json feed users.e mail }}", Err("`json` must follow a value"));
    check(
        "{{ feed users.\"e mail\" json raw }}",
        Err("`json` must follow a value"),
    );
    check("{{ }}", Err("the placeholder is empty"));
    check("{{ \" }}", Err("is not a placeholder"));
}
