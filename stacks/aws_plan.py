"""The figures of an environment on AWS that the stack file leaves open: pure.

Used to refuse what cannot be made, and then to make it.
"""

from collections.abc import Sequence

from components.aws.instances import CACHES, DATABASES, NODES
from components.instances import smallest
from components.sizing import Capacity
from stacks import sections

# Of Amazon EKS, those in standard or extended support in November 2026:
# https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
EKS_VERSIONS = ("1.32", "1.33", "1.34", "1.35", "1.36")
# Of Redis OSS on ElastiCache, from what the product needs on:
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html
REDIS_VERSIONS = ("6.2", "7.0", "7.1")


def instance_types(nodes: sections.Nodes, capacity: Capacity) -> Sequence[str]:
    """Those given, or the smallest type of this architecture that fits; empty if none does."""
    if nodes.instance_types:
        return nodes.instance_types
    found = smallest(
        NODES[nodes.architecture],
        vcpu=capacity.node_vcpu,
        memory_gib=capacity.node_memory_gib,
    )
    return () if found is None else (found.name,)


def database_class(postgres: sections.ManagedPostgres, capacity: Capacity) -> str | None:
    """The class given, or the smallest that fits; None if none does."""
    if postgres.instance_class is not None:
        return postgres.instance_class
    found = smallest(
        DATABASES, vcpu=capacity.postgres_vcpu, memory_gib=capacity.postgres_memory_gib
    )
    return None if found is None else found.name


def cache_type(redis: sections.ManagedRedis, capacity: Capacity) -> str | None:
    """The type given, or the smallest that fits; None if none does."""
    if redis.node_type is not None:
        return redis.node_type
    found = smallest(CACHES, memory_gib=capacity.redis_memory_gib)
    return None if found is None else found.name


def maximum_storage(postgres: sections.ManagedPostgres, capacity: Capacity) -> int:
    """How far storage may grow by itself, in GiB: five times what it starts with if not said."""
    return postgres.max_storage_gib or min(5 * capacity.postgres_storage_gib, 65536)


def replicas(redis: sections.ManagedRedis, *, redundant: bool) -> int:
    """One replica where things are redundant, else none, if not said."""
    if redis.replicas is not None:
        return redis.replicas
    return 1 if redundant else 0


def engine_version(postgres: sections.ManagedPostgres) -> str:
    """The major version alone lets AWS choose the minor one when it makes the server."""
    if postgres.minor_version is None:
        return str(postgres.major_version)
    return f"{postgres.major_version}.{postgres.minor_version}"
