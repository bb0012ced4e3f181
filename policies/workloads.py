"""What runs in the cluster: pinned, with requests, and without more rights than it needs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from policies.rule import Rule
from policies.sources import KUBERNETES
from policies.subject import Hidden, Subject, items, mapping
from policies.wanted import Want, wants

_TEMPLATES: Mapping[str, str] = {
    "kubernetes:apps/v1:Deployment": "spec.template.spec",
    "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
    "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
    "kubernetes:batch/v1:Job": "spec.template.spec",
    "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
    "kubernetes:core/v1:Pod": "spec",
}
# What it takes to hand a volume's files to the product's user.
_GIVING_AWAY = {"CHOWN", "DAC_OVERRIDE"}
_RELEASE = "kubernetes:helm.sh/v3:Release"


def _containers(subject: Subject) -> Iterator[Mapping[str, Any]]:
    spec = _pod(subject)
    for name in ("initContainers", "containers"):
        yield from map(mapping, items(spec.get(name)))


def _pod(subject: Subject) -> Mapping[str, Any]:
    path = _TEMPLATES.get(subject.type)
    return mapping(subject.one(path) if path else None)


def _requests(subject: Subject) -> Iterator[str]:
    for it in _containers(subject):
        resources = it.get("resources")
        if isinstance(resources, Hidden):
            continue
        requests = mapping(mapping(resources).get("requests"))
        limits = mapping(mapping(resources).get("limits"))
        for key in ("cpu", "memory"):
            if key not in requests:
                yield f"container {it.get('name')} requests no {key}"
        if "memory" not in limits:
            yield f"container {it.get('name')} has no limit of memory"


REQUESTS = Rule(
    name="resource-requests",
    says="Containers say what they need, so that the scheduler knows and none starves another.",
    remedy="Give it requests for cpu and memory, and a limit of memory.",
    source="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    resource=_requests,
)


def _images(subject: Subject) -> Iterator[str]:
    for it in _containers(subject):
        image = it.get("image")
        if isinstance(image, Hidden):
            continue
        name, _, digest = str(image).partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        if not digest and tag in ("", "latest"):
            yield f"container {it.get('name')} has an image without a version"


IMAGES = Rule(
    name="pinned-images",
    says="Images and charts have a version, so that tomorrow's pod is the same as today's.",
    remedy="Name a version, or better a digest.",
    source="https://kubernetes.io/docs/concepts/containers/images/",
    table=wants(
        Want(
            type=_RELEASE,
            path="version",
            says="name a version of the chart",
            test=lambda it: re.match(r"v?\d", str(it)) is not None,
        )
    ),
    resource=_images,
)


def _rights(subject: Subject) -> Iterator[str]:
    spec = _pod(subject)
    pod = spec.get("securityContext") or {}
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield f"{key} must not be set"
    for it in _containers(subject):
        context = it.get("securityContext") or {}
        if isinstance(context, Hidden) or isinstance(pod, Hidden):
            continue
        name = it.get("name")
        if context.get("privileged"):
            yield f"container {name} is privileged"
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"container {name} may gain rights (allowPrivilegeEscalation)"
        non_root = context.get("runAsNonRoot", pod.get("runAsNonRoot")) is True
        if not non_root and not _only_gives_files_away(subject, pod, context):
            yield f"container {name} may run as root (runAsNonRoot)"


def _only_gives_files_away(
    subject: Subject, pod: Mapping[str, Any], context: Mapping[str, Any]
) -> bool:
    """Whether it is a Job as root that kept no right of root but to change a file's owner."""
    capabilities = mapping(context.get("capabilities"))
    kept = set(map(str, items(capabilities.get("add"))))
    dropped = list(items(capabilities.get("drop"))) == ["ALL"]
    said = context.get("runAsUser", pod.get("runAsUser")) == 0 and bool(kept)
    return subject.type == "kubernetes:batch/v1:Job" and said and dropped and kept <= _GIVING_AWAY


RIGHTS = Rule(
    name="restricted-pods",
    says=(
        "Containers run as an ordinary user and cannot become another; a Job may be root without any of "
        "root's rights but to give files away."
    ),
    remedy="Set runAsNonRoot: true and allowPrivilegeEscalation: false; see the restricted standard.",
    source=KUBERNETES,
    resource=_rights,
)
RULES = (REQUESTS, IMAGES, RIGHTS)
