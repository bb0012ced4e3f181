"""A provider that speaks Pulumi's protocol and makes everything in the simulated cloud.

A servicer serves one package. What it cannot tell is which of several providers of that package a
request comes from, as the engine sends that with no request; so computed values, such as regions,
follow the provider that was configured last.
"""

import json
from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal import believable, replacement
from rehearsal.checking import faults
from rehearsal.cloud import Cloud, Operation, Refused
from rehearsal.properties import UNKNOWN, differences, plain, put
from rehearsal.sdk import ResourceType, UnknownType, resource_type, sdk_version

Context = grpc.ServicerContext
_KINDS = {
    "add": provider_pb2.PropertyDiff.ADD,
    "delete": provider_pb2.PropertyDiff.DELETE,
    "update": provider_pb2.PropertyDiff.UPDATE,
}
_REPLACING = {
    "add": provider_pb2.PropertyDiff.ADD_REPLACE,
    "delete": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "update": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class SimulatedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Every method is named by the protocol (proto/pulumi/provider.proto)."""

    def __init__(self, package: str, cloud: Cloud) -> None:
        self._package = package
        self._cloud = cloud
        self._configuration: Mapping[str, Any] = {}

    def Handshake(self, request: Any, context: Context) -> Any:
        """What this provider understands."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False
        )

    def Attach(self, request: Any, context: Context) -> Any:
        """The engine says that it is here; this provider has nothing to call it for."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Context) -> Any:
        """The SDK's own version: the engine compares it with the one the program asks for."""
        return plugin_pb2.PluginInfo(version=sdk_version(self._package))

    def CheckConfig(self, request: Any, context: Context) -> Any:
        """Check a provider's configuration against what its SDK declares."""
        kind = _declared(_type_of(request.urn), context)
        inputs = _decoded_config(plain(request.news))
        return _checked(request, faults(kind, inputs))

    def DiffConfig(self, request: Any, context: Context) -> Any:
        """How a change of configuration affects what the provider manages."""
        old, new = plain(request.old_inputs or request.olds), plain(request.news)
        changed = dict(differences(old, new))
        kubernetes = _type_of(request.urn) == "pulumi:providers:kubernetes"
        replace = kubernetes and replacement.replaces_kubernetes(old, new)
        return _diff_response(changed, list(changed) if replace else [], delete_first=False)

    def Configure(self, request: Any, context: Context) -> Any:
        """Remember the configuration: regions and default tags show in computed values."""
        self._configuration = _decoded_config(plain(request.args))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Check(self, request: Any, context: Context) -> Any:
        """Refuse inputs that the SDK does not declare, and give a Kubernetes object its name."""
        kind = _declared(_type_of(request.urn), context)
        return _checked(request, faults(kind, plain(request.news)))

    def Diff(self, request: Any, context: Context) -> Any:
        """What changed, and whether it replaces."""
        token = _type_of(request.urn)
        old, new = plain(request.old_inputs), plain(request.news)
        ignored = set(request.ignoreChanges)
        changed = {path: kind for path, kind in differences(old, new) if _top(path) not in ignored}
        replaced = replacement.replacing(token, changed)
        return _diff_response(changed, replaced, delete_first=_same_name(old, new))

    def Create(self, request: Any, context: Context) -> Any:
        """Make a resource, or say in a preview what is known of it beforehand."""
        kind = _declared(_type_of(request.urn), context)
        inputs = plain(request.properties)
        response = provider_pb2.CreateResponse(properties=request.properties)
        if request.preview:
            unknown = {name: UNKNOWN for name in kind.outputs if name not in inputs}
            put(response.properties, unknown)
            return response
        made = believable.make(self._request(kind, request.urn, inputs))
        put(response.properties, made.outputs)
        response.id = made.id
        operation = Operation(
            kind="create", type=kind.token, urn=request.urn, id=made.id, inputs=inputs
        )
        self._apply(operation, response.properties, context)
        return response

    def Read(self, request: Any, context: Context) -> Any:
        """What the cloud has under this identifier; without an identifier, it is gone."""
        found = self._cloud.find(_type_of(request.urn), request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id, properties=found.properties, inputs=request.inputs
        )

    def Update(self, request: Any, context: Context) -> Any:
        """Change a resource in place; what was computed once stays."""
        kind = _declared(_type_of(request.urn), context)
        response = provider_pb2.UpdateResponse(properties=request.news)
        for name in kind.outputs:
            computed = name not in request.news.fields and name not in kind.inputs
            if computed and name in request.olds.fields:
                response.properties.fields[name].CopyFrom(request.olds.fields[name])
        if request.preview:
            return response
        operation = Operation(
            kind="update",
            type=kind.token,
            urn=request.urn,
            id=request.id,
            inputs=plain(request.news),
        )
        self._apply(operation, response.properties, context)
        return response

    def Delete(self, request: Any, context: Context) -> Any:
        """Delete a resource; one that is gone already is no fault, as with the real providers."""
        operation = Operation(
            kind="delete",
            type=_type_of(request.urn),
            urn=request.urn,
            id=request.id,
            inputs=plain(request.properties),
        )
        self._apply(operation, None, context)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Context) -> Any:
        """Refused: no stack may ask a cloud, as the answer would decide what is made."""
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{request.tok}: the simulated cloud answers no questions, and no stack may ask any",
        )

    def Cancel(self, request: Any, context: Context) -> Any:
        """Nothing is under way that could be stopped."""
        return empty_pb2.Empty()

    def _request(
        self, kind: ResourceType, urn: str, inputs: Mapping[str, Any]
    ) -> believable.Request:
        return believable.Request(kind=kind, urn=urn, inputs=inputs, provider=self._configuration)

    def _apply(
        self, operation: Operation, properties: struct_pb2.Struct | None, context: Context
    ) -> None:
        try:
            self._cloud.apply(operation, properties)
        except Refused as refusal:
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"{operation.kind} of {operation.type} {operation.name!r}: {refusal}",
            )


def _type_of(urn: str) -> str:
    """The resource's own type, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def _declared(token: str, context: Context) -> ResourceType:
    try:
        return resource_type(token)
    except UnknownType as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        raise


def _checked(request: Any, found: list[tuple[str, str]]) -> Any:
    failures = [
        provider_pb2.CheckFailure(property=path, reason=f"{path} {what}") for path, what in found
    ]
    return provider_pb2.CheckResponse(inputs=request.news, failures=failures)


def _decoded_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Provider configuration, in which anything that is not a text arrives as JSON."""
    return {key: _decoded(value) for key, value in config.items() if key != "version"}


def _decoded(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("{", "[", "true", "false")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _same_name(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether old and new would bear one physical name, so that the old one has to go first."""
    return any(old.get(it) is not None and old[it] == new.get(it) for it in ("name", "bucket"))


def _diff_response(changed: Mapping[str, str], replaced: list[str], *, delete_first: bool) -> Any:
    some = provider_pb2.DiffResponse.DIFF_SOME
    none = provider_pb2.DiffResponse.DIFF_NONE
    detailed = {
        path: provider_pb2.PropertyDiff(
            kind=(_REPLACING if path in replaced else _KINDS)[kind], inputDiff=True
        )
        for path, kind in changed.items()
    }
    return provider_pb2.DiffResponse(
        changes=some if changed else none,
        diffs=sorted({_top(path) for path in changed}),
        replaces=sorted({_top(path) for path in replaced}),
        deleteBeforeReplace=bool(replaced) and delete_first,
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )
