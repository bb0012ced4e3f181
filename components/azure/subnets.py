"""How a virtual network's addresses are shared out: pure, the same whatever the order of the zones."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ZONES = ("1", "2", "3")
LARGEST_PREFIX, SMALLEST_PREFIX = 16, 24
_SHARE = 3


@dataclass(frozen=True, kw_only=True)
class Subnets:
    """CIDRs: for nodes by zone, for PostgreSQL alone, and for private endpoints."""

    nodes: Mapping[str, str]
    postgres: str
    endpoints: str


def plan_subnets(cidr: str, zones: Sequence[str]) -> Subnets:
    """An eighth of the network for each; a zone's by its number, so that another zone moves none.

    Pods have addresses of an overlay and need none here
    (https://learn.microsoft.com/en-us/azure/aks/concepts-network-azure-cni-overlay), so an eighth is nodes:
    of a /24, 27. Azure keeps five addresses of each subnet.
    """
    eighths = [str(it) for it in ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=_SHARE)]
    return Subnets(
        nodes={zone: eighths[ZONES.index(zone)] for zone in zones},
        postgres=eighths[-2],
        endpoints=eighths[-1],
    )
