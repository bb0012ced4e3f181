"""Whatever a stack file holds, it is accepted or refused in words: never a traceback.

`make fuzz` draws many more (FUZZ_EXAMPLES).
"""

import os
import runpy
import tempfile
from collections import Counter
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings

from rehearsal.workspace import prepare
from stacks.config import StackConfig, load
from stacks.problems import ConfigErrors
from tests.graph.recording import record
from tests.mutations import Mutated, mutated
from tests.samples import ROOT

_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
_UNHURRIED = settings(
    max_examples=_EXAMPLES,
    deadline=None,
    database=None,
    derandomize=_EXAMPLES <= 1000,
    suppress_health_check=list(HealthCheck),
)


def _loaded(config: object) -> StackConfig:
    """As a rehearsal reads it. Raises ConfigErrors."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        (root / "stacks").mkdir(parents=True)
        (root / "Pulumi.yaml").write_text("name: tts\nruntime: python\n", encoding="utf-8")
        text = yaml.safe_dump({"config": config}, allow_unicode=True)
        (root / "stacks" / "Pulumi.sample.yaml").write_text(text, encoding="utf-8")
        return load(prepare(root, "sample", Path(folder) / "project").raw)


@_UNHURRIED
@given(mutated())
def test_a_mutated_stack_file_is_accepted_or_refused_in_words(sample: Mutated) -> None:
    try:
        config = _loaded(sample.config)
    except ConfigErrors as errors:
        assert errors.problems
        for problem in errors.problems:
            assert problem.key.startswith(("tts:", "Pulumi.sample.yaml"))
            assert problem.allowed and problem.remedy
        return
    main = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
    assert record(lambda: main["export"](config, main["provision"](config)))


@_UNHURRIED
@given(mutated(most=1))
def test_a_refusal_names_the_key_that_is_wrong(sample: Mutated) -> None:
    try:
        _loaded(sample.config)
    except ConfigErrors as errors:
        (touched,) = sample.touched
        assert any(touched in str(problem) for problem in errors.problems), (touched, str(errors))


def test_mutations_are_of_all_kinds() -> None:
    """What is drawn is worth it: some is accepted, most is refused, for very different keys."""
    refused: Counter[str] = Counter()
    accepted = 0

    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(mutated())
    def drawn(sample: Mutated) -> None:
        nonlocal accepted
        try:
            _loaded(sample.config)
        except ConfigErrors as errors:
            refused.update(problem.key.partition(".")[0] for problem in errors.problems)
        else:
            accepted += 1

    drawn()
    assert accepted
    assert len(refused) > 10
