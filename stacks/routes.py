"""What a managed entry leads to the product, the same on every target."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as kubernetes

from components import prerequisites
from components.kubernetes.ingress import GRPC_SERVICE_ANNOTATIONS, Traefik, route_annotations
from components.kubernetes.routes import ProductRoutes, ProductRoutesArgs
from components.ports import Component, Port, by_transport, exposed
from stacks import sections
from stacks.config import CommonConfig
from stacks.in_cluster import InCluster


def entry_ports(config: CommonConfig) -> tuple[Port, ...]:
    """The ports that Traefik opens."""
    return by_transport(exposed(production=config.protection.guarded, udp=False), "tcp")


def provision_routes(
    config: CommonConfig,
    section: sections.ManagedIngress,
    traefik: Traefik,
    in_cluster: InCluster,
    provider: kubernetes.Provider,
) -> prerequisites.Ingress:
    """Lead Traefik's ports to the product; gives back what its chart must be told of the rest."""
    ProductRoutes(
        "routes",
        ProductRoutesArgs(
            ports=entry_ports(config),
            namespace=in_cluster.namespace,
            domain=config.domain,
            tls_secret=in_cluster.tls.secret_name,
            services=service_names(config.release.name, section.services),
            controller=(traefik.release,),
        ),
        pulumi.ResourceOptions(provider=provider),
    )
    return prerequisites.Ingress(
        controller=traefik.ingress_class,
        annotations=route_annotations(config.protection.guarded, config.release.namespace),
        service_annotations=GRPC_SERVICE_ANNOTATIONS,
    )


def service_names(release: str, given: sections.ProductServices) -> Mapping[Component, str]:
    """The product's Services by component."""
    return {
        "gs": given.gateway_server or f"{release}-gs",
        "as-mqtt": given.application_server_mqtt or f"{release}-as-mqtt",
        "gcs": given.gateway_configuration_server or f"{release}-gcs",
        "is": given.identity_server or f"{release}-is",
    }
