"""What the SDKs declare of their resources: the one place that reads their private modules.

Every generated SDK registers its modules with `pulumi.runtime.rpc`, and decorates its resource and
input classes so that `pulumi._types` can tell their properties' wire names and types. Both are
private to the SDK, so nothing else here may import them.
"""

import importlib
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import metadata
from typing import Any, Literal, Union

import pulumi
from pulumi import _types as declared
from pulumi.runtime import rpc

SDKS: Mapping[str, str] = {
    "aws": "pulumi_aws",
    "azure-native": "pulumi_azure_native",
    "cloudflare": "pulumi_cloudflare",
    "gcp": "pulumi_gcp",
    "kubernetes": "pulumi_kubernetes",
    "random": "pulumi_random",
    "tls": "pulumi_tls",
}


class UnknownType(Exception):
    """A type token that no installed SDK declares."""


@dataclass(frozen=True)
class Scalar:
    """A text, number, boolean or asset; `any` takes everything."""

    kind: Literal["text", "integer", "number", "boolean", "asset", "any"]


@dataclass(frozen=True)
class ListOf:
    """A list of one shape."""

    item: "Shape"


@dataclass(frozen=True)
class MapOf:
    """A mapping from texts to one shape."""

    value: "Shape"


@dataclass(frozen=True)
class OneOf:
    """Any of several shapes."""

    options: tuple["Shape", ...]


@dataclass(frozen=True)
class Record:
    """An object type of an SDK; its fields are read when they are first needed, as types recur."""

    type: type

    @property
    def fields(self) -> Mapping[str, "Shape"]:
        """Wire names and shapes."""
        return _record_fields(self.type)

    @property
    def required(self) -> frozenset[str]:
        """Wire names that must be given."""
        return _required(self.type)


Shape = Scalar | ListOf | MapOf | OneOf | Record
_ANY = Scalar("any")
_SCALARS: Mapping[object, Scalar] = {
    str: Scalar("text"),
    int: Scalar("integer"),
    float: Scalar("number"),
    bool: Scalar("boolean"),
}
_ASSETS = (pulumi.Asset, pulumi.Archive)


@dataclass(frozen=True)
class ResourceType:
    """One resource type: what it takes and what it gives, by wire name."""

    token: str
    inputs: Mapping[str, Shape]
    required: frozenset[str]
    outputs: Mapping[str, Shape]
    open: bool = False

    @property
    def package(self) -> str:
        """The package whose provider serves it."""
        return self.token.partition(":")[0]


@cache
def resource_type(token: str) -> ResourceType:
    """The declaration behind a type token such as `aws:s3/bucket:Bucket`.

    Raises UnknownType where no installed SDK has it. A Kubernetes custom resource is open: its
    inputs are its own affair.
    """
    package, _, _ = token.partition(":")
    if token.startswith("pulumi:providers:"):
        return _provider_type(token)
    if package not in SDKS:
        raise UnknownType(f"{token}: no SDK of package {package!r} is known")
    _register(package)
    cls = _class_of(token)
    if cls is None:
        if _may_be_custom(token):
            return ResourceType(token, {}, frozenset(), {}, open=True)
        raise UnknownType(f"{token}: {SDKS[package]} declares no such resource")
    return _describe(token, cls)


def sdk_version(package: str) -> str:
    """The installed SDK's version, which is also the version of the provider it asks for."""
    return metadata.version(SDKS[package].replace("_", "-"))


def _may_be_custom(token: str) -> bool:
    """Whether a token may be of a Kubernetes custom resource, of which no SDK can know.

    The API server takes only dotted groups for these; what the SDK registered is not custom.
    """
    package, module, _ = token.split(":", 2)
    group = module.partition("/")[0]
    built_in = f"{package}:{module}" in rpc._RESOURCE_MODULES
    return package == "kubernetes" and "." in group and not built_in


def _register(package: str) -> None:
    try:
        importlib.import_module(SDKS[package])
    except ModuleNotFoundError as error:
        raise UnknownType(f"{SDKS[package]} is not installed") from error


def _provider_type(token: str) -> ResourceType:
    package = token.rpartition(":")[2]
    if package not in SDKS:
        raise UnknownType(f"{token}: no SDK of package {package!r} is known")
    _register(package)
    return _describe(token, importlib.import_module(f"{SDKS[package]}.provider").Provider)


def _class_of(token: str) -> type | None:
    module, _, _ = token.rpartition(":")
    for registered in rpc._RESOURCE_MODULES.get(module, []):
        info = registered.mod_info  # type: ignore[attr-defined]
        name = info["classes"].get(token)
        if name is not None:
            found: type = getattr(importlib.import_module(info["fqn"]), name)
            return found
    return None


def constructor(token: str) -> Callable[[str, Mapping[str, Any], pulumi.ResourceOptions], Any]:
    """The SDK's own class behind a token, taking inputs by their wire names.

    Raises UnknownType.
    """
    if resource_type(token).open:
        # No SDK has a class for a custom resource of Kubernetes.
        return lambda name, inputs, opts: pulumi.CustomResource(token, name, dict(inputs), opts)
    cls = _class_of(token)
    args = _arguments_of(cls) if cls is not None else None
    if cls is None or args is None:
        raise UnknownType(f"{token}: there is no class to construct")
    names = {wire: py for py, wire in declared.input_type_py_to_pulumi_names(args).items()}
    return lambda name, inputs, opts: cls(
        name, opts=opts, **{names[wire]: value for wire, value in inputs.items() if wire in names}
    )


def _arguments_of(cls: type) -> type | None:
    home = inspect.getmodule(cls)
    names = (f"{cls.__name__}InitArgs", f"{cls.__name__}Args")
    return next((getattr(home, name) for name in names if hasattr(home, name)), None)


def _describe(token: str, cls: type) -> ResourceType:
    args = _arguments_of(cls)
    outputs = {name: _shape(kind) for name, kind in declared.resource_types(cls).items()}
    if args is None:
        return ResourceType(token, {}, frozenset(), outputs)
    return ResourceType(token, _record_fields(args), _required(args), outputs)


@cache
def _record_fields(cls: type) -> Mapping[str, Shape]:
    read = declared.input_type_types if declared.is_input_type(cls) else declared.output_type_types
    return {name: _shape(kind) for name, kind in read(cls).items()}


@cache
def _required(cls: type) -> frozenset[str]:
    if not declared.is_input_type(cls):
        return frozenset()
    wire = declared.input_type_py_to_pulumi_names(cls)
    parameters = inspect.signature(cls).parameters.values()
    return frozenset(
        wire.get(each.name, each.name) for each in parameters if each.default is each.empty
    )


def _shape(kind: Any) -> Shape:
    kind = declared.unwrap_type(kind)
    if kind in _SCALARS:
        return _SCALARS[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return Scalar("text")
    if origin is Union:
        return _union(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return MapOf(_shape(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return ListOf(_shape(arguments[0]))
    if isinstance(kind, type):
        return _class_shape(kind)
    return _ANY


def _union(arguments: tuple[Any, ...]) -> Shape:
    """A union without what stands for 'later' or 'not given'."""
    options = []
    for argument in arguments:
        origin = typing.get_origin(argument)
        later = origin is pulumi.Output or getattr(origin, "__name__", "") == "Awaitable"
        if argument is not type(None) and not later:
            options.append(_shape(argument))
    distinct = tuple(dict.fromkeys(options))
    return distinct[0] if len(distinct) == 1 else OneOf(distinct)


def _class_shape(kind: type) -> Shape:
    if issubclass(kind, _ASSETS):
        return Scalar("asset")
    if issubclass(kind, Enum):
        base = next((base for base in (str, int, float) if issubclass(kind, base)), str)
        return _SCALARS[base]
    if declared.is_input_type(kind) or declared.is_output_type(kind):
        return Record(kind)
    return _ANY
