"""Compare stacks: `up` with the base's program, then a preview of the working tree against that state."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation

from rehearsal.cloud import Cloud, NoRules, Operation, Rules
from rehearsal.engine import Engine
from rehearsal.messages import essential
from rehearsal.refusals import CloudRules, strings_of
from rehearsal.run import open_stack, run_program
from rehearsal.server import Providers
from rehearsal.urns import name_of
from rehearsal.workspace import UnknownStack, isolated, prepare, stack_path, stacks
from review.base import Base, NoBase, Note, expect_files, python_for
from review.base_run import BaseFailed, up
from review.changes import Report, StackReport
from review.observed import Observed
from review.report_of import Landscape, made, report_of
from review.text import readable
from stacks.config import load
from stacks.problems import PROJECT, ConfigErrors

_NEW = "a new stack: the base has no such file, so everything is new"
_REMOVED = (
    "its file is gone: what is deployed stays until `pulumi destroy`, which needs the file; "
    "destroy before the file is removed"
)


class Comparison:
    """Stacks of the working tree against one base. `cache` is where environments of bases are kept."""

    def __init__(self, root: Path, base: Base, engine: Engine, cache: Path, note: Note) -> None:
        self._root = root
        self._base = base
        self._engine = engine
        self._cache = cache
        self._note = note

    def report(self, names: Sequence[str], head: str) -> Report:
        """Compare these stacks, or all that there are on either side. A stack that fails stops no other.

        Raises UnknownStack where a named stack is on neither side.
        """
        there = set(stacks(self._root)) | set(stacks(self._base.root))
        unknown = [name for name in names if name not in there]
        if unknown:
            raise UnknownStack(
                f"there is no stack {unknown[0]!r}, neither here nor in {self._base.name}; "
                f"there are: {', '.join(sorted(there))}"
            )
        wanted = dict.fromkeys(names or sorted(there))
        return Report(
            base=readable(self._base.name),
            commit=self._base.commit,
            head=readable(head),
            stacks=tuple(self._told(name) for name in wanted),
        )

    def _told(self, name: str) -> StackReport:
        self._note(f"  {name} ...")
        found = self._of(name)
        self._note(f"  {name}: {found.outcome}")
        return found

    def _of(self, name: str) -> StackReport:
        try:
            if name not in stacks(self._root):
                return StackReport(stack=readable(name), outcome="removed", message=_REMOVED)
            with tempfile.TemporaryDirectory(prefix="review-") as folder:
                return self._compared(name, self._python(name), Path(folder).resolve())
        except (NoBase, BaseFailed) as error:
            return _failed(name, str(error))
        except (ConfigErrors, UnknownStack, _HeadFailed) as error:
            return _failed(name, f"the working tree cannot be previewed: {error}")
        except Exception as error:
            first = next(iter(str(error).strip().splitlines()), "")
            return _failed(name, f"the comparison itself broke: {type(error).__name__}: {first}")

    def _python(self, name: str) -> Path | None:
        """A Python for the base's program; None where the base has no such stack."""
        if name not in stacks(self._base.root):
            return None
        expect_files(self._base)
        target = _target(self._base.root, name)
        return python_for(self._base, target, self._cache, self._note)

    def _compared(self, name: str, python: Path | None, folder: Path) -> StackReport:
        workspace = prepare(self._root, name, folder / "head")
        config = load(workspace.raw)
        rules = _Recorded()
        with isolated(folder), Providers.simulated(Cloud(rules=rules)) as providers:
            if python is not None:
                base, debug = self._base, providers.debug_env
                up(base, python, self._root, workspace, self._engine, debug, folder)
            program = lambda: run_program(self._root)  # noqa: E731
            stack = open_stack(workspace, self._engine, program, providers.debug_env)
            before = _landscape(stack)
            seen, failed = _observe(stack.preview)
            _expect_no_errors(seen, failed, self._root)
            rules.turn_to(CloudRules(given=strings_of(workspace.raw, config)))
            found = self._carried(workspace.stack, stack, before, seen, rules)
        return found if python is not None else replace(found, outcome="new", message=_NEW)

    def _carried(
        self,
        name: str,
        stack: automation.Stack,
        before: Landscape,
        seen: Observed,
        rules: "_Recorded",
    ) -> StackReport:
        """The report, with what comes of it where it can be carried out on the simulated cloud."""
        held = tuple(sorted(f"{name_of(urn)} is protected" for urn in seen.refused))
        if held:
            # What would come of it, were it not.
            _unprotect(stack)
        done, failed = _observe(stack.up)
        if failed is not None:
            said = tuple(essential(done.errors, self._root)) or (str(failed).strip(),)
            return report_of(name, seen, before, made(before, seen), "refused", (*held, *said))
        said = (*held, *rules.refusals)
        return report_of(name, seen, before, _landscape(stack), "refused" if said else "yes", said)


class _HeadFailed(Exception):
    """Why the working tree's program gets through no preview."""


class _Recorded:
    """No rules at first, so that a base comes up that they have overtaken; then what they refuse.

    Nothing is held up by a refusal, so that all are found and the state afterwards is known.
    """

    def __init__(self) -> None:
        self._rules: Rules = NoRules()
        self._refusals: list[str] = []

    @property
    def refusals(self) -> tuple[str, ...]:
        """What was refused, and why, each once."""
        return tuple(dict.fromkeys(self._refusals))

    def turn_to(self, rules: Rules) -> None:
        """Ask these from now on."""
        self._rules = rules

    def refusal(self, operation: Operation, cloud: Cloud) -> str | None:
        """Nothing is refused; what would be is remembered."""
        said = self._rules.refusal(operation, cloud)
        if said is not None:
            subject = f"{name_of(operation.urn)} ({operation.type})"
            self._refusals.append(f"{operation.kind} of {subject}: {said}")
        return None


def _unprotect(stack: automation.Stack) -> None:
    """Take the protection off all that is in a state which nobody keeps."""
    state = stack.export_stack()
    resources: Any = (state.deployment or {}).get("resources") or []
    for resource in resources:
        resource.pop("protect", None)
    stack.import_stack(state)


def _observe(
    run: Callable[..., object],
) -> tuple[Observed, automation.CommandError | None]:
    seen = Observed()
    try:
        run(on_event=seen.take)
    except automation.CommandError as error:
        return seen, error
    return seen, None


def _expect_no_errors(seen: Observed, failed: automation.CommandError | None, root: Path) -> None:
    said = essential(seen.errors, root)
    if failed is not None and not said and not seen.refused:
        said = [str(failed).strip()]
    if said:
        raise _HeadFailed("\n".join(map(_lines, said)))


def _lines(text: str) -> str:
    return "\n".join(map(readable, text.splitlines()))


def _landscape(stack: automation.Stack) -> Landscape:
    deployment: Any = stack.export_stack().deployment or {}
    outputs = {name: found.value for name, found in stack.outputs().items()}
    secret = {name for name, found in stack.outputs().items() if found.secret}
    return Landscape.of(list(deployment.get("resources") or []), outputs, secret)


def _failed(name: str, message: str) -> StackReport:
    return StackReport(stack=readable(name), outcome="failed", message=_lines(message))


def _target(root: Path, name: str) -> str:
    """The target that a stack file names; it is checked when the base is run."""
    try:
        text = stack_path(root, name).read_text(encoding="utf-8")
        return str(yaml.safe_load(text)["config"][f"{PROJECT}:target"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise NoBase(f"the base's stacks/Pulumi.{name}.yaml names no target") from error
