"""What a stack makes, applied to a cluster in the engine's order."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.kubernetes.cluster import Cluster, Refusal
from tests.kubernetes.objects import Made, Object

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def refusals(cluster: Cluster, made: Made) -> list[str]:
    """What the API server refuses of all that a stack makes, in its own words."""
    found = []
    for each in given(made):
        cluster.apply(each)
    for each in made.objects:
        try:
            cluster.apply(each.manifest)
            if each.kind in _WORKLOADS:
                _apply_pod(cluster, each)
        except Refusal as refusal:
            found.append(f"{each}: {refusal}")
    return found


def given(made: Made) -> Iterator[Mapping[str, Any]]:
    """The namespaces that are there already: the operator's, and those that charts make."""
    ours = {each.name for each in made.of("Namespace")}
    places = {each.namespace for each in made.objects}
    charts = {release.get("namespace") for release in made.releases}
    for name in sorted(it for it in places | charts if it is not None and it not in ours):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _apply_pod(cluster: Cluster, workload: Object) -> None:
    """Try a pod of a workload: pod security is enforced on pods, not on the template of one.

    Its service account is one that a controller makes.
    """
    spec = workload.manifest["spec"]
    if workload.kind == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template: Mapping[str, Any] = spec["template"]
    name = template["spec"].get("serviceAccountName", "default")
    place = {"namespace": workload.namespace}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, **place}}
    cluster.apply(account)
    metadata = {**template.get("metadata", {}), "name": f"{workload.name}-0", **place}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    cluster.apply(pod, dry_run=True)
