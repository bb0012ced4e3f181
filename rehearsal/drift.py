"""A state in which every resource differs from what the program asks for, so that all are updated.

As when somebody changed them by hand and a refresh saw it.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi import automation

from rehearsal.properties import is_signed
from rehearsal.replacement import replacing
from rehearsal.urns import type_of

_FIXED = ("apiVersion", "kind", "metadata.name", "metadata.namespace", "__", "id")
# Each change makes a version more, which is another end by right.
_COUNTED = frozenset({"aws:ec2/launchTemplate:LaunchTemplate"})
Path = tuple[str | int, ...]


def drifted(deployment: automation.Deployment) -> automation.Deployment:
    """The same state, but for one input of each resource that can change in place."""
    changed = copy.deepcopy(deployment)
    for resource in (changed.deployment or {}).get("resources") or []:
        if _changeable(resource):
            _drift(resource)
    return changed


def _changeable(resource: Mapping[str, Any]) -> bool:
    """Whether a difference is to be mended: what is made once is the operator's from then on."""
    token = type_of(resource["urn"])
    if token.startswith("pulumi:") or token in _COUNTED or resource.get("retainOnDelete"):
        return False
    return bool(resource.get("custom"))


def _drift(resource: dict[str, Any]) -> None:
    inputs = resource.get("inputs") or {}
    for path, value in _leaves(inputs, ()):
        dotted = _dotted(path)
        other = {dotted: "update"}
        if dotted.startswith(_FIXED) or replacing(resource["type"], other, inputs, inputs):
            continue
        _set(inputs, path, f"{value}-by-hand" if isinstance(value, str) else not value)
        return


def _leaves(tree: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(tree, Mapping):
        if not is_signed(tree):
            for key in sorted(tree):
                yield from _leaves(tree[key], (*path, key))
    elif isinstance(tree, list):
        for index, inner in enumerate(tree):
            yield from _leaves(inner, (*path, index))
    elif isinstance(tree, (str, bool)):
        yield path, tree


def _dotted(path: Path) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _set(tree: Any, path: Path, value: Any) -> None:
    for part in path[:-1]:
        tree = tree[part]
    tree[path[-1]] = value
