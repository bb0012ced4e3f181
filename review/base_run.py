"""Bring a stack up with a base's own program, in a process of its own."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rehearsal.engine import Engine
from rehearsal.messages import essential, without_colour
from rehearsal.workspace import Workspace, stack_path
from review.base import Base
from stacks.problems import PROJECT

_PROGRAM = Path(__file__).with_name("base_program.py")
_SECONDS = 900


class BaseFailed(Exception):
    """The base's program does not come up; the message says why."""


def up(
    base: Base,
    python: Path,
    root: Path,
    workspace: Workspace,
    engine: Engine,
    providers: str,
    folder: Path,
) -> None:
    """Run `up` into the workspace's backend, with its passphrase and its stand-ins.

    `providers` is the value of PULUMI_DEBUG_PROVIDERS. Raises BaseFailed.
    """
    answer = folder / "answer.json"
    shared = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
    environment = {name: workspace.environment[name] for name in shared}
    job = {
        "stack": workspace.stack,
        "project": PROJECT,
        "folder": str(folder / "base"),
        "answer": str(answer),
        "engine": str(engine.path.parent.parent),
        "environment": {**environment, "PULUMI_DEBUG_PROVIDERS": providers},
        "standIns": {str(key): text for key, text in workspace.stand_ins.items()},
        "certificate": _certificate(root, workspace),
    }
    said = _run([str(python), str(_PROGRAM)], base.root, json.dumps(job))
    found = _read(answer)
    if found is None:
        raise BaseFailed(f"{base.name} cannot be rehearsed: {said}")
    if not found["done"]:
        errors = [without_colour(str(it)) for it in found["errors"]]
        causes = "\n  ".join(essential(errors, base.root))
        raise BaseFailed(f"{base.name} cannot be rehearsed:\n  {causes}")


def _certificate(root: Path, workspace: Workspace) -> Mapping[str, str] | None:
    """The certificate in the stack file, and the one that stands in for it."""
    given = _tls(stack_path(root, workspace.stack)).get("certificate")
    stand_in = _tls(stack_path(workspace.path, workspace.stack)).get("certificate")
    if (
        not isinstance(given, str)
        or given == stand_in
        or "tlsPrivateKey" not in workspace.stand_ins
    ):
        return None
    return {"given": given, "standIn": str(stand_in)}


def _tls(path: Path) -> Mapping[str, Any]:
    config = yaml.safe_load(path.read_text(encoding="utf-8"))["config"]
    found = config.get(f"{PROJECT}:tls")
    return found if isinstance(found, Mapping) else {}


def _run(command: list[str], folder: Path, job: str) -> str:
    """Run to the end; the last line that was said. The engine that it runs ends with it."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(job, timeout=_SECONDS)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                return f"it took longer than {_SECONDS} s"
            raise
    lines = [line.strip() for line in re.split(r"[\r\n]+", said) if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"


def _read(answer: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
