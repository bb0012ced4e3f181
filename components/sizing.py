"""What small, medium and large mean: the capacity that an environment's parts should have.

The one figure that the product publishes is 4 vCPU and 16 GB for 100,000 devices at 12 confirmed
uplinks a day, on a single server (https://www.thethingsindustries.com/docs/enterprise/docker/).
`small` is that figure spread over two nodes with room for a rollout; `medium` and `large` double it
and double it again. PostgreSQL holds the registry of devices, not their traffic, and stays small;
Redis holds all device state in memory and grows with the devices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Figures per part; memory and storage in GiB."""

    node_count: int
    node_vcpu: int
    node_memory_gib: int
    postgres_vcpu: int
    postgres_memory_gib: int
    postgres_storage_gib: int
    redis_memory_gib: int


SIZES: Mapping[Literal["small", "medium", "large"], Capacity] = {
    "small": Capacity(
        node_count=2,
        node_vcpu=4,
        node_memory_gib=16,
        postgres_vcpu=2,
        postgres_memory_gib=4,
        postgres_storage_gib=20,
        redis_memory_gib=3,
    ),
    "medium": Capacity(
        node_count=3,
        node_vcpu=8,
        node_memory_gib=32,
        postgres_vcpu=2,
        postgres_memory_gib=8,
        postgres_storage_gib=50,
        redis_memory_gib=6,
    ),
    "large": Capacity(
        node_count=6,
        node_vcpu=8,
        node_memory_gib=32,
        postgres_vcpu=4,
        postgres_memory_gib=16,
        postgres_storage_gib=100,
        redis_memory_gib=12,
    ),
}


def capacity(size: Literal["small", "medium", "large"], overrides: Mapping[str, int]) -> Capacity:
    """A size's figures, single ones overridden by field name."""
    return replace(SIZES[size], **overrides)
