"""What tells the AWS Load Balancer Controller how to make a Network Load Balancer: annotations.

Written for chart 3.5.0. Every annotation, and what the controller refuses:
https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

# The class makes the controller take a Service; no other one then does.
LOAD_BALANCER_CLASS = "service.k8s.aws/nlb"
# A new pod of a namespace with this label is ready once its target is healthy, so that a rolling update
# does not outrun the load balancer:
# https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate/
READINESS_GATE_LABELS: Mapping[str, str] = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
_OWN_TAGS = ("elbv2.k8s.aws/cluster", "service.k8s.aws/stack", "service.k8s.aws/resource")
# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-tags.html
_TAG_KEY = re.compile(
    r"[\w .:/+@-]{1,128}"
)  # AWS allows "=" too, but the annotation ends a key there
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")

Annotations = dict[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a load balancer stands, and the tags of all that the controller makes for it.

    `subnet_ids`: one in each zone, public ones if it is `internet_facing`. `allocation_ids`: an Elastic
    IP address for each subnet in the same order, or none for addresses that AWS chooses;
    `private_addresses` are the same of an internal one. Raises ValueError where the controller would
    refuse it: Elastic IP addresses for an internal load balancer, private ones for another, or not one for
    each subnet.
    """

    subnet_ids: Sequence[pulumi.Input[str]]
    allocation_ids: Sequence[pulumi.Input[str]] = ()
    private_addresses: Sequence[str] = ()
    internet_facing: bool = True
    tags: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.subnet_ids:
            raise ValueError("a load balancer needs a subnet at least")
        if self.allocation_ids and not self.internet_facing:
            raise ValueError("only an internet-facing load balancer can have Elastic IP addresses")
        if self.private_addresses and self.internet_facing:
            raise ValueError("only an internal load balancer can have private addresses")
        given = self.allocation_ids or self.private_addresses
        if given and len(given) != len(self.subnet_ids):
            kind = "Elastic IP" if self.allocation_ids else "private IP"
            raise ValueError(
                f"{len(given)} {kind} addresses for {len(self.subnet_ids)} subnets:"
                " there must be one for each"
            )


def tcp_annotations(
    placement: Placement, *, health_check_port: int, health_check_path: str
) -> Annotations:
    """For a Service with TCP ports, whose pods tell their health by HTTP.

    Pods behind an internet-facing load balancer see the clients' addresses. Behind an internal one they
    see the load balancer's: a pod of the cluster would get no answer from a pod on its own node, because
    that answer would not pass the load balancer
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html).
    """
    return {
        **_common(placement),
        f"{_PREFIX}target-group-attributes": _attributes(
            {"preserve_client_ip.enabled": _flag(placement.internet_facing)}
        ),
        f"{_PREFIX}healthcheck-protocol": "http",
        f"{_PREFIX}healthcheck-port": str(health_check_port),
        f"{_PREFIX}healthcheck-path": health_check_path,
    }


def udp_annotations(placement: Placement, *, health_check_port: int = 1885) -> Annotations:
    """For a Service with UDP ports.

    A gateway stays with one pod, as the state of its connection is in that pod's memory. When the pod
    goes, its flows end at once: a gateway that keeps sending would otherwise be held to it. Health is
    asked by TCP, since UDP has no check of its own; 1885 is where the Gateway Server speaks HTTP. Pods
    see the clients' addresses, with UDP always
    (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html).
    """
    return {
        **_common(placement),
        f"{_PREFIX}target-group-attributes": _attributes(
            {
                "stickiness.enabled": "true",
                "stickiness.type": "source_ip",
                "deregistration_delay.timeout_seconds": "0",
                "deregistration_delay.connection_termination.enabled": "true",
            }
        ),
        f"{_PREFIX}healthcheck-protocol": "tcp",
        f"{_PREFIX}healthcheck-port": str(health_check_port),
    }


def refused_tags(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of tags that AWS or the controller refuses, or that an annotation cannot carry."""
    return tuple(key for key, value in tags.items() if not _is_tag(key, value))


def _is_tag(key: str, value: str) -> bool:
    return (
        _TAG_KEY.fullmatch(key) is not None
        and _TAG_VALUE.fullmatch(value) is not None
        and key == key.strip()
        and value == value.strip()
        and not key.lower().startswith("aws:")
        and key not in _OWN_TAGS
    )


def _common(placement: Placement) -> Annotations:
    found: Annotations = {
        f"{_PREFIX}scheme": "internet-facing" if placement.internet_facing else "internal",
        # The class alone would mean nodes as targets.
        f"{_PREFIX}nlb-target-type": "ip",
        f"{_PREFIX}subnets": _joined(placement.subnet_ids),
        # DNS names each zone's address for good, so each must reach the pods of all zones.
        f"{_PREFIX}attributes": _attributes({"load_balancing.cross_zone.enabled": "true"}),
    }
    if placement.allocation_ids:
        found[f"{_PREFIX}eip-allocations"] = _joined(placement.allocation_ids)
    if placement.private_addresses:
        found[f"{_PREFIX}private-ipv4-addresses"] = ",".join(placement.private_addresses)
    if placement.tags:
        found[f"{_PREFIX}additional-resource-tags"] = _tags(placement.tags)
    return found


def _tags(tags: Mapping[str, str]) -> str:
    refused = refused_tags(tags)
    if refused:
        raise ValueError(f"a load balancer cannot have these tags: {', '.join(refused)}")
    return _attributes(tags)


def _attributes(pairs: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(pairs.items()))


def _joined(ids: Sequence[pulumi.Input[str]]) -> pulumi.Output[str]:
    return pulumi.Output.all(*ids).apply(",".join)


def _flag(value: bool) -> str:
    return "true" if value else "false"
