"""One rehearsal: up, a preview that must find nothing, and the tear-down, on the real engine."""

import runpy
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pulumi import automation
from pulumi.automation import EngineEvent, OpType

from rehearsal.cloud import Cloud
from rehearsal.critical_path import CriticalPath, critical_path
from rehearsal.engine import Engine
from rehearsal.lawful import violations
from rehearsal.leaks import leak
from rehearsal.messages import essential, label, without_colour
from rehearsal.refusals import CloudRules, strings_of
from rehearsal.server import Providers
from rehearsal.urns import name_of, type_of
from rehearsal.workspace import Workspace, isolated, prepare
from stacks.config import StackConfig, load
from stacks.problems import PROJECT

_SAME = "same"


class RehearsalFailed(Exception):
    """A step did not do what it must; the message says which, and what the engine said.

    `details` is all that the engine said, where the message leaves something out.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


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
    """What a rehearsal found.

    `path` is what a real cloud would take longest for; `kept` is what the tear-down left, providers aside;
    `stood_in` names secrets of the stack file. `secrets` is the stack's secret output, though simulated.
    """

    stack: str
    engine: Engine
    steps: tuple[Step, ...]
    resources: tuple[Resource, ...]
    path: CriticalPath
    kept: tuple[str, ...]
    stood_in: tuple[str, ...]
    values: Mapping[str, Any]
    secrets: Mapping[str, Any] = field(repr=False)
    addresses: Mapping[str, str | list[str]]
    warnings: tuple[str, ...]
    next_step: str


def rehearse(
    root: Path,
    stack: str,
    engine: Callable[[], Engine],
    listener: Listener,
    cloud: Cloud | None = None,
) -> Result:
    """Rehearse a stack. The engine is asked for only once the stack file is known to be sound.

    `cloud` brings rules, faults and latencies of its own; without one, what AWS and a Kubernetes API
    refuse is refused. This process has another environment
    meanwhile (see `isolated`), so rehearse one stack at a time. Raises UnknownStack, ConfigErrors,
    EngineUnavailable and RehearsalFailed.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        workspace = prepare(root, stack, Path(folder) / "project")
        config = load(workspace.raw)
        found = engine()
        rules = CloudRules(given=strings_of(workspace.raw, config))
        simulated = Cloud(rules=rules) if cloud is None else cloud
        with isolated(Path(folder)), Providers.simulated(simulated) as providers:
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
        self._root = root
        self._workspace = workspace
        self._engine = engine
        self._listener = listener
        self._steps: list[Step] = []
        self._stack = open_stack(workspace, engine, lambda: run_program(root), providers)

    def play(self, config: StackConfig) -> Result:
        guarded = config.protection.guarded
        made = self._do("up", lambda seen: self._stack.up(on_event=seen))
        outputs = self._stack.outputs()
        deployed = self._deployed()
        self._expect_lawful(deployed)
        self._expect_no_leak(_output(outputs, "helmSecrets"), deployed)
        self._expect_nothing("preview again")
        removed = self._do(
            "destroy what is not protected" if guarded else "destroy",
            lambda seen: self._stack.destroy(on_event=seen, exclude_protected=guarded),
        )
        left = self._deployed()
        if guarded:
            self._up_again(removed)
        elif left:
            raise RehearsalFailed(f"destroy left behind: {', '.join(map(label, left))}")
        return Result(
            stack=self._workspace.stack,
            engine=self._engine,
            steps=tuple(self._steps),
            resources=tuple(_resources(made)),
            path=critical_path(deployed),
            kept=tuple(_kept(left)),
            stood_in=tuple(self._workspace.stand_ins),
            values=_output(outputs, "helmValues"),
            secrets=_output(outputs, "helmSecrets"),
            addresses=_output(outputs, "addresses"),
            warnings=tuple(_output(outputs, "warnings")),
            next_step=_output(outputs, "nextStep"),
        )

    def _up_again(self, removed: _Seen) -> None:
        """What was kept must be taken up again as it is; only what was removed is made anew."""
        again = self._do("up again", lambda seen: self._stack.up(on_event=seen))
        gone = {urn for urn, operation in removed.operations.items() if operation == "delete"}
        touched = [
            f"{name_of(urn)} ({operation})"
            for urn, operation in again.operations.items()
            if operation != _SAME and urn not in gone
        ]
        if touched:
            raise RehearsalFailed(f"up after destroy touched what was kept: {', '.join(touched)}")

    def _expect_lawful(self, deployed: list[Mapping[str, Any]]) -> None:
        found = violations(deployed)
        for it in found:
            if not it.rule.mandatory:
                self._listener.note(f"Advice: {it}")
        broken = [str(it) for it in found if it.rule.mandatory]
        if broken:
            lines = "\n  ".join(broken)
            raise RehearsalFailed(f"what up made violates policies:\n  {lines}")

    def _expect_nothing(self, name: str) -> None:
        seen = self._do(name, lambda found: self._stack.preview(on_event=found))
        changed = [
            f"{name_of(urn)}: {operation} {', '.join(sorted(set(seen.details.get(urn, []))))}".strip()
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
            said = essential(seen.errors, self._root) or [str(error).strip()]
            raise RehearsalFailed(
                f"{name} failed:\n  " + "\n  ".join(said), "\n".join(seen.errors)
            ) from error
        for urn in seen.operations.keys() - seen.took.keys():
            self._listener.resource(seen.operations[urn], name_of(urn))
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
            if urn not in seen.took:
                self._listener.resource(seen.operations.get(urn, _SAME), name_of(urn))
            seen.took[urn] = time.monotonic() - seen.started.get(urn, time.monotonic())
        elif event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            said = event.diagnostic_event
            where = f"{name_of(said.urn)} ({type_of(said.urn)}): " if said.urn else ""
            seen.errors.append(f"{where}{without_colour(said.message).strip()}")

    def _expect_no_leak(
        self, secrets: Mapping[str, Any], deployed: list[Mapping[str, Any]]
    ) -> None:
        found = leak(self._workspace, secrets, deployed)
        if found is not None:
            raise RehearsalFailed(found)

    def _deployed(self) -> list[Mapping[str, Any]]:
        deployment = self._stack.export_stack().deployment or {}
        return list(deployment.get("resources") or [])


def open_stack(
    workspace: Workspace,
    engine: Engine,
    program: Callable[[], None],
    providers: str,
    command: automation.PulumiCommand | None = None,
) -> automation.Stack:
    """A workspace's stack with its secrets set, for a program and the providers that serve it.

    `providers` is the value of PULUMI_DEBUG_PROVIDERS; `command` runs the engine in another way.
    """
    stack = automation.create_or_select_stack(
        workspace.stack,
        project_name=PROJECT,
        program=program,
        work_dir=str(workspace.path),
        opts=automation.LocalWorkspaceOptions(
            work_dir=str(workspace.path),
            env_vars={**workspace.environment, "PULUMI_DEBUG_PROVIDERS": providers},
            pulumi_command=command or engine.command(),
        ),
    )
    if workspace.stand_ins:
        secrets = workspace.stand_ins.items()
        stack.set_all_config(
            {key: automation.ConfigValue(value, secret=True) for key, value in secrets}
        )
    return stack


def run_program(root: Path) -> None:
    """The real program, as Pulumi would run it."""
    runpy.run_path(str(root / "__main__.py"), run_name="__main__")


def _output(outputs: Mapping[str, automation.OutputValue], name: str) -> Any:
    """A stack output. Raises RehearsalFailed where the program exports none of that name."""
    if name not in outputs:
        raise RehearsalFailed(
            f"the program exports no {name}; stacks/exports.py shows what it must"
        )
    return outputs[name].value


def _operation(op: OpType | str) -> str:
    return str(getattr(op, "value", op))


def _kept(left: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What a tear-down left, components and providers aside."""
    for resource in left:
        if resource.get("custom") and not type_of(resource["urn"]).startswith("pulumi:"):
            yield label(resource)


def _resources(seen: _Seen) -> Iterator[Resource]:
    for urn, operation in seen.operations.items():
        if operation != "create" or type_of(urn).startswith(("tts:", "pulumi:pulumi:")):
            continue
        parent = seen.parents.get(urn, "")
        component = name_of(parent) if type_of(parent).startswith("tts:") else "the stack itself"
        yield Resource(
            type=type_of(urn),
            name=name_of(urn),
            component=component,
            seconds=seen.took.get(urn, 0.0),
        )
