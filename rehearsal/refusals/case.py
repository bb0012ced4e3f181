"""One operation in the light of all that is in the cloud: what a rule looks at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from rehearsal.cloud import Cloud, Operation, Remembered
from rehearsal.properties import Unknown
from rehearsal.refusals.data import Thing, things
from rehearsal.urns import name_of

ID = "id"


@dataclass(frozen=True, kw_only=True)
class Case:
    """An operation, the cloud as it is before it, and the texts that an operator gave.

    `before` is the resource as the cloud has it, None if it is being made.
    """

    operation: Operation
    cloud: Cloud
    given: frozenset[str]
    before: Remembered | None = field(default=None)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What is asked for; in a deletion, what was asked for last: that is what is in the state.

        The state itself has outputs too, which a rehearsal makes up where nothing was asked for.
        """
        if self.operation.kind == "delete" and self.before is not None:
            return self.before.inputs
        return self.operation.inputs

    @property
    def making(self) -> bool:
        """Whether the resource is being made."""
        return self.operation.kind == "create"

    def of(self, token: str) -> Iterator[Remembered]:
        """Everything of a type but the resource itself, which is not there yet if it is being made."""
        own = self.operation
        for each in self.cloud.of(token):
            if self.making or not (each.id == own.id and each.type == own.type):
                yield each

    def text(self, path: str) -> str | None:
        """The text that is asked for at a path, or None where there is none that is known."""
        return next((it for it in at(self.inputs, path) if isinstance(it, str)), None)

    def texts(self, path: str) -> list[str]:
        """All texts that are asked for at a path."""
        return [it for it in at(self.inputs, path) if isinstance(it, str)]

    def number(self, path: str) -> float | None:
        """The number that is asked for at a path."""
        return number(self.inputs, path)

    def is_on(self, path: str) -> bool:
        """Whether a switch is asked for."""
        return next(iter(at(self.inputs, path)), False) in (True, "true")

    def changed(self, path: str) -> bool:
        """Whether what is at a path is asked for now and was not before."""
        before = self.before
        return before is None or at(before.inputs, path) != at(self.inputs, path)

    def find(self, thing: str, value: str | None) -> Remembered | None:
        """The thing that goes by this value, if a stack made it."""
        if value is None:
            return None
        for token, paths in things()[thing].found_as.items():
            for each in self.cloud.of(token):
                if value in identities(each, paths):
                    return each
        return None

    def exists(self, thing: str, value: str) -> bool:
        """Whether there is such a thing: made by a stack, brought by the operator, or the cloud's."""
        return value in self.given or owned(things()[thing], value) or bool(self.find(thing, value))


Check = Callable[[Case], str | None]


def refusal(code: str, sentence: str) -> str:
    """A refusal as the operator reads it."""
    return f"{code}: {sentence}"


def owned(thing: Thing, value: str) -> bool:
    """Whether a thing of this name is the cloud's own."""
    return thing.owned is not None and thing.owned.search(value) is not None


def identities(resource: Remembered, paths: Sequence[str]) -> list[Any]:
    """What a resource goes by."""
    found: list[Any] = []
    for path in paths:
        if path == ID:
            found.append(resource.id)
        else:
            found += at(resource.inputs, path) or at(resource.state, path)
    return found


def called(resource: Remembered | Operation) -> str:
    """A resource as an operator knows it: its type's last word and its logical name."""
    return f"{resource.type.rpartition(':')[2]} {name_of(resource.urn)!r}"


def number(tree: Mapping[str, Any], path: str) -> float | None:
    """The number at a path."""
    for it in at(tree, path):
        if isinstance(it, (int, float)) and not isinstance(it, bool):
            return it
        if isinstance(it, str):
            try:
                return float(it)
            except ValueError:
                return None
    return None


def values(resource: Remembered | None, path: str) -> list[Any]:
    """The values that were asked for at a path of a resource; none of no resource."""
    return at({} if resource is None else resource.inputs, path)


def at(tree: Mapping[str, Any], path: str) -> list[Any]:
    """The values at a path such as `rules[].id`; what is missing or unknown is left out."""
    found: list[Any] = [tree]
    for key, each in _steps(path):
        found = [it.get(key) for it in found if isinstance(it, Mapping)]
        if each:
            found = [inner for it in found if isinstance(it, (list, tuple)) for inner in it]
    return [it for it in found if it is not None and not isinstance(it, Unknown)]


@cache
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    return tuple((key.removesuffix("[]"), key.endswith("[]")) for key in path.split("."))
