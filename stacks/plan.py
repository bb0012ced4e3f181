"""What follows from size, whatever the cloud: pure."""

import math
from dataclasses import dataclass

from components.sizing import Capacity, capacity
from stacks import sections


@dataclass(frozen=True, kw_only=True)
class NodeBounds:
    """How many nodes there may be in each zone."""

    minimum: int
    maximum: int


def node_bounds(nodes: sections.Nodes, capacity: Capacity, zones: int) -> NodeBounds:
    """At least the size's nodes spread over the zones; at most twice that, to roll and to grow."""
    minimum = nodes.min_per_zone
    if minimum is None:
        spread = math.ceil(capacity.node_count / zones)
        minimum = spread if nodes.max_per_zone is None else min(spread, nodes.max_per_zone)
    maximum = nodes.max_per_zone
    return NodeBounds(minimum=minimum, maximum=max(2 * minimum, 1) if maximum is None else maximum)


def capacity_of(size: str, sizing: sections.Sizing) -> Capacity:
    """The figures of `size`, with those of `sizing` in their place."""
    return capacity(size, sizing.model_dump(exclude_none=True))  # type: ignore[arg-type]
