"""The way into an environment on AWS: its addresses first, then what listens on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from typing_extensions import assert_never

from components.aws.addresses import Addresses, AddressesArgs
from components.aws.load_balancer import (
    LOAD_BALANCER_CLASS,
    READINESS_GATE_LABELS,
    Placement,
    tcp_annotations,
    udp_annotations,
)
from components.aws.network import NetworkPlace
from components.kubernetes.gateway_udp import GatewayServerUdp, GatewayServerUdpArgs
from components.kubernetes.ingress import (
    HEALTH_CHECK_PATH,
    HEALTH_CHECK_PORT,
    Traefik,
    TraefikArgs,
)
from components.naming import stack_name
from stacks import sections
from stacks.aws_cluster import RunningCluster, all_tags, placed
from stacks.config import AwsConfig
from stacks.entry import Entry
from stacks.existing import Promised, promised
from stacks.in_cluster import InCluster
from stacks.routes import entry_ports, provision_existing_routes, provision_routes


@dataclass(frozen=True, kw_only=True)
class ReservedAddresses:
    """Addresses for each of the two load balancers; none where there is none."""

    ingress: Addresses | None = None
    udp: Addresses | None = None


def provision_addresses(config: AwsConfig, account: aws.Provider) -> ReservedAddresses:
    """Reserve the addresses; nothing else is needed for that."""
    if not isinstance(config.ingress, sections.ManagedIngress) or config.ingress.internal:
        return ReservedAddresses()
    wanted = ("ingress", "udp") if config.ingress.udp is not None else ("ingress",)
    opts = pulumi.ResourceOptions(provider=account)
    made = {
        name: Addresses(
            name,
            AddressesArgs(
                name=stack_name(config.stack, longest=100),
                zones=_zones(config),
                protection=config.protection,
            ),
            opts,
        )
        for name in wanted
    }
    return ReservedAddresses(ingress=made["ingress"], udp=made.get("udp"))


def _zones(config: AwsConfig) -> tuple[str, ...]:
    """A word for each public subnet: its zone, or its place in the list where it is not known."""
    if isinstance(config.network, sections.ExistingNetwork):
        return tuple(str(n + 1) for n in range(len(config.network.public_subnet_ids)))
    return config.zones


def provision_entry(
    config: AwsConfig,
    addresses: ReservedAddresses,
    place: NetworkPlace | None,
    cluster: RunningCluster,
    in_cluster: InCluster,
) -> Entry:
    """The ingress controller behind its load balancer, made or taken over."""
    match config.ingress:
        case sections.ExistingIngress() as section:
            facts = provision_existing_routes(config, section, in_cluster, cluster.provider)
            return Entry(facts=facts, ingress=tuple(map(promised, section.addresses)))
        case sections.ManagedIngress() as section:
            return _managed(config, section, addresses, placed(place), cluster, in_cluster)
        case _:
            assert_never(config.ingress)


def _managed(
    config: AwsConfig,
    section: sections.ManagedIngress,
    addresses: ReservedAddresses,
    place: NetworkPlace,
    cluster: RunningCluster,
    in_cluster: InCluster,
) -> Entry:
    traefik = Traefik(
        "ingress",
        TraefikArgs(
            ports=entry_ports(config),
            product_namespace=config.release.namespace,
            service_annotations=tcp_annotations(
                _placement(config, section, place, addresses.ingress, section.private_addresses),
                health_check_port=HEALTH_CHECK_PORT,
                health_check_path=HEALTH_CHECK_PATH,
            ),
            load_balancer_class=LOAD_BALANCER_CLASS,
            replicas=section.replicas or (2 if config.redundant else 1),
            namespace_labels=READINESS_GATE_LABELS,
            controller=cluster.load_balancers,
            after=cluster.ready,
        ),
        pulumi.ResourceOptions(provider=cluster.provider),
    )
    if section.udp is not None:
        _udp(config, section, section.udp, addresses, place, cluster, traefik, in_cluster.namespace)
    return Entry(
        facts=provision_routes(config, section, traefik, in_cluster, cluster.provider),
        ingress=_ips(addresses.ingress, section.private_addresses),
        udp=_ips(addresses.udp, () if section.udp is None else section.udp.private_addresses),
    )


def _udp(
    config: AwsConfig,
    entry: sections.ManagedIngress,
    section: sections.UdpEntry,
    addresses: ReservedAddresses,
    place: NetworkPlace,
    cluster: RunningCluster,
    traefik: Traefik,
    namespace: Promised,
) -> None:
    args = GatewayServerUdpArgs(
        namespace=namespace,
        selector=section.selector,
        service_annotations=udp_annotations(
            _placement(config, entry, place, addresses.udp, section.private_addresses),
            health_check_port=section.health_check_port,
        ),
        load_balancer_class=LOAD_BALANCER_CLASS,
        controller=(*cluster.load_balancers, traefik.service),
    )
    GatewayServerUdp("udp", args, pulumi.ResourceOptions(provider=cluster.provider))


def _placement(
    config: AwsConfig,
    entry: sections.ManagedIngress,
    place: NetworkPlace,
    addresses: Addresses | None,
    private_addresses: Sequence[str],
) -> Placement:
    return Placement(
        subnet_ids=place.private if entry.internal else place.public,
        allocation_ids=() if addresses is None else addresses.allocation_ids,
        private_addresses=private_addresses,
        internet_facing=not entry.internal,
        tags=all_tags(config),
    )


def _ips(reserved: Addresses | None, private: Sequence[str]) -> tuple[Promised, ...]:
    return tuple(map(promised, private)) if reserved is None else reserved.public_ips
