"""The way into an environment on Google Cloud: its address first, then what listens on it."""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp
from typing_extensions import assert_never

from components import prerequisites
from components.gcp.addresses import Addresses, AddressesArgs
from components.gcp.load_balancer import LOAD_BALANCER_CLASS, annotations
from components.kubernetes.gateway_udp import GatewayServerUdp, GatewayServerUdpArgs
from components.kubernetes.ingress import (
    GRPC_SERVICE_ANNOTATIONS,
    Traefik,
    TraefikArgs,
    route_annotations,
)
from components.naming import stack_name
from components.ports import by_transport, exposed
from stacks import existing, sections
from stacks.config import GcpConfig
from stacks.existing import Promised
from stacks.gcp_cluster import RunningCluster


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What the product needs to know of its ingress controller, and the public IP addresses."""

    facts: prerequisites.Ingress
    ingress: tuple[Promised, ...] = ()
    udp: tuple[Promised, ...] = ()


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
    config: GcpConfig, address: Addresses | None, cluster: RunningCluster, namespace: Promised
) -> Entry:
    """The ingress controller behind its load balancer, made or taken over."""
    match config.ingress:
        case sections.ExistingIngress() as section:
            return Entry(facts=existing.ingress(section))
        case sections.ManagedIngress() as section:
            if address is None:
                raise TypeError("a managed ingress has an address")
            return _managed(config, section, address, cluster, namespace)
        case _:
            assert_never(config.ingress)


def _managed(
    config: GcpConfig,
    section: sections.ManagedIngress,
    address: Addresses,
    cluster: RunningCluster,
    namespace: Promised,
) -> Entry:
    production = config.protection.guarded
    traefik = Traefik(
        "ingress",
        TraefikArgs(
            ports=by_transport(exposed(production=production, udp=False), "tcp"),
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
            namespace=namespace,
            selector=section.udp.selector,
            service_annotations=annotations(address.name),
            load_balancer_class=LOAD_BALANCER_CLASS,
            pod_targets=False,
            controller=(*cluster.ready, traefik.service),
        )
        GatewayServerUdp("udp", args, pulumi.ResourceOptions(provider=cluster.provider))
    return Entry(
        facts=prerequisites.Ingress(
            controller=traefik.ingress_class,
            annotations=route_annotations(production),
            service_annotations=GRPC_SERVICE_ANNOTATIONS,
        ),
        ingress=address.public_ips,
        udp=() if section.udp is None else address.public_ips,
    )
