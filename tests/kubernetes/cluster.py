"""A cluster that objects are applied to server-side, as the Pulumi provider does."""

import json
from typing import Any

from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import DynamicApiError, NotFoundError, ResourceNotFoundError

from tests.kubernetes.api_server import MANAGER, ApiServer, Manifest
from tests.kubernetes.definitions import SOURCES, definitions
from tests.kubernetes.processes import eventually


class Cluster:
    """An API server with the definitions that it was taught, and what was applied to it."""

    def __init__(self, api: ApiServer) -> None:
        self._client: DynamicClient = api.dynamic()
        self._taught: set[str] = set()

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Any:
        """Apply an object; returns it as the server has it now. Raises Refusal."""
        group, _, _ = str(manifest["apiVersion"]).rpartition("/")
        if group in SOURCES:
            self.teach(group)
        try:
            resource = self._client.resources.get(
                api_version=manifest["apiVersion"], kind=manifest["kind"]
            )
            return self._client.server_side_apply(
                resource,
                body=dict(manifest),
                field_manager=MANAGER,
                dry_run="All" if dry_run else None,
                # What no schema knows is refused, not dropped.
                query_params=[("fieldValidation", "Strict")],
            )
        except ResourceNotFoundError as error:
            raise Refusal(f"no such kind: {manifest['apiVersion']} {manifest['kind']}") from error
        except DynamicApiError as error:
            raise Refusal(_message(error)) from error

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Any:
        """An object, or None."""
        resource = self._client.resources.get(api_version=api_version, kind=kind)
        try:
            return resource.get(name=name, namespace=namespace)
        except NotFoundError:
            return None

    def teach(self, group: str) -> None:
        """Apply the definitions of an API group's kinds, and wait until they are served."""
        if group in self._taught:
            return
        self._taught.add(group)
        for definition in definitions(group):
            self.apply(definition)
            name = definition["metadata"]["name"]
            eventually(lambda name=name: self._established(name), f"{name} is served")
        self._client.resources.invalidate_cache()

    def _established(self, name: str) -> bool:
        found = self.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
        conditions = (found.to_dict().get("status") or {}).get("conditions") or []
        return any(it["type"] == "Established" and it["status"] == "True" for it in conditions)


class Refusal(Exception):
    """The API server says no; the message is its own."""


def _message(error: DynamicApiError) -> str:
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return str(error)
