"""The routes that the product's chart does not make, as an engine would be told of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.kubernetes.ingress import route_annotations
from components.kubernetes.routes import ProductRoutes, ProductRoutesArgs
from components.ports import PORTS, Port, exposed
from tests.graph.program import Graph, graph, of
from tests.graph.recording import record

_ROUTES = ("IngressRoute", "IngressRouteTCP")
_SERVICES = {"gs": "tts-gs", "as-mqtt": "tts-as-mqtt", "gcs": "tts-gcs", "is": "tts-is"}


def _routes(production: bool) -> Graph:
    def program() -> None:
        chart = kubernetes.core.v1.ConfigMap("chart")
        args = ProductRoutesArgs(
            ports=exposed(production=production, udp=False),
            namespace=pulumi.Output.from_input("product"),
            domain="thethings.example.com",
            tls_secret=pulumi.Output.from_input("tts-tls"),
            services=_SERVICES,  # type: ignore[arg-type]
            controller=(chart,),
        )
        ProductRoutes("routes", args)

    return record(program)


@pytest.fixture(scope="module")
def production() -> Graph:
    return _routes(True)


@pytest.fixture(scope="module")
def development() -> Graph:
    return _routes(False)


def _objects(found: Graph, *kinds: str) -> Iterator[Mapping[str, Any]]:
    for kind in kinds:
        yield from (it.inputs for it in of(found, kind).values())


def _by_entry_point(found: Graph) -> dict[str, Mapping[str, Any]]:
    """The kind of each route and its spec, by entry point."""
    specs = [(it["kind"], it["spec"]) for it in _objects(found, *_ROUTES)]
    names = [name for _, spec in specs for name in spec["entryPoints"]]
    assert len(names) == len(set(names)) == len(specs)
    return {spec["entryPoints"][0]: {"kind": kind, **spec} for kind, spec in specs}


def _own(production: bool) -> tuple[Port, ...]:
    ports = exposed(production=production, udp=False)
    return tuple(it for it in ports if it.route in ("http", "tcp", "pass-through"))


def test_each_port_that_the_chart_leaves_out_has_a_route(
    production: Graph, development: Graph
) -> None:
    assert set(_by_entry_point(production)) == {it.name for it in _own(True)}
    assert set(_by_entry_point(development)) == {it.name for it in _own(False)}


def test_each_port_has_one_who_leads_it_on() -> None:
    """By annotation, by a route, by a redirect or by a load balancer of its own."""
    annotations = route_annotations(False, "product")
    annotated = {
        name
        for kind in ("http", "grpc", "semtechws", "semtechcups", "ttigw")
        for key, value in getattr(annotations, kind).items()
        if key.endswith("router.entrypoints")
        for name in value.split(",")
    }
    assert {it.name for it in PORTS if it.route == "chart"} == annotated - {"ttigwsecure"}


@pytest.mark.parametrize("port", _own(False), ids=lambda it: it.name)
def test_a_route_leads_where_the_table_says(development: Graph, port: Port) -> None:
    route = _by_entry_point(development)[port.name]
    assert port.backend is not None
    (only,) = route["routes"]
    service = {"name": _SERVICES[port.backend.component], "port": port.backend.port}
    assert only["services"] == [service]
    assert route["kind"] == ("IngressRoute" if port.route == "http" else "IngressRouteTCP")


@pytest.mark.parametrize("port", _own(False), ids=lambda it: it.name)
def test_tls_comes_from_the_secret_unless_the_product_does_it(
    development: Graph, port: Port
) -> None:
    route = _by_entry_point(development)[port.name]
    if port.route == "pass-through":
        assert route["tls"] == {"passthrough": True}
    elif port.tls:
        assert route["tls"]["secretName"] == "tts-tls"
    else:
        assert "tls" not in route


def test_a_client_s_certificate_is_asked_for_and_passed_on_where_the_table_says(
    production: Graph,
) -> None:
    asked = set()
    for name, route in _by_entry_point(production).items():
        middlewares = [it["name"] for it in route["routes"][0].get("middlewares", ())]
        options = route.get("tls", {}).get("options")
        assert (options == {"name": "client-certificate"}) is ("client-certificate" in middlewares)
        if options:
            asked.add(name)
    assert asked == {it.name for it in PORTS if it.client_certificate}
    assert asked == {"ttigwsecure", "semtechcupsmtls"}


def test_nobody_is_asked_for_a_certificate_by_default(production: Graph) -> None:
    (option,) = _objects(production, "TLSOption")
    assert option["metadata"]["name"] == "client-certificate"
    assert option["spec"] == {"clientAuth": {"clientAuthType": "RequestClientCert"}}


def test_what_annotations_and_entry_points_name_is_there(production: Graph) -> None:
    made = {it["metadata"]["name"]: it["spec"] for it in _objects(production, "Middleware")}
    assert made == {
        "buffering": {"buffering": {}},
        "client-certificate": {"passTLSClientCert": {"pem": True}},
        "no-forged-certificate": {
            "headers": {"customRequestHeaders": {"X-Forwarded-Client-Cert": ""}}
        },
    }


def test_clients_that_name_no_host_get_the_same_certificate(production: Graph) -> None:
    (store,) = _objects(production, "TLSStore")
    assert store["metadata"]["name"] == "default"
    assert store["spec"] == {"defaultCertificate": {"secretName": "tts-tls"}}


def test_all_is_in_the_product_s_namespace_and_after_the_chart(production: Graph) -> None:
    made = [it for it in production if it.type.startswith("kubernetes:traefik.io/")]
    assert len(made) == 5 + len(_own(True))
    for it in made:
        assert it.inputs["metadata"]["namespace"] == "product"
        assert any(urn.endswith("::chart") for urn in it.depends_on)
        assert "tts:kubernetes:ProductRoutes" in it.parent


def test_the_chart_s_own_route_wins_over_ours(production: Graph) -> None:
    for route in _objects(production, "IngressRoute"):
        assert route["spec"]["routes"][0]["priority"] == 1


def test_services_may_have_other_names(tmp_path: Path) -> None:
    found = graph(
        tmp_path,
        {
            "ingress.services": {"gatewayServer": "other-gs"},
            "release": {"name": "mine"},
        },
        name="aws-production",
        secrets={"licenseKey": "license-key-text", "adminPassword": "Admin-password-1"},
    )
    names = {
        service["name"]
        for route in _objects(found, *_ROUTES)
        for service in route["spec"]["routes"][0]["services"]
    }
    assert names == {"other-gs", "mine-as-mqtt", "mine-gcs", "mine-is"}


@pytest.mark.parametrize("in_production", [True, False])
def test_the_values_name_what_the_routes_make(in_production: bool) -> None:
    annotations = route_annotations(in_production, "product")
    router = "traefik.ingress.kubernetes.io/router"
    certificate = "product-client-certificate@kubernetescrd"
    assert annotations.ttigw[f"{router}.middlewares"] == certificate
    assert annotations.ttigw.get(f"{router}.tls.options") == (
        certificate if in_production else None
    )
    assert annotations.semtechcups[f"{router}.middlewares"] == "product-buffering@kubernetescrd"
