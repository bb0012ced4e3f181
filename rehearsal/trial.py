"""A stack that lives through faults: run again and again, as an operator would, until nothing fails.

A fault is tried at every resource at once where that is sound: with `--continue-on-error` the engine
makes all that does not need what failed, so that each run meets the next layer of the graph, and every
resource meets its fault with all that it needs in place and nothing that needs it.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation
from pulumi.automation import EngineEvent

from rehearsal import language_host
from rehearsal.cloud import Cloud, Faults, NoFaults, Operation, Order
from rehearsal.engine import Engine
from rehearsal.faults import Once
from rehearsal.killable import KillableCommand
from rehearsal.messages import essential, without_colour
from rehearsal.orphans import Home, Orphan, import_file, orphan, unknown_to
from rehearsal.refusals import CloudRules, strings_of
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.urns import name_of, type_of
from rehearsal.workspace import Workspace, isolated, prepare, stack_path
from stacks.config import load
from stacks.secrets import SecretKey

# Pulumi 3.274.1 breaks under --continue-on-error where what a provider's configuration depends on fails to
# update: "'Check' and 'Diff' must be called before 'Update'" (pkg/resource/deploy/providers/registry.go).
_PANIC = "panic: fatal"
_AT_REST_SECONDS = 0.4
_LOOK_SECONDS = 0.05


class Switch:
    """Faults that can be exchanged while the cloud stays."""

    def __init__(self) -> None:
        self.faults: Faults = NoFaults()

    def before(self, operation: Operation) -> None:
        """As the faults of the moment have it."""
        self.faults.before(operation)

    def after(self, operation: Operation) -> None:
        """As the faults of the moment have it."""
        self.faults.after(operation)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the engine: whether it went through, what failed by URN, and what it said of that."""

    good: bool
    failed: frozenset[str]
    said: tuple[str, ...]


class Trial:
    """A stack of its own on a cloud of its own, and what an operator can do with it."""

    def __init__(
        self, root: Path, workspace: Workspace, engine: Engine, cloud: Cloud, providers: str
    ) -> None:
        self.workspace = workspace
        self.cloud = cloud
        self.said: list[str] = []
        self.panics = 0
        self._homes: dict[str, Home] = {}
        self._root = root
        self._command = KillableCommand(engine.path.parent.parent)
        self.stack = open_stack(
            workspace, engine, lambda: run_program(root), providers, self._command
        )

    def up(self) -> Run:
        """Make or change it; what fails does not keep the rest from being made."""
        return self._run(lambda on: self.stack.up(on_event=on, continue_on_error=True))

    def destroy(self) -> Run:
        """Remove it, as far as that goes."""
        return self._run(lambda on: self.stack.destroy(on_event=on, continue_on_error=True))

    def up_killed(self, faults: Once) -> Run:
        """Make it, and kill the engine once everything that can be under way is held by the faults.

        Where nothing is held it is an ordinary run.
        """
        over = threading.Event()
        watch = threading.Thread(target=self._kill_at_rest, args=(faults, over))
        watch.start()
        try:
            return self._run(lambda on: self.stack.up(on_event=on, continue_on_error=True))
        finally:
            over.set()
            watch.join()
            faults.release()
            self.unlock()

    def unlock(self) -> None:
        """What an engine that was killed, or broke, leaves locked."""
        with suppress(automation.CommandError):
            self.stack.cancel()

    def edit(self, key: str, value: Any) -> None:
        """Change a key of the stack file."""
        file = stack_path(self.workspace.path, self.workspace.stack)
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        document["config"][f"tts:{key}"] = value
        file.write_text(yaml.safe_dump(document), encoding="utf-8")

    def deployment(self) -> Mapping[str, Any]:
        """The state, decrypted."""
        return self.stack.export_stack().deployment or {}

    def resources(self) -> list[Mapping[str, Any]]:
        """What the state has."""
        return list(self.deployment().get("resources") or [])

    def orphans(self, *, missing: bool = False) -> list[Orphan]:
        """What the cloud has and the state does not; with `missing`, only what has no second in the state."""
        deployment = self.deployment()
        pending = interrupted(deployment)
        resources = deployment.get("resources") or []
        there = {it["urn"] for it in resources} if missing else set()
        return [
            orphan(it, self.workspace.stack, self._homes[it.urn], it.urn in pending)
            for it in unknown_to(resources, self.cloud)
            if it.urn not in there
        ]

    def adopt(self, orphans: Sequence[Orphan]) -> None:
        """Import what the engine cannot know of, pending creations by the refresh that is for it."""
        words = [word for it in orphans if it.pending for word in (it.resource.urn, it.resource.id)]
        if words:
            named = [part for word in words for part in ("--import-pending-creates", word)]
            self.pulumi("refresh", "--yes", "--skip-preview", *named)
        others = [it.resource for it in orphans if not it.pending]
        if others:
            file = self.workspace.path / "import.json"
            homes = {it.urn: self._homes[it.urn] for it in others}
            file.write_text(json.dumps(import_file(others, homes)), encoding="utf-8")
            options = ("--protect=false", "--generate-code=false", "--file", str(file))
            self.pulumi("import", "--yes", "--skip-preview", *options)

    def forget_interrupted(self) -> None:
        """Drop what the state says of creations that came to nothing."""
        if interrupted(self.deployment()):
            self.pulumi("refresh", "--yes", "--skip-preview", "--clear-pending-creates")

    def pulumi(self, *words: str) -> None:
        """Run a command of the CLI on this stack. Raises CommandError."""
        workspace = self.stack.workspace
        hosts = self.workspace.path / "bin"
        language_host.install(hosts, sys.executable)
        path = f"{hosts}{os.pathsep}{os.environ.get('PATH', '')}"
        done = self._command.run(
            [*words, "--stack", self.workspace.stack],
            workspace.work_dir,
            {**workspace.env_vars, "PATH": path},
        )
        self.said += [done.stdout, done.stderr]

    def _run(self, act: Callable[[Callable[[EngineEvent], None]], object]) -> Run:
        said: list[str] = []
        failed: set[str] = set()
        good = True
        try:
            act(lambda event: self._take(event, said, failed))
        except automation.CommandError as error:
            good = False
            self.said.append(str(error))
            if _PANIC in str(error):
                self.panics += 1
                self.unlock()
            if not said:
                said.append(str(error).strip())
        self.said += said
        return Run(good=good, failed=frozenset(failed), said=tuple(essential(said, self._root)))

    def _take(self, event: EngineEvent, said: list[str], failed: set[str]) -> None:
        if event.resource_pre_event is not None:
            found = event.resource_pre_event.metadata
            if found.new is not None and found.new.parent:
                home = Home(parent=found.new.parent, provider=found.new.provider or "")
                self._homes[found.urn] = home
        elif event.diagnostic_event is not None:
            what = event.diagnostic_event
            text = without_colour(what.message).strip()
            if what.severity == "error":
                where = f"{name_of(what.urn)} ({type_of(what.urn)}): " if what.urn else ""
                said.append(f"{where}{text}")
                failed.add(what.urn or "")
            else:
                self.said.append(text)

    def _kill_at_rest(self, faults: Once, over: threading.Event) -> None:
        while not over.wait(_LOOK_SECONDS):
            if faults.at_rest(_AT_REST_SECONDS):
                self._command.kill()
                faults.release()
                return


def interrupted(deployment: Mapping[str, Any]) -> set[str]:
    """What a state says of creations that nobody saw the end of, by URN."""
    pending = deployment.get("pending_operations") or []
    return {it["resource"]["urn"] for it in pending if it["type"] == "creating"}


@contextmanager
def begun(
    root: Path,
    stack: str,
    engine: Engine,
    folder: Path,
    changes: Mapping[str, Any] | None = None,
    *,
    checkpoints: bool = False,
    stand_ins: Mapping[SecretKey, str] | None = None,
    order: Order | None = None,
) -> Iterator[tuple[Trial, Switch]]:
    """A trial of a stack with some keys changed, nothing of it made yet, and its faults.

    `stand_ins`: those of another trial, so that the two can be compared.
    This process has another environment meanwhile (see `isolated`), so one at a time.
    """
    prepared = prepare(root, stack, folder / "project")
    workspace = Workspace(
        path=prepared.path,
        stack=stack,
        stand_ins=stand_ins or prepared.stand_ins,
        passphrase=prepared.passphrase,
        checkpoints=checkpoints,
    )
    switch = Switch()
    rules = CloudRules(given=strings_of(workspace.raw, load(workspace.raw)))
    cloud = Cloud(rules=rules, faults=switch, order=order)
    with isolated(folder), Providers.simulated(cloud) as providers:
        trial = Trial(root, workspace, engine, cloud, providers.debug_env)
        for key, value in (changes or {}).items():
            trial.edit(key, value)
        yield trial, switch
