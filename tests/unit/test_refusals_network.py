"""EC2 and VPC: each rule refuses what it is there for, and nothing else."""

from typing import Any

import pytest

from rehearsal.refusals import network
from tests.unit.refusals_deeds import Deed, Refusals, functions_of, is_refused
from tests.unit.refusals_landscape import Simulated, elsewhere, environment, subnet_ids, vpc_id

_TABLE = Refusals()


@_TABLE.refused(
    "_subnet_range", r"InvalidSubnet\.Range: cidrBlock 10\.9\.0\.0/24 .* 10\.0\.0\.0/16"
)
def _(it: Simulated) -> None:
    it.make("Subnet", "c", vpcId=vpc_id(it), cidrBlock="10.9.0.0/24")


@_TABLE.refused("_subnet_range", r"InvalidSubnet\.Conflict: .*10\.0\.1\.0/24 of Subnet 'b'")
def _(it: Simulated) -> None:
    it.make("Subnet", "c", vpcId=vpc_id(it), cidrBlock="10.0.1.128/25")


def _nat(it: Simulated, **inputs: Any) -> None:
    it.make("NatGateway", "second", subnetId=subnet_ids(it, "outside")[0], **inputs)


@_TABLE.refused(
    "_nat_gateway", r"Resource\.AlreadyAssociated: the address eipalloc-.* NatGateway 'nat'"
)
def _(it: Simulated) -> None:
    _nat(it, allocationId=it.get("Eip", "nat").id)


@_TABLE.refused("_nat_gateway", r"Gateway\.NotAttached: network vpc-.* no internet gateway")
def _(it: Simulated) -> None:
    _, subnet, _ = elsewhere(it)
    it.make("NatGateway", "c", subnetId=subnet, allocationId=it.make("Eip", "c", domain="vpc").id)


@_TABLE.refused("_nat_gateway", "a private NAT gateway takes no allocationId")
def _(it: Simulated) -> None:
    address = it.make("Eip", "c", domain="vpc").id
    _nat(it, connectivityType="private", allocationId=address)


@_TABLE.refused("_nat_gateway", "a public NAT gateway needs an allocationId")
def _(it: Simulated) -> None:
    _nat(it)


@_TABLE.refused(
    "_route", r"InvalidParameterValue: gatewayId igw-.* is not attached .* network vpc-"
)
def _(it: Simulated) -> None:
    vpc, _, _ = elsewhere(it)
    table = it.make("RouteTable", "other", vpcId=vpc).id
    gateway = it.get("InternetGateway", "internet").id
    it.make(
        "Route",
        "other",
        routeTableId=table,
        destinationCidrBlock="0.0.0.0/0",
        gatewayId=gateway,
    )


@_TABLE.refused("_association", "both must be in one network")
def _(it: Simulated) -> None:
    _, subnet, _ = elsewhere(it)
    table = it.get("RouteTable", "private").id
    it.make("RouteTableAssociation", "other", routeTableId=table, subnetId=subnet)


def _endpoint(it: Simulated, **inputs: Any) -> None:
    service = "com.amazonaws.eu-west-1.ecr.api"
    it.make("VpcEndpoint", "second", **{"vpcId": vpc_id(it), "serviceName": service, **inputs})


@_TABLE.refused(
    "_endpoint", "subnetIds is given for an endpoint of type Gateway; it is for Interface"
)
def _(it: Simulated) -> None:
    _endpoint(it, subnetIds=subnet_ids(it, "a"))


@_TABLE.refused("_endpoint", "privateDnsEnabled needs enableDnsSupport and enableDnsHostnames")
def _(it: Simulated) -> None:
    vpc, subnet, _ = elsewhere(it)
    _endpoint(
        it, vpcId=vpc, vpcEndpointType="Interface", subnetIds=[subnet], privateDnsEnabled=True
    )


@_TABLE.refused("_endpoint", r"RouteAlreadyExists: VpcEndpoint 's3' has put a route .* rtb-")
def _(it: Simulated) -> None:
    tables = [it.get("RouteTable", "private").id]
    _endpoint(it, serviceName="com.amazonaws.eu-west-1.s3", routeTableIds=tables)


def _rule(it: Simulated, **inputs: Any) -> None:
    group = it.get("SecurityGroup", "servers").id
    given = {"securityGroupId": group, "cidrIpv4": "10.0.0.0/16", **inputs}
    it.make("SecurityGroupIngressRule", "more", **given)


@_TABLE.refused("_rule_ports", "tcp needs toPort")
def _(it: Simulated) -> None:
    _rule(it, ipProtocol="tcp", fromPort=443)


@_TABLE.refused("_rule_ports", "ipProtocol -1 is all ports; give none")
def _(it: Simulated) -> None:
    _rule(it, ipProtocol="-1", fromPort=443, toPort=443)


@_TABLE.refused("_rule_ports", "fromPort is 444 and toPort 443")
def _(it: Simulated) -> None:
    _rule(it, ipProtocol="tcp", fromPort=444, toPort=443)


@_TABLE.refused(
    "_rule_groups", r"InvalidGroup\.NotFound: referencedSecurityGroupId sg-.* network vpc-"
)
def _(it: Simulated) -> None:
    _, _, group = elsewhere(it)
    _rule(it, ipProtocol="-1", cidrIpv4=None, referencedSecurityGroupId=group)


@_TABLE.refused(
    "_gateway_in_use", "DependencyViolation: network vpc-.* public addresses, of NatGateway 'nat'"
)
def _(it: Simulated) -> None:
    it.remove("InternetGateway", "internet")


@_TABLE.refused(
    "_group_named_elsewhere", "is named by SecurityGroupIngressRule 'in' of another group"
)
def _(it: Simulated) -> None:
    it.remove("SecurityGroup", "clients")


@_TABLE.refused("_database_in_subnet", "DependencyViolation: subnet-.* has Instance 'db' in it")
def _(it: Simulated) -> None:
    for kind, name in [("NodeGroup", "a"), ("Cluster", "sample")]:
        it.remove(kind, name)
    it.remove("Subnet", "a")


@pytest.mark.parametrize(("deed", "said"), _TABLE.parameters())
def test_it_is_refused_in_words(deed: Deed, said: str) -> None:
    is_refused(deed, said)


def test_every_rule_that_is_a_function_has_been_seen_to_refuse() -> None:
    assert _TABLE.rules == functions_of(network)


_ALLOWED: list[Deed] = [
    lambda it: it.make("Subnet", "c", vpcId=vpc_id(it), cidrBlock="10.0.3.0/24"),
    lambda it: _nat(it, connectivityType="private"),
    lambda it: _nat(it, allocationId=it.make("Eip", "c", domain="vpc").id),
    lambda it: _endpoint(
        it, vpcEndpointType="Interface", subnetIds=subnet_ids(it, "a"), privateDnsEnabled=True
    ),
    lambda it: _rule(it, ipProtocol="tcp", fromPort=443, toPort=443),
    lambda it: _rule(it, ipProtocol="udp", fromPort=0, toPort=65535),
]


@pytest.mark.parametrize("deed", _ALLOWED)
def test_it_is_allowed(deed: Deed) -> None:
    deed(environment())
