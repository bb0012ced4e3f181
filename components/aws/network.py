"""A VPC of its own over the zones of a stack, or the one that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws.subnets import ZoneSubnets, plan_subnets
from components.protection import Protection

Promised = pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class NetworkPlace:
    """Where things can be placed. `private` and `public` are in the order of the zones.

    `egress` are the addresses from which the cluster reaches the internet; of a network that was
    there before, they are not known. `routes`: what must be there before nodes start and until they
    are gone: without a way to AWS's APIs no node joins, and no load balancer is ever taken down.
    """

    vpc_id: Promised
    private: tuple[Promised, ...]
    public: tuple[Promised, ...]
    data: tuple[Promised, ...]
    egress: tuple[Promised, ...] = ()
    routes: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`cidr`: /16 to /20. `zones`: two to six, by their names.

    `nat_per_zone`: a NAT gateway in each zone, so that losing one zone cuts off no other; else one.
    """

    name: str
    region: str
    cidr: str
    zones: Sequence[str]
    nat_per_zone: bool
    protection: Protection


class Network(pulumi.ComponentResource):
    """Per zone a public subnet (load balancers), a private one (nodes) and one for data.

    Nodes reach the internet by NAT gateways and S3 by a gateway endpoint; the data subnets reach
    nothing but the VPC. The VPC's default security group is emptied: AWS lets all its members talk.
    """

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:aws:Network", name, None, opts)
        self._args = args
        self._mine = pulumi.ResourceOptions(parent=self)
        # Data that is kept needs the network it is in.
        self._kept = args.protection.data(self)
        self._routes: list[pulumi.Resource] = []
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": args.name},
            opts=self._kept,
        )
        self._vpc_id: Promised = vpc.id
        aws.ec2.DefaultSecurityGroup(
            name, vpc_id=vpc.id, tags={"Name": f"{args.name}-default-empty"}, opts=self._mine
        )
        plan = plan_subnets(args.cidr, args.zones)
        public = {it.zone: self._subnet(it.zone, "public", it.public) for it in plan}
        private = {it.zone: self._subnet(it.zone, "private", it.private) for it in plan}
        data = {it.zone: self._subnet(it.zone, "data", it.data) for it in plan}
        public_table = self._way_in(public)
        addresses = {it.zone: self._address(it.zone) for it in self._nat_zones(plan)}
        tables = self._ways_out(addresses, public, private, public_table)
        self._data_table(data)
        self._s3_endpoint(tables)
        self.place = NetworkPlace(
            vpc_id=vpc.id,
            private=tuple(it.id for it in private.values()),
            public=tuple(it.id for it in public.values()),
            data=tuple(it.id for it in data.values()),
            egress=tuple(it.public_ip for it in addresses.values()),
            routes=tuple(self._routes),
        )
        self.register_outputs({"vpcId": vpc.id})

    def _nat_zones(self, plan: Sequence[ZoneSubnets]) -> Sequence[ZoneSubnets]:
        return plan if self._args.nat_per_zone else plan[:1]

    def _named(self, what: str) -> Mapping[str, str]:
        return {"Name": f"{self._args.name}-{what}"}

    def _subnet(self, zone: str, kind: str, cidr: str) -> aws.ec2.Subnet:
        # Where load balancers go that name no subnets themselves:
        # https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html
        role = {
            "public": {"kubernetes.io/role/elb": "1"},
            "private": {"kubernetes.io/role/internal-elb": "1"},
        }
        return aws.ec2.Subnet(
            f"{kind}-{zone}",
            vpc_id=self._vpc_id,
            availability_zone=zone,
            cidr_block=cidr,
            map_public_ip_on_launch=False,
            tags={**self._named(f"{kind}-{zone}"), **role.get(kind, {})},
            opts=self._kept,
        )

    def _address(self, zone: str) -> aws.ec2.Eip:
        """Others may have this address in an allow-list, so it is kept like data."""
        return aws.ec2.Eip(
            f"egress-{zone}", domain="vpc", tags=self._named(f"egress-{zone}"), opts=self._kept
        )

    def _table(self, what: str, subnets: Mapping[str, aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            what, vpc_id=self._vpc_id, tags=self._named(what), opts=self._mine
        )
        self._routes += [
            aws.ec2.RouteTableAssociation(
                what if what.endswith(zone) else f"{what}-{zone}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=self._mine,
            )
            for zone, subnet in subnets.items()
        ]
        return table

    def _way_in(self, public: Mapping[str, aws.ec2.Subnet]) -> aws.ec2.Route:
        gateway = aws.ec2.InternetGateway(
            "internet", vpc_id=self._vpc_id, tags=self._named("internet"), opts=self._mine
        )
        table = self._table("public", public)
        route = aws.ec2.Route(
            "public",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=self._mine,
        )
        self._routes.append(route)
        return route

    def _ways_out(
        self,
        addresses: Mapping[str, aws.ec2.Eip],
        public: Mapping[str, aws.ec2.Subnet],
        private: Mapping[str, aws.ec2.Subnet],
        way_in: aws.ec2.Route,
    ) -> list[aws.ec2.RouteTable]:
        # A NAT gateway fails for good where its subnet does not reach the internet yet.
        after = pulumi.ResourceOptions(parent=self, depends_on=[way_in])
        gateways = {
            zone: aws.ec2.NatGateway(
                f"nat-{zone}",
                allocation_id=address.allocation_id,
                subnet_id=public[zone].id,
                tags=self._named(f"nat-{zone}"),
                opts=after,
            )
            for zone, address in addresses.items()
        }
        shared = next(iter(gateways.values()))
        tables = []
        for zone, subnet in private.items():
            table = self._table(f"private-{zone}", {zone: subnet})
            route = aws.ec2.Route(
                f"private-{zone}",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateways.get(zone, shared).id,
                opts=self._mine,
            )
            self._routes.append(route)
            tables.append(table)
        return tables

    def _data_table(self, data: Mapping[str, aws.ec2.Subnet]) -> None:
        """A table without routes: in AWS's main table anybody could add one to the internet."""
        self._table("data", data)

    def _s3_endpoint(self, tables: Sequence[aws.ec2.RouteTable]) -> None:
        """S3 without a NAT gateway's charge; it costs nothing.

        https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
        """
        aws.ec2.VpcEndpoint(
            "s3",
            vpc_id=self._vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags=self._named("s3"),
            opts=self._mine,
        )
