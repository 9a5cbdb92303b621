//! Tests of imports of OpenAPI descriptions.

use crate::{golden, import_as, read, refused};
use import::Format;
use std::fmt::Write;

const YAML: &str = include_str!("samples/shop-3.0.yaml");

#[test]
fn a_description_in_openapi_3_0_is_imported() {
    golden("openapi_3_0", YAML, Format::OpenApi);
}

#[test]
fn a_description_in_openapi_3_1_is_imported() {
    golden("openapi_3_1", include_str!("samples/shop-3.1.json"), Format::OpenApi);
}

/// Returns a description with one operation. The body of this operation has the first of these schemas.
fn with_schemas(schemas: &str) -> String {
    format!(
        "openapi: 3.0.0\npaths: {{ /x: {{ post: {{ requestBody: {{ content: {{ application/json: {{ schema: \
         {{ $ref: '#/components/schemas/A' }} }} }} }} }} }} }}\ncomponents:\n  schemas:\n{schemas}"
    )
}

#[test]
fn references_in_a_circle_and_exponential_schemas_end() {
    let circle = "    A: { $ref: '#/components/schemas/B' }\n    B: { $ref: '#/components/schemas/A' }\n";
    let imported = import_as(with_schemas(circle).as_bytes(), None).unwrap();
    assert!(
        imported.yaml.contains("a reference that leads back to itself"),
        "{}",
        imported.yaml
    );

    // Each of 40 schemas has two fields with the next schema, so an example of the first schema would contain 2^40
    // values.
    let mut doubling = String::new();
    for n in 0..40 {
        let next = format!(
            "{{ $ref: '#/components/schemas/{}' }}",
            if n == 39 {
                "End".to_owned()
            } else {
                format!("S{}", n + 1)
            }
        );
        let name = if n == 0 { "A".to_owned() } else { format!("S{n}") };
        writeln!(doubling, "    {name}: {{ properties: {{ l: {next}, r: {next} }} }}").unwrap();
    }
    doubling.push_str("    End: { type: string }\n");
    let imported = import_as(with_schemas(&doubling).as_bytes(), None).unwrap();
    assert!(imported.yaml.contains("which would be too large"), "{}", imported.yaml);
    read(&imported.yaml).unwrap();
}

#[test]
fn a_document_that_is_not_openapi_3_is_an_error() {
    assert_eq!(refused("info: {}\nswagger: '2.0'\n"), "line 2: this is Swagger 2.0");
    assert_eq!(refused(r#"{"openapi": "2.9"}"#), "$: this is not OpenAPI 3");
    assert_eq!(refused("openapi: 3.1.0\n"), "line 1: the document has no `paths`");
    assert_eq!(
        refused("openapi: 3.1.0\npaths: {}\n"),
        "the file: it contains no operation that can be sent"
    );
    let cut = &YAML[..YAML.find("example: price").unwrap()];
    let error = refused(cut);
    assert!(
        error.starts_with("line ") && error.contains("this is not YAML"),
        "{error}"
    );
}
