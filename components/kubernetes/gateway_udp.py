"""A way for the Semtech UDP protocol, straight to the Gateway Server's pods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.ports import GATEWAY_UDP

# Pulumi would wait for pods, which come with the product, later; this waits for the load balancer alone.
# Unlike `skipAwait` it leaves nothing else out:
# https://github.com/pulumi/pulumi-kubernetes/blob/master/CHANGELOG.md (4.18.0 and 4.18.4)
_WAIT_FOR = {"pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0]}"}


@dataclass(frozen=True, kw_only=True)
class GatewayServerUdpArgs:
    """Which pods get the datagrams, and how the load balancer is made.

    `namespace`: the product's. `selector`: the labels of the Gateway Server's pods.
    `service_annotations` and `load_balancer_class` tell the cloud's controller what to make; None is the
    cluster's default. `pod_targets`: the load balancer reaches pods themselves, so no node opens a port
    for it. `controller`: what makes the load balancer, and must be there to unmake it.
    """

    namespace: pulumi.Input[str]
    selector: Mapping[str, str]
    service_annotations: Mapping[str, pulumi.Input[str]]
    load_balancer_class: str | None
    pod_targets: bool = True
    node_port: int | None = None
    controller: Sequence[pulumi.Resource] = ()


class GatewayServerUdp(pulumi.ComponentResource):
    """A Service of type LoadBalancer with UDP 1700.

    Not by Traefik: the state of a gateway's connection is in the memory of one pod, and Traefik cannot
    keep a gateway there
    (https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/sample-ingress-controllers/).
    Raises ValueError for an empty selector, which would select nothing for good.
    """

    def __init__(
        self, name: str, args: GatewayServerUdpArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:GatewayServerUdp", name, None, opts)
        if not args.selector:
            raise ValueError("the labels of the Gateway Server's pods are needed")
        balanced = args.node_port is None
        self.service: kubernetes.core.v1.Service = kubernetes.core.v1.Service(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name="gateway-server-udp",
                namespace=args.namespace,
                annotations={**args.service_annotations, **(_WAIT_FOR if balanced else {})},
            ),
            spec=kubernetes.core.v1.ServiceSpecArgs(
                type="LoadBalancer" if balanced else "NodePort",
                load_balancer_class=args.load_balancer_class,
                allocate_load_balancer_node_ports=not args.pod_targets if balanced else None,
                external_traffic_policy="Cluster" if args.pod_targets else "Local",
                # For load balancers that go by it; others have it from their annotations.
                session_affinity="ClientIP",
                selector=args.selector,
                ports=[
                    kubernetes.core.v1.ServicePortArgs(
                        name=GATEWAY_UDP.name,
                        port=GATEWAY_UDP.number,
                        target_port=GATEWAY_UDP.number,
                        node_port=args.node_port,
                        protocol="UDP",
                    )
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.controller)),
        )
        self.register_outputs({"service": self.service.metadata.name})
