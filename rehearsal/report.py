"""What a rehearsal shows: progress while it works, and a summary a person would read."""

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.tree import Tree

from rehearsal.run import Resource, Result
from rehearsal.yaml_file import write_yaml

SIMULATION = (
    "This is a rehearsal on a simulated cloud: nothing real is contacted, made or paid for, "
    "and no time is a real cloud's."
)
_SLOWEST = 5
_WORTH_TELLING = 10.0
_MINUTES_FROM = 100.0
_WIDTH = 110
_HEAD = "# From a rehearsal: the values are simulated. Not for a cluster.\n"


def console() -> Console:
    """Standard output: as wide as the terminal, or without any control code where there is none."""
    if sys.stdout.isatty():
        return Console()
    return Console(force_terminal=False, no_color=True, width=_WIDTH)


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
        self._done: Counter[str] = Counter()
        self._started = time.monotonic()

    def __enter__(self) -> "Reporter":
        self._console.print(SIMULATION, style="bold", soft_wrap=True)
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish(broken=kind is not None)
        self._progress.stop()

    def step(self, name: str) -> None:
        """Close the step before and open this one."""
        self._finish()
        self._step, self._done, self._started = name, Counter(), time.monotonic()
        self._progress.update(self._task, description=f"{name} ...")

    def resource(self, operation: str, name: str) -> None:
        """Count a resource that is done."""
        self._done[operation] += 1
        text = f"{self._step}: {self._done.total()} done, last {operation} {name}"
        self._progress.update(self._task, description=escape(text))

    def note(self, line: str) -> None:
        """Something to know, above the progress."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _finish(self, *, broken: bool = False) -> None:
        if self._step:
            took = time.monotonic() - self._started
            stopped = "stopped after " if broken else ""
            self.note(f"  {self._step}: {stopped}{_counted(self._done)} in {took:.1f} s")
        self._step = ""


def summary(result: Result, files: Mapping[str, Path], console: Console) -> None:
    """Print what was made, by component, what took longest, what stays, and where the files are."""
    console.print()
    console.print(_by_component(result))
    console.print(_steps(result))
    console.print(_slowest(result.resources))
    _ready(result, console)
    _tear_down(result, console)
    for what, where in result.addresses.items():
        found = where if isinstance(where, str) else ", ".join(where)
        _line(console, f"{what}: {found}")
    _line(console, f"Secrets stood in for: {', '.join(result.stood_in) or 'none'}.")
    for warning in result.warnings:
        _line(console, f"Warning: {warning}", style="yellow")
    for what, path in files.items():
        _line(console, f"{what}: {path}")
    _line(console, "In earnest, after `pulumi up`:")
    _line(console, result.next_step)
    _line(console, SIMULATION, style="bold")


def write(result: Result, folder: Path) -> Mapping[str, Path]:
    """Write values.yaml, and secrets.yaml for the owner's eyes only (0600 from the first byte)."""
    folder.mkdir(parents=True, exist_ok=True)
    values, secrets = folder / "values.yaml", folder / "secrets.yaml"
    write_yaml(values, result.values, 0o644, _HEAD)
    write_yaml(secrets, result.secrets, 0o600, _HEAD)
    return {"Helm values": values, "Helm secrets (simulated)": secrets}


def _line(console: Console, text: str, style: str | None = None) -> None:
    """Text as it is, however long, so that it can be copied."""
    console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)


def _tear_down(result: Result, console: Console) -> None:
    if not result.kept:
        _line(console, "Destroy left nothing behind.")
        return
    table = Table("kept", "type", box=None, title="What destroy kept", title_justify="left")
    for kind, count in sorted(Counter(map(_kind, result.kept)).items()):
        table.add_row(str(count), kind)
    console.print(table)
    _line(console, "It is protected; the second up took it up again untouched.")
    _line(console, "To remove it too: set tts:protection to disposable, up, destroy.")


def _ready(result: Result, console: Console) -> None:
    links = [link for link in result.path.links if link.seconds >= _WORTH_TELLING]
    if not links:
        return
    chain = ", ".join(f"{link} {_minutes(link.seconds)}" for link in links)
    _line(console, f"On a real cloud ready in about {_minutes(result.path.seconds)}: {chain}.")


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= _MINUTES_FROM else f"{seconds:.0f} s"


def _counted(operations: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(operations.items())) or "nothing"


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
        table.add_row(step.name, f"{step.seconds:.1f}", _counted(step.changes))
    return table


def _slowest(resources: tuple[Resource, ...]) -> Table:
    table = Table(
        "seconds", "resource", "type", box=None, title="What took longest", title_justify="left"
    )
    for it in sorted(resources, key=lambda each: -each.seconds)[:_SLOWEST]:
        table.add_row(f"{it.seconds:.2f}", it.name, it.type)
    return table


def _kind(kept: str) -> str:
    """`name (module:Type)` as module:Type."""
    return kept.rpartition(" (")[2].rstrip(")")
