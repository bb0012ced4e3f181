"""What a stack ended as, in a form in which two runs can be compared.

A resource that had to be made twice has another identifier, and whatever is computed from it differs. So
every computed value is replaced by the name of the output that it comes from.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rehearsal.cloud import Cloud
from rehearsal.properties import is_secret
from rehearsal.urns import name_of, type_of

_SHORTEST = 6
_FLAGS = ("protect", "retainOnDelete", "aliases", "parent", "custom", "external", "initErrors")
Resources = Iterable[Mapping[str, Any]]


def end_state(resources: Resources) -> dict[str, Any]:
    """By URN what was asked for and how it hangs together; of the stack itself, its outputs."""
    listed = [it for it in resources if not it.get("delete")]
    named = _named(listed)
    return {
        it["urn"]: {
            "inputs": named.clean(it.get("inputs")),
            "outputs": named.clean(it.get("outputs")) if _is_stack(it) else None,
            "provider": str(it.get("provider") or "").rpartition("::")[0],
            "dependencies": sorted(it.get("dependencies") or []),
            **{flag: it[flag] for flag in _FLAGS if it.get(flag)},
        }
        for it in listed
    }


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Where two end states differ, by resource and property; empty where they do not."""
    told: list[str] = []
    for urn in sorted(expected.keys() | found.keys()):
        name = f"{name_of(urn)} ({type_of(urn)})"
        if urn not in found or urn not in expected:
            told.append(f"{name} is {'missing' if urn not in found else 'there as well'}")
        elif expected[urn] != found[urn]:
            told += [f"{name}: {path}" for path in _differing(expected[urn], found[urn], "")]
    return told


def in_cloud(cloud: Cloud) -> list[tuple[str, str]]:
    """What there is in the cloud, by type and URN."""
    return sorted((it.type, it.urn) for it in cloud)


def _differing(left: Any, right: Any, path: str) -> Iterator[str]:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for key in sorted(left.keys() | right.keys()):
            yield from _differing(left.get(key), right.get(key), f"{path}.{key}" if path else key)
    elif left != right:
        yield path


def _is_stack(resource: Mapping[str, Any]) -> bool:
    return type_of(resource["urn"]) == "pulumi:pulumi:Stack"


class _Named:
    """Texts with computed values as the names of what they come from."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        longest = sorted(names, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest))) if names else None

    def clean(self, tree: Any) -> Any:
        if is_secret(tree):
            return {"secret": self.clean(json.loads(tree.get("plaintext") or "null"))}
        if isinstance(tree, Mapping):
            return {key: self.clean(value) for key, value in tree.items() if key != "__defaults"}
        if isinstance(tree, list):
            return [self.clean(item) for item in tree]
        if isinstance(tree, str) and self._pattern is not None:
            return self._pattern.sub(lambda found: f"<{self._names[found.group()]}>", tree)
        return tree


def _named(resources: Resources) -> _Named:
    names: dict[str, str] = {}
    for each in sorted((it for it in resources if it.get("custom")), key=lambda it: it["urn"]):
        inputs = each.get("inputs") or {}
        # What the provider named by itself has another name when it is made again.
        chosen = {key: it for key, it in inputs.items() if key not in inputs.get("__defaults", [])}
        given = {text for _, text in _texts(chosen)}
        computed = [("id", str(each.get("id") or "")), *_texts(each.get("outputs"))]
        for path, text in computed:
            for form in _forms(text):
                if len(form) >= _SHORTEST and form not in given:
                    names.setdefault(form, f"{each['urn']}.{path}")
    return _Named(names)


def _forms(text: str) -> set[str]:
    """How a computed text may show elsewhere: as it is, or in base64 with some line ends behind it."""
    plain = {text, *(text.strip() + "\n" * count for count in range(4))}
    return plain | {base64.b64encode(it.encode()).decode() for it in plain}


def _texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if is_secret(tree):
        yield from _texts(json.loads(tree.get("plaintext") or "null"), path)
    elif isinstance(tree, Mapping):
        for key, inner in tree.items():
            yield from _texts(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list):
        for inner in tree:
            yield from _texts(inner, f"{path}[]")
    elif isinstance(tree, str):
        yield path, tree
