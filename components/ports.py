"""Every port of The Things Stack, once: pure.

Numbers and purposes: https://www.thethingsindustries.com/docs/concepts/networking/. Names are those of
the entry points in the product's sample for Traefik, where it has one
(https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/sample-ingress-controllers/);
they name ports of Services too, so they have at most 15 characters, lower-case letters and digits.
"""

from dataclasses import dataclass, replace
from typing import Literal

Transport = Literal["tcp", "udp"]
Protocol = Literal["http", "grpc", "websocket", "mqtt", "semtech-udp"]
# redirect: Traefik answers by itself. chart: an Ingress that the product's chart makes. http, tcp: a route
# of the stack's own, the latter for bytes of any protocol. pass-through: the same with TLS left to the
# product. load-balancer: one of its own, straight to the pods.
Route = Literal["redirect", "chart", "http", "tcp", "pass-through", "load-balancer"]
Component = Literal["gs", "as-mqtt", "gcs", "is"]


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A port of one of the product's Services, which are named `<release>-<component>`."""

    component: Component
    port: int


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that clients connect to. `tls`: whether they speak TLS to it.

    `route`: who leads it to the product, and how; `backend`: where to, unless the chart sees to it.
    `client_certificate`: clients are asked for a certificate, and the product is told of it. `srv`: the
    DNS SRV services (without underscores) by which clients find it.
    """

    number: int
    name: str
    transport: Transport
    tls: bool
    protocol: Protocol
    purpose: str
    route: Route = "chart"
    backend: Backend | None = None
    client_certificate: bool = False
    srv: tuple[str, ...] = ()

    @property
    def redirects(self) -> bool:
        """Nothing is served there, clients are sent to HTTPS."""
        return self.route == "redirect"


def _pair(plain: Port) -> tuple[Port, Port]:
    """A plain port and its TLS counterpart, which is 7000 higher; clients are to find the latter."""
    secure = replace(plain, number=plain.number + 7000, name=f"{plain.name}secure", tls=True)
    return replace(plain, srv=()), secure


def _plain(
    number: int,
    name: str,
    protocol: Protocol,
    purpose: str,
    *,
    route: Route = "chart",
    component: Component | None = None,
    srv: tuple[str, ...] = (),
) -> Port:
    return Port(
        number=number,
        name=name,
        transport="tcp",
        tls=False,
        protocol=protocol,
        purpose=purpose,
        route=route,
        backend=None if component is None else Backend(component=component, port=number),
        srv=srv,
    )


_GRPC_COMPONENTS = ("is", "gs", "ns", "as", "js", "dtc", "dcs", "gcs", "qrg")

WEB = _plain(80, "web", "http", "Redirect to HTTPS", route="redirect")
WEB_SECURE = Port(
    number=443,
    name="websecure",
    transport="tcp",
    tls=True,
    protocol="http",
    purpose="Console and API at the domain itself, LoRa Basics Station CUPS",
)
GATEWAY_UDP = Port(
    number=1700,
    name="udp",
    transport="udp",
    tls=False,
    protocol="semtech-udp",
    purpose="Gateway data: Semtech UDP Packet Forwarder",
    route="load-balancer",
    backend=Backend(component="gs", port=1700),
    srv=("ttn-v3-gs-udp",),
)
_INTEROP, _INTEROP_SECURE = _pair(
    _plain(1886, "interop", "http", "Backend Interfaces", route="tcp", component="is")
)
_TTIGW, _TTIGW_SECURE = _pair(
    _plain(1889, "ttigw", "websocket", "Gateway data: The Things Industries Gateway")
)

# The Services behind the Traefik sample and the one for ingress-nginx, on the page named above; the
# Identity Server answers Backend Interfaces
# (https://www.thethingsindustries.com/docs/enterprise/aws/ecs/interop/).
PORTS: tuple[Port, ...] = (
    WEB,
    WEB_SECURE,
    GATEWAY_UDP,
    *_pair(
        _plain(
            1881,
            "gtwmqttv2",
            "mqtt",
            "Gateway data: MQTT (legacy)",
            route="tcp",
            component="gs",
            srv=("ttn-v3-gs-mqttv2",),
        )
    ),
    *_pair(
        _plain(
            1882,
            "gtwmqttv3",
            "mqtt",
            "Gateway data: MQTT",
            route="tcp",
            component="gs",
            srv=("ttn-v3-gs-mqtt",),
        )
    ),
    *_pair(
        _plain(
            1883,
            "appmqtt",
            "mqtt",
            "Application data and events: MQTT",
            route="tcp",
            component="as-mqtt",
            srv=("ttn-v3-as-mqtt",),
        )
    ),
    *_pair(
        _plain(
            1884,
            "grpc",
            "grpc",
            "Management, data and events: gRPC",
            srv=tuple(f"ttn-v3-{component}-grpc" for component in _GRPC_COMPONENTS),
        )
    ),
    *_pair(_plain(1885, "api", "http", "Management: HTTP")),
    _INTEROP,
    # The product reads the client's certificate from the connection, so TLS is left to it.
    replace(_INTEROP_SECURE, route="pass-through", backend=Backend(component="is", port=8886)),
    *_pair(
        _plain(
            1887,
            "semtechws",
            "websocket",
            "Gateway data: LoRa Basics Station LNS",
            srv=("ttn-v3-gs-basicstationlns",),
        )
    ),
    *_pair(
        _plain(
            1888,
            "tabs",
            "websocket",
            "Gateway data: Tabs Hubs LNS",
            route="http",
            component="gs",
        )
    ),
    _TTIGW,
    # The chart has an Ingress for it too, which wins; this one holds the TLS options whatever hosts it names.
    replace(
        _TTIGW_SECURE,
        route="http",
        backend=Backend(component="gs", port=1889),
        client_certificate=True,
    ),
    Port(
        number=8987,
        name="semtechcupsmtls",
        transport="tcp",
        tls=True,
        protocol="http",
        purpose="LoRa Basics Station CUPS with mutual TLS",
        route="http",
        backend=Backend(component="gcs", port=1885),
        client_certificate=True,
    ),
)


def exposed(*, production: bool, udp: bool) -> tuple[Port, ...]:
    """The ports that a load balancer opens, in the order of `PORTS`.

    Production: those with TLS, and 80, which redirects. Otherwise the plain ones too. UDP, which has no
    TLS, only if asked for: it takes a load balancer of its own, as `by_transport` tells.
    """
    return tuple(port for port in PORTS if _is_exposed(port, production=production, udp=udp))


def _is_exposed(port: Port, *, production: bool, udp: bool) -> bool:
    if port.transport == "udp":
        return udp
    return port.tls or port.redirects or not production


def by_transport(ports: tuple[Port, ...], transport: Transport) -> tuple[Port, ...]:
    """Those of `ports` that one kind of load balancer serves."""
    return tuple(port for port in ports if port.transport == transport)
