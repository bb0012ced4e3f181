"""The table of ports, what is opened of it, and the page that shows it."""

import re

import pytest

from components.ports import GATEWAY_UDP, PORTS, WEB, Port, by_transport, exposed
from tests.samples import ROOT

_PLAIN = {1881, 1882, 1883, 1884, 1885, 1886, 1887, 1888, 1889}
_TLS = {443, 8881, 8882, 8883, 8884, 8885, 8886, 8887, 8888, 8889, 8987}


def _numbers(ports: tuple[Port, ...]) -> set[int]:
    return {port.number for port in ports}


def test_each_number_and_each_name_stands_for_one_port() -> None:
    assert len(_numbers(PORTS)) == len(PORTS)
    assert len({port.name for port in PORTS}) == len(PORTS)


def test_names_are_names_of_service_ports() -> None:
    """https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports."""
    assert [p.name for p in PORTS if not re.fullmatch(r"[a-z][a-z0-9]{0,14}", p.name)] == []


def test_the_names_of_the_product_s_sample_are_kept() -> None:
    sample = {
        "web": 80,
        "websecure": 443,
        "udp": 1700,
        "grpc": 1884,
        "grpcsecure": 8884,
        "gtwmqttv2": 1881,
        "gtwmqttv2secure": 8881,
        "gtwmqttv3": 1882,
        "gtwmqttv3secure": 8882,
        "semtechws": 1887,
        "semtechwssecure": 8887,
        "appmqtt": 1883,
        "appmqttsecure": 8883,
        "ttigw": 1889,
        "ttigwsecure": 8889,
    }
    ours = {port.name: port.number for port in PORTS}
    assert {name: ours[name] for name in sample} == sample


def test_a_plain_port_s_counterpart_is_7000_higher() -> None:
    by_number = {port.number: port for port in PORTS}
    for number in _PLAIN:
        plain, secure = by_number[number], by_number[number + 7000]
        assert (plain.tls, secure.tls) == (False, True)
        assert secure.name == f"{plain.name}secure"
        assert secure.protocol == plain.protocol


def test_production_opens_tls_and_the_redirect_to_it() -> None:
    opened = exposed(production=True, udp=False)
    assert _numbers(opened) == {80, *_TLS}
    assert [port for port in opened if not port.tls] == [WEB]
    assert WEB.redirects


def test_elsewhere_the_plain_ports_are_open_too() -> None:
    assert _numbers(exposed(production=False, udp=False)) == {80, *_PLAIN, *_TLS}


@pytest.mark.parametrize("production", [True, False])
def test_udp_is_opened_only_where_asked_for(production: bool) -> None:
    without, with_udp = (exposed(production=production, udp=wanted) for wanted in (False, True))
    assert by_transport(without, "udp") == ()
    assert by_transport(with_udp, "udp") == (GATEWAY_UDP,)
    assert by_transport(with_udp, "tcp") == without


def test_clients_that_look_a_service_up_are_led_to_tls() -> None:
    led = {service: port for port in PORTS for service in port.srv}
    assert led["ttn-v3-is-grpc"].number == 8884
    assert led["ttn-v3-as-mqtt"].number == 8883
    assert led["ttn-v3-gs-basicstationlns"].number == 8887
    assert [service for service, port in led.items() if not port.tls] == ["ttn-v3-gs-udp"]


def _leads(port: Port) -> str:
    """Who leads it to the product, and where to."""
    text: str = port.route
    if port.backend is not None:
        text = f"{text}: `{port.backend.component}` {port.backend.port}"
    return f"{text}, client certificate" if port.client_certificate else text


def _row(port: Port) -> str:
    """A row of the page's table."""
    opened = "yes" if port in exposed(production=True, udp=False) else "no"
    cells = (
        f"{port.number}/{port.transport}",
        f"`{port.name}`",
        port.protocol,
        "yes" if port.tls else "no",
        "if asked for" if port.transport == "udp" else opened,
        port.purpose,
        _leads(port),
        ", ".join(f"`{service}`" for service in port.srv),
    )
    return "|".join(["", *(f" {cell} " if cell else " " for cell in cells), ""])


def test_the_page_shows_the_table() -> None:
    text = (ROOT / "docs" / "ports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d.*$", text, re.MULTILINE)
    assert rows == [_row(port) for port in sorted(PORTS, key=lambda port: port.number)]
