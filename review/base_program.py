"""`up` with a base's own program, run by a Python that has the base's packages.

Run as a script with the base's folder as working directory. It reads one JSON object from standard input
and writes one to the file named there. It knows of the base only what every revision has: how its
rehearsal prepares a stack, and `__main__.py`.
"""

import json
import re
import runpy
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# The base's modules, not those beside this script; they are imported where what goes wrong is told.
sys.path[0] = str(Path.cwd())

_RANDOM_PART = re.compile(r"[0-9a-f]{24}")


def main() -> None:
    """Do what standard input says; the answer tells how it went."""
    job: Mapping[str, Any] = json.load(sys.stdin)
    answer: dict[str, Any]
    try:
        answer = _up(job)
    except ImportError as error:
        answer = {"done": False, "errors": [f"its rehearsal cannot be loaded: {error}"]}
    except Exception as error:
        said = str(error).strip() or type(error).__name__
        traceback.print_exc()
        answer = {"done": False, "errors": [said]}
    with open(job["answer"], "w", encoding="utf-8") as file:
        json.dump(answer, file)


def _up(job: Mapping[str, Any]) -> dict[str, Any]:
    from pulumi import automation  # noqa: PLC0415

    from rehearsal.workspace import prepare  # noqa: PLC0415

    root = Path.cwd()
    workspace = prepare(root, job["stack"], Path(job["folder"]))
    secrets = _same_stand_ins(workspace, root, job)
    stack = automation.create_or_select_stack(
        job["stack"],
        project_name=job["project"],
        program=lambda: _program(root),
        work_dir=str(workspace.path),
        opts=automation.LocalWorkspaceOptions(
            work_dir=str(workspace.path),
            env_vars={**workspace.environment, **job["environment"]},
            pulumi_command=automation.PulumiCommand(root=job["engine"]),
        ),
    )
    if secrets:
        stack.set_all_config(
            {key: automation.ConfigValue(text, secret=True) for key, text in secrets.items()}
        )
    errors: list[str] = []
    try:
        stack.up(on_event=lambda event: _take(event, errors))
    except automation.CommandError as error:
        return {"done": False, "errors": errors or [str(error).strip()]}
    return {"done": True, "errors": errors}


def _program(root: Path) -> None:
    runpy.run_path(str(root / "__main__.py"), run_name="__main__")


def _take(event: Any, errors: list[str]) -> None:
    said = event.diagnostic_event
    if said is not None and said.severity == "error":
        name = (said.urn or "").split("::", 3)[-1]
        errors.append(f"{name}: {said.message.strip()}" if name else said.message.strip())


def _same_stand_ins(workspace: Any, root: Path, job: Mapping[str, Any]) -> dict[str, str]:
    """The base's stand-ins with the random parts of the working tree's, so that only real changes show."""
    mine = {str(key): text for key, text in workspace.stand_ins.items()}
    for key, theirs in job["standIns"].items():
        if key not in mine:
            continue
        random = _RANDOM_PART.findall(theirs)
        if len(random) == 1 == len(_RANDOM_PART.findall(mine[key])):
            mine[key] = _RANDOM_PART.sub(random[0], mine[key])
    _same_certificate(workspace, root, job, mine)
    return mine


def _same_certificate(
    workspace: Any, root: Path, job: Mapping[str, Any], secrets: dict[str, str]
) -> None:
    """Where both revisions have one certificate, its stand-in and that one's key are shared as well."""
    import yaml  # noqa: PLC0415

    path = f"stacks/Pulumi.{job['stack']}.yaml"
    given = yaml.safe_load((root / path).read_text(encoding="utf-8"))["config"].get("tts:tls")
    shared = job["certificate"]
    if not shared or not isinstance(given, dict) or given.get("certificate") != shared["given"]:
        return
    prepared = workspace.path / path
    document = yaml.safe_load(prepared.read_text(encoding="utf-8"))
    document["config"]["tts:tls"]["certificate"] = shared["standIn"]
    prepared.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    secrets["tlsPrivateKey"] = job["standIns"]["tlsPrivateKey"]


if __name__ == "__main__":
    main()
