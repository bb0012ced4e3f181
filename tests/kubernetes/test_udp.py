"""Gateways with the Semtech UDP protocol, by a balancer that does what our Service asks for.

The balancer is these tests' own: what is proved is that the Service asks for affinity in the words of its
cloud, and what that is worth. Not proved is that the cloud keeps its word.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.ports import GATEWAY_UDP
from rehearsal.engine import obtain
from rehearsal.workspace import stacks
from tests.kubernetes.addresses import loopback
from tests.kubernetes.api_server import ApiServer
from tests.kubernetes.balancers import udp_balancer
from tests.kubernetes.cluster import Cluster
from tests.kubernetes.conftest import MadeBy
from tests.kubernetes.environment import udp_service
from tests.kubernetes.objects import made_by
from tests.kubernetes.semtech import Gateway, pods
from tests.rehearsal.environment import project
from tests.samples import ROOT, stack_file

_GATEWAYS, _ROUNDS, _PODS = 60, 3, 3


def _targets() -> list[str]:
    """A shipped stack of each target whose entry is made."""
    found: dict[str, str] = {}
    for stack in stacks(ROOT):
        config = stack_file(name=stack)
        if config["tts:ingress"]["mode"] == "managed":
            found.setdefault(config["tts:target"], stack)
    return sorted(found.values())


def _accepted(stack: str, tmp_path: Path, api: ApiServer) -> Mapping[str, Any]:
    """The Service of the stack once UDP is asked for, as the API server has it, with its defaults."""
    ingress = {**stack_file(name=stack)["tts:ingress"], "udp": {"selector": {"app": "gs"}}}
    root = project(tmp_path, {"ingress": ingress}, stack)
    found = udp_service(made_by(root, "sample", lambda: obtain(print)))
    assert found is not None
    cluster = Cluster(api)
    place = {"name": found.namespace}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": place})
    accepted: Mapping[str, Any] = cluster.apply(found.manifest).to_dict()
    return accepted


def _pods_by_gateway(service: Mapping[str, Any]) -> dict[int, int]:
    """By how many pods each gateway was heard."""
    addresses = [loopback() for _ in range(_PODS)]
    port = GATEWAY_UDP.number
    with (
        pods([(it, port) for it in addresses]) as servers,
        udp_balancer(service, addresses) as balancer,
    ):
        network = loopback().rpartition(".")[0]
        gateways = [
            Gateway(0xB827EB0000000000 + it, f"{network}.{it + 1}", balancer.address)
            for it in range(_GATEWAYS)
        ]
        for _ in range(_ROUNDS):
            for gateway in gateways:
                assert gateway.say(1) == 2
        assert all(it.gateways for it in servers), "a pod was left out"
        return {it.number: sum(it.number in pod.gateways for pod in servers) for it in gateways}


@pytest.mark.parametrize("stack", stacks(ROOT))
def test_udp_is_not_open_unless_asked_for(stack: str, made: MadeBy) -> None:
    ports = [port for it in made(stack).of("Service") for port in it.manifest["spec"]["ports"]]
    assert [it for it in ports if it.get("protocol") == "UDP"] == []


@pytest.mark.parametrize("stack", _targets())
def test_each_gateway_stays_at_one_pod(stack: str, tmp_path: Path, api: ApiServer) -> None:
    service = _accepted(stack, tmp_path, api)
    assert [it["port"] for it in service["spec"]["ports"]] == [GATEWAY_UDP.number]
    assert set(_pods_by_gateway(service).values()) == {1}


def test_without_affinity_gateways_wander() -> None:
    """So the test above proves something."""
    port = {"port": GATEWAY_UDP.number, "targetPort": GATEWAY_UDP.number, "protocol": "UDP"}
    metadata: Mapping[str, str] = {}
    service = {"metadata": metadata, "spec": {"ports": [port], "sessionAffinity": "None"}}
    assert max(_pods_by_gateway(service).values()) > 1
