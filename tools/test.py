"""Every check and test. The engine, which may have to be built, is obtained while the rest runs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """0 only where everything passed."""
    # What it says is small enough to wait in the pipe until the quick tests are done.
    with subprocess.Popen(
        [sys.executable, "-m", "rehearsal.engine"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as engine:
        checked = _run("make", "check")
        quick = _run(
            sys.executable, "-m", "pytest", "-q", "tests/unit", "tests/graph", "tests/policy"
        )
        print("the engine, obtained meanwhile:", flush=True)
        for line in engine.stdout or ():
            print(f"  {line}", end="", flush=True)
    if engine.returncode != 0:
        return 1
    rehearsed = _run(sys.executable, "-m", "pytest", "-q", "tests/rehearsal")
    return 0 if (checked, quick, rehearsed) == (0, 0, 0) else 1


def _run(*command: str) -> int:
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
