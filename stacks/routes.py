"""What a managed entry leads to the product, the same on every target."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import pulumi
import pulumi_kubernetes as kubernetes
from typing_extensions import assert_never

from components import prerequisites
from components.kubernetes.ingress import GRPC_SERVICE_ANNOTATIONS, Traefik, route_annotations
from components.kubernetes.routes import ProductRoutes, ProductRoutesArgs
from components.nginx import nginx
from components.ports import Component, Port, by_transport, exposed
from stacks import existing, sections
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
    _routes(config, section.services, in_cluster, provider, (traefik.release,))
    return _annotated(config, traefik.ingress_class)


def provision_existing_routes(
    config: CommonConfig,
    section: sections.ExistingIngress,
    in_cluster: InCluster,
    provider: kubernetes.Provider,
) -> prerequisites.Ingress:
    """The same for a controller that is there, as far as the stack file asks for it."""
    if section.routes:
        _routes(config, section.services, in_cluster, provider, ())
    return existing.ingress(section, _defaults(config, section))


def _routes(
    config: CommonConfig,
    services: sections.ProductServices,
    in_cluster: InCluster,
    provider: kubernetes.Provider,
    controller: Sequence[pulumi.Resource],
) -> None:
    args = ProductRoutesArgs(
        ports=entry_ports(config),
        namespace=in_cluster.namespace,
        domain=config.domain,
        tls_secret=in_cluster.tls.secret_name,
        services=service_names(config.release.name, services),
        controller=controller,
    )
    ProductRoutes("routes", args, pulumi.ResourceOptions(provider=provider))


def _defaults(
    config: CommonConfig, section: sections.ExistingIngress
) -> prerequisites.Ingress | None:
    """What a controller of this kind is usually told; None where nothing is known of it."""
    match section.kind:
        case "traefik":
            found = _annotated(config, section.controller)
            # Without the routes there are none of the objects that the rest would name.
            return found if section.routes else _without_objects(found)
        case "ingress-nginx":
            return nginx(section.controller)
        case "other":
            return None
        case _:
            assert_never(section.kind)


def _annotated(config: CommonConfig, controller: str) -> prerequisites.Ingress:
    return prerequisites.Ingress(
        controller=controller,
        annotations=route_annotations(config.protection.guarded, config.release.namespace),
        service_annotations=GRPC_SERVICE_ANNOTATIONS,
    )


def _without_objects(found: prerequisites.Ingress) -> prerequisites.Ingress:
    kept = {
        each.name: {
            key: value
            for key, value in getattr(found.annotations, each.name).items()
            if "@kubernetescrd" not in value
        }
        for each in fields(found.annotations)
    }
    return replace(found, annotations=prerequisites.IngressAnnotations(**kept))


def service_names(release: str, given: sections.ProductServices) -> Mapping[Component, str]:
    """The product's Services by component."""
    return {
        "gs": given.gateway_server or f"{release}-gs",
        "as-mqtt": given.application_server_mqtt or f"{release}-as-mqtt",
        "gcs": given.gateway_configuration_server or f"{release}-gcs",
        "is": given.identity_server or f"{release}-is",
    }
