"""Renders and checks a Helm chart, for tests/tests/it/infra/kubernetes.rs.

  tests/helm.py CHART [VALUES.yaml]

Prints JSON: `messages` of the linter, and `manifests`, the rendered templates by their paths. Exits with 1 if the values
or the templates are not valid.
"""

import json
import sys

import helm_python as helm

NAMESPACE = "load"


def main(path, values=None):
    values = helm.values_from_yaml(open(values, encoding="utf-8").read()) if values else {}
    messages = helm.lint(path, values, strict=True, namespace=NAMESPACE)["messages"]
    with helm.Chart.load(path) as chart:
        chart.validate_schema(values)
        manifests = chart.render(values, name="vajra", namespace=NAMESPACE)
    json.dump({"messages": messages, "manifests": manifests}, sys.stdout, indent=1)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except helm.HelmError as error:
        sys.exit(f"tests/helm.py: {error}")
