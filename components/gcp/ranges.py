"""How a network's addresses are shared out: pure."""

import ipaddress
from dataclasses import dataclass

LARGEST_PREFIX, SMALLEST_PREFIX = 12, 20
PODS_PER_NODE = 110
# GKE gives each node twice the addresses that its pods may use:
# https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr
_PREFIX_PER_NODE = 24


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """CIDRs: of pods, of nodes, and of what Google runs for the network (databases)."""

    pods: str
    nodes: str
    private_services: str


def plan_ranges(cidr: str) -> Ranges:
    """Half of the network for pods, a quarter for nodes, a quarter for private services."""
    half, rest = ipaddress.IPv4Network(cidr).subnets(prefixlen_diff=1)
    nodes, private_services = rest.subnets(prefixlen_diff=1)
    return Ranges(pods=str(half), nodes=str(nodes), private_services=str(private_services))


def most_nodes(cidr: str) -> int:
    """How many nodes find addresses for their pods in a network of this size."""
    return 2 ** (_PREFIX_PER_NODE - ipaddress.IPv4Network(plan_ranges(cidr).pods).prefixlen)
