"""All policies."""

from policies import (
    access,
    buckets,
    durability,
    encryption,
    exposure,
    ports,
    product,
    workloads,
)
from policies.rule import Rule

RULES: tuple[Rule, ...] = (
    *encryption.RULES,
    *durability.RULES,
    *exposure.RULES,
    *ports.RULES,
    *buckets.RULES,
    *access.RULES,
    *workloads.RULES,
    *product.RULES,
)
