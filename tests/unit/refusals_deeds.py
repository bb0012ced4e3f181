"""Deeds that rules refuse, entered by the function that refuses them."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest

from rehearsal.cloud import Refused
from tests.unit.refusals_landscape import Simulated, environment

Deed = Callable[[Simulated], object]


class Refusals:
    """Deeds that rules refuse, and how each refusal reads."""

    def __init__(self) -> None:
        self._deeds: list[tuple[str, Deed, str]] = []

    def refused(self, rule: str, said: str) -> Callable[[Deed], Deed]:
        """Enter a deed: the rule's function and what it says."""

        def add(deed: Deed) -> Deed:
            self._deeds.append((rule, deed, said))
            return deed

        return add

    def parameters(self) -> list[Any]:
        """For a test of each: the deed and the words."""
        return [
            pytest.param(deed, said, id=f"{number}{rule}")
            for number, (rule, deed, said) in enumerate(self._deeds)
        ]

    @property
    def rules(self) -> set[str]:
        """The functions that have been entered."""
        return {rule for rule, _, _ in self._deeds}


def functions_of(module: ModuleType) -> set[str]:
    """All functions of a module of rules."""
    tables = (module.WRITES, module.DELETES)
    checks = [
        check
        for table in tables
        for it in (table.values() if isinstance(table, Mapping) else [table])
        for check in it
    ]
    return {check.__qualname__.partition(".")[0] for check in checks}


def is_refused(deed: Deed, said: str) -> None:
    """The refusal has a code and a sentence, and tells no secret."""
    with pytest.raises(Refused, match=said) as caught:
        deed(environment())
    code, _, sentence = str(caught.value).partition(": ")
    assert code
    assert sentence
    for secret in ("short-1", "a-slash", "an-at", "quote-1", "x" * 20, "plain text!"):
        assert secret not in str(caught.value)
