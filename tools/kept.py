"""What a destroy left of a stack, and why: it is protected, or something protected needs it.

python tools/kept.py STACK
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_UNLOCK = "To remove these too: set tts:protection to disposable, up, destroy (docs/operations.md)."


def main() -> int:
    """Print the list; 1 where Pulumi has no such stack."""
    stack = sys.argv[1]
    command = ["pulumi", "stack", "export", "--stack", stack]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        print(f"what is left of {stack} could not be read", file=sys.stderr)
        return 1
    protected, needed = left(json.loads(done.stdout)["deployment"].get("resources") or [])
    if not protected and not needed:
        print(f"Nothing is left of {stack}.")
        return 0
    for heading, names in (("Kept, protected:", protected), ("Kept, needed by those:", needed)):
        print("\n".join([heading, *(f"  {name}" for name in names)]))
    print(_UNLOCK)
    return 0


def left(resources: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Deployed resources that are protected, and the others, by type and name; components aside."""
    custom = [each for each in resources if each.get("custom")]
    protected = sorted(_label(each) for each in custom if each.get("protect"))
    return protected, sorted(_label(each) for each in custom if not each.get("protect"))


def _label(resource: Mapping[str, Any]) -> str:
    return f"{resource['type']} {str(resource['urn']).rpartition('::')[2]}"


if __name__ == "__main__":
    raise SystemExit(main())
