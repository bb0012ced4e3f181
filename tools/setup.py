"""Make .venv with just what is asked for. Runs on a bare Python 3.10 or later, before any package is there.

python3 tools/setup.py --stack aws-existing     what that stack's target needs
python3 tools/setup.py --target aws azure       what these targets need
python3 tools/setup.py --target aws --dev       the same, and what tests need
"""

# So that an older Python gets as far as the message.
from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
TARGETS = ("aws", "azure", "gcp", "self-managed")
# What some stacks need besides their target.
CLOUDFLARE = "cloudflare"
_ZONE_AT_CLOUDFLARE = (
    r"^([ \t]*)[\"']?tts:dns[\"']?\s*:[ \t]*\n(?:\1[ \t]+.*\n)*?\1[ \t]+mode:[ \t]*[\"']?cloudflare"
)


class Refused(Exception):
    """Why there can be no set-up, in words for a person."""


def main() -> int:
    """Install what is missing; nothing where all is there. 1 with one message where it cannot."""
    try:
        if sys.version_info < (3, 10):
            found = ".".join(map(str, sys.version_info[:3]))
            raise Refused(
                f"Python 3.10 or later is needed; this one is {found}. "
                "Name another, for example: make setup PYTHON=python3.12"
            )
        arguments = _arguments()
        wanted = arguments.target or _needs_of(arguments.stack)
        more = ["dev", CLOUDFLARE] if arguments.dev else []
        _install({*wanted, *more, *_installed()})
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--stack", help="a stack, whose file names the target")
    which.add_argument("--target", nargs="+", choices=TARGETS)
    parser.add_argument("--dev", action="store_true", help="what checks and tests need, too")
    return parser.parse_args()


def _needs_of(stack: str) -> list[str]:
    """The target that a stack file names, and its zone's service; there is no YAML reader yet."""
    name = stack.rpartition("/")[2]  # a backend may have organisations and projects before it
    path = ROOT / "stacks" / f"Pulumi.{name}.yaml"
    if not path.is_file():
        files = sorted(path.parent.glob("Pulumi.*.yaml"))
        there = ", ".join(file.name[len("Pulumi.") : -len(".yaml")] for file in files)
        raise Refused(f"There is no stack {stack!r}; there are: {there}.")
    text = path.read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^\s*[\"']?tts:target[\"']?\s*:[ \t]*[\"']?([\w-]+)", text, re.MULTILINE)
    if found is None or found.group(1) not in TARGETS:
        value = repr(found.group(1)) if found else "not set"
        raise Refused(
            f"stacks/{path.name}: tts:target is {value}; set it to one of {', '.join(TARGETS)}."
        )
    zone = re.search(_ZONE_AT_CLOUDFLARE, text, re.MULTILINE)
    more = [] if zone is None else [CLOUDFLARE]
    return [found.group(1), *more]


def _installed() -> set[str]:
    """What earlier runs installed stays installed."""
    if not STAMP.exists():
        return set()
    return {
        line
        for line in STAMP.read_text().splitlines()[:-1]
        if line in (*TARGETS, CLOUDFLARE, "dev")
    }


def _install(names: set[str]) -> None:
    stamp = "\n".join([*sorted(names), _digest()])
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp:
        return
    print(
        f"installing {', '.join(sorted(names))} into .venv: up to a minute for each cloud",
        flush=True,
    )
    _make_venv()
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    # Compiled now, because a cold import of one SDK costs many seconds otherwise.
    command += ["--compile", "--progress-bar", "off"]
    for name in sorted(names):
        command += ["-r", str(ROOT / "requirements" / f"{name}.txt")]
    if _pip(command) != 0:
        raise Refused("pip could not install the packages; see its message above.")
    STAMP.write_text(stamp)


def _digest() -> str:
    files = [ROOT / "requirements.txt", *sorted((ROOT / "requirements").glob("*.txt"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _make_venv() -> None:
    """Make the environment, anew where its Python or pip is gone."""
    if PYTHON.exists() and _quietly([str(PYTHON), "-m", "pip", "--version"]) == 0:
        return
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused(
            f"No virtual environment can be made in .venv: {error}. "
            "On Debian and Ubuntu, install the package python3-venv."
        ) from None


def _quietly(command: list[str]) -> int:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, check=False
    ).returncode


def _pip(command: list[str]) -> int:
    """Run pip, showing what it fetches and leaving out what is there already."""
    shown = ("Collecting", "Downloading pulumi", "Installing collected")
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            if line.strip().startswith(shown):
                print(f"  {line.strip().partition(' (')[0][:90]}", flush=True)
    return process.returncode


if __name__ == "__main__":
    raise SystemExit(main())
