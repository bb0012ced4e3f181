"""The register of rules between the parts of a stack file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from stacks.problems import Problem

Parsed = Mapping[str, object]
Found = Iterable[Problem]


@dataclass(frozen=True, kw_only=True)
class _Check:
    needs: tuple[str, ...]
    run: Callable[..., Found]


_CHECKS: list[_Check] = []


def check(*needs: str) -> Callable[[Callable[..., Found]], Callable[..., Found]]:
    """Register a rule that reads these parts, by field name."""

    def register(run: Callable[..., Found]) -> Callable[..., Found]:
        _CHECKS.append(_Check(needs=needs, run=run))
        return run

    return register


def run_checks(parsed: Parsed) -> list[Problem]:
    """Every problem between parts; rules whose parts are missing or invalid are left out."""
    return [
        problem
        for each in _CHECKS
        if all(need in parsed for need in each.needs)
        for problem in each.run(*(parsed[need] for need in each.needs))
    ]
