"""The way into an environment on a cluster of your own."""

import pulumi
from typing_extensions import assert_never

from components.kubernetes.gateway_udp import GatewayServerUdp, GatewayServerUdpArgs
from components.kubernetes.ingress import Traefik, TraefikArgs
from stacks import sections
from stacks.config import SelfManagedConfig
from stacks.entry import Entry
from stacks.existing import promised
from stacks.in_cluster import InCluster
from stacks.portable_blobs import Inside
from stacks.routes import entry_ports, provision_existing_routes, provision_routes

# A node gives away ports from 30000 on: https://kubernetes.io/docs/concepts/services-networking/service/
UDP_NODE_PORT = 31700
# Ports of the node itself are more than pods may usually have.
_PRIVILEGED = {
    f"pod-security.kubernetes.io/{mode}": "privileged" for mode in ("enforce", "audit", "warn")
}


def provision_entry(config: SelfManagedConfig, in_cluster: InCluster, inside: Inside) -> Entry:
    """The ingress controller, made or taken over."""
    match config.ingress:
        case sections.ExistingIngress() as section:
            facts = provision_existing_routes(config, section, in_cluster, inside.provider)
            return Entry(facts=facts, ingress=tuple(map(promised, section.addresses)))
        case sections.ManagedIngress() as section:
            return _managed(config, section, in_cluster, inside)
        case _:
            assert_never(config.ingress)


def _managed(
    config: SelfManagedConfig,
    section: sections.ManagedIngress,
    in_cluster: InCluster,
    inside: Inside,
) -> Entry:
    on_nodes = section.exposure == "host-ports"
    opts = pulumi.ResourceOptions(provider=inside.provider)
    traefik = Traefik(
        "ingress",
        TraefikArgs(
            ports=entry_ports(config),
            product_namespace=config.release.namespace,
            service_annotations={},
            load_balancer_class=None,
            replicas=section.replicas or (2 if config.redundant else 1),
            # Load balancers of the usual kinds (MetalLB, kube-vip, ServiceLB) lead to nodes.
            pod_targets=False,
            host_ports=on_nodes,
            namespace_labels=_PRIVILEGED if on_nodes else None,
            after=inside.ready,
        ),
        opts,
    )
    if section.udp is not None:
        udp = GatewayServerUdpArgs(
            namespace=in_cluster.namespace,
            selector=section.udp.selector,
            service_annotations={},
            load_balancer_class=None,
            pod_targets=False,
            node_port=UDP_NODE_PORT if on_nodes else None,
            controller=(traefik.service,),
        )
        GatewayServerUdp("udp", udp, opts)
    return Entry(facts=provision_routes(config, section, traefik, in_cluster, inside.provider))
