"""Kubernetes objects against the published schemas: what is found, and that every rehearsal looks."""

from collections.abc import Mapping
from typing import Any
from unittest.mock import Mock

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from rehearsal.cloud import Cloud, Operation
from rehearsal.provider import SimulatedProvider
from rehearsal.schemas import against_schema, available

_URN = "urn:pulumi:a::tts::{type}::sample"


def _operation(type_: str, **inputs: Any) -> Operation:
    urn = _URN.format(type=type_)
    return Operation(kind="create", type=type_, urn=urn, id="sample", inputs=inputs)


def _service(port: Any, **spec: Any) -> Mapping[str, Any]:
    spec = {"ports": [{"port": port}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": spec}


_SERVICE = "kubernetes:core/v1:Service"


def test_tests_have_the_schemas() -> None:
    assert available()


def test_a_sound_object_is_understood() -> None:
    assert against_schema(_operation(_SERVICE, **_service(80)), Cloud()) is None


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (_service("eighty"), "spec.ports.0.port"),
        (_service(80, sessionAffinty="ClientIP"), "spec is not what the schema"),
        ({"apiVersion": "v1", "kind": "Sevice"}, "Kubernetes 1.35 knows no v1 Sevice"),
    ],
)
def test_a_wrong_object_is_refused_and_the_place_named(
    inputs: Mapping[str, Any], said: str
) -> None:
    refused = against_schema(_operation(_SERVICE, **inputs), Cloud())
    assert refused is not None
    assert said in refused


def test_a_refusal_tells_no_secret() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"a": ["hidden-value"]}}
    refused = against_schema(_operation("kubernetes:core/v1:Secret", **secret), Cloud())
    assert refused is not None
    assert "stringData.a" in refused
    assert "hidden-value" not in refused


def test_the_version_is_that_of_the_stack_s_own_cluster() -> None:
    cloud = Cloud()
    cluster = _operation("aws:eks/cluster:Cluster", version="1.33")
    cloud.apply(cluster, struct_pb2.Struct())
    refused = against_schema(_operation(_SERVICE, **_service("eighty")), cloud)
    assert refused is not None
    assert "(1.33)" in refused


@pytest.mark.parametrize(
    "type_", ["kubernetes:helm.sh/v3:Release", "kubernetes:traefik.io/v1alpha1:Middleware"]
)
def test_what_no_published_schema_describes_is_left_to_others(type_: str) -> None:
    assert against_schema(_operation(type_, nonsense=True), Cloud()) is None


def test_the_simulated_provider_asks_before_it_makes_anything() -> None:
    cloud = Cloud()
    inputs = struct_pb2.Struct()
    inputs.update(_service("eighty"))
    context = Mock(spec=grpc.ServicerContext)
    context.peer.return_value = "here"
    context.abort.side_effect = RuntimeError
    request = provider_pb2.CreateRequest(urn=_URN.format(type=_SERVICE), properties=inputs)
    with pytest.raises(RuntimeError):
        SimulatedProvider("kubernetes", cloud).Create(request, context)
    assert "spec.ports.0.port" in context.abort.call_args.args[1]
    assert len(cloud) == 0
