"""What a Kubernetes API refuses of any object, and Helm of a release."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal import sdk
from rehearsal.believable import namespaced
from rehearsal.refusals.case import Case, Check, at, refusal
from rehearsal.refusals.eks import CLUSTER

RELEASE = "kubernetes:helm.sh/v3:Release"
_DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
_SERVICE = "kubernetes:core/v1:Service"
_SELECTING = tuple(f"kubernetes:apps/v1:{it}" for it in ("Deployment", "StatefulSet", "DaemonSet"))
_SECRET, _CONFIG_MAP = "kubernetes:core/v1:Secret", "kubernetes:core/v1:ConfigMap"
_ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
_GROUPS = Path(__file__).parent.parent / "rules" / "custom_groups.yaml"
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY = re.compile(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}")
_ANNOTATIONS = 256 * 1024
_MOST_DATA = 1024 * 1024
# https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
_NEEDED_KEYS: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}


@cache
def custom_groups() -> Mapping[str, Sequence[str]]:
    """The charts that bring each API group of custom resources."""
    found: Mapping[str, Sequence[str]] = yaml.safe_load(_GROUPS.read_text(encoding="utf-8"))
    return found


def is_custom(token: str) -> bool:
    """Whether it is a kind that an API server has to be taught."""
    return token.startswith("kubernetes:") and sdk.resource_type(token).open


def _namespace(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/."""
    token = case.operation.type
    release = token == RELEASE
    name = case.text("namespace") if release else case.text("metadata.namespace")
    if name is None or not namespaced(token) or not case.making:
        return None
    if (release and case.is_on("createNamespace")) or case.exists("namespace", name):
        return None
    return refusal("NotFound", f'namespaces "{name}" not found')


def _already_there(case: Case) -> str | None:
    """https://kubernetes.io/docs/reference/using-api/api-concepts/."""
    own = case.operation
    if own.type == RELEASE or not case.making or case.cloud.find(own.type, own.id) is None:
        return None
    kind = own.type.rpartition(":")[2]
    return refusal("AlreadyExists", f'{kind} "{own.id}" already exists')


def _labels(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/."""
    for key, value in _mapping(case.inputs, "metadata", "labels").items():
        if not _LABEL_KEY.fullmatch(str(key)):
            return refusal("Invalid", f"metadata.labels: {key!r} is no label's name")
        if isinstance(value, str) and not _LABEL_VALUE.fullmatch(value):
            allowed = "up to 63 letters, digits and -_., a letter or digit first and last"
            return refusal("Invalid", f"metadata.labels[{key}] is {value!r}; allowed: {allowed}")
    return None


def _annotations(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/."""
    found = _mapping(case.inputs, "metadata", "annotations")
    for key, value in found.items():
        if not _LABEL_KEY.fullmatch(str(key)):
            return refusal("Invalid", f"metadata.annotations: {key!r} is no annotation's name")
        if isinstance(value, (bool, int, float)):
            return refusal("Invalid", f"metadata.annotations[{key}] is {value!r}; allowed: a text")
    size = sum(len(str(key)) + len(str(value)) for key, value in found.items())
    if size <= _ANNOTATIONS:
        return None
    return refusal("Invalid", f"metadata.annotations have {size} bytes; allowed: {_ANNOTATIONS}")


def _keys(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data."""
    if case.operation.type not in (_SECRET, _CONFIG_MAP):
        return None
    size = 0
    for path in ("data", "stringData", "binaryData"):
        for key, value in _mapping(case.inputs, path).items():
            size += len(str(value))
            if not _KEY.fullmatch(str(key)):
                allowed = "up to 253 letters, digits and -_."
                return refusal("Invalid", f"{path} has the key {key!r}; allowed: {allowed}")
    if size <= _MOST_DATA:
        return None
    return refusal("Invalid", f"the data has {size} bytes; allowed: {_MOST_DATA}")


def _secret(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/configuration/secret/#secret-types."""
    if case.operation.type != _SECRET:
        return None
    data, texts = (_mapping(case.inputs, it) for it in ("data", "stringData"))
    for key in _NEEDED_KEYS.get(case.text("type") or "", ()):
        if key not in data and key not in texts:
            return refusal("Invalid", f"a Secret of type {case.text('type')} needs the key {key}")
    for key, value in data.items():
        if isinstance(value, str) and not _is_base64(value):
            what = f"data[{key}] is not base64; a plain text belongs into stringData"
            return refusal("BadRequest", what)
    return None


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        return False
    return True


def _selector(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector."""
    if case.operation.type not in _SELECTING:
        return None
    wanted = _mapping(case.inputs, "spec", "selector", "matchLabels")
    labels = _mapping(case.inputs, "spec", "template", "metadata", "labels")
    for key, value in wanted.items():
        if labels.get(key) != value:
            what = f"spec.selector has {key}={value}, and the template's labels have not"
            return refusal("Invalid", what)
    return None


def _ports(case: Case) -> str | None:
    """https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services."""
    ports = at(case.inputs, "spec.ports[]")
    if case.operation.type != _SERVICE or len(ports) < 2:
        return None
    names = [it.get("name") for it in ports]
    if None in names or len(set(names)) < len(names):
        return refusal("Invalid", "spec.ports: each of several ports needs a name of its own")
    return None


def _known_kind(case: Case) -> str | None:
    """A custom resource needs its definition; what is on a cluster that was there, nobody knows.

    https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/
    """
    token = case.operation.type
    if not case.making or not is_custom(token) or not case.cloud.of(CLUSTER):
        return None
    version, _, kind = token.removeprefix("kubernetes:").rpartition(":")
    group = version.partition("/")[0]
    charts = [it for each in case.cloud.of(RELEASE) for it in at(each.inputs, "chart")]
    bringing = custom_groups().get(group)
    brought = bool(charts) if bringing is None else any(_is_chart(it, bringing) for it in charts)
    defined = any(
        group in at(it.inputs, "spec.group") and kind in at(it.inputs, "spec.names.kind")
        for it in case.cloud.of(_DEFINITION)
    )
    if brought or defined:
        return None
    needed = "a chart" if bringing is None else f"the chart {' or '.join(bringing)}"
    return refusal(
        "NotFound", f'no matches for kind "{kind}" in version "{version}"; {needed} brings it'
    )


def _is_chart(chart: str, names: Sequence[str]) -> bool:
    """A chart may be given by its name, a path, a URL of an archive, or an OCI reference."""
    last = chart.rstrip("/").rpartition("/")[2]
    return any(last == it or re.match(rf"{re.escape(it)}-v?\d", last) for it in names)


def _access(case: Case) -> str | None:
    """An EKS cluster whose maker is no administrator answers nobody before the first access policy.

    https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
    """
    clusters = case.cloud.of(CLUSTER)
    path = "accessConfig.bootstrapClusterCreatorAdminPermissions"
    if not case.making or not clusters or not all(False in at(it.inputs, path) for it in clusters):
        return None
    if case.cloud.of(_ACCESS):
        return None
    what = "the cluster answers nobody yet: it has no access entry with an access policy"
    return refusal("Unauthorized", what)


def _mapping(inputs: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: Any = inputs
    for it in path:
        found = found.get(it) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


WRITES: tuple[Check, ...] = (
    _access,
    _known_kind,
    _namespace,
    _already_there,
    _labels,
    _annotations,
    _keys,
    _secret,
    _selector,
    _ports,
)
DELETES: tuple[Check, ...] = ()
