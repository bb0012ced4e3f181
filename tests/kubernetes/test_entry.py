"""What clients meet at an environment's entry: our routes, by a real Traefik, with real clients."""

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509

from components.dns import address_records, service_records, zone_file
from components.ports import PORTS, Port, exposed
from components.prerequisites import PublicAddresses
from rehearsal.workspace import stacks
from stacks import existing
from tests.kubernetes import clients
from tests.kubernetes.api_server import Etcd, api_server_running
from tests.kubernetes.conftest import MadeBy, program
from tests.kubernetes.environment import Environment, chart_of, environment, port_named
from tests.kubernetes.resolver import served
from tests.samples import ROOT
from tools.go_programs import KUBE_APISERVER, MQTT_BROKER, TRAEFIK

_GUARDED, _OPEN = "production", "development"
_GATEWAY = "0102030405060708"
# What the product reads a client's certificate from:
# https://github.com/TheThingsNetwork/lorawan-stack/blob/v3.32.1/pkg/auth/mtls/proxy_headers.go
_CERTIFICATE, _FORGEABLE = "x-forwarded-tls-client-cert", "x-forwarded-client-cert"
_FORGED = {"X-Forwarded-Client-Cert": "forged", "X-Forwarded-Tls-Client-Cert": "forged"}
_SECURE = tuple(it for it in PORTS if it.tls and it.transport == "tcp")
_PLAIN = tuple(it for it in PORTS if not it.tls and it.transport == "tcp" and not it.redirects)


@pytest.fixture(scope="module", params=(_GUARDED, _OPEN))
def entry(
    request: pytest.FixtureRequest,
    made: MadeBy,
    etcd: Etcd,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Environment]:
    """The first stack of each kind that has an entry of its own."""
    guarded = request.param == _GUARDED
    found = next(
        it
        for it in map(made, stacks(ROOT))
        if it.config.protection.guarded == guarded and chart_of(it, "traefik") is not None
    )
    folder: Path = tmp_path_factory.mktemp(request.param)
    with (
        api_server_running(program(KUBE_APISERVER), etcd, folder, folder.name) as api,
        environment(found, api, program(TRAEFIK), program(MQTT_BROKER), folder) as running,
    ):
        yield running


@pytest.fixture
def production(entry: Environment) -> bool:
    return entry.made.config.protection.guarded


@pytest.fixture
def tls(entry: Environment) -> ssl.SSLContext:
    """A client that has no certificate of its own."""
    return clients.trusting(entry.authority.root)


@pytest.fixture
def gateway_tls(entry: Environment, tmp_path: Path) -> ssl.SSLContext:
    """A gateway with a certificate of its own."""
    known = clients.identity(entry.authority.client(_GATEWAY), tmp_path, "gateway")
    return clients.trusting(entry.authority.root, known)


def _subject_of(header: str) -> str:
    """The common name in the first certificate of the header, as the product would read it."""
    der = base64.b64decode(header.partition(",")[0])
    (name,) = x509.load_der_x509_certificate(der).subject
    return str(name.value)


def test_the_certificate_is_good_for_every_documented_name_at_every_port(
    entry: Environment, tls: ssl.SSLContext
) -> None:
    for port in _SECURE:
        # What passes through shows the product's own, and wants one in turn.
        names = () if port.route == "pass-through" else entry.names
        for name in names:
            with clients.handshake(entry.address(port.name), name, tls) as connection:
                assert connection.version() in ("TLSv1.2", "TLSv1.3"), port.name


def test_the_certificate_is_good_for_no_other_name(entry: Environment, tls: ssl.SSLContext) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        clients.handshake(entry.address("websecure"), "other.example.org", tls)


def test_ports_are_open_as_the_table_says(entry: Environment, production: bool) -> None:
    wanted = {it.name for it in exposed(production=production, udp=False)}
    for port in (*_SECURE, *_PLAIN, port_named("web")):
        assert clients.is_closed(entry.address(port.name)) != (port.name in wanted), port.name


def test_production_opens_no_plain_port_but_the_one_that_redirects(
    entry: Environment, production: bool
) -> None:
    closed = {it.name for it in _PLAIN if clients.is_closed(entry.address(it.name))}
    assert closed == ({it.name for it in _PLAIN} if production else set())


def test_http_is_sent_to_https(entry: Environment) -> None:
    answer = clients.request(entry.address("web"), entry.domain, "/console")
    assert answer.status in (301, 308)
    assert answer.headers["Location"] == f"https://{entry.domain}/console"


@pytest.mark.parametrize("port", ["websecure", "apisecure"])
def test_the_console_answers_by_https_for_each_name(
    entry: Environment, tls: ssl.SSLContext, port: str
) -> None:
    for name in entry.names:
        answer = clients.request(entry.address(port), name, "/api/v3/applications", tls=tls)
        assert answer.status == 200
        assert answer.seen["headers"]["host"] == name
        assert answer.seen["headers"]["x-forwarded-proto"] == "https"


def test_nobody_can_claim_a_certificate_by_a_header(
    entry: Environment, tls: ssl.SSLContext
) -> None:
    for port in ("websecure", "apisecure", "semtechcupsmtls"):
        answer = clients.request(entry.address(port), entry.domain, "/", tls=tls, headers=_FORGED)
        assert answer.status == 200
        arrived = answer.seen["headers"]
        assert {_CERTIFICATE, _FORGEABLE} & set(arrived) == set(), port


@pytest.mark.parametrize("port", ["tabssecure", "semtechwssecure", "ttigwsecure"])
def test_nobody_can_claim_a_certificate_by_a_header_of_a_websocket(
    entry: Environment, tls: ssl.SSLContext, port: str
) -> None:
    seen, _ = clients.websocket(
        entry.address(port), entry.domain, "/traffic", tls=tls, headers=_FORGED
    )
    assert {_CERTIFICATE, _FORGEABLE} & set(seen) == set()


def test_grpc_streams_over_tls_and_reaches_the_product_without(entry: Environment) -> None:
    messages = [b"one", b"two", b"three" * 1000]
    for name in entry.names:
        address = entry.address("grpcsecure")
        assert clients.grpc_stream(address, name, messages, entry.authority.root) == messages


@pytest.mark.parametrize("port", ["semtechwssecure", "tabssecure", "ttigwsecure"])
def test_gateways_talk_by_websocket(entry: Environment, tls: ssl.SSLContext, port: str) -> None:
    for name in entry.names:
        seen, said = clients.websocket(entry.address(port), name, "/traffic", tls=tls)
        assert said == "a message"
        assert seen["host"].partition(":")[0] == name


@pytest.mark.parametrize("port", ["gtwmqttv2secure", "gtwmqttv3secure", "appmqttsecure"])
def test_mqtt_goes_to_a_broker_and_back(entry: Environment, tls: ssl.SSLContext, port: str) -> None:
    for name in entry.names:
        topic = f"v3/{port}/{name}"
        assert clients.mqtt_round_trip(entry.address(port), name, tls, topic) == b"uplink"


def test_a_gateway_s_certificate_arrives_at_the_product(
    entry: Environment, gateway_tls: ssl.SSLContext
) -> None:
    for name in entry.names:
        seen, _ = clients.websocket(
            entry.address("ttigwsecure"), name, "/api/protocols/tti/v1", tls=gateway_tls
        )
        assert _subject_of(seen[_CERTIFICATE]) == _GATEWAY


def test_a_station_s_certificate_arrives_at_the_product(
    entry: Environment, gateway_tls: ssl.SSLContext
) -> None:
    for name in entry.names:
        answer = clients.request(
            entry.address("semtechcupsmtls"),
            name,
            "/update-info",
            tls=gateway_tls,
            headers=_FORGED,
            body=json.dumps({"router": _GATEWAY}),
        )
        assert answer.status == 200
        assert _subject_of(answer.seen["headers"][_CERTIFICATE]) == _GATEWAY
        assert json.loads(answer.seen["body"]) == {"router": _GATEWAY}


def test_cups_without_a_certificate_is_served_at_the_ordinary_port(
    entry: Environment, tls: ssl.SSLContext
) -> None:
    answer = clients.request(
        entry.address("websecure"), entry.domain, "/update-info", tls=tls, body="{}"
    )
    assert answer.status == 200
    # The body was buffered, so that its length is known.
    assert answer.seen["headers"]["content-length"] == "2"


def test_tls_of_backend_interfaces_is_the_product_s_own(
    entry: Environment, gateway_tls: ssl.SSLContext, tls: ssl.SSLContext
) -> None:
    address = entry.address("interopsecure")
    answer = clients.request(address, entry.domain, "/", tls=gateway_tls, body="{}")
    assert answer.seen["subject"] == _GATEWAY
    with pytest.raises((ssl.SSLError, ConnectionError)):
        clients.request(address, entry.domain, "/", tls=tls, body="{}")


def test_what_srv_records_name_is_served_there(
    entry: Environment, production: bool, tls: ssl.SSLContext
) -> None:
    public = PublicAddresses(ingress=(entry.balancer.host,))
    services = service_records(entry.domain, exposed(production=production, udp=False))
    addresses = address_records(entry.domain, existing.tenancy(entry.made.config), public)
    with served(zone_file((*addresses, *services), 60)) as resolver:
        for service in services:
            (record,) = resolver.ask(service.name, "SRV")
            _, _, port, target = record.split()
            (address,) = resolver.ask(target, "A")
            clients.handshake((address, int(port)), target.rstrip("."), tls).close()


@pytest.mark.parametrize("port", [it.name for it in _PLAIN])
def test_development_serves_plain_ports_too(
    entry: Environment, production: bool, port: str
) -> None:
    if production:
        assert clients.is_closed(entry.address(port))
        return
    _SPOKEN[port_named(port).protocol](entry, port_named(port))


def _speak_http(entry: Environment, port: Port) -> None:
    answer = clients.request(entry.address(port.name), entry.domain, "/")
    assert answer.status == 200


def _speak_websocket(entry: Environment, port: Port) -> None:
    _, said = clients.websocket(entry.address(port.name), entry.domain, "/traffic")
    assert said == "a message"


def _speak_mqtt(entry: Environment, port: Port) -> None:
    address = entry.address(port.name)
    assert clients.mqtt_round_trip(address, entry.domain, None, port.name) == b"uplink"


def _speak_grpc(entry: Environment, port: Port) -> None:
    assert clients.grpc_stream(entry.address(port.name), entry.domain, [b"one"]) == [b"one"]


_SPOKEN: dict[str, Callable[[Environment, Port], None]] = {
    "http": _speak_http,
    "websocket": _speak_websocket,
    "mqtt": _speak_mqtt,
    "grpc": _speak_grpc,
}
