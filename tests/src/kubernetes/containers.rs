//! Prepares a container: computes its program, arguments and environment, with the paths of its volumes.
//!
//! The processes of the stand-in have no mounts. So a volume is a folder, and the stand-in replaces the mount path by
//! the path of this folder in arguments, in the environment and in the working directory.

use super::storage::{Key, Storage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The name of the program in the image, which is also the entry point of the image.
const PROGRAM: &str = "vajra-cloud";

/// A container that can start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    pub program: PathBuf,
    pub args: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub folder: PathBuf,
}

/// The reason why a container cannot start yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotReady {
    pub reason: &'static str,
    pub message: String,
}

fn config_error(message: String) -> NotReady {
    NotReady {
        reason: "CreateContainerConfigError",
        message,
    }
}

fn mount_error(message: String) -> NotReady {
    NotReady {
        reason: "ContainerCreating",
        message,
    }
}

/// The folders that a pod uses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Folders<'a> {
    /// The folder of the pod.
    pub pod: &'a Path,
    /// The folder that contains one folder for each volume claim.
    pub claims: &'a Path,
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// Prepares a container. The container runs `program` in place of the program in the image.
pub(super) fn prepare(
    storage: &Storage,
    pod: &Value,
    container: &Value,
    program: &Path,
    folders: Folders,
) -> Result<Ready, NotReady> {
    let mounts = mounts(storage, pod, container, folders)?;
    let mut environment: Vec<(String, String)> = vec![
        ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("HOME".to_owned(), folders.pod.display().to_string()),
        ("HOSTNAME".to_owned(), hostname(pod)),
    ];
    for (name, value) in variables(storage, pod, container)? {
        environment.retain(|(old, _)| *old != name);
        let value = with_folders(&value, &mounts);
        environment.push((name, value));
    }
    let list = |member: &str| -> Vec<String> {
        let words = container[member]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        words
            .map(|word| with_folders(&expand(word, &environment), &mounts))
            .collect()
    };
    let (command, args) = (list("command"), list("args"));
    let (name, rest) = command
        .split_first()
        .map_or((PROGRAM, &[][..]), |(name, rest)| (name, rest));
    let is_product = Path::new(name).file_name().is_some_and(|file| file == PROGRAM);
    let directory = container["workingDir"].as_str().map(|path| with_folders(path, &mounts));
    Ok(Ready {
        program: if is_product { program.to_owned() } else { name.into() },
        args: [rest, &args].concat(),
        folder: directory
            .map(PathBuf::from)
            .filter(|path| path.is_dir())
            .unwrap_or_else(|| folders.pod.to_owned()),
        environment,
    })
}

fn hostname(pod: &Value) -> String {
    let own = pod["spec"]["hostname"].as_str();
    own.unwrap_or_else(|| text(&pod["metadata"], "name")).to_owned()
}

/// Replaces `$(NAME)` by the value of a variable. `$$` is replaced by `$`. A reference to an unknown name is not
/// replaced.
fn expand(word: &str, environment: &[(String, String)]) -> String {
    let mut expanded = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            expanded.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix("$(").and_then(|after| after.split_once(')'));
        let value = name.and_then(|(name, _)| environment.iter().find(|(one, _)| one == name));
        match (name, value) {
            (Some((_, after)), Some((_, value))) => {
                expanded.push_str(value);
                rest = after;
            }
            _ => {
                expanded.push('$');
                rest = &rest[1..];
            }
        }
    }
    expanded + rest
}

/// Returns the environment variables of a container, in the order of its spec.
fn variables(storage: &Storage, pod: &Value, container: &Value) -> Result<Vec<(String, String)>, NotReady> {
    let mut variables = Vec::new();
    for source in container["envFrom"].as_array().into_iter().flatten() {
        let (kind, reference) = match source["secretRef"].is_object() {
            true => ("secrets", &source["secretRef"]),
            false => ("configmaps", &source["configMapRef"]),
        };
        for (name, value) in contents(storage, pod, kind, reference)?.unwrap_or_default() {
            let value = String::from_utf8_lossy(&value).into_owned();
            variables.push((format!("{}{name}", text(source, "prefix")), value));
        }
    }
    for variable in container["env"].as_array().into_iter().flatten() {
        let name = text(variable, "name").to_owned();
        let from = &variable["valueFrom"];
        let value = if let Some(value) = variable["value"].as_str() {
            Some(expand(value, &variables))
        } else if from["fieldRef"].is_object() {
            Some(field(pod, text(&from["fieldRef"], "fieldPath"))?)
        } else if from["secretKeyRef"].is_object() {
            key(storage, pod, "secrets", &from["secretKeyRef"])?
        } else if from["configMapKeyRef"].is_object() {
            key(storage, pod, "configmaps", &from["configMapKeyRef"])?
        } else if from.is_null() {
            Some(String::new())
        } else {
            return Err(config_error(format!("the stand-in does not support {from}")));
        };
        if let Some(value) = value {
            variables.retain(|(old, _)| *old != name);
            variables.push((name, value));
        }
    }
    Ok(variables)
}

/// Returns the value of the field of the pod at a path.
fn field(pod: &Value, path: &str) -> Result<String, NotReady> {
    let of_map = |map: &Value, rest: &str| {
        let name = rest.trim_matches(['\'', '"']);
        map[name].as_str().unwrap_or_default().to_owned()
    };
    if let Some((path, name)) = path.strip_suffix(']').and_then(|path| path.split_once('[')) {
        return match path {
            "metadata.annotations" => Ok(of_map(&pod["metadata"]["annotations"], name)),
            "metadata.labels" => Ok(of_map(&pod["metadata"]["labels"], name)),
            _ => Err(config_error(format!("unsupported fieldPath: {path}"))),
        };
    }
    match path {
        "metadata.name"
        | "metadata.namespace"
        | "metadata.uid"
        | "spec.nodeName"
        | "spec.serviceAccountName"
        | "status.hostIP"
        | "status.podIP" => {
            let value = path.split('.').fold(pod, |value, part| &value[part]);
            Ok(value.as_str().unwrap_or_default().to_owned())
        }
        _ => Err(config_error(format!("unsupported fieldPath: {path}"))),
    }
}

type Contents = Vec<(String, Vec<u8>)>;

/// Returns the keys and values of a Secret or a ConfigMap; `None` if the object is optional and does not exist.
fn contents(storage: &Storage, pod: &Value, kind: &str, reference: &Value) -> Result<Option<Contents>, NotReady> {
    let name = match text(reference, "name") {
        "" => text(reference, "secretName"),
        name => name,
    };
    let namespace = text(&pod["metadata"], "namespace");
    let Some(object) = storage.get(&Key::new(kind, namespace, name)) else {
        if reference["optional"] == true {
            return Ok(None);
        }
        let kind = kind.trim_end_matches('s');
        return Err(config_error(format!("{kind} \"{name}\" not found")));
    };
    let members = object["data"].as_object().into_iter().flatten();
    let values = members.map(|(name, value)| {
        let value = value.as_str().unwrap_or_default();
        let bytes = match kind {
            "secrets" => STANDARD.decode(value).unwrap_or_default(),
            _ => value.as_bytes().to_vec(),
        };
        (name.clone(), bytes)
    });
    let mut all: Contents = values.collect();
    for (name, value) in object["binaryData"].as_object().into_iter().flatten() {
        let value = STANDARD.decode(value.as_str().unwrap_or_default());
        all.push((name.clone(), value.unwrap_or_default()));
    }
    Ok(Some(all))
}

fn key(storage: &Storage, pod: &Value, kind: &str, reference: &Value) -> Result<Option<String>, NotReady> {
    let Some(contents) = contents(storage, pod, kind, reference)? else {
        return Ok(None);
    };
    let (key, name) = (text(reference, "key"), text(reference, "name"));
    let value = contents.into_iter().find(|(name, _)| name == key);
    match value {
        Some((_, value)) => Ok(Some(String::from_utf8_lossy(&value).into_owned())),
        None if reference["optional"] == true => Ok(None),
        None => {
            let namespace = text(&pod["metadata"], "namespace");
            let what = if kind == "secrets" { "Secret" } else { "ConfigMap" };
            Err(config_error(format!(
                "couldn't find key {key} in {what} {namespace}/{name}"
            )))
        }
    }
}

/// Creates the folders of the mounted volumes. Returns the mount paths and the folders, the longest paths first.
fn mounts(
    storage: &Storage,
    pod: &Value,
    container: &Value,
    folders: Folders,
) -> Result<Vec<(String, PathBuf)>, NotReady> {
    let mut found = Vec::new();
    for mount in container["volumeMounts"].as_array().into_iter().flatten() {
        let mut volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
        let volume = volumes.find(|volume| volume["name"] == mount["name"]);
        let folder = volume_folder(storage, pod, volume.unwrap_or(&Value::Null), folders)?;
        let path = text(mount, "mountPath").trim_end_matches('/').to_owned();
        found.push((path, folder.join(text(mount, "subPath"))));
    }
    found.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    Ok(found)
}

fn volume_folder(storage: &Storage, pod: &Value, volume: &Value, folders: Folders) -> Result<PathBuf, NotReady> {
    let name = text(volume, "name");
    let own = folders.pod.join("volumes").join(name);
    let create = |folder: &Path| {
        std::fs::create_dir_all(folder).map_err(|error| mount_error(format!("MountVolume.SetUp failed: {error}")))
    };
    if volume["emptyDir"].is_object() {
        create(&own)?;
        return Ok(own);
    }
    if volume["hostPath"].is_object() {
        let path = PathBuf::from(text(&volume["hostPath"], "path"));
        match text(&volume["hostPath"], "type") {
            "DirectoryOrCreate" => create(&path)?,
            "Directory" if !path.is_dir() => {
                let message = format!(
                    "MountVolume.SetUp failed for volume \"{name}\" : hostPath type check failed: {} is not a directory",
                    path.display()
                );
                return Err(mount_error(message));
            }
            _ => {}
        }
        return Ok(path);
    }
    if volume["persistentVolumeClaim"].is_object() {
        let claim = text(&volume["persistentVolumeClaim"], "claimName");
        let namespace = text(&pod["metadata"], "namespace");
        let folder = folders.claims.join(format!("{namespace}-{claim}"));
        create(&folder)?;
        return Ok(folder);
    }
    let (kind, reference) = match (volume["configMap"].is_object(), volume["secret"].is_object()) {
        (true, _) => ("configmaps", &volume["configMap"]),
        (_, true) => ("secrets", &volume["secret"]),
        _ => {
            return Err(mount_error(format!(
                "the stand-in does not support the volume {volume}"
            )));
        }
    };
    create(&own)?;
    let contents = contents(storage, pod, kind, reference).map_err(|error| {
        mount_error(format!(
            "MountVolume.SetUp failed for volume \"{name}\" : {}",
            error.message
        ))
    })?;
    let items = reference["items"].as_array();
    for (key, value) in contents.unwrap_or_default() {
        let item = items.map(|items| items.iter().find(|item| item["key"] == key.as_str()));
        let path = match item {
            None => key.as_str(),
            Some(Some(item)) => text(item, "path"),
            Some(None) => continue,
        };
        let file = own.join(path);
        create(file.parent().unwrap_or(&own))?;
        std::fs::write(&file, value).map_err(|error| mount_error(error.to_string()))?;
    }
    Ok(own)
}

/// Replaces the mount paths in a text by the folders of their volumes.
fn with_folders(text: &str, mounts: &[(String, PathBuf)]) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let mut replaced = String::new();
    let mut rest = text;
    'text: while let Some(first) = rest.chars().next() {
        let is_begin = !replaced.ends_with(is_part) || replaced.ends_with("://");
        for (path, folder) in mounts.iter().filter(|(path, _)| is_begin && !path.is_empty()) {
            let after = rest.strip_prefix(path.as_str());
            let whole = |after: &&str| after.starts_with('/') || !after.starts_with(is_part);
            if let Some(after) = after.filter(whole) {
                replaced.push_str(&folder.display().to_string());
                rest = after;
                continue 'text;
            }
        }
        replaced.push(first);
        rest = &rest[first.len_utf8()..];
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_expanded_in_arguments() {
        let environment = [("A".to_owned(), "1".to_owned())];
        let check = |word: &str, expected: &str| assert_eq!(expand(word, &environment), expected, "{word}");
        check("--x=$(A)", "--x=1");
        check("$(B)$A", "$(B)$A");
        check("$$(A)", "$(A)");
    }

    #[test]
    fn mount_paths_are_replaced_as_whole_paths_only() {
        let mounts = [
            ("/store/a".to_owned(), PathBuf::from("/x")),
            ("/store".to_owned(), PathBuf::from("/y")),
        ];
        let check = |text: &str, expected: &str| assert_eq!(with_folders(text, &mounts), expected, "{text}");
        check("/store", "/y");
        check("--store=/store/b", "--store=/y/b");
        check("/store/a/b:/store", "/x/b:/y");
        check("file:///store", "file:///y");
        check("/stores /a/store http://h/store", "/stores /a/store http://h/store");
    }

    #[test]
    fn a_container_gets_its_environment_from_secrets_config_maps_and_fields() {
        let mut storage = Storage::default();
        storage.put(
            &Key::new("secrets", "n", "s"),
            json!({"data": {"k": "djE="}, "metadata": {}}),
        );
        storage.put(
            &Key::new("configmaps", "n", "c"),
            json!({"data": {"K": "v2"}, "metadata": {}}),
        );
        let pod = json!({"metadata": {"name": "p", "namespace": "n", "annotations": {"a/b": "3"}}, "spec": {}});
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders {
            pod: folder.path(),
            claims: folder.path(),
        };
        let container = |env: Value| {
            json!({
                "command": ["/bin/vajra-cloud", "worker"], "args": ["$(E)"], "env": env,
                "envFrom": [{"prefix": "P_", "configMapRef": {"name": "c"}}],
            })
        };
        let env = json!([
            {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
            {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['a/b']"}}},
            {"name": "E", "value": "$(A)-$(B)-$(P_K)"},
        ]);
        let ready = prepare(&storage, &pod, &container(env), Path::new("/real"), folders).unwrap();
        assert_eq!(
            (ready.program, ready.args),
            ("/real".into(), vec!["worker".to_owned(), "v1-3-v2".to_owned()])
        );
        let names: Vec<&str> = ready.environment.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["PATH", "HOME", "HOSTNAME", "P_K", "A", "B", "E"]);
        let env = json!([{"name": "A", "valueFrom": {"secretKeyRef": {"name": "none", "key": "k"}}}]);
        let error = prepare(&storage, &pod, &container(env), Path::new("/real"), folders).unwrap_err();
        assert_eq!(error, config_error("secret \"none\" not found".to_owned()));
    }
}
