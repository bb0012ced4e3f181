"""Property values as they cross the provider protocol, and as plain Python."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

# Values fixed by the protocol: sdk/go/common/resource/plugin/rpc.go and resource/properties.go.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

# A rule cuts long values short in what it says.
_SHORTEST_SECRET, _SHOWN_OF_SECRET = 4, 40

Plain = Any


@dataclass(frozen=True)
class Unknown:
    """A value that is not known before the resource is made."""


UNKNOWN: Final = Unknown()


def plain(struct: struct_pb2.Struct) -> dict[str, Plain]:
    """A struct as dictionaries and lists, secrets unwrapped, unknowns as `UNKNOWN`."""
    return {key: _plain(value) for key, value in struct.fields.items()}


def _plain(value: struct_pb2.Value) -> Plain:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text == _UNKNOWN else text
    if kind == "struct_value":
        fields = value.struct_value.fields
        if _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET:
            return _plain(fields["value"])
        return {key: _plain(inner) for key, inner in fields.items()}
    if kind == "list_value":
        return [_plain(inner) for inner in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def is_signed(value: Plain) -> bool:
    """Whether this is a mapping that stands for something else: a secret, an asset or an archive.

    In plain values, whose secrets are unwrapped, it is an asset or archive.
    """
    return isinstance(value, Mapping) and _SIGNATURE in value


def is_unknown(value: Plain) -> bool:
    """Whether this is the protocol's sign for what is known only later, or `UNKNOWN` itself."""
    return isinstance(value, Unknown) or value == _UNKNOWN


def is_secret(value: Plain) -> bool:
    """Whether this is a secret, as it stands in a deployment."""
    return isinstance(value, Mapping) and value.get(_SIGNATURE) == _SECRET


def put(struct: struct_pb2.Struct, values: Mapping[str, Plain]) -> None:
    """Set properties of a struct from plain values; `UNKNOWN` becomes the protocol's sign for it."""
    for key, value in values.items():
        _put(struct.fields[key], value)


def _put(target: struct_pb2.Value, value: Plain) -> None:
    if isinstance(value, Unknown):
        target.string_value = _UNKNOWN
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        put(target.struct_value, value)
    elif isinstance(value, (list, tuple)):
        target.list_value.SetInParent()
        for item in value:
            _put(target.list_value.values.add(), item)
    else:
        target.null_value = struct_pb2.NULL_VALUE


def hidden(message: str, properties: struct_pb2.Struct | None) -> str:
    """A message without the secrets among these properties, whole or cut short."""
    for text in _secret_texts(struct_pb2.Value(struct_value=properties), secret=False):
        if len(text) >= _SHORTEST_SECRET:
            shown = repr(text)[1:-1][:_SHOWN_OF_SECRET]
            message = re.sub(rf"{re.escape(shown)}[^';]*", "[secret]", message)
    return message


def _secret_texts(value: struct_pb2.Value, *, secret: bool) -> Iterator[str]:
    kind = value.WhichOneof("kind")
    if kind == "string_value" and secret:
        yield value.string_value
    elif kind == "struct_value":
        fields = value.struct_value.fields
        marked = _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET
        for key, inner in fields.items():
            if key != _SIGNATURE:
                yield from _secret_texts(inner, secret=secret or marked)
    elif kind == "list_value":
        for inner in value.list_value.values:
            yield from _secret_texts(inner, secret=secret)


def differences(old: Plain, new: Plain, path: str = "") -> Iterator[tuple[str, str]]:
    """Paths at which two plain values differ, each with add, delete or update."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not is_signed(new):
        for key in old.keys() | new.keys():
            below = f"{path}.{key}" if path else key
            if old.get(key) is None and new.get(key) is None:
                continue
            if old.get(key) is None:
                yield below, "add"
            elif new.get(key) is None:
                yield below, "delete"
            else:
                yield from differences(old[key], new[key], below)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{path}[{index}]")
    elif old != new:
        yield path, "update"
