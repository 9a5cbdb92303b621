//! Tests that import files of other tools through the public interface of the crate.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue fails")]

mod artillery;
mod curl;
mod har;
mod hostile;
mod openapi;
mod real_curl;
mod vegeta;

use import::{Base, Format, ImportError, Imported, Options};
use plan::scenario::Scenario;
use plan::scenario_file::{self, Problems, Settings, Surroundings};

/// Imports a text. The paths in the text are relative to the folder `in/`.
fn import_as(text: &[u8], format: Option<Format>) -> Result<Imported, ImportError> {
    let place = |base: Base, path: &str| match base {
        Base::Input => Some(format!("in/{path}")),
        Base::Current => Some(path.to_owned()),
    };
    import::import(text, &Options { format, place: &place })
}

/// Reads a scenario. Every variable has a value, and every file exists.
fn read(yaml: &str) -> Result<Scenario, Problems> {
    let surroundings = Surroundings {
        environment: &|_| Some("value".to_owned()),
        file: &|path| match path.ends_with(".csv") {
            true => Ok(b"user,name,password,item\na,b,c,d\n".to_vec()),
            false => Ok(path.into()),
        },
        pem: &|_| Ok(()),
        settings: Settings::default(),
    };
    scenario_file::read(yaml, "imported.yaml", &surroundings)
}

/// Imports a sample and checks the scenario. Compares the scenario with the stored snapshot of this name.
fn golden(name: &str, sample: &str, format: Format) -> Imported {
    let imported = import_as(sample.as_bytes(), None).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(imported.format, format, "{name}");
    if let Err(problems) = read(&imported.yaml) {
        panic!("{}\n{}", imported.yaml, problems.render(false));
    }
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, imported.yaml);
    });
    imported
}

/// Imports a text that must be refused. Returns the error.
fn refused(text: &str) -> String {
    let error = import_as(text.as_bytes(), None).expect_err(text);
    error.to_string()
}
