"""`python -m review --base REVISION`: what the working tree would change, stack by stack."""

import argparse
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path

from rehearsal.engine import EngineUnavailable, obtain
from rehearsal.report import console
from rehearsal.workspace import UnknownStack
from review.base import NoBase, checked_out, head_of
from review.changes import Report
from review.compare import Comparison
from review.machine import schema, to_json
from review.markdown import markdown
from review.page import page
from review.terminal import show

_ROOT = Path(__file__).resolve().parent.parent
_FAILED, _MISUSED, _INTERRUPTED = 1, 2, 130
_WHERE = "The whole report is in out/diff/, or by `make diff`."


def main() -> int:
    """Compare and report: 0 with or without differences.

    1 where a stack could not be compared, after the report on the rest; 2 for a base or a stack that there
    is not, as for any misuse; 130 after an interrupt.
    """
    arguments = _arguments()
    if arguments.schema:
        print(schema(), end="")
        return 0
    # A job that is cancelled ends by this signal, and the worktree is to go then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_INTERRUPTED))
    try:
        report = _compare(arguments)
        files = _write(report, arguments.out, arguments.where)
    except KeyboardInterrupt:
        return _say("Interrupted.", _INTERRUPTED)
    except (NoBase, UnknownStack) as error:
        return _say(str(error), _MISUSED)
    except (EngineUnavailable, OSError) as error:
        return _say(str(error), _FAILED)
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        said = f"The comparison itself broke: {type(error).__name__}: {error}. --debug shows where."
        return _say(said, _FAILED)
    terminal = console()
    show(report, terminal)
    for path in files:
        terminal.print(str(path), highlight=False, markup=False, soft_wrap=True)
    return _FAILED if report.failed else 0


def _compare(arguments: argparse.Namespace) -> Report:
    with checked_out(_ROOT, arguments.base) as base:
        engine = obtain(_note)
        comparison = Comparison(_ROOT, base, engine, _cache(), _note)
        return comparison.report(arguments.stack or [], head_of(_ROOT))


def _write(report: Report, folder: Path, where: str) -> list[Path]:
    """The report in every form, each file at once."""
    folder.mkdir(parents=True, exist_ok=True)
    forms = {
        "report.md": markdown(report, where),
        "report.json": to_json(report),
        "report.html": page(report),
    }
    return [_file(folder / name, text) for name, text in forms.items()]


def _file(path: Path, text: str) -> Path:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        fresh = Path(folder) / path.name
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    return path


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "things-stack-infrastructure"


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _say(message: str, status: int) -> int:
    print(f"\n{message}", file=sys.stderr)
    return status


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m review", description=__doc__)
    parser.add_argument(
        "--base", default="main", help="what to compare with: a branch, tag or commit"
    )
    parser.add_argument(
        "--stack", action="append", help="a stack; may be given several times; else all"
    )
    parser.add_argument(
        "--out", type=Path, default=_ROOT / "out" / "diff", help="where the files go"
    )
    parser.add_argument(
        "--where", default=_WHERE, help="said where the Markdown had to be cut short"
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of report.json"
    )
    parser.add_argument("--debug", action="store_true", help="show where it broke")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
