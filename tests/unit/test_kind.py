"""The cluster by kind in the documentation: its ports are those that the stack file `local` opens."""

import yaml

from components.ports import GATEWAY_UDP, exposed
from stacks.self_managed_entry import UDP_NODE_PORT
from tests.samples import ROOT


def test_every_port_of_the_laptop_leads_into_the_cluster() -> None:
    document = yaml.safe_load((ROOT / "docs" / "kind.yaml").read_text(encoding="utf-8"))
    (node,) = document["nodes"]
    found = {
        (it["hostPort"], it["containerPort"], it.get("protocol", "TCP"))
        for it in node["extraPortMappings"]
    }
    tcp = {
        (it.number, it.number, "TCP")
        for it in exposed(production=False, udp=True)
        if it.transport == "tcp"
    }
    assert found == tcp | {(GATEWAY_UDP.number, UDP_NODE_PORT, "UDP")}
    assert {it["listenAddress"] for it in node["extraPortMappings"]} == {"127.0.0.1"}
