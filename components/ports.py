"""Every port of The Things Stack, once: pure.

Numbers and purposes: https://www.thethingsindustries.com/docs/concepts/networking/. Names are those of
the entry points in the product's sample for Traefik, where it has one
(https://www.thethingsindustries.com/docs/enterprise/kubernetes/generic/prerequisites/sample-ingress-controllers/);
they name ports of Services too, so they have at most 15 characters, lower-case letters and digits.
"""

from dataclasses import dataclass
from typing import Literal

Transport = Literal["tcp", "udp"]
Protocol = Literal["http", "grpc", "websocket", "mqtt", "semtech-udp"]


@dataclass(frozen=True, kw_only=True)
class Port:
    """A port that clients connect to. `tls`: whether they speak TLS to it.

    `srv`: the DNS SRV services (without underscores) by which clients find it. `redirects`: nothing is
    served there, clients are sent to HTTPS.
    """

    number: int
    name: str
    transport: Transport
    tls: bool
    protocol: Protocol
    purpose: str
    srv: tuple[str, ...] = ()
    redirects: bool = False


def _pair(
    number: int, name: str, protocol: Protocol, purpose: str, srv: tuple[str, ...] = ()
) -> tuple[Port, Port]:
    """A plain port and its TLS counterpart, which is 7000 higher; clients are to find the latter."""
    plain = Port(
        number=number, name=name, transport="tcp", tls=False, protocol=protocol, purpose=purpose
    )
    secure = Port(
        number=number + 7000,
        name=f"{name}secure",
        transport="tcp",
        tls=True,
        protocol=protocol,
        purpose=purpose,
        srv=srv,
    )
    return plain, secure


_GRPC_COMPONENTS = ("is", "gs", "ns", "as", "js", "dtc", "dcs", "gcs", "qrg")

WEB = Port(
    number=80,
    name="web",
    transport="tcp",
    tls=False,
    protocol="http",
    purpose="Redirect to HTTPS",
    redirects=True,
)
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
    srv=("ttn-v3-gs-udp",),
)

PORTS: tuple[Port, ...] = (
    WEB,
    WEB_SECURE,
    GATEWAY_UDP,
    *_pair(1881, "gtwmqttv2", "mqtt", "Gateway data: MQTT (legacy)", ("ttn-v3-gs-mqttv2",)),
    *_pair(1882, "gtwmqttv3", "mqtt", "Gateway data: MQTT", ("ttn-v3-gs-mqtt",)),
    *_pair(1883, "appmqtt", "mqtt", "Application data and events: MQTT", ("ttn-v3-as-mqtt",)),
    *_pair(
        1884,
        "grpc",
        "grpc",
        "Management, data and events: gRPC",
        tuple(f"ttn-v3-{component}-grpc" for component in _GRPC_COMPONENTS),
    ),
    *_pair(1885, "api", "http", "Management: HTTP"),
    *_pair(1886, "interop", "http", "Backend Interfaces"),
    *_pair(
        1887,
        "semtechws",
        "websocket",
        "Gateway data: LoRa Basics Station LNS",
        ("ttn-v3-gs-basicstationlns",),
    ),
    *_pair(1888, "tabs", "websocket", "Gateway data: Tabs Hubs LNS"),
    *_pair(1889, "ttigw", "websocket", "Gateway data: The Things Industries Gateway"),
    Port(
        number=8987,
        name="semtechcupsmtls",
        transport="tcp",
        tls=True,
        protocol="http",
        purpose="LoRa Basics Station CUPS with mutual TLS",
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
