"""What a rehearsal shows: progress while it works, and a summary a person would read."""

import os
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.tree import Tree

from rehearsal.run import Resource, Result

SIMULATION = "This is a rehearsal on a simulated cloud: nothing real is contacted, made, changed or paid for."
_SLOWEST = 5


class Reporter:
    """Live progress on a terminal, a line per step elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("reading the stack file")
        self._step = ""
        self._done = 0
        self._started = time.monotonic()

    def __enter__(self) -> "Reporter":
        self._console.print(SIMULATION, style="bold")
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish()
        self._progress.stop()

    def step(self, name: str) -> None:
        """Close the step before and open this one."""
        self._finish()
        self._step, self._done, self._started = name, 0, time.monotonic()
        self._progress.update(self._task, description=f"{name} …")

    def resource(self, operation: str, name: str) -> None:
        """Count a resource that is done."""
        self._done += 1
        text = f"{self._step}: {self._done} done, last {operation} {name}"
        self._progress.update(self._task, description=text)

    def note(self, line: str) -> None:
        """Something to know, above the progress."""
        self._console.print(line, highlight=False)

    def _finish(self) -> None:
        if self._step:
            took = time.monotonic() - self._started
            self._console.print(
                f"  {self._step}: {self._done} resources, {took:.1f} s", highlight=False
            )
        self._step = ""


def summary(result: Result, files: Mapping[str, Path], console: Console) -> None:
    """Print what was made, by component, what took longest, what stays, and where the files are."""
    console.print()
    console.print(_by_component(result))
    console.print(_steps(result))
    console.print(_slowest(result.resources))
    if result.kept:
        listed = ", ".join(sorted({_kind(name) for name in result.kept}))
        console.print(
            f"Destroy kept {len(result.kept)} protected resources ({listed}), and up took them up "
            "again untouched. To remove them too: set protection to disposable, up, destroy."
        )
    else:
        console.print("Destroy left nothing behind.")
    console.print(f"Secrets stood in for: {', '.join(result.stood_in) or 'none'}.")
    for warning in result.warnings:
        console.print(f"Warning: {warning}", style="yellow")
    for what, path in files.items():
        console.print(f"{what}: {path}", highlight=False, soft_wrap=True)
    console.print("In earnest, after `pulumi up`:")
    console.print(result.next_step, highlight=False, soft_wrap=True)
    console.print(SIMULATION, style="bold")


def write(result: Result, folder: Path) -> Mapping[str, Path]:
    """Write values.yaml, and secrets.yaml for the owner's eyes only (0600 from the first byte)."""
    folder.mkdir(parents=True, exist_ok=True)
    values, secrets = folder / "values.yaml", folder / "secrets.yaml"
    _write(values, result.values, 0o644)
    _write(secrets, result.secrets, 0o600)
    return {"Helm values": values, "Helm secrets (simulated)": secrets}


def _write(path: Path, tree: Mapping[str, Any], mode: int) -> None:
    head = "# From a rehearsal: the values are simulated. Not for a cluster.\n"
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(head + yaml.safe_dump(dict(tree), sort_keys=True, width=100))
    fresh.replace(path)


def _by_component(result: Result) -> Tree:
    grouped: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for resource in result.resources:
        grouped[resource.component][resource.type] += 1
    tree = Tree(
        f"{result.stack}: {len(result.resources)} resources, Pulumi {result.engine.version}"
    )
    for component, types in sorted(grouped.items()):
        branch = tree.add(f"{component}: {sum(types.values())}")
        for kind, count in sorted(types.items()):
            branch.add(f"{count} x {kind}")
    return tree


def _steps(result: Result) -> Table:
    table = Table(
        "step", "seconds", "resources", box=None, title="What was done", title_justify="left"
    )
    for step in result.steps:
        changes = ", ".join(f"{count} {name}" for name, count in sorted(step.changes.items()))
        table.add_row(step.name, f"{step.seconds:.1f}", changes)
    return table


def _slowest(resources: tuple[Resource, ...]) -> Table:
    table = Table(
        "seconds", "resource", "type", box=None, title="What took longest", title_justify="left"
    )
    for it in sorted(resources, key=lambda each: -each.seconds)[:_SLOWEST]:
        table.add_row(f"{it.seconds:.2f}", it.name, it.type)
    return table


def _kind(kept: str) -> str:
    return kept.rpartition(":")[2].rstrip(")")
