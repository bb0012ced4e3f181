"""A sample of what `make faults` tries at every resource of every stack."""

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.engine import Engine
from rehearsal.faults import Fault, Once, everywhere, mixed
from rehearsal.trial import Switch, Trial, begun
from rehearsal.trials import CREATING, Undisturbed, reordered, try_out, undisturbed
from rehearsal.urns import type_of
from tests.samples import ROOT

_SMALL = "aws-existing"
_SEED = 1


@pytest.fixture(scope="module")
def expected(engine: Engine) -> Undisturbed:
    return undisturbed(ROOT, _SMALL, engine)


@contextmanager
def _begun(engine: Engine, stack: str = _SMALL) -> Iterator[tuple[Trial, Switch]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        begun(ROOT, stack, engine, Path(folder), {"protection": "disposable"}) as trial,
    ):
        yield trial


@pytest.mark.parametrize("fault", [Fault.UPDATE_REFUSED, Fault.DELETE_REFUSED])
def test_a_fault_everywhere_changes_nothing_in_the_end(
    engine: Engine, expected: Undisturbed, fault: Fault
) -> None:
    outcome = try_out(ROOT, _SMALL, engine, fault, expected, seed=_SEED)
    assert outcome.wrong == ()
    assert outcome.tried > 30
    assert outcome.orphans == ()


def test_all_that_can_befall_a_creation_here_and_there(
    engine: Engine, expected: Undisturbed
) -> None:
    creating = [it for it in CREATING if it is not Fault.ENGINE_KILLED]
    chosen = mixed(_SEED, 0.4, creating)
    outcome = try_out(
        ROOT, _SMALL, engine, Fault.CREATE_REFUSED, expected, chosen=chosen, seed=_SEED
    )
    assert outcome.wrong == ()
    assert outcome.tried > 10


def test_an_engine_killed_in_the_middle(engine: Engine, expected: Undisturbed) -> None:
    def chosen(urn: str) -> Fault | None:
        return Fault.ENGINE_KILLED if type_of(urn) == "aws:s3/bucket:Bucket" else None

    outcome = try_out(ROOT, _SMALL, engine, Fault.ENGINE_KILLED, expected, chosen, _SEED)
    assert outcome.wrong == ()
    assert outcome.tried == 5
    assert outcome.orphans
    assert all("--import-pending-creates" in it.adopt for it in outcome.orphans if it.pending)


def test_another_order_is_no_other_end(engine: Engine, expected: Undisturbed) -> None:
    assert reordered(ROOT, _SMALL, engine, expected, _SEED).wrong == ()


def test_the_command_that_is_printed_is_the_one_that_works(engine: Engine) -> None:
    """A bucket that the provider lost the answer for: its name is taken, until it is imported."""
    with _begun(engine) as (trial, switch):
        everything = everywhere(Fault.CREATE_LOST)
        bucket = "aws:s3/bucket:Bucket::edcs"
        switch.faults = Once(lambda urn: everything(urn) if urn.endswith(bucket) else None)
        assert not trial.up().good
        again = trial.up()
        assert any("BucketAlready" in line for line in again.said)
        (lost,) = trial.orphans()
        program, *words = shlex.split(lost.adopt)
        assert (program, words[1:3]) == ("pulumi", ["--stack", _SMALL])
        trial.pulumi(words[0], "--yes", "--skip-preview", *words[3:])
        assert trial.up().good
        assert trial.orphans() == []
