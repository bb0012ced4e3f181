"""Which ports the internet reaches."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.ports import PORTS
from policies.rule import Rule
from policies.sources import PORTS as PORT_TABLE
from policies.sources import PREREQUISITES
from policies.subject import Hidden, Subject, items, mapping

_NUMBERS = frozenset((it.transport, it.number) for it in PORTS)
_PLAIN = frozenset(
    (it.transport, it.number)
    for it in PORTS
    if not it.tls and not it.redirects and it.transport == "tcp"
)
_SERVICE = "kubernetes:core/v1:Service"
_MOST = 100
_Port = tuple[str, int]
_Span = tuple[str, int | None, int | None]


def is_anywhere(source: Any) -> bool:
    """Whether a source of traffic is the internet, or the better part of it."""
    text = str(source).lower()
    if text in ("*", "internet", "any"):
        return True
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen < 8 and not network.is_private


def _ports(subject: Subject) -> Iterator[str]:
    for port in _opened(subject):
        if port not in _NUMBERS:
            yield f"{port[0]} {port[1]} is open to the internet, and The Things Stack has no such port"
    if _opens_any(subject):
        yield "every port is open to the internet"


def _opened(subject: Subject) -> Iterator[_Port]:
    """Single ports that are open to the internet."""
    if subject.type == _SERVICE:
        yield from _balanced(subject)
        return
    for rule in _rules(subject):
        first, last = rule[1], rule[2]
        if first is not None and last is not None and last - first < _MOST:
            yield from ((rule[0], port) for port in range(first, last + 1))


def _opens_any(subject: Subject) -> bool:
    return any(
        first is None or last is None or last - first >= _MOST for _, first, last in _rules(subject)
    )


def _rules(subject: Subject) -> Iterator[_Span]:
    """Protocol, first and last port of what lets the internet in; None for all of them."""
    match subject.type:
        case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
            yield from _aws_rule(subject.inputs, "ipProtocol", ("cidrIpv4", "cidrIpv6"))
        case "aws:ec2/securityGroup:SecurityGroup":
            for it in map(mapping, items(subject.inputs.get("ingress"))):
                yield from _aws_rule(it, "protocol", ("cidrBlocks", "ipv6CidrBlocks"))
        case "aws:ec2/securityGroupRule:SecurityGroupRule" if subject.one("type") == "ingress":
            yield from _aws_rule(subject.inputs, "protocol", ("cidrBlocks", "ipv6CidrBlocks"))
        case "azure-native:network:SecurityRule":
            yield from _azure_rule(subject.inputs)
        case "azure-native:network:NetworkSecurityGroup":
            for it in map(mapping, items(subject.inputs.get("securityRules"))):
                yield from _azure_rule(it)
        case "gcp:compute/firewall:Firewall" if subject.one("direction") != "EGRESS":
            if any(map(is_anywhere, items(subject.one("sourceRanges")))):
                for it in map(mapping, items(subject.inputs.get("allows"))):
                    for span in items(it.get("ports")) or ["all"]:
                        yield _span(it.get("protocol"), span)
        case _:
            return


def _aws_rule(rule: Mapping[str, Any], protocol: str, sources: tuple[str, ...]) -> Iterator[_Span]:
    if any(is_anywhere(it) for name in sources for it in items(rule.get(name))):
        first, last = rule.get("fromPort"), rule.get("toPort")
        if Hidden in (type(first), type(last), type(rule.get(protocol))):
            return
        if rule.get(protocol) in ("-1", "all") or first is None or last is None:
            yield "all", None, None
        elif rule.get(protocol) in ("tcp", "udp"):
            yield str(rule[protocol]), int(first), int(last)


def _azure_rule(rule: Mapping[str, Any]) -> Iterator[_Span]:
    if rule.get("access") != "Allow" or rule.get("direction") != "Inbound":
        return
    names = ("sourceAddressPrefix", "sourceAddressPrefixes")
    if any(is_anywhere(it) for name in names for it in items(rule.get(name))):
        for name in ("destinationPortRange", "destinationPortRanges"):
            for span in items(rule.get(name)):
                yield _span(rule.get("protocol"), span)


def _span(protocol: Any, span: Any) -> _Span:
    first, _, last = str(span).partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        return "all", None, None
    return str(protocol).lower(), int(first), int(last or first)


def _balanced(subject: Subject) -> Iterator[_Port]:
    if subject.one("spec.type") != "LoadBalancer":
        return
    for it in map(mapping, items(subject.one("spec.ports"))):
        if not isinstance(it.get("port"), Hidden):
            yield str(it.get("protocol") or "TCP").lower(), int(it.get("port") or 0)


OPEN_PORTS = Rule(
    name="only-ports-of-the-product",
    says="The internet reaches no port that is not in the product's table of ports.",
    remedy="Take the ports from components/ports.py, or name the addresses that may come.",
    source=PORT_TABLE,
    resource=_ports,
)


def _plain_ports(stack: Sequence[Subject]) -> Iterator[tuple[Subject, str]]:
    if not any(it.protected for it in stack):
        return
    for subject in stack:
        for port in sorted(set(_opened(subject)) & _PLAIN):
            yield subject, f"{port[0]} {port[1]} has no TLS"


PLAIN_PORTS = Rule(
    name="no-plain-ports-in-production",
    says="Production exposes ports with TLS, and 80, which redirects; UDP 1700 if it is asked for.",
    remedy="Expose what components.ports.exposed gives for production.",
    source=PREREQUISITES,
    stack=_plain_ports,
)


RULES = (OPEN_PORTS, PLAIN_PORTS)
