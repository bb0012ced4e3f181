"""What an operator of a managed AWS stack may change, and what it does, on the real engine."""

from typing import Any

import pytest
import yaml
from google.protobuf import struct_pb2
from pulumi import automation

from tests.rehearsal.environment import Environment, Start

_PRODUCTION = "aws-production"
_DATABASE = "aws:rds/instance:Instance"
_CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
_JOB = "kubernetes:batch/v1:Job"
_GROUP = "aws:eks/nodeGroup:NodeGroup"
_HARMLESS = {"same", "create", "update"}


def _section(environment: Environment, key: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(environment.file.read_text())["config"][f"tts:{key}"]
    return found


def _change(environment: Environment, key: str, **changes: Any) -> dict[str, int]:
    environment.edit(key, {**_section(environment, key), **changes})
    return environment.up()


def _operations(environment: Environment, kind: str) -> list[str]:
    return [it.kind for it in environment.cloud.history if it.type == kind]


def test_the_two_step_unlock(start: Start) -> None:
    environment = start(_PRODUCTION)
    environment.edit("protection", "disposable")
    # What is disposable may be reached by plain ports too, and their routes come.
    assert set(environment.up()) <= _HARMLESS
    assert not [it for it in environment.cloud.history if it.kind == "delete"]
    environment.stack.destroy()
    assert environment.left() == []


def test_a_restore_makes_a_new_server_and_leaves_the_running_one(start: Start) -> None:
    environment = start(_PRODUCTION)
    before = environment.stack.outputs()["addresses"].value["postgres"]
    changes = _change(environment, "postgres", restores=[{"mode": "point-in-time"}])
    # The Job that makes the product's role runs again, on the new server.
    assert changes.pop("replace") == 1
    assert _operations(environment, _JOB) == ["create", "delete", "create"]
    assert set(changes) <= _HARMLESS
    assert _operations(environment, _DATABASE) == ["create", "create"]
    after = environment.stack.outputs()["addresses"].value["postgres"]
    assert before != after
    assert "-postgres-2." in after


def test_an_old_server_goes_only_after_its_release(start: Start) -> None:
    environment = start(_PRODUCTION)
    _change(environment, "postgres", restores=[{"mode": "point-in-time"}])
    with pytest.raises(automation.CommandError, match="protected"):
        _change(environment, "postgres", oldServers="remove")
    _change(environment, "postgres", oldServers="release")
    _change(environment, "postgres", oldServers="remove")
    assert _operations(environment, _DATABASE) == ["create", "create", "update", "delete"]
    assert [it.inputs["identifier"] for it in environment.cloud if it.type == _DATABASE] == [
        "tts-aws-production-postgres-2"
    ]


def test_redis_is_restored_beside_the_running_one(start: Start) -> None:
    environment = start(_PRODUCTION)
    restores = [{"mode": "snapshot", "snapshot": "daily"}]
    assert set(_change(environment, "redis", restores=restores)) <= _HARMLESS
    assert _operations(environment, _CACHE) == ["create", "create"]


def test_kubernetes_is_upgraded_in_place_nodes_after_the_control_plane(start: Start) -> None:
    environment = start(_PRODUCTION)
    begun = len(environment.cloud.history)
    assert set(_change(environment, "cluster", kubernetesVersion="1.36")) <= {"same", "update"}
    touched = [it.type.rpartition(":")[2] for it in environment.cloud.history[begun:]]
    assert touched.index("Cluster") < touched.index("NodeGroup")
    assert touched.count("NodeGroup") == 3


def test_postgres_is_upgraded_in_place(start: Start) -> None:
    environment = start(_PRODUCTION)
    changes = _change(environment, "postgres", majorVersion=18)
    # A parameter group for the new version comes, and the old one goes.
    assert changes["create"] == changes["delete"] == 1
    assert _operations(environment, _DATABASE) == ["create", "update"]


def test_another_size_changes_databases_in_place(start: Start) -> None:
    environment = start(_PRODUCTION)
    environment.edit("size", "large")
    environment.up()
    assert _operations(environment, _DATABASE) == ["create", "update"]
    assert _operations(environment, _CACHE) == ["create", "update"]


def test_the_auth_token_is_rotated_then_set(start: Start) -> None:
    environment = start(_PRODUCTION)
    before = environment.stack.outputs()["helmSecrets"].value
    environment.edit("generations", {"redisAuthToken": 2})
    changes = environment.up()
    assert changes["create"] == 1
    assert set(changes) <= _HARMLESS
    after = environment.stack.outputs()["helmSecrets"].value
    assert before["global"].pop("redis") != after["global"].pop("redis")
    assert before == after
    _change(environment, "redis", previousAuthToken="refused")
    strategies = [
        it.inputs["authTokenUpdateStrategy"]
        for it in environment.cloud.history
        if it.type == _CACHE and it.kind == "update"
    ]
    assert strategies == ["ROTATE", "SET"]


def test_a_zone_more_moves_nothing(start: Start) -> None:
    environment = start("aws-development")
    environment.edit("zones", ["eu-west-1a", "eu-west-1b", "eu-west-1c"])
    assert set(environment.up()) <= _HARMLESS
    assert "delete" not in _operations(environment, "aws:ec2/subnet:Subnet")
    assert "delete" not in _operations(environment, _GROUP)


def test_how_many_nodes_run_is_no_difference(start: Start) -> None:
    environment = start(_PRODUCTION)
    for group in [it for it in environment.cloud if it.type == _GROUP]:
        scaled = struct_pb2.Struct()
        scaled.CopyFrom(group.properties)
        scaled["scalingConfig"]["desiredSize"] = 3  # type: ignore[index]
        environment.cloud.replace(group, scaled)
    environment.stack.refresh()
    assert set(environment.preview()) == {"same"}


def test_another_network_in_production_is_refused(start: Start) -> None:
    environment = start(_PRODUCTION)
    with pytest.raises(automation.CommandError, match="unable to replace resource"):
        _change(environment, "network", cidr="10.30.0.0/16")
    assert not [it for it in environment.cloud.history if it.kind == "delete"]
