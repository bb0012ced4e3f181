"""Which changes replace a resource; the data is in rules/replace.yaml."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal.refusals.versions import lower

_TABLE = Path(__file__).parent / "rules" / "replace.yaml"
_INDEX = re.compile(r"\[\d+\]")
_REGION = "region"
# Decides by what was there, what is wanted, and all old inputs.
Condition = Callable[[Any, Any, Mapping[str, Any]], bool]


@cache
def _table() -> Mapping[str, frozenset[str]]:
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {token: frozenset(names) for token, names in table.items()}


def known_types() -> frozenset[str]:
    """The types whose replacing properties are known."""
    return frozenset(_table())


def replacing(
    token: str,
    changed: Mapping[str, str],
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> list[str]:
    """Those of the changed paths that replace a resource of this type.

    `changed` says how each changed: add, delete or update. `old` and `new` are the inputs before and
    after; without them, what replaces only in some cases does not.
    """
    names, sometimes = _table().get(token, frozenset()), _SOMETIMES.get(token, {})
    before, after = old or {}, new or {}
    return [
        path
        for path, how in changed.items()
        if any(_replaces(path, how, name, before, after) for name in names)
        or any(
            (_within(path, name) or _within(name, path))
            and case(_at(before, name), _at(after, name), before)
            for name, case in sometimes.items()
            if old is not None
        )
    ]


def _replaces(
    path: str, how: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> bool:
    """Whether a change at this path is one of the property called `name`, or of what it is part of."""
    if name == _REGION and how != "update":
        # From the provider's region to the same one written out, or back.
        return False
    if _within(path, name):
        return True
    wanted = _at(new, name)
    return _within(name, path) and wanted is not None and wanted != _at(old, name)


def _within(path: str, name: str) -> bool:
    path = _INDEX.sub("[]", path)
    return path == name or path.startswith((f"{name}.", f"{name}["))


def _at(tree: Any, name: str) -> Any:
    """What is at a name such as `spec.containers[].image`; of a list, a list."""
    head, _, rest = name.partition(".")
    found = tree.get(head.removesuffix("[]")) if isinstance(tree, Mapping) else None
    if not rest:
        return found
    if head.endswith("[]"):
        return [_at(it, rest) for it in found] if isinstance(found, list) else None
    return _at(found, rest)


def _removed(before: Any, after: Any, old: Mapping[str, Any]) -> bool:
    return before is not None and after is None


def _exchanged(before: Any, after: Any, old: Mapping[str, Any]) -> bool:
    return before is not None and after is not None and before != after


def _lowered(before: Any, after: Any, old: Mapping[str, Any]) -> bool:
    return isinstance(before, str) and isinstance(after, str) and lower(after, before)


def _from_to(left: str, reached: str) -> Condition:
    return lambda before, after, old: before == left and after == reached


# What replaces only in some cases. Sources: terraform-provider-aws (CustomizeDiff of each resource,
# internal/service/<service>) and the property descriptions of pulumi-aws.
_SOMETIMES: Mapping[str, Mapping[str, Condition]] = {
    "aws:ec2/vpc:Vpc": {
        "instanceTenancy": lambda before, after, old: (
            before != after and not (before == "dedicated" and after in (None, "default"))
        )
    },
    "aws:ec2/subnet:Subnet": {
        "ipv6CidrBlock": lambda before, after, old: (
            before is not None and old.get("assignIpv6AddressOnCreation") is True
        )
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "privateDnsEnabled": lambda before, after, old: (
            before != after and old.get("vpcEndpointType") != "Interface"
        )
    },
    "aws:eks/cluster:Cluster": {
        "encryptionConfig": _removed,
        "computeConfig.nodeRoleArn": _exchanged,
        "vpcConfig.controlPlaneEgressMode": _from_to("CUSTOMER_ROUTED", "AWS_MANAGED"),
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "engine": _from_to("valkey", "redis"),
        "engineVersion": _lowered,
        "transitEncryptionEnabled": lambda before, after, old: (
            before != after and lower(str(old.get("engineVersion") or ""), "7.0.5")
        ),
    },
}


# The provider's switch, by the type whose data it lets change in place.
_MUTABLE = {
    "kubernetes:core/v1:Secret": "enableSecretMutable",
    "kubernetes:core/v1:ConfigMap": "enableConfigMapMutable",
}
_DATA_OF_OBJECTS = ("data", "stringData", "binaryData")


def but_for_mutable(token: str, replaced: list[str], provider: Mapping[str, Any]) -> list[str]:
    """The replacing paths without the data of objects that this provider was told are mutable.

    The provider's check of `immutable` and of its own switch:
    pulumi-kubernetes, provider/pkg/provider/diff.go.
    """
    switch = _MUTABLE.get(token)
    if switch is None or provider.get(switch) is not True:
        return replaced
    return [path for path in replaced if not any(_within(path, name) for name in _DATA_OF_OBJECTS)]


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
