"""The way into an environment on Google Cloud: its address first, then what listens on it."""

import pulumi
import pulumi_gcp as gcp
from typing_extensions import assert_never

from components.gcp.addresses import Addresses, AddressesArgs
from components.gcp.load_balancer import LOAD_BALANCER_CLASS, annotations
from components.kubernetes.gateway_udp import GatewayServerUdp, GatewayServerUdpArgs
from components.kubernetes.ingress import Traefik, TraefikArgs
from components.naming import stack_name
from stacks import sections
from stacks.config import GcpConfig
from stacks.entry import Entry
from stacks.existing import promised
from stacks.gcp_cluster import RunningCluster
from stacks.in_cluster import InCluster
from stacks.routes import entry_ports, provision_existing_routes, provision_routes


def provision_addresses(config: GcpConfig, project: gcp.Provider) -> Addresses | None:
    """Reserve the address; nothing else is needed for that. TCP and UDP share it."""
    if not isinstance(config.ingress, sections.ManagedIngress):
        return None
    args = AddressesArgs(
        name=stack_name(config.stack, "ingress", longest=63),
        region=config.region,
        protection=config.protection,
    )
    return Addresses("ingress", args, pulumi.ResourceOptions(provider=project))


def provision_entry(
    config: GcpConfig, address: Addresses | None, cluster: RunningCluster, in_cluster: InCluster
) -> Entry:
    """The ingress controller behind its load balancer, made or taken over."""
    match config.ingress:
        case sections.ExistingIngress() as section:
            facts = provision_existing_routes(config, section, in_cluster, cluster.provider)
            return Entry(facts=facts, ingress=tuple(map(promised, section.addresses)))
        case sections.ManagedIngress() as section:
            if address is None:
                raise TypeError("a managed ingress has an address")
            return _managed(config, section, address, cluster, in_cluster)
        case _:
            assert_never(config.ingress)


def _managed(
    config: GcpConfig,
    section: sections.ManagedIngress,
    address: Addresses,
    cluster: RunningCluster,
    in_cluster: InCluster,
) -> Entry:
    traefik = Traefik(
        "ingress",
        TraefikArgs(
            ports=entry_ports(config),
            product_namespace=config.release.namespace,
            service_annotations=annotations(address.name),
            load_balancer_class=LOAD_BALANCER_CLASS,
            pod_targets=False,
            replicas=section.replicas or (2 if config.redundant else 1),
            controller=cluster.ready,
            after=cluster.ready,
        ),
        pulumi.ResourceOptions(provider=cluster.provider),
    )
    if section.udp is not None:
        args = GatewayServerUdpArgs(
            namespace=in_cluster.namespace,
            selector=section.udp.selector,
            service_annotations=annotations(address.name),
            load_balancer_class=LOAD_BALANCER_CLASS,
            pod_targets=False,
            controller=(*cluster.ready, traefik.service),
        )
        GatewayServerUdp("udp", args, pulumi.ResourceOptions(provider=cluster.provider))
    return Entry(
        facts=provision_routes(config, section, traefik, in_cluster, cluster.provider),
        ingress=address.public_ips,
        udp=() if section.udp is None else address.public_ips,
    )
