"""How long until a stack is ready on a real cloud, and the chain of resources that takes as long."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rehearsal.urns import name_of, type_of

_TABLE = Path(__file__).parent / "rules" / "latencies.yaml"
_API_VERSION = re.compile(r"^(azure-native:\w+)/v\w+:")
# Most things are there as soon as the cloud has answered.
_QUICK = 2.0


@dataclass(frozen=True, kw_only=True)
class Link:
    """A resource of the chain, the seconds it takes, and why it waits for the one before it.

    `data`: it is given an output of the one before. False means that the program only says so.
    """

    urn: str
    seconds: float
    data: bool

    @property
    def type(self) -> str:
        """Its type."""
        return type_of(self.urn)

    def __str__(self) -> str:
        return f"{name_of(self.urn)} ({self.type.rpartition(':')[2]})"


@dataclass(frozen=True, kw_only=True)
class CriticalPath:
    """The longest chain, first link first."""

    links: Sequence[Link]

    @property
    def seconds(self) -> float:
        """The time until all of the stack is there."""
        return sum(link.seconds for link in self.links)

    @property
    def ordered(self) -> list[tuple[Link, Link]]:
        """The pairs of which the second waits for the first only because the program says so."""
        pairs = zip(self.links, self.links[1:], strict=False)
        return [(first, second) for first, second in pairs if not second.data]


def seconds_of(token: str) -> float:
    """How long a resource of this type usually takes to be made."""
    return _table().get(_API_VERSION.sub(r"\1:", token), _QUICK)


def critical_path(resources: Iterable[Mapping[str, Any]]) -> CriticalPath:
    """Of a deployment, in which a resource stands after those that it depends on."""
    best: dict[str, tuple[Link, ...]] = {}
    for each in resources:
        if not each.get("custom"):
            continue
        data = given_by(each)
        waits = {it for it in (*data, *(each.get("dependencies") or ())) if it in best}
        before = max(waits, key=lambda urn: _total(best[urn]), default=None)
        token = type_of(each["urn"])
        took = 0.0 if token.startswith("pulumi:") else seconds_of(token)
        link = Link(urn=each["urn"], seconds=took, data=before is None or before in data)
        best[each["urn"]] = (*(best[before] if before else ()), link)
    return CriticalPath(links=max(best.values(), key=_total, default=()))


@cache
def _table() -> Mapping[str, float]:
    found: Mapping[str, float] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return found


def given_by(resource: Mapping[str, Any]) -> set[str]:
    """What a resource is given an output of, its provider among it."""
    given = (resource.get("propertyDependencies") or {}).values()
    provider = str(resource.get("provider") or "").rpartition("::")[0]
    return {provider, *(urn for urns in given for urn in urns or ())}


def _total(links: Sequence[Link]) -> float:
    return sum(link.seconds for link in links)
