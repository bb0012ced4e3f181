"""The subnets of a VPC: none overlaps, and no zone moves another."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from components.aws.subnets import ZONE_LETTERS, plan_subnets

_ZONES = st.lists(
    st.sampled_from([f"eu-west-1{letter}" for letter in ZONE_LETTERS]), min_size=1, unique=True
)


@given(length=st.integers(16, 20), zones=_ZONES)
def test_subnets_lie_in_the_network_and_apart(length: int, zones: list[str]) -> None:
    cidr = f"10.16.0.0/{length}"
    plan = plan_subnets(cidr, zones)
    assert [it.zone for it in plan] == zones
    nets = [ipaddress.IPv4Network(net) for it in plan for net in (it.private, it.public, it.data)]
    assert all(net.subnet_of(ipaddress.IPv4Network(cidr)) for net in nets)
    assert not [(a, b) for a in nets for b in nets if a is not b and a.overlaps(b)]
    # AWS takes /28 at least, and a load balancer wants eight free addresses of the 16 less five.
    assert max(net.prefixlen for net in nets) <= 27


@given(zones=_ZONES)
def test_a_zone_has_the_same_subnets_whichever_others_there_are(zones: list[str]) -> None:
    every = {it.zone: it for it in plan_subnets("10.0.0.0/16", sorted(set(zones)))}
    for zone in zones:
        assert plan_subnets("10.0.0.0/16", [zone]) == (every[zone],)
