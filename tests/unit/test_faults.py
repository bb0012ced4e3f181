"""Faults by themselves, without an engine: once each, before or after, or held until it is over."""

import threading
from typing import Any

import pytest
from google.protobuf import struct_pb2

from rehearsal.cloud import Cloud, HalfDone, Operation, Refused
from rehearsal.drift import drifted
from rehearsal.end_state import differences, end_state
from rehearsal.faults import Fault, Once, everywhere, mixed, possible, reason
from rehearsal.orphans import Home, delete_command, has_delete_command, orphan, unknown_to

_BUCKET = "aws:s3/bucket:Bucket"
_ADDRESS = "aws:ec2/eip:Eip"
_BYTES = "random:index/randomBytes:RandomBytes"


def _operation(kind: Any = "create", name: str = "b", token: str = _BUCKET) -> Operation:
    urn = f"urn:pulumi:sample::tts::{token}::{name}"
    return Operation(kind=kind, type=token, urn=urn, id=name, inputs={"bucket": name})


def _apply(cloud: Cloud, operation: Operation) -> str | None:
    try:
        cloud.apply(operation, None if operation.kind == "delete" else struct_pb2.Struct())
    except Refused as error:
        return f"{type(error).__name__}: {error}"
    return None


@pytest.mark.parametrize(
    ("fault", "kind", "said", "there"),
    [
        (Fault.CREATE_REFUSED, "create", "Refused: ", 0),
        (Fault.CREATE_LOST, "create", "Refused: the connection", 1),
        (Fault.CREATE_UNREADY, "create", "HalfDone: timed out", 1),
        (Fault.UPDATE_REFUSED, "update", "Refused: ", 1),
        (Fault.DELETE_REFUSED, "delete", "Refused: ", 1),
    ],
)
def test_each_comes_once_and_leaves_what_it_says(
    fault: Fault, kind: str, said: str, there: int
) -> None:
    cloud, faults = Cloud(), Once(everywhere(fault))
    if kind != "create":
        cloud.apply(_operation(), struct_pb2.Struct())
    cloud._faults = faults
    first = _apply(cloud, _operation(kind))
    assert first is not None and first.startswith(said)
    assert len(cloud) == there
    assert _apply(cloud, _operation(kind)) is None
    assert list(faults.tried.values()) == [fault]


def test_half_done_is_a_refusal_to_whom_it_does_not_concern() -> None:
    assert issubclass(HalfDone, Refused)


def test_what_is_held_goes_on_when_it_is_released() -> None:
    faults = Once(everywhere(Fault.ENGINE_KILLED), seed=3)
    cloud = Cloud(faults=faults)
    names = [f"bucket-{number}" for number in range(10)]
    threads = [
        threading.Thread(target=_apply, args=(cloud, _operation(name=name))) for name in names
    ]
    for thread in threads:
        thread.start()
    while len(faults.tried) < len(names):
        threading.Event().wait(0.01)
    assert faults.at_rest(0.0)
    assert len(cloud) == 0
    faults.release()
    there = {it.id for it in cloud}
    assert there == {it for it in names if faults.completes(_operation(name=it).urn)}
    assert 0 < len(there) < len(names)
    assert not faults.at_rest(0.0)
    for thread in threads:
        thread.join()


def test_what_exists_in_the_state_alone_is_never_lost() -> None:
    urn = _operation(token=_BYTES).urn
    assert not possible(Fault.CREATE_LOST, urn)
    assert possible(Fault.CREATE_REFUSED, urn)
    assert not Once(everywhere(Fault.ENGINE_KILLED)).completes(urn)


def test_a_seed_decides_who_has_which_fault() -> None:
    urns = [_operation(name=str(number)).urn for number in range(200)]
    among = (Fault.CREATE_REFUSED, Fault.CREATE_LOST)
    first, again, other = (list(map(mixed(seed, 0.5, among), urns)) for seed in (1, 1, 2))
    assert first == again != other
    assert set(first) == {None, *among}
    assert len({reason(_operation(name=str(number)), 0) for number in range(50)}) == 3


def _remembered(token: str, id_: str, **inputs: Any) -> Cloud:
    cloud = Cloud()
    urn = f"urn:pulumi:sample::tts::tts:aws:Blobs${token}::mine"
    operation = Operation(kind="create", type=token, urn=urn, id=id_, inputs=inputs)
    cloud.apply(operation, struct_pb2.Struct())
    return cloud


_HOME = Home(
    parent="urn:pulumi:sample::tts::tts:aws:Blobs::blobs",
    provider="urn:pulumi:sample::tts::pulumi:providers:aws::aws::0c5b3d0e",
)


def test_an_orphan_is_named_with_what_to_type() -> None:
    cloud = _remembered(_ADDRESS, "eipalloc-1")
    (found,) = unknown_to([], cloud)
    assert unknown_to([{"type": _ADDRESS, "id": "eipalloc-1"}], cloud) == []
    told = orphan(found, "sample", _HOME, pending=False)
    assert told.adopt == (
        "pulumi import --stack sample --parent "
        "parent_blobs=urn:pulumi:sample::tts::tts:aws:Blobs::blobs --provider "
        "provider_aws=urn:pulumi:sample::tts::pulumi:providers:aws::aws --protect=false "
        "--generate-code=false aws:ec2/eip:Eip mine eipalloc-1"
    )
    assert told.delete == "aws ec2 release-address --allocation-id eipalloc-1"
    assert "mine (aws:ec2/eip:Eip) is there as eipalloc-1" in str(told)


def test_what_the_engine_was_making_when_it_was_killed_has_a_command_of_its_own() -> None:
    (found,) = unknown_to([], _remembered(_ADDRESS, "eipalloc-1"))
    told = orphan(found, "sample", _HOME, pending=True)
    assert told.adopt == (
        f"pulumi refresh --stack sample --import-pending-creates '{found.urn}' "
        "--import-pending-creates eipalloc-1"
    )


def test_delete_commands_are_filled_in_and_quoted() -> None:
    (key,) = _remembered("aws:iam/accessKey:AccessKey", "AKIA 1", user="blob-user")
    command = "aws iam delete-access-key --user-name blob-user --access-key-id 'AKIA 1'"
    assert delete_command(key) == command
    (secret,) = _remembered(
        "kubernetes:core/v1:Secret", "a/b", metadata={"name": "b", "namespace": "a"}
    )
    assert delete_command(secret) == "kubectl delete secret b --namespace a"
    assert has_delete_command("azure-native:network/v20240501:NatGateway")
    assert not has_delete_command("aws:s3/bucketPolicy:BucketPolicy")


def _resource(name: str, **fields: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:sample::tts::{_BUCKET}::{name}"
    return {"urn": urn, "type": _BUCKET, "custom": True, "inputs": {}, "outputs": {}, **fields}


def _pair(identifier: str, **other: Any) -> list[dict[str, Any]]:
    return [
        _resource("a", id=identifier, outputs={"arn": f"arn:aws:s3:::{identifier}"}),
        _resource("b", inputs={"policy": f'{{"Resource": "arn:aws:s3:::{identifier}"}}', **other}),
    ]


def test_two_end_states_are_compared_but_for_what_was_computed() -> None:
    first, second = end_state(_pair("first-name")), end_state(_pair("second-name"))
    assert differences(first, second) == []
    other = end_state(_pair("first-name", acl="public"))
    assert differences(first, other) == ["b (aws:s3/bucket:Bucket): inputs.acl"]
    assert differences(first, end_state(_pair("first-name")[:1])) == [
        "b (aws:s3/bucket:Bucket) is missing"
    ]


def test_what_is_asked_for_by_name_is_no_computed_value() -> None:
    named = [_resource("a", id="chosen-name", inputs={"bucket": "chosen-name"})]
    renamed = [_resource("a", id="other-name", inputs={"bucket": "other-name"})]
    found = differences(end_state(named), end_state(renamed))
    assert found == ["a (aws:s3/bucket:Bucket): inputs.bucket"]


def test_a_name_that_the_provider_chose_is_a_computed_value() -> None:
    def named(name: str) -> list[dict[str, Any]]:
        inputs = {"name": name, "__defaults": ["name"]}
        return [_resource("a", id="x", inputs=inputs, outputs={"name": name})]

    assert differences(end_state(named("a-1234567")), end_state(named("a-7654321"))) == []


def test_drift_changes_one_input_that_does_not_replace() -> None:
    from pulumi import automation

    inputs = {"bucket": "a-name", "forceDestroy": False}
    seed = _resource("seed", inputs={"content": "text"}, retainOnDelete=True)
    state = {"resources": [_resource("a", inputs=inputs), seed]}
    changed = drifted(automation.Deployment(version=3, deployment=state)).deployment
    assert changed is not None
    assert changed["resources"][0]["inputs"] == {"bucket": "a-name", "forceDestroy": True}
    assert changed["resources"][1] == seed
    assert inputs["forceDestroy"] is False
