"""One mutant, tried in a process of its own that has the SDKs loaded and nothing of the project's program."""

import contextlib
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import os
import resource
import runpy
import signal
import sys
import tempfile
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NoReturn

from policies.every import RULES
from policies.rule import judge
from policies.subject import subject
from tools.mutants.sites import Mutant

Fate = Literal["policy", "program", "test", "survived", "too long"]
# Of the processor, as machines are shared; and of the clock, for what waits for ever.
_CPU_SECONDS, _SECONDS = 300, 3600


def tried(
    mutant: Mutant, root: Path, stacks: Sequence[str], tests: Sequence[str], same: str
) -> tuple[Fate, str]:
    """What caught it: a policy, the program itself, or a test, and what was said.

    `same` is the fingerprint of the first stack without a mutant: where it stays, policies say nothing new.
    """
    return _apart(lambda: _try(mutant, root, stacks, tests, same))


def fingerprint(root: Path, stack: str) -> str:
    """A stack's graph in short, as the program registers it now."""
    return _apart(lambda: ("survived", _print(_graph(root, stack))))[1]


def _apart(work: Callable[[], tuple[Fate, str]]) -> tuple[Fate, str]:
    """Work done in a fork, whose modules and output nobody sees."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _child(work, write)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    if not said:
        return "too long", f"it did not end within {_CPU_SECONDS} s of the processor"
    fate, words = json.loads(said)
    return fate, words


def _child(work: Callable[[], tuple[Fate, str]], write: int) -> NoReturn:
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    signal.alarm(_SECONDS)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        found = work()
    except BaseException as error:
        found = ("program", f"{type(error).__name__}: {error}"[:200])
    os.write(write, json.dumps(found).encode())
    os._exit(0)


def _try(
    mutant: Mutant, root: Path, stacks: Sequence[str], tests: Sequence[str], same: str
) -> tuple[Fate, str]:
    # The policies keep the sound ones that they have imported.
    for name in [it for it in sys.modules if it.partition(".")[0] in ("components", "stacks")]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Mutated(mutant, root))
    for number, stack in enumerate(stacks):
        graph = _graph(root, stack)
        if number == 0 and _print(graph) == same:
            continue
        found = [
            subject(f"urn:pulumi:s::tts::{it.type}::{it.name}", it.inputs, protected=it.protect)
            for it in graph
            if it.custom
        ]
        broken = [it for it in judge(RULES, found) if it.rule.mandatory]
        if broken:
            return "policy", str(broken[0])[:200]
    return _tested(tests)


def _tested(tests: Sequence[str]) -> tuple[Fate, str]:
    import pytest  # noqa: PLC0415

    seen = _Failed()
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", *tests]
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main(words, plugins=[seen])
    if status == 0:
        return "survived", ""
    return "test", seen.name or f"pytest ended with {status}"


class _Failed:
    """A plugin that remembers which test failed."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.name:
            self.name = report.nodeid


class _Mutated(importlib.abc.MetaPathFinder):
    """Finds one module in its mutated form."""

    def __init__(self, mutant: Mutant, root: Path) -> None:
        self._mutant = mutant
        self._path = root / mutant.path
        parts = list(mutant.path.with_suffix("").parts)
        self._name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module, if it is the mutant's."""
        if fullname != self._name:
            return None
        mutant, file = self._mutant, str(self._path)

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> types.CodeType:
                return compile(mutant.tree, file, "exec")

        return importlib.util.spec_from_file_location(fullname, file, loader=Loader(fullname, file))


def _graph(root: Path, stack: str) -> Any:
    from rehearsal.workspace import prepare  # noqa: PLC0415
    from stacks.config import load  # noqa: PLC0415
    from tests.graph.recording import record  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        config = load(prepare(root, stack, Path(folder) / "project").raw)
    main = runpy.run_path(str(root / "__main__.py"), run_name="program")
    return record(lambda: main["export"](config, main["provision"](config)))


def _print(graph: Any) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, graph))).encode()).hexdigest()
