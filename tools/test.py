"""Every check and test. What may have to be built is obtained while tests run that do without it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# A module stays on one core, because its fixtures (a stack rehearsed, a server) are made once for it.
_ON_EVERY_CORE = ("-n", "auto", "--dist", "loadscope")


def main() -> int:
    """0 only where everything passed."""
    with _meanwhile("rehearsal.engine") as engine:
        codes = [
            _run("make", "check"),
            _pytest(*_ON_EVERY_CORE, "tests/unit", "tests/graph", "tests/policy"),
        ]
        _tell("the engine", engine)
    if engine.returncode != 0:
        return 1
    with _meanwhile("tools.go_programs") as servers:
        codes.append(_pytest(*_ON_EVERY_CORE, "tests/rehearsal"))
        _tell("the servers of tests/kubernetes", servers)
    if servers.returncode != 0:
        print("tests/kubernetes did not run: its servers cannot be had here", file=sys.stderr)
        return 1
    codes.append(_pytest("tests/kubernetes"))
    return 1 if any(codes) else 0


def _pytest(*arguments: str) -> int:
    return _run(sys.executable, "-m", "pytest", "-q", *arguments)


def _run(*command: str) -> int:
    return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode


def _meanwhile(module: str) -> "subprocess.Popen[str]":
    # What it says is small enough to wait in the pipe until the tests are done.
    return subprocess.Popen(
        ["nice", sys.executable, "-m", module],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _tell(what: str, process: "subprocess.Popen[str]") -> None:
    print(f"{what}, obtained meanwhile:", flush=True)
    for line in process.stdout or ():
        print(f"  {line}", end="", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
