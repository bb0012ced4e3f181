"""The figures of an environment on Azure that the stack file leaves open: pure.

Used to refuse what cannot be made, and then to make it.
"""

import ipaddress

from components.azure.instances import (
    CACHES,
    DATABASES,
    NODES,
    STEADY_DATABASES,
    storage_gib,
)
from components.azure.names import group_name, storage_account_name
from components.instances import smallest
from components.sizing import Capacity
from stacks import sections

# Those that AKS supports in November 2026:
# https://learn.microsoft.com/en-us/azure/aks/supported-kubernetes-versions
AKS_VERSIONS = ("1.33", "1.34", "1.35")
# Of Azure Managed Redis: https://learn.microsoft.com/en-us/azure/redis/overview
REDIS_VERSION = "7.4"
LARGEST_CACHE_GB = 24
_DNS_ADDRESS = 10


def vm_size(nodes: sections.Nodes, capacity: Capacity) -> str | None:
    """The one given, or the smallest size of this architecture that fits; None if none does."""
    if nodes.instance_types:
        return nodes.instance_types[0]
    found = smallest(
        NODES[nodes.architecture],
        vcpu=capacity.node_vcpu,
        memory_gib=capacity.node_memory_gib,
    )
    return None if found is None else found.name


def database_class(
    postgres: sections.ManagedPostgres, capacity: Capacity, *, redundant: bool
) -> str | None:
    """The size given, or the smallest that fits, with a standby where one is asked for; None if none."""
    if postgres.instance_class is not None:
        return postgres.instance_class
    found = smallest(
        STEADY_DATABASES if redundant else DATABASES,
        vcpu=capacity.postgres_vcpu,
        memory_gib=capacity.postgres_memory_gib,
    )
    return None if found is None else found.name


def database_storage(capacity: Capacity) -> int | None:
    """Azure's next size of storage, in GiB; None if there is none so large."""
    return storage_gib(capacity.postgres_storage_gib)


def cache_size(redis: sections.ManagedRedis, capacity: Capacity) -> str | None:
    """The size given, or the smallest that fits; None if none does."""
    if redis.node_type is not None:
        return redis.node_type
    found = smallest(CACHES, memory_gib=capacity.redis_memory_gib)
    return None if found is None else found.name


def dns_service_ip(service_cidr: str) -> str:
    """The address of the cluster's DNS: the tenth of the Services."""
    return str(ipaddress.IPv4Network(service_cidr)[_DNS_ADDRESS])


def resource_group(account: sections.AzureAccount, stack: str) -> str:
    """The name given, or one from the stack's."""
    return account.resource_group or group_name(stack)


def storage_account(
    blobs: sections.ManagedBlobs, account: sections.AzureAccount, stack: str, domain: str
) -> str:
    """The name given, or one from the domain's."""
    return blobs.account_name or storage_account_name(
        account.subscription_id, stack, domain, "blobs"
    )
