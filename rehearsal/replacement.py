"""Which changes replace a resource; the data is in rules/replace.yaml."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "rules" / "replace.yaml"


@cache
def _table() -> Mapping[str, frozenset[str]]:
    table = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return {token: frozenset(names) for token, names in table.items()}


def known_types() -> frozenset[str]:
    """The types whose replacing properties are known."""
    return frozenset(_table())


def replacing(token: str, changed: Iterable[str]) -> list[str]:
    """Those of the changed paths that replace a resource of this type."""
    names = _table().get(token, frozenset())
    return [path for path in changed if any(_within(path, name) for name in names)]


def _within(path: str, name: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))


def replaces_kubernetes(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a Kubernetes provider takes the new configuration for another cluster.

    It compares `clusterIdentifier` where both have it, and the kubeconfig otherwise
    (DiffConfig in pulumi-kubernetes, provider/pkg/provider/provider.go).
    """
    before, after = old.get("clusterIdentifier"), new.get("clusterIdentifier")
    if before and after:
        return bool(before != after)
    return old.get("kubeconfig") != new.get("kubeconfig") or old.get("context") != new.get(
        "context"
    )
