"""A scripted Job's container, run here as a pod would run it: its command, environment, files and Secret."""

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.graph.program import Graph, of, only


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a run ended, and every program that it started but the shell, with its arguments."""

    code: int
    said: str
    started: tuple[str, ...]


def run_job(
    found: Graph,
    *,
    programs: Mapping[str, str],
    volumes: Mapping[str, Path] | None = None,
    changed: Mapping[str, str] | None = None,
) -> Ended:
    """Run the one Job of a graph. It finds no programs but these, each of which notes its arguments.

    `programs`: what each name runs. `volumes`: folders by the path at which the pod has them.
    `changed`: variables in place of the pod's.
    """
    (container,) = only(found, "Job").inputs["spec"]["template"]["spec"]["containers"]
    secrets = [it.inputs["stringData"]["value"] for it in of(found, "Secret").values()]
    secret: Mapping[str, str] = secrets[0] if secrets else {}
    with tempfile.TemporaryDirectory(prefix="tts-pod-") as folder:
        root = Path(folder)
        places = {"/scripts": root / "scripts", **(volumes or {})}
        places["/scripts"].mkdir()
        for name, text in only(found, "ConfigMap").inputs["data"].items():
            (places["/scripts"] / name).write_text(text, encoding="utf-8")

        def here(text: str) -> str:
            for path, place in places.items():
                text = str(place) + text[len(path) :] if text.startswith(path) else text
            return text

        environment = {
            each["name"]: here(each["value"])
            if "value" in each
            else secret[each["valueFrom"]["secretKeyRef"]["key"]]
            for each in container["env"]
        }
        notes = _stand_ins(root, programs)
        done = subprocess.run(
            [here(word) for word in container["command"]],
            env={**environment, **(changed or {}), "PATH": str(root / "bin")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        started = tuple(notes.read_text(encoding="utf-8").splitlines())
    return Ended(code=done.returncode, said=done.stdout + done.stderr, started=started)


def _stand_ins(root: Path, programs: Mapping[str, str]) -> Path:
    notes = root / "notes"
    notes.touch()
    (root / "bin").mkdir()
    for name, what in programs.items():
        path = root / "bin" / name
        path.write_text(
            f'#!/bin/sh\necho {name} "$@" >> "{notes}"\nexec {what} "$@"\n', encoding="utf-8"
        )
        path.chmod(0o755)
    return notes
