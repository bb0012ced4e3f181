"""The Kubernetes objects that a stack makes, from a run of the real engine on the simulated cloud."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.cloud import Cloud, Operation
from rehearsal.engine import Engine
from rehearsal.refusals import CloudRules, strings_of
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.urns import name_of
from rehearsal.workspace import isolated, prepare
from stacks.config import StackConfig, load

RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True, kw_only=True)
class Made:
    """What `up` makes on a cluster, in the engine's order.

    `objects` are manifests as the provider would send them, `releases` the inputs of Helm releases,
    `values` the Helm values for the product. `config`: the stack file.
    """

    config: StackConfig = field(repr=False)
    objects: tuple["Object", ...]
    releases: tuple[Mapping[str, Any], ...] = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)

    def of(self, kind: str) -> tuple["Object", ...]:
        """The objects of a kind."""
        return tuple(it for it in self.objects if it.kind == kind)


@dataclass(frozen=True, kw_only=True)
class Object:
    """A Kubernetes object: its logical name in the program, and its manifest."""

    logical: str
    manifest: Mapping[str, Any] = field(repr=False)

    @property
    def kind(self) -> str:
        """The kind."""
        return str(self.manifest["kind"])

    @property
    def api_version(self) -> str:
        """The group and version."""
        return str(self.manifest["apiVersion"])

    @property
    def name(self) -> str:
        """The name on the cluster."""
        return str(self.manifest["metadata"]["name"])

    @property
    def namespace(self) -> str | None:
        """The namespace, if any."""
        found = self.manifest["metadata"].get("namespace")
        return None if found is None else str(found)

    def __str__(self) -> str:
        """The object as an operator knows it."""
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name} ({self.logical})"


def made_by(root: Path, stack: str, engine: Callable[[], Engine]) -> Made:
    """What a stack makes. Raises what the engine raises."""
    with tempfile.TemporaryDirectory(prefix="objects-") as folder:
        workspace = prepare(root, stack, Path(folder) / "project")
        config = load(workspace.raw)
        found = engine()
        cloud = Cloud(rules=CloudRules(given=strings_of(workspace.raw, config)))
        with isolated(Path(folder)), Providers.simulated(cloud) as providers:
            program = open_stack(workspace, found, lambda: run_program(root), providers.debug_env)
            values = program.up().outputs["helmValues"].value
    return _made(config, cloud.history, values)


def _made(config: StackConfig, history: Iterable[Operation], values: Mapping[str, Any]) -> Made:
    ours = [it for it in history if it.kind == "create" and it.type.startswith("kubernetes:")]
    return Made(
        config=config,
        values=values,
        objects=tuple(
            Object(logical=name_of(it.urn), manifest=it.inputs) for it in ours if it.type != RELEASE
        ),
        releases=tuple(it.inputs for it in ours if it.type == RELEASE),
    )
