"""Annotations for the AWS Load Balancer Controller."""

from collections.abc import Callable

import pulumi
import pytest

from components.aws.load_balancer import (
    Annotations,
    Placement,
    refused_tags,
    tcp_annotations,
    udp_annotations,
)
from tests.graph.recording import record

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
_SUBNETS = ("subnet-a", "subnet-b")
_ADDRESSES = ("eipalloc-a", "eipalloc-b")
_PUBLIC = Placement(subnet_ids=_SUBNETS, allocation_ids=_ADDRESSES, tags={})
_INTERNAL = Placement(subnet_ids=_SUBNETS, internet_facing=False, tags={})


def _settled(make: Callable[[], Annotations]) -> dict[str, str]:
    """The annotations once their promises are kept, without what all of them begin with."""
    found: dict[str, str] = {}
    record(lambda: _keep(make(), found))
    return {key.removeprefix(_PREFIX): value for key, value in found.items()}


def _keep(annotations: Annotations, found: dict[str, str]) -> None:
    for key, value in annotations.items():
        pulumi.Output.from_input(value).apply(lambda text, key=key: found.update({key: text}))


def _tcp(placement: Placement) -> dict[str, str]:
    return _settled(
        lambda: tcp_annotations(placement, health_check_port=8080, health_check_path="/ping")
    )


def _udp(placement: Placement, port: int = 1885) -> dict[str, str]:
    return _settled(lambda: udp_annotations(placement, health_check_port=port))


def _attributes(value: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in value.split(","))


@pytest.mark.parametrize("annotations", [_tcp, _udp])
def test_pods_of_all_zones_are_the_targets(
    annotations: Callable[[Placement], dict[str, str]],
) -> None:
    found = annotations(_PUBLIC)
    assert found["nlb-target-type"] == "ip"
    assert _attributes(found["attributes"]) == {"load_balancing.cross_zone.enabled": "true"}
    assert (found["subnets"], found["eip-allocations"]) == (
        ",".join(_SUBNETS),
        ",".join(_ADDRESSES),
    )


def test_public_and_internal() -> None:
    assert _tcp(_PUBLIC)["scheme"] == "internet-facing"
    assert _tcp(_INTERNAL)["scheme"] == "internal"
    assert "eip-allocations" not in _tcp(_INTERNAL)


def test_clients_addresses_are_kept_where_that_breaks_no_call_from_within() -> None:
    def kept(placement: Placement) -> str:
        return _attributes(_tcp(placement)["target-group-attributes"])["preserve_client_ip.enabled"]

    assert (kept(_PUBLIC), kept(_INTERNAL)) == ("true", "false")


def test_traefik_s_health_is_asked_by_http() -> None:
    found = _tcp(_PUBLIC)
    asked = {key: value for key, value in found.items() if key.startswith("healthcheck-")}
    assert asked == {
        "healthcheck-protocol": "http",
        "healthcheck-port": "8080",
        "healthcheck-path": "/ping",
    }


def test_udp_stays_with_a_pod_and_leaves_it_at_once_when_it_goes() -> None:
    assert _attributes(_udp(_PUBLIC)["target-group-attributes"]) == {
        "stickiness.enabled": "true",
        "stickiness.type": "source_ip",
        "deregistration_delay.timeout_seconds": "0",
        "deregistration_delay.connection_termination.enabled": "true",
    }


def test_udp_health_is_asked_by_tcp_on_a_port_of_its_own() -> None:
    assert _udp(_PUBLIC)["healthcheck-protocol"] == "tcp"
    assert _udp(_PUBLIC)["healthcheck-port"] == "1885"
    assert _udp(_PUBLIC, port=9000)["healthcheck-port"] == "9000"
    assert "healthcheck-path" not in _udp(_PUBLIC)


@pytest.mark.parametrize(
    ("subnets", "addresses", "internet_facing", "complaint"),
    [
        ((), (), True, "a subnet at least"),
        (_SUBNETS, _ADDRESSES, False, "only an internet-facing"),
        (_SUBNETS, ("eipalloc-a",), True, "1 Elastic IP addresses for 2 subnets"),
    ],
)
def test_what_the_controller_would_refuse_is_refused_first(
    subnets: tuple[str, ...], addresses: tuple[str, ...], internet_facing: bool, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Placement(
            subnet_ids=subnets, allocation_ids=addresses, internet_facing=internet_facing, tags={}
        )


def test_addresses_may_be_left_to_aws() -> None:
    assert "eip-allocations" not in _tcp(Placement(subnet_ids=_SUBNETS, tags={}))


def test_tags_in_an_order_that_stays() -> None:
    tags = {"Stack": "a", "Environment": "staging"}
    for given in (tags, dict(reversed(tags.items()))):
        found = _tcp(Placement(subnet_ids=_SUBNETS, tags=given))
        assert found["additional-resource-tags"] == "Environment=staging,Stack=a"
    assert "additional-resource-tags" not in _tcp(_PUBLIC)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Team", "a,b"),
        ("Team", "a\\b"),
        ("Team", " a"),
        ("Team ", "a"),
        ("a=b", "a"),
        ("", "a"),
        ("k" * 129, "a"),
        ("Team", "v" * 257),
        ("aws:team", "a"),
        ("service.k8s.aws/stack", "a"),
    ],
)
def test_tags_that_cannot_be_set_are_refused_by_name(key: str, value: str) -> None:
    tags = {"Stack": "a", key: value}
    assert refused_tags(tags) == (key,)
    with pytest.raises(ValueError, match="cannot have these tags"):
        _tcp(Placement(subnet_ids=_SUBNETS, tags=tags))


@pytest.mark.parametrize("value", ["", "a=b", "a b", "jo@example.com", "https://example.com/+_-.x"])
def test_tags_that_aws_allows(value: str) -> None:
    assert refused_tags({"example.com/team": value}) == ()
