"""The entry components on their own, as an engine would be told of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components.aws.load_balancer import (
    LOAD_BALANCER_CLASS,
    READINESS_GATE_LABELS,
    Placement,
    tcp_annotations,
    udp_annotations,
)
from components.charts import TRAEFIK
from components.kubernetes.gateway_udp import GatewayServerUdp, GatewayServerUdpArgs
from components.kubernetes.ingress import (
    GRPC_SERVICE_ANNOTATIONS,
    HEALTH_CHECK_PATH,
    HEALTH_CHECK_PORT,
    Traefik,
    TraefikArgs,
    pod_port,
    route_annotations,
)
from components.ports import GATEWAY_UDP, PORTS, WEB_SECURE, exposed
from tests.graph.program import Graph, of, only
from tests.graph.recording import record

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
_KINDS = ("http", "grpc", "semtechws", "semtechcups", "ttigw")


def _promised(*ids: str) -> tuple[pulumi.Output[str], ...]:
    return tuple(pulumi.Output.from_input(it) for it in ids)


def _placement() -> Placement:
    return Placement(
        subnet_ids=_promised("subnet-b", "subnet-a"),
        allocation_ids=_promised("eipalloc-1", "eipalloc-2"),
        tags={"Stack": "sample"},
    )


def _args(
    *,
    production: bool = True,
    replicas: int = 3,
    pod_targets: bool = True,
    controller: tuple[pulumi.Resource, ...] = (),
) -> TraefikArgs:
    return TraefikArgs(
        ports=exposed(production=production, udp=False),
        product_namespace="product",
        service_annotations=tcp_annotations(
            _placement(),
            health_check_port=HEALTH_CHECK_PORT,
            health_check_path=HEALTH_CHECK_PATH,
        ),
        load_balancer_class=LOAD_BALANCER_CLASS,
        replicas=replicas,
        pod_targets=pod_targets,
        namespace_labels=READINESS_GATE_LABELS,
        controller=controller,
    )


def _controller() -> pulumi.Resource:
    """Stands for what makes load balancers."""
    return kubernetes.core.v1.ConfigMap("controller")


def _traefik(make: Callable[[], TraefikArgs] = _args) -> Graph:
    def program() -> None:
        Traefik("ingress", make())

    return record(program)


def _udp(
    make: Callable[[], dict[str, pulumi.Input[str]]] = lambda: {**udp_annotations(_placement())},
    *,
    pod_targets: bool = True,
) -> Graph:
    def program() -> None:
        args = GatewayServerUdpArgs(
            namespace=pulumi.Output.from_input("product"),
            selector={"example.com/component": "gs"},
            service_annotations=make(),
            load_balancer_class=LOAD_BALANCER_CLASS,
            pod_targets=pod_targets,
            controller=(_controller(),),
        )
        GatewayServerUdp("gateway-udp", args)

    return record(program)


@pytest.fixture(scope="module")
def production() -> Graph:
    return _traefik()


@pytest.fixture(scope="module")
def development() -> Graph:
    return _traefik(lambda: _args(production=False))


@pytest.fixture(scope="module")
def udp() -> Graph:
    return _udp()


def _spec(found: Graph) -> Any:
    return only(found, "Service").inputs["spec"]


def _values(found: Graph) -> Any:
    return only(found, "Release").inputs["values"]


def _opened(found: Graph) -> set[int]:
    return {int(port["port"]) for port in _spec(found)["ports"]}


def test_production_opens_no_plain_port_but_the_redirect(production: Graph) -> None:
    plain = {port.number for port in PORTS if not port.tls}
    assert _opened(production) & plain == {80}
    assert _opened(production) >= {443, 8881, 8882, 8883, 8884, 8887, 8889}


def test_development_opens_plain_ports_too(development: Graph) -> None:
    assert _opened(development) >= {1881, 1882, 1883, 1884, 1887, 1889, 8884}


def test_traefik_listens_on_what_is_opened_and_on_nothing_else_of_the_product(
    production: Graph, development: Graph
) -> None:
    for found in (production, development):
        entry_points = _values(found)["ports"]
        opened = {it["name"]: it for it in _spec(found)["ports"]}
        assert set(entry_points) - {"traefik", "metrics"} == set(opened)
        for name, port in opened.items():
            assert entry_points[name]["port"] == port["targetPort"]
            assert entry_points[name]["exposedPort"] == port["port"]
            assert port["protocol"] == entry_points[name]["protocol"] == "TCP"


def test_pods_listen_above_1024_and_twice_on_no_port() -> None:
    inside = [pod_port(port) for port in exposed(production=False, udp=False)]
    metrics = 9100
    assert min(inside) > 1024
    assert len({*inside, HEALTH_CHECK_PORT, metrics}) == len(inside) + 2


def test_http_is_sent_to_https(production: Graph) -> None:
    web = _values(production)["ports"]["web"]["http"]
    redirect = {"to": "websecure", "scheme": "https", "permanent": True}
    assert web == {"redirections": {"entryPoint": redirect}}


def test_tls_is_spoken_where_the_table_says(development: Graph) -> None:
    entry_points = _values(development)["ports"]
    for port in exposed(production=False, udp=False):
        if port.route in ("chart", "http"):
            assert entry_points[port.name]["http"]["tls"]["enabled"] is port.tls, port.name
        elif not port.redirects:
            assert "http" not in entry_points[port.name], port.name


def test_certificates_are_asked_for_on_their_ports_alone(development: Graph) -> None:
    """Options by name are known only to routes; those of the chart have them from here."""
    entry_points = _values(development)["ports"]
    asked = {
        name: options
        for name, it in entry_points.items()
        if (options := it.get("http", {}).get("tls", {}).get("options"))
    }
    reference = "product-client-certificate@kubernetescrd"
    assert asked == {"ttigwsecure": reference, "semtechcupsmtls": reference}


def test_no_client_can_claim_a_certificate(development: Graph) -> None:
    entry_points = _values(development)["ports"]
    for port in exposed(production=False, udp=False):
        if port.route in ("chart", "http"):
            middlewares = entry_points[port.name]["http"]["middlewares"]
            assert middlewares == ["product-no-forged-certificate@kubernetescrd"]


def test_routes_without_an_entry_point_are_served_on_443_alone(development: Graph) -> None:
    entry_points = _values(development)["ports"]
    assert [name for name, it in entry_points.items() if it.get("asDefault")] == ["websecure"]


def test_grpc_streams_are_not_cut_off(development: Graph) -> None:
    entry_points = _values(development)["ports"]
    unlimited = {
        name
        for name, it in entry_points.items()
        if it.get("transport") == {"respondingTimeouts": {"readTimeout": "0s"}}
    }
    assert unlimited == {"grpc", "grpcsecure"}


def test_the_service_reaches_the_chart_s_pods(production: Graph) -> None:
    labels = {
        "app.kubernetes.io/name": "traefik",
        "app.kubernetes.io/instance": _values(production)["instanceLabelOverride"],
    }
    assert _spec(production)["selector"] == labels
    spread = _values(production)["topologySpreadConstraints"]
    assert [it["labelSelector"]["matchLabels"] for it in spread] == [labels, labels]
    assert {it["topologyKey"] for it in spread} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }


def test_the_load_balancer_service_is_ours_and_not_the_chart_s(production: Graph) -> None:
    service = only(production, "Service")
    assert _values(production)["service"] == {"enabled": False}
    assert _spec(production)["type"] == "LoadBalancer"
    assert _spec(production)["loadBalancerClass"] == "service.k8s.aws/nlb"
    path = _values(production)["providers"]["kubernetesIngress"]["publishedService"]
    meta = service.inputs["metadata"]
    assert path["pathOverride"] == f"{meta['namespace']}/{meta['name']}"


def test_pulumi_waits_for_the_service_in_full(production: Graph) -> None:
    annotations = only(production, "Service").inputs["metadata"]["annotations"]
    assert [key for key in annotations if key.startswith("pulumi.com/")] == []


def test_promised_ids_are_joined_in_the_order_given(production: Graph) -> None:
    annotations = only(production, "Service").inputs["metadata"]["annotations"]
    assert annotations[f"{_PREFIX}subnets"] == "subnet-b,subnet-a"
    assert annotations[f"{_PREFIX}eip-allocations"] == "eipalloc-1,eipalloc-2"
    assert annotations[f"{_PREFIX}healthcheck-port"] == "8080"


def test_health_is_asked_where_traefik_answers(production: Graph) -> None:
    assert _values(production)["ports"]["traefik"] == {"port": HEALTH_CHECK_PORT}


def test_pods_as_targets_need_no_port_on_nodes(production: Graph) -> None:
    assert _spec(production)["allocateLoadBalancerNodePorts"] is False
    assert _spec(production)["externalTrafficPolicy"] == "Cluster"


def test_nodes_as_targets_keep_clients_addresses() -> None:
    for spec in (_spec(_traefik(lambda: _args(pod_targets=False))), _spec(_udp(pod_targets=False))):
        assert spec["allocateLoadBalancerNodePorts"] is True
        assert spec["externalTrafficPolicy"] == "Local"


def test_the_chart_s_version_and_source_are_fixed(production: Graph) -> None:
    release = only(production, "Release").inputs
    assert release["chart"] == "traefik"
    assert release["version"] == TRAEFIK.version
    assert release["repositoryOpts"] == {"repo": "https://traefik.github.io/charts"}


def test_the_namespace_is_a_resource_of_its_own(production: Graph) -> None:
    namespace = only(production, "Namespace").inputs["metadata"]
    assert namespace["name"] == only(production, "Release").inputs["namespace"] == "traefik"
    assert namespace["labels"].items() >= READINESS_GATE_LABELS.items()
    assert namespace["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert "createNamespace" not in only(production, "Release").inputs


def test_its_pods_are_reached_where_they_serve_and_nowhere_else(development: Graph) -> None:
    spec = only(development, "NetworkPolicy").inputs["spec"]
    served = {int(it["targetPort"]) for it in _spec(development)["ports"]}
    (rule,) = spec["ingress"]
    assert {int(it["port"]) for it in rule["ports"]} == {*served, HEALTH_CHECK_PORT, 9100}
    assert spec["podSelector"] == {} and spec["policyTypes"] == ["Ingress"]


def test_traefik_needs_its_namespace_alone_and_the_service_needs_traefik_and_the_controller() -> (
    None
):
    found = _traefik(lambda: _args(controller=(_controller(),)))
    assert _kinds(only(found, "Release").depends_on) == {"Namespace"}
    assert _kinds(only(found, "Service").depends_on) == {"Namespace", "Release", "ConfigMap"}


def _kinds(urns: tuple[str, ...]) -> set[str]:
    return {urn.split("::")[2].rpartition(":")[2] for urn in urns}


def test_traefik_takes_only_what_names_its_class(production: Graph) -> None:
    values = _values(production)
    assert values["ingressClass"] == {"enabled": True, "isDefaultClass": False, "name": "traefik"}
    assert values["providers"]["kubernetesIngress"]["ingressClass"] == "traefik"


def test_traefik_tells_nobody_and_shows_nothing_of_itself(production: Graph) -> None:
    values = _values(production)
    assert values["global"] == {"checkNewVersion": False, "sendAnonymousUsage": False}
    assert values["api"] == {"dashboard": False}


def test_pods_have_no_rights_that_they_do_not_need(production: Graph) -> None:
    values = _values(production)
    assert values["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert values["securityContext"]["readOnlyRootFilesystem"] is True
    assert values["podSecurityContext"]["runAsNonRoot"] is True


def test_a_pod_that_goes_serves_on_until_it_is_taken_out(production: Graph) -> None:
    deployment = _values(production)["deployment"]
    lingers = deployment["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert 0 < lingers < deployment["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("replicas", [1, 3])
def test_nodes_can_be_drained_one_pod_after_another(replicas: int) -> None:
    values = _values(_traefik(lambda: _args(replicas=replicas)))
    assert values["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    assert values["deployment"]["replicas"] == replicas


def test_traefik_takes_no_udp() -> None:
    with pytest.raises(Exception, match="TCP ports only"):
        _traefik(
            lambda: TraefikArgs(
                ports=(GATEWAY_UDP,),
                product_namespace="product",
                service_annotations={},
                load_balancer_class=None,
                replicas=1,
            )
        )


@pytest.mark.parametrize("number", [443, 8443, HEALTH_CHECK_PORT, 9100])
def test_ports_that_collide_are_refused(number: int) -> None:
    colliding = replace(WEB_SECURE, number=number, name="other")
    with pytest.raises(Exception, match="ports collide"):
        _traefik(lambda: replace(_args(), ports=(WEB_SECURE, colliding)))


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("production", [True, False])
def test_routes_name_entry_points_that_are_there(kind: str, production: bool) -> None:
    ports = {port.name: port for port in exposed(production=production, udp=False)}
    annotations = getattr(route_annotations(production, "product"), kind)
    named = annotations["traefik.ingress.kubernetes.io/router.entrypoints"].split(",")
    assert set(named) <= set(ports)
    assert any(ports[name].tls for name in named)
    assert any(not ports[name].tls for name in named) is not production


@pytest.mark.parametrize("kind", _KINDS)
def test_a_route_has_tls_of_its_own_only_where_no_plain_port_is(kind: str) -> None:
    key = "traefik.ingress.kubernetes.io/router.tls"
    assert getattr(route_annotations(True, "product"), kind)[key] == "true"
    assert key not in getattr(route_annotations(False, "product"), kind)


def test_production_routes_are_those_of_the_sample() -> None:
    key = "traefik.ingress.kubernetes.io/router.entrypoints"
    routes = route_annotations(True, "product")
    assert "websecure" in routes.http[key].split(",")
    assert routes.grpc[key] == "grpcsecure"
    assert routes.semtechws[key] == "semtechwssecure"
    assert routes.ttigw[key] == "ttigwsecure"
    assert dict(GRPC_SERVICE_ANNOTATIONS) == {
        "traefik.ingress.kubernetes.io/service.serversscheme": "h2c"
    }


def test_udp_goes_straight_to_the_gateway_server(udp: Graph) -> None:
    service = only(udp, "Service").inputs
    assert service["metadata"]["namespace"] == "product"
    assert service["spec"]["type"] == "LoadBalancer"
    assert service["spec"]["loadBalancerClass"] == "service.k8s.aws/nlb"
    assert service["spec"]["selector"] == {"example.com/component": "gs"}
    assert service["spec"]["ports"] == [
        {"name": "udp", "port": 1700, "targetPort": 1700, "protocol": "UDP"}
    ]


def test_udp_waits_for_the_load_balancer_and_not_for_pods(udp: Graph) -> None:
    annotations = only(udp, "Service").inputs["metadata"]["annotations"]
    assert annotations["pulumi.com/waitFor"] == "jsonpath={.status.loadBalancer.ingress[0]}"
    assert "pulumi.com/skipAwait" not in annotations


def test_udp_keeps_a_gateway_at_one_pod(udp: Graph) -> None:
    service = only(udp, "Service").inputs
    attributes = service["metadata"]["annotations"][f"{_PREFIX}target-group-attributes"]
    assert "stickiness.type=source_ip" in attributes.split(",")
    assert service["spec"]["sessionAffinity"] == "ClientIP"


def test_udp_goes_before_its_controller_does(udp: Graph) -> None:
    assert _kinds(only(udp, "Service").depends_on) == {"ConfigMap"}


def test_udp_needs_labels_of_pods() -> None:
    def program() -> None:
        args = GatewayServerUdpArgs(
            namespace="product", selector={}, service_annotations={}, load_balancer_class=None
        )
        GatewayServerUdp("gateway-udp", args)

    with pytest.raises(Exception, match="labels of the Gateway Server's pods"):
        record(program)


def test_all_of_it_is_inside_of_its_component(production: Graph, udp: Graph) -> None:
    for found in (production, udp):
        for it in found:
            if it.custom and it.name != "controller":
                assert "tts:kubernetes:" in it.parent, it.name
    assert of(production, "Traefik").keys() == {"ingress"}
