//! Reads a scenario from the text of a resource, or from a ConfigMap. The ConfigMap also contains the files that the
//! scenario names.

use k8s_openapi::api::core::v1::ConfigMap;
use plan::scenario::Scenario;
use plan::scenario_file::{self, Settings, Surroundings};
use std::collections::BTreeMap;

/// A scenario, and the files that it may name.
#[derive(Debug)]
pub(super) struct ScenarioFiles {
    name: String,
    text: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl ScenarioFiles {
    pub(super) fn inline(text: &str) -> ScenarioFiles {
        ScenarioFiles {
            name: "spec.scenario.inline".to_owned(),
            text: text.to_owned(),
            files: BTreeMap::new(),
        }
    }

    /// Returns the scenario of a key of a ConfigMap; `None` if the ConfigMap does not have the key.
    pub(super) fn of(config_map: ConfigMap, key: &str) -> Option<ScenarioFiles> {
        let text = config_map.data.as_ref()?.get(key)?.clone();
        let texts = config_map.data.into_iter().flatten();
        let texts = texts.map(|(name, text)| (name, text.into_bytes()));
        let bytes = config_map.binary_data.into_iter().flatten();
        Some(ScenarioFiles {
            name: key.to_owned(),
            text,
            files: texts.chain(bytes.map(|(name, bytes)| (name, bytes.0))).collect(),
        })
    }

    /// Reads the scenario. The scenario cannot use the environment of the operator.
    ///
    /// # Errors
    /// Returns all problems of the scenario as text.
    pub(super) fn read(&self) -> Result<Scenario, String> {
        let surroundings = Surroundings {
            environment: &|_| None,
            file: &|file| {
                let name = file.trim_start_matches("./");
                let found = self.files.get(name).cloned();
                found.ok_or_else(|| format!("{name}: the ConfigMap has no such key"))
            },
            settings: Settings::default(),
            // Only the pods have the private keys, so the workers compare the keys with the certificates.
            pem: &|_| Ok(()),
        };
        scenario_file::read(&self.text, &self.name, &surroundings).map_err(|problems| problems.render(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_scenario_are_keys_of_its_config_map() {
        let scenario = "name: shop\ntarget: https://shop.example.com\nload: { constant: { rate: 1/s, duration: 1s } }\n\
                        requests: [ { name: a, method: POST, body: { file: ./order.json } } ]\n";
        let data = [("s.yaml", scenario), ("order.json", "{\"id\":1}")];
        let config_map = |data: &[(&str, &str)]| ConfigMap {
            data: Some(
                data.iter()
                    .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
                    .collect(),
            ),
            ..ConfigMap::default()
        };
        let read = ScenarioFiles::of(config_map(&data), "s.yaml").unwrap().read();
        assert_eq!(read.unwrap().name, "shop");
        let problem = ScenarioFiles::of(config_map(&data[..1]), "s.yaml").unwrap().read();
        assert!(problem.unwrap_err().contains("order.json"));
        assert!(ScenarioFiles::of(config_map(&data), "other").is_none());
    }
}
