"""What a rehearsal shows and writes, and how the command ends."""

import io
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

import rehearsal.__main__ as command
from rehearsal.critical_path import CriticalPath, Link
from rehearsal.engine import Engine, EngineUnavailable
from rehearsal.report import SIMULATION, Reporter, console, summary, write
from rehearsal.run import RehearsalFailed, Resource, Result, Step
from rehearsal.workspace import UnknownStack
from stacks.problems import ConfigErrors, Problem

_SECRET = "a-secret-that-nobody-shows"
_ADDRESS = "https://a-rather-long-name." + "long." * 30 + "example.com/console"
_RESULT = Result(
    stack="sample",
    engine=Engine(path=Path("pulumi"), version="3.0.0", origin="a test"),
    steps=(
        Step(name="up", seconds=2.5, changes={"create": 2}),
        Step(name="preview again", seconds=0.5, changes={"same": 2}),
    ),
    resources=(
        Resource(type="aws:s3/bucket:Bucket", name="edcs", component="blobs", seconds=0.25),
        Resource(type="aws:s3/bucket:Bucket", name="plugins", component="blobs", seconds=1.75),
    ),
    path=CriticalPath(
        links=(
            Link(urn="urn:pulumi:s::p::aws:ec2/vpc:Vpc::network", seconds=2.0, data=True),
            Link(urn="urn:pulumi:s::p::aws:eks/cluster:Cluster::cluster", seconds=570.0, data=True),
            Link(urn="urn:pulumi:s::p::aws:eks/addon:Addon::dns", seconds=35.0, data=False),
        )
    ),
    kept=(),
    stood_in=("licenseKey",),
    values={"z": "1.10", "a": {"pem": "one\ntwo\n", "on": True}},
    secrets={"license": {"key": _SECRET}, "uri": "postgres://a:b%20c@example.com/d?e=f#g"},
    addresses={"console": _ADDRESS},
    warnings=("look at [this]",),
    next_step="helm install",
)


def _summary(result: Result) -> str:
    out = io.StringIO()
    files = {"Helm values": Path("out/sample/values.yaml")}
    summary(result, files, Console(file=out, width=100, force_terminal=False))
    return out.getvalue()


def test_the_summary_tells_what_was_made_and_says_that_it_is_a_simulation() -> None:
    shown = _summary(_RESULT)
    for words in (
        SIMULATION,
        "blobs: 2",
        "2 x aws:s3/bucket:Bucket",
        "2 create",
        "Destroy left nothing behind",
        "Secrets stood in for: licenseKey",
        "On a real cloud ready in about 10 min: cluster (Cluster) 10 min, dns (Addon) 35 s.",
        "Warning: look at [this]",
        "Helm values: out/sample/values.yaml",
        f"console: {_ADDRESS}",
        "helm install",
    ):
        assert words in shown
    assert shown.index("1.75") < shown.index("0.25")
    assert _SECRET not in shown
    assert "\x1b" not in shown


def test_the_summary_counts_what_destroy_kept() -> None:
    kept = ("edcs (aws:s3/bucket:Bucket)", "plugins (aws:s3/bucket:Bucket)", "n (a:b:C)")
    shown = _summary(replace(_RESULT, kept=kept))
    assert "2     aws:s3/bucket:Bucket" in shown
    assert "set tts:protection to disposable" in shown


def test_a_result_does_not_show_its_secrets() -> None:
    assert _SECRET not in repr(_RESULT)


def test_progress_is_a_line_per_step_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    with Reporter(Console(file=out, width=100, force_terminal=False)) as reporter:
        reporter.note("an engine [of sorts]")
        reporter.step("up")
        reporter.resource("create", "a")
        reporter.resource("create", "[/b]")
        reporter.resource("same", "c")
        reporter.step("destroy")
    lines = out.getvalue().splitlines()
    assert lines[:2] == [SIMULATION, "an engine [of sorts]"]
    assert lines[2].startswith("  up: 2 create, 1 same in ")
    assert lines[3].startswith("  destroy: nothing in ")
    assert len(lines) == 4


def test_progress_on_a_terminal_survives_any_name() -> None:
    out = io.StringIO()
    with Reporter(Console(file=out, width=100, force_terminal=True)) as reporter:
        reporter.step("up")
        reporter.resource("create", "[/b] [red]")
    assert "up: 1 create" in out.getvalue()


def test_a_step_that_fails_is_not_shown_as_done() -> None:
    out = io.StringIO()
    with pytest.raises(RehearsalFailed), Reporter(Console(file=out, width=100)) as reporter:
        reporter.step("up")
        raise RehearsalFailed("no")
    assert "up: stopped after nothing" in out.getvalue()


def test_a_pipe_gets_no_control_codes_even_if_colour_is_forced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    console().print("[bold red]text[/]", style="yellow")
    assert out.getvalue() == "text\n"


def test_the_files_are_readable_and_the_secrets_their_owner_s(tmp_path: Path) -> None:
    write(_RESULT, tmp_path / "new" / "sample")
    (tmp_path / "new" / "sample" / "secrets.yaml").chmod(0o666)
    files = write(_RESULT, tmp_path / "new" / "sample")
    values, secrets = (path.read_text(encoding="utf-8") for path in files.values())
    assert yaml.safe_load(values) == _RESULT.values
    assert yaml.safe_load(secrets) == _RESULT.secrets
    assert values.startswith("# From a rehearsal")
    assert "pem: |\n    one\n    two\n" in values
    assert values.index("z:") < values.index("a:")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files.values()}
    assert modes == {"values.yaml": 0o644, "secrets.yaml": 0o600}
    assert {path.name for path in (tmp_path / "new" / "sample").iterdir()} == set(modes)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").mkdir()
    with pytest.raises(OSError, match=r"values\.yaml"):
        write(_RESULT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["values.yaml"]


def _ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rehearse: Callable[..., Result], *words: str
) -> int:
    monkeypatch.setattr(command, "rehearse", rehearse)
    monkeypatch.setattr(sys, "argv", ["rehearsal", "sample", "--out", str(tmp_path), *words])
    return command.main()


def _sound(*_: object, **__: object) -> Result:
    return _RESULT


def _raising(error: BaseException) -> Callable[..., Result]:
    def rehearse(*_: object, **__: object) -> Result:
        raise error

    return rehearse


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (UnknownStack("there is no stack 'x'"), 2, "there is no stack 'x'"),
        (RehearsalFailed("up failed", "and a traceback"), 1, "up failed"),
        (EngineUnavailable("no engine"), 1, "no engine"),
        (ConfigErrors("x", [Problem(key="k", allowed="a", remedy="r")]), 1, "remedy:  r"),
        (KeyboardInterrupt(), 130, "Interrupted"),
    ],
)
def test_a_failure_is_one_message(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    error: BaseException,
    status: int,
    said: str,
) -> None:
    assert _ends(monkeypatch, tmp_path, _raising(error)) == status
    shown = capsys.readouterr()
    assert said in shown.err
    assert "raceback" not in shown.err + shown.out
    assert list(tmp_path.iterdir()) == []


def test_a_fault_of_the_rehearsal_is_a_line_and_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = _raising(ZeroDivisionError("first line\nsecond line"))
    assert _ends(monkeypatch, tmp_path, broken) == 1
    shown = capsys.readouterr().err
    log = tmp_path / "rehearsal.log"
    assert "ZeroDivisionError: first line\n" in shown
    assert str(log) in shown
    assert "Traceback" not in shown
    assert "Traceback" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_debug_shows_all_that_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    failed = _raising(RehearsalFailed("up failed", "all that the engine said"))
    assert _ends(monkeypatch, tmp_path, failed, "--debug") == 1
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "all that the engine said" in shown


def test_files_that_cannot_be_written_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "sample").write_text("a file in the way")
    assert _ends(monkeypatch, tmp_path, _sound) == 1
    assert f"{tmp_path / 'sample'} cannot be written: " in capsys.readouterr().err


def test_a_rehearsal_that_went_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert _ends(monkeypatch, tmp_path, _sound) == 0
    assert (tmp_path / "sample" / "secrets.yaml").exists()
    assert _SECRET not in capsys.readouterr().out
