"""An environment without containers: a real API server with our objects, a real Traefik, servers on loopback.

What is real: the objects that our code makes, the API server, Traefik, the MQTT broker, every client. In
another's place: the product, whose Services lead to servers of these tests and whose chart's Ingresses are
written here by what is documented of them; the certificate's issuer; the cloud's load balancer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from components.ports import PORTS, Port
from tests.kubernetes import backends, clients
from tests.kubernetes.addresses import loopback
from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.applying import refusals
from tests.kubernetes.backends import pass_through_context, product
from tests.kubernetes.balancers import Address, TcpBalancer, tcp_balancer
from tests.kubernetes.certificates import Authority
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.objects import Made, Object
from tests.kubernetes.processes import eventually
from tests.kubernetes.traefik import traefik_running

TENANT = "tenant"
_CUPS_PATH = "/update-info"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What clients can reach, and what they may trust."""

    made: Made
    authority: Authority = field(repr=False)
    balancer: TcpBalancer
    traefik: Address

    @property
    def domain(self) -> str:
        """The environment's domain."""
        return self.made.config.domain

    @property
    def names(self) -> tuple[str, str]:
        """The host names that are documented: the domain and a tenant's."""
        return self.domain, f"{TENANT}.{self.domain}"

    def routers(self, kind: Literal["http", "tcp"]) -> Sequence[Mapping[str, Any]]:
        """Every route that Traefik knows, and what it thinks of it."""
        path = f"/api/{kind}/routers?per_page=1000"
        answer = clients.request(self.traefik, "localhost", path)
        # It answers 404 until it has read its own configuration.
        found: list[Mapping[str, Any]] = json.loads(answer.body) if answer.status == 200 else []
        return found

    def has_read_everything(self) -> bool:
        """Whether it knows what was applied last: a route of our own, and one of the chart's."""
        known = json.dumps([*self.routers("http"), *self.routers("tcp")])
        return "chart-ttigw" in known and "gtwmqttv2secure" in known

    def address(self, port: str) -> Address:
        """Where clients find a port, by its name in the table of ports."""
        return self.balancer.address(port_named(port).number)


def port_named(name: str) -> Port:
    """A port of the table by its name."""
    return next(port for port in PORTS if port.name == name)


def chart_of(made: Made, chart: str) -> Mapping[str, Any] | None:
    """The values of a chart that the stack installs, or None."""
    for release in made.releases:
        if release["chart"] == chart:
            found: Mapping[str, Any] = release["values"]
            return found
    return None


@contextmanager
def environment(
    made: Made, api: ApiServer, traefik: Path, broker: Path, folder: Path
) -> Iterator[Environment]:
    """Everything up, until the `with` block ends."""
    values = chart_of(made, "traefik")
    assert values is not None
    authority, inside, pod = Authority(), loopback(), loopback()
    cluster = Cluster(api)
    _apply(cluster, made, authority, inside, values)
    entry = next(it for it in made.of("Service") if it.name == "traefik")
    interop = pass_through_context(folder, authority.server([made.config.domain]), authority.root)
    with ExitStack() as stack:
        stack.enter_context(product(inside, broker, folder, interop))
        log = stack.enter_context(traefik_running(traefik, values, pod, api, folder))
        balancer = stack.enter_context(tcp_balancer(entry.manifest, pod))
        found = Environment(
            made=made,
            authority=authority,
            balancer=balancer,
            traefik=(pod, values["ports"]["traefik"]["port"]),
        )
        eventually(found.has_read_everything, f"Traefik knows the routes: {log}", seconds=90)
        yield found


def _apply(
    cluster: Cluster, made: Made, authority: Authority, inside: str, values: Mapping[str, Any]
) -> None:
    """Our objects in the engine's order, then what the charts would add."""
    refused = refusals(cluster, made)
    assert refused == []
    for each in _from_charts(made, authority, inside, values):
        cluster.apply(each)


def _from_charts(
    made: Made, authority: Authority, inside: str, values: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    namespace = made.config.release.namespace
    wanted = made.values["global"]["ingress"]
    pair = authority.server([made.config.domain, f"*.{made.config.domain}"])
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": wanted["tls"]["secretName"], "namespace": namespace},
        "stringData": {"tls.crt": pair.chain, "tls.key": pair.key},
    }
    yield {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": values["ingressClass"]["name"]},
        "spec": {"controller": "traefik.io/ingress-controller"},
    }
    for name, ports in _services(made).items():
        yield _service(made, name, namespace, inside, ports)
    yield from _ingresses(made, namespace)


def _services(made: Made) -> Mapping[str, set[int]]:
    """The product's Services: those that our routes name, and those behind the chart's Ingresses."""
    found: dict[str, set[int]] = {}
    for each in (*made.of("IngressRoute"), *made.of("IngressRouteTCP")):
        for route in each.manifest["spec"]["routes"]:
            for service in route["services"]:
                found.setdefault(service["name"], set()).add(service["port"])
    for component, port, _, _ in _ROUTES.values():
        found.setdefault(f"{made.config.release.name}-{component}", set()).add(port)
    return found


def _service(
    made: Made, name: str, namespace: str, inside: str, ports: set[int]
) -> Mapping[str, Any]:
    annotations = made.values["global"]["services"]["annotations"]["grpc"]
    grpc = f"{made.config.release.name}-{_ROUTES['grpc'][0]}"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "annotations": annotations if name == grpc else {},
        },
        "spec": {
            "type": "ExternalName",
            "externalName": inside,
            "ports": [{"name": f"p{port}", "port": port} for port in sorted(ports)],
        },
    }


# The chart's Ingress of each kind: its Service's component and port, its path, and the kind of the path. The
# chart is not public, so these follow its documentation:
# https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/sample-ingress-controllers/
# One Service of its own stands for all that speak gRPC.
_ROUTES: Mapping[str, tuple[str, int, str, str]] = {
    "http": ("console", backends.HTTP, "/", "Prefix"),
    "grpc": ("ns", backends.GRPC, "/", "Prefix"),
    "semtechws": ("lns", backends.BASIC_STATION, "/", "Prefix"),
    "semtechcups": ("gcs", backends.HTTP, _CUPS_PATH, "Exact"),
    "ttigw": ("ttigw", backends.GATEWAY, "/", "Prefix"),
}


def _ingresses(made: Made, namespace: str) -> Iterator[Mapping[str, Any]]:
    wanted, domain = made.values["global"]["ingress"], made.config.domain
    for kind, (component, port, path, path_type) in _ROUTES.items():
        service = {"name": f"{made.config.release.name}-{component}", "port": {"number": port}}
        paths = [{"path": path, "pathType": path_type, "backend": {"service": service}}]
        hosts = [domain, f"*.{domain}"]
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {
                "name": f"chart-{kind}",
                "namespace": namespace,
                "annotations": wanted["annotations"][kind],
            },
            "spec": {
                "ingressClassName": wanted["controller"],
                "tls": [{"hosts": hosts, "secretName": wanted["tls"]["secretName"]}],
                "rules": [{"host": host, "http": {"paths": paths}} for host in hosts],
            },
        }


def udp_service(made: Made) -> Object | None:
    """The Service of the load balancer for UDP, if the stack has one."""
    return next((it for it in made.of("Service") if it.name == "gateway-server-udp"), None)
