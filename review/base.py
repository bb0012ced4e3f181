"""The base of a comparison: its files in a worktree of their own, and a Python that has its packages."""

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_NEEDED = ("Pulumi.yaml", "__main__.py", "stacks", "requirements.txt", "rehearsal/workspace.py")
_GIT_SECONDS, _SETUP_SECONDS = 120, 1800
Note = Callable[[str], None]


class NoBase(Exception):
    """There is nothing to compare with, and why."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base revision: as it was asked for, its commit, and where its files are."""

    name: str
    commit: str
    root: Path


@contextlib.contextmanager
def checked_out(root: Path, revision: str) -> Iterator[Base]:
    """The files of a revision in a worktree outside the working tree, which is removed afterwards.

    Neither the working tree nor the index is touched, and no hook is run. Raises NoBase.
    """
    commit = _commit(root, revision)
    with tempfile.TemporaryDirectory(prefix="review-base-") as folder:
        path = Path(folder).resolve() / "base"
        done = _git(root, "worktree", "add", "--quiet", "--detach", "--force", str(path), commit)
        try:
            if done.returncode != 0:
                raise NoBase(f"{revision} cannot be checked out: {_last(done.stderr)}")
            yield Base(name=revision, commit=commit, root=path)
        finally:
            # Twice forced, as it may be locked or have files of its own.
            _git(root, "worktree", "remove", "--force", "--force", str(path))


def _commit(root: Path, revision: str) -> str:
    done = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if done.returncode == 0:
        return done.stdout.strip()
    if _git(root, "rev-parse", "--git-dir").returncode != 0:
        raise NoBase("this folder is no git repository, or git is not on PATH")
    raise NoBase(
        f"there is no revision {revision!r} here; name a branch, tag or commit that there is, "
        "for example BASE=origin/main, and fetch it first where the clone is shallow"
    )


def expect_files(base: Base) -> None:
    """Raise NoBase where the base has not what a rehearsal takes."""
    missing = [name for name in _NEEDED if not (base.root / name).exists()]
    if missing:
        raise NoBase(
            f"{base.name} cannot be rehearsed: it has no {', '.join(missing)}; "
            "name a later revision as BASE"
        )


def head_of(root: Path) -> str:
    """The working tree in words: the commit it is based on, and whether it has changes."""
    commit = _git(root, "rev-parse", "--short", "HEAD").stdout.strip() or "no commit"
    changed = _git(root, "status", "--porcelain").stdout.strip()
    return f"{commit} with uncommitted changes" if changed else commit


def python_for(base: Base, target: str, cache: Path, note: Note) -> Path:
    """A Python that has the base's pins: this one where they are the same, else an environment of its own.

    It is made by the base's own tools/setup.py and kept in `cache` for the next comparison with the same
    pins. Raises NoBase.
    """
    differing = _differing(base.root, target)
    if not differing:
        return Path(sys.executable)
    setup = base.root / "tools" / "setup.py"
    if not setup.is_file():
        raise NoBase(f"{base.name} has other pins ({differing[0]}), but no tools/setup.py")
    note(f"{base.name} has other pins ({', '.join(differing[:3])}): an environment of its own")
    link = base.root / ".venv"
    if not link.exists():
        home = _environment(cache / "environments" / _digest(base.root))
        link.symlink_to(home, target_is_directory=True)
    command = [sys.executable, str(setup), "--target", target]
    done = _run(command, base.root, _SETUP_SECONDS)
    if done.returncode != 0:
        said = _last(done.stderr) or _last(done.stdout)
        raise NoBase(f"the packages of {base.name} cannot be installed: {said}")
    return link / "bin" / "python"


def _environment(home: Path) -> Path:
    """A virtual environment to be filled, anew where its Python is gone."""
    if not (home / "bin" / "python").exists():
        try:
            venv.create(home, with_pip=True, clear=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoBase(f"no virtual environment can be made in {home}: {error}") from None
    return home


def _differing(root: Path, target: str) -> list[str]:
    """What the base pins otherwise than it is installed here."""
    wanted = _pins(root)
    here = {_normal(it.metadata["Name"]): it.version for it in metadata.distributions()}
    needed = {name for name in _names(root, target) if name in wanted}
    return sorted(
        f"{name} {version}"
        for name, version in wanted.items()
        if here.get(name) != version and (name in needed or name in here)
    )


def _pins(root: Path) -> Mapping[str, str]:
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    return {_normal(name): version for name, version in _PIN.findall(text)}


def _names(root: Path, target: str) -> set[str]:
    """The packages that a target's list and the lists that it includes name."""
    path = root / "requirements" / f"{target}.txt"
    if not path.is_file():
        return set()
    found: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        option, _, argument = line.strip().partition(" ")
        if option == "-r":
            found |= _names(root, argument.removesuffix(".txt"))
        elif line.strip() and not line.startswith(("#", "-")):
            found.add(_normal(re.split(r"[=;\s]", line.strip())[0]))
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _digest(root: Path) -> str:
    files = [root / "requirements.txt", *sorted((root / "requirements").glob("*.txt"))]
    text = b"".join(path.read_bytes() for path in files) + sys.version.encode()
    return hashlib.sha256(text).hexdigest()[:16]


def _git(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    if shutil.which("git") is None:
        return subprocess.CompletedProcess(words, 127, "", "git is not on PATH")
    return _run(["git", "-c", f"core.hooksPath={os.devnull}", *words], root, _GIT_SECONDS)


def _run(command: list[str], folder: Path, seconds: int) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"took longer than {seconds} s")


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
