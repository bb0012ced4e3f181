"""What an API server and Helm add."""

import uuid
from functools import cache
from pathlib import Path

import yaml

from rehearsal.believable.request import Request, Values

_CLUSTER_SCOPED = Path(__file__).parent.parent / "rules" / "cluster_scoped.yaml"


def namespaced(token: str) -> bool:
    """Whether a Kubernetes object of this type lives in a namespace."""
    return token.rpartition(":")[2] not in _cluster_scoped()


@cache
def _cluster_scoped() -> frozenset[str]:
    return frozenset(yaml.safe_load(_CLUSTER_SCOPED.read_text(encoding="utf-8")))


ADDED_METADATA = ("uid", "resourceVersion", "generation", "creationTimestamp")


def added(request: Request) -> Values:
    """An object comes back as it was sent; this is only what the API server adds to its metadata.

    What was sent is not repeated: some of it may be secret.
    """
    sent = request.inputs.get("metadata") or {}
    added: Values = {
        "uid": str(uuid.UUID(bytes=request.data("uid", 16), version=4)),
        "resourceVersion": "1",
        "generation": 1,
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    name = sent.get("name")
    if name is None:
        start = sent.get("generateName") or f"{request.name}-"
        name = added["name"] = f"{start}{request.digest('name', 5)}"
    namespace = sent.get("namespace")
    found: Values = {"id": f"{namespace}/{name}" if namespace else str(name), "metadata": added}
    if (request.inputs.get("spec") or {}).get("type") == "LoadBalancer":
        host = f"{request.digest('host', 16)}.elb.example.com"
        found["status"] = {"loadBalancer": {"ingress": [{"hostname": host}]}}
    return found


def helm_release(request: Request) -> Values:
    """What a Helm release comes back with."""
    name = request.inputs.get("name") or f"{request.name}-{request.digest('name', 8)}"
    namespace = request.inputs.get("namespace") or "default"
    status = {"name": name, "namespace": namespace, "revision": 1, "status": "deployed"}
    chart = {"chart": request.inputs.get("chart"), "version": request.inputs.get("version")}
    values = {"name": name, "namespace": namespace, "status": {**status, **chart}}
    return {"id": f"{namespace}/{name}", **values}
