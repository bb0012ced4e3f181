"""A VPC network of its own in one region, or the one that is there."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp.ranges import plan_ranges
from components.protection import Protection

Promised = pulumi.Output[str]
# The secondary ranges of the subnetwork, as GKE is to find them.
POD_RANGE, SERVICE_RANGE = "pods", "services"
_PRODUCER = "servicenetworking.googleapis.com"


@dataclass(frozen=True, kw_only=True)
class NetworkPlace:
    """Where things can be placed; identifiers are full paths (`projects/…`).

    `subnetwork_id`: None where nothing has nodes in it. `private_services`: the name of the range from
    which Cloud SQL and Memorystore get their addresses. `egress`: the addresses from which the cluster
    reaches the internet; of a network that was there before, they are not known. `routes`: what must be
    there before nodes start and until they are gone. `connection`: what must be there before databases
    are made and until they are gone.
    """

    network_id: Promised
    subnetwork_id: Promised | None
    pod_range: str
    service_range: str
    private_services: Promised | None
    egress: tuple[Promised, ...] = ()
    routes: tuple[pulumi.Resource, ...] = ()
    connection: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """`name`: at most 50 characters. `cidr`: /12 to /20. `service_cidr`: of Kubernetes Services.

    `egress_addresses`: how many addresses Cloud NAT has; each is good for some 64,000 connections to one
    and the same server.
    """

    name: str
    region: str
    cidr: str
    service_cidr: str
    egress_addresses: int
    protection: Protection


class Network(pulumi.ComponentResource):
    """One VPC-native subnetwork, Cloud NAT with reserved addresses, and private services access.

    Nodes have no public addresses; they reach Google's APIs without NAT (Private Google Access) and all
    else through it. Cloud SQL and Memorystore stand in a network of Google's that is peered with this
    one, so this network alone reaches them
    (https://cloud.google.com/vpc/docs/configure-private-services-access).
    """

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:gcp:Network", name, None, opts)
        self._name = name
        self._args = args
        self._ranges = plan_ranges(args.cidr)
        self._mine = pulumi.ResourceOptions(parent=self)
        # Data that is kept needs the network it is in.
        self._kept = args.protection.data(self)
        network = gcp.compute.Network(
            name,
            name=args.name,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            opts=self._kept,
        )
        self._network_id: Promised = network.id
        subnetwork = self._subnetwork()
        addresses = self._addresses()
        nat = self._nat(subnetwork, addresses)
        reserved = self._reserved()
        self.place = NetworkPlace(
            network_id=network.id,
            subnetwork_id=subnetwork.id,
            pod_range=POD_RANGE,
            service_range=SERVICE_RANGE,
            private_services=reserved.name,
            egress=tuple(it.address for it in addresses),
            routes=(nat,),
            connection=(self._connection(reserved),),
        )
        self.register_outputs({"networkId": network.id})

    def _subnetwork(self) -> gcp.compute.Subnetwork:
        return gcp.compute.Subnetwork(
            self._name,
            name=f"{self._args.name}-nodes",
            region=self._args.region,
            network=self._network_id,
            ip_cidr_range=self._ranges.nodes,
            private_ip_google_access=True,
            secondary_ip_ranges=[
                gcp.compute.SubnetworkSecondaryIpRangeArgs(
                    range_name=POD_RANGE, ip_cidr_range=self._ranges.pods
                ),
                gcp.compute.SubnetworkSecondaryIpRangeArgs(
                    range_name=SERVICE_RANGE, ip_cidr_range=self._args.service_cidr
                ),
            ],
            opts=self._kept,
        )

    def _addresses(self) -> list[gcp.compute.Address]:
        """Others may have these addresses in an allow-list, so they are kept like data."""
        return [
            gcp.compute.Address(
                f"egress-{number}",
                name=f"{self._args.name}-egress-{number}",
                region=self._args.region,
                address_type="EXTERNAL",
                opts=self._kept,
            )
            for number in range(1, self._args.egress_addresses + 1)
        ]

    def _nat(
        self, subnetwork: gcp.compute.Subnetwork, addresses: list[gcp.compute.Address]
    ) -> gcp.compute.RouterNat:
        router = gcp.compute.Router(
            self._name,
            name=self._args.name,
            region=self._args.region,
            network=self._network_id,
            opts=self._mine,
        )
        return gcp.compute.RouterNat(
            self._name,
            name=self._args.name,
            region=self._args.region,
            router=router.name,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[it.self_link for it in addresses],
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[
                gcp.compute.RouterNatSubnetworkArgs(
                    name=subnetwork.id, source_ip_ranges_to_nats=["ALL_IP_RANGES"]
                )
            ],
            # A node with many pods gets more ports than the 64 of the default.
            enable_dynamic_port_allocation=True,
            enable_endpoint_independent_mapping=False,
            min_ports_per_vm=128,
            max_ports_per_vm=8192,
            log_config=gcp.compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=self._mine,
        )

    def _reserved(self) -> gcp.compute.GlobalAddress:
        address, _, length = self._ranges.private_services.partition("/")
        return gcp.compute.GlobalAddress(
            "private-services",
            name=f"{self._args.name}-private-services",
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            network=self._network_id,
            address=address,
            prefix_length=int(length),
            opts=self._kept,
        )

    def _connection(self, reserved: gcp.compute.GlobalAddress) -> gcp.servicenetworking.Connection:
        """The peering with the network in which Google runs databases.

        Google holds on to it for days after a database is gone, and a network with a peering cannot be
        deleted, so the peering is removed in any case; and a new network of the same name finds what
        Google still remembers of the old one
        (https://github.com/GoogleCloudPlatform/magic-modules/pull/18476).
        """
        return gcp.servicenetworking.Connection(
            "private-services",
            network=self._network_id,
            service=_PRODUCER,
            reserved_peering_ranges=[reserved.name],
            deletion_policy="REMOVE_PEERING",
            update_on_creation_fail=True,
            opts=self._kept,
        )
