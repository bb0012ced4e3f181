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

from rehearsal.believable import Request, answers, make
from rehearsal.sdk import resource_type

_SIGNATURE = "4dabf18193072939515e22adb298388d"  # of a special value in Pulumi's protocol


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


class _Answers(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ.startswith(("tts:", "pulumi:")):
            return f"{args.name}-id", args.inputs
        urn = f"urn:pulumi:sample::tts::{args.typ}::{args.name}"
        kind = resource_type(args.typ)
        inputs = _plain(args.inputs)
        made = make(Request(kind=kind, urn=urn, inputs=inputs, provider={}))
        return made.id, _merged(args.inputs, made.outputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        known = answers(args.token.partition(":")[0])
        if args.token not in known:
            raise AssertionError(f"the program asked {args.token}: nothing may decide the graph")
        return dict(known[args.token](_plain(args.args))), []


def _plain(value: Any) -> Any:
    """Without the marks of secrets."""
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return _plain(value.get("value"))
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _merged(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What is computed inside of an input stands beside what was given there."""
    found = dict(inputs)
    for name, value in outputs.items():
        given = found.get(name)
        both = isinstance(given, Mapping) and isinstance(value, Mapping)
        found[name] = {**given, **value} if both else value
    return found


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
