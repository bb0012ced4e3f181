"""Every place that has ports, held against the one table: a whole environment, as the program makes it."""

import re
from typing import Any

import pytest

from components.kubernetes.ingress import HEALTH_CHECK_PATH, HEALTH_CHECK_PORT, pod_port
from components.ports import PORTS, Port, exposed
from tests.graph.program import OWN_SECRETS, Graph, graph, of
from tests.samples import ROOT

_LOAD_BALANCER = "service.beta.kubernetes.io/aws-load-balancer-"
_ZONE = {"mode": "route53", "zone": "example.com", "zoneId": "Z0123456789"}
_UDP = {"selector": {"example.com/component": "gs"}}
_STACKS = {"aws-production": True, "aws-development": False}


@pytest.fixture(scope="module", params=_STACKS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    name = request.param
    found = graph(
        tmp_path_factory.mktemp(name),
        {"dns": _ZONE, "ingress.udp": _UDP},
        name=name,
        secrets=OWN_SECRETS,
    )
    return found, exposed(production=_STACKS[name], udp=True)


def _tcp(ports: tuple[Port, ...]) -> list[Port]:
    return [port for port in ports if port.transport == "tcp"]


def _entry_points(found: Graph) -> Any:
    values = of(found, "Release")["ingress"].inputs["values"]["ports"]
    return {name: it for name, it in values.items() if name not in ("traefik", "metrics")}


def test_the_load_balancers(stack: tuple[Graph, tuple[Port, ...]]) -> None:
    found, ports = stack
    opened = {
        (it["name"], int(it["port"]), it["protocol"].lower())
        for service in of(found, "Service").values()
        if service.inputs["spec"].get("type") == "LoadBalancer"
        for it in service.inputs["spec"]["ports"]
    }
    assert opened == {(port.name, port.number, port.transport) for port in ports}


def test_the_entry_points(stack: tuple[Graph, tuple[Port, ...]]) -> None:
    found, ports = stack
    listening = {name: it["port"] for name, it in _entry_points(found).items()}
    assert listening == {port.name: pod_port(port) for port in _tcp(ports)}


def test_the_network_policy(stack: tuple[Graph, tuple[Port, ...]]) -> None:
    found, ports = stack
    (rule,) = of(found, "NetworkPolicy")["ingress"].inputs["spec"]["ingress"]
    let_in = {int(it["port"]) for it in rule["ports"]}
    assert let_in == {*map(pod_port, _tcp(ports)), HEALTH_CHECK_PORT, 9100}


def test_the_health_checks(stack: tuple[Graph, tuple[Port, ...]]) -> None:
    found, _ = stack
    asked = {
        name: {
            key.removeprefix(f"{_LOAD_BALANCER}healthcheck-"): value
            for key, value in service.inputs["metadata"]["annotations"].items()
            if "healthcheck-" in key
        }
        for name, service in of(found, "Service").items()
    }
    entry = {"protocol": "http", "port": str(HEALTH_CHECK_PORT), "path": HEALTH_CHECK_PATH}
    assert asked == {"ingress": entry, "udp": {"protocol": "tcp", "port": "1885"}}
    # Where health is asked, there is no port of the product behind the load balancer.
    assert HEALTH_CHECK_PORT not in {pod_port(port) for port in PORTS}


def test_the_routes(stack: tuple[Graph, tuple[Port, ...]]) -> None:
    found, ports = stack
    routed = [
        name
        for kind in ("IngressRoute", "IngressRouteTCP")
        for it in of(found, kind).values()
        for name in it.inputs["spec"]["entryPoints"]
    ]
    own = [port.name for port in ports if port.route in ("http", "tcp", "pass-through")]
    assert sorted(routed) == sorted(own)
    assert set(own) <= set(_entry_points(found))


def test_the_srv_records(stack: tuple[Graph, tuple[Port, ...]]) -> None:
    found, ports = stack
    led = {
        (it.inputs["name"].partition(".")[0], int(it.inputs["records"][0].split()[2]))
        for it in of(found, "Record").values()
        if it.inputs["type"] == "SRV"
    }
    assert led == {(f"_{service}", port.number) for port in ports for service in port.srv}


def test_the_page() -> None:
    text = (ROOT / "docs" / "ports.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+)/(tcp|udp) \| `(\w+)`", text, re.MULTILINE)
    told = {(int(number), transport, name) for number, transport, name in rows}
    assert told == {(port.number, port.transport, port.name) for port in PORTS}


def test_nothing_in_the_program_names_ports_beside_the_table() -> None:
    """Numbers of the product's ports in code, where a change of the table would not reach them."""
    numbers = "|".join(str(port.number) for port in PORTS if port.number > 1700)
    stray: list[tuple[str, str]] = []
    for path in [*(ROOT / "components").rglob("*.py"), *(ROOT / "stacks").rglob("*.py")]:
        if path.name == "ports.py":
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(rf"(?<![\d.-])({numbers})(?![\d.])", line.partition("#")[0]):
                stray.append((path.relative_to(ROOT).as_posix(), line.strip()))
    assert {path for path, _ in stray} <= _HEALTH_OF_THE_GATEWAY_SERVER, stray


# Its HTTP port, at which a load balancer for UDP asks after it: a default, not an opened port.
_HEALTH_OF_THE_GATEWAY_SERVER = {
    "components/aws/load_balancer.py",
    "stacks/sections/ingress.py",
}
