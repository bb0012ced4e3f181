"""The graph that a program registers, recorded without an engine.

The SDK's mocks say nothing of options; a `MockMonitor` that keeps the requests does.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi.runtime
from google.protobuf import json_format
from pulumi.runtime import mocks
from pulumi.runtime.proto import resource_pb2


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One registration: what the engine would have been told."""

    type: str
    name: str
    parent: str
    provider: str
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    depends_on: tuple[str, ...]
    custom: bool
    inputs: Mapping[str, Any]


_COMPUTED: Mapping[str, Mapping[str, str]] = {
    "random:index/randomBytes:RandomBytes": {"hex": "00ff"},
    "tls:index/privateKey:PrivateKey": {"privateKeyPem": "private key"},
    "tls:index/selfSignedCert:SelfSignedCert": {"certPem": "certificate"},
    "aws:iam/accessKey:AccessKey": {"secret": "access key"},
}


class _Answers(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        computed = {"arn": f"arn:aws:x:::{args.name}", **_COMPUTED.get(args.typ, {})}
        return f"{args.name}-id", {**computed, **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program asked {args.token}: nothing may decide the graph")


class _Recorder(mocks.MockMonitor):
    def __init__(self) -> None:
        super().__init__(_Answers())
        self.requests: list[resource_pb2.RegisterResourceRequest] = []

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:
        self.requests.append(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def record(program: Callable[[], None]) -> tuple[Registered, ...]:
    """Everything the program registers, in order, the stack itself left out."""
    monitor = _Recorder()
    asyncio.set_event_loop(asyncio.new_event_loop())
    pulumi.runtime.set_mocks(_Answers(), project="tts", stack="sample", monitor=monitor)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return tuple(
        _registered(request)
        for request in monitor.requests
        if request.type != "pulumi:pulumi:Stack"
    )


def _registered(request: resource_pb2.RegisterResourceRequest) -> Registered:
    return Registered(
        type=request.type,
        name=request.name,
        parent=request.parent,
        provider=request.provider,
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        ignore_changes=tuple(request.ignoreChanges),
        depends_on=tuple(request.dependencies),
        custom=request.custom,
        inputs=json_format.MessageToDict(request.object),
    )
