"""Classes of machines, and the smallest that is large enough: pure, the same on every cloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Architecture = Literal["amd64", "arm64"]


@dataclass(frozen=True, kw_only=True)
class InstanceClass:
    """A class and what it has; memory in GiB."""

    name: str
    vcpu: int
    memory_gib: float


def cheapest_first(*families: Iterable[InstanceClass]) -> tuple[InstanceClass, ...]:
    """All classes of these families, those with fewer vCPUs and then less memory first."""
    classes = [each for family in families for each in family]
    return tuple(sorted(classes, key=lambda each: (each.vcpu, each.memory_gib)))


def smallest(
    classes: Sequence[InstanceClass], *, vcpu: int = 1, memory_gib: int
) -> InstanceClass | None:
    """The first class with at least this much, or None if there is none so large."""
    enough = (it for it in classes if it.vcpu >= vcpu and it.memory_gib >= memory_gib)
    return next(enough, None)
