"""Planted secrets are searched for in everything that is written, while things fail and when they do not."""

import tempfile
from pathlib import Path

import pytest

from rehearsal.engine import Engine
from rehearsal.faults import Fault, Once, mixed
from rehearsal.leaks import known_secrets
from rehearsal.trial import begun
from rehearsal.workspace import stacks
from tests.samples import ROOT

_FAULTS = (Fault.CREATE_REFUSED, Fault.CREATE_LOST, Fault.CREATE_UNREADY)


@pytest.mark.parametrize("stack", stacks(ROOT))
def test_no_secret_is_written_or_said_while_a_third_of_all_creations_fail(
    engine: Engine, stack: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        begun(ROOT, stack, engine, Path(folder)) as (trial, switch),
    ):
        switch.faults = Once(mixed(5, 0.3, _FAULTS))
        assert not trial.up().good
        trial.up()
        deployed = trial.resources()
        secrets = known_secrets(trial.workspace, {}, deployed)
        assert secrets
        captured = capfd.readouterr()
        said = "\n".join([*trial.said, captured.out, captured.err])
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        written = "\n".join(path.read_text(errors="replace") for path in files)
        told = [name for name, texts in secrets.items() if any(it in said for it in texts)]
        kept = [name for name, texts in secrets.items() if any(it in written for it in texts)]
        assert (told, kept) == ([], [])
