"""The figures of an environment on Google Cloud that the stack file leaves open: pure.

Used to refuse what cannot be made, and then to make it.
"""

import re
from collections.abc import Mapping

from components.gcp.instances import NODES, custom_tier, edition_of
from components.instances import smallest
from components.sizing import Capacity
from stacks import sections

# Of GKE, from the first with load balancers of a class on, in November 2026:
# https://cloud.google.com/kubernetes-engine/docs/release-schedule
GKE_VERSIONS = ("1.33", "1.34", "1.35", "1.36")
# Of Redis on Memorystore, from what the product needs on:
# https://cloud.google.com/memorystore/docs/redis/supported-versions
REDIS_VERSIONS = ("7.0", "7.2")
LEAST_MEMORY_FOR_READING = 5
LARGEST_REDIS_GIB = 300
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")


def machine_type(nodes: sections.Nodes, capacity: Capacity) -> str | None:
    """The one given, or the smallest type of this architecture that fits; None if none does."""
    if nodes.instance_types:
        return nodes.instance_types[0]
    found = smallest(
        NODES[nodes.architecture],
        vcpu=capacity.node_vcpu,
        memory_gib=capacity.node_memory_gib,
    )
    return None if found is None else found.name


def tier(postgres: sections.ManagedPostgres, capacity: Capacity) -> str | None:
    """The tier given, or the smallest that fits; None if none does."""
    if postgres.instance_class is not None:
        return postgres.instance_class
    return custom_tier(capacity.postgres_vcpu, capacity.postgres_memory_gib)


def edition(postgres: sections.ManagedPostgres, capacity: Capacity) -> str | None:
    """The edition of Cloud SQL that has the tier; None if none does."""
    chosen = tier(postgres, capacity)
    return None if chosen is None else edition_of(chosen)


def maximum_storage(postgres: sections.ManagedPostgres, capacity: Capacity) -> int:
    """How far storage may grow by itself, in GiB: five times what it starts with if not said."""
    return postgres.max_storage_gib or min(5 * capacity.postgres_storage_gib, 65536)


def replicas(redis: sections.ManagedRedis, *, redundant: bool) -> int:
    """One replica where things are redundant, else none, if not said."""
    if redis.replicas is not None:
        return redis.replicas
    return 1 if redundant else 0


def refused_labels(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of tags that Google Cloud takes for no labels.

    https://cloud.google.com/resource-manager/docs/labels-overview
    """
    return tuple(
        key
        for key, value in tags.items()
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value)
    )
