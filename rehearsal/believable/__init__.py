"""Outputs that a cloud would have computed: believable, of the declared type, and always the same.

They are derived from the resource's URN and from how often it was made before, so that two
rehearsals of one stack give the same values, and a replacement gives others. None of it is random
in the sense of cryptography: it is a simulation. RSA keys and the validity of certificates are the
exception: the library makes the first, the clock the second.
"""

from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.believable import aws, azure, gcp, kubernetes, random, tls
from rehearsal.believable.kubernetes import namespaced
from rehearsal.believable.request import (
    Made,
    Request,
    Unbelievable,
    Values,
    digest,
    identifier_of,
)
from rehearsal.sdk import ListOf, MapOf, OneOf, Scalar, Shape

__all__ = [
    "Made",
    "Request",
    "Unbelievable",
    "answers",
    "digest",
    "follow",
    "foreseen",
    "make",
    "namespaced",
]

_SPECIAL: Mapping[str, Callable[[Request], Values]] = {
    **aws.SPECIAL,
    **azure.SPECIAL,
    **gcp.SPECIAL,
    **random.SPECIAL,
    **tls.SPECIAL,
}
_COMMON: Mapping[str, Callable[[Request, str], Values]] = {
    "aws": aws.common,
    "gcp": gcp.common,
}


# Where what is computed may be part of an input.
_WITH_COMPUTED_PARTS = frozenset({"aws", "azure-native"})


def answers(package: str) -> Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]:
    """What a package's provider answers, by token: credentials, which no resource has for an output."""
    return azure.ANSWERS if package == "azure-native" else {}


def make(request: Request) -> Made:
    """An identifier, and a value for every declared output that the inputs do not give.

    Raises Unbelievable.
    """
    computed = _special(request)(request)
    if request.kind.package == "azure-native":
        computed = {**azure.common(request), **computed}
    identifier = str(computed.pop("id", None) or identifier_of(request))
    common = _COMMON.get(request.kind.package)
    if common is not None:
        computed = {**common(request, identifier), **computed}
    if request.kind.package != "kubernetes":
        for name, shape in request.kind.outputs.items():
            if name not in request.inputs and name not in computed:
                computed[name] = _value(shape, request, name)
    return Made(id=identifier, outputs=computed)


def foreseen(request: Request) -> Values:
    """The computed values inside of inputs, which a preview must show as not known yet."""
    if request.kind.package not in _WITH_COMPUTED_PARTS:
        return {}
    return {
        name: value
        for name, value in _special(request)(request).items()
        if isinstance(value, dict) and name in request.inputs
    }


def follow(request: Request, olds: Mapping[str, Any]) -> Values:
    """The computed outputs that an update changes, and those that are part of an input."""
    kept = {
        name: {key: olds[name][key] for key in inside if key in (olds.get(name) or {})}
        for name, inside in foreseen(request).items()
    }
    if request.kind.package == "azure-native":
        return kept
    if request.kind.package == "aws":
        tags = {"tagsAll": aws.all_tags(request)} if "tagsAll" in request.kind.outputs else {}
        return {**kept, **tags, **aws.follow(request, olds)}
    before = olds.get("metadata")
    if request.kind.package != "kubernetes" or not isinstance(before, Mapping):
        return {}
    added = {name: before[name] for name in kubernetes.ADDED_METADATA if name in before}
    for counter in ("generation", "resourceVersion"):
        if str(added.get(counter, "")).isdigit():
            added[counter] = type(added[counter])(int(added[counter]) + 1)
    return {"metadata": added}


def _special(request: Request) -> Callable[[Request], Values]:
    if request.kind.package == "kubernetes":
        object_like = request.kind.open or "metadata" in request.kind.inputs
        return kubernetes.added if object_like else kubernetes.helm_release
    return _SPECIAL.get(request.kind.token, _nothing_special)


def _value(shape: Shape, request: Request, name: str) -> Any:
    if isinstance(shape, Scalar):
        return _scalar(shape, request, name)
    if isinstance(shape, OneOf):
        return _value(shape.options[0], request, name)
    if isinstance(shape, (ListOf, MapOf)):
        empty: Any = [] if isinstance(shape, ListOf) else {}
        return empty
    return {
        field: _value(inner, request, f"{name}.{field}")
        for field, inner in shape.fields.items()
        if isinstance(inner, Scalar)
    }


def _scalar(shape: Scalar, request: Request, name: str) -> Any:
    if shape.kind in ("integer", "number"):
        return 1
    if shape.kind == "boolean":
        return False
    if shape.kind == "text":
        return f"{name.rpartition('.')[2]}-{request.digest(name, 8)}"
    return None


def _nothing_special(request: Request) -> Values:
    return {}
