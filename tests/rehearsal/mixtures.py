"""Stack files in which each part is as in a shipped one, or of another mode that any target offers."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from hypothesis import strategies as st

from stacks.problems import PROJECT, Problem
from tests.samples import ROOT, certificate

Config = dict[str, Any]
_CA = certificate(["ca.example.com"])[0]
_KINDS = ("profilePictures", "endDevicePictures", "edcs", "interop", "plugins")
_BUCKETS = {kind: f"example-{kind.lower()}" for kind in _KINDS}
_KEY = "AKIAIOSFODNN7EXAMPLE"
_S3 = {"mode": "s3", "endpoint": "https://s3.example.com", "accessKeyId": _KEY}
_POSTGRES = {
    "mode": "existing",
    "majorVersion": 16,
    "host": "postgres.example.com",
    "database": "thethingsstack",
    "username": "thethingsstack",
}
_IN_CLUSTER_POSTGRES = {"mode": "in-cluster", "majorVersion": 17}
_BACKUPS = {"bucket": "example-backups", "accessKeyId": _KEY}
_REDIS = {
    "mode": "existing",
    "version": "7.4",
    "address": "redis.example.com:6379",
    "clusterMode": False,
    "tls": True,
}

# What may take the place of a shipped section, whatever the target.
ALTERNATIVES: Mapping[str, Sequence[Any]] = {
    "cluster": ({"mode": "existing", "name": "platform", "kubernetesVersion": "1.34"},),
    "postgres": (
        _POSTGRES,
        {**_POSTGRES, "sslMode": "verify-full", "caCertificate": _CA},
        _IN_CLUSTER_POSTGRES,
        {**_IN_CLUSTER_POSTGRES, "backups": _BACKUPS},
        {
            **_IN_CLUSTER_POSTGRES,
            "operator": "existing",
            "backups": {**_BACKUPS, "endpoint": "https://s3.example.com", "caCertificate": _CA},
            "restores": [{"mode": "point-in-time"}],
        },
    ),
    "redis": (
        _REDIS,
        {**_REDIS, "caCertificate": _CA, "readOnlyAddress": "redis-ro.example.com:6379"},
        {**_REDIS, "tls": False},
        {"mode": "in-cluster"},
        {"mode": "in-cluster", "tls": True, "storageClass": "fast"},
    ),
    "blobs": (
        {**_S3, "buckets": _BUCKETS},
        {**_S3, "buckets": _BUCKETS, "seeds": "leave", "pathStyle": False, "caCertificate": _CA},
        {**_S3, "buckets": {"edcs": "example-edcs"}, "create": True},
        {"mode": "s3", "region": "eu-west-1", "accessKeyId": _KEY, "buckets": _BUCKETS},
        {"mode": "local", "volume": {"mode": "storage-class", "storageClass": "nfs-client"}},
        {"mode": "local", "volume": {"mode": "storage-class", "storageClass": "local-path"}},
        {"mode": "local", "volume": {"mode": "storage-class"}},
        {"mode": "local", "volume": {"mode": "host-path"}},
        {"mode": "local", "volume": {"mode": "existing", "claim": "theirs"}},
    ),
    "ingress": (
        {"mode": "existing", "controller": "nginx", "kind": "ingress-nginx"},
        {"mode": "existing", "controller": "traefik", "kind": "traefik", "routes": True},
        {"mode": "managed"},
    ),
    "tls": (
        {"mode": "existing", "secretName": "theirs"},
        {"mode": "self-signed"},
        {"mode": "private-ca"},
    ),
    "timescale": (
        {"mode": "managed"},
        {
            "mode": "existing",
            "host": "timescale.example.com",
            "username": "things",
            "storageDatabase": "storage",
            "nocDatabase": "noc",
        },
    ),
    "metricsServer": ({"mode": "existing"}, {"mode": "managed"}, {"mode": "off"}),
    "protection": ("disposable", "production"),
    "availability": ("single", "redundant"),
}
_SHIPPED = sorted(path.name for path in (ROOT / "stacks").glob("Pulumi.*.yaml"))


def _shipped(name: str) -> Config:
    text = (ROOT / "stacks" / name).read_text(encoding="utf-8")
    config: Config = yaml.safe_load(text)["config"]
    return config


@st.composite
def mixtures(draw: st.DrawFn) -> Config:
    """A shipped stack file of any target with some of its sections replaced."""
    config = copy.deepcopy(_shipped(draw(st.sampled_from(_SHIPPED))))
    for key, alternatives in ALTERNATIVES.items():
        chosen = draw(st.none() | st.sampled_from(alternatives))
        if chosen is not None:
            config[f"{PROJECT}:{key}"] = copy.deepcopy(chosen)
    return config


def follow(config: Config, problems: Sequence[Problem]) -> Config | None:
    """The file after doing what the messages that leave no choice say; None where there are none such."""
    found = copy.deepcopy(config)
    followed = False
    for problem in problems:
        *parents, last = problem.key.removeprefix(f"{PROJECT}:").split(".")
        node, key = found, f"{PROJECT}:{last}"
        if parents:
            node, key = found.get(f"{PROJECT}:{parents[0]}", {}), last
            for parent in parents[1:]:
                node = node.get(parent, {})
        if problem.allowed.startswith("left out") and key in node:
            del node[key]
            followed = True
        elif problem.key == f"{PROJECT}:availability":
            node[key] = "redundant"
            followed = True
        elif problem.key == f"{PROJECT}:cluster.kubernetesVersion" and key not in node:
            node[key] = "1.34"
            followed = True
    return found if followed else None
