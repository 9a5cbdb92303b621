"""Reads the objects in infra/kubernetes. The tests in tests/tests/it/infra/kubernetes.rs call this script.

  tests/kubernetes_objects.py documents < OBJECTS.yaml
  tests/kubernetes_objects.py chart CHART [VALUES.yaml]

The command `documents` prints the YAML documents as a JSON list. The command `chart` prints a JSON object: the key
`messages` contains the messages of Helm's linter, and the key `objects` contains the rendered objects. If the values or
the templates are not valid, `chart` exits with 1.
"""

import json
import sys
from pathlib import Path

import helm_python as helm
import yaml

NAMESPACE = "load"


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document is not None]


def chart(path, values=None):
    values = helm.values_from_yaml(Path(values).read_text(encoding="utf-8")) if values else {}
    messages = helm.lint(path, values, strict=True, namespace=NAMESPACE)["messages"]
    with helm.Chart.load(path) as loaded:
        loaded.validate_schema(values)
        templates = loaded.render(values, name="vajra", namespace=NAMESPACE)
    objects = [one for name, text in sorted(templates.items()) if name.endswith(".yaml") for one in documents(text)]
    return {"messages": messages, "objects": objects}


def main(verb, *arguments):
    result = chart(*arguments) if verb == "chart" else documents(sys.stdin.read())
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except helm.HelmError as error:
        sys.exit(f"tests/kubernetes_objects.py: {error}")
