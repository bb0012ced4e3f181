"""Write a stack's Helm values to out/<stack>/, with the ordinary Pulumi CLI.

    python -m tools.values STACK [--secrets]

The secrets are written only when asked for, with mode 0600: on a runner, pipe them to Helm instead,
as the stack's output nextStep shows.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from rehearsal.yaml_file import write_yaml

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write the files; 1 where Pulumi has no such output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stack")
    parser.add_argument("--secrets", action="store_true", help="secrets.yaml too")
    arguments = parser.parse_args()
    folder = ROOT / "out" / arguments.stack
    wanted: list[tuple[str, str, int, list[str]]] = [("helmValues", "values.yaml", 0o644, [])]
    if arguments.secrets:
        wanted.append(("helmSecrets", "secrets.yaml", 0o600, ["--show-secrets"]))
    for output, name, mode, flags in wanted:
        command = [
            "pulumi",
            "stack",
            "output",
            "--stack",
            arguments.stack,
            "--json",
            *flags,
            output,
        ]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            print(f"{name} was not written: is the stack up? (make up)", file=sys.stderr)
            return 1
        folder.mkdir(parents=True, exist_ok=True)
        write_yaml(folder / name, json.loads(done.stdout), mode)
        print(folder / name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
