"""Traefik, the ingress controller, and the load balancer in front of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.charts import TRAEFIK
from components.kubernetes.release import ReleaseArgs, release, resources, spread
from components.kubernetes.system_namespace import SystemNamespaceArgs, system_namespace
from components.ports import WEB_SECURE, Port
from components.prerequisites import IngressAnnotations
from components.values import Tree

_NAME = "traefik"

# Where a pod says, by HTTP, that it is ready; the load balancer's health check asks there.
HEALTH_CHECK_PORT, HEALTH_CHECK_PATH = 8080, "/ping"
# Pods run without root's rights, so these two are moved above 1024 in them.
_POD_PORTS: Mapping[int, int] = {80: 8000, 443: 8443}
_METRICS_PORT = 9100
# A load balancer goes on for some seconds with what it knows, so a pod that goes serves on meanwhile.
_LINGER_SECONDS, _GRACE_SECONDS = 30, 90

# Objects of Traefik in the product's namespace, which components/kubernetes/routes.py makes.
BUFFERING, CLIENT_CERTIFICATE, NO_FORGED_CERTIFICATE = (
    "buffering",
    "client-certificate",
    "no-forged-certificate",
)
_ROUTER = "traefik.ingress.kubernetes.io/router"
# gRPC between Traefik and the product is HTTP/2 without TLS.
GRPC_SERVICE_ANNOTATIONS: Mapping[str, str] = {
    "traefik.ingress.kubernetes.io/service.serversscheme": "h2c"
}


@dataclass(frozen=True, kw_only=True)
class TraefikArgs:
    """What Traefik listens on, and how its load balancer is made.

    `ports`: the TCP ports to open, 80 and 443 among them. `product_namespace`: where the objects are
    that entry points name; see components/kubernetes/routes.py. `service_annotations` and
    `load_balancer_class` tell the cloud's controller what to make; None is the cluster's default.
    `pod_targets`: the load balancer reaches pods themselves, so no node opens a port for it.
    `host_ports`: on clusters without load balancers, a pod on each node has the node's own ports.
    `class_name`: the IngressClass. `namespace_labels`: what a cloud's controller wants the namespace to
    bear. `controller`: what makes the load balancer, and must be there to unmake it. `after`: what must be
    there before pods run.
    """

    ports: Sequence[Port]
    product_namespace: str
    service_annotations: Mapping[str, pulumi.Input[str]]
    load_balancer_class: str | None
    replicas: int
    pod_targets: bool = True
    host_ports: bool = False
    namespace: str = "traefik"
    namespace_labels: Mapping[str, str] | None = None
    class_name: str = "traefik"
    controller: Sequence[pulumi.Resource] = ()
    after: Sequence[pulumi.Resource] = ()


class Traefik(pulumi.ComponentResource):
    """Traefik by its Helm chart, and a Service of type LoadBalancer of our own.

    Because the Service is not the chart's, a preview shows its ports and annotations, and deletion waits
    for the load balancer to be gone: only then can addresses and network follow. `release` brings the
    kinds of Traefik's own objects. Raises ValueError for a UDP port, as Traefik cannot keep a gateway at one
    pod, and for ports that collide.
    """

    def __init__(
        self, name: str, args: TraefikArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("tts:kubernetes:Traefik", name, None, opts)
        _refuse(args)
        namespace = system_namespace(
            name,
            SystemNamespaceArgs(
                namespace=args.namespace,
                ports=(*map(pod_port, args.ports), HEALTH_CHECK_PORT, _METRICS_PORT),
                labels=args.namespace_labels,
            ),
            self,
        )
        self.release: kubernetes.helm.v3.Release = release(
            name,
            ReleaseArgs(
                chart=TRAEFIK,
                name=_NAME,
                namespace=namespace.metadata.name,
                values=_chart_values(args),
                after=args.after,
            ),
            self,
        )
        self.service: kubernetes.core.v1.Service = kubernetes.core.v1.Service(
            name,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=_NAME,
                namespace=namespace.metadata.name,
                annotations=args.service_annotations,
            ),
            spec=_service_spec(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.release, *args.controller]),
        )
        self.ingress_class: str = args.class_name
        self.register_outputs({"service": self.service.metadata.name})


def _refuse(args: TraefikArgs) -> None:
    if any(port.transport != "tcp" for port in args.ports):
        raise ValueError("Traefik serves TCP ports only")
    inside = [*map(pod_port, args.ports), HEALTH_CHECK_PORT, _METRICS_PORT]
    twice = sorted({port for port in inside if inside.count(port) > 1})
    if twice:
        raise ValueError(f"ports collide in Traefik's pods: {', '.join(map(str, twice))}")


def _service_spec(args: TraefikArgs) -> kubernetes.core.v1.ServiceSpecArgs:
    ports = [
        kubernetes.core.v1.ServicePortArgs(
            name=port.name, port=port.number, target_port=pod_port(port), protocol="TCP"
        )
        for port in args.ports
    ]
    if args.host_ports:
        return kubernetes.core.v1.ServiceSpecArgs(
            type="ClusterIP", selector=_pod_labels(args), ports=ports
        )
    return kubernetes.core.v1.ServiceSpecArgs(
        type="LoadBalancer",
        load_balancer_class=args.load_balancer_class,
        allocate_load_balancer_node_ports=not args.pod_targets,
        # Where nodes are the targets, only those with a pod may be, or clients' addresses are lost.
        external_traffic_policy="Cluster" if args.pod_targets else "Local",
        selector=_pod_labels(args),
        ports=ports,
    )


def pod_port(port: Port) -> int:
    """The port in Traefik's pods behind a port of the load balancer."""
    return _POD_PORTS.get(port.number, port.number)


def _pod_labels(args: TraefikArgs) -> dict[str, str]:
    # The instance label is set explicitly: by default it is made of release and namespace.
    return {"app.kubernetes.io/name": TRAEFIK.name, "app.kubernetes.io/instance": _instance(args)}


def _instance(args: TraefikArgs) -> str:
    return f"{_NAME}-{args.namespace}"


def _chart_values(args: TraefikArgs) -> Tree:
    """The Helm values: what the chart's defaults do not already say."""
    return {
        "instanceLabelOverride": _instance(args),
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "api": {"dashboard": False},
        "service": {"enabled": False},
        "ingressClass": {"enabled": True, "isDefaultClass": False, "name": args.class_name},
        "providers": {
            "kubernetesIngress": {
                # Without it Traefik would also take every Ingress that names no class.
                "ingressClass": args.class_name,
                "publishedService": {
                    "enabled": True,
                    "pathOverride": f"{args.namespace}/{_NAME}",
                },
            }
        },
        "ports": {
            "traefik": {"port": HEALTH_CHECK_PORT},
            "metrics": {"port": _METRICS_PORT},
            **{port.name: _entry_point(port, args) for port in args.ports},
        },
        **_pods(args),
        **(_ON_EACH_NODE if args.host_ports else {}),
    }


# Two pods cannot have one port of a node, so the old one goes first.
_ON_EACH_NODE: Tree = {
    "updateStrategy": {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }
}


def _pods(args: TraefikArgs) -> Tree:
    return {
        "deployment": {
            "kind": "DaemonSet" if args.host_ports else "Deployment",
            "replicas": args.replicas,
            "terminationGracePeriodSeconds": _GRACE_SECONDS,
            "lifecycle": {"preStop": {"sleep": {"seconds": _LINGER_SECONDS}}},
        },
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "topologySpreadConstraints": [*spread({**_pod_labels(args)})],
        "resources": resources("250m", "256Mi", "512Mi"),
        # The chart's defaults, held here so that no later chart loosens them unseen.
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "podSecurityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }


def _entry_point(port: Port, args: TraefikArgs) -> Tree:
    namespace = args.product_namespace
    found: Tree = {
        "port": pod_port(port),
        "exposedPort": port.number,
        "protocol": "TCP",
        "expose": {"default": True},
    }
    if args.host_ports:
        found["hostPort"] = port.number
    if port.redirects:
        redirect: Tree = {"to": WEB_SECURE.name, "scheme": "https", "permanent": True}
        found["http"] = {"redirections": {"entryPoint": redirect}}
    elif port.route in ("chart", "http"):
        found["http"] = {
            "tls": _entry_point_tls(port, namespace),
            "middlewares": [reference(namespace, NO_FORGED_CERTIFICATE)],
        }
    if port == WEB_SECURE:
        # A route that names no entry point is served here, and not on every port.
        found["asDefault"] = True
    if port.protocol == "grpc":
        # A stream is one request, and Traefik would cut its reading off after a minute.
        found["transport"] = {"respondingTimeouts": {"readTimeout": "0s"}}
    return found


def _entry_point_tls(port: Port, namespace: str) -> Tree:
    if not port.client_certificate:
        return {"enabled": port.tls}
    return {"enabled": port.tls, "options": reference(namespace, CLIENT_CERTIFICATE)}


def reference(namespace: str, name: str) -> str:
    """How entry points and annotations name a Middleware or a TLSOption.

    https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/kubernetes/ingress/
    """
    return f"{namespace}-{name}@kubernetescrd"


def route_annotations(production: bool, namespace: str) -> IngressAnnotations:
    """Annotations for the routes that the product's chart makes in `namespace`, by kind.

    Production: TLS entry points only. Otherwise the plain ones too, and then without `router.tls`, which
    would make Traefik speak TLS on these as well; the TLS ones have it from their entry points.
    """
    certificate = {f"{_ROUTER}.middlewares": reference(namespace, CLIENT_CERTIFICATE)}
    if production:
        # TLS of a route's own is TLS without the options of its entry point.
        certificate[f"{_ROUTER}.tls.options"] = reference(namespace, CLIENT_CERTIFICATE)
    return IngressAnnotations(
        http=_route(production, plain=("api",), secure=(WEB_SECURE.name, "apisecure")),
        grpc=_route(production, plain=("grpc",), secure=("grpcsecure",)),
        semtechws=_route(production, plain=("semtechws",), secure=("semtechwssecure",)),
        semtechcups={
            **_route(
                production,
                plain=("api", "semtechws"),
                secure=(WEB_SECURE.name, "apisecure", "semtechwssecure"),
            ),
            f"{_ROUTER}.middlewares": reference(namespace, BUFFERING),
        },
        ttigw={**_route(production, plain=("ttigw",), secure=("ttigwsecure",)), **certificate},
    )


def _route(production: bool, *, plain: Sequence[str], secure: Sequence[str]) -> dict[str, str]:
    if production:
        return {f"{_ROUTER}.entrypoints": ",".join(secure), f"{_ROUTER}.tls": "true"}
    return {f"{_ROUTER}.entrypoints": ",".join((*plain, *secure))}
