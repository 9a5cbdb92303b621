//! Access control of the stand-in. A bearer token identifies a user. The rules of Roles and ClusterRoles grant
//! permissions.

use super::failure::Failure;
use super::resources::Resource;
use super::storage::{Key, Storage};
use serde_json::{Value, json};

/// The token of the administrator. The administrator may perform every action.
pub(super) const ADMINISTRATOR: &str = "administrator-token";

/// The user who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum User {
    Administrator,
    ServiceAccount { namespace: String, name: String },
}

impl User {
    pub(super) fn name(&self) -> String {
        match self {
            User::Administrator => "kubernetes-admin".to_owned(),
            User::ServiceAccount { namespace, name } => format!("system:serviceaccount:{namespace}:{name}"),
        }
    }
}

/// The action of a request, as the access rules describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    pub verb: String,
    pub group: String,
    /// The plural name of the resource, such as `jobs`.
    pub resource: String,
    pub subresource: String,
    pub namespace: String,
    pub name: String,
}

impl Attributes {
    fn full_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }
}

/// Returns whether a user may perform an action.
pub(super) fn is_allowed(storage: &Storage, user: &User, attributes: &Attributes) -> bool {
    let User::ServiceAccount { namespace, name } = user else {
        return true;
    };
    if attributes.resource == "selfsubjectaccessreviews" {
        // A user may always ask for its own permissions.
        return true;
    }
    let is_bound = |binding: &Value| {
        let own = user.name();
        let in_namespace = binding["metadata"]["namespace"].as_str();
        binding["subjects"].as_array().is_some_and(|subjects| {
            subjects.iter().any(|subject| match subject["kind"].as_str() {
                Some("ServiceAccount") => {
                    let of = subject["namespace"].as_str().or(in_namespace);
                    subject["name"] == name.as_str() && of == Some(namespace)
                }
                Some("User") => subject["name"] == own.as_str(),
                _ => [
                    "system:authenticated".to_owned(),
                    "system:serviceaccounts".to_owned(),
                    format!("system:serviceaccounts:{namespace}"),
                ]
                .iter()
                .any(|group| subject["name"] == group.as_str()),
            })
        })
    };
    let allows = |binding: &Value| {
        let reference = &binding["roleRef"];
        let role = reference["name"].as_str().unwrap_or_default();
        let key = match reference["kind"].as_str() {
            Some("ClusterRole") => Key::new("clusterroles.rbac.authorization.k8s.io", "", role),
            _ => {
                let namespace = binding["metadata"]["namespace"].as_str().unwrap_or_default();
                Key::new("roles.rbac.authorization.k8s.io", namespace, role)
            }
        };
        let role = storage.get(&key);
        role.is_some_and(|role| {
            let mut rules = role["rules"].as_array().into_iter().flatten();
            rules.any(|rule| rule_allows(rule, attributes))
        })
    };
    let mut bindings = storage.list("clusterrolebindings.rbac.authorization.k8s.io", None);
    if !attributes.namespace.is_empty() {
        let own = Some(attributes.namespace.as_str());
        bindings.extend(storage.list("rolebindings.rbac.authorization.k8s.io", own));
    }
    bindings.iter().any(|binding| is_bound(binding) && allows(binding))
}

fn rule_allows(rule: &Value, attributes: &Attributes) -> bool {
    let contains = |member: &str, wanted: &str| {
        let list = rule[member].as_array();
        list.is_some_and(|list| list.iter().any(|one| one == wanted || one == "*"))
    };
    let names = rule["resourceNames"].as_array().filter(|names| !names.is_empty());
    contains("verbs", &attributes.verb)
        && contains("apiGroups", &attributes.group)
        && contains("resources", &attributes.full_resource())
        && names.is_none_or(|names| names.iter().any(|name| name == attributes.name.as_str()))
}

/// Returns the error for a user who may not perform an action.
pub(super) fn refusal(user: &User, resource: &Resource, attributes: &Attributes) -> Failure {
    let place = match attributes.namespace.as_str() {
        "" => "at the cluster scope".to_owned(),
        namespace => format!("in the namespace \"{namespace}\""),
    };
    let why = format!(
        "User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {place}",
        user.name(),
        attributes.verb,
        attributes.full_resource(),
        attributes.group
    );
    Failure::forbidden(resource, &attributes.name, &why)
}

/// Returns the action that a SelfSubjectAccessReview asks about.
pub(super) fn asked(review: &Value) -> Attributes {
    let about = &review["spec"]["resourceAttributes"];
    let text = |member: &str| about[member].as_str().unwrap_or_default().to_owned();
    Attributes {
        verb: text("verb"),
        group: text("group"),
        resource: text("resource"),
        subresource: text("subresource"),
        namespace: text("namespace"),
        name: text("name"),
    }
}

/// Writes the answer to a SelfSubjectAccessReview into its status.
pub(super) fn answered(mut review: Value, is_allowed: bool) -> Value {
    review["apiVersion"] = "authorization.k8s.io/v1".into();
    review["kind"] = "SelfSubjectAccessReview".into();
    review["status"] = json!({"allowed": is_allowed});
    review
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_account_may_do_what_its_roles_allow() {
        let mut storage = Storage::default();
        let group = "rbac.authorization.k8s.io";
        let rule = json!({"verbs": ["get", "create"], "apiGroups": ["batch"], "resources": ["jobs", "jobs/status"]});
        let named = json!({"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]});
        let role = json!({"metadata": {}, "rules": [rule, named]});
        storage.put(&Key::new(format!("roles.{group}"), "n", "r"), role);
        let binding = json!({
            "metadata": {"namespace": "n"}, "roleRef": {"kind": "Role", "name": "r"},
            "subjects": [{"kind": "ServiceAccount", "name": "s"}],
        });
        storage.put(&Key::new(format!("rolebindings.{group}"), "n", "b"), binding);
        let user = User::ServiceAccount {
            namespace: "n".to_owned(),
            name: "s".to_owned(),
        };
        let check = |words: &str, expected: bool| {
            let parts: Vec<String> = words.split(' ').map(|part| part.replace('-', "")).collect();
            let [verb, group, resource, subresource, namespace, name] = parts.try_into().unwrap();
            let attributes = Attributes {
                verb,
                group,
                resource,
                subresource,
                namespace,
                name,
            };
            assert_eq!(is_allowed(&storage, &user, &attributes), expected, "{words}");
        };
        check("get batch jobs - n x", true);
        check("get batch jobs status n x", true);
        check("delete batch jobs - n x", false);
        check("get batch jobs - other x", false);
        check("get batch jobs - - -", false);
        check("get - secrets - n a", true);
        check("get - secrets - n b", false);
    }
}
