"""Every object that our code makes for every shipped stack, in the engine's order, on a real API server."""

from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.workspace import stacks
from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.cluster import Cluster, Refusal
from tests.kubernetes.conftest import MadeBy
from tests.kubernetes.objects import Made, Object
from tests.samples import ROOT
from tools.go_programs import KUBE_APISERVER


def test_the_api_server_is_the_version_that_was_built(api: ApiServer) -> None:
    assert api.version() == f"v{KUBE_APISERVER.module.version()}"


@pytest.mark.parametrize("stack", stacks(ROOT))
def test_every_object_is_accepted(stack: str, made: MadeBy, api: ApiServer) -> None:
    cluster, found = Cluster(api), made(stack)
    assert found.objects
    _given(cluster, found)
    refused = []
    for each in found.objects:
        try:
            cluster.apply(each.manifest)
            if each.kind in _WORKLOADS:
                _apply_pod(cluster, each)
        except Refusal as refusal:
            refused.append(f"{each}: {refusal}")
    assert refused == []


def _given(cluster: Cluster, found: Made) -> None:
    """What the operator brings, and what charts and controllers make: namespaces and service accounts."""
    ours = {each.name for each in found.of("Namespace")}
    places = {each.namespace for each in found.objects} - {None}
    charts = {it.get("namespace") for it in found.releases} - {None}
    for name in sorted(str(it) for it in (places | charts) - ours):
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


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
