"""The way into an environment on Azure: its address first, then what listens on it."""

import pulumi
import pulumi_azure_native as azure
from typing_extensions import assert_never

from components.azure.addresses import Addresses, AddressesArgs
from components.azure.load_balancer import tcp_annotations, udp_annotations
from components.azure.resource_group import GroupPlace
from components.kubernetes.gateway_udp import GatewayServerUdp, GatewayServerUdpArgs
from components.kubernetes.ingress import Traefik, TraefikArgs
from components.naming import stack_name
from stacks import sections
from stacks.azure_cluster import RunningCluster
from stacks.config import AzureConfig
from stacks.entry import Entry
from stacks.existing import promised
from stacks.in_cluster import InCluster
from stacks.routes import entry_ports, provision_existing_routes, provision_routes


def provision_addresses(
    config: AzureConfig, account: azure.Provider, group: GroupPlace
) -> Addresses | None:
    """Reserve the address; nothing else is needed for that."""
    if not isinstance(config.ingress, sections.ManagedIngress):
        return None
    args = AddressesArgs(
        name=stack_name(config.stack, longest=60),
        group=group,
        zones=config.zones if config.redundant else (),
        protection=config.protection,
    )
    return Addresses("ingress", args, pulumi.ResourceOptions(provider=account))


def provision_entry(
    config: AzureConfig,
    group: GroupPlace,
    addresses: Addresses | None,
    cluster: RunningCluster,
    in_cluster: InCluster,
) -> Entry:
    """The ingress controller behind its load balancer, made or taken over."""
    match config.ingress:
        case sections.ExistingIngress() as section:
            facts = provision_existing_routes(config, section, in_cluster, cluster.provider)
            return Entry(facts=facts, ingress=tuple(map(promised, section.addresses)))
        case sections.ManagedIngress() as section:
            if addresses is None:
                raise TypeError("a managed ingress was let through without an address")
            return _managed(config, section, group, addresses, cluster, in_cluster)
        case _:
            assert_never(config.ingress)


def _managed(
    config: AzureConfig,
    section: sections.ManagedIngress,
    group: GroupPlace,
    addresses: Addresses,
    cluster: RunningCluster,
    in_cluster: InCluster,
) -> Entry:
    traefik = Traefik(
        "ingress",
        TraefikArgs(
            ports=entry_ports(config),
            product_namespace=config.release.namespace,
            service_annotations=tcp_annotations(group.name, addresses.name),
            load_balancer_class=None,
            replicas=section.replicas or (2 if config.redundant else 1),
            pod_targets=False,
            controller=cluster.ready,
            after=cluster.ready,
        ),
        pulumi.ResourceOptions(provider=cluster.provider),
    )
    if section.udp is not None:
        args = GatewayServerUdpArgs(
            namespace=in_cluster.namespace,
            selector=section.udp.selector,
            service_annotations=udp_annotations(group.name, addresses.name),
            load_balancer_class=None,
            pod_targets=False,
            # Azure's controller would change one load balancer twice at a time.
            controller=(*cluster.ready, traefik.service),
        )
        GatewayServerUdp("udp", args, pulumi.ResourceOptions(provider=cluster.provider))
    return Entry(
        facts=provision_routes(config, section, traefik, in_cluster, cluster.provider),
        ingress=(addresses.public_ip,),
        udp=() if section.udp is None else (addresses.public_ip,),
    )
