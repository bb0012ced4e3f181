"""The command that compares, its ends, and the comment from a report that somebody else made."""

import subprocess
import sys
from pathlib import Path

import pytest

import review.__main__ as command
from rehearsal.workspace import UnknownStack
from review import comment
from review.base import NoBase
from review.changes import Report, StackReport
from review.machine import to_json
from review.markdown import markdown
from tests.samples import ROOT
from tests.unit.review_samples import HOSTILE, report, stack


def _comments(monkeypatch: pytest.MonkeyPatch, path: Path) -> int:
    monkeypatch.setattr(sys, "argv", ["comment", str(path), "--where", "See there."])
    return comment.main()


def test_the_comment_is_that_of_the_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    path.write_text(to_json(report(stack(words=HOSTILE))))
    assert _comments(monkeypatch, path) == 0
    assert capsys.readouterr().out == markdown(report(stack(words=HOSTILE)), "See there.")


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"[]",
        b"no json",
        b"\xff",
        b'{"base": 5}',
        b"[" * 100_000,
        to_json(report()).replace('"format": 1', '"format": "<b>"').encode(),
    ],
)
def test_what_is_no_report_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    given: bytes,
) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(given)
    assert _comments(monkeypatch, path) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("The report cannot be shown")
    assert "<b>" not in said.err


def test_a_report_that_is_too_large_or_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(comment, "_LARGEST", 5)
    path = tmp_path / "report.json"
    assert _comments(monkeypatch, path) == 1
    path.write_text(to_json(report()))
    assert _comments(monkeypatch, path) == 1
    assert "too large" in capsys.readouterr().err


def test_lines_and_hidden_characters_in_a_report_break_out_of_nothing(tmp_path: Path) -> None:
    given = report(stack(words="a\n```\n@everyone\n\n# big \u202e"))
    text = markdown(given, "See there.")
    assert not any(line.startswith(("@everyone", "# big")) for line in text.splitlines())
    assert "\u202e" not in text


def test_the_comment_loads_neither_the_program_nor_an_sdk() -> None:
    code = (
        "import sys, review.comment;"
        "print([m for m in sys.modules if m.split('.')[0] in ('pulumi', 'stacks', 'rehearsal')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def _ends(monkeypatch: pytest.MonkeyPatch, out: Path, ending: Report | BaseException) -> int:
    def compare(_: object) -> Report:
        if isinstance(ending, BaseException):
            raise ending
        return ending

    monkeypatch.setattr(command, "_compare", compare)
    monkeypatch.setattr(sys, "argv", ["review", "--out", str(out)])
    return command.main()


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (report(), 0),
        (report(StackReport(stack="a", outcome="same")), 0),
        (report(StackReport(stack="a", outcome="new", message="new")), 0),
        (report(stack(), StackReport(stack="a", outcome="failed", message="why")), 1),
        (NoBase("there is no revision"), 2),
        (UnknownStack("there is no stack"), 2),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError("first\nsecond"), 1),
    ],
)
def test_how_the_command_ends(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    ending: Report | BaseException,
    status: int,
) -> None:
    assert _ends(monkeypatch, tmp_path / "out", ending) == status
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    written = {path.name for path in (tmp_path / "out").glob("*")}
    assert written == (
        {"report.md", "report.json", "report.html"} if isinstance(ending, Report) else set()
    )


def test_the_schema_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["review", "--schema"])
    assert command.main() == 0
    assert '"StackReport"' in capsys.readouterr().out
