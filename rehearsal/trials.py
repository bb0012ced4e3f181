"""`python -m rehearsal.trials [STACK ...]`: every fault at every resource, until nothing of it shows.

Each stack is first run undisturbed. Then, fault by fault, it is run until nothing fails any more, and must
have come to the same end: the same resources with the same inputs in the state and in the cloud. What the
engine cannot know of is put right with the commands that are printed.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rehearsal.drift import drifted
from rehearsal.end_state import differences, end_state, in_cloud
from rehearsal.engine import Engine, obtain
from rehearsal.faults import Chosen, Fault, Once, draw, everywhere
from rehearsal.order import Serial, shuffled
from rehearsal.orphans import Orphan
from rehearsal.trial import Run, Trial, begun
from rehearsal.workspace import stacks
from stacks.secrets import SecretKey

_ROOT = Path(__file__).parent.parent
_MOST_RUNS = 60
_DISPOSABLE: Mapping[str, Any] = {"protection": "disposable"}
CREATING = (
    Fault.CREATE_REFUSED,
    Fault.CREATE_LOST,
    Fault.CREATE_UNREADY,
    Fault.ENGINE_KILLED,
)


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """What a stack ends as if nothing goes wrong: the state, the cloud, and the cloud after a destroy."""

    state: Mapping[str, Any]
    cloud: Sequence[tuple[str, str]]
    destroyed: Sequence[tuple[str, str]]
    stand_ins: Mapping[SecretKey, str]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one kind of fault in a stack.

    `tried` counts the resources that had it, `runs` the runs of the engine that it took, `orphans` is what
    was named for the operator to put right, `wrong` what differs in the end, `panics` how often the engine
    itself broke.
    """

    stack: str
    what: str
    tried: int
    runs: int
    seconds: float
    panics: int = 0
    orphans: tuple[Orphan, ...]
    wrong: tuple[str, ...]
    said: tuple[str, ...] = ()


class NeverConverged(Exception):
    """After so many runs something still fails; the message is what the last one said."""


def undisturbed(root: Path, stack: str, engine: Engine) -> Undisturbed:
    """The end that every trial has to come to. Raises NeverConverged if it fails by itself."""
    with (
        tempfile.TemporaryDirectory(prefix="trial-") as folder,
        begun(root, stack, engine, Path(folder), _DISPOSABLE) as (trial, _),
    ):
        _expect(trial.up())
        state, cloud = end_state(trial.resources()), in_cloud(trial.cloud)
        _expect(trial.destroy())
        return Undisturbed(
            state=state,
            cloud=cloud,
            destroyed=in_cloud(trial.cloud),
            stand_ins=trial.workspace.stand_ins,
        )


def try_out(
    root: Path,
    stack: str,
    engine: Engine,
    fault: Fault,
    expected: Undisturbed,
    chosen: Chosen | None = None,
    seed: int = 0,
) -> Outcome:
    """Try a fault at every resource of a stack, or those that `chosen` has something for."""
    faults = Once(chosen or everywhere(fault), seed)
    killed = fault is Fault.ENGINE_KILLED
    checkpoints = fault in (Fault.ENGINE_KILLED, Fault.UPDATE_REFUSED)
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="trial-") as folder,
        begun(
            root,
            stack,
            engine,
            Path(folder),
            _DISPOSABLE,
            checkpoints=checkpoints,
            stand_ins=expected.stand_ins,
        ) as (trial, switch),
    ):
        if fault is Fault.DELETE_REFUSED:
            _expect(trial.up())
            switch.faults = faults
            runs = _until_gone(trial)
            wrong = _left_differently(trial, expected)
            orphans: list[Orphan] = []
        else:
            if fault is Fault.UPDATE_REFUSED:
                _expect(trial.up())
                trial.stack.import_stack(drifted(trial.stack.export_stack()))
            switch.faults = faults
            runs, orphans = _until_good(trial, faults, seed, killed=killed)
            wrong = _differently(trial, expected)
        return Outcome(
            stack=stack,
            what=fault.value,
            tried=len(faults.tried),
            runs=runs,
            seconds=time.monotonic() - started,
            panics=trial.panics,
            orphans=tuple(orphans),
            wrong=tuple(wrong),
            said=tuple(trial.said),
        )


def reordered(root: Path, stack: str, engine: Engine, expected: Undisturbed, seed: int) -> Outcome:
    """Make and destroy a stack on a cloud that finishes one thing at a time, in an order of its own."""
    order = Serial(shuffled(seed))
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="trial-") as folder,
        begun(
            root,
            stack,
            engine,
            Path(folder),
            _DISPOSABLE,
            stand_ins=expected.stand_ins,
            order=order,
        ) as (trial, _),
    ):
        _expect(trial.up())
        wrong = _differently(trial, expected)
        _expect(trial.destroy())
        wrong += _left_differently(trial, expected)
        return Outcome(
            stack=stack,
            what=f"order of seed {seed}",
            tried=len(expected.cloud),
            runs=2,
            seconds=time.monotonic() - started,
            orphans=(),
            wrong=tuple(wrong),
            said=tuple(trial.said),
        )


def _until_good(trial: Trial, faults: Once, seed: int, *, killed: bool) -> tuple[int, list[Orphan]]:
    """Run it again until nothing fails, and put right what it cannot put right itself."""
    named: list[Orphan] = []
    before: set[str] = set()
    run = Run(good=False, failed=frozenset(), said=())
    for count in range(1, _MOST_RUNS):
        run = trial.up_killed(faults) if killed else trial.up()
        if run.good:
            left = trial.orphans()
            for each in left:
                trial.cloud.forget(each.resource.type, each.resource.id)
            return count, [*named, *left]
        lost = trial.orphans(missing=True)
        # What was lost only now is tried again first: without a name of its own, it is made a second time.
        again = before & run.failed
        stuck = [it for it in lost if killed or it.resource.urn in again]
        before = {it.resource.urn for it in lost}
        named += stuck
        _put_right(trial, stuck, seed)
        if killed:
            trial.forget_interrupted()
    raise NeverConverged("\n".join(run.said))


def _put_right(trial: Trial, stuck: Sequence[Orphan], seed: int) -> None:
    deleted = [
        it for it in stuck if it.delete is not None and draw(seed, "delete", it.resource.urn) < 0.5
    ]
    for each in deleted:
        trial.cloud.forget(each.resource.type, each.resource.id)
    trial.adopt([it for it in stuck if it not in deleted])


def _until_gone(trial: Trial) -> int:
    run = Run(good=False, failed=frozenset(), said=())
    for count in range(1, _MOST_RUNS):
        run = trial.destroy()
        if run.good:
            return count
    raise NeverConverged("\n".join(run.said))


def _differently(trial: Trial, expected: Undisturbed) -> list[str]:
    wrong = differences(expected.state, end_state(trial.resources()))
    there = in_cloud(trial.cloud)
    if there != expected.cloud:
        wrong.append(f"the cloud has {_unlike(there, expected.cloud)}")
    return wrong


def _left_differently(trial: Trial, expected: Undisturbed) -> list[str]:
    wrong = [f"{it['urn']} is left in the state" for it in trial.resources()]
    there = in_cloud(trial.cloud)
    if there != expected.destroyed:
        wrong.append(f"the cloud has {_unlike(there, expected.destroyed)}")
    return wrong


def _unlike(there: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]) -> str:
    more = [urn for _, urn in there if there.count((_, urn)) > wanted.count((_, urn))]
    less = [urn for _, urn in wanted if there.count((_, urn)) < wanted.count((_, urn))]
    return f"too much: {', '.join(more) or 'nothing'}; missing: {', '.join(less) or 'nothing'}"


def _expect(run: Run) -> None:
    if not run.good:
        raise NeverConverged("\n".join(run.said))


def main() -> int:
    """Try; 0 where every stack came to its end, whatever went wrong on the way."""
    arguments = _arguments()
    engine = obtain(print)
    bad = 0
    for stack in arguments.stack or stacks(_ROOT):
        expected = undisturbed(_ROOT, stack, engine)
        for name, trial in _trials(arguments, stack, engine, expected):
            try:
                outcome = trial()
            except NeverConverged as error:
                print(f"{stack}: {name}: NEVER CAME TO ITS END:\n  {error}", flush=True)
                bad += 1
                continue
            bad += bool(outcome.wrong)
            _show(outcome, every=arguments.orphans)
    return 1 if bad else 0


def _trials(
    arguments: argparse.Namespace, stack: str, engine: Engine, expected: Undisturbed
) -> Iterator[tuple[str, Callable[[], Outcome]]]:
    seed = arguments.seed
    for fault in list(Fault) if arguments.fault is None else arguments.fault:
        yield fault.value, partial(try_out, _ROOT, stack, engine, fault, expected, seed=seed)
    for number in range(seed, seed + arguments.orders):
        name = f"order of seed {number}"
        yield name, partial(reordered, _ROOT, stack, engine, expected, number)


def _show(outcome: Outcome, *, every: bool) -> None:
    verdict = "converged" if not outcome.wrong else "CAME TO ANOTHER END"
    broke = f", the engine broke {outcome.panics} times" if outcome.panics else ""
    print(
        f"{outcome.stack}: {outcome.what}: {outcome.tried} resources, {outcome.runs} runs, "
        f"{outcome.seconds:.0f} s, {len(outcome.orphans)} orphans named{broke}: {verdict}",
        flush=True,
    )
    for line in outcome.wrong:
        print(f"  {line}")
    for each in outcome.orphans if every else ():
        print(f"  {each}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.trials", description=__doc__)
    parser.add_argument("stack", nargs="*", help="the stacks; else all")
    parser.add_argument("--fault", type=Fault, action="append", help="one of: " + ", ".join(Fault))
    parser.add_argument(
        "--orders", type=int, default=3, help="how many orders to try; 3 unless given"
    )
    parser.add_argument("--seed", type=int, default=0, help="decides what the faults leave open")
    parser.add_argument("--orphans", action="store_true", help="print the commands for each orphan")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
