"""The cloud's memory and seams, and what the servicers say without an engine."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from rehearsal import believable, replacement
from rehearsal.cloud import Cloud, Operation, Refused
from rehearsal.provider import SimulatedProvider
from rehearsal.sdk import resource_type

_TYPE = "aws:s3/bucket:Bucket"
_URN = f"urn:pulumi:sample::tts::{_TYPE}::b"


def _operation(kind: Any = "create", id_: str = "b") -> Operation:
    return Operation(kind=kind, type=_TYPE, urn=_URN, id=id_, inputs={"bucket": id_})


class _Refusing:
    def refusal(self, operation: Operation, cloud: Cloud) -> str | None:
        return "BucketAlreadyExists" if cloud.find(operation.type, operation.id) else None


class _Failing:
    def __init__(self, when: str) -> None:
        self._when = when

    def before(self, operation: Operation) -> None:
        if self._when == "before":
            raise Refused("throttled")

    def after(self, operation: Operation) -> None:
        if self._when == "after":
            raise Refused("timed out")


class _Noting:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def seconds(self, operation: Operation) -> float:
        self.seen.append(operation.kind)
        return 0.0


def test_it_remembers_what_is_there_and_what_was_done() -> None:
    cloud = Cloud()
    properties = struct_pb2.Struct()
    cloud.apply(_operation(), properties)
    cloud.apply(_operation(id_="c"), properties)
    cloud.apply(_operation("delete"), None)
    cloud.apply(_operation("delete", "never-made"), None)
    assert [each.id for each in cloud] == ["c"]
    assert cloud.find(_TYPE, "b") is None
    assert [it.kind for it in cloud.history] == ["create", "create", "delete", "delete"]
    assert cloud.creations(_URN) == 2


def test_rules_see_the_cloud_and_what_they_refuse_is_not_made() -> None:
    cloud = Cloud(rules=_Refusing())
    cloud.apply(_operation(), struct_pb2.Struct())
    with pytest.raises(Refused, match="BucketAlreadyExists"):
        cloud.apply(_operation(), struct_pb2.Struct())
    assert len(cloud.history) == 1


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_fault_comes_before_or_after_the_thing_is_done(when: str, made: int) -> None:
    cloud = Cloud(faults=_Failing(when))
    with pytest.raises(Refused):
        cloud.apply(_operation(), struct_pb2.Struct())
    assert len(cloud) == made


def test_every_operation_is_asked_how_long_it_takes() -> None:
    latencies = _Noting()
    cloud = Cloud(latencies=latencies)
    cloud.apply(_operation(), struct_pb2.Struct())
    cloud.apply(_operation("delete"), None)
    assert latencies.seen == ["create", "delete"]


def test_an_invoke_is_answered_from_the_table_or_refused_by_name() -> None:
    def region(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"region": asked["region"]}

    provider = SimulatedProvider("aws", Cloud(), {"aws:index/getRegion:getRegion": region})
    context = Mock(spec=grpc.ServicerContext)
    request = provider_pb2.InvokeRequest(tok="aws:index/getRegion:getRegion")
    request.args["region"] = "eu-west-1"
    answer = getattr(provider.Invoke(request, context), "return")
    assert answer["region"] == "eu-west-1"
    provider.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi"), context)
    said = context.abort.call_args.args[1]
    assert "aws:ec2/getAmi:getAmi" in said


def _make(token: str, **inputs: Any) -> believable.Made:
    urn = f"urn:pulumi:sample::tts::{token}::r"
    return believable.make(
        believable.Request(kind=resource_type(token), urn=urn, inputs=inputs, provider={})
    )


def test_what_is_computed_is_the_same_in_every_rehearsal() -> None:
    token = "random:index/randomPassword:RandomPassword"
    asked: dict[str, Any] = {"length": 24, "special": False, "minUpper": 3}
    made = _make(token, **asked)
    password = made.outputs["result"]
    assert made == _make(token, **asked)
    assert len(password) == 24
    assert password.isalnum()
    assert sum(letter.isupper() for letter in password) >= 3


def test_policies_of_one_name_in_two_roles_are_two_things() -> None:
    token = "aws:iam/rolePolicy:RolePolicy"
    ids = {_make(token, role=role, name="p", policy="{}").id for role in ("a", "b")}
    assert ids == {"a:p", "b:p"}


@pytest.mark.parametrize(
    ("token", "inputs", "said"),
    [
        ("random:index/randomInteger:RandomInteger", {"min": 2, "max": 1}, "less than min"),
        ("tls:index/privateKey:PrivateKey", {"algorithm": "DSA"}, "'DSA'.*allowed: RSA"),
        ("tls:index/selfSignedCert:SelfSignedCert", {"privateKeyPem": "x"}, "privateKeyPem"),
    ],
)
def test_what_cannot_be_computed_is_explained(
    token: str, inputs: dict[str, Any], said: str
) -> None:
    with pytest.raises(believable.Unbelievable, match=said):
        _make(token, **inputs)


def test_every_property_that_replaces_is_one_that_the_sdk_declares() -> None:
    for token in replacement.known_types():
        declared = resource_type(token).inputs
        named = {path.partition(".")[0] for path in replacement._table()[token]}
        assert named <= declared.keys(), token
