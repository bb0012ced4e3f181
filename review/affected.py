"""`python -m review.affected report.json`: the stacks that a change affects, as a JSON list on one line."""

import argparse
import json
from pathlib import Path

from review.machine import from_json


def main() -> None:
    """Print the names of the stacks that differ, are new, or could not be compared."""
    parser = argparse.ArgumentParser(prog="python -m review.affected", description=__doc__)
    parser.add_argument("report", type=Path, help="the report.json of `python -m review`")
    report = from_json(parser.parse_args().report.read_text(encoding="utf-8"))
    print(json.dumps([it.stack for it in report.affected if it.outcome != "removed"]))


if __name__ == "__main__":
    main()
