"""One rehearsal: up, a preview that must find nothing, and the tear-down, on the real engine."""

import json
import runpy
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pulumi import automation
from pulumi.automation import EngineEvent, OpType

from rehearsal.cloud import Cloud
from rehearsal.engine import Engine
from rehearsal.server import Providers
from rehearsal.workspace import Workspace, isolated, prepare
from stacks.config import StackConfig, load
from stacks.problems import PROJECT

_SAME = "same"
_SHORTEST_SECRET = 8


class RehearsalFailed(Exception):
    """A step did not do what it must; the message says which, and what the engine said."""


class Listener(Protocol):
    """Whoever wants to see a rehearsal at work."""

    def step(self, name: str) -> None:
        """A step begins."""

    def resource(self, operation: str, name: str) -> None:
        """A resource of the step is done."""

    def note(self, line: str) -> None:
        """Something to know."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One run of the engine: seconds it took, and resources by operation."""

    name: str
    seconds: float
    changes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource that `up` made, the component it belongs to, and the seconds it took."""

    type: str
    name: str
    component: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a rehearsal found. `secrets` is the stack's secret output, simulated though it is."""

    stack: str
    engine: Engine
    steps: tuple[Step, ...]
    resources: tuple[Resource, ...]
    kept: tuple[str, ...]
    stood_in: tuple[str, ...]
    values: Mapping[str, Any]
    secrets: Mapping[str, Any] = field(repr=False)
    warnings: tuple[str, ...]
    next_step: str


def rehearse(root: Path, stack: str, engine: Callable[[], Engine], listener: Listener) -> Result:
    """Rehearse a stack. The engine is asked for only once the stack file is known to be sound.

    Raises UnknownStack, ConfigErrors, EngineUnavailable and RehearsalFailed.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        workspace = prepare(root, stack, Path(folder) / "project")
        config = load(workspace.raw)
        found = engine()
        with isolated(Path(folder)), Providers.simulated(Cloud()) as providers:
            performance = _Performance(root, workspace, found, providers.debug_env, listener)
            return performance.play(config)


@dataclass
class _Seen:
    """What the engine's events said of one step."""

    started: dict[str, float] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    details: dict[str, list[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


class _Performance:
    """The steps of one rehearsal in one workspace."""

    def __init__(
        self, root: Path, workspace: Workspace, engine: Engine, providers: str, listener: Listener
    ) -> None:
        self._workspace = workspace
        self._engine = engine
        self._listener = listener
        self._steps: list[Step] = []
        self._stack = automation.create_or_select_stack(
            workspace.stack,
            project_name=PROJECT,
            program=lambda: _program(root),
            work_dir=str(workspace.path),
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(workspace.path),
                env_vars={**workspace.environment, "PULUMI_DEBUG_PROVIDERS": providers},
                pulumi_command=engine.command(),
            ),
        )
        self._stack.set_all_config(
            {
                key: automation.ConfigValue(value, secret=True)
                for key, value in workspace.stand_ins.items()
            }
        )

    def play(self, config: StackConfig) -> Result:
        guarded = config.protection.guarded
        made = self._do("up", lambda seen: self._stack.up(on_event=seen))
        outputs = self._stack.outputs()
        secrets = outputs["helmSecrets"].value
        self._expect_no_plain_secret(secrets)
        self._expect_nothing("preview again")
        removed = self._do(
            "destroy what is not protected" if guarded else "destroy",
            lambda seen: self._stack.destroy(on_event=seen, exclude_protected=guarded),
        )
        kept = self._kept()
        if guarded:
            self._up_again(removed)
        elif kept:
            raise RehearsalFailed(f"destroy left behind: {', '.join(kept)}")
        return Result(
            stack=self._workspace.stack,
            engine=self._engine,
            steps=tuple(self._steps),
            resources=tuple(_resources(made)),
            kept=kept,
            stood_in=tuple(self._workspace.stand_ins),
            values=outputs["helmValues"].value,
            secrets=secrets,
            warnings=tuple(outputs["warnings"].value),
            next_step=outputs["nextStep"].value,
        )

    def _up_again(self, removed: _Seen) -> None:
        """What was kept must be taken up again as it is; only what was removed is made anew."""
        again = self._do("up again", lambda seen: self._stack.up(on_event=seen))
        gone = {urn for urn, operation in removed.operations.items() if operation == "delete"}
        touched = [
            f"{_name(urn)} ({operation})"
            for urn, operation in again.operations.items()
            if operation != _SAME and urn not in gone
        ]
        if touched:
            raise RehearsalFailed(f"up after destroy touched what was kept: {', '.join(touched)}")

    def _expect_nothing(self, name: str) -> None:
        seen = self._do(name, lambda found: self._stack.preview(on_event=found))
        changed = [
            f"{_name(urn)}: {operation} {', '.join(sorted(set(seen.details.get(urn, []))))}".strip()
            for urn, operation in seen.operations.items()
            if operation != _SAME
        ]
        if changed:
            lines = "\n  ".join(changed)
            raise RehearsalFailed(f"a second preview of the same stack finds changes:\n  {lines}")

    def _do(self, name: str, run: Callable[[Callable[[EngineEvent], None]], object]) -> _Seen:
        self._listener.step(name)
        seen = _Seen()
        started = time.monotonic()
        try:
            run(lambda event: self._take(event, seen))
        except automation.CommandError as error:
            said = list(dict.fromkeys(seen.errors)) or [str(error).strip()]
            raise RehearsalFailed(f"{name} failed:\n  " + "\n  ".join(said)) from error
        changes = Counter(seen.operations.values())
        took = time.monotonic() - started
        self._steps.append(Step(name=name, seconds=took, changes=dict(changes)))
        return seen

    def _take(self, event: EngineEvent, seen: _Seen) -> None:
        if event.resource_pre_event is not None:
            metadata = event.resource_pre_event.metadata
            operation = _operation(metadata.op)
            # A replacement is told in three events; the one called replace says what it is about.
            if operation == "replace" or metadata.urn not in seen.operations:
                seen.started[metadata.urn] = time.monotonic()
                seen.operations[metadata.urn] = operation
            seen.details.setdefault(metadata.urn, []).extend(
                metadata.detailed_diff or metadata.diffs or []
            )
            if metadata.new is not None:
                seen.parents[metadata.urn] = metadata.new.parent
        elif event.res_outputs_event is not None:
            urn = event.res_outputs_event.metadata.urn
            seen.took[urn] = time.monotonic() - seen.started.get(urn, time.monotonic())
            self._listener.resource(seen.operations.get(urn, _SAME), _name(urn))
        elif event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            said = event.diagnostic_event
            where = f"{_name(said.urn)} ({_type(said.urn)}): " if said.urn else ""
            seen.errors.append(f"{where}{_without_colour(said.message).strip()}")

    def _kept(self) -> tuple[str, ...]:
        deployment = self._stack.export_stack().deployment or {}
        resources = deployment.get("resources") or []
        urns = [str(resource["urn"]) for resource in resources if resource.get("custom")]
        return tuple(f"{_name(urn)} ({_type(urn)})" for urn in urns)

    def _expect_no_plain_secret(self, secrets: Mapping[str, Any]) -> None:
        known = {f"{PROJECT}:{key}": text for key, text in self._workspace.stand_ins.items()}
        known.update({f"helmSecrets.{path}": text for path, text in _leaves(secrets)})
        for file in (path for path in self._workspace.backend.rglob("*") if path.is_file()):
            written = file.read_text(encoding="utf-8", errors="replace")
            for name, text in known.items():
                if len(text) >= _SHORTEST_SECRET and json.dumps(text)[1:-1] in written:
                    where = file.relative_to(self._workspace.backend)
                    raise RehearsalFailed(f"{name} stands in plain text in the state, in {where}")


def _program(root: Path) -> None:
    runpy.run_path(str(root / "__main__.py"), run_name="__main__")


def _operation(op: OpType | str) -> str:
    return str(getattr(op, "value", op))


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2] if urn.count("::") >= 3 else ""


def _without_colour(text: str) -> str:
    """The engine marks colours as <{%fg 1%}>."""
    parts = text.split("<{%")
    return parts[0] + "".join(part.partition("%}>")[2] for part in parts[1:])


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for key, inner in tree.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, str):
        yield path, tree


def _resources(seen: _Seen) -> Iterator[Resource]:
    for urn, operation in seen.operations.items():
        if operation != "create" or _type(urn).startswith(("tts:", "pulumi:pulumi:")):
            continue
        parent = seen.parents.get(urn, "")
        component = _name(parent) if _type(parent).startswith("tts:") else "the stack itself"
        yield Resource(
            type=_type(urn), name=_name(urn), component=component, seconds=seen.took.get(urn, 0.0)
        )
