"""How a VPC's addresses are shared out: pure, and the same whatever the order of the zones."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

ZONE_LETTERS = "abcdef"
LARGEST_PREFIX, SMALLEST_PREFIX = 16, 20
_PRIVATE_SHARE = 3
_SMALL_SHARE = 7


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The three subnets of a zone, as CIDRs."""

    zone: str
    private: str
    public: str
    data: str


def plan_subnets(cidr: str, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """A zone's subnets by its letter, so that adding or leaving out a zone moves no other.

    Each zone has an eighth for nodes and pods, which take an address each from the VPC
    (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html); what a public and a data
    subnet need is little: of the last quarter, one 128th of the whole each. In a /16 these are 8187
    and 507 usable addresses, in a /20 507 and 27. AWS keeps five of each subnet.
    """
    whole = ipaddress.IPv4Network(cidr)
    eighths = list(whole.subnets(prefixlen_diff=_PRIVATE_SHARE))
    small = list(whole.subnets(prefixlen_diff=_SMALL_SHARE))[-2 * len(eighths) :]
    return tuple(
        ZoneSubnets(
            zone=zone,
            private=str(eighths[slot]),
            public=str(small[slot]),
            data=str(small[len(eighths) + slot]),
        )
        for zone in zones
        for slot in [ZONE_LETTERS.index(zone[-1])]
    )
