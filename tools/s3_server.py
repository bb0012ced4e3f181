"""A server that speaks S3 and checks signatures, for tests: from Python packages, kept in the user's cache.

`python -m tools.s3_server` obtains it and prints where it is.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_REQUIREMENTS = Path(__file__).with_suffix(".txt")
_SECONDS = 300.0


class ServerUnavailable(Exception):
    """The packages could not be had; the message is pip's last line."""


def obtain() -> Path:
    """A folder for PYTHONPATH in which there is moto, installed once (90 MB) and then kept.

    Raises ServerUnavailable.
    """
    digest = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = _cache() / digest
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".fresh-") as fresh:
            made = Path(fresh, "packages")
            _install(made)
            try:
                made.rename(home)
            except OSError:
                # Another run may have been quicker.
                if not home.is_dir():
                    raise
    return home


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "things-stack-infrastructure" / "s3-server"


def _install(target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--no-deps", "--only-binary=:all:", "--target", str(target)]
    done = subprocess.run(
        [*command, "-r", str(_REQUIREMENTS)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["pip said nothing"]
        raise ServerUnavailable(f"moto: {lines[-1]}")


def main() -> int:
    """Obtain it; 1 where it cannot be had."""
    try:
        print(obtain(), flush=True)
    except (ServerUnavailable, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
