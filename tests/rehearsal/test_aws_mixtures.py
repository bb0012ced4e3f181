"""Parts that are made beside parts that were there before."""

from pathlib import Path
from typing import Any

import pytest

from rehearsal.engine import Engine
from rehearsal.run import rehearse
from tests.rehearsal.environment import Silent, project
from tests.samples import stack_file

_NETWORK = {
    "mode": "existing",
    "networkId": "vpc-0123456789abcdef0",
    "cidr": "10.60.0.0/16",
    "privateSubnetIds": ["subnet-0123456789abcde01", "subnet-0123456789abcde02"],
    "publicSubnetIds": ["subnet-0123456789abcde03", "subnet-0123456789abcde04"],
    "dataSubnetIds": ["subnet-0123456789abcde05", "subnet-0123456789abcde06"],
}
_CLUSTER = {"mode": "existing", "name": "platform", "securityGroupId": "sg-0123456789abcdef0"}
_INGRESS = {"mode": "existing", "controller": "traefik"}
_UDP = {"selector": {"example.com/component": "gateway-server"}}


def _existing(section: str) -> Any:
    return stack_file(name="aws-existing")[f"tts:{section}"]


@pytest.mark.parametrize(
    ("changes", "made", "not_made"),
    [
        (
            {"network": _NETWORK},
            {"Cluster", "Instance", "ReplicationGroup", "Eip"},
            {"Vpc", "Subnet", "NatGateway"},
        ),
        (
            {"network": _NETWORK, "cluster": _CLUSTER, "zones": None, "ingress.udp": _UDP},
            {"Instance", "ReplicationGroup", "Eip", "Service"},
            {"Vpc", "Cluster", "NodeGroup", "Addon", "StorageClass"},
        ),
        (
            {"postgres": _existing("postgres"), "redis": _existing("redis"), "ingress": _INGRESS},
            {"Vpc", "Cluster"},
            {"Instance", "ReplicationGroup", "Service"},
        ),
        (
            {
                "postgres": _existing("postgres"),
                "ingress.udp": _UDP,
                "cluster.access": {"mode": "private"},
            },
            {"ReplicationGroup", "Service"},
            {"Instance"},
        ),
    ],
    ids=["network", "cluster", "databases", "postgres"],
)
def test_a_part_that_is_there_takes_the_place_of_one_that_is_made(
    engine: Engine, tmp_path: Path, changes: dict[str, Any], made: set[str], not_made: set[str]
) -> None:
    secrets = {
        key: {"secure": "v1:abc"}
        for key, part in (("kubeconfig", "cluster"), ("postgresPassword", "postgres"))
        if changes.get(part, {}).get("mode") == "existing"
    }
    if "redis" in changes:
        secrets["redisPassword"] = {"secure": "v1:abc"}
    root = project(tmp_path, {**changes, **secrets}, "aws-development")
    found = rehearse(root, "sample", lambda: engine, Silent())
    kinds = {it.type.rpartition(":")[2] for it in found.resources}
    assert made <= kinds
    assert not not_made & kinds
    assert found.kept == ()
