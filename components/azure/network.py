"""A virtual network of its own over the zones of a stack, or the one that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure.addresses import AddressesArgs, public_address
from components.azure.resource_group import GroupPlace
from components.azure.subnets import Subnets, plan_subnets
from components.protection import Protection

Promised = pulumi.Output[str]
_POSTGRES_PORT = 5432
_POOLER_PORT = 6432
_REDIS_PORT = 10000


@dataclass(frozen=True, kw_only=True)
class NetworkPlace:
    """Where things can be placed; all are resource IDs. `nodes` are in the order of the zones.

    `postgres`: the subnet delegated to PostgreSQL, `endpoints`: that of private endpoints; None where a
    network that was there before has none. `egress`: the addresses from which the cluster reaches the
    internet, and `routes`: what must be there before nodes start; both unknown of a network that was there.
    """

    vnet_id: Promised
    nodes: tuple[Promised, ...]
    postgres: Promised | None
    endpoints: Promised | None
    egress: tuple[Promised, ...] = ()
    routes: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`cidr`: /16 to /24. `zones`: one to three, by their numbers.

    `nat_per_zone`: a NAT gateway in each zone, so that losing one zone cuts off no other; else one.
    """

    name: str
    group: GroupPlace
    cidr: str
    zones: Sequence[str]
    nat_per_zone: bool
    protection: Protection


class Network(pulumi.ComponentResource):
    """Per zone a subnet for nodes, one delegated to PostgreSQL, one for private endpoints.

    A NAT gateway is the only way out and is there before any node. PostgreSQL and the endpoints let in the
    nodes, at their ports, and nobody else; they have no way out of their own.
    """

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:azure:Network", name, None, opts)
        self._args = args
        # Data that is kept needs the network it is in.
        self._kept = args.protection.data(self)
        self._vnet = azure.network.VirtualNetwork(
            name,
            virtual_network_name=args.name,
            resource_group_name=args.group.name,
            location=args.group.location,
            address_space=azure.network.AddressSpaceArgs(address_prefixes=[args.cidr]),
            tags=dict(args.group.tags),
            opts=self._kept,
        )
        # Azure changes one subnet of a network at a time, so each waits for the one before.
        self._last: list[pulumi.Resource] = []
        plan = plan_subnets(args.cidr, args.zones)
        gateways = self._ways_out(args.zones if args.nat_per_zone else args.zones[:1])
        shared = next(iter(gateways.values()))
        postgres = self._postgres(plan)
        endpoints = self._endpoints(plan)
        nodes = [
            self._subnet(f"nodes-{zone}", cidr, nat_gateway=_ref(gateways.get(zone, shared).id))
            for zone, cidr in plan.nodes.items()
        ]
        self.place = NetworkPlace(
            vnet_id=self._vnet.id,
            nodes=tuple(it.id for it in nodes),
            postgres=postgres.id,
            endpoints=endpoints.id,
            egress=tuple(self._egress),
            routes=tuple(nodes),
        )
        self.register_outputs({"vnetId": self._vnet.id})

    def _ways_out(self, zones: Sequence[str]) -> Mapping[str, azure.network.NatGateway]:
        self._egress: list[Promised] = []
        return {zone: self._nat(zone) for zone in zones}

    def _nat(self, zone: str) -> azure.network.NatGateway:
        args = self._args
        address = public_address(
            self,
            f"egress-{zone}",
            AddressesArgs(
                name=args.name, group=args.group, zones=(zone,), protection=args.protection
            ),
        )
        self._egress.append(address.ip_address.apply(lambda it: it or ""))
        return azure.network.NatGateway(
            f"nat-{zone}",
            nat_gateway_name=f"{args.name}-nat-{zone}",
            resource_group_name=args.group.name,
            location=args.group.location,
            sku=azure.network.NatGatewaySkuArgs(name="Standard"),
            zones=[zone],
            idle_timeout_in_minutes=10,
            public_ip_addresses=[_ref(address.id)],
            tags=dict(args.group.tags),
            # The subnets of nodes refer to it, and these are kept with what is in them.
            opts=self._kept,
        )

    def _postgres(self, plan: Subnets) -> azure.network.Subnet:
        own = [plan.postgres]
        return self._subnet(
            "postgres",
            plan.postgres,
            delegations=[
                azure.network.DelegationArgs(
                    name="postgres", service_name="Microsoft.DBforPostgreSQL/flexibleServers"
                )
            ],
            network_security_group=self._only_from(
                "postgres",
                [
                    _allow("nodes", 100, [*plan.nodes.values()], own, [_POSTGRES_PORT]),
                    # Between the server and its standby:
                    # https://learn.microsoft.com/en-us/azure/postgresql/flexible-server/concepts-networking-private
                    _allow("standby", 110, own, own, [_POSTGRES_PORT, _POOLER_PORT]),
                ],
            ),
        )

    def _endpoints(self, plan: Subnets) -> azure.network.Subnet:
        nodes = [*plan.nodes.values()]
        return self._subnet(
            "endpoints",
            plan.endpoints,
            # Without it a network security group does not apply to private endpoints.
            private_endpoint_network_policies="NetworkSecurityGroupEnabled",
            network_security_group=self._only_from(
                "endpoints", [_allow("nodes", 100, nodes, [plan.endpoints], [_REDIS_PORT])]
            ),
        )

    def _only_from(
        self, what: str, rules: Sequence[azure.network.SecurityRuleArgs]
    ) -> azure.network.NetworkSecurityGroupArgs:
        made = azure.network.NetworkSecurityGroup(
            what,
            network_security_group_name=f"{self._args.name}-{what}",
            resource_group_name=self._args.group.name,
            location=self._args.group.location,
            security_rules=[*rules, _DENY],
            tags=dict(self._args.group.tags),
            opts=self._kept,
        )
        return azure.network.NetworkSecurityGroupArgs(id=made.id)

    def _subnet(
        self,
        what: str,
        cidr: str,
        *,
        nat_gateway: azure.network.SubResourceArgs | None = None,
        network_security_group: azure.network.NetworkSecurityGroupArgs | None = None,
        delegations: Sequence[azure.network.DelegationArgs] | None = None,
        private_endpoint_network_policies: str | None = None,
    ) -> azure.network.Subnet:
        made = azure.network.Subnet(
            what,
            subnet_name=what,
            resource_group_name=self._args.group.name,
            virtual_network_name=self._vnet.name,
            address_prefix=cidr,
            # Azure would give each subnet a way out that nobody can see or name.
            default_outbound_access=False,
            nat_gateway=nat_gateway,
            network_security_group=network_security_group,
            delegations=delegations,
            private_endpoint_network_policies=private_endpoint_network_policies,
            opts=pulumi.ResourceOptions.merge(
                self._kept, pulumi.ResourceOptions(depends_on=list(self._last))
            ),
        )
        self._last = [made]
        return made


def _ref(resource_id: Promised) -> azure.network.SubResourceArgs:
    return azure.network.SubResourceArgs(id=resource_id)


def _allow(
    name: str, priority: int, sources: Sequence[str], targets: Sequence[str], ports: Sequence[int]
) -> azure.network.SecurityRuleArgs:
    return azure.network.SecurityRuleArgs(
        name=f"allow-{name}",
        priority=priority,
        direction="Inbound",
        access="Allow",
        protocol="Tcp",
        source_address_prefixes=list(sources),
        source_port_range="*",
        destination_address_prefixes=list(targets),
        destination_port_ranges=[str(port) for port in ports],
    )


_DENY = azure.network.SecurityRuleArgs(
    name="deny-others",
    priority=4000,
    direction="Inbound",
    access="Deny",
    protocol="*",
    source_address_prefix="*",
    source_port_range="*",
    destination_address_prefix="*",
    destination_port_range="*",
)
