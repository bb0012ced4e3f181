"""`python -m rehearsal STACK`: rehearse a stack and write its values files."""

import argparse
import os
import sys
import traceback
from pathlib import Path

from rehearsal.engine import Engine, EngineUnavailable, obtain
from rehearsal.report import Reporter, console, summary, write
from rehearsal.run import RehearsalFailed, rehearse
from rehearsal.workspace import UnknownStack
from stacks.problems import ConfigErrors

_ROOT = Path(__file__).parent.parent
_FAILED, _MISUSED, _INTERRUPTED = 1, 2, 130


def main() -> int:
    """Rehearse; 0 where all went well, else one message on standard error.

    The status is 2 for a stack that there is not, as for any misuse of the command, 130 after an
    interrupt, and else 1.
    """
    arguments = _arguments()
    try:
        _rehearse(arguments.stack, arguments.out)
    except KeyboardInterrupt:
        return _say("Interrupted; nothing real was made, so nothing is left.", _INTERRUPTED)
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
            print(getattr(error, "details", ""), file=sys.stderr)
        return _explain(error, arguments.out)
    return 0


def _rehearse(stack: str, out: Path) -> None:
    terminal = console()
    with Reporter(terminal) as reporter:
        result = rehearse(_ROOT, stack, lambda: _engine(reporter), listener=reporter)
    summary(result, write(result, out / stack), terminal)


def _engine(reporter: Reporter) -> Engine:
    found = obtain(reporter.note)
    reporter.note(f"Pulumi {found.version}, {found.origin}")
    return found


def _explain(error: Exception, out: Path) -> int:
    match error:
        case UnknownStack():
            return _say(str(error), _MISUSED)
        case ConfigErrors() | EngineUnavailable() | RehearsalFailed():
            return _say(str(error), _FAILED)
        case OSError(filename=str() as path) if Path(path).is_relative_to(out):
            return _say(f"{path} cannot be written: {error.strerror}", _FAILED)
        case _:
            return _say(
                f"The rehearsal itself broke: {type(error).__name__}: {_first_line(error)}\n"
                f"This is a fault of the rehearsal, not of your stack. {_logged(error, out)}",
                _FAILED,
            )


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no message")


def _logged(error: Exception, out: Path) -> str:
    """Where the traceback is now."""
    path = out / "rehearsal.log"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8", opener=_owners) as log:
            traceback.print_exception(error, file=log)
    except OSError:
        return "--debug shows where."
    return f"Where: {path}, or --debug."


def _owners(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _say(message: str, status: int) -> int:
    print(f"\n{message}", file=sys.stderr)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("stack", help="the stack whose file stacks/Pulumi.STACK.yaml is")
    parser.add_argument("--out", type=Path, default=_ROOT / "out", help="where the files go")
    parser.add_argument("--debug", action="store_true", help="show all that is known of a failure")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
