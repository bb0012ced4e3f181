"""Which instance classes give the capacity that is asked for: pure.

Figures (vCPU and GiB): https://aws.amazon.com/ec2/instance-types/,
https://aws.amazon.com/rds/instance-types/ and, for ElastiCache, the parameter `maxmemory` by node type in
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html. Not every region
offers every class; each can be given in the stack file instead.
"""

import re

from components.instances import Architecture, InstanceClass, cheapest_first

_SIZES = {
    "large": 2,
    "xlarge": 4,
    "2xlarge": 8,
    "4xlarge": 16,
    "8xlarge": 32,
    "12xlarge": 48,
    "16xlarge": 64,
}
_INSTANCE_TYPE = re.compile(r"([a-z]+)(\d+)([a-z0-9-]*)\.[a-z0-9-]+")


def _family(family: str, memory_per_vcpu: int) -> list[InstanceClass]:
    return [
        InstanceClass(name=f"{family}.{size}", vcpu=vcpu, memory_gib=vcpu * memory_per_vcpu)
        for size, vcpu in _SIZES.items()
    ]


NODES: dict[Architecture, tuple[InstanceClass, ...]] = {
    "amd64": cheapest_first(_family("c7i", 2), _family("m7i", 4), _family("r7i", 8)),
    "arm64": cheapest_first(_family("c7g", 2), _family("m7g", 4), _family("r7g", 8)),
}
DATABASES = cheapest_first(
    [InstanceClass(name="db.t4g.medium", vcpu=2, memory_gib=4)],
    _family("db.m7g", 4),
    _family("db.r7g", 8),
)
CACHES = tuple(
    InstanceClass(name=f"cache.{name}", vcpu=vcpu, memory_gib=memory)
    for name, vcpu, memory in (
        ("t4g.small", 2, 1.37),
        ("t4g.medium", 2, 3.09),
        ("m7g.large", 2, 6.38),
        ("m7g.xlarge", 4, 12.93),
        ("r7g.xlarge", 4, 26.32),
        ("r7g.2xlarge", 8, 52.82),
        ("r7g.4xlarge", 16, 105.81),
        ("r7g.8xlarge", 32, 209.55),
        ("r7g.12xlarge", 48, 317.77),
        ("r7g.16xlarge", 64, 419.09),
    )
)


def architecture_of(instance_type: str) -> Architecture | None:
    """The processor architecture that an EC2 instance type's name tells, or None if it is no name.

    A `g` after the generation stands for Graviton, and the family a1 has nothing else
    (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
    """
    match = _INSTANCE_TYPE.fullmatch(instance_type)
    if match is None:
        return None
    family, generation, attributes = match.groups()
    graviton = "g" in attributes.partition("-")[0] or (family, generation) == ("a", "1")
    return "arm64" if graviton else "amd64"
