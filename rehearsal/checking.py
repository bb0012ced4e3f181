"""Whether a resource's inputs are what its SDK declares."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.properties import Unknown, is_signed
from rehearsal.sdk import ListOf, MapOf, OneOf, ResourceType, Scalar, Shape

# Put into inputs by the engine or by bridged providers; no SDK declares them.
_INTERNAL = frozenset({"__defaults", "__internal", "__inputs", "__name", "__fieldManager"})
Fault = tuple[str, str]


def faults(kind: ResourceType, inputs: Mapping[str, Any]) -> list[Fault]:
    """Everything wrong with the inputs: the property's path, and what is wrong with it."""
    if kind.open:
        return []
    return list(_object_faults(kind.inputs, kind.required, inputs, ""))


def _object_faults(
    fields: Mapping[str, Shape], required: frozenset[str], value: Mapping[str, Any], path: str
) -> Iterator[Fault]:
    for name, inner in value.items():
        below = f"{path}.{name}" if path else name
        if name in _INTERNAL:
            continue
        if name not in fields:
            yield below, f"is not a property{_did_you_mean(name, fields)}"
        elif inner is not None:
            yield from _faults(fields[name], inner, below)
    for name in sorted(required):
        if value.get(name) is None:
            yield (f"{path}.{name}" if path else name), "is required, but not given"


def _did_you_mean(name: str, fields: Mapping[str, Shape]) -> str:
    close = difflib.get_close_matches(name, fields, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def _faults(shape: Shape, value: Any, path: str) -> Iterator[Fault]:
    if isinstance(value, Unknown):
        return
    if isinstance(shape, Scalar):
        if not _is_scalar(shape, value):
            yield path, f"wants {_WORDS[shape.kind]}, but is {_word_for(value)}"
    elif isinstance(shape, ListOf):
        yield from _list_faults(shape, value, path)
    elif isinstance(shape, MapOf):
        yield from _map_faults(shape, value, path)
    elif isinstance(shape, OneOf):
        if all(any(_faults(option, value, path)) for option in shape.options):
            yield path, f"has none of the types it may have, but is {_word_for(value)}"
    elif isinstance(value, Mapping):
        yield from _object_faults(shape.fields, shape.required, value, path)
    else:
        yield path, f"wants an object, but is {_word_for(value)}"


def _list_faults(shape: ListOf, value: Any, path: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield path, f"wants a list, but is {_word_for(value)}"
        return
    for index, item in enumerate(value):
        yield from _faults(shape.item, item, f"{path}[{index}]")


def _map_faults(shape: MapOf, value: Any, path: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield path, f"wants a mapping, but is {_word_for(value)}"
        return
    for key, inner in value.items():
        yield from _faults(shape.value, inner, f"{path}.{key}")


_WORDS = {
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "asset": "an asset or archive",
    "any": "anything",
}


def _is_scalar(shape: Scalar, value: Any) -> bool:
    if shape.kind == "any":
        return True
    if shape.kind == "text":
        return isinstance(value, str)
    if shape.kind == "boolean":
        return isinstance(value, bool)
    if shape.kind == "asset":
        return is_signed(value)
    number = int if shape.kind == "integer" else (int, float)
    return isinstance(value, number) and not isinstance(value, bool)


def _word_for(value: Any) -> str:
    """What a value is, without the value: it may be secret."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, Mapping) else "nothing"
