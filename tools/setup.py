"""Make .venv with just what is asked for. Runs on a bare Python 3.10 or later, before any package is there.

python3 tools/setup.py --stack aws-existing     what that stack's target needs
python3 tools/setup.py --target aws --dev       the same for a target, and what tests need
"""

import argparse
import hashlib
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
TARGETS = ("aws", "azure", "gcp", "self-managed")


def main() -> int:
    """Install what is missing; nothing where all is there."""
    if sys.version_info < (3, 10):
        found = ".".join(map(str, sys.version_info[:3]))
        return _refuse(f"Python 3.10 or later is needed; python3 is {found}. Set PYTHON=python3.x.")
    arguments = _arguments()
    target = arguments.target or _target_of(arguments.stack)
    if target not in TARGETS:
        return 1
    names = {target, *(["dev"] if arguments.dev else []), *_installed()}
    files = [ROOT / "requirements" / f"{name}.txt" for name in sorted(names)]
    stamp = "\n".join([*sorted(names), _digest()])
    if STAMP.exists() and STAMP.read_text() == stamp:
        return 0
    print(
        f"installing {', '.join(sorted(names))} into .venv: up to a minute the first time",
        flush=True,
    )
    if not (VENV / "bin" / "python").exists():
        venv.create(VENV, with_pip=True)
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    # Compiled now, because a cold import of one SDK costs many seconds otherwise.
    command += ["--compile", "--quiet", *(word for file in files for word in ("-r", str(file)))]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        return _refuse("pip could not install the packages; see its message above.")
    STAMP.write_text(stamp)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--stack", help="a stack, whose file names the target")
    which.add_argument("--target", choices=TARGETS)
    parser.add_argument("--dev", action="store_true", help="what checks and tests need, too")
    return parser.parse_args()


def _target_of(stack: str) -> str:
    """The target that a stack file names; there is no YAML reader yet, so the line is looked for."""
    path = ROOT / "stacks" / f"Pulumi.{stack}.yaml"
    if not path.exists():
        there = sorted(
            p.name[len("Pulumi.") : -len(".yaml")] for p in path.parent.glob("Pulumi.*.yaml")
        )
        _refuse(f"There is no stack {stack!r}; there are: {', '.join(there)}.")
        return ""
    found = re.search(
        r"^\s*[\"']?tts:target[\"']?:\s*[\"']?([\w-]+)", path.read_text(), re.MULTILINE
    )
    target = found.group(1) if found else ""
    if target not in TARGETS:
        _refuse(f"stacks/Pulumi.{stack}.yaml: set tts:target to one of {', '.join(TARGETS)}.")
    return target


def _installed() -> set[str]:
    """What earlier runs installed stays installed."""
    if not STAMP.exists():
        return set()
    return {line for line in STAMP.read_text().splitlines()[:-1] if line in (*TARGETS, "dev")}


def _digest() -> str:
    files = [ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _refuse(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
