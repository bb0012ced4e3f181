"""The way in: made or there."""

from typing import Annotated, Literal

from pydantic import Field

from stacks.fields import IpAddresses, KubernetesName, Port, Section


class IngressAnnotations(Section):
    """Annotations per kind of route, as the controller understands them."""

    http: dict[str, str] = Field(default_factory=dict)
    grpc: dict[str, str] = Field(default_factory=dict)
    semtechws: dict[str, str] = Field(default_factory=dict)
    semtechcups: dict[str, str] = Field(default_factory=dict)
    ttigw: dict[str, str] = Field(default_factory=dict)


class UdpEntry(Section):
    """UDP 1700 by a load balancer of its own, straight to the Gateway Server's pods.

    The labels of the chart are not public: `kubectl get pods --show-labels` tells them.
    `privateAddresses`: as those of the entry, where that is internal.
    """

    selector: Annotated[dict[str, str], Field(min_length=1)]
    health_check_port: Port = 1885
    private_addresses: IpAddresses = ()


class ProductServices(Section):
    """The product's Services behind the routes that its chart does not make.

    Left out, they are named as the product's documentation has it: `<release>-gs`, `<release>-as-mqtt`,
    `<release>-gcs` and `<release>-is`.
    """

    gateway_server: KubernetesName | None = None
    application_server_mqtt: KubernetesName | None = None
    gateway_configuration_server: KubernetesName | None = None
    identity_server: KubernetesName | None = None


class ManagedIngress(Section):
    """Traefik behind a load balancer of its own, with addresses that stay.

    `internal`: it is reached from the network alone. Its addresses are then `privateAddresses`, one for
    each private subnet in their order, or those that the cloud chooses.

    `exposure: host-ports`, on a cluster of your own without load balancers: each node's own ports lead to
    it, and UDP to port 31700 of each.
    """

    mode: Literal["managed"]
    exposure: Literal["load-balancer", "host-ports"] = "load-balancer"
    internal: bool = False
    private_addresses: IpAddresses = ()
    replicas: Annotated[int, Field(ge=1, le=20)] | None = None
    udp: UdpEntry | None = None
    services: ProductServices = ProductServices()


class ExistingIngress(Section):
    """An ingress controller that is there, by the name of its IngressClass.

    `kind` tells the annotations, where none are given. `routes`, with Traefik alone: make the routes that
    the product's chart does not; docs/ingress.md tells what Traefik must listen on. `addresses`: where
    it is reached, for DNS records.
    """

    mode: Literal["existing"]
    controller: KubernetesName
    kind: Literal["traefik", "ingress-nginx", "other"] = "other"
    routes: bool = False
    services: ProductServices = ProductServices()
    addresses: IpAddresses = ()
    annotations: IngressAnnotations = IngressAnnotations()
    service_annotations: dict[str, str] = Field(default_factory=dict)


Ingress = Annotated[ManagedIngress | ExistingIngress, Field(discriminator="mode")]
