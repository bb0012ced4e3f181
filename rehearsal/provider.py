"""A provider that speaks Pulumi's protocol and makes everything in the simulated cloud.

A servicer serves one package. The engine opens one connection for each provider of that package and
says in no request which provider it means, so configurations are told apart by connection.
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from rehearsal import believable, replacement
from rehearsal.checking import faults
from rehearsal.cloud import Cloud, HalfDone, Operation, Refused, Remembered
from rehearsal.properties import UNKNOWN, differences, plain, put
from rehearsal.schemas import against_schema
from rehearsal.sdk import ResourceType, Scalar, Shape, UnknownType, resource_type, sdk_version
from rehearsal.urns import name_of, type_of

Context = grpc.ServicerContext
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Method = Callable[[Any, Any, Context], Any]
_M = TypeVar("_M", bound=Method)
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
# Bridged providers list here the inputs that they filled in themselves
# (pulumi-terraform-bridge, pkg/tfbridge/names.go and schema.go).
_DEFAULTS = "__defaults"
_AUTONAMED = "pulumi.com/autonamed"
_BRIDGED_AUTONAMING = frozenset({"aws", "gcp"})


class _Unready(Exception):
    """Something is made but not ready, and `details` tell the engine what, so that it keeps it.

    The engine's side: parseError in sdk/go/common/resource/plugin/provider_plugin.go; the provider's:
    pulumi-terraform-bridge, pkg/tfbridge/provider.go.
    """

    def __init__(self, why: str, details: bytes) -> None:
        super().__init__(why)
        self.details = details


def _told(method: _M) -> _M:
    """Let a method fail with one message that names the resource, never with a traceback."""

    @functools.wraps(method)
    def telling(provider: Any, request: Any, context: Context) -> Any:
        try:
            return method(provider, request, context)
        except _Unready as error:
            context.set_trailing_metadata((("grpc-status-details-bin", error.details),))
            code, message = grpc.StatusCode.UNKNOWN, str(error)
        except UnknownType as error:
            code, message = grpc.StatusCode.INVALID_ARGUMENT, str(error)
        except (Refused, believable.Unbelievable) as error:
            code = grpc.StatusCode.FAILED_PRECONDITION
            message = f"{method.__name__.lower()} of {_subject(request)}: {error}"
        except Exception as error:
            code = grpc.StatusCode.INTERNAL
            broke = f"the simulated cloud itself broke: {type(error).__name__}"
            message = f"{method.__name__.lower()} of {_subject(request)}: {broke}"
        return context.abort(code, message)

    return telling  # type: ignore[return-value]


class SimulatedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """A provider of one package. `answers` are the invokes it knows, by token.

    Every method is named by the protocol (proto/pulumi/provider.proto).
    """

    def __init__(
        self, package: str, cloud: Cloud, answers: Mapping[str, Answer] | None = None
    ) -> None:
        self._package = package
        self._cloud = cloud
        self._answers = answers or {}
        self._configurations: dict[str, Mapping[str, Any]] = {}

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

    @_told
    def CheckConfig(self, request: Any, context: Context) -> Any:
        """Check a provider's configuration against what its SDK declares."""
        kind = resource_type(type_of(request.urn))
        return _checked(faults(kind, _decoded_config(kind, plain(request.news))), request.news)

    @_told
    def DiffConfig(self, request: Any, context: Context) -> Any:
        """How a change of configuration affects what the provider manages."""
        old, new = plain(request.old_inputs or request.olds), plain(request.news)
        changed = dict(differences(old, new))
        kubernetes = type_of(request.urn) == "pulumi:providers:kubernetes"
        replace = kubernetes and replacement.replaces_kubernetes(old, new)
        return _diff_response(changed, list(changed) if replace else [], delete_first=False)

    @_told
    def Configure(self, request: Any, context: Context) -> Any:
        """Remember the configuration: regions and default tags show in computed values."""
        kind = resource_type(f"pulumi:providers:{self._package}")
        self._configurations[context.peer()] = _decoded_config(kind, plain(request.args))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    @_told
    def Check(self, request: Any, context: Context) -> Any:
        """Refuse inputs that the SDK does not declare, and name what was given no name."""
        kind = resource_type(type_of(request.urn))
        news = plain(request.news)
        inputs = struct_pb2.Struct()
        inputs.CopyFrom(request.news)
        named = _kubernetes_name if kind.package == "kubernetes" else _bridged_name
        put(inputs, named(kind, request, news, self._cloud.creations(request.urn)))
        return _checked(faults(kind, news), inputs)

    @_told
    def Diff(self, request: Any, context: Context) -> Any:
        """What changed, and whether it replaces."""
        kind = resource_type(type_of(request.urn))
        old, new = plain(request.old_inputs), plain(request.news)
        hidden = {_DEFAULTS, *request.ignoreChanges}
        changed = {path: how for path, how in differences(old, new) if _top(path) not in hidden}
        replaced = replacement.replacing(kind.token, changed, old, new)
        if kind.package == "kubernetes":
            configured = self._configurations.get(context.peer(), {})
            replaced = replacement.but_for_mutable(kind.token, replaced, configured)
            replaced += [it for it in _kubernetes_replacing(changed, new) if it not in replaced]
        return _diff_response(changed, replaced, delete_first=_same_name(kind, old, new))

    @_told
    def Create(self, request: Any, context: Context) -> Any:
        """Make a resource, or say in a preview what is known of it beforehand."""
        kind = resource_type(type_of(request.urn))
        inputs = plain(request.properties)
        response = provider_pb2.CreateResponse(properties=request.properties)
        response.properties.fields.pop(_DEFAULTS, None)
        if request.preview:
            put(response.properties, {it: UNKNOWN for it in kind.outputs if it not in inputs})
            inside = believable.foreseen(self._request(kind, request.urn, inputs, context))
            put(response.properties, {it: dict.fromkeys(inside[it], UNKNOWN) for it in inside})
            return response
        made = believable.make(self._request(kind, request.urn, inputs, context))
        put(response.properties, made.outputs)
        response.id = made.id
        try:
            self._apply("create", request.urn, made.id, inputs, response.properties, context)
        except HalfDone as error:
            raise _unready(request, response, str(error)) from error
        return response

    @_told
    def Read(self, request: Any, context: Context) -> Any:
        """What the cloud has under this identifier; without an identifier, it is gone."""
        found = self._cloud.find(type_of(request.urn), request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        inputs = request.inputs
        if not inputs.fields:
            inputs = _inputs_of(found)
        return provider_pb2.ReadResponse(id=found.id, properties=found.properties, inputs=inputs)

    @_told
    def Update(self, request: Any, context: Context) -> Any:
        """Change a resource in place; what was computed once stays."""
        kind = resource_type(type_of(request.urn))
        inputs = plain(request.news)
        response = provider_pb2.UpdateResponse(properties=request.news)
        response.properties.fields.pop(_DEFAULTS, None)
        again = self._request(kind, request.urn, inputs, context)
        followed = believable.follow(again, plain(request.olds))
        given = {*request.news.fields, *request.old_inputs.fields, *followed}
        for name in kind.outputs:
            if name not in given and name in request.olds.fields:
                response.properties.fields[name].CopyFrom(request.olds.fields[name])
        put(response.properties, followed)
        if not request.preview:
            self._apply("update", request.urn, request.id, inputs, response.properties, context)
        return response

    @_told
    def Delete(self, request: Any, context: Context) -> Any:
        """Delete a resource; one that is gone already is no fault, as with the real providers."""
        self._apply("delete", request.urn, request.id, plain(request.properties), None, context)
        return empty_pb2.Empty()

    @_told
    def Invoke(self, request: Any, context: Context) -> Any:
        """Answer from the table, which is empty: an answer may not decide what is made."""
        if request.tok not in self._answers:
            raise Refused("the simulated cloud answers no questions, and no stack may ask any")
        response = provider_pb2.InvokeResponse()
        put(getattr(response, "return"), self._answers[request.tok](plain(request.args)))
        return response

    def Cancel(self, request: Any, context: Context) -> Any:
        """Nothing is under way that could be stopped."""
        return empty_pb2.Empty()

    def _request(
        self, kind: ResourceType, urn: str, inputs: Mapping[str, Any], context: Context
    ) -> believable.Request:
        return believable.Request(
            kind=kind,
            urn=urn,
            inputs=inputs,
            provider=self._configurations.get(context.peer(), {}),
            serial=self._cloud.creations(urn),
        )

    def _apply(
        self,
        kind: Any,
        urn: str,
        id_: str,
        inputs: Mapping[str, Any],
        properties: struct_pb2.Struct | None,
        context: Context,
    ) -> None:
        operation = Operation(
            kind=kind,
            type=type_of(urn),
            urn=urn,
            id=id_,
            inputs=inputs,
            elsewhere=bool(self._configurations.get(context.peer(), {}).get("endpoints")),
        )
        misunderstood = against_schema(operation, self._cloud)
        if misunderstood is not None:
            raise Refused(misunderstood)
        self._cloud.apply(operation, properties)


def _unready(request: Any, response: Any, why: str) -> "_Unready":
    told = provider_pb2.ErrorResourceInitFailed(
        id=response.id, properties=response.properties, inputs=request.properties, reasons=[why]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=why)
    status.details.add().Pack(told)
    return _Unready(why, status.SerializeToString())


def _subject(request: Any) -> str:
    """What a request is about."""
    urn = getattr(request, "urn", "")
    return f"{type_of(urn)} {name_of(urn)!r}" if urn else str(getattr(request, "tok", "provider"))


def _checked(found: list[tuple[str, str]], inputs: struct_pb2.Struct) -> Any:
    failures = [
        provider_pb2.CheckFailure(property=path, reason=f"{path} {what}") for path, what in found
    ]
    return provider_pb2.CheckResponse(inputs=inputs, failures=failures)


def _decoded_config(kind: ResourceType, config: Mapping[str, Any]) -> dict[str, Any]:
    """Provider configuration, in which anything that is declared as no text arrives as JSON."""
    own = {key: value for key, value in config.items() if key != "version"}
    return {key: _decoded(kind.inputs.get(key), value) for key, value in own.items()}


def _decoded(shape: Shape | None, value: Any) -> Any:
    text = shape is None or (isinstance(shape, Scalar) and shape.kind in ("text", "any"))
    if text or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _inputs_of(resource: Remembered) -> struct_pb2.Struct:
    """What an import takes for the inputs: what was asked for, as it is now.

    What a cloud fills in itself is no difference to a real provider afterwards.
    """
    found = struct_pb2.Struct()
    for name in resource.properties.fields:
        if name in resource.inputs:
            found.fields[name].CopyFrom(resource.properties.fields[name])
    return found


def _name_property(kind: ResourceType) -> str | None:
    """The input that a bridged provider fills in when it is left out: an optional text `name`."""
    if kind.package not in _BRIDGED_AUTONAMING:
        return None
    if kind.token == "aws:s3/bucket:Bucket":
        return "bucket"
    optional = "name" in kind.inputs and "name" not in kind.required
    return "name" if optional and kind.inputs["name"] == Scalar("text") else None


def _bridged_name(
    kind: ResourceType, request: Any, news: Mapping[str, Any], serial: int
) -> Mapping[str, Any]:
    name = _name_property(kind)
    if name is None or news.get(name) is not None or news.get(f"{name}Prefix") is not None:
        return {}
    olds = plain(request.olds)
    if name in olds.get(_DEFAULTS, []) and olds.get(name):
        return {name: olds[name], _DEFAULTS: [name]}
    made = _automatic_name(request, believable.digest(request.urn, serial, "name", 7))
    if name == "bucket":
        made = made.lower()
    return {name: made, _DEFAULTS: [name]} if made else {}


def _kubernetes_name(
    kind: ResourceType, request: Any, news: Mapping[str, Any], serial: int
) -> Mapping[str, Any]:
    """The name and namespace that the provider would put in (pulumi-kubernetes, pkg/metadata)."""
    metadata = news.get("metadata") or {}
    if not (kind.open or "metadata" in kind.inputs) or not isinstance(metadata, Mapping):
        return {}
    added: dict[str, Any] = {}
    if metadata.get("namespace") is None and believable.namespaced(kind.token):
        added["namespace"] = "default"
    if metadata.get("name") is None and metadata.get("generateName") is None:
        before = plain(request.olds).get("metadata") or {}
        kept = before.get("name") if _AUTONAMED in (before.get("annotations") or {}) else None
        automatic = believable.digest(request.urn, serial, "name", 8)
        name = kept or _automatic_name(request, automatic).lower()
        if name:
            added |= {"name": name, "annotations": {_AUTONAMED: "true"}}
    return {"metadata": added} if added else {}


def _automatic_name(request: Any, digits: str) -> str:
    """The engine's own proposal where `pulumi:autonaming` is configured."""
    if request.HasField("autonaming"):
        return str(request.autonaming.proposed_name)
    return f"{name_of(request.urn)}-{digits}"


def _same_name(kind: ResourceType, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether old and new would bear one physical name, so that the old one has to go first."""
    if kind.package == "kubernetes":
        before, after = old.get("metadata") or {}, new.get("metadata") or {}
        same = all(before.get(it) == after.get(it) for it in ("name", "namespace"))
        return same and _AUTONAMED not in (after.get("annotations") or {})
    if kind.package == "azure-native":
        # Whatever is not named by the provider itself (Diff in provider/pkg/provider/provider.go).
        return True
    name = _name_property(kind)
    if name is None or name in new.get(_DEFAULTS, []):
        return False
    return new.get(name) is not None


def _kubernetes_replacing(changed: Mapping[str, str], new: Mapping[str, Any]) -> list[str]:
    """What no Kubernetes object can have changed, and what an immutable one cannot."""
    fixed = {"metadata.name", "metadata.namespace"}
    held = {"data", "stringData", "binaryData"} if new.get("immutable") is True else set()
    return [path for path in changed if path in fixed or _top(path) in held]


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
