"""Every check and test. The engine, which may have to be built, is obtained while the rest runs."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """0 only where everything passed."""
    with tempfile.TemporaryFile() as log:
        engine = subprocess.Popen(
            [sys.executable, "-m", "rehearsal.engine"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        checked = _run("make", "check")
        quick = _run(sys.executable, "-m", "pytest", "-q", "tests/unit", "tests/graph")
        if engine.poll() is None:
            print("waiting for the engine …", flush=True)
        obtained = engine.wait()
        log.seek(0)
        print(log.read().decode(errors="replace"), flush=True)
    if obtained != 0:
        return 1
    rehearsed = _run(sys.executable, "-m", "pytest", "-q", "tests/rehearsal")
    return 0 if (checked, quick, rehearsed) == (0, 0, 0) else 1


def _run(*command: str) -> int:
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
