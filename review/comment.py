"""`python -m review.comment report.json`: the comment, from a report that somebody else made.

The report may come from a pull request's own run, so it is taken for hostile: it must have the form of a
report, and what it says is shown as text. Nothing of the program, the engine or a cloud's SDK is loaded.
"""

import argparse
import sys
from pathlib import Path

import pydantic

from review.machine import from_json
from review.markdown import markdown

_LARGEST = 20_000_000


def main() -> int:
    """Print the comment; 1 with one message for anything that is no report."""
    parser = argparse.ArgumentParser(prog="python -m review.comment", description=__doc__)
    parser.add_argument("report", type=Path, help="the report.json of `python -m review`")
    parser.add_argument("--where", default="The whole report is among the run's artifacts.")
    arguments = parser.parse_args()
    try:
        with open(arguments.report, "rb") as file:
            given = file.read(_LARGEST + 1)
        if len(given) > _LARGEST:
            raise ValueError("too large")
        report = from_json(given.decode())
    except pydantic.ValidationError as error:
        return _refuse(f"it is no report: {error.error_count()} faults")
    except (OSError, ValueError, RecursionError) as error:
        return _refuse(str(error))
    print(markdown(report, arguments.where), end="")
    return 0


def _refuse(why: str) -> int:
    print(f"The report cannot be shown: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
