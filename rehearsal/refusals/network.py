"""EC2 and VPC: what depends on more than one resource."""

import ipaddress
from collections.abc import Iterator, Mapping

from rehearsal.cloud import Remembered
from rehearsal.refusals.case import Case, Check, at, called, refusal, values

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
NAT = "aws:ec2/natGateway:NatGateway"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_PORTS = ("fromPort", "toPort")


def text_of(resource: Remembered | None, path: str) -> str | None:
    """The text that was asked for at a path of a resource."""
    return next((it for it in values(resource, path) if isinstance(it, str)), None)


def zones_of(case: Case, subnets: list[str]) -> set[str] | None:
    """The zones of subnets, or None where one is not this stack's."""
    return _all_of(case, subnets, "availabilityZone")


def vpcs_of(case: Case, subnets: list[str]) -> set[str] | None:
    """The VPCs of subnets, or None where one is not this stack's."""
    return _all_of(case, subnets, "vpcId")


def _all_of(case: Case, subnets: list[str], path: str) -> set[str] | None:
    found = {text_of(case.find("subnet", it), path) for it in subnets}
    return None if None in found else {it for it in found if it is not None}


def foreign_group(case: Case, path: str, vpcs: set[str] | None) -> str | None:
    """A security group among those that are named at a path which is in none of these VPCs."""
    for name in case.texts(path):
        group = case.cloud.find(GROUP, name)
        if group is not None and vpcs and text_of(group, "vpcId") not in vpcs:
            return name
    return None


def _subnet_range(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html."""
    cidr, vpc = _network(case.text("cidrBlock")), case.text("vpcId")
    if cidr is None or vpc is None or not case.changed("cidrBlock"):
        return None
    whole = _network(text_of(case.cloud.find(VPC, vpc), "cidrBlock"))
    if whole is not None and not cidr.subnet_of(whole):
        return refusal("InvalidSubnet.Range", f"cidrBlock {cidr} is not within its VPC's {whole}")
    for each in case.of(SUBNET):
        other = _network(text_of(each, "cidrBlock"))
        if other is not None and text_of(each, "vpcId") == vpc and cidr.overlaps(other):
            what = f"cidrBlock {cidr} overlaps {other} of {called(each)} in the same VPC"
            return refusal("InvalidSubnet.Conflict", what)
    return None


def _network(text: str | None) -> ipaddress.IPv4Network | None:
    try:
        return None if text is None else ipaddress.IPv4Network(text)
    except ValueError:
        return None


def _nat_gateway(case: Case) -> str | None:
    """A NAT gateway that fails is gone for good.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
    """
    if not case.making:
        return None
    private = case.text("connectivityType") == "private"
    address = case.text("allocationId")
    if private and address is not None:
        return refusal("InvalidParameter", "a private NAT gateway takes no allocationId")
    if not private and case.inputs.get("subnetId") and case.inputs.get("allocationId") is None:
        return refusal("MissingParameter", "a public NAT gateway needs an allocationId")
    for each in case.of(NAT):
        if address is not None and address == text_of(each, "allocationId"):
            what = f"the address {address} is associated with {called(each)}"
            return refusal("Resource.AlreadyAssociated", what)
    return None if private else _no_way_in(case)


def _no_way_in(case: Case) -> str | None:
    vpc = text_of(case.find("subnet", case.text("subnetId")), "vpcId")
    if vpc is None or case.cloud.find(VPC, vpc) is None:
        return None
    if any(text_of(it, "vpcId") == vpc for it in case.of(GATEWAY)):
        return None
    return refusal("Gateway.NotAttached", f"network {vpc} has no internet gateway attached")


def _route(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html."""
    vpc = text_of(case.find("route table", case.text("routeTableId")), "vpcId")
    gateway = case.find("internet gateway", case.text("gatewayId"))
    if gateway is not None and vpc is not None and text_of(gateway, "vpcId") != vpc:
        what = f"gatewayId {gateway.id} is not attached to the route table's network {vpc}"
        return refusal("InvalidParameterValue", what)
    return None


def _association(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html."""
    table = text_of(case.find("route table", case.text("routeTableId")), "vpcId")
    subnet = text_of(case.find("subnet", case.text("subnetId")), "vpcId")
    if table is None or subnet is None or table == subnet:
        return None
    what = f"the route table is in {table} and subnetId {case.text('subnetId')} in {subnet}"
    return refusal("InvalidParameterValue", f"{what}; both must be in one network")


def _endpoint(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html."""
    kind = case.text("vpcEndpointType") or "Gateway"
    for path, allowed in (
        ("routeTableIds", ("Gateway",)),
        ("subnetIds", ("Interface", "GatewayLoadBalancer", "Resource", "ServiceNetwork")),
        ("securityGroupIds", ("Interface", "Resource", "ServiceNetwork")),
    ):
        if case.inputs.get(path) and kind not in allowed:
            what = f"{path} is given for an endpoint of type {kind}; it is for {', '.join(allowed)}"
            return refusal("InvalidParameter", what)
    return _private_dns(case) or _second_endpoint(case, kind)


def _private_dns(case: Case) -> str | None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html."""
    vpc = case.cloud.find(VPC, case.text("vpcId") or "")
    if vpc is None or not case.is_on("privateDnsEnabled"):
        return None
    # DNS support is on unless it is turned off, DNS hostnames are off.
    if False not in at(vpc.inputs, "enableDnsSupport") and True in at(
        vpc.inputs, "enableDnsHostnames"
    ):
        return None
    what = "privateDnsEnabled needs enableDnsSupport and enableDnsHostnames of the VPC"
    return refusal("InvalidParameter", what)


def _second_endpoint(case: Case, kind: str) -> str | None:
    """A route table has one route to a service: API_CreateVpcEndpoint, `RouteAlreadyExists`."""
    mine = set(case.texts("routeTableIds[]"))
    for each in case.of(ENDPOINT):
        same = text_of(each, "serviceName") == case.text("serviceName")
        shared = mine & set(at(each.inputs, "routeTableIds[]"))
        if kind == "Gateway" and same and shared:
            what = f"{called(each)} has put a route for this service into {min(shared)} already"
            return refusal("RouteAlreadyExists", what)
    return None


def _rule_ports(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html."""
    protocol = (case.text("ipProtocol") or str(case.inputs.get("ipProtocol"))).lower()
    low, high = (case.number(it) for it in _PORTS)
    missing = [it for it in _PORTS if case.inputs.get(it) is None]
    if protocol in ("tcp", "udp", "6", "17", "icmp", "icmpv6", "1", "58") and missing:
        return refusal("InvalidParameterValue", f"{protocol} needs {' and '.join(missing)}")
    if protocol == "-1" and (low not in (None, -1) or high not in (None, -1)):
        return refusal("InvalidParameterValue", "ipProtocol -1 is all ports; give none")
    if protocol not in ("tcp", "udp", "6", "17") or low is None or high is None or 0 <= low <= high:
        return None
    what = f"fromPort is {low} and toPort {high}; allowed: 0 to 65535, the lower one first"
    return refusal("InvalidParameterValue", what)


def _rule_groups(case: Case) -> str | None:
    """A group's rule names groups of its own network, or of one peered with it.

    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    own = text_of(case.cloud.find(GROUP, case.text("securityGroupId") or ""), "vpcId")
    other = foreign_group(case, "referencedSecurityGroupId", None if own is None else {own})
    if other is None:
        return None
    what = f"referencedSecurityGroupId {other} is not in the network {own} of the group itself"
    return refusal("InvalidGroup.NotFound", what)


def _gateway_in_use(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html."""
    vpc = text_of(case.before, "vpcId")
    for each in case.of(NAT):
        public = text_of(each, "connectivityType") != "private"
        if (
            public
            and vpc
            and text_of(case.find("subnet", text_of(each, "subnetId")), "vpcId") == vpc
        ):
            what = f"network {vpc} has mapped public addresses, of {called(each)}"
            return refusal("DependencyViolation", what)
    return None


def _group_named_elsewhere(case: Case) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html."""
    mine = case.operation.id
    for each in (*case.of(INGRESS), *case.of(EGRESS)):
        named = text_of(each, "referencedSecurityGroupId") == mine
        if named and text_of(each, "securityGroupId") != mine:
            return refusal(
                "DependencyViolation", f"{mine} is named by {called(each)} of another group"
            )
    return None


def _database_in_subnet(case: Case) -> str | None:
    """A server's network interface is in a subnet of its group (API_DeleteSubnet)."""
    for each in _servers(case):
        return refusal("DependencyViolation", f"{case.operation.id} has {called(each)} in it")
    return None


def _servers(case: Case) -> Iterator[Remembered]:
    """Servers whose subnet group has this subnet."""
    for server, path, thing in (
        ("aws:rds/instance:Instance", "dbSubnetGroupName", "DB subnet group"),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            "subnetGroupName",
            "cache subnet group",
        ),
    ):
        for each in case.of(server):
            group = case.find(thing, text_of(each, path))
            if group is not None and case.operation.id in at(group.inputs, "subnetIds[]"):
                yield each


WRITES: Mapping[str, tuple[Check, ...]] = {
    SUBNET: (_subnet_range,),
    NAT: (_nat_gateway,),
    "aws:ec2/route:Route": (_route,),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (_association,),
    ENDPOINT: (_endpoint,),
    INGRESS: (_rule_ports, _rule_groups),
    EGRESS: (_rule_ports, _rule_groups),
}
DELETES: Mapping[str, tuple[Check, ...]] = {
    GATEWAY: (_gateway_in_use,),
    GROUP: (_group_named_elsewhere,),
    SUBNET: (_database_in_subnet,),
}
