//! Tests that the modules of a crate do not import each other in a cycle.
//!
//! A file and the folder with the same name are one module. The files of a module may import each other. The imports
//! between the modules of one folder must not form a cycle.

use crate::tidy::{Source, assert_no_faults, sources};
use crate::words::Kind;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The path of a folder of modules, such as `crates/fleet/src/` or `crates/plan/src/scenario_file/`.
type Folder = String;
/// The imports by folder, by importing module and by imported module. The value of an entry is the location of the
/// first import.
type Imports = BTreeMap<Folder, BTreeMap<String, BTreeMap<String, String>>>;

/// Returns the crate of a file, and the path of the file's module. Returns `None` if the file is a test or a program in
/// `bin/`.
fn module(source: &Source) -> Option<(String, Vec<String>)> {
    let (root, path) = source.path.split_once("/src/")?;
    let mut names: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(names.last()?.as_str(), "mod" | "lib" | "main") {
        names.pop();
    }
    (source.ships() && !path.starts_with("bin/")).then(|| (root.to_owned(), names))
}

/// Converts a path in the code of a module to a path from the root of the crate. Returns `None` if the path does not
/// begin with `crate`, `super` or `self`.
fn resolved(path: &str, module: &[String]) -> Option<Vec<String>> {
    let mut parts = path.split("::").peekable();
    let mut base = match parts.peek()? {
        &"crate" => Vec::new(),
        &"super" | &"self" => module.to_vec(),
        _ => return None,
    };
    while let Some(part) = parts.next_if(|part| matches!(*part, "crate" | "self" | "super")) {
        if part == "super" {
            base.pop();
        }
    }
    base.extend(parts.map(str::to_owned));
    Some(base)
}

fn imports() -> Imports {
    let sources = sources();
    let modules: BTreeSet<(String, Vec<String>)> = sources.iter().filter_map(module).collect();
    let mut imports = Imports::new();
    for source in &sources {
        let Some((root, from)) = module(source) else { continue };
        for word in source.shipped().filter(|word| word.kind == Kind::Path) {
            let Some(mut to) = resolved(&word.text, &from) else {
                continue;
            };
            while !to.is_empty() && !modules.contains(&(root.clone(), to.clone())) {
                to.pop();
            }
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            let (Some(a), Some(b)) = (from.get(common), to.get(common)) else {
                continue;
            };
            let folder = from[..common]
                .iter()
                .fold(format!("{root}/src/"), |folder, name| folder + name + "/");
            let of_folder = imports.entry(folder).or_default();
            let of_module = of_folder.entry(a.clone()).or_default();
            of_module
                .entry(b.clone())
                .or_insert_with(|| format!("{}:{}", source.path, word.line));
        }
    }
    imports
}

/// Returns the shortest chain of imports from one module to another; `None` if there is no chain.
fn shortest_chain(imports: &BTreeMap<String, BTreeMap<String, String>>, from: &str, to: &str) -> Option<Vec<String>> {
    let mut chains = VecDeque::from([vec![from.to_owned()]]);
    let mut seen = BTreeSet::from([from.to_owned()]);
    while let Some(chain) = chains.pop_front() {
        let last = chain.last()?;
        if last == to {
            return Some(chain);
        }
        for next in imports.get(last).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(next.clone()) {
                chains.push_back(chain.iter().cloned().chain([next.clone()]).collect());
            }
        }
    }
    None
}

#[test]
fn modules_import_each_other_in_one_direction() {
    let imports = imports();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for modules in imports.values() {
        for (from, imported) in modules {
            for (to, place) in imported {
                let Some(back) = shortest_chain(modules, to, from) else {
                    continue;
                };
                if seen.insert(back.iter().cloned().collect::<BTreeSet<_>>()) {
                    faults.push(format!(
                        "{place}: an import cycle: {from} -> {}; a file and the folder of its name are one module, \
                         and the modules of a folder import each other in one direction: move the shared code into \
                         a module of its own",
                        back.join(" -> ")
                    ));
                }
            }
        }
    }
    assert_no_faults(faults);
}
