"""The order of what is under way at the same time."""

import threading
from collections.abc import Sequence

from google.protobuf import struct_pb2

from rehearsal.cloud import Cloud, Operation
from rehearsal.order import Priority, Serial, shuffled

_TYPE = "aws:s3/bucket:Bucket"


def _operation(name: str) -> Operation:
    urn = f"urn:pulumi:sample::tts::{_TYPE}::{name}"
    return Operation(kind="create", type=_TYPE, urn=urn, id=name, inputs={})


def _carried_out(names: Sequence[str], priority: Priority) -> list[str]:
    cloud = Cloud(order=Serial(priority, quiet_seconds=0.2))
    threads = [
        threading.Thread(target=cloud.apply, args=(_operation(name), struct_pb2.Struct()))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [operation.id for operation in cloud.history]


def test_those_that_wait_go_by_their_priority_whenever_they_came() -> None:
    by_name: Priority = lambda operation: operation.id  # noqa: E731
    assert _carried_out(["c", "a", "d", "b"], by_name) == ["a", "b", "c", "d"]
    assert _carried_out(["d", "c", "b", "a"], by_name) == ["a", "b", "c", "d"]


def test_a_seed_is_an_order_and_another_seed_another() -> None:
    names = [f"bucket-{number}" for number in range(8)]
    first = _carried_out(names, shuffled(1))
    assert first == _carried_out(list(reversed(names)), shuffled(1))
    assert sorted(first) == sorted(names)
    assert first != _carried_out(names, shuffled(2))


def test_what_is_refused_ends_its_turn() -> None:
    class Refusing:
        def refusal(self, operation: Operation, cloud: Cloud) -> str | None:
            return "no" if operation.id == "a" else None

    cloud = Cloud(rules=Refusing(), order=Serial(shuffled(0)))
    for name in ("a", "b"):
        try:
            cloud.apply(_operation(name), struct_pb2.Struct())
        except Exception as error:
            assert str(error) == "no"
    assert [operation.id for operation in cloud.history] == ["b"]
