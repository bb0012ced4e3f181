"""States of the version that landed, made by the rehearsal: today's code must take them up as they are.

`python -m rehearsal.recorded [STACK ...]` writes tests/recorded/. Everything in them is simulated.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.engine import Engine, obtain
from rehearsal.trial import begun
from rehearsal.workspace import stack_path, stacks

_ROOT = Path(__file__).parent.parent
FOLDER = _ROOT / "tests" / "recorded"


class NotMade(Exception):
    """A stack to be recorded does not come up; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A stack file as it was, and the deployment that came of it."""

    stack: str
    file: str
    deployment: Mapping[str, Any]


def record(root: Path, stack: str, engine: Engine) -> Recorded:
    """Make a stack and keep its state. Raises NotMade."""
    with (
        tempfile.TemporaryDirectory(prefix="recorded-") as folder,
        begun(root, stack, engine, Path(folder)) as (trial, _),
    ):
        run = trial.up()
        if not run.good:
            raise NotMade("\n".join(run.said))
        file = stack_path(root, stack).read_text(encoding="utf-8")
        # Whoever reads it has a passphrase of his own.
        deployment = {
            key: it for key, it in trial.deployment().items() if key != "secrets_providers"
        }
        return Recorded(stack=stack, file=file, deployment=deployment)


def write(recorded: Recorded, path: Path) -> None:
    """Small, and the same bytes for the same state."""
    kept = {"file": recorded.file, "deployment": recorded.deployment}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> Recorded:
    """What `write` wrote."""
    kept = json.loads(gzip.decompress(path.read_bytes()))
    return Recorded(
        stack=path.name.partition(".")[0], file=kept["file"], deployment=kept["deployment"]
    )


def main() -> int:
    """Record the stacks that are named, else all."""
    engine = obtain(print)
    FOLDER.mkdir(exist_ok=True)
    for stack in sys.argv[1:] or stacks(_ROOT):
        path = FOLDER / f"{stack}.json.gz"
        write(record(_ROOT, stack, engine), path)
        print(f"{path.relative_to(_ROOT)}: {path.stat().st_size // 1024} KiB", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
