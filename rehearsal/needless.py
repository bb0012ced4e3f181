"""What a stack says that a resource waits for, without giving it anything of it: does a cloud require that?

A recorded state is played back without an engine: all that the resource would still wait for is there, and
nothing else. A cloud that then refuses it would fail a rehearsal, were the dependency missing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2

from rehearsal.cloud import Cloud, Operation, Refused
from rehearsal.critical_path import given_by
from rehearsal.properties import is_secret, put
from rehearsal.refusals import CloudRules
from rehearsal.urns import type_of

Resource = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A resource, what it waits for in order alone by URN, and why a cloud refuses it otherwise."""

    urn: str
    waits_for: frozenset[str]
    refusal: str | None


def waits(resources: Iterable[Resource], given: frozenset[str]) -> Iterator[Wait]:
    """Every resource of a deployment that waits for something in order alone.

    `given`: what an operator brings, as the rules want it.
    """
    listed = [it for it in resources if it.get("custom")]
    by_urn = {it["urn"]: it for it in listed}
    for each in listed:
        data = given_by(each)
        order = frozenset(
            it for it in each.get("dependencies") or () if it not in data and it in by_urn
        )
        still = _ancestors(by_urn, data)
        if order - still and not type_of(each["urn"]).startswith("pulumi:"):
            before = [it for it in listed if it["urn"] in still]
            refused = _played([*before, each], given)
            yield Wait(urn=each["urn"], waits_for=order - still, refusal=refused)


def _ancestors(by_urn: Mapping[str, Resource], start: Iterable[str]) -> set[str]:
    found: set[str] = set()
    left = [it for it in start if it in by_urn]
    while left:
        urn = left.pop()
        if urn not in found:
            found.add(urn)
            needed = {*given_by(by_urn[urn]), *(by_urn[urn].get("dependencies") or ())}
            left += [it for it in needed if it in by_urn]
    return found


def _played(resources: Iterable[Resource], given: frozenset[str]) -> str | None:
    """Why the last of these cannot be made after the others."""
    cloud = Cloud(rules=CloudRules(given=given))
    refused: str | None = None
    for each in resources:
        token = type_of(each["urn"])
        if token.startswith("pulumi:"):
            continue
        properties = struct_pb2.Struct()
        put(properties, _plain(each.get("outputs") or {}))
        operation = Operation(
            kind="create",
            type=token,
            urn=each["urn"],
            id=str(each["id"]),
            inputs=_plain(each.get("inputs") or {}),
        )
        refused = None
        try:
            cloud.apply(operation, properties)
        except Refused as error:
            refused = str(error)
    return refused


def _plain(tree: Any) -> Any:
    if is_secret(tree):
        return json.loads(tree.get("plaintext") or "null")
    if isinstance(tree, Mapping):
        return {key: _plain(value) for key, value in tree.items()}
    return [_plain(it) for it in tree] if isinstance(tree, list) else tree
