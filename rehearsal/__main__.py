"""`python -m rehearsal STACK`: rehearse a stack and write its values files."""

import argparse
import sys
import traceback
from pathlib import Path

from rich.console import Console

from rehearsal.engine import Engine, EngineUnavailable, obtain
from rehearsal.report import Reporter, summary, write
from rehearsal.run import RehearsalFailed, rehearse
from rehearsal.workspace import UnknownStack
from stacks.problems import ConfigErrors

_ROOT = Path(__file__).parent.parent
_EXPECTED = (ConfigErrors, EngineUnavailable, RehearsalFailed, UnknownStack)


def main() -> int:
    """Rehearse; 0 where all went well, else 1 with one message on standard error."""
    arguments = _arguments()
    console = Console()
    try:
        with Reporter(console) as reporter:
            result = rehearse(_ROOT, arguments.stack, lambda: _engine(reporter), listener=reporter)
        summary(result, write(result, arguments.out / arguments.stack), console)
    except _EXPECTED as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        print(
            f"\nThe rehearsal itself broke: {type(error).__name__}: {error}\n"
            "This is a fault of the rehearsal, not of your stack; --debug shows where.",
            file=sys.stderr,
        )
        return 1
    return 0


def _engine(reporter: Reporter) -> Engine:
    found = obtain(reporter.note)
    reporter.note(f"Pulumi {found.version}, {found.origin}")
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("stack", help="the stack whose file stacks/Pulumi.STACK.yaml is")
    parser.add_argument("--out", type=Path, default=_ROOT / "out", help="where the files go")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a fault")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
