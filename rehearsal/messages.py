"""What the engine says, as a person would want to be told."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rehearsal.urns import name_of, type_of

# What the engine adds to the cause of a failure; alone it is all there is to tell.
_ECHOES = (
    "update failed",
    "preview failed",
    "Resource monitor has terminated",
    "an unhandled error",
    "Exception calling application: invalid state",
)


def label(resource: Mapping[str, Any]) -> str:
    """A deployed resource's name and type."""
    return f"{name_of(resource['urn'])} ({type_of(resource['urn'])})"


def essential(errors: Iterable[str], root: Path) -> list[str]:
    """What was said, each thing once: without the echoes, and without tracebacks."""
    said = list(dict.fromkeys(_without_traceback(error, root) for error in errors))
    causes = [line for line in said if not line.rpartition("): ")[2].startswith(_ECHOES)]
    return causes or said


def _without_traceback(error: str, root: Path) -> str:
    """An error of the program as what happened, and where in the project."""
    if "Traceback (most recent call last)" not in error:
        return error
    what = error.strip().splitlines()[-1]
    frames = re.findall(rf'File "{re.escape(str(root))}/([^"]+)", line (\d+)', error)
    ours = [(file, line) for file, line in frames if not file.startswith((".venv/", "rehearsal/"))]
    where = "{}:{}: ".format(*ours[-1]) if ours else ""
    return f"the program broke: {where}{what}"


def without_colour(text: str) -> str:
    """The engine marks colours as <{%fg 1%}>."""
    parts = text.split("<{%")
    return parts[0] + "".join(part.partition("%}>")[2] for part in parts[1:])
