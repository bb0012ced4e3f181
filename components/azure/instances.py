"""Which sizes of Azure give the capacity that is asked for: pure.

Figures (vCPU and GiB): https://learn.microsoft.com/en-us/azure/virtual-machines/sizes/overview,
https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-compute and
https://learn.microsoft.com/en-us/azure/redis/overview. Not every region offers every size; each can be given
in the stack file instead.
"""

import re
from typing import Literal

from components.instances import Architecture, InstanceClass, cheapest_first

Tier = Literal["Burstable", "GeneralPurpose", "MemoryOptimized"]
_VCPUS = (2, 4, 8, 16, 32, 48, 64)
_VM_SIZE = re.compile(r"Standard_[A-Z]+\d+(?:-\d+)?([a-z]*)(?:_[A-Za-z0-9]+)*")
_TIERS: dict[str, Tier] = {
    "Standard_B": "Burstable",
    "Standard_D": "GeneralPurpose",
    "Standard_E": "MemoryOptimized",
}
# https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-storage
STORAGE_GIB = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32767)


def _family(name: str, memory_per_vcpu: int) -> list[InstanceClass]:
    return [
        InstanceClass(name=name.format(vcpu), vcpu=vcpu, memory_gib=vcpu * memory_per_vcpu)
        for vcpu in _VCPUS
    ]


NODES: dict[Architecture, tuple[InstanceClass, ...]] = {
    "amd64": cheapest_first(
        _family("Standard_F{}s_v2", 2),
        _family("Standard_D{}s_v5", 4),
        _family("Standard_E{}s_v5", 8),
    ),
    "arm64": cheapest_first(
        _family("Standard_D{}pls_v5", 2),
        _family("Standard_D{}ps_v5", 4),
        _family("Standard_E{}ps_v5", 8),
    ),
}
# A burstable server has no standby: https://learn.microsoft.com/en-us/azure/reliability/reliability-postgresql-flexible-server
STEADY_DATABASES = cheapest_first(_family("Standard_D{}ds_v5", 4), _family("Standard_E{}ds_v5", 8))
DATABASES = cheapest_first(
    [InstanceClass(name="Standard_B2s", vcpu=2, memory_gib=4)], STEADY_DATABASES
)
# Without a cluster policy there is no more than 25 GB, and a fifth of each is kept for Azure itself.
CACHES = tuple(
    InstanceClass(name=f"Balanced_B{number}", vcpu=2, memory_gib=memory)
    for number, memory in ((0, 0.5), (1, 1), (3, 3), (5, 6), (10, 12), (20, 24))
)
UNCLUSTERED_CACHES = (
    *(it.name for it in CACHES),
    *("MemoryOptimized_M10", "MemoryOptimized_M20"),
    *("ComputeOptimized_X3", "ComputeOptimized_X5", "ComputeOptimized_X10", "ComputeOptimized_X20"),
)


def architecture_of(vm_size: str) -> Architecture | None:
    """The processor architecture that a VM size's name tells, or None if it is no such name.

    A `p` after the number of vCPUs stands for Arm
    (https://learn.microsoft.com/en-us/azure/virtual-machines/vm-naming-conventions).
    """
    match = _VM_SIZE.fullmatch(vm_size)
    if match is None:
        return None
    return "arm64" if "p" in match.group(1) else "amd64"


def tier_of(database_class: str) -> Tier | None:
    """The tier of a PostgreSQL server's size, or None if it is no such size."""
    if not _VM_SIZE.fullmatch(database_class):
        return None
    return _TIERS.get(database_class[: len("Standard_B")])


def storage_gib(wanted: int) -> int | None:
    """The smallest storage with at least so many GiB, or None if there is none so large."""
    return next((size for size in STORAGE_GIB if size >= wanted), None)
