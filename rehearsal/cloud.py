"""The simulated cloud: what has been made, and the seams for rules, faults and latencies."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol

from google.protobuf import struct_pb2

from rehearsal.properties import hidden, plain


class Refused(Exception):
    """The simulated cloud says no; the message is what an operator is to read."""


class HalfDone(Refused):
    """It is made, but did not become ready in time: the provider reports a failure and an identifier."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Something a provider is asked to do with one resource. `inputs` are plain values.

    `elsewhere`: the provider has an endpoint of its own, so that not the cloud answers.
    """

    kind: Literal["create", "update", "delete"]
    type: str
    urn: str
    id: str
    inputs: Mapping[str, Any] = field(repr=False)
    elsewhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """One resource as the cloud has it. `properties` is its whole state as the engine saw it."""

    type: str
    urn: str
    id: str
    inputs: Mapping[str, Any] = field(repr=False)
    properties: struct_pb2.Struct = field(repr=False)

    @cached_property
    def state(self) -> Mapping[str, Any]:
        """`properties` as plain values, secrets unwrapped."""
        return plain(self.properties)


class Rules(Protocol):
    """What the real cloud refuses, beyond what the SDK's types tell."""

    def refusal(self, operation: Operation, cloud: "Cloud") -> str | None:
        """Why the operation is refused, or None."""


class Faults(Protocol):
    """What goes wrong without anyone's fault. Either may raise Refused."""

    def before(self, operation: Operation) -> None:
        """Called before the cloud does anything."""

    def after(self, operation: Operation) -> None:
        """Called when it is done, but not yet reported. May raise HalfDone when something is made."""


class Latencies(Protocol):
    """How long things take."""

    def seconds(self, operation: Operation) -> float:
        """The time that the operation takes."""


class Order(Protocol):
    """Who goes first of those that are under way at the same time."""

    def turn(self, operation: Operation) -> AbstractContextManager[None]:
        """Waits for the operation's turn; its turn is over when the context is left."""


class NoRules:
    """Everything that is well typed is allowed."""

    def refusal(self, operation: Operation, cloud: "Cloud") -> str | None:
        """Nothing is refused."""
        return None


class NoFaults:
    """Nothing goes wrong."""

    def before(self, operation: Operation) -> None:
        """Nothing happens."""

    def after(self, operation: Operation) -> None:
        """Nothing happens."""


class NoLatencies:
    """Everything is done at once."""

    def seconds(self, operation: Operation) -> float:
        """No time at all."""
        return 0.0


class NoOrder:
    """Everything goes on at once."""

    def turn(self, operation: Operation) -> AbstractContextManager[None]:
        """At once."""
        return nullcontext()


class Cloud:
    """Everything made in one rehearsal, by all providers. Safe to use from several threads."""

    def __init__(
        self,
        rules: Rules | None = None,
        faults: Faults | None = None,
        latencies: Latencies | None = None,
        order: Order | None = None,
    ) -> None:
        self._rules: Rules = rules or NoRules()
        self._faults: Faults = faults or NoFaults()
        self._latencies: Latencies = latencies or NoLatencies()
        self._order: Order = order or NoOrder()
        self._lock = threading.Lock()
        self._resources: dict[tuple[str, str], Remembered] = {}
        self._by_type: defaultdict[str, dict[str, Remembered]] = defaultdict(dict)
        self._history: list[Operation] = []
        self._creations: Counter[str] = Counter()

    def apply(self, operation: Operation, properties: struct_pb2.Struct | None) -> None:
        """Carry out an operation: the one place where order, faults, latencies and rules are consulted.

        Raises Refused.
        """
        with self._order.turn(operation):
            self._faults.before(operation)
            self._wait(operation)
            with self._lock:
                refusal = self._rules.refusal(operation, self)
                if refusal is not None:
                    raise Refused(hidden(refusal, properties))
                self._remember(operation, properties)
            self._faults.after(operation)

    def find(self, type_: str, id_: str) -> Remembered | None:
        """A resource by its type and identifier."""
        return self._resources.get((type_, id_))

    def of(self, type_: str) -> tuple[Remembered, ...]:
        """Everything of one type."""
        found = self._by_type.get(type_)
        return tuple(found.values()) if found else ()

    def creations(self, urn: str) -> int:
        """How often a resource of this URN was made: what replaces it must not look the same."""
        return self._creations[urn]

    def forget(self, type_: str, id_: str) -> None:
        """Lose a resource, as when somebody else deletes it."""
        with self._lock:
            self._drop(type_, id_)

    def replace(self, resource: Remembered, properties: struct_pb2.Struct) -> None:
        """Change a resource behind the engine's back, as when somebody else edits it."""
        with self._lock:
            self._keep(replace(resource, properties=properties))

    def __iter__(self) -> Iterator[Remembered]:
        return iter(tuple(self._resources.values()))

    def __len__(self) -> int:
        return len(self._resources)

    @property
    def history(self) -> tuple[Operation, ...]:
        """Every operation that was carried out, in order."""
        return tuple(self._history)

    def _wait(self, operation: Operation) -> None:
        seconds = self._latencies.seconds(operation)
        if seconds > 0:
            time.sleep(seconds)

    def _remember(self, operation: Operation, properties: struct_pb2.Struct | None) -> None:
        self._history.append(operation)
        if operation.kind == "create":
            self._creations[operation.urn] += 1
        if operation.kind == "delete" or properties is None:
            self._drop(operation.type, operation.id)
            return
        self._keep(
            Remembered(
                type=operation.type,
                urn=operation.urn,
                id=operation.id,
                inputs=operation.inputs,
                properties=properties,
            )
        )

    def _keep(self, resource: Remembered) -> None:
        self._resources[(resource.type, resource.id)] = resource
        self._by_type[resource.type][resource.id] = resource

    def _drop(self, type_: str, id_: str) -> None:
        self._resources.pop((type_, id_), None)
        self._by_type[type_].pop(id_, None)
