"""Which machine types and tiers give the capacity that is asked for: pure.

Figures: https://cloud.google.com/compute/docs/general-purpose-machines for machine types, and
https://cloud.google.com/sql/docs/postgres/machine-series-overview for what a Cloud SQL tier may have. Not
every region offers every type; each can be given in the stack file instead.
"""

import math
import re
from collections.abc import Iterable

from components.instances import Architecture, InstanceClass, cheapest_first

_MACHINE_TYPE = re.compile(r"([a-z]\d+[a-z]*)-[a-z0-9]+(-[a-z0-9]+)*")
_ARM_FAMILIES = frozenset({"t2a", "c4a", "n4a", "a4x"})
# These take no disks but Hyperdisk: https://cloud.google.com/compute/docs/disks/hyperdisks
_HYPERDISK_ONLY = re.compile(r"(c4|n4|h4|x4|m4|a4)[a-z]*-")
_SHARED_CORE = ("db-f1-micro", "db-g1-small")
_CUSTOM = re.compile(r"db-custom-(\d+)-(\d+)")
_ENTERPRISE_PLUS = re.compile(r"db-(perf-optimized-N|c4a-highmem)-\d+")
_LARGEST_TIER_VCPU = 96
_MIB = 1024
_LEAST_TIER_MIB = 3840
# Between these, in GiB for each vCPU.
_MOST_PER_VCPU, _LEAST_PER_VCPU = 6.5, 0.9


def _family(family: str, memory_per_vcpu: int, sizes: Iterable[int]) -> list[InstanceClass]:
    return [
        InstanceClass(name=f"{family}-{vcpu}", vcpu=vcpu, memory_gib=vcpu * memory_per_vcpu)
        for vcpu in sizes
    ]


NODES: dict[Architecture, tuple[InstanceClass, ...]] = {
    "amd64": cheapest_first(
        _family("e2-highcpu", 1, (2, 4, 8, 16, 32)),
        _family("e2-standard", 4, (2, 4, 8, 16, 32)),
        _family("e2-highmem", 8, (2, 4, 8, 16)),
        _family("n2-standard", 4, (48, 64, 80, 96, 128)),
        _family("n2-highmem", 8, (32, 48, 64, 80, 96)),
    ),
    "arm64": cheapest_first(
        _family("t2a-standard", 4, (2, 4, 8, 16, 32, 48)),
        _family("c4a-highmem", 8, (2, 4, 8, 16, 32, 48, 64, 72)),
    ),
}


def architecture_of(machine_type: str) -> Architecture | None:
    """The processor architecture of a machine type, or None if it is no name of one."""
    match = _MACHINE_TYPE.fullmatch(machine_type)
    if match is None:
        return None
    return "arm64" if match.group(1) in _ARM_FAMILIES else "amd64"


def disk_type(machine_type: str) -> str:
    """The balanced kind of disk that machines of this type boot from."""
    return "hyperdisk-balanced" if _HYPERDISK_ONLY.match(machine_type) else "pd-balanced"


def custom_tier(vcpu: int, memory_gib: int) -> str | None:
    """The smallest custom tier of Cloud SQL with at least this much; None if there is none so large.

    One vCPU or an even number of them, 0.9 to 6.5 GiB for each and 3.75 at least.
    """
    wanted = max(vcpu, math.ceil(memory_gib / _MOST_PER_VCPU))
    cpus = wanted if wanted == 1 else wanted + wanted % 2
    if cpus > _LARGEST_TIER_VCPU:
        return None
    floor = math.ceil(cpus * _LEAST_PER_VCPU * 4) * 256
    memory = max(memory_gib * _MIB, floor, _LEAST_TIER_MIB)
    return f"db-custom-{cpus}-{memory}"


def edition_of(tier: str) -> str | None:
    """The edition of Cloud SQL that has a tier, or None if none does."""
    if _ENTERPRISE_PLUS.fullmatch(tier):
        return "ENTERPRISE_PLUS"
    custom = _CUSTOM.fullmatch(tier)
    if tier in _SHARED_CORE or (custom and _is_sound(int(custom[1]), int(custom[2]))):
        return "ENTERPRISE"
    return None


def _is_sound(vcpu: int, memory_mib: int) -> bool:
    per_vcpu = memory_mib / _MIB / max(vcpu, 1)
    return (
        (vcpu == 1 or (vcpu % 2 == 0 and 0 < vcpu <= _LARGEST_TIER_VCPU))
        and memory_mib % 256 == 0
        and memory_mib >= _LEAST_TIER_MIB
        and _LEAST_PER_VCPU <= per_vcpu <= _MOST_PER_VCPU
    )
