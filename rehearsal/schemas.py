"""Kubernetes objects against the schemas that Kubernetes publishes.

They come with the package kubernetes-validate, 70 MB that only requirements/dev.txt asks for: what a stack
file can change of an object is checked without them, so a rehearsal without them leaves this out.
"""

import importlib
import importlib.util
from collections.abc import Mapping
from functools import cache
from typing import Any

from rehearsal import sdk
from rehearsal.cloud import Cloud, Operation
from rehearsal.refusals.case import at, refusal

_PACKAGE = "kubernetes_validate"
# Where a stack makes no cluster, it may be of any version that the product runs on; this one is current.
_VERSION = "1.35"
_CLUSTERS: Mapping[str, str] = {
    "aws:eks/cluster:Cluster": "version",
    "azure-native:containerservice:ManagedCluster": "kubernetesVersion",
    "gcp:container/cluster:Cluster": "minMasterVersion",
}


@cache
def available() -> bool:
    """Whether the schemas are installed."""
    return importlib.util.find_spec(_PACKAGE) is not None


def against_schema(operation: Operation, cloud: Cloud) -> str | None:
    """Why an API server of the stack's version would not understand an object, or None.

    https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
    """
    token = operation.type
    if operation.kind == "delete" or not token.startswith("kubernetes:") or not available():
        return None
    # Charts are no objects, patches no whole ones; of custom kinds an API server knows by their definitions.
    if token.startswith("kubernetes:helm.sh/") or token.endswith("Patch"):
        return None
    if sdk.resource_type(token).open:
        return None
    return fault(operation.inputs, _version(cloud))


def fault(manifest: Mapping[str, Any], version: str) -> str | None:
    """What a version's schema finds wrong with an object of a built-in kind, as a refusal."""
    # The package is typed nowhere.
    package: Any = importlib.import_module(_PACKAGE)
    kind = f"{manifest.get('apiVersion')} {manifest.get('kind')}"
    try:
        package.validate(dict(manifest), version, strict=True)
    except package.ValidationError as error:
        path = ".".join(map(str, error.absolute_path)) or kind
        # The validator's own sentence quotes the value, which may be a Secret's.
        wanted = f"{error.validator} {error.validator_value}"[:200]
        return refusal(
            "Invalid", f"{path} is not what the schema of {kind} ({version}) asks for: {wanted}"
        )
    except package.SchemaNotFoundError:
        return refusal("NotFound", f"Kubernetes {version} knows no {kind}")
    return None


def _version(cloud: Cloud) -> str:
    for token, path in _CLUSTERS.items():
        for cluster in cloud.of(token):
            for version in at(cluster.inputs, path):
                return ".".join(str(version).removeprefix("v").split(".")[:2])
    return _VERSION
